from odoo.fields import Command

from ..common import GradingCase


class RuleCase(GradingCase):
    """One rule of each kind that may belong to a company or to all of them."""

    @classmethod
    def rules(cls, scheme):
        """Rules of the scheme's company, or of all companies if it has none.

        :return: each rule, with a change that it may get
        :rtype: tuple[tuple[odoo.models.BaseModel, dict], ...]
        """
        company_id = scheme.company_id.id
        tag = cls.env["res.partner.category"].create({"name": "Tag"})
        group = cls.env["grading.tag.group"].create({"name": "Tag group"})
        tag_rule = cls.env["grading.tag.rule"].create(
            {"name": "Tag rule", "category_id": tag.id, "company_id": company_id, "group_id": group.id}
        )
        cadence = cls.env["grading.cadence"].with_context(active_test=False).search([], limit=1)
        cadence = cadence.copy({"name": "Cadence", "company_id": company_id})
        play = cls.env["grading.play"].create({"name": "Play", "company_id": company_id, "tells_manager": True})
        lines = [Command.create({"date": cls.company._grading_today()})]
        occasion = cls.env["grading.occasion"].create(
            {"name": "Occasion", "kind": "dated", "company_id": company_id, "line_ids": lines}
        )
        band = cls.env["grading.criterion"].create(
            {"scheme_id": scheme.id, "name": "Steps", **cls.band("order_count", [(0, 1), (5, 3)])}
        )
        return (
            (scheme, {"grace_days": 5}),
            (scheme.criterion_ids[0], {"points_per_unit": 2}),
            (band.band_ids[0], {"points": 2}),
            (scheme.threshold_ids[0], {"min_score": 99}),
            (tag_rule, {"domain": "[('order_count', '>', 8)]"}),
            (group, {"name": "Other name"}),
            (cadence, {"interval_number": 9}),
            (play, {"goal_days": 9}),
            (occasion, {"sequence": 99}),
            (occasion.line_ids, {"date": "2030-05-05"}),
        )

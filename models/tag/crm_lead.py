from odoo import fields, models

from ..base.context import ByServer
from ..base.fields import SELLERS


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "grading.tagged.mixin"]
    _grading_subject = "lead"

    grading_tag_origin_ids = fields.One2many(
        "grading.tag.origin", "lead_id", string="Given Tags", readonly=True, groups=SELLERS
    )

    def _merge_opportunity(self, *args, **kwargs):
        """Tags that are written while leads are merged are not given or removed by hand; of most leads no provenance
        is noted, which is asked once."""
        words = {"grading_tags_noted": ByServer.YES}
        if not self._grading_has_origins():
            words["grading_no_origins"] = ByServer.YES
        merged = super(CrmLead, self.with_context(**words))._merge_opportunity(*args, **kwargs)
        return merged.with_env(self.env)

    def _merge_get_fields_specific(self):
        """The lead that stays gets the tags of all leads, except for those that were removed by hand."""
        specific = super()._merge_get_fields_specific()
        all_tags = specific["tag_ids"]

        def tags(name, leads):
            if not leads._grading_has_origins():
                return all_tags(name, leads)
            by_hand, _never, by_rule = leads._grading_reasons()
            return leads.tag_ids.browse(sorted(by_hand | by_rule))

        return {**specific, "tag_ids": tags}

    def _merge_dependences(self, opportunities):
        if (self | opportunities)._grading_has_origins():
            self._grading_merge_tags(opportunities)
        return super()._merge_dependences(opportunities)

from odoo import fields, models

from .grading_graded_mixin import INTERNAL


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "grading.tagged.mixin"]
    _grading_subject = "lead"

    grading_tag_origin_ids = fields.One2many(
        "grading.tag.origin", "lead_id", string="Given Tags", readonly=True, groups=INTERNAL
    )

    def _merge_get_fields_specific(self):
        """The lead that stays gets the tags of all, but for those that somebody took away by hand."""

        def tags(_name, leads):
            by_hand, _never, by_rule = leads._grading_reasons()
            return leads.tag_ids.browse(sorted(by_hand | by_rule))

        return {**super()._merge_get_fields_specific(), "tag_ids": tags}

    def _merge_dependences(self, opportunities):
        self._grading_merge_tags(opportunities)
        return super()._merge_dependences(opportunities)

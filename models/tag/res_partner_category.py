from odoo import api, models
from odoo.tools import SQL


class ResPartnerCategory(models.Model):
    _inherit = "res.partner.category"

    @api.model_create_multi
    def create(self, vals_list):
        categories = super().create(vals_list)
        if any("partner_ids" in vals for vals in vals_list):
            self.env["grading.tag.origin"]._note_given("customer", categories._grading_partner_pairs())
        return categories

    def write(self, vals):
        if "active" in vals and not vals["active"]:
            self.env["grading.tag.rule"]._check_no_active_rule_gives(self)
        if "partner_ids" not in vals:
            return super().write(vals)
        former = self._grading_partner_pairs()
        res = super().write(vals)
        current = self._grading_partner_pairs()
        self.env["grading.tag.origin"]._note_given("customer", current - former)
        self.env["grading.tag.origin"]._note_taken("customer", former - current)
        return res

    def _grading_partner_pairs(self):
        """``{(id of the contact, id of the tag)}``, archived contacts included."""
        Origin = self.env["grading.tag.origin"]
        which = SQL("link.%s = ANY(%s)", Origin._names("customer")["link_tag"], self.ids)
        return Origin._linked("customer", which)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_given_by_rule(self):
        self.env["grading.tag.rule"]._check_no_rule_gives(self)

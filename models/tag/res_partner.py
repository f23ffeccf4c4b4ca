from odoo import api, fields, models
from odoo.tools import SQL

from ..base.groups import INTERNAL


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "grading.tagged.mixin"]
    _grading_subject = "customer"

    grading_tag_origin_ids = fields.One2many(
        "grading.tag.origin", "partner_id", string="Given Tags", readonly=True, groups=INTERNAL
    )

    def action_grading_view_given_tags(self):
        """Which rule or who gave the customer's tags, and which ones rules never give him again."""
        self.ensure_one()
        customer = self.commercial_partner_id
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_tag_origin_action")
        title = self.env._("Tags of %s", customer.name)
        domain = [("partner_id", "=", customer.id)]
        return {**action, "domain": domain, "context": {}, "name": title, "display_name": title}


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

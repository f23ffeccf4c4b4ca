from odoo import fields, models

from ..base.fields import SELLERS
from ..base.guarded import guarded


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "grading.tagged.mixin"]
    _grading_subject = "customer"

    grading_tag_origin_ids = fields.One2many(
        "grading.tag.origin", "partner_id", string="Given Tags", readonly=True, groups=SELLERS
    )

    @guarded(one=True)
    def action_grading_view_given_tags(self):
        """Which rule or user gave the customer's tags, and which ones rules never give to the customer again."""
        customer = self.commercial_partner_id
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_tag_origin_action")
        title = self.env._("Tags of %s", customer.name)
        domain = [("partner_id", "=", customer.id)]
        return {**action, "domain": domain, "context": {}, "name": title, "display_name": title}

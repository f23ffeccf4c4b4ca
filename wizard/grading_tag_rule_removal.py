from odoo import api, fields, models


class GradingTagRuleRemoval(models.TransientModel):
    """Asks whether the tags that rules gave are revoked or left, before the rules are archived or deleted."""

    _name = "grading.tag.rule.removal"
    _description = "Archive or Delete Tag Rules"

    rule_ids = fields.Many2many("grading.tag.rule", string="Rules", required=True, default=lambda self: self._rules())
    operation = fields.Selection([("archive", "Archive"), ("delete", "Delete")], required=True, default="delete")
    tags = fields.Selection(
        [("take", "Take the tags back"), ("leave", "Leave them as if given by hand")], required=True, default="take"
    )
    customer_count = fields.Integer(string="Customers", compute="_compute_counts")
    lead_count = fields.Integer(string="Leads", compute="_compute_counts")

    @api.model
    def _rules(self):
        is_ours = self.env.context.get("active_model") == "grading.tag.rule"
        return self.env["grading.tag.rule"].browse(self.env.context.get("active_ids", []) if is_ours else [])

    @api.depends("rule_ids")
    def _compute_counts(self):
        # Counted in all companies, although the user may not see the records themselves.
        Origin = self.env["grading.tag.origin"].sudo()
        for wizard in self:
            [(customers, leads)] = Origin._read_group(
                [("rule_id", "in", wizard.rule_ids.ids)], [], ["partner_id:count_distinct", "lead_id:count_distinct"]
            )
            wizard.customer_count, wizard.lead_count = customers, leads

    def action_confirm(self):
        """Archive or delete the rules; their tags are revoked or left."""
        self.ensure_one()
        rules = self.rule_ids
        rules.check_access("write" if self.operation == "archive" else "unlink")
        if self.tags == "leave":
            rules._leave_tags()
        if self.operation == "archive":
            rules.filtered("active").active = False
            return {"type": "ir.actions.act_window_close"}
        rules.unlink()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_tag_rule_action")
        return {**action, "target": "main"}

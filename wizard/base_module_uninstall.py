from odoo import api, fields, models


class BaseModuleUninstall(models.TransientModel):
    _inherit = "base.module.uninstall"

    grading_is_uninstalled = fields.Boolean(compute="_compute_grading_is_uninstalled")
    grading_take_back_tags = fields.Boolean(
        string="Take back the tags that rules gave",
        help="Otherwise contacts and leads keep them, as if they had been given by hand.",
    )

    @api.depends("module_ids")
    def _compute_grading_is_uninstalled(self):
        for wizard in self:
            wizard.grading_is_uninstalled = "customer_grading" in wizard._get_modules().mapped("name")

    def action_uninstall(self):
        if self.grading_is_uninstalled and self.grading_take_back_tags:
            self.env["grading.tag.rule"].sudo().with_context(active_test=False).search(
                [("id", "!=", False)]
            )._revoke_tags()
        return super().action_uninstall()

from odoo import api, models


class IrUiMenu(models.Model):
    """The public pool is in the menu only if a team has one."""

    _inherit = "ir.ui.menu"

    @api.model
    def _load_menus_blacklist(self):
        hidden = super()._load_menus_blacklist()
        if not self.env["crm.team"]._grading_any_pool():
            menu = self.env.ref("customer_grading.customer_grading_menu_pool", raise_if_not_found=False)
            hidden += menu.ids if menu else []
        return hidden

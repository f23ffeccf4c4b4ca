from odoo import api, models


class CrmTag(models.Model):
    _inherit = "crm.tag"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_given_by_rule(self):
        self.env["grading.tag.rule"]._check_no_rule_gives(self)

from odoo import api, models
from odoo.tools import SQL


class ResCompany(models.Model):
    """A company that is gone judges nobody any more: what its runs gave goes with it."""

    _inherit = "res.company"

    def write(self, vals):
        leaving = self.filtered("active") if "active" in vals and not vals["active"] else self.browse()
        res = super().write(vals)
        not_kept = SQL("origin.rule_id IN (SELECT id FROM grading_tag_rule WHERE keep IS NOT TRUE)")
        leaving._grading_take_back_tags(not_kept)
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_take_back_tags(self):
        self._grading_take_back_tags(SQL("TRUE"))

    def _grading_take_back_tags(self, which):
        """Take back what rules gave in these companies.

        :param odoo.tools.SQL which: a condition on ``origin``, a line: what is kept stays while the company may return
        """
        if self:
            ours = SQL("origin.company_id = ANY(%s) AND %s", self.ids, which)
            self.env["grading.tag.origin"].sudo()._take_back_everywhere(ours)

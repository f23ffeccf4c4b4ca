from odoo import models
from odoo.tools import SQL


class ResCompany(models.Model):
    """A company that is archived or deleted grades no customers: the tags that its runs gave go with it."""

    _inherit = "res.company"

    def write(self, vals):
        leaving = self.filtered("active") if "active" in vals and not vals["active"] else self.browse()
        res = super().write(vals)
        # Tags kept once earned stay while the company may be restored.
        leaving._grading_revoke_tags(SQL("origin.rule_id IN (SELECT id FROM grading_tag_rule WHERE keep IS NOT TRUE)"))
        return res

    def unlink(self):
        self.check_access("unlink")
        self._grading_revoke_tags(SQL("TRUE"))
        return super().unlink()

    def _grading_revoke_tags(self, which):
        """Revoke what rules gave in these companies.

        :param odoo.tools.SQL which: a condition on ``origin``, a line of :class:`grading.tag.origin`
        """
        if self:
            given = SQL("origin.company_id = ANY(%s) AND %s", self.ids, which)
            self.env["grading.tag.origin"].sudo()._revoke_everywhere(given)

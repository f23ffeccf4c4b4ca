from odoo import models

from ..base.fields import MANAGERS


class ResCompany(models.Model):
    """A company and those who look after its grading."""

    _inherit = "res.company"

    def _grading_managers(self):
        """The active managers of Customer Grading who work in the company.

        :rtype: res.users
        """
        self.ensure_one()
        users = self.env.ref(MANAGERS).sudo().all_user_ids
        return users.filtered(lambda user: user.active and self in user.company_ids)

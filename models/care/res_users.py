from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.fields import MANAGERS

# What the daily e-mails read of all contacts due, who may be very many; the rest is read of those they show.
LISTED = ["lead_id", "partner_id", "company_id"]


class ResUsers(models.Model):
    """When a salesperson got the daily e-mail with the contacts that are due."""

    _inherit = "res.users"

    grading_digest_date = fields.Date(
        string="Last Digest of Contacts", copy=False, readonly=True, groups="base.group_system"
    )

    @api.private
    def grading_due_contacts(self):
        """The contacts that are due for the user in the companies that want the daily e-mail: one line for each
        customer or lead, the earliest first.

        Called by the e-mail template.

        :rtype: grading.care
        """
        self.ensure_one()
        Care = self.env["grading.care"].sudo().with_company(self.company_id)
        companies = self.sudo().company_ids.filtered("grading_care_digest")
        domain = [("company_id", "in", companies.ids), ("user_id", "=", self.id), ("is_line", "=", True)]
        domain.append(("next_date", "<=", self._grading_today(self.company_id)))
        return Care.search_fetch(domain, LISTED)._visible_to(self)

    @api.private
    def grading_unassigned_contacts(self):
        """The contacts that are due in the companies that the user manages and that no user is responsible for: of
        customers and leads without a salesperson, or whose salesperson has left. The earliest first.

        Called by the managers' e-mail template.

        :rtype: grading.care
        """
        self.ensure_one()
        Care = self.env["grading.care"].sudo().with_company(self.company_id)
        if not self.has_group(MANAGERS):
            return Care.browse()
        companies = self.sudo().company_ids.filtered("grading_care_digest")
        due = Domain("company_id", "in", companies.ids) & Domain("is_line", "=", True)
        due &= Domain("next_date", "<=", self._grading_today(self.company_id)) & Care._is_unassigned()
        return Care.search_fetch(due, LISTED)._visible_to(self)

    @api.model
    def _claim_digest(self, days):
        """Those users who have not had the e-mail on their day; they are written down as having it.

        Two workers cannot both have a user: the second one fails and tries again.

        :param dict days: today's date of each user
        :rtype: res.users
        """
        self.flush_model(["grading_digest_date"])
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE res_users AS person SET grading_digest_date = today.day
                  FROM UNNEST(%s::int[], %s::date[]) AS today(user_id, day)
                 WHERE person.id = today.user_id
                   AND COALESCE(person.grading_digest_date, '-infinity') < today.day
             RETURNING person.id
                """,
                [user.id for user in days],
                list(days.values()),
            )
        )
        self.invalidate_model(["grading_digest_date"], flush=False)
        return self.browse(sorted(user_id for [user_id] in rows))

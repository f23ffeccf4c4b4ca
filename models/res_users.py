from odoo import api, fields, models
from odoo.tools import SQL

# Contacts that one digest lists; the menu has them all.
DIGEST_LINES = 50


class ResUsers(models.Model):
    """A salesperson, who gets one e-mail a day with the contacts that are due."""

    _inherit = "res.users"

    grading_digest_date = fields.Date(
        string="Last Digest of Contacts", copy=False, readonly=True, groups="base.group_system"
    )

    @api.private
    def grading_due_contacts(self):
        """The contacts that are due for the user in the current company, neglected ones first; for the template.

        :rtype: grading.care
        """
        self.ensure_one()
        Care = self.env["grading.care"].sudo()
        domain = [("company_id", "=", self.env.company.id), ("user_id", "=", self.id)]
        return Care.search([*domain, ("next_date", "<=", Care._today_of(self))], limit=DIGEST_LINES)

    def _claim_digest(self, days):
        """Those of these users who have not had a digest on their day; from now on they have.

        Two workers can not both have a user: the second one fails and tries again.

        :param dict days: the day of each user
        :rtype: res.users
        """
        self.flush_recordset(["grading_digest_date"])
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
        self.invalidate_recordset(["grading_digest_date"], flush=False)
        return self.browse(sorted(user_id for [user_id] in rows))

from odoo import models
from odoo.tools import SQL

FORECAST = ("expected_amount", "expected_low", "expected_high", "amount_at_risk")


class GradingRun(models.Model):
    """Nothing is expected of archived customers any more: sums over all, such as those of analyses, leave them out."""

    _inherit = "grading.run"

    def _finish_full(self):
        result = super()._finish_full()
        columns = [SQL.identifier(name) for name in FORECAST]
        self.env.execute_query(
            SQL(
                """
                UPDATE grading_profile AS profile SET %(nothing)s
                  FROM res_partner AS customer
                 WHERE profile.company_id = %(company)s AND NUM_NONNULLS(%(columns)s) > 0
                   AND customer.id = profile.partner_id AND NOT customer.active
             RETURNING profile.id
                """,
                nothing=SQL(", ").join(SQL("%s = NULL", column) for column in columns),
                columns=SQL(", ").join(SQL.identifier("profile", name) for name in FORECAST),
                company=self.company_id.id,
            )
        )
        self.env["grading.profile"].invalidate_model(FORECAST)
        return result

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.backtest.grading_backtest_line import TENTHS


class GradingParetoReport(models.Model):
    """One customer with revenue in the last 12 months, by revenue: which part of the customers brings
    which part of the revenue of a company.

    Ranks and shares are those among the customers whose figures the user may see, so that they tell nothing of the
    others. Customers of the same revenue are in the order in which they were first graded.
    """

    _name = "grading.pareto.report"
    _inherit = ["grading.figures.report.mixin"]
    _description = "Concentration of Revenue"
    _auto = False
    _order = "company_id, rank, id"
    _rec_name = "partner_id"
    _depends = {
        "grading.profile": ["company_id", "grade_id", "lifecycle_id", "order_amount_12m", "partner_id"],
        "res.partner": ["user_id"],
        "res.users": ["sale_team_id"],
    }

    lifecycle_id = fields.Many2one("grading.lifecycle", string="Stage", readonly=True)
    rank = fields.Integer(readonly=True, aggregator=None, help="1 is the customer with the most revenue.")
    tenth = fields.Selection(
        TENTHS,
        string="Tenth of the Customers",
        readonly=True,
        help="Customers by revenue, in ten groups of the same size.",
    )
    amount = fields.Monetary(
        string="Amount, 12 Months",
        readonly=True,
        help="Revenue of the last 12 months as of the last rescoring, untaxed, less what was credited.",
    )
    customer_share = fields.Float(
        string="Customers so Far (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="max",
        help="Which part of the customers this one and those before are.",
    )
    revenue_share = fields.Float(
        string="Share of Revenue (%)", digits=(16, 1), readonly=True, help="Of the revenue of all these customers."
    )
    cumulative_share = fields.Float(
        string="Revenue so Far (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="max",
        help="Which part of the revenue this customer and those before bring.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT ranked.id, ranked.partner_id, ranked.company_id, ranked.grade_id, ranked.lifecycle_id,
                   customer.user_id, seller.sale_team_id AS team_id, ranked.rank,
                   LPAD(((10 * ranked.rank + ranked.customers - 1) / ranked.customers)::text, 2, '0') AS tenth,
                   ranked.amount,
                   100.0 * ranked.rank / ranked.customers AS customer_share,
                   100.0 * ranked.amount / ranked.total AS revenue_share,
                   100.0 * ranked.cumulated / ranked.total AS cumulative_share
              FROM (
                SELECT visible.*, visible.order_amount_12m AS amount, ROW_NUMBER() OVER best AS rank,
                       COUNT(*) OVER company AS customers, SUM(visible.order_amount_12m) OVER company AS total,
                       SUM(visible.order_amount_12m) OVER best AS cumulated
                  FROM (%s) AS visible
                WINDOW company AS (PARTITION BY visible.company_id),
                       best AS (
                           PARTITION BY visible.company_id ORDER BY visible.order_amount_12m DESC, visible.id
                           ROWS UNBOUNDED PRECEDING
                       )
              ) AS ranked
         LEFT JOIN res_partner AS customer ON customer.id = ranked.partner_id
         LEFT JOIN res_users AS seller ON seller.id = customer.user_id
            """,
            self._visible_profiles(
                Domain("partner_id.active", "=", True) & Domain("order_amount_12m", ">", 0),
                *("id", "partner_id", "company_id", "grade_id", "lifecycle_id", "order_amount_12m"),
            ),
        )

from odoo import api, models
from odoo.tools import SQL

from ..base.fields import FloatOrUnknown
from .grading_measure_document import SANE_AMOUNT

MEASURE = "room_to_grow"
# Customers are alike who stand in the same fifth by the amount of 12 months; so much of them buy no more widely than
# what is typical of those who buy widely.
FIFTHS, WIDE = [0.2, 0.4, 0.6, 0.8], 0.8
READS = [
    *("order_count", "order_amount_12m", "order_amount_change", "product_category_count"),
    *("annual_budget", "share_of_budget", "expected_revenue", "probability"),
]
# The percentage of growth that is taken for all the room there may be.
ALL_GROWTH = 50


class GradingProfile(models.Model):
    """Compared: how much more the customer could buy."""

    _inherit = "grading.profile"

    room_to_grow = FloatOrUnknown(
        string="Room to Grow (%)",
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        help="How much more the customer could buy: the part of the annual budget that is not spent with us. Where no "
        "budget is known, the strongest of three signs: product categories that like customers buy and this one does "
        "not; growth, which counts in full from 50 % on; and the open lead beside the amount of 12 months.",
    )


class GradingMeasure(models.AbstractModel):
    """What a customer could buy beyond what they do: by the budget where people know it, else by what the data show.

    Like customers are those of the same fifth by the amount of 12 months; the breadth of a fifth is the number of
    categories that four in five of them do not exceed.
    """

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        return {
            **super()._measures(),
            MEASURE: {
                "label": self.env._("Room to grow"),
                "group": self.env._("Purchases"),
                "unit": "percent",
                "compared": "room",
                "reads": READS,
            },
        }

    @api.model
    def _compared_sources(self, as_of, table):
        return {**super()._compared_sources(as_of, table), "room": self._room_source(table)}

    @api.model
    def _is_compared_missing(self, names):
        missing = "room" in names and self.env["grading.ruler"]._of_measure(MEASURE) is None
        return missing or super()._is_compared_missing(names)

    @api.model
    def _fix_compared(self, names, table, as_of):
        """Where each fifth of the customers begins, and how widely it buys: ``[[amount, categories], …]``."""
        result = super()._fix_compared(names, table, as_of)
        if "room" in names:
            rows = self.env.execute_query(
                SQL(
                    """
                    WITH bought AS (
                        SELECT order_amount_12m::float8 AS amount, product_category_count AS breadth
                          FROM %(table)s WHERE order_count > 0
                    ), cut AS (
                        SELECT PERCENTILE_DISC(%(fifths)s::float8[]) WITHIN GROUP (ORDER BY amount) AS amounts
                          FROM bought
                    )
                    SELECT COALESCE(cut.amounts[WIDTH_BUCKET(bought.amount, cut.amounts)], %(lowest)s),
                           PERCENTILE_DISC(%(wide)s) WITHIN GROUP (ORDER BY bought.breadth)
                      FROM bought CROSS JOIN cut
                  GROUP BY 1 ORDER BY 1
                    """,
                    table=table,
                    fifths=FIFTHS,
                    lowest=float(-SANE_AMOUNT),
                    wide=WIDE,
                )
            )
            marks = [list(row) for row in rows]
            self.env["grading.ruler"]._set(
                "measure", MEASURE, marks, lambda former: self._breadth_distance(former, marks, table)
            )
        return result

    @api.model
    def _breadth_distance(self, marks, others, table):
        """Which share of the customers would be compared with another breadth, from 0 to 1."""
        [[share]] = self.env.execute_query(
            SQL(
                "SELECT AVG((%s IS DISTINCT FROM %s)::int)::float8 FROM %s AS grading_profile WHERE order_count > 0",
                self._breadth_to_sql(marks),
                self._breadth_to_sql(others),
                table,
            )
        )
        return share or 0

    @api.model
    def _breadth_to_sql(self, marks):
        """How many categories like customers buy, NULL where no customers have been compared."""
        if not marks:
            return SQL("NULL::int")
        amounts, breadths = zip(*marks, strict=True)
        return SQL(
            "(%s::int[])[GREATEST(1, WIDTH_BUCKET(grading_profile.order_amount_12m::float8, %s::float8[]))]",
            list(breadths),
            list(amounts),
        )

    @api.model
    def _room_source(self, table):
        """The room of those who have bought, from 0 to 100 %: the amount is negative where more was returned in 12
        months than bought."""
        breadth = self._breadth_to_sql(self.env["grading.ruler"]._of_measure(MEASURE))
        return SQL(
            """
            SELECT grading_profile.partner_id,
                   ROUND(CASE WHEN annual_budget > 0 THEN LEAST(100, 100 * GREATEST(0, 1 - share_of_budget::numeric))
                         ELSE GREATEST(
                             0,
                             100 * (1 - product_category_count / NULLIF(%(breadth)s, 0)::numeric),
                             CASE WHEN order_amount_change IS NOT NULL THEN
                                  LEAST(100, 100 * order_amount_change::numeric / %(all_growth)s) END,
                             CASE WHEN probability < 100 AND expected_revenue > 0 THEN
                                  100 * expected_revenue / (expected_revenue + GREATEST(0, order_amount_12m)) END
                         ) END, 2) AS room_to_grow
              FROM %(table)s AS grading_profile
             WHERE grading_profile.order_count > 0
            """,
            breadth=breadth,
            all_growth=ALL_GROWTH,
            table=table,
        )

from odoo import api, models
from odoo.tools import SQL

from ..base.fields import IntegerOrEmpty

# Recency, frequency and monetary value: the measure that customers are ranked by for each class.
RANKED = {"rfm_recency": "last_order_date", "rfm_frequency": "order_count", "rfm_monetary": "order_amount"}
# The best percents with which the classes 5, 4, 3 and 2 begin: fifths of the buyers.
FIFTHS = {20: 5, 40: 4, 60: 3, 80: 2}


class GradingProfile(models.Model):
    """Compared: in which fifth of the buyers the customer stands (RFM, Hughes 1994)."""

    _inherit = "grading.profile"

    rfm_recency = IntegerOrEmpty(
        string="Recency Class",
        readonly=True,
        aggregator="avg",
        help="5 for the fifth of the customers who ordered last, 1 for those whose last order is longest ago.",
    )
    rfm_frequency = IntegerOrEmpty(
        string="Frequency Class",
        readonly=True,
        aggregator="avg",
        help="5 for the fifth of the customers with the most orders, 1 for those with the fewest.",
    )
    rfm_monetary = IntegerOrEmpty(
        string="Monetary Class",
        readonly=True,
        aggregator="avg",
        help="5 for the fifth of the customers with the highest amount, 1 for those with the lowest.",
    )


class GradingMeasure(models.AbstractModel):
    """The classes of RFM, each by rank among all who have bought; equal customers are in the same class.

    A class begins where a best percent does (:class:`grading.ruler`), so half of those that are equal count as ahead:
    of many customers with a single order none is in the best class.
    """

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        common = {"compared": "rfm", "unit": "number", "group": self.env._("Purchases")}
        labels = {
            "rfm_recency": self.env._("Recency class"),
            "rfm_frequency": self.env._("Frequency class"),
            "rfm_monetary": self.env._("Monetary class"),
        }
        classes = {
            name: {**common, "label": labels[name], "reads": [ranked, "order_count"]} for name, ranked in RANKED.items()
        }
        return {**super()._measures(), **classes}

    @api.model
    def _compared_sources(self, as_of, table):
        return {**super()._compared_sources(as_of, table), "rfm": self._rfm_source(table)}

    @api.model
    def _fix_compared(self, names, table, as_of):
        result = super()._fix_compared(names, table, as_of)
        if "rfm" in names:
            Ruler = self.env["grading.ruler"]
            for name, ranked in RANKED.items():
                Ruler._fix_best(name, self._rank_to_sql(ranked, "high"), [*FIFTHS], table, SQL("order_count > 0"))
        return result

    @api.model
    def _is_compared_missing(self, names):
        Ruler = self.env["grading.ruler"]
        missing = "rfm" in names and any(Ruler._of_measure(name) is None for name in RANKED)
        return missing or super()._is_compared_missing(names)

    @api.model
    def _rfm_source(self, table):
        """For each class ``CASE WHEN value >= 90 THEN 5 WHEN … ELSE 1 END``, of those who have bought."""
        columns = []
        for name, ranked in RANKED.items():
            value = self._rank_to_sql(ranked, "high")
            whens = [
                SQL("WHEN %s >= %s::float8 THEN %s", value, cut, FIFTHS[percent])
                for percent, cut in self.env["grading.ruler"]._of_measure(name) or []
            ]
            fifth = SQL("CASE %s ELSE 1 END", SQL(" ").join(whens)) if whens else SQL("1")
            columns.append(SQL("%s AS %s", fifth, SQL.identifier(name)))
        return SQL(
            "SELECT grading_profile.partner_id, %s FROM %s AS grading_profile WHERE grading_profile.order_count > 0",
            SQL(", ").join(columns),
            table,
        )

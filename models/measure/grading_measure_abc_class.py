from odoo import api, fields, models
from odoo.tools import SQL

CLASSES = [("5", "Top 5 %"), ("20", "Top 20 %")]
# The amount that decides on each class.
AMOUNTS = {"top_12m": "order_amount_12m", "top_prev_12m": "order_amount_prev_12m"}


class GradingProfile(models.Model):
    """Measured: the customer's ABC class, by amount."""

    _inherit = "grading.profile"

    top_12m = fields.Selection(
        CLASSES, string="Among the Best", readonly=True, help="Of all who bought in the last 12 months, by amount."
    )
    top_prev_12m = fields.Selection(
        CLASSES,
        string="Among the Best before",
        readonly=True,
        help="Of all who bought in the 12 months before the last 12, by amount.",
    )


class GradingMeasure(models.AbstractModel):
    """The ABC class of a customer: the best 5 and the best 20 percent of the buyers of a year, ties included."""

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        compared = {"compared": "abc_class", "always": True}
        return {
            **super()._measures(),
            "top_12m": {
                "label": self.env._("Among the best, 12 months"),
                "unit": "choice",
                "reads": ["order_amount_12m"],
                **compared,
            },
            "top_prev_12m": {
                "label": self.env._("Among the best, 12 months before"),
                "unit": "choice",
                "reads": ["order_amount_prev_12m"],
                **compared,
            },
        }

    @api.model
    def _compared_sources(self, as_of, table):
        return {**super()._compared_sources(as_of, table), "abc_class": self._abc_class_source(table)}

    @api.model
    def _fix_compared(self, names, table, as_of):
        result = super()._fix_compared(names, table, as_of)
        if "abc_class" in names:
            for amount in AMOUNTS.values():
                self.env["grading.ruler"]._fix_top(amount, [int(percent) for percent, _label in CLASSES], table)
        return result

    @api.model
    def _is_compared_missing(self, names):
        Ruler = self.env["grading.ruler"]
        missing = "abc_class" in names and any(Ruler._get_top(amount) is None for amount in AMOUNTS.values())
        return missing or super()._is_compared_missing(names)

    @api.model
    def _abc_class_source(self, table):
        """For each year ``CASE WHEN order_amount_12m >= 9000 THEN '5' WHEN order_amount_12m >= 2000 THEN '20' END``."""
        columns = []
        for name, amount in AMOUNTS.items():
            whens = [
                SQL("WHEN %s >= %s::numeric THEN %s", SQL.identifier(amount), cut, str(percent))
                for percent, cut in self.env["grading.ruler"]._get_top(amount) or []
            ]
            value = SQL("CASE %s END", SQL(" ").join(whens)) if whens else SQL("NULL")
            columns.append(SQL("%s AS %s", value, SQL.identifier(name)))
        return SQL("SELECT partner_id, %s FROM %s", SQL(", ").join(columns), table)

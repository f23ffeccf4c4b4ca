from odoo import api, models

from .grading_profile_purchase import PURCHASES


class GradingMeasure(models.AbstractModel):
    """Whether a customer will buy again, foreseen from his orders by the model of all customers.

    The probability fills no column: it falls day by day, and is worked out where a criterion or a filter judges it.
    """

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        foreseen = {"compared": "purchase", "reads": [*PURCHASES], "always": True}
        return {
            **super()._measures(),
            "purchase_probability": {**foreseen, "label": self.env._("Probability to buy"), "unit": "ratio"},
            "decline_date": {**foreseen, "label": self.env._("Declining from"), "unit": "date"},
            "lost_date": {**foreseen, "label": self.env._("Lost from"), "unit": "date"},
        }

    @api.model
    def _compared_sources(self, as_of, table):
        return {
            **super()._compared_sources(as_of, table),
            "purchase": self.env["grading.purchase.model"]._dates_select(table, as_of),
        }

    @api.model
    def _fix_compared(self, names, table, as_of):
        result = super()._fix_compared(names, table, as_of)
        Model = self.env["grading.purchase.model"]
        if "purchase" in names and Model._is_due(as_of):
            Model._refit(table, as_of)
        return result

    @api.model
    def _is_compared_missing(self, names):
        missing = "purchase" in names and not self.env["grading.purchase.model"]._current()
        return missing or super()._is_compared_missing(names)

    @api.model
    def _value_to_sql(self, name, as_of, date_unit="days"):
        if name == "purchase_probability":
            return self.env["grading.purchase.model"]._probability_to_sql(as_of)
        return super()._value_to_sql(name, as_of, date_unit)

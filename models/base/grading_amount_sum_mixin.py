from odoo import api, models
from odoo.models import parse_read_group_spec


class GradingAmountSumMixin(models.AbstractModel):
    """Amounts are kept in the currency of their company. A sum over companies of several currencies is in that of the
    company at hand, at today's rates: dashboards and columns ask for a plain sum, and would add yen to euros."""

    _name = "grading.amount.sum.mixin"
    _description = "Sums of Amounts of Several Companies"

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec != "__count" and len(self.env.companies.currency_id) > 1:
            name, _property, function = parse_read_group_spec(aggregate_spec)
            if function == "sum" and name in self._fields and self._fields[name].type == "monetary":
                aggregate_spec = f"{name}:sum_currency"
        return super()._read_group_select(aggregate_spec, query)

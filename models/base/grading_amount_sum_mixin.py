from odoo import api, models
from odoo.tools import SQL


class GradingAmountSumMixin(models.AbstractModel):
    """Amounts are kept in the currency of their company. A sum over companies of several currencies is in that of the
    company at hand, at today's rates: dashboards and columns ask for a plain sum, and would add yen to euros. (Odoo's
    own ``sum_currency`` turns into the currency whose rate is 1, which need not be that of the company at hand.)"""

    _name = "grading.amount.sum.mixin"
    _description = "Sums of Amounts of Several Companies"

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        name, _colon, function = aggregate_spec.partition(":")
        field = self._fields.get(name)
        is_amount = function in ("sum", "sum_currency") and field is not None and field.type == "monetary"
        if is_amount and (rates := self.env.companies._grading_rates()):
            amount = self._field_to_sql(self._table, name, query)
            company = self._field_to_sql(self._table, "company_id", query)
            return SQL("SUM(%s * %s)", amount, rate_to_sql(company, rates))
        return super()._read_group_select(aggregate_spec, query)


def rate_to_sql(company, rates):
    """What an amount of a company is multiplied by: ``CASE "profile"."company_id" WHEN 7 THEN 1.08 ELSE 1 END``.

    :param odoo.tools.SQL company: its id
    :param dict rates: see ``res.company._grading_rates``, not empty
    """
    cases = SQL(" ").join(SQL("WHEN %s THEN %s::numeric", other.id, rate) for other, rate in rates.items())
    return SQL("CASE %s %s ELSE 1 END", company, cases)

from odoo import api, models
from odoo.models import parse_read_group_spec
from odoo.tools import SQL


class GradingAmountSumMixin(models.AbstractModel):
    """Amounts are kept in the currency of their company. A sum over companies of several currencies is in that of the
    company at hand, at today's rates: dashboards and columns ask for a plain sum, and would add yen to euros. (Odoo's
    own ``sum_currency`` turns into the currency whose rate is 1, which need not be that of the company at hand.)"""

    _name = "grading.amount.sum.mixin"
    _description = "Sums of Amounts of Several Companies"

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec != "__count" and (rates := self.env.companies._grading_rates()):
            name, _property, function = parse_read_group_spec(aggregate_spec)
            if function in ("sum", "sum_currency") and name in self._fields and self._fields[name].type == "monetary":
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

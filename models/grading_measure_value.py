from odoo import api, models
from odoo.tools import SQL

from .grading_measure import FADED_EPOCH, LOG_LIMIT


class GradingMeasure(models.AbstractModel):
    """What number a criterion sees when it judges a measure."""

    _inherit = "grading.measure"

    @api.model
    def _value_to_sql(self, name, as_of, date_unit="days"):
        """The number by which a criterion judges the measure, NULL where there is no data.

        A date counts as the days or full months since (negative when it lies ahead), a choice by its place in the
        list (the first is 0), the faded amount in money of ``as_of``; anything else as it is.

        ``last_order_date`` gives ``(DATE '2026-01-31' - "grading_profile"."last_order_date")``.
        """
        field = self.env["grading.profile"]._fields[self._column(name)]
        column = SQL.identifier("grading_profile", field.name)
        if field.type == "date" and date_unit == "months":
            age = SQL("AGE(DATE %s, %s)", as_of, column)
            return SQL("(EXTRACT(YEAR FROM %(age)s) * 12 + EXTRACT(MONTH FROM %(age)s))", age=age)
        if field.type == "date":
            return SQL("(DATE %s - %s)", as_of, column)
        if field.type == "selection":
            keys = list(field.get_values(self.env))
            return SQL("(ARRAY_POSITION(%s::varchar[], %s) - 1)", keys, column)
        if name == "faded_order_amount":
            today = self.env.company._grading_faded_log(as_of)
            # Of nothing and a number, LEAST and GREATEST take the number.
            exponent = SQL("GREATEST(%s, LEAST(%s, %s - %s))", -LOG_LIMIT, LOG_LIMIT, column, today)
            return SQL("CASE WHEN %s IS NOT NULL THEN EXP(%s) END", column, exponent)
        return column

    @api.model
    def _rank_to_sql(self, name, best):
        """The number by which customers are ranked on the measure: the greater, the better, whatever the day is."""
        field = self.env["grading.profile"]._fields[self._column(name)]
        column = SQL.identifier("grading_profile", field.name)
        if field.type == "date":
            column = SQL("(%s - DATE %s)", column, FADED_EPOCH)
        elif field.type == "selection":
            column = self._value_to_sql(name, None)
        return SQL("(%s)::float8", column) if best == "high" else SQL("(-%s)::float8", column)

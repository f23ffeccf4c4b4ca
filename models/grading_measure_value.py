import math

from odoo import api, models
from odoo.tools import SQL

from .grading_measure import FADED, FADED_EPOCH, LOG_LIMIT


class GradingMeasure(models.AbstractModel):
    """What number a criterion sees when it judges a measure."""

    _inherit = "grading.measure"

    @api.model
    def _value_to_sql(self, name, as_of, date_unit="days"):
        """The number by which a criterion judges the measure, NULL where there is no data.

        A date counts as the days or full months since (negative when it lies ahead), a choice by its number or else by
        its place in the list (the first is 0), a faded sum as it is on ``as_of``; anything else as it is.

        ``last_order_date`` gives ``(DATE '2026-01-31' - "grading_profile"."last_order_date")``.
        """
        measure = self._measures()[name]
        field = self.env["grading.profile"]._fields[self._column(name)]
        column = SQL.identifier("grading_profile", field.name)
        today = SQL("DATE %s", as_of)
        if "lead_source" in measure:  # a lead that was won stays judged as on that day
            today = SQL("LEAST(%s, %s)", today, SQL.identifier("grading_profile", "closed_date"))
        if field.type == "date" and date_unit == "months":
            age = SQL("AGE(%s, %s)", today, column)
            return SQL("(EXTRACT(YEAR FROM %(age)s) * 12 + EXTRACT(MONTH FROM %(age)s))", age=age)
        if field.type == "date":
            return SQL("(%s - %s)", today, column)
        if field.type == "selection":
            return self._choice_to_sql(field, column)
        if name in FADED:
            # Of nothing and a number, LEAST and GREATEST take the number.
            exponent = SQL("GREATEST(%s, LEAST(%s, %s - %s))", -LOG_LIMIT, LOG_LIMIT, column, self._faded_log(today))
            return SQL("CASE WHEN %s IS NOT NULL THEN EXP(%s) END", column, exponent)
        return column

    @api.model
    def _choice_to_sql(self, field, column):
        keys = list(field.get_values(self.env))
        if all(key.isdigit() for key in keys):
            return SQL("%s::int", column)
        return SQL("(ARRAY_POSITION(%s::varchar[], %s) - 1)", keys, column)

    @api.model
    def _faded_log(self, day):
        """The logarithm of what one unit of ``day`` weighs in a stored faded sum, see ``_grading_faded_log``."""
        return SQL(
            "((%s - DATE %s) * %s::float8)", day, FADED_EPOCH, math.log(2) / self.env.company.grading_half_life_days
        )

    @api.model
    def _rank_to_sql(self, name, best):
        """The number by which customers are ranked on the measure: the greater, the better, whatever the day is."""
        field = self.env["grading.profile"]._fields[self._column(name)]
        column = SQL.identifier("grading_profile", field.name)
        if field.type == "date":
            column = SQL("(%s - DATE %s)", column, FADED_EPOCH)
        elif field.type == "selection":
            column = self._choice_to_sql(field, column)
        return SQL("(%s)::float8", column) if best == "high" else SQL("(-%s)::float8", column)

import math
from datetime import date

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.context import day_read
from ..base.fields import COMPARISONS
from ..base.res_company import DECAY_EPOCH

# Half-lives between a day and the epoch beyond which 2 to their power leaves the range of a double; an amount that far
# away weighs nothing.
MOST_HALF_LIVES = 900
# Natural logarithms beyond leave the range of a double.
MOST_LOG = 700


class GradingProfile(models.Model):
    """Time-decayed sums: everything in them counts half for every half-life of its age, in what it is worth today.

    Stored is a logarithm as of a fixed day, the epoch, so that nothing has to be written as time passes. A lead that
    was won keeps what the sum was worth on that day, by which it stays scored.
    """

    _inherit = "grading.profile"

    @api.model
    def _decayed_sums(self):
        """The time-decayed sums as people see them, and for each the column that holds its logarithm.

        A module that adds one extends this, and gives its field this compute method.

        :rtype: dict[str, str]
        """
        return {"faded_order_amount": "faded_order_log", "engagement": "engagement_log"}

    @api.depends(lambda self: [*self._decayed_sums().values(), "closed_date"])
    @api.depends_context("company")
    def _compute_decayed(self):
        for profile in self:
            company = profile.company_id
            day = company and min(company._grading_today(), profile.closed_date or date.max)
            for name, log_name in self._decayed_sums().items():
                if profile[log_name] and company:
                    exponent = profile[log_name] - company._grading_decay_log(day)
                    profile[name] = math.exp(max(-MOST_LOG, min(MOST_LOG, exponent)))
                else:
                    profile[name] = False

    @api.model
    def _search_decayed(self, name, operator, value):
        """Compare the stored logarithm, each company's with its own half-life."""
        if operator not in COMPARISONS or not isinstance(value, (int, float)):
            raise UserError(
                self.env._(
                    "“%s” is recency-weighted, so it changes daily: search for more or less than a number.",
                    self._fields[name]._description_string(self.env),
                )
            )
        log_name, below = self._decayed_sums()[name], operator in ("<", "<=")
        if value <= 0:
            return Domain(log_name, "=", False) if below else Domain(log_name, "!=", False)
        companies = self.env["res.company"].sudo().search([("active", "in", (True, False))])
        domain = Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain(log_name, operator, math.log(value) + company._grading_decay_log(day_read(self.env, company)))
            for company in companies
        )
        return domain | Domain(log_name, "=", False) if below else domain


class GradingMeasure(models.AbstractModel):
    """How time-decayed sums are measured, and read on the day of a run."""

    _inherit = "grading.measure"

    @api.model
    def _decay_exponent(self, day):
        """How many half-lives after the epoch ``day`` lies: an amount of that day weighs 2 to this power."""
        return SQL(
            "GREATEST(-%(limit)s, LEAST(%(limit)s, (%(day)s - DATE %(epoch)s)::float8 / %(half_life)s))",
            limit=MOST_HALF_LIVES,
            day=day,
            epoch=DECAY_EPOCH,
            half_life=self.env.company.grading_half_life_days,
        )

    @api.model
    def _value_to_sql(self, name, as_of, date_unit="days"):
        """A time-decayed sum counts as what it is worth on ``as_of``: ``EXP("grading_profile"."…_log" - …)``."""
        sums = self.env["grading.profile"]._decayed_sums()
        if name not in sums:
            return super()._value_to_sql(name, as_of, date_unit)
        column = SQL.identifier("grading_profile", sums[name])
        # Of NULL and a number, LEAST and GREATEST take the number.
        exponent = SQL(
            "GREATEST(%s, LEAST(%s, %s - %s))",
            -MOST_LOG, MOST_LOG, column, self._decay_log(self._day_to_sql(name, as_of)),
        )  # fmt: skip
        return SQL("CASE WHEN %s IS NOT NULL THEN EXP(%s) END", column, exponent)

    @api.model
    def _decay_log(self, day):
        """The logarithm of what one unit of ``day`` weighs in a stored sum, see ``res.company._grading_decay_log``."""
        return SQL(
            "((%s - DATE %s) * %s::float8)", day, DECAY_EPOCH, math.log(2) / self.env.company.grading_half_life_days
        )

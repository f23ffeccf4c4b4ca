import ast
import re
from datetime import date

import psycopg2
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, mute_logger
from odoo.tools.query import Query

from .grading_watch_mixin import BAD_DOMAIN_ERRORS

RELATIVE_DAY = re.compile(r"today(?P<offsets>(\s+[+-]\d+[dwmy])*)")
OFFSET = re.compile(r"([+-]\d+)([dwmy])")
OFFSET_UNITS = {"d": "days", "w": "weeks", "m": "months", "y": "years"}


class GradingDomainMixin(models.AbstractModel):
    """A rule that says which customers it covers, by an ordinary Odoo domain on ``grading.profile``.

    The domain is stored as text, read as a literal (nothing in it is evaluated) and compiled by Odoo, so it may use
    every field that Odoo can search: ``[("order_count", ">", 3), ("partner_id.country_id.code", "=", "TW")]``. A
    domain that cannot be compiled is refused when the rule is saved, by the same method that the run calls.

    With ``grading_through_lead`` in the context, a rule for leads judges customers: its conditions on the lead are
    applied to the customer's best open lead.
    """

    _name = "grading.domain.mixin"
    _inherit = ["grading.watch.mixin"]
    _description = "Rule on Graded Customers"

    domain = fields.Char(default="[]", help="Which customers this is about; empty means all.")

    @api.constrains("domain")
    def _check_domain(self):
        as_of = self.env.company._grading_today()
        Profile = self.env["grading.profile"].sudo()
        for rule in self:
            query = Query(rule.env, Profile._table)
            try:
                query.add_where(rule._domain_to_sql(query, as_of))
                with mute_logger("odoo.sql_db"), rule.env.cr.savepoint(flush=False):
                    rule.env.execute_query(SQL("%s LIMIT 0", query.select()))
            except (*BAD_DOMAIN_ERRORS, psycopg2.Error) as error:
                raise ValidationError(rule._bad_domain_message(error)) from error

    def _bad_domain_message(self, error):
        return self.env._(
            "The filter of “%(rule)s” is invalid: %(error)s. "
            "Use only searchable fields of the grading profile; reach the contact through partner_id.",
            rule=self.display_name,
            error=str(error).strip().rstrip("."),
        )

    def _parse_domain(self):
        """The rule's domain; its text is read as a literal and never evaluated.

        :raise ValueError, SyntaxError: the text is not a literal list of conditions
        :rtype: odoo.fields.Domain
        """
        self.ensure_one()
        return Domain(ast.literal_eval(self.domain or "[]"))

    def _domain_to_sql(self, query, as_of):
        """The rule's domain as a condition on a row of ``grading_profile``.

        ``[("order_count", ">", 3)]`` gives ``"grading_profile"."order_count" > 3``. Joins that a path needs are added
        to ``query``, whose table may be any relation with the profile's columns and its name as alias.

        :param odoo.tools.query.Query query: the query that the condition is added to
        :param datetime.date as_of: the day that ``today`` stands for in the domain
        :rtype: odoo.tools.SQL
        """
        company = self.env.company
        Profile = (
            self.env["grading.profile"]
            .sudo()
            .with_context(tz=company._grading_tz(), active_test=False, grading_as_of=as_of)
        ).with_company(company)
        domain = self._parse_domain().optimize(Profile)
        if self.env.context.get("grading_through_lead"):
            domain = domain.map_conditions(_through_lead)
        if as_of != company._grading_today():
            domain = domain.map_conditions(lambda condition: _at(condition, as_of))
        return domain.optimize_full(Profile)._to_sql(Profile, Profile._table, query)


def _at(condition, as_of):
    """``condition`` with ``today`` and its offsets replaced by days counted from ``as_of``, so that the grading of an
    earlier day can be repeated."""
    value = condition.value
    if isinstance(value, Domain):
        value = value.map_conditions(lambda inner: _at(inner, as_of))
    elif isinstance(value, str) and (match := RELATIVE_DAY.fullmatch(value.strip())):
        value = _shift(as_of, match["offsets"])
    return Domain(condition.field_expr, condition.operator, value)


def _shift(day: date, offsets: str) -> date:
    for number, unit in OFFSET.findall(offsets):
        day += relativedelta(**{OFFSET_UNITS[unit]: int(number)})
    return day


def _through_lead(condition):
    """``lead_id.country_id`` becomes ``best_lead_id.country_id``."""
    head, _sep, rest = condition.field_expr.partition(".")
    if head != "lead_id":
        return condition
    return Domain(f"best_lead_id.{rest}" if rest else "best_lead_id", condition.operator, condition.value)


def sql_case(branches, default):
    """``CASE WHEN condition THEN value … ELSE default END``; the default alone when there is no branch."""
    if not branches:
        return default
    whens = SQL(" ").join(SQL("WHEN %s THEN %s", condition, value) for condition, value in branches)
    return SQL("CASE %s ELSE %s END", whens, default)

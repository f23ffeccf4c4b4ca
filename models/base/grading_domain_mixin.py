import ast
import contextlib
import re
from datetime import date

import psycopg2
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, mute_logger, ormcache
from odoo.tools.query import Query

from .context import is_by_server
from .subject import SUBJECTS

RELATIVE_DAY = re.compile(r"today(?P<offsets>(\s+[+-]\d+[dwmy])*)")
OFFSET = re.compile(r"([+-]\d+)([dwmy])")
OFFSET_UNITS = {"d": "days", "w": "weeks", "m": "months", "y": "years"}
# What the parser of literals (memory and recursion: nested too deeply) and Odoo's compiler of domains raise on a bad
# domain: a day beyond the calendar is an arithmetic error.
BAD_DOMAIN_ERRORS = (
    *(ValueError, TypeError, KeyError, SyntaxError, AssertionError, UserError, NotImplementedError),
    *(MemoryError, RecursionError, ArithmeticError, AttributeError, LookupError),
)
# Filters compare names in the source language of translated fields, as scheduled actions and exported files do: what a
# rule says does not depend on the user who has customers rescored.
FILTER_LANG = "en_US"


class GradingWatchMixin(models.AbstractModel):
    """Which fields a rule's filter reads: what has to be measured for it, and whose change asks for a new score.

    ``[("partner_id.country_id.code", "=", "TW"), ("order_count", ">", 3)]`` reads the measure ``order_count`` and the
    contact's field ``country_id``. Customers and leads keep the names of their watched fields in the registry's cache,
    which a change of a rule clears.

    A model that inherits says in :meth:`_parse_domain` what its filter is.
    """

    _name = "grading.watch.mixin"
    _description = "Fields that a Rule Reads"

    def _parse_domain(self):
        """The rule's filter.

        :rtype: odoo.fields.Domain
        """
        raise NotImplementedError

    # ------------------------------------------------------------
    # The registry's cache
    # ------------------------------------------------------------

    # Cleared after the save: what other code puts into the cache during the save may still be the old state.

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self.env.registry.clear_cache()
        return rules

    def write(self, vals):
        res = super().write(vals)
        if self._cached_fields() & vals.keys():
            self.env.registry.clear_cache()
        return res

    def unlink(self):
        res = super().unlink()
        self.env.registry.clear_cache()
        return res

    @api.model
    def _cached_fields(self):
        """Names of the fields on which cached answers depend: what the filter asks, whether and for what the rule is in
        force, and the tag that it gives.

        :rtype: set[str]
        """
        return {"domain", "active", "subject"}.union(subject.tag_key for subject in SUBJECTS.values())

    # ------------------------------------------------------------
    # Fields read
    # ------------------------------------------------------------

    def _profile_measures(self):
        """Names of the measures that the filters read.

        :rtype: set[str]
        """
        measured = self.env["grading.worktable"]._measured_columns()
        measured.update((name, name) for name in self.env["grading.measure"]._catalog())
        fields_read = set().union(*(_first_names(rule._parse_domain()) for rule in self))
        fields_read |= self._dependencies(fields_read)
        return {measured[name] for name in fields_read & measured.keys()}

    def _partner_fields(self):
        """Names of the contact's own fields that the filters read, whose change asks for a new score.

        :rtype: set[str]
        """
        return self._fields_through("partner_id") | self._fields_through("lead_id.partner_id")

    def _lead_fields(self):
        """Names of the lead's own fields that the filters read, whose change asks for a new score.

        :rtype: set[str]
        """
        return self._fields_through("lead_id") | self._fields_through("best_lead_id")

    def _fields_through(self, link):
        """Names of the fields that the filters read on the record that the path ``link`` of the profile leads to."""
        paths = self._paths_read()
        return {path[len(link) + 1 :].partition(".")[0] for path in paths if path.startswith(f"{link}.")}

    def _paths_read(self):
        """The paths from the profile that the filters read, through what is computed when it is read."""
        paths = set()
        for rule in self:
            # Saving a contact or lead must not fail because of a broken rule; the next run reports it.
            with contextlib.suppress(*BAD_DOMAIN_ERRORS):
                own = _paths(rule._parse_domain())
                paths |= own | self._dependencies(own)
        return paths

    def _dependencies(self, names):
        """The paths that those of the profile's fields ``names`` depend on which are computed when they are read."""
        fields_read = [self.env["grading.profile"]._fields.get(name) for name in names]
        depends = self.env.registry.field_depends
        return {path for field in fields_read if field and not field.store for path in depends[field]}


class GradingDomainMixin(models.AbstractModel):
    """A rule that says which customers it covers, by an ordinary Odoo domain on ``grading.profile``.

    The domain is stored as text, read as a literal (nothing in it is evaluated) and compiled by Odoo, so it may use
    every field that Odoo can search: ``[("order_count", ">", 3), ("partner_id.country_id.code", "=", "TW")]``. A
    domain that cannot be compiled is refused when the rule is saved, by the same method that the run calls. Names in it
    are compared in :data:`FILTER_LANG`.

    With ``grading_through_lead`` in the context, a rule for leads judges customers: its conditions on the lead are
    applied to the customer's best open lead.
    """

    _name = "grading.domain.mixin"
    _inherit = ["grading.watch.mixin", "grading.filter.reach", "grading.input.mixin"]
    _description = "Rule on Graded Customers"

    domain = fields.Char(default="[]", help="Which customers this is about; empty means all.")

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._check_readable()
        return rules

    def write(self, vals):
        res = super().write(vals)
        if not vals.keys().isdisjoint(("domain", "kind")):
            self._check_readable()
        return res

    def _check_readable(self):
        """A user may ask for no more than they can read; what data files bring, and runs, are not a user's.

        Not a constraint: those are checked as superuser.
        """
        if self.env.su:
            return
        Profile = self.env["grading.profile"].with_context(lang=FILTER_LANG)
        for rule in self:
            try:
                rule._within_reach(Profile, rule._parse_domain().optimize(Profile))
            except BAD_DOMAIN_ERRORS as error:
                raise ValidationError(rule._bad_domain_message(error)) from error

    # Of a criterion only the kind *Filter* has its filter read: it is checked when it becomes one, too.
    @api.constrains(lambda self: [name for name in ("domain", "kind") if name in self._fields])
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

    def _recheck_domain(self):
        """Check the filters again before a run uses them: a field may have been removed since they were saved.

        :raise ValidationError: names the rule and the remedy
        """
        for rule in self:
            rule._has_valid_domain(rule.domain)

    @ormcache("domain", "self.env.company.id", "self.env.company._grading_today()")
    def _has_valid_domain(self, domain):
        """Check that the rule's ``domain`` compiles; True where it does.

        What has passed is not compiled again on that day. The key is the filter itself, so that no change of a rule can
        go unnoticed, not even one by SQL; and where a field comes or goes, Odoo empties the cache. An error is
        never cached.
        """
        self._check_domain()
        return True

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
        return self._part_to_sql(self._parse_domain(), query, as_of)

    def _part_to_sql(self, domain, query, as_of):
        """A part of the rule's domain, or all of it, as :meth:`_domain_to_sql` compiles it.

        :param odoo.fields.Domain domain: as :meth:`_parse_domain` reads it
        """
        company = self.env.company
        Profile = (
            self.env["grading.profile"]
            .sudo()
            .with_context(lang=FILTER_LANG, tz=company._grading_tz(), active_test=False, grading_as_of=as_of)
        ).with_company(company)
        domain = self._allowed(Profile, domain.optimize(Profile))
        if is_by_server(self.env, "grading_through_lead"):
            domain = domain.map_conditions(_through_lead)
        if as_of != company._grading_today():
            domain = domain.map_conditions(lambda condition: _at(condition, as_of))
        return domain.optimize_full(Profile)._to_sql(Profile, Profile._table, query)

    def _allowed(self, model, domain):
        """The ``domain``, checked for what no filter may ask, a data file's included.

        :param odoo.fields.Domain domain: with its paths resolved by :meth:`odoo.fields.Domain.optimize`
        :raise ValueError: the domain asks for it
        :rtype: odoo.fields.Domain
        """
        return self._within_reach(model, domain)


def _at(condition, as_of):
    """``condition`` with ``today`` and its offsets replaced by days counted from ``as_of``, so that the grading of an
    earlier day can be repeated."""
    value = condition.value
    if isinstance(value, Domain):
        value = value.map_conditions(lambda inner: _at(inner, as_of))
    elif isinstance(value, str) and RELATIVE_DAY.fullmatch(value.strip()):
        value = day_of(value, as_of)
    return Domain(condition.field_expr, condition.operator, value)


def day_of(text, as_of: date) -> date:
    """The day that ``today`` with its offsets stands for: ``today -1y`` as of the last of May is the last of May of the
    year before.

    :param str text: matches :data:`RELATIVE_DAY`
    """
    day = as_of
    for number, unit in OFFSET.findall(RELATIVE_DAY.fullmatch(text.strip())["offsets"]):
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


def _first_names(domain):
    return {condition.field_expr.partition(".")[0] for condition in domain.iter_conditions()}


def _paths(domain, prefix=""):
    """The full paths of the fields that the domain reads, those inside its ``any`` conditions included."""
    paths = set()
    for condition in domain.iter_conditions():
        path = f"{prefix}{condition.field_expr}"
        paths.add(path)
        if isinstance(condition.value, Domain):
            paths |= _paths(condition.value, f"{path}.")
        elif isinstance(condition.value, list) and condition.operator in ("any", "not any"):
            paths |= _paths(Domain(condition.value), f"{path}.")
    return paths

from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL, frozendict

from ..base.context import yardstick_of
from ..base.res_company import DECAY_EPOCH

# The source of what is known of a customer through the best of their leads, see :meth:`GradingMeasure._sources`.
BEST_LEAD = "lead"
# How measures are taken: raise it with each release in which the same documents give another figure. Until a run over
# all has measured anew, a change is put down to the rules, and starts no play.
MEASURED_BY = 3
# What a year and its twelfth are, so that the same history comes to the same at any time of the year.
DAYS_OF_YEAR = 365
# What is known of an earlier day where documents do not tell: what is entered now, what Odoo keeps a record of changes
# of, and nothing.
ENTERED, TRACKED, PREDICTED = "entered", "tracked", "predicted"


class GradingMeasure(models.AbstractModel):
    """What is known of a customer or a lead in figures, and where it comes from.

    **Using.** :meth:`_catalog` lists the measures: each fills a column of ``grading.profile``. :meth:`_sources` gives,
    for a run, one ``SELECT`` for each source: a row for a customer, its key ``partner_id`` and one column for each
    measure that names the source; :meth:`_lead_sources` does the same for leads, by ``lead_id``. A measure that is
    derived from others has a formula in place of a source; one that compares the customer with all others comes from
    :meth:`_compared_sources`, which read what was measured of all customers.

    **Adding one.** Extend :meth:`_measures` and the method of its source with ``super()`` and add the column to
    ``grading.profile``, all in one file; nothing else needs to know. A source of customers is read once in a run
    however many criteria ask for it, and not at all when none does. Those of leads are always read: a lead's own
    screens show what they say.

    **How it works.** The run asks for the measures that its rules read, groups them by source and joins the sources to
    the list of customers (:class:`grading.population`) in one statement.
    """

    _name = "grading.measure"
    _description = "Measure of a Customer or Lead"

    @api.model
    def _measures(self):
        """The measures by name; extended by whatever adds one, and asked for through :meth:`_catalog`.

        :return: ``{name: {label, group, column, unit, source, lead_source}}``. ``group`` is the heading under which
            criteria offer it. ``unit`` is one of ``count``, ``number``,
            ``money``, ``days``, ``date``, ``ratio``, ``percent``, ``score`` and ``choice``. ``source`` is a key of
            :meth:`_sources`, ``lead_source`` one of :meth:`_lead_sources`, where leads are measured too; a derived
            measure has instead ``formula`` (an ``SQL`` over the columns of its sources) or ``compared`` (a key of
            :meth:`_compared_sources`) and ``reads`` (the measures that it needs). ``column`` is given where the
            profile's column has another name than the measure, ``zero`` where a customer of whom the source knows
            nothing has none rather than an unknown number. What has no ``label`` is only kept: no criterion can use it.
            What is ``always`` measured has a screen of its own. ``past`` says what is known of an earlier day, where
            that is not what documents tell of it: some of :data:`ENTERED` (it is read as it is now), :data:`TRACKED`
            (the same, where Odoo has no record of its changes) and :data:`PREDICTED` (nothing).
        :rtype: dict[str, dict]
        """
        return {}

    @api.model
    def _catalog(self):
        """The measures as :meth:`_measures` has them, described once in a transaction for each language: a run asks for
        them hundreds of times.

        :rtype: frozendict[str, frozendict]
        """
        # The method itself is part of the key: while modules are installed, one that adds measures comes in between.
        key = (type(self)._measures, self.env.lang)
        cache = self.env.cr.cache
        if key not in cache:
            cache[key] = frozendict({name: frozendict(measure) for name, measure in self._measures().items()})
        return cache[key]

    @api.model
    def _sources(self, as_of, contacts):
        """The sources by name, each a ``SELECT`` with one row for a customer.

        :param datetime.date as_of: nothing later than the end of this day is counted
        :param odoo.tools.SQL contacts: a table expression ``(id, commercial_partner_id)`` of the contacts to measure
        :return: ``{name: SQL}``; the company is the environment's
        :rtype: dict[str, odoo.tools.SQL]
        """
        return {}

    @api.model
    def _lead_sources(self, as_of, leads):
        """The sources of leads by name, each a ``SELECT`` with one row for a lead.

        :param datetime.date as_of: nothing later than the end of this day is counted
        :param odoo.tools.SQL leads: a table expression ``(id)`` of the leads to measure
        :return: ``{name: SQL}``; the company is the environment's
        :rtype: dict[str, odoo.tools.SQL]
        """
        return {}

    @api.model
    def _compared_sources(self, as_of, table):
        """The sources of what only shows when all customers are known, each a ``SELECT`` with one row for a customer.

        What they compare with was fixed in the last full run (:meth:`_fix_compared`), so that a few customers are
        scored as they would be among all.

        :param odoo.tools.SQL table: what the sources have said of the customers in question, in the profile's columns
        :return: ``{name: SQL}``, each keyed by ``partner_id``
        :rtype: dict[str, odoo.tools.SQL]
        """
        return {}

    @api.model
    def _fix_compared(self, names, table, as_of):
        """Fix, for the compared sources ``names``, what customers are compared with: at the start of a full run.

        :param odoo.tools.SQL table: what the sources have said of all customers
        """

    @api.model
    def _is_compared_missing(self, names):
        """Whether what one of the compared sources ``names`` needs has never been fixed in this company.

        :rtype: bool
        """
        return False

    @api.model
    def _compared_of(self, names):
        """The compared sources that the measures ``names`` come from.

        :rtype: set[str]
        """
        measures = self._catalog()
        return {measures[name].get("compared") for name in names} - {None}

    @api.model
    def _measures_of_leads(self):
        """The measures that are taken of leads, as :meth:`_measures` has them.

        :rtype: dict[str, dict]
        """
        return {name: measure for name, measure in self._catalog().items() if "lead_source" in measure}

    @api.model
    def _choices(self, subject):
        """The measures that criteria of a scheme for ``subject`` can score, under the headings of where they come from.

        What customers have through their best lead alone is offered where leads are graded.

        :param str subject: a key of :data:`SUBJECTS`
        :return: ``[{label, choices: [{value, label, help}]}]``
        :rtype: list[dict]
        """
        groups = {}
        for name, measure in self._catalog().items():
            is_known = "lead_source" in measure if subject == "lead" else measure.get("source") != BEST_LEAD
            if "label" in measure and is_known:
                choice = {"value": name, "label": measure["label"], "help": self._help(name)}
                groups.setdefault(measure.get("group") or self.env._("Other"), []).append(choice)
        return [{"label": label, "choices": choices} for label, choices in groups.items()]

    @api.model
    def _help(self, name):
        """What the measure ``name`` means: the help of the field in which people see it."""
        fields = self.env["grading.profile"]._fields
        field = fields.get(name) or self._field(name)
        return field.get_description(self.env, ["help"]).get("help") or ""

    @api.model
    def _column(self, name):
        """Name of the column of ``grading.profile`` that the measure ``name`` fills."""
        return self._catalog()[name].get("column", name)

    @api.model
    def _sources_of(self, names):
        """The sources that the measures ``names`` of customers are read from, through whatever they are derived from.

        :rtype: set[str]
        """
        measures = self._catalog()
        sources = set()
        for name in names:
            measure = measures[name]
            sources |= self._sources_of(measure["reads"]) if "reads" in measure else {measure.get("source")}
        return sources - {None}

    @api.model
    def _past_of(self, name):
        """What of an earlier day is known otherwise than by documents in the measure ``name``, through whatever it is
        derived from: see ``past`` in :meth:`_measures`.

        :rtype: set[str]
        """
        measure = self._catalog()[name]
        return {*measure.get("past", ())}.union(*(self._past_of(read) for read in measure.get("reads", ())))

    # ------------------------------------------------------------
    # Values of criteria
    # ------------------------------------------------------------

    @api.model
    def _value_to_sql(self, name, as_of, date_unit="days"):
        """The number by which a criterion scores the measure, NULL where there is no data.

        A date counts as the days or full months since (negative when it lies ahead), a month being a twelfth of 365
        days; a choice by its number or else by its place in the list (the first is 0); anything else as it is.

        ``last_order_date`` gives ``(DATE '2026-01-31' - "grading_profile"."last_order_date")``.

        :param datetime.date as_of: the day of the run
        :param str date_unit: ``days`` or ``months``
        :rtype: odoo.tools.SQL
        """
        field = self._field(name)
        column = SQL.identifier("grading_profile", field.name)
        day = self._day_to_sql(name, as_of)
        if field.type == "date" and date_unit == "months":
            return self._months_to_sql(SQL("%s - %s", day, column))
        if field.type == "date":
            return SQL("(%s - %s)", day, column)
        if field.type == "selection":
            return self._choice_to_sql(field, column)
        return column

    @api.model
    def _months_to_sql(self, days):
        """How many full months ``days`` are; ``59`` is 1, and ``-59`` is -1."""
        return SQL("((%s) * 12 / %s)", days, DAYS_OF_YEAR)

    @api.model
    def _field(self, name):
        """The field of ``grading.profile`` that the measure ``name`` fills."""
        return self.env["grading.profile"]._fields[self._column(name)]

    @api.model
    def _day_to_sql(self, name, as_of):
        """The day from which the measure is looked at: ``as_of``, but for a lead that was won the day of that:
        ``LEAST(DATE '2026-01-31', "grading_profile"."closed_date")``."""
        day = SQL("DATE %s", as_of)
        if "lead_source" in self._catalog()[name]:
            day = SQL("LEAST(%s, %s)", day, SQL.identifier("grading_profile", "closed_date"))
        return day

    @api.model
    def _choice_to_sql(self, field, column):
        """The number of a choice: ``column::int``, or its place, ``ARRAY_POSITION('{a,b}', column) - 1``."""
        keys = list(field.get_values(self.env))
        if all(key.isdigit() for key in keys):
            return SQL("%s::int", column)
        return SQL("(ARRAY_POSITION(%s::varchar[], %s) - 1)", keys, column)

    @api.model
    def _rank_to_sql(self, name, best):
        """The number by which customers are ranked on the measure: the greater, the better, whatever the day is:
        ``(-"grading_profile"."order_amount")::float8`` where the lowest amount is the best.

        :param str best: ``high`` or ``low``
        """
        field = self._field(name)
        column = SQL.identifier("grading_profile", field.name)
        if field.type == "date":
            column = SQL("(%s - DATE %s)", column, DECAY_EPOCH)
        elif field.type == "selection":
            column = self._choice_to_sql(field, column)
        return SQL("(%s)::float8", column) if best == "high" else SQL("(-%s)::float8", column)

    # ------------------------------------------------------------
    # The day that is judged
    # ------------------------------------------------------------

    @api.model
    def _end_of_day(self, as_of):
        """The first moment after the day where the company works, in UTC as Odoo stores it."""
        return SQL(
            "(DATE %s)::timestamp AT TIME ZONE %s AT TIME ZONE 'UTC'",
            as_of + timedelta(days=1),
            self.env.company._grading_tz(),
        )

    @api.model
    def _over_by(self, as_of):
        """The moment by which what has a length must be over, if that is not now: where a day is judged apart, its end.

        :rtype: odoo.tools.SQL | None
        """
        return self._end_of_day(as_of) if yardstick_of(self.env) else None

    @api.model
    def _is_past(self, as_of):
        """Whether an earlier day is judged apart; profiles are always those of today."""
        return bool(yardstick_of(self.env)) and as_of < self.env.company._grading_today()

    @api.model
    def _was_there(self, alias, as_of):
        """Whether a row was there by the end of the day, as far as its making is known. Asked only of an earlier day.

        :param str alias: what the query calls the row, which has a ``create_date``
        """
        if not self._is_past(as_of):
            return SQL("TRUE")
        return SQL("(%s < %s) IS NOT FALSE", SQL.identifier(alias, "create_date"), self._end_of_day(as_of))

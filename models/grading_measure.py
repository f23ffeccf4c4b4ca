from odoo import api, models
from odoo.tools import SQL

# The day against which faded amounts are stored. Changing it would change every row, and no grade.
FADED_EPOCH = "2020-01-01"
# Faded sums as people see them, and the column that holds the logarithm: like this it does not change as time passes.
FADED = {"faded_order_amount": "faded_order_log", "engagement": "engagement_log"}
# Binary exponents beyond this leave the range of a double; an amount that far away weighs nothing.
EXPONENT_LIMIT = 900
# Amounts beyond are a slip of the keyboard or of an import: they are left out and named on the run.
SANE_AMOUNT = 10**15
# Natural logarithms beyond leave the range of a double.
LOG_LIMIT = 700


class GradingMeasure(models.AbstractModel):
    """What is known of a customer or a lead in figures, and where it comes from.

    **Using.** :meth:`_measures` lists the measures: each fills a column of ``grading.profile``. :meth:`_sources`
    gives, for a run, one ``SELECT`` for each source: a row for a customer, its key ``partner_id`` and one column for
    each measure that names the source; :meth:`_lead_sources` does the same for leads, by ``lead_id``. A measure that is
    derived from others has a formula in place of a source; one that compares the customer with all others comes from
    :meth:`_compared_sources`, which read what was measured of everybody.

    **Adding one.** Extend both methods with ``super()`` and add the column to ``grading.profile``; nothing else needs
    to know. A source of customers is read once in a run however many criteria ask for it, and not at all when none
    does. Those of leads are always read: a lead's own screens show what they say.

    **How it works.** The run asks for the measures that its rules read, groups them by source and joins the sources to
    the list of customers (:class:`grading.population`) in one statement.
    """

    _name = "grading.measure"
    _description = "Measure of a Customer or Lead"

    @api.model
    def _measures(self):
        """The measures by name.

        :return: ``{name: {label, column, unit, source, lead_source}}``. ``unit`` is one of ``count``, ``number``,
            ``money``, ``days``, ``date``, ``ratio``, ``percent``, ``score`` and ``choice``. ``source`` is a key of
            :meth:`_sources`, ``lead_source`` one of :meth:`_lead_sources`, where leads are measured too; a derived
            measure has instead ``formula`` (an ``SQL`` over the columns of its sources) or ``compared`` (a key of
            :meth:`_compared_sources`) and ``reads`` (the measures that it needs). ``column`` is given where the
            profile's column has another name than the measure, ``zero`` where somebody of whom the source knows nothing
            has none rather than an unknown number. What has no ``label`` is only kept: no criterion can judge it. What
            is ``always`` measured has a screen of its own.
        :rtype: dict[str, dict]
        """
        order = {"source": "order"}
        sums = {**order, "zero": True}
        return {
            "faded_order_amount": {
                **order,
                "label": self.env._("Faded amount"),
                "column": "faded_order_log",
                "unit": "money",
            },
            "order_months": {**sums, "label": self.env._("Months with an order"), "unit": "count"},
            "order_count": {**sums, "label": self.env._("Number of orders"), "unit": "count"},
            "order_day_count": {**sums, "label": self.env._("Days with an order"), "unit": "count"},
            "order_amount": {**sums, "label": self.env._("Amount, all time"), "unit": "money"},
            "order_count_12m": {**sums, "label": self.env._("Number of orders, 12 months"), "unit": "count"},
            "order_amount_12m": {**sums, "label": self.env._("Amount, 12 months"), "unit": "money"},
            "order_amount_prev_12m": {**sums, "label": self.env._("Amount, 12 months before"), "unit": "money"},
            "average_order_amount": {**order, "label": self.env._("Average amount of an order"), "unit": "money"},
            "first_order_date": {**order, "label": self.env._("First order"), "unit": "date"},
            "last_order_date": {**order, "label": self.env._("Last order"), "unit": "date"},
            "average_order_interval": {**order, "label": self.env._("Days between orders"), "unit": "days"},
            "next_order_date": {**order, "label": self.env._("Next order expected"), "unit": "date"},
            "order_amount_change": {
                "label": self.env._("Change of the amount, 12 months against the 12 before"),
                "unit": "percent",
                "reads": ["order_amount_12m", "order_amount_prev_12m"],
                "formula": SQL(
                    "ROUND(100 * (source_order.order_amount_12m / NULLIF(GREATEST("
                    "source_order.order_amount_prev_12m, 0), 0) - 1), 2)"
                ),
            },
        }

    @api.model
    def _sources(self, as_of, contacts):
        """The sources by name, each a ``SELECT`` with one row for a customer.

        :param datetime.date as_of: nothing later than the end of this day is counted
        :param odoo.tools.SQL contacts: a table expression ``(id, commercial_partner_id)`` of the contacts to measure
        :return: ``{name: SQL}``; the company is the environment's
        :rtype: dict[str, odoo.tools.SQL]
        """
        return {"order": self._order_source(as_of, contacts)}

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
        judged as they would be among all.

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
        measures = self._measures()
        return {measures[name].get("compared") for name in names} - {None}

    @api.model
    def _measures_of_leads(self):
        """The measures that are taken of leads, as :meth:`_measures` has them.

        :rtype: dict[str, dict]
        """
        return {name: measure for name, measure in self._measures().items() if "lead_source" in measure}

    @api.model
    def _column(self, name):
        """Name of the column of ``grading.profile`` that the measure ``name`` fills."""
        return self._measures()[name].get("column", name)

    @api.model
    def _sources_of(self, names):
        """The sources that the measures ``names`` of customers are read from, through whatever they are derived from.

        :rtype: set[str]
        """
        measures = self._measures()
        sources = set()
        for name in names:
            measure = measures[name]
            sources |= self._sources_of(measure["reads"]) if "reads" in measure else {measure.get("source")}
        return sources - {None}

    @api.model
    def _faded_exponent(self, day):
        """How many half-lives after the epoch ``day`` lies: an amount of that day weighs 2 to this power."""
        return SQL(
            "GREATEST(-%(limit)s, LEAST(%(limit)s, (%(day)s - DATE %(epoch)s)::float8 / %(half_life)s))",
            limit=EXPONENT_LIMIT,
            day=day,
            epoch=FADED_EPOCH,
            half_life=self.env.company.grading_half_life_days,
        )

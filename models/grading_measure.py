from dateutil.relativedelta import relativedelta

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
    derived from others has a formula in place of a source.

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
            measure has instead ``formula`` (an ``SQL`` over the columns of its sources) and ``reads`` (the measures
            that it needs). ``column`` is given where the profile's column has another name than the measure, ``zero``
            where somebody of whom the source knows nothing has none rather than an unknown number. What has no
            ``label`` is only kept: no criterion can judge it.
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
            "order_amount": {**sums, "label": self.env._("Amount, all time"), "unit": "money"},
            "order_count_12m": {**sums, "label": self.env._("Number of orders, 12 months"), "unit": "count"},
            "order_amount_12m": {**sums, "label": self.env._("Amount, 12 months"), "unit": "money"},
            "order_amount_prev_12m": {**sums, "label": self.env._("Amount, 12 months before"), "unit": "money"},
            "average_order_amount": {**order, "label": self.env._("Average amount of an order"), "unit": "money"},
            "first_order_date": {**order, "label": self.env._("First order"), "unit": "date"},
            "last_order_date": {**order, "label": self.env._("Last order"), "unit": "date"},
            "average_order_interval": {**order, "label": self.env._("Days between orders"), "unit": "days"},
            "next_order_date": {**order, "label": self.env._("Next order expected"), "unit": "date"},
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

    @api.model
    def _order_source(self, as_of, contacts):
        """Orders of a customer, summed up; a credit note is deducted on its own day and is no order.

        The documents come in an order that their own content decides, so that the sum of fractions can not depend on
        the order of rows or on a parallel plan. OFFSET 0: a document's day is worked out once, not at each of its uses.
        """
        return SQL(
            """
            SELECT sorted.partner_id,
                   (COUNT(*) FILTER (WHERE sorted.is_order))::int AS order_count,
                   ROUND(SUM(sorted.amount), %(digits)s) AS order_amount,
                   (COUNT(*) FILTER (WHERE sorted.is_order AND sorted.day > %(year_ago)s))::int AS order_count_12m,
                   ROUND(COALESCE(SUM(sorted.amount) FILTER (WHERE sorted.day > %(year_ago)s), 0),
                         %(digits)s) AS order_amount_12m,
                   ROUND(COALESCE(SUM(sorted.amount) FILTER (
                       WHERE sorted.day > %(two_years_ago)s AND sorted.day <= %(year_ago)s
                   ), 0), %(digits)s) AS order_amount_prev_12m,
                   ROUND(SUM(sorted.amount) / NULLIF(COUNT(*) FILTER (WHERE sorted.is_order), 0),
                         %(digits)s) AS average_order_amount,
                   MIN(sorted.day) FILTER (WHERE sorted.is_order) AS first_order_date,
                   MAX(sorted.day) FILTER (WHERE sorted.is_order) AS last_order_date,
                   (MAX(sorted.day) FILTER (WHERE sorted.is_order) - MIN(sorted.day) FILTER (WHERE sorted.is_order)
                   )::float8 / NULLIF(COUNT(*) FILTER (WHERE sorted.is_order) - 1, 0) AS average_order_interval,
                   MAX(sorted.day) FILTER (WHERE sorted.is_order) + ROUND(
                       (MAX(sorted.day) FILTER (WHERE sorted.is_order) - MIN(sorted.day) FILTER (WHERE sorted.is_order)
                       )::numeric / NULLIF(COUNT(*) FILTER (WHERE sorted.is_order) - 1, 0)
                   )::int AS next_order_date,
                   (COUNT(DISTINCT DATE_TRUNC('month', sorted.day::timestamp)) FILTER (WHERE sorted.is_order))::int
                       AS order_months,
                   CASE WHEN SUM(sorted.faded) > 0 THEN LN(SUM(sorted.faded)) END AS faded_order_log,
                   COUNT(*) FILTER (WHERE sorted.amount IS NULL) AS left_out
              FROM (
                SELECT document.partner_id, document.day, sane.amount,
                       document.is_order AND sane.amount IS NOT NULL AS is_order,
                       sane.amount::float8 * POWER(2::float8, %(exponent)s) AS faded
                  FROM (%(documents)s OFFSET 0) AS document
                  JOIN LATERAL (
                    SELECT CASE WHEN ABS(document.amount) <= %(sane)s THEN document.amount END AS amount
                  ) AS sane ON TRUE
                 WHERE document.day <= %(as_of)s
              ORDER BY document.partner_id, document.day, document.amount, document.is_order
              ) AS sorted
          GROUP BY sorted.partner_id
            """,
            digits=self.env.company.currency_id.decimal_places,
            as_of=as_of,
            sane=SANE_AMOUNT,
            year_ago=SQL("DATE %s", as_of - relativedelta(months=12)),
            two_years_ago=SQL("DATE %s", as_of - relativedelta(months=24)),
            exponent=self._faded_exponent(SQL("document.day")),
            documents=self._documents(contacts),
        )

    @api.model
    def _documents(self, contacts):
        """What counts as bought: ``(partner_id, day, amount, is_order)``, untaxed and in the company's currency.

        One source for a company, so nothing is counted twice: confirmed orders, each at its own rate, or posted
        invoices less credit notes. An order without a usable rate has no amount.
        """
        company = self.env.company
        if company.grading_amount_source == "invoice":
            return SQL(
                """
                SELECT contact.commercial_partner_id AS partner_id, move.invoice_date AS day,
                       move.amount_untaxed_signed AS amount, move.move_type = 'out_invoice' AS is_order
                  FROM account_move AS move
                  JOIN %(contacts)s AS contact ON contact.id = move.partner_id
                 WHERE move.company_id = %(company)s AND move.state = 'posted'
                   AND move.move_type IN ('out_invoice', 'out_refund')
                """,
                contacts=contacts,
                company=company.id,
            )
        return SQL(
            """
            SELECT contact.commercial_partner_id AS partner_id,
                   (sale.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day,
                   CASE WHEN sale.currency_rate = 1 THEN sale.amount_untaxed
                        WHEN sale.currency_rate > 0 THEN sale.amount_untaxed / sale.currency_rate END AS amount,
                   TRUE AS is_order
              FROM sale_order AS sale
              JOIN %(contacts)s AS contact ON contact.id = sale.partner_id
             WHERE sale.company_id = %(company)s AND sale.state = 'sale'
            """,
            contacts=contacts,
            tz=company._grading_tz(),
            company=company.id,
        )

    @api.model
    def _unusable_documents(self, contacts):
        """The documents that :meth:`_documents` leaves out because their amount makes no sense: ``(name)``."""
        company = self.env.company
        if company.grading_amount_source == "invoice":
            return SQL(
                """
                SELECT move.name FROM account_move AS move JOIN %s AS contact ON contact.id = move.partner_id
                 WHERE move.company_id = %s AND move.state = 'posted'
                   AND move.move_type IN ('out_invoice', 'out_refund')
                   AND (ABS(move.amount_untaxed_signed) <= %s) IS NOT TRUE
                """,
                contacts, company.id, SANE_AMOUNT,
            )  # fmt: skip
        return SQL(
            """
            SELECT sale.name FROM sale_order AS sale JOIN %s AS contact ON contact.id = sale.partner_id
             WHERE sale.company_id = %s AND sale.state = 'sale'
               AND (sale.currency_rate > 0
                    AND ABS(sale.amount_untaxed / NULLIF(sale.currency_rate, 0)) <= %s) IS NOT TRUE
            """,
            contacts, company.id, SANE_AMOUNT,
        )  # fmt: skip

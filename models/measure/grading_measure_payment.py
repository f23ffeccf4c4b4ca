from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.fields import (
    COMPARISONS,
    COMPARISONS_TO_SQL,
    FloatOrEmpty,
    FloatOrUnknown,
    IntegerOrEmpty,
    MonetaryOrUnknown,
)
from ..base.res_company import DECAY_EPOCH
from .grading_measure_document import MANY_CONTACTS

# What the average is computed from, on the day on which it is read.
LATENESS = ("due_invoice_count", "overdue_invoice_count", "late_days")
# No invoice is later than that: greater numbers are a slip, and might not fit into a double.
MOST_DAYS = 10**9


class GradingMeasure(models.AbstractModel):
    """How a customer pays: what is overdue, and how late invoices are paid.

    An invoice that is open and overdue is as late as it is on the day that is judged: never to pay is no better than to
    pay late. So the average rises every day; it fills no column and is computed where a criterion or a filter reads it,
    from columns that only an invoice or a payment changes.
    """

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        group = self.env._("Payments")
        return {
            **super()._measures(),
            "overdue_amount": {
                "group": group,
                "source": "overdue",
                "label": self.env._("Overdue amount"),
                "unit": "money",
                "zero": True,
            },
            **{name: {"source": "payment"} for name in LATENESS},
            "average_days_late": {
                "group": group,
                "label": self.env._("Average days late"),
                "unit": "days",
                "reads": [*LATENESS],
            },
        }

    @api.model
    def _sources(self, as_of, contacts):
        return {
            **super()._sources(as_of, contacts),
            "overdue": self._overdue_source(as_of, contacts),
            "payment": self._payment_source(as_of, contacts),
        }

    @api.model
    def _receivable_lines(self, as_of, contacts):
        """``FROM … WHERE …`` of the receivable lines of posted customer invoices in the environment's company, each of
        the company that the invoice was posted for."""
        return SQL(
            """
              FROM account_move_line AS line
              JOIN account_move AS move ON move.id = line.move_id
              JOIN account_account AS account ON account.id = line.account_id
              JOIN %(contacts)s AS contact ON contact.id = move.commercial_partner_id
             WHERE line.company_id = %(company)s AND line.parent_state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_receipt') AND move.invoice_date <= %(as_of)s
               AND account.account_type = 'asset_receivable' AND line.date_maturity IS NOT NULL
            """,
            contacts=contacts,
            company=self.env.company.id,
            as_of=as_of,
        )

    @api.model
    def _overdue_source(self, as_of, contacts):
        """What was open on ``as_of`` of the invoices that were due before: what is open today, and what was settled
        since, in the company's currency. A payment of a later day, entered today already, has not come yet. What is due
        in a currency without a rate is left out, as the purchase is."""
        return SQL(
            """
            SELECT due.partner_id, SUM((due.residual + COALESCE(later.amount, 0)) * due.correction) AS overdue_amount
              FROM (
                SELECT contact.commercial_partner_id AS partner_id, line.id, line.amount_residual AS residual,
                       line.reconciled IS NOT TRUE AS is_open, %(correction)s AS correction
                %(lines)s AND line.date_maturity < %(as_of)s
              ) AS due
         LEFT JOIN %(settled_later)s AS later ON later.line_id = due.id
             WHERE due.is_open OR later.amount <> 0
          GROUP BY due.partner_id
            """,
            lines=self._receivable_lines(as_of, contacts),
            correction=self._correction_of_invoice(),
            settled_later=self._settled_later(as_of, contacts),
            as_of=as_of,
        )

    @api.model
    def _unrated_debts(self, as_of, contacts):
        """``SELECT name`` of the overdue invoices, open to this day, that :meth:`_overdue_source` leaves out."""
        return SQL(
            "SELECT DISTINCT move.name %s AND line.date_maturity < %s AND line.reconciled IS NOT TRUE"
            " AND line.amount_residual <> 0 AND (%s) IS NULL",
            self._receivable_lines(as_of, contacts),
            as_of,
            self._correction_of_invoice(),
        )

    @api.model
    def _correction_of_invoice(self, alias="move"):
        """See :meth:`_correction`, of the invoice ``alias``."""
        return self._correction(
            *(SQL.identifier(alias, name) for name in ("invoice_currency_rate", "currency_id", "invoice_date"))
        )

    @api.model
    def _settled_later(self, as_of, contacts):
        """A table expression ``(line_id, amount)``: what was taken off items after the day, in the company's currency;
        of all of them at once, or looked up for those ``due``."""
        of_few = contacts not in MANY_CONTACTS
        settled = SQL(" UNION ALL ").join(
            SQL(
                "SELECT %(key)s AS line_id, %(sign)s * amount AS amount FROM account_partial_reconcile"
                " WHERE max_date > %(as_of)s AND %(looked_up)s",
                key=key,
                sign=sign,
                as_of=as_of,
                looked_up=SQL("%s = due.id", key) if of_few else SQL("TRUE"),
            )
            for key, sign in ((SQL("debit_move_id"), 1), (SQL("credit_move_id"), -1))
        )
        return SQL(
            "%s (SELECT line_id, SUM(amount) AS amount FROM (%s) AS settled GROUP BY line_id)",
            SQL("LATERAL") if of_few else SQL(),
            settled,
        )

    @api.model
    def _payment_source(self, as_of, contacts):
        """The invoices that were paid or are overdue, these of them, and the sum of days from due date to payment, of
        the overdue ones to the epoch."""
        return SQL(
            """
            SELECT due.partner_id, COUNT(*)::int AS due_invoice_count,
                   (COUNT(*) FILTER (WHERE due.is_open))::int AS overdue_invoice_count,
                   SUM(CASE WHEN due.is_open THEN DATE %(epoch)s ELSE due.paid_on END - due.date_maturity)::float8
                       AS late_days
              FROM (%(due)s) AS due
          GROUP BY due.partner_id
            """,
            epoch=DECAY_EPOCH,
            due=self._due_items(as_of, contacts),
        )

    @api.model
    def _due_items(self, as_of, contacts):
        """The receivable lines that were paid or are overdue: ``SELECT partner_id, id, move_id, date_maturity, paid_on,
        is_open``. One that is ``is_open`` was overdue on the day; any other was ``paid_on`` a day by then. What credit
        notes alone have settled was never paid, neither late nor in time, and is left out. What Odoo books beside it
        for another rate is no payment."""
        source = SQL("SELECT item.move_id FROM account_move_line AS item WHERE item.id = partial.credit_move_id")
        return SQL(
            """
            SELECT due.*
              FROM (
                SELECT receivable.partner_id, receivable.id, receivable.move_id, receivable.date_maturity, last.paid_on,
                       receivable.is_open OR last.settled_on > %(as_of)s AS is_open
                  FROM (
                    SELECT contact.commercial_partner_id AS partner_id, line.id, line.move_id, line.date_maturity,
                           line.reconciled IS NOT TRUE AND line.amount_residual > 0 AS is_open, line.reconciled
                    %(lines)s
                  ) AS receivable
             LEFT JOIN LATERAL (
                    SELECT MAX(partial.max_date) AS settled_on,
                           MAX(partial.max_date) FILTER (WHERE %(source_type)s <> 'out_refund') AS paid_on
                      FROM account_partial_reconcile AS partial
                     WHERE partial.debit_move_id = receivable.id AND receivable.reconciled AND %(is_no_exchange)s
                  ) AS last ON TRUE
              ) AS due
             WHERE CASE WHEN due.is_open THEN due.date_maturity < %(as_of)s ELSE due.paid_on <= %(as_of)s END
            """,
            lines=self._receivable_lines(as_of, contacts),
            # Looked up, not joined: this is carried out for each item, and in a run over all without nested loops.
            source_type=SQL("(SELECT source.move_type FROM account_move AS source WHERE source.id = (%s))", source),
            is_no_exchange=SQL(
                "(SELECT 1 FROM account_partial_reconcile AS made WHERE made.exchange_move_id = (%s) LIMIT 1) IS NULL",
                source,
            ),
            as_of=as_of,
        )

    @api.model
    def _value_to_sql(self, name, as_of, date_unit="days"):
        if name == "average_days_late":
            return self._days_late_to_sql(as_of)
        return super()._value_to_sql(name, as_of, date_unit)

    @api.model
    def _days_late_to_sql(self, as_of, alias="grading_profile"):
        """How late invoices are paid on average as of a day; NULL where none was due.

        ``((late_days + overdue_invoice_count * (DATE '2026-01-31' - DATE '2020-01-01'))
        / NULLIF(due_invoice_count, 0))``
        """
        due, overdue, late = (SQL.identifier(alias, name) for name in LATENESS)
        return SQL("((%s + %s * (DATE %s - DATE %s)) / NULLIF(%s, 0))", late, overdue, as_of, DECAY_EPOCH, due)


class GradingProfile(models.Model):
    """Measured: how the customer pays."""

    _inherit = "grading.profile"

    overdue_amount = MonetaryOrUnknown(readonly=True, help="What is open on invoices past their due date.")
    due_invoice_count = IntegerOrEmpty(string="Invoices Paid or Overdue", readonly=True)
    overdue_invoice_count = IntegerOrEmpty(string="Overdue Invoices", readonly=True)
    late_days = FloatOrEmpty(
        string="Days Late",
        readonly=True,
        aggregator=None,
        help="Sum of the days from due date to payment; of overdue invoices to %s: it does not change with time."
        % DECAY_EPOCH,
    )
    average_days_late = FloatOrUnknown(
        compute="_compute_average_days_late",
        search="_search_average_days_late",
        aggregator="avg",
        help="From due date to payment, over all invoices that were paid or are overdue: early ones count as negative, "
        "overdue ones as late as they are today.",
    )

    @api.depends(*LATENESS)
    @api.depends_context("grading_as_of", "company")
    def _compute_average_days_late(self):
        days = (self._grading_day() - fields.Date.to_date(DECAY_EPOCH)).days
        for profile in self:
            due, overdue, late = (profile[name] for name in LATENESS)
            profile.average_days_late = (late + overdue * days) / due if due else False

    def _search_average_days_late(self, operator, value):
        """Where no invoice was due the average is unknown, and no number finds that."""
        if operator == "in":
            conditions = [SQL("IS NULL") if number is False else self._compared("=", number) for number in value]
        elif operator in COMPARISONS:
            conditions = [self._compared(operator, value)]
        else:
            return NotImplemented
        return Domain.OR(
            Domain.custom(
                to_sql=lambda model, alias, query, condition=condition: SQL(
                    "%s %s", model._field_to_sql(alias, "average_days_late", query), condition
                )
            )
            for condition in conditions
        )

    @api.model
    def _compared(self, operator, value):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= MOST_DAYS:
            label = self._fields["average_days_late"]._description_string(self.env)
            raise UserError(self.env._("“%s” is a number of days: compare it with a number.", label))
        return SQL("%s %s::float8", COMPARISONS_TO_SQL.get(operator, SQL("=")), value)

    def _field_to_sql(self, alias, field_expr, query=None):
        """The average as a column, so that one can sort by it and average it."""
        if field_expr != "average_days_late":
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        return self.env["grading.measure"]._days_late_to_sql(self._grading_day(), alias)

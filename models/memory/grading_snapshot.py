import json

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..base.fields import FloatOrUnknown, IntegerOrEmpty, MonetaryOrUnknown
from ..base.subject import SUBJECTS
from ..run.grading_staging import SCORES

# How far back the past is judged: two years can be compared.
BACKFILLED_MONTHS = 24
# What is kept of customers beside scores, grade and stage; see grading.measure.
KEPT_MEASURES = ("order_amount_12m", "order_count_12m", "purchase_probability", "expected_amount")


def month_end(day, months=0):
    """The last day of the month that lies so many months after that of ``day``."""
    return day + relativedelta(months=months, day=31)


class GradingSnapshot(models.Model):
    """How a customer of a company, or an open lead, was graded when a month ended.

    One row for each of them and month, never edited and never written twice: as the profiles stood when the month was
    over, or, where there were none, as the month's last day is judged by the rules of today (*backfilled*).
    The table grows by all customers each month, so a row is narrow: no names, no reasons, no time of its making.
    """

    _name = "grading.snapshot"
    _inherit = ["grading.lead.access.mixin", "grading.prospect.access.mixin", "grading.amount.sum.mixin"]
    _description = "Grading Snapshot"
    _order = "date desc, id desc"
    _log_access = False

    date = fields.Date(required=True, readonly=True, help="The last day of the month.")
    profile_id = fields.Many2one("grading.profile", ondelete="set null", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", ondelete="cascade", index="btree_not_null", readonly=True
    )
    lead_id = fields.Many2one("crm.lead", ondelete="cascade", index="btree_not_null", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    scheme_id = fields.Many2one("grading.scheme", ondelete="set null", readonly=True)
    scheme_version = fields.Integer(aggregator=None, readonly=True, help="Which version of the scheme it was.")
    grade_id = fields.Many2one("grading.grade", ondelete="restrict", readonly=True)
    lifecycle_id = fields.Many2one("grading.lifecycle", string="Stage", ondelete="set null", readonly=True)
    score = FloatOrUnknown(digits=(16, 2), aggregator="avg", readonly=True)
    value_score = FloatOrUnknown(digits=(16, 2), aggregator="avg", readonly=True)
    loyalty_score = FloatOrUnknown(digits=(16, 2), aggregator="avg", readonly=True)
    potential_score = FloatOrUnknown(digits=(16, 2), aggregator="avg", readonly=True)
    fit_score = FloatOrUnknown(digits=(16, 2), aggregator="avg", readonly=True)
    intent_score = FloatOrUnknown(digits=(16, 2), aggregator="avg", readonly=True)
    order_amount_12m = MonetaryOrUnknown(string="Amount, 12 Months", readonly=True)
    order_count_12m = IntegerOrEmpty(string="Orders, 12 Months", readonly=True)
    purchase_probability = FloatOrUnknown(string="Probability to Buy", aggregator="avg", readonly=True)
    expected_amount = MonetaryOrUnknown(
        string="Forecast Revenue", readonly=True, help="What the customer was expected to spend from then on."
    )
    expected_days = IntegerOrEmpty(
        string="Expected within (days)", aggregator=None, readonly=True, help="Within how many days it was expected."
    )
    backfilled = fields.Boolean(readonly=True, help="Judged afterwards, by the rules of a later day.")

    # A customer's number is positive here, a lead's negative.
    _subject_unique = models.UniqueIndex(
        "(date, company_id, COALESCE(partner_id, -lead_id))", "There is one snapshot of a customer or lead for a month."
    )
    _profile_date_index = models.Index("(profile_id, date)")
    _one_subject = models.Constraint(
        "CHECK (num_nonnulls(partner_id, lead_id) = 1)",
        "A snapshot is about one customer or about one lead, not both.",
    )

    @api.depends("partner_id", "lead_id", "date")
    def _compute_display_name(self):
        for snapshot in self:
            subject = snapshot._subject().display_name
            snapshot.display_name = ", ".join(filter(None, (subject, format_date(self.env, snapshot.date))))

    @api.model
    def _prospects_domain(self):
        """Where the scheme is no longer known, customers without an order may have been prospects."""
        unknown = Domain("scheme_id", "=", False) & Domain("order_count_12m", "=", 0)
        return super()._prospects_domain() | unknown

    # ------------------------------------------------------------
    # Written by runs alone
    # ------------------------------------------------------------

    @api.model
    def _take(self, day, profiles=None):
        """Remember the customers and open leads of the environment's company as the month that ended with ``day`` left
        their profiles: one statement.

        No run has changed them since, but people have: a grade given by hand, a profile made for one, a lead that was
        won or lost are of the month that has begun. Archived contacts are no more a part of what the company works
        with.

        :param datetime.date day: the last day of a month
        :param list profiles: ids of the profiles in question, all without it
        :return: how many were written
        :rtype: int
        """
        own = {
            "profile_id": SQL("profile.id"),
            "backfilled": SQL("FALSE"),
            "grade_id": SQL("CASE WHEN later.id IS NULL THEN profile.grade_id ELSE later.old_grade_id END"),
            "scheme_version": self._version_then(),
        }
        end = self.env["grading.measure"]._end_of_day(day)
        return self._insert(
            {**self._values_to_sql("profile", day), **own},
            SQL(
                """
                grading_profile AS profile
           LEFT JOIN res_partner AS customer ON customer.id = profile.partner_id
           LEFT JOIN crm_lead AS lead ON lead.id = profile.lead_id
           LEFT JOIN LATERAL (
                         SELECT line.id, line.old_grade_id FROM grading_history AS line
                          WHERE line.profile_id = profile.id AND line.date > %(day)s AND line.user_id IS NOT NULL
                       ORDER BY line.date, line.id LIMIT 1
                     ) AS later ON TRUE
               WHERE profile.company_id = %(company)s AND %(asked)s
                 AND (profile.create_uid IS NULL OR profile.create_date < %(end)s)
                 AND (customer.active OR %(is_open)s OR lead.date_closed >= %(end)s)
                """,
                day=day,
                company=self.env.company.id,
                asked=self._among("profile.id", profiles),
                is_open=self.env["crm.lead"]._grading_is_open_to_sql("lead"),
                end=end,
            ),
        )

    @api.model
    def _among(self, column, profiles):
        """
        :param str column: what a query calls the id of a profile, as ``"own.profile_id"``
        :param list profiles: ids, ``None`` for all
        :return: the condition that it is one of them
        :rtype: odoo.tools.SQL
        """
        return SQL("TRUE") if profiles is None else SQL("%s = ANY(%s)", SQL.identifier(*column.split(".")), profiles)

    @api.model
    def _version_then(self):
        """The version of a profile's scheme by which the last run over all has judged; another may be in force since.

        :rtype: odoo.tools.SQL
        """
        last = self.env["grading.run"]._last_full(self.env.company)
        versions = {scheme: version for own in (last.scheme_versions or {}).values() for scheme, version in own.items()}
        return SQL(
            "COALESCE((%s::jsonb ->> profile.scheme_id::text)::int, %s)",
            json.dumps(versions),
            self._version_now("profile"),
        )

    @api.model
    def _version_now(self, alias):
        return SQL(
            "(SELECT scheme.version FROM grading_scheme AS scheme WHERE scheme.id = %s)",
            SQL.identifier(alias, "scheme_id"),
        )

    @api.model
    def _backfill(self, subject, table, day):
        """Write the snapshots of those who were judged on ``day``, of whom there is none. Judging takes its time: those
        who were deleted meanwhile have none.

        :param str subject: a key of SUBJECTS
        :param odoo.tools.SQL table: *graded*, with the profile's columns
        """
        own = {"profile_id": SQL("profile.id"), "backfilled": SQL("TRUE")}
        return self._insert(
            {**self._values_to_sql("graded", day), **own},
            SQL(
                """
                %(graded)s AS graded
                JOIN %(table)s AS subject ON subject.id = graded.%(key)s
           LEFT JOIN grading_profile AS profile
                  ON profile.%(key)s = graded.%(key)s AND profile.company_id = graded.company_id
               WHERE graded.closed_date IS NULL OR %(all)s
                """,
                graded=table,
                table=SQL.identifier(SUBJECTS[subject].table),
                key=SQL.identifier(SUBJECTS[subject].key),
                all=subject == "customer",
            ),
        )

    @api.model
    def _values_to_sql(self, alias, day):
        """What a snapshot keeps of a row with the profile's columns: ``{column: SQL}``.

        :param str alias: what the query calls the row
        :param datetime.date day: the last day of the month
        :rtype: dict[str, odoo.tools.SQL]
        """
        kept = ("partner_id", "lead_id", "company_id", "scheme_id", "grade_id", "lifecycle_id", *SCORES)
        kept += ("order_amount_12m", "order_count_12m", "expected_amount")
        return {
            "date": SQL("DATE %s", day),
            **{name: SQL.identifier(alias, name) for name in kept},
            "scheme_version": self._version_now(alias),
            "purchase_probability": self.env["grading.purchase.model"]._probability_to_sql(day, alias),
            "expected_days": SQL(
                "CASE WHEN %s IS NOT NULL THEN %s END",
                SQL.identifier(alias, "expected_amount"),
                self.env["grading.forecast"]._current(day).horizon_days,
            ),
        }

    @api.model
    def _insert(self, values, source):
        """Write a row for each of ``source`` that there is none of yet, in one statement.

        :param dict values: ``{column: SQL}``
        :param odoo.tools.SQL source: what follows ``FROM``
        :return: how many were written
        :rtype: int
        """
        statement = SQL(
            """
            WITH written AS (
                INSERT INTO grading_snapshot (%(columns)s) SELECT %(values)s FROM %(source)s
                    ON CONFLICT DO NOTHING
             RETURNING 1
            )
            SELECT COUNT(*) FROM written
            """,
            columns=SQL(", ").join(SQL.identifier(name) for name in values),
            values=SQL(", ").join(values.values()),
            source=source,
        )
        with self.env["grading.worktable"]._planner(jit="off"):  # to compile it takes longer than it saves
            [[count]] = self.env.execute_query(statement)
        return count

    # ------------------------------------------------------------
    # The months of which nothing is remembered
    # ------------------------------------------------------------

    @api.model
    def _is_there(self, day):
        """Whether the environment's company has snapshots of the month that ended with ``day``, and not only a part."""
        if self.env.company.grading_partial_month == day:
            return False
        return bool(self.sudo().search_count([("date", "=", day), ("company_id", "=", self.env.company.id)], limit=1))

    @api.model
    def _months_missing(self):
        """The ends of the last 24 months of which the environment's company has no snapshot, as far back as it had
        documents, and keeps snapshots.

        :rtype: list[datetime.date]
        """
        company = self.env.company
        today, first = company._grading_today(), self._first_document_day()
        months = range(1, min(BACKFILLED_MONTHS, company.grading_snapshot_months) + 1)
        days = [month_end(today, -back) for back in months]
        return [day for day in days if first and first <= day and not self._is_there(day)]

    @api.model
    def _first_document_day(self):
        """The day of the first order, customer invoice, lead or ticket of the point of sale of the environment's
        company, where it works; ``None`` before there is one.

        :rtype: datetime.date | None
        """
        company = self.env.company
        [[day]] = self.env.execute_query(
            SQL(
                """
                SELECT LEAST(
                    (LEAST(
                        (SELECT MIN(date_order) FROM sale_order WHERE company_id = %(company)s),
                        (SELECT MIN(lead.create_date) FROM crm_lead AS lead WHERE %(ours)s),
                        %(first_ticket)s
                    ) AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date,
                    (SELECT MIN(invoice_date) FROM account_move
                      WHERE company_id = %(company)s AND state = 'posted'
                        AND move_type IN ('out_invoice', 'out_refund', 'out_receipt'))
                )
                """,
                company=company.id,
                ours=self.env["grading.population"]._lead_is_ours(),
                first_ticket=self.env["grading.measure"]._first_ticket_to_sql(),
                tz=company._grading_tz(),
            )
        )
        return day

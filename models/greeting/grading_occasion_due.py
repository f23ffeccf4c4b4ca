import logging
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..base.grading_job_mixin import attempt, said

# A greeting that was missed is made up for within so many days, and never sent later.
GRACE_DAYS = 3
# After a greeting on a day of the year there is none again within so many days, even if the birthdate is corrected or
# the day on which 29 February is kept changes.
YEARLY_DAYS = 180
# The same after the date of a variable feast was deleted: its dates of two years are further apart than that.
DATED_DAYS = 60
_logger = logging.getLogger(__name__)
# Greetings that are made at once, in a fraction of the time that a scheduled action has.
BATCH = 200


class GradingOccasion(models.Model):
    """The contacts to greet now, and for which day."""

    _inherit = "grading.occasion"

    def _days_due(self):
        """The days to greet for now in the current company: from the first in the grace period to the last that is to
        be prepared.

        :return: ``[(month, day, date, id of the grading.occasion.date or None)]``
        :rtype: list
        """
        self.ensure_one()
        today = self.env.company._grading_today()
        first, last = today - timedelta(days=GRACE_DAYS), today + timedelta(days=self.days_before)
        if self.kind == "dated":
            lines = self.line_ids.filtered(lambda line: first <= line.date <= last)
            return [(line.date.month, line.date.day, line.date, line.id) for line in lines]
        kept = [(*day, None) for day in self.env.company._grading_days_kept(first, last)]
        if self.kind == "fixed":
            return [day for day in kept if day[:2] == (self.month, self.day)]
        return kept

    def _due_select(self, partner_ids=None):
        """The contacts to greet in the current company who have no greeting yet, one row each::

            SELECT person.id AS partner_id, kept.date, kept.line_id, profile.grade_id FROM … WHERE …

        All fields must be flushed before it runs.

        :param list partner_ids: only these contacts; all by default
        :rtype: odoo.tools.SQL or None when no day is due
        """
        self.ensure_one()
        days = self._days_due()
        if not days:
            return None
        return SQL(
            """
            SELECT person.id AS partner_id, kept.date, kept.line_id, profile.grade_id
              FROM grading_profile AS profile
              JOIN res_partner AS customer ON customer.id = profile.partner_id AND customer.active
              JOIN res_partner AS person ON %(person)s AND person.active
              JOIN (VALUES %(days)s) AS kept (month, day, date, line_id) ON %(kept)s
             WHERE profile.company_id = %(company)s AND %(among)s AND %(filter)s
               AND NOT EXISTS (SELECT FROM grading_greeting AS made
                                WHERE made.occasion_id = %(occasion)s AND made.partner_id = person.id
                                  AND %(same)s)
            """,
            person=self._person_to_sql(),
            days=SQL(", ").join(SQL("(%s, %s, %s::date, %s::int)", *day) for day in days),
            kept=self._kept_to_sql(),
            company=self.env.company.id,
            among=SQL("TRUE") if partner_ids is None else SQL("person.id = ANY(%s)", partner_ids),
            filter=self._filter_to_sql(),
            occasion=self.id,
            same=self._same_to_sql(),
        )

    def _same_to_sql(self):
        """Whether the greeting ``made`` was for the day that is due, even if its date was corrected since:
        ``ABS(made.date - kept.date) < 180`` for one that comes once a year."""
        if self.kind != "dated":
            return SQL("ABS(made.date - kept.date) < %s", YEARLY_DAYS)
        # Two dates at a time are two greetings. A date that is overwritten may be the one of next year.
        return SQL(
            """
            (made.date = kept.date
             OR made.occasion_date_id = kept.line_id AND ABS(made.date - kept.date) < %s
             OR made.occasion_date_id IS NULL AND ABS(made.date - kept.date) < %s)
            """,
            YEARLY_DAYS,
            DATED_DAYS,
        )

    def _person_to_sql(self):
        """Which of the customer's contacts are greeted: on birthdays each person, else the customer
        (``person.id = customer.id``)."""
        if self.kind == "birthday":
            return SQL("person.commercial_partner_id = customer.id AND person.is_company IS NOT TRUE")
        return SQL("person.id = customer.id")

    def _kept_to_sql(self):
        """Whether a day that is due is the contact's own; a feast is kept for all contacts (``TRUE``).

        A birthday: ``EXTRACT(MONTH FROM "person"."birthdate_date") = kept.month AND …``.
        """
        if self.kind in ("fixed", "dated"):
            return SQL("TRUE")
        if self.kind == "birthday":
            origin = SQL.identifier("person", "birthdate_date")
        elif self.anniversary_of == "founded":
            origin = SQL.identifier("customer", "grading_founded_date")
        else:
            origin = SQL.identifier("profile", "first_order_date")
        return SQL(
            """
            EXTRACT(MONTH FROM %(origin)s) = kept.month AND EXTRACT(DAY FROM %(origin)s) = kept.day
            AND EXTRACT(YEAR FROM %(origin)s) < EXTRACT(YEAR FROM kept.date)
            """,
            origin=origin,
        )

    def _filter_to_sql(self):
        """Whether the customer has one of the grades, and the contact one of the countries or languages, and neither of
        them is not to be disturbed: ``… AND profile.grade_id = ANY('{4}') AND (… OR …)``."""
        conditions = [SQL("person.grading_do_not_disturb IS NOT TRUE AND customer.grading_do_not_disturb IS NOT TRUE")]
        if self.grade_ids:
            conditions.append(SQL("profile.grade_id = ANY(%s)", self.grade_ids.ids))
        if self.country_ids or self.lang_ids:
            conditions.append(
                SQL(
                    "(COALESCE(person.country_id, customer.country_id) = ANY(%s::int[])"
                    " OR COALESCE(person.lang, customer.lang) = ANY(%s::varchar[]))",
                    self.country_ids.ids,
                    self.lang_ids.mapped("code"),
                )
            )
        return SQL(" AND ").join(conditions)

    # ------------------------------------------------------------
    # Scheduled action
    # ------------------------------------------------------------

    @api.model
    def _cron_greet(self):
        """Make the greetings that are due, in each company whose hour has come; what was missed is made up for within
        the grace period."""
        companies = self.env["res.company"].search([("active", "=", True)])
        self._repeat(
            [
                (f"Greeting on {occasion.name} ({occasion.id}) in {company.name}", occasion._greeting_step())
                for company in companies.filtered(lambda company: company._grading_is_greeting_time())
                for occasion in self.with_company(company)._in_force()
            ]
        )

    def _greeting_step(self):
        """A step for :meth:`~.GradingJobMixin._repeat` that greets batch by batch.

        The contacts are searched for once: among tens of thousands that takes as long as the greetings of a batch.
        """
        waiting = None

        def greet_next():
            nonlocal waiting
            if waiting is None:
                waiting = self._due_partner_ids()
            batch = waiting[:BATCH]
            if not batch:
                return 0
            self._greet_isolated(batch)
            waiting = [] if self.error else waiting[BATCH:]  # of an occasion that fails, the next job tries the rest
            return len(batch)

        return greet_next

    def _due_partner_ids(self):
        """The contacts to greet in the current company who have no greeting yet, those of the earliest day first.

        :rtype: list[int]
        """
        self.env.flush_all()
        due = self._due_select()
        if not due:
            return []
        rows = self.env.execute_query(
            SQL(
                "SELECT partner_id FROM (%s) AS due GROUP BY partner_id ORDER BY MIN(date), partner_id",
                due,
            )
        )
        return [partner_id for [partner_id] in rows]

    def _greet_isolated(self, partner_ids):
        """Greet these contacts. An occasion that fails keeps its error and the other occasions go on.

        :param list partner_ids: those that were due when the job began
        """
        text = "Greeting on occasion %s failed"
        error = attempt(self.env, lambda: self._greet(partner_ids), _logger, text, self.id)
        if error or self.error:
            self.error = said(error) if error else False
        self.flush_recordset()

    def _greet(self, partner_ids=None):
        """Make greetings in the current company: a message to those who may get one, else an activity.

        :param list partner_ids: only these of the contacts that are due; all by default
        :rtype: grading.greeting
        """
        self.ensure_one()
        self.env.flush_all()  # the contacts and their salespeople are found by SQL
        greetings = self.env["grading.greeting"]._claim(self, partner_ids)
        if greetings:
            (greetings - greetings._send())._plan()
            unassigned = greetings.filtered(lambda greeting: greeting.state == "nobody")
            if unassigned:
                _logger.info("Occasion %s: no user is responsible for the greetings %s", self.id, unassigned.ids)
        return greetings

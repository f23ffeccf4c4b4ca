import logging
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL, split_every

from ..base.grading_job_mixin import COLLISIONS
from ..care.grading_care_plan import TRIES

# A greeting that was missed is caught up within so many days, and never sent later.
GRACE_DAYS = 3
# Who was greeted on a day of the year is not greeted again within so many days: somebody corrects his birthdate, or
# changes when 29 February is kept.
YEARLY_DAYS = 180
# Of a dated feast whose date was deleted, the new one is within so many days: its dates of two years are further apart.
DATED_DAYS = 60
_logger = logging.getLogger(__name__)
# Greetings that are made at once, in a fraction of the time that a scheduled action has.
BATCH = 200


class GradingOccasion(models.Model):
    """Who is to be greeted now, and on which day."""

    _inherit = "grading.occasion"

    def _in_force(self):
        """The active occasions of the current company.

        :rtype: grading.occasion
        """
        return self.search([("active", "=", True), ("company_id", "in", (False, self.env.company.id))])

    def _days_due(self):
        """The days that are greeted for now in the current company: from those that the grace still allows up to those
        that are to be prepared.

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
        """Who is due and was not greeted yet in the current company, one row each::

            SELECT person.id AS partner_id, kept.date, kept.line_id, profile.grade_id FROM … WHERE …

        :param list partner_ids: among whom; all by default
        :rtype: odoo.tools.SQL or None when no day is due
        """
        self.ensure_one()
        days = self._days_due()
        if not days:
            return None
        for model in ("res.partner", "grading.profile", "grading.greeting"):
            self.env[model].flush_model()
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
        """Whether the greeting ``made`` was for the day that is due, though somebody has corrected its date since."""
        if self.kind != "dated":
            return SQL("ABS(made.date - kept.date) < %s", YEARLY_DAYS)
        # Two dates that stand side by side are two greetings. A date that is written over may be the one of next year.
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
        """Who of the customer is greeted: each person on his birthday, else the customer himself."""
        if self.kind == "birthday":
            return SQL("person.commercial_partner_id = customer.id AND person.is_company IS NOT TRUE")
        return SQL("person.id = customer.id")

    def _kept_to_sql(self):
        """Whether a day that is due is the person's own; a feast is everybody's."""
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
        """Whether the customer has one of the grades, and the person one of the countries or languages, and neither of
        them wants to be left in peace."""
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
    # The scheduled action
    # ------------------------------------------------------------

    # The scheduled action that greets, each company on its own day.

    @api.model
    def _cron_greet(self):
        """Greet all who are due, in each company whose hour has come; what was missed is caught up within the grace."""
        companies = self.env["res.company"].search([("active", "=", True)])
        due = [
            (occasion, partner_ids)
            for company in companies.filtered(lambda company: company._grading_is_greeting_time())
            for occasion in self.with_company(company)._in_force()
            if (partner_ids := occasion._due_partner_ids())
        ]
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=sum(len(partner_ids) for _occasion, partner_ids in due))
        for occasion, partner_ids in due:
            for batch in split_every(BATCH, partner_ids, list):
                if not occasion._greet_committed(batch):
                    return
                if occasion.error:
                    break  # the next job tries the rest as well
        cron._commit_progress(remaining=0)

    def _due_partner_ids(self):
        """Who is due and was not greeted yet in the current company, those of the earliest day first.

        Asked for once a job: among tens of thousands it takes as long as making the greetings of a batch.

        :rtype: list[int]
        """
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

    def _greet_committed(self, partner_ids):
        """Greet these contacts and commit; what collides with another job or somebody's save is done once more.

        :param list partner_ids: who was due when the job began
        :return: whether there is time for more; not after one collision upon another, which is left to the next job
        :rtype: bool
        """
        for _attempt in range(TRIES):
            try:
                self._greet_isolated(partner_ids)
            except COLLISIONS:
                _logger.info("Somebody else is at the contacts of occasion %s as well", self.id)
                self.env.cr.rollback()
            else:
                return bool(self.env["ir.cron"]._commit_progress(len(partner_ids)))
        return False

    def _greet_isolated(self, partner_ids):
        """Greet; an occasion that fails says why and keeps the others from nothing."""
        try:
            with self.env.cr.savepoint():
                self._greet(partner_ids)
        except COLLISIONS:
            raise
        except Exception as error:
            _logger.exception("Greeting on occasion %s failed", self.id)
            self.error = str(error).strip() or repr(error)
        else:
            if self.error:
                self.error = False
        self.flush_recordset()

    def _greet(self, partner_ids=None):
        """Make greetings in the current company: a message to those who may get one, else an activity.

        :param partner_ids: whom of those who are due; all by default
        :rtype: grading.greeting
        """
        self.ensure_one()
        greetings = self.env["grading.greeting"]._claim(self, partner_ids)
        if greetings:
            (greetings - greetings._send())._plan()
            nobody = greetings.filtered(lambda greeting: greeting.state == "nobody")
            if nobody:
                _logger.info("Occasion %s: nobody is responsible for the greetings %s", self.id, nobody.ids)
        return greetings

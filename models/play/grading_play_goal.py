from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# From this satisfaction on a customer is content of whom none was known before.
CONTENT = 7


class GradingPlayCase(models.Model):
    """What followed: whether the goal was reached in its time, and what was bought; found in sets."""

    _inherit = "grading.play.case"

    @api.model
    def _cron_follow_up(self):
        """Once a day, in every company: goals that were reached, times that are over, and what was bought meanwhile."""
        steps = []
        for company in self.env["res.company"].search([("active", "=", True)]):
            cases = self.with_company(company)
            steps += [
                (f"Goals of the plays of {company.name}", cases._follow_up_once),
                (f"What followed the plays of {company.name}", cases._measure),
            ]
        self._repeat(steps)

    @api.model
    def _follow_up_once(self):
        """Goals first: what was reached on the last day has not expired.

        :return: 0, there is nothing more to do
        """
        self._reach_goals()
        self._expire()
        return 0

    # ------------------------------------------------------------
    # Goals
    # ------------------------------------------------------------

    @api.model
    def _reach_goals(self, condition=None, goals=None):
        """Note the goals that are reached in the current company, those of the control group too; the cases that are
        running end.

        :param odoo.tools.SQL condition: only these rows ``play_case``; all by default
        :param goals: only these goals; all by default
        :return: the cases that have ended
        :rtype: grading.play.case
        """
        self.env.flush_all()
        today, ended = self.env.company._grading_today(), self.sudo().browse()
        waiting = self.env.execute_query(
            SQL(
                """
                SELECT play.goal, ARRAY_AGG(play_case.id)
                  FROM grading_play_case AS play_case JOIN grading_play AS play ON play.id = play_case.play_id
                 WHERE play_case.company_id = %(company)s AND play_case.state IN ('running', 'control')
                   AND play_case.date_reached IS NULL AND play_case.is_complete IS NOT TRUE AND %(condition)s
              GROUP BY play.goal
                """,
                company=self.env.company.id,
                condition=condition or SQL("TRUE"),
            )
        )
        for goal, ids in waiting:
            if goals is None or goal in goals:
                ended += self.sudo()._reach_goal(goal, ids, today)
        ended._close()
        return ended

    def _reach_goal(self, goal, ids, today):
        """Note of the cases ``ids`` those that have reached their goal.

        :return: the cases that have ended
        """
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE grading_play_case AS reached SET
                       date_reached = found.day,
                       date_end = CASE reached.state WHEN 'running' THEN %(today)s ELSE reached.date_end END,
                       state = CASE reached.state WHEN 'running' THEN 'reached' ELSE reached.state END,
                       write_date = NOW() AT TIME ZONE 'UTC'
                  FROM (
                    SELECT goal.case_id, MIN(goal.day) AS day
                      FROM (%(goal)s) AS goal JOIN grading_play_case AS play_case ON play_case.id = goal.case_id
                     WHERE goal.day <= play_case.date_deadline
                  GROUP BY goal.case_id
                  ) AS found
                 WHERE found.case_id = reached.id
             RETURNING reached.id, reached.state
                """,
                today=today,
                goal=self._goal_selects(today, ids)[goal](),
            )
        )
        self.invalidate_model(flush=False)
        return self.browse(case_id for case_id, state in rows if state == "reached")

    def _goal_selects(self, today, ids):
        """For each goal a function that returns ``SELECT case_id, day``: when the cases ``ids`` have reached it, which
        may be after their time."""
        cases = self._cases_select(ids)
        return {
            "order": lambda: self._order_goal(cases, ids, today),
            "contact": lambda: self._contact_goal(cases, ids),
            "complaint_closed": lambda: self._complaint_goal(cases),
            "satisfaction_up": lambda: self._profile_goal(
                cases, today, SQL("profile.satisfaction > COALESCE(play_case.satisfaction_then, %s)", CONTENT - 1)
            ),
            "grade_up": lambda: self._profile_goal(
                cases,
                today,
                SQL(
                    "CASE WHEN play_case.grade_id IS NULL THEN grade.id IS NOT NULL"
                    " ELSE EXISTS (SELECT FROM grading_grade AS was WHERE was.id = play_case.grade_id"
                    " AND (grade.sequence, grade.id) < (was.sequence, was.id)) END"
                ),
            ),
        }

    @api.model
    def _cases_select(self, ids):
        """The cases ``ids`` with the customer that each is about, of a lead its customer, and the moment and day of the
        start where the company works."""
        return SQL(
            """
            SELECT own.*, COALESCE(own.partner_id, person.commercial_partner_id) AS customer_id,
                   own.date_start AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s AS moment
              FROM grading_play_case AS own
         LEFT JOIN crm_lead AS lead ON lead.id = own.lead_id
         LEFT JOIN res_partner AS person ON person.id = lead.partner_id
             WHERE own.id = ANY(%(ids)s)
            """,
            tz=self.env.company._grading_tz(),
            ids=list(ids),
        )

    @api.model
    def _contacts_of(self, ids):
        """A table expression of the contacts of the customers that the cases ``ids`` are about."""
        return SQL(
            "(SELECT id, commercial_partner_id FROM res_partner WHERE commercial_partner_id IN"
            " (SELECT customer_id FROM (%s) AS asked))",
            self._cases_select(ids),
        )

    @api.model
    def _bought_after(self):
        """Whether ``purchase`` came after the start of ``play_case``: later on the same day where the document has a
        time of day."""
        return SQL("COALESCE(purchase.moment > play_case.moment, purchase.day > play_case.moment::date)")

    @api.model
    def _order_goal(self, cases, ids, today):
        """An order of the customer; of a lead also that it was won."""
        return SQL(
            """
            SELECT play_case.id AS case_id, purchase.day
              FROM (%(cases)s) AS play_case
              JOIN (%(purchases)s) AS purchase ON purchase.partner_id = play_case.customer_id
             WHERE purchase.is_order AND %(after)s
         UNION ALL
            SELECT play_case.id, DATE %(today)s FROM (%(cases)s) AS play_case
              JOIN crm_lead AS lead ON lead.id = play_case.lead_id WHERE lead.won_status = 'won'
            """,
            cases=cases,
            purchases=self.env["grading.measure"]._purchases(today, self._contacts_of(ids)),
            after=self._bought_after(),
            today=today,
        )

    @api.model
    def _contact_goal(self, cases, ids):
        Source, tz = self.env["grading.contact.source"], self.env.company._grading_tz()
        contacts = self._contacts_of(ids)
        leads = SQL(
            "(SELECT id FROM %s AS concerned UNION SELECT lead_id FROM grading_play_case"
            " WHERE id = ANY(%s) AND lead_id IS NOT NULL)",
            Source._leads_of(contacts),
            list(ids),
        )
        [[since]] = self.env.execute_query(
            SQL("SELECT MIN(date_start) FROM grading_play_case WHERE id = ANY(%s)", list(ids))
        )
        return SQL(
            """
            SELECT play_case.id AS case_id, contact.day
              FROM (%(cases)s) AS play_case
              JOIN (%(contacts)s) AS contact
                ON contact.lead_id = play_case.lead_id OR contact.partner_id = play_case.partner_id
             WHERE contact.moment > play_case.date_start AND contact.moment <= %(now)s
               AND contact.counted > 0 AND (contact.lead_id = play_case.lead_id OR %(counts_here)s)
            """,
            counts_here=Source._counts_in(self.env.company),
            cases=cases,
            now=fields.Datetime.now(),
            contacts=Source._contacts_select(contacts, leads, tz, since=since),
        )

    @api.model
    def _complaint_goal(self, cases):
        """The complaint that the play answers is closed; where it answers something else, any that was closed since,
        while none is open."""
        return SQL(
            """
            SELECT play_case.id AS case_id, complaint.date_close AS day
              FROM (%(cases)s) AS play_case
              JOIN grading_complaint AS complaint
                ON complaint.partner_id = play_case.customer_id AND complaint.company_id = play_case.company_id
             WHERE complaint.date_close >= play_case.moment::date
               AND CASE WHEN play_case.complaint_id IS NOT NULL THEN complaint.id = play_case.complaint_id
                        ELSE NOT EXISTS (SELECT FROM grading_complaint AS other
                                          WHERE other.partner_id = complaint.partner_id AND other.date_close IS NULL
                                            AND other.company_id = complaint.company_id) END
            """,
            cases=cases,
        )

    @api.model
    def _profile_goal(self, cases, today, condition):
        return SQL(
            """
            SELECT play_case.id AS case_id, DATE %(today)s AS day
              FROM (%(cases)s) AS play_case
              JOIN grading_profile AS profile ON profile.id = play_case.profile_id
         LEFT JOIN grading_grade AS grade ON grade.id = profile.grade_id
             WHERE %(condition)s
            """,
            cases=cases,
            today=today,
            condition=condition,
        )

    def _contact_made(self):
        """A contact that these plays have planned was made: those whose goal it is have reached it."""
        waiting = self.filtered(lambda case: case.state == "running" and case.play_id.goal == "contact")
        for company, cases in waiting.grouped("company_id").items():
            today = company._grading_today()
            reached = cases.filtered(lambda case, today=today: today <= case.date_deadline)
            reached.write({"state": "reached", "date_reached": today, "date_end": today})
            reached._close()

    @api.model
    def _expire(self):
        """End the cases whose time is over without their goal."""
        today = self.env.company._grading_today()
        over = [("company_id", "=", self.env.company.id), ("state", "=", "running"), ("date_deadline", "<", today)]
        cases = self.sudo().search(over)
        cases.write({"state": "expired", "date_end": today})
        cases._close()
        return cases

    # ------------------------------------------------------------
    # Orders and revenue
    # ------------------------------------------------------------

    @api.model
    def _measure(self):
        """Write how many orders came after the start and what they came to, of cases whose time is not over or just
        was. Nothing counts that is later than the last day of the goal, the credit notes included.

        :return: 0, there is nothing more to do
        """
        self.env.flush_all()
        today = self.env.company._grading_today()
        due = self.env.execute_query(
            SQL(
                """
                SELECT LEAST(date_deadline, %(today)s), ARRAY_AGG(id) FROM grading_play_case
                 WHERE company_id = %(company)s AND is_complete IS NOT TRUE GROUP BY 1 ORDER BY 1
                """,
                company=self.env.company.id,
                today=today,
            )
        )
        for as_of, ids in due:
            self._measure_on(as_of, ids, today - timedelta(days=1))
        self.invalidate_model(flush=False)
        return 0

    @api.model
    def _measure_on(self, as_of, ids, over):
        """Measure the cases ``ids`` up to the end of a day.

        :param datetime.date as_of: that day
        :param datetime.date over: up to this day it is final
        """
        self.env.execute_query(
            SQL(
                """
                UPDATE grading_play_case AS measured
                   SET amount_after = found.amount, order_count_after = found.count, is_complete = found.is_complete
                  FROM (
                    SELECT play_case.id, play_case.date_deadline <= %(over)s AS is_complete,
                           ROUND(COALESCE(SUM(purchase.amount), 0), %(digits)s) AS amount,
                           (COUNT(*) FILTER (WHERE purchase.is_order))::int AS count
                      FROM (%(cases)s) AS play_case
                 LEFT JOIN (%(purchases)s) AS purchase
                        ON purchase.partner_id = play_case.customer_id AND %(after)s
                       AND purchase.day <= play_case.date_deadline
                  GROUP BY play_case.id, play_case.date_deadline
                  ) AS found
                 WHERE found.id = measured.id AND (found.amount, found.count, found.is_complete) IS DISTINCT FROM
                       (measured.amount_after, measured.order_count_after, measured.is_complete)
             RETURNING measured.id
                """,
                over=over,
                digits=self.env.company.currency_id.decimal_places,
                cases=self._cases_select(ids),
                purchases=self.env["grading.measure"]._purchases(as_of, self._contacts_of(ids)),
                after=self._bought_after(),
            )
        )

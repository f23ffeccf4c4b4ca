from odoo import api, models
from odoo.tools import SQL

from ..base.subject import SUBJECTS
from ..measure.grading_measure_document import ALL_CONTACTS

# Triggers that a line of history tells of.
BY_HISTORY = ("grade_up", "grade_down", "stage_entered", "lead_grade_up")
# A profile that a person has made, by an override, and no run has written yet; what was put aside has a scheme.
IS_NEW = SQL("(former.id < 0 OR COALESCE(former.order_count, former.scheme_id, former.changed_run) IS NULL)")
# Triggers of which a profile tells, compared with what it was before a run: what was different then, of the row
# ``former`` and of ``profile``.
BY_COMPARISON = {
    "first_order": SQL("(former.order_count = 0 OR %s)", IS_NEW),  # unknown is not none
    "nth_order": SQL("(former.order_count < play.number OR %s)", IS_NEW),
    "grade_falling": SQL("former.id > 0 AND former.pending_grade_id IS NULL"),
}
BY_COMPARISON["referral_ordered"] = BY_COMPARISON["first_order"]
FORMER_COLUMNS = ("order_count", "pending_grade_id", "pending_since", "last_order_date", "scheme_id", "changed_run")
# Triggers of a single answer, which may leave the profile as it was: a run looks for those that it has not seen yet.
BY_ANSWER = ("satisfaction_low",)
# Triggers that come with the days that pass.
BY_TIME = ("grade_falling", "probability_below", "complaint_late", "invoice_overdue")
# Of what starts a play later, what an import has brought about is remembered: by what is different of the profile, as
# above, or by the table of the documents that have come with it.
BROUGHT_BY_CHANGE = {
    "grade_falling": BY_COMPARISON["grade_falling"],
    "grade_down": BY_COMPARISON["grade_falling"],  # it falls when the days of grace are over
    "probability_below": SQL("former.last_order_date IS DISTINCT FROM profile.last_order_date"),
}
BROUGHT_BY_DOCUMENT = {"complaint_late": "grading_complaint", "invoice_overdue": "account_move"}
# Triggers of what lasts: as long as it does, a preview counts it, however long ago it began.
LASTING = (*BY_TIME, "manual")
SEVERITIES = ["minor", "major", "serious"]


class GradingPlay(models.Model):
    """The events that start plays, each as a ``SELECT``.

    An event has a key: the line of history, the order's number, the complaint. With it a play starts once.
    """

    _inherit = "grading.play"

    def _events_select(self, as_of):
        """The events of the play in the current company up to a day, whatever became of them.

        ``SELECT profile_id, event, day, source_id``: the profile of the customer or lead, the key of the event, the day
        on which it happened, and the id of the line of history, the complaint or the invoice that it is about.

        :param datetime.date as_of: today
        :rtype: odoo.tools.SQL
        """
        self.ensure_one()
        return self._event_selects()[self.trigger](as_of)

    def _event_selects(self):
        """The methods that find events, by trigger.

        :rtype: dict[str, collections.abc.Callable]
        """
        return {
            "grade_up": self._grade_events,
            "grade_down": self._grade_events,
            "lead_grade_up": self._grade_events,
            "grade_falling": self._falling_events,
            "stage_entered": self._stage_events,
            "probability_below": self._probability_events,
            "first_order": self._order_events,
            "nth_order": self._order_events,
            "referral_ordered": self._referral_events,
            "complaint_opened": self._opened_events,
            "complaint_late": self._late_events,
            "satisfaction_low": self._answer_events,
            "invoice_overdue": self._invoice_events,
            "manual": self._manual_events,
        }

    def _trigger_measures(self):
        """The measures that the triggers and goals of these plays read.

        :rtype: set[str]
        """
        if not self:
            return set()
        return {
            *("order_count", "order_day_count", "first_order_date", "last_order_date", "purchase_probability"),
            "satisfaction",
        }

    def _since_day(self):
        """The day, where the company works, since which the play is in force.

        :rtype: datetime.date
        """
        return self.env.company._grading_local(self.active_since).date()

    # ------------------------------------------------------------
    # Grades and stages
    # ------------------------------------------------------------

    def _history_events(self, condition):
        """Of lines of history; two profiles that are merged are no event."""
        return SQL(
            """
            SELECT line.profile_id, 'history:' || line.id AS event, line.date AS day, line.id AS source_id
              FROM grading_history AS line JOIN grading_profile AS profile ON profile.id = line.profile_id
             WHERE profile.company_id = %(company)s AND profile.%(key)s IS NOT NULL AND line.reason <> 'merge'
               AND %(condition)s
            """,
            company=self.env.company.id,
            key=SQL.identifier(SUBJECTS[self.subject].key),
            condition=condition,
        )

    def _grade_events(self, as_of):
        """A customer or lead that had no grade before has none that rises; where the scheme has changed, as well, the
        profile knows no direction."""
        return self._history_events(
            SQL(
                "line.old_grade_id <> line.new_grade_id AND profile.trend = %s AND %s",
                "down" if self.trigger == "grade_down" else "up",
                SQL("line.new_grade_id = %s", self.grade_id.id) if self.grade_id else SQL("TRUE"),
            )
        )

    def _to_come_select(self, as_of):
        """The events that are known of before they happen, as :meth:`_events_select` has them: they can be passed over.

        Of a grade that falls when the days of grace are over, that is what it waits for.
        """
        if self.trigger != "grade_down":
            return self._events_select(as_of)
        since = SQL("profile.pending_since")
        return self._profile_events(SQL("'falling:' || %s", since), since, SQL("%s IS NOT NULL", since))

    def _stage_events(self, as_of):
        """Customers who had no stage before have entered none: they are graded for the first time."""
        return self._history_events(
            SQL("line.old_lifecycle_id <> line.new_lifecycle_id AND line.new_lifecycle_id = %s", self.lifecycle_id.id)
        )

    def _profile_events(self, event, day, condition):
        return SQL(
            """
            SELECT profile.id AS profile_id, %(event)s AS event, %(day)s AS day, NULL::int AS source_id
              FROM grading_profile AS profile
             WHERE profile.company_id = %(company)s AND profile.%(key)s IS NOT NULL AND %(condition)s
            """,
            event=event,
            day=day,
            company=self.env.company.id,
            key=SQL.identifier(SUBJECTS[self.subject].key),
            condition=condition,
        )

    def _falling_events(self, as_of):
        condition = SQL("profile.pending_since + %s <= %s", self.days, as_of)
        if self.grade_id:
            condition = SQL("%s AND profile.grade_id = %s", condition, self.grade_id.id)
        return self._profile_events(
            SQL("'falling:' || profile.pending_since"), SQL("profile.pending_since + %s", self.days), condition
        )

    # ------------------------------------------------------------
    # Orders
    # ------------------------------------------------------------

    def _order_events(self, as_of):
        """The nth order: its day is that of the first order, or else at the latest that of the last one."""
        number = 1 if self.trigger == "first_order" else self.number
        day = SQL("profile.first_order_date") if number == 1 else SQL("profile.last_order_date")
        return self._profile_events(SQL("%s", f"order:{number}"), day, SQL("profile.order_count >= %s", number))

    def _referral_events(self, as_of):
        """The first order of a customer, for each customer who has referred this one. ``source_id`` is the profile of
        the customer who was referred, of whom a run tells what is new."""
        return SQL(
            """
            SELECT profile.id AS profile_id, 'order:1:' || referred.partner_id AS event,
                   referred.first_order_date AS day, referred.id AS source_id
              FROM (%(referrals)s) AS referral
              JOIN grading_profile AS profile
                ON profile.partner_id = referral.partner_id AND profile.company_id = %(company)s
              JOIN grading_profile AS referred
                ON referred.partner_id = referral.referred_id AND referred.company_id = %(company)s
             WHERE referred.order_count >= 1
            """,
            referrals=self.env["grading.measure"]._referrals(as_of, ALL_CONTACTS),
            company=self.env.company.id,
        )

    def _probability_events(self, as_of):
        """The probability falls from order to order: below the share once for each last order. Where it was below when
        the play came into force, it fell before."""
        Model = self.env["grading.purchase.model"]
        since_day = self._since_day()
        return self._profile_events(
            SQL("'probability:' || profile.last_order_date"),
            SQL(
                "CASE WHEN profile.last_order_date <= DATE %(since)s AND (%(then)s) < %(share)s THEN DATE %(since)s"
                " ELSE DATE %(as_of)s END",
                since=since_day,
                then=Model._probability_to_sql(min(since_day, as_of), "profile"),
                share=self.share,
                as_of=as_of,
            ),
            SQL("(%s) < %s", Model._probability_to_sql(as_of, "profile"), self.share),
        )

    # ------------------------------------------------------------
    # Complaints, answers, invoices
    # ------------------------------------------------------------

    def _complaint_events(self, day, condition, profiles=None):
        return SQL(
            """
            SELECT profile.id AS profile_id, 'complaint:' || complaint.id AS event, %(day)s AS day,
                   complaint.id AS source_id
              FROM grading_complaint AS complaint
              JOIN %(profiles)s AS profile
                ON profile.partner_id = complaint.partner_id AND profile.company_id = complaint.company_id
             WHERE complaint.company_id = %(company)s AND complaint.date_close IS NULL
               AND complaint.severity = ANY(%(severities)s) AND %(condition)s
            """,
            profiles=profiles or SQL("grading_profile"),
            company=self.env.company.id,
            day=day,
            severities=SEVERITIES[SEVERITIES.index(self.severity) :],
            condition=condition,
        )

    def _opened_events(self, as_of):
        return self._complaint_events(SQL("complaint.date_open"), SQL("TRUE"))

    def _ungraded_events(self, as_of):
        """What those do who are not graded, as far as it starts plays, see :meth:`_ungraded_select`."""
        return self._complaint_events(SQL("complaint.date_open"), SQL("TRUE"), SQL("(%s)", self._ungraded_select()))

    def _ungraded_select(self):
        """The customers who complain and are not graded by the current company, or not yet. Their number is below 0;
        those who are graded have the profile's."""
        return SQL(
            """
            SELECT DISTINCT -complaint.partner_id AS id, complaint.partner_id, complaint.company_id
              FROM grading_complaint AS complaint
             WHERE complaint.company_id = %(company)s AND complaint.date_close IS NULL AND NOT (%(excluded)s)
               AND NOT EXISTS (
                       SELECT FROM grading_profile AS known
                        WHERE known.partner_id = complaint.partner_id AND known.company_id = %(company)s
                   )
            """,
            company=self.env.company.id,
            excluded=self.env["grading.population"]._excluded(SQL.identifier("complaint", "partner_id")),
        )

    def _late_events(self, as_of):
        late_from = SQL("complaint.date_due + %s", self.days + 1)
        return self._complaint_events(late_from, SQL("%s <= %s", late_from, as_of))

    def _answer_events(self, as_of):
        """A single answer that is low enough, whatever was said before; once a day. ``moment``: when it was entered."""
        return SQL(
            """
            SELECT profile.id AS profile_id, 'answer:' || answer.day AS event, answer.day, NULL::int AS source_id,
                   answer.moment
              FROM (
                SELECT given.partner_id, given.day, MAX(given.moment) AS moment FROM (%(scores)s) AS given
                 WHERE given.satisfaction <= %(number)s AND given.day <= %(as_of)s
              GROUP BY given.partner_id, given.day
              ) AS answer
              JOIN grading_profile AS profile
                ON profile.partner_id = answer.partner_id AND profile.company_id = %(company)s
            """,
            scores=SQL(" UNION ALL ").join(self.env["grading.measure"]._scores_given(ALL_CONTACTS)),
            number=self.number,
            as_of=as_of,
            company=self.env.company.id,
        )

    def _invoice_events(self, as_of):
        """Of an invoice in parts, the earliest one that is open. One that was late before it was entered is no news: it
        comes from another system, and is posted after it was imported."""
        late_from = SQL("MIN(line.date_maturity) + %s", self.days + 1)
        return SQL(
            """
            SELECT profile.id AS profile_id, 'invoice:' || late.move_id AS event, late.day, late.move_id AS source_id
              FROM (
                SELECT contact.commercial_partner_id AS partner_id, move.id AS move_id, %(late_from)s AS day
                %(lines)s AND line.date_maturity < %(as_of)s AND line.reconciled IS NOT TRUE
                   AND line.amount_residual > 0
              GROUP BY contact.commercial_partner_id, move.id
                HAVING %(late_from)s <= %(as_of)s
                   AND %(late_from)s > (MIN(move.create_date) AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date
              ) AS late
              JOIN grading_profile AS profile
                ON profile.partner_id = late.partner_id AND profile.company_id = %(company)s
            """,
            late_from=late_from,
            lines=self.env["grading.measure"]._receivable_lines(as_of, ALL_CONTACTS),
            as_of=as_of,
            tz=self.env.company._grading_tz(),
            company=self.env.company.id,
        )

    def _manual_events(self, as_of):
        """By hand a play starts again and again, but not while it is running."""
        return self._profile_events(
            SQL("'manual:' || (SELECT COUNT(*) %s)", self._earlier("profile")),
            SQL("DATE %s", as_of),
            SQL("NOT %s", self._is_running("profile", as_of)),
        )

    def _is_running(self, profile, as_of):
        """Whether the play runs for the customer or lead of a profile; those of the control group are left alone for as
        long as the others have for their goal.

        :param str profile: what the query calls it
        """
        return SQL(
            "EXISTS (SELECT %s AND (earlier.state = 'running'"
            " OR earlier.state = 'control' AND earlier.date_deadline >= %s))",
            self._earlier(profile),
            as_of,
        )

    def _earlier(self, profile):
        """``FROM … WHERE``: the cases ``earlier`` of the play for the customer or lead of a profile."""
        return SQL(
            "FROM grading_play_case AS earlier WHERE earlier.play_id = %s AND %s",
            self.id,
            self._same_subject(profile),
        )

    def _same_subject(self, profile):
        """Whether the case ``earlier`` is about the customer or lead of a profile.

        :param str profile: what the query calls it
        """
        return SQL(
            "earlier.%(key)s = %(profile)s.%(key)s AND earlier.company_id = %(profile)s.company_id",
            key=SQL.identifier(SUBJECTS[self.subject].key),
            profile=SQL.identifier(profile),
        )

    @api.model
    def _source_to_sql(self, trigger):
        """The columns ``complaint_id``, ``invoice_id`` and ``referred_id`` of a case, out of the row ``event``."""
        sources = {
            "complaint_id": trigger in ("complaint_opened", "complaint_late") and SQL("event.source_id"),
            "invoice_id": trigger == "invoice_overdue" and SQL("event.source_id"),
            "referred_id": trigger == "referral_ordered"
            and SQL("(SELECT source.partner_id FROM grading_profile AS source WHERE source.id = event.source_id)"),
        }
        return SQL(", ").join(
            SQL("%s AS %s", sql or SQL("NULL::int"), SQL.identifier(name)) for name, sql in sources.items()
        )

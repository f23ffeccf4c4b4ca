import hashlib
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..base.context import is_by_server
from ..base.guarded import guarded
from ..base.subject import join_reached
from .grading_play_trigger import LASTING

_logger = logging.getLogger(__name__)
# The hexadecimal digits of the hash by which the control group is drawn.
HASH_DIGITS = 7


class Circle(NamedTuple):
    """For whom a play starts."""

    trigger: str  # whose events these are
    events: Callable  # the SELECT of the events, of the day
    rows: SQL  # a table expression in the columns of profiles


class GradingPlay(models.Model):
    """How a play starts: one statement writes a case for each event, in the transaction of whatever caused it.

    Odoo lets no event start a play twice: the indexes of :class:`grading.play.case` see to that, whichever worker or
    user comes first.
    """

    _inherit = "grading.play"

    def _start(self, as_of, scope, run=None, by_hand=False):
        """Start these plays in the current company for events that have just happened.

        :param datetime.date as_of: today
        :param scope: a function of a play; which events are meant, as a condition on the row ``event``
        :param grading.run run: by which they are started, if any
        :param bool by_hand: a user starts them, whatever event they wait for otherwise
        :return: how many starts there were, control cases included
        """
        if not self or not self.env.registry.ready:  # what modules bring with them is no event
            return 0
        self.env.flush_all()
        count = sum(
            len(self.env.execute_query(play._start_insert(as_of, scope(play), circle, run)))
            for play in self
            for circle in ([play._circle_by_hand()] if by_hand else play._circles())
        )
        if count:
            self.env["grading.play.case"]._started()
        return count

    def _start_by_hand(self, scope, **words):
        """Start these plays for what a person has just saved; one that cannot be used is left out, so that the save
        does not fail.

        :param scope: see :meth:`_start`
        """
        if self and not self._is_silent():
            self.sudo()._usable()._start(self.env.company._grading_today(), scope, **words)

    @api.model
    def _is_silent(self):
        """Whether what is done now starts no play: an import of a file, or what the server says is none."""
        return bool(self.env.context.get("import_file")) or is_by_server(self.env, "grading_no_plays")

    def _usable(self):
        """Those whose filter can be used; the others are named by the next run."""
        usable = self.browse()
        for play in self:
            try:
                play._check_domain()
                usable += play
            except ValidationError:
                _logger.warning("The filter of play %s cannot be used", play.id, exc_info=True)
        return usable

    # ------------------------------------------------------------
    # The statement
    # ------------------------------------------------------------

    def _circles(self):
        """For whom the play starts by itself: those who are graded, and by a complaint also those who are not.

        :rtype: list[Circle]
        """
        circles = [Circle(self.trigger, self._events_select, SQL.identifier("grading_profile"))]
        if self.trigger == "complaint_opened":
            circles.append(Circle(self.trigger, self._ungraded_events, self._ungraded_rows()))
        return circles

    def _circle_by_hand(self):
        """For whom a user starts it: for those who are graded, whatever event it waits for otherwise.

        :rtype: Circle
        """
        return Circle("manual", self._manual_events, SQL.identifier("grading_profile"))

    def _start_insert(self, as_of, scope, circle, run=None):
        """``INSERT`` a case for each event in ``scope``, and ``RETURNING id``; with a pause between starts, for one
        event of a customer."""
        return SQL(
            """
            INSERT INTO grading_play_case (
                play_id, profile_id, partner_id, lead_id, company_id, event, complaint_id, invoice_id, referred_id,
                state, date_start, date_deadline, grade_id, satisfaction_then, user_id, run_id, start_number, is_begun,
                is_complete, create_uid, create_date, write_uid, write_date
            )
            SELECT play.id, started.profile_id, started.partner_id, started.lead_id, started.company_id, started.event,
                   started.complaint_id, started.invoice_id, started.referred_id,
                   CASE WHEN %(hash)s < play.control_percent THEN 'control' ELSE 'running' END,
                   %(now)s, DATE %(as_of)s + play.goal_days, started.grade_id, started.satisfaction, started.user_id,
                   %(run)s,
                   CASE WHEN play.cooldown_days > 0
                        THEN (SELECT COALESCE(MAX(earlier.start_number), 0) + 1 FROM grading_play_case AS earlier
                               WHERE earlier.play_id = play.id AND %(same)s) END,
                   FALSE, FALSE, %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM (%(started)s) AS started JOIN grading_play AS play ON play.id = %(play)s
             WHERE play.cooldown_days = 0 OR started.place = 1
          ORDER BY started.profile_id, started.event
                ON CONFLICT DO NOTHING
         RETURNING id
            """,
            hash=self._hash_to_sql(SQL("COALESCE(started.partner_id, started.lead_id)")),
            now=fields.Datetime.now(),
            as_of=as_of,
            run=run.id if run else None,
            same=self._same_subject("started"),
            uid=self.env.uid,
            started=self._started_select(as_of, scope, circle),
            play=self.id,
        )

    def _started_select(self, as_of, scope, circle):
        """The events in ``scope`` for which the play starts: of customers or leads that meet its filter, may be
        contacted, and for which it did not start lately.

        :param Circle circle: among whom
        """
        Work, Care = self.env["grading.worktable"], self.env["grading.care"]
        query = Work._query(circle.rows)
        for alias, table, condition in (
            ("event", SQL("(%s)", circle.events(as_of)), SQL("event.profile_id = grading_profile.id")),
            ("play", SQL.identifier("grading_play"), SQL("play.id = %s", self.id)),
        ):
            query.add_join("JOIN", alias, table, condition)
        join_reached(query)
        query.add_where(self._domain_to_sql(query, as_of))
        query.add_where(scope)
        return SQL(
            """
            SELECT CASE WHEN grading_profile.id > 0 THEN grading_profile.id END AS profile_id,
                   grading_profile.partner_id, grading_profile.lead_id,
                   grading_profile.company_id, grading_profile.grade_id, grading_profile.satisfaction, event.event,
                   %(source)s, COALESCE(responsible.id, leader.id) AS user_id,
                   ROW_NUMBER() OVER (PARTITION BY grading_profile.id ORDER BY event.day, event.event) AS place
              FROM %(tables)s %(responsible)s
             WHERE %(condition)s AND %(allowed)s AND %(open)s AND NOT %(has_started)s
            """,
            source=self._source_to_sql(circle.trigger),
            has_started=self._has_started(SQL("event.event")),
            tables=query.from_clause,
            responsible=Work._responsible_joins("play"),
            condition=query.where_clause,
            allowed=Care._may_be_contacted(SQL("'none'")),
            open=self.env["crm.lead"]._grading_is_open_to_sql("lead") if self.subject == "lead" else SQL("TRUE"),
        )

    def _has_started(self, event):
        """Whether the play has started for ``grading_profile`` by the same event, or so lately that it pauses:
        ``EXISTS (SELECT FROM grading_play_case AS earlier WHERE … AND (earlier.event = event.event OR …))``.

        :param odoo.tools.SQL event: the key of the event
        """
        return SQL(
            "EXISTS (SELECT %s AND (earlier.event = %s OR earlier.date_start > %s - MAKE_INTERVAL(days => %s)))",
            self._earlier("grading_profile"),
            event,
            fields.Datetime.now(),
            self.cooldown_days,
        )

    def _ungraded_rows(self):
        """A table expression with the columns of profiles, of those who are not graded: nothing is known of them but
        who they are."""
        return SQL(
            "(SELECT (JSONB_POPULATE_RECORD(NULL::grading_profile, TO_JSONB(ungraded))).* FROM (%s) AS ungraded)",
            self._ungraded_select(),
        )

    # ------------------------------------------------------------
    # Events that have passed
    # ------------------------------------------------------------

    def _pass_over(self, as_of, scope):
        """Note on the profiles that these plays do not start any more for events that have not started them.

        :param datetime.date as_of: up to which day events are meant
        :param scope: see :meth:`_start`
        """
        self.env.flush_all()
        for play in self:
            self.env.execute_query(play._pass_over_update(as_of, scope(play)))
        self.env["grading.profile"].invalidate_model(["passed_events"], flush=False)

    def _pass_over_update(self, as_of, scope):
        return SQL(
            """
            UPDATE grading_profile AS profile
               SET passed_events = COALESCE(profile.passed_events, '[]') || passed.keys
              FROM (
                SELECT grading_profile.id, JSONB_AGG(DISTINCT %(key)s) AS keys
                  FROM grading_profile JOIN (%(events)s) AS event ON event.profile_id = grading_profile.id
                 WHERE %(scope)s AND %(is_open)s
                   AND NOT EXISTS (SELECT %(earlier)s AND earlier.event = event.event)
              GROUP BY grading_profile.id
              ) AS passed
             WHERE profile.id = passed.id
         RETURNING profile.id
            """,
            key=self._passed_key(),
            events=self._to_come_select(as_of),
            scope=scope,
            is_open=self._has_not_passed(),
            earlier=self._earlier("grading_profile"),
        )

    def _passed_key(self):
        return SQL("%s || event.event", f"{self.id}:")

    def _has_not_passed(self):
        """Whether the row ``event`` may still start the play for ``grading_profile``, see :meth:`_pass_over`."""
        return SQL("(grading_profile.passed_events ? (%s)) IS NOT TRUE", self._passed_key())

    # ------------------------------------------------------------
    # Control group
    # ------------------------------------------------------------

    def _hash_to_sql(self, subject):
        """A number from 0 to 99, always the same one for a customer or lead and a play; see :meth:`_hash`.

        :param odoo.tools.SQL subject: its id
        """
        return SQL("(('x' || LEFT(MD5(%s || '-' || %s), %s))::bit(28)::int %% 100)", str(self.id), subject, HASH_DIGITS)

    def _hash(self, subject):
        """:meth:`_hash_to_sql` in Python.

        :param subject: a customer or lead
        :rtype: int
        """
        digest = hashlib.md5(f"{self.id}-{subject.id}".encode(), usedforsecurity=False).hexdigest()
        return int(digest[:HASH_DIGITS], 16) % 100

    # ------------------------------------------------------------
    # Preview
    # ------------------------------------------------------------

    @api.depends("trigger", "domain", "grade_id", "lifecycle_id", "share", "number", "days", "severity", "active")
    @api.depends_context("company")
    def _compute_preview_count(self):
        for play in self:
            play.preview_count = len(play._origin._of_its_company().sudo()._usable()._preview())

    def _of_its_company(self):
        """The play where it holds: in its company, whichever the user works in, or else in that one."""
        return self.with_company(self.company_id or self.env.company)

    def _preview(self):
        """The ids of the customers or leads for which the play would start today, were it in force since long.

        :rtype: list[int]
        """
        if not self:
            return []
        self.env.flush_all()
        today = self.env.company._grading_today()
        scope = SQL("TRUE") if self.trigger in LASTING else SQL("event.day = %s", today)
        if self.trigger == "nth_order" and self.number > 1:  # of later orders the event does not tell
            scope = SQL("%s AND grading_profile.partner_id <> ALL (%s)", scope, self._reached_before(today))
        scope = SQL("%s AND %s", scope, self._has_not_passed())
        started = SQL(" UNION ALL ").join(
            SQL("(%s)", self._started_select(today, scope, circle)) for circle in self._circles()
        )
        rows = self.env.execute_query(
            SQL("SELECT DISTINCT COALESCE(started.partner_id, started.lead_id) FROM (%s) AS started", started)
        )
        return [subject_id for [subject_id] in rows]

    def _reached_before(self, day):
        """The ids of the customers with an order on ``day`` who had placed the play's number of orders before.

        :rtype: list[int]
        """
        ordered = SQL(
            "(SELECT id, commercial_partner_id FROM res_partner WHERE commercial_partner_id IN"
            " (SELECT partner_id FROM grading_profile WHERE company_id = %s AND last_order_date = %s"
            " AND order_count > %s))",
            *(self.env.company.id, day, self.number),
        )
        rows = self.env.execute_query(
            SQL(
                "SELECT partner_id FROM (%s) AS purchase WHERE is_order GROUP BY partner_id HAVING COUNT(*) >= %s",
                self.env["grading.measure"]._purchases(day - timedelta(days=1), ordered),
                self.number,
            )
        )
        return [partner_id for [partner_id] in rows]

    @guarded(one=True)
    def action_preview(self):
        """Show the customers or leads for which the play would start today."""
        self.check_access("write")
        self._check_domain()
        name = "res_partner_action_grading" if self.subject == "customer" else "crm_lead_action_grading"
        action = self.env["ir.actions.act_window"]._for_xml_id(f"customer_grading.{name}")
        domain = [("id", "in", self._of_its_company().sudo()._preview())]
        return {
            **action,
            "domain": domain,
            "context": {},
            "view_mode": "list,form",
            "views": [(view_id, mode) for view_id, mode in action["views"] if mode in ("list", "form")],
            "display_name": self.name,
        }


class GradingPlayCase(models.Model):
    _inherit = "grading.play.case"

    @api.model
    def _started(self):
        """Have the steps of new cases carried out at once, in the background."""
        self.invalidate_model(flush=False)
        self.env["grading.profile"].invalidate_model(["play_case_ids"], flush=False)
        if cron := self.env.ref("customer_grading.ir_cron_play", raise_if_not_found=False):
            cron.sudo()._trigger()

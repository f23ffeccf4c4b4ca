import functools
import logging
from bisect import bisect_left
from collections import Counter

from markupsafe import Markup

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from ..base.grading_job_mixin import attempt, said

_logger = logging.getLogger(__name__)
# Cases that are begun between two commits: a second or two of work.
BEGIN_BATCH = 1000
# How far ahead to look for a day on which the user works, and has room for a contact: first two months, then three
# years. Without any, neither counts any longer.
HORIZONS = (60, 1100)
# Up to so many days of a plan are counted as working days; more are days of the calendar.
WORKING_DAYS_AT_MOST = 20


class Diary:
    """On which days a user works from today on, and how many contacts are planned for each."""

    def __init__(self, care, user):
        self._care, self._user, self._horizons = care, user, list(HORIZONS)
        self._cap = care.env.company.grading_contacts_per_day
        self._full = 0  # before this one all days are full
        self.today = user._grading_today(care.env.company)
        self._look_ahead()
        self._planned = Counter(care._planned_ahead(user, self.today, self._days[0]))

    def _look_ahead(self):
        """Know more days; of a user who is on leave for months the first ones are far away."""
        self._days = []
        while self._horizons and not self._days:
            self._days = self._care._working_ahead(self._user, self.today, self._horizons.pop(0))
        self._days = self._days or [self.today]

    def workday(self, number):
        """The first day on which the user works; or the one so many working days after today, be today one or not."""
        place = number if self._days[0] == self.today else max(0, number - 1)
        if place >= len(self._days) and self._horizons:
            self._look_ahead()
        return self._days[min(place, len(self._days) - 1)]

    def take(self, day, is_contact):
        """The first working day from ``day`` on, for a contact one with room, which is less by one then."""
        begin = place = bisect_left(self._days, day)
        if takes_room := is_contact and self._cap:
            begin = place = max(place, self._full)
            while place < len(self._days) and self._planned[self._days[place]] >= self._cap:
                place += 1
        if place == len(self._days) and self._horizons:
            self._look_ahead()
            return self.take(day, is_contact)
        if not takes_room:
            return self._days[place] if place < len(self._days) else day
        if begin == self._full:
            self._full = place
        found = self._days[place] if place < len(self._days) else max(day, self._days[-1])
        self._planned[found] += 1
        return found


class GradingPlayCase(models.Model):
    """The steps of cases: planned, sent and given by a job, in committed batches; whether that was done is written in
    the same transaction, so that a kill loses and doubles nothing."""

    _inherit = "grading.play.case"

    @api.model
    def _cron_play(self):
        """Carry out the steps of the cases that wait for it, in every company."""
        companies = self.env["res.company"].search([("active", "=", True)])
        self._repeat(
            [
                (f"Beginning the plays of {company.name}", self.with_company(company)._begin_waiting)
                for company in companies
            ]
        )

    @api.model
    def _begin_waiting(self, limit=None):
        """Begin the next cases of the current company; those that another worker has in hand are skipped.

        :return: how many were begun or failed
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM grading_play_case
                 WHERE company_id = %(company)s AND state = 'running' AND is_begun IS NOT TRUE
                   AND (date_tried IS NULL OR date_tried < %(today)s)
              ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
                """,
                company=self.env.company.id,
                today=self.env.company._grading_today(),
                limit=limit or BEGIN_BATCH,
            )
        )
        cases = self.sudo().browse(case_id for [case_id] in rows)
        cases.invalidate_recordset()
        for play, own in cases.grouped("play_id").items():
            failed = own._begin_isolated()
            if failed:
                play._name_failed(failed)
        self.env.flush_all()
        return len(cases)

    def _begin_isolated(self):
        """Begin cases of one play all at once; where that fails, each alone, so that a single one stops no others.

        :return: ``{case: error}`` of those that failed
        """
        error = self._try_to_begin()
        if not error:
            return {}
        failed = {self: error}
        if len(self) > 1:
            failed = {case: error for case in self if (error := case._try_to_begin())}
        today = self.env.company._grading_today()
        for case, error in failed.items():
            case.write({"error": error, "date_tried": today})
        return failed

    def _try_to_begin(self):
        """
        :return: the error with which it failed, and then it has left no trace in the database
        :rtype: str or None
        """
        text = "Play %s could not be begun for %s"
        error = attempt(self.env, self._begin, _logger, text, self.play_id.name, self.ids)
        if not error:
            return None
        self.invalidate_recordset()
        return said(error)

    # ------------------------------------------------------------
    # The steps
    # ------------------------------------------------------------

    def _begin(self):
        """Carry out the steps of one play for these cases; those that must not be contacted any more are stopped."""
        play = self.play_id
        play._check_steps()
        cases = self._allowed("none")
        (self - cases)._stop("no_contact")
        if not cases:
            return
        managers = self.env.company._grading_managers()
        for case in cases.filtered(lambda case: not case.user_id):
            case.user_id = managers[:1]
        cases.write({"is_begun": True, "error": False})
        cases._give_tags()
        cases._plan_activities()
        cases._send_mail()
        cases._run_action()
        cases._tell_managers(managers)
        cases._log(lambda case: case.env._("The play “%s” has started.", case.play_id.name))

    def _subjects(self):
        """The customers or leads.

        :rtype: res.partner or crm.lead
        """
        return self.lead_id if self.play_id.subject == "lead" else self.partner_id

    def _give_tags(self):
        play, subjects = self.play_id, self._subjects()
        name, tags = ("tag_ids", play.lead_tag_ids) if play.subject == "lead" else ("category_id", play.category_ids)
        if tags:
            subjects.write({name: [Command.link(tag.id) for tag in tags]})

    def _send_mail(self):
        """To those that are not on the blacklist and have an address. It waits in Odoo's queue, which is sent after the
        commit. An e-mail of the system is no contact with the customer: see SYSTEM_MESSAGES."""
        template = self.play_id.template_id
        if not template:
            return
        address = "email_from" if self.play_id.subject == "lead" else "email"
        allowed = self._allowed("online").filtered(lambda case: case._subject()[address])
        for user, cases in allowed.grouped("user_id").items():
            author = user.partner_id or self.env.company.partner_id
            words = {"grading_company": self.env.company, "grading_salesperson": user}
            template.with_context(**words).send_mail_batch(
                cases._subjects().ids, email_values={"author_id": author.id, "message_type": "auto_comment"}
            )

    def _run_action(self):
        action, subjects = self.play_id.action_server_id, self._subjects()
        if action:
            context = {"active_model": subjects._name, "active_ids": subjects.ids, "active_id": subjects[:1].id}
            action.with_user(SUPERUSER_ID).with_context(**context).run()

    def _tell_managers(self, managers):
        """Notify the leader of the responsible user's team. Where there is none, or the leader is that very user or has
        left, the managers of Customer Grading are told."""
        if not self.play_id.tells_manager:
            return
        for case in self:
            leader = (case.lead_id.team_id or case.user_id.sale_team_id).user_id
            readers = (leader.filtered("active") - case.user_id) or (managers - case.user_id)
            subject = case._subject()
            for lang, users in readers.grouped("lang").items():
                env = self.with_context(lang=lang).env
                text = env._(
                    "The play “%(play)s” has started for %(customer)s; responsible: %(user)s.",
                    play=case.with_env(env).play_id.name,
                    customer=subject.display_name,
                    user=case.user_id.name or env._("none"),
                )
                subject.message_notify(partner_ids=users.partner_id.ids, body=text, subject=text)

    # ------------------------------------------------------------
    # Activities
    # ------------------------------------------------------------

    def _plan_activities(self):
        """The activities of the plan, those left out whose channel the customer has refused, each on a day on which the
        responsible user works and, if it is a contact, has room for one."""
        Activity, Care = self.env["mail.activity"], self.env["grading.care"]
        diary, values = functools.cache(lambda user: Diary(Care, user)), []
        for step in self.play_id.plan_id.template_ids:
            cases = self._allowed(step.activity_type_id.grading_channel or "none")
            readers = {case: case._reader(step) for case in cases}
            values += Activity._grading_prepare(
                readers, functools.partial(self._describe_step, step=step, readers=readers, diary=diary)
            )
        Activity._grading_create_quietly(values)

    def _reader(self, step):
        """The user who gets the activity of a ``step`` of the plan.

        :raise UserError: there is none
        """
        found = step._determine_responsible(self.user_id, self._subject())
        if found["error"] or not found["responsible"]:
            raise UserError(
                found["error"]
                or self.env._("No user is responsible for %s: enter a salesperson.", self._subject().display_name)
            )
        return found["responsible"]

    @api.model
    def _describe_step(self, cases, step, readers, diary):
        """What the activities of a ``step`` say, by case.

        :param diary: a function that returns the :class:`Diary` of a user
        """
        is_contact = step.activity_type_id.grading_channel != "none"
        summary, note = step.with_context(lang=cases.env.lang)._grading_words()
        described = {}
        for case in cases:
            own = diary(readers[case.with_env(self.env)])
            described[case.with_env(self.env)] = {
                "grading_case_id": case.id,
                "activity_type_id": step.activity_type_id.id,
                "summary": summary or case.play_id.name,
                "note": case._with_referred(note),
                "date_deadline": own.take(self._step_day(step, own), is_contact),
            }
        return described

    def _with_referred(self, note):
        """The note of a step, with the name of the customer whose referral started the play."""
        if not self.referred_id:
            return note
        words = self.env._("Referred customer: %s", self.referred_id.display_name)
        return (note or Markup()) + Markup("<p>%s</p>") % words

    @api.model
    def _step_day(self, step, diary):
        """The day of a ``step`` that is planned today: a few days after the start are days on which the user works."""
        is_after = step.delay_unit == "days" and step.delay_from == "after_plan_date"
        if is_after and step.delay_count <= WORKING_DAYS_AT_MOST:
            return diary.workday(step.delay_count)
        return max(diary.today, step._get_date_deadline(diary.today))


class GradingCare(models.Model):
    """The contacts of plays count for the limit of a day, as those of cadences do."""

    _inherit = "grading.care"

    @api.model
    def _planned_ahead(self, user, today, first):
        """How many contacts are planned for the user on the first working day, those still open from before included,
        and on each day after it.

        :rtype: dict[datetime.date, int]
        """
        later = self.env.execute_query(
            SQL(
                "SELECT activity.date_deadline, COUNT(*) FROM mail_activity AS activity"
                " WHERE activity.user_id = %s AND activity.active AND activity.date_deadline > %s AND %s GROUP BY 1",
                user.id,
                first,
                self._is_planned_contact(),
            )
        )
        return {**dict(later), first: self._planned([(user.id, today, first)]).get(user.id, 0)}

    @api.model
    def _is_planned_contact(self):
        return SQL(
            "(%s OR activity.grading_case_id IS NOT NULL AND EXISTS (SELECT FROM mail_activity_type AS kind"
            " WHERE kind.id = activity.activity_type_id AND kind.grading_channel IS DISTINCT FROM 'none'))",
            super()._is_planned_contact(),
        )


class GradingPlay(models.Model):
    _inherit = "grading.play"

    def _name_failed(self, failed):
        """Say on the runs that started them for which customers the play failed.

        :param dict failed: ``{case: error}``
        """
        self.ensure_one()
        runs = {}
        for case, error in failed.items():
            runs.setdefault(case.run_id, []).append((case, error))
        for run, lines in runs.items():
            if not run:
                continue  # started by a person: the error stands on the case
            cases = self.env["grading.play.case"].browse(case.id for case, _error in lines)
            run._note_automation_error(
                self.env._(
                    "The play “%(play)s” failed for %(customers)s: %(error)s",
                    play=self.name,
                    customers=", ".join(case._subject().display_name for case in cases),
                    error=lines[0][1],
                ),
                self.env._("It is tried again every day."),
            )

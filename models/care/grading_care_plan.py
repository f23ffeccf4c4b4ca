import logging
from collections import defaultdict
from datetime import datetime, time, timedelta

import psycopg2.errors
import pytz

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.grading_job_mixin import COLLISIONS

# Activities that are planned by one call of create, and between two commits: a second or two of work.
PLAN_BATCH = 1000
# What another worker does who plans the same contacts at this very moment.
RACES = (*COLLISIONS, psycopg2.errors.UniqueViolation)
# How often in a row a batch can collide before it is left to the next call.
TRIES = 5
_logger = logging.getLogger(__name__)
# How far ahead to look for a day on which somebody works; who works on none is planned for at once.
HORIZON_DAYS = (14, 366)


class GradingCare(models.Model):
    """How contacts that are due become activities: one each, on a day on which the responsible works, and no more a
    day than he can make."""

    _inherit = "grading.care"

    @api.model
    def _plan(self, limit=PLAN_BATCH):
        """Plan the next contacts that are due in the current company.

        :return: how many were in hand: planned, or nobody's because the responsible may not see whom they are about
        """
        self.env.flush_all()
        slots = self._slots()
        if not slots:
            return 0
        rows = self.env.execute_query(self._to_plan_select(slots, limit))
        cares = self.sudo().browse(care_id for [care_id] in rows)
        visible = cares.browse().union(*(own._visible_to(user) for user, own in cares.grouped("user_id").items()))
        (cares - visible).user_id = False  # until the next run: a manager finds them under Nobody's
        values = visible._prepare_activities({user_id: day for user_id, _today, day, _room in slots})
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(values)
        self.env.flush_all()
        return len(cares)

    def _visible_to(self, user):
        """Those that are about a customer or lead whom ``user`` may see in any of his companies.

        :rtype: grading.care
        """
        leads, customers = (
            set(records.with_user(user).with_context(allowed_company_ids=[])._filtered_access("read")._ids)
            for records in (self.lead_id, self.partner_id)
        )
        return self.filtered(lambda care: care.lead_id.id in leads if care.lead_id else care.partner_id.id in customers)

    # ------------------------------------------------------------
    # Who has room for how many
    # ------------------------------------------------------------

    @api.model
    def _slots(self):
        """``[(user id, today, day, room)]``: for whoever has something due, the day on which he makes it, and how many
        contacts more he can make on that day; no room is ``None`` where there is no limit."""
        company = self.env.company
        if not company.grading_plan_contacts:
            return []
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT care.user_id FROM grading_care AS care WHERE care.company_id = %s"
                " AND care.user_id IS NOT NULL AND care.next_date <= %s AND %s",
                company.id,
                fields.Date.add(fields.Date.today(), days=1),  # nowhere is it later than that
                self._is_unplanned(),
            )
        )
        users = self.env["res.users"].sudo().browse(user_id for [user_id] in rows)
        todays = {user: self._today_of(user) for user in users}
        days = self._working_days(todays)
        slots = [(user.id, today, days[user]) for user, today in todays.items()]
        planned = self._planned(slots)
        cap = company.grading_contacts_per_day
        return [(*slot, max(0, cap - planned.get(slot[0], 0)) if cap else None) for slot in slots]

    @api.model
    def _is_unplanned(self):
        return SQL(
            "NOT EXISTS (SELECT FROM mail_activity AS planned"
            " WHERE planned.grading_care_id = care.id AND planned.active)"
        )

    @api.model
    def _planned(self, slots):
        """How many contacts are planned for the user and the day of each slot: those that are done on that day or were
        to be, and what is still open from days before.

        :rtype: dict[int, int]
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT activity.user_id, COUNT(*)
                  FROM mail_activity AS activity
                  JOIN UNNEST(%s::int[], %s::date[]) AS slot(user_id, day)
                    ON slot.user_id = activity.user_id
                 WHERE activity.grading_care_id IS NOT NULL
                   AND (activity.date_deadline = slot.day OR activity.date_done = slot.day
                        OR activity.active AND activity.date_deadline < slot.day)
              GROUP BY activity.user_id
                """,
                [user_id for user_id, _today, _day in slots],
                [day for _user, _today, day in slots],
            )
        )
        return dict(rows)

    # ------------------------------------------------------------
    # Which contacts these are
    # ------------------------------------------------------------

    @api.model
    def _to_plan_select(self, slots, limit):
        """``SELECT id`` of what is due and not planned, for nobody more than he has room for: the best grades first,
        then what is overdue for longest. The rows are locked; what another worker has locked is left to him."""
        user_ids, todays, _days, rooms = zip(*slots, strict=True)
        return SQL(
            """
            SELECT id FROM grading_care WHERE id IN (
                SELECT ranked.id FROM (
                    SELECT care.id, slot.room, grade.sequence, care.next_date, ROW_NUMBER() OVER (
                               PARTITION BY care.user_id ORDER BY grade.sequence, care.next_date, care.id
                           ) AS place
                      FROM grading_care AS care
                      JOIN UNNEST(%(users)s::int[], %(todays)s::date[], %(rooms)s::int[]) AS slot(user_id, today, room)
                        ON slot.user_id = care.user_id AND care.next_date <= slot.today
                      JOIN grading_cadence AS cadence ON cadence.id = care.cadence_id AND cadence.active
                      JOIN grading_profile AS profile ON profile.id = care.profile_id
                 LEFT JOIN grading_grade AS grade ON grade.id = profile.grade_id
                 LEFT JOIN crm_lead AS lead ON lead.id = care.lead_id
                 LEFT JOIN res_partner AS person ON person.id = COALESCE(care.partner_id, lead.partner_id)
                 LEFT JOIN res_partner AS customer ON customer.id = person.commercial_partner_id
                     WHERE care.company_id = %(company)s AND %(unplanned)s AND %(allowed)s
                ) AS ranked
                 WHERE ranked.place <= COALESCE(ranked.room, ranked.place)
              ORDER BY ranked.sequence, ranked.next_date, ranked.id
                 LIMIT %(limit)s
            )
            ORDER BY id FOR UPDATE SKIP LOCKED
            """,
            users=list(user_ids),
            todays=list(todays),
            rooms=list(rooms),
            company=self.env.company.id,
            unplanned=self._is_unplanned(),
            allowed=self._may_be_contacted(),
            limit=limit,
        )

    def _prepare_activities(self, days, user=None):
        """Values of the activities of these contacts, for the responsible of each or all for ``user``, in the language
        of whoever it is.

        :param dict days: the day by the user's id
        """
        values = []
        for lang, cares in self.grouped(lambda care: (user or care.user_id).lang).items():
            for care, (summary, note) in cares.with_context(lang=lang)._texts().items():
                subject, maker = care._subject(), user or care.user_id
                values.append(
                    {
                        "grading_care_id": care.id,
                        "res_model_id": self.env["ir.model"]._get_id(subject._name),
                        "res_model": subject._name,
                        "res_id": subject.id,
                        "user_id": maker.id,
                        "activity_type_id": care.cadence_id.activity_type_id.id,
                        "summary": summary,
                        "note": note,
                        "date_deadline": days[maker.id],
                        "automated": True,
                    }
                )
        return values

    # ------------------------------------------------------------
    # The scheduled action
    # ------------------------------------------------------------

    # The scheduled action: what is due is planned, and whoever has something due is told.

    @api.model
    def _cron_plan(self):
        """Plan the contacts that are due in every company, then send the digests; batch by batch, each committed.

        What fails for one company keeps no other one waiting.
        """
        for company in self.env["res.company"].search([("active", "=", True)]):
            Care = self.with_company(company)
            if not Care._repeat(Care._plan):
                return
        self._repeat(self._send_digests)

    @api.model
    def _repeat(self, step):
        """Call ``step`` until it finds nothing more to do, or can not go on.

        :param step: a method that works on one batch and says how many it had
        :return: whether there is time for another step
        """
        commit, name = self.env["ir.cron"]._commit_progress, self.env.company.name
        tries = TRIES
        while tries:
            try:
                done = step()
                left = commit(done, remaining=done)  # as long as a batch had something there may be more
            except RACES:
                self.env.cr.rollback()
                tries -= 1
                _logger.info("Somebody else plans the contacts of %s as well", name)
                continue
            except Exception:
                self.env.cr.rollback()
                _logger.exception("%s failed for %s", step.__name__, name)
                break
            if not done:
                return True
            if not left:
                return False
            tries = TRIES
        else:
            _logger.warning("The contacts of %s are left to the next time: somebody else has them in hand", name)
        return commit(remaining=0) > 0

    # ------------------------------------------------------------
    # Working days and capacity
    # ------------------------------------------------------------

    # On which day somebody can make the contacts that are due for him.

    @api.model
    def _today_of(self, user):
        """Today's date where ``user`` is, or where the company works when he does not say.

        :rtype: datetime.date
        """
        now = pytz.utc.localize(fields.Datetime.now())
        return now.astimezone(pytz.timezone(user.tz or self.env.company._grading_tz())).date()

    @api.model
    def _working_day(self, user, day):
        """The first day from ``day`` on that ``user`` works, see :meth:`_working_days`."""
        return self._working_days({user: day})[user]

    @api.model
    def _working_days(self, todays):
        """The first day from today on that each user works: no weekend of his calendar, no holiday, no leave.

        :param dict todays: today's date of each user
        :rtype: dict[res.users, datetime.date]
        """
        company, days = self.env.company, dict(todays)
        resources = {
            user: user.resource_ids.filtered(lambda resource: resource.company_id == company)[:1] for user in todays
        }
        alike = defaultdict(list)
        for user, today in todays.items():
            calendar = resources[user].calendar_id or company.resource_calendar_id
            if calendar:
                alike[calendar, today].append(user)
        for (calendar, today), users in alike.items():
            left = users
            for horizon in HORIZON_DAYS:
                together = self.env["resource.resource"].union(*(resources[user] for user in left))
                working = self._work_days(calendar, together, today, horizon)
                days.update({user: min(working[resources[user].id]) for user in left if working[resources[user].id]})
                left = [user for user in left if not working[resources[user].id]]
                if not left:
                    break
        return days

    @api.model
    def _work_days(self, calendar, resources, day, horizon):
        """The days from ``day`` on, within ``horizon`` days, on which there is work.

        :return: sets of days, by the id of the resource; ``False`` for whoever has none
        :rtype: dict[int | bool, set]
        """
        begin = pytz.timezone(calendar.tz).localize(datetime.combine(day, time.min))
        intervals = calendar._work_intervals_batch(begin, begin + timedelta(days=horizon), resources)
        return {
            resource_id: {start.date() for start, _stop, _attendance in found if start.date() >= day}
            for resource_id, found in intervals.items()
        }

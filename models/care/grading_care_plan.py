from collections import defaultdict
from datetime import date, datetime, time, timedelta

import pytz
from markupsafe import Markup

from odoo import api, models
from odoo.tools import SQL

from ..base.subject import reached_joins
from ..measure.grading_interaction import LAST_DATES

# Activities that are planned by one call of create, and between two commits: a second or two of work.
PLAN_BATCH = 1000
# How far ahead to look for a working day: first a fortnight, then a year. Without any, the contact is planned at once.
WORKING_DAY_HORIZONS = (14, 366)


class GradingCare(models.Model):
    """How contacts that are due become activities: one for all that one contact with the customer or lead answers, on a
    day on which the responsible user works, and no more a day than the company allows."""

    _inherit = "grading.care"

    @api.model
    def _plan(self, limit=PLAN_BATCH):
        """Plan the next contacts that are due in the current company.

        Contacts whose responsible user may not see the customer or lead lose that user until the next run: a manager
        finds them among the unassigned ones.

        :return: how many were planned or lost their user
        """
        self.env.flush_all()
        slots = self._slots()
        if not slots:
            return 0
        rows = self.env.execute_query(self._to_plan_select(slots, limit))
        cares = self.sudo().browse(care_id for care_id, _open_id in rows)
        visible = cares.browse().union(*(own._visible_to(user) for user, own in cares.grouped("user_id").items()))
        (cares - visible).user_id = False
        joining = {}
        for care_id, open_id in rows:
            if open_id and care_id in visible._ids:
                joining.setdefault(open_id, []).append(care_id)
        for open_id, care_ids in joining.items():
            self.sudo().browse(care_ids)._join(self.env["mail.activity"].sudo().browse(open_id))
        fresh = visible.filtered(lambda care: not care.activity_id)
        fresh._create_activities({user_id: day for user_id, _today, day, _room in slots})
        self.env.flush_all()
        return len(cares)

    def _visible_to(self, user):
        """Those about a customer or lead that ``user`` may see in any of the user's companies.

        :rtype: grading.care
        """
        leads, customers = (
            set(records.with_user(user).with_context(allowed_company_ids=[])._filtered_access("read")._ids)
            for records in (self.lead_id, self.partner_id)
        )
        return self.filtered(lambda care: care.lead_id.id in leads if care.lead_id else care.partner_id.id in customers)

    # ------------------------------------------------------------
    # Free capacity of each user
    # ------------------------------------------------------------

    @api.model
    def _slots(self):
        """``[(user id, today, day, room)]`` for each user with a contact due: the day to plan it on, and how many
        contacts can still be planned for that day; ``room`` is None where there is no limit."""
        company = self.env.company
        if not company.grading_plan_contacts:
            return []
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT care.user_id FROM grading_care AS care WHERE care.company_id = %s"
                " AND care.user_id IS NOT NULL AND care.next_date <= %s AND %s",
                company.id,
                self.env["res.users"]._grading_latest_today(),
                self._is_unplanned(),
            )
        )
        users = self.env["res.users"].sudo().browse(user_id for [user_id] in rows)
        todays = {user: user._grading_today(company) for user in users}
        days = self._working_days(todays)
        slots = [(user.id, today, days[user]) for user, today in todays.items()]
        planned = self._planned(slots)
        cap = company.grading_contacts_per_day
        return [(*slot, max(0, cap - planned.get(slot[0], 0)) if cap else None) for slot in slots]

    @api.model
    def _is_unplanned(self):
        """Whether no open activity is for ``care``, its own or one that answers other contacts as well."""
        return SQL(
            "NOT EXISTS (SELECT FROM mail_activity AS planned"
            " WHERE planned.grading_care_id = care.id AND planned.active)"
            " AND NOT EXISTS (SELECT FROM mail_activity AS planned"
            " WHERE planned.id = care.activity_id AND planned.active)"
        )

    @api.model
    def _planned(self, slots):
        """How many contacts are planned for the user and the day of each slot: done on that day, planned for it, or
        still open from earlier days.

        :rtype: dict[int, int]
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT activity.user_id, COUNT(*)
                  FROM mail_activity AS activity
                  JOIN UNNEST(%s::int[], %s::date[]) AS slot(user_id, day)
                    ON slot.user_id = activity.user_id
                 WHERE %s
                   AND (activity.date_deadline = slot.day OR activity.date_done = slot.day
                        OR activity.active AND activity.date_deadline < slot.day)
              GROUP BY activity.user_id
                """,
                [user_id for user_id, _today, _day in slots],
                [day for _user, _today, day in slots],
                self._is_planned_contact(),
            )
        )
        return dict(rows)

    @api.model
    def _is_planned_contact(self):
        """Whether ``activity`` is a contact that we have planned, and so counts for the limit of a day."""
        return SQL("activity.grading_care_id IS NOT NULL")

    # ------------------------------------------------------------
    # Which contacts are planned
    # ------------------------------------------------------------

    @api.model
    def _to_plan_select(self, slots, limit):
        """``SELECT id, open_id`` of contacts that are due and not planned, with the open activity that they can join:
        for each user as many activities as there is room, the best grades first, then the longest overdue. The rows are
        locked; those that another worker has locked are skipped.
        """
        user_ids, todays, _days, rooms = zip(*slots, strict=True)
        return SQL(
            """
            SELECT own.id, joined.activity_id FROM grading_care AS own JOIN (
                SELECT ranked.* FROM (
                    SELECT due.*, DENSE_RANK() OVER (
                               PARTITION BY due.user_id
                               ORDER BY due.sequence, due.next_date, due.profile_id, due.together
                           ) AS place
                      FROM (
                    SELECT care.id, care.user_id, care.profile_id, slot.room, grade.sequence, %(together)s AS together,
                           MIN(care.next_date) OVER (
                               PARTITION BY care.user_id, care.profile_id, %(together)s
                           ) AS next_date
                      FROM grading_care AS care
                      JOIN UNNEST(%(users)s::int[], %(todays)s::date[], %(rooms)s::int[]) AS slot(user_id, today, room)
                        ON slot.user_id = care.user_id AND care.next_date <= slot.today
                      JOIN grading_cadence AS cadence ON cadence.id = care.cadence_id AND cadence.active
                      JOIN mail_activity_type AS kind ON kind.id = cadence.activity_type_id
                      JOIN grading_profile AS profile ON profile.id = care.profile_id
                 LEFT JOIN grading_grade AS grade ON grade.id = profile.grade_id
                     %(reached)s
                     WHERE care.company_id = %(company)s AND %(unplanned)s AND %(allowed)s
                ) AS due
                ) AS ranked
                 WHERE ranked.place <= COALESCE(ranked.room, ranked.place)
              ORDER BY ranked.sequence, ranked.next_date, ranked.profile_id, ranked.together, ranked.id
                 LIMIT %(limit)s
            ) AS chosen ON chosen.id = own.id
         LEFT JOIN LATERAL (
                SELECT activity.id AS activity_id
                  FROM grading_care AS care
                  JOIN grading_cadence AS cadence ON cadence.id = care.cadence_id
                  JOIN mail_activity_type AS kind ON kind.id = cadence.activity_type_id
                  JOIN mail_activity AS activity
                    ON activity.id = care.activity_id AND activity.active AND activity.user_id = care.user_id
                 WHERE care.profile_id = chosen.profile_id AND care.user_id = chosen.user_id
                   AND %(together)s = chosen.together
              ORDER BY activity.id LIMIT 1
            ) AS joined ON TRUE
            ORDER BY own.id FOR UPDATE OF own SKIP LOCKED
            """,
            users=list(user_ids),
            todays=list(todays),
            rooms=list(rooms),
            company=self.env.company.id,
            reached=reached_joins("care"),
            unplanned=self._is_unplanned(),
            together=self._together_to_sql(),
            allowed=self._may_be_contacted(),
            limit=limit,
        )

    # ------------------------------------------------------------
    # One activity for several contacts
    # ------------------------------------------------------------

    @api.model
    def _together_to_sql(self):
        """A number that the contacts ``care`` with one customer or lead have in common when one contact answers them
        all: those whose activity, of the type ``kind``, counts as a contact by the channel of ``cadence``. What is no
        such contact stands alone. See :meth:`_together`."""
        return SQL(
            "CASE WHEN kind.grading_channel = cadence.channel THEN %s ELSE -care.id END",
            SQL("0")
            if self.env.company.grading_visit_counts
            else SQL("ARRAY_POSITION(%s, cadence.channel::text)", list(LAST_DATES)),
        )

    def _together(self):
        """These contacts by what one contact with a customer or lead answers, each with the leading one first. See
        :meth:`_together_to_sql`.

        :rtype: list[grading.care]
        """
        merged = {}
        for care in self._leading_first():
            key = -care.id
            if care.cadence_id.activity_type_id.grading_channel == care.channel:
                key = 0 if care.company_id.grading_visit_counts else care.channel
            merged.setdefault((care.profile_id, care.user_id, key), []).append(care.id)
        return [self.browse(ids) for ids in merged.values()]

    def _leading_first(self):
        """The most personal contact says how all are made; among its like, the one with a topic of its own, such as a
        renewal, then the most overdue one.

        :rtype: grading.care
        """
        places = list(LAST_DATES)
        return self.sorted(
            lambda care: (
                -places.index(care.channel),
                care.cadence_id.anchor == "contact",
                care.next_date or date.max,
                care.id,
            )
        )

    def _create_activities(self, days, user=None):
        """Create an activity for all of these contacts that one contact answers, see :meth:`_prepare_activities`.

        :rtype: mail.activity
        """
        Activity = self.env["mail.activity"]
        activities = Activity._grading_create_quietly(self._prepare_activities(days, user))
        for activity, cares in zip(activities, self._together(), strict=True):
            cares._answer_by(activity)
        return activities

    def _prepare_activities(self, days, user=None):
        """Values of one activity for each of :meth:`_together`, for the responsible user or all for ``user``.

        :param dict days: the day by the user's id
        :rtype: list[dict]
        """
        groups = {cares[:1]: cares for cares in self._together()}
        readers = {leading: user or leading.user_id for leading in groups}

        def describe(leading):
            described = leading.union(*(groups[care] for care in leading)).with_env(leading.env)._describe()
            return {
                care: {
                    **groups[care].with_env(leading.env)._describe_together(described),
                    "date_deadline": days[readers[care].id],
                }
                for care in leading
            }

        return self.env["mail.activity"]._grading_prepare(readers, describe)

    def _join(self, activity):
        """Have the open ``activity`` answer these contacts as well, which have become due since it was planned; where
        one of them is more personal, the activity becomes that one."""
        cares = (self | activity.grading_care_ids)._leading_first().with_context(lang=activity.user_id.lang)
        described = cares._describe()
        notes = [activity.note or Markup(), *(described[care][1] for care in self)]
        activity.write({**cares._describe_together(described), "note": Markup().join(dict.fromkeys(notes))})
        cares._answer_by(activity)

    def _answer_by(self, activity):
        """Note that these contacts are made by ``activity``; the activities that they had of their own are removed."""
        cares = self.sudo()
        former = cares.activity_id - activity
        cares.filtered(lambda care: care.activity_id != activity).activity_id = activity
        former.filtered(lambda own: own.grading_care_id in cares).unlink()

    # ------------------------------------------------------------
    # Scheduled action
    # ------------------------------------------------------------

    @api.model
    def _cron_plan(self):
        """Plan the contacts that are due in every company, then send the daily e-mails."""
        companies = self.env["res.company"].search([("active", "=", True)])
        self._repeat(
            [
                *((f"Planning contacts of {company.name}", self.with_company(company)._plan) for company in companies),
                ("Sending the daily e-mails of due contacts", self._send_digests),
            ]
        )

    # ------------------------------------------------------------
    # Working days
    # ------------------------------------------------------------

    @api.model
    def _working_day(self, user, day):
        """The first day from ``day`` on that ``user`` works, see :meth:`_working_days`."""
        return self._working_days({user: day})[user]

    @api.model
    def _working_days(self, todays):
        """The first day from today on that each user works: no weekend of the user's calendar, no holiday, no leave.

        :param dict todays: today's date of each user
        :rtype: dict[res.users, datetime.date]
        """
        company, days = self.env.company, dict(todays)
        resources = {user: self._resource(user) for user in todays}
        alike = defaultdict(list)
        for user, today in todays.items():
            calendar = resources[user].calendar_id or company.resource_calendar_id
            if calendar:
                alike[calendar, today].append(user)
        for (calendar, today), users in alike.items():
            left = users
            for horizon in WORKING_DAY_HORIZONS:
                together = self.env["resource.resource"].union(*(resources[user] for user in left))
                working = self._work_days(calendar, together, today, horizon)
                days.update({user: min(working[resources[user].id]) for user in left if working[resources[user].id]})
                left = [user for user in left if not working[resources[user].id]]
                if not left:
                    break
        return days

    @api.model
    def _resource(self, user):
        """The user as a resource of the current company, maybe empty."""
        company = self.env.company
        return user.resource_ids.filtered(lambda resource: resource.company_id == company)[:1]

    @api.model
    def _working_ahead(self, user, day, horizon):
        """The days from ``day`` on, within ``horizon`` days, on which the user works, see :meth:`_working_days`.

        :rtype: list[datetime.date]
        """
        resource = self._resource(user)
        calendar = resource.calendar_id or self.env.company.resource_calendar_id
        if not calendar:
            return [day + timedelta(days=offset) for offset in range(horizon)]
        return sorted(self._work_days(calendar, resource, day, horizon)[resource.id])

    @api.model
    def _work_days(self, calendar, resources, day, horizon):
        """The days from ``day`` on, within ``horizon`` days, on which there is work.

        :return: sets of days, by the id of the resource; ``False`` for users without one
        :rtype: dict[int | bool, set]
        """
        begin = pytz.timezone(calendar.tz).localize(datetime.combine(day, time.min))
        intervals = calendar._work_intervals_batch(begin, begin + timedelta(days=horizon), resources)
        return {
            resource_id: {start.date() for start, _stop, _attendance in found if start.date() >= day}
            for resource_id, found in intervals.items()
        }

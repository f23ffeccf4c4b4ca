from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import api, models
from odoo.tools import SQL

# Activities that are planned by one call of create, and between two commits: a second or two of work.
PLAN_BATCH = 1000
# How far ahead to look for a working day: first a fortnight, then a year. Without any, the contact is planned at once.
WORKING_DAY_HORIZONS = (14, 366)


class GradingCare(models.Model):
    """How contacts that are due become activities: one each, on a day on which the responsible user works, and no more
    a day than the company allows."""

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
        cares = self.sudo().browse(care_id for [care_id] in rows)
        visible = cares.browse().union(*(own._visible_to(user) for user, own in cares.grouped("user_id").items()))
        (cares - visible).user_id = False
        values = visible._prepare_activities({user_id: day for user_id, _today, day, _room in slots})
        self.env["mail.activity"].sudo()._grading_create_quietly(values)
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
        return SQL(
            "NOT EXISTS (SELECT FROM mail_activity AS planned"
            " WHERE planned.grading_care_id = care.id AND planned.active)"
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
        """``SELECT id`` of contacts that are due and not planned, for each user as many as there is room: the best
        grades first, then the longest overdue. The rows are locked; those that another worker has locked are skipped.
        """
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
        """Values of the activities of these contacts, for the responsible user of each or all for ``user``.

        :param dict days: the day by the user's id
        """
        readers = {care: user or care.user_id for care in self}

        def describe(cares):
            return {
                care: {
                    "grading_care_id": care.id,
                    "activity_type_id": care.cadence_id.activity_type_id.id,
                    "summary": summary,
                    "note": note,
                    "date_deadline": days[readers[care].id],
                }
                for care, (summary, note) in cares._describe().items()
            }

        return self.env["mail.activity"]._grading_prepare(readers, describe)

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

import logging

import psycopg2.errors

from odoo import api, fields, models
from odoo.tools import SQL

from .grading_run import COLLISIONS

_logger = logging.getLogger(__name__)

# Activities that are planned by one call of create, and between two commits: a second or two of work.
PLAN_BATCH = 1000
# What another worker does who plans the same contacts at this very moment.
RACES = (*COLLISIONS, psycopg2.errors.UniqueViolation)
# How often in a row a batch can collide before it is left to the next call.
TRIES = 5


class GradingCare(models.Model):
    """How contacts that are due become activities: one each, on a day on which the responsible works, and no more a
    day than he can make."""

    _inherit = "grading.care"

    @api.model
    def _cron_plan(self):
        """Plan the contacts that are due in every company, and send the digests; batch by batch, each committed."""
        tries = TRIES
        for company in self.env["res.company"].search([("active", "=", True)]):
            Care = self.with_company(company)
            planned = PLAN_BATCH
            while planned:
                try:
                    planned = Care._plan()
                except RACES:
                    _logger.info("Somebody else plans the contacts of %s as well", company.name)
                    self.env.cr.rollback()
                    tries -= 1
                    if not tries:
                        return
                    continue
                tries = TRIES
                left = Care._count_to_plan() if planned else 0
                if not self.env["ir.cron"]._commit_progress(planned, remaining=left) and left:
                    return
            Care._send_digests()
            self.env["ir.cron"]._commit_progress(remaining=0)

    @api.model
    def _plan(self, limit=PLAN_BATCH):
        """Plan the next contacts that are due in the current company.

        :return: how many activities were created
        """
        self.env.flush_all()
        slots = self._slots()
        if not slots:
            return 0
        rows = self.env.execute_query(self._to_plan_select(slots, limit))
        cares = self.sudo().browse(care_id for [care_id] in rows)
        if cares:
            days = {user_id: day for user_id, _today, day, _room in slots}
            values = cares._prepare_activities(days)
            Activity = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True)
            Activity.create(values)
            self.env.flush_all()
        return len(cares)

    @api.model
    def _count_to_plan(self):
        slots = self._slots()
        return len(self.env.execute_query(self._to_plan_select(slots, PLAN_BATCH))) if slots else 0

    # ------------------------------------------------------------
    # Who has room for how many
    # ------------------------------------------------------------

    @api.model
    def _slots(self):
        """``[(user id, today, day, room)]``: for whoever has something due, the day on which he makes it, and how many
        contacts more he can make on that day; no room is ``None`` where there is no limit."""
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT user_id FROM grading_care WHERE company_id = %s AND activity_id IS NULL"
                " AND user_id IS NOT NULL AND next_date <= %s",
                self.env.company.id,
                fields.Date.add(fields.Date.today(), days=1),  # nowhere is it later than that
            )
        )
        users = self.env["res.users"].sudo().browse(user_id for [user_id] in rows)
        slots = []
        for user in users:
            today = self._today_of(user)
            slots.append((user.id, today, self._working_day(user, today)))
        planned = self._planned(slots)
        cap = self.env.company.grading_contacts_per_day
        return [(*slot, max(0, cap - planned.get(slot[0], 0)) if cap else None) for slot in slots]

    @api.model
    def _planned(self, slots):
        """How many contacts are planned for the user and the day of each slot, those that are done included.

        :rtype: dict[int, int]
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT activity.user_id, COUNT(*)
                  FROM mail_activity AS activity
                  JOIN UNNEST(%s::int[], %s::date[]) AS slot(user_id, day)
                    ON slot.user_id = activity.user_id AND slot.day = activity.date_deadline
                 WHERE activity.grading_care_id IS NOT NULL
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
            SELECT id FROM grading_care WHERE activity_id IS NULL AND id IN (
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
                     WHERE care.company_id = %(company)s AND care.activity_id IS NULL AND %(allowed)s
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
            allowed=self._may_be_contacted(),
            limit=limit,
        )

    def _prepare_activities(self, days):
        """Values of the activities for these contacts, in the language of the one who makes them.

        :param dict days: the day by the user's id
        """
        models = {name: self.env["ir.model"]._get_id(name) for name in ("res.partner", "crm.lead")}
        values = []
        for user, cares in self.grouped("user_id").items():
            texts = cares.with_context(lang=user.lang)._texts()
            for care, (summary, note) in texts.items():
                subject = care._subject()
                values.append(
                    {
                        "grading_care_id": care.id,
                        "res_model_id": models[subject._name],
                        "res_model": subject._name,
                        "res_id": subject.id,
                        "user_id": user.id,
                        "activity_type_id": care.cadence_id.activity_type_id.id,
                        "summary": summary,
                        "note": note,
                        "date_deadline": days[user.id],
                        "automated": True,
                    }
                )
        return values

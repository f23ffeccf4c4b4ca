from odoo import api, models
from odoo.tools import SQL

from .grading_worktable import KEYS
from .grading_worktable_care import CARE_CHANGES, CARE_COLUMNS, DUE_CARE

# The dates on the profile, and the channels of which each is the earliest.
NEXT_DATES = {
    "next_online_date": ["online"],
    "next_call_date": ["call"],
    "next_visit_date": ["visit"],
    "next_contact_date": ["online", "call", "visit"],
}


class GradingWorktable(models.AbstractModel):
    """For whom something of the next contacts is new: a row of care, a date on the profile, or a line for the log."""

    _inherit = "grading.worktable"

    @api.model
    def _create_care_changes(self, subject, matches, as_of, population, cadences=None):
        """Find out when everybody is to be contacted, and for whom that is new.

        :param odoo.tools.SQL matches: ``SELECT profile_id, cadence_id``: who has which cadence
        :param grading.cadence cadences: those that could be judged by; rows of others in force stay as they are
        :return: how many customers or leads have something new
        """
        scope = self._care_scope(subject, population)
        due = self._due_care_select(matches, as_of)
        if cadences is not None and (broken := self.env["grading.cadence"]._in_force() - cadences):
            columns = SQL(", ").join(map(SQL.identifier, ("profile_id", "cadence_id", *CARE_COLUMNS)))
            kept = SQL("SELECT %s FROM grading_care WHERE cadence_id = ANY(%s)", columns, broken.ids)
            due = SQL("%s UNION ALL %s AND profile_id IN (SELECT profile.id FROM %s)", due, kept, scope)
        self._create(DUE_CARE, due)
        self.env.execute_query(SQL("CREATE INDEX ON %s (profile_id)", DUE_CARE))
        self.env.execute_query(SQL("ANALYZE %s", DUE_CARE))
        self._create(CARE_CHANGES, self._care_changes_select(scope, as_of))
        self.env.execute_query(SQL("CREATE INDEX ON %s (place)", CARE_CHANGES))
        self.env.execute_query(SQL("ANALYZE %s", CARE_CHANGES))
        return self._count(CARE_CHANGES)

    @api.model
    def _care_scope(self, subject, population):
        """``grading_profile AS profile JOIN …``: the profiles in question, as a ``FROM``."""
        key = SQL.identifier(KEYS[subject])
        return SQL(
            "grading_profile AS profile JOIN %(population)s AS population"
            " ON population.%(key)s = profile.%(key)s AND profile.company_id = %(company)s",
            population=population,
            key=key,
            company=self.env.company.id,
        )

    @api.model
    def _care_changes_select(self, scope, as_of):
        """The profiles, numbered, of which a row of care or a date is new; with their dates."""
        names = [SQL.identifier(name) for name in NEXT_DATES]
        earliest = SQL(", ").join(
            SQL("MIN(next_date) FILTER (WHERE channel = ANY(%s)) AS %s", channels, name)
            for name, channels in zip(names, NEXT_DATES.values(), strict=True)
        )
        dates = SQL(", ").join(
            SQL("CASE WHEN lead_profile.id IS NULL THEN own.%(name)s ELSE lead_profile.%(name)s END", name=name)
            for name in names
        )
        return SQL(
            """
            SELECT ROW_NUMBER() OVER (ORDER BY profile.id) AS place, profile.id AS profile_id, dates.*,
                   %(seen)s AS seen
              FROM %(scope)s
         LEFT JOIN (SELECT profile_id, %(earliest)s FROM %(due)s GROUP BY profile_id) AS own
                ON own.profile_id = profile.id
         LEFT JOIN crm_lead AS best ON best.id = profile.best_lead_id AND COALESCE(profile.order_count, 0) = 0
               AND %(is_open)s
         LEFT JOIN grading_profile AS lead_profile ON lead_profile.lead_id = best.id
        CROSS JOIN LATERAL (SELECT %(dates)s) AS dates(%(names)s)
             WHERE (%(current)s) IS DISTINCT FROM (%(listed)s) OR profile.id IN (%(changed)s)
            """,
            scope=scope,
            earliest=earliest,
            due=DUE_CARE,
            is_open=self._is_open(SQL.identifier("best")),
            dates=dates,
            seen=self._care_seen(),
            names=SQL(", ").join(names),
            listed=self._list("dates", NEXT_DATES),
            current=self._list("profile", NEXT_DATES),
            changed=self._changed_care_select(scope, as_of),
        )

    @api.model
    def _care_seen(self):
        """What the next contacts of ``profile`` were worked out from, to tell later whether somebody changed it."""
        return SQL(
            "ROW(profile.last_online_date, profile.last_call_date, profile.last_visit_date, ("
            " SELECT ARRAY_AGG((care.cadence_id, care.last_date, care.done_date, care.put_off_date)"
            " ORDER BY care.cadence_id) FROM grading_care AS care WHERE care.profile_id = profile.id))::text"
        )

    @api.model
    def _care_overtaken(self, first, last):
        """Those among ``first`` to ``last`` of *care changes* of whom somebody has told something since: a contact was
        made, or put off, or they are looked after no longer. What was worked out for them holds no more.

        :return: ``[(place, partner id, lead id)]``
        """
        return self.env.execute_query(
            SQL(
                "SELECT changes.place, profile.partner_id, profile.lead_id"
                " FROM %s AS changes JOIN grading_profile AS profile ON profile.id = changes.profile_id"
                " WHERE changes.place BETWEEN %s AND %s AND changes.seen <> %s",
                CARE_CHANGES,
                first,
                last,
                self._care_seen(),
            )
        )

    @api.model
    def _changed_care_select(self, scope, as_of):
        """``SELECT profile_id`` of the rows that are new, gone or different, or have something to log."""
        return SQL(
            """
            SELECT COALESCE(due.profile_id, care.profile_id)
              FROM %(due)s AS due
         FULL JOIN (SELECT care.*, %(open_due)s AS open_due, %(interval)s AS interval
                      FROM grading_care AS care JOIN grading_cadence AS cadence ON cadence.id = care.cadence_id
                     WHERE care.profile_id IN (SELECT profile.id FROM %(scope)s)) AS care
                ON care.profile_id = due.profile_id AND care.cadence_id = due.cadence_id
             WHERE care.id IS NULL OR due.profile_id IS NULL
                OR (%(new)s) IS DISTINCT FROM (%(old)s)
                OR (care.open_due + care.interval)::date <= %(as_of)s
            """,
            due=DUE_CARE,
            open_due=self._open_due(),
            interval=self.env["grading.cadence"]._interval_to_sql(),
            scope=scope,
            new=self._list("due", CARE_COLUMNS),
            old=self._list("care", CARE_COLUMNS),
            as_of=as_of,
        )

    @api.model
    def _open_due(self):
        """The due date of ``care`` of which the log does not tell yet; NULL when there is none.

        Nobody is late for what was due before the cadence began to look after the customer. What is missed is due
        again an interval later, but for the talk before an order.
        """
        return SQL(
            "CASE WHEN care.logged_date < GREATEST(care.next_date, care.start_date) OR care.logged_date IS NULL"
            " THEN CASE WHEN care.next_date IS NOT NULL THEN GREATEST(care.next_date, care.start_date) END"
            " WHEN cadence.anchor <> 'next_order' AND care.next_date IS NOT NULL"
            " THEN (care.logged_date + %s)::date END",
            self.env["grading.cadence"]._interval_to_sql(),
        )

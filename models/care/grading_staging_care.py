from odoo import api, models
from odoo.tools import SQL

from ..base.subject import SUBJECTS, join_reached, reached_joins
from ..measure.grading_interaction import LAST_DATES
from ..run.grading_staging import POPULATION

# The next contacts as they should be; and the customers and leads of which something is new, numbered.
DUE_CARE = SQL.identifier("pg_temp", "grading_run_due_care")
CARE_CHANGES = SQL.identifier("pg_temp", "grading_run_care_changes")
# What a run writes of a row of grading_care; the other columns say what was done.
CARE_COLUMNS = ("channel", "last_date", "put_off_date", "next_date", "user_id")
# The dates on the profile, and the channels of which each is the earliest.
NEXT_DATES = {
    "next_online_date": ["online"],
    "next_call_date": ["call"],
    "next_visit_date": ["visit"],
    "next_contact_date": ["online", "call", "visit"],
}


class GradingWorktable(models.AbstractModel):
    """Step 7: the dates of the next contacts and the users responsible for them; in sets, writing only what changes.

    One pass over the profiles finds the cadences of each and their dates. Customers and leads whose rows or dates
    differ from these are written in batches, each whole (:meth:`_write_care_batch`).
    """

    _inherit = "grading.worktable"

    @api.model
    def _create_care_changes(self, rules, population=POPULATION):
        """Step 7: find the next contacts of the customers or leads, and for which of these something is new.

        :param Rules rules: its ``cadences`` are usable ones of the current company
        :param odoo.tools.SQL population: a table with the keys of the customers or leads in question
        :return: how many customers or leads have something new
        """
        Care = self.env["grading.care"]
        if rules.is_full:
            Care._forget_archived(rules.subject)
        if not rules.cadences and not Care.search_count([("company_id", "=", self.env.company.id)], limit=1):
            return 0
        matches = self._cadence_matches(rules.subject, rules.cadences, rules.as_of, population)
        return self._create_changes_of(rules.subject, matches, rules.as_of, population, rules.cadences)

    # ------------------------------------------------------------
    # What is due
    # ------------------------------------------------------------

    @api.model
    def _cadence_matches(self, subject, cadences, as_of, population, profiles=None):
        """``SELECT profile_id, cadence_id``: which customer or lead is covered by which cadence.

        Of leads, the open ones; a prospect with an open lead is covered through that one. Customers and leads that are
        not to be disturbed are covered by none.

        :param odoo.tools.SQL profiles: the table to look at in the place of the profiles in force, with their columns
        """
        key = SQL.identifier(SUBJECTS[subject].key)
        query = self._query(profiles or SQL.identifier("grading_profile"))
        query.add_join("JOIN", "population", population, SQL("population.%(key)s = grading_profile.%(key)s", key=key))
        query.add_where(SQL("grading_profile.company_id = %s", self.env.company.id))
        join_reached(query)
        if subject == "lead":
            query.add_where(self.env["crm.lead"]._grading_is_open_to_sql("lead"))
        else:
            query.add_where(SQL("(%s) IS NULL", self._covering_lead_select("grading_profile")))
        allowed = self.env["grading.care"]._may_be_contacted
        choices = [
            SQL(
                "CASE WHEN (%s) AND (%s) THEN %s END",
                cadence._to_sql(query, as_of),
                allowed(SQL("%s", cadence.channel)),
                cadence.id,
            )
            for cadence in cadences
        ]
        return SQL(
            """
            SELECT grading_profile.id AS profile_id, chosen.cadence_id
              FROM %(tables)s CROSS JOIN LATERAL UNNEST(ARRAY[%(choices)s]::int[]) AS chosen(cadence_id)
             WHERE %(condition)s AND chosen.cadence_id IS NOT NULL
            """,
            tables=query.from_clause,
            choices=SQL(", ").join(choices),
            condition=query.where_clause,
        )

    @api.model
    def _covering_lead_select(self, profile):
        """``SELECT id`` of the open lead through which a customer without an order is covered; no row for others.

        :param str profile: what the query calls the profile
        """
        return SQL(
            "SELECT best.id FROM crm_lead AS best WHERE best.id = %(profile)s.best_lead_id"
            " AND COALESCE(%(profile)s.order_count, 0) = 0 AND %(is_open)s",
            profile=SQL.identifier(profile),
            is_open=self.env["crm.lead"]._grading_is_open_to_sql("best"),
        )

    @api.model
    def _due_care_select(self, matches, as_of):
        """The rows of ``grading_care`` as they should be: of each of ``matches`` the dates and the responsible user."""
        return SQL(
            """
            SELECT profile.id AS profile_id, cadence.id AS cadence_id, cadence.channel, contact.last_date,
                   postponed.day AS put_off_date,
                   CASE WHEN next.day IS NOT NULL THEN GREATEST(next.day, postponed.day) END AS next_date,
                   COALESCE(responsible.id, leader.id) AS user_id
              FROM (%(matches)s) AS match
              JOIN grading_profile AS profile ON profile.id = match.profile_id
              JOIN grading_cadence AS cadence ON cadence.id = match.cadence_id
         LEFT JOIN grading_care AS care ON care.profile_id = profile.id AND care.cadence_id = cadence.id
             %(reached)s
                   %(responsible)s
        CROSS JOIN LATERAL (SELECT %(last)s AS last_date) AS contact
        CROSS JOIN LATERAL (SELECT %(next)s AS day) AS next
        CROSS JOIN LATERAL (SELECT %(postponed)s AS day) AS postponed
            """,
            reached=reached_joins("profile"),
            next=self._next_contact(as_of),
            postponed=self._postponed_date(),
            responsible=self._responsible_joins("cadence"),
            matches=matches,
            last=self._last_contact(),
        )

    @api.model
    def _responsible_joins(self, rule):
        """``LEFT JOIN …`` that finds the user ``COALESCE(responsible.id, leader.id)`` who is responsible by a rule, of
        the rows ``lead``, ``person`` and ``customer``.

        Where that user has left, or no longer works for the company, it is the leader of the team.

        :param str rule: what the query calls the rule, with its ``responsible_type`` and ``user_id``
        """
        return SQL(
            """
         LEFT JOIN res_users AS seller ON seller.id = %(seller)s
         LEFT JOIN crm_team AS team ON team.id = COALESCE(lead.team_id, seller.sale_team_id)
        CROSS JOIN LATERAL (
                SELECT CASE %(rule)s.responsible_type WHEN 'user' THEN %(rule)s.user_id
                            WHEN 'team_leader' THEN team.user_id ELSE seller.id END AS id
             ) AS wanted
         LEFT JOIN (%(colleagues)s) AS responsible ON responsible.id = wanted.id
         LEFT JOIN (%(leaders)s) AS former ON former.user_id = wanted.id
         LEFT JOIN (%(colleagues)s) AS leader
                ON leader.id = COALESCE(team.user_id, former.leader_id)
               AND responsible.id IS NULL AND wanted.id IS NOT NULL
            """,
            rule=SQL.identifier(rule),
            seller=self._salesperson(),
            colleagues=SQL(
                "SELECT person.id FROM res_users AS person"
                " JOIN res_company_users_rel AS rel ON rel.user_id = person.id AND rel.cid = %s"
                " WHERE person.active AND NOT person.share",
                self.env.company.id,
            ),
            leaders=self._former_leaders(),
        )

    @api.model
    def _former_leaders(self):
        """``SELECT user_id, leader_id``: the team leaders of users who have left. Archiving a user ends the memberships
        in teams, so that the last one of each counts."""
        return SQL(
            """
            SELECT DISTINCT ON (member.user_id) member.user_id, team.user_id AS leader_id
              FROM crm_team_member AS member
              JOIN res_users AS person ON person.id = member.user_id AND NOT person.active
              JOIN crm_team AS team ON team.id = member.crm_team_id
          ORDER BY member.user_id, member.active DESC, member.write_date DESC, member.id DESC
            """
        )

    @api.model
    def _salesperson(self):
        """The salesperson of ``lead``, or else of its customer; none while the lead is in the public pool."""
        return SQL(
            "CASE WHEN lead.user_id IS NULL AND EXISTS ("
            " SELECT FROM grading_ownership AS move WHERE move.lead_id = lead.id AND move.reason = 'pooled'"
            ") THEN NULL ELSE COALESCE(lead.user_id, person.user_id, customer.user_id) END"
        )

    @api.model
    def _postponed_date(self):
        """The day to which a user postponed the next contact of ``care``; a contact made since then ends that."""
        return SQL(
            "CASE WHEN (care.put_off_date > contact.last_date) IS NOT FALSE"
            " AND (care.put_off_date > care.done_date) IS NOT FALSE"
            " AND (contact.last_date > COALESCE(care.last_date, '-infinity')) IS NOT TRUE THEN care.put_off_date END"
        )

    @api.model
    def _next_contact(self, as_of):
        """The day on which ``profile`` is due by ``cadence``.

        NULL when the contact before the next order was made since the last order, or would be due before it: customers
        who order more often than that need none.
        """
        return SQL(
            """
            CASE cadence.anchor
                 WHEN 'next_order' THEN
                     CASE WHEN profile.next_order_date - cadence.anchor_days <= profile.last_order_date
                            OR contact.last_date > COALESCE(profile.last_order_date, '-infinity') THEN NULL
                          ELSE profile.next_order_date - cadence.anchor_days END
                 WHEN 'activity' THEN
                     COALESCE((contact.last_date + %(interval)s)::date, care.start_date, %(as_of)s)
                 ELSE (COALESCE(contact.last_date, profile.last_order_date, %(created)s) + %(interval)s)::date
             END
            """,
            interval=self.env["grading.cadence"]._interval_to_sql(),
            as_of=as_of,
            created=SQL(
                "(profile.create_date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", self.env.company._grading_tz()
            ),
        )

    @api.model
    def _last_contact(self):
        """The last contact that ``cadence`` counts from: by a channel that answers its own, or else the last time its
        own activity was done.

        ``CASE WHEN cadence.anchor <> 'contact' THEN care.done_date WHEN cadence.channel = 'call' THEN
        GREATEST(profile.last_call_date, profile.last_visit_date) … END``
        """
        by_channel = SQL(" ").join(
            SQL(
                "WHEN cadence.channel = %s THEN GREATEST(%s)",
                channel,
                SQL(", ").join(
                    SQL.identifier("profile", LAST_DATES[answer])
                    for answer in self.env["grading.cadence"]._answered_by(channel)
                ),
            )
            for channel in LAST_DATES
        )
        return SQL("CASE WHEN cadence.anchor <> 'contact' THEN care.done_date %s END", by_channel)

    # ------------------------------------------------------------
    # Changes
    # ------------------------------------------------------------

    @api.model
    def _create_changes_of(self, subject, matches, as_of, population, cadences=None):
        """Find the next contacts, and for which customers or leads a row, a date on the profile or the log is new.

        :param odoo.tools.SQL matches: ``SELECT profile_id, cadence_id``, see :meth:`_cadence_matches`
        :param grading.cadence cadences: the usable ones; rows of others in force stay as they are
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
        if count := self._create(CARE_CHANGES, self._care_changes_select(scope, as_of)):
            self._prepare_batches(CARE_CHANGES)
        return count

    @api.model
    def _care_scope(self, subject, population):
        """``grading_profile AS profile JOIN …``: the profiles in question, as a ``FROM``."""
        key = SQL.identifier(SUBJECTS[subject].key)
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
         -- IN after OR would be no join, but a search through all of them for each profile where they are many.
         LEFT JOIN (%(changed)s) AS changed ON changed.profile_id = profile.id
        CROSS JOIN LATERAL (SELECT %(dates)s) AS dates(%(names)s)
             WHERE (%(current)s) IS DISTINCT FROM (%(listed)s) OR changed.profile_id IS NOT NULL
            """,
            scope=scope,
            earliest=earliest,
            due=DUE_CARE,
            is_open=self.env["crm.lead"]._grading_is_open_to_sql("best"),
            dates=dates,
            seen=self._care_seen(),
            names=SQL(", ").join(names),
            listed=self._list("dates", NEXT_DATES),
            current=self._list("profile", NEXT_DATES),
            changed=self._changed_care_select(scope, as_of),
        )

    @api.model
    def _care_seen(self):
        """What the next contacts of ``profile`` depend on, to find out later whether a user changed it meanwhile."""
        return SQL(
            "ROW(%s, ("
            " SELECT ARRAY_AGG((care.cadence_id, care.last_date, care.done_date, care.put_off_date)"
            " ORDER BY care.cadence_id) FROM grading_care AS care WHERE care.profile_id = profile.id))::text",
            self._list("profile", LAST_DATES.values()),
        )

    @api.model
    def _care_overtaken(self, first, last):
        """Those among ``first`` to ``last`` of *care changes* that have changed since: a contact was made or postponed,
        or they are covered no longer. What was found for them is out of date.

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
        """``SELECT profile_id``, each once, of rows that are new, gone or different, or have something to log."""
        return SQL(
            """
            SELECT DISTINCT COALESCE(due.profile_id, care.profile_id) AS profile_id
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
        """The due date of ``care`` that is not in the log yet; NULL when there is none.

        No contact is late that was due before the cadence began to cover the customer. A missed one is due again an
        interval later, except for the contact before an order.
        """
        return SQL(
            "CASE WHEN care.logged_date < GREATEST(care.next_date, care.start_date) OR care.logged_date IS NULL"
            " THEN CASE WHEN care.next_date IS NOT NULL THEN GREATEST(care.next_date, care.start_date) END"
            " WHEN cadence.anchor <> 'next_order' AND care.next_date IS NOT NULL"
            " THEN (care.logged_date + %s)::date END",
            self.env["grading.cadence"]._interval_to_sql(),
        )

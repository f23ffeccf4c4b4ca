from odoo import api, models
from odoo.tools import SQL

from .grading_worktable import KEYS, POPULATION

# What each cadence asks for each customer or lead; and for whom something of it is new, numbered.
DUE_CARE = SQL.identifier("pg_temp", "grading_run_due_care")
CARE_CHANGES = SQL.identifier("pg_temp", "grading_run_care_changes")

# What a run writes of a row of grading_care; the other columns tell of what was done.
CARE_COLUMNS = ("channel", "last_date", "put_off_date", "next_date", "user_id")


class GradingWorktable(models.AbstractModel):
    """Step 7: who is to be contacted when, and by whom; in sets, touching nothing where nothing changes.

    One pass over the profiles says which cadences each has, and counts their dates. Whoever's rows or dates differ
    from what is there is written in batches, each customer or lead whole (:meth:`_write_care_batch`).
    """

    _inherit = "grading.worktable"

    @api.model
    def _write_care(self, rules, as_of, population=POPULATION):
        """Step 7 in one go, for callers who need not commit in between.

        :param rules: a :class:`grading_run_rules.Rules`; its ``cadences`` are usable ones of the current company
        :param datetime.date as_of: today
        :param odoo.tools.SQL population: a table with the keys of the customers or leads to look after
        :return: how many customers or leads have a new date
        """
        total = self._create_care(rules, as_of, population)
        self._write_care_batch(1, total, as_of)
        return total

    @api.model
    def _create_care(self, rules, as_of, population=POPULATION):
        """Find out for whom something is new; the arguments are those of :meth:`_write_care`.

        :return: how many customers or leads that is
        """
        matches = self._cadence_matches(rules.subject, rules.cadences, as_of, population)
        return self._create_care_changes(rules.subject, matches, as_of, population, rules.cadences)

    # ------------------------------------------------------------
    # What is due
    # ------------------------------------------------------------

    @api.model
    def _cadence_matches(self, subject, cadences, as_of, population):
        """``SELECT profile_id, cadence_id``: who has which cadence.

        Of leads, the open ones; a prospect who has an open lead is looked after through it. Whom to leave in peace is
        looked after by none.
        """
        key = SQL.identifier(KEYS[subject])
        query = self._query(SQL.identifier("grading_profile"))
        query.add_join("JOIN", "population", population, SQL("population.%(key)s = grading_profile.%(key)s", key=key))
        query.add_where(SQL("grading_profile.company_id = %s", self.env.company.id))
        for alias, table, condition in (
            ("lead", "crm_lead", SQL("lead.id = grading_profile.lead_id")),
            ("person", "res_partner", SQL("person.id = COALESCE(grading_profile.partner_id, lead.partner_id)")),
            ("customer", "res_partner", SQL("customer.id = person.commercial_partner_id")),
        ):
            query.add_join("LEFT JOIN", alias, SQL.identifier(table), condition)
        if subject == "lead":
            query.add_where(self._is_open(SQL.identifier("lead")))
        else:
            query.add_where(SQL("(%s) IS NULL", self._looked_after_by(SQL.identifier("grading_profile"))))
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
            SELECT grading_profile.id AS profile_id, given.cadence_id
              FROM %(tables)s CROSS JOIN LATERAL UNNEST(ARRAY[%(choices)s]::int[]) AS given(cadence_id)
             WHERE %(condition)s AND given.cadence_id IS NOT NULL
            """,
            tables=query.from_clause,
            choices=SQL(", ").join(choices),
            condition=query.where_clause,
        )

    @api.model
    def _is_open(self, lead):
        return SQL("%(lead)s.active AND %(lead)s.won_status = 'pending'", lead=lead)

    @api.model
    def _looked_after_by(self, profile):
        """The open lead by which a customer without an order is looked after; NULL for any other customer."""
        return SQL(
            "SELECT best.id FROM crm_lead AS best WHERE best.id = %(profile)s.best_lead_id"
            " AND COALESCE(%(profile)s.order_count, 0) = 0 AND %(is_open)s",
            profile=profile,
            is_open=self._is_open(SQL.identifier("best")),
        )

    @api.model
    def _due_care_select(self, matches, as_of):
        """The rows of ``grading_care`` as they should be: for each of ``matches`` its dates and its responsible."""
        return SQL(
            """
            SELECT profile.id AS profile_id, cadence.id AS cadence_id, cadence.channel, contact.last_date,
                   put_off.day AS put_off_date,
                   CASE WHEN next.day IS NOT NULL THEN GREATEST(next.day, put_off.day) END AS next_date,
                   responsible.id AS user_id
              FROM (%(matches)s) AS match
              JOIN grading_profile AS profile ON profile.id = match.profile_id
              JOIN grading_cadence AS cadence ON cadence.id = match.cadence_id
         LEFT JOIN grading_care AS care ON care.profile_id = profile.id AND care.cadence_id = cadence.id
         LEFT JOIN crm_lead AS lead ON lead.id = profile.lead_id
         LEFT JOIN res_partner AS person ON person.id = COALESCE(profile.partner_id, lead.partner_id)
         LEFT JOIN res_partner AS customer ON customer.id = person.commercial_partner_id
         LEFT JOIN res_users AS seller ON seller.id = %(seller)s
         LEFT JOIN crm_team AS team ON team.id = COALESCE(lead.team_id, seller.sale_team_id)
         LEFT JOIN (%(colleagues)s) AS responsible ON responsible.id =
                   CASE cadence.responsible_type WHEN 'user' THEN cadence.user_id
                        WHEN 'team_leader' THEN team.user_id ELSE seller.id END
        CROSS JOIN LATERAL (SELECT %(last)s AS last_date) AS contact
        CROSS JOIN LATERAL (SELECT %(next)s AS day) AS next
        CROSS JOIN LATERAL (SELECT %(put_off)s AS day) AS put_off
            """,
            next=self._next_contact(as_of),
            put_off=self._put_off(),
            seller=self._salesperson(),
            matches=matches,
            colleagues=SQL(
                "SELECT person.id FROM res_users AS person"
                " JOIN res_company_users_rel AS rel ON rel.user_id = person.id AND rel.cid = %s"
                " WHERE person.active AND NOT person.share",
                self.env.company.id,
            ),
            last=self._last_contact(),
        )

    @api.model
    def _salesperson(self):
        """The user who is responsible for ``lead``, or the one for its customer, unless it lies in the public pool."""
        return SQL(
            "CASE WHEN lead.user_id IS NULL AND EXISTS ("
            " SELECT FROM grading_ownership AS move WHERE move.lead_id = lead.id AND move.reason = 'pooled'"
            ") THEN NULL ELSE COALESCE(lead.user_id, person.user_id, customer.user_id) END"
        )

    @api.model
    def _put_off(self):
        """Until when a person has put off the next contact of ``care``; a contact since then ends that."""
        return SQL(
            "CASE WHEN (care.put_off_date > contact.last_date) IS NOT FALSE"
            " AND (care.put_off_date > care.done_date) IS NOT FALSE"
            " AND (contact.last_date > COALESCE(care.last_date, '-infinity')) IS NOT TRUE THEN care.put_off_date END"
        )

    @api.model
    def _next_contact(self, as_of):
        """The day on which ``profile`` is due by ``cadence``.

        NULL when the talk before the next order was held since the last one, or would be before that: who orders more
        often than that needs no talk.
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
        """The last contact that ``cadence`` counts from: by its channel, where a visit counts as any other when the
        company says so, or the last time that its own activity was done."""
        visit = SQL("profile.last_visit_date") if self.env.company.grading_visit_counts else SQL("NULL")
        return SQL(
            "CASE WHEN cadence.anchor <> 'contact' THEN care.done_date"
            " WHEN cadence.channel = 'visit' THEN profile.last_visit_date"
            " WHEN cadence.channel = 'call' THEN GREATEST(profile.last_call_date, %(visit)s)"
            " ELSE GREATEST(profile.last_online_date, %(visit)s) END",
            visit=visit,
        )

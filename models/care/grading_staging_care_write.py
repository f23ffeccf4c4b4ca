from odoo import api, models
from odoo.tools import SQL

from ..base.subject import SUBJECTS
from ..measure.grading_interaction import LAST_DATES
from .grading_staging_care import CARE_CHANGES, CARE_COLUMNS, DUE_CARE, NEXT_DATES


class GradingWorktable(models.AbstractModel):
    """Step 7, written: the next contacts and their dates, the outcome of the last ones, and activities not needed."""

    _inherit = "grading.worktable"

    @api.model
    def _write_care_batch(self, rules, first, last):
        """Step 7, see :meth:`_write_care_changes`; what a run counts has no figure for it."""
        self._leave_held(CARE_CHANGES, "profile_id", first, last)
        self._write_care_changes(first, last, rules.as_of)
        return {}

    @api.model
    def _write_care_changes(self, first, last, as_of):
        """Write the customers or leads ``first`` to ``last`` of *care changes*, each whole: the outcome of the contacts
        that were due, the activities that are no longer needed, the rows and the dates.

        Customers and leads that were contacted since *care changes* was worked out are left to the next rescoring.

        :param datetime.date as_of: today
        """
        if first > last:
            return
        overtaken = self._care_overtaken(first, last)
        self._requeue_care(overtaken)
        batch = SQL(
            "(SELECT * FROM %s WHERE place BETWEEN %s AND %s AND place <> ALL(%s::int[]))",
            CARE_CHANGES,
            first,
            last,
            [place for place, _partner, _lead in overtaken],
        )
        self._log_care(batch, as_of)
        self._tidy_care_activities(batch)
        self._write_care_rows(batch, as_of)
        self._write_next_dates(batch)
        self.env["grading.care"]._forget_cache()

    @api.model
    def _requeue_care(self, rows):
        """Have the customers and leads of ``rows``, see :meth:`_care_overtaken`, scored again."""
        Queue, company = self.env["grading.queue"], self.env.company
        Queue._enqueue_leads(self.env["crm.lead"].browse(lead_id for _place, _partner, lead_id in rows if lead_id))
        partners = self.env["res.partner"].browse(partner_id for _place, partner_id, _lead in rows if partner_id)
        Queue._enqueue((partner, company) for partner in partners)

    @api.model
    def _log_care(self, batch, as_of):
        """Log each contact that was due until it was made, or until ``as_of``.

        ``due ...... due + interval``: made in that time, it was in time or late; later or not at all, it was missed.
        """
        self.env.execute_query(
            SQL(
                """
                WITH logged AS (
                    INSERT INTO grading_care_log (profile_id, partner_id, lead_id, company_id, cadence_id, channel,
                                                  user_id, grade_id, due_date, done_date, state)
                    SELECT outcome.profile_id, outcome.partner_id, outcome.lead_id, outcome.company_id,
                           outcome.cadence_id, outcome.channel, outcome.user_id, outcome.grade_id, outcome.day,
                           CASE WHEN outcome.missed THEN NULL ELSE outcome.done END,
                           CASE WHEN outcome.missed THEN 'missed'
                                WHEN outcome.done <= outcome.day + outcome.tolerance_days THEN 'kept' ELSE 'late' END
                      FROM (%(outcome)s) AS outcome
                     WHERE outcome.missed OR outcome.done >= COALESCE(outcome.logged_date, outcome.done)
                        ON CONFLICT (profile_id, cadence_id, due_date)
                        DO UPDATE SET state = EXCLUDED.state, done_date = EXCLUDED.done_date
                 RETURNING profile_id, cadence_id, due_date
                )
                UPDATE grading_care AS care SET logged_date = latest.day
                  FROM (SELECT profile_id, cadence_id, MAX(due_date) AS day FROM logged GROUP BY 1, 2) AS latest
                 WHERE care.profile_id = latest.profile_id AND care.cadence_id = latest.cadence_id
             RETURNING care.id
                """,
                outcome=self._outcome_select(batch, as_of),
            )
        )

    @api.model
    def _outcome_select(self, batch, as_of):
        """The days on which contacts of ``batch`` were due and that have an outcome: either a whole interval passed
        (``missed``), or the contact was made (``done``)."""
        return SQL(
            """
            SELECT care.*, profile.grade_id, cadence.tolerance_days, due.day::date AS day, contact.done,
                   (due.day + %(interval)s)::date <= COALESCE(contact.done, %(as_of)s) AS missed
              FROM %(batch)s AS batch
              JOIN grading_care AS care ON care.profile_id = batch.profile_id
              JOIN grading_profile AS profile ON profile.id = care.profile_id
              JOIN grading_cadence AS cadence ON cadence.id = care.cadence_id
              JOIN %(due)s AS fresh ON fresh.profile_id = care.profile_id AND fresh.cadence_id = care.cadence_id
        CROSS JOIN LATERAL (SELECT %(open_due)s AS day) AS open
        CROSS JOIN LATERAL (
                SELECT CASE WHEN fresh.last_date > COALESCE(care.last_date, '-infinity')
                             AND (cadence.anchor <> 'next_order' OR fresh.last_date >= care.next_date)
                            THEN fresh.last_date END AS done
             ) AS contact
        CROSS JOIN LATERAL GENERATE_SERIES(
                open.day::timestamp,
                CASE cadence.anchor WHEN 'next_order' THEN open.day
                     ELSE GREATEST(open.day, COALESCE(contact.done, %(as_of)s)) END::timestamp,
                %(interval)s
             ) AS due(day)
             WHERE contact.done IS NOT NULL OR (due.day + %(interval)s)::date <= %(as_of)s
            """,
            interval=self.env["grading.cadence"]._interval_to_sql(),
            as_of=as_of,
            batch=batch,
            due=DUE_CARE,
            open_due=self._open_due(),
        )

    @api.model
    def _tidy_care_activities(self, batch):
        """Remove the open activities of contacts that are due only after their day, no longer due, or without a
        responsible user; pass on those for which another user is responsible now."""
        self._release_answered(batch)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT activity.id, due.user_id,
                       (due.next_date <= activity.date_deadline) IS TRUE AND due.user_id IS NOT NULL AS still_due
                  FROM %(batch)s AS batch
                  JOIN grading_care AS care ON care.profile_id = batch.profile_id
                  JOIN mail_activity AS activity ON activity.grading_care_id = care.id AND activity.active
             LEFT JOIN %(due)s AS due ON due.profile_id = care.profile_id AND due.cadence_id = care.cadence_id
                 WHERE (due.next_date <= activity.date_deadline) IS NOT TRUE
                    OR due.user_id IS DISTINCT FROM care.user_id AND activity.user_id = care.user_id
                """,
                batch=batch,
                due=DUE_CARE,
            )
        )
        Activity = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True)
        Activity.browse(activity_id for activity_id, _user, still_due in rows if not still_due).unlink()
        by_user = {}
        for activity_id, user_id, still_due in rows:
            if still_due:
                by_user.setdefault(user_id, []).append(activity_id)
        for user_id, activity_ids in by_user.items():
            Activity.browse(activity_ids).user_id = user_id
        if rows:
            self.env.flush_all()

    @api.model
    def _release_answered(self, batch):
        """Take from activities the contacts that these answer beside their own and no longer need to: those that are
        due only after their day or no longer, or for another user."""
        self.env.execute_query(
            SQL(
                """
                UPDATE grading_care AS care SET activity_id = NULL
                  FROM %(batch)s AS batch
                  JOIN grading_care AS answered ON answered.profile_id = batch.profile_id
                  JOIN mail_activity AS activity
                    ON activity.id = answered.activity_id AND activity.grading_care_id <> answered.id
                  JOIN grading_care AS main ON main.id = activity.grading_care_id
             LEFT JOIN %(due)s AS due
                    ON due.profile_id = answered.profile_id AND due.cadence_id = answered.cadence_id
             LEFT JOIN %(due)s AS led
                    ON led.profile_id = main.profile_id AND led.cadence_id = main.cadence_id
                 WHERE care.id = answered.id
                   AND ((due.next_date <= activity.date_deadline) IS NOT TRUE
                        OR due.user_id IS DISTINCT FROM led.user_id)
             RETURNING care.id
                """,
                batch=batch,
                due=DUE_CARE,
            )
        )

    @api.model
    def _write_care_rows(self, batch, as_of):
        columns = SQL(", ").join(map(SQL.identifier, CARE_COLUMNS))
        self.env.execute_query(
            SQL(
                """
                WITH gone AS (
                    DELETE FROM grading_care AS care USING %(batch)s AS batch
                     WHERE care.profile_id = batch.profile_id AND NOT EXISTS (
                               SELECT FROM %(due)s AS due
                                WHERE due.profile_id = care.profile_id AND due.cadence_id = care.cadence_id
                           )
                 RETURNING care.id
                ), written AS (
                    INSERT INTO grading_care AS care
                           (profile_id, partner_id, lead_id, company_id, cadence_id, start_date, %(columns)s)
                    SELECT profile.id, profile.partner_id, profile.lead_id, profile.company_id, due.cadence_id,
                           %(as_of)s, %(values)s
                      FROM %(batch)s AS batch
                      JOIN %(due)s AS due ON due.profile_id = batch.profile_id
                      JOIN grading_profile AS profile ON profile.id = due.profile_id
                        ON CONFLICT (profile_id, cadence_id) DO UPDATE SET (%(columns)s) = (%(excluded)s)
                     WHERE (%(current)s) IS DISTINCT FROM (%(excluded)s)
                 RETURNING care.id
                )
                SELECT COUNT(*) FROM written
                """,
                batch=batch,
                due=DUE_CARE,
                as_of=as_of,
                columns=columns,
                values=self._list("due", CARE_COLUMNS),
                current=self._list("care", CARE_COLUMNS),
                excluded=self._list("excluded", CARE_COLUMNS),
            )
        )

    @api.model
    def _write_next_dates(self, batch):
        self.env.execute_query(
            SQL(
                """
                UPDATE grading_profile AS profile SET (%(columns)s) = (%(values)s)
                  FROM %(batch)s AS batch
                 WHERE profile.id = batch.profile_id AND (%(current)s) IS DISTINCT FROM (%(values)s)
             RETURNING profile.id
                """,
                batch=batch,
                columns=SQL(", ").join(map(SQL.identifier, NEXT_DATES)),
                values=self._list("batch", NEXT_DATES),
                current=self._list("profile", NEXT_DATES),
            )
        )

    # ------------------------------------------------------------
    # After a single contact
    # ------------------------------------------------------------

    # What a contact that was just made changes, before the next run.

    @api.model
    def _mark_care_done(self, cares, channel, day):
        """Write that the contacts ``cares`` were made on ``day``, and the new dates of their leads and customers. A
        contact about a lead is one with its customer, too.

        :param grading.care cares: rows of the current company
        :param str channel: by which the contacts were made, or ``none``
        """
        self.env.execute_query(
            SQL(
                "UPDATE grading_care SET done_date = %s, put_off_date = NULL WHERE id = ANY(%s) RETURNING id",
                day,
                cares.ids,
            )
        )
        ids = self._contacted_profiles(cares)
        if channel in LAST_DATES:
            self.env.execute_query(
                SQL(
                    # A run that measured before must not write over it: it looks at when the profile was written.
                    "UPDATE grading_profile SET %(name)s = GREATEST(%(name)s, %(day)s),"
                    " write_date = NOW() AT TIME ZONE 'UTC' WHERE id = ANY(%(ids)s) RETURNING id",
                    name=SQL.identifier(LAST_DATES[channel]),
                    day=day,
                    ids=ids,
                )
            )
        matches = SQL("SELECT profile_id, cadence_id FROM grading_care WHERE profile_id = ANY(%s)", ids)
        for subject in ("lead", "customer"):  # a prospect has the dates of its best lead
            population = SQL(
                "(SELECT %(key)s FROM grading_profile AS one WHERE id = ANY(%(ids)s) AND %(key)s IS NOT NULL)",
                key=SQL.identifier(SUBJECTS[subject].key),
                ids=ids,
            )
            of_subject = SQL(
                "SELECT own.* FROM (%s) AS own JOIN grading_profile AS profile ON profile.id = own.profile_id"
                " WHERE %s IS NOT NULL",
                matches,
                SQL.identifier("profile", SUBJECTS[subject].key),
            )
            self._write_care_changes(1, self._create_changes_of(subject, of_subject, day, population), day)

    @api.model
    def _contacted_profiles(self, cares):
        """Ids of the profiles that were contacted: the customers and leads, and the leads' customers."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT profile.id FROM grading_profile AS profile
                 WHERE profile.id = ANY(%(profiles)s) OR profile.company_id = %(company)s AND profile.partner_id IN (
                           SELECT person.commercial_partner_id
                             FROM crm_lead AS lead JOIN res_partner AS person ON person.id = lead.partner_id
                            WHERE lead.id = ANY(%(leads)s)
                       )
                """,
                profiles=cares.profile_id.ids,
                company=self.env.company.id,
                leads=cares.lead_id.ids,
            )
        )
        return [profile_id for [profile_id] in rows]

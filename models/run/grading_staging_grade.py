from odoo import api, models
from odoo.tools import SQL

from ..base.grading_domain_mixin import sql_case
from .grading_staging import GRADED, KEYS, MEASURED, TABLES

# Documents that are named when they had to be left out.
NAMED_DOCUMENTS = 5


class GradingProfile(models.Model):
    """Step 3: from the score to the grade in force."""

    _inherit = "grading.profile"

    @api.model
    def _grade_select(self, rules, rulers, scored, as_of):
        """``SELECT`` of the scored rows with their grades; the columns are the profile's, the former ones ``old_…``.

        A valid override is in force. Otherwise the computed grade is, but a lower one waits until the scheme's days of
        grace are over, as the pending grade; a customer who has just come under another scheme, or whose override has
        just ended, does not wait. ``reason`` says what the history will say.

        :param rules: a :class:`grading_run_rules.Rules`, with the schemes by which the rows were scored
        :param dict rulers: cut points, see :class:`grading.ruler`
        :param odoo.tools.SQL scored: the table of scored rows
        :param datetime.date as_of: the day on which overrides and grace are judged
        """
        grades = self.env["grading.grade"].search([("active", "in", (True, False))])
        judged = self._judged_select(rules, rulers, scored, as_of)
        settled = SQL(
            """
            SELECT judged.*,
                   (COALESCE(judged.computed_place, %(worst)s) > judged.old_place
                    AND judged.scheme_id = judged.old_scheme_id AND NOT judged.override_ends
                    AND DATE %(as_of)s - COALESCE(judged.pending_since, DATE %(as_of)s) < judged.grace_days) IS TRUE
                   AND NOT judged.override_holds AS waits
              FROM (
                SELECT graded.*,
                       ARRAY_POSITION(%(order)s::int[], graded.computed_grade_id) AS computed_place,
                       ARRAY_POSITION(%(order)s::int[], graded.grade_id) AS old_place
                  FROM (%(judged)s OFFSET 0) AS graded
              ) AS judged
            """,
            as_of=as_of,
            order=grades.ids,
            worst=len(grades) + 1,
            judged=judged,
        )
        return self._in_force_select(settled, grades, as_of)

    @api.model
    def _judged_select(self, rules, rulers, scored, as_of):
        """The scored rows with their new computed grade, their scheme's grace, and what becomes of an override.

        A prospect goes with his best open lead: where a person has graded the lead, that is the prospect's grade too.
        """
        score = SQL("scored.score")
        schemes = rules.schemes + rules.prospect_schemes
        computed = sql_case(
            [(SQL("scored.scheme_id = %s", s.id), s._grade_to_sql(score, rulers)) for s in schemes], SQL("NULL::int")
        )
        if rules.prospect_schemes:
            computed = SQL(
                "COALESCE((SELECT lead.manual_grade_id FROM grading_profile AS lead"
                " WHERE lead.lead_id = scored.best_lead_id AND scored.scheme_id = ANY(%s)), %s)",
                rules.prospect_schemes.ids,
                computed,
            )
        grace = sql_case([(SQL("scored.scheme_id = %s", s.id), SQL("%s", s.grace_days)) for s in schemes], SQL("0"))
        kept = [name for name in self._stored_columns() if name != "computed_grade_id"]
        return SQL(
            """
            SELECT %(kept)s, scored.old_scheme_id, scored.first_order, scored.old_score,
                   (%(computed)s)::int AS computed_grade_id,
                   %(grace)s AS grace_days,
                   (scored.manual_grade_id IS NOT NULL
                    AND COALESCE(scored.manual_until >= %(as_of)s, TRUE)) AS override_holds,
                   COALESCE(scored.manual_until < %(as_of)s, FALSE) AS override_ends
              FROM %(scored)s AS scored
            """,
            kept=SQL(", ").join(SQL.identifier("scored", name) for name in kept),
            computed=computed,
            grace=grace,
            as_of=as_of,
            scored=scored,
        )

    @api.model
    def _in_force_select(self, settled, grades, as_of):
        """The settled rows with the grade in force, the pending one, the trend and the reason of a change."""
        changed = {
            "grade_id": SQL(
                "CASE WHEN settled.override_holds THEN settled.manual_grade_id"
                " WHEN settled.waits THEN settled.grade_id ELSE settled.computed_grade_id END"
            ),
            "pending_grade_id": SQL("CASE WHEN settled.waits THEN settled.computed_grade_id END"),
            "pending_since": SQL("CASE WHEN settled.waits THEN COALESCE(settled.pending_since, DATE %s) END", as_of),
            "manual_grade_id": SQL("CASE WHEN NOT settled.override_ends THEN settled.manual_grade_id END"),
            "manual_reason": SQL("CASE WHEN NOT settled.override_ends THEN settled.manual_reason END"),
            "manual_until": SQL("CASE WHEN NOT settled.override_ends THEN settled.manual_until END"),
            "manual_user_id": SQL("CASE WHEN NOT settled.override_ends THEN settled.manual_user_id END"),
        }
        kept = [name for name in self._stored_columns() if name not in changed and name != "trend"]
        in_force = SQL(
            "SELECT %s, %s, settled.trend, settled.grade_id AS old_grade_id, settled.old_score, settled.old_scheme_id,"
            " settled.first_order, settled.override_ends, settled.old_place FROM (%s OFFSET 0) AS settled",
            SQL(", ").join(SQL.identifier("settled", name) for name in kept),
            SQL(", ").join(SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in changed.items()),
            settled,
        )
        others = [name for name in self._stored_columns() if name != "trend"]
        return SQL(
            """
            SELECT %(others)s, in_force.old_grade_id, in_force.old_score,
                   CASE WHEN in_force.override_ends THEN 'override_end'
                        WHEN in_force.first_order THEN 'first_order' ELSE 'rescore' END AS reason,
                   CASE WHEN in_force.grade_id IS NOT DISTINCT FROM in_force.old_grade_id
                        THEN COALESCE(in_force.trend, 'same')
                        WHEN in_force.scheme_id IS DISTINCT FROM in_force.old_scheme_id THEN 'same'
                        WHEN ARRAY_POSITION(%(order)s::int[], in_force.grade_id) < in_force.old_place THEN 'up'
                        WHEN ARRAY_POSITION(%(order)s::int[], in_force.grade_id) > in_force.old_place THEN 'down'
                        ELSE 'same' END AS trend
              FROM (%(in_force)s) AS in_force
            """,
            others=SQL(", ").join(SQL.identifier("in_force", name) for name in others),
            order=grades.ids,
            in_force=in_force,
        )

    @api.model
    def _stored_columns(self):
        """Names of the columns of ``grading_profile``."""
        return [name for name, field in self._fields.items() if field.store and field.column_type]


class GradingWorktable(models.AbstractModel):
    """How the worked-out profiles get to where people see them."""

    _inherit = "grading.worktable"

    @api.model
    def _write_batch(self, subject, first, last, as_of):
        """Write the rows ``first`` to ``last`` of *graded*, with their history, in one statement.

        The rules did it, nobody in person: the columns that name a user stay empty.

        :return: how many profiles were written; fewer than asked for when somebody changed some of them meanwhile
        """
        written = self._written_columns()
        [[count]] = self.env.execute_query(
            SQL(
                """
                WITH batch AS (SELECT * FROM %(graded)s WHERE place BETWEEN %(first)s AND %(last)s),
                updated AS (
                    UPDATE grading_profile AS profile SET (%(columns)s, write_uid, write_date) =
                        (%(values)s, NULL, NOW() AT TIME ZONE 'UTC')
                      FROM batch
                     WHERE profile.id = batch.id AND profile.write_date IS NOT DISTINCT FROM batch.write_date
                 RETURNING profile.id, profile.%(key)s
                ), inserted AS (
                    INSERT INTO grading_profile
                        (%(key)s, company_id, %(columns)s, create_date, write_date)
                    SELECT batch.%(key)s, batch.company_id, %(values)s,
                           NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
                      FROM batch JOIN %(table)s AS subject ON subject.id = batch.%(key)s
                     WHERE batch.id < 0
                        ON CONFLICT DO NOTHING
                 RETURNING id, %(key)s
                ), written AS (SELECT * FROM updated UNION ALL SELECT * FROM inserted),
                noted AS (
                    INSERT INTO grading_history
                        (profile_id, %(key)s, company_id, date, old_grade_id, new_grade_id, old_lifecycle_id,
                         new_lifecycle_id, old_score, new_score, reason, create_date, write_date)
                    SELECT written.id, batch.%(key)s, batch.company_id, %(as_of)s, batch.old_grade_id,
                           batch.grade_id, batch.old_lifecycle_id, batch.lifecycle_id, batch.old_score, batch.score,
                           batch.reason, NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
                      FROM batch JOIN written ON written.%(key)s = batch.%(key)s
                     WHERE (batch.old_grade_id, batch.old_lifecycle_id)
                           IS DISTINCT FROM (batch.grade_id, batch.lifecycle_id)
                  ORDER BY batch.place
                )
                SELECT COUNT(*) FROM written
                """,
                graded=GRADED,
                key=SQL.identifier(KEYS[subject]),
                table=SQL.identifier(TABLES[subject]),
                first=first,
                last=last,
                columns=SQL(", ").join(SQL.identifier(name) for name in written),
                values=self._list("batch", written),
                as_of=as_of,
            )
        )
        return count

    @api.model
    def _requeue(self, subject, first, last):
        """Have the rows of *graded* that are not in the profile, because somebody changed it meanwhile, judged anew."""
        rows = self.env.execute_query(
            SQL(
                "SELECT subject.id FROM %(graded)s AS graded"
                " JOIN %(table)s AS subject ON subject.id = graded.%(key)s"
                " LEFT JOIN grading_profile AS profile ON profile.id = graded.id"
                " WHERE graded.place BETWEEN %(first)s AND %(last)s"
                " AND profile.write_date IS DISTINCT FROM graded.write_date"
                " AND (profile.score, profile.grade_id) IS DISTINCT FROM (graded.score, graded.grade_id)",
                graded=GRADED,
                table=SQL.identifier(TABLES[subject]),
                key=SQL.identifier(KEYS[subject]),
                first=first,
                last=last,
            )
        )
        ids = [subject_id for [subject_id] in rows]
        Queue = self.env["grading.queue"]
        if subject == "lead":
            Queue._enqueue_leads(self.env["crm.lead"].browse(ids))
        else:
            company = self.env.company
            Queue._enqueue((partner, company) for partner in self.env["res.partner"].browse(ids))

    @api.model
    def _left_out(self):
        """What to say of the documents that could not be counted, as a list of sentences."""
        [[count, customers]] = self.env.execute_query(
            SQL("SELECT SUM(left_out)::int, ARRAY_AGG(partner_id) FROM %s WHERE left_out > 0", MEASURED)
        )
        if not count:
            return []
        contacts = self.env["grading.population"]._contacts(self.env["res.partner"].browse(customers))
        unusable = self.env["grading.measure"]._unusable_documents(contacts)
        rows = self.env.execute_query(SQL("%s ORDER BY name LIMIT %s", unusable, NAMED_DOCUMENTS))
        names = ", ".join(name or "?" for [name] in rows)
        return [
            self.env._(
                "%(count)s documents were left out because their amount or currency rate makes no sense; "
                "correct them: %(names)s",
                count=count,
                names=names + (" …" if count > len(rows) else ""),
            )
        ]

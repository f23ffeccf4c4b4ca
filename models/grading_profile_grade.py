from odoo import api, models
from odoo.tools import SQL

from .grading_domain_mixin import sql_case


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

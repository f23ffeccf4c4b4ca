from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.fields import SELLERS


class GradingProfile(models.Model):
    """The score month by month, as the line on the page *Grading* is drawn: read when the page is opened."""

    _inherit = "grading.profile"

    score_line = fields.Json(compute="_compute_score_line")

    @api.depends("snapshot_ids", "history_ids", "score", "grade_id", "scheme_id")
    @api.depends_context("lang")
    def _compute_score_line(self):
        """One query for what is remembered of all of them.

        ``points``: date, score (None where no scheme judged) and grade at the end of each month, and today; ``changes``
        of grade: date, score, from and to; ``limits``: where each grade of the scheme begins, the best first; ``max``:
        the most points that the scheme gives.
        """
        remembered = self._remembered()
        for profile in self:
            scheme = profile.scheme_id
            today = {
                "date": fields.Date.to_string(profile.company_id._grading_today()),
                "score": profile.score if scheme else None,
                "grade": profile.grade_id.name or None,
            }
            points, changes = remembered[profile.id]
            profile.score_line = {
                "points": [*points, today],
                "changes": changes,
                "limits": [
                    {"grade": grade.name, "start": start}
                    for grade, start in profile._grade_starts()
                    if start is not None
                ],
                "max": scheme.points_max,
            }

    def _remembered(self):
        """The points and the changes of grade of each profile, by their date: ``{id: (points, changes)}``."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT profile_id, FALSE AS is_change, date, 0 AS place, NULL::int AS old_grade_id, grade_id,
                       CASE WHEN scheme_id IS NOT NULL OR score != 0 THEN score END AS score
                  FROM grading_snapshot
                 WHERE profile_id = ANY(%(ids)s)
                 UNION ALL
                SELECT profile_id, TRUE, date, id, old_grade_id, new_grade_id, new_score
                  FROM grading_history
                 WHERE profile_id = ANY(%(ids)s) AND old_grade_id IS DISTINCT FROM new_grade_id
              ORDER BY date, place
                """,
                ids=list(self._origin._ids),
            )
        )
        grades = self.env["grading.grade"].browse({grade for row in rows for grade in row[4:6] if grade})
        names = {grade.id: grade.name for grade in grades}
        remembered = defaultdict(lambda: ([], []))
        for profile, is_change, date, _place, old, new, score in rows:
            line = {"date": str(date), "score": None if score is None else float(score)}
            line |= {"from": names.get(old), "to": names.get(new)} if is_change else {"grade": names.get(new)}
            remembered[profile][is_change].append(line)
        return remembered


class GradingGradedMixin(models.AbstractModel):
    """The line of the customer or lead, where the user may see the figures behind it."""

    _inherit = "grading.graded.mixin"

    grading_score_line = fields.Json(related="grading_figures_id.score_line", string="Score by Month", groups=SELLERS)

import json

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.fields import SELLERS

BARS = 50


class GradingScheme(models.Model):
    """How the scores of a scheme are spread: of a draft by its last preview, or else as its scheme has given them."""

    _inherit = "grading.scheme"

    score_bins = fields.Json(
        compute="_compute_score_bins",
        groups=SELLERS,
        help="The bars of the scores in its company, or else the current one: {low, high, counts}; empty without any.",
    )

    @api.depends_context("company")
    def _compute_score_bins(self):
        for scheme in self:
            own = scheme._origin
            previewed = own._preview().score_bins if own.is_draft else False
            scheme.score_bins = previewed or (own._bins(own._scores_to_sql()) if own else False)

    def _scores_to_sql(self):
        """The draft's own scores, as its last preview has found them, so that bars and limits are of the same."""
        preview = self._origin._preview() if self._origin.is_draft else None
        if not preview or not preview.scores:
            return super()._scores_to_sql()
        return SQL(
            """
            SELECT (pair ->> 0)::numeric AS score
              FROM JSONB_ARRAY_ELEMENTS(%s::jsonb) AS pair, GENERATE_SERIES(1, (pair ->> 1)::int)
            """,
            json.dumps(preview.scores),
        )

    @api.model
    def _bins(self, scores):
        """
        :param odoo.tools.SQL scores: ``SELECT score``
        :return: ``{"low": number, "high": number, "counts": [number]}``, False without scores
        """
        rows = self.env.execute_query(
            SQL(
                """
                WITH scores AS (SELECT score FROM (%(scores)s) AS given WHERE score IS NOT NULL),
                bounds AS (SELECT FLOOR(MIN(score)) AS low, FLOOR(MAX(score)) + 1 AS high FROM scores)
                SELECT WIDTH_BUCKET(scores.score, bounds.low, bounds.high, %(bars)s), COUNT(*),
                       MIN(bounds.low)::float8, MIN(bounds.high)::float8
                  FROM scores CROSS JOIN bounds
              GROUP BY 1
                """,
                scores=scores,
                bars=BARS,
            )
        )
        if not rows:
            return False
        counts = {bucket: count for bucket, count, _low, _high in rows}
        return {
            "low": rows[0][2],
            "high": rows[0][3],
            "counts": [counts.get(bucket, 0) for bucket in range(1, BARS + 1)],
        }


class GradingPreview(models.Model):
    _inherit = "grading.preview"

    score_bins = fields.Json(readonly=True, help="The bars of the scores by the draft, see grading.scheme.")
    scores = fields.Json(
        readonly=True, prefetch=False, help="How many have which score by the draft: [[score, number]]."
    )


class GradingWorktable(models.AbstractModel):
    _inherit = "grading.worktable"

    @api.model
    def _write_preview(self, rules):
        result = super()._write_preview(rules)
        preview = self.env["grading.preview"].sudo().search([("run_id", "=", rules.run.id)])
        if preview.subject == rules.subject:
            draft = preview.scheme_id
            graded = self._previewed(draft, rules.subject)
            scores = SQL("SELECT score FROM %s AS graded WHERE scheme_id = %s", graded, draft.id)
            preview.score_bins = self.env["grading.scheme"]._bins(scores)
            counted = SQL(
                "SELECT score::float8, COUNT(*) FROM (%s) AS given WHERE score IS NOT NULL GROUP BY 1", scores
            )
            preview.scores = [list(row) for row in self.env.execute_query(counted)]
        return result

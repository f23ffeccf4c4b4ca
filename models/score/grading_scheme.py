from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..base.context import without_client_keys
from ..base.fields import SELLERS
from ..base.grading_domain_mixin import sql_case
from ..base.guarded import guarded
from ..base.subject import SUBJECTS

DIMENSIONS = ("value", "loyalty", "potential", "fit", "intent")


class GradingScheme(models.Model):
    """A way of grading: which customers it covers, which questions give points, and where each grade begins.

    A customer is graded by the first active scheme, in order of sequence, whose filter they meet.
    """

    _name = "grading.scheme"
    _inherit = ["grading.domain.mixin", "grading.shared.mixin"]
    _description = "Grading Scheme"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: every company grades by this scheme.")
    subject = fields.Selection([("customer", "Customers"), ("lead", "Leads")], default="customer", required=True)
    description = fields.Html(translate=True)
    criterion_ids = fields.One2many("grading.criterion", "scheme_id", copy=True)
    threshold_ids = fields.One2many("grading.threshold", "scheme_id", copy=True)
    threshold_mode = fields.Selection(
        [("score", "A score"), ("rank", "The best percent")],
        string="Grades Begin at",
        default="score",
        required=True,
    )
    grace_days = fields.Integer(
        help="A customer keeps their grade for so many days before it drops to a lower one. Rising is immediate."
    )
    points_max = fields.Float(
        string="Points in Total", compute="_compute_points_max", help="The most that a customer can reach."
    )
    profile_count = fields.Integer(string="Graded", compute="_compute_profile_count")
    threshold_counts = fields.Json(
        compute="_compute_threshold_counts",
        groups=SELLERS,
        help="How many customers or leads of the company get each grade with these limits: {grade id: number}.",
    )
    needs_rescore = fields.Boolean(compute="_compute_needs_rescore")
    version = fields.Integer(
        default=1,
        readonly=True,
        copy=False,
        help="Raised with each change of what decides a score or grade: not of a name or a description.",
    )
    is_draft = fields.Boolean(
        readonly=True, copy=False, help="It grades nothing until it is published: it can be changed and tried."
    )
    draft_of_id = fields.Many2one(
        "grading.scheme",
        readonly=True,
        copy=False,
        ondelete="cascade",
        index="btree_not_null",
        help="The published scheme whose place this draft is to take; none for a new scheme.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("published", "Published"), ("archived", "Archived")], compute="_compute_state", store=True
    )

    _draft_inactive = models.Constraint(
        "CHECK (is_draft IS NOT TRUE OR active IS NOT TRUE)",
        "A draft grades nothing before it is published: publish it instead of restoring it.",
    )
    _grace_days_positive = models.Constraint(
        "CHECK (grace_days >= 0)", "The days of grace cannot be negative: enter 0 to lower grades at once."
    )

    @api.depends("active", "is_draft")
    def _compute_state(self):
        for scheme in self:
            scheme.state = "draft" if scheme.is_draft else "published" if scheme.active else "archived"

    @api.depends("criterion_ids.points_max", "criterion_ids.kind", "criterion_ids.dimension")
    def _compute_points_max(self):
        for scheme in self:
            scheme.points_max = scheme.criterion_ids._attainable()

    def _compute_profile_count(self):
        counts = dict(
            self.env["grading.profile"]._read_group(
                [("scheme_id", "in", self.ids), ("company_id", "in", self.env.companies.ids)],
                ["scheme_id"],
                ["__count"],
            )
        )
        for scheme in self:
            scheme.profile_count = counts.get(scheme._origin, 0)

    @api.depends("threshold_mode", "threshold_ids.grade_id", "threshold_ids.min_score", "threshold_ids.top_percent")
    @api.depends_context("company")
    def _compute_threshold_counts(self):
        for scheme in self:
            counts = scheme._count_by_start()
            scheme.threshold_counts = {
                str(threshold.grade_id.id): counts.get(threshold._start(), 0) for threshold in scheme.threshold_ids
            }

    def _count_by_start(self):
        """Count those whom the scheme grades by the limits as they are now, saved or just typed, and by the scores of
        the last run or, for a draft, of its preview; overrides and days of grace do not count.

        :return: ``{start: number}``
        :rtype: dict[float, int]
        """
        self.ensure_one()
        starts = sorted({threshold._start() for threshold in self.threshold_ids})
        if not self._origin or not starts:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT WIDTH_BUCKET(scored.place, %(starts)s::numeric[]), SUM(scored.customers)::int
                  FROM (%(scored)s) AS scored
              GROUP BY 1
                """,
                starts=starts,
                scored=self._places_to_sql(),
            )
        )
        return {starts[bucket - 1]: count for bucket, count in rows if bucket}

    def _places_to_sql(self):
        """``SELECT place, customers``: how many stand where on the scale on which thresholds begin, see
        :meth:`GradingThreshold._start`. Ranks of leads are those among leads."""
        score = SQL("grading_profile.score")
        scores = SQL("(%s)", self._scores_to_sql())
        ranks = self.env["grading.ruler"]._ranks_to_sql(score, scores, SQL("%s IS NOT NULL", score))
        place = SQL("100 * rank") if self.threshold_mode == "rank" else SQL("value")
        return SQL("SELECT %s AS place, customers FROM (%s) AS ranked", place, ranks)

    def _scores_to_sql(self):
        """``SELECT score``: what the scheme has given in its company, or else the current one; of a draft, which has
        scored no customer, what the scheme has given whose place it is to take."""
        grading = self._origin
        if grading.is_draft:
            grading = grading.draft_of_id
        self.env["grading.profile"].flush_model(["company_id", "lead_id", "partner_id", "scheme_id", "score"])
        return self._stored_scores_to_sql(grading, grading.company_id or self.env.company)

    def _stored_scores_to_sql(self, grading, company):
        """``SELECT score``: what the last runs have written by a scheme. Extended for schemes that give no grade.

        :param grading.scheme grading: none gives no score
        """
        return SQL(
            "SELECT score FROM grading_profile WHERE scheme_id = %s AND company_id = %s AND %s IS NOT NULL",
            grading.id or None,
            company.id,
            SQL.identifier(SUBJECTS[self.subject].key),
        )

    @api.depends("write_date", "criterion_ids.write_date", "threshold_ids.write_date")
    def _compute_needs_rescore(self):
        last = self.env["grading.run"].sudo()._last_full(self.env.company).date_start
        for scheme in self:
            criteria = scheme.criterion_ids
            rules = (scheme, *criteria, *criteria.band_ids, *criteria.case_ids, *scheme.threshold_ids)
            changed = max((rule.write_date for rule in rules if rule.write_date), default=None)
            scheme.needs_rescore = bool(scheme.active and changed and (not last or changed > last))

    @api.constrains("active", "criterion_ids", "threshold_ids")
    def _check_complete(self):
        for scheme in self.filtered("active"):
            if problem := scheme._incomplete():
                raise ValidationError(problem)

    def _incomplete(self):
        """What the scheme lacks to grade customers, as a sentence; None when it is complete."""
        self.ensure_one()
        if not self.criterion_ids:
            return self.env._(
                "The scheme “%s” has no criterion, so no customer would get points: add one, or archive the scheme.",
                self.name,
            )
        if not self.threshold_ids:
            return self.env._(
                "The scheme “%s” has no threshold, so no customer would get a grade: add one, or archive the scheme.",
                self.name,
            )
        return None

    @api.constrains("subject")
    def _check_subject(self):
        """Not every measure of customers is known of leads."""
        self.criterion_ids._check_kind()

    @api.constrains("threshold_ids", "threshold_mode")
    def _check_thresholds(self):
        self.threshold_ids._check_top_percent()
        for scheme in self:
            if problem := next(scheme._threshold_problems(), None):
                raise ValidationError(problem)

    def _threshold_problems(self):
        """What is wrong with the thresholds beside each other, each as a sentence."""
        starts = self._threshold_starts()
        for (better, start), (lower, next_start) in zip(starts, starts[1:], strict=False):
            if better == lower:
                yield self.env._(
                    "In the scheme “%(scheme)s”, the grade %(grade)s has two thresholds: remove the second one.",
                    scheme=self.name,
                    grade=better.display_name,
                )
            elif start <= next_start:
                yield self.env._(
                    "In the scheme “%(scheme)s”, %(lower)s must have a lower threshold than %(better)s: "
                    "change one of the two thresholds, or the order of the grades.",
                    scheme=self.name,
                    lower=lower.display_name,
                    better=better.display_name,
                )

    def _threshold_starts(self):
        """``[(grade, start)]`` from the best grade down; in both modes a greater start is harder to reach."""
        self.ensure_one()
        thresholds = self.threshold_ids.sorted(lambda threshold: threshold.grade_id._place())
        if self.threshold_mode == "rank":
            return [(t.grade_id, -t.top_percent) for t in thresholds]
        return [(t.grade_id, t.min_score) for t in thresholds]

    def _check_usable(self):
        """Check the scheme again before a run uses it: a field may have been removed since it was saved.

        :raise ValidationError: names the scheme or criterion and the remedy
        """
        self.ensure_one()
        if problem := self._incomplete():
            raise ValidationError(problem)
        self._recheck_domain()
        self._check_thresholds()
        self.criterion_ids._check_kind()
        self.criterion_ids._check_measure()
        self.criterion_ids._recheck_domain()

    def _measures_read(self):
        """Names of the measures that the schemes' criteria score or their filters read.

        :rtype: set[str]
        """
        return self.criterion_ids._measures_read() | self._profile_measures() | self.criterion_ids._profile_measures()

    # ------------------------------------------------------------
    # To SQL
    # ------------------------------------------------------------

    @api.model
    def _scheme_to_sql(self, schemes, prospect_schemes, query, as_of):
        """The first scheme that covers the customer or lead: ``CASE WHEN … THEN 1 … ELSE NULL END``.

        :param grading.scheme prospect_schemes: schemes for leads; they also grade customers without an order that have
            an open lead or a known willingness
        """
        branches = [(scheme._domain_to_sql(query, as_of), SQL("%s", scheme.id)) for scheme in schemes]
        prospect = SQL(
            "COALESCE(grading_profile.order_count, 0) = 0"
            " AND (grading_profile.best_lead_id IS NOT NULL OR grading_profile.willingness IS NOT NULL)"
        )
        branches += [
            (SQL("%s AND (%s)", prospect, scheme._domain_to_sql(query, as_of)), SQL("%s", scheme.id))
            for scheme in prospect_schemes
        ]
        return sql_case(branches, SQL("NULL::int"))

    def _points_to_sql(self, query, as_of, cut_points):
        """``[(criterion, SQL)]``: the points of each criterion for a row of ``grading_profile``, without caps, whose
        points follow from those of the others (:meth:`GradingCriterion._points_columns`)."""
        self.ensure_one()
        giving = self.criterion_ids.filtered(lambda criterion: criterion.kind != "cap")
        return [(criterion, criterion._to_sql(query, as_of, cut_points)) for criterion in giving]

    def _grade_to_sql(self, score, cut_points):
        """The grade for a score: ``CASE WHEN score >= 65 THEN 4 WHEN … ELSE NULL END``.

        :param odoo.tools.SQL score: the score's expression
        :param dict cut_points: ``{record: cut points}``, see :class:`grading.ruler`; for top percents the scores at
            which the grades began in the last full run
        """
        self.ensure_one()
        cuts = dict(cut_points[self]) if self.threshold_mode == "rank" else {}
        branches = []
        for grade, start in self._threshold_starts():
            cut = cuts.get(str(grade.id)) if self.threshold_mode == "rank" else start
            if cut is not None:
                branches.append((SQL("%s >= %s::numeric", score, cut), SQL("%s", grade.id)))
        return sql_case(branches, SQL("NULL::int"))

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    @guarded
    def action_rescore(self):
        """Rescore every customer of the company: at once, or in the background when they are many."""
        self.env["grading.run"].check_access("create")
        return without_client_keys(self.env["grading.run"].sudo())._rescore_by_button()

    @api.readonly
    @guarded
    def action_view_profiles(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_profile_action")
        return {**action, "domain": [("scheme_id", "in", self.ids)], "context": {}}


class GradingThreshold(models.Model):
    """Where a grade begins in a scheme: at a score, or with a percentage of the best customers."""

    _name = "grading.threshold"
    _inherit = ["grading.domain.mixin", "grading.shared.mixin"]
    _description = "Grading Threshold"
    _order = "scheme_id, sequence, id"
    _rec_name = "grade_id"

    scheme_id = fields.Many2one("grading.scheme", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(related="grade_id.sequence", store=True)
    grade_id = fields.Many2one("grading.grade", required=True, ondelete="restrict")
    threshold_mode = fields.Selection(related="scheme_id.threshold_mode")
    min_score = fields.Float(string="From Score", digits=(16, 2))
    top_percent = fields.Float(
        digits=(5, 2), help="The best so many percent of the scheme's customers, counted from the very best."
    )
    domain = fields.Char(
        string="Filter", default="[]", help="Whom a segment is for, where segments are told by filters."
    )
    profile_count = fields.Integer(
        string="How Many",
        compute="_compute_profile_count",
        help="Customers or leads of your company that get the grade with the limits as they are now, by their latest "
        "scores. Overrides and days of grace are left out.",
    )

    @api.depends("grade_id", "scheme_id.threshold_counts")
    @api.depends_context("company")
    def _compute_profile_count(self):
        for threshold in self:
            counts = threshold.scheme_id.threshold_counts or {}
            threshold.profile_count = counts.get(str(threshold.grade_id.id), 0)

    def _start(self):
        """Where the grade begins: a score, or for the best percent the rank in percent; greater is harder to reach."""
        self.ensure_one()
        if self.scheme_id.threshold_mode == "rank":
            return round(100 - self.top_percent, 2)
        return round(self.min_score, 2)

    def _deciding_rules(self):
        return self.scheme_id

    @api.model_create_multi
    def create(self, vals_list):
        thresholds = super().create(vals_list)
        self.env["grading.ruler"]._drop([("scheme_id", "in", thresholds.scheme_id.ids)])
        return thresholds

    def write(self, vals):
        self.env["grading.ruler"]._drop([("scheme_id", "in", self.scheme_id.ids)])
        return super().write(vals)

    @api.constrains("top_percent", "scheme_id")
    def _check_top_percent(self):
        for threshold in self:
            if threshold.threshold_mode == "rank" and not 0 < threshold.top_percent <= 100:
                raise ValidationError(
                    self.env._(
                        "The grade %(grade)s of the scheme “%(scheme)s” begins with the best %(percent)s %%: "
                        "choose more than 0 and at most 100.",
                        grade=threshold.grade_id.display_name,
                        scheme=threshold.scheme_id.name,
                        percent=threshold.top_percent,
                    )
                )

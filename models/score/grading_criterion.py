from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.grading_domain_mixin import sql_case

# Kinds that ask filters instead of a measure.
FILTERS = ("domain", "case")


class GradingCriterion(models.Model):
    """One question of a scheme that gives points.

    *band*: the points of the highest step that the measure reaches. *linear*: a number of points for each unit.
    *rank*: points by the share of the scheme's other customers that are lower, with half of those that are equal.
    *domain*: points if the filter is met. *case*: the points of the first filter that is met. *cap*: see there. Points
    are limited by the least and the most; without data, or where no filter is met, the criterion gives its own points.
    """

    _name = "grading.criterion"
    _inherit = ["grading.domain.mixin", "grading.shared.mixin"]
    _description = "Grading Criterion"
    _order = "scheme_id, sequence, id"

    name = fields.Char(
        compute="_compute_name", store=True, readonly=False, required=True, precompute=True, translate=True
    )
    sequence = fields.Integer(default=10, required=True)
    scheme_id = fields.Many2one("grading.scheme", required=True, ondelete="cascade", index=True)
    dimension = fields.Selection(
        [
            ("value", "Value"),
            ("loyalty", "Loyalty"),
            ("potential", "Potential"),
            ("fit", "Fit"),
            ("intent", "Intent"),
        ],
        default="value",
        required=True,
    )
    kind = fields.Selection(
        [
            ("band", "Steps"),
            ("linear", "Points per unit"),
            ("rank", "Rank among the others"),
            ("domain", "Filter"),
            ("case", "Filters in order"),
        ],
        default="band",
        required=True,
    )
    measure = fields.Selection(selection="_selection_measure")
    date_unit = fields.Selection(
        [("days", "Days since"), ("months", "Months since")],
        default="days",
        required=True,
        help="A date is scored by the time that has passed since.",
    )
    best = fields.Selection(
        [("high", "Highest or latest"), ("low", "Lowest or earliest")], string="Best Is", default="high", required=True
    )
    band_ids = fields.One2many("grading.criterion.band", "criterion_id", copy=True)
    case_ids = fields.One2many("grading.criterion.case", "criterion_id", string="Filters", copy=True)
    points_per_unit = fields.Float(digits=(16, 4))
    points_base = fields.Float(string="Points at Zero", digits=(16, 2))
    points_min = fields.Float(
        string="Least Points",
        digits=(16, 2),
        compute="_compute_points_limits",
        store=True,
        readonly=False,
        precompute=True,
    )
    points_max = fields.Float(
        string="Most Points",
        digits=(16, 2),
        compute="_compute_points_limits",
        store=True,
        readonly=False,
        precompute=True,
        help="The most that this criterion gives; for a filter, the points if it is met (they may be negative).",
    )
    points_if_none = fields.Float(
        string="Points without Data",
        digits=(16, 2),
        help="For a filter, the points if it is not met; for filters in order, if none of them is.",
    )
    is_date = fields.Boolean(compute="_compute_is_date")
    measure_choices = fields.Json(
        compute="_compute_measure_choices", help="What the scheme can score: [{label, choices: [{value, label, help}]}]"
    )
    measure_help = fields.Char(compute="_compute_measure_choices")

    @api.model
    def _selection_measure(self):
        measures = self.env["grading.measure"]._catalog().items()
        return [(name, measure["label"]) for name, measure in measures if "label" in measure]

    @api.depends("measure", "kind")
    def _compute_name(self):
        """What is scored, or else the kind, until a person gives another name."""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        known = self._default_names() | self.with_context(lang="en_US")._default_names()
        for criterion in self:
            if not criterion.name or criterion.name in known:
                is_scored = criterion.measure and criterion._is_measured()
                criterion.name = criterion._measure_label() if is_scored else kinds[criterion.kind]

    @api.model
    def _default_names(self):
        """The names that criteria get by themselves, in the language of the context.

        :rtype: set[str]
        """
        kinds = self._fields["kind"]._description_selection(self.env)
        return {label for _key, label in [*kinds, *self._selection_measure()]}

    @api.depends("measure")
    def _compute_is_date(self):
        measures = self.env["grading.measure"]._catalog()
        for criterion in self:
            criterion.is_date = measures.get(criterion.measure, {}).get("unit") == "date"

    @api.depends("measure", "scheme_id.subject")
    @api.depends_context("lang")
    def _compute_measure_choices(self):
        Measure = self.env["grading.measure"]
        for subject, criteria in self.grouped(lambda criterion: criterion.scheme_id.subject).items():
            groups = Measure._choices(subject)
            helps = {choice["value"]: choice["help"] for group in groups for choice in group["choices"]}
            for criterion in criteria:
                criterion.measure_choices = groups
                criterion.measure_help = helps.get(criterion.measure)

    @api.depends("kind", "band_ids.points", "case_ids.points", "points_if_none")
    def _compute_points_limits(self):
        for criterion in self:
            if criterion.kind == "band":
                points = criterion.band_ids.mapped("points")
                criterion.points_max = max(points, default=0)
                criterion.points_min = min([0, *points])
            elif criterion.kind == "case":
                points = [criterion.points_if_none, *criterion.case_ids.mapped("points")]
                criterion.points_max, criterion.points_min = max(points), min(points)
            else:
                criterion.points_max = criterion.points_max
                criterion.points_min = criterion.points_min

    @api.model
    def _cached_fields(self):
        """Only a criterion of kind *domain* has a filter, and only a criterion of an active scheme is used."""
        return super()._cached_fields() | {"kind", "scheme_id"}

    def _deciding_rules(self):
        return self.scheme_id

    def write(self, vals):
        if {"kind", "measure", "best"} & vals.keys():
            self.env["grading.ruler"]._drop([("criterion_id", "in", self.ids)])
        return super().write(vals)

    @api.constrains("kind", "measure", "band_ids", "case_ids", "points_min", "points_max")
    def _check_kind(self):
        for criterion in self:
            if problem := criterion._incomplete():
                raise ValidationError(
                    self.env._(
                        "The criterion “%(criterion)s” of the scheme “%(scheme)s” is not complete: %(problem)s.",
                        criterion=criterion.name,
                        scheme=criterion.scheme_id.name,
                        problem=problem,
                    )
                )

    def _is_measured(self):
        """Whether the criterion scores a measure, and does not ask filters."""
        self.ensure_one()
        return self.kind not in FILTERS

    def _measure_label(self):
        self.ensure_one()
        return dict(self._selection_measure()).get(self.measure, self.measure)

    def _incomplete(self):
        """What the criterion lacks to give points, in a few words; None when it is complete."""
        self.ensure_one()
        if self.kind == "case" and not self.case_ids:
            return self.env._("add at least one filter")
        if not self._is_measured():
            return None
        if not self.measure:
            return self.env._("choose the measure that it scores")
        if self.scheme_id.subject == "lead" and self.measure not in self.env["grading.measure"]._measures_of_leads():
            return self.env._("“%s” is not known of leads, choose another measure", self._measure_label())
        if self.kind == "rank" and self.measure not in self.env["grading.worktable"]._measured_columns().values():
            return self.env._("“%s” changes day by day and cannot be ranked, choose steps", self._measure_label())
        if self.kind == "band":
            bounds = self.band_ids.mapped("lower_bound")
            if not bounds:
                return self.env._("add at least one step")
            if len(set(bounds)) < len(bounds):
                return self.env._("two of its steps begin at the same number, change or remove one of them")
        if self.points_min > self.points_max:
            return self.env._("its least points are more than its most points")
        return None

    def _check_measure(self):
        """Check that the measure exists: it may have been removed with the module that defined it."""
        known = self.env["grading.measure"]._catalog()
        for criterion in self:
            if criterion._is_measured() and criterion.measure not in known:
                raise ValidationError(
                    self.env._(
                        "The criterion “%(criterion)s” of the scheme “%(scheme)s” scores the measure “%(measure)s”, "
                        "which does not exist (any more): choose another one or remove the criterion.",
                        criterion=criterion.name,
                        scheme=criterion.scheme_id.name,
                        measure=criterion.measure,
                    )
                )

    def _cases(self):
        """The filters that are asked, in their order.

        :rtype: grading.criterion.case
        """
        return self.filtered(lambda criterion: criterion.kind == "case").case_ids.sorted("sequence")

    def _recheck_domain(self):
        self._cases()._recheck_domain()
        return super(GradingCriterion, self.filtered(lambda criterion: criterion.kind == "domain"))._recheck_domain()

    def _profile_measures(self):
        cases = self._cases()
        return super()._profile_measures() | (cases._profile_measures() if cases else set())

    def _fields_through(self, link):
        cases = self._cases()
        return super()._fields_through(link) | (cases._fields_through(link) if cases else set())

    def _parse_domain(self):
        return super()._parse_domain() if self.kind == "domain" else Domain.TRUE

    def _measures_read(self):
        """Names of the measures that these criteria score.

        :rtype: set[str]
        """
        return set(self.filtered(lambda criterion: criterion._is_measured()).mapped("measure"))

    # ------------------------------------------------------------
    # To SQL
    # ------------------------------------------------------------

    def _to_sql(self, query, as_of, cut_points):
        """The points for one row of ``grading_profile``, a decimal with two places.

        Steps 0 → 1 and 5 → 3 on the number of orders give ``ROUND(CASE WHEN value IS NULL THEN 0 ELSE LEAST(3,
        GREATEST(0, CASE WHEN value >= 5 THEN 3 WHEN value >= 0 THEN 1 ELSE 0 END)) END, 2)``.

        :param odoo.tools.query.Query query: the query that the joins of a filter are added to
        :param datetime.date as_of: the day up to which the time since a date is counted
        :param dict cut_points: ``{criterion: cut points}`` of ranks, see :class:`grading.ruler`
        :rtype: odoo.tools.SQL
        """
        self.ensure_one()
        if self.kind == "domain":
            met = self._domain_to_sql(query, as_of)
            points = sql_case([(met, SQL("%s", self.points_max))], SQL("%s", self.points_if_none))
            return SQL("ROUND((%s)::numeric, 2)", points)
        if self.kind == "case":
            cases = [(case._domain_to_sql(query, as_of), SQL("%s", case.points)) for case in self._cases()]
            return SQL("ROUND((%s)::numeric, 2)", sql_case(cases, SQL("%s", self.points_if_none)))
        value = self._value_to_sql(as_of)
        points = SQL(
            "LEAST(%s::numeric, GREATEST(%s::numeric, (%s)::numeric))",
            self.points_max,
            self.points_min,
            self._raw_points_to_sql(value, cut_points),
        )
        none = SQL("%s::numeric", self.points_if_none)
        return SQL("ROUND(%s, 2)", sql_case([(SQL("%s IS NULL", value), none)], points))

    def _value_to_sql(self, as_of):
        Measure = self.env["grading.measure"]
        if self.kind == "rank":
            return Measure._rank_to_sql(self.measure, self.best)
        return Measure._value_to_sql(self.measure, as_of, self.date_unit)

    def _raw_points_to_sql(self, value, cut_points):
        """The points for a known value, before they are limited: ``10 + -0.5 * value`` by unit."""
        if self.kind == "linear":
            return SQL("%s::numeric + %s::numeric * (%s)::numeric", self.points_base, self.points_per_unit, value)
        if self.kind == "rank":
            return SQL(
                "%s::numeric + %s::numeric * %s::numeric",
                self.points_min,
                self.points_max - self.points_min,
                self._rank_of_to_sql(value, cut_points[self]),
            )
        bands = self.band_ids.sorted("lower_bound", reverse=True)
        return sql_case(
            [(SQL("%s >= %s::numeric", value, band.lower_bound), SQL("%s", band.points)) for band in bands], SQL("0")
        )

    @api.model
    def _rank_of_to_sql(self, value, marks):
        """The rank of a known value, from 0 to 1: that of the highest cut point that it reaches.

        :param list marks: the cut points, see :class:`grading.ruler`; without any the customer is the only one
        """
        if not marks:
            return SQL("0.5")
        values, ranks = zip(*marks, strict=True)
        # WIDTH_BUCKET and arrays count from 1; a value below the first cut point is ahead of no customer.
        return SQL("COALESCE((%s::float8[])[WIDTH_BUCKET(%s, %s::float8[])], 0)", list(ranks), value, list(values))


class GradingCriterionBand(models.Model):
    """A step of a criterion: from ``lower_bound`` on, up to the next step, it gives ``points``."""

    _name = "grading.criterion.band"
    _inherit = ["grading.input.mixin", "grading.shared.mixin"]
    _description = "Step of a Criterion"
    _order = "lower_bound, id"
    _rec_name = "lower_bound"

    criterion_id = fields.Many2one("grading.criterion", required=True, ondelete="cascade", index=True)
    lower_bound = fields.Float(string="From", digits=(16, 4))
    points = fields.Float(digits=(16, 2))

    def _deciding_rules(self):
        return self.criterion_id.scheme_id

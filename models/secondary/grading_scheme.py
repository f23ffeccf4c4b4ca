from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..base.grading_domain_mixin import sql_case
from ..base.guarded import guarded


class GradingScheme(models.Model):
    """A scheme may be *secondary*: it judges beside the one that gives the grade, and its grades are segments, shown
    beside the grade and never mixed into it. Each secondary scheme judges all whom its filter covers.

    Its segments begin at a score, with the best percent, or are what the first filter says that a customer meets.
    """

    _inherit = "grading.scheme"

    is_secondary = fields.Boolean(
        string="Beside the Grade",
        help="Its grades are segments, shown beside the grade that another scheme gives: RFM, value, credit …",
    )
    threshold_mode = fields.Selection(
        selection_add=[("filter", "A filter")], ondelete={"filter": lambda schemes: schemes.write({"active": False})}
    )

    def write(self, vals):
        turned = self.filtered(lambda scheme: scheme.subject != vals.get("subject", scheme.subject))
        result = super().write(vals)
        if turned:  # what it said of customers it does not say of leads
            self.env["grading.secondary"].sudo().search([("scheme_id", "in", turned.ids)]).unlink()
        return result

    @api.constrains("is_secondary", "threshold_mode")
    def _check_filter_mode(self):
        for scheme in self:
            if scheme.threshold_mode == "filter" and not scheme.is_secondary:
                raise ValidationError(
                    self.env._(
                        "“%s” gives the grade, which begins at a score or with the best percent: filters are for "
                        "schemes beside the grade.",
                        scheme.name,
                    )
                )

    @api.constrains("is_secondary", "threshold_ids")
    def _check_segments(self):
        self.threshold_ids._check_segment()

    @api.constrains("threshold_mode")
    def _check_filters(self):
        self.threshold_ids._check_domain()

    def _incomplete(self):
        """A scheme of filters needs no criterion: its segments need no points."""
        if self.threshold_mode == "filter" and self.threshold_ids:
            return None
        if self.is_secondary and not self.threshold_ids:
            return self.env._(
                "The scheme “%s” has no segment, so no customer would get one: add one, or archive the scheme.",
                self.name,
            )
        return super()._incomplete()

    def _threshold_starts(self):
        """Filters are asked in the order of the grades: none begins anywhere."""
        if self.threshold_mode == "filter":
            grades = self.threshold_ids.grade_id.sorted(lambda grade: grade._place())
            return [(grade, -place) for place, grade in enumerate(grades)]
        return super()._threshold_starts()

    def _count_by_start(self):
        return {} if self.threshold_mode == "filter" else super()._count_by_start()

    def _stored_scores_to_sql(self, grading, company):
        if not grading.is_secondary:
            return super()._stored_scores_to_sql(grading, company)
        return SQL(
            "SELECT own.score FROM grading_secondary AS own JOIN grading_profile AS profile ON profile.id ="
            " own.profile_id WHERE own.scheme_id = %s AND profile.company_id = %s",
            grading.id,
            company.id,
        )

    def _check_usable(self):
        result = super()._check_usable()
        if self.threshold_mode == "filter":
            self.threshold_ids._recheck_domain()
        return result

    def _measures_read(self):
        by_filter = self.filtered(lambda scheme: scheme.threshold_mode == "filter")
        return super()._measures_read() | by_filter.threshold_ids._profile_measures()

    @api.model
    def _version_fields(self):
        return (*super()._version_fields(), "is_secondary")

    def _compute_profile_count(self):
        """Of a scheme beside the grade, those whom it judges."""
        beside = self.filtered("is_secondary")
        rows = self.env["grading.secondary"]._read_group(
            [("scheme_id", "in", beside.ids), ("company_id", "in", self.env.companies.ids)], ["scheme_id"], ["__count"]
        )
        counts = dict(rows)
        for scheme in beside:
            scheme.profile_count = counts.get(scheme._origin, 0)
        return super(GradingScheme, self - beside)._compute_profile_count()

    @api.readonly
    @guarded
    def action_view_profiles(self):
        if not all(self.mapped("is_secondary")):
            return super().action_view_profiles()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_secondary_action")
        return {**action, "domain": [("scheme_id", "in", self.ids)], "context": {}}

    def _segment_to_sql(self, score, query, as_of, cut_points):
        """The segment of a row of ``grading_profile``: ``CASE WHEN … THEN 7 … ELSE NULL END``.

        :param odoo.tools.SQL score: the score's expression
        :param odoo.tools.query.Query query: the query that the joins of filters are added to
        """
        self.ensure_one()
        if self.threshold_mode != "filter":
            return self._grade_to_sql(score, cut_points)
        return sql_case(
            [(t._domain_to_sql(query, as_of), SQL("%s", t.grade_id.id)) for t in self._thresholds_in_order()],
            SQL("NULL::int"),
        )


class GradingThreshold(models.Model):
    _inherit = "grading.threshold"

    @api.constrains("grade_id", "scheme_id")
    def _check_segment(self):
        """A segment is no grade, and a grade no segment: columns, cadences and effort are for grades."""
        for threshold in self:
            grade, scheme = threshold.grade_id, threshold.scheme_id
            if grade.is_segment == scheme.is_secondary:
                continue
            if scheme.is_secondary:
                message = self.env._(
                    "“%(scheme)s” judges beside the grade, so it gives segments: make %(grade)s a segment, or choose "
                    "another one."
                )
            else:
                message = self.env._(
                    "“%(scheme)s” gives the grade, and %(grade)s is a segment beside it: choose a grade."
                )
            raise ValidationError(message % {"scheme": scheme.name, "grade": grade.display_name})

    @api.constrains("domain", "scheme_id")
    def _check_domain(self):
        """Elsewhere no filter is read."""
        return super(GradingThreshold, self.filtered(lambda t: t.threshold_mode == "filter"))._check_domain()

    @api.model
    def _version_fields(self):
        return (*super()._version_fields(), "domain")

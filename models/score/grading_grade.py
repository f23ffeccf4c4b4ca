import math

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..base.fields import MANAGERS


class GradingGrade(models.Model):
    """A grade, shared by all schemes, in order from the best to the lowest."""

    _name = "grading.grade"
    _inherit = ["grading.input.mixin", "grading.shared.mixin"]
    _description = "Grade"
    _order = "sequence, id"
    _rec_names_search = ["name", "title"]

    name = fields.Char(required=True, translate=True)
    title = fields.Char(translate=True, help="What the letter means: “key customers”. Shown where there is room.")
    sequence = fields.Integer(default=10, required=True, help="The smaller, the better the grade.")
    active = fields.Boolean(default=True)
    color = fields.Integer()
    fold = fields.Boolean(string="Folded", help="The column of this grade is folded in kanban views.")
    strategy = fields.Html(translate=True, help="What to do with the customers of this grade.")
    effort_share = fields.Float(
        string="Effort (%)", digits=(5, 2), help="Share of the selling time that these customers should get."
    )
    threshold_ids = fields.One2many("grading.threshold", "grade_id", readonly=True, groups=MANAGERS)
    profile_count = fields.Integer(string="Customers", compute="_compute_profile_count")
    lead_count = fields.Integer(string="Leads", compute="_compute_profile_count")

    _effort_share_percent = models.Constraint(
        "CHECK (effort_share BETWEEN 0 AND 100)", "The effort of a grade is a percentage: choose 0 to 100."
    )

    @api.depends("name", "title")
    @api.depends_context("grading_full_name")
    def _compute_display_name(self):
        """The name; with its title where the context has ``grading_full_name``, as in column heads and filters."""
        is_full = self.env.context.get("grading_full_name")
        for grade in self:
            grade.display_name = f"{grade.name}, {grade.title}" if is_full and grade.title else grade.name

    def _compute_profile_count(self):
        at_work = Domain("partner_id.active", "=", True) | Domain("lead_id.active", "=", True)
        counts = self.env["grading.profile"]._read_group(
            Domain("grade_id", "in", self.ids) & Domain("company_id", "=", self.env.company.id) & at_work,
            ["grade_id"],
            ["partner_id:count", "lead_id:count"],
        )
        by_grade = {grade.id: counted for grade, *counted in counts}
        for grade in self:
            grade.profile_count, grade.lead_count = by_grade.get(grade.id, (0, 0))

    def _place(self):
        """Its place in the order of grades; one that is not saved yet comes after its equals."""
        self.ensure_one()
        return self.sequence, self.id or math.inf

    def _deciding_rules(self):
        """A grade belongs to the schemes that give it."""
        return self.env["grading.threshold"].search([("grade_id", "=", self.id)]).scheme_id

    @api.constrains("name")
    def _check_name(self):
        for grade in self:
            if not grade.name.strip():
                raise ValidationError(self.env._("A grade needs a name, such as A or Gold."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        Profile = self.env["grading.profile"].sudo()
        for grade in self:
            schemes = self.env["grading.threshold"].sudo().search([("grade_id", "=", grade.id)]).scheme_id
            customers = Profile.search_count(
                ["|", "|", "|"]
                + [(name, "=", grade.id) for name in ("grade_id", "computed_grade_id", "manual_grade_id")]
                + [("pending_grade_id", "=", grade.id)]
            )
            history = self.env["grading.history"].sudo()
            lines = history.search_count(["|", ("old_grade_id", "=", grade.id), ("new_grade_id", "=", grade.id)])
            if schemes or customers or lines:
                raise UserError(
                    self.env._(
                        "The grade %(grade)s is in use: %(customers)s customers and leads, %(lines)s lines of history, "
                        "schemes: %(schemes)s. Archive it instead of deleting it.",
                        grade=grade.display_name,
                        customers=customers,
                        lines=lines,
                        schemes=", ".join(schemes.mapped("name")) or self.env._("none"),
                    )
                )

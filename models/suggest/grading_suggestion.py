from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..backtest.grading_backtest import latest_day
from ..base.context import without_client_keys
from ..base.guarded import guarded
from .grading_run import Watch
from .points import nothing

# What decides what is learned: changed, it is to be learned anew.
DECIDING = {
    *("kind", "company_id", "target", "scheme_id", "months"),
    *("date_from", "date_to", "grade_id", "other_grade_id"),
}
# Leads or customers up to which a click learns at once, which takes seconds; beyond, the scheduled action learns.
LEARN_AT_ONCE = 5000


class GradingSuggestion(models.Model):
    """Something that is learned from the company's own past and proposed, never applied by itself: a scheme that would
    have told best, groups of customers who are alike, or what separates two grades."""

    _name = "grading.suggestion"
    _inherit = ["grading.input.mixin"]
    _description = "Suggestion"
    _order = "id desc"
    _server_fields = (
        *("run_id", "state", "message", "report", "result", "draft_id", "line_ids"),
        *("learned_date", "tried_date"),
    )

    kind = fields.Selection(
        [("points", "Points"), ("groups", "Groups"), ("separate", "What separates two grades")],
        default="points",
        required=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="cascade", index=True
    )
    target = fields.Selection(
        [
            ("won", "Leads are won"),
            ("again", "Customers buy again"),
            ("worth", "Customers bring the most revenue"),
        ],
        default="won",
        required=True,
        help="What the points are to foretell.",
    )
    subject = fields.Selection([("customer", "Customers"), ("lead", "Leads")], compute="_compute_subject", store=True)
    scheme_id = fields.Many2one(
        "grading.scheme",
        string="Present Scheme",
        ondelete="cascade",
        domain="[('is_secondary', '=', False)]",
        help="The scheme whose place the suggestion is to take. Its grades are given, and those whom it covers are "
        "learned from. Empty: the place and the grades of the first in use, learned from all.",
    )
    months = fields.Integer(
        string="Months that Followed", default=12, required=True, help="In which customers bought again."
    )
    date_from = fields.Date(
        string="Leads Created from",
        default=lambda self: self.env.company._grading_today() - relativedelta(years=2),
        required=True,
    )
    date_to = fields.Date(
        string="Leads Created until", default=lambda self: self.env.company._grading_today(), required=True
    )
    grade_id = fields.Many2one("grading.grade", ondelete="cascade")
    other_grade_id = fields.Many2one("grading.grade", string="And", ondelete="cascade")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("running", "Running"),
            ("stopped", "Stopped"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    run_id = fields.Many2one("grading.run", readonly=True, copy=False, ondelete="set null", index="btree_not_null")
    progress = fields.Float(related="run_id.progress")
    learned_date = fields.Date(
        string="Learned from", readonly=True, copy=False, help="The day on which customers are judged to learn from."
    )
    tried_date = fields.Date(string="Tried on", readonly=True, copy=False)
    message = fields.Text(readonly=True, copy=False)
    report = fields.Text(readonly=True, copy=False, help="How well the suggestion tells, in words.")
    result = fields.Json(readonly=True, copy=False)
    draft_id = fields.Many2one("grading.scheme", readonly=True, copy=False, ondelete="set null")
    line_ids = fields.One2many("grading.suggestion.line", "suggestion_id", readonly=True)

    _months_sane = models.Constraint(
        "CHECK (months BETWEEN 1 AND 60)", "At least 1 and at most 60 months can follow the day."
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_from < date_to)", "The first day must come before the last: choose a longer time."
    )

    @api.depends("kind", "target")
    def _compute_subject(self):
        for suggestion in self:
            is_of_leads = suggestion.kind == "points" and suggestion.target == "won"
            suggestion.subject = "lead" if is_of_leads else "customer"

    @api.depends("kind", "target")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        targets = dict(self._fields["target"]._description_selection(self.env))
        for suggestion in self:
            name = kinds[suggestion.kind]
            if suggestion.kind == "points":
                name = self.env._("%(kind)s: %(target)s", kind=name, target=targets[suggestion.target])
            suggestion.display_name = name

    def _present_scheme(self):
        """The scheme that the suggestion stands beside."""
        return self.scheme_id or self.env["grading.scheme"].search(self._in_use_domain(), limit=1)

    def _in_use_domain(self):
        """The schemes that grade those whom the suggestion is about, in the order of their places."""
        return [
            ("subject", "=", self.subject),
            ("company_id", "in", (False, self.company_id.id)),
            ("is_secondary", "=", False),
        ]

    @api.constrains("scheme_id", "kind", "target", "company_id")
    def _check_scheme(self):
        for suggestion in self.filtered(lambda suggestion: suggestion.kind == "points" and suggestion.scheme_id):
            scheme = suggestion.scheme_id
            wrong_company = scheme.company_id and scheme.company_id != suggestion.company_id
            if scheme.subject != suggestion.subject or wrong_company or scheme.is_secondary:
                raise UserError(
                    self.env._("“%s” grades others than this suggestion is about: choose another.", scheme.display_name)
                )

    def write(self, vals):
        res = super().write(vals)
        if DECIDING & vals.keys():
            self._forget()
        return res

    def unlink(self):
        self.sudo().run_id.unlink()
        return super().unlink()

    def _forget(self):
        """Drop what was learned, and the run that works it out; a draft that was opened stays a draft."""
        suggestions = self.sudo()
        suggestions.run_id.unlink()
        suggestions.line_ids.unlink()
        empty = dict.fromkeys(("message", "report", "result", "draft_id", "learned_date", "tried_date"), False)
        suggestions.write({"state": "draft", **empty})

    # ------------------------------------------------------------
    # Learning
    # ------------------------------------------------------------

    @guarded(one=True)
    def action_learn(self):
        """Learn from the past; what was found before is replaced."""
        self.check_access("write")
        if self.state == "running" and self.run_id.state == "running":
            raise UserError(self.env._("This is being learned: wait for its end, or stop it."))
        suggestion = self.sudo().with_company(self.company_id)
        suggestion._forget()
        suggestion.state = "running"
        suggestion._or_refuse(suggestion._learn)
        return True

    @guarded(one=True)
    def action_stop(self):
        """Stop learning; of customers, the day that is done stays."""
        self.check_access("write")
        self.run_id.action_stop()

    @guarded(one=True)
    def action_continue(self):
        """Go on where it was stopped, with the same days."""
        self.check_access("write")
        self.run_id.action_continue()

    def _or_refuse(self, learn):
        """Learn; what the past does not suffice for is refused by a sentence, and leaves nothing behind."""
        try:
            with self.env.cr.savepoint():
                learn()
        except UserError as error:
            self._refuse(str(error))

    def _learn(self):
        """Learn at once, or have a run learn in the background where there is much to learn from.

        :raise UserError: the past does not suffice
        """
        if self._is_judged_apart():
            self._start_judging()
            return
        if self.kind == "separate":
            self._check_two_grades()
        if self._count_rows(LEARN_AT_ONCE + 1) > LEARN_AT_ONCE:
            self._open_run(self.company_id._grading_today())._trigger_apart()
        else:
            self._learn_now()

    def _is_judged_apart(self):
        """Whether it is learned from customers as a run judges them on earlier days, not from what there is."""
        return self.kind == "points" and self.subject == "customer"

    def _learn_now(self):
        """Learn from what there is, in the caller's transaction.

        :raise UserError: the past does not suffice
        """
        if self.kind == "groups":
            self._learn_groups()
        elif self.kind == "separate":
            self._learn_separation()
        else:
            self._learn_from_leads()

    def _between(self):
        """What is called between the parts of learning: it ends there once a user has stopped it."""
        return Watch(self.run_id) if self.run_id else nothing

    def _open_run(self, day, **vals):
        """The run that learns this in the background, for the user who asks now."""
        self.run_id = without_client_keys(self.env["grading.run"]).create(
            {"company_id": self.company_id.id, "scope": "suggest", "as_of": day, "day_total": 1, **vals}
        )
        return self.run_id

    def _refuse(self, message):
        self.write({"state": "failed", "message": message})

    def _tell_end(self):
        """Tell the user of the environment, where at work, how it has ended that was learned in the background."""
        is_done = self.state == "done"
        message = self.env._("This has been learned. Open it, or reload the page, to see what was found.")
        self.env.user._bus_send(
            "simple_notification",
            {
                "type": "success" if is_done else "danger",
                "title": self.display_name,
                "message": message if is_done else self.message,
                "sticky": True,
            },
        )

    def _latest_day(self):
        return latest_day(self.company_id._grading_today(), self.months)


class GradingSuggestionLine(models.Model):
    """One criterion, one group or one leaf of a suggestion, in words."""

    _name = "grading.suggestion.line"
    _description = "Line of a Suggestion"
    _order = "suggestion_id, sequence, id"

    suggestion_id = fields.Many2one("grading.suggestion", required=True, readonly=True, ondelete="cascade", index=True)
    kind = fields.Selection(related="suggestion_id.kind")
    company_id = fields.Many2one(related="suggestion_id.company_id", store=True)
    sequence = fields.Integer(readonly=True)
    name = fields.Char(required=True, readonly=True)
    text = fields.Text(string="In Words", readonly=True)
    points = fields.Integer(string="Most Points", readonly=True)
    count = fields.Integer(string="Customers", readonly=True)
    share = fields.Float(string="Share (%)", readonly=True, aggregator=None)
    domain = fields.Char(readonly=True)
    precision = fields.Float(string="Filter Right (%)", readonly=True, aggregator=None)
    recall = fields.Float(string="Filter Finds (%)", readonly=True, aggregator=None)
    values = fields.Json(readonly=True)

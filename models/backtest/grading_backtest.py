from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.misc import format_date

from ..base.context import is_by_server, without_client_keys
from ..base.guarded import guarded
from ..memory.grading_snapshot import month_end
from ..run.grading_run import RESCORE_AT_ONCE

# So many month-ends make a trend, and so many months may be waited for.
TREND_DAYS, MOST_MONTHS = 12, 60
# What decides the figures: changed, they are to be worked out anew.
DECIDING = {"scheme_id", "other_scheme_id", "subject", "company_id", "date", "months", "period"}


def window_end(day, months):
    """The last of the months that follow ``day``: of a month's end, a month's end."""
    return month_end(day, months) if day == month_end(day) else day + relativedelta(months=months)


def latest_day(today, months):
    """The latest month's end after which so many months are over."""
    return month_end(today, -months - 1)


class GradingBacktest(models.Model):
    """A question to the past: had customers or leads been graded on that day, by these rules, what did each grade and
    each tenth of the score bring in the months that followed?

    All are graded as of the day by the rules in use, or by the scheme that is named as if it were in use: a draft
    in the place of the scheme that it is to replace, any other that is not in use before all others, one beside the
    grade for all whom its filter covers. The figures are about those whom that scheme grades or gives a segment;
    without one, about all whom schemes for customers, or for leads, grade. The figures of a second scheme stand
    beside, with the difference where both grade the same customers.
    """

    _name = "grading.backtest"
    _inherit = ["grading.input.mixin"]
    _description = "Back-Test"
    _order = "id desc"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="cascade", index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    subject = fields.Selection(
        [("customer", "Customers"), ("lead", "Leads")],
        compute="_compute_subject",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    scheme_id = fields.Many2one(
        "grading.scheme",
        string="Rules",
        ondelete="set null",
        context={"active_test": False},
        help="A scheme in use, archived or a draft, also one beside the grade. Empty: the rules in use.",
    )
    other_scheme_id = fields.Many2one(
        "grading.scheme",
        string="Compare with",
        ondelete="set null",
        context={"active_test": False},
        help="A second scheme, whose figures stand beside those of the first.",
    )
    period = fields.Selection(
        [("day", "One day"), ("trend", "Twelve month-ends")],
        default="day",
        required=True,
        help="Twelve month-ends, up to the day, show whether the rules tell as much as they did.",
    )
    months = fields.Integer(string="Months that Followed", default=12, required=True)
    date = fields.Date(
        string="Graded as of",
        compute="_compute_date",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="The day on which customers or leads are graded. The months that follow must be over.",
    )
    run_id = fields.Many2one("grading.run", readonly=True, copy=False, index="btree_not_null", ondelete="set null")
    state = fields.Selection(related="run_id.state", string="Status")
    progress = fields.Float(related="run_id.progress")
    message = fields.Text(related="run_id.message")
    line_ids = fields.One2many("grading.backtest.line", "backtest_id", readonly=True)
    total_ids = fields.One2many("grading.backtest.line", "backtest_id", domain=[("kind", "=", "all")], readonly=True)
    of_segments = fields.Boolean(compute="_compute_of_segments", help="It is about segments, and not about grades.")
    grade_line_ids = fields.One2many(
        "grading.backtest.line", "backtest_id", domain=[("kind", "=", "grade")], readonly=True
    )
    tenth_line_ids = fields.One2many(
        "grading.backtest.line", "backtest_id", domain=[("kind", "=", "tenth")], readonly=True
    )

    _months_sane = models.Constraint(
        f"CHECK (months BETWEEN 1 AND {MOST_MONTHS})",
        f"At least 1 and at most {MOST_MONTHS} months can follow the day.",
    )

    @api.depends("scheme_id")
    def _compute_subject(self):
        for test in self:
            test.subject = test.scheme_id.subject or test.other_scheme_id.subject or test.subject or "customer"

    @api.depends("months", "company_id")
    def _compute_date(self):
        for test in self:
            latest = latest_day(test._today(), max(1, min(MOST_MONTHS, test.months)))
            test.date = min(test.date or latest, latest)

    @api.depends("rules_name", "other_name", "date", "months")
    def _compute_display_name(self):
        for test in self:
            rules = test.rules_name
            if other := test.other_name:
                rules = self.env._("%(rules)s and %(other)s", rules=rules, other=other)
            test.display_name = self.env._(
                "%(rules)s, %(day)s and %(months)s months",
                rules=rules,
                day=format_date(self.env, test.date),
                months=test.months,
            )

    def _today(self):
        return (self.company_id or self.env.company)._grading_today()

    # ------------------------------------------------------------
    # What is refused
    # ------------------------------------------------------------

    @api.constrains("date", "months", "company_id")
    def _check_over(self):
        for test in self:
            if window_end(test.date, test.months) >= test._today():
                raise ValidationError(
                    self.env._(
                        "The %(months)s months after %(day)s are not over: choose a day up to %(latest)s, or fewer "
                        "months.",
                        months=test.months,
                        day=format_date(self.env, test.date),
                        latest=format_date(self.env, latest_day(test._today(), test.months)),
                    )
                )

    @api.constrains("scheme_id", "other_scheme_id", "subject", "company_id")
    def _check_schemes(self):
        for test in self:
            if test.scheme_id and test.scheme_id == test.other_scheme_id:
                raise ValidationError(
                    self.env._("“%s” cannot be compared with itself: choose two schemes.", test.scheme_id.display_name)
                )
            for scheme in test.scheme_id + test.other_scheme_id:
                if scheme.subject != test.subject:
                    raise ValidationError(
                        self.env._(
                            "The scheme “%s” grades others than this back-test is about: choose a scheme of the same "
                            "kind.",
                            scheme.display_name,
                        )
                    )
                if scheme.company_id not in (test.company_id, self.env["res.company"]):
                    raise ValidationError(
                        self.env._(
                            "The scheme “%(scheme)s” does not grade in %(company)s: choose another company or scheme.",
                            scheme=scheme.display_name,
                            company=test.company_id.name,
                        )
                    )

    def write(self, vals):
        res = super().write(vals)
        if DECIDING & vals.keys() and not is_by_server(self.env, "grading_keeps_figures"):
            self._forget()
        return res

    def unlink(self):
        self._forget()
        return super().unlink()

    def _forget(self):
        """Drop the figures, and the run that works them out."""
        self.sudo().line_ids.unlink()
        self.sudo().run_id.unlink()

    # ------------------------------------------------------------
    # Working it out
    # ------------------------------------------------------------

    def _days(self):
        """The days on which customers or leads are graded, the earliest first.

        :rtype: list[datetime.date]
        """
        self.ensure_one()
        if self.period == "day":
            return [self.date]
        last = self.date if self.date == month_end(self.date) else month_end(self.date, -1)
        return [month_end(last, -back) for back in reversed(range(TREND_DAYS))]

    @guarded(one=True)
    def action_run(self):
        """Work out the figures: at once, or in the background where there are many customers."""
        self.check_access("write")
        if self.state == "running":
            raise UserError(self.env._("This back-test is running: wait for its end, or stop it."))
        self._check_rules_there()
        self._forget()
        self.env["grading.scheme"]._close_versions()
        self._note_rules()
        days = self._days()
        run = without_client_keys(self.env["grading.run"].sudo()).create(
            {
                "company_id": self.company_id.id,
                "scope": "backtest",
                "as_of": days[0],
                "day_total": len(days),
                "trial_scheme_id": self.scheme_id.id,
            }
        )
        self.sudo().run_id = run
        count = self.env["grading.profile"].sudo().search_count([("company_id", "=", self.company_id.id)])
        if count * len(days) * (2 if self.other_scheme_id else 1) <= RESCORE_AT_ONCE:
            run._execute()
        else:
            run._trigger_apart()
        return True

    @guarded(one=True)
    def action_stop(self):
        """Stop working it out; the days that are done stay."""
        self.check_access("write")
        self.run_id.action_stop()

    @guarded(one=True)
    def action_continue(self):
        """Go on where it was stopped, or has failed."""
        self.check_access("write")
        self._check_rules_there()
        if self.is_outdated or self.is_other_gone:
            raise UserError(
                self.env._(
                    "The rules were changed since this back-test began, so its days would not be judged alike: choose "
                    "“Run Again”."
                )
            )
        self.run_id.action_continue()

    @api.readonly
    @guarded(one=True)
    def action_view_trend(self):
        """Show the grades over the month-ends."""
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_backtest_line_action")
        return {
            **action,
            "domain": [("backtest_id", "=", self.id), ("kind", "=", "grade"), ("side", "=", "own")],
            "context": {
                "graph_measure": "revenue_mean" if self.subject == "customer" else "success_rate",
                "graph_groupbys": ["date:month", "grade_id"],
            },
        }

    @api.readonly
    @guarded(one=True)
    def action_view_total_trend(self):
        """Show over the month-ends how well the rules told, beside those compared with."""
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_backtest_line_action")
        return {
            **action,
            "domain": [("backtest_id", "=", self.id), ("kind", "=", "all")],
            "context": {
                "graph_measure": "best_share" if self.subject == "customer" else "auc",
                "graph_groupbys": ["date:month", "side"],
            },
        }

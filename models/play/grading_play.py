from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..base.fields import SELLERS
from ..base.guarded import guarded
from ..base.subject import SUBJECTS

TRIGGERS = [
    ("grade_up", "The grade rises"),
    ("grade_down", "The grade falls"),
    ("grade_falling", "The grade is about to fall"),
    ("stage_entered", "A stage of the life cycle is entered"),
    ("probability_below", "The probability to buy falls"),
    ("first_order", "The first order is placed"),
    ("nth_order", "So many orders are placed"),
    ("referral_ordered", "A referred customer places the first order"),
    ("complaint_opened", "A complaint is opened"),
    ("complaint_late", "A complaint is late"),
    ("satisfaction_low", "A customer is not content"),
    ("invoice_overdue", "An invoice is overdue"),
    ("lead_grade_up", "The grade of a lead rises"),
    ("manual", "Only when started by hand"),
]
# What tells which event starts a play: when one of these changes, only what happens from then on counts.
CONDITIONS = {
    *("active", "company_id", "trigger", "subject", "domain"),
    *("grade_id", "lifecycle_id", "share", "number", "days", "severity"),
}
# What a play does.
STEPS = ("plan_id", "template_id", "category_ids", "lead_tag_ids", "action_server_id", "tells_manager")


class GradingPlay(models.Model):
    """One answer to one event: which event of which customers or leads starts it, what is done then with Odoo's own
    means, and by what one sees that it helped.

    Each start is a :class:`grading.play.case`. Only what happens while the play is active counts (``active_since``).
    """

    _name = "grading.play"
    _inherit = ["grading.domain.mixin", "grading.shared.mixin"]
    _description = "Play"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    active_since = fields.Datetime(
        string="In Force since",
        default=fields.Datetime.now,
        required=True,
        readonly=True,
        copy=False,
        help="Only what has happened since then starts the play.",
    )
    company_id = fields.Many2one("res.company", ondelete="cascade", help="Empty: the play holds in every company.")

    # The event
    trigger = fields.Selection(TRIGGERS, string="Starts When", required=True, default="manual")
    subject = fields.Selection(
        [("customer", "Customers"), ("lead", "Leads")],
        string="For",
        compute="_compute_subject",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    grade_id = fields.Many2one(
        "grading.grade",
        ondelete="restrict",
        help="The grade that is reached, or that is about to be lost. Empty: any grade.",
    )
    lifecycle_id = fields.Many2one("grading.lifecycle", string="Stage", ondelete="restrict")
    share = fields.Float(string="Below", digits=(5, 4), default=0.3, help="The probability to buy, from 0 to 1.")
    number = fields.Integer(
        default=1, aggregator=None, help="The number of orders, or the satisfaction from 0 to 10 that is too low."
    )
    days = fields.Integer(
        default=0,
        aggregator=None,
        help="So many days after the complaint or invoice was due, or the grade began to fall.",
    )
    severity = fields.Selection(
        [("minor", "Minor"), ("major", "Major"), ("serious", "Serious")],
        string="From Severity",
        default="minor",
        required=True,
    )
    domain = fields.Char(help="Which customers or leads this is about; empty means all.")
    cooldown_days = fields.Integer(
        string="Pause (days)",
        default=30,
        required=True,
        aggregator=None,
        help="For so many days after a start the play does not start again for the same customer or lead.",
    )

    # What is done
    plan_id = fields.Many2one(
        "mail.activity.plan",
        string="Activity Plan",
        ondelete="restrict",
        domain="[('res_model', '=', subject == 'lead' and 'crm.lead' or 'res.partner')]",
        help="Its activities are planned on days on which the responsible user works and has room for another contact.",
    )
    template_id = fields.Many2one(
        "mail.template",
        string="E-mail",
        ondelete="restrict",
        domain="[('model', '=', subject == 'lead' and 'crm.lead' or 'res.partner')]",
        help="Not sent to addresses on the blacklist.",
    )
    category_ids = fields.Many2many("res.partner.category", string="Contact Tags")
    lead_tag_ids = fields.Many2many("crm.tag", string="Lead Tags")
    action_server_id = fields.Many2one(
        "ir.actions.server",
        string="Automation",
        domain="[('model_id.model', '=', subject == 'lead' and 'crm.lead' or 'res.partner')]",
        ondelete="restrict",
        copy=False,
        groups="base.group_system",
        help="Started by OdooBot for the customers or leads.",
    )
    responsible_type = fields.Selection(
        [
            ("salesperson", "Salesperson of the customer or lead"),
            ("team_leader", "Leader of their sales team"),
            ("user", "Always the same person"),
        ],
        string="By Whom",
        default="salesperson",
        required=True,
        help="Without one, a manager of Customer Grading.",
    )
    user_id = fields.Many2one("res.users", ondelete="restrict", domain=[("share", "=", False)])
    tells_manager = fields.Boolean(
        string="Notify Manager", help="The leader of the sales team is notified, without one the managers."
    )

    # By what one sees that it helped
    goal = fields.Selection(
        [
            ("order", "The customer orders"),
            ("contact", "The customer is contacted"),
            ("complaint_closed", "The complaint is closed"),
            ("satisfaction_up", "Satisfaction rises"),
            ("grade_up", "The grade rises"),
        ],
        default="order",
        required=True,
        help="When it is reached, the play ends and its open activities are removed.",
    )
    goal_days = fields.Integer(string="Within (days)", default=30, required=True, aggregator=None)
    control_percent = fields.Integer(
        string="Control Group (%)",
        default=0,
        required=True,
        aggregator=None,
        help="So many of 100 customers, always the same ones, are left alone: against them one sees whether the play "
        "helps.",
    )

    case_ids = fields.One2many("grading.play.case", "play_id", readonly=True, groups=SELLERS)
    running_count = fields.Integer(string="Running", compute="_compute_counts", groups=SELLERS)
    failed_count = fields.Integer(string="Failed", compute="_compute_counts", groups=SELLERS)
    preview_count = fields.Integer(
        string="Would Start Today",
        compute="_compute_preview_count",
        groups=SELLERS,
        help="The customers or leads for whom this holds, or has happened, today.",
    )

    _person_known = models.Constraint(
        "CHECK (responsible_type <> 'user' OR user_id IS NOT NULL)",
        "A play that is always for the same person needs that person: choose one.",
    )
    _stage_known = models.Constraint(
        "CHECK (trigger <> 'stage_entered' OR lifecycle_id IS NOT NULL)",
        "A play that starts when a stage is entered needs the stage: choose one.",
    )
    _share_sensible = models.Constraint(
        "CHECK (share BETWEEN 0 AND 1)", "The probability to buy is a share: choose a number from 0 to 1."
    )
    _number_sensible = models.Constraint(
        "CHECK (CASE trigger WHEN 'nth_order' THEN number BETWEEN 1 AND 100000"
        " WHEN 'satisfaction_low' THEN number BETWEEN 0 AND 10 ELSE TRUE END)",
        "The number of orders is at least 1, and satisfaction goes from 0 to 10: choose such a number.",
    )
    _days_sensible = models.Constraint(
        "CHECK (days BETWEEN 0 AND 3650 AND cooldown_days BETWEEN 0 AND 3650 AND goal_days BETWEEN 1 AND 3650)",
        "The days of a play are at most ten years, and its goal needs a day: choose 0 to 3650 days, 1 to 3650 for the "
        "goal.",
    )
    _control_sensible = models.Constraint(
        "CHECK (control_percent BETWEEN 0 AND 90)",
        "At most 90 of 100 customers are left alone: choose a control group from 0 to 90 %.",
    )
    _subject_of_trigger = models.Constraint(
        "CHECK (CASE trigger WHEN 'lead_grade_up' THEN subject = 'lead' WHEN 'manual' THEN TRUE"
        " ELSE subject = 'customer' END)",
        "Only a play that starts when the grade of a lead rises, or by hand, is for leads: choose for whom it is.",
    )

    @api.depends("trigger")
    def _compute_subject(self):
        for play in self:
            if play.trigger != "manual":
                play.subject = "lead" if play.trigger == "lead_grade_up" else "customer"
            else:
                play.subject = play.subject or "customer"

    @api.depends("case_ids.state", "case_ids.error")
    def _compute_counts(self):
        Case = self.env["grading.play.case"]
        running = [("play_id", "in", self.ids), ("state", "=", "running")]
        counts = dict(Case._read_group(running, ["play_id"], ["__count"]))
        failed = dict(Case._read_group([*running, ("error", "!=", False)], ["play_id"], ["__count"]))
        for play in self:
            play.running_count = counts.get(play._origin, 0)
            play.failed_count = failed.get(play._origin, 0)

    # ------------------------------------------------------------
    # In force
    # ------------------------------------------------------------

    @api.model
    def _cached_fields(self):
        return super()._cached_fields() | {"trigger"}

    def write(self, vals):
        """What has happened before a play got its conditions does not start it."""
        res = super().write(vals)
        if CONDITIONS & vals.keys():
            super().write({"active_since": self.env.cr.now()})
        return res

    @api.model
    def _in_force(self, *triggers):
        """The active plays of the current company, all or those with one of ``triggers``.

        :rtype: grading.play
        """
        return super(GradingPlay, self.sudo())._in_force(*([("trigger", "in", triggers)] if triggers else ()))

    def _subject_model(self):
        """``res.partner`` or ``crm.lead``."""
        self.ensure_one()
        return SUBJECTS[self.subject].model

    def copy_data(self, default=None):
        """A copy is archived: it would start for the same customers once more."""
        vals_list = super().copy_data({"active": False, **(default or {})})
        if self._has_field_access(self._fields["action_server_id"], "read"):
            for play, vals in zip(self, vals_list, strict=True):
                vals.setdefault("action_server_id", play.action_server_id.id)
        if "name" not in (default or {}):
            for play, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%s (copy)", play.name)
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        if case := self.env["grading.play.case"].sudo().search([("play_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._("“%s” was started for customers. Archive it instead of deleting it.", case.play_id.name)
            )

    # ------------------------------------------------------------
    # Usable?
    # ------------------------------------------------------------

    @api.constrains("subject", "company_id", *STEPS)
    def _check_steps(self):
        """Checked on saving, and again before the steps are carried out: what they name may have changed since."""
        for play in self.sudo():
            if problem := play._step_problem():
                raise ValidationError(problem)

    def _step_problem(self):
        """What is wrong with what the play does, with the remedy; None when nothing is."""
        if not any(self[name] for name in STEPS):
            return self.env._(
                "The play “%s” does nothing: choose an activity plan, an e-mail, tags or an automation.", self.name
            )
        return self._plan_problem() or self._template_problem() or self._tag_problem() or self._action_problem()

    def _plan_problem(self):
        plan, names = self.plan_id, {"play": self.name, "plan": self.plan_id.name}
        if not plan:
            return None
        if plan.res_model != self._subject_model():
            return self.env._(
                "The activity plan “%(plan)s” of the play “%(play)s” is for %(model)s: choose one for %(wanted)s.",
                model=plan.res_model_id.name,
                wanted=self.env["ir.model"]._get(self._subject_model()).name,
                **names,
            )
        if not plan.template_ids:
            return self.env._(
                "The activity plan “%(plan)s” of the play “%(play)s” has no activities: add one, or choose another "
                "plan.",
                **names,
            )
        several = self.env["res.company"].sudo().search_count([("active", "=", True)], limit=2) > 1
        if several and plan.company_id and plan.company_id != self.company_id:
            return self.env._(
                "The activity plan “%(plan)s” of the play “%(play)s” belongs to %(company)s alone: choose a plan of "
                "all companies, or enter that company on the play.",
                company=plan.company_id.name,
                **names,
            )
        return None

    def _template_problem(self):
        if not self.template_id or self.template_id.model == self._subject_model():
            return None
        return self.env._(
            "The e-mail “%(template)s” of the play “%(play)s” is made for %(model)s: choose one for %(wanted)s.",
            template=self.template_id.name,
            play=self.name,
            model=self.template_id.model_id.name or "-",
            wanted=self.env["ir.model"]._get(self._subject_model()).name,
        )

    def _tag_problem(self):
        if not (self.lead_tag_ids if self.subject == "customer" else self.category_ids):
            return None
        return self.env._(
            "The play “%s” gives tags that its customers or leads cannot have: choose contact tags for customers and "
            "lead tags for leads.",
            self.name,
        )

    def _action_problem(self):
        action, names = self.action_server_id, {"play": self.name, "action": self.action_server_id.name}
        if not action:
            return None
        if action.model_id.model != self._subject_model():
            return self.env._(
                "The automation “%(action)s” of the play “%(play)s” works on %(model)s: choose one for %(wanted)s.",
                model=action.model_id.name,
                wanted=self.env["ir.model"]._get(self._subject_model()).name,
                **names,
            )
        if action.group_ids:
            return self.env._(
                "The automation “%(action)s” of the play “%(play)s” is for users of some groups only, and OdooBot "
                "starts it: choose one without groups.",
                **names,
            )
        return None

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    @api.readonly
    @guarded(one=True)
    def action_view_cases(self):
        """Show what the play was started for."""
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_play_case_action")
        return {**action, "domain": [("play_id", "=", self.id)], "context": {}, "display_name": self.name}

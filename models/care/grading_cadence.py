from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..base.fields import SELLERS
from ..base.guarded import guarded
from ..measure.grading_interaction import CHANNELS, LAST_DATES

# Measures of the profile from which the dates of a cadence are counted.
READS = (*LAST_DATES.values(), "last_order_date", "next_order_date", "order_count")
# The channels of which a contact answers what is due by each: the same one, and those that are more personal.
ANSWERED_BY = {"online": ("online", "call", "visit"), "call": ("call", "visit"), "visit": ("visit",)}
# What can stand in braces in the summary and note of a cadence.
PLACEHOLDERS = ("name", "grade", "last_order", "open_offers", "topics")


class GradingCadence(models.Model):
    """One cadence: how often, by which channel and by which user the customers and leads of some grades are contacted.

    The contacts due by it are in :class:`grading.care`, one row for each customer or lead.
    """

    _name = "grading.cadence"
    _inherit = ["grading.domain.mixin", "grading.shared.mixin", "grading.text.mixin"]
    _description = "Cadence"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", ondelete="cascade", help="Empty: the cadence holds in every company.")
    grade_ids = fields.Many2many("grading.grade", string="Grades", help="Empty: all grades.")
    domain = fields.Char(help="Of these grades, which customers and leads this is about; empty means all.")
    channel = fields.Selection(CHANNELS, default="online", required=True)
    interval_number = fields.Integer(string="Every", default=1, required=True)
    interval_type = fields.Selection(
        [("day", "Days"), ("week", "Weeks"), ("month", "Months")], string="Unit", default="week", required=True
    )
    tolerance_days = fields.Integer(
        string="Tolerance (days)",
        default=0,
        required=True,
        help="A contact so many days after it was due is still in time.",
    )
    anchor = fields.Selection(
        [
            ("contact", "The last contact by this channel"),
            ("activity", "Last time this activity was done"),
            ("next_order", "The next order that is expected"),
        ],
        string="Counted from",
        default="contact",
        required=True,
    )
    anchor_days = fields.Integer(string="Days before the Order", default=60, required=True)
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        compute="_compute_activity_type_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
        required=True,
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
    )
    user_id = fields.Many2one("res.users", ondelete="restrict", domain=[("share", "=", False)])
    summary = fields.Char(translate=True)
    note = fields.Html(translate=True)
    template_id = fields.Many2one(
        "mail.template",
        string="E-mail Template",
        ondelete="set null",
        domain=[("model", "in", ("res.partner", "crm.lead"))],
        help="What an e-mail written from My Contacts Due begins with. A template for contacts serves customers, "
        "one for leads serves leads.",
    )

    care_count = fields.Integer(
        string="Customers Covered",
        compute="_compute_care_count",
        groups=SELLERS,
    )

    _interval_sensible = models.Constraint(
        "CHECK (interval_number BETWEEN 1 AND"
        " CASE interval_type WHEN 'day' THEN 3650 WHEN 'week' THEN 520 ELSE 120 END)",
        "A cadence repeats at least every ten years: choose 1 to 3650 days, 1 to 520 weeks or 1 to 120 months.",
    )
    _days_sensible = models.Constraint(
        "CHECK (tolerance_days BETWEEN 0 AND 3650 AND anchor_days BETWEEN 0 AND 3650)",
        "The tolerance of a cadence and its days before an order are at most ten years: choose 0 to 3650 days.",
    )
    _person_known = models.Constraint(
        "CHECK (responsible_type <> 'user' OR user_id IS NOT NULL)",
        "A cadence that is always for the same person needs that person: choose one.",
    )

    @api.depends("anchor", "channel")
    def _compute_activity_type_id(self):
        """One that counts as the channel; a cadence that repeats an activity keeps the one that was chosen."""
        for cadence in self:
            chosen = cadence.activity_type_id
            if not chosen or cadence.anchor != "activity" and chosen.grading_channel != cadence.channel:
                cadence.activity_type_id = chosen._grading_first_of_channel(cadence.channel) or chosen

    def _compute_care_count(self):
        counts = dict(
            self.env["grading.care"]._read_group([("cadence_id", "in", self.ids)], ["cadence_id"], ["__count"])
        )
        for cadence in self:
            cadence.care_count = counts.get(cadence._origin, 0)

    @api.constrains("activity_type_id")
    def _check_activity_type(self):
        for cadence in self.filtered("activity_type_id.res_model"):
            raise ValidationError(
                self.env._(
                    "The activities of the cadence “%(cadence)s” are of the type “%(type)s”, which not every contact "
                    "and lead can have: choose a type that is for any model.",
                    cadence=cadence.name,
                    type=cadence.activity_type_id.name,
                )
            )

    @api.constrains("activity_type_id", "channel", "anchor", "active")
    def _check_channel(self):
        """A cadence that counts from contacts plans activities that count as such a contact."""
        for cadence in self.filtered(lambda cadence: cadence.active and cadence.anchor != "activity"):
            activity_type = cadence.activity_type_id
            if activity_type.grading_channel != cadence.channel:
                names = dict(activity_type._fields["grading_channel"]._description_selection(self.env))
                raise ValidationError(
                    self.env._(
                        "The cadence “%(cadence)s” asks for the channel %(channel)s, but its activities of the type "
                        "“%(type)s” count as: %(counts)s. Choose another type, or change what this one counts as.",
                        cadence=cadence.name,
                        channel=names[cadence.channel],
                        type=activity_type.name,
                        counts=names.get(activity_type.grading_channel, "-"),
                    )
                )

    # ------------------------------------------------------------
    # Archiving and deleting
    # ------------------------------------------------------------

    def write(self, vals):
        res = super().write(vals)
        if vals.get("active") is False:
            self._stop()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_logged(self):
        groups = (
            self.env["grading.care.log"]
            .sudo()
            ._read_group([("cadence_id", "in", self.ids)], ["cadence_id"], ["__count"])
        )
        for cadence, count in groups:
            raise UserError(
                self.env._(
                    "Cadence “%(cadence)s” has %(count)s logged contacts. Archive it instead of deleting it.",
                    cadence=cadence.name,
                    count=count,
                )
            )

    def unlink(self):
        self._stop()
        return super().unlink()

    def _stop(self):
        """Remove the next contacts of these cadences, with their open activities."""
        self.env["grading.care"].sudo().search([("cadence_id", "in", self.ids)]).unlink()

    # ------------------------------------------------------------
    # To SQL
    # ------------------------------------------------------------

    def _to_sql(self, query, as_of):
        """Whether the cadence applies to a profile: ``grade_id = ANY('{1,2}') AND order_count > 3``.

        :param odoo.tools.query.Query query: on ``grading_profile``, where the condition will stand
        :param datetime.date as_of: the day that ``today`` means in the filter
        :rtype: odoo.tools.SQL
        """
        self.ensure_one()
        condition = self._domain_to_sql(query, as_of)
        grades = self.with_context(active_test=False).grade_ids
        if not grades:
            return condition
        return SQL("(grading_profile.grade_id = ANY(%s) AND (%s))", grades.ids, condition)

    def _interval(self):
        """The time from one contact to the next.

        :rtype: dateutil.relativedelta.relativedelta
        """
        self.ensure_one()
        return relativedelta(**{f"{self.interval_type}s": self.interval_number})

    @api.model
    def _interval_to_sql(self):
        """The time from one contact to the next by ``cadence``, a row of the table, as an interval:
        ``MAKE_INTERVAL(months => CASE … END, days => CASE … END * cadence.interval_number)``."""
        return SQL(
            "MAKE_INTERVAL(months => CASE cadence.interval_type WHEN 'month' THEN cadence.interval_number ELSE 0 END,"
            " days => CASE cadence.interval_type WHEN 'week' THEN 7 WHEN 'day' THEN 1 ELSE 0 END"
            " * cadence.interval_number)"
        )

    @api.model
    def _answered_by(self, channel):
        """The channels of which a contact answers what is due by ``channel`` in the current company: a visit answers a
        call, and both answer an online contact, unless the settings say that each counts for itself.

        :rtype: tuple[str]
        """
        return ANSWERED_BY[channel] if self.env.company.grading_visit_counts else (channel,)

    # ------------------------------------------------------------
    # For the run
    # ------------------------------------------------------------

    def _profile_measures(self):
        """What the filters read, and what the dates are counted from."""
        if not self:
            return set()
        return super()._profile_measures() | {*READS, "best_lead_id"}

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    @guarded
    def action_apply(self):
        """Rescore the customers and leads of the company, which sets all next dates: at once, or in the background
        if there are many."""
        return self.env["grading.scheme"].action_rescore()

    @api.readonly
    @guarded(one=True)
    def action_view_care(self):
        """Show the next contacts of this cadence."""
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_care_action")
        domain = [("cadence_id", "=", self.id)]
        return {**action, "domain": domain, "context": {}, "name": self.name, "display_name": self.name}

    # ------------------------------------------------------------
    # Summary and note of an activity
    # ------------------------------------------------------------

    @api.model
    def _grading_text_fields(self):
        return ["summary", "note"]

    @api.model
    def _grading_placeholders(self):
        return PLACEHOLDERS

    def _describe_activity(self, values):
        """The summary and the note of an activity, in the language of the context.

        :param dict values: a text for each of :data:`PLACEHOLDERS`
        :return: a plain text, and one in HTML
        :rtype: tuple[str, markupsafe.Markup]
        """
        self.ensure_one()
        return self._fill_in(self.summary or self.name, values), self._fill_in(self.note or Markup(), values)

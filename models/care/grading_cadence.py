import re

from dateutil.relativedelta import relativedelta
from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..measure.grading_interaction import CHANNELS

# What the dates of a cadence are counted from, as measures of the profile.
READS = ("last_online_date", "last_call_date", "last_visit_date", "last_order_date", "next_order_date", "order_count")
PLACEHOLDER = re.compile(r"\{(\w+)\}")
# What can stand in braces in the summary and note of a cadence. Nothing in there is evaluated.
PLACEHOLDERS = ("name", "grade", "last_order", "open_offers", "topics")


class GradingCadence(models.Model):
    """A rhythm of contact: how often, by which channel and by whom the customers and leads of some grades are
    contacted.

    What is due of it stands in :class:`grading.care`, a row for each customer or lead.
    """

    _name = "grading.cadence"
    _inherit = ["grading.domain.mixin"]
    _description = "Cadence"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", ondelete="cascade", help="Empty: the cadence holds in every company.")
    grade_ids = fields.Many2many("grading.grade", string="Grades", help="Empty: whatever the grade.")
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
            ("activity", "The last time this very activity was done"),
            ("next_order", "The next order that is expected"),
        ],
        string="Counted from",
        default="contact",
        required=True,
    )
    anchor_days = fields.Integer(string="Days before the Order", default=60, required=True)
    activity_type_id = fields.Many2one("mail.activity.type", ondelete="restrict", required=True)
    responsible_type = fields.Selection(
        [
            ("salesperson", "Salesperson of the customer or lead"),
            ("team_leader", "Leader of his sales team"),
            ("user", "Always the same person"),
        ],
        string="By Whom",
        default="salesperson",
        required=True,
    )
    user_id = fields.Many2one("res.users", string="Person", ondelete="restrict", domain=[("share", "=", False)])
    summary = fields.Char(translate=True)
    note = fields.Html(translate=True)

    care_count = fields.Integer(
        string="Looked After",
        compute="_compute_care_count",
        groups="customer_grading.customer_grading_group_user",
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
        """What is counted from contacts must be kept by doing what is planned."""
        for cadence in self.filtered(lambda cadence: cadence.active and cadence.anchor != "activity"):
            kind = cadence.activity_type_id
            if kind.grading_channel != cadence.channel:
                names = dict(kind._fields["grading_channel"]._description_selection(self.env))
                raise ValidationError(
                    self.env._(
                        "The cadence “%(cadence)s” asks for the channel %(channel)s, but its activities of the type "
                        "“%(type)s” count as: %(counts)s. Choose another type, or change what this one counts as.",
                        cadence=cadence.name,
                        channel=names[cadence.channel],
                        type=kind.name,
                        counts=names.get(kind.grading_channel, "-"),
                    )
                )

    # ------------------------------------------------------------
    # The end of a cadence
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
                    "%(count)s contacts that were due by the cadence “%(cadence)s” stand in the reports, which would "
                    "lose them: archive it instead of deleting it.",
                    count=count,
                    cadence=cadence.name,
                )
            )

    def unlink(self):
        self._stop()
        return super().unlink()

    def _stop(self):
        """Nobody is contacted by these cadences any more: what is planned of them goes."""
        self.env["grading.care"].sudo().search([("cadence_id", "in", self.ids)]).unlink()

    # ------------------------------------------------------------
    # To SQL
    # ------------------------------------------------------------

    def _to_sql(self, query, as_of):
        """Whether a profile has this cadence: ``grade_id = ANY('{1,2}') AND order_count > 3``.

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
        """The rhythm.

        :rtype: dateutil.relativedelta.relativedelta
        """
        self.ensure_one()
        return relativedelta(**{f"{self.interval_type}s": self.interval_number})

    @api.model
    def _interval_to_sql(self):
        """The rhythm of ``cadence``, a row of the table, as an interval."""
        return SQL(
            "MAKE_INTERVAL(months => CASE cadence.interval_type WHEN 'month' THEN cadence.interval_number ELSE 0 END,"
            " days => CASE cadence.interval_type WHEN 'week' THEN 7 WHEN 'day' THEN 1 ELSE 0 END"
            " * cadence.interval_number)"
        )

    # ------------------------------------------------------------
    # Which cadences there are
    # ------------------------------------------------------------

    @api.model
    def _in_force(self):
        """The active cadences of the current company.

        :rtype: grading.cadence
        """
        return self.search([("active", "=", True), ("company_id", "in", (False, self.env.company.id))])

    def _profile_measures(self):
        """Beside what the filters read: what the dates are counted from."""
        if not self:
            return set()
        return super()._profile_measures() | {*READS, "best_lead_id"}

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_apply(self):
        """Rescore the customers and leads of the company, which sets all next dates: at once, or in the background
        when they are many."""
        return self.env["grading.scheme"].action_rescore()

    def action_view_care(self):
        """The customers and leads whom this cadence looks after."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_care_action")
        domain = [("cadence_id", "=", self.id)]
        return {**action, "domain": domain, "context": {}, "name": self.name, "display_name": self.name}

    # ------------------------------------------------------------
    # Texts of activities
    # ------------------------------------------------------------

    # The words of an activity: ``Call {name}: last order {last_order}`` names whom and what it is about.

    @api.constrains("summary", "note")
    def _check_placeholders(self):
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        for cadence in self:
            texts = [
                text or ""
                for translated in map(cadence._in_language, languages)
                for text in (translated.summary, translated.note)
            ]
            unknown = set(PLACEHOLDER.findall(" ".join(texts))) - set(PLACEHOLDERS)
            if unknown:
                raise ValidationError(
                    self.env._(
                        "The cadence “%(cadence)s” names %(unknown)s, which nobody can fill in: use one of %(known)s.",
                        cadence=cadence.name,
                        unknown=", ".join(f"{{{name}}}" for name in sorted(unknown)),
                        known=", ".join(f"{{{name}}}" for name in PLACEHOLDERS),
                    )
                )

    def _in_language(self, code):
        return self.with_context(lang=code)

    def _fill_in(self, words):
        """The summary and the note with ``words`` in place of the placeholders. Others, which only a translation can
        have smuggled in, stay as they are.

        :param dict words: a text for each of :data:`PLACEHOLDERS`
        :return: a plain text, and one in HTML in which the words are escaped
        :rtype: tuple[str, markupsafe.Markup]
        """
        self.ensure_one()
        summary = PLACEHOLDER.sub(lambda match: words.get(match[1], match[0]), self.summary or self.name)
        note = PLACEHOLDER.sub(lambda match: str(escape(words.get(match[1], match[0]))), self.note or "")
        return summary, Markup(note)

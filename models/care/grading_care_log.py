import pytz

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..measure.grading_interaction import CHANNELS

# How many percent of the contacts that were due became what.
RATES = {"kept_rate": "kept", "late_rate": "late", "missed_rate": "missed"}
# Without any contact for longer than so many of their rhythms, the best are neglected.
NEGLECTED_RHYTHMS = 2


class GradingCareLog(models.Model):
    """One contact that was due, and what became of it: made in time, made late, or missed because a whole further
    interval passed without any. Never edited."""

    _name = "grading.care.log"
    _inherit = ["grading.lead.access.mixin"]
    _description = "Due Contact"
    _order = "due_date desc, id desc"
    _log_access = False  # a line is never edited

    profile_id = fields.Many2one("grading.profile", ondelete="set null", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", ondelete="cascade", index="btree_not_null", readonly=True
    )
    lead_id = fields.Many2one("crm.lead", ondelete="cascade", index="btree_not_null", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    cadence_id = fields.Many2one("grading.cadence", required=True, ondelete="cascade", index=True, readonly=True)
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="Responsible", ondelete="set null", readonly=True)
    grade_id = fields.Many2one("grading.grade", string="Grade Then", ondelete="restrict", readonly=True)
    due_date = fields.Date(string="Due", required=True, readonly=True)
    done_date = fields.Date(string="Done", readonly=True)
    state = fields.Selection(
        [("kept", "In time"), ("late", "Late"), ("missed", "Missed")], string="Kept", required=True, readonly=True
    )

    kept_rate = fields.Float(string="In Time (%)", digits=(16, 1), compute="_compute_rates", aggregator="avg")
    late_rate = fields.Float(string="Late (%)", digits=(16, 1), compute="_compute_rates", aggregator="avg")
    missed_rate = fields.Float(string="Missed (%)", digits=(16, 1), compute="_compute_rates", aggregator="avg")

    _due_unique = models.UniqueIndex("(profile_id, cadence_id, due_date)", "A contact is due once on a day.")
    _company_date_index = models.Index("(company_id, due_date)")

    @api.depends("state")
    def _compute_rates(self):
        for line in self:
            for name, state in RATES.items():
                line[name] = 100 * (line.state == state)

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """The part of the contacts that became of it; no columns, which would say the same as the state."""
        name, _separator, function = aggregate_spec.partition(":")
        if name not in RATES or function != "avg":
            return super()._read_group_select(aggregate_spec, query)
        state = self._field_to_sql(self._table, "state", query)
        return SQL("AVG(CASE WHEN %s = %s THEN 100.0 ELSE 0 END)::float8", state, RATES[name])

    @api.depends("partner_id", "lead_id", "due_date")
    def _compute_display_name(self):
        for line in self:
            subject = (line.lead_id or line.partner_id).display_name
            line.display_name = ", ".join(filter(None, (subject, format_date(self.env, line.due_date))))


class GradingCare(models.Model):
    """The attention list: the best customers and leads with whom nobody has had to do for too long.

    The best are those who have the highest grade of the scheme that grades them. Their rhythm is the shortest one that
    counts from contacts; it is that row that is neglected, so that everybody is listed once. Who was never contacted
    is silent since the day from which his cadences count: that of his last order, or on which he was first known.
    """

    _inherit = "grading.care"

    contact_date = fields.Date(string="Last Contact of Any Kind", compute="_compute_contact_date", compute_sudo=True)
    silent_since = fields.Date(
        string="Nobody in Touch since",
        compute="_compute_silent_since",
        compute_sudo=True,
        help="The last contact of any kind; without one, the last order or the first day in the grading.",
    )
    is_neglected = fields.Boolean(
        string="Neglected",
        compute="_compute_is_neglected",
        search="_search_is_neglected",
        help="Of the best grade, and without any contact for longer than twice the shortest rhythm.",
    )

    @api.depends("profile_id.last_online_date", "profile_id.last_call_date", "profile_id.last_visit_date")
    def _compute_contact_date(self):
        for care in self:
            profile = care.profile_id
            dates = (profile.last_online_date, profile.last_call_date, profile.last_visit_date)
            care.contact_date = max(filter(None, dates), default=False)

    @api.depends("contact_date", "profile_id.last_order_date", "profile_id.create_date")
    def _compute_silent_since(self):
        tz = pytz.timezone(self.env.company._grading_tz())
        for care in self:
            created = pytz.utc.localize(care.profile_id.create_date).astimezone(tz).date()
            care.silent_since = care.contact_date or care.profile_id.last_order_date or created

    @api.depends("profile_id.grade_id", "silent_since", "cadence_id")
    def _compute_is_neglected(self):
        neglected = self.search([("id", "in", self.ids), ("is_neglected", "=", True)])
        for care in self:
            care.is_neglected = care in neglected

    def _search_is_neglected(self, operator, value):
        if operator != "in":
            return NotImplemented
        for model in ("grading.profile", "grading.cadence", "grading.threshold", "grading.grade"):
            self.env[model].flush_model()
        neglected = Domain.custom(to_sql=lambda model, alias, query: model._neglected_to_sql(alias))
        return neglected if True in value else ~neglected

    @api.model
    def _neglected_to_sql(self, alias):
        """Whether the row ``alias`` is the one that says that its customer or lead is neglected."""
        return SQL(
            """
            (%(id)s = (
                SELECT own.id
                  FROM grading_care AS own
                  JOIN grading_cadence AS cadence ON cadence.id = own.cadence_id
                 WHERE own.profile_id = %(profile_id)s AND cadence.active AND cadence.anchor = 'contact'
              ORDER BY %(interval)s, own.id
                 LIMIT 1
            ) AND EXISTS (
                SELECT
                  FROM grading_profile AS profile
                  JOIN grading_cadence AS cadence ON cadence.id = %(cadence_id)s
                 WHERE profile.id = %(profile_id)s
                   AND profile.grade_id = (
                       SELECT grade.id
                         FROM grading_threshold AS threshold
                         JOIN grading_grade AS grade ON grade.id = threshold.grade_id
                        WHERE threshold.scheme_id = profile.scheme_id
                     ORDER BY grade.sequence, grade.id
                        LIMIT 1
                   )
                   AND COALESCE(
                       GREATEST(profile.last_online_date, profile.last_call_date, profile.last_visit_date),
                       profile.last_order_date,
                       (profile.create_date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date
                   ) + %(rhythms)s * %(interval)s < %(today)s
            ))
            """,
            interval=self.env["grading.cadence"]._interval_to_sql(),
            rhythms=NEGLECTED_RHYTHMS,
            today=fields.Date.context_today(self),
            tz=self.env.company._grading_tz(),
            **{
                name: SQL.identifier(alias, name, to_flush=self._fields[name])
                for name in ("id", "profile_id", "cadence_id")
            },
        )

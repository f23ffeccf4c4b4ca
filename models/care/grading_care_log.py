from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..measure.grading_interaction import CHANNELS, LAST_DATES

# A contact is overdue when no contact of any kind was made for longer than so many intervals.
OVERDUE_INTERVALS = 2


class GradingCareRateMixin(models.AbstractModel):
    """Contacts that were due, with what became of each in ``state``: shares of them as measures of pivot and graph."""

    _name = "grading.care.rate.mixin"
    _description = "Shares of Due Contacts"

    kept_rate = fields.Float(string="In Time (%)", digits=(16, 1), compute="_compute_rates", aggregator="avg")
    late_rate = fields.Float(string="Late (%)", digits=(16, 1), compute="_compute_rates", aggregator="avg")
    missed_rate = fields.Float(string="Missed (%)", digits=(16, 1), compute="_compute_rates", aggregator="avg")

    @api.model
    def _rates(self):
        """The state that each percentage counts, by the name of its field.

        :rtype: dict[str, str]
        """
        return {"kept_rate": "kept", "late_rate": "late", "missed_rate": "missed"}

    @api.depends("state")
    def _compute_rates(self):
        for line in self:
            for name, state in self._rates().items():
                line[name] = 100 * (line.state == state)

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """The share of a state among the contacts; the rates are no columns, which would repeat the state."""
        name, _separator, function = aggregate_spec.partition(":")
        if name not in self._rates() or function != "avg":
            return super()._read_group_select(aggregate_spec, query)
        state = self._field_to_sql(self._table, "state", query)
        return SQL("AVG(CASE WHEN %s = %s THEN 100.0 ELSE 0 END)::float8", state, self._rates()[name])

    @api.depends("partner_id", "lead_id", "due_date")
    def _compute_display_name(self):
        for line in self:
            subject = line._subject().display_name
            line.display_name = ", ".join(filter(None, (subject, format_date(self.env, line.due_date))))


class GradingCareLog(models.Model):
    """One contact that was due, and its outcome: made in time, made late, or missed because a whole further interval
    passed without one. Never edited."""

    _name = "grading.care.log"
    _inherit = ["grading.lead.access.mixin", "grading.care.rate.mixin"]
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

    _due_unique = models.UniqueIndex("(profile_id, cadence_id, due_date)", "A contact is due once on a day.")
    _company_date_index = models.Index("(company_id, due_date)")


class GradingCare(models.Model):
    """Overdue contacts: customers and leads without a contact of any kind for more than two intervals.

    One definition (:meth:`_overdue_select`) serves the attention list and the public pool. Both look at the shortest
    interval that counts from contacts, so that a customer is listed once; they count from the last contact of any kind,
    without one from the last order, and without both from the day on which the profile was created; and they go by the
    company's day. Two parts differ on purpose:

    - The attention list names all customers and leads, by any cadence of any responsible user; the best grades come
      first, and a filter shows those of the highest grade of the scheme alone.
    - The pool takes something away from its owner. So only a cadence that the salesperson has to keep counts there, of
      any grade; and the owner has the whole time after the cadence began to cover the customer (``start_date``) and
      after the customer was handed over.
    """

    _inherit = "grading.care"

    contact_date = fields.Date(string="Last Contact of Any Kind", compute="_compute_contact_date", compute_sudo=True)
    silent_since = fields.Date(
        string="No Contact Since",
        compute="_compute_silent_since",
        compute_sudo=True,
        help="The last contact of any kind; without one, the last order or the first day in the grading.",
    )
    is_neglected = fields.Boolean(
        string="Neglected",
        compute="_compute_is_neglected",
        search="_search_is_neglected",
        help="Without any contact for longer than twice the shortest rhythm.",
    )
    is_best_grade = fields.Boolean(
        string="Best Grade",
        compute="_compute_is_best_grade",
        search="_search_is_best_grade",
        compute_sudo=True,
        help="Of the highest grade that the scheme gives.",
    )

    @api.depends(*(f"profile_id.{name}" for name in LAST_DATES.values()))
    def _compute_contact_date(self):
        for care in self:
            care.contact_date = care.profile_id._last_contact_date()

    @api.depends("contact_date", "profile_id.last_order_date", "profile_id.create_date")
    @api.depends_context("uid")
    def _compute_silent_since(self):
        """Empty where it tells the day of an order to a reader who does not see the figures of the customer."""
        visible = self.profile_id.sudo(False)._filtered_access("read")
        for care in self:
            is_visible = care.contact_date or care.profile_id.sudo(False) in visible
            care.silent_since = care.profile_id._silent_since() if is_visible else False

    @api.depends("profile_id.grade_id", "profile_id.scheme_id.threshold_ids.grade_id")
    def _compute_is_best_grade(self):
        for care in self:
            grades = care.profile_id.scheme_id.threshold_ids.grade_id.sorted()
            care.is_best_grade = bool(grades) and care.profile_id.grade_id == grades[0]

    def _search_is_best_grade(self, operator, value):
        if operator != "in":
            return NotImplemented
        Scheme = self.env["grading.scheme"].sudo().with_context(active_test=False)
        schemes = Scheme.search([("threshold_ids", "!=", False)])
        best = {scheme: scheme.threshold_ids.grade_id.sorted()[:1] for scheme in schemes}
        is_best = Domain.OR(
            Domain("profile_id.scheme_id", "=", scheme.id) & Domain("profile_id.grade_id", "=", grade.id)
            for scheme, grade in best.items()
            if grade
        )
        return is_best if True in value else ~is_best

    @api.depends("silent_since", "cadence_id")
    def _compute_is_neglected(self):
        neglected = self.search([("id", "in", self.ids), ("is_neglected", "=", True)])
        for care in self:
            care.is_neglected = care in neglected

    def _search_is_neglected(self, operator, value):
        if operator != "in":
            return NotImplemented
        for model in ("grading.profile", "grading.cadence"):
            self.env[model].flush_model()
        neglected = Domain.custom(to_sql=lambda model, alias, query: model._neglected_to_sql(alias))
        return neglected if True in value else ~neglected

    @api.model
    def _neglected_to_sql(self, alias):
        """Whether the row ``alias`` belongs on the attention list: it has the shortest interval of its customer or
        lead, and is overdue.

        ``care`` gives ``"care"."id" = (SELECT overdue.id … WHERE overdue.overdue_date <= today …) IS TRUE``.

        :param str alias: what the query calls the table
        """
        care_id, profile_id = (
            SQL.identifier(alias, name, to_flush=self._fields[name]) for name in ("id", "profile_id")
        )
        return SQL(
            """
            (%(care_id)s = (
                SELECT overdue.id
                  FROM grading_profile AS profile CROSS JOIN LATERAL (%(overdue)s) AS overdue
                 WHERE profile.id = %(profile_id)s AND overdue.overdue_date <= %(today)s
            ) IS TRUE)
            """,
            care_id=care_id,
            profile_id=profile_id,
            overdue=self._overdue_select(),
            today=self.env.company._grading_today(),
        )

    @api.model
    def _overdue_select(self, since=None, condition=None):
        """``SELECT id, channel, since, overdue_date`` of the next contact of ``profile`` with the shortest interval:
        since when there was no contact, and the first day on which it is overdue.

        Of a weekly call without a contact since 4 March, that is 19 March. No row if no cadence counts from contacts.

        :param odoo.tools.SQL since: a later day from which to count, by the aliases ``own`` of the row and ``profile``
        :param odoo.tools.SQL condition: which cadences count, by the alias ``cadence``
        :rtype: odoo.tools.SQL
        """
        return SQL(
            """
            SELECT own.id, own.channel, silent.since,
                   (silent.since + %(intervals)s * %(interval)s)::date + 1 AS overdue_date
              FROM grading_care AS own
              JOIN grading_cadence AS cadence ON cadence.id = own.cadence_id
        CROSS JOIN LATERAL (SELECT GREATEST(%(silent_since)s, %(since)s) AS since) AS silent
             WHERE own.profile_id = profile.id AND cadence.active AND cadence.anchor = 'contact' AND %(condition)s
          ORDER BY %(interval)s, own.id
             LIMIT 1
            """,
            intervals=OVERDUE_INTERVALS,
            interval=self.env["grading.cadence"]._interval_to_sql(),
            silent_since=self.env["grading.profile"]._silent_since_to_sql("profile"),
            since=since or SQL("NULL"),
            condition=condition or SQL("TRUE"),
        )

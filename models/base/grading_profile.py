from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .fields import ALL_FIGURES, MANAGERS, FloatOrEmpty, unknown_last
from .grading_domain_mixin import FILTER_LANG

LEVELS = [("1", "Low"), ("2", "Medium"), ("3", "High")]
LEVELS_HELP = "High from two thirds of the points for it on, low below one third."


class GradingProfile(models.Model):
    """One customer in one company, or one lead: what was measured and how it was graded.

    The narrow waist of the module: rooms before it measure, and add the columns that they fill; rooms after it read.
    Written by :meth:`grading.run._rescore` (everything) and by people (the override). No stored value depends on the
    day on which it is read, so the passing of a night changes no row.
    """

    _name = "grading.profile"
    _inherit = [
        "grading.lead.access.mixin",
        "grading.figures.access.mixin",
        "grading.amount.sum.mixin",
        "grading.input.mixin",
    ]
    _description = "Grading Profile"
    _order = "score desc, id"
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="cascade", readonly=True)
    lead_id = fields.Many2one("crm.lead", ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")

    # Scored
    scheme_id = fields.Many2one("grading.scheme", readonly=True, ondelete="set null", index="btree_not_null")
    score = FloatOrEmpty(digits=(16, 2), readonly=True, aggregator="avg")
    value_score = FloatOrEmpty(digits=(16, 2), readonly=True, aggregator="avg")
    loyalty_score = FloatOrEmpty(digits=(16, 2), readonly=True, aggregator="avg")
    potential_score = FloatOrEmpty(digits=(16, 2), readonly=True, aggregator="avg")
    fit_score = FloatOrEmpty(digits=(16, 2), readonly=True, aggregator="avg")
    intent_score = FloatOrEmpty(digits=(16, 2), readonly=True, aggregator="avg")
    value_level = fields.Selection(LEVELS, string="Value", readonly=True, help=LEVELS_HELP)
    loyalty_level = fields.Selection(LEVELS, string="Loyalty", readonly=True, help=LEVELS_HELP)
    potential_level = fields.Selection(LEVELS, string="Potential", readonly=True, help=LEVELS_HELP)
    fit_level = fields.Selection(LEVELS, string="Fit", readonly=True, help=LEVELS_HELP)
    intent_level = fields.Selection(LEVELS, string="Intent", readonly=True, help=LEVELS_HELP)
    points_detail = fields.Json(readonly=True, help="Points by criterion; they add up to the score.")
    scheme_version = fields.Integer(
        readonly=True, help="The version of the scheme by which what stands here was written.", aggregator=None
    )
    noted_score = fields.Float(
        digits=(16, 2),
        readonly=True,
        aggregator=None,
        help="The score at the last line of history: drift counts from it.",
    )

    # Graded
    computed_grade_id = fields.Many2one("grading.grade", readonly=True, ondelete="restrict")
    manual_grade_id = fields.Many2one("grading.grade", readonly=True, ondelete="restrict")
    manual_reason = fields.Char(string="Reason", readonly=True)
    manual_until = fields.Date(string="Until", readonly=True)
    manual_user_id = fields.Many2one("res.users", string="Overridden by", readonly=True, ondelete="set null")
    pending_grade_id = fields.Many2one("grading.grade", readonly=True, ondelete="restrict")
    pending_since = fields.Date(readonly=True)
    grade_id = fields.Many2one(
        "grading.grade",
        readonly=True,
        ondelete="restrict",
        group_expand="_read_group_expand_full",
        help="The grade in force: the manual one while it lasts, else the computed one.",
    )
    trend = fields.Selection(
        [("up", "Up"), ("same", "Same"), ("down", "Down")],
        string="Last Change",
        default="same",
        required=True,
        readonly=True,
    )
    disagrees = fields.Boolean(
        string="Computed and Manual Disagree", compute="_compute_disagrees", search="_search_disagrees"
    )
    lifecycle_id = fields.Many2one(
        "grading.lifecycle",
        string="Stage",
        readonly=True,
        ondelete="set null",
        group_expand="_read_group_expand_full",
    )
    lifecycle_since = fields.Date(string="In Stage since", readonly=True)
    history_ids = fields.One2many("grading.history", "profile_id", readonly=True)

    # With the grade in it, what is grouped by grade need not read the wide rows.
    _partner_company_unique = models.UniqueIndex(
        "(partner_id, company_id) INCLUDE (grade_id) WHERE partner_id IS NOT NULL",
        "A customer has one grading profile in a company.",
    )
    _lead_unique = models.UniqueIndex(
        "(lead_id) INCLUDE (grade_id) WHERE lead_id IS NOT NULL", "A lead has one grading profile."
    )
    _company_grade_index = models.Index("(company_id, grade_id)")
    _one_subject = models.Constraint(
        "CHECK (num_nonnulls(partner_id, lead_id) = 1)",
        "A grading profile is about one customer or about one lead, not both.",
    )

    @api.depends("partner_id", "lead_id")
    def _compute_display_name(self):
        for profile in self:
            profile.display_name = profile._subject().display_name

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        nulls = unknown_last(self._fields.get(field_name), direction, nulls)
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    @api.depends("manual_grade_id", "computed_grade_id")
    def _compute_disagrees(self):
        for profile in self:
            profile.disagrees = profile.manual_grade_id and profile.manual_grade_id != profile.computed_grade_id

    def _search_disagrees(self, operator, value):
        if operator != "in":
            return NotImplemented
        disagree = Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "(%(manual)s IS NOT NULL AND %(manual)s IS DISTINCT FROM %(computed)s)",
                manual=model._field_to_sql(alias, "manual_grade_id", query),
                computed=model._field_to_sql(alias, "computed_grade_id", query),
            )
        )
        return disagree if True in value else ~disagree

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Where a form counts and lists whom the filter of a rule covers, names are compared as the rule does it."""
        as_rules_do = bool(self.env.context.get("grading_filter_of_rule"))
        profiles = self.with_context(lang=FILTER_LANG) if as_rules_do else self
        return super(GradingProfile, profiles)._search(domain, *args, **kwargs)

    # ------------------------------------------------------------
    # Access
    # ------------------------------------------------------------

    @api.model
    def _visible_figures_domain(self):
        """The figures of a prospect come from their best lead: they are visible with that lead alone. Those of a
        customer in service do not, whatever leads there are."""
        return super()._visible_figures_domain() & self._visible_leads_behind()

    @api.model
    def _visible_leads_behind(self):
        """The profiles that no lead grades, or one that the user may see. Managers read what is known of the best lead
        of any customer, so they have to see that, too."""
        if self._sees_all_leads():
            return Domain.TRUE
        leads, Lead = Domain("best_lead_id", "=", False), self.env["crm.lead"].with_context(active_test=False)
        if not self.env.user.has_group(MANAGERS):
            leads |= Domain("order_count", ">", 0)
        if Lead.has_access("read"):
            leads |= Domain("best_lead_id", "in", Lead._search(Domain.TRUE))
        return leads

    @api.model
    def _sees_all_leads(self):
        """Whether nothing but the company hides a lead from the user: then the profile's own company decides."""
        rules = self.env["ir.rule"]._compute_domain("crm.lead", "read")
        return self.env["crm.lead"].has_access("read") and all(
            condition.field_expr == "company_id" for condition in rules.iter_conditions()
        )

    @api.model
    def _is_value_visible(self, measure):
        """Whether the user may see what was measured of a customer whose figures they see: what others have bought is
        theirs to see alone who see all documents."""
        field = self._fields.get(measure)
        return not field or field.groups != ALL_FIGURES or self.env.user.has_groups(ALL_FIGURES)

    @api.model
    def _visible_figures_to_sql(self, alias):
        """Whether the user may see the figures of the row ``alias``; nothing where all of the company are visible.

        ``"profile"."id" IN (SELECT "grading_profile"."id" FROM … WHERE …)``

        :param str alias: what the query calls the table
        :rtype: odoo.tools.SQL
        """
        domain = Domain.TRUE if self.env.su else self._visible_figures_domain()
        if domain.is_true():
            return SQL()
        return SQL("%s IN %s", SQL.identifier(alias, "id"), self.sudo()._search(domain).subselect())

    @api.model
    def _stored_columns(self):
        """Names of the columns of ``grading_profile``."""
        return [name for name, field in self._fields.items() if field.store and field.column_type]

import itertools

from odoo import api, fields, models, tools
from odoo.tools import SQL

from .grading_profile import BRANDS
from .grading_profile_link import GradingProfileLink, check_grading_field

# The contact's own fields that decide who is a customer, whose he is, and what he was said to be.
WATCHED_FIELDS = {
    "parent_id",
    "is_company",
    "active",
    "company_id",
    "customer_rank",
    "annual_budget",
    "brand_contribution",
}
# Of these, the ones that say whose documents a contact's are.
FAMILY_FIELDS = {"parent_id", "is_company"}
INTERNAL = "base.group_user"


class ResPartner(models.Model):
    _inherit = "res.partner"

    annual_budget = fields.Float(
        company_dependent=True,
        groups=INTERNAL,
        help="What this customer could spend in a year on what we sell, in the company's currency.",
    )
    brand_contribution = fields.Selection(
        BRANDS, groups=INTERNAL, help="How well known the customer is: naming him helps to win others."
    )

    grading_profile_id = GradingProfileLink(
        "grading.profile",
        string="Grading Profile",
        compute="_compute_grading_profile_id",
        search="_search_grading_profile_id",
        groups=INTERNAL,
    )
    grading_grade_id = fields.Many2one(
        related="grading_profile_id.grade_id",
        string="Grade",
        readonly=False,
        inverse="_inverse_grading_grade_id",
        group_expand="_read_group_expand_full",
        groups=INTERNAL,
        tracking=False,
    )
    grading_grade_color = fields.Integer(related="grading_grade_id.color", groups=INTERNAL)
    grading_score = fields.Float(related="grading_profile_id.score", string="Score", groups=INTERNAL, aggregator="avg")
    grading_value_score = fields.Float(
        related="grading_profile_id.value_score", string="Value Score", groups=INTERNAL, aggregator="avg"
    )
    grading_loyalty_score = fields.Float(
        related="grading_profile_id.loyalty_score", string="Loyalty Score", groups=INTERNAL, aggregator="avg"
    )
    grading_potential_score = fields.Float(
        related="grading_profile_id.potential_score", string="Potential Score", groups=INTERNAL, aggregator="avg"
    )
    grading_lifecycle_id = fields.Many2one(
        related="grading_profile_id.lifecycle_id",
        string="Life-Cycle Stage",
        group_expand="_read_group_expand_full",
        groups=INTERNAL,
    )
    grading_trend = fields.Selection(related="grading_profile_id.trend", string="Last Change of Grade", groups=INTERNAL)
    grading_scheme_id = fields.Many2one(
        related="grading_profile_id.scheme_id", string="Grading Scheme", groups=INTERNAL
    )
    grading_computed_grade_id = fields.Many2one(
        related="grading_profile_id.computed_grade_id", string="Computed Grade", groups=INTERNAL
    )
    grading_manual_grade_id = fields.Many2one(
        related="grading_profile_id.manual_grade_id", string="Manual Grade", groups=INTERNAL
    )
    grading_pending_grade_id = fields.Many2one(
        related="grading_profile_id.pending_grade_id", string="Pending Grade", groups=INTERNAL
    )
    grading_currency_id = fields.Many2one(
        related="grading_profile_id.company_id.currency_id", string="Grading Currency", groups=INTERNAL
    )
    grading_order_amount_12m = fields.Monetary(
        related="grading_profile_id.order_amount_12m",
        string="Amount, 12 Months",
        currency_field="grading_currency_id",
        groups=INTERNAL,
        aggregator="sum",
    )
    grading_last_order_date = fields.Date(
        related="grading_profile_id.last_order_date", string="Last Order", groups=INTERNAL
    )
    grading_order_count = fields.Integer(
        related="grading_profile_id.order_count", string="Number of Orders", groups=INTERNAL, aggregator="sum"
    )

    grading_explanation = fields.Html(related="grading_profile_id.explanation", groups=INTERNAL)
    grading_history_ids = fields.One2many(related="grading_profile_id.history_ids", groups=INTERNAL)

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_grading_profile_id(self):
        profiles = self.env["grading.profile"].sudo()
        company = self.env.company
        by_partner = {
            profile.partner_id.id: profile.id
            for profile in profiles.search(
                [("partner_id", "in", self.commercial_partner_id.ids), ("company_id", "=", company.id)]
            )
        }
        for partner in self:
            partner.grading_profile_id = by_partner.get(partner.commercial_partner_id._origin.id, False)

    def _search_grading_profile_id(self, operator, value):
        """The condition itself: :meth:`_field_to_sql` and the link's ``join`` turn it into SQL."""
        return [("grading_profile_id", operator, value)]

    def _field_to_sql(self, alias, field_expr, query=None):
        check_grading_field(self, field_expr)
        if field_expr == "grading_profile_id" and query is not None:
            _profile, coalias = self._fields["grading_profile_id"].join(self, alias, query)
            return SQL.identifier(coalias, "id")
        return super()._field_to_sql(alias, field_expr, query)

    def _inverse_grading_grade_id(self):
        """Writing the grade is an override; emptying it gives the customer back to the rules.

        The reason is taken from the context's ``grading_reason``; the screens ask for one.
        """
        for partner in self:
            grade = partner.grading_grade_id
            profile = self.env["grading.profile"]._of_partners(partner, create=True)
            if grade:
                profile._override(
                    grade, self.env.context.get("grading_reason") or self.env._("Set directly on the contact")
                )
            else:
                profile._give_back()
        self.invalidate_recordset(["grading_grade_id"])  # the computed grade may be in force now

    # ------------------------------------------------------------
    # What asks for a new score
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        new = partners.filtered(lambda partner: partner.customer_rank)
        self.env["grading.queue"]._enqueue((partner, partner.company_id or self.env.company) for partner in new)
        return partners

    def write(self, vals):
        watched = vals.keys() & self._grading_watched_fields()
        if not watched:
            return super().write(vals)
        Queue = self.env["grading.queue"]
        moved = self if FAMILY_FIELDS & watched else self.browse()
        companies = Queue._enqueue_everywhere(moved)
        res = super().write(vals)
        Queue._enqueue_everywhere(self)
        # Whom the documents belong to now may have no profile yet.
        Queue._enqueue(itertools.product(moved.sudo().commercial_partner_id, companies))
        return res

    @api.model
    @tools.ormcache()
    def _grading_watched_fields(self):
        """Names of the contact's fields that the measures or an active rule's filter read.

        :rtype: frozenset[str]
        """
        schemes = self.env["grading.scheme"].sudo().search([("active", "=", True)])
        rules = (schemes, schemes.criterion_ids, self.env["grading.lifecycle"].sudo().search([("active", "=", True)]))
        return frozenset(WATCHED_FIELDS.union(*(rule._partner_fields() for rule in rules)))

    def _grading_family(self):
        """Ids of these contacts and of their commercial entities: where a profile may stand."""
        sudoed = self.sudo()
        return (sudoed | sudoed.commercial_partner_id).ids

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_grading_rescore(self):
        """Judge these customers now."""
        self.check_access("write")
        self.env["grading.profile"]._check_override_access()
        return self.env["grading.run"].sudo()._rescore_by_button(partners=self)

    def action_grading_override(self):
        """Ask for the grade, the reason and the end of an override."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change the Grade"),
            "res_model": "grading.override",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_partner_ids": self.commercial_partner_id.ids, **self._grading_default_grade()},
        }

    def _grading_default_grade(self):
        grade = self.env.context.get("grading_grade_id")
        return {"default_grade_id": grade} if grade else {}

    def action_grading_give_back(self):
        """End the override: the rules decide again."""
        self.env["grading.profile"]._of_partners(self)._give_back()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_grading_view_orders(self):
        """The documents that were counted: confirmed orders or posted invoices of the customer and his contacts."""
        self.ensure_one()
        customer = self.commercial_partner_id
        domain = [("partner_id", "child_of", customer.id), ("company_id", "=", self.env.company.id)]
        if self.env.company.grading_amount_source == "invoice":
            name = "account.action_move_out_invoice_type"
            domain += [("state", "=", "posted"), ("move_type", "in", ("out_invoice", "out_refund"))]
        else:
            name = "sale.action_orders"
            domain += [("state", "=", "sale")]
        action = self.env["ir.actions.act_window"]._for_xml_id(name)
        title = self.env._("Orders of %s", customer.name)
        return {**action, "domain": domain, "context": {"default_partner_id": customer.id}, "name": title}

from odoo import api, fields, models
from odoo.exceptions import MissingError
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.fields import SELLERS, FloatOrUnknown, MonetaryOrUnknown, ProfileFloat, ProfileInteger, ProfileMonetary
from ..base.guarded import guarded, is_id
from ..measure.grading_measure_document import CUSTOMER_MOVES
from ..measure.grading_measure_lead import WILLINGNESS
from ..measure.grading_measure_partner import BRANDS

# Of the context in which a customer is entered, what is not meant for the contacts that come along.
KEYS_OF_NEW_CUSTOMER = ("grading_new_customer", "default_grading_grade_id")


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "grading.graded.mixin"]

    brand_contribution = fields.Selection(
        BRANDS, groups=SELLERS, help="How well known the customer is: a well-known reference helps to win others."
    )

    willingness = fields.Selection(
        WILLINGNESS,
        groups=SELLERS,
        help="How willing to buy; it grades a contact who has neither an order nor an open lead.",
    )

    grading_value_score = ProfileFloat(
        related="grading_figures_id.value_score", string="Value Score", groups=SELLERS, aggregator="avg"
    )
    grading_loyalty_score = ProfileFloat(
        related="grading_figures_id.loyalty_score", string="Loyalty Score", groups=SELLERS, aggregator="avg"
    )
    grading_potential_score = ProfileFloat(
        related="grading_figures_id.potential_score", string="Potential Score", groups=SELLERS, aggregator="avg"
    )
    grading_lifecycle_id = fields.Many2one(
        related="grading_profile_id.lifecycle_id",
        string="Life-Cycle Stage",
        group_expand="_read_group_expand_full",
        groups=SELLERS,
    )
    grading_currency_id = fields.Many2one(
        related="grading_profile_id.company_id.currency_id", string="Grading Currency", groups=SELLERS
    )
    grading_order_amount_12m = ProfileMonetary(
        related="grading_figures_id.order_amount_12m",
        string="Amount, 12 Months",
        currency_field="grading_currency_id",
        groups=SELLERS,
        aggregator="sum",
    )
    grading_last_order_date = fields.Date(
        related="grading_figures_id.last_order_date", string="Last Order", groups=SELLERS
    )
    grading_order_count = ProfileInteger(
        related="grading_figures_id.order_count", string="Number of Orders", groups=SELLERS, aggregator="sum"
    )
    # Where the customer stands in the life cycle, and how it buys compared with its own past
    grading_lifecycle_since = fields.Date(
        related="grading_profile_id.lifecycle_since", string="In Stage since", groups=SELLERS
    )
    grading_decline_date = fields.Date(
        related="grading_figures_id.decline_date", string="Declining from", groups=SELLERS
    )
    grading_lost_date = fields.Date(related="grading_figures_id.lost_date", string="Lost from", groups=SELLERS)
    grading_purchase_probability = FloatOrUnknown(
        related="grading_figures_id.purchase_probability",
        string="Probability to Buy",
        groups=SELLERS,
        aggregator="avg",
    )
    grading_order_amount_prev_12m = ProfileMonetary(
        related="grading_figures_id.order_amount_prev_12m",
        string="Amount, 12 Months Before",
        currency_field="grading_currency_id",
        groups=SELLERS,
        aggregator="sum",
    )
    grading_order_amount_change = FloatOrUnknown(
        related="grading_figures_id.order_amount_change",
        string="Change of Amount (%)",
        groups=SELLERS,
        aggregator="avg",
    )
    grading_top_prev_12m = fields.Selection(
        related="grading_figures_id.top_prev_12m", string="Among the Best Before", groups=SELLERS
    )

    grading_team_id = fields.Many2one(
        related="user_id.sale_team_id", string="Sales Team", groups=SELLERS, help="The team of the salesperson."
    )
    # What is asked of a customer who is entered in the column of a grade: it is given by hand, which needs a reason.
    grading_new_grade_id = fields.Many2one(
        "grading.grade",
        string="Grade by Hand",
        store=False,
        exportable=False,
        groups=SELLERS,
        help="Stays until you remove it; without it the rules grade the customer.",
    )
    grading_new_reason = fields.Char(string="Why This Grade", store=False, exportable=False, groups=SELLERS)

    grading_best_lead_id = fields.Many2one(
        "crm.lead", string="Best Lead", compute="_compute_grading_best_lead_id", groups=SELLERS
    )

    grading_business_amount = MonetaryOrUnknown(
        string="12 Months or Expected",
        compute="_compute_grading_business_amount",
        currency_field="grading_currency_id",
        groups=SELLERS,
        aggregator="sum",
        help="What the customer bought in 12 months; of a prospect, the expected revenue of their open leads.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """From the screens of customers a new one has a profile at once, so that they show it; one that is entered in
        the column of a grade gets that grade by hand, for a reason as always."""
        if not self.env.context.get("grading_new_customer") or not self.env["grading.profile"].has_access("read"):
            return super().create(vals_list)
        chosen = [(vals.get("grading_new_grade_id"), vals.get("grading_new_reason")) for vals in vals_list]
        context = {key: self.env.context[key] for key in self.env.context if key not in KEYS_OF_NEW_CUSTOMER}
        partners = super(ResPartner, self.with_env(self.env(context=context))).create(vals_list).with_env(self.env)
        partners._grading_make_profiles()
        for partner, (grade_id, reason) in zip(partners, chosen, strict=True):
            if grade := is_id(grade_id) and self.env["grading.grade"].browse(grade_id):
                if not grade.exists():
                    raise MissingError(self.env._("This record does not exist. Reload the page and try again."))
                company = partner.commercial_partner_id.company_id or self.env.company
                profiles = partner.with_company(company)._grading_profiles()
                profiles._override(grade, self._fields["grading_new_reason"].convert_to_cache(reason, partner))
        return partners

    def _grading_make_profiles(self):
        """Make the profiles of customers who have just been entered, each in its company. That they have no order yet
        is known: so the first one is news."""
        self.env["grading.profile"].sudo().create(
            [
                {"partner_id": new.id, "company_id": (new.company_id or self.env.company).id, "order_count": 0}
                for new in self
                if new.commercial_partner_id == new
            ]
        )

    @api.model
    def default_get(self, fields):
        """In a column that of the grade is proposed, and the salesperson who enters the customer there."""
        values = super().default_get(fields)
        # Without the key Odoo asks for all that is missing of a contact that is made anywhere.
        if "grading_new_grade_id" not in fields or not self.env.context.get("grading_new_customer"):
            return values
        grade_id = self.env.context.get("default_grading_grade_id")
        if is_id(grade_id):
            values["grading_new_grade_id"] = grade_id
        if "user_id" in fields and self.env.user.has_group("sales_team.group_sale_salesman"):
            values.setdefault("user_id", self.env.uid)
        return values

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

    @api.depends("grading_profile_id")
    @api.depends_context("company", "uid")
    def _compute_grading_best_lead_id(self):
        """The lead through which a prospect is graded, for users who may see it."""
        best = {partner: partner.sudo().grading_profile_id.best_lead_id.with_env(self.env) for partner in self}
        visible = self.env["crm.lead"].union(*best.values())._filtered_access("read")
        for partner in self:
            partner.grading_best_lead_id = best[partner] & visible

    @api.depends("grading_order_count", "grading_order_amount_12m", "commercial_partner_id")
    @api.depends_context("company", "uid")
    def _compute_grading_business_amount(self):
        prospects = self.filtered(lambda partner: not partner.grading_order_count)
        domain = self._grading_open_leads() & Domain(
            "partner_id.commercial_partner_id", "in", prospects.commercial_partner_id.ids
        )
        expected = dict.fromkeys(prospects.commercial_partner_id, False)
        Lead = self.env["crm.lead"]
        sums = Lead._read_group(domain, ["partner_id"], ["expected_revenue:sum"]) if Lead.has_access("read") else ()
        for contact, amount in sums:
            expected[contact.commercial_partner_id] += amount
        for partner in self:
            is_prospect = partner in prospects
            partner.grading_business_amount = (
                expected[partner.commercial_partner_id] if is_prospect else partner.grading_order_amount_12m
            )

    @api.model
    def _grading_open_leads(self):
        """Which leads are open in the current company."""
        return self.env["crm.lead"]._grading_open_domain() & Domain("company_id", "in", (False, self.env.company.id))

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr != "grading_business_amount" or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        return SQL(
            "CASE WHEN %s > 0 THEN %s ELSE (%s) END",
            self._field_to_sql(alias, "grading_order_count", query),
            self._field_to_sql(alias, "grading_order_amount_12m", query),
            self._grading_expected_to_sql(alias, query),
        )

    @api.model
    def _grading_expected_to_sql(self, alias, query):
        """The expected revenue of the customer's open leads, as far as the user may see leads."""
        if not self.env["crm.lead"].has_access("read"):
            return SQL("NULL::numeric")
        leads = self.env["crm.lead"]._search(self._grading_open_leads())
        customer = leads.join("crm_lead", "partner_id", "res_partner", "id", "partner_id")
        # Joined, not a subquery: groups ask for it beside each of their prospects.
        sums = SQL(
            "(SELECT %s AS partner_id, SUM(crm_lead.expected_revenue)::numeric AS amount FROM %s WHERE %s GROUP BY 1)",
            SQL.identifier(customer, "commercial_partner_id"),
            leads.from_clause,
            leads.where_clause,
        )
        expected = query.make_alias(alias, "grading_expected")
        commercial = self._field_to_sql(alias, "commercial_partner_id", query)
        query.add_join("LEFT JOIN", expected, sums, SQL("%s = %s", SQL.identifier(expected, "partner_id"), commercial))
        return SQL.identifier(expected, "amount")

    @api.model
    def _grading_profile_on(self, alias, coalias, query):
        return SQL(
            "%s = %s AND %s = %s",
            SQL.identifier(coalias, "partner_id"),
            self._field_to_sql(alias, "commercial_partner_id", query),
            SQL.identifier(coalias, "company_id"),
            self.env.company.id,
        )

    def _grading_profiles(self, create=False):
        return self.env["grading.profile"]._of_partners(self, create=create)

    def _grading_default_reason(self):
        return self.env._("Set directly on the contact")

    def _grading_override_defaults(self):
        return {"default_partner_ids": self.commercial_partner_id.ids}

    def _grading_family(self):
        """Ids of these contacts and of their commercial entities, any of which may have a profile."""
        sudoed = self.sudo()
        return (sudoed | sudoed.commercial_partner_id).ids

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    @guarded(one=True)
    def action_grading_view_orders(self):
        """Open the documents that are counted: confirmed orders, or posted invoices, of the customer's contacts; where
        tickets of the point of sale count, too, the revenue document by document."""
        customer = self.commercial_partner_id
        domain = [("company_id", "=", self.env.company.id)]
        if self.env["grading.measure"]._has_tickets():
            name = "customer_grading.grading_revenue_report_action"
            domain += [("partner_id", "=", customer.id)]
        elif self.env.company.grading_amount_source == "invoice":
            name = "account.action_move_out_invoice_type"
            domain += [("commercial_partner_id", "=", customer.id), ("state", "=", "posted")]
            domain += [("move_type", "in", CUSTOMER_MOVES)]
        else:
            name = "sale.action_orders"
            domain += [("partner_id", "child_of", customer.id), ("state", "=", "sale")]
        action = self.env["ir.actions.act_window"]._for_xml_id(name)
        title = self.env._("Orders of %s", customer.name)
        context = {"default_partner_id": customer.id}
        views = sorted(action["views"], key=lambda view: view[1] != "list")
        return {
            **action,
            "domain": domain,
            "context": context,
            "name": title,
            "display_name": title,
            "views": views,
            "view_mode": ",".join(kind for _view, kind in views),
        }

    @guarded(one=True)
    def action_grading_view_lead_history(self):
        """Open the history of the customer's leads: how they were graded before signing, lost ones included."""
        customer = self.commercial_partner_id
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_history_action")
        leads = self.env["crm.lead"].with_context(active_test=False).search([("partner_id", "child_of", customer.id)])
        title = self.env._("Leads of %s", customer.name)
        domain = [("lead_id", "in", leads.ids)]
        return {**action, "domain": domain, "context": {}, "name": title, "display_name": title}

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.fields import SELLERS, FiguresMany2one, MonetaryOrUnknown, check_grading_field, unknown_last
from ..base.grading_amount_sum_mixin import rate_to_sql


class GradingAnalysisMixin(models.AbstractModel):
    """A row of an analysis of Odoo's own, such as an order line: the stage and the forecast revenue of its customer, in
    the row's company.

    The fields are no columns of the analysis. Where one is asked for, the profile is joined to the rows; a question
    that asks for none is the same query as without this module.
    """

    _name = "grading.analysis.mixin"
    _inherit = ["grading.customer.document.mixin"]
    _description = "Row of an Analysis, with its Customer's Figures"

    grading_partner_figures_id = FiguresMany2one(
        "grading.profile",
        string="Customer's Visible Profile",
        profile_on="_grading_partner_profile_on",
        compute="_compute_grading_partner_figures_id",
        search="_search_grading_partner_figures_id",
        groups=SELLERS,
    )
    grading_lifecycle_id = fields.Many2one(
        related="grading_partner_profile_id.lifecycle_id", string="Customer Stage", groups=SELLERS
    )
    grading_currency_id = fields.Many2one("res.currency", compute="_compute_grading_currency_id", groups=SELLERS)
    grading_expected_amount = MonetaryOrUnknown(
        string="Customer Forecast Revenue",
        compute="_compute_grading_expected_amount",
        search="_search_grading_expected_amount",
        currency_field="grading_currency_id",
        groups=SELLERS,
        aggregator="sum",
        help="What the customers are expected to spend. Each counts once in a group and once in a total: where a "
        "customer stands in several groups, these add up to more than the total.",
    )

    @api.depends("grading_partner_profile_id")
    @api.depends_context("company", "uid")
    def _compute_grading_partner_figures_id(self):
        visible = self.sudo().grading_partner_profile_id.sudo(False)._filtered_access("read")
        for record in self:
            record.grading_partner_figures_id = record.sudo().grading_partner_profile_id.sudo(False) & visible

    @api.depends_context("company")
    def _compute_grading_currency_id(self):
        self.grading_currency_id = self.env.company.currency_id

    @api.depends("grading_partner_figures_id.expected_amount")
    @api.depends_context("company", "uid")
    def _compute_grading_expected_amount(self):
        rates = self.env.companies._grading_rates()
        for record in self:
            figures = record.grading_partner_figures_id.sudo()
            amount = figures.expected_amount
            record.grading_expected_amount = amount and amount * rates.get(figures.company_id, 1)

    def _search_grading_partner_figures_id(self, operator, value):
        """The condition unchanged: the link's ``join`` compiles it to SQL."""
        return [("grading_partner_figures_id", operator, value)]

    def _search_grading_expected_amount(self, operator, value):
        """The condition unchanged: :meth:`_field_to_sql` compiles it to SQL."""
        return [("grading_expected_amount", operator, value)]

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "grading_currency_id":
            check_grading_field(self, field_expr)
            return SQL("%s", self.env.company.currency_id.id)
        if query is not None and field_expr == "grading_expected_amount":
            check_grading_field(self, field_expr)
            return self._grading_expected_to_sql(alias, query)
        return super()._field_to_sql(alias, field_expr, query)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name == "grading_expected_amount":
            nulls = unknown_last(self._fields[field_name], direction, nulls)
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    @api.model
    def _grading_expected_to_sql(self, alias, query):
        """``"figures"."expected_amount"``, and with companies of other currencies ``… * CASE "figures"."company_id"
        WHEN 7 THEN 1.08 ELSE 1 END``."""
        _profile, coalias = self._fields["grading_partner_figures_id"].join(self, alias, query)
        return self._grading_amount_to_sql(coalias)

    @api.model
    def _grading_amount_to_sql(self, alias):
        """The amount of the profile ``alias``, in the currency of the environment's company."""
        field = self.env["grading.profile"]._fields["expected_amount"]
        amount = SQL.identifier(alias, "expected_amount", to_flush=field)
        rates = self.env.companies._grading_rates()
        return SQL("%s * %s", amount, rate_to_sql(SQL.identifier(alias, "company_id"), rates)) if rates else amount

    def _read_group_select(self, aggregate_spec, query):
        """Each customer once, on however many rows they stand: the profiles of a group are collected, and their amounts
        looked up. It stays within one group, so groups, totals and sets of groupings are right alike. To add up the
        different pairs of customer and amount instead takes half as long again as the rest of the analysis."""
        if aggregate_spec not in ("grading_expected_amount:sum", "grading_expected_amount:sum_currency"):
            return super()._read_group_select(aggregate_spec, query)
        self._field_to_sql(self._table, "grading_expected_amount", query)  # for users who may see it
        return SQL(
            "(SELECT SUM(%s) FROM grading_profile AS counted WHERE counted.id = ANY(ARRAY_AGG(DISTINCT %s)))",
            self._grading_amount_to_sql("counted"),
            self._field_to_sql(self._table, "grading_partner_figures_id", query),
        )


class GradingGradedAnalysisMixin(models.AbstractModel):
    """A row of an analysis of documents that have no grade of their own: it has the customer's."""

    _name = "grading.graded.analysis.mixin"
    _inherit = ["grading.analysis.mixin"]
    _description = "Row of an Analysis, with its Customer's Grade"

    grading_grade_id = fields.Many2one(
        related="grading_partner_profile_id.grade_id", string="Customer Grade", groups=SELLERS, readonly=True
    )

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.fields import SELLERS, ProfileFloat, ProfileMany2one, check_grading_field


class GradingCustomerDocumentMixin(models.AbstractModel):
    """A document about a customer, such as an order or a lead: it shows how its own company grades the customer.

    A user may work in several companies at once, and Odoo takes the first of them for the current one. By that one a
    document of another company would show a grade that its company never gave. Only a document without a company shows
    the grade of the current one.
    """

    _name = "grading.customer.document.mixin"
    _description = "Document of a Graded Customer"

    grading_partner_profile_id = ProfileMany2one(
        "grading.profile",
        string="Customer's Grading Profile",
        profile_on="_grading_partner_profile_on",
        compute="_compute_grading_partner_profile_id",
        search="_search_grading_partner_profile_id",
        groups=SELLERS,
    )

    @api.depends("partner_id.commercial_partner_id", "company_id")
    @api.depends_context("company")
    def _compute_grading_partner_profile_id(self):
        customers = {record: record.sudo().partner_id.commercial_partner_id._origin.id for record in self}
        companies = {record: (record.company_id or self.env.company).id for record in self}
        profiles = self.env["grading.profile"].sudo()
        domain = [("partner_id", "in", list(customers.values())), ("company_id", "in", list(companies.values()))]
        by_pair = {(profile.partner_id.id, profile.company_id.id): profile.id for profile in profiles.search(domain)}
        for record in self:
            record.grading_partner_profile_id = by_pair.get((customers[record], companies[record]), False)

    @api.model
    def _grading_partner_profile_on(self, alias, coalias, query):
        """The condition that joins ``coalias``, the customer's profile in the company of ``alias``, a document.

        :rtype: odoo.tools.SQL
        """
        partner, partner_alias = self._fields["partner_id"].join(self.sudo(), alias, query)
        return SQL(
            "%s = %s AND %s = COALESCE(%s, %s)",
            SQL.identifier(coalias, "partner_id"),
            partner._field_to_sql(partner_alias, "commercial_partner_id", query),
            SQL.identifier(coalias, "company_id"),
            SQL.identifier(alias, "company_id", to_flush=self._fields["company_id"]),
            self.env.company.id,
        )

    def _search_grading_partner_profile_id(self, operator, value):
        """The condition unchanged: :meth:`_field_to_sql` and the link's ``join`` compile it to SQL."""
        return [("grading_partner_profile_id", operator, value)]

    def _field_to_sql(self, alias, field_expr, query=None):
        check_grading_field(self, field_expr)
        link = self._fields.get(field_expr)
        if query is not None and isinstance(link, ProfileMany2one):
            return link.id_to_sql(self, alias, query)
        return super()._field_to_sql(alias, field_expr, query)


class GradingGradedDocumentMixin(models.AbstractModel):
    """A document without a grade of its own, such as an order or an invoice: it shows the customer's."""

    _name = "grading.graded.document.mixin"
    _inherit = ["grading.customer.document.mixin"]
    _description = "Document with the Customer's Grade"

    grading_grade_id = fields.Many2one(
        related="grading_partner_profile_id.grade_id", string="Customer Grade", groups=SELLERS, readonly=True
    )
    grading_grade_color = fields.Integer(related="grading_grade_id.color", groups=SELLERS)
    grading_grade_title = fields.Char(
        related="grading_grade_id.title", string="Title of the Customer Grade", groups=SELLERS
    )
    grading_score = ProfileFloat(
        related="grading_partner_profile_id.score", string="Customer Score", groups=SELLERS, aggregator="avg"
    )
    grading_trend = fields.Selection(
        related="grading_partner_profile_id.trend", string="Last Change of the Customer Grade", groups=SELLERS
    )

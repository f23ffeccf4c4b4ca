from odoo import api, models
from odoo.tools import SQL


class GradingMeasure(models.AbstractModel):
    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        contact = {"source": "contact"}
        return {
            **super()._measures(),
            "annual_budget": {**contact, "label": self.env._("Annual budget"), "unit": "money"},
            "brand_contribution": {**contact, "label": self.env._("Brand contribution"), "unit": "choice"},
            "share_of_budget": {
                "label": self.env._("Share of budget"),
                "unit": "ratio",
                "reads": ["order_amount_12m", "annual_budget"],
                "formula": SQL(
                    "(COALESCE(source_order.order_amount_12m, 0)"
                    " / NULLIF(source_contact.annual_budget::numeric, 0))::float8"
                ),
            },
        }

    @api.model
    def _sources(self, as_of, contacts):
        return {**super()._sources(as_of, contacts), "contact": self._contact_source(contacts)}

    @api.model
    def _contact_source(self, contacts):
        """What people filled in on the customer's own contact; the budget is the environment's company's."""
        Partner = self.env["res.partner"].sudo()
        return SQL(
            """
            SELECT partner.id AS partner_id,
                   CASE WHEN ABS((%(budget)s)::numeric) >= 0.01 THEN (%(budget)s)::numeric END AS annual_budget,
                   %(brand)s AS brand_contribution
              FROM res_partner AS partner
              JOIN %(contacts)s AS contact ON contact.id = partner.id
             WHERE partner.brand_contribution IS NOT NULL OR partner.annual_budget IS NOT NULL
            """,
            budget=Partner._field_to_sql("partner", "annual_budget"),
            brand=Partner._field_to_sql("partner", "brand_contribution"),
            contacts=contacts,
        )

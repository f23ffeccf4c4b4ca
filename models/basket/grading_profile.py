from odoo import models


class GradingProfile(models.Model):
    """At a glance, what customers like this also buy, and a click to offer it."""

    _inherit = "grading.profile"

    def _glance(self):
        glance = super()._glance()
        if not self.partner_id or not self._are_figures_visible():
            return glance
        Rule = self.env["grading.basket.rule"].sudo(False).with_company(self.company_id)
        rows = Rule._suggest(self.sudo().partner_id)
        may_quote = self.env["sale.order"].has_access("create")
        return {
            **glance,
            "basket": [
                {
                    "name": row["name"],
                    "reason": row["reason"],
                    "quotation": may_quote and self._basket_quotation(row["product"]),
                }
                for row in rows
            ],
        }

    def _basket_quotation(self, product_id):
        """The context in which a new quotation is for the customer and has the product. The product has a key of its
        own: as ``default_order_line`` it would stand on each purchase order, too, that confirming brings about.

        :rtype: dict
        """
        return {
            "default_partner_id": self.sudo().partner_id.id,
            "default_company_id": self.company_id.id,
            "grading_basket_product_id": product_id,
        }

from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def unlink(self):
        self.env["grading.basket.rule"]._delete_with(self)
        return super().unlink()

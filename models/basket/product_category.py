from odoo import models


class ProductCategory(models.Model):
    _inherit = "product.category"

    def unlink(self):
        self.env["grading.basket.rule"]._delete_with(self)
        return super().unlink()

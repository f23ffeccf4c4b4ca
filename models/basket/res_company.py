from odoo import api, fields, models
from odoo.exceptions import ValidationError

BASKET_LEVELS = [("product", "Products"), ("category", "Product categories")]
# (lowest, highest) of each limit
BASKET_LIMITS = {
    "grading_basket_support": (0.00001, 1),
    "grading_basket_confidence": (0, 1),
    "grading_basket_lift": (0, 1000),
    "grading_basket_count": (1, 1000000),
    "grading_basket_months": (1, 120),
    "grading_basket_items": (2, 10000),
}


class ResCompany(models.Model):
    """What a company takes for bought together."""

    _inherit = "res.company"

    grading_basket_level = fields.Selection(
        BASKET_LEVELS, string="Bought Together Compares", default="product", required=True
    )
    grading_basket_support = fields.Float(string="Least Support of a Rule", default=0.005, required=True)
    grading_basket_confidence = fields.Float(string="Least Confidence of a Rule", default=0.2, required=True)
    grading_basket_lift = fields.Float(string="Least Lift of a Rule", default=1, required=True)
    grading_basket_count = fields.Integer(string="Least Number of Orders of a Rule", default=5, required=True)
    grading_basket_months = fields.Integer(string="Bought Together within (months)", default=24, required=True)
    grading_basket_items = fields.Integer(string="Most Products Compared", default=2000, required=True)

    @api.constrains(*BASKET_LIMITS)
    def _check_grading_basket(self):
        for company in self:
            for name, (low, high) in BASKET_LIMITS.items():
                if not low <= company[name] <= high:
                    raise ValidationError(
                        self.env._(
                            "“%(limit)s” of %(company)s is %(value)s: choose a number between %(low)s and %(high)s.",
                            limit=self._fields[name]._description_string(self.env),
                            company=company.name,
                            value=company[name],
                            low=low,
                            high=high,
                        )
                    )

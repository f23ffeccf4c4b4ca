from odoo import api, models


class SaleOrder(models.Model):
    """An order that is confirmed, changes or is canceled: its customer is scored again."""

    _inherit = "sale.order"

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders._grading_enqueue()
        return orders

    def write(self, vals):
        if not self._grading_measured_fields() & vals.keys():
            return super().write(vals)
        former = self._grading_customers()
        res = super().write(vals)
        self.env["grading.queue"]._enqueue(former | self._grading_customers())
        return res

    def _compute_amounts(self):
        res = super()._compute_amounts()
        self.filtered(lambda order: isinstance(order.id, int))._grading_enqueue()
        return res

    def _grading_enqueue(self):
        self.env["grading.queue"]._enqueue(self._grading_customers())

    def _grading_customers(self):
        """The customers for whom these orders are measured: the confirmed ones.

        :return: pairs of contact and company
        :rtype: set
        """
        return {(order.partner_id, order.company_id) for order in self if order.state == "sale"}

    @api.model
    def _grading_measured_fields(self):
        """Names of the stored fields that the measures read; the amounts are looked at where they are computed.

        :rtype: set[str]
        """
        return {"state", "partner_id", "date_order", "company_id", "currency_id", "pricelist_id"}

from odoo import api, models

PAID = ("paid", "done")


class PortalMixin(models.AbstractModel):
    """A ticket of the point of sale that is paid, changes or is invoiced: its customer is scored again.

    The app may be missing, so its model cannot be extended itself; what it inherits can.
    """

    _inherit = "portal.mixin"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        if self._name == "pos.order":
            self.env["grading.queue"]._enqueue(records._grading_ticket_customers())
        return records

    def write(self, vals):
        if self._name != "pos.order" or not self._grading_ticket_fields() & vals.keys():
            return super().write(vals)
        former = self._grading_ticket_customers()
        res = super().write(vals)
        self.env["grading.queue"]._enqueue(former | self._grading_ticket_customers())
        return res

    def _grading_ticket_customers(self):
        """The customers for whom these tickets are measured: the paid ones.

        :return: pairs of contact and company
        :rtype: set
        """
        return {(ticket.partner_id, ticket.company_id) for ticket in self.sudo() if ticket.state in PAID}

    @api.model
    def _grading_ticket_fields(self):
        """Names of the stored fields of a ticket that the measures read.

        :rtype: set[str]
        """
        return {"state", "partner_id", "date_order", "account_move", "amount_total", "company_id"}

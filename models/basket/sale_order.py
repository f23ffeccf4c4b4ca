from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..base.fields import SELLERS
from ..base.guarded import guarded, is_id

QUOTATION = ("draft", "sent")


class SaleOrder(models.Model):
    """A quotation suggests what customers like this also buy."""

    _inherit = "sale.order"

    @api.model
    def default_get(self, fields):
        """A quotation that was opened for a suggested product begins with its line."""
        values = super().default_get(fields)
        product_id = self.env.context.get("grading_basket_product_id")
        if "order_line" in fields and not values.get("order_line") and is_id(product_id):
            product = self.env["product.product"].search([("id", "=", product_id)])
            if product:
                # The quantity, too: lines that a form proposes do not get their defaults.
                values["order_line"] = [Command.create({"product_id": product.id, "product_uom_qty": 1})]
        return values

    @api.readonly
    @guarded
    def grading_basket_suggestions(self, partner_id, company_id, product_ids, line_ids=()):
        """What the quotation suggests, as it stands on the screen; also before it is saved. Nothing is written.

        :param int partner_id: its customer, or False
        :param int company_id:
        :param list product_ids: of the lines that the screen has read, as they stand there
        :param list line_ids: further lines, which are on another page of the list
        :return: see :meth:`grading.basket.rule._suggest`
        :rtype: list[dict]
        :raise AccessError: the user has no role in Customer Grading, or may not read the quotation or customer
        """
        self._grading_check_seller()
        if not is_id(company_id) or company_id not in self.env.user._get_company_ids():
            return []
        partner = self.env["res.partner"].browse(partner_id if is_id(partner_id) else ())
        partner.check_access("read")
        self.check_access("read")
        # What is saved and not on the screen any more was taken off the quotation.
        unread = self.order_line & self.env["sale.order.line"].browse(_ids(line_ids))
        quoted = {*_ids(product_ids), *unread.product_id.ids}
        return self._grading_suggest(self.env["res.company"].browse(company_id), partner, quoted)

    @guarded(one=True)
    def grading_basket_shown(self, product_ids):
        """Count that the quotation has shown these of its suggestions; only for users who could take them.

        :return: how many are counted, now or before
        :rtype: int
        """
        self._grading_check_seller()
        if self.state not in QUOTATION or not self.has_access("write"):
            return 0
        suggested = self._grading_suggested()
        shown = [product_id for product_id in _ids(product_ids) if product_id in suggested]
        self.env["grading.basket.suggestion"].sudo()._note_shown(self, shown)
        return len(shown)

    @guarded(one=True)
    def grading_basket_add(self, product_id):
        """Put a suggested product on the quotation, with the price, taxes and unit that Odoo gives it.

        :raise UserError: it is no quotation any more, or does not suggest the product any more
        """
        self._grading_check_seller()
        self.check_access("write")
        if self.state not in QUOTATION:
            raise UserError(self.env._("%s is no quotation any more: products are added to quotations.", self.name))
        if not is_id(product_id) or product_id not in self._grading_suggested():
            raise UserError(
                self.env._("%s does not suggest this product any more. Reload the page and try again.", self.name)
            )
        Suggestion = self.env["grading.basket.suggestion"].sudo()
        Suggestion._note_shown(self, [product_id])
        self.env["sale.order.line"].create(
            {
                "order_id": self.id,
                "product_id": product_id,
                "sequence": self._get_new_line_sequence("order_line", False),
            }
        )
        Suggestion._note_added(self, product_id)
        return True

    def _grading_check_seller(self):
        """
        :raise AccessError: the user has no role in Customer Grading
        """
        if not self.env.user.has_group(SELLERS):
            raise AccessError(self.env._("You need the Customer Grading / User role to see what customers also buy."))

    def _grading_suggest(self, company, partner, quoted):
        return self.env["grading.basket.rule"].with_company(company)._suggest(partner, quoted)

    def _grading_suggested(self):
        """Ids of the products that the quotation, as it is saved, suggests."""
        quoted = self.order_line.product_id.ids
        return {row["product"] for row in self._grading_suggest(self.company_id, self.partner_id, quoted)}


def _ids(values):
    """What of a client's list may be an id."""
    return [value for value in values if is_id(value)] if isinstance(values, list | tuple) else []

from lxml import etree

from odoo import api, models

# Forms of other apps on which a customer is served, where the app is installed: tasks and repairs of Odoo, tickets of
# its help desk or of OCA's, claims of OCA.
SERVED = {"project.task", "repair.order", "helpdesk.ticket", "crm.claim"}


class Base(models.AbstractModel):
    _inherit = "base"

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """The badge of the customer's grade behind the customer, on forms of apps that the module does not depend on.

        Another module adds its model by ``_grading_shows_badge``.
        """
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form" and self._grading_shows_badge():
            for customer in arch.xpath("//field[@name='partner_id'][not(ancestor::field)]")[:1]:
                badge = etree.Element(
                    "widget",
                    name="grading_customer",
                    colspan="2",
                    groups="customer_grading.customer_grading_group_user",
                )
                if customer.get("invisible"):  # where the customer is not shown, neither is their grade
                    badge.set("invisible", customer.get("invisible"))
                customer.addnext(badge)
        return arch, view

    @api.model
    def _grading_shows_badge(self):
        """Whether the form of this model shows the grade of its ``partner_id``."""
        return self._name in SERVED

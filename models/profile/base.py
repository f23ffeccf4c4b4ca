from lxml import etree

from odoo import api, models

from ..base.fields import SELLERS

# Forms of other apps on which a customer is served, where the app is installed: tasks and repairs of Odoo, tickets of
# its help desk or of OCA's, claims of OCA.
SERVED = {"project.task", "repair.order", "helpdesk.ticket", "crm.claim"}


class Base(models.AbstractModel):
    _inherit = "base"

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """The badge of the customer's grade beside the customer, on forms of apps that the module does not depend on.

        Another module adds its model by ``_grading_shows_badge``.
        """
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form" and self._grading_shows_badge():
            for customer in arch.xpath("//field[@name='partner_id'][not(ancestor::field)]")[:1]:
                self._grading_add_badge(customer)
        return arch, view

    @api.model
    def _grading_shows_badge(self):
        """Whether the form of this model shows the grade of its ``partner_id``."""
        return self._name in SERVED

    @api.model
    def _grading_add_badge(self, customer):
        """Put the badge into one row with the field ``customer`` of a form, under the field's own label.

        It reads the company of the record, which says whose grade it is, also where the form shows no company.
        """
        row = etree.Element("div", {"class": "d-flex flex-wrap align-items-baseline column-gap-2"})
        badge = etree.Element("widget", name="grading_customer", groups=SELLERS)
        heads = [row]
        if customer.getparent().tag == "group" and customer.get("nolabel") not in ("1", "True"):
            heads = [etree.Element("label", {"for": "partner_id"}), row]
        for name in ("invisible", "groups"):  # where the customer is not shown, neither are their label and their grade
            for node in heads:
                if customer.get(name):
                    node.set(name, customer.get(name))
        for node in heads:
            customer.addprevious(node)
        row.tail, customer.tail = customer.tail, None
        row.extend([customer, badge])
        if "company_id" in self._fields:
            row.append(etree.Element("field", name="company_id", invisible="1", groups=SELLERS))

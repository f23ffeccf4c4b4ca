from odoo import api, models

from .grading_web_key_mixin import web_key


class CrmLead(models.Model):
    """A lead of a visitor whom a website knows: it belongs to the customer with the key, and a customer that it gets
    takes the key over."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "grading.web.key.mixin"]

    @api.model
    def _grading_web_key_domain(self):
        """A visitor who asks again after a lead was won or lost is a new lead."""
        return self._grading_open_domain()

    @api.model_create_multi
    def create(self, vals_list):
        """The customer is among the values, so that an e-mail or a phone number that the lead comes with stays."""
        strangers = [vals for vals in vals_list if vals.get("grading_web_key") and not vals.get("partner_id")]
        customers = self._grading_customers_of_keys({web_key(vals["grading_web_key"]) for vals in strangers})
        for vals in strangers:
            customer = customers.get(web_key(vals["grading_web_key"]))
            if customer and customer.company_id.id in (False, vals.get("company_id", self.env.company.id)):
                vals["partner_id"] = customer.id
        leads = super().create(vals_list)
        if any(vals.get("grading_web_key") for vals in vals_list):
            leads._hand_on_web_key()
        return leads

    def write(self, vals):
        res = super().write(vals)
        if {"grading_web_key", "partner_id"} & vals.keys():
            self._hand_on_web_key()
        return res

    def _hand_on_web_key(self):
        """A lead without a customer gets the one with its key; a customer without a key gets that of their lead, unless
        another contact has it."""
        leads = self.sudo().filtered("grading_web_key")
        customers = self._grading_customers_of_keys(set(leads.mapped("grading_web_key")))
        for lead in leads:
            known = customers.get(lead.grading_web_key)
            if not lead.partner_id and known and known.company_id.id in (False, lead.company_id.id):
                lead.partner_id = known
            elif lead.partner_id and not known and not lead.partner_id.grading_web_key:
                lead.partner_id.grading_web_key = lead.grading_web_key
                customers[lead.grading_web_key] = lead.partner_id

    @api.model
    def _grading_customers_of_keys(self, keys):
        """The contact that has each key; none for a key that several have.

        :rtype: dict[str, res.partner]
        """
        found = self.env["res.partner"].sudo()._grading_by_web_key(keys)
        return {key: contacts for key, contacts in found.items() if len(contacts) == 1}

    def _merge_get_fields(self):
        return [*super()._merge_get_fields(), "grading_web_key"]

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmLead(models.Model):
    """A lead that a customer has referred. The referrer is handed on to the contact that the lead gets, once."""

    _inherit = "crm.lead"

    referred_by_id = fields.Many2one(
        "res.partner",
        string="Referred by Customer",
        index="btree_not_null",
        copy=False,
        check_company=True,
        groups="base.group_user",
        help="The customer who referred this lead. Once the lead has a contact of its own, "
        "the referrer is noted there, unless there is another one, or the contact had bought before the lead came.",
    )

    @api.constrains("referred_by_id")
    def _check_referred_by_id(self):
        for lead in self.sudo().filtered(lambda lead: lead.referred_by_id and lead.partner_id):
            if lead.referred_by_id.commercial_partner_id == lead.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "The lead %(lead)s cannot be referred by %(referrer)s: "
                        "both belong to the customer %(customer)s. "
                        "Choose a contact of another customer, or leave “Referred by Customer” empty.",
                        lead=lead.display_name,
                        referrer=lead.referred_by_id.display_name,
                        customer=lead.partner_id.commercial_partner_id.name,
                    )
                )

    # ------------------------------------------------------------
    # Handing the referrer on
    # ------------------------------------------------------------

    def _prepare_customer_values(self, partner_name, is_company=False, parent_id=False):
        """The referrer is noted on the customer: on the company, not on its contact person as well."""
        values = super()._prepare_customer_values(partner_name, is_company=is_company, parent_id=parent_id)
        if not parent_id and self._has_field_access(self._fields["referred_by_id"], "read"):
            values["referred_by_id"] = self.referred_by_id.id
        return values

    def _get_customer_information(self):
        values_by_email = super()._get_customer_information()
        for values in values_by_email.values():
            if values.get("parent_id"):
                values.pop("referred_by_id", None)
        return values_by_email

    def _merge_get_fields_specific(self):
        return {
            **super()._merge_get_fields_specific(),
            "referred_by_id": lambda _name, leads: leads._merged_referrer().id,
        }

    def _merged_referrer(self):
        """The first referrer of these leads that is not of the customer that the merged lead will have."""
        leads = self.sudo()
        customer = leads.partner_id[:1].commercial_partner_id
        return leads.referred_by_id.filtered(lambda referrer: referrer.commercial_partner_id != customer)[:1]

    def _hand_on_referrer(self):
        for lead in self.sudo().filtered(lambda lead: lead.referred_by_id and lead.partner_id):
            lead.partner_id._grading_take_referrer(lead.referred_by_id, lead.create_date)

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads._hand_on_referrer()
        return leads

    def write(self, vals):
        res = super().write(vals)
        if {"referred_by_id", "partner_id"} & vals.keys():
            self._hand_on_referrer()
        return res

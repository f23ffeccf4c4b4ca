from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import format_date


class GradingVoiceMixin(models.AbstractModel):
    """What a customer told one of our companies: an assessment or a complaint.

    It stands at the customer, the commercial entity, and may name the contact who said it. Whatever a measure reads of
    it asks for a new score of the customer when it changes.
    """

    _name = "grading.voice.mixin"
    _description = "Voice of a Customer"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, ondelete="cascade", index=True, check_company=True
    )
    contact_id = fields.Many2one("res.partner", domain="[('id', 'child_of', partner_id)]", ondelete="set null")
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", index=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users",
        ondelete="set null",
        index=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    note = fields.Text()

    @api.model_create_multi
    def create(self, vals_list):
        voices = super().create(vals_list)
        voices._turn_to_customer()
        self.env["grading.queue"]._enqueue(voices._customers())
        return voices

    def write(self, vals):
        if not vals.keys() & self._measured_fields():
            return super().write(vals)
        if vals.get("partner_id") and "contact_id" not in vals:
            # The contact of another customer did not say it for this one.
            family = self.env["res.partner"].browse(vals["partner_id"]).commercial_partner_id
            strangers = self.filtered(lambda voice: voice.contact_id.commercial_partner_id != family)
            super(GradingVoiceMixin, strangers).write({"contact_id": False})
        before = self._customers()
        res = super().write(vals)
        if "partner_id" in vals:
            self._turn_to_customer()
        self.env["grading.queue"]._enqueue(before | self._customers())
        return res

    def unlink(self):
        customers = self._customers()
        res = super().unlink()
        self.env["grading.queue"]._enqueue(customers)
        return res

    @api.model
    def _measured_fields(self):
        """Names of the fields that a measure reads.

        :rtype: set[str]
        """
        return {"partner_id", "company_id"}

    def _customers(self):
        """Whom these are about: ``{(customer, company)}``."""
        return {(voice.partner_id.commercial_partner_id, voice.company_id) for voice in self.sudo()}

    def _turn_to_customer(self):
        """Where somebody has named a contact for the customer, note both."""
        for voice in self.filtered(lambda v: v.partner_id != v.partner_id.commercial_partner_id):
            person = voice.partner_id
            voice.write({"partner_id": person.commercial_partner_id.id, "contact_id": (voice.contact_id or person).id})

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        customer = self.partner_id.commercial_partner_id
        if self.partner_id != customer:
            self.contact_id = self.partner_id
            self.partner_id = customer
        elif self.contact_id.commercial_partner_id != customer:
            self.contact_id = False

    @api.constrains("partner_id", "contact_id")
    def _check_contact(self):
        for voice in self.filtered("contact_id"):
            if voice.contact_id.commercial_partner_id != voice.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s in “%(record)s” is no contact of %(customer)s: "
                        "choose one of theirs, or leave the contact empty.",
                        contact=voice.contact_id.name,
                        record=voice.display_name,
                        customer=voice.partner_id.name,
                    )
                )

    def _refuse_future(self, name):
        """Check that the day in the field ``name`` has come where the company works.

        :raise ValidationError: it lies in the future
        """
        for voice in self:
            today = voice.company_id._grading_today()
            if voice[name] and voice[name] > today:
                raise ValidationError(
                    self.env._(
                        "“%(field)s” of “%(record)s” is %(day)s, which lies in the future: "
                        "enter today, %(today)s, or an earlier day.",
                        field=self._fields[name]._description_string(self.env),
                        record=voice.display_name,
                        day=format_date(self.env, voice[name]),
                        today=format_date(self.env, today),
                    )
                )

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.misc import format_date


class GradingFeedbackMixin(models.AbstractModel):
    """Feedback of a customer to one of the companies: an assessment or a complaint.

    It belongs to the customer, the commercial entity, and may name the contact it came from. A change of a field that a
    measure reads asks for a new score of the customer.
    """

    _name = "grading.voice.mixin"
    _inherit = ["grading.figures.access.mixin", "grading.input.mixin"]
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
        records = super().create(vals_list)
        records._turn_to_customer()
        self.env["grading.queue"]._enqueue(records._customers())
        return records

    def write(self, vals):
        if not vals.keys() & self._measured_fields():
            return super().write(vals)
        self._check_input(vals)
        if vals.get("partner_id") and "contact_id" not in vals:
            # A contact of another customer does not speak for this one.
            customer = self.env["res.partner"].browse(vals["partner_id"]).commercial_partner_id
            foreign = self.filtered(lambda record: record.contact_id.commercial_partner_id != customer)
            super(GradingFeedbackMixin, foreign).write({"contact_id": False})
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
    def _visible_figures_domain(self):
        """What users noted, or are to settle, they see whatever customer it is about."""
        return super()._visible_figures_domain() | Domain("user_id", "=", self.env.uid)

    @api.model
    def _measured_fields(self):
        """Names of the fields that a measure reads.

        :rtype: set[str]
        """
        return {"partner_id", "company_id"}

    def _customers(self):
        """The customers of the feedback, each with the company: ``{(customer, company)}``."""
        return {(record.partner_id.commercial_partner_id, record.company_id) for record in self.sudo()}

    def _turn_to_customer(self):
        """Where a contact was entered as the customer, note the customer and the contact."""
        for record in self.filtered(lambda r: r.partner_id != r.partner_id.commercial_partner_id):
            person = record.partner_id
            contact = record.contact_id or person
            record.write({"partner_id": person.commercial_partner_id.id, "contact_id": contact.id})

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
        for record in self.filtered("contact_id"):
            if record.contact_id.commercial_partner_id != record.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s in “%(record)s” is no contact of %(customer)s: "
                        "choose one of theirs, or leave the contact empty.",
                        contact=record.contact_id.name,
                        record=record.display_name,
                        customer=record.partner_id.name,
                    )
                )

    def _refuse_future(self, name):
        """Check that the day in the field ``name`` is not in the future, in the time zone of the company.

        :raise ValidationError: it is
        """
        for record in self:
            today = record.company_id._grading_today()
            if record[name] and record[name] > today:
                raise ValidationError(
                    self.env._(
                        "“%(field)s” of “%(record)s” is %(day)s, which lies in the future: "
                        "enter today, %(today)s, or an earlier day.",
                        field=self._fields[name]._description_string(self.env),
                        record=record.display_name,
                        day=format_date(self.env, record[name]),
                        today=format_date(self.env, today),
                    )
                )

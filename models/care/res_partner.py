from odoo import api, fields, models, tools
from odoo.fields import Domain

from ..base.fields import INTERNAL


class ResPartner(models.Model):
    """Contacts that are not to be disturbed, and whose salesperson is responsible for the next contact."""

    _inherit = "res.partner"

    grading_do_not_disturb = fields.Boolean(
        string="Do Not Disturb",
        groups=INTERNAL,
        help="No contact is due with this customer, or about leads of this person.",
    )

    @api.model
    @tools.ormcache()
    def _grading_watched_fields(self):
        return super()._grading_watched_fields() | {"user_id", "grading_do_not_disturb"}

    def write(self, vals):
        res = super().write(vals)
        if vals.get("active") is False or vals.get("grading_do_not_disturb"):
            self._grading_leave_alone()
        if vals.keys() & {"active", "grading_do_not_disturb"}:
            self.env["grading.queue"]._enqueue_leads(self.env["crm.lead"].sudo().search(self._grading_about("")))
        return res

    def _grading_leave_alone(self):
        """Put an end to what is planned with these customers and about their leads: they are archived, or not to be
        disturbed."""
        self._grading_cares().unlink()

    def _grading_cares(self):
        """The next contacts with these customers, and about the leads of these contacts or customers."""
        domain = Domain("partner_id", "in", self.ids) | self._grading_about("lead_id.")
        return self.env["grading.care"].sudo().search(domain)

    def _grading_about(self, lead):
        """Whether a lead is about one of these contacts or customers.

        :param str lead: the path to the lead, with its dot
        :rtype: odoo.fields.Domain
        """
        persons = Domain(f"{lead}partner_id", "in", self.ids)
        return persons | Domain(f"{lead}partner_id.commercial_partner_id", "in", self.ids)

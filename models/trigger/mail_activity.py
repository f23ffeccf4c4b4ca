from odoo import api, models


class MailActivity(models.Model):
    """An activity on a lead that is planned, done or canceled: the lead is scored again."""

    _name = "mail.activity"
    _inherit = ["mail.activity", "grading.lead.contact.mixin"]

    def _grading_enqueue_contacts(self):
        lead_ids = {a.res_id for a in self.sudo() if a.res_model == "crm.lead" and a.res_id}
        self.env["grading.queue"]._enqueue_leads(self.env["crm.lead"].browse(lead_ids))

    @api.model
    def _grading_watched_fields(self):
        return {"active", "res_id", "res_model_id"}

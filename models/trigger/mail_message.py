from odoo import api, models

from ..measure.grading_interaction import SYSTEM_MESSAGES


class GradingLeadContactMixin(models.AbstractModel):
    """What leads or customers say, or is said to them: they are scored again when it is created, changed or deleted.

    What only shows later (an e-mail that bounces, a meeting that is over), or belongs to a document without a customer
    (an e-mail about a task), is found by the nightly run.
    """

    _name = "grading.lead.contact.mixin"
    _description = "Contact with a Lead"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._grading_enqueue_contacts()
        return records

    def write(self, vals):
        if not vals.keys() & self._grading_watched_fields():
            return super().write(vals)
        self._grading_enqueue_former(vals)
        res = super().write(vals)
        self._grading_enqueue_contacts()
        return res

    def unlink(self):
        self._grading_enqueue_former(None)
        return super().unlink()

    def _grading_enqueue_contacts(self):
        """Ask for a new score of the leads and customers whom these records concern."""
        raise NotImplementedError

    def _grading_enqueue_former(self, vals):
        """The same before the records change, for those whom they may not concern afterwards.

        :param vals: what is going to be written, ``None`` when the records are deleted
        """
        self._grading_enqueue_contacts()

    @api.model
    def _grading_watched_fields(self):
        """Names of the fields that the measures read.

        :rtype: set[str]
        """
        raise NotImplementedError


class MailMessage(models.Model):
    """A message on a lead or on a customer's document: they are scored again.

    More messages ask for that than count as a contact (:class:`GradingContactSource`): an answer that is wanted soon
    costs less than the question.
    """

    _name = "mail.message"
    _inherit = ["mail.message", "grading.lead.contact.mixin"]

    def _grading_enqueue_contacts(self):
        """The leads and customers on whose documents the messages stand, and the senders of mails that came in."""
        Queue = self.env["grading.queue"]
        lead_ids = set()
        for message in self.sudo():
            if message.message_type in SYSTEM_MESSAGES and not message.mail_activity_type_id:
                continue
            if message.model == "crm.lead" and message.res_id:
                lead_ids.add(message.res_id)
            if message.model in self._grading_documents():
                Queue._enqueue_contacts(message.model, [message.res_id])
            if message.message_type == "email":
                Queue._enqueue_contacts("res.partner", message.author_id.ids)
        Queue._enqueue_leads(self.env["crm.lead"].browse(lead_ids))

    @api.model
    def _grading_documents(self):
        """Models of the documents of a customer: a message on one of them is a contact with that customer.

        :rtype: set[str]
        """
        return {"res.partner", "sale.order", "account.move"}

    @api.model
    def _grading_watched_fields(self):
        return {"model", "res_id", "date", "message_type", "mail_activity_type_id"}

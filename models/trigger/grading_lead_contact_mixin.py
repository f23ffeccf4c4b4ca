from odoo import api, models


class GradingLeadContactMixin(models.AbstractModel):
    """A record of contacts with leads or customers, who are scored again when it is created, changed or deleted.

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

from odoo import api, models

from ..base.optional import extend_where_installed


class RatingRating(models.Model):
    """Stars that are given, changed or removed: the customer who gave them is scored again.

    Odoo's ratings may not be installed: :func:`extend_where_installed`.
    """

    _register = False
    _name = "rating.rating"
    _inherit = ["rating.rating", "grading.lead.contact.mixin"]
    _module = "customer_grading"

    @api.model
    def _grading_watched_fields(self):
        return {"consumed", "rating", "rated_on", "partner_id", "rated_partner_id"}

    def _grading_enqueue_contacts(self):
        given = self.sudo().filtered("consumed")
        self.env["grading.queue"]._enqueue_contacts("res.partner", given.partner_id.ids)


class GradingQueue(models.Model):
    _inherit = "grading.queue"

    def _register_hook(self):
        result = super()._register_hook()
        extend_where_installed(self.env, RatingRating)
        return result

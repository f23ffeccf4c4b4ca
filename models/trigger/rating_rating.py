from odoo import api, models

from ..base.optional import extend_where_installed


class RatingRating(models.Model):
    """Stars that are given, changed or removed: the customer who gave them is scored again.

    Odoo's ratings may not be installed: :func:`extend_where_installed`.
    """

    _register = False
    _name = "rating.rating"
    _inherit = ["rating.rating"]
    _module = "customer_grading"

    @api.model_create_multi
    def create(self, vals_list):
        ratings = super().create(vals_list)
        ratings._grading_enqueue()
        return ratings

    def write(self, vals):
        if not self._grading_rating_fields() & vals.keys():
            return super().write(vals)
        self._grading_enqueue()
        res = super().write(vals)
        self._grading_enqueue()
        return res

    def unlink(self):
        self._grading_enqueue()
        return super().unlink()

    @api.model
    def _grading_rating_fields(self):
        """Names of the stored fields of a rating that the measures read.

        :rtype: set[str]
        """
        return {"consumed", "rating", "rated_on", "partner_id", "rated_partner_id"}

    def _grading_enqueue(self):
        given = self.sudo().filtered("consumed")
        self.env["grading.queue"]._enqueue_contacts("res.partner", given.partner_id.ids)


class GradingQueue(models.Model):
    _inherit = "grading.queue"

    def _register_hook(self):
        result = super()._register_hook()
        extend_where_installed(self.env, RatingRating)
        return result

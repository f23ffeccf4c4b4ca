from odoo import fields, models

from .grading_graded_mixin import INTERNAL


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "grading.tagged.mixin"]
    _grading_subject = "customer"

    grading_tag_origin_ids = fields.One2many(
        "grading.tag.origin", "partner_id", string="Given Tags", readonly=True, groups=INTERNAL
    )

from random import randint

from odoo import fields, models


class GradingInterest(models.Model):
    """Something that a person likes to hear or talk about: golf, wine, new technology."""

    _name = "grading.interest"
    _description = "Interest"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    color = fields.Integer(default=lambda self: randint(1, 11), aggregator=None)
    active = fields.Boolean(default=True)

    _name_unique = models.Constraint("UNIQUE (name)", "There is an interest of this name already: choose that one.")

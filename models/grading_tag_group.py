from odoo import fields, models


class GradingTagGroup(models.Model):
    """A choice between tags: a customer gets the tag of the first of its rules that matches, and none of the others."""

    _name = "grading.tag.group"
    _description = "Group of Tag Rules"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    rule_ids = fields.One2many("grading.tag.rule", "group_id")

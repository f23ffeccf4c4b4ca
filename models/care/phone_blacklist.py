from odoo import models


class PhoneBlacklist(models.Model):
    _name = "phone.blacklist"
    _inherit = ["phone.blacklist", "grading.blacklist.mixin"]

    _grading_channel = "call"

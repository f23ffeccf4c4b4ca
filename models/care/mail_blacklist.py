from odoo import models


class MailBlacklist(models.Model):
    _name = "mail.blacklist"
    _inherit = ["mail.blacklist", "grading.blacklist.mixin"]

    _grading_channel = "online"

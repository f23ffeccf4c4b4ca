"""Who comes onto a blacklist, or leaves it: his next contacts by that channel go at once, or come back soon."""

from odoo import api, models
from odoo.fields import Domain

from .grading_care_peace import BLACKLISTS


class GradingBlacklistMixin(models.AbstractModel):
    """An address by which nobody may be contacted."""

    _name = "grading.blacklist.mixin"
    _description = "Blacklist of Next Contacts"

    _grading_channel = None

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._grading_leave_in_peace()
        lines._grading_enqueue(lines._grading_addresses())
        return lines

    def write(self, vals):
        _table, number, _own = BLACKLISTS[self._grading_channel]
        if not vals.keys() & {"active", number}:
            return super().write(vals)
        former = self._grading_addresses()
        res = super().write(vals)
        self._grading_leave_in_peace()
        self._grading_enqueue(former | self._grading_addresses())
        return res

    def unlink(self):
        former = self._grading_addresses()
        res = super().unlink()
        self._grading_enqueue(former)
        return res

    def _grading_addresses(self):
        _table, number, _own = BLACKLISTS[self._grading_channel]
        return set(self.sudo().mapped(number))

    @api.model
    def _grading_whose(self, addresses):
        """The contacts, and the leads of their own or about them, that have these addresses.

        :rtype: tuple[res.partner, crm.lead]
        """
        _table, _number, own = BLACKLISTS[self._grading_channel]
        mine = Domain(own, "in", list(addresses))
        partners = self.env["res.partner"].sudo().with_context(active_test=False).search(mine)
        leads = self.env["crm.lead"].sudo().search(mine | Domain("partner_id", "in", partners.ids))
        return partners, leads

    def _grading_leave_in_peace(self):
        """The next contacts by these addresses go, with their activities."""
        partners, leads = self._grading_whose(self.sudo().filtered("active")._grading_addresses())
        whose = Domain("partner_id", "in", partners.ids) | Domain("lead_id", "in", leads.ids)
        self.env["grading.care"].sudo().search(Domain("channel", "=", self._grading_channel) & whose).unlink()

    @api.model
    def _grading_enqueue(self, addresses):
        partners, leads = self._grading_whose(addresses)
        Queue = self.env["grading.queue"]
        Queue._enqueue_everywhere(partners)
        Queue._enqueue_leads(leads)


class MailBlacklist(models.Model):
    _name = "mail.blacklist"
    _inherit = ["mail.blacklist", "grading.blacklist.mixin"]

    _grading_channel = "online"


class PhoneBlacklist(models.Model):
    _name = "phone.blacklist"
    _inherit = ["phone.blacklist", "grading.blacklist.mixin"]

    _grading_channel = "call"

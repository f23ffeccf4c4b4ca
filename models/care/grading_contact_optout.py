from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

# Where the addresses by which nobody may be contacted stand, and those of a contact or lead beside them.
BLACKLISTS = {
    "online": ("mail_blacklist", "email", "email_normalized"),
    "call": ("phone_blacklist", "number", "phone_sanitized"),
}
# The channel of a row that is there already, under the name that the queries give it.
OWN_CHANNEL = SQL("care.channel")
"""Who comes onto a blacklist, or leaves it: his next contacts by that channel go at once, or come back soon."""


class GradingCare(models.Model):
    """Whom to leave in peace: they have no next contact, and so nothing is due, planned or missed for them."""

    _inherit = "grading.care"

    @api.model
    def _may_be_contacted(self, channel=OWN_CHANNEL):
        """Whether the customer ``person`` may be contacted, or ``lead`` whose contact ``person`` is, if any, a person
        of ``customer``: neither archived nor left in peace, nor on the blacklist of the channel.

        :param odoo.tools.SQL channel: by which
        :rtype: odoo.tools.SQL
        """
        refused = [
            SQL(
                "%(channel)s = %(name)s AND EXISTS (SELECT FROM %(table)s AS refused"
                " WHERE refused.active AND refused.%(number)s = %(own)s)",
                channel=channel,
                name=name,
                table=SQL.identifier(table),
                number=SQL.identifier(number),
                own=SQL.identifier(alias, own),
            )
            for name, (table, number, own) in BLACKLISTS.items()
            for alias in ("lead", "person")
        ]
        return SQL(
            """
            lead.active IS NOT FALSE AND person.active IS NOT FALSE AND customer.active IS NOT FALSE
            AND person.grading_do_not_disturb IS NOT TRUE AND customer.grading_do_not_disturb IS NOT TRUE
            AND NOT (%s)
            """,
            SQL(" OR ").join(refused),
        )


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

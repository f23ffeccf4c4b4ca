from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

# By channel: the blacklist, its column of addresses, and the column of a contact or lead that is looked up there.
BLACKLISTS = {
    "online": ("mail_blacklist", "email", "email_normalized"),
    "call": ("phone_blacklist", "number", "phone_sanitized"),
}
# The channel of a row ``care`` of the next contacts.
OWN_CHANNEL = SQL("care.channel")


class GradingCare(models.Model):
    """Customers and leads that opted out have no next contact, and so none that is due, planned or missed."""

    _inherit = "grading.care"

    @api.model
    def _may_be_contacted(self, channel=OWN_CHANNEL):
        """Whether a contact by ``channel`` is allowed: with the customer ``person``, or about ``lead``, whose contact
        is ``person``, if any, of the company ``customer``. None of them is archived, asked not to be disturbed, or is
        on the blacklist of the channel.

        :param odoo.tools.SQL channel: ``'online'``, ``'call'`` or ``'visit'``
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
    """A blacklist of addresses: the next contacts by these addresses are removed at once, and come back with the next
    run after an address has left the list."""

    _name = "grading.blacklist.mixin"
    _description = "Blacklist of Next Contacts"

    _grading_channel = None

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._grading_opt_out()
        lines._grading_enqueue(lines._grading_addresses())
        return lines

    def write(self, vals):
        _table, number, _own = BLACKLISTS[self._grading_channel]
        if not vals.keys() & {"active", number}:
            return super().write(vals)
        former = self._grading_addresses()
        res = super().write(vals)
        self._grading_opt_out()
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
    def _grading_owners_of(self, addresses):
        """The contacts and leads that have these addresses, and the leads about such contacts.

        :rtype: tuple[res.partner, crm.lead]
        """
        _table, _number, own = BLACKLISTS[self._grading_channel]
        has_address = Domain(own, "in", list(addresses))
        partners = self.env["res.partner"].sudo().with_context(active_test=False).search(has_address)
        leads = self.env["crm.lead"].sudo().search(has_address | Domain("partner_id", "in", partners.ids))
        return partners, leads

    def _grading_opt_out(self):
        """Remove the next contacts by these addresses, with their activities."""
        partners, leads = self._grading_owners_of(self.sudo().filtered("active")._grading_addresses())
        about = Domain("partner_id", "in", partners.ids) | Domain("lead_id", "in", leads.ids)
        self.env["grading.care"].sudo().search(Domain("channel", "=", self._grading_channel) & about).unlink()

    @api.model
    def _grading_enqueue(self, addresses):
        partners, leads = self._grading_owners_of(addresses)
        Queue = self.env["grading.queue"]
        Queue._enqueue_everywhere(partners)
        Queue._enqueue_leads(leads)

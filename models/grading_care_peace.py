from odoo import api, models
from odoo.tools import SQL

# Where the addresses by which nobody may be contacted stand, and those of a contact or lead beside them.
BLACKLISTS = {
    "online": ("mail_blacklist", "email", "email_normalized"),
    "call": ("phone_blacklist", "number", "phone_sanitized"),
}
# The channel of a row that is there already, under the name that the queries give it.
OWN_CHANNEL = SQL("care.channel")


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

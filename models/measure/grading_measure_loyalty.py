from odoo import api, fields, models
from odoo.tools import SQL


class GradingProfile(models.Model):
    """Measured: whether the customer is a member of a loyalty program."""

    _inherit = "grading.profile"

    loyalty_card_count = fields.Integer(
        string="Loyalty Cards",
        readonly=True,
        help="Active cards of loyalty programs, whatever points are on them; gift cards and wallets are none. "
        "0 where Odoo's loyalty programs are not installed.",
    )


class GradingMeasure(models.AbstractModel):
    """Loyalty cards, where Odoo's ``loyalty`` is installed.

    A new card counts from the customer's next rescoring on, at the latest in the night: it asks for none itself, so
    that nothing slows down a checkout.
    """

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        return {
            **super()._measures(),
            "loyalty_card_count": {
                "source": "loyalty",
                "label": self.env._("Loyalty cards"),
                "unit": "count",
                "zero": True,
            },
        }

    @api.model
    def _sources(self, as_of, contacts):
        return {**super()._sources(as_of, contacts), "loyalty": self._loyalty_source(as_of, contacts)}

    @api.model
    def _loyalty_source(self, as_of, contacts):
        """Cards of active loyalty programs that had been issued by the day and had not expired then.

        A card belongs to its program's company, or to every company.
        """
        if "loyalty.card" not in self.env:
            return SQL("SELECT NULL::int AS partner_id, NULL::int AS loyalty_card_count WHERE FALSE")
        return SQL(
            """
            SELECT contact.commercial_partner_id AS partner_id, COUNT(*)::int AS loyalty_card_count
              FROM loyalty_card AS card
              JOIN loyalty_program AS program ON program.id = card.program_id
              JOIN %(contacts)s AS contact ON contact.id = card.partner_id
             WHERE program.program_type = 'loyalty' AND program.active AND card.active
               AND (program.company_id IS NULL OR program.company_id = ANY(%(companies)s))
               AND (card.create_date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date <= %(as_of)s
               AND (card.expiration_date IS NULL OR card.expiration_date >= %(as_of)s)
          GROUP BY contact.commercial_partner_id
            """,
            contacts=contacts,
            companies=self.env.company.parent_ids.ids,
            tz=self.env.company._grading_tz(),
            as_of=as_of,
        )

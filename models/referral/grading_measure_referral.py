from odoo import api, models
from odoo.tools import SQL

from ..base.fields import ALL_FIGURES, IntegerOrEmpty, MonetaryOrEmpty
from ..measure.grading_measure import ENTERED


class GradingProfile(models.Model):
    """Measured: the customers that this one has referred."""

    _inherit = "grading.profile"

    referral_count = IntegerOrEmpty(
        string="Referred Customers",
        readonly=True,
        help="Customers, and leads without a contact, that this customer has referred.",
    )
    referral_amount = MonetaryOrEmpty(
        string="Amount of Referred Customers",
        readonly=True,
        groups=ALL_FIGURES,
        help="What the referred customers have bought, all time.",
    )


class GradingMeasure(models.AbstractModel):
    """The customers that a customer has referred, and what they have bought since.

    A referral is between customers, whichever of their contacts it is noted on: a firm whose two contacts were referred
    by the same customer counts once; one whose contacts were referred by two customers counts for both.
    """

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        group = self.env._("Referrals")
        return {
            **super()._measures(),
            "referral_count": {
                "group": group,
                "source": "referral",
                "past": (ENTERED,),
                "label": self.env._("Referred customers"),
                "unit": "count",
                "zero": True,
            },
            "referral_amount": {
                "group": group,
                "source": "referral_amount",
                "past": (ENTERED,),
                "label": self.env._("Amount of referred customers"),
                "unit": "money",
                "zero": True,
            },
        }

    @api.model
    def _sources(self, as_of, contacts):
        return {
            **super()._sources(as_of, contacts),
            "referral": self._referral_source(as_of, contacts),
            "referral_amount": self._referral_amount_source(as_of, contacts),
        }

    @api.model
    def _referrals(self, as_of, contacts):
        """The referrals: ``(partner_id, referred_id)``, referrer and referred customer, each pair once.

        The referred customer is active and visible in the environment's company. A contact that has moved to the
        referrer's own firm is no referral any more. Odoo remembers when a contact was made, not when it was noted who
        referred it.
        """
        return SQL(
            """
            SELECT DISTINCT referrer.commercial_partner_id AS partner_id, customer.id AS referred_id
              FROM %(contacts)s AS referrer
              JOIN res_partner AS referred ON referred.referred_by_id = referrer.id
              JOIN res_partner AS customer ON customer.id = referred.commercial_partner_id
             WHERE referred.referred_by_id IS NOT NULL AND customer.active
               AND (customer.company_id IS NULL OR customer.company_id = ANY(%(companies)s))
               AND customer.id <> referrer.commercial_partner_id AND %(was_there)s
            """,
            was_there=self._was_there("referred", as_of),
            contacts=contacts,
            companies=self.env.company.parent_ids.ids,
        )

    @api.model
    def _referral_source(self, as_of, contacts):
        """How many customers were referred, and leads without a contact that are not lost; where a day is judged apart,
        that were not lost by its end."""
        is_kept, end = SQL("lead.active"), self._over_by(as_of)
        if end:
            is_kept = SQL("(lead.active OR lead.date_closed >= %s)", end)
        return SQL(
            """
            SELECT referred.partner_id, COUNT(*)::int AS referral_count
              FROM (
                SELECT referral.partner_id FROM (%(referrals)s) AS referral
             UNION ALL
                SELECT referrer.commercial_partner_id
                  FROM %(contacts)s AS referrer JOIN crm_lead AS lead ON lead.referred_by_id = referrer.id
                 WHERE lead.referred_by_id IS NOT NULL AND lead.partner_id IS NULL
                   AND %(is_kept)s AND %(was_there)s
                   AND (lead.company_id IS NULL OR lead.company_id = ANY(%(companies)s))
              ) AS referred
          GROUP BY referred.partner_id
            """,
            referrals=self._referrals(as_of, contacts),
            is_kept=is_kept,
            was_there=self._was_there("lead", as_of),
            contacts=contacts,
            companies=self.env.company.parent_ids.ids,
        )

    @api.model
    def _referral_amount_source(self, as_of, contacts):
        """What the referred customers have bought, all time.

        Their contacts are not among ``contacts``, which may be a few customers' only. They take the place of the
        referrer's own, once for each referrer, so that what they bought is summed up under the referrer.
        """
        referred_contacts = SQL(
            """
            (SELECT family.id, referral.partner_id AS commercial_partner_id
               FROM (%s) AS referral JOIN res_partner AS family ON family.commercial_partner_id = referral.referred_id)
            """,
            self._referrals(as_of, contacts),
        )
        return SQL(
            """
            SELECT purchase.partner_id, ROUND(SUM(purchase.amount), %(digits)s) AS referral_amount
              FROM (%(purchases)s) AS purchase
          GROUP BY purchase.partner_id
            """,
            purchases=self._purchases(as_of, referred_contacts),
            digits=self.env.company.currency_id.decimal_places,
        )

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.context import day_read
from ..base.fields import FloatOrUnknown, IntegerOrEmpty, MonetaryOrUnknown
from .grading_measure import ENTERED

BRANDS = [("none", "None"), ("regional", "Regional"), ("national", "National"), ("celebrity", "Celebrity")]


class GradingProfile(models.Model):
    """Measured: what is filled in on the contact, and whether the customer is a member."""

    _inherit = "grading.profile"

    annual_budget = MonetaryOrUnknown(
        readonly=True, help="What the customer can spend in a year, as entered on the contact."
    )
    brand_contribution = fields.Selection(
        BRANDS, readonly=True, help="What the customer adds to the company's reputation, as entered on the contact."
    )
    share_of_budget = FloatOrUnknown(
        readonly=True, aggregator="avg", help="Amount of the last 12 months as a share of the annual budget."
    )
    loyalty_card_count = IntegerOrEmpty(
        string="Loyalty Cards",
        readonly=True,
        help="Active cards of loyalty programs, whatever points are on them; gift cards and wallets are none. "
        "0 where Odoo's loyalty programs are not installed.",
    )
    birthday_this_month = fields.Boolean(
        compute="_compute_birthday_this_month",
        search="_search_birthday_this_month",
        help="The customer, or one of their contacts, has a birthday in this month.",
    )

    # ------------------------------------------------------------
    # Birthdays in this month
    # ------------------------------------------------------------

    @api.model
    def _grading_day(self):
        """The day as of which profiles are read: the one of a run, else today where the company works.

        :rtype: datetime.date
        """
        return day_read(self.env)

    @api.depends("partner_id.birthdate_date", "partner_id.active", "partner_id.child_ids.birthdate_date")
    @api.depends_context("company")
    def _compute_birthday_this_month(self):
        domain = [
            ("commercial_partner_id", "in", self.partner_id.ids),
            ("active", "=", True),
            ("birthdate_date.month_number", "=", self._grading_day().month),
        ]
        celebrating = self.env["res.partner"].sudo().search_fetch(domain, ["commercial_partner_id"])
        customers = celebrating.commercial_partner_id
        for profile in self:
            profile.birthday_this_month = profile.partner_id in customers

    def _search_birthday_this_month(self, operator, value):
        if operator != "in":
            return NotImplemented
        celebrating = Domain.custom(to_sql=self._celebrating_to_sql)
        return celebrating if True in value else ~celebrating

    @api.model
    def _celebrating_to_sql(self, model, alias, query):
        """Whether a person of the customer was born in the month: looked up by customer, as few or all are scored:
        ``EXISTS (SELECT FROM res_partner AS born WHERE … AND EXTRACT(MONTH FROM "born"."birthdate_date") = 3)``."""
        person = self.env["res.partner"]._fields
        column = {
            name: SQL.identifier("born", name, to_flush=person[name])
            for name in ("commercial_partner_id", "active", "birthdate_date")
        }
        return SQL(
            """
            EXISTS (SELECT FROM res_partner AS born
                     WHERE %(belongs_to)s = %(customer)s AND %(active)s
                       AND EXTRACT(MONTH FROM %(birthdate)s) = %(month)s)
            """,
            belongs_to=column["commercial_partner_id"],
            customer=model._field_to_sql(alias, "partner_id", query),
            active=column["active"],
            birthdate=column["birthdate_date"],
            month=self._grading_day().month,
        )


class GradingMeasure(models.AbstractModel):
    """What is filled in on the customer's own contact, and loyalty cards.

    Cards count where Odoo's ``loyalty`` is installed, from the customer's next rescoring on, at the latest in the
    night: a new card asks for none itself, so that nothing slows down a checkout.
    """

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        group = self.env._("Customer facts")
        contact = {"source": "contact", "group": group, "past": (ENTERED,)}
        return {
            **super()._measures(),
            "annual_budget": {**contact, "label": self.env._("Annual budget"), "unit": "money"},
            "brand_contribution": {**contact, "label": self.env._("Brand contribution"), "unit": "choice"},
            "share_of_budget": {
                "group": group,
                "label": self.env._("Share of budget"),
                "unit": "ratio",
                "reads": ["order_amount_12m", "annual_budget"],
                "formula": SQL(
                    "(COALESCE(source_order.order_amount_12m, 0)"
                    " / NULLIF(source_contact.annual_budget::numeric, 0))::float8"
                ),
            },
            "loyalty_card_count": {
                "source": "loyalty",
                "group": group,
                "label": self.env._("Loyalty cards"),
                "unit": "count",
                "zero": True,
            },
        }

    @api.model
    def _sources(self, as_of, contacts):
        return {
            **super()._sources(as_of, contacts),
            "contact": self._contact_source(contacts),
            "loyalty": self._loyalty_source(as_of, contacts),
        }

    @api.model
    def _contact_source(self, contacts):
        """What people filled in on the customer's own contact; the budget is the environment's company's."""
        Partner = self.env["res.partner"].sudo()
        return SQL(
            """
            SELECT partner.id AS partner_id,
                   CASE WHEN ABS((%(budget)s)::numeric) >= 0.01 THEN (%(budget)s)::numeric END AS annual_budget,
                   %(brand)s AS brand_contribution
              FROM res_partner AS partner
              JOIN %(contacts)s AS contact ON contact.id = partner.id
             WHERE partner.brand_contribution IS NOT NULL OR partner.annual_budget IS NOT NULL
            """,
            budget=Partner._field_to_sql("partner", "annual_budget"),
            brand=Partner._field_to_sql("partner", "brand_contribution"),
            contacts=contacts,
        )

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

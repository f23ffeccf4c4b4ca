from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.base.guarded import LARGEST_KEY, guarded
from ..models.measure.grading_measure_document import ALL_CONTACTS


class GradingReferralReport(models.Model):
    """One customer whom a customer has referred, or one lead without a contact: what has become of the referral.

    What is a referral the measures say (``grading.measure._referrals``). A firm that was referred by two customers has
    two rows. Users see the referrals among customers that all salespeople see, leads where they may see the lead, and
    the amounts where they may see the documents of the referred customer.
    """

    _name = "grading.referral.report"
    _inherit = ["grading.figures.report.mixin"]
    _description = "Referrals"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(string="Referred By", help="The customer who has referred.")
    referred_id = fields.Many2one("res.partner", string="Referred Customer", readonly=True)
    lead_id = fields.Many2one("crm.lead", string="Referred Lead", readonly=True)
    user_id = fields.Many2one(help="The salesperson of the referred customer or lead.")
    grade_id = fields.Many2one(string="Grade of the Referrer")
    referred_grade_id = fields.Many2one("grading.grade", string="Grade of the Referred", readonly=True)
    date = fields.Datetime(string="Created on", readonly=True, help="When the referred contact or lead was created.")
    customer_rate = fields.Float(
        string="Have Bought (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Which part of the referred has bought, as of the last rescoring, among those whose figures you may see.",
    )
    order_count = fields.Integer(string="Orders", readonly=True, help="Purchases of the referred customer, all time.")
    amount = fields.Monetary(string="Revenue", readonly=True, help="Revenue of the referred customer, all time.")

    @property
    def _table_query(self):
        return self._of_companies()

    @api.model
    def _company_select(self, company):
        """The key is a hash, as in :class:`grading.effort.report`, one number after the other: of a number beyond 32
        bits PostgreSQL mixes the halves, so that different pairs would share a key.

        A contact without a profile has not bought: it is no customer yet, or a lead. One whose figures are hidden from
        the user may have.
        """
        return SQL(
            """
            SELECT HASHINT8EXTENDED(
                       COALESCE(referral.referred_id, referral.lead_id),
                       HASHINT8EXTENDED(referral.partner_id, %(company)s * 2 + (referral.lead_id IS NOT NULL)::int)
                   ) & %(largest)s AS id,
                   referral.partner_id, referral.referred_id, referral.lead_id, %(company)s AS company_id,
                   referral.date, referral.user_id, seller.sale_team_id AS team_id, referrer.grade_id,
                   referred.grade_id AS referred_grade_id, figures.order_count, figures.order_amount AS amount,
                   CASE WHEN figures.order_count > 0 THEN 100::float8
                        WHEN figures.id IS NOT NULL OR referred.partner_id IS NULL THEN 0::float8 END AS customer_rate
              FROM (
                SELECT pair.partner_id, pair.referred_id, NULL::int AS lead_id, customer.create_date AS date,
                       customer.user_id
                  FROM (%(referrals)s) AS pair JOIN res_partner AS customer ON customer.id = pair.referred_id
             UNION ALL
                %(leads)s
              ) AS referral
         LEFT JOIN res_users AS seller ON seller.id = referral.user_id
         LEFT JOIN grading_profile AS referrer
                ON referrer.partner_id = referral.partner_id AND referrer.company_id = %(company)s
         LEFT JOIN grading_profile AS referred
                ON referred.company_id = %(company)s
               AND (referred.partner_id = referral.referred_id OR referred.lead_id = referral.lead_id)
         LEFT JOIN (%(visible)s) AS figures ON figures.partner_id = referral.referred_id
            """,
            company=company.id,
            largest=LARGEST_KEY,
            referrals=self._measure_of(company)._referrals(company._grading_today(), ALL_CONTACTS),
            leads=self._referred_leads(company),
            visible=self._visible_profiles(
                Domain("company_id", "=", company.id) & Domain("partner_id", "!=", False),
                *("id", "partner_id", "order_count", "order_amount"),
            ),
        )

    @api.model
    def _referred_leads(self, company):
        """The referred leads without a contact that are not lost, as the measure counts them, if the user sees them."""
        Lead = self.env["crm.lead"]
        names = ("id", "create_date", "user_id", "referred_by_id", "company_id")
        domain = Domain("referred_by_id", "!=", False) & Domain("partner_id", "=", False)
        query = Lead._search(domain) if Lead.has_access("read") else Lead.sudo()._search(Domain.FALSE)
        return SQL(
            """
            SELECT person.commercial_partner_id, NULL::int, lead.id, lead.create_date, lead.user_id
              FROM (%s) AS lead
              JOIN res_partner AS person ON person.id = lead.referred_by_id
             WHERE lead.company_id IS NULL OR lead.company_id = ANY(%s)
            """,
            query.select(*(SQL.identifier(query.table, name) for name in names)),
            company.parent_ids.ids,
        )

    @api.readonly
    @guarded(one=True)
    def action_open(self):
        """Open the referred customer or lead."""
        return (self.lead_id or self.referred_id).get_formview_action()

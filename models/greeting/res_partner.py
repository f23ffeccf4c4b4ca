from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..base.fields import INTERNAL


class ResPartner(models.Model):
    """Whether a contact agreed to be greeted by messages, since when a company exists, and which user greets."""

    _inherit = "res.partner"

    # Tracked: which user entered the consent, and when, must be provable. Not copied: the copy is another contact.
    grading_greeting_consent = fields.Boolean(
        string="Agreed to Greetings",
        copy=False,
        tracking=True,
        groups=INTERNAL,
        help="This contact has agreed to be greeted by e-mail or SMS. Without it, the salesperson greets.",
    )
    grading_founded_date = fields.Date(
        string="Founded on", groups=INTERNAL, help="The company is greeted on the anniversaries of this day."
    )

    @api.constrains("grading_founded_date")
    def _check_grading_founded_date(self):
        today = self.env.user._grading_today(self.env.company)
        for partner in self.filtered("grading_founded_date"):
            if partner.grading_founded_date > today:
                raise ValidationError(
                    self.env._(
                        "The foundation date of %(company)s, %(date)s, is in the future: enter today or an earlier "
                        "day, or leave it empty.",
                        company=partner.display_name,
                        date=format_date(self.env, partner.grading_founded_date),
                    )
                )

    def _grading_salesperson(self):
        """The contact's own salesperson, else that of the contact's company; only active internal users.

        :rtype: res.users
        """
        self.ensure_one()
        users = self.user_id, self.commercial_partner_id.user_id
        return next((user for user in users if user.active and not user.share), self.env["res.users"])

    def _grading_salespeople(self, company):
        """The salesperson of each contact; where neither the contact nor its company has one, that of the customer's
        best open lead or else latest order in ``company``. Only active internal users.

        :param res.company company:
        :rtype: dict[res.partner, res.users]
        """
        salespeople = {partner: partner._grading_salesperson() for partner in self}
        orphans = self.filtered(lambda partner: not salespeople[partner])
        if orphans:
            sellers = self._grading_sellers(orphans.commercial_partner_id, company)
            salespeople |= {partner: sellers[partner.commercial_partner_id] for partner in orphans}
        return salespeople

    def _grading_responsibles(self, company):
        """The user responsible for each contact: the salesperson, else the leader of the team of the customer's latest
        order or lead in ``company``.

        :param res.company company:
        :rtype: dict[res.partner, res.users]
        """
        responsible = self._grading_salespeople(company)
        orphans = self.filtered(lambda partner: not responsible[partner])
        if orphans:
            leaders = self._grading_team_leaders(orphans.commercial_partner_id, company)
            responsible |= {partner: leaders[partner.commercial_partner_id] for partner in orphans}
        return responsible

    @api.model
    def _grading_sellers(self, customers, company):
        """The salesperson of each customer's best open lead in a company, as
        :meth:`~.GradingMeasure._best_lead_order` has it, else of the latest order; all must be flushed before."""
        rows = self.env.execute_query(
            SQL(
                """
                WITH contact AS (
                    SELECT id, commercial_partner_id AS customer_id FROM res_partner
                     WHERE commercial_partner_id = ANY(%(customers)s)
                )
                SELECT DISTINCT ON (deal.customer_id) deal.customer_id, seller.id
                  FROM (
                    SELECT contact.customer_id, lead.user_id, ROW_NUMBER() OVER (ORDER BY %(order)s) AS place,
                           NULL AS moment
                      FROM contact
                      JOIN crm_lead AS lead ON lead.partner_id = contact.id
                 LEFT JOIN grading_profile AS profile
                        ON profile.lead_id = lead.id AND profile.company_id = %(company)s
                     WHERE %(is_open)s AND (lead.company_id = %(company)s OR lead.company_id IS NULL)
                     UNION ALL
                    SELECT contact.customer_id, sale.user_id, NULL, sale.date_order
                      FROM contact
                      JOIN sale_order AS sale ON sale.partner_id = contact.id
                     WHERE sale.company_id = %(company)s AND sale.state = 'sale'
                  ) AS deal
                  JOIN res_users AS seller ON seller.id = deal.user_id AND seller.active AND NOT seller.share
              ORDER BY deal.customer_id, deal.place, deal.moment DESC
                """,
                company=company.id,
                customers=customers.ids,
                is_open=self.env["crm.lead"]._grading_is_open_to_sql("lead"),
                order=self.env["grading.measure"]._best_lead_order(),
            )
        )
        return self._grading_by_customer(rows, customers)

    @api.model
    def _grading_team_leaders(self, customers, company):
        """The leader of the team of each customer's latest order or lead, if any; all must be flushed before."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (contact.commercial_partner_id) contact.commercial_partner_id, team.user_id
                  FROM res_partner AS contact
                  JOIN (SELECT partner_id, team_id, date_order AS moment FROM sale_order WHERE company_id = %(company)s
                         UNION ALL
                        SELECT partner_id, team_id, create_date FROM crm_lead
                         WHERE company_id = %(company)s OR company_id IS NULL) AS deal
                    ON deal.partner_id = contact.id
                  JOIN crm_team AS team ON team.id = deal.team_id
                  JOIN res_users AS leader ON leader.id = team.user_id AND leader.active AND NOT leader.share
                 WHERE contact.commercial_partner_id = ANY(%(customers)s)
              ORDER BY contact.commercial_partner_id, deal.moment DESC
                """,
                company=company.id,
                customers=customers.ids,
            )
        )
        return self._grading_by_customer(rows, customers)

    @api.model
    def _grading_by_customer(self, rows, customers):
        """``rows`` of customers' and users' ids as ``{customer: user}``, with a key for each of ``customers``."""
        users = dict(rows)
        return {customer: self.env["res.users"].browse(users.get(customer.id)) for customer in customers}

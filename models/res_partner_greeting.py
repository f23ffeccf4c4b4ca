from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL
from odoo.tools.misc import format_date

from .grading_graded_mixin import INTERNAL


class ResPartner(models.Model):
    """Whether a contact agreed to be greeted by messages, since when a company exists, and who greets."""

    _inherit = "res.partner"

    # Tracked: who noted the consent, and when, must be provable. A copy is of somebody else, who has agreed to nothing.
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
        today = fields.Date.context_today(self)
        for partner in self.filtered("grading_founded_date"):
            if partner.grading_founded_date > today:
                raise ValidationError(
                    self.env._(
                        "%(company)s would be founded on %(date)s, which lies in the future: "
                        "enter today or an earlier day, or leave it empty.",
                        company=partner.display_name,
                        date=format_date(self.env, partner.grading_founded_date),
                    )
                )

    def _grading_salesperson(self):
        """The contact's own salesperson, else his company's; only one who still works here.

        :rtype: res.users
        """
        self.ensure_one()
        users = self.user_id, self.commercial_partner_id.user_id
        return next((user for user in users if user.active and not user.share), self.env["res.users"])

    def _grading_responsibles(self, company):
        """Who looks after each contact: his salesperson, else the leader of the team of the customer's latest order or
        lead in ``company``.

        :param res.company company:
        :rtype: dict[res.partner, res.users]
        """
        responsible = {partner: partner._grading_salesperson() for partner in self}
        orphans = self.filtered(lambda partner: not responsible[partner])
        if orphans:
            leaders = self._grading_team_leaders(orphans.commercial_partner_id, company)
            responsible |= {partner: leaders[partner.commercial_partner_id] for partner in orphans}
        return responsible

    @api.model
    def _grading_team_leaders(self, customers, company):
        """Leader of the team of each customer's latest order or lead; none where there is no such team."""
        for model in ("sale.order", "crm.lead", "crm.team", "res.partner", "res.users"):
            self.env[model].flush_model()
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
                  JOIN res_users AS leader ON leader.id = team.user_id AND leader.active
                 WHERE contact.commercial_partner_id = ANY(%(customers)s)
              ORDER BY contact.commercial_partner_id, deal.moment DESC
                """,
                company=company.id,
                customers=customers.ids,
            )
        )
        leaders = dict(rows)
        return {customer: self.env["res.users"].browse(leaders.get(customer.id)) for customer in customers}

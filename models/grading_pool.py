from odoo import api, fields, models
from odoo.tools import SQL


class GradingPool(models.Model):
    """One lead or prospect in the public pool of a team: nobody owns it, and any member of the team can claim it.

    Open leads without a salesperson are in the pool of their own team; prospects in the one that they went back to, or,
    if nobody ever had them, in the first one of the company.
    """

    _name = "grading.pool"
    _inherit = ["grading.lead.access.mixin"]
    _description = "Public Pool"
    _auto = False
    _order = "since, id"
    _depends = {
        "crm.lead": [
            "active",
            "city",
            "company_id",
            "country_id",
            "expected_revenue",
            "team_id",
            "type",
            "user_id",
            "won_status",
        ],
        "crm.team": ["active", "company_id", "grading_pool", "sequence"],
        "res.partner": ["active", "city", "country_id", "user_id"],
        "grading.profile": ["best_lead_id", "company_id", "grade_id", "lead_id", "order_count", "partner_id", "score"],
        "grading.ownership": ["date", "lead_id", "old_user_id", "partner_id", "reason", "team_id"],
    }

    partner_id = fields.Many2one("res.partner", string="Prospect", readonly=True)
    lead_id = fields.Many2one("crm.lead", readonly=True)
    kind = fields.Selection([("lead", "Lead"), ("opportunity", "Opportunity"), ("prospect", "Prospect")], readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    grade_id = fields.Many2one("grading.grade", readonly=True)
    grade_color = fields.Integer(related="grade_id.color")
    score = fields.Float(readonly=True, aggregator="avg")
    city = fields.Char(readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    contact_name = fields.Char(string="Contact Person", compute="_compute_contact_name")
    expected_revenue = fields.Monetary(readonly=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    since = fields.Date(string="In the Pool since", readonly=True, help="Empty: nobody has owned it so far.")
    old_user_id = fields.Many2one("res.users", string="Lost by", readonly=True)

    @property
    def _table_query(self):
        return SQL("%s UNION ALL %s", self._lead_select(), self._prospect_select())

    @api.model
    def _lead_select(self):
        Ownership = self.env["grading.ownership"]
        return SQL(
            """
            SELECT lead.id::bigint * 2 AS id, NULL::int AS partner_id, lead.id AS lead_id, lead.team_id,
                   COALESCE(lead.company_id, profile.company_id, team.company_id) AS company_id,
                   profile.grade_id, profile.score, lost.date AS since, lost.old_user_id, lead.type AS kind,
                   lead.city, lead.country_id, NULLIF(lead.expected_revenue, 0) AS expected_revenue
              FROM crm_lead AS lead
              JOIN crm_team AS team ON team.id = lead.team_id AND team.active AND team.grading_pool
         LEFT JOIN grading_profile AS profile ON profile.lead_id = lead.id
         LEFT JOIN LATERAL (
                   SELECT move.date, move.old_user_id FROM grading_ownership AS move
                    WHERE move.lead_id = lead.id AND move.reason = 'pooled' ORDER BY move.id DESC LIMIT 1
                   ) AS lost ON TRUE
             WHERE lead.user_id IS NULL AND %(is_open)s
            """,
            is_open=Ownership._is_open(),
        )

    @api.model
    def _prospect_select(self):
        Ownership = self.env["grading.ownership"]
        return SQL(
            """
            SELECT profile.id::bigint * 2 + 1, profile.partner_id, NULL, pool.id, profile.company_id,
                   profile.grade_id, profile.score, lost.date, lost.old_user_id, 'prospect',
                   customer.city, customer.country_id, NULL
              FROM grading_profile AS profile
              JOIN res_partner AS customer ON customer.id = profile.partner_id
         LEFT JOIN LATERAL (%(lost)s) AS lost ON TRUE
        CROSS JOIN LATERAL (
                   SELECT team.id FROM crm_team AS team
                    WHERE team.active AND team.grading_pool
                      AND COALESCE(team.company_id, profile.company_id) = profile.company_id
                 ORDER BY team.id = lost.team_id DESC NULLS LAST, team.sequence, team.id LIMIT 1
                   ) AS pool
             WHERE customer.active AND customer.user_id IS NULL
               AND NOT (%(has_ordered)s) AND (%(looked_after)s) IS NULL
            """,
            lost=Ownership._to_last_move(SQL.identifier("profile"), "pooled"),
            has_ordered=Ownership._has_ordered(),
            looked_after=Ownership._looked_after(),
        )

    @api.depends("partner_id", "lead_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = (row.lead_id or row.partner_id).display_name

    @api.depends("lead_id.contact_name", "partner_id.child_ids")
    def _compute_contact_name(self):
        """Whom to ask for: the lead says it, else it is the first person of the prospect whom the user may see."""
        for row in self:
            persons = row.partner_id.child_ids.filtered(lambda person: person.type == "contact")
            row.contact_name = row.lead_id.contact_name or persons._filtered_access("read")[:1].name

    @api.depends("company_id")
    def _compute_currency_id(self):
        for row in self:
            row.currency_id = (row.company_id or self.env.company).currency_id

    def action_open(self):
        """The lead or prospect."""
        return (self.lead_id or self.partner_id).get_formview_action()

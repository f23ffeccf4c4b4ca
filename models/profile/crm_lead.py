from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.fields import SELLERS, ProfileFloat, ProfileInteger
from ..measure.grading_measure_lead import WILLINGNESS


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "grading.graded.mixin", "grading.analysis.mixin"]

    willingness = fields.Selection(
        WILLINGNESS, tracking=True, groups=SELLERS, help="How willing the customer is to sign, as you see it."
    )
    grading_fit_score = ProfileFloat(
        related="grading_profile_id.fit_score", string="Fit Score", groups=SELLERS, aggregator="avg"
    )
    grading_intent_score = ProfileFloat(
        related="grading_profile_id.intent_score", string="Intent Score", groups=SELLERS, aggregator="avg"
    )
    grading_fit_level = fields.Selection(related="grading_profile_id.fit_level", string="Fit", groups=SELLERS)
    grading_intent_level = fields.Selection(related="grading_profile_id.intent_level", string="Intent", groups=SELLERS)
    grading_stage_progress = ProfileFloat(
        related="grading_profile_id.stage_progress", string="Progress (%)", groups=SELLERS, aggregator="avg"
    )
    grading_last_contact_date = fields.Date(
        related="grading_profile_id.last_contact_date", string="Last Contact", groups=SELLERS
    )
    grading_contact_count_90d = ProfileInteger(
        related="grading_profile_id.contact_count_90d", string="Contacts, 90 Days", groups=SELLERS, aggregator="sum"
    )
    grading_partner_grade_id = fields.Many2one(
        related="grading_partner_profile_id.grade_id", string="Customer Grade", groups=SELLERS, readonly=True
    )
    grading_partner_grade_color = fields.Integer(
        related="grading_partner_grade_id.color", string="Color of the Customer Grade", groups=SELLERS
    )
    grading_partner_grade_title = fields.Char(
        related="grading_partner_grade_id.title", string="Title of the Customer Grade", groups=SELLERS
    )
    grading_partner_score = ProfileFloat(
        related="grading_partner_profile_id.score", string="Customer Score", groups=SELLERS, aggregator="avg"
    )

    grading_partner_trend = fields.Selection(
        related="grading_partner_profile_id.trend", string="Last Change of the Customer Grade", groups=SELLERS
    )

    def _compute_grading_profile_id(self):
        profiles = self.env["grading.profile"]._of_leads(self._origin).sudo()
        by_lead = {profile.lead_id.id: profile.id for profile in profiles}
        for lead in self:
            lead.grading_profile_id = by_lead.get(lead._origin.id, False)

    @api.model
    def _grading_profile_on(self, alias, coalias, query):
        return SQL("%s = %s", SQL.identifier(coalias, "lead_id"), SQL.identifier(alias, "id"))

    def _grading_profiles(self, create=False):
        return self.env["grading.profile"]._of_leads(self, create=create)

    @api.model
    def _grading_schemes(self):
        return super()._grading_schemes().filtered(lambda scheme: scheme.subject == "lead")

    def _grading_default_reason(self):
        return self.env._("Set directly on the lead")

    def _grading_override_defaults(self):
        return {"default_lead_ids": self.ids}

    def _grading_companies(self):
        """The company that grades each lead: its own, or the first company for a lead without one.

        :rtype: dict[crm.lead, res.company]
        """
        first = self.company_id.browse() if all(lead.company_id for lead in self) else self._grading_first_company()
        return {lead: lead.company_id or first for lead in self}

    def _grading_customers(self):
        """The contacts that may be graded through these leads, as pairs of contact and company."""
        companies = self.sudo()._grading_companies()
        return {(lead.partner_id, company) for lead, company in companies.items() if lead.partner_id}

    def _grading_by_company(self):
        return self.grouped(self._grading_companies().get)

    @api.model
    def _grading_first_company(self):
        return self.env["res.company"].browse(self._grading_first_company_id())

    @api.model
    @tools.ormcache()
    def _grading_first_company_id(self):
        return self.env["res.company"].sudo().search([("active", "=", True)], order="id", limit=1).id

    # ------------------------------------------------------------
    # Merge and conversion
    # ------------------------------------------------------------

    def _merge_get_fields_specific(self):
        return {
            **super()._merge_get_fields_specific(),
            "willingness": lambda _name, leads: max((w for w in leads.mapped("willingness") if w), default=False),
        }

    def _merge_dependences(self, opportunities):
        """The remaining lead takes over the history, and the better of the overrides."""
        res = super()._merge_dependences(opportunities)
        self.env["grading.profile"]._of_leads(opportunities)._merge_into_lead(self)
        return res

    # ------------------------------------------------------------
    # What an open lead is: neither archived, won nor lost (Odoo calls it *ongoing*)
    # ------------------------------------------------------------

    @api.model
    def _grading_open_domain(self, lead=""):
        """Whether a lead is open, as a domain.

        :param str lead: the path to the lead, with its dot, on models that link to one: ``lead_id.``
        :rtype: odoo.fields.Domain
        """
        return Domain(f"{lead}active", "=", True) & Domain(f"{lead}won_status", "=", "pending")

    def _grading_open(self):
        """Those of these leads that are open.

        :rtype: crm.lead
        """
        return self.filtered(lambda lead: lead.active and lead.won_status == "pending")

    @api.model
    def _grading_is_open_to_sql(self, alias):
        """Whether the row ``alias`` of the leads is open: ``"lead"."active" AND "lead"."won_status" = 'pending'``.

        :param str alias: what the query calls the table
        :rtype: odoo.tools.SQL
        """
        active, won_status = (
            SQL.identifier(alias, name, to_flush=self._fields[name]) for name in ("active", "won_status")
        )
        return SQL("%s AND %s = 'pending'", active, won_status)

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL


class GradingProspectAccessMixin(models.AbstractModel):
    """A row with figures that stand, or once stood, on a profile: they are visible with the lead behind them, too.

    What is known of a prospect comes from their best lead, so the row is as visible as the profile is today. Which lead
    it was when the row was written is not remembered: a row about a prospect is visible to the users who may see each
    lead of theirs in that company, whatever has become of it, and so is one without a profile.
    """

    _name = "grading.prospect.access.mixin"
    _inherit = ["grading.figures.access.mixin"]
    _description = "Visible with the Lead of the Prospect"

    @api.model
    def _visible_figures_domain(self):
        Profile = self.env["grading.profile"]
        visible = super()._visible_figures_domain()
        if Profile._sees_all_leads():
            return visible
        no_profile = Domain("profile_id", "=", False)
        through_profile = no_profile | Domain("profile_id", "any", Profile._visible_leads_behind())
        no_prospect = Domain("partner_id", "=", False) | ~self._prospects_domain()
        return visible & through_profile & (no_prospect | self._without_hidden_leads())

    @api.model
    def _prospects_domain(self):
        """The rows of customers that were, or may have been, graded through a lead."""
        return Domain("scheme_id.subject", "=", "lead")

    @api.model
    def _without_hidden_leads(self):
        """The rows of customers with no lead, in the row's company or in none, that is hidden from the user.

        ``NOT EXISTS (SELECT FROM res_partner AS contact JOIN crm_lead AS hidden ON … WHERE hidden.id NOT IN (…) …)``
        """
        Lead, hidden = self.env["crm.lead"].with_context(active_test=False), SQL("TRUE")
        if Lead.has_access("read"):
            hidden = SQL("hidden.id NOT IN %s", Lead._search(Domain.TRUE).subselect())
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                """
                NOT EXISTS (
                    SELECT FROM res_partner AS contact
                      JOIN crm_lead AS hidden ON hidden.partner_id = contact.id
                     WHERE contact.commercial_partner_id = %(customer)s AND %(hidden)s
                       AND (hidden.company_id IS NULL OR hidden.company_id = %(company)s)
                )
                """,
                customer=model._field_to_sql(alias, "partner_id", query),
                company=model._field_to_sql(alias, "company_id", query),
                hidden=hidden,
            )
        )

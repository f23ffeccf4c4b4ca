from odoo import api, models
from odoo.tools import SQL


class GradingPopulation(models.AbstractModel):
    """Which leads a company judges: all active ones, those won included; a lead of no company belongs to the first.

    A lead that is archived, and so a lost one, keeps the profile that it had.
    """

    _inherit = "grading.population"

    @api.model
    def _leads(self, leads):
        """A table expression ``(id)`` of the leads in question.

        :param crm.lead leads: ``None`` for all
        """
        return SQL("crm_lead") if leads is None else SQL("(SELECT id FROM crm_lead WHERE id = ANY(%s))", leads.ids)

    @api.model
    def _lead_is_ours(self):
        """Whether ``lead`` is judged by the current company."""
        company = self.env.company
        if company == self.env["crm.lead"]._grading_first_company():
            return SQL("(lead.company_id = %s OR lead.company_id IS NULL)", company.id)
        return SQL("lead.company_id = %s", company.id)

    @api.model
    def _select_leads(self, leads, broken):
        """``SELECT lead_id`` of the leads to judge in the current company.

        :param odoo.tools.SQL leads: see :meth:`_leads`
        :param grading.scheme broken: schemes that can not be used now: their leads stay as they are
        """
        return SQL(
            """
            SELECT lead.id AS lead_id
              FROM %(leads)s AS self
              JOIN crm_lead AS lead ON lead.id = self.id
         LEFT JOIN grading_profile AS profile ON profile.lead_id = lead.id
             WHERE lead.active AND %(ours)s AND profile.scheme_id = ANY(%(broken)s) IS NOT TRUE
            """,
            leads=leads,
            ours=self._lead_is_ours(),
            broken=broken.ids,
        )

    @api.model
    def _tidy_leads(self, leads):
        """Before measuring: the profile and history of a lead that has come from another company come along."""
        moved = self.env.execute_query(
            SQL(
                """
                UPDATE grading_profile AS profile SET company_id = %(company)s
                  FROM %(leads)s AS self JOIN crm_lead AS lead ON lead.id = self.id
                 WHERE profile.lead_id = lead.id AND profile.company_id <> %(company)s AND %(ours)s
             RETURNING profile.id
                """,
                company=self.env.company.id,
                leads=leads,
                ours=self._lead_is_ours(),
            )
        )
        if moved:
            self.env.execute_query(
                SQL(
                    "UPDATE grading_history SET company_id = %s WHERE profile_id = ANY(%s) RETURNING id",
                    self.env.company.id,
                    [profile_id for [profile_id] in moved],
                )
            )

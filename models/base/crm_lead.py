from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL


class CrmLead(models.Model):
    """What an open lead is: neither archived nor won nor lost; Odoo calls it *ongoing*."""

    _inherit = "crm.lead"

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

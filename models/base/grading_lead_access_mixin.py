from odoo import api, fields, models
from odoo.fields import Domain
from odoo.orm.models import NO_ACCESS

from .context import opened_in
from .guarded import guarded


class GradingLeadAccessMixin(models.AbstractModel):
    """A row about a customer or lead; that about a lead is visible to the users who may see the lead, whatever the
    record rules on leads are.

    Record rules are evaluated as superuser and could not apply those on leads, so access is checked in ``_search`` and
    ``_check_access``, as Odoo does for messages and activities.
    """

    _name = "grading.lead.access.mixin"
    _description = "Visible with its Lead"

    is_in_every_company = fields.Boolean(
        string="Seen in Every Company",
        compute="_compute_is_in_every_company",
        compute_sudo=True,
        search="_search_is_in_every_company",
        exportable=False,
        groups=NO_ACCESS,  # for record rules
        help="A lead of no company is seen in each.",
    )

    @api.depends("lead_id.company_id")
    def _compute_is_in_every_company(self):
        for row in self:
            row.is_in_every_company = bool(row.lead_id) and not row.lead_id.company_id

    @api.model
    def _search_is_in_every_company(self, operator, value):
        """By a subquery, which the database asks only for rows of none of the companies at hand. A path through the
        lead would join all leads to each query on customers.
        """
        if operator != "in":
            return NotImplemented
        leads = self.env["crm.lead"].sudo()._search([("company_id", "=", False)], active_test=False)
        return Domain("lead_id", "in", leads)

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs):
        if not self.env.su and not bypass_access:
            domain = Domain(domain) & self._visible_leads_domain()
        return super()._search(domain, offset, limit, order, bypass_access=bypass_access, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or not any(self._ids):
            return result
        forbidden = result[0] if result else self.browse()
        about_leads = (self - forbidden).sudo().filtered("lead_id")
        leads = about_leads.lead_id.with_env(self.env)
        hidden = leads - leads._filtered_access("read")
        hidden_rows = about_leads.filtered(lambda row: row.lead_id.id in hidden.ids).with_env(self.env)
        if not hidden_rows:
            return result
        forbidden += hidden_rows
        return forbidden, lambda: self.env["ir.rule"]._make_access_error(operation, forbidden)

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """In a list, a click on a row opens what it is about, unless the view says otherwise."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "list" and not arch.get("action"):
            arch.set("action", "action_open")
            arch.set("type", "object")
        return arch, view

    @api.readonly
    @guarded(one=True)
    def action_open(self):
        """Open the customer or lead that the row is about."""
        return opened_in(self._subject().get_formview_action(), self.company_id)

    def _subject(self):
        """The customer or lead.

        :rtype: res.partner or crm.lead
        """
        self.ensure_one()
        return self.lead_id or self.partner_id

    @api.model
    def _visible_leads_domain(self):
        no_lead = Domain("lead_id", "=", False)
        Lead = self.env["crm.lead"].with_context(active_test=False)
        if not Lead.has_access("read"):
            return no_lead
        return no_lead | Domain("lead_id", "in", Lead._search(Domain.TRUE))

from odoo import api, models
from odoo.fields import Domain


class GradingFiguresAccessMixin(models.AbstractModel):
    """A row with figures of a customer is visible to the users who may see the documents that the figures come from.

    Users of their own documents see the figures of their own customers and of customers without a salesperson, as Odoo
    lets them see orders; users without access to orders see none. Which customers these are depends on rights on
    another model, so it is checked in ``_search`` and ``_check_access``, as in :class:`grading.lead.access.mixin`.
    """

    _name = "grading.figures.access.mixin"
    _description = "Visible with the Documents of the Customer"

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs):
        visible_figures = Domain.TRUE if self.env.su or bypass_access else self._visible_figures_domain()
        if not visible_figures.is_true():  # it may ask for fields that the user cannot
            domain = Domain(domain) & Domain(
                "id", "in", self.sudo().with_context(active_test=False)._search(visible_figures)
            )
        return super()._search(domain, offset, limit, order, bypass_access=bypass_access, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or not any(self._ids):
            return result
        visible_figures = self._visible_figures_domain()
        if visible_figures.is_true():
            return result
        forbidden = result[0] if result else self.browse()
        asked = (self - forbidden).sudo().with_context(active_test=False)
        hidden = asked - asked.search(Domain("id", "in", asked.ids) & visible_figures)
        if not hidden:
            return result
        forbidden += hidden.with_env(self.env)
        return forbidden, lambda: self.env["ir.rule"]._make_access_error(operation, forbidden)

    @api.model
    def _visible_figures_domain(self):
        """The rows that the user may see; extended by models that show more of them, or fewer."""
        return self._visible_documents_domain()

    @api.model
    def _visible_documents_domain(self):
        """The rows about customers whose documents the user may see; what is about no customer is left to other
        rules."""
        salespeople = self.env.user._grading_salespeople()
        if salespeople is None:
            return Domain.TRUE
        return Domain("partner_id", "=", False) | Domain("partner_id.user_id", "in", salespeople)

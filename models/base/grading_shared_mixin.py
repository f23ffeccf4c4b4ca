from odoo import api, models
from odoo.exceptions import AccessError, UserError

from .guarded import guarded


class GradingSharedMixin(models.AbstractModel):
    """A rule of one company, or of no company, and then of all: such a rule is changed only by users of all companies
    in which it decides something, those that have graded customers or leads.

    A user of some companies copies it for their own (:meth:`action_copy_for_company`).
    """

    _name = "grading.shared.mixin"
    _description = "Rule that Companies May Share"

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._check_shared()
        return rules

    def write(self, vals):
        self._check_shared()
        res = super().write(vals)
        self._check_shared()  # it may have become another company's, or all companies'
        return res

    def unlink(self):
        self._check_shared()
        return super().unlink()

    def update_field_translations(self, field_name, translations, source_lang=""):
        self._check_shared()
        return super().update_field_translations(field_name, translations, source_lang=source_lang)

    @api.model
    def _in_force(self, *domain):
        """The active rules of the current company, its own and the shared ones.

        :param domain: further conditions, as leaves of a domain
        """
        return self.search([("active", "=", True), ("company_id", "in", (False, self.env.company.id)), *domain])

    def _deciding_rules(self):
        """The rules that say for which companies these records are: themselves, or those that they are part of."""
        return self

    def _check_shared(self):
        """Check that the user is one of every company that these rules decide for.

        :raise AccessError: names the rule and the remedy
        """
        if self.env.su:
            return
        others = None
        for record in self.sudo():
            shared = [rule for rule in record._deciding_rules() if rule._is_shared()]
            if not shared:
                continue
            if others is None:
                others = self._other_graded_companies()
            if others:
                raise AccessError(shared[0].with_env(self.env)._shared_message())

    def _is_shared(self):
        return "company_id" not in self._fields or not self.company_id

    def _shared_message(self):
        name = self.sudo().display_name
        if "company_id" not in self._fields:
            return self.env._(
                "“%s” also holds in companies that you have no access to: ask a user of all companies to change it.",
                name,
            )
        return self.env._(
            "“%s” also holds in companies that you have no access to: choose “Copy for My Company” on its form and "
            "change the copy, or ask a user of all companies to change it.",
            name,
        )

    @api.model
    def _other_graded_companies(self):
        """The companies that the user has no access to and that have graded customers or leads.

        :rtype: res.company
        """
        others = [("active", "=", True), ("id", "not in", self.env.user.company_ids.ids)]
        companies = self.env["res.company"].sudo().search(others)
        Profile = self.env["grading.profile"].sudo()
        return companies.filtered(lambda company: Profile.search_count([("company_id", "=", company.id)], limit=1))

    @guarded(one=True)
    def action_copy_for_company(self):
        """Open a copy that belongs to the current company alone: archived, until it has been changed, and before the
        shared rule where the first one counts."""
        if "company_id" not in self._fields:
            raise UserError(self.env._("“%s” cannot belong to one company alone.", self.display_name))
        company = self.env.company
        name = self.env._("%(rule)s (%(company)s)", rule=self.name, company=company.name)
        values = {"company_id": company.id, "name": name, "active": False, "sequence": self.sequence - 1}
        rule = self.copy(values)
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": rule.id,
            "views": [(False, "form")],
            "name": name,
        }

from odoo import models


class ResPartner(models.Model):
    """The contact persons of a customer get a new owner together with the customer."""

    _name = "res.partner"
    _inherit = ["res.partner", "grading.owned.mixin"]

    def _grading_follow(self):
        """Customers and prospects belong to no team: any of the company may assign them, or have them in its pool."""
        companies = {company_id for company_id, _has_pool in self.env["crm.team"]._grading_owner_rules().values()}
        if companies.isdisjoint((False, self.env.company.id)):
            return self.sudo().browse()
        graded = self.env["grading.profile"].sudo().search([("partner_id", "in", self.ids)])
        return graded.partner_id

    def _grading_hand_over(self, user):
        self._grading_persons_of_owner().with_context(grading_hand_over=True).user_id = user
        return super()._grading_hand_over(user)

    def _grading_persons_of_owner(self):
        """The contacts of these customers, archived ones included, with the same salesperson, or without one as well.

        :rtype: res.partner
        """
        persons = self.sudo().with_context(active_test=False).browse()
        for owner, customers in self.grouped("user_id").items():
            of_customers = [("commercial_partner_id", "in", customers.ids), ("id", "not in", customers.ids)]
            persons += persons.search([*of_customers, ("user_id", "=", owner.id)])
        return persons

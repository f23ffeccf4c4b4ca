from odoo import models


class ResPartner(models.Model):
    """The contact persons of a customer change hands with him."""

    _inherit = "res.partner"

    def _grading_hand_over(self, user):
        persons = self._grading_persons_of_owner()
        super()._grading_hand_over(user)
        persons.with_context(grading_hand_over=True).user_id = user

    def _grading_persons_of_owner(self):
        """The contacts of these customers, archived ones included, who have the same salesperson, or none either."""
        persons = self.sudo().with_context(active_test=False).browse()
        for owner, customers in self.grouped("user_id").items():
            of_customers = [("commercial_partner_id", "in", customers.ids), ("id", "not in", customers.ids)]
            persons += persons.search([*of_customers, ("user_id", "=", owner.id)])
        return persons

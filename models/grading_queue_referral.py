from odoo import api, models


class GradingQueue(models.Model):
    _inherit = "grading.queue"

    @api.model
    def _with_others(self, pairs):
        """Whoever referred a customer that changed is judged too: what the customer buys counts for him."""
        pairs = super()._with_others(pairs)
        partners = self.env["res.partner"].sudo().browse({partner for partner, _company in pairs}).exists()
        customers = {partner.id: partner.commercial_partner_id for partner in partners}
        referred = partners._grading_referred_family().grouped("commercial_partner_id")
        return pairs | {
            (referrer.id, company)
            for partner, company in pairs
            for referrer in referred.get(customers.get(partner), partners.browse()).referred_by_id
        }

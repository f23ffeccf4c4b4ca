from odoo import api, models


class GradingQueue(models.Model):
    _inherit = "grading.queue"

    @api.model
    def _enqueue(self, pairs):
        """Whoever referred a customer that changed is asked for too: what the customer buys counts for him."""
        pairs = {(partner, company) for partner, company in pairs if partner and company}
        return super()._enqueue(pairs | self._referrer_pairs(pairs))

    @api.model
    def _referrer_pairs(self, pairs):
        """The direct referrers of the partners' customers, with the same companies.

        :param set pairs: ``{(partner, company)}``
        :rtype: set[tuple]
        """
        partners = self.env["res.partner"].union(*(partner for partner, _company in pairs)).sudo()
        referred = partners._grading_referred_family().grouped("commercial_partner_id")
        return {
            (referrer, company)
            for partner, company in pairs
            for referrer in referred.get(partner.sudo().commercial_partner_id, partners.browse()).referred_by_id
        }

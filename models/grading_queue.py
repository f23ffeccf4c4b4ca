from odoo import api, fields, models


class GradingQueue(models.Model):
    """A customer that has changed since he was judged. Lines are only added and taken, so saves never collide here."""

    _name = "grading.queue"
    _description = "Customers to Rescore"

    partner_id = fields.Many2one("res.partner", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", index=True)

    @api.model
    def _enqueue(self, pairs):
        """Ask for a rescoring soon, in the background.

        :param pairs: iterable of ``(partner, company)``
        """
        pairs = {(partner.id, company.id) for partner, company in pairs if partner and company}
        if not pairs:
            return
        self.sudo().create([{"partner_id": partner, "company_id": company} for partner, company in sorted(pairs)])
        # A save must not fail because somebody has deleted the scheduled action.
        if cron := self.env.ref("customer_grading.ir_cron_rescore_queue", raise_if_not_found=False):
            cron.sudo()._trigger()

    @api.model
    def _enqueue_everywhere(self, partners):
        """Ask for a rescoring in every company where the partners' commercial entities have a profile.

        :return: these companies
        """
        profiles = self.env["grading.profile"].sudo().search([("partner_id", "in", partners._grading_family())])
        self._enqueue((profile.partner_id, profile.company_id) for profile in profiles)
        return profiles.company_id

from odoo import api, fields, models


class GradingQueue(models.Model):
    """A customer or a lead that has changed since it was judged.

    Lines are only added and taken, so saves never collide here.
    """

    _name = "grading.queue"
    _description = "Customers and Leads to Rescore"

    partner_id = fields.Many2one("res.partner", ondelete="cascade")
    lead_id = fields.Many2one("crm.lead", ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", index=True)

    _one_subject = models.Constraint(
        "CHECK (num_nonnulls(partner_id, lead_id) = 1)", "A line of the queue is about one customer or one lead."
    )

    @api.model
    def _enqueue(self, pairs):
        """Ask for a rescoring of customers soon, in the background.

        :param pairs: iterable of ``(partner, company)``
        """
        pairs = {(partner.id, company.id) for partner, company in pairs if partner and company}
        self._add([{"partner_id": partner, "company_id": company} for partner, company in sorted(pairs)])

    @api.model
    def _enqueue_leads(self, leads):
        """Ask for a rescoring of leads, and of their customers, soon, in the background.

        :param crm.lead leads: in the company that grades each
        """
        companies = leads.sudo()._grading_companies()
        self._add([{"lead_id": lead.id, "company_id": company.id} for lead, company in companies.items()])

    @api.model
    def _add(self, lines):
        if not lines:
            return
        self.sudo().create(lines)
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

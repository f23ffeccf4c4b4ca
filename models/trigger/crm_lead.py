from odoo import api, models, tools


class CrmLead(models.Model):
    """A lead that changes: it is scored again with its customer, and so is the customer who referred it."""

    _inherit = "crm.lead"

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        Queue = self.env["grading.queue"]
        Queue._enqueue_leads(leads)
        Queue._enqueue_everywhere(leads.sudo().referred_by_id)
        return leads

    def write(self, vals):
        watched = vals.keys() & self._grading_watched_fields()
        refers = self._grading_referral_fields() & vals.keys()
        if not watched and not refers:
            return super().write(vals)
        former = self._grading_customers() if watched else set()
        referrers = self.sudo().referred_by_id if refers else self.env["res.partner"]
        res = super().write(vals)
        Queue = self.env["grading.queue"]
        if watched:
            self._grading_enqueue_left(former)
            Queue._enqueue_leads(self)
        if refers:
            Queue._enqueue_everywhere(referrers | self.sudo().referred_by_id)
        return res

    def _grading_enqueue_left(self, former):
        """The customers who were graded through these leads, and are no longer.

        :param set former: pairs of contact and company, see :meth:`_grading_customers`
        """
        current = self._grading_customers()
        if left := former - current:
            customers = {(contact.commercial_partner_id, company) for contact, company in current}
            self.env["grading.queue"]._enqueue(
                pair for pair in left if (pair[0].commercial_partner_id, pair[1]) not in customers
            )

    def unlink(self):
        former = self._grading_customers()
        Queue = self.env["grading.queue"]
        Queue._enqueue_everywhere(self.sudo().referred_by_id)
        res = super().unlink()
        Queue._enqueue(former)
        return res

    def _compute_probabilities(self):
        """Odoo computes the probability anew after changes that do not pass through :meth:`write`."""
        stored = self.filtered(lambda lead: isinstance(lead.id, int))
        former = {lead: lead.automated_probability for lead in stored}
        res = super()._compute_probabilities()
        self.env["grading.queue"]._enqueue_leads(
            stored.filtered(lambda lead: lead.automated_probability != former[lead])
        )
        return res

    @api.model
    @tools.ormcache()
    def _grading_watched_fields(self):
        """Names of the lead's fields that the measures or an active rule's filter read.

        :rtype: frozenset[str]
        """
        return self._grading_measured_fields().union(*(rules._lead_fields() for rules in self._grading_rules()))

    @api.model
    def _grading_measured_fields(self):
        """Names of the lead's own fields that the measures read; the salesperson decides on the team, and so on the
        stages that the lead passes.

        :rtype: frozenset[str]
        """
        return frozenset(
            {
                "active",
                "company_id",
                "date_closed",
                "date_deadline",
                "expected_revenue",
                "partner_id",
                "automated_probability",
                "probability",
                "stage_id",
                "team_id",
                "type",
                "user_id",
                "willingness",
            }
        )

    @api.model
    def _grading_referral_fields(self):
        """Names of the fields that decide whether a lead counts as a referral, and for which customer.

        :rtype: set[str]
        """
        return {"referred_by_id", "partner_id", "active", "company_id"}

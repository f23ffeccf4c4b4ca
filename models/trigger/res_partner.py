import itertools

from odoo import api, models, tools
from odoo.fields import Domain


class ResPartner(models.Model):
    """A contact that changes: its customer is scored again, and so are those who referred the customer."""

    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners._grading_enqueue_new()
        self.env["grading.queue"]._enqueue_everywhere(partners.sudo().referred_by_id)
        return partners

    def write(self, vals):
        watched = vals.keys() & self._grading_watched_fields()
        refers = bool(self._grading_referral_fields() & vals.keys())
        if not watched and not refers:
            return super().write(vals)
        Queue = self.env["grading.queue"]
        moved = self if self._grading_family_fields() & watched else self.browse()
        referrers = self._grading_referrers(refers)
        companies = Queue._enqueue_everywhere(moved)
        res = super().write(vals)
        Queue._enqueue_everywhere(referrers | self._grading_referrers(refers))
        if watched:
            Queue._enqueue_everywhere(self)
        # The customer whose documents these are now may have no profile yet.
        Queue._enqueue(itertools.product(moved.sudo().commercial_partner_id, companies))
        if watched & self._grading_customer_fields():
            self._grading_enqueue_new()
        return res

    def unlink(self):
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        freed = leads.search(Domain("partner_id", "in", self.ids) & Domain("referred_by_id", "!=", False))
        referrers = self._grading_referrers() | freed.referred_by_id
        self.env["grading.queue"]._enqueue_everywhere(self | referrers)
        return super().unlink()

    def _grading_referrers(self, wanted=True):
        """The referrers of these customers; none unless they are ``wanted``."""
        return self._grading_referred_family().referred_by_id if wanted else self.sudo().browse()

    def _grading_enqueue_new(self):
        """Have contacts scored that are marked as customers, or as willing to buy, whether they have documents or
        not."""
        names = self._grading_customer_fields()
        new = self.sudo().filtered(lambda partner: any(partner[name] for name in names))
        self.env["grading.queue"]._enqueue(
            (partner.commercial_partner_id, partner.company_id or self.env.company) for partner in new
        )

    @api.model
    @tools.ormcache()
    def _grading_watched_fields(self):
        """Names of the contact's fields that the measures or an active rule's filter read; with one that is computed on
        the fly, those that it is computed from.

        :rtype: frozenset[str]
        """
        names = self._grading_measured_fields().union(*(rules._partner_fields() for rules in self._grading_rules()))
        computed = [self._fields[name] for name in names if name in self._fields and not self._fields[name].store]
        depends = self.env.registry.field_depends
        return names.union(path.partition(".")[0] for field in computed for path in depends[field])

    @api.model
    def _grading_measured_fields(self):
        """Names of the contact's own fields that the measures read, and those that decide whether it is a customer, and
        of which company.

        :rtype: frozenset[str]
        """
        return frozenset(
            {
                "parent_id",
                "is_company",
                "active",
                "company_id",
                "customer_rank",
                "annual_budget",
                "brand_contribution",
                "willingness",
            }
        )

    @api.model
    def _grading_family_fields(self):
        """Names of the fields that decide which customer a contact's documents belong to.

        :rtype: set[str]
        """
        return {"parent_id", "is_company"}

    @api.model
    def _grading_customer_fields(self):
        """Names of the fields that make a customer of a contact without documents.

        :rtype: set[str]
        """
        return {"customer_rank", "willingness"}

    @api.model
    def _grading_referral_fields(self):
        """Names of the fields that decide for which customer a referral counts.

        :rtype: set[str]
        """
        return {"referred_by_id", "parent_id", "is_company", "active", "company_id"}

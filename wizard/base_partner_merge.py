from odoo import api, models

from ..models.base.context import ByServer


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging contacts keeps what is known of each of them: tags, changes of owner, grades and referrals.

    Odoo moves the keys by SQL, table by table, and where a row collides with one of the contact that stays it deletes
    all rows of the contacts that go. What may collide is put together before; what only shows once everything points at
    one contact is mended after.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_values(self, src_partners, dst_partner):
        """The budget is kept, whether or not the user who merges them sees it."""
        whole = {"grading_whole_budget": ByServer.YES}
        return super()._update_values(src_partners.with_context(**whole), dst_partner.with_context(**whole))

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        self._grading_merge_tags(src_partners, dst_partner)
        self._grading_withdraw_warnings(src_partners)
        companies = self._grading_merge_profiles(src_partners, dst_partner)
        self.env["grading.snapshot"].sudo()._merge("partner_id", src_partners.ids, dst_partner.id)
        self._grading_merge_cases(src_partners)
        res = super()._update_foreign_keys(src_partners, dst_partner)
        kept = self.env["grading.profile"].sudo().search([("partner_id", "=", dst_partner.id)])
        self.env["grading.play.case"].sudo()._link_to(kept.ids)
        self.env["grading.queue"]._enqueue((dst_partner, company) for company in companies)
        self._grading_merge_referrers(src_partners, dst_partner)
        return res

    @api.model
    def _grading_merge_tags(self, src_partners, dst_partner):
        """Give the contact that stays the tags of the others, with the reason for each.

        First of all: a profile that goes takes the tags with it that rules gave for it.
        """
        dst_partner._grading_merge_tags(src_partners)
        self.env.flush_all()  # the profiles look for these tags by SQL

    @api.model
    def _grading_withdraw_warnings(self, src_partners):
        """Withdraw the open warnings of the contacts that go; the one that stays keeps its own.

        Before the keys are moved: a customer has one open warning at most, and for a second one Odoo would delete the
        history of owners of all who go. Tags and profiles do not matter to it.
        """
        src_partners._grading_moves().filtered("is_open")._withdraw()
        self.env.flush_all()

    @api.model
    def _grading_merge_profiles(self, src_partners, dst_partner):
        """Put the grades, their history and overrides together, company by company.

        After the tags have moved on, and before the keys are moved: a customer has one profile in a company, and Odoo
        would delete the profiles of the others.

        What was put aside of them counts as well: they turn out to be one customer. Where the contact that stays is
        none of its own, the next rescoring puts all of it aside again.

        :return: the companies that have to score the contact that stays again, once the keys are moved
        """
        merged = src_partners | dst_partner
        self.env["grading.profile.aside"].sudo().search([("partner_id", "in", merged.ids)])._take_back()
        sources = self.env["grading.profile"].sudo().search([("partner_id", "in", src_partners.ids)])
        companies = sources.company_id
        sources._merge_into(dst_partner)
        self.env.flush_all()
        return companies

    @api.model
    def _grading_merge_cases(self, src_partners):
        """Starts of plays for contacts who are not graded are no longer counted: the next one goes by the number of the
        contact that stays, and where both have the same Odoo would delete them."""
        ungraded = [("partner_id", "in", src_partners.ids), ("profile_id", "=", False)]
        self.env["grading.play.case"].sudo().search(ungraded)._count_no_more()

    @api.model
    def _grading_merge_referrers(self, src_partners, dst_partner):
        """Settle who referred the contact that stays, and have its referrals counted again.

        After the keys are moved: only then all that the others referred point at this contact, and circles show.
        """
        self.env.invalidate_all()  # the keys were moved behind the cache's back
        dst_partner._grading_merge_referrers(src_partners)
        self.env["grading.queue"]._enqueue_everywhere(dst_partner)
        self.env.flush_all()

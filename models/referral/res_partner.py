from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.fields import ALL_FIGURES, INTERNAL, SELLERS, ProfileInteger, ProfileMonetary
from ..base.guarded import guarded


class ResPartner(models.Model):
    """The customer who referred this contact.

    A referral counts between customers (commercial entities). Referrals must form no cycle, which is checked when a
    referrer is noted; a contact may change firms later, and the measures leave out what has become a referral within
    one firm.
    """

    _inherit = "res.partner"

    referred_by_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        copy=False,
        groups=INTERNAL,
        help="The customer, or a contact of the customer, who referred this contact.",
    )
    grading_referred_ids = fields.One2many("res.partner", "referred_by_id", string="Has Referred", groups=INTERNAL)
    grading_referral_count = ProfileInteger(
        related="grading_figures_id.referral_count",
        string="Referred Customers",
        groups=SELLERS,
        aggregator="sum",
        help="Customers and leads that are not lost that this customer has referred, as of the last rescoring. "
        "It is measured when a rule in use asks for it.",
    )
    grading_referral_amount = ProfileMonetary(
        related="grading_figures_id.referral_amount",
        string="Amount of Referred Customers",
        currency_field="grading_currency_id",
        groups=ALL_FIGURES,
        aggregator="sum",
        help="What the customers that this one has referred have bought, as of the last rescoring. "
        "It is measured when a rule in use asks for it.",
    )
    grading_referred_partner_count = fields.Integer(
        string="Referrals", compute="_compute_grading_referred_partner_count", groups=INTERNAL
    )
    grading_referred_lead_count = fields.Integer(
        string="Referred Leads",
        compute="_compute_grading_referred_lead_count",
        groups="sales_team.group_sale_salesman",
    )

    def _compute_grading_referred_partner_count(self):
        counts = self._grading_count_referred("res.partner")
        for partner in self:
            partner.grading_referred_partner_count = counts.get(partner._origin.id, 0)

    def _compute_grading_referred_lead_count(self):
        counts = self._grading_count_referred("crm.lead")
        for partner in self:
            partner.grading_referred_lead_count = counts.get(partner._origin.id, 0)

    def _grading_count_referred(self, model):
        """How many records of ``model`` that the user sees name these contacts, or contacts below them, as referrer.

        :return: ``{partner id: number}``
        """
        counts = dict.fromkeys(self._origin.ids, 0)
        below = self._origin._fetch_children_partners_for_hierarchy()
        groups = self.env[model]._read_group([("referred_by_id", "in", below.ids)], ["referred_by_id"], ["__count"])
        for referrer, count in groups:
            above = referrer
            while above:
                if above.id in counts:
                    counts[above.id] += count
                above = above.parent_id
        return counts

    # ------------------------------------------------------------
    # No cycles
    # ------------------------------------------------------------

    @api.constrains("referred_by_id")
    def _check_referred_by_id(self):
        for partner in self.sudo().filtered("referred_by_id"):
            referrer = partner.referred_by_id
            customer = partner.commercial_partner_id
            names = {"contact": partner.display_name, "referrer": referrer.display_name, "customer": customer.name}
            if referrer.commercial_partner_id == customer:
                raise ValidationError(
                    self.env._(
                        "%(contact)s cannot be referred by %(referrer)s: both belong to the customer %(customer)s. "
                        "Choose a contact of another customer, or leave “Referred By” empty.",
                        **names,
                    )
                )
            if closing := partner._grading_referral_cycle(referrer):
                raise ValidationError(
                    self.env._(
                        "%(contact)s cannot be referred by %(referrer)s: the chain of referrals leads back to "
                        "%(customer)s, who referred %(closing)s. "
                        "Choose another referrer, or first empty “Referred By” of %(closing)s.",
                        **names,
                        closing=closing.display_name,
                    )
                )

    def _grading_referral_cycle(self, referrer):
        """The contact at which a referral of this customer by ``referrer`` would close a cycle: one of the referrer's
        customer, or further up the chain, that was referred by this customer; empty when there is none.

        :rtype: res.partner
        """
        self.ensure_one()
        own = self.sudo().commercial_partner_id
        frontier = seen = referrer.sudo().commercial_partner_id
        while frontier:
            if own & frontier:
                return referrer
            referred = frontier._grading_referred_family()
            if closing := referred.filtered(lambda contact: contact.referred_by_id.commercial_partner_id == own):
                return closing[0]
            frontier = referred.referred_by_id.commercial_partner_id - seen
            seen |= frontier
        return frontier

    def _grading_referred_family(self):
        """The contacts of these customers, archived ones too, on whom a referrer is noted."""
        sudoed = self.sudo().with_context(active_test=False)
        return sudoed.search(
            Domain("commercial_partner_id", "in", sudoed.commercial_partner_id.ids)
            & Domain("referred_by_id", "!=", False)
        )

    # ------------------------------------------------------------
    # Where a referrer comes from besides the contact's own form
    # ------------------------------------------------------------

    def _grading_take_referrer(self, referrer, since):
        """Note ``referrer`` on this contact's customer if the customer is new: without a referrer on any contact, and
        without a purchase before ``since``. A referrer that would close a cycle is left out in silence: linking a lead
        to a customer must not fail for it.

        :param res.partner referrer:
        :param datetime.datetime since: when the lead came in that names the referrer
        """
        customer = self.sudo().commercial_partner_id
        known = customer._grading_referred_family()
        if known or customer._grading_referral_cycle(referrer) or customer._grading_has_bought(since):
            return
        customer.referred_by_id = referrer

    def _grading_has_bought(self, before):
        """Whether anything was bought from any of our companies before a moment."""
        self.env.flush_all()
        companies = self.env["res.company"].sudo().search([("active", "in", (True, False))])
        return any(self._grading_has_bought_from(company, before) for company in companies)

    def _grading_has_bought_from(self, company, before):
        """Whether anything was bought from one company before a moment, ordered or invoiced."""
        moment = company._grading_local(before).replace(tzinfo=None)
        Measure = self.env["grading.measure"].sudo().with_company(company)
        contacts = self.env["grading.population"]._contacts(self)
        purchases = (Measure._purchases(moment.date(), contacts, counted) for counted in ("order", "invoice"))
        found = SQL(
            "SELECT FROM (%s) AS purchase WHERE purchase.is_order AND COALESCE(purchase.moment, purchase.day) < %s",
            SQL(" UNION ALL ").join(purchases),
            moment,
        )
        return self.env.execute_query(SQL("SELECT EXISTS (%s)", found))[0][0]

    def _grading_merge_referrers(self, sources):
        """Once everything points at this contact instead of ``sources``: keep its referrer, else take over theirs, and
        remove the referrals that have become cycles, so that the merge does not fail for them."""
        self.ensure_one()
        target, sources = self.sudo(), sources.sudo()
        candidates = target.referred_by_id.concat(*(source.referred_by_id for source in reversed(sources)))
        (target | sources).referred_by_id = False
        for contact in target._grading_referred_family():
            if contact._grading_referral_cycle(contact.referred_by_id):
                contact.referred_by_id = False
        usable = (referrer for referrer in candidates if not target._grading_referral_cycle(referrer))
        target.referred_by_id = next(usable, False)

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    @guarded(one=True)
    def action_grading_view_referred_partners(self):
        """The contacts that this one, or contacts below it, have referred."""
        return self._grading_referred_action("contacts.action_contacts", self.env._("Referrals of %s", self.name))

    @guarded(one=True)
    def action_grading_view_referred_leads(self):
        """The leads that name this contact, or contacts below it, as referrer."""
        return self._grading_referred_action("crm.crm_lead_all_leads", self.env._("Leads from %s", self.name))

    def _grading_referred_action(self, xmlid, title):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        below = self._fetch_children_partners_for_hierarchy()
        return {
            **action,
            "name": title,
            "display_name": title,
            "domain": [("referred_by_id", "in", below.ids)],
            "context": {"default_referred_by_id": self.id},
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
        }

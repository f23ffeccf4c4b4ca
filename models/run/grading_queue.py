from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# Where the requests of a transaction wait until it ends, in the data of its cursor.
PENDING = "customer_grading.queue"
# Where records that tell of a contact wait until the transaction ends, in the data of its cursor.
CONTACTS = "customer_grading.queue.contact"
# What tells which customers a record is about.
READS = {
    "res.partner": ["commercial_partner_id"],
    "sale.order": ["company_id", "partner_id"],
    "account.move": ["company_id", "partner_id"],
    "calendar.event": ["partner_ids", "res_id", "res_model"],
    "grading.profile": ["company_id", "partner_id"],
}
# By then a user who has a profile in hand is done with it.
POSTPONED = timedelta(minutes=1)
# Where the reasons of requests wait that the history will name, by customer and company, in the data of its cursor.
REASONS = "customer_grading.queue.reason"


class GradingQueue(models.Model):
    """A customer or a lead that has changed since it was scored.

    What a transaction asks for is written down once, when it ends: a save that touches a lead ten times asks once, and
    costs no query before. Lines are only added and taken, so saves never collide here.
    """

    _name = "grading.queue"
    _description = "Customers and Leads to Rescore"

    partner_id = fields.Many2one("res.partner", ondelete="cascade")
    lead_id = fields.Many2one("crm.lead", ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    reason = fields.Selection([("moved", "Contact changed company")], help="What the history says of a change.")

    # How the queue is emptied; see the scheduled action.
    _in_turn = models.Index("(company_id, id)")
    _one_subject = models.Constraint(
        "CHECK (num_nonnulls(partner_id, lead_id) = 1)", "A line of the queue is about one customer or one lead."
    )

    @api.model
    def _enqueue(self, pairs, reason=None):
        """Ask for a rescoring of customers soon, in the background.

        :param pairs: iterable of ``(partner, company)``
        :param str reason: what the history is to say of a change, one of the field's; of the customers themselves
        """
        requests = {(partner.id, company.id) for partner, company in pairs if partner and company}
        self._request("res.partner", requests)
        if reason:
            self.env.cr.precommit.data.setdefault(REASONS, {}).update(dict.fromkeys(requests, reason))

    @api.model
    def _enqueue_leads(self, leads):
        """Ask for a rescoring of leads, and of their customers, soon, in the background.

        :param crm.lead leads: in the company that grades each
        """
        self._request("crm.lead", leads.ids)

    @api.model
    def _postpone(self, profiles):
        """Ask for a rescoring of those whom ``profiles`` are about in a minute: a user is just writing them.

        :return: the lines
        :rtype: grading.queue
        """
        lines = self._create_lines(
            {(profile.partner_id.id, profile.company_id.id) for profile in profiles if profile.partner_id},
            profiles.lead_id.ids,
            {},
        )
        if lines:
            self._trigger(self.env.cr.now() + POSTPONED)
        return lines

    @api.model
    def _enqueue_everywhere(self, partners, reason=None):
        """Ask for a rescoring in every company where the partners' commercial entities have a profile.

        :return: these companies
        """
        domain = [("partner_id", "in", partners._grading_family())]
        profiles = self.env["grading.profile"].sudo().search_fetch(domain, ["partner_id", "company_id"])
        self._enqueue(((profile.partner_id, profile.company_id) for profile in profiles), reason)
        return profiles.company_id

    @api.model
    def _enqueue_looked_after(self, users):
        """Ask for a rescoring of the customers and leads that these users look after, or whose contacts they make: they
        may be very many.

        :param res.users users:
        """
        if not users:
            return
        for model, names in {
            "grading.profile": READS["grading.profile"] + ["lead_id"],
            "grading.care": ["profile_id", "user_id"],
            "res.partner": ["user_id"],
            "crm.lead": ["user_id"],
        }.items():
            self.env[model].flush_model(names)
        self.env.execute_query(
            SQL(
                """
                INSERT INTO grading_queue (partner_id, lead_id, company_id)
                SELECT profile.partner_id, profile.lead_id, profile.company_id
                  FROM grading_profile AS profile
                 WHERE profile.id IN (
                    SELECT own.id FROM grading_profile AS own JOIN res_partner AS customer
                           ON customer.id = own.partner_id WHERE customer.user_id = ANY(%(users)s)
                 UNION ALL
                    SELECT own.id FROM grading_profile AS own JOIN crm_lead AS lead
                           ON lead.id = own.lead_id WHERE lead.user_id = ANY(%(users)s)
                 UNION ALL
                    SELECT profile_id FROM grading_care WHERE user_id = ANY(%(users)s)
                 )
              ORDER BY profile.company_id, profile.id
                """,
                users=users.ids,
            )
        )
        if self.env.cr.rowcount:
            self._trigger()

    @api.model
    def _enqueue_contacts(self, model, ids):
        """Ask for a rescoring of the customers that these records are about, where they have a profile.

        :param str model: one of ``res.partner``, ``sale.order``, ``account.move`` and ``calendar.event``
        :param ids: iterable of ids
        """
        ids = set(ids) - {False}
        if not ids:
            return
        precommit = self.env.cr.precommit
        if CONTACTS not in precommit.data:
            precommit.data[CONTACTS] = defaultdict(set)
            precommit.add(self.sudo()._flush_requests)
        precommit.data[CONTACTS][model] |= ids

    @api.model
    def _waiting(self, domain=(), **options):
        """The lines that wait, those included that this very transaction has asked for.

        :param options: of ``search``
        :rtype: grading.queue
        """
        self.sudo()._flush_requests()
        return self.search(list(domain), **options)

    # ------------------------------------------------------------
    # The end of the transaction
    # ------------------------------------------------------------

    @api.model
    def _request(self, model, requests):
        if not requests:
            return
        precommit = self.env.cr.precommit
        if PENDING not in precommit.data:
            precommit.data[PENDING] = {"res.partner": set(), "crm.lead": set()}
            precommit.add(self.sudo()._flush_requests)
        precommit.data[PENDING][model].update(requests)

    @api.model
    def _flush_requests(self):
        """Turn what the transaction has asked for into lines; records that are gone by now are left out."""
        if records := self.env.cr.precommit.data.pop(CONTACTS, None):
            self._request("res.partner", self._customers_of(records))
        pending = self.env.cr.precommit.data.pop(PENDING, None)
        reasons = self.env.cr.precommit.data.pop(REASONS, {})
        if pending and self._create_lines(pending["res.partner"], pending["crm.lead"], reasons):
            self._trigger()

    @api.model
    def _create_lines(self, pairs, lead_ids, reasons):
        """Lines for customers and leads; what is gone by now is left out.

        :param set pairs: ids ``{(partner, company)}``
        :param lead_ids: iterable of ids
        :param dict reasons: why, for the history, by such a pair
        """
        leads = self.env["crm.lead"].browse(sorted(lead_ids)).exists()
        lines = [{"lead_id": lead.id, "company_id": company.id} for lead, company in leads._grading_companies().items()]
        pairs = self._with_others(pairs)
        partners = set(self.env["res.partner"].browse({partner for partner, _company in pairs}).exists().ids)
        companies = set(self.env["res.company"].browse({company for _partner, company in pairs}).exists().ids)
        lines += [
            {"partner_id": partner, "company_id": company, "reason": reasons.get((partner, company))}
            for partner, company in sorted(pairs)
            if partner in partners and company in companies
        ]
        return self.create(lines)

    @api.model
    def _trigger(self, at=None):
        """Have the queue emptied; a save must not fail because the scheduled action was deleted."""
        if cron := self.env.ref("customer_grading.ir_cron_rescore_queue", raise_if_not_found=False):
            cron.sudo()._trigger(at)

    @api.model
    def _with_others(self, pairs):
        """The customers to score, and those who referred them: what a customer buys counts for the referrer.

        :param set pairs: ids ``{(partner, company)}``
        :rtype: set
        """
        partners = self.env["res.partner"].browse({partner for partner, _company in pairs}).exists()
        customers = {partner.id: partner.commercial_partner_id for partner in partners}
        referred = partners._grading_referred_family().grouped("commercial_partner_id")
        return pairs | {
            (referrer.id, company)
            for partner, company in pairs
            for referrer in referred.get(customers.get(partner), partners.browse()).referred_by_id
        }

    @api.model
    def _customers_of(self, records):
        """The customers that ``records`` are about, in each company where they have a profile.

        :param dict records: ids by model
        :return: ids ``{(partner, company)}``
        :rtype: set
        """
        for model, names in READS.items():
            self.env[model].flush_model(names)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT profile.partner_id, profile.company_id
                  FROM (
                    SELECT id AS contact_id, NULL::int AS company_id FROM res_partner WHERE id = ANY(%(partners)s)
                 UNION ALL
                    SELECT partner_id, company_id FROM sale_order WHERE id = ANY(%(orders)s)
                 UNION ALL
                    SELECT partner_id, company_id FROM account_move WHERE id = ANY(%(moves)s)
                 UNION ALL
                    SELECT res_partner_id, NULL FROM calendar_event_res_partner_rel
                     WHERE calendar_event_id = ANY(%(events)s)
                 UNION ALL
                    SELECT res_id, NULL FROM calendar_event WHERE id = ANY(%(events)s) AND res_model = 'res.partner'
                  ) AS touched
                  JOIN res_partner AS contact ON contact.id = touched.contact_id
                  JOIN grading_profile AS profile
                    ON profile.partner_id = contact.commercial_partner_id
                   AND profile.company_id = COALESCE(touched.company_id, profile.company_id)
                """,
                partners=list(records["res.partner"]),
                orders=list(records["sale.order"]),
                moves=list(records["account.move"]),
                events=list(records["calendar.event"]),
            )
        )
        return set(rows)

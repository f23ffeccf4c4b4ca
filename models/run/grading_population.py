from odoo import api, models
from odoo.tools import SQL

from ..measure.grading_measure_document import ALL_CONTACTS


class GradingPopulation(models.AbstractModel):
    """Which customers and leads have a grading profile in a company.

    That is every active commercial entity with an order or a ticket of the point of sale in any state, a customer
    invoice, a lead, a customer rank or a known willingness to buy; and every contact that has a profile already.
    Internal users and the companies' own contacts have none. A customer rank or willingness alone, which no company
    owns, counts in a company unless the customer's documents show that they belong to another one.

    Of leads, all active ones, those won included; a lead of no company belongs to the first company. A lead that is
    archived, and so a lost one, keeps the profile that it had.

    Where an earlier day is judged, those in question had become customers by then: a document is there from its own day
    or from the one on which it was entered, whichever is earlier. Whether a contact is active, one of us or willing is
    known of today only.
    """

    _name = "grading.population"
    _description = "Customers to Grade"

    @api.model
    def _scope(self, subject, records):
        """A table expression of the contacts whose documents count, or of the leads; ``None`` stands for all."""
        return self._leads(records) if subject == "lead" else self._contacts(records)

    @api.model
    def _tidy(self, subject, scope):
        """Before measuring: profiles follow the customers and leads that have changed places."""
        return self._tidy_leads(scope) if subject == "lead" else self._tidy_customers(scope)

    @api.model
    def _select(self, subject, scope, broken, day=None):
        """``SELECT`` of the key of those to score in the current company.

        :param odoo.tools.SQL scope: see :meth:`_scope`
        :param grading.scheme broken: schemes that cannot be used now: their customers or leads stay as they are
        :param datetime.date day: those who were there by its end, with a profile or without; ``None`` for today's
        """
        select = self._select_leads if subject == "lead" else self._select_customers
        return select(scope, broken, day)

    # ------------------------------------------------------------
    # Customers
    # ------------------------------------------------------------

    @api.model
    def _contacts(self, partners):
        """A table expression ``(id, commercial_partner_id)`` of the contacts whose documents count.

        :param res.partner partners: any contacts of the customers in question; ``None`` for all
        """
        if partners is None:
            return ALL_CONTACTS
        commercial = partners.exists().commercial_partner_id
        return SQL(
            "(SELECT id, commercial_partner_id FROM res_partner WHERE commercial_partner_id = ANY(%s))", commercial.ids
        )

    @api.model
    def _select_customers(self, contacts, broken, day=None):
        """``SELECT partner_id`` of the customers to score in the current company; the arguments are those of
        :meth:`_select`.

        :param odoo.tools.SQL contacts: see :meth:`_contacts`
        """
        company = self.env.company
        return SQL(
            """
            SELECT customer.id AS partner_id
              FROM %(contacts)s AS self
              JOIN res_partner AS customer ON customer.id = self.id
         LEFT JOIN grading_profile AS profile ON profile.partner_id = customer.id AND profile.company_id = %(company)s
               %(if_today)s
         LEFT JOIN (
                SELECT DISTINCT contact.commercial_partner_id AS id
                  FROM %(contacts)s AS contact JOIN res_partner AS person ON person.id = contact.id %(later_rank)s
                 WHERE NOT EXISTS (
                           SELECT FROM grading_profile AS known
                            WHERE known.partner_id = contact.commercial_partner_id
                              AND known.company_id = %(company)s %(if_today)s
                       )
                   AND (%(has_documents)s
                        OR %(is_marked)s AND (
                            person.company_id = %(company)s
                            OR person.company_id IS NULL AND NOT (%(has_documents_elsewhere)s)
                        ))
              ) AS newcomer ON newcomer.id = customer.id
             WHERE self.commercial_partner_id = self.id AND customer.active AND NOT (%(excluded)s)
               AND profile.scheme_id = ANY(%(broken)s) IS NOT TRUE
               AND (profile.id IS NOT NULL OR newcomer.id IS NOT NULL)
            """,
            has_documents=self._has_documents(SQL("= %s", company.id), SQL("IS NULL"), day),
            has_documents_elsewhere=self._has_documents(SQL("<> %s", company.id), SQL("<> %s", company.id), day),
            if_today=SQL("AND FALSE") if day else SQL(),
            later_rank=self._later_rank(day) if day else SQL(),
            is_marked=self._is_marked(day),
            contacts=contacts,
            company=company.id,
            excluded=self._excluded(SQL.identifier("customer", "id")),
            broken=broken.ids,
        )

    @api.model
    def _has_documents(self, company, lead_company, day=None):
        """Whether ``contact`` has what makes it a customer's: an order in any state, a customer invoice, a lead or a
        ticket of the point of sale.

        :param odoo.tools.SQL company: what follows ``company_id``
        :param odoo.tools.SQL lead_company: the same for a lead, in addition: it may belong to no company
        :param datetime.date day: by the end of which it was there; ``None`` for whenever
        """
        end = self.env["grading.measure"]._end_of_day(day) if day else None
        orders = SQL("AND LEAST(date_order, create_date) < %s", end) if day else SQL()
        return SQL(
            """
            EXISTS (SELECT FROM sale_order WHERE partner_id = contact.id AND company_id %(company)s %(orders)s)
            OR EXISTS (SELECT FROM account_move WHERE commercial_partner_id = contact.id AND company_id %(company)s
                          AND move_type IN ('out_invoice', 'out_refund', 'out_receipt') %(invoices)s)
            OR EXISTS (SELECT FROM crm_lead WHERE partner_id = contact.id
                          AND (company_id %(company)s OR company_id %(lead_company)s) %(leads)s)
            OR %(has_tickets)s
            """,
            company=company,
            lead_company=lead_company,
            orders=orders,
            invoices=SQL("AND (invoice_date <= %s OR create_date < %s)", day, end) if day else SQL(),
            leads=SQL("AND create_date < %s", end) if day else SQL(),
            has_tickets=self.env["grading.measure"]._has_tickets_to_sql(SQL("%s %s", company, orders)),
        )

    @api.model
    def _is_marked(self, day):
        """Whether ``person`` is a customer or prospect by a mark alone, with the join of :meth:`_later_rank`."""
        if not day:
            return SQL("(person.customer_rank > 0 OR person.willingness IS NOT NULL)")
        return SQL(
            "(person.customer_rank > COALESCE(later_rank.posted, 0) OR person.willingness IS NOT NULL) AND %s",
            self.env["grading.measure"]._was_there("person", day),
        )

    @api.model
    def _later_rank(self, day):
        """The join with how often the customer rank of a ``person`` has been raised since: Odoo adds one for each
        customer invoice, credit note or payment that is posted, on the contact and on its customer."""
        return SQL(
            """
            LEFT JOIN (
                SELECT raised.partner_id, COUNT(*) AS posted
                  FROM (
                    SELECT posted.id, posted.partner_id
                      FROM account_move AS posted
                     WHERE posted.state = 'posted' AND posted.date > %(day)s
                       AND posted.move_type IN ('out_invoice', 'out_refund')
                     UNION
                    SELECT posted.id, posted.commercial_partner_id
                      FROM account_move AS posted
                     WHERE posted.state = 'posted' AND posted.date > %(day)s
                       AND posted.move_type IN ('out_invoice', 'out_refund')
                     UNION
                    SELECT item.move_id, UNNEST(ARRAY[payer.id, payer.commercial_partner_id])
                      FROM account_move AS posted
                      JOIN account_move_line AS item ON item.move_id = posted.id
                      JOIN account_account AS account ON account.id = item.account_id
                      JOIN res_partner AS payer ON payer.id = item.partner_id
                     WHERE posted.state = 'posted' AND posted.date > %(day)s AND posted.move_type = 'entry'
                       AND account.account_type = 'asset_receivable'
                  ) AS raised
              GROUP BY raised.partner_id
            ) AS later_rank ON later_rank.partner_id = person.id
            """,
            day=day,
        )

    @api.model
    def _excluded(self, partner_id):
        """Whether a contact is one of us: a company's own contact, or an internal user's."""
        return SQL(
            """
            EXISTS (SELECT FROM res_company WHERE res_company.partner_id = %(id)s)
            OR EXISTS (SELECT FROM res_users WHERE res_users.partner_id = %(id)s AND NOT res_users.share)
            """,
            id=partner_id,
        )

    @api.model
    def _tidy_customers(self, contacts):
        """Before measuring: profiles of those who have become contacts of a customer, or one of us, are put aside, and
        what was put aside of those who are customers of their own again is taken back."""
        Aside = self.env["grading.profile.aside"].sudo()
        is_none = SQL(
            "customer.commercial_partner_id <> customer.id OR %s", self._excluded(SQL.identifier("customer", "id"))
        )
        gone = self._of_customers("grading_profile", contacts, is_none)
        Aside._put_aside(self.env["grading.profile"].sudo().browse(gone))
        returned = Aside.browse(self._of_customers("grading_profile_aside", contacts, SQL("NOT (%s)", is_none)))
        returned._take_back()
        if gone or returned:
            self.env.flush_all()

    @api.model
    def _of_customers(self, table, contacts, condition):
        """Ids of the rows of ``table`` in the current company whose ``customer`` meets the condition.

        :param str table: with a ``partner_id`` and a ``company_id``
        :param odoo.tools.SQL contacts: see :meth:`_contacts`
        :rtype: list[int]
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT own.id
                  FROM %(table)s AS own
                  JOIN res_partner AS customer ON customer.id = own.partner_id
                  JOIN %(contacts)s AS contact ON contact.id = customer.id
                 WHERE own.company_id = %(company)s AND (%(condition)s)
              ORDER BY own.id
                """,
                table=SQL.identifier(table),
                contacts=contacts,
                company=self.env.company.id,
                condition=condition,
            )
        )
        return [row_id for [row_id] in rows]

    # ------------------------------------------------------------
    # Leads
    # ------------------------------------------------------------

    @api.model
    def _leads(self, leads):
        """A table expression ``(id)`` of the leads in question.

        :param crm.lead leads: ``None`` for all
        """
        return SQL("crm_lead") if leads is None else SQL("(SELECT id FROM crm_lead WHERE id = ANY(%s))", leads.ids)

    @api.model
    def _lead_is_ours(self):
        """Whether ``lead`` is scored by the current company."""
        company = self.env.company
        if company == self.env["crm.lead"]._grading_first_company():
            return SQL("(lead.company_id = %s OR lead.company_id IS NULL)", company.id)
        return SQL("lead.company_id = %s", company.id)

    @api.model
    def _select_leads(self, leads, broken, day=None):
        """``SELECT lead_id`` of the leads to score in the current company; the arguments are those of :meth:`_select`.

        A lead is archived when it is lost, and Odoo remembers when that was.

        :param odoo.tools.SQL leads: see :meth:`_leads`
        """
        is_kept = SQL("lead.active")
        if day:
            Measure = self.env["grading.measure"]
            is_kept = SQL(
                "(lead.active OR lead.date_closed >= %s) AND %s",
                Measure._end_of_day(day),
                Measure._was_there("lead", day),
            )
        return SQL(
            """
            SELECT lead.id AS lead_id
              FROM %(leads)s AS self
              JOIN crm_lead AS lead ON lead.id = self.id
         LEFT JOIN grading_profile AS profile ON profile.lead_id = lead.id %(if_today)s
             WHERE %(is_kept)s AND %(ours)s AND profile.scheme_id = ANY(%(broken)s) IS NOT TRUE
            """,
            leads=leads,
            if_today=SQL("AND FALSE") if day else SQL(),
            is_kept=is_kept,
            ours=self._lead_is_ours(),
            broken=broken.ids,
        )

    @api.model
    def _tidy_leads(self, leads):
        """Before measuring: the profile and history of a lead that has come from another company come along."""
        moved = self.env.execute_query(
            SQL(
                """
                UPDATE grading_profile AS profile SET company_id = %(company)s
                  FROM %(leads)s AS self JOIN crm_lead AS lead ON lead.id = self.id
                 WHERE profile.lead_id = lead.id AND profile.company_id <> %(company)s AND %(ours)s
             RETURNING profile.id
                """,
                company=self.env.company.id,
                leads=leads,
                ours=self._lead_is_ours(),
            )
        )
        if moved:
            self._profiles_moved([profile_id for [profile_id] in moved])

    @api.model
    def _profiles_moved(self, profile_ids):
        """What is kept of leads comes with them into the current company.

        :param list profile_ids: of the leads that have come
        """
        for table in self._kept_of_leads():
            self.env.execute_query(
                SQL(
                    "UPDATE %s SET company_id = %s WHERE profile_id = ANY(%s) RETURNING id",
                    SQL.identifier(table),
                    self.env.company.id,
                    profile_ids,
                )
            )

    @api.model
    def _kept_of_leads(self):
        """The tables with a ``profile_id`` and the ``company_id`` that goes with it."""
        return ["grading_history"]

from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

# Where records that tell of a contact wait until the transaction ends, in the data of its cursor.
CONTACTS = "customer_grading.queue.contact"


class GradingQueue(models.Model):
    """Contacts with customers are noted as they come, by the record that tells of them: whose they are is looked up
    once, when the transaction ends, so that a message costs no query while it is posted."""

    _inherit = "grading.queue"

    @api.model
    def _enqueue_contacts(self, model, ids):
        """Ask for a rescoring of the customers whom these records are about, where they have a profile.

        :param str model: one of ``res.partner``, ``sale.order``, ``account.move`` and ``calendar.event``
        :param ids: iterable of ids
        """
        ids = set(ids) - {False}
        if not ids:
            return
        precommit = self.env.cr.precommit
        if CONTACTS not in precommit.data:
            precommit.data[CONTACTS] = defaultdict(set)
            precommit.add(self.sudo()._write_down)
        precommit.data[CONTACTS][model] |= ids

    @api.model
    def _write_down(self):
        if records := self.env.cr.precommit.data.pop(CONTACTS, None):
            self._ask("res.partner", self._customers_of(records))
        return super()._write_down()

    @api.model
    def _customers_of(self, records):
        """The customers whom ``records`` are about, in each company that judges them.

        :param dict records: ids by model
        :return: ids ``{(partner, company)}``
        :rtype: set
        """
        self.env.flush_all()
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

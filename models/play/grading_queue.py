from odoo import api, fields, models
from odoo.tools import SQL

# What the transaction has asked for, by whether it was an import: keys of PENDING, in the data of its cursor.
SILENT = "customer_grading.queue.silent"


class GradingQueue(models.Model):
    """Requests of an import are silent: what a run changes because of them starts no play, unless something else has
    asked for the same customer or lead as well.

    So is what is judged along: the customer of a lead, the leads of a customer, and who referred them.
    """

    _inherit = "grading.queue"

    is_silent = fields.Boolean(readonly=True, help="Imported from a file: what follows from it starts no play.")

    _silent_index = models.Index("(company_id) WHERE is_silent")

    @api.model
    def _request(self, model, requests):
        silence = self.env.cr.precommit.data.setdefault(SILENT, {})
        is_silent = self.env["grading.play"]._is_silent()
        for request in requests:
            silence[model, request] = is_silent and silence.get((model, request), True)
        return super()._request(model, requests)

    @api.model
    def _flush_requests(self):
        result = super()._flush_requests()
        self.env.cr.precommit.data.pop(SILENT, None)
        return result

    @api.model
    def _create_lines(self, pairs, lead_ids, reasons):
        lines = super()._create_lines(pairs, lead_ids, reasons)
        silence = self.env.cr.precommit.data.get(SILENT, {})
        if any(silence.values()):
            aloud = self._with_others({pair for pair in pairs if not silence.get(("res.partner", pair))})
            silent = lines.filtered(
                lambda line: (
                    silence.get(("crm.lead", line.lead_id.id))
                    if line.lead_id
                    else (line.partner_id.id, line.company_id.id) not in aloud
                )
            )
            silent.is_silent = True
        return lines

    @api.model
    def _postpone(self, profiles):
        """A request that was silent stays so."""
        customers = self._silent_among("customer", profiles.partner_id.ids)
        leads = self._silent_among("lead", profiles.lead_id.ids)
        lines = super()._postpone(profiles)
        lines.filtered(lambda line: line.partner_id.id in customers or line.lead_id.id in leads).is_silent = True
        return lines

    # ------------------------------------------------------------
    # Who is silent
    # ------------------------------------------------------------

    @api.model
    def _is_any_silent(self):
        return bool(self.search_count([("company_id", "=", self.env.company.id), ("is_silent", "=", True)], limit=1))

    @api.model
    def _is_aloud_to_sql(self):
        """Whether ``grading_profile`` is about a customer or lead whose changes may start plays: no request waits for
        it, or one that is not silent. The silent ones are looked up once, not for each profile."""
        if not self._is_any_silent():
            return SQL("TRUE")
        return SQL(
            "COALESCE(grading_profile.lead_id, 0) NOT IN (%s) AND COALESCE(grading_profile.partner_id, 0) NOT IN (%s)",
            self._silent_select("lead"),
            self._silent_select("customer"),
        )

    @api.model
    def _silent_among(self, subject, ids):
        """Those of the customers or leads that wait, and are silent.

        :param str subject: a key of SUBJECTS
        :param list ids: of customers or leads
        :rtype: set[int]
        """
        if not ids or not self._is_any_silent():
            return set()
        rows = self.env.execute_query(
            SQL("SELECT id FROM (%s) AS silent WHERE id = ANY(%s)", self._silent_select(subject), list(ids))
        )
        return {subject_id for [subject_id] in rows}

    @api.model
    def _silent_select(self, subject):
        """``SELECT id`` of the customers or leads all of whose requests are silent.

        A customer is judged because of their leads as well, and a lead because of its customer.

        :param str subject: a key of SUBJECTS
        """
        if subject == "customer":
            requests = SQL(
                """
                SELECT contact.commercial_partner_id AS id, line.is_silent
                  FROM grading_queue AS line
             LEFT JOIN crm_lead AS lead ON lead.id = line.lead_id
                  JOIN res_partner AS contact ON contact.id = COALESCE(line.partner_id, lead.partner_id)
                 WHERE line.company_id = %s AND contact.commercial_partner_id IS NOT NULL
                """,
                self.env.company.id,
            )
        else:
            requests = SQL(
                """
                SELECT lead_id AS id, is_silent FROM grading_queue
                 WHERE company_id = %(company)s AND lead_id IS NOT NULL
             UNION ALL
                SELECT lead.id, line.is_silent
                  FROM grading_queue AS line
                  JOIN res_partner AS contact ON contact.id = line.partner_id
                  JOIN res_partner AS person ON person.commercial_partner_id = contact.commercial_partner_id
                  JOIN crm_lead AS lead ON lead.partner_id = person.id
                 WHERE line.company_id = %(company)s
                """,
                company=self.env.company.id,
            )
        return SQL("SELECT id FROM (%s) AS request GROUP BY id HAVING BOOL_AND(is_silent IS TRUE)", requests)

from odoo import api, fields, models
from odoo.tools import SQL

# What the transaction has asked for, by whether it was an import: keys of PENDING, in the data of its cursor.
SILENT = "customer_grading.queue.silent"


class GradingQueue(models.Model):
    """Requests of an import are silent: what a run changes because of them starts no play, unless something else has
    asked for the same customer or lead as well."""

    _inherit = "grading.queue"

    is_silent = fields.Boolean(readonly=True, help="Imported from a file: what follows from it starts no play.")

    @api.model
    def _request(self, model, requests):
        silence = self.env.cr.precommit.data.setdefault(SILENT, {})
        is_silent = self.env["grading.play"]._is_silent()
        for request in requests:
            silence[model, request] = is_silent and silence.get((model, request), True)
        return super()._request(model, requests)

    @api.model
    def _create_lines(self, pairs, lead_ids, reasons):
        silence = self.env.cr.precommit.data.pop(SILENT, {})
        lines = super()._create_lines(pairs, lead_ids, reasons)
        if any(silence.values()):
            silent = lines.filtered(
                lambda line: (
                    silence.get(("crm.lead", line.lead_id.id))
                    if line.lead_id
                    else silence.get(("res.partner", (line.partner_id.id, line.company_id.id)))
                )
            )
            silent.is_silent = True
        return lines

    @api.model
    def _is_aloud_to_sql(self):
        """Whether ``grading_profile`` is about a customer or lead whose changes may start plays: no request waits for
        it, or one that is not silent. The silent ones are looked up once, not for each profile."""
        return SQL(
            """
            COALESCE(grading_profile.lead_id, 0) NOT IN (
                SELECT lead_id FROM grading_queue WHERE company_id = %(company)s AND lead_id IS NOT NULL
              GROUP BY lead_id HAVING BOOL_AND(is_silent IS TRUE)
            ) AND COALESCE(grading_profile.partner_id, 0) NOT IN (
                SELECT contact.commercial_partner_id
                  FROM grading_queue AS line JOIN res_partner AS contact ON contact.id = line.partner_id
                 WHERE line.company_id = %(company)s AND contact.commercial_partner_id IS NOT NULL
              GROUP BY contact.commercial_partner_id HAVING BOOL_AND(line.is_silent IS TRUE)
            )
            """,
            company=self.env.company.id,
        )

from odoo import api, fields, models
from odoo.tools import SQL


class GradingProfile(models.Model):
    """Measured: how the customer pays."""

    _inherit = "grading.profile"

    overdue_amount = fields.Monetary(readonly=True)
    average_days_late = fields.Float(readonly=True, aggregator="avg")


class GradingMeasure(models.AbstractModel):
    """How a customer pays: what is overdue, and how late the invoices were paid."""

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        return {
            **super()._measures(),
            "overdue_amount": {
                "source": "overdue",
                "label": self.env._("Overdue amount"),
                "unit": "money",
                "zero": True,
            },
            "average_days_late": {"source": "payment", "label": self.env._("Average days late"), "unit": "days"},
        }

    @api.model
    def _sources(self, as_of, contacts):
        return {
            **super()._sources(as_of, contacts),
            "overdue": self._overdue_source(as_of, contacts),
            "payment": self._payment_source(as_of, contacts),
        }

    @api.model
    def _receivable_lines(self, contacts):
        """``FROM … WHERE …`` of the receivable lines of posted customer invoices in the environment's company."""
        return SQL(
            """
              FROM account_move_line AS line
              JOIN account_move AS move ON move.id = line.move_id
              JOIN account_account AS account ON account.id = line.account_id
              JOIN %(contacts)s AS contact ON contact.id = move.partner_id
             WHERE line.company_id = %(company)s AND line.parent_state = 'posted'
               AND move.move_type = 'out_invoice' AND account.account_type = 'asset_receivable'
               AND line.date_maturity IS NOT NULL
            """,
            contacts=contacts,
            company=self.env.company.id,
        )

    @api.model
    def _overdue_source(self, as_of, contacts):
        """What is still open today of the invoices that were due before ``as_of``."""
        return SQL(
            """
            SELECT contact.commercial_partner_id AS partner_id, SUM(line.amount_residual) AS overdue_amount
            %(lines)s AND line.date_maturity < %(as_of)s AND line.reconciled IS NOT TRUE
          GROUP BY contact.commercial_partner_id
            """,
            lines=self._receivable_lines(contacts),
            as_of=as_of,
        )

    @api.model
    def _payment_source(self, as_of, contacts):
        """Days from due date to the last payment, averaged over the paid invoices (early ones count as negative)."""
        return SQL(
            """
            SELECT paid.partner_id, AVG(paid.paid_on - paid.date_maturity)::float8 AS average_days_late
              FROM (
                SELECT receivable.partner_id, receivable.date_maturity, last.paid_on
                  FROM (
                    SELECT contact.commercial_partner_id AS partner_id, line.id, line.date_maturity
                    %(lines)s AND line.reconciled
                  ) AS receivable
                  JOIN LATERAL (
                    SELECT MAX(partial.max_date) AS paid_on FROM account_partial_reconcile AS partial
                     WHERE partial.debit_move_id = receivable.id
                  ) AS last ON TRUE
              ) AS paid
             WHERE paid.paid_on <= %(as_of)s
          GROUP BY paid.partner_id
            """,
            lines=self._receivable_lines(contacts),
            as_of=as_of,
        )

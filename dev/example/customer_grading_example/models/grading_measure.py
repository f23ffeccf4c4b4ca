from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL


class GradingProfile(models.Model):
    """The column of the measure: what criteria, filters and reports read."""

    _inherit = "grading.profile"

    credit_note_count_12m = fields.Integer(
        string="Credit Notes, 12 Months", readonly=True, help="Posted credit notes of the last 12 months."
    )


class GradingMeasure(models.AbstractModel):
    """How often a customer was credited: its description, and the ``SELECT`` that it comes from."""

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        return {
            **super()._measures(),
            "credit_note_count_12m": {
                "label": self.env._("Credit notes, 12 months"),
                "group": self.env._("Payments"),
                "unit": "count",
                "source": "credit_note",
                "zero": True,
            },
        }

    @api.model
    def _sources(self, as_of, contacts):
        return {**super()._sources(as_of, contacts), "credit_note": self._credit_note_source(as_of, contacts)}

    @api.model
    def _credit_note_source(self, as_of, contacts):
        """``SELECT partner_id, credit_note_count_12m``: one row for each customer with a posted credit note of the last
        twelve months in the environment's company.

        :param datetime.date as_of: the day that is judged; what is later does not count
        :param odoo.tools.SQL contacts: a table expression ``(id, commercial_partner_id)`` of those who are judged
        :rtype: odoo.tools.SQL
        """
        return SQL(
            """
            SELECT contact.commercial_partner_id AS partner_id, COUNT(*)::int AS credit_note_count_12m
              FROM account_move AS move
              JOIN %(contacts)s AS contact ON contact.id = move.commercial_partner_id
             WHERE move.company_id = %(company)s AND move.state = 'posted' AND move.move_type = 'out_refund'
               AND move.invoice_date > %(year_ago)s AND move.invoice_date <= %(as_of)s
          GROUP BY contact.commercial_partner_id
            """,
            contacts=contacts,
            company=self.env.company.id,
            year_ago=as_of - relativedelta(months=12),
            as_of=as_of,
        )

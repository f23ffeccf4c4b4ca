from odoo import api, models
from odoo.tools import SQL

# Rates that differ by less than this part are the same: one is stored with fewer digits than the other.
SAME_RATE = 1e-6


class GradingMeasure(models.AbstractModel):
    """What a document in a foreign currency is worth in the company's own."""

    _inherit = "grading.measure"

    @api.model
    def _at_rate(self, amount, rate, currency, day):
        """``amount`` of a document in the company's currency; NULL where its rate is no usable number.

        Of a foreign currency that had no rate, the rate counts that was entered since, if any.

        :param odoo.tools.SQL rate: the document's own rate, as Odoo stored it
        :param odoo.tools.SQL currency: the document's currency
        """
        return SQL(
            "CASE WHEN %(rate)s = 1 AND (%(currency)s <> %(ours)s) IS NOT TRUE THEN %(amount)s"
            " WHEN %(unrated)s THEN %(amount)s / (%(entered)s)"
            " WHEN %(rate)s > 0 THEN %(amount)s / %(rate)s END",
            amount=amount,
            rate=rate,
            currency=currency,
            ours=self.env.company.currency_id.id,
            unrated=self._is_unrated(rate, currency, day),
            entered=self._entered_rate(currency, day),
        )

    @api.model
    def _is_unrated(self, rate, currency, day):
        """Whether a document has the rate that Odoo stores for a foreign currency without one: 1 over the rate of the
        company's own currency on the day, or 1 where that has none, or had none then. The own rate is not looked up for
        the many documents in the company's currency.

        A true rate of the same size is not told apart, and need not be: it was entered, so it is found again.

        ``CASE WHEN sale.currency_id <> 125 THEN sale.currency_rate = 1 OR ABS(sale.currency_rate * COALESCE((SELECT …),
        1) - 1) < 1e-06 END``
        """
        company = self.env.company
        return self._is_unrated_in(
            rate, currency, day, SQL("%s", company.currency_id.id), SQL("%s", company.root_id.id)
        )

    @api.model
    def _is_unrated_in(self, rate, currency, day, ours, root):
        """:meth:`_is_unrated` in any company.

        :param odoo.tools.SQL ours: the company's currency
        :param odoo.tools.SQL root: the company that enters its rates
        """
        return SQL(
            "CASE WHEN %(currency)s <> %(ours)s"
            " THEN %(rate)s = 1 OR ABS(%(rate)s * COALESCE(%(own)s, 1) - 1) < %(same)s END",
            rate=rate,
            currency=currency,
            ours=ours,
            own=self._rate_of(ours, day, root),
            same=SAME_RATE,
        )

    @api.model
    def _entered_rate(self, currency, day):
        """The rate of a foreign ``currency`` on ``day`` by Odoo's own rule (``res.currency._get_rates``), but NULL
        rather than 1 where no rate was ever entered."""
        ours, root = (SQL("%s", record.id) for record in (self.env.company.currency_id, self.env.company.root_id))
        return SQL("SELECT %s / COALESCE(%s, 1)", self._rate_of(currency, day, root), self._rate_of(ours, day, root))

    @api.model
    def _is_left_in_one_currency(self):
        """Whether anything is left of a purchase, the ``whole`` of its documents, in the foreign currency that all of
        them are in; where there is none, the amounts in the company's currency tell."""
        return SQL(
            "(MIN(document.currency_id) OVER whole <> MAX(document.currency_id) OVER whole"
            " OR MIN(document.currency_id) OVER whole = %s OR SUM(document.own_amount) OVER whole > 0) IS NOT FALSE",
            self.env.company.currency_id.id,
        )

    @api.model
    def _correction(self, rate, currency, day):
        """What an amount in the company's currency, as Odoo has worked it out, is multiplied by: 1, but for a document
        that had no rate what is to be had with the one that was entered since, NULL without any."""
        return SQL(
            "CASE WHEN %s THEN %s / (%s) ELSE 1 END",
            self._is_unrated(rate, currency, day),
            rate,
            self._entered_rate(currency, day),
        )

    @api.model
    def _rate_of(self, currency, day, root):
        return SQL(
            "(SELECT rate.rate FROM res_currency_rate AS rate"
            " WHERE rate.currency_id = %(currency)s AND (rate.company_id IS NULL OR rate.company_id = %(root)s)"
            " ORDER BY rate.name > %(day)s, rate.company_id,"
            " CASE WHEN rate.name <= %(day)s THEN %(day)s - rate.name ELSE rate.name - %(day)s END LIMIT 1)",
            currency=currency,
            root=root,
            day=day,
        )

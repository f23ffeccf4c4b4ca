from functools import partial

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..measure.grading_measure_document import CUSTOMER_MOVES


class ResCurrencyRate(models.Model):
    """A rate that is entered for documents that had none: their customers are scored again.

    Of a document that was made without a rate see :meth:`grading.measure._is_unrated`. Others keep their own, whatever
    is entered later.
    """

    _inherit = "res.currency.rate"

    @api.model_create_multi
    def create(self, vals_list):
        rates = super().create(vals_list)
        rates._grading_enqueue()
        return rates

    def write(self, vals):
        if not vals.keys() & {"rate", "company_rate", "inverse_company_rate", "name", "currency_id", "company_id"}:
            return super().write(vals)
        self._grading_enqueue()
        res = super().write(vals)
        self._grading_enqueue()
        return res

    def unlink(self):
        self._grading_enqueue()
        return super().unlink()

    def _grading_enqueue(self):
        """Ask for new scores of the customers with documents whose rate these may be."""
        Queue = self.env["grading.queue"]
        for rate in self.sudo():
            for model, domain in rate._grading_documents().items():
                if model in self.env:
                    customer = "commercial_partner_id" if model == "account.move" else "partner_id"
                    groups = self.env[model].sudo()._read_group(domain, [customer, "company_id"])
                    Queue._enqueue(groups)

    def _grading_documents(self):
        """Which documents have this rate, by model: those that were made without one from its day on, or all when it
        is the first of its currency.

        :rtype: dict[str, Domain]
        """
        self.ensure_one()
        same = Domain("currency_id", "=", self.currency_id.id)
        # Tickets of the point of sale, where that app is installed, are in the currency of their journal.
        same_journal = Domain("sale_journal.currency_id", "=", self.currency_id.id)
        # Rates of another company say nothing of this one's documents.
        earlier = same & Domain("company_id", "in", (False, self.company_id.id))
        earlier &= Domain("id", "!=", self.id) & Domain("name", "<=", self.name)
        since = self.name if self.search_count(earlier, limit=1) else False
        of_company = Domain("company_id", "child_of", self.company_id.id) if self.company_id else Domain.TRUE

        def documents(rate, day, same=same):
            unrated = Domain.custom(to_sql=partial(self._grading_unrated_to_sql, rate, day))
            return same & of_company & unrated & (Domain(day, ">=", since) if since else Domain.TRUE)

        return {
            "sale.order": documents("currency_rate", "date_order") & Domain("state", "=", "sale"),
            "account.move": documents("invoice_currency_rate", "invoice_date")
            & Domain("state", "=", "posted")
            & Domain("move_type", "in", CUSTOMER_MOVES),
            "pos.order": documents("currency_rate", "date_order", same_journal)
            & Domain("state", "in", ("paid", "done")),
        }

    def _grading_unrated_to_sql(self, rate, day, model, alias, query):
        """Whether the document ``alias`` was made without a rate of this currency, whatever company it is of.

        :param str rate: the field with the document's own rate
        :param str day: the field with its date
        """
        Company = self.env["res.company"]
        unrated = self.env["grading.measure"]._is_unrated_in(
            model._field_to_sql(alias, rate, query),
            SQL("%s", self.currency_id.id),
            SQL("%s::date", model._field_to_sql(alias, day, query)),
            Company._field_to_sql("company", "currency_id"),
            SQL("SPLIT_PART(%s, '/', 1)::int", Company._field_to_sql("company", "parent_path")),
        )
        company = model._field_to_sql(alias, "company_id", query)
        return SQL("EXISTS (SELECT FROM res_company AS company WHERE company.id = %s AND %s)", company, unrated)

from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.tools import SQL
from odoo.tools.misc import format_date, formatLang

from ..score.grading_criterion_hint import format_money, format_number

# Amounts are told month by month for so long, the current month included.
MONTHS = 24
MOST_PRODUCTS = 5


class GradingProfile(models.Model):
    """How the customer buys: the rhythm, the amounts by month, what they buy most."""

    _inherit = "grading.profile"

    def _glance_purchases(self):
        """``rhythm``, ``amounts``, ``products`` and ``categories`` of the customer, empty where nothing was bought."""
        sections = {"rhythm": self._glance_rhythm()}
        if not self.order_count and not self.order_amount:
            return sections
        contacts = self._contacts_of(self.partner_id)
        # By id: the planner knows how many there are, and goes by the index of their documents.
        scope = SQL("(SELECT id, commercial_partner_id FROM res_partner WHERE id = ANY(%s))", contacts.ids)
        Measure = self.env["grading.measure"].sudo().with_company(self.company_id)
        self.env.flush_all()
        with Measure._asking_once(scope):
            return {**sections, "amounts": self._glance_amounts(scope), **self._glance_products(scope)}

    # ------------------------------------------------------------
    # Rhythm
    # ------------------------------------------------------------

    def _glance_forecast(self):
        """What they are expected to spend, and what of it is at risk: ``(label, text, late)``."""
        forecast = self.env["grading.forecast"].with_company(self.company_id)._current()
        if not forecast or self.expected_amount is False:
            return
        amount, low, high, at_risk = (
            format_money(self.env, self[name] or 0, self.currency_id)
            for name in ("expected_amount", "expected_low", "expected_high", "amount_at_risk")
        )
        days = forecast.horizon_days
        if self.expected_high is False:
            text = self.env._("%(amount)s within %(days)s days", amount=amount, days=days)
        else:
            text = self.env._(
                "%(amount)s within %(days)s days (four of five spend %(low)s to %(high)s)",
                amount=amount,
                days=days,
                low=low,
                high=high,
            )
        yield self.env._("Forecast revenue"), text, False
        if self.amount_at_risk:
            yield self.env._("Revenue at risk"), at_risk, self.is_overdue

    def _glance_rhythm(self):
        """When they ordered last and are to order next, and how probable that is.

        :return: ``rows`` (``label``, ``text``, ``late``) and ``notes`` (sentences)
        :rtype: dict | None
        """
        rows = []
        if self.last_order_date:
            rows.append((self.env._("Last order"), self._explain_day(self.last_order_date), False))
        if not self._is_unknown("average_order_interval") and self.order_count > 1:
            days = round(self.average_order_interval)
            text = self.env._("an order every %s days", format_number(self.env, days, 0))
            rows.append((self.env._("Rhythm"), text if days > 1 else self.env._("an order every day"), False))
        if self.next_order_date:
            rows.append(self._explain_next_order())
        if self.purchase_probability is not False:
            percent = formatLang(self.env, 100 * self.purchase_probability, digits=0)
            days = self.company_id.grading_horizon_days
            text = self.env._("%(percent)s %% within %(days)s days", percent=percent, days=days)
            rows.append((self.env._("Probability to buy"), text, False))
        rows += self._glance_forecast()
        if not rows:
            return None
        notes = (self._explain_probability(), self._explain_method(), self._explain_check(), self._explain_change())
        return {
            "rows": [{"label": label, "text": text, "late": late} for label, text, late in rows],
            "notes": [note for note in notes if note],
        }

    def _explain_next_order(self):
        """``(label, text, late)`` of the next order. Half of all orders come later than expected: it is late where the
        customer counts as overdue, as in the filters, and not as soon as that day has passed."""
        day = self.next_order_date
        is_ahead = day >= self.company_id._grading_today()
        label = self.env._("Next order expected") if is_ahead else self.env._("Next order was expected")
        return label, self._explain_day(day), not is_ahead and self.is_overdue

    # ------------------------------------------------------------
    # Amounts
    # ------------------------------------------------------------

    def _glance_amounts(self, scope):
        """What was bought month by month, as the measures count it.

        :param odoo.tools.SQL scope: a table expression ``(id, commercial_partner_id)`` of the customer's contacts
        :return: ``total`` and ``months`` (``label``, ``amount``, ``text``), or None
        :rtype: dict | None
        """
        Measure = self.env["grading.measure"].sudo().with_company(self.company_id)
        today = self.company_id._grading_today()
        first = today.replace(day=1) - relativedelta(months=MONTHS - 1)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DATE_TRUNC('month', purchase.day)::date, SUM(purchase.amount)
                  FROM (%s) AS purchase WHERE purchase.day >= %s GROUP BY 1
                """,
                Measure._purchases(today, scope),
                first,
            )
        )
        amounts = {month: float(amount or 0) for month, amount in rows}
        if not any(amounts.values()):
            return None
        months = [first + relativedelta(months=place) for place in range(MONTHS)]
        return {
            "total": format_money(self.env, sum(amounts.values()), self.currency_id),
            "months": [
                {
                    "label": format_date(self.env, month, date_format="LLL yy"),
                    "amount": amounts.get(month, 0),
                    "text": format_money(self.env, amounts.get(month, 0), self.currency_id),
                }
                for month in months
            ],
        }

    def _glance_products(self, scope):
        """What they bought most in those months: ``products`` and ``categories``, each ``name``, ``text`` and
        ``percent`` of all that was bought."""
        Measure = self.env["grading.measure"].sudo().with_company(self.company_id)
        today = self.company_id._grading_today()
        first = today.replace(day=1) - relativedelta(months=MONTHS - 1)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT template.id, template.categ_id, SUM(bought.amount) AS amount
                  FROM (%s) AS bought
                  JOIN product_product AS product ON product.id = bought.product_id
                  JOIN product_template AS template ON template.id = product.product_tmpl_id
                 WHERE bought.moment >= %s
              GROUP BY template.id, template.categ_id
                HAVING SUM(bought.amount) > 0
              ORDER BY amount DESC, template.id
                """,
                SQL(" UNION ALL ").join(Measure._bought_amounts(today, scope)),
                Measure._end_of_day(first - relativedelta(days=1)),
            )
        )
        by_product, by_category = {}, {}
        for product, category, amount in rows:
            by_product[product] = float(amount)
            by_category[category] = by_category.get(category, 0) + float(amount)
        return {
            "products": self._glance_shares("product.template", by_product),
            "categories": self._glance_shares("product.category", by_category),
        }

    def _glance_shares(self, model, amounts):
        """The records of most money as ``[{name, text, percent}]``, of which there must be two to compare."""
        total = sum(amounts.values())
        most = sorted((record_id for record_id in amounts if record_id), key=lambda key: (-amounts[key], key))
        records = self.env[model].sudo().browse(most[:MOST_PRODUCTS])
        return [
            {
                "name": record.name,
                "text": format_money(self.env, amounts[record.id], self.currency_id),
                "percent": round(100 * amounts[record.id] / total),
            }
            for record in records
        ]

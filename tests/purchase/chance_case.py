import math
from datetime import timedelta

from odoo.tools import SQL

from .test_purchase_model import AS_OF, PurchaseCase

LAST_DAY = 4095


def chance(model, orders, last, days):
    """The probability to buy within the horizon, ``days`` after the last order, which was ``last`` days after the
    first: by the article, with the chance to be active and the paces of those who are."""
    x, horizon = orders - 1, model.company_id.grading_horizon_days
    silence = (model.r + x) * math.log((model.alpha + last + days) / (model.alpha + last))
    active = 1 / (1 + model.a / (model.b + x) * math.exp(min(silence, 650)))
    none = ((model.alpha + last + days) / (model.alpha + last + days + horizon)) ** (model.r + x)
    return active * (1 - none)


class ChanceCase(PurchaseCase):
    def model(self, r=0.7, alpha=50, a=0.6, b=2.2):
        values = {"company_id": self.company.id, "date": AS_OF, "method": "mbg_nbd"}
        return self.Model.create({**values, "r": r, "alpha": alpha, "a": a, "b": b})

    def random_customers(self, rnd, count=60):
        """``[(orders, first day, last day)]``, all before the day on which they are looked at"""
        customers = []
        for _customer in range(count):
            orders = rnd.choice([1, 1, 2, 3, 8, 40, 3000])
            first = AS_OF - timedelta(rnd.randint(0, 2500))
            span = rnd.randint(0, (AS_OF - first).days) if orders > 1 else 0
            customers.append((min(orders, span + 1), first, first + timedelta(span)))
        return customers

    def chances(self, customers, as_of=AS_OF):
        query = SQL(
            "SELECT %s FROM %s AS grading_profile ORDER BY partner_id",
            self.Model._probability_to_sql(as_of),
            self.table(customers),
        )
        return [value for [value] in self.env.execute_query(query)]

    def dates(self, customers):
        select = self.Model._dates_select(self.table(customers), AS_OF)
        rows = self.env.execute_query(SQL("SELECT * FROM (%s) AS dates ORDER BY partner_id", select))
        return [row[1:] for row in rows]

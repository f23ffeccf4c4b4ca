from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from ..common import GradingCase

# The last day of a month, and the day on which the next one begins.
MONTH_END, FIRST = date(2025, 2, 28), date(2025, 3, 1)


def month_end(day, months=0):
    """The last day of the month that lies so many months after that of ``day``."""
    return day.replace(day=1) + relativedelta(months=months + 1) - timedelta(days=1)


class MemoryCase(GradingCase):
    """A company with a scheme by the amount ordered, and three customers of it: Ada (Gold), Bob (Silver), Cid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.scheme()
        cls.ada, cls.bob, cls.cid = (cls.customer(name) for name in ("Ada", "Bob", "Cid"))
        for partner, amount in ((cls.ada, 500), (cls.bob, 50), (cls.cid, 5)):
            cls.order(partner, amount, MONTH_END - timedelta(days=20))

    @classmethod
    def taken(cls, day=MONTH_END, company=None):
        """Have the profiles remembered as they stand."""
        count = cls.env["grading.snapshot"].with_company(company or cls.company)._take(day)
        cls.env.invalidate_all()
        return count

    @classmethod
    def snapshots(cls, *domain):
        return cls.env["grading.snapshot"].search([("company_id", "=", cls.company.id), *domain], order="date, id")

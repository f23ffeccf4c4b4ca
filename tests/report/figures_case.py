from datetime import datetime, time, timedelta

import pytz
from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..common import GradingCase


def month_end(day):
    """The last day of the month of ``day``."""
    return day + relativedelta(day=31)


def mean(numbers):
    """The average of the numbers that are known, False without any."""
    known = [number for number in numbers if number is not None]
    return sum(known) / len(known) if known else False


class FiguresCase(GradingCase):
    """Reports held against figures that plain Python works out of the same documents, on random data."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.grades = [cls.gold, cls.silver, cls.bronze]
        cls.seller = cls.salesman()
        cls.chief = cls.manager()
        cls.other = cls.new_company("Other Company")

    # ------------------------------------------------------------
    # Worlds
    # ------------------------------------------------------------

    def customers(self, rng, count):
        """Customers, each with or without a salesperson, and some of them with a contact person.

        :return: ``{customer: [contacts]}``
        """
        found = {}
        for number in range(count):
            owner = rng.choice([self.seller.id, self.chief.id, False])
            customer = self.customer(f"Customer {number}", is_company=True, user_id=owner)
            found[customer] = [customer]
            if rng.random() < 0.4:
                found[customer].append(self.customer(f"Person {number}", parent_id=customer.id))
        return found

    def moment(self, rng, day):
        """A moment in UTC that may lie on another day where the company works."""
        return datetime.combine(day, time(rng.randrange(24), rng.randrange(60)))

    def local_day(self, moment):
        zone = pytz.timezone(self.company._grading_tz())
        return pytz.utc.localize(moment).astimezone(zone).date()

    def random_orders(self, rng, customers, count, months=30):
        """Orders of random contacts, states, rates and times until today.

        :return: ``[(customer, day, amount in the company's currency)]`` of those that count
        """
        rows, moments, expected = [], [], []
        contacts = [(customer, contact) for customer, all_of in customers.items() for contact in all_of]
        for _number in range(count):
            customer, contact = rng.choice(contacts)
            moment = self.moment(rng, self.today - timedelta(days=rng.randrange(1, months * 30)))
            amount = rng.choice([-20, 0, 10, 25.5, 100, 333.34])
            rate, state = rng.choice([1, 1, 2]), rng.choice(["sale", "sale", "sale", "draft", "cancel"])
            rows.append((contact.id, moment.date(), amount, rate, state))
            moments.append(moment)
            if state == "sale":
                expected.append((customer, self.local_day(moment), amount / rate))
        before = self.env["sale.order"].search([]).ids
        self.insert_orders(rows)
        orders = self.env["sale.order"].search([("id", "not in", before)], order="id")
        self.force_each(orders, date_order=moments)
        return expected

    def remember(self, customer, day, grade, **vals):
        """A snapshot of a customer, or of a lead."""
        kind = "lead_id" if customer._name == "crm.lead" else "partner_id"
        values = {kind: customer.id, "company_id": self.company.id, "date": month_end(day), "grade_id": grade.id}
        return self.env["grading.snapshot"].create({**values, **vals})

    def random_months(self, rng, customers, months=26):
        """Snapshots of random grades, with gaps.

        :return: ``{(customer, last day of the month): grade}``
        """
        grades = {}
        for customer in customers:
            for back in range(1, months):
                if rng.random() < 0.85:
                    day = month_end(self.today - relativedelta(months=back))
                    grades[customer, day] = rng.choice(self.grades)
        for (customer, day), grade in grades.items():
            self.remember(customer, day, grade)
        return grades

    def grade_then(self, grades, customer, day):
        """The grade of the month of ``day``, today's in the month that is running; empty where nothing is known."""
        if day >= self.today.replace(day=1):
            return self.profile(customer).grade_id
        return grades.get((customer, month_end(day)), self.gold.browse())

    # ------------------------------------------------------------
    # Reports
    # ------------------------------------------------------------

    def rows(self, domain=(), user=None, **context):
        """The rows of the company that a user sees, or the superuser."""
        self.env.invalidate_all()  # a transaction has one user, and rows are what this user may see
        report = self.env[self.model].with_context(**context)
        return (report.with_user(user) if user else report).search(Domain(domain))

    def groups(self, groupby, aggregates, domain=(), user=None):
        """``{(groups): (aggregates)}``"""
        report = self.env[self.model]
        report = report.with_user(user) if user else report
        found = report._read_group(Domain(domain), groupby, aggregates)
        return {row[: len(groupby)]: row[len(groupby) :] for row in found}

    def assert_same(self, got, expected, places=2):
        """Both are ``{key: (numbers)}``; None and False are unknown."""
        self.assertEqual(got.keys(), expected.keys())
        for key, numbers in expected.items():
            with self.subTest(group=key):
                for number, other in zip(got[key], numbers, strict=True):
                    self.assertEqual(number in (None, False) and number != 0, other in (None, False) and other != 0)
                    self.assertAlmostEqual(float(number or 0), float(other or 0), places)

    def assert_cells_open_what_they_count(self, groupby, measure, user=None):
        """The domain of each cell, as the pivot opens it, finds as many rows as it counts, of the same sum."""
        self.env.invalidate_all()
        report = self.env[self.model]
        report = report.with_user(user) if user else report
        cells = report.formatted_read_group([], groupby, ["__count", f"{measure}:sum"])
        self.assertTrue(cells)
        for cell in cells:
            rows = report.search(cell["__extra_domain"])
            self.assertEqual(len(rows), cell["__count"])
            self.assertAlmostEqual(sum(row[measure] or 0 for row in rows), cell[f"{measure}:sum"] or 0, 2)

    def assert_apart_and_closed(self):
        """Another company sees none of these rows, and neither employees nor customers see any."""
        self.assertTrue(self.rows())
        foreigner = self.manager("foreigner", company_id=self.other.id, company_ids=self.other.ids)
        self.assertFalse(self.rows(user=foreigner, allowed_company_ids=self.other.ids))
        for user in (self.internal(), self.portal()):
            with self.assertRaises(AccessError):
                self.rows(user=user)

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from dateutil.relativedelta import relativedelta

from odoo.tests import tagged

from ..common import GradingCase, seeds

AS_OF = date(2025, 3, 10)
EPOCH = date(2020, 1, 1)
CENT = Decimal("0.01")
MEASURES = (
    "order_count", "order_amount", "order_count_12m", "order_amount_12m", "order_amount_prev_12m",
    "average_order_amount", "first_order_date", "last_order_date", "average_order_interval", "next_order_date",
    "order_months", "faded_order_amount",
)  # fmt: skip


def cents(value):
    return Decimal(value).quantize(CENT, ROUND_HALF_UP)


def measure(documents, half_life):
    """What the design says of each measure, in naive Python: documents are ``(day, amount, is_order)``."""
    documents = [document for document in documents if document[0] <= AS_OF]
    days = sorted(day for day, _amount, is_order in documents if is_order)
    year, two_years = AS_OF - relativedelta(months=12), AS_OF - relativedelta(months=24)
    total = sum((amount for _day, amount, _is_order in documents), Decimal())
    decayed = sum(float(amount) * 2 ** (-(AS_OF - day).days / half_life) for day, amount, _is_order in documents)
    interval = (days[-1] - days[0]).days / (len(days) - 1) if len(days) > 1 else None
    return {
        "order_count": len(days),
        "order_amount": cents(total),
        "order_count_12m": sum(day > year for day in days),
        "order_amount_12m": cents(sum((a for day, a, _ in documents if day > year), Decimal())),
        "order_amount_prev_12m": cents(sum((a for day, a, _ in documents if two_years < day <= year), Decimal())),
        "average_order_amount": cents(total / len(days)) if days else None,
        "first_order_date": days[0] if days else None,
        "last_order_date": days[-1] if days else None,
        "average_order_interval": interval,
        "next_order_date": days[-1] + timedelta(days=int(interval + 0.5)) if interval is not None else None,
        "order_months": len({(day.year, day.month) for day in days}),
        "faded_order_amount": decayed if decayed > 0 else None,
    }


def score(measured):
    """The scheme of the test in naive Python: ``{customer: {criterion name: points}}``."""
    points = defaultdict(dict)
    decayed = {name: m["faded_order_amount"] for name, m in measured.items() if m["faded_order_amount"] is not None}
    for name, m in measured.items():
        others = len(decayed) - 1
        lower = sum(other < decayed[name] * (1 - 1e-9) for other in decayed.values()) if name in decayed else None
        points[name]["rank"] = 3 if lower is None else 40 * (lower / others if others else 1)
        months = 0 if m["last_order_date"] is None else relativedelta(AS_OF, m["last_order_date"])
        since = months and months.years * 12 + months.months
        points[name]["recency"] = -1 if m["last_order_date"] is None else 20 if since < 3 else 10 if since < 12 else -5
        points[name]["count"] = max(0, min(20, 1 + 1.5 * m["order_count"]))
        points[name]["average"] = 0 if m["average_order_amount"] is None else (
            15 if m["average_order_amount"] >= 400 else 7.5 if m["average_order_amount"] >= 150 else 0
        )  # fmt: skip
        points[name]["regular"] = 5 if m["order_months"] >= 4 else -2.5
    return {name: {key: cents(repr(float(value))) for key, value in row.items()} for name, row in points.items()}


@tagged("post_install", "-at_install")
class TestOracle(GradingCase):
    """The same grading in naive Python, without SQL, on random data."""

    def _customers(self, rng):
        """Customers, some with contacts of contacts that buy for them: ``{customer: [contacts]}``."""
        Partner = self.env["res.partner"]
        customers = Partner.create([{"name": "Oracle %s" % number, "is_company": True} for number in range(25)])
        children = Partner.create([{"name": "Child", "parent_id": customer.id} for customer in customers])
        grandchildren = Partner.create([{"name": "Grandchild", "parent_id": child.id} for child in children])
        families = zip(customers, children, grandchildren, strict=True)
        return {family[0]: family[: rng.randint(1, 3)] for family in families}

    def _random_orders(self, rng, families, company):
        """Random orders in any state and currency, returns among them; some customers tie, some have none."""
        documents = defaultdict(list)
        rows = []
        for number, (customer, contacts) in enumerate(families.items()):
            for _order in range(0 if number == 0 else 2 if number < 4 else rng.randint(1, 12)):
                tied = 0 < number < 4
                day = date(2025, 1, 15) if tied else AS_OF - timedelta(days=rng.randint(-20, 1500))
                amount = Decimal(250) if tied else cents(repr(rng.choice((1, 1, 1, -0.3)) * rng.lognormvariate(5, 1)))
                rate = Decimal(1) if tied else rng.choice((Decimal(1), Decimal("1.25"), Decimal("7.8123")))
                state = "sale" if tied else rng.choice(("sale", "sale", "sale", "draft", "sent", "cancel"))
                rows.append((rng.choice(contacts).id, day, amount, rate, state))
                if state == "sale":
                    documents[customer].append((day, amount / rate, True))
        self.insert_orders(rows, company)
        return documents

    def _insert_move(self, customer, signed, day, kind):
        journal = self.env["account.journal"].search([("company_id", "=", self.company.id)], limit=1)
        journal = journal or self.env["account.journal"].create({"name": "Sales", "type": "sale", "code": "ORA"})
        move = self.env["account.move"].create(
            {"partner_id": customer.id, "move_type": kind, "journal_id": journal.id, "invoice_date": day}
        )
        self.force(move, state="posted", amount_untaxed_signed=signed, invoice_date=day)

    def _compare(self, families, documents, half_life):
        measured = {c: measure(documents[c], half_life) for c in families}
        for customer, expected in measured.items():
            profile = self.profile(customer)
            weight_log = profile.faded_order_log and self.company._grading_decay_log(AS_OF)
            for name in MEASURES:
                got = profile[name]
                if name == "faded_order_amount":
                    got = 2.718281828459045 ** (profile.faded_order_log - weight_log) if weight_log else None
                want = expected[name]
                label = "%s of %s" % (name, customer.name)
                if isinstance(want, (Decimal, float)):
                    self.assertAlmostEqual(
                        float(got), float(want), delta=max(0.005, abs(float(want)) * 1e-9), msg=label
                    )
                else:
                    self.assertEqual(got or None, want or None, label)
        return measured

    def test_measures_and_points_equal_the_oracle(self):
        self.scheme(
            criteria=[
                self.rank("faded_order_amount", 40, name="rank", points_if_none=3),
                self.band("last_order_date", [(0, 20), (3, 10), (12, -5)], name="recency", date_unit="months",
                          points_if_none=-1),
                self.linear("order_count", 1.5, name="count", points_base=1, points_max=20),
                self.band("average_order_amount", [(150, 7.5), (400, 15)], name="average"),
                self.matching([("order_months", ">=", 4)], 5, name="regular", points_if_none=-2.5),
            ],
        )  # fmt: skip
        for seed in seeds(4):
            with self.subTest(seed=seed), self.env.cr.savepoint():
                rng = random.Random(seed)
                self.company.grading_half_life_days = rng.choice((30, 90, 365))
                families = self._customers(rng)
                documents = self._random_orders(rng, families, self.company)
                self.env.flush_all()
                self.rescore(as_of=AS_OF)
                measured = self._compare(families, documents, self.company.grading_half_life_days)
                self._compare_points({c: m for c, m in measured.items() if self.profile(c)})
                self.env["sale.order"].search([("name", "=", "Inserted")]).state = "cancel"
                self.env["res.partner"].browse(c.id for c in families).active = False

    def _compare_points(self, measured):
        for customer, expected in score(measured).items():
            profile = self.profile(customer)
            detail = {c.name: profile.points_detail[str(c.id)] for c in profile.scheme_id.criterion_ids}
            for name, points in expected.items():
                # The rounding of a half may go either way between a binary and a decimal fraction.
                self.assertAlmostEqual(detail[name], float(points), delta=0.0101, msg="%s %s" % (customer.name, name))
            self.assertAlmostEqual(profile.score, float(sum(expected.values())), delta=0.06)

    def test_credit_notes_count_against_the_invoices_on_their_own_day(self):
        self.company.grading_amount_source = "invoice"
        customer = self.customer("Invoiced")
        documents = []
        for day, amount, kind in (
            (date(2024, 1, 10), 1000, "out_invoice"),
            (date(2024, 6, 10), 300, "out_refund"),
            (date(2024, 12, 10), 500, "out_invoice"),
            (date(2025, 3, 11), 900, "out_invoice"),  # after the day of the run
        ):
            sign = -1 if kind == "out_refund" else 1
            self._insert_move(customer, sign * amount, day, kind)
            documents.append((day, Decimal(sign * amount), kind == "out_invoice"))
        self.order(customer, 7777, date(2025, 1, 1))  # not the company's source
        self.scheme(criteria=[self.linear("order_count", 1, points_max=100)])
        self.rescore(as_of=AS_OF)
        measured = self._compare({customer: [customer]}, {customer: documents}, self.company.grading_half_life_days)
        self.assertEqual(measured[customer]["order_amount"], 1200)
        self.assertEqual(measured[customer]["order_amount_12m"], 200)
        self.assertEqual(measured[customer]["order_count"], 2)

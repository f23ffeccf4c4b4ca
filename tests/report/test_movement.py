from collections import Counter

from odoo.tests import tagged
from odoo.tools import SQL

from ..common import with_seeds
from ..memory.memory_case import month_end
from .movement_case import LAST, MovementCase

NONSENSE = (None, False, "", "2025-02-30", "x", 7, -1, 10**9, [], ["x"], {}, "2031-01-31")


@tagged("post_install", "-at_install")
class TestMovement(MovementCase):
    """From which grade to which grade customers and leads went between two months."""

    def test_the_matrix_counts_customers_and_adds_up_what_they_buy_at_the_later_month(self):
        none = self.env["grading.grade"]
        self.remember(self.customer("Risen"), self.gold, self.silver, order_amount_12m=100)
        self.remember(self.customer("Risen, too"), self.gold, self.silver, order_amount_12m=20)
        self.remember(self.customer("Fallen"), self.bronze, self.gold, order_amount_12m=3)
        self.remember(self.customer("Same"), self.gold, self.gold, order_amount_12m=1000)
        self.remember(self.customer("Gone"), None, self.gold, order_amount_12m=5000)
        self.remember(self.customer("New"), self.silver, None, order_amount_12m=7)
        self.remember(self.customer("Graded no more"), none, self.silver)
        self.remember(self.customer("New, not graded"), none)
        self.assertEqual(
            list(self.matrix().items()),
            [
                (("Gold", "Gold"), (1, 1000)),
                (("Gold", "Bronze"), (1, 3)),
                (("Gold", "Gone"), (1, 0)),
                (("Silver", "Gold"), (2, 120)),
                (("Silver", "Not graded"), (1, 0)),
                (("New", "Silver"), (1, 7)),
                (("New", "Not graded"), (1, 0)),
            ],
        )
        changes = dict(self.Movement._read_group([], ["change"], ["__count"]))
        self.assertEqual(changes, {"up": 2, "down": 2, "same": 1, "gone": 1, "new": 2})
        [[direction, amount, then]] = self.Movement._read_group(
            [], [], ["direction:sum", "amount:sum", "from_amount:sum"]
        )
        self.assertEqual((direction, amount, then), (0, 1130, 6123))

    def test_a_sum_over_companies_of_two_currencies_is_in_that_of_the_company_at_hand(self):
        dollars = self.env["res.currency"].create({"name": "XTD", "symbol": "x"})
        self.env["res.currency.rate"].create(
            {"currency_id": dollars.id, "rate": 4, "name": LAST, "company_id": self.company.id}
        )
        other = self.new_company("Elsewhere", currency_id=dollars.id)
        for company, amount in ((self.company, 100), (other, 40)):
            customer = self.customer("Same")
            self.remember(customer, self.gold, self.gold, order_amount_12m=amount, company_id=company.id)
        both = self.Movement.with_context(allowed_company_ids=(self.company + other).ids)
        [sums] = both._read_group([], [], ["amount:sum", "from_amount:sum"])
        self.assertEqual(sums, (110, 110))
        case = self.env["grading.play.case"].with_context(allowed_company_ids=(self.company + other).ids)
        play = self.env["grading.play"].create({"name": "Play", "tells_manager": True})
        for company, amount in ((self.company, 100), (other, 40)):
            self.env.execute_query(
                SQL(
                    "INSERT INTO grading_play_case (play_id, partner_id, company_id, event, state, date_start,"
                    " date_deadline, amount_after) VALUES (%s, %s, %s, 'X', 'expired', %s, %s, %s) RETURNING id",
                    *(play.id, company.partner_id.id, company.id, LAST, LAST, amount),
                )
            )
        self.assertEqual(case._read_group([("play_id", "=", play.id)], [], ["amount_after:sum"]), [(110,)])

    def test_grades_of_different_schemes_are_not_compared(self):
        customer = self.customer("Signed")
        self.remember(customer, self.bronze)
        self.remember(customer, self.gold, last=month_end(LAST, -1), scheme_id=self.scheme().id)
        movement = self.Movement.search([])
        self.assertEqual((movement.change, movement.direction), ("scheme", 0))

    def test_leads_stand_apart_from_customers(self):
        lead = self.lead()
        self.remember(lead, self.gold, self.silver)
        self.remember(self.customer("Risen"), self.gold, self.gold)
        self.assertEqual(self.matrix(("lead_id", "=", False)), {("Gold", "Gold"): (1, 0)})
        self.assertEqual(self.matrix(("lead_id", "!=", False)), {("Silver", "Gold"): (1, 0)})
        movement = self.Movement.search([("lead_id", "=", lead.id)])
        self.assertEqual((movement.action_open()["res_model"], movement.action_open()["res_id"]), ("crm.lead", lead.id))

    def test_it_compares_the_last_month_with_the_one_before_or_with_those_that_are_chosen(self):
        self.remember(self.customer("Restless"), self.gold, self.silver, self.bronze, self.gold, self.silver)
        months = [str(month_end(LAST, -number)) for number in range(5)]
        for context, expected in (
            ({}, ("Silver", "Gold")),
            ({"grading_months_before": 2}, ("Bronze", "Gold")),
            ({"grading_months_before": 3}, ("Gold", "Gold")),
            ({"grading_months_before": 12}, ("Silver", "Gold")),  # the first month that there is
            ({"grading_to_month": months[1]}, ("Bronze", "Silver")),
            ({"grading_to_month": months[1], "grading_months_before": 2}, ("Gold", "Silver")),
            ({"grading_from_month": [months[2]], "grading_to_month": [months[0], months[1]]}, ("Bronze", "Silver")),
            ({"grading_from_month": months[4], "grading_months_before": 1}, ("Silver", "Gold")),
        ):
            with self.subTest(context=context):
                self.assertEqual(list(self.matrix(**context)), [expected])
        for nonsense in NONSENSE:
            context = dict.fromkeys(("grading_from_month", "grading_to_month", "grading_months_before"), nonsense)
            with self.subTest(nonsense=nonsense):
                self.assertEqual(list(self.matrix(**context)), [("Silver", "Gold")])

    def test_where_nothing_is_remembered_nothing_is_shown(self):
        self.assertEqual(self.matrix(), {})
        self.assertEqual(self.Movement._select_months(), [])

    def test_grades_are_named_in_the_language_of_the_reader_and_stand_from_the_best_down(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.gold.with_context(lang="fr_FR").name = "Or"
        self.remember(self.customer("Same"), self.gold, self.gold)
        french = self.Movement.with_context(lang="fr_FR")
        names = [name for _key, name in french._select_from()]
        self.assertLess(names.index("Or"), names.index("Bronze"))
        self.assertEqual(french._select_months()[0][1], "mai 2025")

    def test_a_row_opens_its_customer(self):
        customer = self.customer("Same")
        self.remember(customer, self.gold, self.gold)
        action = self.Movement.search([]).action_open()
        self.assertEqual((action["res_model"], action["res_id"]), ("res.partner", customer.id))

    @with_seeds(3)
    def test_it_is_what_counting_by_hand_gives(self, rng):
        self.env["grading.snapshot"].search([("company_id", "=", self.company.id)]).unlink()
        choices = [self.gold, self.silver, self.bronze, self.env["grading.grade"], None]
        expected = Counter()
        for number in range(40):
            ends = [rng.choice(choices) for _end in range(2)]
            self.remember(self.customer(f"Customer {number}"), *ends, order_amount_12m=number)
            if ends != [None, None]:
                later, earlier = (
                    absent if grade is None else grade.name or "Not graded"
                    for grade, absent in zip(ends, ("Gone", "New"), strict=True)
                )
                expected[earlier, later] += 1
        # Both months are there, whatever was drawn.
        self.remember(self.customer("Anchor"), self.gold, self.gold)
        expected["Gold", "Gold"] += 1
        counts = {ends: count for ends, (count, _amount) in self.matrix().items()}
        self.assertEqual(counts, dict(expected))


@tagged("post_install", "-at_install")
class TestMovementSecurity(MovementCase):
    """Grades and counts are for all who sell, amounts for those who may see the documents behind them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller, cls.colleague = cls.salesman("mover"), cls.salesman("colleague")
        for user, amount in ((cls.seller, 1), (cls.colleague, 10), (cls.env["res.users"], 100)):
            partner = cls.customer(f"Customer of {user.login}", user_id=user.id)
            cls.remember(partner, cls.gold, cls.gold, order_amount_12m=amount)

    def test_amounts_go_with_documents(self):
        plain = self.user("plain", "customer_grading.customer_grading_group_user")
        for user, amount in ((self.seller, 101), (self.manager("boss"), 111), (plain, 0)):
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                self.assertEqual(self.matrix(user=user), {("Gold", "Gold"): (3, amount)})
                seen = self.Movement.with_user(user).search([("amount", ">", 0)])
                self.assertEqual(sum(seen.mapped("amount")), amount)
                # The superuser reads on the user's behalf.
                [[total]] = self.Movement.with_user(user).sudo()._read_group([], [], ["from_amount:sum"])
                self.assertEqual(total or 0, amount)

    def test_leads_of_colleagues_are_not_counted(self):
        self.remember(self.lead(user_id=self.colleague.id), self.silver, self.gold)
        self.assertNotIn(("Gold", "Silver"), self.matrix(user=self.seller))
        self.assertIn(("Gold", "Silver"), self.matrix(user=self.colleague))

    def test_another_company_sees_nothing(self):
        other = self.new_company("Other Company")
        foreigner = self.manager("foreigner", company_id=other.id, company_ids=other.ids)
        theirs = self.Movement.with_user(foreigner).with_context(allowed_company_ids=other.ids)
        self.assertEqual(theirs.search_count([]), 0)
        self.assertEqual(theirs._select_months(), [])
        asked = theirs.with_context(grading_to_month=str(LAST), grading_from_month=str(LAST))
        self.assertEqual(asked.search_count([]), 0)

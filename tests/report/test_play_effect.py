import math
import re
import statistics
from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from ..common import with_seeds
from ..play.play_case import PlayCase

# Plays without any effect, and by how many of them the law may be missed: four times the standard deviation.
PLAYS = 300
SLACK = 4 * math.sqrt(PLAYS * 0.95 * 0.05)


def t_quantile(df, probability=0.975):
    """By bisection of Simpson's integral of the density: another way than the module's series."""
    scale = math.exp(math.lgamma((df + 1) / 2) - math.lgamma(df / 2)) / math.sqrt(df * math.pi)
    low, high = 0.0, 20.0
    for _n in range(50):
        middle, steps = (low + high) / 2, 400
        at = [scale * (1 + (middle * k / steps) ** 2 / df) ** (-(df + 1) / 2) for k in range(steps + 1)]
        area = (at[0] + at[-1] + 4 * sum(at[1:-1:2]) + 2 * sum(at[2:-1:2])) * middle / steps / 3
        low, high = (middle, high) if 0.5 + area < probability else (low, middle)
    return low


def interval(treated, control):
    """The wider one of Welch's and Student's intervals of the difference of two means."""
    sizes = [len(treated), len(control)]
    variances = [statistics.variance(treated), statistics.variance(control)]
    errors = [variance / size for variance, size in zip(variances, sizes, strict=True)]
    df = sum(errors) ** 2 / sum(error**2 / (size - 1) for error, size in zip(errors, sizes, strict=True))
    both = sum(variance * (size - 1) for variance, size in zip(variances, sizes, strict=True)) / (sum(sizes) - 2)
    width = max(
        t_quantile(df) * math.sqrt(sum(errors)),
        t_quantile(sum(sizes) - 2) * math.sqrt(both * sum(1 / size for size in sizes)),
    )
    difference = statistics.fmean(treated) - statistics.fmean(control)
    return difference - width, difference + width


class EffectCase(PlayCase):
    @classmethod
    def customers(cls, count):
        return cls.env["res.partner"].create([{"name": f"P {n}", "user_id": cls.seller.id} for n in range(count)])

    @classmethod
    def insert(cls, rows, company=None):
        """Cases as they stand in the database.

        :param rows: ``(play, customer or lead, state, days since the start, revenue, orders, days to the goal or None,
            whether the time is over)``
        """
        cls.env.flush_all()
        company, lines = company or cls.company, []
        for place, (play, subject, state, age, amount, orders, reached, complete) in enumerate(rows):
            start = cls.ago(age)
            is_lead = subject._name == "crm.lead"
            lines.append(
                SQL(
                    "(%s, %s::int, %s::int, %s, %s, %s, %s::timestamp, %s::date, %s::numeric, %s, %s::date, %s)",
                    play.id, None if is_lead else subject.id, subject.id if is_lead else None, company.id,
                    f"test:{place}", state, datetime(start.year, start.month, start.day, 12), start, amount, orders,
                    None if reached is None else start + timedelta(days=reached), complete,
                )
            )  # fmt: skip
        for first in range(0, len(lines), 5000):
            cls.env.execute_query(
                SQL(
                    "INSERT INTO grading_play_case (play_id, partner_id, lead_id, company_id, event, state, date_start,"
                    " date_deadline, amount_after, order_count_after, date_reached, is_complete) VALUES %s"
                    " RETURNING id",
                    SQL(", ").join(lines[first : first + 5000]),
                )
            )
        cls.env.invalidate_all()

    @classmethod
    def fill(cls, play, treated, control, customers, orders=1):
        """Cases whose time is over, with these revenues."""
        states = ["expired"] * len(treated) + ["control"] * len(control)
        amounts = [*treated, *control]
        return [
            (play, customer, state, 40, amount, orders, None, True)
            for customer, state, amount in zip(customers, states, amounts, strict=False)
        ]

    def effect(self, play, user=None, company=None):
        self.env.invalidate_all()  # as another request
        Effect = self.env["grading.play.effect"].with_user(user or self.env.user)
        return Effect.search([("play_id", "=", play.id), ("company_id", "=", (company or self.company).id)])


@tagged("post_install", "-at_install")
class TestPlayEffect(EffectCase):
    """What customers of a play bought, beside those of its control group."""

    @with_seeds(2)
    def test_the_figures_by_another_computation(self, rng):
        customers, play = self.customers(80), self.play(control_percent=30)
        rows = []
        for customer in customers:
            is_control = rng.random() < 0.3
            for _n in range(rng.randint(1, 3)):
                state = "control" if is_control else rng.choice(("reached", "expired", "stopped", "running"))
                complete = state != "running" and rng.random() < 0.9
                reached = 2 if state == "reached" or is_control and rng.random() < 0.5 else None
                amount = rng.choice((0, 0, rng.randint(-50, 900)))
                rows.append((play, customer, state, rng.randint(5, 60), amount, rng.randint(0, 3), reached, complete))
        self.insert(rows)
        ages = [age for _p, _c, state, age, *_rest, complete in rows if state == "control" and complete]
        compared = {True: {}, False: {}}
        for _play, customer, state, age, *figures, reached, complete in rows:
            if complete and min(ages) <= age <= max(ages):
                own = compared[state == "control"].setdefault(customer, [])
                own.append((*figures, 100 * (reached is not None)))
        means = {
            group: [[statistics.fmean(column) for column in zip(*starts, strict=True)] for starts in own.values()]
            for group, own in compared.items()
        }
        effect = self.effect(play)
        for group, kind in ((False, "treated"), (True, "control")):
            self.assertEqual(effect[f"{kind}_size"], len(means[group]))
            for place, name in enumerate(("amount", "orders", "reached")):
                expected = statistics.fmean(row[place] for row in means[group])
                self.assertAlmostEqual(effect[f"{kind}_{name}"], expected, delta=0.051)
        low, high = interval(*([row[0] for row in means[group]] for group in (False, True)))
        self.assertAlmostEqual(effect.difference_low, low, delta=0.02)
        self.assertAlmostEqual(effect.difference_high, high, delta=0.02)
        self.assertEqual(effect.verdict, "more" if low > 0 else "less" if high < 0 else "open")
        states = [state for _p, _c, state, *_rest in rows]
        for state in ("running", "reached", "expired", "stopped", "control"):
            self.assertEqual(effect[f"{state}_count"], states.count(state))
        self.assertEqual(effect.started_count, len(states) - states.count("control"))

    def test_quantiles_are_those_of_the_tables(self):
        for df, quantile in ((9, 2.262), (10, 2.228), (15, 2.131), (30, 2.042), (120, 1.980), (10**6, 1.960)):
            sql = self.env["grading.play.effect"]._quantile_to_sql(SQL("%s", df))
            [[found]] = self.env.execute_query(SQL("SELECT %s", sql))
            self.assertAlmostEqual(found, quantile, delta=0.0006)
            self.assertAlmostEqual(t_quantile(df), quantile, delta=0.0006)

    @with_seeds(0)
    def test_without_an_effect_95_of_100_intervals_hold_0(self, rng):
        """Revenue as it is: most buy nothing, and a few very much; also beside a control group of a tenth."""

        def bell():
            return rng.gauss(100, 30)

        def skewed():
            return rng.lognormvariate(4, 1) if rng.random() < 0.3 else 0

        customers = self.customers(100)
        for draw, treated, control in ((bell, 25, 25), (bell, 10, 10), (skewed, 90, 10), (skewed, 40, 40)):
            with self.subTest(draw=draw.__name__, treated=treated, control=control):
                plays = self.env["grading.play"].create(
                    [{"name": "Play", "category_ids": self.played.ids} for _n in range(PLAYS)]
                )
                rows = []
                for play in plays:
                    amounts = [[draw() for _n in range(size)] for size in (treated, control)]
                    rows += self.fill(play, *amounts, customers)
                self.insert(rows)
                effects = self.env["grading.play.effect"].search([("play_id", "in", plays.ids)])
                held = len(effects.filtered(lambda effect: effect.verdict == "open"))
                self.assertEqual(len(effects), PLAYS)
                self.assertGreaterEqual(held, PLAYS * 0.95 - SLACK)
                if draw is bell:
                    self.assertLessEqual(held, PLAYS * 0.95 + SLACK)

    @with_seeds(0)
    def test_an_effect_of_20_percent_on_large_groups_is_found(self, rng):
        customers = self.customers(1200)
        control = [rng.lognormvariate(4, 0.5) for _n in range(600)]
        for factor, verdict in ((1.2, "more"), (0.8, "less")):
            treated = [factor * rng.lognormvariate(4, 0.5) for _n in range(600)]
            play = self.play()
            self.insert(self.fill(play, treated, control, customers))
            self.assertEqual(self.effect(play).verdict, verdict)

    def shown(self, amount):
        symbol, position = self.company.currency_id.symbol, self.company.currency_id.position
        return f"{symbol} {amount}" if position == "before" else f"{amount} {symbol}"

    def test_in_words(self):
        customers = self.customers(40)
        named = {
            "more": ([200, 240] * 10, [10, 50] * 10, "brought {177} to {203} more each"),
            "less": ([10, 50] * 10, [200, 240] * 10, "brought {177} to {203} less each"),
            "open": ([100, 140] * 10, [101, 141] * 10, "anything from {14} less to {12} more each is possible"),
            "few": ([200, 240] * 10, [1] * 9, "20 treated and 9 control customers"),
            "no_control": ([200, 240] * 10, [], "No control group"),
        }
        for name, (treated, control, words) in named.items():
            with self.subTest(name):
                play = self.play()
                self.insert(self.fill(play, treated, control, customers))
                effect = self.effect(play)
                self.assertEqual(effect.verdict, {"few": "open"}.get(name, name))
                said = re.sub(r"{(\d+)}", lambda amount: self.shown(int(amount[1])), words)
                self.assertIn(said, effect.sentence.replace("\xa0", " "))
                if name in ("few", "no_control"):
                    self.assertEqual((effect.difference_low, effect.difference_high), (False, False))

    def test_of_a_play_with_a_control_group_none_is_to_be_entered(self):
        customers = self.customers(5)
        play, without = self.play(control_percent=20), self.play()
        for own in (play, without):
            self.insert(self.fill(own, [200] * 5, [], customers))
        self.assertEqual((self.effect(play).verdict, self.effect(without).verdict), ("open", "no_control"))
        self.assertIn("5 treated and 0 control customers", self.effect(play).sentence)

    def test_leads_are_called_leads(self):
        leads = self.env["crm.lead"].create([self.lead_values(f"L {n}") for n in range(40)])
        play = self.play(subject="lead")
        self.insert(self.fill(play, [200, 240] * 10, [10, 50] * 10, leads))
        self.assertIn("Leads of this play", self.effect(play).sentence)

    def test_groups_that_all_buy_the_same_are_told_apart_only_if_they_differ(self):
        customers = self.customers(20)
        same, other = self.play(), self.play()
        self.insert(self.fill(same, [5] * 10, [5] * 10, customers))
        self.insert(self.fill(other, [6] * 10, [5] * 10, customers))
        self.assertEqual((self.effect(same).verdict, self.effect(other).verdict), ("open", "more"))

    def test_only_starts_of_the_time_with_a_control_group_are_compared(self):
        customers, play = self.customers(40), self.play()
        rows = self.fill(play, [50] * 20, [50] * 19 + [51], customers)
        before = [(play, customer, "expired", 300, 9999, 9, None, True) for customer in customers[:20]]
        after = [(play, customer, "expired", 20, 9999, 9, None, True) for customer in customers[:20]]
        self.insert([*rows, *before, *after])
        effect = self.effect(play)
        self.assertEqual((effect.treated_amount, effect.treated_size, effect.started_count), (50, 20, 60))

    def test_a_customer_with_many_starts_counts_once(self):
        customers, play = self.customers(40), self.play()
        often = [(play, customers[0], "reached", 40, 1000, 1, 1, True) for _n in range(50)]
        self.insert([*often, *self.fill(play, [0] * 19, [0] * 20, customers[1:])])
        effect = self.effect(play)
        self.assertEqual((effect.treated_size, effect.treated_amount, effect.treated_reached), (20, 50, 5))

    def test_from_the_start_of_a_play_to_the_report(self):
        customers = self.customers(60)
        customers.customer_rank = 1
        self.rescore()
        play = self.play(control_percent=40, goal_days=5)
        cases = play._start_for(customers)
        self.begin()
        for case in cases:
            is_control = case.state == "control"
            self.assertEqual(is_control, play._hash(case.partner_id) < 40)
            self.force(case, date_start=case.date_start - timedelta(days=9), date_deadline=self.ago(4))
            self.order(case.partner_id, 100 if is_control else 300, self.ago(6))
            self.order(case.partner_id, 7000, self.ago(2))
        self.assertEqual(self.effect(play).treated_size, 0, "the time is not known to be over")
        self.env["grading.play.case"]._follow_up_once()
        self.env["grading.play.case"]._measure()
        effect = self.effect(play)
        self.assertEqual((effect.treated_amount, effect.control_amount, effect.verdict), (300, 100, "more"))
        self.assertEqual((effect.reached_count, effect.control_reached), (effect.started_count, 100))
        cases_shown = self.env["grading.play.case"].search(effect.action_view_cases()["domain"])
        self.assertEqual(set(cases_shown), set(cases))


@tagged("post_install", "-at_install")
class TestControlGroup(EffectCase):
    """The hash draws as chance would: balanced, and anew for each play."""

    def drawn(self, play, ids):
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM UNNEST(%s) AS id WHERE %s < %s",
                ids,
                play._hash_to_sql(SQL("id")),
                play.control_percent,
            )
        )
        return {row[0] for row in rows}

    @with_seeds(0)
    def test_the_group_is_as_large_as_asked_for_and_as_the_others(self, rng):
        count = 20000
        first = rng.randrange(1, 10**6)
        ids = list(range(first, first + count))
        revenue = {number: rng.lognormvariate(4, 1) for number in ids}
        for percent in (5, 20, 50):
            control = self.drawn(self.play(control_percent=percent), ids)
            spread = math.sqrt(count * percent / 100 * (1 - percent / 100))
            self.assertAlmostEqual(len(control), count * percent / 100, delta=5 * spread)
            odd = sum(number % 2 for number in control)
            self.assertAlmostEqual(odd, len(control) / 2, delta=5 * math.sqrt(len(control)) / 2)
            left, others = (
                [math.log(revenue[number]) for number in ids if (number in control) == kind] for kind in (True, False)
            )
            error = math.sqrt(1 / len(left) + 1 / len(others))
            self.assertAlmostEqual(statistics.fmean(left), statistics.fmean(others), delta=5 * error)

    def test_two_plays_do_not_leave_the_same_customers_alone(self):
        ids = list(range(1, 20001))
        one, other = (self.drawn(self.play(control_percent=50), ids) for _n in range(2))
        self.assertAlmostEqual(len(one & other), 5000, delta=5 * math.sqrt(20000 * 0.25 * 0.75))


@tagged("post_install", "-at_install")
class TestPlayEffectSecurity(EffectCase):
    """The report tells of no customer whose documents the reader may not see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague, cls.boss = cls.salesman(login="colleague"), cls.manager()
        own = cls.customers(20)
        foreign = cls.customers(20)
        foreign.user_id = cls.colleague
        cls.the_play = cls.play()
        cls.insert(cls.fill(cls.the_play, [100] * 10, [50] * 10, own))
        cls.insert(cls.fill(cls.the_play, [900] * 10, [50] * 10, foreign))

    def test_salespeople_see_the_figures_of_their_own_customers_alone(self):
        found, keys = [], set()
        for user in (self.seller, self.colleague, self.boss):
            effect = self.effect(self.the_play, user)
            found.append((effect.treated_amount, effect.treated_size))
            keys.add(effect.id)
            self.assertIn("more each", effect.sentence)
        self.assertEqual(found, [(100, 10), (900, 10), (500, 20)])
        self.assertEqual(len(keys), 1, "the key does not depend on the user")

    def test_one_who_sees_no_case_sees_no_row(self):
        stranger = self.salesman(login="stranger")
        self.assertFalse(self.effect(self.the_play, stranger))

    def test_outsiders_see_nothing(self):
        for user in (self.internal(), self.portal()):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["grading.play.effect"].with_user(user).search([])

    def test_companies_are_apart_and_each_has_its_currency(self):
        other = self.new_company("Elsewhere", currency_id=self.env.ref("base.USD").id)
        there = self.manager(login="there", company_id=other.id, company_ids=other.ids)
        both = self.manager(login="both", company_id=self.company.id, company_ids=(self.company + other).ids)
        shared = self.play(company_id=False)
        rows = self.fill(shared, [100] * 10, [50] * 10, self.customers(20))
        self.insert(rows)
        self.insert(rows, company=other)
        Effect = self.env["grading.play.effect"]
        seen = Effect.with_user(there).with_context(allowed_company_ids=other.ids).search([])
        self.assertEqual((seen.company_id, seen.currency_id), (other, self.env.ref("base.USD")))
        seen = Effect.with_user(both).with_context(allowed_company_ids=(self.company + other).ids)
        self.assertEqual(len(seen.search([("play_id", "=", shared.id)])), 2)

import random
from collections import defaultdict
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo.tests import tagged

from ..common import seeds, with_seeds
from .test_assessment import FeedbackCase

AS_OF = date(2025, 3, 10)
SCORES = ("expectation", "satisfaction", "recommendation")


def decayed_mean(answers, half_life, as_of=AS_OF):
    """``[(day, score)]`` in naive Python: Σ w·x ÷ Σ w with w = 2^(−age ÷ half-life)."""
    weighted = [(2 ** (-(as_of - day).days / half_life), score) for day, score in answers if day <= as_of]
    total = sum(weight for weight, _score in weighted)
    return sum(weight * score for weight, score in weighted) / total if weighted else None


def count_complaints(complaints, as_of=AS_OF):
    """``[(severity, opened, closed)]`` as they stood on the day, in naive Python."""
    known = [complaint for complaint in complaints if complaint[1] <= as_of]
    still_open = [c for c in known if c[2] is None or c[2] > as_of]
    days = [(closed - opened).days for _s, opened, closed in known if closed is not None and closed <= as_of]
    return {
        "open_complaint_count": len(still_open),
        "serious_complaint_count": sum(severity == "serious" for severity, *_days in still_open),
        "complaint_count_12m": sum(opened > as_of - relativedelta(months=12) for _s, opened, _c in known),
        "complaint_response_days": sum(days) / len(days) if days else None,
    }


class FeedbackMeasureCase(FeedbackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order(cls.ada, 50, date(2024, 1, 1))
        cls.order(cls.bob, 50, date(2024, 1, 1))
        cls.ask_for("satisfaction", "satisfaction_gap", "recommendation", "open_complaint_count")

    @classmethod
    def ask_for(cls, *measures):
        """A scheme that reads these measures, so that a run measures them."""
        return cls.scheme(criteria=[cls.linear(name, points_min=-1000) for name in measures])

    @classmethod
    def said(cls, partner, days_ago, **scores):
        return cls.assess(partner, date=AS_OF - timedelta(days=days_ago), **scores)


@tagged("post_install", "-at_install")
class TestFeedbackMeasure(FeedbackMeasureCase):
    def test_what_was_said_a_half_life_ago_counts_half(self):
        self.company.grading_half_life_days = 30
        self.said(self.ada, 0, satisfaction=9)
        self.said(self.son, 30, satisfaction=3)
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.profile(self.ada).satisfaction, 7)  # (9 + 3/2) / (1 + 1/2)

    def test_each_score_has_its_own_mean_and_the_gap_needs_both(self):
        self.said(self.ada, 0, satisfaction=4)
        self.said(self.ada, 0, expectation=6, recommendation=0)
        self.said(self.bob, 0, satisfaction=4)
        self.rescore(as_of=AS_OF)
        ada, bob = self.profile(self.ada), self.profile(self.bob)
        self.assertEqual((ada.expectation, ada.satisfaction, ada.satisfaction_gap), (6, 4, -2))
        self.assertIsNot(ada.recommendation, False)
        self.assertEqual(bob.satisfaction, 4)
        for name in ("expectation", "recommendation", "satisfaction_gap"):
            self.assertIs(bob[name], False, name)

    def test_never_asked_is_unknown_and_asked_zero_times(self):
        self.rescore(as_of=AS_OF)
        profile = self.profile(self.ada)
        self.assertIs(profile.satisfaction, False)
        self.assertEqual((profile.assessment_count, profile.last_assessment_date), (0, False))
        self.assertIs(self.ada.grading_satisfaction, False)

    def test_what_is_said_after_the_day_is_not_known_yet(self):
        self.said(self.ada, -1, satisfaction=10)
        self.said(self.ada, 1, satisfaction=2)
        self.rescore(as_of=AS_OF)
        profile = self.profile(self.ada)
        self.assertEqual((profile.satisfaction, profile.assessment_count), (2, 1))
        self.assertEqual(profile.last_assessment_date, AS_OF - timedelta(days=1))

    def test_a_mean_does_not_change_while_time_passes(self):
        for days, score in ((3, 9), (40, 1), (200, 7)):
            self.said(self.ada, days, satisfaction=score, expectation=10 - score, recommendation=score / 2)
        self.rescore(as_of=AS_OF)
        before = self.profile(self.ada).read([*SCORES, "satisfaction_gap"])
        for days in (1, 100, 1000):
            self.rescore(as_of=AS_OF + timedelta(days=days))
            self.assertEqual(self.profile(self.ada).read([*SCORES, "satisfaction_gap"]), before)

    @with_seeds(1)
    def test_a_second_run_writes_no_row(self, rng):
        for partner in (self.ada, self.son, self.bob):
            for _answer in range(6):
                self.said(partner, rng.randint(0, 900), satisfaction=rng.uniform(0, 10), expectation=rng.randint(0, 10))
            self.complain(partner, date_open=AS_OF)
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.rescore(as_of=AS_OF).changed_count, 0)

    def test_another_companys_customers_say_nothing_to_us(self):
        other = self.new_company("Other")
        self.assess(self.ada, company_id=other.id, satisfaction=1, date=AS_OF)
        self.complain(self.ada, company_id=other.id, date_open=AS_OF)
        self.said(self.ada, 0, satisfaction=9)
        self.rescore(as_of=AS_OF)
        profile = self.profile(self.ada)
        self.assertEqual((profile.satisfaction, profile.assessment_count, profile.open_complaint_count), (9, 1, 0))

    def test_an_incremental_run_equals_a_full_one(self):
        self.rescore(as_of=AS_OF)
        self.said(self.son, 5, satisfaction=3, expectation=7)
        self.complain(self.son, severity="serious", date_open=AS_OF)
        self.rescore(as_of=AS_OF, partners=self.son)
        self.assertEqual(self.profile(self.ada).satisfaction_gap, -4)
        self.assertEqual(self.profile(self.ada).serious_complaint_count, 1)
        self.assertEqual(self.rescore(as_of=AS_OF).changed_count, 0)

    def test_what_a_contact_said_stays_with_the_customer_it_was_said_for(self):
        self.said(self.son, 0, satisfaction=3)
        self.son.parent_id = False
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.profile(self.ada).satisfaction, 3)

    def test_nothing_is_read_when_no_rule_needs_it(self):
        self.env["grading.scheme"].search([]).active = False
        self.scheme()
        self.said(self.ada, 0, satisfaction=3)
        self.rescore(as_of=AS_OF)
        self.assertIs(self.profile(self.ada).satisfaction, False)

    def test_a_complaint_is_open_until_the_evening_of_the_day_on_which_it_is_closed(self):
        closed = AS_OF + timedelta(days=2)
        self.complain(self.ada, date_open=AS_OF, date_close=closed, outcome="resolved", severity="serious")
        for day, counts in (
            (AS_OF - timedelta(days=1), (0, 0, 0)),
            (AS_OF, (1, 1, 1)),
            (closed - timedelta(days=1), (1, 1, 1)),
            (closed, (0, 0, 1)),
            (AS_OF + relativedelta(months=12), (0, 0, 0)),
        ):
            self.rescore(as_of=day)
            profile = self.profile(self.ada)
            got = (profile.open_complaint_count, profile.serious_complaint_count, profile.complaint_count_12m)
            self.assertEqual(got, counts, day)
        self.assertEqual(self.profile(self.ada).complaint_response_days, 2)

    def test_a_complaint_that_was_closed_at_once_took_no_days_which_is_known(self):
        self.complain(self.ada, date_open=AS_OF, date_close=AS_OF, outcome="resolved")
        self.rescore(as_of=AS_OF)
        self.assertIsNot(self.profile(self.ada).complaint_response_days, False)
        self.assertIs(self.profile(self.bob).complaint_response_days, False)

    def test_the_customers_can_be_searched_sorted_and_averaged_by_what_they_said(self):
        self.said(self.ada, 0, satisfaction=2, expectation=4)
        self.complain(self.bob, date_open=AS_OF)
        self.rescore(as_of=AS_OF)
        Partner = self.env["res.partner"]
        mine = [("id", "in", (self.ada + self.bob).ids)]
        self.assertEqual(Partner.search([*mine, ("grading_satisfaction", "<", 5)]), self.ada)
        self.assertEqual(Partner.search([*mine, ("grading_satisfaction_gap", "=", False)]), self.bob)
        self.assertEqual(Partner.search([*mine, ("grading_open_complaint_count", ">", 0)]), self.bob)
        self.assertEqual(Partner.search([*mine, ("grading_profile_id.assessment_count", "=", 0)]), self.bob)
        self.assertEqual(Partner._read_group(mine, [], ["grading_satisfaction:avg"]), [(2.0,)])


@tagged("post_install", "-at_install")
class TestFeedbackOracle(FeedbackMeasureCase):
    """The same figures in naive Python, on random data."""

    def _random_feedback(self, rng, families):
        answers, complaints = defaultdict(lambda: defaultdict(list)), defaultdict(list)
        assessments, complained = [], []
        for customer, contacts in families.items():
            for _answer in range(rng.randint(0, 8)):
                day = AS_OF - timedelta(days=rng.randint(-30, 1200))
                scores = {name: rng.randint(0, 20) / 2 for name in rng.sample(SCORES, rng.randint(1, 3))}
                assessments.append({"partner_id": rng.choice(contacts).id, "date": day, **scores})
                for name, score in scores.items():
                    answers[customer][name].append((day, score))
            for _complaint in range(rng.randint(0, 6)):
                opened = AS_OF - timedelta(days=rng.randint(-30, 800))
                closed = rng.choice((None, opened + timedelta(days=rng.randint(0, 90))))
                severity = rng.choice(("minor", "major", "serious"))
                complaints[customer].append((severity, opened, closed))
                end = {"date_close": closed, "outcome": "resolved"} if closed else {}
                complained.append(
                    {"partner_id": rng.choice(contacts).id, "severity": severity, "date_open": opened, **end}
                )
        self.env["grading.assessment"].create(assessments)
        self.env["grading.complaint"].create(complained)
        return answers, complaints

    def _assert_close(self, got, want, label):
        if want is None:
            self.assertIs(got, False, label)
        else:
            self.assertIsNot(got, False, label)
            # Rounded to two places; the half of a cent may go either way between two ways of adding.
            self.assertAlmostEqual(got, want, delta=0.0051, msg=label)

    def test_measures_equal_the_oracle(self):
        for seed in seeds(3):
            with self.subTest(seed=seed):
                rng = random.Random(seed)
                self.company.grading_half_life_days = rng.choice((15, 90, 3650))
                families = {}
                for number in range(12):
                    customer = self.customer("Voice %s-%s" % (seed, number), is_company=True)
                    families[customer] = [customer, self.customer("Contact", parent_id=customer.id)]
                    self.order(customer, 50, date(2024, 1, 1))
                answers, complaints = self._random_feedback(rng, families)
                self.rescore(as_of=AS_OF)
                for customer in families:
                    self._compare(customer, answers[customer], complaints[customer])

    def _compare(self, customer, answers, complaints):
        profile = self.profile(customer)
        half_life = self.company.grading_half_life_days
        means = {name: decayed_mean(answers[name], half_life) for name in SCORES}
        for name, mean in means.items():
            self._assert_close(profile[name], mean, "%s of %s" % (name, customer.name))
        both = means["satisfaction"] is not None and means["expectation"] is not None
        gap = profile.satisfaction - profile.expectation if both else None
        self._assert_close(profile.satisfaction_gap, gap, "gap of %s" % customer.name)
        counts = count_complaints(complaints)
        self._assert_close(profile.complaint_response_days, counts.pop("complaint_response_days"), customer.name)
        for name, count in counts.items():
            self.assertEqual(profile[name], count, "%s of %s" % (name, customer.name))

import tempfile
from pathlib import Path

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .bad_input_case import HOSTILE, BadInputCase


@tagged("post_install", "-at_install")
class TestSchemeInput(BadInputCase):
    """A bad rule is refused when it is saved, with a message that names it and the remedy."""

    def test_a_scheme_without_criteria_is_refused(self):
        with self.assert_refused("Test scheme", "no criterion", "archive", error=ValidationError):
            self.scheme(criteria=[])

    def test_a_scheme_without_thresholds_is_refused(self):
        with self.assert_refused("Test scheme", "no threshold", "archive", error=ValidationError):
            self.scheme(thresholds=[])

    def test_the_last_criterion_or_threshold_cannot_be_taken_from_an_active_scheme(self):
        scheme = self.scheme()
        with self.assert_refused("Test scheme", "no criterion", error=ValidationError):
            scheme.criterion_ids = [Command.clear()]
        with self.assert_refused("Test scheme", "no threshold", error=ValidationError):
            scheme.threshold_ids = [Command.clear()]

    def test_an_empty_scheme_may_be_kept_archived_but_not_switched_on(self):
        scheme = self.scheme(criteria=[], active=False)
        with self.assert_refused("Test scheme", "no criterion", error=ValidationError):
            scheme.active = True

    def test_a_criterion_deleted_on_its_own_is_noticed(self):
        scheme = self.scheme(name="Hollow")
        self.assert_refused_or_named(scheme.criterion_ids.unlink, "Hollow", "no criterion")

    def test_thresholds_deleted_on_their_own_are_noticed(self):
        scheme = self.scheme(name="Hollow")
        self.assert_refused_or_named(scheme.threshold_ids.unlink, "Hollow", "no threshold")

    def test_two_steps_at_one_number_are_refused(self):
        values = self.band("order_count", [(0, 1), (5, 2), (5, 3)], name="Doubled")
        with self.assert_refused("Doubled", "change or remove", error=ValidationError):
            self.create_over_rpc(self.scheme_values(criteria=[values]))

    def test_steps_may_be_entered_in_any_order(self):
        steps = [(5, 3), (0, 1), (100, 9), (50, 7)]
        scheme = self.scheme(criteria=[self.band("order_amount", steps)])
        self.rescore()
        self.assertEqual((self.ada.grading_score, scheme.points_max), (7, 9))

    def test_a_criterion_by_steps_without_a_step_is_refused(self):
        with self.assert_refused("Stepless", "Test scheme", "at least one step", error=ValidationError):
            self.scheme(criteria=[self.band("order_count", [], name="Stepless")])

    def test_steps_deleted_on_their_own_are_noticed(self):
        scheme = self.scheme(criteria=[self.band("order_amount", [(0, 5), (50, 50)], name="Stepless")])
        self.assert_refused_or_named(scheme.criterion_ids.band_ids.unlink, "Stepless", "at least one step")

    def test_a_criterion_without_a_measure_is_refused(self):
        for kind in ("band", "linear", "rank"):
            values = {**self.band(False, [(0, 1)], name="Blind"), "kind": kind}
            with self.subTest(kind=kind), self.assert_refused("Blind", "choose the measure", error=ValidationError):
                self.scheme(criteria=[values])

    def test_least_points_above_most_points_are_refused(self):
        values = self.linear("order_count", points_max=1, points_min=2, name="Upside down")
        with self.assert_refused("Upside down", "least points", error=ValidationError):
            self.scheme(criteria=[values])

    def test_two_thresholds_at_one_score_are_refused(self):
        with self.assert_refused("Test scheme", "Silver", "Bronze", "change one", error=ValidationError):
            self.scheme(thresholds=[(self.gold, 50), (self.silver, 10), (self.bronze, 10)])

    def test_thresholds_against_the_order_of_the_grades_are_refused(self):
        with self.assert_refused("Test scheme", "Gold", "Silver", "change one", error=ValidationError):
            self.scheme(thresholds=[(self.gold, 10), (self.silver, 50)])
        with self.assert_refused("Test scheme", "Gold", "Silver", "change one", error=ValidationError):
            self.scheme(thresholds=[(self.gold, 50), (self.silver, 10)], threshold_mode="rank")

    def test_a_threshold_changed_on_its_own_is_checked_too(self):
        scheme = self.scheme()
        silver = scheme.threshold_ids.filtered(lambda threshold: threshold.grade_id == self.silver)
        self.assert_refused_or_named(lambda: silver.write({"min_score": 500}), "Test scheme", "Silver", "Gold")

    def test_a_threshold_added_on_its_own_is_checked_too(self):
        tin = self.env["grading.grade"].create({"name": "Tin", "sequence": 9})
        values = {"scheme_id": self.scheme().id, "grade_id": tin.id, "min_score": 5}
        add = self.env["grading.threshold"].create
        self.assert_refused_or_named(lambda: add(values), "Test scheme", "Tin", "Bronze")

    def test_grades_reordered_against_the_thresholds_of_a_scheme_are_noticed(self):
        self.scheme()
        self.assert_refused_or_named(lambda: self.gold.write({"sequence": 9}), "Test scheme", "Gold")

    def test_one_grade_twice_in_a_scheme_is_refused(self):
        with self.assert_refused("Test scheme", "Gold", "remove the second", error=ValidationError):
            self.create_over_rpc(self.scheme_values(thresholds=[(self.gold, 50), (self.gold, 10)]))

    def test_top_percents_out_of_range_are_refused(self):
        for percent in (0, -1, 100.01, 1e9):
            with self.subTest(percent=percent), self.assert_refused("Gold", "Test scheme", error=ValidationError):
                self.scheme(thresholds=[(self.gold, percent)], threshold_mode="rank")

    def test_a_scheme_by_score_does_not_become_one_by_rank_without_percents(self):
        scheme = self.scheme()
        with self.assert_refused("Test scheme", "at most 100", error=ValidationError):
            scheme.threshold_mode = "rank"

    def test_a_half_life_out_of_range_is_refused(self):
        for days in (-90, 0, 1, 14, 3651, 2**31 - 1):
            with (
                self.subTest(days=days),
                self.assert_refused("Graded Company", str(days), "15", "3650", error=ValidationError),
            ):
                self.company.grading_half_life_days = days
        self.company.grading_half_life_days = 15


@tagged("post_install", "-at_install")
class TestDomainInput(BadInputCase):
    """A filter is an ordinary domain, read as a literal; what cannot be compiled is refused."""

    UNREADABLE = (
        "not a domain (",
        "42",
        "'order_count'",
        "{}",
        "{'order_count': 3}",
        "[1, 2]",
        "[('order_count', '>')]",
        "[('order_count', '>', 3, 4)]",
        "['&', ('order_count', '>', 3)]",
        "['|']",
        "[('order_count', '>', uid)]",
        "[('last_order_date', '>', context_today())]",
        "[(" * 300,
        "-" * 20000 + "1",
    )
    IMPOSSIBLE = (
        [("no_such_field", "=", 1)],
        [("partner_id.no_such_field", "=", 1)],
        [("partner_id.country_id.no_such_field", "=", 1)],
        [("order_count.deeper", "=", 1)],
        [("order_count", "resembles", 3)],
        [("order_count", ">", "three")],
        [("last_order_date", ">", "the day before")],
        [("last_order_date", ">", "today +3z")],
        [("explanation", "=", "x")],
        [("points_detail.7", ">", 3)],
        [("partner_id", "any", "x")],
        [("partner_id.grading_explanation", "=", "x")],
        [("order_count", "in", [[1]])],
        [("order_count", "=", {"a": 1})],
        [("partner_id", "child_of", {"a": 1})],
        [("partner_id.name", "=", "a\x00b")],
        [("", "=", 1)],
        [(".", "=", 1)],
        [(1, "=", 2)],
        [(None, "=", 2)],
        [(2, "=", 1)],
        [("order_count; DROP TABLE res_partner", "=", 1)],
        [('order_count" = 1 --', "=", 1)],
    )

    def assert_domain_refused(self, domain):
        with self.assert_refused("Sieve", "Use only searchable", error=ValidationError):
            self.scheme(name="Sieve", domain=domain)
        with self.assert_refused("Sieve", "Use only searchable", error=ValidationError):
            self.scheme(criteria=[{"kind": "domain", "domain": domain, "points_max": 1, "name": "Sieve"}])
        with self.assert_refused("Sieve", "Use only searchable", error=ValidationError):
            self.env["grading.lifecycle"].create({"name": "Sieve", "domain": domain})

    def test_what_is_no_domain_is_refused(self):
        for domain in self.UNREADABLE:
            with self.subTest(domain=domain[:60]):
                self.assert_domain_refused(domain)

    def test_a_domain_that_cannot_be_searched_is_refused(self):
        for domain in self.IMPOSSIBLE:
            with self.subTest(domain=domain):
                self.assert_domain_refused(repr(domain))

    def test_nothing_in_a_domain_is_evaluated(self):
        with tempfile.TemporaryDirectory() as folder:
            trace = Path(folder) / "trace"
            for expression in (
                f"__import__('os').system('touch {trace}')",
                f"open({str(trace)!r}, 'w').close()",
                f"[('order_count', '>', __import__('os').system('touch {trace}'))]",
                f"[('order_count', '>', open({str(trace)!r}, 'w').close() or 1)]",
                f"[x for x in [__import__('pathlib').Path({str(trace)!r}).touch()]]",
                "().__class__.__bases__[0].__subclasses__()",
                "f'{self.env}'",
                "lambda: 1",
            ):
                with self.subTest(expression=expression):
                    self.assert_domain_refused(expression)
                    self.assertFalse(trace.exists())

    def test_a_bad_domain_is_refused_on_a_change_too(self):
        scheme = self.scheme(name="Sieve")
        with self.assert_refused("Sieve", "no_such_field", error=ValidationError):
            scheme.domain = "[('no_such_field', '=', 1)]"
        self.assertEqual(scheme.domain, "[]")

    def test_an_empty_domain_covers_all_customers(self):
        for domain in (False, "", "[]", "()"):
            with self.subTest(domain=domain):
                scheme = self.scheme(domain=domain)
                self.rescore()
                self.assertEqual(self.profile(self.ada).scheme_id, scheme)
                scheme.active = False

    def test_a_domain_compares_hostile_text_as_text(self):
        hostile = self.customer(HOSTILE)
        self.order(hostile, 1, self.today)
        for operator in ("=", "=like", "ilike", "in"):
            value = [HOSTILE] if operator == "in" else HOSTILE.replace("\\", "\\\\") if "like" in operator else HOSTILE
            domain = repr([("partner_id.name", operator, value)])
            with self.subTest(operator=operator):
                scheme = self.scheme(name="Hostile", domain=domain)
                self.rescore()
                self.assertEqual(self.profile(hostile).scheme_id, scheme)
                self.assertFalse(self.profile(self.ada).scheme_id)
                scheme.active = False


@tagged("post_install", "-at_install")
class TestHostileText(BadInputCase):
    """Nothing that a user types is ever put into SQL or evaluated."""

    def test_names_and_reasons_are_kept_and_shown_as_text(self):
        hostile = self.customer(HOSTILE)
        self.order(hostile, 500, self.today)
        self.gold.name = HOSTILE
        scheme = self.scheme(name=HOSTILE, criteria=[self.linear("order_amount", name=HOSTILE)])
        self.env["grading.lifecycle"].create({"name": HOSTILE, "domain": "[('order_count', '>', 0)]"})
        self.rescore()
        profile = self.profile(hostile)
        profile._override(self.gold, HOSTILE)
        self.rescore()
        self.assertEqual((profile.scheme_id, profile.grade_id, profile.score), (scheme, self.gold, 500))
        self.assertEqual((profile.manual_reason, profile.lifecycle_id.name), (HOSTILE, HOSTILE))
        self.assertEqual(profile.history_ids[0].note, HOSTILE)
        self.assertNotIn("<script>", str(profile.explanation))
        self.assertIn("&lt;script&gt;", str(profile.explanation))
        self.assertEqual(self.env["res.partner"].search([("grading_grade_id.name", "=", HOSTILE)]), hostile)

    def test_messages_quote_hostile_names(self):
        hostile = self.customer(HOSTILE)
        with self.assert_refused(HOSTILE, error=ValidationError):
            hostile.with_context(grading_reason=" ").grading_grade_id = self.gold
        with self.assert_refused(HOSTILE, error=ValidationError):
            self.scheme(name=HOSTILE, domain="[('no_such_field', '=', 1)]")
        with self.assert_refused(HOSTILE, error=ValidationError):
            self.scheme(name=HOSTILE, thresholds=[])
        scheme = self.scheme(name=HOSTILE)
        self.force(scheme, domain="[('no_such_field', '=', '%s %(x)s')]")
        self.assertIn(HOSTILE, self.rescore_failing().message)

    def test_a_run_names_hostile_documents(self):
        self.scheme()
        self.force(self.ada_order, name=HOSTILE, currency_rate=0)
        self.assertIn(HOSTILE, self.rescore().message)

    def test_a_blank_grade_is_refused(self):
        with self.assert_refused("name", error=ValidationError):
            self.env["grading.grade"].create({"name": "  "})

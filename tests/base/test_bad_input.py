import tempfile
from datetime import date, timedelta
from pathlib import Path

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import GradingCase

HOSTILE = """O'Brien "%s" %(x)s 100% \\ ; DROP TABLE res_partner; -- $$ {0} <script>alert(1)</script>"""
RUN_LOGGER = "odoo.addons.customer_grading.models.run.grading_run"


class BadInputCase(GradingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.ada = cls.customer("Ada")
        cls.ada_order = cls.order(cls.ada, 50, cls.today - timedelta(days=20))

    def create_over_rpc(self, values):
        """Create a scheme as a call from outside does it, which turns errors of the database into messages."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr, mute_logger("odoo.sql_db"):
            env = self.env(cr=cr)
            retrying(lambda: env["grading.scheme"].create(values), env)

    def rescore_failing(self):
        with mute_logger(RUN_LOGGER):
            run = self.env["grading.run"]._rescore()
        self.assertEqual(run.state, "failed")
        return run

    def assert_refused_or_named(self, change, *words):
        """A change that only the whole scheme can decide is refused, or it is named on the next run, which
        leaves the scheme's customers as they are."""
        self.rescore()
        graded = (self.ada.grading_grade_id, self.ada.grading_score)
        try:
            with self.env.cr.savepoint():
                change()
            message = self.rescore_failing().message
        except UserError as error:
            message = str(error)
        for word in words:
            self.assertIn(word, message)
        self.assertEqual((self.ada.grading_grade_id, self.ada.grading_score), graded)


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


@tagged("post_install", "-at_install")
class TestDocuments(BadInputCase):
    """A document that makes no sense is left out and named; it spoils nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scheme()

    def assert_left_out(self, order):
        run = self.rescore()
        self.assertIn(order.name, run.message)
        self.assertIn("correct", run.message)
        self.assertNotIn(self.ada_order.name, run.message)
        profile = self.profile(self.ada)
        self.assertEqual((profile.order_amount, profile.order_count, profile.grade_id), (50, 1, self.silver))

    def test_rates_that_make_no_sense_leave_the_order_out(self):
        order = self.order(self.ada, 100, self.today)
        for rate in (0, None, -1, "NaN", "1e-300"):
            with self.subTest(rate=rate):
                self.force(order, currency_rate=rate)
                self.assert_left_out(order)

    def test_amounts_beyond_any_sense_leave_the_order_out(self):
        order = self.order(self.ada, 100, self.today)
        for amount in (1e20, -1e20, "NaN", "Infinity", "-Infinity", None):
            with self.subTest(amount=amount):
                self.force(order, amount_untaxed=amount)
                self.assert_left_out(order)

    def test_a_customer_without_orders_is_unknown_rather_than_boundless(self):
        stranger = self.customer("Stranger", customer_rank=1)
        for measure in ("faded_order_amount", "average_order_amount", "share_of_budget", "average_days_late"):
            with self.subTest(measure=measure):
                scheme = self.scheme(sequence=1, criteria=[self.linear(measure, points_if_none=7)])
                self.rescore()
                scheme.active = False
                self.assertEqual(stranger.grading_score, 7)

    def test_a_correct_run_has_nothing_to_say(self):
        self.assertFalse(self.rescore().message)

    def test_many_bad_documents_are_counted_and_some_of_them_named(self):
        for _number in range(8):
            self.order(self.ada, 100, self.today, currency_rate=0)
        message = self.rescore().message
        self.assertIn("8 documents", message)
        self.assertIn("…", message)

    def test_large_amounts_that_make_sense_are_counted(self):
        self.order(self.ada, 1e15, self.today)
        self.rescore()
        self.assertEqual(self.profile(self.ada).order_amount, 1e15 + 50)

    def test_orders_of_other_centuries_do_not_stop_the_run(self):
        self.order(self.ada, 7, date(1753, 1, 1))
        self.order(self.ada, 9, date(9998, 1, 1))
        self.scheme(sequence=1, criteria=[self.linear("faded_order_amount"), self.rank("first_order_date")])
        self.rescore()
        profile = self.profile(self.ada)
        self.assertEqual((profile.first_order_date, profile.order_amount), (date(1753, 1, 1), 57))

    def test_budgets_beyond_any_sense_do_not_stop_the_run(self):
        self.scheme(sequence=1, criteria=[self.linear("share_of_budget"), self.linear("order_amount")])
        self.order(self.ada, 1e15, self.today)
        other = self.customer("Other")
        self.order(other, 60, self.today)
        for budget in (1e300, 1e-300, -1e300, -1):
            with self.subTest(budget=budget):
                self.ada.annual_budget = budget
                self.rescore()
                self.assertEqual(self.profile(other).order_amount, 60)

    def test_without_a_rate_a_foreign_order_is_left_out_until_one_is_entered(self):
        currency = self.env["res.currency"].create({"name": "XTS", "symbol": "¤"})
        company = self.new_company("Rateless", currency_id=currency.id)
        self.assertFalse(currency.rate_ids)
        self.scheme(company_id=company.id)
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": self.company.currency_id.id, "company_id": company.id}
        )
        self.order(self.ada, 20, self.today, company_id=company.id)
        foreign = self.order(self.ada, 20, self.today, company_id=company.id, pricelist_id=pricelist.id)
        self.assertEqual(foreign.currency_rate, 1, "what Odoo stores")
        self.assertIn(foreign.name, self.rescore(company=company).message)
        profile = self.profile(self.ada, company)
        self.assertEqual((profile.order_amount, profile.grade_id), (20, self.silver))
        self.env["grading.queue"]._waiting([]).unlink()
        rates = self.env["res.currency.rate"].with_company(company)
        rate = rates.create({"currency_id": pricelist.currency_id.id, "rate": 0.25, "company_id": company.id})
        self.assertEqual(self.env["grading.queue"]._waiting([]).partner_id, self.ada)
        self.assertFalse(self.rescore(company=company).message)
        self.assertEqual(profile.order_amount, 100)
        rate.rate = 1
        self.assertFalse(self.rescore(company=company).message, "a rate that is 1 is a rate")
        self.assertEqual(profile.order_amount, 40)

    def test_invoices_that_make_no_sense_are_left_out(self):
        self.company.grading_amount_source = "invoice"
        moves = self.env["account.move"]
        for name, amount in (("GOOD/1", 70), ("BAD/1", "NaN"), ("BAD/2", 1e20)):
            move = moves.create(
                {
                    "partner_id": self.ada.id,
                    "move_type": "entry",
                    "journal_id": self.env["account.journal"]
                    .create({"name": name, "code": name[-3:] + name[:1], "type": "general"})
                    .id,
                }
            )
            self.force(
                move,
                name=name,
                move_type="out_invoice",
                state="posted",
                amount_untaxed_signed=amount,
                invoice_date=self.today,
                partner_id=self.ada.id,
            )
        message = self.rescore().message
        self.assertIn("BAD/1, BAD/2", message)
        self.assertNotIn("GOOD", message)
        self.assertEqual(self.profile(self.ada).order_amount, 70)

    def test_an_archived_customer_keeps_the_former_grade(self):
        self.rescore()
        self.ada.active = False
        self.force(self.ada_order, amount_untaxed=500)
        self.rescore()
        profile = self.profile(self.ada)
        self.assertEqual((profile.grade_id, profile.score), (self.silver, 50))
        self.ada.active = True
        self.rescore()
        self.assertEqual(profile.grade_id, self.gold)

    def test_orders_of_an_archived_contact_still_count_for_the_company_it_belongs_to(self):
        firm = self.customer("Firm", is_company=True)
        contact = self.customer("Contact", parent_id=firm.id)
        self.order(contact, 200, self.today)
        contact.active = False
        self.rescore()
        self.assertEqual(firm.grading_grade_id, self.gold)


@tagged("post_install", "-at_install")
class TestGradeInUse(BadInputCase):
    def assert_kept(self, *words):
        with self.assert_refused("Silver", "Archive it", *words):
            self.silver.unlink()
        self.assertTrue(self.silver.exists())

    def test_a_grade_of_a_scheme_is_not_deleted(self):
        self.scheme(name="The only one")
        self.assert_kept("The only one")

    def test_a_grade_of_an_archived_scheme_is_not_deleted(self):
        self.scheme(name="The only one", active=False)
        self.assert_kept("The only one")

    def test_a_grade_of_a_customer_is_not_deleted(self):
        self.scheme(thresholds=[(self.gold, 1000)])
        self.ada.grading_grade_id = self.silver
        self.assert_kept("1 customers")

    def test_a_grade_of_the_past_is_not_deleted(self):
        scheme = self.scheme()
        self.rescore()
        scheme.threshold_ids.filtered(lambda threshold: threshold.grade_id == self.silver).unlink()
        self.rescore()
        self.assertEqual(self.ada.grading_grade_id, self.bronze)
        self.assert_kept("0 customers", "2 lines")

    def test_an_unused_grade_is_deleted(self):
        self.silver.unlink()
        self.assertFalse(self.silver.exists())

    def test_an_archived_grade_goes_on_in_the_schemes_that_have_it(self):
        self.scheme()
        self.silver.active = False
        self.rescore()
        self.assertEqual(self.ada.grading_grade_id, self.silver)


@tagged("post_install", "-at_install")
class TestRulesGoneBad(BadInputCase):
    """A field or a module may go after a rule was saved: the rule is named, its customers keep their grades."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bob = cls.customer("Bob", ref="bob")
        cls.bob_order = cls.order(cls.bob, 50, cls.today)
        cls.good = cls.scheme(name="Good", sequence=1, domain="[('partner_id.ref', '=', 'bob')]")
        cls.bad = cls.scheme(name="Gone bad", sequence=2, criteria=[cls.linear("order_amount", name="Gone criterion")])
        cls.stage = cls.env["grading.lifecycle"].create({"name": "Stage", "domain": "[('order_count', '>', 0)]"})
        cls.rescore()
        cls.force(cls.ada_order | cls.bob_order, amount_untaxed=500)

    def assert_only_the_others_are_graded(self, *words):
        before = self._row(self.ada)
        run = self.rescore_failing()
        for word in words:
            self.assertIn(word, run.message)
        self.assertNotIn("Good", run.message)
        self.assertEqual(self._row(self.ada), before)
        self.assertEqual(self.ada.grading_grade_id, self.silver)
        self.assertEqual((self.bob.grading_grade_id, self.bob.grading_score), (self.gold, 500))

    def _row(self, partner):
        self.env.cr.execute("SELECT * FROM grading_profile WHERE id = %s", [self.profile(partner).id])
        return self.env.cr.fetchall()

    def test_a_filter_on_a_field_that_is_gone(self):
        self.force(self.bad, domain="[('x_gone', '=', 1)]")
        self.assert_only_the_others_are_graded("Gone bad", "x_gone", "Use only searchable")

    def test_a_filter_that_is_no_domain_any_more(self):
        self.force(self.bad, domain="[('order_count', ")
        self.assert_only_the_others_are_graded("Gone bad", "Use only searchable")

    def test_a_filter_of_a_criterion_on_a_field_that_is_gone(self):
        self.force(self.bad.criterion_ids, kind="domain", domain="[('partner_id.x_gone', '=', 1)]")
        self.assert_only_the_others_are_graded("Gone criterion", "x_gone")

    def test_a_measure_that_is_gone(self):
        self.force(self.bad.criterion_ids, measure="measure_of_a_module_that_is_gone")
        self.assert_only_the_others_are_graded("Gone bad", "Gone criterion", "measure_of_a_module_that_is_gone")

    def test_an_incremental_run_leaves_them_alone_too(self):
        self.force(self.bad, domain="[('x_gone', '=', 1)]")
        with mute_logger(RUN_LOGGER):
            run = self.env["grading.run"]._rescore(partners=self.ada | self.bob)
        self.assertEqual(run.state, "failed")
        self.assertEqual((self.ada.grading_score, self.bob.grading_score), (50, 500))

    def test_a_stage_gone_bad_leaves_the_stages_alone_and_all_customers_are_graded(self):
        self.force(self.stage, domain="[('x_gone', '=', 1)]")
        message = self.rescore_failing().message
        self.assertIn("Stage", message)
        self.assertEqual((self.ada.grading_grade_id, self.bob.grading_grade_id), (self.gold, self.gold))
        self.assertEqual((self.ada | self.bob).mapped("grading_lifecycle_id"), self.stage)

    def test_several_bad_rules_are_all_named(self):
        self.force(self.bad, domain="[('x_gone', '=', 1)]")
        self.force(self.stage, domain="[('y_gone', '=', 1)]")
        message = self.rescore_failing().message
        self.assertIn("x_gone", message)
        self.assertIn("y_gone", message)

    def test_another_company_is_not_concerned(self):
        other = self.new_company("Other Company")
        self.scheme(company_id=other.id)
        self.order(self.ada, 500, self.today, company_id=other.id)
        self.force(self.bad, domain="[('x_gone', '=', 1)]")
        self.assertFalse(self.rescore(company=other).message)
        self.assertEqual(self.profile(self.ada, other).grade_id, self.gold)

    def test_saving_a_contact_works_all_the_same(self):
        for domain in ("[('x_gone', '=', 1)]", "[('order_count', ", "42"):
            self.force(self.bad, domain=domain)
            self.force(self.stage, domain=domain)
            self.env.registry.clear_cache()
            with self.subTest(domain=domain):
                self.ada.write({"name": f"Ada with {domain}", "parent_id": False})
                self.assertEqual(self.ada.name, f"Ada with {domain}")

    def test_screens_open_all_the_same(self):
        self.force(self.bad.criterion_ids, measure="measure_of_a_module_that_is_gone")
        self.assertIn("Silver", str(self.profile(self.ada).explanation))
        self.bad.web_read(
            {"name": {}, "needs_rescore": {}, "points_max": {}, "criterion_ids": {"fields": {"name": {}}}}
        )

    def test_the_next_run_after_the_repair_grades_them(self):
        self.force(self.bad, domain="[('x_gone', '=', 1)]")
        self.rescore_failing()
        self.bad.domain = "[]"
        self.rescore()
        self.assertEqual(self.ada.grading_grade_id, self.gold)

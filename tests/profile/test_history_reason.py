from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.translate import code_translations

from ..common import GradingCase

CHINESE = {
    "%(change)s: %(reason)s.": "%(change)s：%(reason)s。",
    "%(value)s (was %(former)s)": "%(value)s（原为 %(former)s）",
    "The rules changed: %s.": "规则已变更：%s。",
}


@tagged("post_install", "-at_install")
class TestHistoryReason(GradingCase):
    """The history says what moved, whether the customer or the rules did, and in the reader's words."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.buyer = cls.customer("Buyer")
        cls.tested = cls.scheme(
            criteria=[
                cls.linear("order_amount", name="Amount", sequence=1),
                cls.linear("order_count", 5, name="Orders", sequence=2),
            ]
        )
        cls.amount, cls.orders = cls.tested.criterion_ids
        cls.first = cls.order(cls.buyer, 40, cls.today - timedelta(days=3))
        cls.rescore()

    def lines(self, partner=None):
        return self.env["grading.history"].search([("partner_id", "=", (partner or self.buyer).id)])

    def line(self, partner=None):
        return self.lines(partner)[:1]

    def text(self, line=None):
        return (line or self.line()).change_text.replace("\N{NO-BREAK SPACE}", " ")

    def change_rules(self, record, **values):
        """As in a transaction of its own."""
        self.env["grading.scheme"]._close_versions()
        record.write(values)

    # ------------------------------------------------------------
    # Why
    # ------------------------------------------------------------

    def test_a_change_of_grade_names_what_moved_most_first(self):
        self.order(self.buyer, 60, self.today)
        self.rescore()
        line = self.line()
        self.assertEqual((line.reason, line.new_grade_id, line.rules_changed), ("rescore", self.gold, False))
        self.assertEqual(line.points_change, {str(self.amount.id): [40, 100], str(self.orders.id): [5, 10]})
        self.assertEqual(line.values_change, {str(self.amount.id): [40, 100], str(self.orders.id): [1, 2]})
        self.assertEqual(self.text(), "Amount +60: 100 € (was 40 €). Orders +5: 2 orders (was 1).")

    def test_a_loss_has_a_minus_and_one_the_singular(self):
        self.order(self.buyer, 60, self.today)
        self.rescore()
        self.force(self.first, state="cancel")
        self.rescore()
        self.assertEqual(self.text(), "Amount −40: 60 € (was 100 €). Orders −5: 1 order (was 2).")

    def test_a_first_grading_explains_no_change(self):
        line = self.line()
        self.assertEqual((line.points_change, line.rules_changed, line.change_text), (False, False, False))

    def test_three_are_named_and_the_others_counted(self):
        self.change_rules(
            self.tested,
            criterion_ids=[
                Command.create(self.linear("order_count", points, name=f"More {points}")) for points in (1, 2, 3)
            ],
        )
        self.rescore()
        self.order(self.buyer, 60, self.today)
        self.rescore()
        self.assertIn("Amount +60", self.text())
        self.assertIn("Orders +5", self.text())
        self.assertIn("More 3 +3", self.text())
        self.assertNotIn("More 2", self.text())
        self.assertTrue(self.text().endswith("And 2 more."))

    # ------------------------------------------------------------
    # The score alone
    # ------------------------------------------------------------

    def test_a_score_that_moves_by_more_than_the_limit_is_noted(self):
        self.order(self.buyer, 5.5, self.today)
        self.rescore()
        line = self.line()
        self.assertEqual((line.reason, line.old_score, line.new_score), ("score", 45, 55.5))
        self.assertEqual((line.old_grade_id, line.new_grade_id), (self.silver, self.silver))

    def test_up_to_the_limit_it_is_not(self):
        self.order(self.buyer, 5, self.today)
        self.rescore()
        self.assertEqual(len(self.lines()), 1)

    def test_none_are_noted_with_a_limit_of_zero(self):
        self.company.grading_history_points = 0
        self.order(self.buyer, 44, self.today)
        self.rescore()
        self.assertEqual(len(self.lines()), 1)

    def test_a_limit_below_zero_is_refused(self):
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.company.grading_history_points = -1
            self.env.flush_all()

    def test_slow_drift_adds_up(self):
        self.order(self.buyer, 1, self.today)
        self.rescore()
        self.assertEqual((len(self.lines()), self.profile(self.buyer).noted_score), (1, 45))
        self.order(self.buyer, 1, self.today)
        self.rescore()
        line = self.line()
        self.assertEqual((line.reason, line.old_score, line.new_score), ("score", 45, 57))
        self.assertEqual(line.points_change, {str(self.amount.id): [40, 42], str(self.orders.id): [5, 15]})
        self.assertEqual(
            self.text(), "Orders +10: 3 orders. Amount +2: 42 €.", "what a first line measured is not kept"
        )
        self.assertEqual(self.profile(self.buyer).noted_score, 57)
        self.rescore()
        self.assertEqual(len(self.lines()), 2)

    def test_a_lower_grade_that_waits_is_told_when_it_falls_with_all_that_moved_since(self):
        self.change_rules(self.tested, grace_days=5)
        self.order(self.buyer, 60, self.today)
        self.rescore()
        self.force(self.first, state="cancel")
        self.rescore()
        self.assertEqual(len(self.lines()), 2, "the score has not moved alone")
        self.rescore(as_of=self.today + timedelta(days=5))
        line = self.line()
        self.assertEqual((line.old_grade_id, line.new_grade_id, line.rules_changed), (self.gold, self.silver, False))
        self.assertEqual((line.old_score, line.new_score), (110, 65))
        self.assertEqual(self.text(), "Amount −40: 60 € (was 100 €). Orders −5: 1 order (was 2).")

    def test_drift_says_what_was_measured_at_the_last_line(self):
        self.order(self.buyer, 30, self.today)
        self.rescore()
        for amount in (1, 1):
            self.order(self.buyer, amount, self.today)
            self.rescore()
        self.assertEqual(self.text(), "Orders +10: 4 orders (was 2). Amount +2: 72 € (was 70 €).")

    def test_what_a_person_noted_is_a_line_to_count_from(self):
        self.order(self.buyer, 1, self.today)
        self.rescore()
        self.profile(self.buyer)._override(self.gold, "Promised")
        self.order(self.buyer, 1, self.today)
        self.rescore()
        self.assertEqual(self.lines().mapped("reason"), ["override", "rescore"])

    def test_a_run_for_an_earlier_day_notes_no_score(self):
        self.order(self.buyer, 30, self.today)
        self.rescore()
        self.assertEqual(len(self.lines()), 2)
        self.rescore(as_of=self.today - timedelta(days=2))
        self.assertEqual(len(self.lines()), 2)

    # ------------------------------------------------------------
    # The rules or the customer
    # ------------------------------------------------------------

    def test_other_points_for_the_same_values_are_the_rules(self):
        self.change_rules(self.amount, points_per_unit=2)
        self.rescore()
        line = self.line()
        self.assertEqual((line.reason, line.rules_changed, line.values_change), ("score", True, False))
        self.assertEqual(line.points_change, {str(self.amount.id): [40, 80]})
        self.assertEqual(self.text(), "The rules changed: Amount +40.")

    def test_other_thresholds_are_the_rules(self):
        self.change_rules(self.tested.threshold_ids.filtered(lambda t: t.grade_id == self.gold), min_score=45)
        self.rescore()
        line = self.line()
        self.assertEqual((line.new_grade_id, line.rules_changed), (self.gold, True))
        self.assertEqual(self.text(), "The rules changed.")

    def test_where_both_moved_each_part_is_said_and_the_greater_one_decides(self):
        self.change_rules(self.orders, points_per_unit=6, points_base=30)
        self.order(other := self.customer("Other"), 5, self.today)
        self.order(self.buyer, 20, self.today)
        self.rescore()
        # The number of orders has moved too, so that all of it counts as the customer's.
        self.assertFalse(self.line().rules_changed)
        self.assertFalse(self.line(other).rules_changed)
        self.change_rules(self.orders, points_base=-20)
        self.force(self.first, amount_untaxed=45)
        self.rescore()
        self.assertTrue(self.line().rules_changed)
        self.assertEqual(self.text(), "The rules changed: Orders −42. Amount +5: 65 € (was 60 €).")

    def test_rules_that_move_a_customer_nowhere_rewrite_nothing_and_explain_nothing_later(self):
        self.change_rules(self.tested, grace_days=9)
        before = self.profile(self.buyer).write_date, self.profile(self.buyer).scheme_version
        self.assertEqual(self.rescore().changed_count, 0)
        self.assertEqual((self.profile(self.buyer).write_date, self.profile(self.buyer).scheme_version), before)
        self.order(self.buyer, 60, self.today)
        self.rescore(partners=self.buyer)
        self.assertFalse(self.line().rules_changed)
        self.assertEqual(self.profile(self.buyer).scheme_version, self.tested.version)

    def test_rules_judged_by_a_few_at_first_are_the_rules_for_the_others_too(self):
        self.order(other := self.customer("Other"), 40, self.today)
        self.rescore()
        self.change_rules(self.amount, points_per_unit=2)
        self.rescore(partners=self.buyer)
        self.rescore()
        for partner in (self.buyer, other):
            self.assertTrue(self.line(partner).rules_changed)

    def test_a_run_that_sets_a_broken_rule_aside_has_judged_by_the_others(self):
        broken = self.scheme(name="Broken", sequence=1, domain="[('order_count', '>', 99)]")
        self.change_rules(self.tested, grace_days=9)
        self.force(broken, domain="[('gone', '=', 1)]")
        self.assertEqual(self.env["grading.run"]._rescore().state, "failed")
        self.order(self.buyer, 60, self.today)
        self.env["grading.run"]._rescore()
        self.assertEqual((self.line().new_grade_id, self.line().rules_changed), (self.gold, False))

    def test_a_rank_that_others_moved_is_not_the_customers(self):
        self.change_rules(self.amount, kind="rank", points_max=100)
        self.order(self.customer("Second"), 20, self.today)
        self.rescore()
        self.assertEqual(self.profile(self.buyer).score, 105)
        self.order(self.customer("Best"), 500, self.today)
        self.rescore()
        line = self.line()
        self.assertEqual((line.points_change, line.rules_changed), ({str(self.amount.id): [100, 50]}, True))
        self.assertEqual(self.text(), "Amount −50: others moved ahead.")

    def test_time_that_passes_is_not_the_rules(self):
        self.change_rules(
            self.tested,
            criterion_ids=[Command.create(self.band("last_order_date", [(0, 60), (10, 20)], name="How lately"))],
        )
        self.rescore()
        self.rescore(as_of=self.today + timedelta(days=9))
        self.assertFalse(self.line().rules_changed)
        self.assertEqual(self.text(), "How lately −40: 12 days ago (was 3).")

    def test_a_removed_criterion_keeps_its_points(self):
        removed = str(self.amount.id)
        self.change_rules(self.tested, criterion_ids=[Command.delete(self.amount.id)])
        self.rescore()
        line = self.line()
        self.assertEqual((line.points_change, line.rules_changed), ({removed: [40, 0]}, True))
        self.assertEqual(self.text(), "The rules changed: A removed criterion −40.")

    def test_another_scheme_is_named_however_it_was_chosen(self):
        self.change_rules(self.tested, domain="[('order_count', '<', 3)]")
        self.scheme(criteria=[self.linear("order_count", 30, name="Count")], name="For many", sequence=99)
        self.rescore()
        self.order(self.buyer, 1, self.today)
        self.order(self.buyer, 1, self.today)
        self.rescore()
        line = self.line()
        self.assertFalse(line.rules_changed, "the customer has come under another scheme")
        self.assertIn("Graded by the scheme “For many” instead of “Test scheme”.", self.text())
        self.assertEqual(sum(after - before for before, after in line.points_change.values()), 90 - 45)
        self.change_rules(self.tested, domain="[]")
        self.rescore()
        self.assertTrue(self.line().rules_changed, "the schemes have changed")

    def test_profiles_from_before_there_were_versions_note_grades_alone(self):
        self.force(self.profile(self.buyer), scheme_version=None)
        self.force(self.env["grading.run"].search([("company_id", "=", self.company.id)]), scheme_versions=None)
        self.change_rules(self.amount, points_per_unit=2)
        self.rescore()
        self.rescore()
        self.assertEqual(len(self.lines()), 1)
        self.order(self.buyer, 20, self.today)
        self.rescore()
        self.assertEqual((self.line().old_score, self.line().rules_changed), (85, False))

    # ------------------------------------------------------------
    # Overrides
    # ------------------------------------------------------------

    def test_an_override_that_ends_is_told_with_its_reason_and_author(self):
        ann = self.salesman("grading_ann", name="Ann Agent")
        profile = self.profile(self.buyer)
        profile._override(self.gold, "Promised them", self.today)
        self.force(profile, manual_user_id=ann.id)
        self.rescore(as_of=self.today + timedelta(days=1))
        line = self.line()
        self.assertEqual(
            (line.reason, line.note, line.override_user_id, line.user_id),
            ("override_end", "Promised them", ann, self.env["res.users"]),
        )
        self.assertEqual(self.text(), "The override to Gold by Ann Agent ended: “Promised them”.")

    def test_an_override_that_a_person_removes_says_whose_it_was(self):
        profile = self.profile(self.buyer)
        profile._override(self.gold, "Promised them")
        profile._release_override()
        self.assertEqual(self.line().override_user_id, self.env.user)
        self.assertIn("Promised them", self.line().note)

    # ------------------------------------------------------------
    # Readers
    # ------------------------------------------------------------

    @contextmanager
    def translated(self, words):
        """The language zh_CN with these ``words`` beside those of the module."""
        self.env["res.lang"]._activate_lang("zh_CN")
        known = code_translations.get_python_translations("customer_grading", "zh_CN")
        both = {("customer_grading", "zh_CN"): {**known, **words}}
        with patch.dict(code_translations.python_translations, both):
            yield

    def test_it_is_told_in_the_readers_language(self):
        self.order(self.buyer, 60, self.today)
        self.rescore()
        line = self.line()
        with self.translated(CHINESE):
            text = line.with_context(lang="zh_CN").change_text.replace("\N{NO-BREAK SPACE}", " ")
            self.assertRegex(text, r"^Amount \+60：.*100.*（原为 .*40.*）。 Orders \+5：2 .*（原为 1）。$")
            self.assertNotIn("order ", text.lower())
        self.assertIn("(was 1)", line.with_context(lang="en_US").change_text)

    def test_users_of_their_own_documents_read_no_words_on_anothers_figures(self):
        own, other = self.salesman(), self.salesman("grading_other")
        theirs = self.customer("Theirs", user_id=other.id)
        self.buyer.user_id = own
        self.order(theirs, 40, self.today)
        self.rescore()
        for partner in (self.buyer, theirs):
            self.order(partner, 60, self.today)
        self.rescore()
        mine, hidden = self.line().with_user(own), self.line(theirs).with_user(own)
        self.assertIn("Amount +60", mine.change_text)
        self.assertEqual(mine.search([("partner_id", "in", (self.buyer + theirs).ids)]).partner_id, self.buyer)
        self.assertFalse(hidden.change_text)
        with self.assertRaises(AccessError):
            hidden.read(["change_text"])
        for name in ("points_change", "values_change"):
            with self.assertRaises(AccessError):
                mine.read([name])
        self.assertIn("Amount +60", self.line(theirs).with_user(self.manager()).change_text)

    def test_a_prospects_words_are_read_with_their_best_lead(self):
        own, other = self.salesman(), self.salesman("grading_other")
        self.scheme(criteria=[self.linear("willingness", 20, name="Willing")], subject="lead")
        self.change_rules(self.tested, domain="[('order_count', '>', 0)]")
        prospect = self.customer("Prospect", user_id=own.id)
        lead = self.env["crm.lead"].create(
            self.lead_values(partner_id=prospect.id, user_id=other.id, willingness="1", type="opportunity")
        )
        self.rescore()
        lead.willingness = "4"
        self.rescore()
        line = self.line(prospect)
        self.assertIn("Willing +", line.change_text)
        self.assertFalse(line.with_user(own).change_text)

    def test_merged_contacts_keep_their_words(self):
        self.order(self.buyer, 60, self.today)
        self.rescore()
        line, rest = self.line(), self.customer("Rest")
        self.order(rest, 5, self.today)
        self.rescore()
        self.env["base.partner.merge.automatic.wizard"]._merge((self.buyer + rest).ids, rest)
        self.assertEqual(line.partner_id, rest)
        self.assertIn("Amount +60", line.change_text)

    def test_a_line_opens_its_customer_or_lead(self):
        action = self.line().action_open_subject()
        self.assertEqual((action["res_model"], action["res_id"]), ("res.partner", self.buyer.id))

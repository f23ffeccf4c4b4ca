from datetime import timedelta

from odoo.tests import Form, tagged

from .override_case import OverrideCase


@tagged("post_install", "-at_install")
class TestOverride(OverrideCase):
    def test_an_override_holds_through_rescoring_at_any_score(self):
        profile = self.override(self.ada, self.bronze)
        for amount, computed in ((1000, self.gold), (50, self.silver), (1, self.bronze), (-5, self.bronze)):
            with self.subTest(amount=amount):
                self.order_amount(amount)
                self.rescore()
                self.assertEqual((profile.grade_id, profile.manual_grade_id), (self.bronze, self.bronze))
                self.assertEqual((profile.computed_grade_id, profile.score), (computed, max(amount, 0)))

    def test_an_override_holds_where_no_scheme_covers_the_customer_any_more(self):
        profile = self.override(self.ada, self.gold)
        self.rules.active = False
        self.rescore()
        self.assertEqual((profile.grade_id, profile.computed_grade_id), (self.gold, self.env["grading.grade"]))

    def test_reason_author_and_end_are_kept(self):
        salesman = self.salesman()
        until = self.today + timedelta(days=3)
        wizard = self.env["grading.override"].with_user(salesman)
        values = {"partner_ids": self.ada.ids, "grade_id": self.gold.id, "reason": "  Fair in May ", "until": until}
        wizard.create(values).action_confirm()
        self.rescore()
        profile = self.profile(self.ada)
        self.assertEqual(
            (profile.manual_reason, profile.manual_user_id, profile.manual_until), ("Fair in May", salesman, until)
        )

    def test_an_override_writes_its_line_of_history(self):
        salesman = self.salesman()
        self.ada.with_user(salesman).with_context(grading_reason="Fair in May").grading_grade_id = self.gold
        line = self.last_line(self.ada)
        self.assertRecordValues(
            line,
            [
                {
                    "profile_id": self.profile(self.ada).id,
                    "company_id": self.company.id,
                    "date": self.today,
                    "old_grade_id": self.silver.id,
                    "new_grade_id": self.gold.id,
                    "old_score": 50,
                    "new_score": 50,
                    "reason": "override",
                    "note": "Fair in May",
                    "user_id": salesman.id,
                }
            ],
        )

    def test_rescoring_writes_a_line_only_when_the_grade_changes(self):
        lines = [("partner_id", "=", self.ada.id)]
        self.assertRecordValues(
            self.env["grading.history"].search(lines),
            [{"old_grade_id": False, "new_grade_id": self.silver.id, "reason": "rescore", "new_score": 50}],
        )
        self.order_amount(60)
        self.rescore()
        self.assertEqual(self.env["grading.history"].search_count(lines), 1)
        self.order_amount(200)
        self.rescore()
        self.assertRecordValues(
            self.last_line(self.ada),
            [
                {
                    "old_grade_id": self.silver.id,
                    "new_grade_id": self.gold.id,
                    "old_score": 60,
                    "new_score": 200,
                    "reason": "rescore",
                    "user_id": False,
                }
            ],
        )

    def test_an_empty_reason_is_refused_by_the_name_of_the_customer(self):
        for reason in (False, "", "   ", "\t\n"):
            with self.subTest(reason=reason), self.assert_refused("Ada", "Please enter a reason"):
                self.override(self.ada, self.gold, reason)
        self.assertEqual(self.profile(self.ada).grade_id, self.silver)

    def test_a_blank_reason_in_the_context_is_refused_too(self):
        with self.assert_refused("Ada", "Please enter a reason"):
            self.ada.with_context(grading_reason="  ").grading_grade_id = self.gold

    def test_an_end_in_the_past_is_refused_by_the_name_of_the_customer(self):
        yesterday = self.today - timedelta(days=1)
        with self.assert_refused("Ada", str(yesterday), "later day"):
            self.override(self.ada, self.gold, until=yesterday)
        self.assertEqual(self.profile(self.ada).grade_id, self.silver)

    def test_the_last_day_still_counts_and_the_next_run_after_it_gives_back(self):
        self.rules.grace_days = 30
        profile = self.override(self.ada, self.gold, until=self.today)
        self.rescore(as_of=self.today)
        self.assertEqual((profile.grade_id, profile.pending_since), (self.gold, False))
        tomorrow = self.today + timedelta(days=1)
        self.rescore(as_of=tomorrow)
        self.assertRecordValues(
            profile,
            [
                {
                    "grade_id": self.silver.id,  # at once: the rules' days of grace are for the rules' own downgrades
                    "manual_grade_id": False,
                    "manual_reason": False,
                    "manual_until": False,
                    "manual_user_id": False,
                    "pending_grade_id": False,
                    "trend": "down",
                }
            ],
        )
        self.assertRecordValues(
            self.last_line(self.ada),
            [
                {
                    "reason": "override_end",
                    "old_grade_id": self.gold.id,
                    "new_grade_id": self.silver.id,
                    "date": tomorrow,
                }
            ],
        )

    def test_an_override_that_ends_in_a_fall_below_every_threshold_ends_all_the_same(self):
        profile = self.override(self.ada, self.gold, until=self.today)
        self.rules.active = False
        self.rescore(as_of=self.today + timedelta(days=1))
        self.assertFalse(profile.grade_id)
        self.assertFalse(profile.manual_grade_id)

    def test_giving_back_puts_the_computed_grade_in_force_at_once(self):
        self.rules.grace_days = 30
        profile = self.override(self.ada, self.gold, "Fair in May")
        self.order_amount(1)
        self.rescore()
        self.ada.action_grading_give_back()
        self.assertRecordValues(
            profile,
            [{"grade_id": self.bronze.id, "manual_grade_id": False, "manual_reason": False, "manual_user_id": False}],
        )
        line = self.last_line(self.ada)
        self.assertEqual((line.reason, line.old_grade_id, line.new_grade_id), ("override_end", self.gold, self.bronze))
        self.assertIn("Fair in May", line.note)

    def test_releasing_without_an_override_changes_nothing(self):
        before = self.env["grading.history"].search_count([])
        self.ada.action_grading_give_back()
        self.assertEqual(self.profile(self.ada).grade_id, self.silver)
        self.assertEqual(self.env["grading.history"].search_count([]), before)

    def test_writing_the_grade_on_the_contact_is_an_override(self):
        self.ada.grading_grade_id = self.gold
        profile = self.profile(self.ada)
        self.assertEqual((profile.manual_grade_id, profile.grade_id), (self.gold, self.gold))
        self.assertEqual(profile.manual_reason, "Set directly on the contact")
        self.rescore()
        self.assertEqual(self.ada.grading_grade_id, self.gold)

    def test_emptying_the_grade_on_the_contact_gives_back(self):
        self.override(self.ada, self.gold)
        self.ada.grading_grade_id = False
        self.assertEqual(self.ada.grading_grade_id, self.silver)
        self.assertFalse(self.profile(self.ada).manual_grade_id)

    def test_a_second_override_replaces_the_first(self):
        self.override(self.ada, self.gold, "First", self.today)
        profile = self.override(self.ada, self.bronze, "Second")
        self.assertEqual(
            (profile.grade_id, profile.manual_reason, profile.manual_until), (self.bronze, "Second", False)
        )

    def test_a_customer_without_a_grade_yet_can_be_overridden(self):
        newcomer = self.customer("Newcomer")
        self.assertFalse(self.profile(newcomer))
        self.override(newcomer, self.gold)
        self.rescore()
        self.assertEqual(newcomer.grading_grade_id, self.gold)

    def test_contacts_show_and_override_the_grade_of_their_commercial_entity(self):
        firm = self.customer("Firm", is_company=True)
        child = self.customer("Child", parent_id=firm.id)
        grandchild = self.customer("Grandchild", parent_id=child.id)
        self.order(grandchild, 200, self.today)
        self.rescore()
        self.assertEqual((firm | child | grandchild).mapped("grading_grade_id"), self.gold)
        self.assertEqual([p.grading_score for p in (firm, child, grandchild)], [200, 200, 200])
        grandchild.with_context(grading_reason="Told by the grandchild").grading_grade_id = self.bronze
        self.assertEqual((firm | child | grandchild).mapped("grading_grade_id"), self.bronze)
        profiles = self.env["grading.profile"].search([("partner_id", "in", (firm | child | grandchild).ids)])
        self.assertEqual(profiles.partner_id, firm)
        self.assertEqual(profiles.manual_reason, "Told by the grandchild")

    def test_the_wizard_overrides_several_customers_each_once(self):
        firm = self.customer("Firm", is_company=True)
        child = self.customer("Child", parent_id=firm.id)
        bob = self.customer("Bob")
        action = (self.ada | firm | child | bob).action_grading_override()
        with Form(self.env["grading.override"].with_context(**action["context"])) as form:
            form.grade_id = self.gold
            form.reason = "All of them are at the fair"
        form.record.action_confirm()
        profiles = self.env["grading.profile"].search([("manual_grade_id", "=", self.gold.id)])
        self.assertEqual(profiles.partner_id, self.ada | firm | bob)
        self.assertEqual(set(profiles.mapped("manual_reason")), {"All of them are at the fair"})
        lines = self.env["grading.history"].search([("reason", "=", "override"), ("profile_id", "in", profiles.ids)])
        self.assertEqual(len(lines), 3)

    def test_one_bad_override_refuses_them_all(self):
        bob = self.customer("Bob")
        with self.assert_refused("Ada"):
            self.override(self.ada | bob, self.gold, "  ")
        self.assertFalse(self.profile(self.ada).manual_grade_id)
        self.assertFalse(self.profile(bob))

    def test_one_can_list_where_person_and_rules_disagree(self):
        agreed, free = self.customer("Agreed"), self.customer("Free")
        for partner in (agreed, free):
            self.order(partner, 50, self.today)
        self.rescore()
        self.override(self.ada, self.gold)
        self.override(agreed, self.silver)
        profiles = self.env["grading.profile"]
        self.assertTrue(self.profile(self.ada).disagrees)
        self.assertFalse(self.profile(agreed).disagrees or self.profile(free).disagrees)
        ours = [("company_id", "=", self.company.id)]
        self.assertEqual(profiles.search([*ours, ("disagrees", "=", True)]).partner_id, self.ada)
        self.assertEqual(profiles.search([*ours, ("disagrees", "!=", True)]).partner_id, agreed | free)
        self.assertEqual(profiles.search([*ours, ("disagrees", "=", False)]).partner_id, agreed | free)
        self.assertEqual(self.env["res.partner"].search([("grading_profile_id.disagrees", "=", True)]), self.ada)

    def test_an_override_of_a_customer_not_graded_by_the_rules_disagrees(self):
        newcomer = self.customer("Newcomer")
        self.override(newcomer, self.gold)
        self.assertEqual(self.env["res.partner"].search([("grading_profile_id.disagrees", "=", True)]), newcomer)

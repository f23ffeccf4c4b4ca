from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .tag_case import TagCase


@tagged("post_install", "-at_install")
class TestTagOrigin(TagCase):
    """What gave a tag, a user or a rule, and what follows from it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.none = cls.env["res.partner.category"]

    # ------------------------------------------------------------
    # A rule
    # ------------------------------------------------------------

    def test_a_rule_gives_its_tag_and_notes_it(self):
        self.assertEqual(self.apply(), (1, 0))
        self.assert_tags(self.anna, self.vip)
        self.assert_tags(self.bert, self.none)
        origin = self.anna.grading_tag_origin_ids
        self.assertEqual((origin.kind, origin.rule_id, origin.company_id), ("rule", self.rule, self.company))
        self.assertFalse(origin.user_id)

    def test_a_rule_revokes_its_tag_from_a_customer_who_no_longer_matches(self):
        self.apply()
        self.measure(self.anna, order_count=1)
        self.assertEqual(self.apply(), (0, 1))
        self.assert_tags(self.anna, self.none)
        self.assertFalse(self.anna.grading_tag_origin_ids)

    def test_a_second_time_nothing_is_written(self):
        self.apply()
        origins = self.anna.grading_tag_origin_ids
        self.assertEqual(self.apply(), (0, 0))
        self.assertEqual(self.anna.grading_tag_origin_ids, origins)

    def test_a_kept_tag_stays_with_a_customer_who_no_longer_matches(self):
        self.rule.keep = True
        self.apply()
        self.measure(self.anna, order_count=1)
        self.assertEqual(self.apply(), (0, 0))
        self.assert_tags(self.anna, self.vip)
        self.rule.keep = False
        self.assertEqual(self.apply(), (0, 1))

    def test_a_tag_that_was_there_without_a_note_was_given_by_hand(self):
        self.env.cr.execute(
            "INSERT INTO res_partner_res_partner_category_rel (partner_id, category_id) VALUES (%s, %s)",
            [self.anna.id, self.vip.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self.apply(), (0, 0))
        self.assertFalse(self.anna.grading_tag_origin_ids)
        self.measure(self.anna, order_count=1)
        self.apply()
        self.assert_tags(self.anna, self.vip)

    def test_a_tag_lost_behind_our_back_is_given_again(self):
        self.apply()
        self.env.cr.execute("DELETE FROM res_partner_res_partner_category_rel WHERE partner_id = %s", [self.anna.id])
        self.env.invalidate_all()
        self.assertEqual(self.apply(), (1, 0))
        self.assert_tags(self.anna, self.vip)

    def test_an_archived_customer_keeps_the_tags(self):
        self.apply()
        self.anna.active = False
        self.assertEqual(self.anna.category_id, self.vip)
        self.assertEqual(self.reasons(self.anna, self.vip), ["rule"])

    def test_a_customer_no_longer_scored_loses_what_rules_gave(self):
        kept = self.tag_rule(self.new_tag, keep=True)
        self.apply()
        self.profile(self.anna).unlink()
        self.assert_tags(self.anna, self.new_tag)
        self.assertEqual(self.anna.grading_tag_origin_ids.rule_id, kept)

    def test_a_customer_who_becomes_a_contact_of_another_loses_what_rules_gave(self):
        self.apply()
        carl = self.customer("Carl", is_company=True, customer_rank=1)
        self.anna.parent_id = carl
        self.assertEqual(self.rescore(partners=carl).state, "done")
        self.assertEqual(self.profile(carl).partner_id, carl)
        self.assertNotIn(self.vip, self.anna.category_id)

    def test_an_archived_customer_is_put_right_at_the_next_scoring(self):
        self.scheme()
        rule = self.tag_rule(self.new_tag, "[('last_order_date', '>', 'today -30d')]")
        carl = self.customer("Carl", customer_rank=1)
        self.order(carl, 10, self.today)
        self.rescore()
        self.assertEqual(carl.grading_tag_origin_ids.rule_id, rule)
        carl.active = False
        self.rescore(as_of=self.today + timedelta(days=40))
        self.assertIn(self.new_tag, carl.category_id)
        carl.active = True
        self.rescore(as_of=self.today + timedelta(days=40))
        self.assertNotIn(self.new_tag, carl.category_id)

    # ------------------------------------------------------------
    # By hand
    # ------------------------------------------------------------

    def test_a_tag_given_by_hand_survives_the_rules_and_is_noted(self):
        salesman = self.salesman()
        self.anna.with_user(salesman).category_id = [Command.link(self.vip.id)]
        self.assertEqual(self.anna.grading_tag_origin_ids.user_id, salesman)
        self.assertEqual(self.apply(), (0, 0))
        self.measure(self.anna, order_count=1)
        self.assertEqual(self.apply(), (0, 0))
        self.assert_tags(self.anna, self.vip)
        self.assertEqual(self.reasons(self.anna, self.vip), ["hand"])

    def test_a_tag_given_at_creation_was_given_by_hand(self):
        carl = self.measured("Carl", order_count=5)
        dora = self.env["res.partner"].create({"name": "Dora", "category_id": [Command.link(self.vip.id)]})
        emil = self.env["res.partner"].with_context(default_category_id=self.vip.ids).create({"name": "Emil"})
        self.apply()
        self.assertEqual([self.reasons(who, self.vip) for who in (carl, dora, emil)], [["rule"], ["hand"], ["hand"]])

    def test_a_tag_given_on_the_tag_was_given_by_hand(self):
        self.vip.partner_ids = self.bert
        other = self.env["res.partner.category"].create({"name": "Other", "partner_ids": [Command.link(self.bert.id)]})
        self.assertEqual(self.reasons(self.bert, self.vip), ["hand"])
        self.assertEqual(self.reasons(self.bert, other), ["hand"])
        self.apply()
        self.assert_tags(self.bert, self.vip | other)
        self.vip.partner_ids = [Command.unlink(self.bert.id)]
        self.assertEqual(self.reasons(self.bert, self.vip), [])

    def test_saving_the_same_tags_changes_nothing(self):
        self.apply()
        self.anna.category_id = self.vip
        self.assertEqual(self.reasons(self.anna, self.vip), ["rule"])

    def test_the_record_goes_with_a_tag_taken_from_a_customer_who_does_not_match(self):
        self.bert.category_id = self.vip
        self.bert.category_id = False
        self.assertEqual(self.reasons(self.bert, self.vip), [])
        self.measure(self.bert, order_count=9)
        self.apply()
        self.assert_tags(self.bert, self.vip)

    # ------------------------------------------------------------
    # Never
    # ------------------------------------------------------------

    def test_a_tag_of_a_rule_taken_by_hand_stays_away(self):
        self.apply()
        salesman = self.salesman()
        self.anna.with_user(salesman).category_id = [Command.unlink(self.vip.id)]
        self.assertEqual(self.reasons(self.anna, self.vip), ["never"])
        self.assertEqual(self.anna.grading_tag_origin_ids.user_id, salesman)
        self.assertEqual(self.apply(), (0, 0))
        self.assert_tags(self.anna, self.none)

    def test_a_tag_given_by_hand_and_taken_from_a_matching_customer_stays_away(self):
        self.anna.category_id = self.vip
        self.apply()
        self.anna.category_id = False
        self.assertEqual(self.reasons(self.anna, self.vip), ["never"])
        self.assertEqual(self.apply(), (0, 0))

    def test_taking_a_tag_is_not_stopped_by_a_rule_gone_bad(self):
        self.anna.category_id = self.vip
        self.force(self.rule, domain="[('no_such_field', '=', 1)]")
        self.anna.category_id = False
        self.assert_tags(self.anna, self.none)

    def test_clearing_the_visible_tags_leaves_an_archived_one(self):
        self.apply()
        self.force(self.vip, active=False)
        self.anna.category_id = False
        self.assertEqual(self.reasons(self.anna, self.vip), ["rule"])
        self.env.invalidate_all()
        unseen = self.anna.with_context(active_test=False)
        self.assertEqual(unseen.category_id, self.vip)
        unseen.category_id = False
        self.assertEqual(self.reasons(self.anna, self.vip), ["never"])

    def test_clearing_the_contacts_of_a_tag_leaves_an_archived_one(self):
        self.apply()
        self.anna.active = False
        self.vip.partner_ids = False
        self.assertEqual(self.reasons(self.anna, self.vip), ["rule"])

    def test_a_static_tag_taken_by_hand_leaves_no_note(self):
        self.anna.category_id = self.static
        self.anna.category_id = False
        self.assertFalse(self.anna.grading_tag_origin_ids)

    def test_giving_the_tag_again_ends_never(self):
        self.apply()
        self.anna.category_id = False
        self.anna.category_id = self.vip
        self.assertEqual(self.reasons(self.anna, self.vip), ["hand"])
        self.measure(self.anna, order_count=0)
        self.apply()
        self.assert_tags(self.anna, self.vip)

    def test_never_can_be_undone(self):
        self.apply()
        self.anna.category_id = False
        self.anna.grading_tag_origin_ids.with_user(self.salesman()).action_allow_again()
        self.assertEqual(self.apply(), (1, 0))
        self.assertEqual(self.reasons(self.anna, self.vip), ["rule"])

    def test_undoing_never_leaves_other_lines_alone(self):
        self.apply()
        self.anna.grading_tag_origin_ids.action_allow_again()
        self.assertEqual(self.reasons(self.anna, self.vip), ["rule"])

    def test_never_holds_against_a_rule_that_keeps(self):
        self.rule.keep = True
        self.apply()
        self.anna.category_id = False
        self.assertEqual(self.apply(), (0, 0))

    # ------------------------------------------------------------
    # Two rules, two companies
    # ------------------------------------------------------------

    def test_a_tag_stays_as_long_as_one_of_its_rules_gives_it(self):
        other = self.tag_rule(self.vip, "[('order_amount', '>', 100)]")
        self.measure(self.anna, order_amount=500)
        self.assertEqual(self.apply(), (1, 0))
        self.assertEqual(self.anna.grading_tag_origin_ids.rule_id, self.rule | other)
        self.measure(self.anna, order_count=0)
        self.assertEqual(self.apply(), (0, 0))
        self.assertEqual(self.anna.grading_tag_origin_ids.rule_id, other)
        self.measure(self.anna, order_amount=0)
        self.assertEqual(self.apply(), (0, 1))

    def test_a_tag_handed_from_one_rule_to_another_is_not_written(self):
        other = self.tag_rule(self.vip, "[('order_count', '=', 1)]")
        self.apply()
        self.measure(self.anna, order_count=1)
        self.assertEqual(self.apply(), (0, 0))
        self.assertEqual(self.anna.grading_tag_origin_ids.rule_id, other)

    def test_a_tag_taken_by_hand_is_given_by_no_other_rule(self):
        self.tag_rule(self.vip, "[('order_amount', '>', 100)]")
        self.apply()
        self.anna.category_id = False
        self.measure(self.anna, order_amount=500)
        self.assertEqual(self.apply(), (0, 0))

    def test_a_shared_tag_stays_as_long_as_one_company_gives_it(self):
        company = self.new_company("Second Company")
        self.measure(self.anna, company, order_count=7)
        self.assertEqual((self.apply(), self.apply(company)), ((1, 0), (0, 0)))
        self.measure(self.anna, order_count=0)
        self.assertEqual(self.apply(), (0, 0))
        self.assertEqual(self.anna.grading_tag_origin_ids.company_id, company)
        self.measure(self.anna, company, order_count=0)
        self.assertEqual(self.apply(company), (0, 1))

    def test_one_company_leaves_what_another_gave(self):
        company = self.new_company("Second Company")
        self.measure(self.bert, company, order_count=7)
        self.apply(company)
        self.assertEqual(self.apply(), (1, 0))
        self.assert_tags(self.bert, self.vip)

    def test_an_archived_company_takes_back_what_its_runs_gave_but_for_what_is_kept(self):
        company = self.new_company("Second Company")
        self.tag_rule(self.new_tag, keep=True)
        carl = self.measured("Carl", company, order_count=9)
        self.measure(self.anna, company, order_count=9)
        self.apply()
        self.apply(company)
        company.action_archive()
        self.assert_tags(carl, self.new_tag)
        self.assert_tags(self.anna, self.vip | self.new_tag)

    def test_a_deleted_company_takes_back_what_its_runs_gave(self):
        company = self.new_company("Second Company")
        self.tag_rule(self.new_tag, keep=True)
        carl = self.measured("Carl", company, order_count=9)
        self.apply(company)
        company.unlink()
        self.assert_tags(carl, self.none)
        self.assertFalse(carl.grading_tag_origin_ids)

from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from ..queue_case import QueueCase


@tagged("post_install", "-at_install")
class TestSlip(QueueCase):
    """A slip of the hierarchy, with a run before it is noticed, leaves everything as it was."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.firm = cls.customer("Firm", is_company=True)
        cls.holding = cls.customer("Holding", is_company=True)
        cls.daughter = cls.customer("Daughter", is_company=True, parent_id=cls.holding.id)
        for customer in (cls.firm, cls.holding, cls.daughter):
            cls.order(customer, 200, cls.today)
        tag = cls.env["res.partner.category"].create({"name": "Rhythm"})
        cls.env["grading.tag.rule"].create(
            {"name": "Small", "category_id": tag.id, "domain": "[('order_amount', '=', 50)]"}
        )
        cls.tag = tag
        cls.rescore()
        for customer, grade, reason in (
            (cls.ada, cls.bronze, "She decides"),
            (cls.daughter, cls.silver, "To be sold"),
        ):
            cls.profile(customer)._override(grade, reason, cls.today)
            cls.profile(customer).passed_events = [f"1:{customer.id}"]
        cls.env["grading.queue"]._waiting([]).unlink()

    def word(self, customer):
        """What a customer's profile says that no run can find out again."""
        profile = self.profile(customer)
        names = ("manual_grade_id", "manual_reason", "manual_until", "manual_user_id", "passed_events")
        names += ("grade_id", "score")
        return [profile[name] for name in names], profile.history_ids, customer.category_id

    def slip(self, customer, employer, wrong, right):
        before, theirs = self.word(customer), self.word(employer)
        self.assertTrue(before[0][0] and before[1])
        customer.write(wrong)
        self.run_cron()
        self.assertFalse(self.profile_rows(customer))
        with self.subTest("the employer"):
            grade, history, tags = self.word(employer)
            self.assertEqual((grade[:4], tags), (theirs[0][:4], theirs[2]))
            self.assertFalse((history - theirs[1]).filtered(lambda line: line.reason not in ("rescore", "score")))
            self.assertEqual(before[1].partner_id, customer)
        customer.write(right)
        self.run_cron()
        self.assertEqual(self.word(customer), before)
        self.assertEqual(self.word(employer)[0], theirs[0])
        self.assertFalse(self.env["grading.profile.aside"].search([("partner_id", "in", (customer | employer).ids)]))

    def profile_rows(self, customer):
        return self.env["grading.profile"].search([("partner_id", "=", customer.id)])

    def test_a_person_gets_an_employer_and_loses_it_again(self):
        self.slip(self.ada, self.firm, {"parent_id": self.firm.id}, {"parent_id": False})

    def test_twice_over(self):
        for _time in range(2):
            self.slip(self.ada, self.firm, {"parent_id": self.firm.id}, {"parent_id": False})

    def test_a_firm_is_made_a_person_and_back(self):
        self.slip(self.daughter, self.holding, {"is_company": False}, {"is_company": True})

    def test_an_employer_without_a_grading_of_its_own(self):
        newcomer = self.customer("Newcomer", is_company=True)
        before = self.word(self.ada)
        self.ada.parent_id = newcomer
        self.run_cron()
        self.assertFalse(self.profile(newcomer).manual_grade_id)
        self.assertEqual(self.profile(newcomer).score, 50)
        self.ada.parent_id = False
        self.run_cron()
        self.assertEqual(self.word(self.ada), before)

    def test_full_runs_find_the_slip_as_well(self):
        before = self.word(self.ada)
        self.ada.parent_id = self.firm
        self.rescore()
        self.assertEqual(self.profile(self.firm).order_amount, 250)
        self.ada.parent_id = False
        self.rescore()
        self.assertEqual(self.word(self.ada), before)
        self.assertEqual(self.rescore().changed_count, 0)

    def test_a_word_that_has_ended_meanwhile_ends(self):
        self.ada.parent_id = self.firm
        self.rescore()
        self.ada.parent_id = False
        later = self.today + timedelta(days=1)
        self.rescore(as_of=later)
        profile = self.profile(self.ada)
        self.assertFalse(profile.manual_grade_id)
        self.assertEqual(profile.history_ids[0].reason, "override_end")

    def test_a_profile_that_has_come_meanwhile_goes_on_with_what_was_put_aside(self):
        """As where a new profile was made between two steps of a run."""
        before = self.word(self.ada)
        self.ada.parent_id = self.firm
        self.run_cron()
        self.ada.parent_id = False
        own = {"partner_id": self.ada.id, "company_id": self.company.id}
        self.env["grading.profile"].create({**own, "passed_events": ["2:0"]})
        self.rescore()
        self.assertEqual(self.env["grading.run"]._last_full(self.company).state, "done")
        [word, history, _tags] = self.word(self.ada)
        self.assertEqual((word[:4], history & before[1]), (before[0][:4], before[1]))
        self.assertEqual(self.profile(self.ada).passed_events, ["2:0", f"1:{self.ada.id}"])
        self.assertFalse(self.env["grading.profile.aside"].search([("partner_id", "=", self.ada.id)]))

    def test_an_override_before_the_run_finds_the_history(self):
        lines = self.profile(self.ada).history_ids
        self.ada.parent_id = self.firm
        self.run_cron()
        self.ada.parent_id = False
        self.ada.with_context(grading_reason="Anew").grading_grade_id = self.gold
        profile = self.profile(self.ada)
        self.assertEqual((profile.grade_id, profile.manual_reason), (self.gold, "Anew"))
        self.assertEqual(profile.history_ids[1:], lines)
        self.run_cron()
        self.assertEqual(len(self.profile_rows(self.ada)), 1)

    def test_another_company_keeps_its_word(self):
        other = self.new_company("Other Company")
        self.scheme(company_id=other.id)
        self.order(self.ada, 20, self.today, company_id=other.id)
        self.rescore(company=other)
        self.profile(self.ada, other)._override(self.gold, "There")
        self.ada.parent_id = self.firm
        self.run_cron()
        chief = self.manager()
        Aside = self.env["grading.profile.aside"].with_user(chief)
        self.assertEqual(Aside.search([("partner_id", "=", self.ada.id)]).company_id, self.company)
        self.assertEqual(len(Aside.sudo().search([("partner_id", "=", self.ada.id)])), 2)
        self.ada.parent_id = False
        self.run_cron()
        self.assertEqual(self.profile(self.ada, other).manual_reason, "There")
        self.assertEqual(self.profile(self.ada).manual_reason, "She decides")

    def test_a_customer_who_was_made_an_employee_and_leaves(self):
        before = self.word(self.ada)
        user = self.internal(partner_id=self.ada.id)
        self.rescore()
        self.assertFalse(self.profile_rows(self.ada))
        user.write({"group_ids": [Command.set(self.env.ref("base.group_portal").ids)]})
        self.rescore()
        self.assertEqual(self.word(self.ada), before)

    # ------------------------------------------------------------
    # Merging contacts
    # ------------------------------------------------------------

    def merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({"partner_ids": (source | target).ids})
        wizard._merge((source | target).ids, target)
        self.env.invalidate_all()
        self.run_cron()

    def test_what_was_put_aside_goes_where_its_contact_is_merged(self):
        lines = self.profile(self.ada).history_ids
        self.ada.parent_id = self.firm
        self.run_cron()
        self.merge(self.ada, self.bob)  # who becomes a contact of the firm, as Ada was
        self.bob.parent_id = False
        self.run_cron()
        profile = self.profile(self.bob)
        self.assertEqual((profile.grade_id, profile.score), (self.bronze, 100))
        self.assertIn("She decides", profile.manual_reason)
        self.assertEqual(lines.exists().profile_id, profile)
        self.assertEqual(lines.partner_id, self.bob)

    def test_a_contact_that_stays_a_contact_keeps_what_is_said_of_both_aside(self):
        self.ada.parent_id = self.firm
        self.run_cron()
        self.profile(self.bob)._override(self.gold, "His own")
        self.merge(self.bob, self.ada)
        self.assertFalse(self.profile(self.firm).manual_grade_id)
        self.assertEqual(self.profile(self.firm).order_amount, 300)
        self.ada.parent_id = False
        self.run_cron()
        profile = self.profile(self.ada)
        self.assertEqual((profile.manual_grade_id, profile.manual_reason), (self.bronze, "She decides"))
        self.assertIn("His own", "".join(filter(None, profile.history_ids.mapped("note"))))

from datetime import timedelta

from odoo.tests import tagged

from .play_case import PlayCase


@tagged("post_install", "-at_install")
class TestPlayTriggers(PlayCase):
    """Each trigger, by what a run finds and by what a person saves."""

    def test_a_grade_that_rises_by_a_run_or_by_hand(self):
        for how, full in (("some", False), ("all", True)):
            with self.subTest(how=how):
                ben = self.customer(how)
                self.order(ben, 50, self.ago(1))
                self.rescore(partners=ben)
                play = self.play("grade_up")
                self.order(ben, 60, self.ago(1))
                run = self.rescore(partners=None if full else ben)
                case = self.cases(play)
                self.assertEqual((case.partner_id, case.state, case.grade_id), (ben, "running", self.gold))
                self.assertEqual((case.run_id, case.user_id), (run, self.seller))
                self.rescore()
                self.assertEqual(self.cases(play), case, "once")
        play = self.play("grade_up")
        self.override(self.ada, self.gold)
        self.assertEqual(self.started(play), ["Ada"])
        self.assertFalse(self.cases(play).run_id)
        self.rescore()
        self.assertEqual(self.started(play), ["Ada"])

    def test_a_grade_that_falls_by_a_run_or_by_hand(self):
        up, down = self.play("grade_up"), self.play("grade_down")
        gone = self.order(self.ada, 60, self.today)
        self.rescore(partners=self.ada)
        self.force(gone, state="cancel")
        self.rescore(partners=self.ada)
        self.assertEqual((self.started(up), self.started(down)), (["Ada"], ["Ada"]))
        self.override(self.ada, self.bronze)
        self.assertEqual(self.started(down), ["Ada"] * 2, "another event")

    def test_the_grade_that_is_reached(self):
        gold, silver = (self.play("grade_up", grade_id=grade.id) for grade in (self.gold, self.silver))
        self.override(self.ada, self.gold)
        self.assertEqual((self.started(gold), self.started(silver)), (["Ada"], []))

    def test_a_grade_that_is_about_to_fall_at_once_or_after_some_days(self):
        self.money.grace_days = 10
        gone = self.order(self.ada, 60, self.today)
        self.rescore()
        now, later, other = self.play("grade_falling"), self.play("grade_falling", days=3), None
        other = self.play("grade_falling", grade_id=self.bronze.id)
        self.force(gone, state="cancel")
        self.rescore(partners=self.ada)
        self.assertEqual((self.started(now), self.started(later), self.started(other)), (["Ada"], [], []))
        for days, starts in ((2, 0), (3, 1), (4, 1)):
            self.rescore(as_of=self.today + timedelta(days=days))
            self.assertEqual((len(self.cases(now)), len(self.cases(later))), (1, starts))

    def test_a_stage_that_is_entered(self):
        new, buying = self.env["grading.lifecycle"].create(
            [
                {"name": "Rich", "domain": "[('order_amount', '>', 70)]", "sequence": 1},
                {"name": "Buying", "domain": "[]", "sequence": 2},
            ]
        )
        play, other = (
            self.play("stage_entered", lifecycle_id=new.id),
            self.play("stage_entered", lifecycle_id=buying.id),
        )
        self.rescore()
        self.assertEqual((self.started(play), self.started(other)), ([], []), "there were no stages before")
        self.order(self.ada, 30, self.today)
        self.rescore(partners=self.ada)
        self.assertEqual((self.started(play), self.started(other)), (["Ada"], []))

    def test_a_probability_that_falls_once_for_each_last_order(self):
        for days in (200, 170, 140, 110, 80, 10):
            self.order(self.ada, 1, self.ago(days))
        self.rescore()
        probability = self.profile(self.ada).purchase_probability
        self.assertGreater(probability, 0.3)
        play = self.play("probability_below", share=0.25)
        self.rescore()
        self.assertEqual(self.started(play), [])
        with self.compared_as_before():
            for days in (300, 301):
                self.rescore(as_of=self.today + timedelta(days=days))
                self.assertEqual(self.started(play), ["Ada"])

    def test_one_whose_probability_was_low_before_the_play_is_left_alone(self):
        for days in (800, 770, 740):
            self.order(self.ada, 1, self.ago(days))
        self.force(self.env["sale.order"].search([("amount_untaxed", "=", 50), ("partner_id", "=", self.ada.id)]),
                   state="cancel")  # fmt: skip
        self.rescore()
        self.assertLess(self.profile(self.ada).purchase_probability, 0.25)
        play = self.play("probability_below", share=0.25)
        self.rescore()
        self.rescore(as_of=self.today + timedelta(days=30))
        self.assertEqual(self.started(play), [])
        self.assertEqual(play.preview_count, 1)

    def test_a_preview_counts_the_order_of_that_number_and_no_later_one(self):
        regular, often = self.customer("Regular"), self.customer("Often")
        for partner, count in ((regular, 2), (often, 6)):
            for place in range(count):
                self.order(partner, 5, self.ago(50 - place))
        self.rescore()
        for partner in (regular, often, self.ada, often):
            self.order(partner, 5, self.today)
        self.rescore()
        previews = {number: self.play("nth_order", number=number).preview_count for number in (1, 2, 3, 4, 6, 7, 8, 9)}
        self.assertEqual(previews, {1: 0, 2: 1, 3: 1, 4: 0, 6: 0, 7: 1, 8: 1, 9: 0}, "two orders on one day reach two")

    def test_a_preview_counts_the_customers_of_the_company_of_the_play(self):
        other = self.new_company("Elsewhere")
        self.scheme(company_id=other.id)
        for name in ("One", "Two"):
            self.order(self.customer(name), 20, self.today, company_id=other.id)
        self.rescore(company=other)
        theirs, shared = self.play("first_order", company_id=other.id), self.play("first_order", company_id=False)
        self.assertEqual((theirs.preview_count, shared.preview_count), (2, 0))
        self.assertEqual(len(theirs.action_preview()["domain"][0][2]), 2)

    def test_the_first_order_of_a_new_customer_and_of_a_prospect(self):
        prospect = self.customer("Prospect", customer_rank=1)
        self.rescore()
        play = self.play("first_order")
        new = self.customer("New")
        self.order(prospect, 20, self.today)
        self.order(new, 20, self.today)
        self.order(self.ada, 20, self.today)
        self.rescore(partners=prospect + new + self.ada)
        self.assertCountEqual(self.started(play), ["Prospect", "New"])
        self.rescore()
        self.order(new, 20, self.today)
        self.rescore()
        self.assertEqual(len(self.cases(play)), 2)

    def test_the_first_order_of_a_customer_whom_a_person_has_graded_before(self):
        new = self.customer("New")
        new.with_context(grading_reason="Promising").grading_grade_id = self.gold
        self.assertFalse(self.profile(new).changed_run)
        plays = [self.play("first_order"), self.play("nth_order", number=1), self.play("nth_order", number=2)]
        self.order(new, 20, self.today)
        self.rescore(partners=new)
        self.assertEqual([self.started(play) for play in plays], [["New"], ["New"], []])

    def test_the_first_order_that_was_entered_late_is_no_news(self):
        play = self.play("first_order")
        self.order(self.customer("Imported"), 20, self.ago(400))
        self.rescore()
        self.assertEqual(self.started(play), [])

    def test_the_first_order_of_a_referred_customer_is_about_the_referrer(self):
        """Ada has referred New, whose salesperson is another one."""
        colleague = self.salesman(login="colleague")
        person = self.customer("Person", parent_id=self.ada.id)
        new = self.customer("New", referred_by_id=person.id, user_id=colleague.id)
        plan = self.plan((self.call_type, 0))
        play = self.play("referral_ordered", goal="contact", plan_id=plan.id)
        self.order(new, 20, self.today)
        self.rescore(partners=new)
        case = self.cases(play)
        self.assertEqual((case.partner_id, case.referred_id, case.user_id), (self.ada, new, self.seller))
        self.assertEqual(play.preview_count, 0, "it has started")
        self.begin()
        self.assertIn("Referred customer: New", str(case.activity_ids.note))
        self.post(new, author_id=self.seller.partner_id.id)
        self.env["grading.play.case"]._reach_goals()
        self.assertEqual(case.state, "running", "a word with the customer who was referred thanks no one")
        self.order(new, 20, self.today)
        self.rescore()
        self.assertEqual(self.cases(play), case)
        case.activity_ids.action_feedback()
        self.assertEqual(case.state, "reached")

    def test_a_referrer_who_is_not_to_be_disturbed_is_left_alone(self):
        self.ada.grading_do_not_disturb = True
        play = self.play("referral_ordered")
        for name in ("New", "Newer"):
            self.order(self.customer(name, referred_by_id=self.ada.id), 20, self.today)
        self.rescore()
        self.assertEqual(self.started(play), [])
        self.ada.grading_do_not_disturb = False
        self.assertEqual(play.preview_count, 1, "the referrer, for whichever of the two")

    def test_a_referred_customer_who_has_ordered_before_is_no_news(self):
        play, old = self.play("referral_ordered"), self.customer("Old", referred_by_id=self.ada.id)
        self.order(old, 20, self.ago(3))
        self.rescore()
        self.order(old, 20, self.today)
        self.rescore()
        self.assertEqual(self.started(play), [])

    def test_the_third_order(self):
        play = self.play("nth_order", number=3)
        for count, starts in ((2, 0), (3, 1), (4, 1)):
            self.order(self.ada, 1, self.today)
            self.rescore(partners=self.ada)
            self.assertEqual((self.profile(self.ada).order_count, len(self.cases(play))), (count, starts))

    def test_a_complaint_that_is_opened_or_becomes_serious_starts_at_once(self):
        play = self.play("complaint_opened", severity="serious")
        minor, serious = self.complain(self.ada), self.complain(self.ada, severity="serious")
        case = self.cases(play)
        self.assertEqual((case.complaint_id, case.partner_id), (serious, self.ada))
        minor.severity = "serious"
        self.assertEqual(self.cases(play).complaint_id, serious + minor)
        minor.severity = "major"
        minor.severity = "serious"
        self.rescore()
        self.assertEqual(len(self.cases(play)), 2, "each complaint once")

    def test_a_complaint_that_is_another_customers_or_deleted(self):
        ben, other = self.customer("Ben"), self.new_company("Elsewhere")
        play = self.play("complaint_opened", company_id=False)
        complaint = self.complain(self.ada)
        complaint.partner_id = self.customer("Person", parent_id=self.ada.id)
        self.assertEqual([case.state for case in self.cases(play)], ["running"], "a contact of the same customer")
        complaint.partner_id = ben
        wrong, right = self.cases(play)
        self.assertEqual((wrong.state, wrong.end_reason, right.state), ("stopped", "complaint_moved", "running"))
        self.assertEqual((right.partner_id, right.complaint_id), (ben, complaint))
        complaint.company_id = other
        moved = self.cases(play)[2]
        self.assertEqual((right.state, moved.company_id, moved.state), ("stopped", other, "running"))
        complaint.unlink()
        self.assertEqual((moved.state, moved.end_reason), ("stopped", "complaint_deleted"))

    def test_a_complaint_that_is_late(self):
        play = self.play("complaint_late", days=2)
        complaint = self.complain(self.ada, severity="serious")
        closed = self.complain(self.ada, severity="serious")
        closed.write({"date_close": self.today, "outcome": "resolved"})
        for days, starts in ((4, 0), (5, 1), (6, 1)):
            self.rescore(as_of=self.today + timedelta(days=days))
            self.assertEqual(len(self.cases(play)), starts)
        self.assertEqual(self.cases(play).complaint_id, complaint)

    def test_a_complaint_that_was_late_before_the_play(self):
        self.complain(self.ada, date_open=self.ago(30), date_due=self.ago(20))
        play = self.play("complaint_late")
        self.rescore()
        self.assertEqual((self.started(play), play.preview_count), ([], 1))

    def test_an_answer_that_is_low_whatever_was_said_before(self):
        self.assess(self.ada, 10)
        self.rescore()
        play = self.play("satisfaction_low", number=4)
        self.assess(self.ada, 5)
        self.rescore(partners=self.ada)
        self.assertEqual(self.started(play), [])
        self.assess(self.ada, 4)
        self.assertEqual(self.env["grading.queue"]._waiting([("partner_id", "=", self.ada.id)]).partner_id, self.ada)
        self.rescore(partners=self.ada)
        self.assertEqual(self.started(play), ["Ada"])
        self.assertGreater(self.profile(self.ada).satisfaction, 4, "on average")
        self.rescore()
        self.assertEqual(self.started(play), ["Ada"])

    def test_a_lead_whose_grade_rises_by_a_run_or_by_hand(self):
        lead, other = self.lead("Wanted", willingness="2"), self.lead("Other", willingness="2")
        self.rescore()
        play = self.play("lead_grade_up", grade_id=self.gold.id)
        customers = self.play("grade_up")
        lead.willingness = "5"
        self.rescore(leads=lead)
        self.override(other, self.gold)
        self.assertEqual(self.cases(play).lead_id, lead + other)
        self.assertEqual(self.started(customers), [])
        new = self.lead("New", willingness="5")
        self.rescore(leads=new)
        self.assertEqual(len(self.cases(play)), 2, "a first grading is no rise")

    def test_by_hand_a_play_starts_for_those_for_whom_it_does_not_run(self):
        play = self.play("manual")
        ben = self.customer("Ben", customer_rank=1)
        self.rescore()
        self.assertEqual(play._start_for(self.ada).partner_id, self.ada)
        self.assertEqual(play._start_for(self.ada + ben).partner_id, ben)
        self.cases(play)._stop("hand")
        self.assertEqual(play._start_for(self.ada).partner_id, self.ada, "again")


@tagged("post_install", "-at_install")
class TestInvoiceOverdue(PlayCase):
    def test_an_invoice_that_is_overdue(self):
        company = self.env.ref("base.main_company")
        env = self.env(context={**self.env.context, "allowed_company_ids": company.ids})
        ada = env["res.partner"].create({"name": "Debtor"})
        lines = [(0, 0, {"name": "Work", "price_unit": 55, "tax_ids": [(5,)]})]
        invoices = env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": ada.id,
                    "invoice_date": self.ago(60),
                    "invoice_date_due": day,
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": lines,
                }
                for day in (self.ago(30), self.today, self.today + timedelta(days=90))
            ]
        )
        invoices.action_post()
        self.scheme(company_id=company.id)
        self.rescore(company=company)
        play = self.play(
            "invoice_overdue", days=2, company_id=company.id, domain="[('partner_id.name', '=', 'Debtor')]"
        )
        own = self.env["grading.play.case"].with_company(company).search([("play_id", "=", play.id)])
        self.assertFalse(own)
        for days, starts in ((2, 0), (3, 1), (10, 1)):
            self.rescore(as_of=self.today + timedelta(days=days), company=company)
            own = self.env["grading.play.case"].search([("play_id", "=", play.id)])
            self.assertEqual(len(own), starts)
        self.assertEqual((own.invoice_id, own.company_id), (invoices[1], company))

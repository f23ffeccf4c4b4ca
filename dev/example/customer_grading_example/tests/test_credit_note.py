from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.customer_grading.tests.measure.purchase_case import PurchaseCase


@tagged("post_install", "-at_install")
class TestCreditNote(PurchaseCase):
    """Credit notes are measured, give points, and lead into the stage *Many Returns*, whose note and play follow."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.ada = cls.customer("Ada")
        cls.order(cls.ada, 500, cls.ago(10))

    @classmethod
    def ago(cls, days):
        return cls.today - timedelta(days=days)

    @classmethod
    def credit_notes(cls, *days, **vals):
        """A posted credit note of Ada's, unless said otherwise, so many days ago each."""
        for number in days:
            cls.invoice(vals.get("partner", cls.ada), 10, "out_refund", cls.ago(number))

    def example(self, name):
        """A record that the module brings, switched on."""
        record = self.env.ref(f"customer_grading_example.{name}")
        record.active = True
        return record

    def enter_the_stage(self):
        """Ada enters *Many Returns* from another stage."""
        self.scheme()
        self.env["grading.lifecycle"].create({"name": "Others", "sequence": 30})
        stage = self.example("grading_lifecycle_returns")
        self.rescore()
        self.assertNotEqual(self.profile(self.ada).lifecycle_id, stage)
        self.credit_notes(1, 2, 3)
        self.rescore()
        self.assertEqual(self.profile(self.ada).lifecycle_id, stage)

    def notes(self):
        stage = self.env.ref("customer_grading_example.grading_lifecycle_returns")
        return self.ada.message_ids.filtered(lambda message: stage.entry_note in message.body)

    def test_posted_credit_notes_of_twelve_months_count(self):
        self.scheme([self.linear("credit_note_count_12m")])
        self.credit_notes(0, 360)
        self.credit_notes(370)  # older than a year
        self.invoice(self.ada, 10, day=self.ago(5))  # no credit note
        self.credit_notes(5)
        self.env["account.move"].search([("invoice_date", "=", self.ago(0))], limit=1).button_draft()
        self.assertEqual(self.judged(self.ada, "credit_note_count_12m", as_of=self.today), (2,))

    def test_what_is_later_than_the_day_that_is_judged_does_not_count(self):
        self.scheme([self.linear("credit_note_count_12m")])
        self.credit_notes(0, 5)
        self.assertEqual(self.judged(self.ada, "credit_note_count_12m", as_of=self.ago(3)), (1,))

    def test_those_of_a_contact_count_for_its_company_and_a_customer_without_any_has_none(self):
        self.scheme([self.linear("credit_note_count_12m")])
        self.credit_notes(5, partner=self.customer("Child", parent_id=self.ada.id))
        bob = self.customer("Bob")
        self.order(bob, 500, self.ago(10))
        self.assertEqual(self.judged(self.ada, "credit_note_count_12m", as_of=self.today), (1,))
        self.assertEqual(self.profile(bob).credit_note_count_12m, 0)

    def test_the_scheme_gives_fewer_points_for_more_credit_notes(self):
        self.env.ref("customer_grading_example.grading_scheme_returns").threshold_ids.grade_id.active = True
        self.example("grading_scheme_returns")
        criterion = self.env.ref("customer_grading_example.grading_criterion_returns_credit_notes")
        for count, points in ((0, 20), (1, 15), (3, 5), (6, 0)):
            self.credit_notes(*range(1, 1 + count - self.profile(self.ada).credit_note_count_12m))
            self.rescore()
            self.assertEqual(self.profile(self.ada).points_detail[str(criterion.id)], points, count)

    def test_entering_the_stage_logs_its_note_once(self):
        self.enter_the_stage()
        self.assertEqual(len(self.notes()), 1)
        self.assertEqual(self.notes().author_id, self.env.ref("base.partner_root"))
        self.credit_notes(4)
        self.rescore()
        self.assertEqual(len(self.notes()), 1, "it was there already")

    def test_judging_an_earlier_day_logs_nothing(self):
        self.scheme()
        self.example("grading_lifecycle_returns")
        self.credit_notes(4, 5, 6)
        self.rescore(as_of=self.ago(2))
        self.assertEqual(len(self.notes()), 0)

    def test_entering_the_stage_starts_the_play(self):
        play = self.example("grading_play_returns")
        self.enter_the_stage()
        case = self.env["grading.play.case"].search([("play_id", "=", play.id)])
        self.assertEqual(case.partner_id, self.ada)

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_assessment import FeedbackCase


@tagged("post_install", "-at_install")
class TestFeedbackSecurity(FeedbackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller, cls.colleague = cls.salesman(), cls.salesman("grading_colleague")
        cls.boss = cls.manager()
        cls.mine = cls.assess(cls.ada, satisfaction=5, user_id=cls.seller.id)
        cls.theirs = cls.assess(cls.ada, satisfaction=6, user_id=cls.colleague.id)
        cls.complaint = cls.complain(cls.ada, user_id=cls.colleague.id)
        cls.other_company = cls.new_company("Other")
        cls.elsewhere = cls.assess(cls.ada, satisfaction=1, company_id=cls.other_company.id)
        cls.complaint_elsewhere = cls.complain(cls.ada, company_id=cls.other_company.id)

    def test_a_portal_user_reads_no_feedback_on_their_own_contact(self):
        user = self.portal()
        self.assess(user.partner_id, satisfaction=1)
        me = user.partner_id.with_user(user)
        for name in (
            *("grading_satisfaction", "grading_expectation", "grading_satisfaction_gap", "grading_can_survey"),
            *("grading_last_assessment_date", "grading_open_complaint_count", "grading_assessment_total"),
            *("grading_assessment_average", "grading_complaint_total", "grading_complaint_open_total"),
            "grading_complaint_is_overdue",
        ):
            with self.subTest(field=name), self.assertRaises(AccessError):
                me.read([name])

    def test_a_salesperson_reads_all_of_their_own_companies_and_nothing_else(self):
        found = self.env["grading.assessment"].with_user(self.seller).search([])
        self.assertEqual(found, self.mine + self.theirs)
        self.assertEqual(self.env["grading.complaint"].with_user(self.seller).search([]), self.complaint)
        for record in (self.elsewhere, self.complaint_elsewhere):
            with self.assertRaises(AccessError):
                record.with_user(self.seller).read(["note"])

    def test_only_its_author_or_a_manager_changes_an_assessment(self):
        self.mine.with_user(self.seller).satisfaction = 7
        for act in (lambda a: a.write({"satisfaction": 1}), lambda a: a.unlink()):
            with self.assertRaises(AccessError):
                act(self.theirs.with_user(self.seller))
        self.theirs.with_user(self.boss).satisfaction = 2
        self.assertEqual((self.mine.satisfaction, self.theirs.satisfaction), (7, 2))
        self.mine.with_user(self.seller).unlink()
        self.theirs.with_user(self.boss).unlink()
        self.assertFalse((self.mine + self.theirs).exists())

    def test_no_user_assesses_in_the_name_of_a_colleague(self):
        Assessment = self.env["grading.assessment"].with_user(self.seller)
        vals = {"partner_id": self.ada.id, "satisfaction": 3}
        self.assertEqual(Assessment.create(vals).user_id, self.seller)
        with self.assertRaises(AccessError):
            Assessment.create({**vals, "user_id": self.colleague.id})

    def test_no_user_assesses_for_another_company(self):
        for model, extra in (("grading.assessment", {"satisfaction": 3}), ("grading.complaint", {})):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.seller).create(
                    {"partner_id": self.ada.id, "company_id": self.other_company.id, **extra}
                )

    def test_every_salesperson_works_on_a_complaint_and_only_a_manager_deletes_it(self):
        complaint = self.complaint.with_user(self.seller)
        complaint.outcome = "resolved"
        complaint.action_close()
        self.assertEqual(self.complaint.state, "closed")
        with self.assertRaises(AccessError):
            complaint.unlink()
        self.complaint.with_user(self.boss).unlink()
        self.assertFalse(self.complaint.exists())

    def test_the_measure_is_for_those_who_see_the_documents(self):
        self.order(self.ada, 10, self.today)
        self.scheme(criteria=[self.linear("satisfaction")])
        self.rescore()
        self.assertEqual(self.ada.with_user(self.seller).grading_satisfaction, 5.5)
        with self.assertRaises(AccessError):
            self.ada.with_user(self.internal()).read(["grading_satisfaction"])

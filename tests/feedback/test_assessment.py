from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..common import GradingCase


class FeedbackCase(GradingCase):
    """Ada's company with a contact, and words to say what she said."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.ada = cls.customer("Ada & Sons", is_company=True)
        cls.son = cls.customer("Son", parent_id=cls.ada.id)
        cls.bob = cls.customer("Bob")

    @classmethod
    def assess(cls, partner, **vals):
        return cls.env["grading.assessment"].create({"partner_id": partner.id, **vals})

    @classmethod
    def complain(cls, partner, **vals):
        return cls.env["grading.complaint"].create({"partner_id": partner.id, **vals})

    def queued(self):
        """Customers who wait for a new score in our company."""
        self.env.flush_all()
        lines = self.env["grading.queue"]._waiting([("company_id", "=", self.company.id)])
        return lines.partner_id

    def clear_queue(self):
        self.env["grading.queue"]._waiting([("company_id", "=", self.company.id)]).unlink()


@tagged("post_install", "-at_install")
class TestAssessment(FeedbackCase):
    def test_zero_is_an_answer_and_not_asked_is_not_zero(self):
        assessment = self.assess(self.ada, satisfaction=0)
        self.env.invalidate_all()
        self.assertIs(assessment.expectation, False)
        self.assertIsNot(assessment.satisfaction, False)
        self.assertEqual(assessment.read(["satisfaction", "expectation"])[0]["satisfaction"], 0)
        self.assertIs(assessment.read(["expectation"])[0]["expectation"], False)

    def test_a_score_can_be_taken_back(self):
        assessment = self.assess(self.ada, satisfaction=9, expectation=0)
        assessment.write({"expectation": False})
        self.env.invalidate_all()
        self.assertIs(assessment.expectation, False)
        self.assertEqual(assessment.satisfaction, 9)

    def test_filters_and_averages_leave_the_unknown_out(self):
        self.assess(self.ada, satisfaction=2)
        unasked = self.assess(self.bob, recommendation=0)
        Assessment = self.env["grading.assessment"]
        mine = [("partner_id", "in", (self.ada + self.bob).ids)]
        self.assertEqual(Assessment.search([*mine, ("satisfaction", "<", 5)]).partner_id, self.ada)
        self.assertEqual(Assessment.search([*mine, ("satisfaction", "=", False)]), unasked)
        self.assertFalse(Assessment.search([*mine, ("satisfaction", "=", 0)]))
        self.assertEqual(Assessment.search([*mine, ("recommendation", "=", 0)]), unasked)
        self.assertEqual(Assessment._read_group(mine, [], ["satisfaction:avg"]), [(2.0,)])
        self.assertEqual(Assessment.search(mine).filtered_domain([("satisfaction", "<", 5)]).partner_id, self.ada)

    def test_the_gap_is_satisfaction_less_expectation_where_both_are_known(self):
        assessment = self.assess(self.ada, expectation=8, satisfaction=5)
        self.assertEqual(assessment.gap, -3)
        assessment.satisfaction = 8
        self.assertEqual(assessment.gap, 0)
        self.assertIsNot(assessment.gap, False)
        assessment.expectation = False
        self.assertIs(assessment.gap, False)

    def test_a_score_outside_of_0_to_10_is_refused(self):
        assessment = self.assess(self.ada, satisfaction=5)
        for name in ("expectation", "satisfaction", "recommendation"):
            for score in (-1, 10.5, 11, 1e6):
                with (
                    self.subTest(score=name, value=score),
                    self.assert_refused("Ada & Sons", "from 0 to 10", error=ValidationError),
                ):
                    assessment.write({name: score})
                with self.subTest(new=name, value=score), self.assert_refused("Ada & Sons", error=ValidationError):
                    self.assess(self.ada, **{name: score})

    def test_the_ends_of_the_scale_are_accepted(self):
        assessment = self.assess(self.ada, expectation=0, satisfaction=10, recommendation=0)
        self.assertEqual((assessment.expectation, assessment.satisfaction, assessment.gap), (0, 10, 10))

    def test_an_assessment_without_any_score_is_refused(self):
        with self.assert_refused("Ada & Sons", "at least one", error=ValidationError):
            self.assess(self.ada)
        assessment = self.assess(self.ada, recommendation=3)
        with self.assert_refused("Ada & Sons", "at least one", error=ValidationError):
            assessment.recommendation = False

    def test_it_is_of_today_where_the_company_works_and_never_of_the_future(self):
        self.assertEqual(self.assess(self.ada, satisfaction=5).date, self.today)
        with self.assert_refused("Ada & Sons", "in the future", error=ValidationError):
            self.assess(self.ada, satisfaction=5, date=self.today + timedelta(days=1))

    def test_it_stands_at_the_customer_and_names_the_contact(self):
        assessment = self.assess(self.son, satisfaction=5)
        self.assertEqual((assessment.partner_id, assessment.contact_id), (self.ada, self.son))
        other = self.assess(self.bob, satisfaction=5)
        other.partner_id = self.son
        self.assertEqual((other.partner_id, other.contact_id), (self.ada, self.son))

    def test_a_contact_of_another_customer_is_refused(self):
        with self.assert_refused("Bob", "Ada & Sons", error=ValidationError):
            self.assess(self.ada, contact_id=self.bob.id, satisfaction=5)

    def test_a_customer_of_another_company_is_refused(self):
        theirs = self.customer("Theirs", company_id=self.new_company("Other").id)
        with self.assert_refused("Theirs"):
            self.assess(theirs, satisfaction=5)

    def test_whatever_is_said_asks_for_a_new_score(self):
        assessment = self.assess(self.son, satisfaction=5)
        self.assertEqual(self.queued(), self.ada)
        self.clear_queue()
        assessment.satisfaction = 6
        self.assertEqual(self.queued(), self.ada)
        self.clear_queue()
        assessment.partner_id = self.bob
        self.assertEqual(self.queued(), self.ada + self.bob)

    def test_a_note_asks_for_nothing(self):
        assessment = self.assess(self.ada, satisfaction=5)
        self.clear_queue()
        assessment.note = "In passing"
        self.assertFalse(self.queued())

    def test_deleting_asks_for_a_new_score(self):
        assessment = self.assess(self.ada, satisfaction=5)
        self.clear_queue()
        assessment.unlink()
        self.assertEqual(self.queued(), self.ada)

    def test_the_contact_shows_how_many_and_their_average(self):
        self.assess(self.son, satisfaction=5)
        self.assess(self.ada, satisfaction=8)
        self.assess(self.ada, recommendation=0)
        for partner in self.ada + self.son:
            self.assertEqual((partner.grading_assessment_total, partner.grading_assessment_average), (3, 6.5))
        self.assertEqual(self.bob.grading_assessment_total, 0)
        self.assertIs(self.bob.grading_assessment_average, False)
        elsewhere = self.ada.with_company(self.new_company("Elsewhere"))
        self.assertEqual(elsewhere.grading_assessment_total, 0)

    def test_a_customer_who_becomes_a_contact_brings_the_assessments_along(self):
        self.assess(self.bob, satisfaction=4)
        self.bob.parent_id = self.ada
        self.assertEqual((self.ada.grading_assessment_total, self.son.grading_assessment_average), (1, 4))

    def test_the_quick_form_opens_with_the_customer_and_the_contact(self):
        context = self.son.action_grading_assess()["context"]
        self.assertEqual(context, {"default_partner_id": self.ada.id, "default_contact_id": self.son.id})
        context = self.ada.action_grading_assess()["context"]
        self.assertEqual(context, {"default_partner_id": self.ada.id, "default_contact_id": False})

    def test_the_contacts_list_of_assessments_is_the_customers(self):
        mine = self.assess(self.ada, satisfaction=5)
        self.assess(self.bob, satisfaction=5)
        action = self.son.action_grading_view_assessments()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), mine)

    def test_without_surveys_nothing_is_fetched_and_nothing_offered(self):
        """Where Surveys is installed its own tests cover that; its answers are none yet here either."""
        self.assertFalse(self.env["grading.assessment"]._collect_survey_answers())

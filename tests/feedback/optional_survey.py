"""With Odoo's surveys installed: not collected by the suite, which needs nothing beyond the module's dependencies."""

from datetime import datetime
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...hooks import uninstall_hook
from .test_assessment import FeedbackCase


@tagged("post_install", "-at_install")
class TestSurvey(FeedbackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Assessment = cls.env["grading.assessment"]
        cls.survey = cls.Assessment._get_survey()
        cls.son.email = "son@ada.example"
        cls.asker = cls.user("grading_asker", "base.group_user,survey.group_survey_user")

    def answer(self, partner=None, email=None, state="done", **given):
        """A participation in the survey with what was ``given``."""
        survey = self.survey.with_user(self.asker)
        answer = survey._create_answer(partner=partner or False, email=email, check_attempts=False).sudo()
        for name, value in given.items():
            answer._save_lines(self.env.ref("customer_grading.grading_survey_%s" % name), value)
        answer.write({"state": state, "end_datetime": datetime(2025, 3, 10, 23, 30)})
        return answer

    def test_the_survey_asks_three_scores_and_a_comment_and_is_made_once(self):
        self.assertEqual(self.survey.question_ids.mapped("question_type"), ["scale", "scale", "scale", "text_box"])
        self.assertEqual(self.Assessment._get_survey(), self.survey)
        self.survey.check_validity()

    def test_a_deleted_survey_is_created_again(self):
        self.survey.unlink()
        self.assertTrue(self.Assessment._get_survey().question_ids)

    def test_it_speaks_every_installed_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.survey.unlink()

        def prepared(model, lang):
            names = ("expectation", "satisfaction", "recommendation", "comment")
            return {name: {"title": "%s %s" % (name, lang), "sequence": place} for place, name in enumerate(names)}

        with patch.object(type(self.Assessment), "_prepare_questions", prepared):
            survey = self.Assessment._get_survey()
        for lang in ("en_US", "fr_FR"):
            self.assertEqual(survey.with_context(lang=lang).question_ids[0].title, "expectation %s" % lang)

    def test_a_completed_answer_becomes_an_assessment_once(self):
        self.answer(self.son, expectation="8", satisfaction="0", comment="Too late")
        assessment = self.Assessment._collect_survey_answers()
        self.assertEqual((assessment.partner_id, assessment.contact_id), (self.ada, self.son))
        self.assertEqual((assessment.expectation, assessment.satisfaction, assessment.gap), (8, 0, -8))
        self.assertIs(assessment.recommendation, False)
        self.assertEqual((assessment.channel, assessment.note), ("survey", "Too late"))
        self.assertEqual(assessment.company_id, self.company)
        self.assertFalse(self.Assessment._collect_survey_answers())

    def test_its_day_begins_where_the_company_works(self):
        self.answer(self.son, satisfaction="5")  # 23:30 UTC, in Brussels the next day
        self.assertEqual(str(self.Assessment._collect_survey_answers().date), "2025-03-11")

    def test_an_answer_that_is_not_complete_or_without_a_score_is_left(self):
        self.answer(self.son, state="in_progress", satisfaction="5")
        self.answer(self.son, comment="No scores")
        test = self.answer(self.son, satisfaction="5")
        test.test_entry = True
        self.assertFalse(self.Assessment._collect_survey_answers())

    def test_a_customer_is_found_by_the_address_unless_several_have_it(self):
        self.answer(email="Son <SON@ada.example>", satisfaction="5")
        self.assertEqual(self.Assessment._collect_survey_answers().contact_id, self.son)
        self.bob.email = "son@ada.example"
        self.answer(email="son@ada.example", satisfaction="5")
        self.answer(email="nobody@ada.example", satisfaction="5")
        self.assertFalse(self.Assessment._collect_survey_answers())

    def test_an_answer_belongs_to_the_company_that_the_customer_is_reserved_to(self):
        other = self.new_company("Other")
        self.bob.company_id = other
        self.answer(self.bob, satisfaction="5")
        self.assertEqual(self.Assessment._collect_survey_answers().company_id, other)

    def test_else_it_belongs_to_a_company_of_the_sender_where_the_contact_is_a_customer(self):
        other = self.new_company("Other")
        self.env["sale.order"].with_company(other).create({"partner_id": self.bob.id})
        self.env["grading.run"].with_company(other)._rescore()
        self.answer(self.bob, satisfaction="5")
        self.assertEqual(self.Assessment._collect_survey_answers().company_id, self.company, "he cannot see the other")
        self.asker.company_ids += other
        self.answer(self.bob, satisfaction="5")
        self.assertEqual(self.Assessment._collect_survey_answers().company_id, other)

    def test_the_scheduled_actions_fetch_the_answers_and_ask_for_a_new_score(self):
        for action in ("ir_cron_rescore", "ir_cron_rescore_queue"):
            self.answer(self.son, satisfaction="5")
            before = self.Assessment.search_count([])
            with self.enter_registry_test_mode():
                self.env.ref("customer_grading.%s" % action).method_direct_trigger()
            self.assertEqual(self.Assessment.search_count([]), before + 1, action)

    def test_what_came_from_the_survey_is_deleted_there_first(self):
        answer = self.answer(self.son, satisfaction="5")
        assessment = self.Assessment._collect_survey_answers()
        with self.assert_refused("Ada & Sons", "Surveys"):
            assessment.unlink()
        answer.unlink()
        assessment.unlink()
        self.assertFalse(assessment.exists())

    def test_the_contacts_button_opens_odoos_invitation_to_this_survey(self):
        action = self.son.action_grading_survey()
        self.assertEqual(action["res_model"], "survey.invite")
        wizard = self.env["survey.invite"].with_context(**action["context"]).create({})
        self.assertEqual((wizard.survey_id, wizard.partner_ids), (self.survey, self.son))
        self.assertEqual(wizard.existing_mode, "new")

    def test_the_survey_stays_when_the_module_goes(self):
        kinds = ("survey.survey", "survey.question")
        ours = [("module", "=", "customer_grading"), ("model", "in", kinds)]
        self.assertEqual(self.env["ir.model.data"].search_count(ours), 5)
        uninstall_hook(self.env)
        self.assertFalse(self.env["ir.model.data"].search(ours))
        self.assertTrue(self.survey.exists())

    def test_the_button_is_for_users_who_may_send_surveys(self):
        self.assertTrue(self.son.with_user(self.asker).grading_can_survey)
        seller = self.son.with_user(self.salesman())
        self.assertFalse(seller.grading_can_survey)
        with self.assertRaises(AccessError):
            seller.action_grading_survey()

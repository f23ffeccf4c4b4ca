from pathlib import Path
from unittest.mock import patch

from lxml import etree

from odoo.tests import TransactionCase, freeze_time, tagged
from odoo.tools.translate import code_translations

from ...models.play.mail_activity_plan_template import SHIPPED
from .play_case import PlayCase

DATA = Path(__file__).parents[2] / "data" / "play_data.xml"
STEP = "mail_activity_plan_template_serious_complaint_1"


@tagged("post_install", "-at_install")
class TestPlaysShipped(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shipped = [("module", "=", "customer_grading"), ("model", "=", "grading.play")]
        cls.plays = cls.env["grading.play"].browse(cls.env["ir.model.data"].search(shipped).mapped("res_id"))

    def test_there_are_eight_and_two_are_active(self):
        self.assertEqual(len(self.plays), 8)
        active = [
            self.env.ref(f"customer_grading.grading_play_{n}") for n in ("serious_complaint", "best_grade_falling")
        ]
        self.assertEqual(self.plays.filtered("active"), active[0] + active[1])

    def test_each_is_usable(self):
        self.plays._check_domain()
        self.plays._check_steps()
        self.assertEqual(len(self.plays.plan_id), 8)
        self.assertFalse(self.plays.plan_id.company_id)
        for play in self.plays:
            self.assertEqual(play.plan_id.res_model, play._subject_model())
            self.assertNotIn("none", play.plan_id.template_ids.activity_type_id.mapped("grading_channel"))
            self.assertIsInstance(play.preview_count, int)

    def test_the_events(self):
        by_name = {play.get_external_id()[play.id].partition("grading_play_")[2]: play for play in self.plays}
        self.assertEqual(
            {name: play.trigger for name, play in by_name.items()},
            {
                "serious_complaint": "complaint_opened",
                "best_grade_falling": "grade_falling",
                "first_order": "first_order",
                "win_back": "stage_entered",
                "lead_a": "lead_grade_up",
                "not_content": "satisfaction_low",
                "thank_referrer": "referral_ordered",
                "invoice_overdue": "invoice_overdue",
            },
        )
        self.assertTrue(by_name["serious_complaint"].tells_manager)
        self.assertEqual(by_name["serious_complaint"].plan_id.template_ids.delay_count, 0)
        self.assertEqual(by_name["best_grade_falling"].plan_id.template_ids.delay_count, 3)
        self.assertEqual(by_name["not_content"].number, 4)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-04 12:00:00")
class TestShippedSteps(PlayCase):
    """The steps of shipped plans speak the language of who carries them out, as long as they say what was shipped."""

    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("zh_CN")
        self.seller.lang = "zh_CN"
        self.step = self.env.ref(f"customer_grading.{STEP}")
        english = self.env(context={"lang": "en_US"})
        self.summary, self.note = (english._(text) for text in SHIPPED[STEP])
        known = code_translations.get_python_translations("customer_grading", "zh_CN")
        words = {**known, self.summary: "SUMMARY", self.note: "NOTE <b>"}
        self.startPatcher(patch.dict(code_translations.python_translations, {("customer_grading", "zh_CN"): words}))
        self.plays = self.play(plan_id=self.step.plan_id.id)

    def activity(self):
        self.plays._start_for(self.ada)
        self.begin()
        return self.cases(self.plays)[-1:].activity_ids

    def test_the_dictionary_says_what_is_shipped(self):
        english, shipped = self.env(context={"lang": "en_US"}), {}
        for record in etree.parse(DATA).iterfind(".//record[@model='mail.activity.plan.template']"):
            shipped[record.get("id")] = (
                record.findtext("field[@name='summary']"),
                record.findtext("field[@name='note']/p"),
            )
        self.assertGreater(len(shipped), 8)
        self.assertEqual({name: tuple(english._(text) for text in texts) for name, texts in SHIPPED.items()}, shipped)

    def test_a_step_as_shipped_is_read_in_the_users_language(self):
        activity = self.activity()
        self.assertEqual((activity.summary, str(activity.note)), ("SUMMARY", "<p>NOTE &lt;b&gt;</p>"))

    def test_a_user_of_another_language_reads_english(self):
        self.seller.lang = "en_US"
        activity = self.activity()
        self.assertEqual((activity.summary, str(activity.note)), (self.summary, f"<p>{self.note}</p>"))

    def test_a_step_that_a_user_has_changed_stays_as_it_is(self):
        for summary, note in (
            ("Ring them up", f"<p>{self.note} <b>Now.</b></p>"),
            (self.summary + "!", f"<p><b>{self.note}</b></p>"),
            ("Ring", f"<p>{self.note}</p><p>{self.note}</p>"),
            ("Ring", False),
        ):
            with self.subTest(note=note):
                self.step.write({"summary": summary, "note": note})
                activity = self.activity()
                self.assertEqual((activity.summary, activity.note), (summary, self.step.note))
                self.cases(self.plays)._stop("hand")

    def test_each_half_of_a_step_is_compared_alone(self):
        self.step.summary = "Ring them up"
        activity = self.activity()
        self.assertEqual((activity.summary, str(activity.note)), ("Ring them up", "<p>NOTE &lt;b&gt;</p>"))

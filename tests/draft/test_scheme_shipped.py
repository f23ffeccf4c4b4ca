import json

from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_open, file_path

from ...models.draft.grading_scheme_shipped import FOLDER, PRESETS, _deciding

PRESET = PRESETS[0]


@tagged("post_install", "-at_install")
class TestShippedPresets(TransactionCase):
    """A preset of a new release is offered as a draft."""

    def setUp(self):
        super().setUp()
        self.scheme = self.env.ref(f"customer_grading.{PRESET}")
        self.scheme.draft_ids.unlink()

    def values(self, name=PRESET):
        with file_open(file_path(f"{FOLDER}/{name}.json"), "rb") as file:
            return json.load(file)

    def newer(self):
        """The file of a made-up newer preset."""
        values = self.values()
        values["scheme"]["grace_days"] = 77
        criterion = values["scheme"]["criteria"][0]
        criterion["points_max"] += 3
        return values

    def offer(self, values):
        self.env["grading.scheme"]._offer_preset(PRESET, json.dumps(values).encode())
        return self.scheme.draft_ids

    def test_the_files_are_what_a_new_database_gets(self):
        """The files are exports: after a change in data/score_data.xml export the presets of a new database again."""
        for name in PRESETS:
            with self.subTest(preset=name):
                scheme = self.env.ref(f"customer_grading.{name}")
                self.assertEqual(_deciding(self.values(name)["scheme"]), _deciding(scheme._content()))
                self.assertTrue(scheme.shipped_hash)
                self.assertFalse(scheme.is_offer)

    def test_an_update_without_news_offers_nothing(self):
        self.env["grading.scheme"]._offer_presets()
        self.assertFalse(self.scheme.draft_ids)
        self.scheme.grace_days += 1  # what the company has changed is its own
        self.env["grading.scheme"]._offer_presets()
        self.assertFalse(self.scheme.draft_ids)

    def test_an_update_without_news_asks_for_no_rescoring(self):
        """It did until 19.0.1.15.0: each update counted as a change of all shipped schemes."""
        self.env.cr.execute("UPDATE grading_scheme SET write_date = '2020-01-01'")
        self.env.invalidate_all()
        self.env["grading.scheme"]._offer_presets()
        self.env.flush_all()
        self.env.cr.execute("SELECT COUNT(*) FROM grading_scheme WHERE write_date > '2020-01-01'")
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_a_newer_preset_is_offered_once_as_a_draft(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.scheme.with_context(lang="zh_CN").name = "服务中"
        before = self.scheme._content()
        draft = self.offer(self.newer())
        self.assertEqual(_deciding(draft._content()), _deciding(self.newer()["scheme"]))
        self.assertTrue(draft.is_offer and self.scheme.has_offer)
        self.assertEqual(self.scheme._content(), before)
        self.assertEqual(draft.with_context(lang="zh_CN").name, "服务中")
        draft.action_discard()
        self.assertFalse(self.offer(self.newer()))

    def test_a_draft_that_is_started_anew_is_no_offer_any_more(self):
        draft = self.offer(self.newer())
        draft._start_anew()
        self.assertFalse(draft.is_offer or self.scheme.has_offer)

    def test_a_draft_in_whose_place_a_former_one_comes_is_no_offer_any_more(self):
        draft = self.scheme._draft()
        draft.grace_days = 5
        draft._start_anew()
        draft.action_discard()
        offer = self.offer(self.newer())
        self.assertTrue(offer.is_offer)
        self.scheme.version_ids.filtered(lambda row: row.kind == "draft").action_put_back()
        self.assertEqual((offer.grace_days, offer.is_offer, self.scheme.has_offer), (5, False, False))

    def test_a_grade_that_is_gone_comes_with_the_offer(self):
        values = self.newer()
        grade = self.env.ref(values["scheme"]["thresholds"][0]["grade"])
        self.env["ir.model.data"].search([("model", "=", "grading.grade"), ("res_id", "=", grade.id)]).unlink()
        former, grade.name = grade.name, "Mine"
        draft = self.offer(values)
        self.assertIn(former, draft.threshold_ids.grade_id.mapped("name"))
        self.assertNotIn(grade, draft.threshold_ids.grade_id)

    def test_what_the_company_has_already_is_not_offered(self):
        self.scheme._apply_content(self.newer()["scheme"])
        self.assertFalse(self.offer(self.newer()))

    def test_a_draft_in_work_is_not_touched(self):
        draft = self.scheme._draft()
        draft.grace_days = 5
        self.offer(self.newer())
        self.assertEqual((draft.grace_days, draft.is_offer), (5, False))
        draft.action_discard()
        self.assertTrue(self.offer(self.newer()).is_offer)

    def test_a_preset_that_was_deleted_stays_so(self):
        self.env["ir.model.data"].search([("module", "=", "customer_grading"), ("name", "=", PRESET)]).unlink()
        self.env["grading.scheme"]._offer_presets()
        self.assertFalse(self.scheme.draft_ids)

    def test_a_database_that_knows_of_no_former_release_is_only_noted(self):
        self.scheme.shipped_hash = False
        self.assertFalse(self.offer(self.newer()))
        self.assertTrue(self.scheme.shipped_hash)

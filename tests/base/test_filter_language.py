from lxml import etree

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..common import GradingCase


@tagged("post_install", "-at_install")
class TestFilterLanguage(GradingCase):
    """Filters of rules compare names in English, whatever the language of the user who has customers rescored."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.today = cls.company._grading_today()
        cls.country, cls.industry, cls.asked = (
            cls.env[model].create(values)
            for model, values in (
                ("res.country", {"name": "Freedonia", "code": "QF"}),
                ("res.partner.industry", {"name": "Clocks"}),
                ("res.partner.category", {"name": "Asked"}),
            )
        )
        cls.best = cls.env["grading.grade"].create({"name": "Champions", "is_segment": True, "sequence": 210})
        for record, name in (
            (cls.country, "自由国"), (cls.industry, "钟表"), (cls.asked, "已问"), (cls.best, "冠军"),
        ):  # fmt: skip
            record.with_context(lang="zh_CN").name = name
        cls.tag = cls.env["res.partner.category"].create({"name": "Given"})
        cls.base = cls.scheme(
            criteria=[
                cls.matching([("partner_id.country_id", "=", "Freedonia")], 50, name="By country"),
                cls.cases([("Clocks", [("partner_id.industry_id.name", "=", "Clocks")], 60)], name="By industry"),
            ],
            domain="[('partner_id.category_id', 'in', ['Asked'])]",
        )
        cls.env["grading.scheme"].create(
            {
                "name": "Beside",
                "company_id": cls.company.id,
                "is_secondary": True,
                "threshold_mode": "filter",
                "threshold_ids": [
                    Command.create({"grade_id": cls.best.id, "domain": "[('partner_id.country_id', '=', 'Freedonia')]"})
                ],
            }
        )
        cls.rule = cls.env["grading.tag.rule"].create(
            {
                "name": "Best",
                "category_id": cls.tag.id,
                "company_id": cls.company.id,
                "domain": "[('secondary_ids.grade_id.name', '=', 'Champions')]",
            }
        )
        cls.ada = cls.customer("Ada", country_id=cls.country.id, industry_id=cls.industry.id, category_id=cls.asked.ids)
        cls.order(cls.ada, 40, cls.today)
        cls.boss = cls.manager(lang="zh_CN")

    def by_button(self, lang):
        told = self.base.with_user(self.boss).with_context(lang=lang).action_rescore()
        self.assertEqual(told["params"]["type"], "success", told)
        self.env.invalidate_all()

    def assert_judged(self):
        self.assertEqual((self.profile(self.ada).score, self.profile(self.ada).grade_id), (110, self.gold))
        self.assertEqual(self.profile(self.ada).secondary_ids.grade_id, self.best)
        self.assertIn(self.tag, self.ada.category_id)

    def test_the_button_gives_what_the_night_gives(self):
        self.by_button("zh_CN")
        self.assert_judged()
        run = self.rescore()
        self.assert_judged()
        self.assertFalse(run.changed_count or run.tag_count)

    def test_what_the_night_has_given_stays_after_the_button(self):
        self.rescore()
        self.by_button("zh_CN")
        self.assert_judged()

    def test_names_in_the_language_of_the_author_are_none(self):
        self.rule.with_user(self.boss).with_context(
            lang="zh_CN"
        ).domain = "[('secondary_ids.grade_id.name', '=', '冠军')]"
        self.by_button("zh_CN")
        self.assertNotIn(self.tag, self.ada.category_id)

    def test_a_form_counts_and_lists_whom_the_rule_covers(self):
        self.rescore()
        domain = self.rule._parse_domain()
        profiles = self.env["grading.profile"].with_user(self.boss).with_context(lang="zh_CN")
        in_form = profiles.with_context(grading_filter_of_rule=True)
        self.assertEqual(profiles.search_count(domain), 0)
        self.assertEqual(in_form.search_count(domain), 1)
        found = in_form.web_search_read(domain, {"partner_id": {"fields": {"display_name": {}}}, "grade_id": {}})
        self.assertEqual([row["partner_id"]["id"] for row in found["records"]], self.ada.ids)

    def test_each_form_with_a_filter_does_so(self):
        views = self.env["ir.ui.view"].search([("arch_db", "like", 'widget="domain"'), ("model", "like", "grading.")])
        fields = [(view, field) for view in views for field in etree.fromstring(view.arch).iter("field")]
        filters = [(view, field) for view, field in fields if field.get("widget") == "domain"]
        self.assertGreater(len(filters), 6)
        for view, field in filters:
            with self.subTest(view=view.xml_id):
                self.assertEqual(field.get("context"), "{'grading_filter_of_rule': True}")

    def test_a_cycle_is_found_by_the_name_of_the_tag_in_english(self):
        self.tag.with_context(lang="zh_CN").name = "已给"
        with self.assertRaisesRegex(UserError, "已给"):
            self.rule.with_context(lang="zh_CN").domain = "[('partner_id.category_id.name', '=', 'Given')]"

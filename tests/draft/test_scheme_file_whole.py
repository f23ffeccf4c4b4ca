import json

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS
from odoo.tests import tagged

from ...models.draft import grading_scheme_content as content
from ...models.draft import grading_scheme_file as file
from .draft_case import DraftCase

# What is in a file, by model: its fields, and how the file carries those that have another name in it.
CARRIED = {
    "grading.scheme": {*content.SCHEME_FIELDS, *content.SECONDARY_FIELDS, *content.SCHEME_TEXTS},
    "grading.criterion": {*content.CRITERION_FIELDS, "key", "name"},
    "grading.criterion.band": {*content.BAND_FIELDS},
    "grading.criterion.case": {*content.CASE_FIELDS},
    "grading.threshold": {*content.THRESHOLD_FIELDS, *content.FILTER_FIELDS, "grade_id"},
    "grading.grade": {*file.GRADE_FIELDS, *file.GRADE_OPTIONS, *file.GRADE_TEXTS, *file.GRADE_HTML},
    "grading.tag.rule": {*file.TAG_RULE_FIELDS, "name", "category_id", "lead_tag_id"},
    "grading.cadence": {*file.CADENCE_FIELDS, *file.CADENCE_OPTIONS, *file.CADENCE_TEXTS, "grade_ids"},
}
PLACE = "its place among the others of the database, and whether it is in use, is not part of it"
ORDER = "the order of the list in the file"
PARENT = "the object of the file in which it stands"
OWN = "what happens to it in its own database"
LEFT = {
    "grading.scheme": {
        **dict.fromkeys(("sequence", "active", "company_id"), PLACE),
        **dict.fromkeys(("version", "is_draft", "draft_of_id", "state", "base_version"), OWN),
        **dict.fromkeys(("silent_version", "silent_date", "shipped_hash", "is_offer"), OWN),
    },
    "grading.criterion": {"sequence": ORDER, "scheme_id": PARENT},
    "grading.criterion.band": {"criterion_id": PARENT},
    "grading.criterion.case": {"criterion_id": PARENT, "sequence": ORDER},
    "grading.threshold": {"scheme_id": PARENT, "sequence": "that of the grade"},
    "grading.grade": {"active": PLACE},
    "grading.tag.rule": {
        **dict.fromkeys(("active", "company_id"), PLACE),
        "subject": "that of the scheme",
        "group_id": "groups are about rules that the file may not have, see docs/rules-without-fear.md",
    },
    "grading.cadence": {
        **dict.fromkeys(("active", "company_id"), PLACE),
        "activity_type_id": "another database has others: the first one of the channel stands in",
        "user_id": "another database has other users: the salesperson stands in",
        "template_id": "another database has other templates",
    },
}


class FileCase(DraftCase):
    def load(self, values, **options):
        return self.env["grading.scheme"]._from_file(json.dumps(values).encode(), **options)

    def file(self, **options):
        return json.loads(self.base._to_file(**options))

    def refused(self, values, **options):
        """The lines of the message; nothing is made."""
        models = [self.env[name].with_context(active_test=False) for name in ("grading.scheme", "grading.grade")]
        before = [model.search_count([]) for model in models]
        with self.assertRaises(UserError) as caught:
            self.load(values, **options)
        self.assertEqual([model.search_count([]) for model in models], before)
        return str(caught.exception)


@tagged("post_install", "-at_install")
class TestWholeFile(FileCase):
    """A file has all that a rule consists of."""

    def test_each_stored_field_is_in_the_file_or_left_out_for_a_reason(self):
        """A new field belongs into the file (models/draft), or among those that are left out."""
        for model, carried in CARRIED.items():
            fields = self.env[model]._fields.items()
            ours = {name for name, field in fields if field.store and "customer_grading" in field._modules}
            stored = (
                ours - {*MAGIC_COLUMNS} - {name for name in ours if self.env[model]._fields[name].type == "one2many"}
            )
            with self.subTest(model=model):
                self.assertEqual(stored - carried, LEFT[model].keys())
                self.assertFalse(carried - stored)

    def test_a_new_grade_has_all_that_the_file_says(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.gold.write({"fold": True, "strategy": "<p>Call them</p>", "title": "key", "color": 4, "effort_share": 60})
        self.gold.update_field_translations("strategy", {"zh_CN": {"Call them": "打电话"}})
        values = self.file()
        self.gold.name = "Not gold"
        values["grades"][0]["strategy"]["en_US"] += "<script>alert(1)</script>"
        grade = self.load(values).threshold_ids.grade_id[0]
        self.assertNotEqual(grade, self.gold)
        for name in ("fold", "strategy", "title", "color", "effort_share", "sequence"):
            self.assertEqual(grade[name], self.gold[name], name)
        self.assertIn("打电话", grade.with_context(lang="zh_CN").strategy)

    def test_a_new_cadence_has_all_that_the_file_says(self):
        archived = self.env["grading.grade"].create({"name": "Former", "active": False})
        user = self.env.ref("base.user_admin")
        cadences = self.env["grading.cadence"].create(
            [
                {"name": "Next", "anchor": "next_order", "anchor_days": 9, "responsible_type": "team_leader"},
                {
                    "name": "User",
                    "responsible_type": "user",
                    "user_id": user.id,
                    "grade_ids": (archived + self.gold).ids,
                },
            ]
        )
        before = self.env["grading.cadence"].with_context(active_test=False).search([])
        values = self.file(with_cadences=True)
        archived.name = "Before"
        self.load(values, with_cadences=True)
        new = self.env["grading.cadence"].with_context(active_test=False).search([]) - before
        for name, carried in (("Next", cadences[0]), ("User", cadences[1])):
            with self.subTest(cadence=name):
                cadence = new.filtered(lambda row, name=name: row.name == name)
                self.assertEqual((cadence.anchor, cadence.anchor_days), (carried.anchor, carried.anchor_days))
        self.assertEqual(new.filtered(lambda row: row.name == "Next").responsible_type, "team_leader")
        self.assertEqual(new.filtered(lambda row: row.name == "User").responsible_type, "salesperson")
        self.assertEqual(new.filtered(lambda row: row.name == "User").grade_ids.mapped("name"), ["Former", "Gold"])

    def test_a_segment_may_have_several_filters(self):
        segment = self.env["grading.grade"].create({"name": "Some", "is_segment": True})
        filters = ["[('order_count', '>', 8)]", "[('order_amount', '>', 80)]"]
        beside = self.env["grading.scheme"].create(
            {
                "name": "Beside",
                "company_id": self.company.id,
                "is_secondary": True,
                "threshold_mode": "filter",
                "threshold_ids": [Command.create({"grade_id": segment.id, "domain": domain}) for domain in filters],
            }
        )
        kept = beside.threshold_ids
        copy = self.env["grading.scheme"]._from_file(beside._to_file().encode())
        self.assertEqual(copy.threshold_ids.mapped("domain"), filters)
        beside._draft()._publish()
        self.assertEqual(beside.threshold_ids, kept)

    # ------------------------------------------------------------
    # Grades of another database
    # ------------------------------------------------------------

    def test_grades_are_named_by_xml_ids_that_this_database_does_not_have(self):
        self.env["grading.cadence"].create({"name": "Calls", "grade_ids": self.gold.ids})
        values = json.loads(
            self.base._to_file(with_cadences=True).replace('"grade": "Gold"', '"grade": "acme.platinum"')
        )
        for cadence in values["cadences"]:
            cadence["grades"] = ["acme.platinum" if name == "Gold" else name for name in cadence["grades"]]
        values["grades"][0]["name"] = {"en_US": "Platinum"}
        before = self.env["grading.cadence"].with_context(active_test=False).search([])
        draft = self.load(values, with_cadences=True)
        self.assertEqual(draft.threshold_ids.grade_id.mapped("name"), ["Platinum", "Silver", "Bronze"])
        new = self.env["grading.cadence"].with_context(active_test=False).search([]) - before
        new = new.filtered(lambda row: row.name == "Calls")
        self.assertEqual(new.grade_ids, draft.threshold_ids.grade_id[0])
        draft._publish()
        self.assertIn("Platinum", draft.threshold_ids.grade_id.mapped("name"))

    def test_a_grade_that_was_deleted_here_comes_with_the_file(self):
        grade = self.env["grading.grade"].create({"name": "Mithril", "sequence": 0})
        self.env["ir.model.data"].create(
            {"module": "customer_grading", "name": "grade_mithril", "model": "grading.grade", "res_id": grade.id}
        )
        self.base.threshold_ids[0].grade_id = grade
        values = self.file()
        self.assertEqual(values["scheme"]["thresholds"][0]["grade"], "customer_grading.grade_mithril")
        self.base.threshold_ids[0].grade_id = self.gold
        grade.unlink()
        self.assertEqual(self.load(values).threshold_ids.grade_id.mapped("name"), ["Mithril", "Silver", "Bronze"])


@tagged("post_install", "-at_install")
class TestFileAcrossRows(FileCase):
    """What rows say together is checked with the rest: a file names all that is wrong with it at once."""

    def test_all_that_rows_say_together_is_named_at_once(self):
        values = self.file()
        scheme = values["scheme"]
        for criterion in scheme["criteria"][:2]:
            criterion.update({"kind": "cap", "measure": None, "steps": [], "dimension": "loyalty"})
        scheme["criteria"][3]["key"] = scheme["criteria"][2]["key"]
        gold, silver, bronze = scheme["thresholds"]
        silver["min_score"], bronze["min_score"] = 200, 300
        scheme["thresholds"].append({"grade": "Bronze", "min_score": 1})
        scheme["domain"] = "[('partner_id.category_id', 'in', ['Never seen'])]"
        values["grades"][1]["is_segment"] = True  # it is here already, as a grade
        values["grades"].append({"grade": "Hidden", "name": "Hidden", "sequence": 500, "is_segment": True})
        scheme["thresholds"].append({"grade": "Hidden", "min_score": -5})
        message = self.refused(values)
        for words in (
            "limits the dimension “Loyalty” already",
            "criteria 4 (Country): another criterion has the key",
            "Silver must have a lower threshold than Gold",
            "Bronze must have a lower threshold than Silver",
            "the grade Bronze has two thresholds",
            "and Hidden is a segment beside it",
            "scheme: the filter asks for “Never seen” (",
        ):
            with self.subTest(words=words):
                self.assertIn(words, message)

    def test_two_percents_that_are_none_are_both_named(self):
        values = self.file()
        values["scheme"]["threshold_mode"] = "rank"
        for threshold, percent in zip(values["scheme"]["thresholds"], (-3, 20, 140), strict=True):
            threshold["top_percent"] = percent
        message = self.refused(values)
        self.assertIn("The grade Gold of the scheme “Test scheme” begins with the best -3", message)
        self.assertIn("The grade Bronze of the scheme “Test scheme” begins with the best 140", message)

    def test_filters_tell_no_grades(self):
        values = self.file()
        values["scheme"]["threshold_mode"] = "filter"
        values["scheme"]["thresholds"][1]["domain"] = "[('gone_field', '=', 1)]"
        values["scheme"]["thresholds"][2]["domain"] = "[('order_count', '=', 'many')]"
        message = self.refused(values)
        self.assertIn("The filter of “thresholds 2” is invalid: Invalid field grading.profile.gone_field", message)
        self.assertIn("The filter of “thresholds 3” is invalid", message)
        for threshold in values["scheme"]["thresholds"]:
            threshold["domain"] = "[]"
        self.assertIn("filters are for schemes beside the grade", self.refused(values))

    def test_limits_of_the_database_are_named_with_the_rest(self):
        values = self.file()
        values["scheme"]["grace_days"] = -1
        values["grades"][0]["effort_share"] = 101
        values["cadences"] = [{"name": "Call", "channel": "call", "tolerance_days": -1}]
        message = self.refused(values)
        for words in ("The days of grace cannot be negative", "choose 0 to 100", "at most ten years", "Call"):
            self.assertIn(words, message)

    # ------------------------------------------------------------
    # Names in filters
    # ------------------------------------------------------------

    def test_filters_that_ask_for_unknown_names_are_named(self):
        for domain, words in (
            ("[('partner_id.country_id', '=', 'Atlantis')]", "“Atlantis” (Country)"),
            ("[('partner_id.country_id.name', '!=', 'Atlantis')]", "“Atlantis” (Country)"),
            ("[('partner_id.category_id', 'child_of', ['Atlantis'])]", "“Atlantis” (Partner Tags)"),
            ("[('partner_id', 'any', [('country_id', 'in', ['Belgium', 'Atlantis'])])]", "“Atlantis” (Country)"),
            ("[('partner_id', 'any', [('country_id.name', '=', 'Atlantis')])]", "“Atlantis” (Country)"),
        ):
            with self.subTest(domain=domain):
                values = self.file()
                values["scheme"]["criteria"][3]["cases"][0]["domain"] = domain
                message = self.refused(values)
                self.assertIn(words, message)
                self.assertIn("cases 1 (Belgium)", message)
                self.assertNotIn("“Belgium”", message)

    def test_names_of_customers_and_patterns_may_find_none(self):
        for domain in (
            "[('partner_id.name', '=', 'Atlantis')]",
            "[('partner_id.country_id.name', 'ilike', 'atlant')]",
            "[('partner_id.country_id', '=', 'Belgium'), ('partner_id.category_id', '=', False)]",
        ):
            with self.subTest(domain=domain):
                values = self.file()
                values["scheme"]["domain"] = domain
                self.assertEqual(self.load(values).domain, domain)

    def test_names_are_those_in_english(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env.ref("base.be").with_context(lang="zh_CN").name = "比利时"
        values = self.file()
        values["scheme"]["domain"] = "[('partner_id.country_id', '=', 'Belgium')]"
        self.env = self.env(context={**self.env.context, "lang": "zh_CN"})
        self.assertTrue(self.load(values))
        values["scheme"]["domain"] = "[('partner_id.country_id', '=', '比利时')]"
        self.assertIn("比利时", self.refused(values))

    def test_what_comes_with_the_file_is_known(self):
        values = self.file()
        values["grades"].append({"grade": "acme.best", "name": {"en_US": "Best of all"}, "is_segment": True})
        asked = "[('partner_id.category_id', 'in', ['Quite new'])]"
        values["tag_rules"] = [
            {"name": "New", "tag": "Quite new", "domain": "[('secondary_ids.grade_id.name', '=', 'Best of all')]"},
        ]
        values["cadences"] = [{"name": "Call", "channel": "call", "domain": asked}]
        self.assertIn("cadences 1 (Call)", self.refused(values, with_cadences=True))
        self.assertTrue(self.load(values), "cadences that are not imported need no tags")
        self.assertTrue(self.load(values, with_tag_rules=True, with_cadences=True))

    def test_filters_in_filters_have_no_ids_either(self):
        tag = self.env["res.partner.category"].create({"name": "Fair"})
        self.base.domain = str([("partner_id", "any", [("category_id", "in", tag.ids)])])
        named = self.file()["scheme"]["domain"]
        self.assertEqual(named, "[('partner_id', 'any', [('category_id', 'in', ['Fair'])])]")
        self.order(self.big, 1, self.today)
        self.big.category_id = tag
        draft = self.load(self.file())
        found = self.env["grading.profile"].search([*draft._parse_domain(), ("company_id", "=", self.company.id)])
        self.assertEqual(found.partner_id, self.big)

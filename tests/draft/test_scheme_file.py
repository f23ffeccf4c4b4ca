import base64
import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .draft_case import DraftCase


@tagged("post_install", "-at_install")
class TestSchemeFile(DraftCase):
    """A scheme goes to another database in a file."""

    def load(self, values, **options):
        data = values if isinstance(values, bytes) else json.dumps(values).encode()
        return self.env["grading.scheme"]._from_file(data, **options)

    def file(self, **options):
        return json.loads(self.base._to_file(**options))

    def refused(self, values):
        """The lines of the message."""
        schemes = self.env["grading.scheme"].with_context(active_test=False).search_count([])
        with self.assertRaises(UserError) as caught:
            self.load(values)
        self.assertEqual(self.env["grading.scheme"].with_context(active_test=False).search_count([]), schemes)
        return str(caught.exception)

    def test_it_comes_back_as_it_went_as_a_draft(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.base.with_context(lang="zh_CN").name = "测试方案"
        self.base.description = "<p>For all</p>"
        draft = self.load(self.base._to_file().encode())
        self.assertEqual(draft._content(), self.base._content())
        self.assertEqual((draft.state, draft.company_id), ("draft", self.company))
        self.assertFalse(draft.draft_of_id)
        draft._publish()
        self.base.active = False
        self.big.country_id = self.env.ref("base.be")
        self.rescore()
        self.assertEqual(self.profile(self.big).score, 409)

    def test_it_has_no_ids_of_the_database(self):
        stage = self.env["grading.lifecycle"].create({"name": "Lost"})
        tag = self.env["res.partner.category"].create({"name": "Fair"})
        self.base.domain = str([("lifecycle_id", "=", stage.id), ("partner_id.category_id", "in", tag.ids)])
        self.country.case_ids[0].domain = str([("partner_id.country_id", "in", self.env.ref("base.be").ids)])
        values = self.file()
        self.assertIn("'Lost'", values["scheme"]["domain"])
        self.assertIn("'Fair'", values["scheme"]["domain"])
        self.assertIn("'Belgium'", values["scheme"]["criteria"][3]["cases"][0]["domain"])
        ids = {stage.id, tag.id, self.base.id, *self.base.criterion_ids.ids, *self.base.threshold_ids.ids}
        self.assertFalse(ids & set(self.numbers(values)) - {0, 1, 2, 3, 5, 10, 100})
        draft = self.load(values)
        self.order(self.big, 1, self.today)
        self.profile(self.big).lifecycle_id = stage
        self.big.category_id = tag
        self.assertEqual(
            self.env["grading.profile"].search(draft._parse_domain()),
            self.env["grading.profile"].search(self.base._parse_domain()),
        )

    def numbers(self, values):
        if isinstance(values, dict):
            values = list(values.values())
        if isinstance(values, list):
            return [number for value in values for number in self.numbers(value)]
        return [values] if type(values) is int else []

    def test_grades_are_found_or_created(self):
        values = self.file()
        for grade in values["grades"]:
            if grade["grade"] == "Gold":
                grade.update({"grade": "Platinum", "name": {"en_US": "Platinum"}, "color": 7, "sequence": 0})
        values["scheme"]["thresholds"][0]["grade"] = "Platinum"
        draft = self.load(values)
        grades = draft.threshold_ids.grade_id
        self.assertEqual(grades.mapped("name"), ["Platinum", "Silver", "Bronze"])
        self.assertEqual(grades[0].color, 7)
        self.assertEqual(grades[1:], self.silver | self.bronze)

    def test_who_may_create_no_tags_is_told_which_right_lacks(self):
        tag = self.env["res.partner.category"].create({"name": "Fair"})
        self.env["grading.tag.rule"].create({"name": "Fair ones", "category_id": tag.id, "domain": "[]"})
        values = self.file(with_tag_rules=True)
        boss = self.user("tagless_boss", "customer_grading.customer_grading_group_manager")
        Scheme = self.env["grading.scheme"].with_user(boss)
        data = json.dumps(values).encode()
        self.assertTrue(Scheme._from_file(data, with_tag_rules=True))
        tag.name = "Other"
        with self.assert_refused("Fair", "Ask for one of these rights"):
            Scheme._from_file(data, with_tag_rules=True)

    def test_tag_rules_and_cadences_come_along_archived(self):
        tag = self.env["res.partner.category"].create({"name": "Often"})
        rule = self.env["grading.tag.rule"].create(
            {"name": "Often", "category_id": tag.id, "domain": "[('order_count', '>', 3)]"}
        )
        cadence = self.env["grading.cadence"].create(
            {"name": "Calls", "grade_ids": self.gold.ids, "channel": "call", "interval_number": 2, "note": "<p>Hi</p>"}
        )
        values = self.file(with_tag_rules=True, with_cadences=True)
        self.assertEqual([row["name"]["en_US"] for row in values["tag_rules"]], ["Often"])
        rules, cadences = rule.with_context(active_test=False), cadence.with_context(active_test=False)
        before = rules.search([]), cadences.search([])
        self.load(values)
        self.assertEqual((rules.search([]), cadences.search([])), before)
        self.load(values, with_tag_rules=True, with_cadences=True)
        new_rule, new_cadence = rules.search([]) - before[0], cadences.search([]) - before[1]
        self.assertEqual((new_rule.active, new_rule.category_id, new_rule.domain), (False, tag, rule.domain))
        self.assertEqual((new_cadence.active, new_cadence.grade_ids, new_cadence.channel), (False, self.gold, "call"))

    # ------------------------------------------------------------
    # Hostile files
    # ------------------------------------------------------------

    def test_all_that_is_wrong_is_named_at_once(self):
        values = self.file()
        criteria, thresholds = values["scheme"]["criteria"], values["scheme"]["thresholds"]
        criteria[0].update({"measure": "shoe_size", "points_max": float("inf")})
        criteria[1].update({"kind": "guess", "colour": "red"})
        criteria[1]["steps"][0]["points"] = "many"
        criteria[2].update({"domain": "[('gone_field', '=', 1)]", "points_if_none": True})
        criteria[3]["cases"][1].update({"domain": "[('gone_too', '=', 1)]", "points": "few", "colour": "red"})
        criteria[3]["cases"].append({"name": "", "points": 1})
        values["scheme"]["domain"] = "[('gone_three', '=', 1)]"
        values["tag_rules"] = [{"name": "Rule", "tag": "Tag", "domain": "[('gone_four', '=', 1)]"}]
        values["cadences"] = [
            {"name": "Call", "channel": "call", "grades": ["Emerald"], "domain": "[('gone_five', '=', 1)]"},
            {"name": "Visit", "channel": "visit", "domain": "[('gone_six', '=', 1)]"},
        ]
        thresholds[0]["grade"] = "Diamond"
        values["scheme"]["grace_days"] = 1.5
        values["extra"] = 1
        message = self.refused(values)
        for words in (
            *("shoe_size", "points_max", "“kind”", "“colour” is unknown", "“points”: enter a number"),
            *("points_if_none", "Diamond", "“extra” is unknown", "grace_days"),
            *("cases 2 (Neighbours): “points”: enter a number", "cases 3: “domain” is missing"),
            *("gone_field", "gone_too", "gone_three", "gone_four", "gone_five", "gone_six", "Emerald"),
        ):
            with self.subTest(words=words):
                self.assertIn(words, message)

    def test_a_filter_that_cannot_be_used_is_named(self):
        for domain in (
            "[('gone_field', '=', 1)]",
            "[('partner_id.user_ids.password', '=', 'x')]",
            "__import__('os').system('x')",
            "[" * 5000 + "]" * 5000,
        ):
            with self.subTest(domain=domain[:40]):
                values = self.file()
                values["scheme"]["domain"] = domain
                self.assertIn("scheme", self.refused(values))
                values = self.file()
                values["scheme"]["criteria"][3]["cases"][1]["domain"] = domain
                self.assertIn("cases 2 (Neighbours)", self.refused(values))

    def test_what_no_criterion_may_be_is_named(self):
        values = self.file()
        criteria = values["scheme"]["criteria"]
        criteria[0].update({"points_min": 9, "points_max": 3})
        criteria[1]["steps"] = []
        criteria[3]["cases"] = []
        message = self.refused(values)
        self.assertIn("least points are more", message)
        self.assertIn("at least one step", message)
        self.assertIn("at least one filter", message)
        values = self.file()
        values["scheme"]["thresholds"][2]["min_score"] = 5000
        self.assertIn("lower threshold", self.refused(values))

    def test_what_is_no_file_of_a_scheme_is_refused(self):
        deep = b'{"a":' * 1000 + b"1" + b"}" * 1000
        for data, words in (
            (b"\xff\xfe\x00", "no JSON"),
            (b"{", "no JSON"),
            (b"[]", "not the file"),
            (b'{"format": "customer_grading.scheme", "number": 7}', "newer"),
            (b'{"format": "customer_grading.scheme", "number": 1}', "“scheme” is missing"),
            (b'{"format": "customer_grading.scheme", "number": 1, "scheme": []}', "no object"),
            (b'{"format": "customer_grading.scheme", "number": 1, "scheme": {"criteria": {}}}', "no list"),
            (b"[" * 100000, "no JSON"),
            (deep, "cannot be imported"),
            (b" " * 1_000_001, "larger"),
        ):
            with self.subTest(data=data[:40]):
                self.assertIn(words, self.refused(data))

    def test_odd_values_in_each_place_are_answered_by_a_sentence(self):
        odd = (
            *(None, True, 3, "x", [], {}, [[1]], {"a": {"b": []}}, "\x00", "x" * 2000, 10**30, "=1+1", [None]),
            *(10**400, "\ud800"),
        )
        for path in (
            ("scheme",), ("grades",), ("tag_rules",), ("cadences",), ("number",),
            *(("scheme", name) for name in ("name", "subject", "domain", "criteria", "thresholds", "grace_days")),
            *(("scheme", "criteria", 0, name) for name in ("name", "key", "kind", "measure", "steps", "points_max")),
            ("scheme", "criteria", 0), ("scheme", "criteria", 1, "steps", 0), ("scheme", "thresholds", 0),
            ("scheme", "thresholds", 0, "grade"), ("scheme", "thresholds", 0, "min_score"), ("grades", 0, "name"),
            ("grades", 0, "grade"), ("tag_rules", 0, "tag"), ("cadences", 0, "grades"), ("cadences", 0, "domain"),
        ):  # fmt: skip
            for value in odd:
                with self.subTest(path=path, value=repr(value)[:20]):
                    values = {**self.file(), "tag_rules": [{"name": "Rule", "tag": "Tag"}]}
                    values["cadences"] = [{"name": "Call", "channel": "call"}]
                    target = values
                    for step in path[:-1]:
                        target = target[step]
                    target[path[-1]] = value
                    try:
                        with self.env.cr.savepoint():
                            self.load(values)
                    except UserError as error:
                        self.assertTrue(str(error))

    def test_names_stay_text_and_html_is_cleaned(self):
        values = self.file()
        values["scheme"]["name"] = "=HYPERLINK(1)<script>alert(1)</script>"
        values["scheme"]["description"] = {"en_US": "<p>Good</p><script>alert(1)</script>"}
        draft = self.load(values)
        self.assertEqual(draft.name, "=HYPERLINK(1)<script>alert(1)</script>")
        self.assertNotIn("script", draft.description)

    # ------------------------------------------------------------
    # The dialogs
    # ------------------------------------------------------------

    def test_a_manager_downloads_and_uploads_it(self):
        boss = self.manager()
        export = self.env["grading.scheme.export"].with_user(boss).create({"scheme_id": self.base.id})
        self.assertEqual(export.action_export()["type"], "ir.actions.act_url")
        self.assertEqual(export.filename, "Test_scheme.json")
        wizard = self.env["grading.scheme.import"].with_user(boss).create({"file": export.file})
        draft = self.env["grading.scheme"].browse(wizard.action_import()["res_id"])
        self.assertEqual(draft._content(), self.base._content())

    def test_others_do_not(self):
        for user in (self.salesman(), self.internal(), self.portal()):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.env["grading.scheme.export"].with_user(user).create({"scheme_id": self.base.id})
                with self.assertRaises(AccessError):
                    self.env["grading.scheme"].with_user(user)._from_file(self.base._to_file().encode())
        with self.assert_refused("empty"):
            self.env["grading.scheme.import"].create({}).action_import()
        with self.assert_refused("choose a file"):
            self.env["grading.scheme.import"].create({"file": b"no base64!"})
        bad = base64.b64encode(b"{")
        with self.assert_refused("no JSON"):
            self.env["grading.scheme.import"].create({"file": bad}).action_import()

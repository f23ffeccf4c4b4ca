import json
from datetime import date

from odoo.tests import HttpCase, tagged

from ...models.base.context import ByServer, day_of_run, is_by_server
from ..common import GradingCase

GARBAGE = ([], [1], {}, {"a": [1]}, "x", "0001-01-01", "9999-12-31", "2020-01-01", 10**30, -1, 1.5, True, [{}], [[1]])
KEYS = ("grading_as_of", "grading_hand_over", "grading_tags_noted", "grading_through_lead", "grading_keep_tags")
KEYS = (*KEYS, "grading_reason", "grading_grade_id", "grading_ask_removal", "grading_no_origins")
SIGHT = ["purchase_probability", "is_overdue", "is_lost", "customer_years", "birthday_this_month", "faded_order_amount"]


@tagged("post_install", "-at_install")
class TestClientContext(GradingCase, HttpCase):
    """What a client puts into the context has no effect beyond what the user may do, and never ends in a traceback."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls.manager(password="grading_manager")
        cls.ada = cls.customer("Ada")
        cls.order(cls.ada, 50, cls.company._grading_today())
        cls.scheme()
        cls.rescore()

    def call(self, model, method, *args, context=None, **kwargs):
        """Over ``/web/dataset/call_kw``, as the web client does."""
        context = {"allowed_company_ids": self.company.ids, **(context or {})}
        params = {"model": model, "method": method, "args": args, "kwargs": {**kwargs, "context": context}}
        response = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}),
            headers={"Content-Type": "application/json"},
        )
        return response.json()

    def test_the_day_of_a_run_is_not_the_clients(self):
        self.authenticate("grading_manager", "grading_manager")
        profile = self.profile(self.ada)
        calls = (
            ("grading.profile", "web_read", profile.ids, {name: {} for name in SIGHT}),
            ("grading.profile", "search_count", [("purchase_probability", ">", 0.1)]),
            ("grading.profile", "search_count", [("is_lost", "=", True)]),
            ("grading.profile", "search_count", [("customer_years", ">=", 1)]),
            ("grading.profile", "search_count", [("faded_order_amount", ">", 1)]),
            ("grading.profile", "search_count", [("birthday_this_month", "=", True)]),
            ("res.partner", "web_read", self.ada.ids, {"grading_age_band": {}, "grading_purchase_probability": {}}),
            ("res.partner", "search_count", [("grading_age_band", "=", "18")]),
        )
        for call in calls:
            honest = self.call(*call)["result"]
            for garbage in GARBAGE:
                with self.subTest(call=call, garbage=garbage):
                    self.assertEqual(self.call(*call, context={"grading_as_of": garbage}).get("result"), honest)

    def test_no_key_makes_a_button_fail(self):
        self.authenticate("grading_manager", "grading_manager")
        for garbage in GARBAGE:
            for action in ("action_grading_rescore", "action_grading_override"):
                with self.subTest(action=action, garbage=garbage):
                    answer = self.call("res.partner", action, self.ada.ids, context=dict.fromkeys(KEYS, garbage))
                    self.assertNotIn("error", answer)

    def test_the_keys_that_the_server_sets_are_not_honoured_from_a_client(self):
        for value in (True, "yes", 1, "ByServer.YES", ["yes"]):
            self.assertFalse(is_by_server(self.env(context={"key": value}), "key"))
        self.assertTrue(is_by_server(self.env(context={"key": ByServer.YES}), "key"))
        self.assertIsNone(day_of_run(self.env(context={"grading_as_of": "2020-01-01"})))
        self.assertEqual(day_of_run(self.env(context={"grading_as_of": date(2020, 1, 1)})), date(2020, 1, 1))

    def test_a_tag_removed_by_hand_is_noted_whatever_the_client_says(self):
        tag = self.env["res.partner.category"].create({"name": "Given"})
        self.env["grading.tag.rule"].create(
            {"name": "Rule", "category_id": tag.id, "domain": "[('order_count', '>', 0)]"}
        )
        self.rescore()
        self.assertEqual(self.ada.category_id, tag)
        self.authenticate("grading_manager", "grading_manager")
        self.call(
            "res.partner", "write", self.ada.ids, {"category_id": [[3, tag.id]]}, context={"grading_tags_noted": True}
        )
        self.env.invalidate_all()
        self.rescore()
        self.assertFalse(self.ada.category_id, "the rule gives it no more")

    def test_archived_rules_and_defaults_of_a_client_decide_nothing_in_a_run(self):
        self.scheme(name="Archived", sequence=-5, active=False)
        self.authenticate("grading_manager", "grading_manager")
        scheme = self.profile(self.ada).scheme_id
        context = {"active_test": False, "default_state": "failed", "default_as_of": "0001-01-01"}
        context.update(grading_through_lead=True, default_reason="x", default_scope="incremental")
        answer = self.call("grading.scheme", "action_rescore", scheme.ids, context=context)
        self.assertNotIn("error", answer)
        self.env.invalidate_all()
        self.assertEqual(self.profile(self.ada).scheme_id, scheme)
        self.assertEqual(self.env["grading.run"].search([], limit=1).state, "done")

    def test_records_to_remove_are_ids_or_none(self):
        self.authenticate("grading_manager", "grading_manager")
        for garbage in GARBAGE:
            with self.subTest(garbage=garbage):
                answer = self.call(
                    "grading.tag.rule.removal",
                    "default_get",
                    ["rule_ids"],
                    context={"active_model": "grading.tag.rule", "active_ids": garbage},
                )
                self.assertNotIn("error", answer)

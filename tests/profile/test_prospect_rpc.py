import json
from datetime import timedelta

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .test_lead_security import GRADING_USER, LeadSecurityCase

GRADING_MANAGER = "customer_grading.customer_grading_group_manager"
ALL_LEADS = "sales_team.group_sale_salesman_all_leads"
# Rows about a prospect, and what tells of the lead behind them.
ROWS = {
    "grading.profile": ("intent_score", "fit_score", "points_detail"),
    "grading.history": ("new_score", "note", "change_text"),
    "grading.snapshot": ("intent_score", "fit_score", "expected_amount"),
    "grading.secondary": ("score", "points_detail"),
    "grading.secondary.snapshot": ("score",),
}


@tagged("post_install", "-at_install")
class TestProspectFigures(LeadSecurityCase, HttpCase):
    """What is known of a prospect comes from their best lead: users who may not see the lead learn from no row, today's
    or remembered, what it says. Over the wire, as a browser or a script asks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        segment = cls.env["grading.grade"].create({"name": "Ready", "is_segment": True})
        cls.scheme([cls.linear("readiness")], [(segment, 0)], name="Beside", is_secondary=True)
        cls.rescore()
        cls.env["grading.snapshot"].search([]).unlink()
        cls.env["grading.snapshot"]._take(cls.today - timedelta(days=cls.today.day))
        cls.clerk = cls.user("grading_clerk", GRADING_USER)
        # Makes the rules, and may see no lead.
        cls.ruler = cls.user("grading_ruler", GRADING_MANAGER)
        cls.chief = cls.user("grading_chief", ALL_LEADS)
        for user in (cls.sam, cls.rita, cls.clerk, cls.ruler, cls.chief):
            user.group_ids += cls.env.ref("base.group_allow_export")

    def call(self, model, method, *args, **kwargs):
        """What a client gets: the result, or the name of the error."""
        context = {"allowed_company_ids": self.company.ids}
        params = {"model": model, "method": method, "args": args, "kwargs": {"context": context, **kwargs}}
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access"):
            answer = self.url_open(
                f"/web/dataset/call_kw/{model}/{method}",
                json.dumps({"params": params}),
                headers={"Content-Type": "application/json"},
            ).json()
        return answer["result"] if "error" not in answer else answer["error"]["data"]["name"].rpartition(".")[2]

    def log_in(self, user):
        self.env.flush_all()
        self.authenticate(user.login, user.login)

    def assert_rows(self, user, partner, is_visible, models=tuple(ROWS)):
        """By every way in, ``user`` gets the rows about the prospect, or none."""
        self.log_in(user)
        for model in models:
            domain, names = [["partner_id", "=", partner.id]], list(ROWS[model])
            rows = self.env[model].search(domain)
            figure = names[0]
            with self.subTest(user=user.login, model=model):
                self.assertTrue(rows, "otherwise this proves nothing")
                count = len(rows) if is_visible else 0
                self.assertEqual(len(self.call(model, "search_read", domain, names)), count)
                self.assertEqual(self.call(model, "search_count", [*domain, [figure, ">", -1]]), count)
                self.assertEqual(len(self.call(model, "search", domain, order=f"{figure} desc")), count)
                groups = self.call(model, "formatted_read_group", domain, ["partner_id"], [f"{figure}:max", "__count"])
                self.assertEqual(sum(group["__count"] for group in groups), count)
                for answer in (
                    self.call(model, "read", rows.ids, names),
                    self.call(model, "web_read", rows.ids, {figure: {}}),
                    self.call(model, "export_data", rows.ids, [figure]),
                ):
                    self.assertEqual(answer != "AccessError", is_visible, answer)

    def test_no_row_tells_of_a_lead_that_is_hidden(self):
        for user, is_visible in (
            *((self.sam, False), (self.clerk, False), (self.ruler, False)),
            *((self.rita, True), (self.chief, True)),
        ):
            self.assert_rows(user, self.cleo, is_visible)
        self.secret.user_id = self.sam
        self.assert_rows(self.sam, self.cleo, True)
        self.assert_rows(self.rita, self.cleo, False)

    def test_the_contact_shows_no_row_that_is_hidden(self):
        names = ("grading_snapshot_ids", "grading_history_ids", "grading_segment_ids")
        for user, is_visible in ((self.sam, False), (self.ruler, False), (self.rita, True)):
            self.log_in(user)
            [row] = self.call("res.partner", "read", self.cleo.ids, names)
            for name in names:
                with self.subTest(user=user.login, field=name):
                    self.assertEqual(bool(row[name]), is_visible)
                    found = self.call("res.partner", "search", [["id", "=", self.cleo.id], [name, "!=", False]])
                    self.assertEqual(bool(found), is_visible)
            found = self.call(
                "res.partner", "search", [["id", "=", self.cleo.id], ["grading_snapshot_ids.intent_score", ">", 1]]
            )
            self.assertEqual(bool(found), is_visible)

    def test_what_once_came_from_a_hidden_lead_stays_hidden(self):
        """Which lead it was is not remembered: who sees another one that grades the prospect now learns nothing."""
        remembered = ("grading.history", "grading.snapshot", "grading.secondary.snapshot")
        self.lead("Of Sam for Cleo", user_id=self.sam.id, partner_id=self.cleo.id, willingness="5")
        self.rescore()
        self.assertEqual(self.profile(self.cleo).best_lead_id.user_id, self.sam)
        self.assert_rows(self.sam, self.cleo, True, ("grading.profile", "grading.secondary"))
        self.assert_rows(self.sam, self.cleo, False, remembered)
        lines = {
            "grading_history_ids": {"fields": {"new_score": {}}},
            "grading_snapshot_ids": {"fields": {"score": {}}},
        }
        [row] = self.call("res.partner", "web_read", self.cleo.ids, lines)
        self.assertEqual((row["grading_history_ids"], row["grading_snapshot_ids"]), ([], []), "and the form opens")

    def test_a_row_without_a_profile_is_as_hidden(self):
        snapshots = self.env["grading.snapshot"].search([("partner_id", "=", self.cleo.id)])
        self.force(snapshots, profile_id=None)
        self.assert_rows(self.sam, self.cleo, False, ("grading.snapshot", "grading.secondary.snapshot"))
        self.assert_rows(self.rita, self.cleo, True, ("grading.snapshot", "grading.secondary.snapshot"))
        self.force(snapshots, scheme_id=None)
        self.assert_rows(self.sam, self.cleo, False, ("grading.snapshot",))

    def test_a_prospect_by_their_own_willingness_is_seen(self):
        willing = self.customer("Willing", willingness="4")
        self.rescore()
        self.env["grading.snapshot"]._take(self.today - timedelta(days=self.today.day))
        seen = ("grading.profile", "grading.history", "grading.snapshot", "grading.secondary")
        self.assert_rows(self.sam, willing, True, seen)

    def test_a_customer_in_service_is_seen_whatever_leads_colleagues_have(self):
        served = self.customer("Served", user_id=self.sam.id)
        self.lead("Of Rita for Served", user_id=self.rita.id, partner_id=served.id, willingness="5")
        self.order(served, 100, self.today)
        self.rescore()
        self.assertEqual(self.profile(served).best_lead_id.user_id, self.rita)
        for user, is_visible in ((self.sam, True), (self.chief, True), (self.clerk, False), (self.ruler, False)):
            self.log_in(user)
            with self.subTest(user=user.login):
                domain = [["partner_id", "=", served.id]]
                found = self.call("grading.profile", "search_read", domain, ["order_amount"])
                self.assertEqual([row["order_amount"] for row in found], [100] * is_visible)
                [row] = self.call("res.partner", "read", served.ids, ["grading_order_amount_12m"])
                self.assertEqual(row["grading_order_amount_12m"] == 100, is_visible)

    def test_a_lead_of_another_company_hides_nothing_here(self):
        willing, other = self.customer("Willing"), self.new_company("Elsewhere")
        self.lead("Here", user_id=self.sam.id, partner_id=willing.id, willingness="4")
        self.lead("Elsewhere", company_id=other.id, partner_id=willing.id, team_id=False, stage_id=False)
        self.rescore()
        self.assert_rows(self.sam, willing, True, ("grading.profile", "grading.history"))

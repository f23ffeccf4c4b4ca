from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import GradingCase

RUN_LOGGER = "odoo.addons.customer_grading.models.run.grading_run"

# What a filter must not find out, each by a way of its own.
HOSTILE = [
    # Private talks
    [("company_id.user_ids.partner_id.channel_ids.message_ids.body", "ilike", "salary")],
    [("company_id.user_ids.partner_id.channel_ids", "!=", False)],
    [("partner_id.message_ids.body", "ilike", "salary")],
    [("partner_id.message_ids", "ilike", "salary")],
    [("partner_id.message_ids", "!=", False)],
    [("partner_id.message_ids", "in", [1, 2, 3])],
    [("partner_id", "any", [("message_ids", "any", [("body", "ilike", "salary")])])],
    [("partner_id", "not any", [("message_ids", "not any", [("body", "ilike", "salary")])])],
    [("lead_id.message_ids.author_id.name", "=", "Boss")],
    [("best_lead_id.message_ids.body", "ilike", "salary")],
    [("partner_id.message_follower_ids.partner_id", "=", 3)],
    [("partner_id.message_partner_ids", "in", [3])],
    [("partner_id.message_is_follower", "=", True)],
    [("partner_id.channel_ids.name", "ilike", "board")],
    [("partner_id.activity_ids.note", "ilike", "salary")],
    [("lead_id.activity_ids.user_id.login", "ilike", "a")],
    [("partner_id.meeting_ids.description", "ilike", "salary")],
    [("lead_id.calendar_event_ids.name", "ilike", "salary")],
    # Users, their logins and keys
    [("company_id.user_ids.login", "ilike", "a")],
    [("company_id.user_ids", "ilike", "a")],
    [("company_id.user_ids", "in", [2])],
    [("partner_id.user_id.login", "=like", "a%")],
    [("partner_id.user_id.password", "!=", False)],
    [("partner_id.user_id.api_key_ids.name", "ilike", "a")],
    [("partner_id.user_id.log_ids.create_date", ">", "2020-01-01")],
    [("partner_id.user_id.group_ids.name", "ilike", "admin")],
    [("partner_id.user_id.all_group_ids", "in", [1])],
    [("partner_id.user_id.email", "ilike", "a")],
    [("partner_id.user_id.partner_id.vat", "ilike", "a")],
    [("partner_id.user_id.partner_id", "any", [("bank_ids", "!=", False)])],
    [("partner_id.user_ids.login", "ilike", "a")],
    [("partner_id.user_ids", "!=", False)],
    [("manual_user_id.login", "ilike", "a")],
    [("history_ids.user_id.login", "ilike", "a")],
    [("create_uid.login", "ilike", "a")],
    [("write_uid", "ilike", "admin")],
    [("partner_id.create_uid", "any", [("login", "=", "admin")])],
    [("partner_id.user_id", "child_of", "admin")],
    [("create_uid", "child_of", "admin")],
    # Money of others
    [("partner_id.bank_ids.acc_number", "=like", "BE%")],
    [("partner_id.bank_ids", "ilike", "BE")],
    [("partner_id.bank_ids", "=", "BE123")],
    [("partner_id.bank_ids", "child_of", [1])],
    [("partner_id", "any", [("parent_id", "any", [("bank_ids", "any", [("acc_number", "=like", "BE%")])])])],
    ["!", ("partner_id.bank_ids.acc_number", "=like", "BE%")],
    ["|", ("score", ">", 5), "&", ("score", ">", 5), ("partner_id.commercial_partner_id.bank_ids", "!=", False)],
    [("company_id.partner_id.bank_ids.acc_number", "=like", "BE%")],
    [("company_id.bank_ids", "!=", False)],
    [("partner_id.property_account_receivable_id.code", "=like", "4%")],
    [("partner_id.property_account_receivable_id", "ilike", "4")],
    [("partner_id.invoice_ids.line_ids.name", "ilike", "secret")],
    [("partner_id.sale_order_ids.transaction_ids.provider_id.name", "ilike", "a")],
    [("partner_id.sale_order_ids.access_token", "=like", "a%")],
    [("company_id.email", "ilike", "a")],
    [("company_id.child_ids", "!=", False)],
    [("company_id.parent_id.user_ids", "in", [2])],
    # Other sorts of paths
    [("partner_id.signup_token", "!=", False)],
    [("partner_id.country_id.image_url.x", "=", "a")],
    [("partner_id.name.x", "=", "a")],
    [("partner_id.id.id", "=", 1)],
    [("id", "any", [("partner_id.bank_ids", "!=", False)])],
    [("partner_id.id", "any", [("bank_ids", "!=", False)])],
    [("points_detail.1", "=", "a")],
    [("currency_id.rate_ids.company_id.name", "ilike", "a")],
    [("scheme_id.create_uid.login", "ilike", "a")],
    [("lifecycle_id.action_server_id.code", "ilike", "a")],
    [("grade_id.write_uid", "any", [("login", "ilike", "a")])],
    [("lead_id.team_id.member_ids.login", "ilike", "a")],
    [("lead_id.team_id.alias_id.alias_defaults", "ilike", "a")],
    [("partner_id.category_id.partner_ids.bank_ids", "!=", False)],
    [("partner_id.country_id.address_view_id.arch_db", "ilike", "a")],
    [("partner_id.website_message_ids.body", "ilike", "a")],
    [("partner_id.rating_ids.feedback", "ilike", "a")],
    [("lead_id.order_ids.order_line.invoice_lines.name", "ilike", "a")],
]

# What people do ask for.
SENSIBLE = [
    [],
    [("order_count", ">", 3), ("order_amount_12m", ">=", 1000)],
    [("last_order_date", "<", "today -90d")],
    [("purchase_probability", "<", 0.5)],
    [("is_overdue", "=", True), ("customer_years", ">=", 3)],
    [("birthday_this_month", "=", True)],
    [("grade_id.name", "in", ["A", "B"]), ("lifecycle_id", "ilike", "growth")],
    [("company_id", "=", 1)],
    [("company_id.currency_id.name", "=", "EUR")],
    [("currency_id.name", "=", "EUR")],
    [("partner_id", "ilike", "Azure")],
    [("partner_id", "child_of", "Azure")],
    [("partner_id.name", "ilike", "Azure"), ("partner_id.vat", "!=", False)],
    [("partner_id.country_id.code", "=", "TW")],
    [("partner_id.country_id", "ilike", "Taiwan")],
    [("partner_id.country_id.country_group_ids.name", "ilike", "Europe")],
    [("partner_id.state_id.country_id.code", "=", "US")],
    [("partner_id.category_id.name", "ilike", "press")],
    [("partner_id.category_id", "child_of", "press")],
    [("partner_id.category_id", "=", False)],
    [("partner_id.category_id.parent_path", "=like", "1/%")],
    [("partner_id.industry_id", "=", "Education")],
    [("partner_id.user_id", "ilike", "Mitchell")],
    [("partner_id.user_id", "=", False)],
    [("partner_id.user_id.active", "=", False)],
    [("partner_id.parent_id", "!=", False), ("partner_id.commercial_partner_id.is_company", "=", True)],
    [("partner_id.child_ids", "any", [("function", "ilike", "director")])],
    [("partner_id.child_ids", "!=", False)],
    [("partner_id.create_uid", "=", 2)],
    [("partner_id.create_date.month_number", "=", 5)],
    [("partner_id.grading_order_count", ">", 2)],
    [("partner_id.grading_grade_id.name", "=", "A")],
    [("partner_id.parent_id.grading_profile_id.score", ">", 5)],
    [("partner_id.referred_by_id", "!=", False)],
    [("partner_id.grading_referred_ids", "!=", False)],
    [("partner_id.activity_state", "=", "overdue")],
    [("partner_id.opportunity_ids", "any", [("won_status", "=", "lost")])],
    [("partner_id.sale_order_ids.order_line.product_id.categ_id", "child_of", "Furniture")],
    [("partner_id.sale_order_ids", "not any", [("state", "=", "sale"), ("tag_ids", "ilike", "gift")])],
    [("lead_id.stage_id.name", "=", "Proposition"), ("lead_id.source_id", "ilike", "search")],
    [("lead_id.tag_ids", "in", [1]), ("lead_id.tag_ids.name", "=", "Design")],
    [("lead_id.partner_id.country_id.code", "=", "BE")],
    [("lead_id.user_id", "=", False), ("lead_id.team_id", "ilike", "sales")],
    [("lead_id.lost_reason_id.name", "ilike", "price")],
    [("lead_id.order_ids", "=", False)],
    [("lead_id.order_ids", "not any", [("state", "!=", "cancel")])],
    [("best_lead_id.probability", ">", 50)],
    [("history_ids", "any", [("new_grade_id.name", "=", "A"), ("date", ">", "today -1y")])],
    ["!", ("partner_id.country_id.code", "in", ["TW", "CN"])],
]


@tagged("post_install", "-at_install")
class TestFilterReach(GradingCase):
    """A rule tells its author nothing that they could not look up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls.manager()
        cls.rule = cls.scheme(name="Spied", active=False)

    def rules_of(self, user):
        """One rule of each kind, as ``user``."""
        tag = self.env["res.partner.category"].create({"name": "Spy"})
        scheme = self.scheme(
            criteria=[
                self.matching("[]", 5, name="Spied criterion"),
                self.cases([("Spied case", "[]", 5)], name="Of cases"),
            ],
            name="Spied scheme",
        )
        tag_rule = self.env["grading.tag.rule"].create({"name": "Spied tag", "category_id": tag.id, "active": True})
        cadence = (
            self.env["grading.cadence"]
            .search([("active", "=", False)], limit=1)
            .copy({"name": "Spied cadence", "company_id": self.company.id, "active": True})
        )
        stage = self.env["grading.lifecycle"].create({"name": "Spied stage"})
        play = self.env["grading.play"].create(
            {"name": "Spied play", "company_id": self.company.id, "category_ids": tag.ids}
        )
        segment = self.env["grading.grade"].create({"name": "Spied segment", "is_segment": True})
        beside = self.scheme(
            criteria=[], thresholds=[(segment, 0)], name="Beside", is_secondary=True, threshold_mode="filter"
        )
        spied, listed = scheme.criterion_ids
        rules = (scheme, spied, listed.case_ids, stage, tag_rule, cadence, play, beside.threshold_ids)
        return [rule.with_user(user) for rule in rules]

    def test_no_hostile_path_is_saved(self):
        self.assertGreaterEqual(len(HOSTILE), 50)
        for domain in HOSTILE:
            with (
                self.subTest(domain=domain),
                self.assert_refused("Spied", "Use only searchable fields", error=ValidationError),
            ):
                self.rule.with_user(self.boss).domain = str(domain)

    def test_data_files_and_superusers_are_held_to_the_same_relations(self):
        for domain in HOSTILE:
            with self.subTest(domain=domain), self.assert_refused("Spied", error=ValidationError):
                self.rule.with_context(install_mode=True).domain = str(domain)

    def test_no_kind_of_rule_is_a_way_round(self):
        for rule in self.rules_of(self.boss):
            for domain in HOSTILE[:1] + HOSTILE[20:21]:
                with self.subTest(rule=rule._name), self.assert_refused("Spied", error=ValidationError):
                    rule.domain = str(domain)
            rule.domain = "[('order_count', '>', 3)]"

    def test_each_rule_with_a_filter_is_known_to_this_test(self):
        mixin = self.env.registry["grading.domain.mixin"]
        models = [name for name, model in self.env.registry.items() if issubclass(model, mixin) and not model._abstract]
        self.assertEqual({rule._name for rule in self.rules_of(self.boss)}, set(models))

    def test_sensible_filters_are_saved_by_a_manager(self):
        for domain in SENSIBLE:
            with self.subTest(domain=domain):
                self.rule.with_user(self.boss).domain = str(domain)
                self.assertEqual(self.rule.domain, str(domain))

    def test_shipped_filters_are_saved_by_a_manager(self):
        boss = self.manager("shipped", company_ids=self.env["res.company"].search([]).ids)
        count = 0
        for name in sorted(rule._name for rule in self.rules_of(boss)):
            rules = self.env[name].with_context(active_test=False).search([])
            for rule in rules.filtered(
                lambda rule: rule.domain not in (False, "[]") and rule.get_external_id()[rule.id]
            ):
                with self.subTest(rule=rule):
                    rule.with_user(boss)._check_readable()
                    count += 1
        self.assertGreater(count, 20)

    def test_a_relation_whose_records_the_user_cannot_read_is_refused(self):
        clerk = self.user("clerk", "customer_grading.customer_grading_group_manager")
        rule = self.rule.with_user(clerk)
        rule.domain = "[('order_count', '>', 3), ('partner_id.country_id.code', '=', 'BE')]"
        for domain in ("[('lead_id.stage_id.name', '=', 'New')]", "[('partner_id.sale_order_ids', '!=', False)]"):
            with self.subTest(domain=domain), self.assert_refused("cannot read", error=ValidationError):
                rule.domain = domain

    def test_a_relation_to_records_of_others_is_refused_to_those_who_see_only_their_own(self):
        groups = "customer_grading.customer_grading_group_manager,sales_team.group_sale_salesman"
        rule = self.rule.with_user(self.user("own", groups))
        for domain in (
            "[('lead_id.name', 'ilike', 'secret')]",
            "[('partner_id.opportunity_ids', 'any', [('name', 'ilike', 'secret')])]",
            "[('partner_id.sale_order_ids.amount_total', '>', 1000)]",
            "[('history_ids.note', 'ilike', 'secret')]",
        ):
            with self.subTest(domain=domain), self.assert_refused("cannot read all", error=ValidationError):
                rule.domain = domain

    def test_a_field_of_groups_is_refused_to_those_outside(self):
        field = self.env["res.partner"]._fields["ref"]
        with patch.object(field, "groups", "base.group_system"):
            with self.assert_refused("cannot read", "ref", error=ValidationError):
                self.rule.with_user(self.boss).domain = "[('partner_id.ref', '=', 'x')]"
            with self.assert_refused("cannot read", "ref", error=ValidationError):  # names are searched there, too
                self.rule.with_user(self.boss).domain = "[('partner_id', 'ilike', 'x')]"
            self.rule.domain = "[('partner_id.ref', '=', 'x')]"

    def test_rows_of_another_company_are_not_found(self):
        ada = self.customer("Ada")
        other = self.new_company("Elsewhere")
        self.order(ada, 50, self.company._grading_today())
        self.order(ada, 5000, self.company._grading_today(), company_id=other.id)
        elsewhere = self.env["sale.order"].search([("partner_id", "=", ada.id), ("company_id", "=", other.id)])
        for domain, found in (
            ([("partner_id.sale_order_ids.amount_untaxed", ">", 1000)], False),
            ([("partner_id.sale_order_ids.amount_untaxed", ">", 10)], True),
            ([("partner_id.sale_order_ids", "in", elsewhere.ids)], False),
            ([("partner_id.sale_order_ids", "not in", elsewhere.ids)], True),
            ([("partner_id.sale_order_ids", "!=", False)], True),
            ([("partner_id.sale_order_ids", "=", False)], False),
        ):
            with self.subTest(domain=domain):
                scheme = self.scheme(criteria=[self.matching(domain, 7)])
                self.rescore()
                self.assertEqual(self.profile(ada).score, 7 if found else 0)
                scheme.active = False

    def test_a_filter_of_before_fails_its_own_run_and_names_the_remedy(self):
        ada = self.customer("Ada")
        self.order(ada, 50, self.company._grading_today())
        scheme = self.scheme(name="Of before")
        good = self.scheme(name="Good", domain="[('partner_id.name', '=', 'Ada')]", sequence=1)
        self.force(scheme, domain="[('partner_id.bank_ids', '!=', False)]")
        with mute_logger(RUN_LOGGER):
            run = self.env["grading.run"]._rescore()
        self.assertEqual(run.state, "failed")
        for word in ("Of before", "bank_ids", "Use only searchable fields"):
            self.assertIn(word, run.message)
        self.assertEqual(self.profile(ada).scheme_id, good)
        scheme.name = "Renamed"  # an update that leaves the filter alone does not fail
        with self.assertRaises(ValueError):  # nor is it compiled by another way
            scheme._domain_to_sql(None, self.company._grading_today())

    def test_a_module_may_allow_a_relation(self):
        mixin = self.env.registry["grading.domain.mixin"]
        relations = self.env["grading.lifecycle"]._filter_relations()
        relations["res.partner"].add("bank_ids")
        domain = "[('partner_id.bank_ids.acc_number', '=like', 'BE%')]"
        with patch.object(mixin, "_filter_relations", lambda self: relations):
            self.rule.domain = domain
        with self.assert_refused("Spied", error=ValidationError):
            self.rule.domain = domain + " "

    def test_the_preview_counts_what_the_user_may_see(self):
        """The number beside a filter, and of the customers of a scheme, are the user's own search."""
        other = self.new_company("Elsewhere")
        shared = self.scheme(company_id=False)
        for name, company in (("Here", self.company), ("There", other)):
            self.order(self.customer(name), 50, self.company._grading_today(), company_id=company.id)
            self.rescore(company=company)
        self.assertEqual(shared.with_user(self.boss).profile_count, 1)
        profiles = self.env["grading.profile"].with_user(self.boss)
        self.assertEqual(profiles.search_count([("scheme_id", "=", shared.id)]), 1)
        with self.assertRaises(Exception) as caught:
            profiles.search_count([("lifecycle_id.action_server_id.code", "ilike", "a")])
        self.assertIn("Access", type(caught.exception).__name__)

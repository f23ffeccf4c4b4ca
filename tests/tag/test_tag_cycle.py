import ast

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .tag_case import TagCase


@tagged("post_install", "-at_install")
class TestTagCycle(TagCase):
    """What decides a grade, stage or tag cannot ask for a tag that a rule gives, whichever of the two is saved last."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.asking = "[('partner_id.category_id', '=', 'Static')]"
        cls.asking_lead = f"[('best_lead_id.tag_ids', 'in', [{cls.hot.id}])]"

    def refused(self, *words):
        return self.assert_refused(*words, error=ValidationError)

    # ------------------------------------------------------------
    # Scores and stages
    # ------------------------------------------------------------

    def test_a_criterion_does_not_ask_for_a_tag_that_a_rule_gives(self):
        vip = "[('partner_id.category_id', '=', 'VIP')]"
        with self.refused("Loyal", "Test scheme", "VIP", "Rule VIP"):
            self.scheme([self.matching(vip, 10, name="Loyal")])
        scheme = self.scheme([self.matching(vip, 10, name="Loyal")], active=False)
        with self.refused("Loyal", "Rule VIP"):
            scheme.active = True
        self.rule.active = False
        scheme.active = True
        with self.refused("Loyal", "Rule VIP"):
            self.rule.active = True

    def test_none_of_the_filters_of_a_criterion_asks_for_a_tag_that_a_rule_gives(self):
        filters = [("Large", "[('order_count', '>', 9)]", 9), ("Known", "[('partner_id.category_id', '=', 'VIP')]", 5)]
        with self.refused("Loyal", "Test scheme", "VIP", "Rule VIP"):
            self.scheme([self.cases(filters, name="Loyal")])
        scheme = self.scheme([self.cases(filters, name="Loyal")], active=False)
        with self.refused("Loyal", "Rule VIP"):
            scheme.active = True
        self.rule.active = False
        scheme.active = True
        with self.refused("Loyal", "Rule VIP"):
            self.rule.active = True

    def test_a_filter_that_a_criterion_does_not_use_is_not_looked_at(self):
        scheme = self.scheme()
        criterion = scheme.criterion_ids
        criterion.domain = "[('partner_id.category_id', '=', 'VIP')]"
        with self.refused("Rule VIP"):
            criterion.kind = "domain"

    def test_a_scheme_does_not_ask_for_a_tag_that_a_rule_gives(self):
        scheme = self.scheme(domain=self.asking, name="Static customers")
        with self.refused("Static customers", "Rule Static"):
            self.tag_rule(self.static)
        scheme.active = False
        self.tag_rule(self.static)

    def test_a_stage_does_not_ask_for_a_tag_that_a_rule_gives(self):
        stage = self.env["grading.lifecycle"].create({"name": "Chosen", "domain": self.asking})
        rule = self.tag_rule(self.new_tag, "[('lifecycle_id.name', '=', 'Chosen')]")
        with self.refused("Chosen", "Static", "Rule Newcomer"):
            rule.category_id = self.static
        with self.refused("Chosen", "Newcomer", "Rule Newcomer"):
            stage.domain = "[('partner_id', 'any', [('category_id.name', '=', 'Newcomer')])]"

    def test_a_stage_that_has_gone_bad_stops_no_rule(self):
        stage = self.env["grading.lifecycle"].create({"name": "Bad"})
        self.force(stage, domain="[('partner_id.category_id', 'in'")
        self.assertTrue(self.tag_rule(self.static).active)

    def test_a_contact_is_saved_whatever_filters_ask_for(self):
        scheme = self.scheme([self.matching("[]", 10)])
        self.force(scheme.criterion_ids, domain="[('partner_id.category_id', '=', 'VIP')]")
        self.anna.category_id = [Command.link(self.static.id)]
        self.assert_tags(self.anna, self.static)

    def test_a_shipped_rule_gives_way_to_a_filter_that_depends_on_its_tag(self):
        self.scheme(domain=self.asking)
        values = {"name": "Shipped", "category_id": self.static.id}
        data = {"xml_id": "customer_grading.test_shipped_rule", "values": values, "noupdate": True}
        Rule = self.env["grading.tag.rule"].with_context(install_mode=True)
        with self.assertLogs("odoo.addons.customer_grading.models.tag.grading_tag_cycle", "WARNING") as logs:
            rule = Rule._load_records([data])
        self.assertFalse(rule.active)
        self.assertIn("Shipped", logs.output[0])

    # ------------------------------------------------------------
    # What rules did
    # ------------------------------------------------------------

    def test_no_filter_asks_which_rule_gave_a_tag(self):
        for domain in (
            "[('partner_id.grading_tag_origin_ids', '!=', False)]",
            "[('partner_id.grading_tag_origin_ids.kind', '=', 'rule')]",
            "[('partner_id', 'any', [('grading_tag_origin_ids', 'any', [('kind', '=', 'rule')])])]",
            "[('partner_id', 'not any', [('grading_tag_origin_ids', '=', False)])]",
            "['!', ('lead_id.grading_tag_origin_ids.rule_id.name', '=', 'Rule VIP')]",
            "[('best_lead_id.partner_id.grading_tag_origin_ids', '=', False)]",
        ):
            with self.subTest(domain):
                with self.refused("Rule Newcomer", "grading_tag_origin_ids"):
                    self.tag_rule(self.new_tag, domain)
                with self.refused("Chosen", "grading_tag_origin_ids"):
                    self.env["grading.lifecycle"].create({"name": "Chosen", "domain": domain})

    # ------------------------------------------------------------
    # Tags of leads
    # ------------------------------------------------------------

    def test_leads_may_not_be_scored_by_their_own_tags(self):
        self.tag_rule(self.hot, "[('willingness', '=', '5')]")
        with self.refused("Warm", "Hot", "Rule Hot"):
            self.lead_scheme([self.matching("[('lead_id.tag_ids', '=', 'Hot')]", 10, name="Warm", dimension="fit")])

    def test_customers_may_not_be_scored_by_given_tags_of_their_leads(self):
        self.tag_rule(self.hot, "[('willingness', '=', '5')]")
        with self.refused("Rule Newcomer", "Hot", "Rule Hot"):
            self.tag_rule(self.new_tag, self.asking_lead)
        cold = self.env["crm.tag"].create({"name": "Cold"})
        self.assertTrue(self.tag_rule(self.new_tag, f"[('best_lead_id.tag_ids', 'in', [{cold.id}])]").active)

    def test_a_filter_of_before_it_was_forbidden_goes_on_working_until_it_is_edited(self):
        self.tag_rule(self.hot, "[('willingness', '=', '5')]")
        earlier = self.tag_rule(self.new_tag, "[]")
        scheme = self.scheme([self.matching("[]", 10, name="Has a hot lead")])
        self.force(earlier, domain=self.asking_lead)
        self.force(scheme.criterion_ids, domain=self.asking_lead)
        lead = self.lead(partner_id=self.anna.id, willingness="5")
        self.lead_scheme()
        self.assertEqual(self.rescore().state, "done")
        self.assert_tags(lead, self.hot)
        self.assertIn(self.new_tag, self.anna.category_id)
        self.assertEqual(self.rescore().tag_count, 0)
        self.tag_rule(self.static)
        scheme.name = "Renamed"
        earlier.name = "Renamed"
        for rule in (earlier, scheme.criterion_ids):
            with self.subTest(rule), self.refused("Hot", "Rule Hot"):
                rule.domain = str([*ast.literal_eval(self.asking_lead), ("order_count", ">", 0)])

    # ------------------------------------------------------------
    # Companies
    # ------------------------------------------------------------

    def test_a_rule_of_another_company_counts_and_is_not_named(self):
        self.rule.company_id = self.new_company("Second Company")
        with self.assertRaises(ValidationError) as caught:
            self.scheme(domain="[('partner_id.category_id', '=', 'VIP')]")
        self.assertNotIn("Rule VIP", str(caught.exception))
        self.assertIn("a rule of another company", str(caught.exception))

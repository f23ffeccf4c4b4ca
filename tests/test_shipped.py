from odoo.fields import Command
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestShipped(TransactionCase):
    """What the module brings along: the only tests that look at shipped records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.in_service = cls.env.ref("customer_grading.grading_scheme_in_service")
        cls.presets = cls.env.ref("customer_grading.grading_scheme_value") + cls.env.ref(
            "customer_grading.grading_scheme_rfm"
        )

    def test_the_points_of_every_scheme_add_up_to_100(self):
        for scheme in self.in_service + self.presets:
            self.assertEqual(scheme.points_max, 100, scheme.name)

    def test_in_service_is_active_and_the_presets_are_ready(self):
        self.assertTrue(self.in_service.active)
        self.assertEqual(self.presets.mapped("active"), [False, False])
        for preset in self.presets:
            preset.action_unarchive()
            preset._check_usable()

    def test_the_weights_follow_the_evidence(self):
        points = {criterion.measure: criterion.points_max for criterion in self.in_service.criterion_ids
                  if criterion.dimension == "value"}  # fmt: skip
        total = sum(points.values())
        self.assertGreaterEqual(points["faded_order_amount"], 0.7 * total)
        self.assertLessEqual(points["first_order_date"], total / 20)
        decayed = self.in_service.criterion_ids.filtered(lambda c: c.measure == "faded_order_amount")
        self.assertEqual(decayed.kind, "rank")
        measured = {"purchase_probability": 5, "order_months": 4, "average_order_amount": 2}
        self.assertEqual({name: points[name] for name in measured}, measured)

    def test_the_probability_gives_a_point_a_step(self):
        criterion = self.env.ref("customer_grading.grading_criterion_in_service_probability")
        self.assertEqual(criterion.kind, "band", "by unit, each night would rewrite every customer")
        self.assertEqual(criterion.band_ids.sorted("lower_bound").mapped("points"), [0, 1, 2, 3, 4, 5])

    def test_a_lead_about_which_nothing_was_typed_is_judged_by_odoos_probability(self):
        criterion = self.env.ref("customer_grading.grading_criterion_before_signing_willingness")
        self.assertEqual((criterion.measure, criterion.kind), ("readiness", "linear"))
        company = self.env["res.company"].create({"name": "Nothing Typed"})
        values = {"type": "opportunity", "company_id": company.id, "user_id": False, "team_id": False}
        facts = ((False, 80.0), (False, 20.0), (False, 0.0), ("4", 20.0), ("1", 80.0))
        leads = self.env["crm.lead"].create([{**values, "name": "Lead", "willingness": w} for w, _percent in facts])
        self.env.flush_all()
        for lead, (_willingness, percent) in zip(leads, facts, strict=True):
            self.env.cr.execute("UPDATE crm_lead SET automated_probability = %s WHERE id = %s", (percent, lead.id))
        self.env.invalidate_all()
        run = self.env["grading.run"].with_company(company)._rescore()
        self.assertEqual(run.state, "done", run.message)
        profiles = self.env["grading.profile"].search([("lead_id", "in", leads.ids)])
        given = {profile.lead_id: profile.points_detail[str(criterion.id)] for profile in profiles}
        self.assertEqual([given[lead] for lead in leads], [32, 8, 15, 30, 0])

    def test_the_presets_are_led_by_what_was_bought_lately(self):
        for preset in self.presets:
            lead = preset.criterion_ids.sorted("points_max")[-1]
            self.assertEqual((lead.measure, lead.kind), ("faded_order_amount", "rank"), preset.name)
            self.assertGreaterEqual(lead.points_max, 70)

    def test_a_customer_without_data_gets_half_of_the_points_of_loyalty(self):
        company = self.env["res.company"].create({"name": "Nothing Known"})
        customer = self.env["res.partner"].create({"name": "Silent", "is_company": True})
        line = Command.create({"product_id": self.env["product.product"].create({"name": "Thing"}).id, "price_unit": 5})
        order = self.env["sale.order"].with_company(company).create({"partner_id": customer.id, "order_line": [line]})
        order.state = "sale"
        run = self.env["grading.run"].with_company(company)._rescore()
        self.assertEqual(run.state, "done", run.message)
        profile = self.env["grading.profile"].search(
            [("partner_id", "=", customer.id), ("company_id", "=", company.id)]
        )
        self.assertEqual(profile.scheme_id, self.in_service)
        self.assertEqual(profile.loyalty_score, 15)

    def test_loyalty_can_give_30_points_and_a_serious_complaint_takes_15(self):
        points = self.in_service.criterion_ids.filtered(lambda c: c.dimension == "loyalty").mapped("points_max")
        self.assertEqual(sum(max(0, number) for number in points), 30)
        self.assertEqual(min(points), -15)

    def test_no_grade_is_folded(self):
        self.assertFalse(any(self.env.ref("customer_grading.grading_grade_%s" % letter).fold for letter in "abcdef"))

    def test_best_percents_are_those_of_the_abc_analysis(self):
        value = self.env.ref("customer_grading.grading_scheme_value")
        self.assertEqual(value.threshold_mode, "rank")
        self.assertEqual(value.threshold_ids.mapped("top_percent"), [5, 20, 50, 100])

    def test_the_effort_is_70_20_10(self):
        grades = [self.env.ref("customer_grading.grading_grade_%s" % letter) for letter in "abcdef"]
        self.assertEqual([grade.effort_share for grade in grades], [0, 0, 0, 70, 20, 10])
        self.assertEqual([grade.name for grade in grades], list("ABCDEF"))
        self.assertTrue(all(grade.strategy for grade in grades))
        sequences = [grade.sequence for grade in grades]
        self.assertEqual(sequences, sorted(set(sequences)))

    def test_every_shipped_rule_is_usable(self):
        self.in_service._check_usable()
        self.env["grading.lifecycle"].search([])._check_domain()

    def test_every_rule_for_tags_is_active_and_gives_a_tag_of_its_own(self):
        shipped = [("module", "=", "customer_grading"), ("model", "=", "grading.tag.rule")]
        rules = self.env["grading.tag.rule"].browse(self.env["ir.model.data"].search(shipped).mapped("res_id"))
        self.assertEqual((len(rules), len(rules.category_id)), (14, 14))
        self.assertEqual((set(rules.mapped("active")), set(rules.mapped("keep"))), ({True}, {False}))
        rules._check_domain()

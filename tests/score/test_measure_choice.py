from odoo.tests import Form, tagged

from ..common import LeadCase


@tagged("post_install", "-at_install")
class TestMeasureChoice(LeadCase):
    """What a criterion can score is offered under headings, each with what it means; its name follows."""

    def criterion(self, **vals):
        return self.env["grading.criterion"].new(vals)

    def names(self, criterion):
        return {choice["value"] for group in criterion.measure_choices for choice in group["choices"]}

    def test_every_measure_stands_under_a_heading_and_is_described(self):
        criteria = [self.criterion(scheme_id=scheme.id) for scheme in (self.scheme(), self.lead_scheme())]
        offered = set().union(*map(self.names, criteria))
        self.assertEqual(offered, {name for name, _label in criteria[0]._selection_measure()})
        for criterion in criteria:
            labels = [group["label"] for group in criterion.measure_choices]
            self.assertEqual(len(set(labels)), len(labels))
            self.assertNotIn("Other", labels)
            for choice in (choice for group in criterion.measure_choices for choice in group["choices"]):
                with self.subTest(measure=choice["value"]):
                    self.assertGreater(len(choice["help"]), 10)
                    self.assertNotIn("logarithm", choice["help"].lower())

    def test_a_scheme_for_leads_offers_what_is_known_of_leads_alone(self):
        criterion = self.criterion(scheme_id=self.lead_scheme().id)
        self.assertLess(len(self.names(criterion)), 15)
        self.assertTrue({"willingness", "engagement"} <= self.names(criterion))
        self.assertNotIn("order_count", self.names(criterion))

    def test_a_scheme_for_customers_offers_nothing_that_comes_from_a_lead(self):
        names = self.names(self.criterion(scheme_id=self.scheme().id))
        self.assertFalse({"willingness", "engagement", "expected_revenue"} & names)
        self.assertTrue({"order_count", "last_call_date"} <= names)

    def test_a_measure_of_another_module_stands_under_other_until_it_says_where(self):
        Measure = self.env["grading.measure"]
        real = type(Measure)._measures
        self.patch(
            self.registry["grading.measure"],
            "_measures",
            lambda self: {**real(self), "order_month": {"label": "Own", "column": "order_count", "source": "order"}},
        )
        [other] = [group for group in Measure._choices("customer") if group["label"] == "Other"]
        self.assertEqual([choice["label"] for choice in other["choices"]], ["Own"])

    def test_what_was_chosen_is_described(self):
        criterion = self.criterion(scheme_id=self.scheme().id, measure="overdue_amount")
        self.assertEqual(criterion.measure_help, "What is open on invoices past their due date.")

    def test_the_name_follows_measure_and_kind_until_a_person_gives_one(self):
        scheme = self.scheme()
        form = Form(self.env["grading.criterion"].with_context(default_scheme_id=scheme.id))
        self.assertEqual(form.name, "Steps")
        form.kind = "linear"
        self.assertEqual(form.name, "Points per unit")
        form.measure = "order_count"
        self.assertEqual(form.name, "Number of orders")
        form.kind = "domain"
        self.assertEqual(form.name, "Filter")
        form.kind = "rank"
        self.assertEqual(form.name, "Number of orders")
        form.name = "How often"
        form.measure = "order_amount"
        form.kind = "linear"
        self.assertEqual(form.name, "How often")

    def test_a_name_that_was_given_in_english_is_known_in_another_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        criterion = self.scheme(criteria=[self.linear("order_count")]).criterion_ids
        chinese = criterion.with_context(lang="zh_CN")
        chinese.measure = "order_months"
        self.assertEqual(chinese.name, chinese._measure_label())
        self.assertNotEqual(chinese.name, "Number of orders")

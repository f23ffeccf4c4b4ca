from datetime import datetime, time

from odoo.tests import freeze_time, tagged

from .care_case import DAY, CareCase


@tagged("post_install", "-at_install")
class TestCareLine(CareCase):
    """My Contacts Due has one line for each customer and user, with all reasons in it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calls = cls.cadence("Calls", "call", unit="month")
        cls.anna = cls.known(last=cls.after(-9), last_call_date=cls.after(-60), next_order_date=cls.after(-3))
        cls.look_after()

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(datetime.combine(DAY, time(12))))
        self.Care = self.env["grading.care"].with_user(self.seller)

    def lines(self, *domain):
        return self.Care.search([("is_line", "=", True), ("company_id", "=", self.company.id), *domain])

    def test_a_customer_has_one_line_with_the_earliest_date_and_all_reasons(self):
        line = self.lines()
        self.assertEqual(line, self.care(self.anna, self.calls))
        self.assertEqual(line.reason_ids, self.calls + self.weekly)
        self.assertTrue(line.is_line)
        self.assertFalse(self.care(self.anna).is_line)

    def test_what_is_not_due_yet_is_no_reason(self):
        self.measure(self.anna, last_online_date=DAY)
        self.look_after()
        self.assertEqual(self.lines().reason_ids, self.calls)

    def test_each_user_has_a_line_for_what_is_theirs(self):
        other = self.salesman("other")
        self.calls.write({"responsible_type": "user", "user_id": other.id})
        self.look_after()
        lines = self.env["grading.care"].search([("is_line", "=", True), ("partner_id", "=", self.anna.id)])
        reasons = {line.user_id: line.reason_ids for line in lines}
        self.assertEqual(reasons, {self.seller: self.weekly, other: self.calls})

    def test_a_line_is_found_by_any_of_its_reasons(self):
        for channel, found in (("online", True), ("call", True), ("visit", False)):
            with self.subTest(channel=channel):
                self.assertEqual(bool(self.lines(("reason_ids.channel", "=", channel))), found)
        self.assertTrue(self.lines(("reason_ids", "in", self.weekly.ids)))
        self.measure(self.anna, last_online_date=DAY)
        self.look_after()
        self.assertFalse(self.lines(("reason_ids.channel", "=", "online")))

    def test_a_lead_is_listed_with_its_customer_and_topic(self):
        known = self.lead("Machines", user_id=self.seller.id, partner_id=self.customer("Cleo").id)
        new = self.lead("Tools", user_id=self.seller.id, partner_name="Nora & Sons")
        for lead in (known, new):
            self.measure(lead, last_online_date=self.after(-9))
        self.look_after()
        lines = self.lines(("lead_id", "!=", False)).sorted("topic")
        self.assertEqual(lines.mapped("customer_name"), ["Cleo", "Nora & Sons"])
        self.assertEqual(lines.mapped("topic"), ["Machines", "Tools"])

    def test_a_line_of_a_lead_is_found_by_whom_it_shows(self):
        known = self.lead("Machines", user_id=self.seller.id, partner_id=self.customer("Cleo").id)
        new = self.lead("Tools", user_id=self.seller.id, partner_name="Nora & Sons", email_from="nora@example.com")
        for lead in (known, new):
            self.measure(lead, last_online_date=self.after(-9))
        self.look_after()
        for text, subject in (("cleo", known), ("machines", known), ("nora &", new), ("nora@", new)):
            self.assertEqual(self.typed("grading_care_view_search", text).lead_id, subject, text)

    def test_no_day_that_is_over_is_expected(self):
        self.assertEqual(self.lines().topic, "An order was expected on 03/01/2026")
        self.measure(self.anna, next_order_date=DAY)
        self.assertEqual(self.lines().topic, "Next order expected on 03/04/2026")

    def test_what_presses_stands_before_the_stage(self):
        stage = self.env["grading.lifecycle"].create({"name": "Grown"})
        self.measure(self.anna, lifecycle_id=stage.id)
        self.assertEqual(self.lines().topic, "An order was expected on 03/01/2026; stage: Grown")
        self.measure(self.anna, open_complaint_count=1)
        self.assertEqual(self.lines().topic, "Open complaints: 1; an order was expected on 03/01/2026; stage: Grown")

    def test_a_line_opens_the_contact_or_lead_on_its_page_grading(self):
        lead = self.lead(user_id=self.seller.id)
        self.measure(lead)
        self.look_after()
        for subject in (self.anna, lead):
            action = self.Care.browse(self.care(subject).id).action_open()
            self.assertEqual((action["res_model"], action["res_id"]), (subject._name, subject.id))
            [(view_id, kind)] = action["views"]
            arch = subject.with_user(self.seller).get_view(view_id, kind)["arch"]
            self.assertIn('autofocus="autofocus"', arch)

    def test_an_e_mail_begins_with_the_template_of_the_cadence(self):
        partner_model, lead_model = (self.env["ir.model"]._get(name) for name in ("res.partner", "crm.lead"))
        template, other = self.env["mail.template"].create(
            [{"name": model.name, "model_id": model.id, "subject": "Hello"} for model in (partner_model, lead_model)]
        )
        self.anna.email = "anna@example.com"
        care = self.Care.browse(self.care(self.anna).id)
        for chosen, used in ((template, template.id), (other, False), (other.browse(), False)):
            self.weekly.template_id = chosen
            self.assertEqual(care.action_mail()["context"]["default_template_id"], used)
        self.weekly.template_id = template
        composer = self.env["mail.compose.message"].with_context(**care.action_mail()["context"]).create({})
        self.assertEqual((composer.subject, composer.partner_ids), ("Hello", self.anna))

    def test_an_e_mail_begins_with_the_template_of_a_further_reason(self):
        model = self.env["ir.model"]._get("res.partner")
        by_call, by_mail = self.env["mail.template"].create(
            [{"name": name, "model_id": model.id} for name in ("By call", "By e-mail")]
        )
        self.anna.email = "anna@example.com"
        self.weekly.template_id = by_mail
        line = self.lines()
        self.assertEqual(line.cadence_id, self.calls)
        self.assertEqual(line.action_mail()["context"]["default_template_id"], by_mail.id)
        self.calls.template_id = by_call
        self.assertEqual(line.action_mail()["context"]["default_template_id"], by_mail.id)
        self.weekly.template_id = False
        self.assertEqual(line.action_mail()["context"]["default_template_id"], by_call.id)

    def test_a_line_opens_in_its_own_company(self):
        other = self.new_company("Other")
        self.seller.company_ids |= other
        for first, second in ((self.company, other), (other, self.company)):
            companies = [first.id, second.id]
            line = self.lines().with_context(allowed_company_ids=companies)
            named = line.action_open().get("context", {}).get("grading_company_id", first.id)
            self.assertEqual(named, self.company.id)

    # ------------------------------------------------------------
    # Calendar
    # ------------------------------------------------------------

    def test_the_calendar_shows_what_is_overdue_on_today(self):
        ahead = self.known("Ahead", last=DAY)
        self.look_after()
        self.assertEqual(self.care(self.anna).next_date, self.after(-2))
        self.assertEqual(self.care(self.anna).calendar_date, DAY)
        self.assertEqual(self.care(ahead).calendar_date, self.after(7))

    def test_it_finds_by_that_day_what_a_comparison_with_it_says(self):
        for name, days in (("Ahead", 0), ("Today", 7), ("Tomorrow", 6)):
            self.known(name, last=self.after(-days))
        never = self.known("Never", last=DAY)
        self.look_after()
        self.force(self.care(never), next_date=None)
        cares = self.env["grading.care"].search([("company_id", "=", self.company.id)])
        compare = {"<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__", "=": "__eq__"}
        for operator, name in compare.items():
            for day in (self.after(-5), self.after(-1), DAY, self.after(1), self.after(7), self.after(8)):
                with self.subTest(operator=operator, day=day):
                    expected = cares.filtered(
                        lambda care, name=name, day=day: care.calendar_date and getattr(care.calendar_date, name)(day)
                    )
                    found = cares.search([("id", "in", cares.ids), ("calendar_date", operator, day)])
                    self.assertEqual(found, expected)

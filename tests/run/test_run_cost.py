from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..measure.interaction_case import AS_OF, InteractionCase

RUN_LOGGER = "odoo.addons.customer_grading.models.run.grading_run_pipeline"


@tagged("post_install", "-at_install")
class TestRunCost(InteractionCase):
    """A run over few customers leaves out what cannot concern them, and does nothing twice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.scheme(
            [cls.matching([("partner_id.city", "=", "Ghent")], 5), cls.linear("order_count", points_max=9)],
            domain="[('order_count', '>=', 0)]",  # of no other rule: the same filter is checked once for all
        )
        cls.lead_scheme()
        cls.rescore()

    def subjects_measured(self, **records):
        """The subjects of the halves that a run goes through."""
        Staging = self.env.registry["grading.worktable"]
        measured = Staging._create_measured
        subjects = []

        def note(staging, rules, *args):
            subjects.append(rules.subject)
            return measured(staging, rules, *args)

        with patch.object(Staging, "_create_measured", note):
            self.rescore(**records)
        return subjects

    def filters_checked(self, act):
        """Names of the rules whose filters are compiled only to check them, while ``act`` is done."""
        checked = []
        Scheme = self.env.registry["grading.scheme"]
        check = Scheme._check_domain

        def note(rules):
            checked.extend(rules.mapped("name"))
            return check(rules)

        with patch.object(Scheme, "_check_domain", note):
            act()
        return checked

    def contacts_select(self, customer, unused=()):
        """The contacts with a customer, by all ways or without the ``unused`` ones."""
        Source, contacts = self.env["grading.contact.source"], self.env["grading.population"]._contacts(customer)
        select = Source._contacts_select(contacts, Source._leads_of(contacts), "UTC", unused=unused)
        return sorted(map(str, self.env.execute_query(select)))

    def unused_ways(self, customer):
        Source, contacts = self.env["grading.contact.source"], self.env["grading.population"]._contacts(customer)
        return Source._unused_ways(contacts, Source._leads_of(contacts))

    def test_customers_without_a_lead_and_leads_without_a_customer_go_through_one_half(self):
        self.assertEqual(self.subjects_measured(partners=self.cleo), ["customer"])
        lead = self.lead("Without a contact")
        self.assertEqual(self.subjects_measured(leads=lead), ["lead"])
        self.assertTrue(self.lead_profile(lead).scheme_id)
        lead.partner_id = self.cora
        self.assertEqual(self.subjects_measured(partners=self.cleo), ["lead", "customer"])
        self.assertEqual(self.subjects_measured(), ["lead", "customer"])

    def test_a_filter_that_has_passed_is_not_checked_again_that_day(self):
        self.env.registry.clear_cache()
        self.assertIn(self.rule.name, self.filters_checked(self.rescore))
        self.assertEqual(self.filters_checked(lambda: self.rescore(partners=self.cleo)), [])
        tomorrow = self.company._grading_today() + timedelta(days=1)
        with patch.object(self.env.registry["res.company"], "_grading_today", lambda company: tomorrow):
            self.assertIn(self.rule.name, self.filters_checked(self.rescore))

    def test_a_filter_that_was_changed_behind_the_cache_is_named(self):
        self.force(self.rule, domain="[('x_gone', '=', 1)]")
        for _time in range(2):  # what has failed is checked each time
            with mute_logger(RUN_LOGGER):
                run = self.env["grading.run"]._rescore(partners=self.cleo)
            self.assertEqual(run.state, "failed")
            self.assertIn("x_gone", run.message)

    def test_after_a_run_that_broke_off_each_filter_is_checked_again(self):
        Run = self.env.registry["grading.run"]
        with mute_logger(RUN_LOGGER, "odoo.addons.customer_grading.models.run.grading_run"):
            with patch.object(Run, "_run_pipeline", side_effect=ValueError("a value out of range")):
                run = self.env["grading.run"]._rescore(partners=self.cleo)
            self.assertEqual((run.state, run.message), ("failed", "a value out of range"))
        self.assertIn(self.rule.name, self.filters_checked(lambda: self.rescore(partners=self.cleo)))

    def test_a_filter_on_a_field_that_was_removed_is_named(self):
        model = self.env["ir.model"]._get("res.partner")
        values = {"name": "x_tier", "model_id": model.id, "ttype": "char", "field_description": "Tier"}
        field = self.env["ir.model.fields"].create(values)
        self.rule.domain = "[('partner_id.x_tier', '=', 'a')]"
        self.rescore()
        field.unlink()
        with mute_logger(RUN_LOGGER):
            run = self.env["grading.run"]._rescore(partners=self.cleo)
        self.assertIn("x_tier", run.message)

    def test_ways_that_lead_nowhere_are_left_out_and_nothing_is_lost(self):
        leads = self.env["crm.lead"]
        steps = {
            "message_on_lead": lambda: self.message(self.lead("Deal", partner_id=self.cora.id), AS_OF),
            "message_written": lambda: self.said(self.env["res.partner"], "email", author=self.cora),
            "message_sent": lambda: self.said(self.sale, to=self.carl),
            "meeting_invited": lambda: self.meeting_with(self.cora),
            "meeting_about_lead": lambda: self.meeting(leads.search([("partner_id", "=", self.cora.id)]), AS_OF),
        }
        for way, act in steps.items():
            with self.subTest(way):
                self.assertIn(way, self.unused_ways(self.cleo))
                before = len(self.contacts_select(self.cleo))
                act()
                self.env.flush_all()
                found, unused = self.contacts_select(self.cleo), self.unused_ways(self.cleo)
                self.assertNotIn(way, unused)
                self.assertGreater(len(found), before)
                self.assertEqual(self.contacts_select(self.cleo, unused), found)

    def test_what_several_sources_have_to_know_is_asked_once(self):
        Measure, Population = self.env["grading.measure"], self.env["grading.population"]
        contacts, others = Population._contacts(self.cleo), Population._contacts(self.sam)
        lines, lines_of_others = (Measure._lines_with_credit_notes(AS_OF, scope) for scope in (contacts, others))
        self.env.flush_all()
        with self.assertQueryCount(1), Measure._asking_once(contacts):
            for _time in range(3):
                self.assertFalse(Measure._is_any(lines, contacts))
            self.assertTrue(Measure._is_any(lines_of_others, others))
        with self.assertQueryCount(1):
            self.assertFalse(Measure._is_any(lines_of_others, others))

    def test_a_message_that_a_recipient_got_though_it_did_not_arrive_on_the_lead(self):
        """Cora got the message by the sender's own e-mail; the only notification, to a stranger, has failed."""
        lead = self.lead("Deal", partner_id=self.cora.id)
        stranger = self.customer("Stranger")
        message = self.said(lead, "email_outgoing", to=self.cora)
        self.env["mail.notification"].create(
            {
                "mail_message_id": message.id,
                "res_partner_id": stranger.id,
                "notification_type": "email",
                "notification_status": "bounce",
            }
        )
        self.env.flush_all()
        Source, contacts = self.env["grading.contact.source"], self.env["grading.population"]._contacts(self.cleo)
        select = Source._contacts_select(contacts, Source._leads_of(contacts), "UTC")
        rows = {key: (partner, lead_id) for key, _meeting, partner, lead_id, *_rest in self.env.execute_query(select)}
        self.assertEqual(rows[message.id], (self.cleo.id, None))

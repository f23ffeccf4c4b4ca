from datetime import date, timedelta
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import GradingCase

AS_OF = date(2025, 3, 10)
LOGGER = "odoo.addons.customer_grading.models.lifecycle.grading_lifecycle_automation"


@tagged("post_install", "-at_install")
class TestAutomation(GradingCase):
    """Entering a stage starts the automation of the stage, once, for all customers that enter it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.scheme()
        cls.prospect, cls.buyer = cls.env["grading.lifecycle"].create(
            [
                {"name": "Prospect", "sequence": 1, "domain": "[('order_count', '=', 0)]"},
                {"name": "Buyer", "sequence": 2},
            ]
        )

    def automation(self, code, stage=None, **vals):
        action = self.env["ir.actions.server"].create(
            {
                "name": "Greet",
                "model_id": self.env.ref("base.model_res_partner").id,
                "state": "code",
                "code": code,
                **vals,
            }
        )
        (stage or self.buyer).action_server_id = action
        return action

    def buyers(self, *names):
        partners = self.env["res.partner"]
        for name in names:
            partners += self.customer(name)
            self.order(partners[-1], 10, date(2025, 1, 1))
        return partners

    def test_all_who_enter_are_handed_over_at_once(self):
        partners = self.buyers("One", "Two", "Three")
        self.automation("records.write({'function': str(len(records))})")
        self.rescore(as_of=self.today)
        self.assertEqual(partners.mapped("function"), ["3", "3", "3"])

    def test_a_customer_who_stays_in_the_stage_is_not_handed_over_again(self):
        [partner] = self.buyers("One")
        self.automation("records.write({'function': (record.function or '') + 'x'})")
        self.rescore(as_of=self.today)
        self.order(partner, 10, date(2025, 2, 1))
        self.rescore(as_of=self.today)
        self.assertEqual(partner.function, "x")

    def test_a_customer_who_comes_back_to_a_stage_is_handed_over_again(self):
        [partner] = self.buyers("One")
        self.automation("records.write({'function': (record.function or '') + 'x'})")
        self.rescore(as_of=self.today)
        order = self.env["sale.order"].search([("partner_id", "=", partner.id)])
        self.force(order, state="cancel")
        self.rescore(as_of=self.today)
        self.assertEqual(self.profile(partner).lifecycle_id, self.prospect)
        self.force(order, state="sale")
        self.rescore(as_of=self.today)
        self.assertEqual(partner.function, "xx")

    def test_it_works_as_odoobot_in_the_company_of_the_run(self):
        [partner] = self.buyers("One")
        self.automation("record.write({'function': '%s %s' % (env.company.id, env.uid)})")
        self.rescore(as_of=self.today)
        self.assertEqual(partner.function, f"{self.company.id} {self.env.ref('base.user_root').id}")

    @mute_logger(LOGGER)
    def test_a_customer_for_whom_it_fails_does_not_keep_it_from_the_others(self):
        partners = self.buyers("Good", "Bad", "Better", "Best", "Fine")
        self.automation(
            "for partner in records:\n"
            "    partner.write({'function': 'greeted'})\n"
            "    if partner.name == 'Bad':\n"
            "        raise UserError('No address')"
        )
        run = self.env["grading.run"]._rescore(as_of=self.today)
        self.assertEqual(partners.mapped("function"), ["greeted", False, "greeted", "greeted", "greeted"])
        self.assertEqual(run.state, "done")
        for word in ("Greet", "Buyer", "Bad", "No address"):
            self.assertIn(word, run.automation_errors)
        self.assertNotIn("Good", run.automation_errors)
        self.assertEqual({self.profile(partner).lifecycle_id for partner in partners}, {self.buyer})
        self.assertEqual(run.profile_count, 5)

    @mute_logger(LOGGER)
    def test_an_automation_that_always_fails_is_given_up(self):
        self.buyers(*(f"Customer {number}" for number in range(30)))
        self.automation("raise UserError('Never')")
        run = self.env["grading.run"]._rescore(as_of=self.today)
        self.assertIn("It was not started for 20 others.", run.automation_errors)
        self.assertEqual(run.automation_errors.count("Never"), 1)

    @mute_logger(LOGGER)
    def test_a_customer_for_whom_it_failed_is_handed_over_in_the_next_full_run(self):
        partners = self.buyers(*(f"Customer {number}" for number in range(15)))
        action = self.automation("raise UserError('No line')")
        self.rescore(as_of=self.today)
        waiting = self.env["grading.automation"].search([])
        self.assertEqual((waiting.partner_id, len(waiting.filtered("error"))), (partners, 10))
        action.code = "records.write({'function': 'greeted'})"
        self.rescore(as_of=self.today, partners=partners[0])
        self.assertEqual(set(partners.mapped("function")), {False})
        run = self.rescore(as_of=self.today)
        self.assertEqual(set(partners.mapped("function")), {"greeted"})
        self.assertFalse(waiting.exists())
        self.assertFalse(run.automation_errors)

    @mute_logger(LOGGER)
    def test_a_run_of_an_earlier_day_starts_no_waiting_automation_and_forgets_none(self):
        [partner] = self.buyers("One")
        action = self.automation("raise UserError('No line')")
        self.rescore(as_of=self.today)
        action.code = "records.write({'function': (record.function or '') + 'x'})"
        for day in (self.today - timedelta(days=1), date(2024, 1, 1)):
            self.rescore(as_of=day)
            self.assertFalse(partner.function)
            self.assertEqual(self.env["grading.automation"].search([]).partner_id, partner)
        self.rescore(as_of=self.today)
        self.assertEqual(partner.function, "x", "once, though he waited for it and has come back")
        self.assertFalse(self.env["grading.automation"].search([]))

    @mute_logger(LOGGER)
    def test_a_customer_waiting_who_comes_back_and_fails_again_waits_once(self):
        [partner] = self.buyers("One")
        self.automation("raise UserError('No line')")
        self.rescore(as_of=self.today)
        order = self.env["sale.order"].search([("partner_id", "=", partner.id)])
        for state in ("cancel", "sale"):
            self.force(order, state=state)
            self.rescore(as_of=self.today, partners=partner)
        self.assertEqual(self.profile(partner).lifecycle_id, self.buyer)
        self.assertEqual(self.env["grading.automation"].search([]).partner_id, partner)

    @mute_logger(LOGGER)
    def test_a_customer_who_has_left_the_stage_meanwhile_is_not_handed_over(self):
        [partner] = self.buyers("One")
        action = self.automation("raise UserError('No line')")
        self.rescore(as_of=self.today)
        self.force(self.env["sale.order"].search([("partner_id", "=", partner.id)]), state="cancel")
        action.code = "records.write({'function': 'greeted'})"
        self.rescore(as_of=self.today)
        self.assertFalse(partner.function)
        self.assertFalse(self.env["grading.automation"].search([]))

    @mute_logger(LOGGER)
    def test_no_customer_is_handed_over_more_than_twice_in_a_run(self):
        self.buyers(*(f"Customer {number}" for number in range(30)))
        seen = []
        action = self.automation("raise UserError('never reached')")

        def run(action):
            seen.extend(action.env.context["active_ids"])
            raise ValueError

        with patch.object(self.env.registry["ir.actions.server"], "run", run):
            self.rescore(as_of=self.today)
        self.assertEqual(action, self.buyer.action_server_id)
        self.assertLessEqual(max(map(seen.count, seen)), 2)

    def test_looking_at_an_earlier_day_starts_nothing(self):
        [partner] = self.buyers("One")
        self.automation("records.write({'function': 'greeted'})")
        self.rescore(as_of=self.today - timedelta(days=1))
        self.assertEqual(self.profile(partner).lifecycle_id, self.buyer)
        self.assertFalse(partner.function)

    def test_an_automation_for_some_groups_only_is_refused(self):
        group = self.env.ref("base.group_system")
        with self.assert_refused("Greet", "Buyer", "without groups", error=ValidationError):
            self.automation("pass", group_ids=[Command.link(group.id)])

    @mute_logger(LOGGER)
    def test_an_automation_that_has_become_one_on_something_else_is_not_started(self):
        [partner] = self.buyers("One")
        action = self.automation("records.write({'name': 'Hit'})")
        action.model_id = self.env.ref("crm.model_crm_lead")
        run = self.rescore(as_of=self.today)
        self.assertIn("choose one on contacts", run.automation_errors)
        self.assertEqual(partner.name, "One")

    def test_an_automation_on_something_else_than_contacts_is_refused(self):
        model = self.env.ref("crm.model_crm_lead")
        with self.assert_refused("Greet", "Buyer", "contacts", error=ValidationError):
            self.automation("pass", model_id=model.id)

    def test_only_administrators_see_and_choose_automations(self):
        stage = self.buyer.with_user(self.manager())
        self.assertNotIn("action_server_id", stage.fields_get())
        stage.name = "Customer"
        self.assertEqual(self.buyer.name, "Customer")


@tagged("post_install", "-at_install")
class TestSinceWhen(GradingCase):
    """The profile keeps since when a customer is in the stage."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scheme()
        cls.first, cls.more = cls.env["grading.lifecycle"].create(
            [{"name": "First", "sequence": 1, "domain": "[('order_count', '=', 1)]"}, {"name": "More", "sequence": 2}]
        )
        cls.buyer = cls.customer("Buyer")
        cls.order(cls.buyer, 1, date(2025, 1, 1))

    def since(self, as_of):
        self.rescore(as_of=as_of)
        profile = self.profile(self.buyer)
        return profile.lifecycle_id, profile.lifecycle_since

    def become_first(self):
        """The first run of the company is over: the stage of the buyer, and the day on which it is found."""
        self.since(date(2024, 12, 31))
        return self.since(date(2025, 1, 2))

    def test_it_is_unknown_where_the_first_run_of_a_company_finds_it(self):
        self.assertEqual(self.since(date(2025, 1, 2)), (self.first, False))
        self.assertEqual(self.since(date(2025, 1, 9)), (self.first, False))

    def test_it_is_the_day_of_the_change_forward_and_back(self):
        self.assertEqual(self.become_first(), (self.first, date(2025, 1, 2)))
        self.assertEqual(self.since(date(2025, 1, 9)), (self.first, date(2025, 1, 2)))
        order = self.order(self.buyer, 1, date(2025, 1, 10))
        self.assertEqual(self.since(date(2025, 1, 11)), (self.more, date(2025, 1, 11)))
        self.force(order, state="cancel")
        self.assertEqual(self.since(date(2025, 1, 12)), (self.first, date(2025, 1, 12)))

    def test_a_customer_without_a_stage_has_no_day_of_it(self):
        self.since(date(2025, 1, 2))
        (self.first + self.more).active = False
        self.assertEqual(self.since(date(2025, 1, 3)), (self.env["grading.lifecycle"], False))

    def test_a_broken_stage_leaves_the_day_as_it_is(self):
        self.become_first()
        self.force(self.more, domain="[('gone', '=', 1)]")
        self.env["grading.run"]._rescore(as_of=date(2025, 1, 5))
        self.assertEqual(self.profile(self.buyer).lifecycle_since, date(2025, 1, 2))

    def test_customers_are_sorted_and_found_by_it(self):
        self.become_first()
        Partner = self.env["res.partner"]
        found = Partner.search([("grading_lifecycle_since", "=", "2025-01-02")], order="grading_lifecycle_since")
        self.assertEqual(found, self.buyer)

    def test_using_other_stages_archives_the_former_ones(self):
        other = self.env["grading.lifecycle"].create({"name": "Other", "active": False})
        other.action_use_only()
        self.assertEqual(self.env["grading.lifecycle"].search([]), other)
        self.assertEqual(self.since(date(2025, 1, 2))[0], other)


@tagged("post_install", "-at_install")
class TestComparison(GradingCase):
    """How a customer buys against the others and against the own past."""

    AS_OF = date(2025, 6, 30)
    THIS_YEAR, LAST_YEAR = date(2025, 1, 15), date(2024, 1, 15)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scheme([cls.linear("order_amount_change", points_min=-100), cls.band("top_12m", [(0, 1), (1, 0)]),
                    cls.band("top_prev_12m", [(0, 1), (1, 0)])], [(cls.bronze, -100)])  # fmt: skip
        cls.buyers = cls.env["res.partner"].create([{"name": f"Buyer {number}"} for number in range(1, 41)])
        cls.insert_orders(
            [
                (buyer.id, day, amount, 1, "sale")
                for number, buyer in enumerate(cls.buyers, 1)
                for day, amount in ((cls.LAST_YEAR, 100 * number), (cls.THIS_YEAR, 100 * (41 - number)))
            ]
        )

    def values(self, name):
        return [self.profile(buyer)[name] for buyer in self.buyers]

    def test_the_best_percents_are_of_those_who_bought(self):
        silent = self.customer("Silent")
        self.order(silent, 5000, date(2020, 1, 1))
        self.rescore(as_of=self.AS_OF)
        self.assertEqual(self.values("top_prev_12m"), [False] * 32 + ["20"] * 6 + ["5"] * 2)
        self.assertEqual(self.values("top_12m"), ["5"] * 2 + ["20"] * 6 + [False] * 32)
        self.assertFalse(self.profile(silent).top_prev_12m)

    def test_a_customer_who_ties_with_the_last_is_in(self):
        tie = self.customer("Tie")
        self.order(tie, 3900, self.LAST_YEAR)
        self.rescore(as_of=self.AS_OF)
        self.assertEqual(self.profile(tie).top_prev_12m, "5")
        self.assertEqual(self.values("top_prev_12m").count("5"), 2)

    def test_a_few_are_scored_as_they_would_be_among_all(self):
        self.rescore(as_of=self.AS_OF)
        before = self.values("top_12m")
        newcomer = self.customer("Newcomer")
        self.order(newcomer, 3900, self.THIS_YEAR)
        self.rescore(as_of=self.AS_OF, partners=newcomer + self.buyers[0])
        self.assertEqual(self.profile(newcomer).top_12m, "5")
        self.assertEqual(self.values("top_12m"), before)

    def test_a_first_run_over_a_few_becomes_one_over_all_customers(self):
        run = self.rescore(as_of=self.AS_OF, partners=self.buyers[0])
        self.assertEqual((run.scope, run.profile_count), ("full", 40))

    def test_without_any_buyer_no_customer_is_among_the_best(self):
        self.rescore(as_of=date(2030, 1, 1))
        self.assertEqual(set(self.values("top_12m")), {False})

    def test_the_change_is_a_percentage_and_unknown_without_a_year_before(self):
        newcomer = self.customer("Newcomer")
        self.order(newcomer, 100, self.THIS_YEAR)
        self.rescore(as_of=self.AS_OF)
        self.assertEqual(self.values("order_amount_change")[0], 3900)
        self.assertEqual(self.values("order_amount_change")[39], -97.5)
        self.assertIs(self.profile(newcomer).order_amount_change, False)

    def test_gold_customers_who_buy_less_are_found(self):
        self.rescore(as_of=self.AS_OF)
        found = self.env["res.partner"].search(
            [("grading_top_prev_12m", "!=", False), ("grading_order_amount_change", "<=", -30)]
        )
        self.assertEqual(found, self.buyers[32:])

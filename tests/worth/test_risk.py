from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import LeadCase


@tagged("post_install", "-at_install")
class TestRisk(LeadCase):
    """Why a customer is at risk, and which calls are worth most to a salesperson today."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.scheme()
        cls.rep = cls.salesman()
        cls.colleague = cls.salesman("grading_colleague")

    def regular(self, name, silent, interval=30, amount=100, user=None, orders=6):
        """A customer who ordered every ``interval`` days, the last time ``silent`` days ago."""
        partner = self.customer(name, user_id=(user or self.rep).id)
        for place in range(orders):
            self.order(partner, amount, self.today - timedelta(silent + interval * place))
        return partner

    def calls(self, user=None):
        return self.env["grading.profile"].with_user(user or self.rep).get_worth_calling()

    def test_a_silence_is_told_beside_the_usual_one(self):
        silent, usual = self.regular("Silent", 97), self.regular("Usual", 40)
        once, new = self.customer("Once"), self.customer("New")
        self.order(once, 100, self.today - timedelta(50))
        self.order(new, 100, self.today - timedelta(1))
        self.rescore()
        self.assertEqual(self.profile(silent).risk_reason, "Silent for 97 days, usually 30")
        self.assertGreater(self.profile(usual).amount_at_risk, 0)
        self.assertEqual(self.profile(usual).risk_reason, "Last order 40 days ago", "money at risk has a reason")
        self.assertEqual(self.profile(once).risk_reason, "One order only, 50 days ago")
        self.assertEqual(self.profile(new).risk_reason, "One order only, yesterday")

    def test_the_usual_silence_is_one_between_days_with_an_order(self):
        """Two orders of one day are one visit."""
        twice, at_once = self.customer("Twice"), self.customer("At once")
        for silent in (97, 97, 127, 127):
            self.order(twice, 100, self.today - timedelta(silent))
        for _order in range(2):
            self.order(at_once, 100, self.today - timedelta(300))
        self.rescore()
        self.assertEqual(self.profile(twice).risk_reason, "Silent for 97 days, usually 30")
        self.assertEqual(self.profile(at_once).risk_reason, "Last order 300 days ago")

    def test_complaints_invoices_and_falling_amounts_are_told(self):
        profile = self.profile(self._scored("Ada"))
        profile.sudo().write({"open_complaint_count": 1, "overdue_invoice_count": 2, "order_amount_change": -45.4})
        self.assertEqual(profile.risk_reason, "Complaint open; 2 invoices overdue; 45 % less than in the year before")
        profile.sudo().write({"open_complaint_count": 3, "overdue_invoice_count": 1, "order_amount_change": -29})
        self.assertEqual(profile.risk_reason, "3 complaints open; an invoice overdue")

    def test_late_payments_are_told_from_two_weeks_on(self):
        profile = self.profile(self._scored("Ada"))
        epoch = date(2020, 1, 1)
        since = (self.today - epoch).days
        for paid, overdue, late_days, expected in (
            (2, 0, 42, "Pays 21 days late on average"),
            (3, 0, 42, "Pays 14 days late on average"),
            (4, 0, 42, ""),
            (1, 0, 42, ""),  # once is no habit
            (0, 2, -since, "2 invoices overdue"),
            # One is open, 30 days late, and two were paid 24 days late.
            (2, 1, 48 + 30 - since, "An invoice overdue; pays 26 days late on average"),
        ):
            profile.sudo().write(
                {"due_invoice_count": paid + overdue, "overdue_invoice_count": overdue, "late_days": late_days}
            )
            with self.subTest(paid=paid, overdue=overdue, late_days=late_days):
                self.assertEqual(profile.risk_reason, expected)

    def due(self, partners):
        """Contacts of the salesperson that are due today."""
        cadence = self.env["grading.cadence"].create({"name": "Call", "channel": "call", "company_id": self.company.id})
        return (
            self.env["grading.care"]
            .sudo()
            .create(
                [
                    {
                        "profile_id": self.profile(partner).id,
                        "partner_id": partner.id,
                        "company_id": self.company.id,
                        "cadence_id": cadence.id,
                        "channel": "call",
                        "start_date": self.today - timedelta(30),
                        "next_date": self.today,
                        "user_id": self.rep.id,
                    }
                    for partner in partners
                ]
            )
        )

    def _scored(self, name):
        partner = self.regular(name, 10)
        self.rescore()
        self.profile(partner).sudo().amount_at_risk = 0
        return partner

    def test_at_stake_is_the_risk_of_a_customer_and_the_revenue_of_a_lead(self):
        partner = self.regular("Ada", 97)
        lead = self.lead("Big deal", expected_revenue=5000, user_id=self.rep.id)
        self.rescore()
        profile = self.profile(partner)
        self.assertGreater(profile.amount_at_risk, 0)
        self.assertEqual(profile.amount_at_stake, profile.amount_at_risk)
        self.assertEqual(self.lead_profile(lead).amount_at_stake, 5000)
        both = profile | self.lead_profile(lead)
        ordered = both.search([("id", "in", both.ids)], order="amount_at_stake desc")
        self.assertEqual(ordered, both.sorted("amount_at_stake", reverse=True))

    def test_with_a_lost_customer_nothing_is_at_stake_and_none_of_the_calls_is_theirs(self):
        """Even if a contact with them is due: they stand in the list, after those who can be kept."""
        kept, lost = self.regular("Kept", 80, amount=90), self.regular("Lost", 80, amount=900)
        self.rescore()
        cares = self.due(lost + kept).with_user(self.rep)
        self.assertEqual([call["record"] for call in self.calls()], [lost.id, kept.id])
        self.profile(lost).sudo().lost_date = self.today
        self.env.invalidate_all()
        self.assertEqual(self.profile(lost).amount_at_stake, 0)
        self.assertEqual(cares.mapped("amount_at_stake"), [0, self.profile(kept).amount_at_risk])
        ordered = cares.search([("id", "in", cares.ids)], order="amount_at_stake desc")
        self.assertEqual(ordered.partner_id, kept + lost)
        self.assertEqual([call["record"] for call in self.calls()], [kept.id])

    def test_the_calls_are_the_users_own_with_the_most_at_stake_first(self):
        large, small = self.regular("Large", 80, amount=900), self.regular("Small", 80, amount=90)
        self.regular("Busy", 2, amount=5000)
        self.regular("Not mine", 80, amount=9000, user=self.colleague)
        self.rescore()
        self.assertEqual([call["record"] for call in self.calls()], [large.id, small.id])
        call = self.calls()[0]
        self.assertEqual(call["reason"], "Silent for 80 days, usually 30")
        self.assertEqual(call["model"], "res.partner")
        self.assertIn("Large", call["name"])
        amount = round(self.profile(large).amount_at_risk)
        self.assertGreater(amount, 1000)
        self.assertEqual(call["amount"], f"{amount:,}\N{NO-BREAK SPACE}€", "no cents in a headline")
        self.assertEqual(call["grade"], self.profile(large).grade_id.name)

    def test_a_customer_of_one_large_order_who_begins_to_decline_is_named(self):
        once, new = self.customer("Once", user_id=self.rep.id), self.customer("New", user_id=self.rep.id)
        self.order(once, 5000, self.today - timedelta(60))
        self.order(new, 9000, self.today - timedelta(3))
        self.rescore()
        self.profile(once).sudo().write({"decline_date": self.today, "lost_date": self.today + timedelta(30)})
        self.profile(new).sudo().write({"decline_date": self.today + timedelta(1), "amount_at_risk": 10})
        self.assertEqual([call["record"] for call in self.calls()], [once.id])
        self.profile(once).sudo().lost_date = self.today
        self.assertEqual(self.calls(), [], "lost")

    def test_who_was_in_touch_lately_is_not_named_and_no_more_than_five_are(self):
        partners = [self.regular(f"Customer {place}", 80, amount=100 * (place + 1)) for place in range(7)]
        self.rescore()
        self.assertEqual([call["record"] for call in self.calls()], [p.id for p in reversed(partners[2:])])
        self.profile(partners[6]).sudo().last_call_date = self.today - timedelta(2)
        self.assertNotIn(partners[6].id, [call["record"] for call in self.calls()])
        self.profile(partners[6]).sudo().last_call_date = self.today - timedelta(8)
        self.assertIn(partners[6].id, [call["record"] for call in self.calls()])

    def test_who_is_not_to_be_disturbed_is_not_named_and_a_number_on_the_blacklist_not_dialled(self):
        quiet, called = self.regular("Quiet", 80, amount=900), self.regular("Called", 80, amount=500)
        called.phone = "+32 475 12 34 56"
        self.rescore()
        self.assertEqual([call["record"] for call in self.calls()], [quiet.id, called.id])
        self.assertEqual(self.calls()[1]["phone"], called.phone)
        quiet.grading_do_not_disturb = True
        self.env["phone.blacklist"].sudo()._add([called.phone_sanitized])
        self.env.invalidate_all()  # whether a number is on the list is computed
        [call] = self.calls()
        self.assertEqual((call["record"], call["phone"]), (called.id, ""))

    def test_due_contacts_are_named_and_sorted_by_what_is_at_stake(self):
        large, small = self.regular("Large", 20, amount=900), self.regular("Small", 20, amount=90)
        self.rescore()
        cares = self.due(small + large)
        self.assertEqual([call["record"] for call in self.calls()], [large.id, small.id])
        mine = cares.with_user(self.rep)
        ordered = mine.search([("id", "in", cares.ids)], order="amount_at_stake desc")
        self.assertEqual(ordered.partner_id.mapped("name"), ["Large", "Small"])
        self.assertEqual(ordered[0].amount_at_stake, self.profile(large).amount_at_risk)
        # The figures of another's customer stay hidden, and sort as unknown.
        large.user_id = self.colleague
        self.env.invalidate_all()
        hidden = mine.search([("id", "in", cares.ids)], order="amount_at_stake desc")
        self.assertEqual(hidden.partner_id.mapped("name"), ["Small", "Large"])
        self.assertIs(hidden[1].amount_at_stake, False)

    def test_a_salesperson_reads_what_is_at_stake_with_an_own_lead(self):
        lead = self.lead("Big deal", expected_revenue=5000, user_id=self.rep.id)
        self.rescore()
        profile = self.lead_profile(lead).with_user(self.rep)
        self.assertEqual(profile.amount_at_stake, 5000)
        self.assertEqual(profile.search([("id", "=", profile.id)], order="amount_at_stake desc"), profile)
        cadence = self.env["grading.cadence"].create({"name": "Call", "channel": "call"})
        care = (
            self.env["grading.care"]
            .sudo()
            .create(
                {
                    "profile_id": profile.id,
                    "lead_id": lead.id,
                    "company_id": self.company.id,
                    "cadence_id": cadence.id,
                    "channel": "call",
                    "start_date": self.today,
                    "next_date": self.today,
                    "user_id": self.rep.id,
                }
            )
        )
        self.env.invalidate_all()
        [row] = care.with_user(self.rep).read(["amount_at_stake"])
        self.assertEqual(row["amount_at_stake"], 5000)
        self.assertEqual([call["record"] for call in self.calls()], [lead.id])

    def test_the_list_at_risk_finds_those_who_are_not_lost_by_money(self):
        large, small = self.regular("Large", 80, amount=900), self.regular("Small", 80, amount=90)
        lost = self.regular("Lost", 900, amount=9000)
        self.rescore()
        self.assertLessEqual(self.profile(lost).lost_date, self.today)
        domain = [("grading_amount_at_risk", ">", 0), ("grading_lost_date", ">", "today")]
        found = self.env["res.partner"].with_user(self.rep).search(domain, order="grading_amount_at_risk desc")
        self.assertEqual(found, large + small)
        self.assertEqual(found[0].grading_risk_reason, "Silent for 80 days, usually 30")

    def test_portal_users_learn_nothing(self):
        self.regular("Ada", 80)
        self.rescore()
        with self.assertRaises(AccessError):
            self.calls(self.portal())
        self.assertEqual(self.calls(self.colleague), [])

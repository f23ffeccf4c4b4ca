from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from odoo.addons.customer_grading.models.mail_activity_type import OWNER_ACTIVITY

from .care_case import DAY
from .owner_case import OwnerCase

# Gold is contacted every week: a fortnight after the last contact is twice the rhythm, and then one is late.
LAST_CONTACT = OwnerCase.after(-14)


@tagged("post_install", "-at_install")
class TestOwnerPool(OwnerCase):
    """Leads and prospects that are neglected go back to the pool, after a warning."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.grading_pool = True

    def neglected(self, name="Lead", last=LAST_CONTACT, **vals):
        """A Gold lead of Ada's, looked after for long, and last contacted on the day ``last``."""
        lead = self.lead(name, **{"user_id": self.ada.id, **vals})
        self.measure(lead, last_online_date=last, order_count=0)
        return self.start_early(lead)

    def prospect(self, name="Prospect", last=LAST_CONTACT, **measures):
        partner = self.customer(name, user_id=self.ada.id)
        self.measure(partner, last_online_date=last, **{"order_count": 0, **measures})
        return self.start_early(partner)

    def open_warnings(self):
        moves = self.env["grading.ownership"].search([("is_open", "=", True), ("company_id", "=", self.company.id)])
        return moves.lead_id or moves.partner_id

    def start_early(self, subject):
        """Have somebody looked after, and that since long ago."""
        self.look_after()
        self.force(self.care(subject), start_date=self.after(-99))
        return subject

    def test_nothing_happens_unless_the_team_has_a_pool(self):
        self.team.grading_pool = False
        lead, prospect = self.neglected(), self.prospect()
        for days in (0, 30):
            self.assertEqual(self.keep_pool(self.after(days)), 0)
        self.assertEqual(lead.user_id + prospect.user_id, self.ada)
        self.assertFalse(self.moves(lead) + self.moves(prospect))

    def test_the_owner_is_warned_in_time_and_then_loses_it_after_twice_the_rhythm(self):
        lead, prospect = self.neglected(), self.prospect()
        self.assertEqual(self.keep_pool(self.after(-3)), 0)
        self.assertEqual(self.keep_pool(self.after(-2)), 2)
        for days in (-2, -1, 0):
            self.assertEqual(self.keep_pool(self.after(days)), 0)
        self.assertEqual(lead.user_id + prospect.user_id, self.ada)
        self.assertEqual(self.keep_pool(self.after(1)), 2)
        self.assertFalse(lead.user_id + prospect.user_id)
        self.assertEqual(lead.team_id, self.team)
        for subject in (lead, prospect):
            self.assertEqual(self.moves(subject), [("warned", "Ada", "Ada"), ("pooled", "Ada", False)])

    def test_the_warning_is_an_activity_that_names_the_day_and_goes_with_the_owner(self):
        lead = self.neglected()
        self.keep_pool(self.after(-2))
        [warning] = self.told(lead)
        self.assertEqual(warning.user_id, self.ada)
        self.assertIn("03/05/2026", warning.note)
        self.assertEqual(self.env["grading.ownership"].search([("lead_id", "=", lead.id)]).pool_date, self.after(1))
        self.keep_pool(self.after(1))
        self.assertFalse(self.told(lead))

    def test_who_ticks_the_warning_off_and_is_in_touch_with_nobody_loses_it_all_the_same(self):
        lead, prospect = self.neglected(), self.prospect()
        self.keep_pool(self.after(-2))
        for subject in (lead, prospect):
            warning = self.told(subject)
            self.assertEqual(warning.activity_type_id.grading_channel, "none")
            with freeze_time(f"{self.after(-1)} 12:00:00"):
                warning.with_user(self.ada).action_feedback()
        sources = self.env["grading.contact.source"]
        contacts = SQL("(SELECT id, commercial_partner_id FROM res_partner WHERE id = %s)", prospect.id)
        leads = SQL("(SELECT id FROM crm_lead WHERE id = %s)", lead.id)
        self.env.flush_all()
        self.assertFalse(self.env.execute_query(sources._contacts_select(contacts, leads, "UTC")))
        self.assertEqual(self.keep_pool(self.after(1)), 2)
        self.assertFalse(lead.user_id + prospect.user_id)

    def test_the_type_of_what_owners_are_told_can_not_be_deleted_and_without_it_nothing_is_a_contact(self):
        kind = self.env.ref(OWNER_ACTIVITY)
        with self.assert_refused(kind.name):
            kind.unlink()
        self.env["ir.model.data"].search([("model", "=", kind._name), ("res_id", "=", kind.id)]).unlink()
        lead = self.neglected()
        self.keep_pool(self.after(-2))
        self.assertFalse(self.told(lead).activity_type_id)
        self.assertTrue(self.told(lead).user_id)

    def test_whoever_is_warned_late_still_has_all_the_days_of_the_warning(self):
        lead = self.neglected(last=self.after(-60))
        self.keep_pool()
        self.assertEqual(self.keep_pool(self.after(2)), 0)
        self.assertEqual(lead.user_id, self.ada)
        self.assertEqual(self.keep_pool(self.after(3)), 1)
        self.assertFalse(lead.user_id)

    def test_without_days_of_warning_it_goes_at_once(self):
        self.team.grading_pool_warning_days = 0
        lead = self.neglected()
        self.assertEqual(self.keep_pool(), 0)
        self.assertEqual(self.keep_pool(self.after(1)), 1)
        self.assertEqual(self.moves(lead), [("pooled", "Ada", False)])

    def test_a_contact_of_any_kind_after_the_warning_begins_the_time_anew(self):
        lead = self.neglected()
        self.keep_pool(self.after(-2))
        self.measure(lead, last_visit_date=DAY)
        self.assertEqual(self.keep_pool(self.after(1)), 0)
        self.assertEqual(self.keep_pool(self.after(12)), 1)
        self.assertEqual([reason for reason, _old, _new in self.moves(lead)], ["warned", "warned"])

    def test_after_a_contact_the_warning_is_withdrawn(self):
        lead, quiet = self.neglected(), self.neglected("Quiet")
        self.keep_pool(self.after(-2))
        self.measure(lead, last_call_date=self.after(-2))
        self.assertEqual(self.keep_pool(self.after(-1)), 0)
        self.assertFalse(self.told(lead))
        self.assertTrue(self.told(quiet))
        self.assertEqual(self.open_warnings(), quiet)

    def test_what_can_not_be_lost_any_more_needs_no_warning(self):
        won, ordered, kept = self.neglected("Won"), self.prospect("Ordered"), self.neglected("Kept")
        self.keep_pool(self.after(-2))
        self.win(won, DAY)
        self.profile(ordered).order_count = 1
        self.keep_pool(self.after(-1))
        self.assertFalse(self.told(won) + self.told(ordered))
        self.assertEqual(self.open_warnings(), kept)
        self.team.grading_pool = False
        self.keep_pool(DAY)
        self.assertFalse(self.told(kept))

    def test_merged_leads_have_one_warning(self):
        lead, other = self.neglected(), self.neglected("Other")
        self.keep_pool(self.after(-2))
        kept = (lead + other).merge_opportunity()
        self.assertEqual(self.open_warnings(), kept)
        self.assertEqual(len(self.told(kept)), 1)
        self.assertEqual(len(self.moves(kept)), 2)

    def test_merged_prospects_have_one_warning_and_the_history_of_both(self):
        prospect, other = self.prospect(), self.prospect("Other")
        self.keep_pool(self.after(-2))
        self.env["base.partner.merge.automatic.wizard"]._merge((prospect + other).ids, prospect)
        self.assertEqual(self.open_warnings(), prospect)
        self.assertEqual(len(self.moves(prospect)), 2)

    def test_a_contact_marked_done_counts_before_it_is_measured(self):
        lead = self.neglected()
        self.keep_pool(self.after(-2))
        self.force(self.care(lead), last_date=DAY)
        self.assertEqual(self.keep_pool(self.after(1)), 0)

    def test_who_is_given_it_by_hand_has_twice_the_rhythm_and_a_warning_of_his_own(self):
        lead = self.neglected()
        self.keep_pool(self.after(-2))
        with freeze_time(f"{DAY} 12:00:00"):
            lead.user_id = self.bob
        self.assertFalse(self.told(lead), "the warning was for who had it")
        self.assertEqual(self.keep_pool(self.after(11)), 0)
        self.assertEqual(self.keep_pool(self.after(12)), 1)
        self.assertEqual(self.moves(lead), [("warned", "Ada", "Ada"), ("hand", "Ada", "Bob"), ("warned", "Bob", "Bob")])

    def test_what_no_rule_has_ever_moved_is_not_followed(self):
        lead, prospect = self.neglected(), self.prospect()
        lead.user_id = prospect.user_id = self.bob
        self.assertFalse(self.moves(lead) + self.moves(prospect))

    def test_who_claimed_it_has_twice_the_rhythm_from_then_on(self):
        lead = self.neglected()
        self.env["grading.ownership"].create(
            {
                "lead_id": lead.id,
                "company_id": self.company.id,
                "date": DAY,
                "reason": "claimed",
                "new_user_id": self.ada.id,
            }
        )
        self.assertEqual(self.keep_pool(self.after(11)), 0)
        self.assertEqual(self.keep_pool(self.after(12)), 1)

    def test_nobody_is_late_for_what_was_due_before_there_was_a_cadence(self):
        lead = self.neglected(last=None)
        self.force(self.care(lead), start_date=DAY)
        self.assertEqual(self.keep_pool(self.after(11)), 0)
        self.assertEqual(self.keep_pool(self.after(12)), 1)

    def test_the_shortest_rhythm_of_the_salesperson_counts(self):
        self.weekly.responsible_type = "team_leader"
        monthly = self.cadence("Monthly", number=1, unit="month")
        lead = self.neglected()
        self.force(self.care(lead, monthly), start_date=self.after(-99))
        self.assertEqual(self.keep_pool(self.after(1)), 0)
        self.weekly.responsible_type = "salesperson"
        self.assertEqual(self.keep_pool(self.after(1)), 1)

    def test_a_warning_is_for_the_one_who_got_it_however_the_owner_was_changed(self):
        lead = self.neglected()
        self.keep_pool(self.after(-2))
        self.force(lead, user_id=self.bob.id)
        self.assertEqual(self.keep_pool(self.after(1)), 1)
        self.assertEqual(self.moves(lead)[-1], ("warned", "Bob", "Bob"))

    def test_nobody_is_warned_on_the_day_of_a_contact_however_short_the_rhythm(self):
        self.weekly.interval_type = "day"
        self.neglected(last=DAY)
        self.assertEqual(self.keep_pool(), 0)
        self.assertEqual(self.keep_pool(self.after(1)), 1)

    def test_a_rhythm_that_does_not_count_from_contacts_takes_nothing_away(self):
        daily = self.cadence("Daily Task", unit="day", anchor="activity")
        lead = self.neglected(last=self.after(-7))
        self.force(self.care(lead, daily), start_date=self.after(-99))
        self.assertEqual(self.keep_pool(), 0)

    def test_customers_are_never_taken_away_even_if_they_bought_elsewhere(self):
        customer, abroad = self.prospect("Customer", order_count=1), self.prospect("Abroad")
        company = self.new_company("Other Company")
        self.profile(abroad).create({"partner_id": abroad.id, "company_id": company.id, "order_count": 2})
        self.assertEqual(self.keep_pool(self.after(30)), 0)
        self.assertEqual(customer.user_id + abroad.user_id, self.ada)

    def test_what_is_won_lost_or_not_to_be_disturbed_is_left_alone(self):
        won, lost, quiet = self.neglected("Won"), self.neglected("Lost"), self.prospect("Quiet")
        self.win(won, DAY)
        lost.action_set_lost()
        quiet.grading_do_not_disturb = True
        self.assertEqual(self.keep_pool(self.after(30)), 0)

    def test_a_prospect_goes_to_the_pool_of_a_team_of_his_owner_and_of_no_other(self):
        prospect = self.prospect()
        prospect.user_id = self.seller
        self.assertEqual(self.keep_pool(self.after(30)), 0)
        self.team.member_ids += self.seller
        self.assertEqual(self.keep_pool(self.after(30)), 1)

    def test_what_somebody_left_behind_who_is_with_us_no_longer_goes_back_too(self):
        lead = self.neglected()
        self.ada.active = False
        self.keep_pool(self.after(-2))
        self.keep_pool(self.after(1))
        self.assertFalse(lead.user_id)

    def test_nobody_is_planned_for_what_is_in_the_pool(self):
        lead = self.neglected()
        self.plan()
        self.assertTrue(self.activities(lead))
        self.team.grading_pool_warning_days = 0
        self.keep_pool(self.after(1))
        self.assertFalse(self.activities(lead))
        self.assertFalse(self.care(lead).user_id)
        self.assertEqual(self.plan(self.after(1)), 0)

    def test_what_went_back_to_the_pool_is_not_assigned(self):
        self.team.write({"grading_assign_grade_ids": self.gold, "grading_assign_owners": True})
        self.team.grading_pool_warning_days = 0
        lead = self.neglected()
        self.keep_pool(self.after(1))
        self.assertEqual(self.assign(self.after(1)), 0)
        self.assertFalse(lead.user_id)

    def test_another_company_takes_nothing_away(self):
        self.neglected()
        self.team.company_id = False
        self.assertEqual(self.keep_pool(self.after(30), company=self.new_company("Other Company")), 0)

    def test_a_batch_takes_no_more_than_it_may(self):
        for number in range(3):
            self.neglected(f"Lead {number}")
        self.assertEqual(self.keep_pool(limit=2), 2)
        self.assertEqual(self.keep_pool(limit=2), 1)
        self.assertEqual(self.keep_pool(limit=2), 0)

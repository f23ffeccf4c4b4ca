from datetime import datetime, time, timedelta

from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from ...models.care.mail_activity_type import OWNER_ACTIVITY
from ..care.care_case import DAY
from .owner_case import PoolCase


@tagged("post_install", "-at_install")
class TestOwnerWarning(PoolCase):
    """Owners are warned in time before they lose anything, once, and not when it is needless."""

    def test_the_warning_is_an_activity_that_names_the_day_and_goes_with_the_owner(self):
        lead = self.overdue_lead()
        self.keep_pool(self.after(-2))
        [warning] = self.owner_activities(lead)
        self.assertEqual(warning.user_id, self.ada)
        self.assertIn("03/05/2026", warning.note)
        row = self.env["grading.ownership"].search([("lead_id", "=", lead.id)])
        self.assertEqual(row.pool_date, self.after(1))
        action = row.action_open()
        self.assertEqual((action["res_model"], action["res_id"]), ("crm.lead", lead.id))
        self.keep_pool(self.after(1))
        self.assertFalse(self.owner_activities(lead))

    def test_an_owner_who_marks_the_warning_done_without_a_contact_loses_it_all_the_same(self):
        lead, prospect = self.overdue_lead(), self.prospect()
        self.keep_pool(self.after(-2))
        for subject in (lead, prospect):
            warning = self.owner_activities(subject)
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

    def test_no_owner_is_warned_in_a_day_about_more_than_the_contact_limit_the_best_first(self):
        self.company.grading_contacts_per_day = 2
        self.weekly.grade_ids += self.silver
        poor, *rest = [self.overdue_lead(f"Lead {number}") for number in range(4)]
        self.lead_profile(poor).grade_id = self.silver
        bobs = self.overdue_lead("Bob's", user_id=self.bob.id)
        self.assertEqual(self.keep_pool(limit=2), 2)
        self.assertEqual(self.keep_pool(), 1)
        self.assertEqual(self.keep_pool(), 0)
        self.assertEqual(self.open_warnings(), bobs + rest[0] + rest[1])
        self.assertEqual(self.keep_pool(self.after(1)), 2)
        self.assertEqual(self.keep_pool(self.after(3)), 3, "what is lost is not limited")

    def test_the_type_of_the_warning_cannot_be_deleted_and_without_it_nothing_is_a_contact(self):
        kind = self.env.ref(OWNER_ACTIVITY)
        with self.assert_refused(kind.name):
            kind.unlink()
        self.env["ir.model.data"].search([("model", "=", kind._name), ("res_id", "=", kind.id)]).unlink()
        lead = self.overdue_lead()
        self.keep_pool(self.after(-2))
        self.assertFalse(self.owner_activities(lead).activity_type_id)
        self.assertTrue(self.owner_activities(lead).user_id)

    def test_an_owner_warned_late_still_has_all_the_days_of_the_warning(self):
        lead = self.overdue_lead(last=self.after(-60))
        self.keep_pool()
        self.assertEqual(self.keep_pool(self.after(2)), 0)
        self.assertEqual(lead.user_id, self.ada)
        self.assertEqual(self.keep_pool(self.after(3)), 1)
        self.assertFalse(lead.user_id)

    def test_without_days_of_warning_it_goes_at_once(self):
        self.team.grading_pool_warning_days = 0
        lead = self.overdue_lead()
        self.assertEqual(self.keep_pool(), 0)
        self.assertEqual(self.keep_pool(self.after(1)), 1)
        self.assertEqual(self.moves(lead), [("pooled", "Ada", False)])

    def test_a_contact_of_any_kind_after_the_warning_begins_the_time_anew(self):
        lead = self.overdue_lead()
        self.keep_pool(self.after(-2))
        self.measure(lead, last_visit_date=DAY)
        self.assertEqual(self.keep_pool(self.after(1)), 0)
        self.assertEqual(self.keep_pool(self.after(12)), 1)
        self.assertEqual([reason for reason, _old, _new in self.moves(lead)], ["warned", "warned"])

    def test_after_a_contact_the_warning_is_withdrawn(self):
        lead, quiet = self.overdue_lead(), self.overdue_lead("Quiet")
        self.keep_pool(self.after(-2))
        self.measure(lead, last_call_date=self.after(-2))
        self.assertEqual(self.keep_pool(self.after(-1)), 0)
        self.assertFalse(self.owner_activities(lead))
        self.assertTrue(self.owner_activities(quiet))
        self.assertEqual(self.open_warnings(), quiet)

    def test_what_cannot_be_lost_any_more_needs_no_warning(self):
        won, ordered, kept = self.overdue_lead("Won"), self.prospect("Ordered"), self.overdue_lead("Kept")
        self.keep_pool(self.after(-2))
        self.win(won, DAY)
        self.profile(ordered).order_count = 1
        self.keep_pool(self.after(-1))
        self.assertFalse(self.owner_activities(won) + self.owner_activities(ordered))
        self.assertEqual(self.open_warnings(), kept)
        self.team.grading_pool = False
        self.keep_pool(DAY)
        self.assertFalse(self.owner_activities(kept))

    def test_merged_leads_have_one_warning(self):
        lead, other = self.overdue_lead(), self.overdue_lead("Other")
        self.keep_pool(self.after(-2))
        kept = (lead + other).merge_opportunity()
        self.assertEqual(self.open_warnings(), kept)
        self.assertEqual(len(self.owner_activities(kept)), 1)
        self.assertEqual(len(self.moves(kept)), 2)

    def test_merged_prospects_have_one_warning_and_the_history_of_both(self):
        prospect, other = self.prospect(), self.prospect("Other")
        self.keep_pool(self.after(-2))
        self.env["base.partner.merge.automatic.wizard"]._merge((prospect + other).ids, prospect)
        self.assertEqual(self.open_warnings(), prospect)
        self.assertEqual(len(self.moves(prospect)), 2)

    def test_a_contact_marked_done_counts_before_it_is_measured(self):
        lead = self.overdue_lead()
        self.keep_pool(self.after(-2))
        with freeze_time(f"{DAY} 12:00:00"):
            self.care(lead)._mark_done("online")
        self.assertEqual(self.keep_pool(self.after(1)), 0)

    def test_an_owner_with_a_planned_meeting_is_neither_warned_nor_loses_anything_until_then(self):
        lead, prospect, other = self.overdue_lead(), self.prospect(), self.overdue_lead("Other")
        start = datetime.combine(self.after(5), time(9))
        meeting = {"name": "Talk", "start": start, "stop": start + timedelta(hours=1)}
        person = self.customer("Person", parent_id=prospect.id)
        invited = self.ada.partner_id + person
        about, _with_person = self.env["calendar.event"].create(
            [{**meeting, "opportunity_id": lead.id}, {**meeting, "partner_ids": [Command.set(invited.ids)]}]
        )
        self.assertEqual(self.keep_pool(self.after(-2)), 1)
        self.assertEqual(self.keep_pool(self.after(1)), 1)
        self.assertEqual(lead.user_id + prospect.user_id, self.ada)
        self.assertFalse(other.user_id)
        self.assertEqual(self.keep_pool(self.after(5)), 0, "it is on this day")
        about.active = False
        self.assertEqual(self.keep_pool(self.after(4)), 1)
        self.assertEqual(self.keep_pool(self.after(7)), 2)
        self.assertEqual([reason for reason, _old, _new in self.moves(prospect)], ["warned"])

    def test_a_warning_is_for_its_owner_however_the_owner_was_changed(self):
        lead = self.overdue_lead()
        self.keep_pool(self.after(-2))
        self.force(lead, user_id=self.bob.id)
        self.assertEqual(self.keep_pool(self.after(1)), 1)
        self.assertEqual(self.moves(lead)[-1], ("warned", "Bob", False))

    def test_no_owner_is_warned_on_the_day_of_a_contact_however_short_the_interval(self):
        self.weekly.interval_type = "day"
        self.overdue_lead(last=DAY)
        self.assertEqual(self.keep_pool(), 0)
        self.assertEqual(self.keep_pool(self.after(1)), 1)

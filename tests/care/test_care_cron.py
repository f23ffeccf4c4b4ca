from contextlib import contextmanager
from datetime import datetime, time
from unittest.mock import patch

import psycopg2
from psycopg2.extras import Json

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ...models.base import grading_job_mixin
from .care_case import DAY, CareCase

CRON = grading_job_mixin.__name__


@tagged("post_install", "-at_install")
class TestCareCron(CareCase):
    """The planner goes on, whatever stands in its way."""

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(grading_job_mixin.time, "sleep"))

    def due(self, name="Anna", **vals):
        partner = self.known(name, last=self.after(-9))
        partner.write(vals)
        self.look_after()
        return partner

    def run_cron(self):
        with self.enter_registry_test_mode(), freeze_time(datetime.combine(DAY, time(12))):
            self.env.ref("customer_grading.ir_cron_plan_care").method_direct_trigger()
        self.env.invalidate_all()

    @contextmanager
    def planning(self, before):
        """``before`` is called with the company whose contacts are about to be planned."""
        Care = self.env.registry["grading.care"]
        plan = Care._plan

        def _plan(model):
            before(model.env.company)
            return plan(model)

        with patch.object(Care, "_plan", _plan):
            yield

    def test_a_company_whose_contacts_cannot_be_planned_is_named_and_keeps_no_other_one_waiting(self):
        broken = self.new_company("Broken Company", sequence=-1)  # its turn is before that of the other one
        self.due()

        def fail(company):
            if company == broken:
                raise KeyError("nom")

        with self.planning(fail), self.assertLogs(CRON, "ERROR") as logs:
            self.run_cron()
        self.assertIn(broken.name, logs.output[0])
        self.assertEqual(len(self.activities()), 1)

    def test_a_contact_that_keeps_colliding_waits_for_the_next_run_and_the_others_are_planned(self):
        raced = self.new_company("Raced Company", sequence=-1)
        self.due()

        def collide(company):
            if company == raced:
                raise psycopg2.errors.SerializationFailure()

        with self.planning(collide), self.assertLogs(CRON, "WARNING") as logs:
            self.run_cron()
        self.assertIn(raced.name, logs.output[0])
        self.assertEqual(len(self.activities()), 1)

    def test_a_placeholder_that_only_a_translation_has_stays_as_it_is(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        with self.assert_refused("{nom}", error=ValidationError):
            self.weekly._update_field_translations("summary", {"fr_FR": "Ecrire a {nom}"})
        self.env.invalidate_all()
        self.force(self.weekly, summary=Json({"en_US": "Write", "fr_FR": "Ecrire a {nom}: {name}"}))
        self.seller.lang = "fr_FR"
        anna = self.due()
        self.assertEqual(self.plan(), 1)
        self.assertEqual(self.activities(anna).summary, "Ecrire a {nom}: Anna")

    def test_nothing_is_planned_where_the_company_does_not_want_it_and_the_dates_stay(self):
        self.company.grading_plan_contacts = False
        anna = self.due()
        self.assertEqual(self.plan(), 0)
        self.assertFalse(self.activities())
        self.assertEqual(self.care(anna).next_date, self.after(-2))
        self.assertEqual(anna.grading_next_contact_date, self.after(-2))

    # ------------------------------------------------------------
    # Which activity is open
    # ------------------------------------------------------------

    def test_a_restored_activity_is_the_open_one_again(self):
        anna = self.due()
        self.plan()
        activity = self.activities(anna)
        activity.action_archive()
        self.assertFalse(self.care(anna).activity_id)
        activity.action_unarchive()
        self.assertEqual(self.care(anna).activity_id, activity)
        self.due("Bert")
        self.assertEqual(self.plan(), 1)

    def test_an_open_activity_that_the_contact_does_not_know_stops_no_other_contact(self):
        anna = self.due()
        self.plan()
        self.force(self.care(anna), activity_id=None)
        self.due("Bert")
        self.assertEqual(self.plan(), 1)
        self.assertEqual(len(self.activities(anna)), 1)

    def test_an_archived_activity_of_which_the_contact_does_not_know_is_planned_anew(self):
        anna = self.due()
        self.plan()
        self.force(self.activities(anna), active=False)
        self.assertEqual(self.plan(), 1)

    def test_no_user_chooses_the_contact_of_an_activity(self):
        anna = self.due()
        Activity = self.env["mail.activity"].with_user(self.seller)
        values = {"res_model_id": self.env["ir.model"]._get_id("res.partner"), "res_id": anna.id}
        with mute_logger("odoo.addons.base.models.ir_model"):
            with self.assertRaises(AccessError):
                Activity.create(values).grading_care_id = self.care(anna)
            with self.assertRaises(AccessError):
                Activity.with_context(default_grading_care_id=self.care(anna).id).create(values)
        self.assertFalse(self.care(anna).activity_id)

    # ------------------------------------------------------------
    # For which users
    # ------------------------------------------------------------

    def test_a_user_who_cannot_see_the_lead_gets_no_activity_and_does_not_follow_it(self):
        clerk = self.internal()
        self.weekly.write({"responsible_type": "user", "user_id": clerk.id})
        lead = self.lead(user_id=self.seller.id)
        self.measure(lead, last_online_date=self.after(-9))
        anna = self.due()
        self.plan()
        self.assertFalse(self.activities(lead))
        self.assertNotIn(clerk.partner_id, lead.message_partner_ids)
        self.assertFalse(self.care(lead).user_id)
        self.assertEqual(self.activities(anna).user_id, clerk)
        self.assertEqual(self.plan(), 0)

    def test_what_was_left_open_on_the_days_before_takes_room_today(self):
        self.company.grading_contacts_per_day = 2
        for number in range(5):
            self.due(f"Customer {number}")
        self.assertEqual([self.plan(self.after(days)) for days in range(2)], [2, 0])
        with freeze_time(datetime.combine(self.after(1), time(12))):
            self.activities()[:1].action_feedback()
        self.assertEqual(self.plan(self.after(1)), 0)
        self.assertEqual(self.plan(self.after(2)), 1)

    def test_done_on_a_contact_without_responsible_is_in_the_language_of_the_user(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.weekly.with_context(lang="fr_FR").summary = "Ecrire a {name}"
        self.seller.lang = "fr_FR"
        anna = self.due(user_id=False)
        self.mark_done(self.care(anna).with_user(self.seller))
        done = self.env["mail.activity"].with_context(active_test=False)
        self.assertEqual(done.search([("grading_care_id", "=", self.care(anna).id)]).summary, "Ecrire a Anna")

    def test_many_are_done_at_once_and_their_clocks_start_together(self):
        for number in range(3):
            self.due(f"Customer {number}")
        cares = self.env["grading.care"].search([("company_id", "=", self.company.id)])
        self.plan()
        self.activities()[:1].unlink()
        Work = self.env.registry["grading.worktable"]
        with patch.object(Work, "_mark_care_done", autospec=True, side_effect=Work._mark_care_done) as mark_done:
            self.mark_done(cares.with_user(self.seller))
        self.assertEqual(mark_done.call_count, 1)
        self.assertEqual(set(cares.mapped("last_date")), {self.company._grading_today()})

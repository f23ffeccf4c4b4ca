from datetime import datetime, timedelta

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, freeze_time, get_db_name, tagged
from odoo.tools import SQL, mute_logger

from ...models.base.grading_job_mixin import RACES
from ...models.run.grading_run_pipeline import Rules

NOON = datetime(2026, 3, 4, 12)


@tagged("post_install", "-at_install")
class TestCareRace(BaseCase):
    """Two workers have the same contacts in hand, each with a connection and a transaction of its own."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"active_test": False, "no_reset_password": True})
            company, user = self.racers(env)
            cadence = env["grading.cadence"].create(
                {
                    "name": "Race",
                    "company_id": company.id,
                    "activity_type_id": env.ref("mail.mail_activity_data_email").id,
                }
            )
            partner = env["res.partner"].create({"name": "Wanted"})
            profile = env["grading.profile"].create({"partner_id": partner.id, "company_id": company.id})
            profile.flush_recordset()
            # Customers without a contact are counted from the day on which they were first graded.
            cr.execute("UPDATE grading_profile SET create_date = %s WHERE id = %s", (NOON, profile.id))
            care = env["grading.care"].create(
                {
                    "profile_id": profile.id,
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "cadence_id": cadence.id,
                    "channel": "online",
                    "start_date": NOON.date() - timedelta(days=9),
                    "next_date": NOON.date(),
                    "user_id": user.id,
                }
            )
            self.care_id, self.company_id = care.id, company.id
            self.cadence_id, self.partner_id = cadence.id, partner.id
        self.addCleanup(self.clean_up)

    def racers(self, env):
        """A company and a user, archived: what others are to see cannot be rolled back, and companies cannot
        be deleted, so that every race has the same ones."""
        company = env["res.company"].search([("name", "=", "Grading Race")])
        user = env["res.users"].search([("login", "=", "grading_racer")])
        if not user:
            company = company or env["res.company"].create({"name": "Grading Race"})
            values = {"company_id": company.id, "company_ids": company.ids}
            user = env["res.users"].create({"name": "Racer", "login": "grading_racer", **values})
            user.active = False
            company.active = False
        return company, user

    def clean_up(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
            env["mail.activity"].search([("grading_care_id", "=", self.care_id)]).unlink()
            env["res.partner"].browse(self.partner_id).unlink()
            env["grading.cadence"].browse(self.cadence_id).unlink()

    def worker(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [self.company_id]})["grading.care"]

    def open_activities(self):
        with self.registry.cursor() as cr:
            return self.worker(cr).env["mail.activity"].search_count([("grading_care_id", "=", self.care_id)])

    def test_the_second_worker_leaves_what_the_first_one_has_in_hand(self):
        with freeze_time(NOON), self.registry.cursor() as first, self.registry.cursor() as second:
            self.assertEqual(self.worker(first)._plan(), 1)
            self.assertEqual(self.worker(second)._plan(), 0)
            first.commit()
        self.assertEqual(self.open_activities(), 1)

    def test_a_run_begun_before_the_first_one_ended_fails_and_adds_nothing(self):
        with freeze_time(NOON), self.registry.cursor() as first, self.registry.cursor() as second:
            second.execute("SELECT COUNT(*) FROM mail_activity")  # from here on it sees the world as it is now
            self.assertEqual(self.worker(first)._plan(), 1)
            first.commit()
            with mute_logger("odoo.sql_db"), self.assertRaises(RACES):
                self.worker(second)._plan()
            second.rollback()
            self.assertEqual(self.worker(second)._plan(), 0)
        self.assertEqual(self.open_activities(), 1)

    def test_the_database_itself_refuses_the_second_activity(self):
        with freeze_time(NOON), self.registry.cursor() as first, self.registry.cursor() as second:
            care = self.worker(second).browse(self.care_id)
            values = care._prepare_activities({care.user_id.id: NOON.date()})
            self.assertEqual(self.worker(first)._plan(), 1)
            first.commit()
            with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation):
                self.worker(second).env["mail.activity"].create(values)
            second.rollback()
        self.assertEqual(self.open_activities(), 1)

    # ------------------------------------------------------------
    # The run, and a person
    # ------------------------------------------------------------

    def work_out(self, care):
        """The first half of step 7 for the wanted customer; how many were found to have something new."""
        cadences = care.env["grading.cadence"].browse(self.cadence_id)
        rules = Rules(subject="customer", as_of=NOON.date(), cadences=cadences)
        wanted = SQL("(SELECT partner_id FROM grading_profile WHERE partner_id = %s)", self.partner_id)
        return care.env["grading.worktable"]._create_care_changes(rules, wanted)

    def write_down(self, care, count):
        care.env["grading.worktable"]._write_care_changes(1, count, NOON.date())
        care.env.cr.commit()

    def state(self):
        """``(last done, next contact, whether the customer waits for a rescoring)``, as others see it now."""
        with self.registry.cursor() as cr:
            care = self.worker(cr).browse(self.care_id)
            queued = care.env["grading.queue"].search_count([("partner_id", "=", self.partner_id)])
            return care.done_date, care.next_date, bool(queued)

    def test_what_a_user_has_done_meanwhile_is_not_overwritten_but_rescored(self):
        with freeze_time(NOON), self.registry.cursor() as run, self.registry.cursor() as person:
            count = self.work_out(self.worker(run))
            self.assertEqual(count, 1)
            run.commit()
            self.worker(person).browse(self.care_id)._mark_done("online")
            person.commit()
            done = (NOON.date(), NOON.date() + timedelta(days=7), False)
            self.assertEqual(self.state(), done)
            self.write_down(self.worker(run), count)
        self.assertEqual(self.state(), (*done[:2], True))

    def test_what_was_not_changed_meanwhile_is_written(self):
        with freeze_time(NOON), self.registry.cursor() as run:
            count = self.work_out(self.worker(run))
            run.commit()
            self.write_down(self.worker(run), count)
        with self.registry.cursor() as cr:
            care = self.worker(cr).browse(self.care_id)
            self.assertEqual(care.next_date, NOON.date() + timedelta(days=7))
            self.assertFalse(care.env["grading.queue"]._waiting([("partner_id", "=", self.partner_id)]))

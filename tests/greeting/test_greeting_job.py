from unittest.mock import patch

import psycopg2.errors

from odoo.tests import freeze_time, tagged

from ...models.greeting import grading_occasion_due
from .greeting_case import GreetingCase


@tagged("post_install", "-at_install")
@freeze_time("2025-03-10 09:00:00")
class TestGreetingJob(GreetingCase):
    """The scheduled action: part by part, and beside other jobs that want the same contacts."""

    def setUp(self):
        super().setUp()
        self.birthday = self.occasion()
        self.persons = self.emma | self.env["res.partner"].create(
            [{"name": f"Person {n}", "parent_id": self.acme.id, "birthdate_date": "1980-03-10"} for n in range(7)]
        )
        self.startPatcher(patch.object(grading_occasion_due, "BATCH", 3))

    def collide(self, times):
        """Another job is faster, so many times."""
        Greeting, left = self.env.registry["grading.greeting"], [times]
        plan = Greeting._plan

        def collide(self):
            if left[0]:
                left[0] -= 1
                raise psycopg2.errors.SerializationFailure
            return plan(self)

        self.startPatcher(patch.object(Greeting, "_plan", collide))

    def assert_all_greeted_once(self):
        self.assertEqual(self.greetings().partner_id, self.persons)
        self.assertEqual(len(self.greetings()), len(self.persons))
        for person in self.persons:
            self.assertEqual(len(self.activities(person)), 1)

    def test_many_are_greeted_in_several_parts(self):
        self.greet()
        self.assert_all_greeted_once()

    def test_the_contacts_due_are_queried_once_however_many_parts_there_are(self):
        Occasion, asked = self.env.registry["grading.occasion"], []
        due_select = Occasion._due_select

        def note(self, partner_ids=None):
            asked.append((self.id, partner_ids and len(partner_ids)))
            return due_select(self, partner_ids)

        with patch.object(Occasion, "_due_select", note):
            self.greet()
        parts = [count for occasion_id, count in asked if occasion_id == self.birthday.id]
        self.assertEqual(parts, [None, 3, 3, 2])

    def test_a_contact_no_longer_due_when_the_part_comes_is_not_greeted(self):
        self.persons[-1].grading_do_not_disturb = True
        self.birthday._greet(self.persons.ids)
        self.assertEqual(self.greetings().partner_id, self.persons[:-1])

    def test_a_collision_is_tried_again_at_once(self):
        self.collide(times=2)
        self.greet()
        self.assert_all_greeted_once()
        self.assertFalse(self.birthday.error)

    def test_one_collision_upon_another_is_left_to_the_next_job_and_is_no_failure(self):
        self.collide(times=1000)
        self.greet()
        self.assertFalse(self.greetings())
        cron = self.env.ref("customer_grading.ir_cron_greet")
        self.assertEqual((cron.failure_count, self.birthday.error), (0, False))
        self.assertTrue(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]))

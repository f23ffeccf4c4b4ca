from datetime import date, datetime, time

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .care_case import DAY, CareCase


@tagged("post_install", "-at_install")
class TestCarePostponed(CareCase):
    """What a person puts off or leaves out stays away until then."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls.known(last=cls.after(-9))
        cls.look_after()
        cls.plan()

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(datetime.combine(DAY, time(12))))

    def as_user(self, record, user=None):
        return record.with_user(user or self.seller)

    def postpone(self, care, day, user=None):
        action = self.as_user(care, user).action_put_off()
        wizard = self.env[action["res_model"]].with_user(user or self.seller).with_context(**action["context"])
        wizard.create({"date": day}).action_confirm()

    def test_the_days_to_choose_are_those_on_which_the_company_of_the_contact_works(self):
        other = self.new_company("Other")
        other.resource_calendar_id = other.resource_calendar_id.copy({"company_id": other.id})
        other.resource_calendar_id.attendance_ids.filtered(lambda row: row.dayofweek == "3").unlink()
        self.seller.company_ids |= other
        care = self.as_user(self.care(self.anna)).with_context(allowed_company_ids=[other.id, self.company.id])
        wizard = self.env["grading.care.put.off"].with_env(care.env).create({"care_ids": care.ids})
        self.assertEqual(wizard.date, self.after(1))  # a Thursday, on which the other company does not work

    def test_an_activity_that_is_moved_to_a_later_day_puts_the_contact_off(self):
        self.as_user(self.activities(self.anna)).date_deadline = self.after(3)
        care = self.care(self.anna)
        self.assertEqual((care.put_off_date, care.next_date), (self.after(3), self.after(3)))
        self.assertEqual(self.anna.grading_next_contact_date, self.after(3))
        self.assertEqual(self.plan(self.after(2)), 0)

    def test_an_activity_that_is_moved_to_an_earlier_day_does_not(self):
        self.as_user(self.activities(self.anna)).date_deadline = self.after(-1)
        self.assertFalse(self.care(self.anna).put_off_date)

    def test_a_cancelled_activity_leaves_the_contact_out_until_the_next_interval(self):
        self.as_user(self.activities(self.anna)).action_cancel()
        care = self.care(self.anna)
        self.assertEqual((care.put_off_date, care.next_date), (self.after(7), self.after(7)))
        self.assertEqual(self.plan(self.after(6)), 0)
        self.assertEqual(self.plan(self.after(7)), 1)

    def test_the_log_says_that_what_was_left_out_was_missed_once(self):
        self.as_user(self.activities(self.anna)).unlink()
        self.assertEqual(self.log(self.anna), [(DAY, "missed", False)])
        self.plan(self.after(7))
        self.as_user(self.activities(self.anna)).unlink()
        self.assertEqual(self.log(self.anna), [(DAY, "missed", False)])  # the next one is due in a week only

    def test_what_the_module_takes_back_is_not_left_out(self):
        self.anna.with_user(self.seller).grading_do_not_disturb = True
        self.assertFalse(self.activities(self.anna))
        self.assertFalse(self.care(self.anna).put_off_date)

    def test_the_responsible_user_postpones_a_contact_and_its_activity_moves_along(self):
        care = self.care(self.anna)
        self.postpone(care, self.after(5))
        self.assertEqual((care.put_off_date, care.next_date), (self.after(5), self.after(5)))
        self.assertEqual(self.activities(self.anna).date_deadline, self.after(5))
        self.assertEqual(self.log(self.anna), [])

    def test_a_postponed_contact_can_be_moved_to_an_earlier_day(self):
        care = self.care(self.anna)
        self.postpone(care, self.after(20))
        self.postpone(care, self.after(2))
        self.assertEqual(care.next_date, self.after(2))
        self.assertEqual(self.activities(self.anna).date_deadline, self.after(2))

    def test_what_is_not_due_until_later_stays_so(self):
        bert = self.known("Bert", last=DAY)
        self.look_after()
        self.postpone(self.care(bert), self.after(2))
        self.assertEqual(self.care(bert).next_date, self.after(7))

    def test_a_day_that_is_over_is_refused(self):
        for day in (DAY, self.after(-1)):
            with self.subTest(day=day), self.assert_refused("tomorrow"):
                self.postpone(self.care(self.anna), day)

    def test_a_contact_of_a_colleague_is_postponed_by_a_manager_only(self):
        colleague = self.user("colleague", "sales_team.group_sale_salesman_all_leads")
        care = self.care(self.anna)
        with self.assert_refused("Anna", error=AccessError):
            self.postpone(care, self.after(5), colleague)
        wizard = self.env["grading.care.put.off"].with_user(colleague).create({"care_ids": care.ids})
        with self.assertRaises(AccessError):
            wizard.action_confirm()
        self.postpone(care, self.after(5), self.manager())
        self.assertEqual(care.put_off_date, self.after(5))

    # ------------------------------------------------------------
    # Choices
    # ------------------------------------------------------------

    def proposed(self, choice, today, care=None, user=None):
        action = self.as_user(care or self.care(self.anna), user).action_put_off()
        with freeze_time(datetime.combine(today, time(12))):
            wizard = self.env[action["res_model"]].with_user(user or self.seller).with_context(**action["context"])
            form = Form(wizard)
            form.choice = choice
            return form.date

    def test_choices_are_days_on_which_the_user_works(self):
        friday, sunday = self.after(2), self.after(4)
        for choice, today, day in (
            ("tomorrow", DAY, self.after(1)),
            ("tomorrow", friday, self.after(5)),  # the Monday
            ("week", DAY, self.after(5)),
            ("week", sunday, self.after(5)),
            ("week", self.after(5), self.after(12)),
            ("month", DAY, date(2026, 4, 6)),  # the 4th of April is a Saturday
            ("month", date(2026, 1, 31), date(2026, 3, 2)),  # the 28th of February is a Saturday
        ):
            with self.subTest(choice=choice, today=today):
                self.assertEqual(self.proposed(choice, today), day)

    def test_it_is_the_responsible_user_who_works_then(self):
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Thursdays",
                "tz": "Europe/Brussels",
                "attendance_ids": [
                    Command.clear(),
                    Command.create(
                        {"name": "Thursday", "dayofweek": "3", "hour_from": 9, "hour_to": 17, "day_period": "morning"}
                    ),
                ],
            }
        )
        self.env["resource.resource"].create(
            {"name": "Seller", "user_id": self.seller.id, "calendar_id": calendar.id, "company_id": self.company.id}
        )
        self.assertEqual(self.proposed("tomorrow", self.after(1), user=self.manager()), self.after(8))

    def test_a_date_is_taken_as_it_is(self):
        sunday = self.after(4)
        self.postpone(self.care(self.anna), sunday)
        self.assertEqual(self.care(self.anna).next_date, sunday)

    def test_all_that_is_due_with_the_customer_is_postponed(self):
        offer = self.cadence("Offer", anchor="activity", activity_type_id=self.paper_type().id)
        later = self.cadence("Later", number=2)
        self.look_after()
        self.postpone(self.care(self.anna), self.after(3))
        self.assertEqual(self.care(self.anna, offer).next_date, self.after(3))
        self.assertEqual(self.care(self.anna, later).next_date, self.after(5))

    def paper_type(self):
        return self.env["mail.activity.type"].create({"name": "Papers", "grading_channel": "none"})

from datetime import datetime, time

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .care_case import DAY, CareCase

TABLES = ("mail_activity", "mail_message", "mail_notification", "grading_care", "grading_care_log", "ir_attachment")
# When rows were written, and by whom: that is new each time.
TECHNICAL = {"write_date", "write_uid", "create_date"}


@tagged("post_install", "-at_install")
class TestCareUndo(CareCase):
    """Done asks for a word and says when the next contact is due; Undo takes everything back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calls = cls.cadence("Calls", "call", unit="month")
        cls.anna = cls.known(last=cls.after(-9), last_call_date=cls.after(-60))
        cls.look_after(cls.after(-9))
        cls.look_after()

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(datetime.combine(DAY, time(12))))

    def wizard(self, *cares, user=None, **vals):
        cares = self.env["grading.care"].union(*(cares or [self.care(self.anna)])).with_user(user or self.seller)
        action = cares.action_done()
        return self.env[action["res_model"]].with_user(cares.env.user).with_context(**action["context"]).create(vals)

    def world(self):
        """All rows that marking a contact done can change, and the dates on the profiles."""
        self.env.flush_all()
        rows = {}
        for table in TABLES:
            self.env.cr.execute(f"SELECT * FROM {table} ORDER BY id")  # the names are written above
            rows[table] = [
                {name: value for name, value in row.items() if name not in TECHNICAL}
                for row in self.env.cr.dictfetchall()
            ]
        names = [
            name for name in self.env["grading.profile"]._fields if name.endswith("_date") and name != "write_date"
        ]
        profiles = self.env["grading.profile"].search([("company_id", "=", self.company.id)])
        return rows, profiles.read([name for name in names if profiles._fields[name].store and name not in TECHNICAL])

    def last_message(self, subject=None):
        return (subject or self.anna).message_ids[:1]

    # ------------------------------------------------------------
    # Done
    # ------------------------------------------------------------

    def test_done_writes_the_word_and_tells_the_next_date(self):
        self.plan()
        answer = self.wizard(feedback="She wants two more").action_confirm()
        self.assertIn("She wants two more", self.last_message().body)
        self.assertEqual(self.care(self.anna).next_date, self.after(7))
        self.assertEqual(answer["tag"], "grading_care_done")
        self.assertEqual(answer["params"]["message"], "Contact with Anna done. Next contact: 03/11/2026")
        self.assertFalse(self.activities(self.anna))

    def test_it_can_be_said_that_a_simpler_contact_was_made(self):
        visits = self.cadence("Visits", "visit")
        self.measure(self.anna, last_visit_date=self.after(-70))
        self.look_after()
        self.plan()
        wizard = self.wizard()
        self.assertEqual((wizard.has_choice, wizard.channel), (True, "visit"))
        wizard.channel = "call"
        due = self.care(self.anna, visits).next_date
        answer = wizard.action_confirm()
        self.assertIn("Contact with Anna done. Still due: Visit, since ", answer["params"]["message"])
        self.assertEqual(self.care(self.anna, visits).next_date, due)
        self.assertEqual(self.care(self.anna, self.calls).next_date, DAY.replace(month=4))
        self.assertEqual(self.activities(self.anna).activity_type_id, self.visit_type)

    def test_one_kind_of_contact_leaves_no_choice(self):
        self.calls.active = False
        self.assertEqual((self.wizard().has_choice, self.wizard().channel), (False, False))

    def test_several_are_done_at_once(self):
        bert = self.known("Bert", last=self.after(-9))
        self.look_after()
        answer = self.wizard(self.care(self.anna), self.care(bert)).action_confirm()
        self.assertEqual(answer["params"]["message"], "Contacts done: 2")
        self.assertEqual(self.care(bert).next_date, self.after(7))
        self.assertEqual(self.care(self.anna).next_date, self.after(7))

    def test_the_last_contact_says_that_none_follows(self):
        bert = self.known("Bert", last=self.after(-9), last_order_date=self.after(-300), next_order_date=self.after(60))
        (self.weekly + self.calls).active = False
        talk = self.cadence("Talk", "call", anchor="next_order", anchor_days=60)
        self.look_after()
        answer = self.wizard(self.care(bert, talk)).action_confirm()
        self.assertEqual(answer["params"]["message"], "Contact with Bert done. No further contact is planned.")

    # ------------------------------------------------------------
    # Undo
    # ------------------------------------------------------------

    def assert_undone(self, *cares, **vals):
        before = self.world()
        wizard = self.wizard(*cares, **vals)
        wizard.action_confirm()
        self.assertNotEqual(self.world(), before)
        wizard.action_undo()
        self.assertEqual(self.world(), before)
        return wizard

    def test_undo_takes_a_planned_contact_back(self):
        self.plan()
        self.assert_undone(feedback="Wrong line")
        self.assertEqual(self.activities(self.anna).sudo().grading_care_ids.cadence_id, self.weekly + self.calls)

    def test_undo_takes_a_contact_back_that_was_not_planned(self):
        self.assert_undone()
        self.assertFalse(self.activities(self.anna))

    def test_undo_brings_back_the_day_it_was_postponed_to(self):
        self.plan()
        self.care(self.anna)._postpone(self.after(3))
        self.assert_undone()
        self.assertEqual(self.care(self.anna).put_off_date, self.after(3))

    def test_undo_brings_back_activities_that_were_removed(self):
        lead = self.lead(user_id=self.seller.id, partner_id=self.anna.id)
        self.measure(lead, last_online_date=self.after(-9), last_call_date=self.after(-60))
        self.look_after()
        self.plan()
        self.assertTrue(self.activities(self.anna) and self.activities(lead))
        self.assert_undone(self.care(lead))

    def test_undo_brings_back_what_hangs_on_the_activity(self):
        self.plan()
        activity = self.activities(self.anna)
        self.env["ir.attachment"].create(
            {"name": "offer.txt", "raw": b"offer", "res_model": "mail.activity", "res_id": activity.id}
        )
        event = self.env["calendar.event"].create(
            {"name": "Visit", "start": f"{DAY} 09:00:00", "stop": f"{DAY} 10:00:00", "notes": "<p>Bring samples</p>"}
        )
        activity.calendar_event_id = event
        self.assert_undone(feedback="Wrong line")
        self.assertEqual(event.notes, "<p>Bring samples</p>")

    def test_undo_brings_back_the_attachments_of_activities_that_were_removed(self):
        lead = self.lead(user_id=self.seller.id, partner_id=self.anna.id)
        self.measure(lead, last_online_date=self.after(-9), last_call_date=self.after(-60))
        self.look_after()
        self.plan()
        removed = self.activities(self.anna).sudo()
        plan, prices = self.env["ir.attachment"].create(
            [
                {"name": "Plan", "raw": b"plan", "res_model": "mail.activity", "res_id": removed.id},
                {"name": "Price list", "raw": b"prices", "res_model": "res.partner", "res_id": self.anna.id},
            ]
        )
        removed.attachment_ids = plan | prices
        before = self.world()
        wizard = self.wizard(self.care(lead))
        wizard.action_confirm()
        self.assertEqual((removed.exists(), plan.exists(), prices.exists()), (removed.browse(), plan.browse(), prices))
        wizard.action_undo()
        self.assertEqual(self.world(), before)
        self.assertEqual(removed.attachment_ids, plan | prices)
        self.assertEqual(plan.raw, b"plan")

    def test_undo_removes_the_activity_that_would_have_followed(self):
        self.call_type.write({"chaining_type": "trigger", "triggered_next_type_id": self.mail_type.id})
        self.plan()
        self.assert_undone()

    def test_undo_twice_is_refused(self):
        wizard = self.assert_undone()
        with self.assert_refused("undone before"):
            wizard.action_undo()

    def test_undo_is_refused_once_something_else_has_happened(self):
        wizard = self.wizard()
        wizard.action_confirm()
        self.measure(self.anna, last_online_date=self.after(1))
        self.look_after(self.after(1))
        with self.assert_refused("Anna", "cannot be undone"):
            wizard.action_undo()

    def test_a_run_that_confirms_what_was_done_does_not_keep_it_from_being_undone(self):
        self.plan()
        before = self.care(self.anna).read()
        wizard = self.wizard()
        wizard.action_confirm()
        self.look_after()
        wizard.action_undo()
        self.assertEqual(self.care(self.anna).read(), before)
        self.assertEqual(self.log(self.anna), [])

    def test_a_run_finds_nothing_new_after_an_undo(self):
        self.assert_undone()
        self.assertEqual(self.look_after(), 0)

    # ------------------------------------------------------------
    # Security
    # ------------------------------------------------------------

    def test_no_user_takes_back_what_another_has_done(self):
        wizard = self.wizard()
        wizard.action_confirm()
        with self.assertRaises(AccessError):
            wizard.with_user(self.manager()).action_undo()

    def test_what_is_written_back_cannot_be_chosen(self):
        wizard = self.wizard()
        for do in (lambda: wizard.write({"undo": {}}), lambda: wizard.read(["undo"])):
            with self.assertRaises(AccessError):
                do()

    def test_a_colleagues_contact_cannot_be_marked_done_or_taken_back(self):
        colleague = self.salesman("colleague")
        with self.assertRaises(AccessError):
            self.wizard(user=colleague)
        with self.assertRaises(AccessError):
            self.env["grading.care.done"].with_user(colleague).create({"care_ids": self.care(self.anna).ids})
        wizard = self.env["grading.care.done"].with_user(colleague).create({})
        wizard.sudo().care_ids = self.care(self.anna)
        self.env.invalidate_all()
        self.assertFalse(wizard.care_ids)
        wizard.action_confirm()
        self.assertFalse(self.care(self.anna).done_date)

    def test_a_portal_user_gets_nothing(self):
        portal = self.portal()
        with self.assertRaises(AccessError):
            self.wizard(user=portal)
        with self.assertRaises(AccessError):
            self.env["grading.care.done"].with_user(portal).create({"care_ids": self.care(self.anna).ids})

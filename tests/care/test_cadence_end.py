from datetime import timedelta

import psycopg2

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import convert_file, mute_logger

from .care_case import DAY, CareCase


@tagged("post_install", "-at_install")
class TestCadenceEnd(CareCase):
    """What cadences refuse, what becomes of their contacts when they end, and where they begin."""

    def due(self, name="Anna"):
        partner = self.known(name, last=self.after(-9))
        self.look_after()
        self.plan()
        return partner

    # ------------------------------------------------------------
    # The end
    # ------------------------------------------------------------

    def test_a_cadence_that_is_deleted_takes_its_open_activities_and_dates_along(self):
        anna = self.due()
        self.weekly.unlink()
        self.assertFalse(
            self.env["mail.activity"].search([("res_model", "=", "res.partner"), ("res_id", "=", anna.id)])
        )
        self.assertFalse(anna.grading_next_contact_date)

    def test_a_cadence_that_is_archived_takes_its_open_activities_along_and_leaves_the_dates_of_others(self):
        self.cadence("Calls", "call")
        anna = self.known(last=self.after(-9), last_call_date=DAY)
        self.look_after()
        self.plan()
        self.weekly.action_archive()
        self.assertFalse(self.activities(anna) or self.care(anna))
        self.assertFalse(anna.grading_next_online_date)
        self.assertEqual(anna.grading_next_contact_date, self.after(7))

    def test_a_prospect_loses_the_date_of_the_covering_lead_with_the_cadence(self):
        anna = self.known(order_count=0)
        lead = self.lead(user_id=self.seller.id, partner_id=anna.id)
        self.measure(lead, last_online_date=DAY)
        self.measure(anna, best_lead_id=lead.id)
        self.look_after()
        self.assertEqual(anna.grading_next_contact_date, self.after(7))
        self.weekly.active = False
        self.assertFalse(anna.grading_next_contact_date)

    def test_a_cadence_with_logged_contacts_is_archived_and_not_deleted(self):
        anna = self.due()
        self.measure(anna, last_online_date=DAY)
        self.look_after()
        with self.assert_refused("Weekly", "Archive it"):
            self.weekly.unlink()
        self.weekly.active = False
        self.assertEqual(self.log(anna), [(DAY, "kept", DAY)])

    # ------------------------------------------------------------
    # What is refused
    # ------------------------------------------------------------

    def test_an_interval_that_no_calendar_holds_is_refused(self):
        for vals in (
            {"interval_number": 2000000000, "interval_type": "month"},
            {"interval_number": 121, "interval_type": "month"},
            {"interval_number": 521, "interval_type": "week"},
            {"interval_number": 3651, "interval_type": "day"},
            {"anchor_days": 2147483647},
            {"tolerance_days": 3651},
        ):
            with (
                self.subTest(**vals),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.weekly.write(vals)
                self.weekly.flush_recordset()
            self.weekly.invalidate_recordset(flush=False)

    def test_the_longest_interval_has_a_date(self):
        self.weekly.write({"interval_number": 120, "interval_type": "month", "tolerance_days": 3650})
        anna = self.known(last=DAY)
        self.look_after()
        self.assertEqual(self.care(anna).next_date, DAY.replace(year=DAY.year + 10))
        self.assertGreater(self.care(anna).next_date - DAY, timedelta(days=3650))

    def test_an_activity_type_that_cadences_use_keeps_its_channel(self):
        for vals in ({"grading_channel": "none"}, {"category": "phonecall"}, {"res_model": "crm.lead"}):
            with self.subTest(**vals), self.assert_refused("“Weekly”", "Write", error=ValidationError):
                self.mail_type.write(vals)
        self.weekly.active = False
        self.mail_type.grading_channel = "none"
        with self.assert_refused("Weekly", error=ValidationError):
            self.weekly.active = True

    def test_an_activity_type_whose_cadence_counts_itself_can_count_as_anything(self):
        self.weekly.anchor = "activity"
        self.mail_type.grading_channel = "none"
        self.assertEqual(self.weekly.activity_type_id.grading_channel, "none")

    # ------------------------------------------------------------
    # The beginning
    # ------------------------------------------------------------

    def shipped(self):
        shipped = self.env["grading.cadence"].with_context(active_test=False).search([("company_id", "=", False)])
        return shipped.filtered(lambda one: one.get_external_id()[one.id].startswith("customer_grading."))

    def test_the_shipped_ones_come_where_the_types_of_odoo_were_deleted_or_changed(self):
        count = len(self.shipped())
        self.env["grading.care.log"].search([("cadence_id", "in", self.shipped().ids)]).unlink()
        self.shipped().unlink()
        self.weekly.active = False
        self.env["mail.activity"].with_context(active_test=False).search(
            [("activity_type_id", "=", self.env.ref("mail.mail_activity_data_email").id)]
        ).unlink()
        self.env["grading.occasion"].with_context(active_test=False).search(
            [("id", "!=", False)]
        ).activity_type_id = self.env.ref("mail.mail_activity_data_todo")
        self.env["mail.activity.plan.template"].search(
            [("activity_type_id", "=", self.env.ref("mail.mail_activity_data_email").id)]
        ).unlink()
        self.env.ref("mail.mail_activity_data_email").unlink()
        self.env["mail.activity.type"].search([("grading_channel", "=", "visit")]).grading_channel = "none"
        self.env.flush_all()
        convert_file(self.env, "customer_grading", "data/care_data.xml", {}, mode="init", noupdate=True)
        shipped = self.shipped()
        self.assertEqual(len(shipped), count)
        for cadence in shipped:
            self.assertEqual(cadence.activity_type_id.grading_channel, cadence.channel)

from odoo.tests import Form, tagged

from .care_case import CareCase


@tagged("post_install", "-at_install")
class TestCadenceForm(CareCase):
    """A cadence plans activities that count as its channel, without being told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        others = cls.env["mail.activity.type"].search([("id", "not in", (cls.mail_type + cls.call_type).ids)])
        others.filtered(lambda kind: kind != cls.visit_type).active = False

    def make(self, **vals):
        return self.env["grading.cadence"].create({"name": "New", "company_id": self.company.id, **vals})

    def test_the_type_comes_from_the_channel(self):
        for channel, kind in (("online", self.mail_type), ("call", self.call_type), ("visit", self.visit_type)):
            with self.subTest(channel=channel):
                self.assertEqual(self.make(channel=channel).activity_type_id, kind)

    def test_it_follows_the_channel_on_the_form(self):
        form = Form(self.env["grading.cadence"])
        self.assertEqual(form.activity_type_id, self.mail_type)
        form.channel = "visit"
        self.assertEqual(form.activity_type_id, self.visit_type)

    def test_one_that_counts_as_the_channel_stays(self):
        second = self.call_type.copy({"name": "Video Call", "grading_channel": "call", "sequence": 0})
        cadence = self.make(channel="call", activity_type_id=self.call_type.id)
        cadence.anchor = "next_order"
        self.assertEqual(cadence.activity_type_id, self.call_type)
        self.assertEqual(self.make(channel="call").activity_type_id, second, "the first in Odoo's order")

    def test_a_repeated_activity_can_be_of_any_type(self):
        paper = self.env["mail.activity.type"].create({"name": "Contract", "grading_channel": "none"})
        cadence = self.make(anchor="activity", activity_type_id=paper.id)
        cadence.channel = "call"
        self.assertEqual(cadence.activity_type_id, paper)
        cadence.anchor = "contact"
        self.assertEqual(cadence.activity_type_id, self.call_type)

    def test_where_no_type_counts_as_the_channel_one_has_to_be_chosen(self):
        cadence = self.make(channel="call")
        self.visit_type.active = False
        with self.assert_refused("Visit", self.call_type.name):
            cadence.channel = "visit"
            cadence.flush_recordset()

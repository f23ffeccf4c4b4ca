from datetime import date, datetime, timedelta

from odoo.tests import tagged

from .interaction_case import AS_OF, InteractionCase


@tagged("post_install", "-at_install")
class TestMessagesThatAreContacts(InteractionCase):
    def test_a_mail_that_came_from_a_person_of_the_customer(self):
        self.said(self.env["res.partner"], "email", author=self.cora)
        self.assert_contact()

    def test_a_mail_from_an_unknown_address_on_the_customers_order(self):
        self.said(self.sale, "email", author=False)
        self.assert_contact()

    def test_a_mail_that_a_colleague_sent_to_the_customer(self):
        self.said(self.sale, "email", to=self.cora)
        self.assert_contact()

    def test_a_mailing_or_text_message_or_letter_on_any_document_of_the_family(self):
        kinds = {"email_outgoing", "sms", "snailmail"}
        kinds &= set(self.env["mail.message"]._fields["message_type"].get_values(self.env))
        for kind in sorted(kinds):
            for record in (self.cleo, self.cora, self.sale):
                with self.subTest(kind=kind, record=record.display_name):
                    message = self.said(record, kind)
                    self.assert_contact()
                    message.unlink()
                    self.assert_no_contact()

    def test_a_message_that_was_sent_to_a_person_of_the_customer(self):
        for record in (self.cleo, self.sale, self.env["res.partner"], self.customer("Stranger")):
            with self.subTest(record=record.display_name):
                message = self.said(record, to=self.cora)
                self.assert_contact()
                message.unlink()

    def test_a_message_of_which_odoo_notified_the_customer_as_a_follower(self):
        message = self.said(self.sale)
        self.assert_no_contact()
        notification = {"mail_message_id": message.id, "res_partner_id": self.carl.id, "notification_type": "email"}
        self.env["mail.notification"].create(notification)
        self.assert_contact()

    def test_a_message_sent_to_an_address_only(self):
        self.said(self.sale, outgoing_email_to="cleo@example.com")
        self.assert_contact()

    def test_an_answer_that_the_customer_wrote_in_the_portal_or_in_a_chat(self):
        for record in (self.sale, self.env["discuss.channel"].create({"name": "Chat"})):
            with self.subTest(record=record._name):
                message = self.said(record, author=self.carl)
                self.assert_contact()
                message.unlink()

    def test_one_that_was_posted_in_the_ordinary_way(self):
        salesman = self.sam.user_ids
        self.sale.user_id = salesman
        sale = self.sale.with_user(salesman)
        self.post(sale, subtype_xmlid="mail.mt_comment", partner_ids=self.carl.ids)
        self.assertEqual(self.last(as_of=self.today), (self.today, False, False))

    def test_one_that_failed_for_some_only_or_only_within_the_company(self):
        for failed, arrived in ((self.cora, self.carl), (self.sam, None)):
            with self.subTest(failed=failed.name):
                message = self.said(self.sale, "email_outgoing")
                values = {"mail_message_id": message.id, "notification_type": "email"}
                for person, status in ((failed, "bounce"), (arrived, "sent")):
                    if person:
                        line = {**values, "res_partner_id": person.id, "notification_status": status}
                        self.env["mail.notification"].create(line)
                self.assert_contact()
                message.unlink()

    def test_what_the_customer_wrote_though_no_notification_could_be_sent(self):
        for author in (self.carl, False):
            with self.subTest(author=author):
                message = self.said(self.sale, "email", author=author)
                values = {"mail_message_id": message.id, "res_partner_id": self.stranger().id}
                self.env["mail.notification"].create(
                    {**values, "notification_type": "email", "notification_status": "bounce"}
                )
                self.assert_contact()
                message.unlink()

    def stranger(self):
        return self.customer("Stranger")

    def test_the_last_one_counts(self):
        for ago in (30, 3, 12):
            self.said(self.cleo, to=self.carl, day=AS_OF - timedelta(days=ago))
        self.assertEqual(self.last()[0], AS_OF - timedelta(days=3))

    def test_a_day_begins_where_the_company_works(self):
        self.company.resource_calendar_id.tz = "Asia/Taipei"
        self.said(self.cleo, to=self.carl, day=datetime(2025, 3, 9, 16, 30))  # 00:30 of the 10th in Taipei
        self.assert_contact()

    def test_summer_time_moves_the_beginning_of_the_day(self):
        for moment, day in (
            (datetime(2025, 3, 29, 23, 30), date(2025, 3, 30)),
            (datetime(2025, 3, 30, 22, 30), date(2025, 3, 31)),
            (datetime(2024, 12, 31, 23, 30), date(2025, 1, 1)),
            (datetime(2024, 2, 28, 23, 30), date(2024, 2, 29)),
        ):
            with self.subTest(moment=moment):
                message = self.said(self.cleo, to=self.carl, day=moment)
                self.assertEqual(self.last(as_of=day)[0], day)
                self.assertFalse(self.last(as_of=day - timedelta(days=1))[0])
                message.unlink()


@tagged("post_install", "-at_install")
class TestMessagesThatAreNone(InteractionCase):
    def test_a_note_among_colleagues(self):
        for record in (self.cleo, self.sale):
            self.said(record, to=self.manager(f"rita_{record._name}").partner_id)
        self.assert_no_contact()

    def test_a_mail_that_a_colleague_sent_to_colleagues_only(self):
        self.said(self.sale, "email")
        self.assert_no_contact()

    def test_messages_of_the_system(self):
        for kind in ("notification", "auto_comment", "user_notification", "out_of_office"):
            self.said(self.sale, kind, to=self.carl)
            self.said(self.cleo, kind, author=self.carl)
        self.assert_no_contact()

    def test_what_the_robot_sent(self):
        robot = self.env.ref("base.partner_root")
        for kind in ("comment", "email_outgoing"):
            self.said(self.sale, kind, author=robot, to=self.carl)
        self.assert_no_contact()

    def test_a_mail_that_never_arrived(self):
        for status in ("bounce", "exception", "canceled"):
            message = self.said(self.sale, to=self.carl)
            values = {"mail_message_id": message.id, "res_partner_id": self.carl.id, "notification_type": "email"}
            self.env["mail.notification"].create({**values, "notification_status": status})
        self.assert_no_contact()

    def failed(self, message, person=None, status="exception"):
        whom = {"res_partner_id": person.id} if person else {"mail_email_address": "nobody@example.com"}
        values = {"mail_message_id": message.id, "notification_type": "email", **whom}
        self.env["mail.notification"].create({**values, "notification_status": status})

    def test_a_text_message_or_mailing_that_never_left(self):
        lead = self.lead(partner_id=self.carl.id)
        for kind in ("sms", "email_outgoing", "snailmail"):
            if kind not in self.env["mail.message"]._fields["message_type"].get_values(self.env):
                continue
            for record in (self.carl, self.sale, lead):
                with self.subTest(kind=kind, record=record._name):
                    self.failed(self.said(record, kind), self.carl)
                    self.failed(self.said(record, kind))  # to a number or address that is unknown
                    self.assert_no_contact()
                    self.assert_no_contact(lead)

    def test_a_mail_that_the_server_refused(self):
        lead = self.lead(partner_id=self.carl.id)
        for record in (self.carl, self.sale, lead):
            for kind, vals in (
                ("email_outgoing", {}),
                ("email_outgoing", {"to": self.carl}),
                ("comment", {"outgoing_email_to": "carl@example.com"}),
            ):
                with self.subTest(record=record._name, kind=kind, **vals):
                    message = self.said(record, kind, **vals)
                    mail = self.env["mail.mail"].create({"mail_message_id": message.id, "state": "exception"})
                    self.assert_no_contact()
                    self.assert_no_contact(lead)
                    mail.state = "sent"
                    self.assert_contact()
                    message.unlink()

    def test_a_mailing_that_failed_for_the_customer_and_arrived_at_a_colleague_only(self):
        message = self.said(self.carl, "email_outgoing")
        self.failed(message, self.carl)
        self.failed(message, self.sam, "sent")
        self.assert_no_contact()

    def test_a_mail_about_an_order_of_the_customer_to_another_address(self):
        self.said(self.sale, to=self.customer("Carrier"))
        self.assert_no_contact()

    def test_one_on_something_else_with_the_same_number(self):
        message = self.said(self.sale, "email_outgoing")
        self.force(message, model="crm.team")
        self.assert_no_contact()

    def test_what_comes_later(self):
        self.said(self.cleo, to=self.carl, day=AS_OF + timedelta(days=1))
        self.assert_no_contact()
        self.assertEqual(self.last(as_of=AS_OF + timedelta(days=1))[0], AS_OF + timedelta(days=1))

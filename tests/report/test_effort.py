from datetime import timedelta
from unittest.mock import patch

from lxml import etree

from odoo.sql_db import Cursor
from odoo.tests import tagged

from .effort_case import EffortCase


@tagged("post_install", "-at_install")
class TestEffortReport(EffortCase):
    def test_a_row_names_the_user_the_channel_and_the_customer_of_a_contact(self):
        self.env["crm.team.member"].create({"user_id": self.seller.id, "crm_team_id": self.team.id})
        self.wrote(self.cora)
        row = self.report()
        self.assertEqual(
            (row.user_id, row.team_id, row.company_id, row.partner_id, row.grade_id, row.channel),
            (self.seller, self.team, self.company, self.cleo, self.gold, "online"),
        )
        self.assertEqual((row.date.date(), row.contact_count, row.hours), (self.yesterday, 1, 0))

    def test_what_the_customer_wrote_and_what_odoobot_did_is_no_effort(self):
        self.said(self.sale, "email", self.yesterday, author=self.carl)
        self.said(self.sale, "email_outgoing", self.yesterday, author=self.env.ref("base.partner_root"))
        self.assertFalse(self.report())

    def test_a_contact_with_an_ungraded_customer_is_none(self):
        self.wrote(self.customer("Stranger"))
        self.assertFalse(self.report())

    def test_what_is_about_a_lead_and_its_customer_counts_once(self):
        self.said(self.hers, "comment", self.yesterday, to=self.carl)
        row = self.report()
        self.assertEqual((row.partner_id, row.lead_id, row.contact_count), (self.cleo, self.hers, 1))

    def test_a_lead_without_a_customer_has_a_row_too(self):
        lead = self.lead("Stranger", user_id=self.seller.id)
        self.rescore(leads=lead)
        self.said(lead, "email_outgoing", self.yesterday)
        row = self.report()
        self.assertEqual((row.partner_id, row.lead_id, row.company_id), (self.dan.browse(), lead, self.company))

    def test_a_mail_to_two_customers_has_a_row_for_each(self):
        self.said(self.cleo, "comment", self.yesterday, to=self.carl + self.dan)
        rows = self.report()
        self.assertEqual(rows.partner_id, self.cleo + self.dan)
        self.assertEqual(len(set(rows.ids)), 2)
        self.assertEqual({row.grade_id for row in rows}, {self.gold, self.bronze})

    def test_meetings_have_their_hours(self):
        self.meeting_with(self.carl, day=self.yesterday, user_id=self.seller.id, stop=self.noon(1.5))
        whole = self.meeting_with(self.carl, day=self.yesterday, user_id=self.seller.id)
        # A day that is over where the company works may still last in UTC.
        over = self.yesterday - timedelta(days=1)
        whole.write({"allday": True, "start_date": over - timedelta(days=1), "stop_date": over})
        rows = self.report()
        self.assertEqual(sorted(rows.mapped("hours")), [1.5, 16])
        self.assertEqual(rows.mapped("channel"), ["visit", "visit"])

    def test_a_meeting_that_was_done_as_an_activity_counts_once_and_keeps_its_hours(self):
        meeting = self.meeting_with(self.carl, day=self.yesterday, user_id=self.seller.id)
        activity = self.carl.with_user(self.seller).activity_schedule(
            "mail.mail_activity_data_meeting", user_id=self.seller.id
        )
        activity.sudo().calendar_event_id = meeting
        activity.action_feedback("Good")
        rows = self.report()
        self.assertEqual((sum(rows.mapped("contact_count")), sum(rows.mapped("hours"))), (1, 1))

    def test_a_meeting_still_to_come_has_taken_no_time(self):
        self.meeting_with(self.carl, day=self.today + timedelta(days=1), user_id=self.seller.id)
        self.assertFalse(self.report())

    def test_it_adds_up_by_grade_and_month(self):
        self.wrote(self.cleo, 2)
        self.wrote(self.dan, 1)
        groups = self.env["grading.effort.report"]._read_group(
            self.here(), ["grade_id", "channel"], ["contact_count:sum"], order="grade_id"
        )
        self.assertEqual(groups, [(self.gold, "online", 2), (self.bronze, "online", 1)])
        by_month = self.env["grading.effort.report"]._read_group(self.here(), ["date:month"], ["contact_count:sum"])
        self.assertEqual([count for _month, count in by_month], [3])

    def test_a_contact_counts_where_its_author_works_and_the_customer_is_graded(self):
        other, third = self.new_company("Second"), self.new_company("Third")
        self.seller.company_ids += other
        both = self.env["grading.profile"].create(
            [{"partner_id": self.dan.id, "company_id": company.id} for company in (other, third)]
        )
        self.force(both, grade_id=self.silver.id)
        self.wrote(self.dan)
        rows = self.env["grading.effort.report"].search([("partner_id", "=", self.dan.id)])
        self.assertEqual(
            {(row.company_id, row.grade_id, row.contact_count) for row in rows},
            {(self.company, self.bronze, 1), (other, self.silver, 1)},
        )
        self.assertEqual(len(set(rows.ids)), 2)
        self.profile(self.dan).unlink()
        self.assertEqual(self.env["grading.effort.report"].search([("partner_id", "=", self.dan.id)]).company_id, other)

    def test_what_is_about_a_document_counts_in_its_company_alone(self):
        other = self.new_company("Second")
        self.seller.company_ids += other
        elsewhere = self.env["grading.profile"].create({"partner_id": self.cleo.id, "company_id": other.id})
        self.force(elsewhere, grade_id=self.silver.id)
        self.said(self.sale, "email_outgoing", self.yesterday)
        rows = self.env["grading.effort.report"].search([("partner_id", "=", self.cleo.id)])
        self.assertEqual((rows.company_id, rows.grade_id), (self.company, self.gold))

    def test_the_key_of_a_row_is_unique_however_large_the_ids_are(self):
        other = self.new_company("Second")
        self.seller.company_ids += other
        created = self.env["grading.profile"].create({"partner_id": self.dan.id, "company_id": other.id})
        far = self.profile(self.dan).id + 2**22
        self.env.cr.execute("UPDATE grading_profile SET id = %s WHERE id = %s", (far, created.id))
        self.env.invalidate_all()
        self.wrote(self.dan, 2)
        domain = [("partner_id", "=", self.dan.id)]
        rows = self.env["grading.effort.report"].search_read(domain, ["company_id", "contact_count"])
        self.assertEqual(len({row["id"] for row in rows}), 4)
        self.assertEqual({row["company_id"][0] for row in rows}, {self.company.id, other.id})
        self.assertTrue(all(0 <= row["id"] < 2**53 for row in rows))  # a browser can tell them apart
        again = self.env["grading.effort.report"].search(domain)
        self.assertEqual(set(again.ids), {row["id"] for row in rows})

    def columns(self, model):
        """What the list of ``model`` asks for."""
        arch = etree.fromstring(self.env[model].with_user(self.seller).get_view(view_type="list")["arch"])
        relational = {"fields": {"display_name": {}}}
        fields = self.env[model]._fields
        names = [node.get("name") for node in arch.iter("field")]
        return {name: relational if fields[name].relational else {} for name in names}

    def test_the_rows_of_a_list_are_worked_out_once(self):
        self.wrote(self.dan)
        execute, asked = Cursor.execute, []

        def listen(cursor, query, *args, **kwargs):
            if "mail_message" in getattr(query, "code", query):
                asked.append(query)
            return execute(cursor, query, *args, **kwargs)

        for name in ("grading.effort.report", "grading.effort.share", "grading.effort.plan"):
            columns = self.columns(name)
            self.env.invalidate_all()
            asked.clear()
            rows = self.env[name].with_user(self.seller)
            with self.subTest(model=name), patch.object(Cursor, "execute", listen):
                found = rows.web_search_read(self.here(), columns, limit=80)
                self.assertTrue(found["records"])
                self.assertEqual(len(asked), 1)

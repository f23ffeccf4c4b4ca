from psycopg2.extras import Json

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..test_migration import migration
from .care_case import DAY, CareCase


@tagged("post_install", "-at_install")
class TestCareSecurity(CareCase):
    """Which users see and make which contacts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other, cls.boss = cls.salesman("other"), cls.manager("boss")
        cls.anna, cls.bert = cls.known("Anna", last=cls.after(-9)), cls.known("Bert", last=cls.after(-9))
        cls.bert.user_id = cls.other
        cls.lead_of_other = cls.lead(user_id=cls.other.id)
        cls.measure(cls.lead_of_other, last_online_date=cls.after(-9))
        cls.look_after()
        cls.plan()

    def seen_by(self, user, model="grading.care"):
        rows = self.env[model].with_user(user).search([("company_id", "=", self.company.id)])
        return {row.display_name.partition(",")[0] for row in rows}

    def test_a_salesperson_sees_their_own_contacts_and_the_manager_all(self):
        self.assertEqual(self.seen_by(self.seller), {"Anna"})
        self.assertEqual(self.seen_by(self.other), {"Bert", "Lead"})
        self.assertEqual(self.seen_by(self.boss), {"Anna", "Bert", "Lead"})

    def test_the_log_is_seen_like_the_contacts(self):
        for subject in (self.anna, self.bert, self.lead_of_other):
            self.measure(subject, last_online_date=DAY)
        self.look_after()
        self.assertEqual(self.seen_by(self.seller, "grading.care.log"), {"Anna"})
        self.assertEqual(self.seen_by(self.boss, "grading.care.log"), {"Anna", "Bert", "Lead"})

    def test_the_contact_about_a_lead_that_is_hidden_stays_hidden(self):
        care = self.care(self.lead_of_other)
        self.force(care, user_id=self.seller.id)
        with self.assertRaises(AccessError):
            care.with_user(self.seller).read(["next_date"])
        self.assertEqual(self.seen_by(self.seller), {"Anna"})

    def test_a_user_cannot_mark_an_unseen_contact_done(self):
        with self.assertRaises(AccessError):
            self.care(self.bert).with_user(self.seller).action_done()
        with self.assertRaises(AccessError):
            self.env["mail.activity"].with_user(self.seller).create(
                {
                    "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                    "res_id": self.anna.id,
                    "grading_care_id": self.care(self.bert).id,
                    "active": False,
                }
            )

    def test_a_salesperson_marks_their_own_contacts_done(self):
        self.mark_done(self.care(self.anna).with_user(self.seller))
        self.assertFalse(self.activities(self.anna))
        self.assertGreater(self.care(self.anna).next_date, DAY)

    def test_done_without_an_activity_leaves_one_behind_in_the_name_of_the_user(self):
        self.activities(self.anna).unlink()
        self.mark_done(self.care(self.anna).with_user(self.seller))
        done = self.env["mail.activity"].with_context(active_test=False)
        done = done.search([("grading_care_id", "=", self.care(self.anna).id)])
        self.assertEqual((done.active, done.user_id), (False, self.seller))

    def test_contacts_without_a_responsible_user_are_for_grading_users(self):
        self.anna.user_id = False
        self.look_after()
        care, clerk = self.care(self.anna), self.internal()
        with self.assertRaises(AccessError):
            care.with_user(clerk).read(["phone"])
        with self.assertRaises(AccessError):
            care.with_user(clerk).action_done()
        self.assertEqual(self.env["grading.cadence"].with_user(clerk).browse(self.weekly.id).name, "Weekly")
        self.assertIn(self.anna.name, self.seen_by(self.other))

    def test_a_user_who_cannot_edit_the_customer_marks_only_their_own_contacts_done(self):
        reader = self.user("reader", "customer_grading.customer_grading_group_user")
        self.anna.user_id = False
        self.look_after()
        self.assertFalse(self.anna.with_user(reader).has_access("write"))
        with self.assertRaises(AccessError):
            self.care(self.anna).with_user(reader).action_done()
        self.anna.user_id = reader
        self.look_after()
        self.mark_done(self.care(self.anna).with_user(reader))
        self.assertGreater(self.care(self.anna).next_date, DAY)

    def test_a_contact_tells_of_orders_and_complaints_to_readers_of_these_alone(self):
        reader = self.user("reader", "customer_grading.customer_grading_group_user")
        for name, user in (("Of Reader", reader), ("Of Seller", self.seller)):
            nora = self.known(name, last=DAY)
            nora.user_id = user
            told = {"open_complaint_count": 2, "next_order_date": DAY, "last_order_date": DAY}
            self.measure(nora, **told, last_online_date=None, last_call_date=None, last_visit_date=None)
            self.look_after()
            care = self.care(nora).with_user(user)
            is_visible = user == self.seller
            with self.subTest(user=user.login):
                self.assertTrue(care.has_access("read"))
                self.assertEqual("complaints" in care.topic, is_visible)
                self.assertEqual("expected" in care.topic, is_visible)
                self.assertEqual(care.silent_since, DAY if is_visible else False)

    def test_no_activity_of_a_customer_tells_a_figure_a_grade_or_a_document(self):
        """Each colleague who may open the contact reads it, and its message in the chatter once it is done."""
        words = "{grade} {last_order} {open_offers} {topics}"
        self.weekly.write({"summary": words, "note": f"<p>{words}</p>"})
        nora = self.known("Nora", last=self.after(-9), open_complaint_count=2, next_order_date=self.after(40))
        stage = self.env["grading.lifecycle"].create({"name": "Grown"})
        self.measure(nora, last_order_date=self.after(-3), lifecycle_id=stage.id)
        offer = self.order(nora, 10, DAY, state="draft")
        self.look_after()
        self.plan()
        activity, clerk = self.activities(nora), self.user("clerk", "base.group_user,base.group_partner_manager")
        [read] = activity.with_user(clerk).read(["summary", "note"])
        self.mark_done(self.care(nora).with_user(self.seller))
        message = (
            self.env["mail.message"]
            .with_user(clerk)
            .search([("model", "=", "res.partner"), ("res_id", "=", nora.id), ("mail_activity_type_id", "!=", False)])
        )
        for text in (read["summary"], read["note"], "".join(message.mapped("body"))):
            self.assertTrue(text, "otherwise this proves nothing")
            for secret in (offer.name, "Gold", "Grown", "complaints", "expected", "03/01/2026", "04/13/2026"):
                with self.subTest(secret=secret, text=text):
                    self.assertNotIn(secret, text)
        self.assertIn("Grading", read["note"])

    def update(self):
        self.env.flush_all()
        migration("19.0.1.16.0", "activities").migrate(self.env.cr, "19.0.1.15.0")
        self.env.invalidate_all()

    def test_an_update_takes_figures_out_of_the_activities_that_are_open(self):
        self.weekly.write({"summary": "Call {name}", "note": "<p>Last order: {last_order}.</p>"})
        carl = self.known("Carl", last=self.after(-9))
        self.look_after()
        self.plan()
        of_before, edited, renamed = (self.activities(customer) for customer in (self.anna, self.bert, carl))
        of_before.write({"summary": "Call Anna (also: D: renewal talk)", "note": "<p>Last order: S00042.</p>"})
        edited.write({"summary": "Mine", "note": "<p>Last order: S00042.</p><p>Ask for Tim.</p>"})
        renamed.write({"summary": "Mine", "note": "<p>Last order: S00042.</p>"})
        self.update()
        self.assertNotIn("S00042", of_before.note)
        self.assertIn("Last order", of_before.note)
        self.assertEqual(of_before.summary, "Call Anna")
        self.assertIn("S00042", edited.note, "what a user has written stays")
        self.assertEqual(renamed.summary, "Mine")
        self.assertNotIn("S00042", renamed.note)

    def test_an_update_replaces_the_shipped_notes_that_name_figures_and_their_translations(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        call, visit = (self.env.ref(f"customer_grading.grading_cadence_d_{name}") for name in ("call", "visit"))
        before, now = migration("19.0.1.16.0", "activities").NOTES["grading_cadence_d_call"]
        self.env.flush_all()
        notes = {
            "en_US": f"<p>{before}</p><p>Talk about: {{topics}}.</p>",
            "zh_CN": "<p>{last_order}</p><p>{topics}</p>",
        }
        self.env.cr.execute("UPDATE grading_cadence SET note = %s WHERE id = %s", [Json(notes), call.id])
        own = Json({"en_US": "<p>Mine: {last_order}</p>", "zh_CN": "<p>我的：{last_order}</p>"})
        self.env.cr.execute("UPDATE grading_cadence SET note = %s WHERE id = %s", [own, visit.id])
        self.env.invalidate_all()
        self.update()
        self.assertEqual(call.note, f"<p>{now}</p><p>Talk about: {{topics}}.</p>")
        self.assertNotIn("{last_order}", call.with_context(lang="zh_CN").note)
        self.assertNotIn("Ask", call.with_context(lang="zh_CN").note, "translated")
        self.assertEqual(visit.note, "<p>Mine: {last_order}</p>")
        self.assertEqual(visit.with_context(lang="zh_CN").note, "<p>我的：{last_order}</p>")

    def test_what_one_activity_answers_beside_is_told_without_the_names_of_cadences(self):
        """Those that are shipped begin with a grade."""
        call = self.env.ref("customer_grading.grading_cadence_d_call")
        renewal = self.env.ref("customer_grading.grading_cadence_d_renewal")
        nora = self.known("Nora", last=self.after(-9))
        cares = self.env["grading.care"].create(
            [
                {
                    "profile_id": self.profile(nora).id,
                    "partner_id": nora.id,
                    "company_id": self.company.id,
                    "cadence_id": cadence.id,
                    "channel": cadence.channel,
                    "start_date": DAY,
                    "next_date": DAY,
                }
                for cadence in (call, renewal)
            ]
        )
        summary = cares._describe_together(cares._describe())["summary"]
        self.assertIn("Talk to Nora about the next order", summary)
        self.assertNotIn("D:", summary)

    def test_open_offers_are_told_to_the_readers_of_the_quotations(self):
        offers = [self.order(self.anna, 10, DAY, state="draft", user_id=user.id) for user in (self.seller, self.other)]
        for user, seen in ((self.seller, offers[:1]), (self.boss, offers)):
            topic = self.care(self.anna).with_user(user).topic
            for offer in offers:
                with self.subTest(user=user.login, offer=offer.user_id.login):
                    self.assertEqual(offer.name in topic, offer in seen)
        clerk = self.user("clerk", "customer_grading.customer_grading_group_user")
        self.force(self.care(self.anna), user_id=clerk.id)
        topic = self.care(self.anna).with_user(clerk).topic
        self.assertFalse(any(offer.name in topic for offer in offers))

    def test_a_prospect_shows_the_next_contact_of_a_lead_with_the_lead_alone(self):
        prospect = self.customer("Prospect")
        lead = self.lead("Secret", user_id=self.other.id, partner_id=prospect.id)
        self.measure(lead, last_online_date=DAY)
        self.measure(prospect, order_count=0, best_lead_id=lead.id)
        self.look_after()
        for user, is_visible in ((self.seller, False), (self.other, False), (self.boss, True)):
            prospect.user_id = self.seller if user == self.seller else self.boss
            own = prospect.with_user(user)
            for name in ("grading_next_contact_date", "grading_next_online_date"):
                with self.subTest(user=user.login, field=name):
                    self.assertEqual(own[name], self.after(7) if is_visible else False)
                    found = own.search([("id", "=", prospect.id), (name, "!=", False)])
                    self.assertEqual(bool(found), is_visible)
        prospect.user_id = self.other
        self.env.invalidate_all()
        self.assertEqual(prospect.with_user(self.other).grading_next_contact_date, self.after(7))

    def test_the_daily_e_mail_is_read_by_no_colleague(self):
        self.company.grading_care_digest = True
        self.env["grading.care"]._send_digest(self.seller)
        mail = self.env["mail.mail"].search([("recipient_ids", "in", self.seller.partner_id.ids)], limit=1)
        self.assertIn("Anna", mail.body_html)
        self.env.flush_all()
        message = mail.mail_message_id.with_user(self.internal("clerk"))
        found = message.search([("id", "=", message.id)])
        self.assertNotIn("Anna", found.body or "")

    def test_contacts_and_cadences_are_written_by_permitted_users_only(self):
        for record, values in ((self.care(self.anna), {"next_date": DAY}), (self.weekly, {"name": "Mine"})):
            with self.assertRaises(AccessError):
                record.with_user(self.seller).write(values)
        self.weekly.with_user(self.boss).name = "Ours"

    def test_a_portal_user_gets_nothing(self):
        portal = self.portal()
        own = portal.partner_id.with_user(portal)
        for name in (
            "grading_next_contact_date",
            "grading_next_online_date",
            "grading_next_call_date",
            "grading_next_visit_date",
            "grading_do_not_disturb",
        ):
            with self.assertRaises(AccessError):
                own.read([name])
            with self.assertRaises(AccessError):
                own.search([(name, "!=", False)])

    def test_another_company_sees_nothing(self):
        company = self.new_company("Other Company")
        stranger = self.manager("stranger", company_id=company.id, company_ids=company.ids)
        rows = self.env["grading.care"].with_user(stranger).with_context(allowed_company_ids=company.ids)
        self.assertFalse(rows.search([("company_id", "=", self.company.id)]))

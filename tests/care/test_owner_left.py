from datetime import datetime

from odoo.tests import freeze_time, tagged

from .care_case import CareCase


@tagged("post_install", "-at_install")
class TestOwnerLeft(CareCase):
    """A salesperson leaves: the customers of that user get another one, or the managers are told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.grading_care_digest = True
        cls.leader = cls.manager("leader", name="Leader", email="leader@example.com", tz="Europe/Brussels")
        cls.chief = cls.manager("chief", name="Chief", email="chief@example.com", tz="Europe/Brussels")
        cls.team.user_id = cls.leader
        cls.env["crm.team.member"].create({"user_id": cls.seller.id, "crm_team_id": cls.team.id})
        cls.anna = cls.known("Anna", last=cls.after(-9))
        cls.prospect = cls.lead(user_id=cls.seller.id, name="Open Lead")
        cls.measure(cls.prospect, last_online_date=cls.after(-9))
        cls.look_after()
        cls.forget_requests()

    def responsible(self, subject, cadence=None):
        self.look_after()
        return self.care(subject, cadence).user_id

    def digests(self, *moment):
        before = self.env["mail.mail"].sudo().search([])
        with freeze_time(datetime(*moment)):
            self.env["grading.care"]._send_digests()
        mails = self.env["mail.mail"].sudo().search([]) - before
        ours = {self.seller.partner_id, self.leader.partner_id, self.chief.partner_id}
        return {(mail.recipient_ids, mail.subject): mail.body_html for mail in mails if mail.recipient_ids in ours}

    def test_due_contacts_go_to_the_team_leader(self):
        self.assertEqual(self.responsible(self.anna), self.seller)
        for archive in (self.seller.action_archive, lambda: self.seller.write({"active": False})):
            with self.subTest(), self.env.cr.savepoint() as savepoint:
                archive()
                self.assertEqual(self.responsible(self.anna), self.leader)
                self.assertEqual(self.responsible(self.prospect), self.leader)
                savepoint.rollback()
                self.env.invalidate_all()
        self.seller.action_archive()
        self.look_after()
        self.assertEqual(self.plan(), 2)
        self.assertEqual(self.activities(self.anna).user_id, self.leader)

    def test_a_user_of_a_cadence_and_a_leader_may_leave_as_well(self):
        clerk = self.salesman("clerk", name="Clerk")
        self.env["crm.team.member"].create({"user_id": clerk.id, "crm_team_id": self.team.id})
        fixed = self.cadence("Fixed", responsible_type="user", user_id=clerk.id)
        led = self.cadence("Led", responsible_type="team_leader")
        clerk.action_archive()
        self.assertEqual(self.responsible(self.prospect, fixed), self.leader)
        self.assertEqual(self.responsible(self.prospect, led), self.leader)
        self.leader.action_archive()
        self.assertFalse(self.responsible(self.prospect, led))

    def test_what_never_had_an_owner_has_no_leader_either(self):
        self.prospect.user_id = False
        self.assertFalse(self.responsible(self.prospect))

    def test_the_next_run_is_asked_for_at_once(self):
        self.seller.action_archive()
        self.env.cr.flush()
        waiting = self.env["grading.queue"]._waiting([])
        self.assertIn(self.anna, waiting.partner_id)
        self.assertIn(self.prospect, waiting.lead_id)
        self.forget_requests()
        self.look_after()
        self.seller.action_unarchive()
        self.env.cr.flush()
        self.assertIn(self.anna, self.env["grading.queue"]._waiting([]).partner_id)

    def test_until_then_the_managers_are_told_and_what_was_planned_is_passed_on(self):
        self.plan()
        self.force(self.seller, active=False)
        digests = self.digests(2026, 3, 4, 7)
        self.assertEqual({reader.name for reader, _subject in digests}, {"Chief", "Leader"})
        self.look_after()
        self.assertEqual(self.activities(self.anna).user_id, self.leader)

    def test_without_a_team_leader_the_managers_are_told_each_day(self):
        self.team.user_id = False
        self.seller.action_archive()
        self.look_after()
        self.assertFalse(self.care(self.anna).user_id)
        digests = self.digests(2026, 3, 4, 7)
        subject = "2 contacts due without a responsible user"
        self.assertEqual(set(digests), {(user.partner_id, subject) for user in (self.chief, self.leader)})
        body = " ".join(digests[self.chief.partner_id, subject].split())
        self.assertIn("Anna", body)
        self.assertIn("Seller (archived)", body)
        self.assertFalse(self.digests(2026, 3, 4, 8))
        self.assertEqual(len(self.digests(2026, 3, 5, 7)), 2)

    def test_customers_without_a_salesperson_are_in_the_managers_mail(self):
        self.anna.user_id = False
        self.look_after()
        digests = self.digests(2026, 3, 4, 7)
        self.assertEqual(
            {(reader.name, subject) for reader, subject in digests},
            {
                ("Seller", "1 contacts due today"),
                ("Chief", "1 contacts due without a responsible user"),
                ("Leader", "1 contacts due without a responsible user"),
            },
        )

    def test_only_managers_of_the_company_are_told(self):
        other = self.new_company("Other Company", grading_care_digest=True)
        foreign = self.manager("foreign", email="f@example.com", company_id=other.id, company_ids=other.ids)
        self.anna.user_id = False
        self.look_after()
        with freeze_time(datetime(2026, 3, 4, 7)):
            self.assertEqual(self.chief.grading_unassigned_contacts(), self.care(self.anna))
            self.assertFalse(foreign.grading_unassigned_contacts())
            self.assertFalse(self.seller.grading_unassigned_contacts())
        self.company.grading_care_digest = False
        self.assertFalse(self.digests(2026, 3, 4, 7))

    def test_a_run_names_who_has_left_customers_behind(self):
        self.team.user_id = False
        self.seller.action_archive()
        self.env["grading.profile"].search([("company_id", "=", self.company.id)]).unlink()
        self.scheme(thresholds=[(self.gold, 0)])
        self.order(self.anna, 50, self.after(-40, self.today))
        run = self.rescore()
        self.assertIn("Seller has left", run.message)
        self.assertIn("1 contacts due", run.message)
        self.anna.user_id = self.salesman("heir", name="Heir")
        self.assertFalse(self.rescore().message)

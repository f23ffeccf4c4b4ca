from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .touch_case import TouchCase


class EffortCase(TouchCase):
    """Gold should get 70 % of the effort, Silver 20, Bronze 10. Cleo is Gold, Dan is Bronze."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for grade, share in ((cls.gold, 70), (cls.silver, 20), (cls.bronze, 10)):
            grade.effort_share = share
        cls.seller = cls.sam.user_ids
        cls.yesterday = cls.today - timedelta(days=1)
        cls.dan = cls.customer("Dan")
        cls.hers = cls.lead("Hers", partner_id=cls.carl.id, user_id=cls.seller.id)
        cls.scheme()
        cls.order(cls.cleo, 500, cls.today)
        cls.order(cls.dan, 1, cls.today)
        cls.rescore()

    def wrote(self, customer, count=1, day=None, author=None):
        for _number in range(count):
            self.said(customer, "email_outgoing", day or self.yesterday, author=author)

    def report(self, user=None, domain=()):
        Report = self.env["grading.effort.report"].with_user(user or self.env.user)
        return Report.search([*self.here(), *domain])

    def here(self):
        """Other companies have contacts of their own."""
        return [("company_id", "=", self.company.id)]

    def noon(self, hours):
        return datetime.combine(self.yesterday, datetime.min.time()) + timedelta(hours=12 + hours)

    def shares(self, user=None, period="30", **vals):
        self.env.invalidate_all()  # as another request
        Share = self.env["grading.effort.share"].with_user(user or self.env.user)
        domain = [("period", "=", period), *self.here(), *((name, "=", value) for name, value in vals.items())]
        return {(share.user_id, share.grade_id): share for share in Share.search(domain)}


@tagged("post_install", "-at_install")
class TestEffortReport(EffortCase):
    def test_a_row_says_who_had_what_contact_with_whom(self):
        self.env["crm.team.member"].create({"user_id": self.seller.id, "crm_team_id": self.team.id})
        self.wrote(self.cora)
        row = self.report()
        self.assertEqual(
            (row.user_id, row.team_id, row.company_id, row.partner_id, row.grade_id, row.channel),
            (self.seller, self.team, self.company, self.cleo, self.gold, "online"),
        )
        self.assertEqual((row.date.date(), row.contact_count, row.hours), (self.yesterday, 1, 0))

    def test_what_the_customer_wrote_and_what_the_robot_did_is_nobodys_effort(self):
        self.said(self.sale, "email", self.yesterday, author=self.carl)
        self.said(self.sale, "email_outgoing", self.yesterday, author=self.env.ref("base.partner_root"))
        self.assertFalse(self.report())

    def test_a_contact_with_somebody_who_is_not_graded_by_anybody_is_none(self):
        self.wrote(self.customer("Nobody"))
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

    def test_meetings_tell_their_hours(self):
        self.meeting_with(self.carl, day=self.yesterday, user_id=self.seller.id, stop=self.noon(1.5))
        whole = self.meeting_with(self.carl, day=self.yesterday, user_id=self.seller.id)
        whole.write({"allday": True, "start_date": self.yesterday - timedelta(days=1), "stop_date": self.yesterday})
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


@tagged("post_install", "-at_install")
class TestEffortShare(EffortCase):
    def test_the_shares_of_a_salesperson_are_those_of_his_contacts(self):
        self.wrote(self.cleo, 1)
        self.wrote(self.dan, 3)
        shares = self.shares()
        self.assertEqual(
            {grade: (line.contact_count, line.share, line.effort_share) for (_user, grade), line in shares.items()},
            {self.gold: (1, 25, 70), self.silver: (0, 0, 20), self.bronze: (3, 75, 10)},
        )
        self.assertEqual([line.grade_id for line in shares.values() if line.is_main], [self.bronze])
        self.assertEqual(shares[self.seller, self.bronze].difference, 65)

    def test_the_shares_of_the_hours_stand_beside_those_of_the_contacts(self):
        self.wrote(self.cleo)
        self.meeting_with(self.carl, day=self.yesterday, user_id=self.seller.id)
        self.assertEqual([line.hours_share for line in self.shares().values()], [100, 0, 0])
        self.meeting_with(self.dan, day=self.yesterday, user_id=self.seller.id, stop=self.noon(3))
        shares = self.shares()
        self.assertEqual(
            {grade: (line.share, line.hours_share) for (_user, grade), line in shares.items()},
            {self.gold: (66.7, 25), self.silver: (0, 0), self.bronze: (33.3, 75)},
        )

    def test_it_is_said_in_a_sentence(self):
        self.wrote(self.cleo, 29)
        self.wrote(self.dan, 21)
        mine = self.shares(self.seller)[self.seller, self.bronze]
        self.assertEqual(mine.sentence, "42 % of your contacts went to Bronze customers; the plan says 10 %.")
        theirs = self.shares(self.manager())[self.seller, self.bronze]
        expected = f"42 % of the contacts of {self.seller.name} went to Bronze customers; the plan says 10 %."
        self.assertEqual(theirs.sentence, expected)

    def test_who_keeps_to_the_plan_is_told_so(self):
        self.gold.effort_share = 96
        self.wrote(self.cleo)
        line = self.shares(self.seller, is_main=True)[self.seller, self.gold]
        self.assertEqual(line.sentence, "Your contacts go to the grades as planned.")

    def test_the_periods_are_thirty_and_ninety_days(self):
        self.wrote(self.cleo, day=self.today - timedelta(days=10))
        self.wrote(self.dan, day=self.today - timedelta(days=40))
        self.wrote(self.dan, day=self.today - timedelta(days=100))
        self.assertEqual(self.shares()[self.seller, self.gold].share, 100)
        self.assertEqual(self.shares(period="90")[self.seller, self.gold].share, 50)

    def test_a_grade_that_was_archived_is_left_out_unless_it_got_something(self):
        self.silver.active = self.bronze.active = False
        self.wrote(self.dan)
        self.assertEqual({grade for _user, grade in self.shares()}, {self.gold, self.bronze})

    def test_who_is_not_graded_or_has_a_grade_without_a_plan_is_left_out(self):
        self.wrote(self.cleo)
        self.wrote(self.dan)
        self.assertEqual(self.shares()[self.seller, self.gold].share, 50)
        self.bronze.effort_share = 0
        shares = {grade: line.share for (_user, grade), line in self.shares().items()}
        self.assertEqual(shares, {self.gold: 100, self.silver: 0})
        self.bronze.effort_share = 10
        self.force(self.profile(self.dan), grade_id=None)
        self.assertEqual(self.shares()[self.seller, self.gold].share, 100)


@tagged("post_install", "-at_install")
class TestEffortSecurity(EffortCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rita = cls.manager("rita")
        cls.other = cls.new_company("Other Company")
        cls.foreigner = cls.manager("foreigner", company_id=cls.other.id, company_ids=cls.other.ids)

    def test_a_salesperson_sees_his_own_and_the_manager_everybodys(self):
        self.wrote(self.cleo)
        self.wrote(self.dan, author=self.rita.partner_id)
        self.assertEqual(self.report(self.seller).user_id, self.seller)
        self.assertEqual(self.report(self.rita).user_id, self.seller + self.rita)
        self.assertEqual({user for user, _grade in self.shares(self.seller)}, {self.seller})
        self.assertEqual({user for user, _grade in self.shares(self.rita)}, {self.seller, self.rita})

    def test_portal_users_and_other_employees_see_nothing(self):
        self.wrote(self.cleo)
        for user in (self.portal(), self.internal()):
            for model in ("grading.effort.report", "grading.effort.share"):
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search_count([])

    def test_another_company_sees_nothing(self):
        self.wrote(self.cleo)
        self.assertTrue(self.report())
        theirs = {"allowed_company_ids": self.other.ids}
        for model in ("grading.effort.report", "grading.effort.share"):
            with self.subTest(model=model):
                rows = self.env[model].with_user(self.foreigner).with_context(**theirs)
                self.assertEqual(rows.search_count([]), 0)

    def test_what_is_about_a_lead_that_one_may_no_longer_see_is_hidden(self):
        self.said(self.hers, "email_outgoing", self.yesterday)
        self.assertTrue(self.report(self.seller))
        self.hers.user_id = self.rita
        self.assertFalse(self.report(self.seller))
        self.assertTrue(self.report(self.rita))

    def test_what_is_written_is_refused(self):
        self.wrote(self.cleo)
        with self.assertRaises(AccessError):
            self.report(self.rita).with_user(self.rita).check_access("write")

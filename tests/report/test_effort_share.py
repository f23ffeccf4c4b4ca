from datetime import timedelta

from odoo.tests import tagged

from .effort_case import EffortCase


@tagged("post_install", "-at_install")
class TestEffortShare(EffortCase):
    def test_the_shares_of_a_salesperson_are_those_of_their_own_contacts(self):
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

    def test_a_salesperson_on_plan_reads_so(self):
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

    def test_more_than_planned_is_too_much_but_for_the_grade_that_should_get_most(self):
        self.wrote(self.cleo, 20)
        self.wrote(self.dan, 1)
        self.assertFalse([line for line in self.shares().values() if line.is_waste])
        self.wrote(self.dan, 3)
        self.assertEqual([line.grade_id for line in self.shares().values() if line.is_waste], [self.bronze])

    def test_a_little_more_than_planned_is_not_too_much(self):
        self.wrote(self.cleo, 17)
        self.wrote(self.dan, 3)
        line = self.shares()[self.seller, self.bronze]
        self.assertEqual((line.difference, line.is_waste), (5, False))

    def test_a_plan_of_nothing_is_a_plan(self):
        self.wrote(self.cleo, 1)
        self.wrote(self.dan, 3)
        self.bronze.effort_share = 0
        shares = self.shares(self.seller)
        self.assertEqual(
            {grade: (line.share, line.effort_share) for (_user, grade), line in shares.items()},
            {self.gold: (25, 70), self.silver: (0, 20), self.bronze: (75, 0)},
        )
        waste = shares[self.seller, self.bronze]
        self.assertEqual(waste.sentence, "75 % of your contacts went to Bronze customers; the plan says 0 %.")

    def test_grades_that_customers_cannot_get_are_left_out_unless_they_have_a_plan(self):
        warm = self.env["grading.grade"].create({"name": "Warm", "sequence": 4})
        self.lead_scheme(thresholds=[(warm, 0)])
        lead = self.lead("Stranger", user_id=self.seller.id)
        self.rescore(leads=lead)
        self.assertEqual(self.lead_profile(lead).grade_id, warm)
        self.wrote(self.cleo)
        self.said(lead, "email_outgoing", self.yesterday)
        self.assertEqual(self.shares()[self.seller, self.gold].share, 100)
        self.assertNotIn((self.seller, warm), self.shares())
        warm.effort_share = 5
        self.assertEqual(self.shares()[self.seller, warm].share, 50)

    def test_without_any_plan_nothing_is_shown(self):
        self.wrote(self.cleo)
        (self.gold + self.silver + self.bronze).effort_share = 0
        self.assertFalse(self.shares())

    def test_ungraded_customers_are_left_out(self):
        self.wrote(self.cleo)
        self.wrote(self.dan)
        self.assertEqual(self.shares()[self.seller, self.gold].share, 50)
        self.force(self.profile(self.dan), grade_id=None)
        self.assertEqual(self.shares()[self.seller, self.gold].share, 100)

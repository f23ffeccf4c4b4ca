from odoo.exceptions import AccessError
from odoo.tests import tagged

from .memory_case import MemoryCase, month_end


@tagged("post_install", "-at_install")
class TestScoreLine(MemoryCase):
    """The score of a customer month by month, as the page Grading draws it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.taken()
        cls.order(cls.bob, 60, cls.today)
        cls.rescore()

    def test_it_has_the_months_today_the_changes_and_the_limits(self):
        today, line = str(self.company._grading_today()), self.bob.grading_score_line
        self.assertEqual(
            line["points"],
            [
                {"date": str(self.last_month), "score": 50, "grade": "Silver"},
                {"date": today, "score": 110, "grade": "Gold"},
            ],
        )
        self.assertEqual(
            [(change["from"], change["to"], change["score"]) for change in line["changes"]],
            [(None, "Silver", 50), ("Silver", "Gold", 110)],
        )
        self.assertEqual(
            line["limits"],
            [{"grade": "Gold", "start": 100}, {"grade": "Silver", "start": 10}, {"grade": "Bronze", "start": 0}],
        )
        self.assertEqual(line["max"], self.rules.points_max)

    def test_a_change_of_stage_alone_is_none_of_grade(self):
        profile = self.profile(self.ada)
        self.force(profile.history_ids[:1], old_grade_id=self.gold.id)
        self.assertEqual(self.ada.grading_score_line["changes"], [])

    def test_a_month_in_which_no_scheme_judged_has_no_score(self):
        snapshot = self.snapshots(("partner_id", "=", self.cid.id))
        self.force(snapshot, scheme_id=None, score=0, grade_id=None)
        self.assertEqual(
            self.cid.grading_score_line["points"][0], {"date": str(self.last_month), "score": None, "grade": None}
        )

    def test_limits_by_rank_are_those_of_the_last_full_run(self):
        self.scheme(threshold_mode="rank", thresholds=[(self.gold, 40), (self.silver, 100)], sequence=1)
        self.rescore()
        limits = self.bob.grading_score_line["limits"]
        starts = self.profile(self.bob)._grade_starts()
        self.assertEqual([(limit["grade"], limit["start"]) for limit in limits], [(g.name, s) for g, s in starts])
        self.assertEqual(limits[0]["grade"], "Gold")

    def test_one_query_reads_what_is_remembered_of_all(self):
        profiles = self.profile(self.ada) | self.profile(self.bob) | self.profile(self.cid)
        self.env.invalidate_all()
        (self.gold | self.silver | self.bronze).mapped("name")  # read once for all
        with self.assertQueryCount(1):
            remembered = profiles._remembered()
        self.assertEqual(set(remembered), set(profiles.ids))

    def test_a_lead_has_its_line(self):
        lead = self.lead()
        self.scheme(subject="lead", criteria=[self.linear("stage_progress")], thresholds=[(self.gold, 0)])
        self.rescore()
        self.taken(month_end(self.last_month, 1))
        line = lead.grading_score_line
        self.assertEqual([point["grade"] for point in line["points"]], ["Gold", "Gold"])

    def test_it_is_for_those_who_may_see_the_documents(self):
        seller, colleague = self.salesman("line_seller"), self.salesman("line_colleague")
        self.bob.user_id = colleague
        self.env.flush_all()
        for user, seen in ((seller, False), (colleague, True), (self.manager("line_boss"), True)):
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                [read] = self.bob.with_user(user).read(["grading_score_line"])
                self.assertEqual(bool(read["grading_score_line"]), seen)
        with self.assertRaises(AccessError):
            self.bob.with_user(self.internal()).read(["grading_score_line"])

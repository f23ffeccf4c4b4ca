from collections import defaultdict
from datetime import datetime, time, timedelta

from odoo.tests import tagged

from ..common import LeadCase, with_seeds
from .figures_case import FiguresCase, mean, month_end


@tagged("post_install", "-at_install")
class TestLeadReport(FiguresCase, LeadCase):
    """What became of leads by the grade that they had at first, held against the leads and what is remembered."""

    model = "grading.lead.report"

    def lead_of(self, created, **vals):
        lead = self.lead(**vals)
        self.force(lead, create_date=created)
        return lead

    def noted(self, lead, day, grade):
        self.env["grading.history"].create(
            {
                "lead_id": lead.id,
                "company_id": self.company.id,
                "date": day,
                "new_grade_id": grade.id,
                "reason": "rescore",
            }
        )

    def some_end(self, rng, lead, created):
        """Win, lose, archive or leave the lead: its state, and the days to its signature."""
        end = rng.choice(["won", "lost", "archived", "open"])
        if end == "won":
            days = rng.randrange(60)
            lead.stage_id = self.won
            self.force(lead, date_closed=created + timedelta(days=days))
            return "won", days
        if end == "lost":
            lead.action_set_lost()
        elif end == "archived":
            lead.active = False
        return ("open" if end == "open" else "lost"), None

    @with_seeds(3)
    def test_conversion_by_the_first_grade(self, rng):
        expected, leads = defaultdict(list), []
        for _number in range(25):
            created = datetime.combine(self.today - timedelta(days=rng.randrange(70, 400)), time(8))
            revenue = rng.choice([0, 100, 250.5])
            lead = self.lead_of(created, expected_revenue=revenue)
            leads.append(lead.id)
            known = []
            for _line in range(rng.randrange(3)):
                grade = rng.choice([*self.grades, self.gold.browse()])
                day = created.date() + timedelta(days=rng.randrange(40))
                self.noted(lead, day, grade)
                known.append((day, 1, len(known), grade))
            for day in {
                month_end(created.date() + timedelta(days=rng.randrange(60))) for _month in range(rng.randrange(3))
            }:
                grade = rng.choice(self.grades)
                self.remember(lead, day, grade)
                known.append((day, 2, len(known), grade))
            first = min(known, key=lambda line: line[:3])[3] if known else self.gold.browse()
            state, days = self.some_end(rng, lead, created)
            won = 100 * (state == "won")
            closed = None if state == "open" else won
            expected[(first,)].append((won, closed, days, revenue, revenue if state == "won" else 0))
        measures = ["conversion:avg", "win_rate:avg", "days_to_sign:avg", "expected_revenue:sum", "won_revenue:sum"]
        got = self.groups(["grade_id"], [*measures, "__count"], [("lead_id", "in", leads)])
        wanted = {}
        for key, rows in expected.items():
            won, closed, days, revenue, won_revenue = zip(*rows, strict=True)
            wanted[key] = (mean(won), mean(closed), mean(days), sum(revenue), sum(won_revenue), len(rows))
        self.assert_same(got, wanted)

    def test_the_first_scoring_of_a_lead_is_its_first_grade(self):
        self.scheme([self.linear("expected_revenue")], subject="lead")
        lead = self.lead(expected_revenue=150)
        self.rescore()
        lead.expected_revenue = 20
        self.rescore()
        row = self.rows([("lead_id", "=", lead.id)])
        self.assertEqual((row.grade_id, row.grade_now_id), (self.gold, self.silver))
        self.assertEqual(row.action_open()["res_id"], lead.id)

    def test_one_sees_the_leads_that_one_sees_in_the_pipeline(self):
        mine, theirs, free = (self.lead(user_id=user) for user in (self.seller.id, self.chief.id, False))
        self.assertEqual(self.rows(user=self.seller).lead_id & (mine + theirs + free), mine + free)
        self.assertLess(set((mine + theirs).ids), set(self.rows(user=self.chief).lead_id.ids))
        self.assert_cells_open_what_they_count(["user_id", "state"], "expected_revenue", user=self.seller)

    def test_companies_are_apart_and_outsiders_see_nothing(self):
        self.env["crm.lead"].with_context(active_test=False).search(
            [("company_id", "=", False)]
        ).company_id = self.company
        self.lead()
        self.assert_apart_and_closed()

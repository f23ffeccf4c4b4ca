import random
from datetime import date, timedelta

from odoo.tests import tagged
from odoo.tools import SQL

from ..common import LeadCase

AS_OF = date(2025, 3, 10)
STAMPS = {"changed_run", "counted_run", "create_uid", "create_date", "write_uid", "write_date"}


class LawCase(LeadCase):
    """Twenty-five random leads of eight customers, some of whom have ordered, and some leads of no customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rng = random.Random(11)
        cls.customers = cls.env["res.partner"].create([{"name": "Law %s" % number} for number in range(8)])
        cls.customers[0].willingness = "3"
        for customer in cls.customers[6:]:
            cls.order(customer, rng.choice((5, 50, 500)), AS_OF - timedelta(days=rng.randint(0, 400)))
        cls.leads = cls.env["crm.lead"].concat(*(cls.random_lead(rng, number) for number in range(25)))
        cls.before = cls.lead_scheme(
            [
                cls.linear("willingness", 10, points_max=40, points_if_none=15, dimension="intent"),
                cls.linear("stage_progress", 0.3, points_max=30, dimension="intent"),
                cls.rank("expected_revenue", 20, dimension="fit", points_if_none=1),
                cls.matching([("lead_id.priority", "=", "3")], 5, dimension="fit"),
            ],
            name="Before",
            sequence=1,
        )
        cls.service = cls.scheme(name="Service", sequence=2, domain="[('order_count', '>', 0)]")

    @classmethod
    def random_lead(cls, rng, number):
        lead = cls.lead(
            "Law %s" % number,
            partner_id=rng.choice((False, *cls.customers[1:].ids)),
            stage_id=rng.choice((cls.new, cls.talks, cls.offer)).id,
            willingness=rng.choice((False, *"12345")),
            date_deadline=rng.choice((False, AS_OF + timedelta(days=rng.randint(-50, 200)))),
            expected_revenue=rng.choice((0, 100, 100, rng.randint(0, 10000))),
            priority=rng.choice("0123"),
        )
        for _contact in range(rng.randint(0, 3)):
            cls.message(lead, AS_OF - timedelta(days=rng.randint(100, 300)))
        if number % 8 == 7:
            cls.win(lead, AS_OF - timedelta(days=number))
        return lead

    def versions(self, company=None):
        """Where each row version lies: an update, even with the same values, would move it."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT id, xmin, cmin, ctid FROM grading_profile WHERE company_id = %s ORDER BY id",
            [(company or self.company).id],
        )
        return self.env.cr.fetchall()

    def values(self):
        """All rows of the company by what they are about, without the user and time of the last change."""
        self.env.flush_all()
        self.env.cr.execute("SELECT * FROM grading_profile WHERE company_id = %s", [self.company.id])
        rows = self.env.cr.dictfetchall()
        return {
            (row["partner_id"], row["lead_id"]): {name: value for name, value in row.items() if name not in STAMPS}
            for row in rows
        }


@tagged("post_install", "-at_install")
class TestLeadLaws(LawCase):
    """What holds whatever the leads and the rules are."""

    def test_a_second_run_writes_no_row(self):
        first = self.rescore(as_of=AS_OF)
        before = self.versions()
        history = self.env["grading.history"].search_count([])
        run = self.rescore(as_of=AS_OF)
        self.assertEqual((run.profile_count, run.changed_count), (first.profile_count, 0))
        self.assertEqual(run.profile_count, 25 + 8)
        self.assertEqual(self.versions(), before)
        self.assertEqual(self.env["grading.history"].search_count([]), history)

    def test_a_night_that_passes_writes_no_row(self):
        self.rescore(as_of=AS_OF)
        before = self.versions()
        run = self.rescore(as_of=AS_OF + timedelta(days=1))
        self.assertEqual(run.changed_count, 0)
        self.assertEqual(self.versions(), before)

    def test_a_night_writes_those_only_whose_points_change(self):
        date_points = self.band("date_deadline", [(-30, 20), (1, 5), (-9999, 10)], dimension="intent")
        self.before.criterion_ids = [(0, 0, date_points)]
        self.rescore(as_of=AS_OF)
        due = self.leads.filtered(
            lambda lead: lead.date_deadline in (AS_OF, AS_OF + timedelta(days=31)) and lead.won_status == "pending"
        )
        due |= self.lead("Due", date_deadline=AS_OF)
        self.rescore(as_of=AS_OF)
        before = {row[0]: row for row in self.versions()}
        self.rescore(as_of=AS_OF + timedelta(days=1))
        moved = [row_id for row_id, *row in self.versions() if before[row_id] != (row_id, *row)]
        profiles = self.env["grading.profile"].browse(moved)
        self.assertEqual(profiles.lead_id, due)

    def test_the_books_balance(self):
        self.rescore(as_of=AS_OF)
        self.env.cr.execute(
            """
            SELECT COUNT(*) FILTER (WHERE points_detail IS NOT NULL AND lead_id IS NOT NULL),
                   COUNT(*) FILTER (WHERE points_detail IS NOT NULL AND best_lead_id IS NOT NULL),
                   COUNT(*) FILTER (WHERE score IS DISTINCT FROM
                       (SELECT SUM(value::numeric) FROM JSONB_EACH_TEXT(points_detail))),
                   COUNT(*) FILTER (WHERE scheme_id = %s AND score IS DISTINCT FROM fit_score + intent_score)
              FROM grading_profile WHERE company_id = %s
            """,
            [self.before.id, self.company.id],
        )
        leads, prospects, unbalanced, unsplit = self.env.cr.fetchone()
        self.assertEqual((leads, prospects > 3), (25, True))
        self.assertEqual((unbalanced, unsplit), (0, 0))

    def test_an_incremental_run_equals_a_full_run(self):
        self.rescore(as_of=AS_OF)
        full = self.values()
        leads, partners = self.leads[:9], self.customers[2:5]
        run = self.rescore(as_of=AS_OF, leads=leads, partners=partners)
        self.assertEqual((run.scope, run.changed_count), ("incremental", 0))
        # Forget what is known: rescoring them alone must bring back every value.
        self.env.cr.execute(
            "UPDATE grading_profile SET score = 1, points_detail = NULL, grade_id = NULL, computed_grade_id = NULL,"
            " willingness = NULL, stage_progress = 7, best_lead_id = NULL, fit_level = NULL"
            " WHERE lead_id = ANY(%s) OR partner_id = ANY(%s)",
            [leads.ids, partners.ids],
        )
        self.rescore(as_of=AS_OF, leads=leads, partners=partners)
        self.assertEqual(self.values(), full)

    def test_changed_leads_scored_alone_equal_a_full_run_by_the_same_cut_points(self):
        self.before.criterion_ids.filtered(lambda c: c.kind == "rank").unlink()
        self.rescore(as_of=AS_OF)
        rng = random.Random(5)
        changed = self.leads.filtered(lambda lead: lead.won_status == "pending")[:8]
        for lead in changed:
            lead.write({"willingness": rng.choice("12345"), "stage_id": rng.choice((self.new, self.offer)).id})
        changed[0].action_set_lost()
        changed[1].action_set_won()
        self.order(changed.partner_id[:1], 500, AS_OF)
        self.rescore(as_of=AS_OF, leads=changed)
        alone = self.values()
        with self.compared_as_before():
            self.assertEqual(self.rescore(as_of=AS_OF).changed_count, 0)
        self.assertEqual(self.values(), alone)

    def test_rescoring_prospects_rescores_their_leads_and_the_other_way_round(self):
        self.rescore(as_of=AS_OF)
        prospect = self.profile(self.customers[1])
        lead = prospect.best_lead_id
        self.assertTrue(lead)
        for order, subject in enumerate(({"partners": self.customers[1]}, {"leads": lead})):
            lead.willingness = "15"[order]
            self.rescore(as_of=AS_OF, **subject)
            self.assertEqual(self.lead_profile(lead).willingness, "15"[order])
            self.assertEqual(prospect.score, self.lead_profile(prospect.best_lead_id).score)

    def test_the_order_of_rows_does_not_matter(self):
        self.before.criterion_ids = [(0, 0, self.linear("engagement", 1000, dimension="intent"))]
        self.rescore(as_of=AS_OF)
        before = self.values()
        self.env.cr.execute("DELETE FROM grading_profile WHERE company_id = %s", [self.company.id])
        rng = random.Random(3)
        for table, ids in (("crm_lead", self.leads.ids), ("mail_message", self.leads.message_ids.ids)):
            rng.shuffle(ids)
            for record_id in ids:  # the row moves to the end of its table
                self.env.cr.execute(
                    SQL("UPDATE %s SET create_uid = create_uid WHERE id = %s", SQL.identifier(table), record_id)
                )
        self.env.invalidate_all()
        self.rescore(as_of=AS_OF)
        after = self.values()
        for row in (*before.values(), *after.values()):
            row.pop("id")
        self.assertEqual(after, before)

    def test_equal_leads_get_equal_points_and_share_their_rank(self):
        twins = [self.lead("Twin", willingness="4", expected_revenue=4321) for _number in range(4)]
        self.message(twins[0], AS_OF)  # no rule here reads it
        self.rescore(as_of=AS_OF)
        profiles = [self.lead_profile(twin) for twin in twins]
        self.assertEqual(len({str(profile.points_detail) for profile in profiles}), 1)
        self.assertEqual({profile.grade_id for profile in profiles}, {profiles[0].grade_id})
        self.assertTrue(profiles[0].points_detail)

    def test_the_best_percent_never_splits_a_tie(self):
        self.before.active = False
        tied = [self.lead("Tied", expected_revenue=10**6) for _number in range(10)]
        self.lead_scheme(
            [self.rank("expected_revenue", 100)],
            [(self.gold, 5), (self.silver, 50), (self.bronze, 100)],
            threshold_mode="rank",
        )
        self.rescore(as_of=AS_OF)
        self.assertEqual({self.lead_profile(lead).grade_id for lead in tied}, {self.silver})

    def test_prospects_are_ranked_by_the_cut_points_of_the_leads(self):
        self.rescore(as_of=AS_OF)
        for profile in self.env["grading.profile"].search(
            [
                ("partner_id", "in", self.customers.ids),
                ("scheme_id", "=", self.before.id),
                ("best_lead_id", "!=", False),
            ]
        ):
            self.assertEqual(profile.points_detail, self.lead_profile(profile.best_lead_id).points_detail)

    def test_companies_are_apart(self):
        other = self.new_company("Other Company")
        self.before.company_id = False
        theirs = self.lead(
            "Theirs", partner_id=self.customers[1].id, company_id=other.id, team_id=False, stage_id=False,
            expected_revenue=10**6,
        )  # fmt: skip
        self.rescore(as_of=AS_OF)
        mine = self.values()
        self.rescore(as_of=AS_OF, company=other)
        rows = self.versions(other)
        self.assertTrue(self.lead_profile(theirs))
        self.assertEqual(self.values(), mine)
        self.leads[0].willingness = "5" if self.leads[0].willingness == "1" else "1"
        self.assertGreater(self.rescore(as_of=AS_OF).changed_count, 0)
        self.assertEqual(self.versions(other), rows)

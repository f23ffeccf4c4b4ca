from datetime import date

from odoo.tests import tagged

from .memory_case import MemoryCase

MOVES = ("move_month", "move_quarter", "move_year")


@tagged("post_install", "-at_install")
class TestMoves(MemoryCase):
    """Who has risen or fallen since the last month, quarter or year ended."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.taken()
        cls.all = cls.ada | cls.bob | cls.cid
        cls.order(cls.cid, 800, cls.last_month)
        cls.order(cls.ada, -450, cls.last_month)
        cls.rescore(as_of=cls.last_month)
        cls.newcomer = cls.customer("New")

    def found(self, domain):
        return self.env["res.partner"].search([("id", "in", (self.all | self.newcomer).ids), *domain])

    def test_contacts_are_found_and_shown_by_it(self):
        moves = {"up": self.cid, "same": self.bob, "down": self.ada, False: self.newcomer}
        for move, partner in moves.items():
            with self.subTest(move=move):
                self.assertEqual(self.found([("grading_move_month", "=", move)]), partner)
                self.assertEqual(partner.grading_move_month, move)
        self.assertEqual(self.found([("grading_move_month", "in", ["up", "down"])]), self.ada | self.cid)
        self.assertEqual(self.found([("grading_move_month", "!=", False)]), self.all)
        self.assertEqual(self.found([("grading_move_month", "!=", "up")]), self.ada | self.bob | self.newcomer)

    def test_a_rule_may_ask_for_it(self):
        tag = self.env["res.partner.category"].create({"name": "Fallen"})
        self.env["grading.tag.rule"].create(
            {"name": "Fallen", "category_id": tag.id, "domain": "[('move_month', '=', 'down')]"}
        )
        self.order(self.bob, -45, self.last_month)
        self.rescore()
        self.assertEqual(
            self.found([("category_id", "=", tag.id)]), self.ada | self.bob, "by the grade of this very run"
        )

    def test_leads_are_too(self):
        self.lead_scheme()
        lead = self.lead(willingness="5")
        self.rescore(as_of=self.last_month)
        self.taken()
        lead.willingness = "3"
        self.rescore(as_of=self.last_month)
        mine = [("id", "=", lead.id)]
        self.assertEqual(lead.grading_move_month, "down")
        self.assertEqual(self.env["crm.lead"].search([*mine, ("grading_move_month", "=", "down")]), lead)
        self.assertFalse(self.env["crm.lead"].search([*mine, ("grading_move_month", "=", "up")]))

    def test_a_salesperson_finds_by_it(self):
        user = self.salesman()
        for model in ("res.partner", "crm.lead"):
            self.env[model].with_user(user).search([("grading_move_year", "=", "down")])
            arch = self.env[model].with_user(user).get_view(view_type="search")["arch"]
            if model == "res.partner":
                self.assertIn("cg_rose_quarter", arch)

    def test_since_when_it_is(self):
        Profile = self.env["grading.profile"]
        expected = {
            date(2025, 11, 15): (date(2025, 10, 31), date(2025, 9, 30), date(2024, 12, 31)),
            date(2025, 10, 1): (date(2025, 9, 30), date(2025, 9, 30), date(2024, 12, 31)),
            date(2024, 3, 31): (date(2024, 2, 29), date(2023, 12, 31), date(2023, 12, 31)),
            date(2025, 1, 1): (date(2024, 12, 31),) * 3,
            date(2024, 12, 31): (date(2024, 11, 30), date(2024, 9, 30), date(2023, 12, 31)),
        }
        for day, ends in expected.items():
            with self.subTest(day=day):
                since = Profile.with_context(grading_as_of=day)._moved_since()
                self.assertEqual(tuple(since[name] for name in MOVES), ends)

    def test_each_has_its_own_day(self):
        for name, day in self.env["grading.profile"]._moved_since().items():
            self.snapshots(("partner_id", "=", self.bob.id)).unlink()
            self.env["grading.snapshot"].create(
                {
                    "partner_id": self.bob.id,
                    "profile_id": self.profile(self.bob).id,
                    "company_id": self.company.id,
                    "scheme_id": self.rules.id,
                    "date": day,
                    "grade_id": self.gold.id,
                }
            )
            self.env.flush_all()
            with self.subTest(move=name):
                self.assertEqual(self.found([(f"grading_{name}", "=", "down")]) & self.bob, self.bob)
                self.assertEqual(self.profile(self.bob)[name], "down")

    def test_it_is_a_group(self):
        """The groups are those that a search finds, of customers, leads and contacts."""
        self.env.flush_all()
        profiles = self.env["grading.profile"]
        mine = [("partner_id", "in", (self.all | self.newcomer).ids)]
        for name in MOVES:
            self.assertTrue(profiles.fields_get([name])[name]["groupable"])
            groups = dict(profiles._read_group(mine, [name], ["__count"]))
            found = {move: profiles.search_count([*mine, (name, "=", move)]) for move in ("up", "same", "down", False)}
            with self.subTest(move=name):
                self.assertEqual(groups, {move: count for move, count in found.items() if count})
        self.assertEqual(dict(profiles._read_group(mine, ["move_month"], ["__count"])), {"up": 1, "same": 1, "down": 1})

    def test_grades_of_different_schemes_are_not_compared(self):
        self.snapshots().scheme_id = self.scheme()
        self.env.invalidate_all()
        self.assertEqual(self.found([("grading_move_month", "!=", False)]), self.bob, "the same grade is the same")
        self.assertEqual([partner.grading_move_month for partner in self.all], [False, "same", False])

    def test_a_draft_counts_as_the_scheme_that_it_becomes(self):
        """A preview judges with the draft, and shows what will be once it is published."""
        self.profile(self.cid).scheme_id = self.rules._draft()
        self.env.flush_all()
        self.assertEqual(self.found([("grading_move_month", "=", "up")]), self.cid)

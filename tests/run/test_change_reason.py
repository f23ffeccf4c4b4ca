from datetime import date, timedelta

from odoo.tests import tagged

from ..common import GradingCase, with_seeds

AS_OF = date(2025, 3, 10)
CUSTOMERS, ROUNDS, LIMIT = 1600, 10, 1


@tagged("post_install", "-at_install")
class TestChangeReason(GradingCase):
    """Whatever changes, data or rules: what a line of history says adds up to what the score has done since the last
    one, and no more than the company's limit goes unsaid."""

    @with_seeds(0)
    def test_10000_random_changes_add_up_exactly(self, rng):
        self.company.grading_history_points = LIMIT
        self.customers = self.env["res.partner"].create([{"name": f"Law {n}"} for n in range(CUSTOMERS)])
        self.many = self.scheme(
            criteria=[
                self.rank("faded_order_amount", 33),
                self.linear("order_months", 2.25, points_max=15, dimension="loyalty"),
                self.band("last_order_date", [(0, 15.33), (30, 9), (90, 7), (365, -4)], points_if_none=-1),
                self.band("order_count", [(1, 5), (3, 9.5)], name="To be removed"),
                self.matching([("order_count_12m", ">", 2)], 10.1, dimension="potential"),
            ],
            thresholds=[(self.gold, 50), (self.silver, 25), (self.bronze, -50)],
            domain="[('order_count', '>', 0)]",
        )
        self.said, self.before, checked = {}, {}, 0
        last = self.env["grading.history"].search([], limit=1, order="id desc").id or 0
        for number in range(ROUNDS):
            day = AS_OF + timedelta(days=number * 9)
            self.change_something(rng, number, day)
            self.rescore(as_of=day)
            lines = self.env["grading.history"].search(
                [("id", ">", last), ("company_id", "=", self.company.id)], order="id"
            )
            last = max(last, *lines.ids)
            checked += self.check(lines)
        self.assertGreater(checked, 10000)
        self.check_sums()

    def change_something(self, rng, number, day):
        rows = [
            (customer.id, day - timedelta(days=rng.randint(0, 200)), rng.choice((100, 250.5, 1999)), 1, "sale")
            for customer in self.customers
            if rng.random() < 0.8
        ]
        if rows and number != 3:
            self.insert_orders(rows)
        criteria = self.many.criterion_ids
        if number == 2:
            self.scheme(domain="[('order_amount', '>', 1500)]", sequence=1, criteria=[self.linear("order_count", 7)])
        if number in (3, 5):
            criteria.filtered(lambda c: c.kind == "linear").points_per_unit = round(rng.uniform(1, 4), 2)
        if number == 4:
            criteria.filtered(lambda c: c.name == "To be removed").unlink()
        if number == 6:
            self.many.write({"domain": "[('order_count', '>', 2)]"})

    def check(self, lines):
        """Compare each line with what was known when the one before was written; how many there were to compare."""
        compared, noted = 0, {line.partner_id.id: line for line in lines}
        self.assertEqual(len(noted), len(lines))
        for profile in self.env["grading.profile"].search([("company_id", "=", self.company.id)]):
            partner, present = profile.partner_id.id, (profile.score, profile.points_detail or {})
            former = self.said.get(partner)
            if line := noted.get(partner):
                if former:
                    if line.is_grade_change:
                        former = self.before[partner]
                    keys = former[1].keys() | present[1].keys()
                    moves = {key: [former[1].get(key, 0), present[1].get(key, 0)] for key in keys}
                    moves = {key: move for key, move in moves.items() if move[0] != move[1]}
                    self.assertEqual(line.points_change or {}, moves)
                    self.assertEqual((line.old_score, line.new_score), (former[0], present[0]))
                    compared += 1
                self.said[partner] = present if present[1] else None
            elif former:
                self.assertLessEqual(round(abs(present[0] - former[0]), 2), LIMIT)
            self.before[partner] = present
        return compared

    def check_sums(self):
        """To the last digit, as the database knows it."""
        self.env.cr.execute(
            """
            SELECT COUNT(*) FROM grading_history AS line
             WHERE company_id = %s AND old_score IS NOT NULL
               AND COALESCE(new_score, 0) - old_score <> COALESCE((
                       SELECT SUM((move.points ->> 1)::numeric - (move.points ->> 0)::numeric)
                         FROM JSONB_EACH(line.points_change) AS move (key, points)
                   ), 0)
            """,
            [self.company.id],
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))

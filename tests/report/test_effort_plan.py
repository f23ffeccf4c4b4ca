from datetime import date, datetime

from lxml import etree

from odoo.tests import freeze_time, tagged

from .effort_case import EffortCase

NOON = datetime(2026, 3, 15, 12)


@tagged("post_install", "-at_install")
class TestEffortPlan(EffortCase):
    def rows(self):
        self.env.invalidate_all()  # as another request
        return self.env["grading.effort.plan"].search(self.here())

    def sums(self, *groupby, user=None):
        measures = ("contact_count:sum", "planned_count:sum", "above_count:sum", "hours:sum")
        Plan = self.env["grading.effort.plan"].with_user(user or self.env.user)
        with freeze_time(NOON):
            groups = Plan._read_group(self.here(), groupby, measures)
        return {group[: len(groupby)]: group[len(groupby) :] for group in groups}

    def test_what_was_done_and_what_was_planned_add_up_by_any_group(self):
        rita = self.manager("rita")
        self.wrote(self.cleo, 1, NOON)
        self.wrote(self.dan, 9, NOON)
        self.wrote(self.dan, 10, datetime(2026, 2, 3), author=rita.partner_id)
        self.meeting_with(self.dan, day=datetime(2026, 2, 4), user_id=rita.id)
        march, february = date(2026, 3, 1), date(2026, 2, 1)
        self.assertEqual(self.sums("month:month"), {(february,): (11, 11, 0, 1), (march,): (10, 10, 0, 0)})
        self.assertEqual(
            self.sums("user_id", "grade_id"),
            {
                (self.seller, self.gold): (1, 7, -6, 0),
                (self.seller, self.silver): (0, 2, -2, 0),
                (self.seller, self.bronze): (9, 1, 8, 0),
                (rita, self.gold): (0, 7.7, -7.7, 0),
                (rita, self.silver): (0, 2.2, -2.2, 0),
                (rita, self.bronze): (11, 1.1, 9.9, 1),
            },
        )

    def test_a_month_begins_where_the_company_works(self):
        self.wrote(self.cleo, 1, datetime(2026, 2, 28, 23, 30))  # in Brussels, the first of March
        with freeze_time(NOON):
            self.assertEqual(set(self.rows().mapped("month")), {date(2026, 3, 1)})

    def test_there_are_twelve_months(self):
        self.wrote(self.cleo, 1, datetime(2025, 3, 31, 12))
        self.wrote(self.cleo, 2, datetime(2025, 4, 1, 12))
        with freeze_time(NOON):
            rows = self.rows()
            self.assertEqual(set(rows.mapped("month")), {date(2025, 4, 1)})
            self.assertEqual(sum(rows.mapped("contact_count")), 2)
            self.wrote(self.cleo, 1, NOON)
            rows = self.rows()
            self.assertEqual(len(rows), 6)
            self.assertEqual(len(set(rows.ids)), 6)

    def test_a_grade_with_a_plan_of_nothing_has_rows(self):
        self.bronze.effort_share = 0
        self.wrote(self.dan, 3, NOON)
        self.assertEqual(self.sums("grade_id")[(self.bronze,)], (3, 0, 3, 0))

    def test_it_opens_with_the_months_side_by_side(self):
        Plan = self.env["grading.effort.plan"].with_user(self.seller)
        pivot, graph = (etree.fromstring(Plan.get_view(view_type=kind)["arch"]) for kind in ("pivot", "graph"))
        columns = [
            (node.get("name"), node.get("interval")) for node in pivot.iter("field") if node.get("type") == "col"
        ]
        self.assertEqual(columns, [("month", "month")])
        axis = next(node for node in graph.iter("field") if node.get("type") != "measure")
        self.assertEqual((axis.get("name"), axis.get("interval")), ("month", "month"))
        self.wrote(self.cleo, 1, NOON)
        self.wrote(self.dan, 9, datetime(2026, 2, 3))
        self.assertEqual(
            self.sums("month:month", "grade_id", user=self.seller),
            {
                (date(2026, 2, 1), self.gold): (0, 6.3, -6.3, 0),
                (date(2026, 2, 1), self.silver): (0, 1.8, -1.8, 0),
                (date(2026, 2, 1), self.bronze): (9, 0.9, 8.1, 0),
                (date(2026, 3, 1), self.gold): (1, 0.7, 0.3, 0),
                (date(2026, 3, 1), self.silver): (0, 0.2, -0.2, 0),
                (date(2026, 3, 1), self.bronze): (0, 0.1, -0.1, 0),
            },
        )

    def test_the_key_of_a_row_is_unique_however_large_the_ids_are(self):
        created = self.env["grading.grade"].create({"name": "Copper", "sequence": 9, "effort_share": 5})
        far = self.gold.id + 4096
        self.env.cr.execute("UPDATE grading_grade SET id = %s WHERE id = %s", (far, created.id))
        self.env.invalidate_all()
        self.wrote(self.dan, 1)
        for model in ("grading.effort.share", "grading.effort.plan"):
            with self.subTest(model=model):
                rows = self.env[model].search_read(self.here(), ["grade_id"])
                self.assertIn(far, [row["grade_id"][0] for row in rows])
                self.assertEqual(len({row["id"] for row in rows}), len(rows))

import json
from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import SQL

from .glance_case import GlanceCase

# What the page may ask the database, however much the customer has bought; see test_the_number_of_queries.
MOST_QUERIES = 60


@tagged("post_install", "-at_install")
class TestGlanceCost(GlanceCase):
    """The page is read by the indexes of the customer's own documents, however large the database is."""

    def queries(self):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.gala.grading_glance()
        return self.env.cr.sql_log_count - before

    def test_the_number_of_queries(self):
        self.queries()  # what is cached for all users of the server
        few = self.queries()
        self.insert_orders([(self.gala.id, self.last - timedelta(days=n), 10, 1, "sale") for n in range(80)])
        for number in range(4):
            self.lead(f"Deal {number}", partner_id=self.gala.id)
        self.rescore(partners=self.gala)
        self.queries()
        many = self.queries()
        self.assertLessEqual(few, MOST_QUERIES)
        self.assertLessEqual(many, few + 6, "more documents, not more questions")

    def test_orders_are_found_by_the_index_of_the_customer(self):
        others = self.env["res.partner"].create([{"name": f"Other {number}"} for number in range(200)])
        days = [self.last - timedelta(days=number) for number in range(50)]
        self.insert_orders([(other.id, day, 10, 1, "sale") for other in others for day in days])
        self.env.cr.execute("ANALYZE sale_order")
        self.env.cr.execute("ANALYZE res_partner")
        scope = SQL("(SELECT id, commercial_partner_id FROM res_partner WHERE id = ANY(%s))", self.gala.ids)
        Measure = self.env["grading.measure"]
        for name, select in (
            ("amounts", Measure._purchases(self.today, scope, counted="order")),
            ("products", Measure._bought_amounts(self.today, scope)[0]),
            ("credited", SQL("SELECT EXISTS (%s)", Measure._lines_with_credit_notes(self.today, scope))),
        ):
            with self.subTest(name=name):
                [[plan]] = self.env.execute_query(SQL("EXPLAIN (FORMAT JSON) %s", select))
                reads = [node for node in self.nodes(plan[0]["Plan"]) if node.get("Relation Name") == "sale_order"]
                self.assertTrue(reads)
                self.assertIn("sale_order__partner_id_index", json.dumps(plan))
                self.assertNotIn("Seq Scan", [node["Node Type"] for node in reads])

    def nodes(self, plan):
        yield plan
        for inner in plan.get("Plans", ()):
            yield from self.nodes(inner)

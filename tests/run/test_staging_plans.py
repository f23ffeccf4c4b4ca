from unittest.mock import patch

from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL


@tagged("post_install", "-at_install")
class TestStagingPlans(TransactionCase):
    """What a run over all works out costs in proportion to the customers.

    A subquery that depends on the row is carried out for each row. Where its table is a staging table, which has no
    index, and too large to be hashed in memory, that is a search through all for each of all: hours for a million.
    """

    def test_no_staging_table_is_searched_for_each_row(self):
        company = self.env.ref("base.main_company")
        Staging, Run = self.env.registry["grading.worktable"], self.env["grading.run"].with_company(company)
        Run._rescore()  # whatever is to be revoked has been given
        create, searched, tables = Staging._create, [], set()

        def explained(staging, table, select):
            [[[plan]]] = staging.env.execute_query(SQL("EXPLAIN (FORMAT JSON) %s", select))
            tables.add(table.code)
            searched.extend(f"{table.code}: {name}" for name in staging_tables(plan["Plan"]))
            return create(staging, table, select)

        with patch.object(Staging, "_create", explained):
            Run._rescore()
        self.assertGreater(len(tables), 5)
        self.assertEqual(searched, [])


def staging_tables(plan, in_subquery=False):
    """The names of the staging tables that a plan reads in subqueries."""
    in_subquery = in_subquery or plan.get("Parent Relationship") == "SubPlan"
    if in_subquery and plan.get("Relation Name", "").startswith("grading_run_"):
        yield plan["Relation Name"]
    for inner in plan.get("Plans", ()):
        yield from staging_tables(inner, in_subquery)

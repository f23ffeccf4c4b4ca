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

    def test_the_planner_knows_how_many_rows_a_batch_has(self):
        """Without statistics it takes a batch for a two-hundredth of the changes, and compares what is joined row by
        row: with many running plays that was half of a run."""
        company = self.env.ref("base.main_company")
        Staging, Run = self.env.registry["grading.worktable"], self.env["grading.run"].with_company(company)
        Run._rescore()
        self.env.cr.execute("UPDATE grading_profile SET score = score + 1")
        drop, numbered = Staging._drop, {}

        def looked_at(staging):
            numbered.update(
                staging.env.execute_query(
                    SQL(
                        "SELECT staging.relname, known.attname IS NOT NULL FROM pg_class AS staging"
                        " JOIN pg_attribute AS part ON part.attrelid = staging.oid AND part.attname = 'place'"
                        " LEFT JOIN pg_stats AS known ON known.tablename = staging.relname AND known.attname = 'place'"
                        " WHERE staging.relpersistence = 't' AND staging.relkind = 'r' AND staging.reltuples > 0"
                    )
                )
            )
            return drop(staging)

        with patch.object(Staging, "_drop", looked_at):
            self.assertTrue(Run._rescore().changed_count)
        self.assertTrue(numbered.pop("grading_run_profile_changes"))
        self.assertNotIn(False, numbered.values(), numbered)


def staging_tables(plan, in_subquery=False):
    """The names of the staging tables that a plan reads in subqueries."""
    in_subquery = in_subquery or plan.get("Parent Relationship") == "SubPlan"
    if in_subquery and plan.get("Relation Name", "").startswith("grading_run_"):
        yield plan["Relation Name"]
    for inner in plan.get("Plans", ()):
        yield from staging_tables(inner, in_subquery)

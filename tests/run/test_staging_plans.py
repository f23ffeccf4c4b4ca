import json
import re
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

# Tables of a few rows.
SETTINGS = ("crm_stage", "crm_stage_crm_team_rel")


@tagged("post_install", "-at_install")
class TestStagingPlans(TransactionCase):
    """What a run over all works out costs in proportion to the customers.

    A subquery that depends on the row is carried out for each row. Where its table is a staging table, which has no
    index, and too large to be hashed in memory, that is a search through all for each of all: hours for a million.
    """

    def test_no_staging_table_is_searched_for_each_row(self):
        plans = plans_of_a_run(self.env.ref("base.main_company"))
        self.assertGreater(len(plans), 5)
        self.assertEqual([(table, name) for table, plan in plans for name in staging_tables(plan)], [])

    def test_no_table_is_read_for_each_row(self):
        """A run over all takes no nested loops: what is joined in a subquery may be read as a whole for each row."""
        self.assertEqual(whole_tables_of_runs(self.env.ref("base.main_company")), {"order": [], "invoice": []})

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


def plans_of_a_run(company):
    """The plans of what a run over all of a company stages, ``[(table, plan)]``."""
    env = company.with_company(company).env
    Staging = env.registry["grading.worktable"]
    env["grading.run"]._rescore()  # whatever is to be revoked has been given
    create, plans = Staging._create, []

    def explained(staging, table, select):
        # As if the tables were large: what can be looked up is.
        staging.env.cr.execute("SET LOCAL enable_seqscan = off")
        [[[plan]]] = staging.env.execute_query(SQL("EXPLAIN (VERBOSE, FORMAT JSON) %s", select))
        staging.env.cr.execute("SET LOCAL enable_seqscan = on")
        plans.append((table.code, plan["Plan"]))
        return create(staging, table, select)

    with patch.object(Staging, "_create", explained):
        env["grading.run"]._rescore()
    return plans


def whole_tables_of_runs(company):
    """What runs over all read as a whole for each row of something, by the source of revenue: ``[(staging table,
    table)]``."""
    found = {}
    for counted in ("order", "invoice"):
        company.grading_amount_source = counted
        plans = plans_of_a_run(company)
        found[counted] = [(table, name) for table, plan in plans for name in tables_read_for_each_row(plan)]
    return found


def tables_read_for_each_row(plan):
    """The tables that a plan reads as a whole for each row of something."""
    hashed = set(re.findall(r"hashed (SubPlan \d+)", json.dumps(plan)))

    def walk(node, for_each):
        is_found = "Index Cond" in node or node["Node Type"] == "Bitmap Heap Scan"
        if for_each and node.get("Relation Name", "crm_stage") not in SETTINGS and not is_found:
            yield node["Relation Name"]
        for place, inner in enumerate(node.get("Plans", ())):
            is_subquery = inner.get("Parent Relationship") == "SubPlan" and inner["Subplan Name"] not in hashed
            is_inner = node["Node Type"] == "Nested Loop" and place == 1 and inner["Node Type"] != "Materialize"
            yield from walk(inner, for_each or is_subquery or is_inner)

    return list(walk(plan, for_each=False))


def staging_tables(plan, in_subquery=False):
    """The names of the staging tables that a plan reads in subqueries."""
    in_subquery = in_subquery or plan.get("Parent Relationship") == "SubPlan"
    if in_subquery and plan.get("Relation Name", "").startswith("grading_run_"):
        yield plan["Relation Name"]
    for inner in plan.get("Plans", ()):
        yield from staging_tables(inner, in_subquery)

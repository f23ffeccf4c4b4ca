"""Step 6 of a run, the tags, by 20 rules: the shipped ones and six more, beside plain SQL for the same conditions."""

from pathlib import Path

import floor
import internals
import step
from clock import vacuum
from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

STATEMENT = (Path(__file__).parent / "floor_tags.sql").read_text()
# In the order in which floor_tags.sql numbers them.
SHIPPED = (
    "key_account", "long_standing", "promising", "complaint", "member", "value", "potential", "migrating", "frozen",
    "recent", "broad", "weekend", "evening", "birthday",
)  # fmt: skip
MORE = {
    "Bench: buys much": "[('order_amount_12m', '>=', 5000)]",
    "Bench: silent for a year": "[('order_count', '>', 0), ('order_count_12m', '=', 0)]",
    "Bench: pays late": "[('average_days_late', '>=', 15)]",
    "Bench: buys less": "[('order_amount_change', '<=', -40)]",
    "Bench: order overdue": "[('next_order_date', '<', 'today')]",
    "Bench: big orders": "[('average_order_amount', '>=', 500)]",
}
ORIGIN, LINK = "grading_tag_origin", "res_partner_res_partner_category_rel"
COPIES = {"bench_tag_origin": ORIGIN, "bench_tag_link": LINK}
# Who was a broad, a weekend and an evening buyer is none, and the other way round.
CHANGE = SQL(
    """
    UPDATE grading_profile
       SET product_category_count = 5 - product_category_count, order_amount_change = -order_amount_change,
           weekend_order_percent = 100 - weekend_order_percent, evening_order_percent = 100 - evening_order_percent
     WHERE MOD(partner_id, 10) = 3
    """
)


def measure(env, table):
    """Add the rows of the tags to ``table``."""
    rules = _rules(env)

    def change(name):
        if name == "changed":
            env.cr.execute(CHANGE)
        vacuum(env, "grading_profile", LINK, *COPIES.values(), *COPIES)

    def check(name):
        for copy, original in COPIES.items():
            columns = ("partner_id", "category_id", *(("rule_id", "company_id") if original == ORIGIN else ()))
            step.compare(env, copy, original, columns, name)

    middle = step.measure(
        lambda: _run(env, rules), lambda: _run_by_hand(env, rules), lambda: _forget(env), change, check
    )
    step.add(table, f"{len(rules)} tag rules", "tags", middle)


def forget(env):
    """Take back what rules gave, without a trace: the next run starts from the tags that people gave."""
    env.cr.execute(
        SQL(
            "DELETE FROM %s AS link USING %s AS origin"
            " WHERE origin.partner_id = link.partner_id AND origin.category_id = link.category_id",
            SQL.identifier(LINK),
            SQL.identifier(ORIGIN),
        )
    )
    env.cr.execute(SQL("TRUNCATE %s", SQL.identifier(ORIGIN)))
    env.cr.commit()
    env.invalidate_all()


def _rules(env):
    """The 20 rules, in the order of the statement."""
    rules = env["grading.tag.rule"].union(*(env.ref(f"customer_grading.grading_tag_rule_{name}") for name in SHIPPED))
    tags = env["res.partner.category"].create([{"name": name} for name in MORE])
    values = [
        {"name": tag.name, "category_id": tag.id, "domain": domain, "sequence": 1000}
        for tag, domain in zip(tags, MORE.values(), strict=True)
    ]
    rules += rules.create(values)
    env.cr.commit()
    return rules


def _forget(env):
    """No customer has a tag of a rule, in our tables and in the copies of them."""
    forget(env)
    for copy, original in COPIES.items():
        floor.copy_table(env, copy, original)
    env.cr.execute(
        SQL("INSERT INTO bench_tag_link (partner_id, category_id) SELECT partner_id, category_id FROM %s",
            SQL.identifier(LINK))
    )  # fmt: skip
    env.cr.commit()


def _run(env, rules):
    written = internals.set_tags(env, rules)
    env.cr.commit()
    return written


def _run_by_hand(env, rules):
    as_of = internals.today(env)
    internals.set_planner(env)
    env.cr.execute(
        STATEMENT,
        {
            "rules": rules.ids,
            "categories": rules.category_id.ids,
            "company": env.company.id,
            "as_of": as_of,
            "three_years_ago": as_of - relativedelta(years=3),
        },
    )
    env.cr.commit()

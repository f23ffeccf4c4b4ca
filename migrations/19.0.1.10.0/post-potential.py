"""Value, potential, migrating and frozen customers are told by the room to grow, no longer by typed budgets alone.

A rule changes where its filter is as shipped.
"""

import ast

from odoo import SUPERUSER_ID, api

RULES = {"value": (">=", ["2", "3"]), "potential": (">=", "1"), "migrating": ("<", ["2", "3"]), "frozen": ("<", "1")}


def filters(sign, value_level):
    """The filter as it was shipped, and as it is."""
    asked = "=" if isinstance(value_level, str) else "in"
    level = ("potential_level", "in", ["2", "3"]) if sign == ">=" else ("potential_level", "=", "1")
    common = [("order_count", ">", 0), ("value_level", asked, value_level), "|", level, "&"]
    unknown = ("potential_level", "=", False)
    share = ("share_of_budget", "<" if sign == ">=" else ">=", 0.5)
    return [*common, unknown, "&", ("annual_budget", ">", 0), share], [*common, unknown, ("room_to_grow", sign, 50)]


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    changed = env["grading.tag.rule"]
    for name, (sign, value_level) in RULES.items():
        rule = env.ref(f"customer_grading.grading_tag_rule_{name}", raise_if_not_found=False)
        shipped, present = filters(sign, value_level)
        if rule and ast.literal_eval(rule.domain or "[]") == shipped:
            rule.domain = repr(present)
            changed |= rule
    if changed:
        env["grading.run"]._start(env["res.company"].search([("active", "=", True)]))

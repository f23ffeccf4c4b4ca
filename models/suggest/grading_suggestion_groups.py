import math
from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..base.guarded import guarded
from .groups import find_groups, scale_of
from .tree import grow

# What tells customers apart, with the words for much and little of it.
GROUPED_BY = (
    "order_count_12m",
    "average_order_amount",
    "order_amount_12m",
    "last_order_date",
    "average_order_interval",
    "average_days_late",
    "satisfaction",
)
FEWEST_CUSTOMERS = 30
# Centers are sought among so many; all customers belong to the nearest.
SAMPLE = 2000
# How far from the middle, in standard deviations, a group is called much or little.
REMARKABLE = 0.35


class GradingSuggestion(models.Model):
    """Groups of customers who are alike in how they buy and pay, as they are today."""

    _inherit = "grading.suggestion"

    def _words(self):
        """``{measure: (much, little)}``"""
        return {
            "order_count_12m": (self.env._("buy often"), self.env._("buy rarely")),
            "average_order_amount": (self.env._("large orders"), self.env._("small orders")),
            "order_amount_12m": (self.env._("much revenue"), self.env._("little revenue")),
            "last_order_date": (self.env._("have not bought for long"), self.env._("bought lately")),
            "average_order_interval": (self.env._("long pauses"), self.env._("short pauses")),
            "average_days_late": (self.env._("pay late"), self.env._("pay on time")),
            "satisfaction": (self.env._("satisfied"), self.env._("dissatisfied")),
        }

    def _learn_groups(self):
        revenue, values = self._customers_today([SQL("grading_profile.order_amount_12m::float8")])
        revenue = [amount or 0.0 for amount in revenue[0]]
        if len(revenue) < FEWEST_CUSTOMERS:
            raise UserError(
                self.env._(
                    "%(count)s customers are too few to be grouped: at least %(few)s are needed.",
                    count=len(revenue),
                    few=FEWEST_CUSTOMERS,
                )
            )
        scales = {}
        for name in GROUPED_BY:
            known = [value for value in values.get(name, ()) if value is not None]
            if 2 * len(known) >= len(revenue) and (scale := scale_of(known)):
                scales[name] = scale
        rows = [
            tuple(scale.of(value) for scale, value in zip(scales.values(), row, strict=True))
            for row in zip(*(values[name] for name in scales), strict=True)
        ]
        step = max(1, math.ceil(len(rows) / SAMPLE))
        found = find_groups(rows[::step], between=self._between())
        if not found:
            raise UserError(self.env._("All customers are alike in how they buy: there are no groups."))
        members = [
            min(range(len(found.centers)), key=lambda g, row=row: (_apart(row, found.centers[g]), g)) for row in rows
        ]
        self._keep_groups(scales, found.centers, members, revenue, {name: values[name] for name in scales})
        self.write(
            {
                "state": "done",
                "report": self.env._(
                    "%(count)s customers in %(groups)s groups. How far the groups stand apart: %(silhouette)s (1 is "
                    "clearly, 0 is not at all).",
                    count=self._number(len(rows)),
                    groups=len(set(members)),
                    silhouette=self._number(found.silhouette, 2),
                ),
            }
        )

    def _keep_groups(self, scales, centers, members, revenue, values):
        """Keep the groups as lines, the one with the most revenue first."""
        total = math.fsum(revenue)
        amounts, counts = defaultdict(float), defaultdict(int)
        for group, amount in zip(members, revenue, strict=True):
            amounts[group] += amount
            counts[group] += 1
        lines = []
        for place, group in enumerate(sorted(amounts, key=lambda group: -amounts[group]), 1):
            belongs = [int(member == group) for member in members]
            domain, precision, recall = self._approximate(values, belongs)
            name = self._describe(scales, centers[group]) or self.env._("average in all")
            share = 100 * amounts[group] / total if total > 0 else 0.0
            text = self.env._(
                "%(name)s: %(count)s customers, %(share)s %% of revenue",
                name=name,
                count=self._number(counts[group]),
                share=self._number(share),
            )
            figures = {"count": counts[group], "share": share, "precision": 100 * precision, "recall": 100 * recall}
            lines.append((0, 0, {"sequence": place, "name": name, "text": text, "domain": repr(domain), **figures}))
        self.line_ids = [(5, 0, 0), *lines]

    def _describe(self, scales, center):
        """The words for what a group has much or little of, the most remarkable first."""
        words = self._words()
        told = sorted(zip(scales, center, strict=True), key=lambda pair: -abs(pair[1]))
        remarkable = [words[name][value < 0] for name, value in told if abs(value) >= REMARKABLE]
        return ", ".join(remarkable[:3])

    def _approximate(self, values, belongs):
        """A filter that finds about those who belong to a group: the leaves of a small tree of which most do.

        :return: ``(domain, how many of those found belong, how many of those who belong are found)``
        """
        leaves = grow(values, belongs, between=self._between())
        chosen = [leaf for leaf in leaves if 2 * leaf.hits > leaf.count] or [
            max(leaves, key=lambda leaf: (leaf.hits / leaf.count, leaf.hits))
        ]
        domain = ["|"] * (len(chosen) - 1)
        for leaf in chosen:
            domain += self._leaf_domain(leaf, values) or [("order_count", ">", 0)]
        hits = sum(leaf.hits for leaf in chosen)
        return domain, hits / sum(leaf.count for leaf in chosen), hits / sum(belongs)

    def _leaf_domain(self, leaf, values):
        """The tests of a tree that lead to a ``leaf``, as a filter on profiles.

        :param dict values: what the tree was grown from
        :rtype: list
        """
        tests = [self._test_domain(*test, has_unknown=None in values[test[0]]) for test in leaf.tests]
        return ["&"] * (len(tests) - 1) + [token for test in tests for token in test]

    def _test_domain(self, name, is_at_least, limit, has_unknown):
        """A test of a tree as a filter on profiles; of dates, days since. What is unknown stands below all numbers."""
        field = self.env["grading.measure"]._column(name)
        if self.env["grading.measure"]._catalog()[name]["unit"] == "date":
            # As many days since or more is that day or an earlier one.
            test = (field, "<=" if is_at_least else ">", f"today -{math.ceil(limit)}d")
        else:
            test = (field, ">=" if is_at_least else "<", round(limit, 2))
        return ["|", test, (field, "=", False)] if has_unknown and not is_at_least else [test]


class GradingSuggestionLine(models.Model):
    """A group can become a rule for a tag."""

    _inherit = "grading.suggestion.line"

    @guarded(one=True)
    def action_save_tag_rule(self):
        """Make a rule that gives a tag to about this group, or open the one that was made; it gives none before it is
        restored."""
        if self.kind != "groups":
            raise UserError(self.env._("Only a group of customers can become a rule for a tag."))
        Rule = self.env["grading.tag.rule"]
        Rule.check_access("create")
        tag = Rule._tag_named("category_id", self.name)
        values = {"company_id": self.company_id.id, "category_id": tag.id, "domain": self.domain}
        made = [(name, "=", value) for name, value in values.items()]
        rule = Rule.with_context(active_test=False).search(made, limit=1).with_env(self.env)
        if not rule:
            rule = Rule.create({**values, "name": self.name, "active": False})
        return {
            "type": "ir.actions.act_window",
            "res_model": "grading.tag.rule",
            "res_id": rule.id,
            "views": [(False, "form")],
            "name": rule.name,
        }


def _apart(row, center):
    return round(math.dist(row, center) ** 2, 9)

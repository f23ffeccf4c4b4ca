import random
from collections import defaultdict

from odoo.fields import Command
from odoo.tests import tagged

from ..common import seeds
from .tag_case import TagCase

STEPS = 60


class Oracle:
    """The same promises in plain Python: which tags a customer has, what gave them, and which are never given."""

    def __init__(self):
        self.hand, self.never, self.rules = set(), set(), defaultdict(set)  # of pairs; by rules: {pair: {rule}}

    def tags(self):
        return self.hand | {pair for pair, rules in self.rules.items() if rules}

    def give(self, pair):
        if pair not in self.tags():
            self.never.discard(pair)
            self.hand.add(pair)

    def take(self, pair, matches):
        if pair in self.tags():
            if self.rules.pop(pair, None) or matches:
                self.never.add(pair)
            self.hand.discard(pair)

    def apply(self, due, rules):
        """``due``: ``{rule: customers}``; ``rules``: ``{rule: (tag, keep)}``."""
        by_hand = self.tags() - {pair for pair, given in self.rules.items() if given}
        for rule, customers in due.items():
            for pair in {(customer, rules[rule][0]) for customer in customers} - self.never - by_hand:
                self.rules[pair].add(rule)
        for pair, given in self.rules.items():
            given -= {rule for rule in given if pair[0] not in due[rule] and not rules[rule][1]}


@tagged("post_install", "-at_install")
class TestTagLaws(TagCase):
    """Whatever people and rules do in whatever order, the tags are those that plain Python says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule.active = False
        cls.env["grading.profile"].search([("company_id", "=", cls.company.id)]).unlink()
        cls.customers = [cls.measured(f"Customer {number}", order_count=number) for number in range(8)]
        cls.tags = [cls.vip, cls.new_tag, cls.static]
        group = cls.env["grading.tag.group"].create({"name": "Group"})
        specs = [
            (cls.vip, ">", 4, {}),
            (cls.vip, "=", 1, {}),
            (cls.new_tag, "<", 3, {"keep": True}),
            (cls.static, ">", 5, {"group_id": group.id, "sequence": 1}),
            (cls.new_tag, ">", 2, {"group_id": group.id, "sequence": 2}),
        ]
        cls.rules = {
            cls.tag_rule(tag, f"[('order_count', '{operator}', {bound})]", **vals): (operator, bound)
            for tag, operator, bound, vals in specs
        }
        cls.group = group

    def due(self, counts):
        """``{rule: customers}``: which customers get which tag, by what was measured."""
        compare = {">": int.__gt__, "<": int.__lt__, "=": int.__eq__}
        matching = {
            rule: {customer for customer, count in counts.items() if compare[operator](count, bound)}
            for rule, (operator, bound) in self.rules.items()
        }
        taken = set()
        for rule in (rule for rule in self.rules if rule.group_id):
            matching[rule] = matching[rule] - taken
            taken |= matching[rule]
        return matching

    def test_tags_are_those_that_plain_python_says(self):
        facts = {rule: (rule.category_id, rule.keep) for rule in self.rules}
        for seed in seeds(3):
            with self.subTest(seed=seed):
                self.env["grading.tag.origin"].search([]).unlink()
                for customer in self.customers:
                    customer.with_context(grading_tags_noted=True).category_id = False
                self.play(random.Random(seed), facts)

    def play(self, chance, facts):
        oracle = Oracle()
        counts = {customer: chance.randrange(9) for customer in self.customers}
        for customer, count in counts.items():
            self.measure(customer, order_count=count)
        for _step in range(STEPS):
            deed, customer, tag = (
                chance.choice(("give", "take", "measure", "run")),
                *map(chance.choice, (self.customers, self.tags)),
            )
            if deed == "give":
                customer.category_id = [Command.link(tag.id)]
                oracle.give((customer, tag))
            elif deed == "take":
                due = self.due(counts)
                customer.category_id = [Command.unlink(tag.id)]
                oracle.take((customer, tag), any(facts[rule][0] == tag and customer in due[rule] for rule in due))
            elif deed == "measure":
                counts[customer] = chance.randrange(9)
                self.measure(customer, order_count=counts[customer])
            else:
                before = oracle.tags()
                oracle.apply(self.due(counts), facts)
                self.assertEqual(self.apply(), (len(oracle.tags() - before), len(before - oracle.tags())))
                self.assertEqual(self.apply(), (0, 0), "A second run writes nothing")
            self.assertEqual({(who, what) for who in self.customers for what in who.category_id}, oracle.tags())
        origins = self.env["grading.tag.origin"].search([("partner_id", "in", [who.id for who in self.customers])])
        lines = {(line.partner_id, line.category_id, line.kind, line.rule_id.id) for line in origins}
        expected = {(*pair, "hand", False) for pair in oracle.hand} | {(*pair, "never", False) for pair in oracle.never}
        expected |= {(*pair, "rule", rule.id) for pair, rules in oracle.rules.items() for rule in rules}
        self.assertEqual(lines, expected)

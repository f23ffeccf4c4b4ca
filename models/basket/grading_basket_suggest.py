from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..score.grading_criterion_hint import format_number
from .grading_basket_rule import ANTECEDENT, ITEM_FIELDS

MOST_SUGGESTED = 5


class Known(NamedTuple):
    """Ids of products that speak for others: on the quotation, and bought before; and what is not suggested again."""

    quoted: tuple
    bought: tuple
    excluded: tuple


class GradingBasketRule(models.Model):
    """Customers like this also buy: what the rules in force suggest to a customer.

    A rule applies when all that it asks for is on the quotation or was bought in the period. Of the rules that lead to
    a product the best one counts, by ``confidence × lift``: how probable it is, and how much more than with any other
    customer; among equals one about the quotation itself, then the one with more support. Suggested are products that
    are sold, each in one variant, which the customer has not bought in the period in any variant (by category: nothing
    of the category).

    Users read of purchases in orders that they may read alone. What they may not read is nevertheless not suggested.
    """

    _inherit = "grading.basket.rule"

    @api.model
    def _suggest(self, customer, quoted=(), limit=MOST_SUGGESTED):
        """The products to offer, the best first; the environment's company and user decide what is known.

        :param res.partner customer: any of the customer's contacts
        :param quoted: ids of the products on the quotation
        :return: ``product`` (id), ``name``, ``reason`` of each
        :rtype: list[dict]
        """
        done = [("company_id", "=", self.env.company.id), ("state", "=", "done")]
        level = self.env["grading.basket.run"].sudo().search(done, limit=1).level
        if not level:
            return []
        known = self._known_of(customer, quoted)
        if not known.quoted and not known.bought:
            return []
        self.env.flush_all()
        rows = self.env.execute_query(self._applying(level, known, limit))
        rules = self.sudo().browse(rule_id for _product, rule_id in rows)
        products = (
            self.env["product.product"]
            .with_context(display_default_code=False)
            .browse(product_id for product_id, _rule in rows)
        )
        quoted_items = set(self._items_of(level, known.quoted))
        return [
            {"product": product.id, "name": product.display_name, "reason": rule._reason(quoted_items)}
            for product, rule in zip(products, rules, strict=True)
        ]

    def _reason(self, quoted_items):
        """``78 % of the orders with Bread also have it, 3.1 times the average.``; where nothing on the quotation is the
        reason, it says that the products were bought before.

        :param set quoted_items: ids of the products, or categories, on the quotation
        """
        self.ensure_one()
        items = self._items(ANTECEDENT).with_context(display_default_code=False)
        values = {
            "percent": format_number(self.env, 100 * self.confidence, 0),
            "bought": self.env._(" and ").join(items.mapped("display_name")),
            "lift": format_number(self.env, self.lift, 1),
        }
        if quoted_items & set(items.ids):
            return self.env._(
                "%(percent)s %% of the orders with %(bought)s also have it, %(lift)s times the average.", **values
            )
        return self.env._(
            "%(percent)s %% of the orders with %(bought)s (bought before) also have it, %(lift)s times the average.",
            **values,
        )

    @api.model
    def _known_of(self, customer, quoted):
        """
        :rtype: Known
        """
        quoted = tuple(sorted(set(quoted)))
        if not customer:
            return Known(quoted, (), quoted)
        contacts = self.env["grading.profile"]._contacts_of(customer.sudo().commercial_partner_id).ids
        Line = self.env["grading.basket.line"]
        self.env.flush_all()
        bought, excluded = (
            {row[0] for row in self.env.execute_query(SQL("SELECT DISTINCT product_id FROM (%s) AS bought", lines))}
            for lines in (Line._in_period(contacts, readable=True), Line.sudo()._in_period(contacts))
        )
        return Known(quoted, tuple(sorted(bought)), tuple(sorted(excluded | set(quoted))))

    @api.model
    def _items_of(self, level, product_ids):
        """What stands for the products in rules: themselves, or their categories.

        :rtype: list[int]
        """
        if level == "product":
            return list(product_ids)
        return self.env["product.product"].sudo().browse(product_ids).categ_id.ids

    @api.model
    def _applying(self, level, known, limit):
        """The best products, each with its best rule.

        :return: ``SELECT product_id, rule_id``
        :rtype: odoo.tools.SQL
        """
        asked, led = (self._fields[name] for name in ITEM_FIELDS[level])
        sold = self._sold_products().subselect()
        met = SQL(
            """
            SELECT part.rule_id, COUNT(*) AS met, BOOL_OR(part.%(item)s = ANY(%(quoted)s::int[])) AS is_quoted
              FROM %(asked)s AS part WHERE part.%(item)s = ANY(%(items)s::int[]) GROUP BY part.rule_id
            """,
            item=SQL.identifier(asked.column2),
            asked=SQL.identifier(asked.relation),
            quoted=self._items_of(level, known.quoted),
            items=self._items_of(level, known.quoted + known.bought),
        )
        applying = SQL(
            """
            SELECT rule.*, applying.is_quoted
              FROM (%s) AS applying
              JOIN grading_basket_rule AS rule ON rule.id = applying.rule_id AND rule.antecedent_size = applying.met
             WHERE rule.company_id = %s
            """,
            met,
            self.env.company.id,
        )
        product, others = SQL("rule.product_id"), SQL()
        if level == "category" and (silent := self._silent_categories(applying, led, sold)):
            in_place = SQL("template.categ_id = ANY(%s) AND product.id IN %s", silent, sold)
            product = SQL("COALESCE(other.product_id, rule.product_id)")
            others = SQL(
                """
             LEFT JOIN %s AS led ON led.rule_id = rule.id AND rule.consequent_size = 1
             LEFT JOIN (%s) AS other ON other.item_id = led.category_id
                """,
                SQL.identifier(led.relation),
                self._best_of_categories(in_place),
            )
        return SQL(
            """
            SELECT best.product_id, best.id
              FROM (
                SELECT DISTINCT ON (product.product_tmpl_id) product.id AS product_id, rule.id,
                       rule.confidence * rule.lift AS gain, rule.is_quoted, rule.support
                  FROM (%(applying)s) AS rule
                       %(others)s
                  JOIN product_product AS product ON product.id = %(product)s
                 WHERE product.id IN %(sold)s AND NOT %(is_known)s
              ORDER BY product.product_tmpl_id, gain DESC, rule.is_quoted DESC, rule.support DESC, product.id, rule.id
              ) AS best
          ORDER BY best.gain DESC, best.is_quoted DESC, best.support DESC, best.product_id
             LIMIT %(limit)s
            """,
            applying=applying,
            others=others,
            product=product,
            sold=sold,
            is_known=self._is_known(level, led, known),
            limit=limit,
        )

    @api.model
    def _silent_categories(self, applying, led, sold):
        """The categories that rules lead to by a product that is not sold any more, or not to this user: there are
        seldom any, and which of their products is the best one now is looked up for these alone.

        :param odoo.tools.SQL applying: the rules that apply
        :param odoo.tools.SQL sold: the products that are sold
        :rtype: list[int]
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT led.category_id
                  FROM (%s) AS rule JOIN %s AS led ON led.rule_id = rule.id
                 WHERE rule.consequent_size = 1 AND (rule.product_id IS NULL OR rule.product_id NOT IN %s)
                """,
                applying,
                SQL.identifier(led.relation),
                sold,
            )
        )
        return [category_id for [category_id] in rows]

    @api.model
    def _is_known(self, level, led, known):
        """Whether the customer knows what ``rule`` leads to, a variant of ``product`` or something of the category."""
        excluded = self.env["product.product"].sudo().with_context(active_test=False).browse(known.excluded)
        if level == "product":
            return SQL("product.product_tmpl_id = ANY(%s::int[])", excluded.product_tmpl_id.ids)
        return SQL(
            "EXISTS (SELECT FROM %s AS led WHERE led.rule_id = rule.id AND led.category_id = ANY(%s::int[]))",
            SQL.identifier(led.relation),
            excluded.categ_id.ids,
        )

    @api.model
    def _sold_products(self):
        """The products that the user may put on a quotation of the company as they are.

        :rtype: odoo.tools.Query
        """
        Product = self.env["product.product"]
        company = Product._check_company_domain(self.env.company)
        return Product._search(Domain(company) & Domain("sale_ok", "=", True) & Domain("type", "!=", "combo"))

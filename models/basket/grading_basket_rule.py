from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.fields import FloatOrUnknown
from ..base.guarded import guarded
from ..score.grading_criterion_hint import format_number
from .res_company import BASKET_LEVELS

# By level: the fields with the items of a rule.
ITEM_FIELDS = {
    "product": ("antecedent_ids", "consequent_ids"),
    "category": ("antecedent_category_ids", "consequent_category_ids"),
}
ANTECEDENT, CONSEQUENT = 0, 1


class GradingBasketRule(models.Model):
    """A rule of what a company's customers buy together: of the orders with all products of the antecedent, a share
    (``confidence``) has those of the consequent, too.

    Rules are about products, or about categories where the company compares these; sides have one or two of them.
    Written by a run (:meth:`_replace`), never edited; :class:`GradingBasketItemset` defines the figures.
    """

    _name = "grading.basket.rule"
    _description = "Products Bought Together"
    _order = "lift desc, confidence desc, id"

    run_id = fields.Many2one("grading.basket.run", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    date = fields.Date(related="run_id.date")
    level = fields.Selection(BASKET_LEVELS, string="Items", required=True, readonly=True)
    antecedent_ids = fields.Many2many(
        "product.product",
        "grading_basket_rule_antecedent_rel",
        "rule_id",
        "product_id",
        string="Bought Products",
        readonly=True,
        context={"active_test": False},
    )
    consequent_ids = fields.Many2many(
        "product.product",
        "grading_basket_rule_consequent_rel",
        "rule_id",
        "product_id",
        string="Products Bought with Them",
        readonly=True,
        context={"active_test": False},
    )
    antecedent_category_ids = fields.Many2many(
        "product.category",
        "grading_basket_rule_antecedent_category_rel",
        "rule_id",
        "category_id",
        string="Bought Categories",
        readonly=True,
    )
    consequent_category_ids = fields.Many2many(
        "product.category",
        "grading_basket_rule_consequent_category_rel",
        "rule_id",
        "category_id",
        string="Categories Bought with Them",
        readonly=True,
    )
    antecedent_size = fields.Integer(string="Number of Bought Products", readonly=True, aggregator=None)
    consequent_size = fields.Integer(string="Number of Products Bought with Them", readonly=True, aggregator=None)
    antecedent_text = fields.Char(string="Those Who Buy", compute="_compute_texts", compute_sudo=True)
    consequent_text = fields.Char(string="Also Buy", compute="_compute_texts", compute_sudo=True)
    sentence = fields.Char(compute="_compute_texts", compute_sudo=True)
    product_id = fields.Many2one(
        "product.product",
        string="Suggested Product",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
        help="What a quotation suggests by the rule: the only product that it leads to, or the most ordered one of the "
        "only category. Rules that lead to two suggest nothing: each of the two has a rule of its own.",
    )

    basket_count = fields.Integer(string="Orders with All", readonly=True, aggregator=None)
    antecedent_basket_count = fields.Integer(string="Orders with the Bought", readonly=True, aggregator=None)
    consequent_basket_count = fields.Integer(string="Orders with What Follows", readonly=True, aggregator=None)
    support = fields.Float(
        string="Rule Support",
        readonly=True,
        aggregator="avg",
        help="The share of all orders that have all of these products.",
    )
    antecedent_support = fields.Float(readonly=True, aggregator="avg")
    consequent_support = fields.Float(readonly=True, aggregator="avg")
    confidence = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Of the orders with the bought products, the share that has the others, too.",
    )
    lift = fields.Float(
        readonly=True,
        aggregator="avg",
        help="How many times as often as in all orders: 1 says that the products have nothing to do with each other.",
    )
    conviction = FloatOrUnknown(
        readonly=True,
        aggregator="avg",
        help="How many times as often the others would be missing if the products had nothing to do with each other. "
        "Empty where they are never missing.",
    )
    never_without = fields.Boolean(
        readonly=True, help="No order has the bought products without the others: the conviction is infinite."
    )

    _company_product_index = models.Index("(company_id, product_id)")

    @api.depends("level", "basket_count", "antecedent_basket_count", *ITEM_FIELDS["product"], *ITEM_FIELDS["category"])
    def _compute_texts(self):
        for rule in self:
            texts = [
                self.env._(" and ").join(rule._items(side).mapped("display_name")) for side in (ANTECEDENT, CONSEQUENT)
            ]
            rule.antecedent_text, rule.consequent_text = texts
            rule.sentence = self.env._(
                "%(percent)s %% of the orders with %(bought)s also have %(others)s",
                percent=format_number(self.env, 100 * rule.confidence, 0),
                bought=texts[ANTECEDENT],
                others=texts[CONSEQUENT],
            )

    @api.depends("antecedent_text", "consequent_text")
    def _compute_display_name(self):
        for rule in self:
            rule.display_name = f"{rule.antecedent_text} → {rule.consequent_text}"

    def _items(self, side):
        """The products, or categories, on a side of the rule, by their names."""
        return self[ITEM_FIELDS[self.level][side]].sorted(lambda item: (item.display_name, item.id))

    # ------------------------------------------------------------
    # Written by a run
    # ------------------------------------------------------------

    @api.model
    def _lines(self, level):
        """What is compared: the products in the baskets of the environment's company, or their categories.

        :return: ``SELECT basket_id, item_id``
        :rtype: odoo.tools.SQL
        """
        lines = self.env["grading.basket.line"]._in_period()
        if level == "product":
            return SQL("SELECT bought.basket_id, bought.product_id AS item_id FROM (%s) AS bought", lines)
        return SQL(
            """
            SELECT bought.basket_id, template.categ_id AS item_id
              FROM (%s) AS bought
              JOIN product_product AS product ON product.id = bought.product_id
              JOIN product_template AS template ON template.id = product.product_tmpl_id
            """,
            lines,
        )

    @api.model
    def _replace(self, run):
        """Put the rules that :meth:`grading.basket.itemset._mine` has found in the place of the company's former ones.

        :param grading.basket.run run: whose they are
        """
        self.env.flush_all()
        self.env.execute_query(SQL("DELETE FROM grading_basket_rule WHERE company_id = %s", run.company_id.id))
        self.env.execute_query(
            SQL(
                "ALTER TABLE pg_temp.grading_basket_found"
                " ADD COLUMN id int NOT NULL DEFAULT NEXTVAL('grading_basket_rule_id_seq')"
            )
        )
        self.env.execute_query(
            SQL(
                """
                INSERT INTO grading_basket_rule (
                       id, run_id, company_id, level, antecedent_size, consequent_size, basket_count,
                       antecedent_basket_count, consequent_basket_count, support, antecedent_support,
                       consequent_support, confidence, lift, conviction, never_without,
                       create_uid, create_date, write_uid, write_date)
                SELECT id, %(run)s, %(company)s, %(level)s, CARDINALITY(antecedent), CARDINALITY(consequent), baskets,
                       antecedent_baskets, consequent_baskets, support, antecedent_support,
                       consequent_support, confidence, lift, conviction, conviction IS NULL,
                       %(user)s, %(now)s, %(user)s, %(now)s
                  FROM pg_temp.grading_basket_found
                """,
                run=run.id,
                company=run.company_id.id,
                level=run.level,
                user=self.env.uid,
                now=fields.Datetime.now(),
            )
        )
        for side, name in zip(("antecedent", "consequent"), ITEM_FIELDS[run.level], strict=True):
            field = self._fields[name]
            self.env.execute_query(
                SQL(
                    "INSERT INTO %s (rule_id, %s) SELECT id, UNNEST(%s) FROM pg_temp.grading_basket_found",
                    SQL.identifier(field.relation),
                    SQL.identifier(field.column2),
                    SQL.identifier(side),
                )
            )
        self._set_products(run)
        self.env.invalidate_all()

    @api.model
    def _set_products(self, run):
        """What a quotation suggests by those rules that lead to one product or category."""
        best = SQL("SELECT item AS item_id, item AS product_id FROM (SELECT UNNEST(consequent) AS item"
                   " FROM pg_temp.grading_basket_found) AS led GROUP BY item")  # fmt: skip
        if run.level == "category":
            sold = SQL("product.active AND template.active AND template.sale_ok AND template.type <> 'combo'")
            best = self._best_of_categories(sold)
        self.env.execute_query(
            SQL(
                """
                UPDATE grading_basket_rule AS rule SET product_id = best.product_id
                  FROM pg_temp.grading_basket_found AS found JOIN (%s) AS best ON best.item_id = found.consequent[1]
                 WHERE rule.id = found.id AND CARDINALITY(found.consequent) = 1
                """,
                best,
            )
        )

    @api.model
    def _best_of_categories(self, condition):
        """The product of each category that stands in most baskets, of those that a condition on ``product`` and
        ``template`` leaves.

        :param odoo.tools.SQL condition:
        :return: ``SELECT item_id, product_id``
        :rtype: odoo.tools.SQL
        """
        return SQL(
            """
            SELECT DISTINCT ON (template.categ_id) template.categ_id AS item_id, product.id AS product_id
              FROM (%s) AS bought
              JOIN product_product AS product ON product.id = bought.product_id
              JOIN product_template AS template ON template.id = product.product_tmpl_id
             WHERE %s
          GROUP BY template.categ_id, product.id
          ORDER BY template.categ_id, COUNT(DISTINCT bought.basket_id) DESC, product.id
            """,
            self.env["grading.basket.line"].sudo()._in_period(),
            condition,
        )

    @api.model
    def _delete_with(self, items):
        """Delete the rules about products or categories that are deleted: what is left of them would be wrong.

        :param items: a recordset of either
        """
        names = ITEM_FIELDS["product" if items._name == "product.product" else "category"]
        self.sudo().search(Domain.OR([(name, "in", items.ids)] for name in names)).unlink()

    # ------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------

    @guarded
    def action_compute(self):
        """Find the rules of the current company now.

        :raise UserError: the limits let too many rules through
        """
        run = self.env["grading.basket.run"]._mine_by_button()
        if not run:
            message = self.env._("There are many orders: the rules are found in the background within minutes.")
        elif run.state == "failed":
            raise UserError(run.message)
        else:
            message = self.env._(
                "%(rules)s rules found in %(orders)s orders.",
                rules=format_number(self.env, run.rule_count, 0),
                orders=format_number(self.env, run.basket_count, 0),
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.readonly
    @guarded(one=True)
    def action_open_products(self):
        """The products of the rule, or those of its categories."""
        products = self.antecedent_ids | self.consequent_ids
        domain = [("product_variant_ids", "in", products.ids)]
        if self.level == "category":
            domain = [("categ_id", "in", (self.antecedent_category_ids | self.consequent_category_ids).ids)]
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": "product.template",
            "view_mode": "list,kanban,form",
            "domain": domain,
            "context": {"active_test": False},
        }

from odoo import api, fields, models
from odoo.tools import SQL


class GradingBasketSuggestion(models.Model):
    """A product that a quotation has suggested, and whether it was taken: put on the quotation by *Add*, or on the
    order that was confirmed, and not taken off again.

    It is counted once for a quotation and product, when it was first shown to a user who could have taken it.
    """

    _name = "grading.basket.suggestion"
    _description = "Product Suggested on a Quotation"
    _order = "date_shown desc, id desc"
    _rec_name = "product_id"

    order_id = fields.Many2one("sale.order", string="Quotation", required=True, ondelete="cascade", readonly=True)
    product_id = fields.Many2one(
        "product.product", required=True, ondelete="cascade", index="btree_not_null", readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    user_id = fields.Many2one("res.users", string="Shown to", ondelete="set null", readonly=True)
    date_shown = fields.Datetime(string="Shown", required=True, readonly=True)
    date_added = fields.Datetime(string="Added by a Click", readonly=True)
    date_ordered = fields.Datetime(string="Ordered", readonly=True, help="It stood on the order that was confirmed.")
    taken = fields.Float(
        default=0,
        readonly=True,
        aggregator="avg",
        help="The share of suggestions that were added by a click or ordered, and that still stand on the quotation "
        "or order as of the last rescoring.",
    )

    _order_product_unique = models.UniqueIndex("(order_id, product_id)", "A quotation suggests a product once.")
    _company_index = models.Index("(company_id, date_shown)")

    @api.model
    def _note_shown(self, order, product_ids):
        """Count what is shown of the quotation's suggestions, each once.

        :param sale.order order:
        :param list product_ids:
        """
        now = fields.Datetime.now()
        self.env.execute_query(
            SQL(
                """
                INSERT INTO grading_basket_suggestion (
                       order_id, product_id, company_id, user_id, date_shown, taken,
                       create_uid, create_date, write_uid, write_date)
                SELECT %(order)s, product_id, %(company)s, %(user)s, %(now)s, 0, %(user)s, %(now)s, %(user)s, %(now)s
                  FROM UNNEST(%(products)s::int[]) AS product_id
           ON CONFLICT (order_id, product_id) DO NOTHING
             RETURNING id
                """,
                order=order.id,
                company=order.company_id.id,
                user=self.env.uid,
                now=now,
                products=list(product_ids),
            )
        )

    @api.model
    def _note_added(self, order, product_id):
        """Note that a click has put the product on the quotation."""
        added = self.search([("order_id", "=", order.id), ("product_id", "=", product_id)])
        added.write({"date_added": fields.Datetime.now(), "taken": 1})

    @api.model
    def _note_ordered(self):
        """Note which of the suggestions of the environment's company stand on orders that are confirmed by now, and
        which are not taken any more: their line is gone, or the quotation was canceled. Not when an order is confirmed
        or changed, which is not to ask the database more often for that.
        """
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                UPDATE grading_basket_suggestion AS suggestion
                   SET date_ordered = present.date_ordered, taken = present.taken,
                       write_uid = %(user)s, write_date = %(now)s
                  FROM (
                    SELECT known.id, found.taken,
                           CASE WHEN sale.state = 'sale' AND found.taken = 1
                                THEN COALESCE(known.date_ordered, sale.date_order) END AS date_ordered
                      FROM grading_basket_suggestion AS known
                      JOIN sale_order AS sale ON sale.id = known.order_id
                CROSS JOIN LATERAL (
                        SELECT CASE WHEN (sale.state = 'sale'
                                          OR sale.state <> 'cancel' AND known.date_added IS NOT NULL)
                                     AND EXISTS (
                                         SELECT FROM sale_order_line AS line
                                          WHERE line.order_id = sale.id AND line.product_id = known.product_id
                                            AND line.product_uom_qty > 0
                                     ) THEN 1 ELSE 0 END AS taken
                      ) AS found
                     WHERE known.company_id = %(company)s
                  ) AS present
                 WHERE suggestion.id = present.id
                   AND (suggestion.date_ordered, suggestion.taken)
                       IS DISTINCT FROM (present.date_ordered, present.taken::float8)
             RETURNING suggestion.id
                """,
                user=self.env.uid,
                now=fields.Datetime.now(),
                company=self.env.company.id,
            )
        )
        self.invalidate_model(["date_ordered", "taken"])

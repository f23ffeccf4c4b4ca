from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

# What each sort or table of hashes of a search may take; what needs more goes to disk.
MEMORY = "64MB"
# Pairs and triples in baskets that a search goes through at most: some minutes. Where there are more, it looks at a
# part of the baskets, drawn at random, which tells the shares of frequent sets well enough.
MOST_SETS = 20_000_000
# Into so many parts baskets are drawn by a hash of their number: always the same ones.
PARTS = 1 << 20


class Limits(NamedTuple):
    """What a rule must at least reach, and how many items are compared at most: the most frequent ones."""

    support: float
    confidence: float
    lift: float
    count: int
    items: int


class Mined(NamedTuple):
    """What a search has gone through: baskets, lines of them, frequent items; and the baskets that there were."""

    baskets: int
    lines: int
    items: int
    total: int


class GradingBasketItemset(models.AbstractModel):
    """Association rules by SQL: from lines ``(basket_id, item_id)`` to the rules that hold often enough.

    Agrawal, Srikant (1994), *a priori*: a set of items can only be frequent when each part of it is. So the frequent
    items are counted first, then the pairs of these, then the triples of which each pair is frequent. Each set of two
    or three items is split in all ways into an antecedent and a consequent. With ``n`` baskets, and ``n(X)`` of them
    that have all items of ``X``::

        support(A → C)    = n(A ∪ C) / n                 how often both are bought together
        confidence(A → C) = support(A → C) / support(A)  how often those with A have C, too
        lift(A → C)       = confidence / support(C)      how many times as often as all baskets
        conviction(A → C) = (1 - support(C)) / (1 - confidence); NULL where A is never without C

    Figures are double precision, in this order of divisions, so that limits decide as they do in other programs for
    the same rules.

    All of it happens in temporary tables of the transaction: how much memory it takes depends on :data:`MEMORY`, not on
    the number of baskets.
    """

    _name = "grading.basket.itemset"
    _description = "Items that Are Bought Together"

    @api.model
    def _mine(self, lines, limits):
        """Fill ``pg_temp.grading_basket_found`` with the rules: ``antecedent``, ``consequent`` (sorted arrays of
        items), how many baskets have both, the one and the other, and the figures.

        :param odoo.tools.SQL lines: ``SELECT basket_id, item_id``; several lines of an item in a basket count once
        :param Limits limits:
        :rtype: Mined
        """
        self._forget()
        self.env.flush_all()
        with self.env["grading.worktable"]._planner(jit="off", enable_nestloop="off", work_mem=MEMORY):
            total, count = self._create_lines(lines)
            baskets, count = self._draw(total, count, limits)
            # A count that is just enough for the one may be too small for the other.
            enough = SQL(
                "COUNT(*) >= %s AND COUNT(*)::float8 / %s::float8 >= %s::float8", limits.count, baskets, limits.support
            )
            items = self._count_items(enough, limits.items)
            self._count_pairs(enough)
            self._count_triples(enough)
            self._create_rules(baskets, limits)
        return Mined(baskets, count, items, total)

    @api.model
    def _forget(self):
        """Drop the tables: the transaction may find rules more than once."""
        self.env.execute_query(
            SQL(
                "DROP TABLE IF EXISTS pg_temp.grading_basket_line, pg_temp.grading_basket_two,"
                " pg_temp.grading_basket_pair, pg_temp.grading_basket_set, pg_temp.grading_basket_found"
            )
        )

    @api.model
    def _create_lines(self, lines):
        """The baskets without repetitions.

        :return: how many baskets there are, and lines in them
        :rtype: tuple[int, int]
        """
        self.env.execute_query(
            SQL(
                """
                CREATE TEMPORARY TABLE grading_basket_line ON COMMIT DROP AS
                SELECT DISTINCT line.basket_id, line.item_id FROM (%s) AS line
                 WHERE line.basket_id IS NOT NULL AND line.item_id IS NOT NULL
                """,
                lines,
            )
        )
        return self._count_lines()

    @api.model
    def _count_lines(self):
        self.env.execute_query(SQL("ANALYZE pg_temp.grading_basket_line"))
        [counts] = self.env.execute_query(
            SQL("SELECT COUNT(DISTINCT basket_id), COUNT(*) FROM pg_temp.grading_basket_line")
        )
        return counts

    @api.model
    def _draw(self, baskets, lines, limits):
        """Leave out baskets where all have more than :data:`MOST_SETS` pairs and triples of the items that are compared
        at most. A basket stays or goes as a whole, whatever is in it.

        :return: how many baskets remain, and lines in them
        :rtype: tuple[int, int]
        """
        [[sets]] = self.env.execute_query(
            SQL(
                """
                SELECT SUM(size * (size - 1) / 2 * (size + 1) / 3)
                  FROM (
                    SELECT COUNT(*) AS size
                      FROM pg_temp.grading_basket_line
                     WHERE item_id IN (
                        SELECT item_id FROM pg_temp.grading_basket_line
                      GROUP BY item_id HAVING COUNT(*) >= %s ORDER BY COUNT(*) DESC, item_id LIMIT %s
                     )
                  GROUP BY basket_id
                  ) AS basket
                """,
                max(limits.count, limits.support * baskets),
                limits.items,
            )
        )
        if not sets or sets <= MOST_SETS:
            return baskets, lines
        self.env.execute_query(
            SQL(
                "DELETE FROM pg_temp.grading_basket_line WHERE HASHINT8EXTENDED(basket_id, 0) & %s >= %s",
                PARTS - 1,
                max(1, int(PARTS * MOST_SETS / sets)),  # never none at all
            )
        )
        return self._count_lines()

    @api.model
    def _count_items(self, enough, most):
        """The frequent items; of the baskets remain these items, where there are at least two.

        :return: the number of frequent items
        :rtype: int
        """
        self.env.execute_query(
            SQL(
                """
                CREATE TEMPORARY TABLE grading_basket_set ON COMMIT DROP AS
                SELECT ARRAY[item_id] AS items, COUNT(*) AS baskets FROM pg_temp.grading_basket_line
              GROUP BY item_id HAVING %s ORDER BY COUNT(*) DESC, item_id LIMIT %s
                """,
                enough,
                most,
            )
        )
        self.env.execute_query(SQL("ANALYZE pg_temp.grading_basket_set"))
        self.env.execute_query(SQL("ALTER TABLE pg_temp.grading_basket_line RENAME TO grading_basket_all"))
        self.env.execute_query(
            SQL(
                """
                CREATE TEMPORARY TABLE grading_basket_line ON COMMIT DROP AS
                SELECT kept.basket_id, kept.item_id
                  FROM (
                    SELECT line.basket_id, line.item_id, COUNT(*) OVER (PARTITION BY line.basket_id) AS size
                      FROM pg_temp.grading_basket_all AS line
                      JOIN pg_temp.grading_basket_set AS frequent ON frequent.items[1] = line.item_id
                  ) AS kept
                 WHERE kept.size > 1
                """
            )
        )
        self.env.execute_query(SQL("DROP TABLE pg_temp.grading_basket_all"))
        self.env.execute_query(SQL("ANALYZE pg_temp.grading_basket_line"))
        [[items]] = self.env.execute_query(SQL("SELECT COUNT(*) FROM pg_temp.grading_basket_set"))
        return items

    @api.model
    def _count_pairs(self, enough):
        """The frequent pairs, the lower item first; in a table of their own as well, of which the planner knows."""
        self.env.execute_query(
            SQL(
                """
                CREATE TEMPORARY TABLE grading_basket_two ON COMMIT DROP AS
                SELECT one.item_id AS one, two.item_id AS two, COUNT(*) AS baskets
                  FROM pg_temp.grading_basket_line AS one
                  JOIN pg_temp.grading_basket_line AS two
                    ON two.basket_id = one.basket_id AND two.item_id > one.item_id
              GROUP BY one.item_id, two.item_id HAVING %s
                """,
                enough,
            )
        )
        self.env.execute_query(SQL("ANALYZE pg_temp.grading_basket_two"))
        self.env.execute_query(
            SQL(
                "INSERT INTO pg_temp.grading_basket_set (items, baskets)"
                " SELECT ARRAY[one, two], baskets FROM pg_temp.grading_basket_two"
            )
        )

    @api.model
    def _count_triples(self, enough):
        """The frequent triples: two frequent pairs of a basket that begin with the same item, and whose other items
        are a frequent pair, too."""
        self.env.execute_query(
            SQL(
                """
                CREATE TEMPORARY TABLE grading_basket_pair ON COMMIT DROP AS
                SELECT one.basket_id, one.item_id AS one, two.item_id AS two
                  FROM pg_temp.grading_basket_line AS one
                  JOIN pg_temp.grading_basket_line AS two
                    ON two.basket_id = one.basket_id AND two.item_id > one.item_id
                  JOIN pg_temp.grading_basket_two AS frequent
                    ON frequent.one = one.item_id AND frequent.two = two.item_id
                """
            )
        )
        self.env.execute_query(SQL("ANALYZE pg_temp.grading_basket_pair"))
        self.env.execute_query(
            SQL(
                # OFFSET 0: what is in a basket comes first; the planner takes it for far more than it is.
                """
                INSERT INTO pg_temp.grading_basket_set (items, baskets)
                SELECT ARRAY[three.one, three.two, three.three], COUNT(*)
                  FROM (
                    SELECT first.one, first.two, second.two AS three
                      FROM pg_temp.grading_basket_pair AS first
                      JOIN pg_temp.grading_basket_pair AS second
                        ON second.basket_id = first.basket_id AND second.one = first.one AND second.two > first.two
                    OFFSET 0
                  ) AS three
                  JOIN pg_temp.grading_basket_two AS frequent
                    ON frequent.one = three.two AND frequent.two = three.three
              GROUP BY three.one, three.two, three.three HAVING %s
                """,
                enough,
            )
        )
        self.env.execute_query(SQL("ANALYZE pg_temp.grading_basket_set"))

    @api.model
    def _create_rules(self, baskets, limits):
        """All splits of the frequent pairs and triples whose figures reach the limits."""
        self.env.execute_query(
            SQL(
                """
                CREATE TEMPORARY TABLE grading_basket_found ON COMMIT DROP AS
                SELECT rule.*, rule.confidence / rule.consequent_support AS lift,
                       CASE WHEN rule.confidence < 1
                            THEN (1 - rule.consequent_support) / (1 - rule.confidence) END AS conviction
                  FROM (
                    SELECT split.antecedent, split.consequent, split.baskets, one.baskets AS antecedent_baskets,
                           two.baskets AS consequent_baskets,
                           split.baskets::float8 / %(baskets)s AS support,
                           one.baskets::float8 / %(baskets)s AS antecedent_support,
                           two.baskets::float8 / %(baskets)s AS consequent_support,
                           (split.baskets::float8 / %(baskets)s) / (one.baskets::float8 / %(baskets)s) AS confidence
                      FROM (%(splits)s) AS split
                      JOIN pg_temp.grading_basket_set AS one ON one.items = split.antecedent
                      JOIN pg_temp.grading_basket_set AS two ON two.items = split.consequent
                    OFFSET 0
                  ) AS rule
                 WHERE rule.confidence >= %(confidence)s::float8
                   AND rule.confidence / rule.consequent_support >= %(lift)s::float8
                """,
                baskets=SQL("%s::float8", baskets),
                splits=self._splits(),
                confidence=limits.confidence,
                lift=limits.lift,
            )
        )
        self.env.execute_query(SQL("ANALYZE pg_temp.grading_basket_found"))

    @api.model
    def _splits(self):
        """``SELECT antecedent, consequent, baskets``: each frequent set of two or three in all ways."""
        return SQL(
            """
            SELECT part.antecedent, part.consequent, whole.baskets
              FROM pg_temp.grading_basket_set AS whole
             CROSS JOIN LATERAL (VALUES (items[1:1], items[2:2]), (items[2:2], items[1:1]))
                AS part (antecedent, consequent)
             WHERE CARDINALITY(whole.items) = 2
             UNION ALL
            SELECT part.antecedent, part.consequent, whole.baskets
              FROM pg_temp.grading_basket_set AS whole
             CROSS JOIN LATERAL (VALUES
                   (items[1:1], items[2:3]), (items[2:3], items[1:1]),
                   (items[2:2], ARRAY[items[1], items[3]]), (ARRAY[items[1], items[3]], items[2:2]),
                   (items[3:3], items[1:2]), (items[1:2], items[3:3])
                   ) AS part (antecedent, consequent)
             WHERE CARDINALITY(whole.items) = 3
            """
        )

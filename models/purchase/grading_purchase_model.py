import time

from odoo import api, fields, models
from odoo.tools import SQL

from .mbg_nbd import PurchaseHistories

# With fewer customers who have come back, four parameters cannot be told from chance.
FEW_REPEAT_CUSTOMERS = 200
# More customers than that teach nothing new: the parameters no longer change, and the fit would take minutes.
SAMPLE = 100000
REFIT_DAYS = 7
# Twice the gain in log-likelihood that chance alone gives four parameters in one of twenty cases (chi-square).
CHANCE_GAIN = 9.488
# A median interval that differs less from the one in force is as good.
SAME_INTERVAL = 0.1
# Greater exponents would leave the range of a double, which PostgreSQL refuses.
MOST_EXPONENT = 600
# Steps by which a day is searched: together so many days after the last order.
STEPS = [2**power for power in reversed(range(12))]
LAST_DAY = sum(STEPS)


class GradingPurchaseModel(models.Model):
    """The parameters by which a company predicts from a day on which customers will buy again: the modified BG/NBD
    model.

    Batislam, Denizel, Filiztekin (2007): customers buy at random at a pace of their own and may leave for good after
    each order, the first included. Paces are spread as a gamma distribution (shape ``r``, ``alpha`` days), the
    probabilities to leave as a beta distribution (``a``, ``b``). For a customer with ``x`` orders after the first, the
    last one ``t`` days and today ``T`` days after it, the formula is in :meth:`_probability_to_sql`.

    *MBG/NBD*: the four parameters that make the company's own customers most likely (:class:`PurchaseHistories`).

    *Own buying interval*, where customers are too few for that: the same formula with parameters that are set.
    ``r = 2`` and ``alpha = 2 m``, where ``m`` is the median of the repeat customers' mean days between orders, make
    ``(alpha + t) / (r + x)`` the customer's own interval, shrunk towards the company's as if by two orders; ``a = 1``
    and ``b = 3`` say that one in four leaves after an order, until the customer's own orders say otherwise.

    The latest row is in force, the former ones are kept. Written by full runs, at most once a week.
    """

    _name = "grading.purchase.model"
    _description = "Purchase Model"
    _order = "date desc, id desc"
    _rec_name = "date"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", index=True, readonly=True)
    date = fields.Date(required=True, readonly=True, help="The day as of which it was fitted.")
    method = fields.Selection(
        [("mbg_nbd", "MBG/NBD"), ("interval", "Own buying interval (small sample)")], required=True, readonly=True
    )
    r = fields.Float(
        string="r",
        readonly=True,
        aggregator=None,
        help="How alike the customers' paces are: the greater, the more alike; below 1 many buy rarely and few often.",
    )
    alpha = fields.Float(
        string="alpha (days)",
        readonly=True,
        aggregator=None,
        help="The scale of the pace: alpha ÷ r is the average number of days between two orders of an active customer.",
    )
    a = fields.Float(
        string="a",
        readonly=True,
        aggregator=None,
        help="With b, how many leave: after an order a ÷ (a + b) of all new customers do so for good.",
    )
    b = fields.Float(
        string="b",
        readonly=True,
        aggregator=None,
        help="With a, how many leave. Each order of a customer counts like one more in b: the more orders, the less "
        "likely the customer is to leave.",
    )
    order_interval = fields.Float(
        string="Days between Orders",
        compute="_compute_order_interval",
        aggregator=None,
        help="Average number of days between two orders of an active customer.",
    )
    leaving_share = fields.Float(
        string="Leave after an Order",
        compute="_compute_order_interval",
        aggregator=None,
        help="The share of new customers who never come back after an order.",
    )
    log_likelihood = fields.Float(
        string="Log-likelihood",
        readonly=True,
        aggregator=None,
        help="How well the numbers explain the customers; only comparable on the same customers and day.",
    )
    customer_count = fields.Integer(string="Customers", readonly=True, aggregator=None)
    repeat_count = fields.Integer(
        string="With a Second Order", readonly=True, aggregator=None, help="Customers who have ordered more than once."
    )
    duration = fields.Float(string="Duration (s)", readonly=True, aggregator="avg")
    message = fields.Text(readonly=True)

    @api.depends("r", "alpha", "a", "b")
    def _compute_order_interval(self):
        for model in self:
            model.order_interval = model.r and model.alpha / model.r
            model.leaving_share = model.a and model.a / (model.a + model.b)

    # ------------------------------------------------------------
    # Fit
    # ------------------------------------------------------------

    @api.model
    def _current(self, as_of=None):
        """The row in force in the environment's company: the last one made of ``as_of`` or of a day before, or else
        the first one made of a later day; maybe empty.

        :param datetime.date as_of: today where the company works, unless given
        :rtype: grading.purchase.model
        """
        rows = self.sudo()
        company = [("company_id", "=", self.env.company.id)]
        as_of = as_of or self.env.company._grading_today()
        return rows.search([*company, ("date", "<=", as_of)], limit=1) or rows.search(
            company, order="date, id desc", limit=1
        )

    @api.model
    def _is_due(self, as_of):
        """Whether a full run as of that day should fit anew: there is nothing of the week before.

        :param datetime.date as_of:
        :rtype: bool
        """
        current = self._current(as_of)
        return not current or not 0 <= (as_of - current.date).days < REFIT_DAYS

    @api.model
    def _refit(self, table, as_of):
        """Fit the environment's company's customers and keep the result.

        Parameters that explain them as well as the best ones do stay in force under the new day, so that no dates move
        without need.

        :param odoo.tools.SQL table: a table expression with ``partner_id``, ``order_day_count``, ``first_order_date``
            and ``last_order_date`` of all customers of the company
        :param datetime.date as_of: the day on which they are looked at
        :return: the row in force
        :rtype: grading.purchase.model
        """
        started = time.monotonic()
        customers, repeat_customers, interval = self._count(table)
        histories = PurchaseHistories(self._groups(table, as_of)) if customers else None
        values, message = None, self._few_message(repeat_customers)
        if repeat_customers >= FEW_REPEAT_CUSTOMERS:
            values, message = self._fit_values(histories, as_of)
        values = values or self._interval_values(interval or self.env.company.grading_horizon_days, as_of)
        parameters = [values[name] for name in ("r", "alpha", "a", "b")]
        return self.sudo().create(
            {
                **values,
                "company_id": self.env.company.id,
                "date": as_of,
                "customer_count": customers,
                "repeat_count": repeat_customers,
                "log_likelihood": histories.log_likelihood(*parameters) if histories else 0,
                "message": message,
                "duration": time.monotonic() - started,
            }
        )

    def _few_message(self, repeat_customers):
        return self.env._(
            "%(company)s has %(count)s repeat customers; the model needs %(needed)s. "
            "Until then each customer's own order interval, shrunk towards the company average, is used instead.",
            count=repeat_customers,
            company=self.env.company.name,
            needed=FEW_REPEAT_CUSTOMERS,
        )

    def _fit_values(self, histories, as_of):
        """The fitted parameters, or those in force where they are as good; else ``None`` and a sentence why not."""
        fit = histories.fit()
        if not fit.converged:
            return None, self.env._(
                "The purchase model did not converge for %(company)s. "
                "Each customer's own order interval, shrunk towards the company average, is used instead.",
                company=self.env.company.name,
            )
        values = {"method": "mbg_nbd", "r": fit.r, "alpha": fit.alpha, "a": fit.a, "b": fit.b}
        current = self._current(as_of)
        if current.method == "mbg_nbd":
            kept = current._parameters()
            if 2 * (fit.log_likelihood - histories.log_likelihood(*kept.values())) < CHANCE_GAIN:
                values |= kept
        return values, False

    def _interval_values(self, interval, as_of):
        """The parameters that are set where none can be fitted, see the class.

        :param float interval: the days between orders of a typical customer
        """
        current = self._current(as_of)
        if current.method == "interval" and abs(current.order_interval / interval - 1) < SAME_INTERVAL:
            interval = current.order_interval
        return {"method": "interval", "r": 2, "alpha": float(f"{2 * interval:.6g}"), "a": 1, "b": 3}

    def _parameters(self):
        self.ensure_one()
        return {"r": self.r, "alpha": self.alpha, "a": self.a, "b": self.b}

    @api.model
    def _count(self, table):
        """How many customers there are, how many have come back, and the median of these customers' intervals."""
        [row] = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*), COUNT(*) FILTER (WHERE customer.order_day_count > 1),
                       PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY
                           (customer.last_order_date - customer.first_order_date)::float8
                           / NULLIF(customer.order_day_count - 1, 0)
                       ) FILTER (WHERE customer.last_order_date > customer.first_order_date)
                  FROM %s AS customer
                 WHERE customer.order_day_count > 0 AND customer.last_order_date IS NOT NULL
                """,
                table,
            )
        )
        return row

    @api.model
    def _groups(self, table, as_of):
        """The customers, at most so many that a fit is quick, as :class:`PurchaseHistories` takes them.

        A hash of the id decides which ones: by the id itself they would be the oldest.
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT sample.orders, sample.last, sample.age, COUNT(*)
                  FROM (
                    SELECT customer.order_day_count - 1 AS orders,
                           customer.last_order_date - customer.first_order_date AS last,
                           GREATEST(%(as_of)s, customer.last_order_date) - customer.first_order_date AS age
                      FROM %(table)s AS customer
                     WHERE customer.order_day_count > 0 AND customer.last_order_date IS NOT NULL
                  ORDER BY HASHINT8(customer.partner_id), customer.partner_id
                     LIMIT %(sample)s
                  ) AS sample
              GROUP BY sample.orders, sample.last, sample.age
                """,
                as_of=as_of,
                table=table,
                sample=SAMPLE,
            )
        )

    # ------------------------------------------------------------
    # Predictions in SQL
    # ------------------------------------------------------------

    @api.model
    def _probability_to_sql(self, as_of, alias="grading_profile"):
        """The probability that a customer buys within the company's horizon from ``as_of`` on; NULL without an order.

        With the four parameters in force, ``x = order_day_count − 1``, ``t`` the days from the first order to the last
        and ``T`` those to ``as_of``, or to the last order if that is later, it is
        ``(1 − ((alpha+T) / (alpha+T+horizon))^(r+x)) / (1 + a/(b+x) · ((alpha+T) / (alpha+t))^(r+x))``.

        :param datetime.date as_of: the day from which the customer is looked at
        :param str alias: name of the table with the columns of ``grading_profile``
        :rtype: odoo.tools.SQL
        """
        current = self._current(as_of)
        if not current:
            return SQL("NULL::float8")
        Profile = self.env["grading.profile"].sudo()
        count, first, last = (
            Profile._field_to_sql(alias, name) for name in ("order_day_count", "first_order_date", "last_order_date")
        )
        probability = current._chance_to_sql(
            shape=SQL("(%s::float8 + %s - 1)", current.r, count),
            leaving=SQL("LN(%s::float8 / (%s::float8 + %s - 1))", current.a, current.b, count),
            scale=SQL("(%s::float8 + (%s - %s))", current.alpha, last, first),
            days=SQL("GREATEST(DATE %s - %s, 0)", as_of, last),
        )
        return SQL(
            "CASE WHEN %s > 0 AND %s <= %s THEN %s END",
            count, first, last, probability,
        )  # fmt: skip

    def _chance_to_sql(self, shape, leaving, scale, days):
        """The probability of :meth:`_probability_to_sql` after some days: ``(1 - EXP(-…)) / (1 + EXP(…))``.

        :param odoo.tools.SQL shape: ``r+x``
        :param odoo.tools.SQL leaving: ``log(a/(b+x))``
        :param odoo.tools.SQL scale: ``alpha+t``
        :param odoo.tools.SQL days: since the last order, not negative
        """
        return SQL(
            "(1 - EXP(-LEAST(%(limit)s, %(shape)s * LN(1 + %(horizon)s / (%(scale)s + %(days)s)))))"
            " / (1 + EXP(LEAST(%(limit)s, %(leaving)s + %(shape)s * LN(1 + %(days)s / %(scale)s))))",
            limit=MOST_EXPONENT,
            shape=shape,
            leaving=leaving,
            scale=scale,
            days=days,
            horizon=self.company_id.grading_horizon_days,
        )

    @api.model
    def _dates_select(self, table, as_of):
        """``SELECT (partner_id, decline_date, lost_date)`` of the customers in ``table`` who have ordered.

        Each is the first day on which the probability to buy, if nothing is bought, is below the company's percent of
        what it was right after the last order; it only ever falls, so the day is found by halving. A
        probability that would not fall so low in 4095 days does so then. Customers with as many orders over as many
        days share their days.

        :param odoo.tools.SQL table: a table expression with the columns of ``grading_profile``
        :param datetime.date as_of: the day of the run
        :rtype: odoo.tools.SQL
        """
        current = self._current(as_of)
        if not current:
            return SQL(
                "SELECT NULL::int AS partner_id, NULL::date AS decline_date, NULL::date AS lost_date WHERE FALSE"
            )
        found = current._patterns_select(table)
        for step in STEPS:
            found = current._halving_select(found, step)
        return SQL(
            """
            SELECT customer.partner_id,
                   customer.last_order_date + LEAST(pattern.decline_days + 1, %(last_day)s) AS decline_date,
                   customer.last_order_date + LEAST(pattern.lost_days + 1, %(last_day)s) AS lost_date
              FROM %(table)s AS customer
              JOIN (%(found)s) AS pattern
                ON pattern.orders = customer.order_day_count
               AND pattern.days = customer.last_order_date - customer.first_order_date
            """,
            table=table,
            found=found,
            last_day=LAST_DAY,
        )

    def _patterns_select(self, table):
        """Each number of orders over a number of days, with what :meth:`_chance_to_sql` needs of it, and the two
        probabilities below which a customer declines and is lost."""
        company = self.company_id
        right_after = self._chance_to_sql(SQL("shape"), SQL("leaving"), SQL("scale"), SQL("0"))
        return SQL(
            """
            SELECT pattern.*, 0 AS decline_days, 0 AS lost_days,
                   %(decline)s::float8 * %(right_after)s AS decline_below,
                   %(lost)s::float8 * %(right_after)s AS lost_below
              FROM (
                SELECT history.orders, history.days,
                       %(r)s::float8 + history.orders - 1 AS shape,
                       LN(%(a)s::float8 / (%(b)s::float8 + history.orders - 1)) AS leaving,
                       %(alpha)s::float8 + history.days AS scale
                  FROM (
                    SELECT DISTINCT customer.order_day_count AS orders,
                           customer.last_order_date - customer.first_order_date AS days
                      FROM %(table)s AS customer
                     WHERE customer.order_day_count > 0 AND customer.last_order_date >= customer.first_order_date
                  ) AS history
              ) AS pattern
            """,
            **self._parameters(),
            table=table,
            decline=company.grading_decline_percent / 100,
            lost=company.grading_lost_percent / 100,
            right_after=right_after,
        )

    def _halving_select(self, found, step):
        """``found`` with both days moved on by ``step`` where the probability is not too low even then.

        OFFSET 0: a step's days are computed once, not at each of their uses in the next one.
        """
        moved = [
            SQL(
                "%(days)s + CASE WHEN %(chance)s >= %(below)s THEN %(step)s ELSE 0 END AS %(name)s",
                days=days,
                chance=self._chance_to_sql(SQL("shape"), SQL("leaving"), SQL("scale"), SQL("(%s + %s)", days, step)),
                below=SQL.identifier(f"{name}_below"),
                step=step,
                name=SQL.identifier(f"{name}_days"),
            )
            for name, days in (("decline", SQL("decline_days")), ("lost", SQL("lost_days")))
        ]
        return SQL(
            "SELECT orders, days, shape, leaving, scale, decline_below, lost_below, %s FROM (%s OFFSET 0) AS searched",
            SQL(", ").join(moved),
            found,
        )

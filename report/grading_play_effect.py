from statistics import NormalDist

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, float_round
from odoo.tools.misc import format_amount

from ..models.base.fields import FloatOrUnknown, MonetaryOrUnknown
from ..models.base.guarded import guarded

# The interval holds the true difference in so many of 100 plays.
CONFIDENCE = 95
# Customers that each of the two groups needs: below it the interval is no better than a guess.
LEAST_CUSTOMERS = 10
# From this amount on, cents say no more.
WHOLE_FROM = 10
# The columns of a case that decide in which row it counts and for what.
CASE_COLUMNS = ["play_id", "partner_id", "lead_id", "company_id", "state", "date_start", "date_reached", "is_complete"]


class GradingPlayEffect(models.Model):
    """What became of one play in a company: its starts, and what the customers bought who were treated, beside those of
    the control group.

    Only starts whose goal's days are over are compared, those of the time in which there was a control group. All of
    them count, stopped ones too: what is stopped is no chance, and in the control group nothing can be. The figures are
    those of a customer for a start: a customer for whom the play has started often counts once, with the mean of these
    starts, as the starts of one customer do not vary like those of different ones.

    The figures are those of the cases whose figures the user may see, so that they tell nothing of the others.
    """

    _name = "grading.play.effect"
    _description = "Effect of a Play"
    _auto = False
    _order = "play_id, company_id, id"
    _rec_name = "play_id"
    _depends = {
        "grading.play.case": [*CASE_COLUMNS, "amount_after", "order_count_after"],
        "grading.play": ["control_percent"],
    }

    play_id = fields.Many2one("grading.play", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)

    # All starts
    started_count = fields.Integer(string="Started", readonly=True, help="Without the control group.")
    running_count = fields.Integer(string="Running", readonly=True)
    reached_count = fields.Integer(string="Goal Reached", readonly=True)
    expired_count = fields.Integer(string="Expired", readonly=True)
    stopped_count = fields.Integer(string="Stopped", readonly=True)
    control_count = fields.Integer(string="Control Group", readonly=True)

    # Customers whose time is over, treated and left alone
    treated_size = fields.Integer(
        string="Customers (Treated)", readonly=True, help="Customers or leads that are compared: their time is over."
    )
    control_size = fields.Integer(string="Customers (Control)", readonly=True)
    treated_reached = FloatOrUnknown(
        string="Reached, Treated (%)", digits=(16, 1), readonly=True, aggregator=None, help="Goal reached in time."
    )
    control_reached = FloatOrUnknown(string="Reached, Control (%)", digits=(16, 1), readonly=True, aggregator=None)
    treated_orders = FloatOrUnknown(string="Orders, Treated", digits=(16, 2), readonly=True, aggregator=None)
    control_orders = FloatOrUnknown(string="Orders, Control", digits=(16, 2), readonly=True, aggregator=None)
    treated_amount = MonetaryOrUnknown(
        string="Revenue, Treated",
        readonly=True,
        aggregator=None,
        help="Net revenue of a customer from the start to the last day of the goal.",
    )
    control_amount = MonetaryOrUnknown(string="Revenue, Control", readonly=True, aggregator=None)

    # The difference
    difference = MonetaryOrUnknown(
        readonly=True, aggregator=None, help="Net revenue of a treated customer above that of one left alone."
    )
    difference_low = MonetaryOrUnknown(
        string="At Least", readonly=True, aggregator=None, help="The lower end of the 95 % interval of the difference."
    )
    difference_high = MonetaryOrUnknown(
        string="At Most", readonly=True, aggregator=None, help="The upper end of the 95 % interval of the difference."
    )
    verdict = fields.Selection(
        [
            ("more", "Brings more"),
            ("less", "Brings less"),
            ("open", "Too few to tell"),
            ("no_control", "No control group"),
        ],
        string="Does It Help?",
        readonly=True,
    )
    sentence = fields.Char(string="Summary", compute="_compute_sentence")

    # ------------------------------------------------------------
    # The query
    # ------------------------------------------------------------

    @property
    def _table_query(self):
        """The key of a row is its first case: the same for all users, and another one for no row."""
        return SQL(
            """
            WITH visible AS (%(visible)s), customer AS (%(customers)s), figures AS MATERIALIZED (%(figures)s),
            own AS MATERIALIZED (
                SELECT MIN(id) AS id, play_id, company_id FROM grading_play_case GROUP BY play_id, company_id
            )
            SELECT own.id, counts.*, company.currency_id, figures.treated_size, figures.control_size,
                   ROUND(100 * treated_reached, 1) AS treated_reached,
                   ROUND(100 * control_reached, 1) AS control_reached,
                   ROUND(treated_orders, 2) AS treated_orders, ROUND(control_orders, 2) AS control_orders,
                   treated_amount, control_amount, treated_amount - control_amount AS difference,
                   treated_amount - control_amount - welch.width AS difference_low,
                   treated_amount - control_amount + welch.width AS difference_high,
                   CASE WHEN COALESCE(figures.control_size, 0) + counts.control_count + play.control_percent = 0
                        THEN 'no_control'
                        WHEN treated_amount - control_amount > welch.width THEN 'more'
                        WHEN control_amount - treated_amount > welch.width THEN 'less'
                        ELSE 'open' END AS verdict
              FROM (%(counts)s) AS counts
              JOIN own ON own.play_id = counts.play_id AND own.company_id = counts.company_id
              JOIN res_company AS company ON company.id = counts.company_id
              JOIN grading_play AS play ON play.id = counts.play_id
         LEFT JOIN figures ON figures.play_id = counts.play_id AND figures.company_id = counts.company_id
         LEFT JOIN LATERAL (%(width)s) AS welch ON TRUE
            """,
            visible=self._visible_select(),
            customers=self._customers_select(),
            figures=self._figures_select(),
            counts=self._counts_select(),
            width=self._width_select(),
        )

    @api.model
    def _visible_select(self):
        """The cases that the user may see, with the figures of those whose figures are visible as well."""
        Case = self.env["grading.play.case"]
        query = Case._search(Domain.TRUE)
        figures = [
            SQL("%s AS %s", Case._field_to_sql(query.table, name, query), SQL.identifier(name))
            for name in ("amount_after", "order_count_after")
        ]
        return query.select(*(SQL.identifier(query.table, name) for name in CASE_COLUMNS), *figures)

    @api.model
    def _counts_select(self):
        return SQL(
            """
            SELECT play_id, company_id, COUNT(*) FILTER (WHERE state <> 'control') AS started_count,
                   COUNT(*) FILTER (WHERE state = 'running') AS running_count,
                   COUNT(*) FILTER (WHERE state = 'reached') AS reached_count,
                   COUNT(*) FILTER (WHERE state = 'expired') AS expired_count,
                   COUNT(*) FILTER (WHERE state = 'stopped') AS stopped_count,
                   COUNT(*) FILTER (WHERE state = 'control') AS control_count
              FROM visible GROUP BY play_id, company_id
            """
        )

    @api.model
    def _customers_select(self):
        """What followed for each customer or lead, the mean of the starts whose time is over.

        Before and after the time with a control group business was another one, so these starts are left out.
        """
        return SQL(
            """
            SELECT play_id, company_id, state = 'control' AS is_control, AVG(amount_after) AS amount,
                   AVG(order_count_after) AS orders, AVG((date_reached IS NOT NULL)::int) AS reached
              FROM (
                SELECT visible.*, MIN(date_start) FILTER (WHERE state = 'control') OVER play AS first,
                       MAX(date_start) FILTER (WHERE state = 'control') OVER play AS last
                  FROM visible
                 WHERE is_complete AND amount_after IS NOT NULL
                WINDOW play AS (PARTITION BY play_id, company_id)
              ) AS complete
             WHERE first IS NULL OR date_start BETWEEN first AND last
          GROUP BY play_id, company_id, partner_id, lead_id, state = 'control'
            """
        )

    @api.model
    def _figures_select(self):
        """The means of the treated customers and of those of the control group, and the variances of the revenue."""
        return SQL(
            """
            SELECT play_id, company_id, COUNT(*) FILTER (WHERE NOT is_control) AS treated_size,
                   COUNT(*) FILTER (WHERE is_control) AS control_size,
                   AVG(reached) FILTER (WHERE NOT is_control) AS treated_reached,
                   AVG(reached) FILTER (WHERE is_control) AS control_reached,
                   AVG(orders) FILTER (WHERE NOT is_control) AS treated_orders,
                   AVG(orders) FILTER (WHERE is_control) AS control_orders,
                   AVG(amount) FILTER (WHERE NOT is_control) AS treated_amount,
                   AVG(amount) FILTER (WHERE is_control) AS control_amount,
                   VAR_SAMP(amount) FILTER (WHERE NOT is_control) AS treated_variance,
                   VAR_SAMP(amount) FILTER (WHERE is_control) AS control_variance
              FROM customer GROUP BY play_id, company_id
            """
        )

    @api.model
    def _width_select(self):
        """``SELECT width``: half the interval of the difference of the two means of ``figures``, ``NULL`` where a group
        is too small.

        Two intervals are in use. Welch's (*The generalization of "Student's" problem when several different population
        variances are involved*, Biometrika 34, 1947) takes the variance of each group from that group, which is right
        where a play changes how much the revenue varies. But of a few skewed revenues one sees too small a variance
        together with too small a mean: with 270 treated customers and 30 left alone, of whom a third buys, Welch's
        interval misses 0 in 13 of 100 plays without any effect. Student's, with one variance of both groups, is right
        there, because without an effect drawing by lot makes both groups samples of the same customers. The wider one
        is right in both, and with groups of the same size they are the same but for the degrees of freedom.
        """
        return SQL(
            """
            SELECT GREATEST(SQRT(treated + control) * (%(welch_t)s), SQRT(pooled) * (%(student_t)s)) AS width
              FROM (
                SELECT treated_count - 1 AS treated_df, control_count - 1 AS control_df,
                       (treated_variance / treated_count)::float8 AS treated,
                       (control_variance / control_count)::float8 AS control,
                       (((treated_count - 1) * treated_variance + (control_count - 1) * control_variance)
                           / (treated_count + control_count - 2)
                           * (1.0 / treated_count + 1.0 / control_count))::float8 AS pooled
                  FROM (
                    SELECT CASE WHEN enough THEN treated_size END AS treated_count,
                           CASE WHEN enough THEN control_size END AS control_count
                      FROM (SELECT LEAST(treated_size, control_size) >= %(least)s AS enough) AS asked
                  ) AS size
              ) AS error
            """,
            welch_t=self._quantile_to_sql(
                SQL(
                    "COALESCE((treated + control) ^ 2"
                    " / NULLIF(treated ^ 2 / treated_df + control ^ 2 / control_df, 0), treated_df + control_df)"
                )
            ),
            student_t=self._quantile_to_sql(SQL("(treated_df + control_df)")),
            least=LEAST_CUSTOMERS,
        )

    @api.model
    def _quantile_to_sql(self, df):
        """The quantile of Student's distribution that makes an interval of :data:`CONFIDENCE`.

        Abramowitz and Stegun, *Handbook of Mathematical Functions*, 26.7.5: a series in 1 / ``df``. With 9 degrees of
        freedom, the fewest that groups of :data:`LEAST_CUSTOMERS` have, it gives 2.26214 and not 2.26216.

        :param odoo.tools.SQL df: the degrees of freedom
        """
        z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 200)
        terms = (
            (z**3 + z) / 4,
            (5 * z**5 + 16 * z**3 + 3 * z) / 96,
            (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
            (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
        )
        powers = [SQL("%s::float8 / (%s)::float8 ^ %s", term, df, power) for power, term in enumerate(terms, 1)]
        return SQL(" + ").join([SQL("%s::float8", z), *powers])

    # ------------------------------------------------------------
    # In words
    # ------------------------------------------------------------

    @api.depends("verdict", "difference_low", "difference_high", "play_id", "currency_id")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for effect in self:
            effect.sentence = effect._sentence()

    def _sentence(self):
        if self.verdict == "no_control":
            return self.env._("No control group: enter one on the play to see whether it helps")
        if self.verdict == "open":
            return self._sentence_of_few()
        low, high = sorted((abs(self.difference_low), abs(self.difference_high)))
        words = {"low": self._in_words(low), "high": self._in_words(high)}
        if self.play_id.subject == "lead":
            if self.verdict == "more":
                return self.env._("Leads of this play brought %(low)s to %(high)s more each", **words)
            return self.env._("Leads of this play brought %(low)s to %(high)s less each", **words)
        if self.verdict == "more":
            return self.env._("Customers of this play brought %(low)s to %(high)s more each", **words)
        return self.env._("Customers of this play brought %(low)s to %(high)s less each", **words)

    def _sentence_of_few(self):
        """Why one cannot tell, and what chance alone may explain."""
        if self.difference_low is False:
            return self.env._(
                "Too few to tell: %(treated)s treated and %(control)s control customers so far, %(least)s of each are "
                "needed",
                treated=self.treated_size,
                control=self.control_size,
                least=LEAST_CUSTOMERS,
            )
        return self.env._(
            "Too few to tell: anything from %(less)s less to %(more)s more each is possible",
            less=self._in_words(-self.difference_low),
            more=self._in_words(self.difference_high),
        )

    def _in_words(self, amount):
        whole = float_round(amount, 0) if amount >= WHOLE_FROM else amount
        return format_amount(self.env, whole, self.currency_id, trailing_zeroes=False)

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    @api.readonly
    @guarded(one=True)
    def action_view_cases(self):
        """Show the starts of the play in the company."""
        action = self.play_id.action_view_cases()
        return {**action, "domain": [*action["domain"], ("company_id", "=", self.company_id.id)]}

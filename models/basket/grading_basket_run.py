import logging
import time
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..score.grading_criterion_hint import format_number
from .grading_basket_itemset import Limits
from .res_company import BASKET_LEVELS

_logger = logging.getLogger(__name__)
# More rules than that are of no use: the limits let chance in.
MOST_RULES = 200000
# Lines up to which a button finds the rules at once; beyond, the scheduled action does it in the background.
LINES_AT_ONCE = 100000


class GradingBasketRun(models.Model):
    """One search for what is bought together in a company: of which baskets, by which limits, with which result.

    The rules of the last one that succeeded are in force; those of former ones are deleted, the rows stay.
    """

    _name = "grading.basket.run"
    _inherit = ["grading.job.mixin"]
    _description = "Search for Products Bought Together"
    _order = "date_start desc, id desc"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", index=True, readonly=True)
    date = fields.Date(required=True, readonly=True, help="The last day whose orders were looked at.")
    date_start = fields.Datetime(string="Started", required=True, default=fields.Datetime.now, readonly=True)
    duration = fields.Float(string="Duration (s)", readonly=True, aggregator="avg")
    state = fields.Selection([("done", "Done"), ("failed", "Failed")], default="done", required=True, readonly=True)
    message = fields.Text(readonly=True)
    basket_count = fields.Integer(
        string="Orders", readonly=True, help="Orders and tickets with at least one product that were looked at."
    )
    basket_total = fields.Integer(
        string="Orders in the Period",
        readonly=True,
        help="Where they have too many products in common to compare all, a random part was looked at.",
    )
    line_count = fields.Integer(string="Products in Orders", readonly=True)
    item_count = fields.Integer(
        string="Frequent Products",
        readonly=True,
        aggregator=None,
        help="Products, or categories, that were bought often enough to be compared.",
    )
    rule_count = fields.Integer(string="Rules", readonly=True)
    rule_ids = fields.One2many("grading.basket.rule", "run_id", readonly=True)

    # By which limits
    level = fields.Selection(BASKET_LEVELS, string="Items", required=True, readonly=True)
    months = fields.Integer(string="Period (months)", readonly=True, aggregator=None)
    min_support = fields.Float(string="Least Support", readonly=True, aggregator=None)
    min_confidence = fields.Float(string="Least Confidence", readonly=True, aggregator=None)
    min_lift = fields.Float(string="Least Lift", readonly=True, aggregator=None)
    min_count = fields.Integer(string="Least Number of Orders", readonly=True, aggregator=None)
    max_items = fields.Integer(string="Most Products Compared", readonly=True, aggregator=None)

    @api.depends("date", "basket_count", "months")
    def _compute_display_name(self):
        for run in self:
            run.display_name = self.env._(
                "%(date)s: %(count)s orders of %(months)s months",
                date=format_date(self.env, run.date),
                count=format_number(self.env, run.basket_count, 0),
                months=run.months,
            )

    # ------------------------------------------------------------
    # The one entry
    # ------------------------------------------------------------

    @api.model
    def _mine(self, lines=None):
        """Find the rules of the environment's company by its settings, in the place of those that are in force.

        :param odoo.tools.SQL lines: ``SELECT basket_id, item_id`` instead of the company's documents; the items are ids
            of products, or of categories where the company compares these
        :return: its state tells how it went; where the limits let too many rules through, the former ones stay
        :rtype: grading.basket.run
        """
        company = self.env.company
        run = self.sudo().create(self._prepare_run(company))
        with run._timed():
            try:
                with self.env.cr.savepoint():
                    run._find(lines)
            except UserError as error:
                run.write({"state": "failed", "message": str(error), "rule_count": 0})
                _logger.warning("%s: %s", company.name, error)
        return run

    @api.model
    def _prepare_run(self, company):
        return {
            "company_id": company.id,
            "date": company._grading_today(),
            "level": company.grading_basket_level,
            "months": company.grading_basket_months,
            "min_support": company.grading_basket_support,
            "min_confidence": company.grading_basket_confidence,
            "min_lift": company.grading_basket_lift,
            "min_count": company.grading_basket_count,
            "max_items": company.grading_basket_items,
        }

    @contextmanager
    def _timed(self):
        started = time.monotonic()
        yield
        self.duration = time.monotonic() - started

    def _find(self, lines):
        """
        :raise UserError: the limits let too many rules through
        """
        company = self.company_id
        limits = Limits(
            company.grading_basket_support,
            company.grading_basket_confidence,
            company.grading_basket_lift,
            company.grading_basket_count,
            company.grading_basket_items,
        )
        Rule = self.env["grading.basket.rule"].with_company(company)
        Itemset = self.env["grading.basket.itemset"].with_company(company)
        mined = Itemset._mine(lines or Rule._lines(self.level), limits)
        self.write(
            {
                "basket_count": mined.baskets,
                "basket_total": mined.total,
                "line_count": mined.lines,
                "item_count": mined.items,
            }
        )
        [[self.rule_count]] = self.env.execute_query(SQL("SELECT COUNT(*) FROM pg_temp.grading_basket_found"))
        if self.rule_count > MOST_RULES:
            raise UserError(
                self.env._(
                    "%(count)s rules of %(company)s reach the limits, at most %(most)s are kept. Raise the least "
                    "support, confidence or number of orders in the settings.",
                    count=format_number(self.env, self.rule_count, 0),
                    company=company.name,
                    most=format_number(self.env, MOST_RULES, 0),
                )
            )
        Rule._replace(self)
        Itemset._forget()

    # ------------------------------------------------------------
    # When
    # ------------------------------------------------------------

    @api.model
    def _cron_mine(self):
        """Find the rules of every company, each in a transaction of its own."""
        companies = self.env["res.company"].search([("active", "=", True)])
        self._repeat(
            [
                (f"Finding what is bought together in {company.name}", self.with_company(company)._mine_once)
                for company in companies
            ]
        )

    @api.model
    def _mine_once(self):
        """A step of the job: it is done at once.

        :rtype: int
        """
        self._mine()
        return 0

    @api.model
    def _mine_by_button(self):
        """Find the rules at once, or in the background where there are many orders.

        :return: the run, empty where it is left to the scheduled action
        :rtype: grading.basket.run
        """
        lines = self.env["grading.basket.line"].sudo()._in_period()
        self.env.flush_all()
        [[count]] = self.env.execute_query(
            SQL("SELECT COUNT(*) FROM (SELECT FROM (%s) AS line LIMIT %s) AS counted", lines, LINES_AT_ONCE + 1)
        )
        if count > LINES_AT_ONCE:
            self.env.ref("customer_grading.ir_cron_basket").sudo()._trigger()
            return self.browse()
        return self._mine()

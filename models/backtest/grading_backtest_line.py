from odoo import api, fields, models

from ..base.fields import FloatOrUnknown, MonetaryOrUnknown

# Groups of the same size, the best first.
TENTHS = [
    ("01", "Best 10 %"),
    ("02", "10 to 20 %"),
    ("03", "20 to 30 %"),
    ("04", "30 to 40 %"),
    ("05", "40 to 50 %"),
    ("06", "50 to 60 %"),
    ("07", "60 to 70 %"),
    ("08", "70 to 80 %"),
    ("09", "80 to 90 %"),
    ("10", "Last 10 %"),
]
SIDES = [("own", "Rules"), ("other", "Compared")]


def percent(string, **attrs):
    return FloatOrUnknown(string=string, readonly=True, aggregator="avg", **attrs)


class GradingBacktestLine(models.Model):
    """What followed a day for one grade, one tenth of the score or all, by one of the schemes of a back-test.

    A *success* is a customer who has bought, or a lead that was signed, in the months that followed. Of leads, the
    *orders* are those that were signed, and the *revenue* is what had been expected of them. A customer counts as lost
    who had ordered by the day, and whom the purchase model of the end of these months gives up.
    """

    _name = "grading.backtest.line"
    _description = "Figures of a Back-Test"
    _order = "backtest_id desc, date desc, side desc, kind, sequence, id"
    _rec_name = "grade_id"

    backtest_id = fields.Many2one("grading.backtest", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="backtest_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(string="Graded as of", required=True, readonly=True)
    side = fields.Selection(SIDES, string="Judged by", required=True, readonly=True)
    scheme_id = fields.Many2one("grading.scheme", readonly=True, ondelete="set null")
    kind = fields.Selection(
        [("all", "All"), ("grade", "Grade or segment"), ("tenth", "Tenth of the score")], required=True, readonly=True
    )
    sequence = fields.Integer(readonly=True, help="The best comes first.")
    grade_id = fields.Many2one(
        "grading.grade", readonly=True, ondelete="cascade", help="Empty: not graded, or in no segment."
    )
    tenth = fields.Selection(TENTHS, readonly=True)
    customer_count = fields.Integer(string="Customers or Leads", readonly=True)
    order_count = fields.Integer(string="Orders", readonly=True)
    revenue = fields.Monetary(readonly=True, help="Untaxed, less what was credited.")
    revenue_share = percent("Share of Revenue (%)", help="Of the revenue of all these customers or leads.")
    revenue_mean = MonetaryOrUnknown(string="Revenue a Head", readonly=True, aggregator="avg")
    revenue_low = MonetaryOrUnknown(string="Revenue a Head, from", readonly=True, aggregator="avg")
    revenue_high = MonetaryOrUnknown(string="Revenue a Head, to", readonly=True, aggregator="avg")
    revenue_error = FloatOrUnknown(
        string="Standard Error of Revenue a Head",
        readonly=True,
        aggregator=None,
        help="How far the mean strays by chance. Empty where fewer than five customers or leads brought revenue.",
    )
    success_rate = percent("Bought Again or Signed (%)")
    success_low = percent("Bought Again or Signed, from (%)")
    success_high = percent("Bought Again or Signed, to (%)")
    expected_rate = percent(
        "Expected (%)", help="What a curve over the score, fitted to the other leads or customers, would have expected."
    )
    lost_rate = percent("Lost (%)", help="Of those who had ordered by the day.")
    difference = FloatOrUnknown(
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        help="Revenue a head, or of leads the share that signed, by these rules less the one by those compared with.",
    )
    difference_low = FloatOrUnknown(string="Difference, from", digits=(16, 2), readonly=True, aggregator="avg")
    difference_high = FloatOrUnknown(string="Difference, to", digits=(16, 2), readonly=True, aggregator="avg")
    # Of all
    best_share = percent(
        "Revenue of the Best 20 % (%)", help="Which part of the revenue came from the 20 % with the highest score."
    )
    best_share_low = percent("Revenue of the Best 20 %, from (%)")
    best_share_high = percent("Revenue of the Best 20 %, to (%)")
    best_share_difference = percent("Difference of the Best 20 % (%)")
    best_share_difference_low = percent("Difference of the Best 20 %, from (%)")
    best_share_difference_high = percent("Difference of the Best 20 %, to (%)")
    auc = FloatOrUnknown(
        string="AUC",
        digits=(16, 4),
        readonly=True,
        aggregator="avg",
        help="How often one who has bought or signed stood before one who has not, ties counting half: 0.5 is chance, "
        "1 is always.",
    )
    auc_low = FloatOrUnknown(string="AUC, from", digits=(16, 4), readonly=True, aggregator="avg")
    auc_high = FloatOrUnknown(string="AUC, to", digits=(16, 4), readonly=True, aggregator="avg")
    auc_difference = FloatOrUnknown(string="Difference of AUC", digits=(16, 4), readonly=True, aggregator="avg")
    auc_difference_low = FloatOrUnknown(
        string="Difference of AUC, from", digits=(16, 4), readonly=True, aggregator="avg"
    )
    auc_difference_high = FloatOrUnknown(
        string="Difference of AUC, to", digits=(16, 4), readonly=True, aggregator="avg"
    )
    calibration_error = percent(
        "Calibration Error (%)", help="How far the expected share is from what came, on average over the tenths."
    )

    @api.depends("kind", "grade_id", "tenth", "scheme_id.is_secondary")
    def _compute_display_name(self):
        tenths = dict(self._fields["tenth"]._description_selection(self.env))
        for line in self:
            if line.kind == "tenth":
                line.display_name = tenths[line.tenth]
            elif line.kind == "grade":
                nothing = self.env._("No segment") if line.scheme_id.is_secondary else self.env._("Not graded")
                line.display_name = line.grade_id.display_name or nothing
            else:
                line.display_name = self.env._("All")

from odoo import models
from odoo.tools import formatLang
from odoo.tools.misc import format_date

from .grading_purchase_model import FEW_REPEAT_CUSTOMERS

# From so many percent on a change of the amount is worth a sentence.
CLEAR_CHANGE = 25


class GradingProfile(models.Model):
    """Why this stage of the life cycle: since when, what is to be expected, and what would change it."""

    _inherit = "grading.profile"

    def _explanation(self):
        profile = self.sudo()
        return {
            **super()._explanation(),
            "stage_sentences": profile._explain_stage(),
            "stage_strategy": profile.lifecycle_id.strategy,
        }

    def _explain_stage(self):
        """Sentences on the customer's stage; none of a lead, which has no life cycle."""
        self.ensure_one()
        if not self.partner_id:
            return []
        return [
            sentence
            for sentence in (
                self._explain_since(),
                self._explain_rhythm(),
                self._explain_method(),
                self._explain_change(),
            )
            if sentence
        ]

    def _explain_since(self):
        if not self.lifecycle_id:
            return None
        if not self.lifecycle_since:
            return self.env._("In the stage “%s”.", self.lifecycle_id.name)
        return self.env._(
            "In the stage “%(stage)s” since %(date)s.",
            stage=self.lifecycle_id.name,
            date=format_date(self.env, self.lifecycle_since),
        )

    def _explain_rhythm(self):
        """The probability to buy, and the days on which it will be, or was, too low."""
        if not self.decline_date or self.purchase_probability is False:
            return None
        company = self.company_id
        today = company._grading_today()
        values = {
            "percent": formatLang(self.env, 100 * self.purchase_probability, digits=0),
            "days": company.grading_horizon_days,
            "decline": format_date(self.env, self.decline_date),
            "lost": format_date(self.env, self.lost_date),
        }
        if today < self.decline_date:
            return self.env._(
                "An order within %(days)s days has a probability of %(percent)s %%. Without one the customer is "
                "overdue, by the own rhythm, from %(decline)s and lost from %(lost)s.",
                **values,
            )
        if today < self.lost_date:
            return self.env._(
                "Overdue by the own rhythm since %(decline)s: an order within %(days)s days has a probability of "
                "%(percent)s %% only. Without one the customer is lost from %(lost)s.",
                **values,
            )
        return self.env._(
            "Silent far beyond the own rhythm since %(lost)s: an order within %(days)s days has a probability of "
            "%(percent)s %%.",
            **values,
        )

    def _explain_method(self):
        """That the probability is not learnt from all customers, where that is so."""
        model = self.env["grading.purchase.model"].with_company(self.company_id)._current()
        if not self.decline_date or model.method != "interval":
            return None
        if model.repeat_count < FEW_REPEAT_CUSTOMERS:
            return self.env._(
                "Too few customers have come back to learn from all of them: this is by the own rhythm alone."
            )
        return self.env._("The customers' orders follow no common model: this is by the own rhythm alone.")

    def _explain_change(self):
        change = self.order_amount_change
        if change is False or abs(change) < CLEAR_CHANGE:
            return None
        percent = formatLang(self.env, abs(change), digits=0)
        if change < 0:
            return self.env._("Bought %s %% less in the last 12 months than in the 12 before.", percent)
        return self.env._("Bought %s %% more in the last 12 months than in the 12 before.", percent)

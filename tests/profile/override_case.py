from datetime import timedelta

from ..common import GradingCase


class OverrideCase(GradingCase):
    """Ada has ordered for 50: the rules make her Silver, people may think otherwise."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.ada = cls.customer("Ada")
        cls.ada_order = cls.order(cls.ada, 50, cls.today - timedelta(days=20))
        cls.rules = cls.scheme()
        cls.rescore()

    def override(self, partner, grade, reason="She leads her market", until=None):
        wizard = self.env["grading.override"].create(
            {"partner_ids": partner.ids, "grade_id": grade.id, "reason": reason, "until": until}
        )
        wizard.action_confirm()
        return self.profile(partner[:1])

    def order_amount(self, amount):
        self.force(self.ada_order, amount_untaxed=amount)

    def last_line(self, partner):
        return self.env["grading.history"].search([("partner_id", "=", partner.id)], limit=1)

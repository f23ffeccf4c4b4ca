from datetime import datetime, timedelta

from ..measure.interaction_case import InteractionCase


class EffortCase(InteractionCase):
    """Gold should get 70 % of the effort, Silver 20, Bronze 10. Cleo is Gold, Dan is Bronze."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for grade, share in ((cls.gold, 70), (cls.silver, 20), (cls.bronze, 10)):
            grade.effort_share = share
        cls.seller = cls.sam.user_ids
        cls.yesterday = cls.today - timedelta(days=1)
        cls.dan = cls.customer("Dan")
        cls.hers = cls.lead("Hers", partner_id=cls.carl.id, user_id=cls.seller.id)
        cls.scheme()
        cls.order(cls.cleo, 500, cls.today)
        cls.order(cls.dan, 1, cls.today)
        cls.rescore()

    def wrote(self, customer, count=1, day=None, author=None):
        for _number in range(count):
            self.said(customer, "email_outgoing", day or self.yesterday, author=author)

    def report(self, user=None, domain=()):
        Report = self.env["grading.effort.report"].with_user(user or self.env.user)
        return Report.search([*self.here(), *domain])

    def here(self):
        """Other companies have contacts of their own."""
        return [("company_id", "=", self.company.id)]

    def noon(self, hours):
        return datetime.combine(self.yesterday, datetime.min.time()) + timedelta(hours=12 + hours)

    def shares(self, user=None, period="30", **vals):
        self.env.invalidate_all()  # as another request
        Share = self.env["grading.effort.share"].with_user(user or self.env.user)
        domain = [("period", "=", period), *self.here(), *((name, "=", value) for name, value in vals.items())]
        return {(share.user_id, share.grade_id): share for share in Share.search(domain)}

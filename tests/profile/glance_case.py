from datetime import timedelta

from ..common import LeadCase


class GlanceCase(LeadCase):
    """Gala has ordered 200 twice, 90 and 30 days ago: 2 orders give 10 points, 400 of money 40, and 10 answers 10.

    50 of 1,010 points: Silver, from 10 on; Gold begins at 100.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gold.title, cls.silver.title = "the best", "the good"
        cls.silver.write({"strategy": "<p>Visit <b>them</b>.</p>", "effort_share": 20, "color": 4})
        cls.gala = cls.customer("Gala", is_company=True)
        cls.first, cls.last = cls.today - timedelta(days=90), cls.today - timedelta(days=30)
        cls.orders = [cls.order(cls.gala, 200, day) for day in (cls.first, cls.last)]
        cls.rules = cls.scheme(
            criteria=[
                cls.linear("order_count", 5, points_max=500, name="Orders"),
                cls.linear("order_amount", 0.1, points_max=500, name="Money"),
                cls.linear("satisfaction", 1, points_max=10, name="Answers", dimension="loyalty"),
            ]
        )
        cls.rescore()
        cls.forget_requests()

    @classmethod
    def glance(cls, record=None, user=None, company=None):
        cls.env.flush_all()
        cls.env.invalidate_all()
        record = (record or cls.gala).with_user(user or cls.env.user)
        return (record.with_company(company) if company else record).grading_glance()

    def plain(self, text):
        return text.replace("\N{NO-BREAK SPACE}", " ")

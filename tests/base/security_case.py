from datetime import timedelta

from ..common import GradingCase

RULES = (
    "grading.scheme",
    "grading.criterion",
    "grading.criterion.band",
    "grading.criterion.case",
    "grading.threshold",
    "grading.grade",
    "grading.lifecycle",
)
RESULTS = ("grading.profile", "grading.history", "grading.snapshot", "grading.run", "grading.ruler", "grading.queue")


class SecurityCase(GradingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.ada = cls.customer("Ada")
        cls.ada_order = cls.order(cls.ada, 50, cls.today - timedelta(days=20))
        cls.rules = cls.scheme(criteria=[cls.linear("order_amount"), cls.rank("order_count", points_max=0)])
        cls.env["grading.lifecycle"].create({"name": "Customer", "domain": "[('order_count', '>', 0)]"})
        cls.rescore()
        cls.env["grading.queue"]._enqueue([(cls.ada, cls.company)])

    def fields_of_grading(self, model):
        names = [name for name in self.env[model]._fields if name.startswith("grading_")]
        if model == "res.partner":
            names += ["annual_budget", "brand_contribution", "willingness"]
        self.assertGreater(len(names), 2)
        return names

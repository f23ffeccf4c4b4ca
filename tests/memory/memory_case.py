from datetime import timedelta

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from ...models.memory.grading_snapshot import month_end
from ..common import LeadCase

APART_CRON = "customer_grading.ir_cron_judge_apart"
NIGHTLY_CRON = "customer_grading.ir_cron_rescore"


class MemoryCase(LeadCase, CronMixinCase):
    """Ada (Gold), Bob (Silver) and Cid (Bronze) by what they ordered; all were scored when last month ended."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.last_month = month_end(cls.today, -1)
        cls.rules = cls.scheme()
        cls.ada, cls.bob, cls.cid = (cls.customer(name) for name in ("Ada", "Bob", "Cid"))
        for partner, amount in ((cls.ada, 500), (cls.bob, 50), (cls.cid, 5)):
            cls.order(partner, amount, cls.last_month - timedelta(days=20))
        cls.rescore(as_of=cls.last_month)
        cls.forget_requests()

    @classmethod
    def taken(cls, day=None, company=None):
        """Have the profiles remembered as they stand; how many were."""
        count = cls.env["grading.snapshot"].with_company(company or cls.company)._take(day or cls.last_month)
        cls.env.invalidate_all()
        return count

    @classmethod
    def snapshots(cls, *domain):
        return cls.env["grading.snapshot"].search([("company_id", "=", cls.company.id), *domain], order="date, id")

    def run_cron(self, xmlid=NIGHTLY_CRON):
        self.run_scheduled(xmlid)
        self.env.invalidate_all()

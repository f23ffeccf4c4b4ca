from datetime import date

from ..common import GradingCase

AS_OF = date(2025, 3, 10)


class ReferralCase(GradingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.both = cls.scheme(criteria=[cls.linear("referral_count"), cls.linear("referral_amount", 0.01)])
        cls.ada, cls.bob, cls.cid = (cls.customer(name, customer_rank=1) for name in ("Ada", "Bob", "Cid"))

    def new_lead(self, **vals):
        return self.env["crm.lead"].create({"name": "Lead", "company_id": self.company.id, **vals})

    def measured(self, partner, company=None):
        profile = self.profile(partner, company)
        return profile.referral_count, profile.referral_amount

    def clear_queue(self):
        self.env.flush_all()
        self.env["grading.queue"]._waiting([("company_id", "!=", False)]).unlink()

    def queued(self):
        self.env.flush_all()
        return self.env["grading.queue"]._waiting([("company_id", "=", self.company.id)]).partner_id

    def assert_incremental_equals_full(self):
        """Rescoring only those in the queue leaves nothing for a full run to change."""
        self.env.flush_all()
        lines = self.env["grading.queue"]._waiting([("company_id", "=", self.company.id)])
        run = self.env["grading.run"]._rescore(partners=lines.partner_id, leads=lines.lead_id, as_of=AS_OF)
        self.assertEqual(run.state, "done")
        with self.compared_as_before():
            self.assertEqual(self.rescore(as_of=AS_OF).changed_count, 0)
        self.clear_queue()

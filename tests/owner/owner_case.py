from datetime import datetime, time

from odoo.tests import freeze_time

from ..care.care_case import DAY, CareCase


class OwnerCase(CareCase):
    """A team of the company with the members Ada and Bob, who begin without customers; nothing is switched on yet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        others = cls.env["crm.team"].with_context(active_test=False).search([])
        others.write({"grading_assign_owners": False, "grading_pool": False})
        cls.ada, cls.bob = (cls.salesman(name, name=name.title(), tz="Europe/Brussels") for name in ("ada", "bob"))
        cls.team.member_ids = cls.ada + cls.bob

    @classmethod
    def ownerless(cls, name="Nora", **measures):
        """A Gold customer without an owner."""
        partner = cls.customer(name, user_id=False)
        cls.measure(partner, **measures)
        return partner

    @classmethod
    def run_step(cls, step, day=DAY, company=None, **kwargs):
        Ownership = cls.env["grading.ownership"].with_company(company or cls.company)
        with freeze_time(datetime.combine(day, time(12))):
            return getattr(Ownership, step)(**kwargs)

    @classmethod
    def assign(cls, day=DAY, **kwargs):
        return cls.run_step("_assign", day, **kwargs)

    @classmethod
    def keep_pool(cls, day=DAY, **kwargs):
        """Warn and take back, as the scheduled action does on a day; for how many something happened."""
        return cls.run_step("_warn_and_revoke", day, **kwargs)

    @classmethod
    def moves(cls, subject):
        """``[(reason, from, to)]``, the oldest first."""
        name = "lead_id" if subject._name == "crm.lead" else "partner_id"
        rows = cls.env["grading.ownership"].search([(name, "=", subject.id)], order="id")
        return [(row.reason, row.old_user_id.name, row.new_user_id.name) for row in rows]

    @classmethod
    def owner_activities(cls, subject):
        """The open activities on a customer or lead."""
        return cls.env["mail.activity"].search([("res_model", "=", subject._name), ("res_id", "=", subject.id)])


# Gold is contacted every week: a fortnight after the last contact is two intervals, and then the contact is overdue.
LAST_CONTACT = OwnerCase.after(-14)


class PoolCase(OwnerCase):
    """The team has a pool, and Ada leads and prospects whose contacts are overdue."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.grading_pool = True

    def overdue_lead(self, name="Lead", last=LAST_CONTACT, **vals):
        """A Gold lead of Ada's, covered for long, and last contacted on the day ``last``."""
        lead = self.lead(name, **{"user_id": self.ada.id, **vals})
        self.measure(lead, last_online_date=last, order_count=0)
        return self.start_early(lead)

    def prospect(self, name="Prospect", last=LAST_CONTACT, **measures):
        partner = self.customer(name, user_id=self.ada.id)
        self.measure(partner, last_online_date=last, **{"order_count": 0, **measures})
        return self.start_early(partner)

    def open_warnings(self):
        moves = self.env["grading.ownership"].search([("is_open", "=", True), ("company_id", "=", self.company.id)])
        return moves.lead_id or moves.partner_id

    def start_early(self, subject):
        """Have a customer or lead covered, and that since long ago."""
        self.look_after()
        self.force(self.care(subject), start_date=self.after(-99))
        return subject

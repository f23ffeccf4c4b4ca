from datetime import date, datetime, time, timedelta

from lxml import etree

from odoo.tests import freeze_time
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from ...models.base.subject import SUBJECTS
from ...models.run.grading_run_pipeline import Rules
from ...models.run.grading_staging import POPULATION
from ..common import LeadCase

DAY = date(2026, 3, 4)  # a Wednesday


class CareCase(LeadCase):
    """Customers and leads with a profile of the test's making, and a cadence: Gold is contacted online every week.

    The next dates are set by step 7 alone, so that a test says what was measured.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["grading.cadence"].search([]).active = False
        cls.seller = cls.salesman(name="Seller", tz="Europe/Brussels", email="seller@example.com")
        cls.mail_type, cls.call_type, cls.visit_type = cls.env["mail.activity.type"].create(
            [
                {"name": "Write", "grading_channel": "online"},
                {"name": "Ring", "grading_channel": "call"},
                {"name": "Go There", "grading_channel": "visit"},
            ]
        )
        cls.weekly = cls.cadence("Weekly")

    @classmethod
    def cadence(cls, name, channel="online", number=1, unit="week", **vals):
        kinds = {"online": cls.mail_type, "call": cls.call_type, "visit": cls.visit_type}
        return cls.env["grading.cadence"].create(
            {
                "name": name,
                "channel": channel,
                "interval_number": number,
                "interval_type": unit,
                "grade_ids": cls.gold.ids,
                "activity_type_id": kinds[channel].id,
                "summary": name,
                **vals,
            }
        )

    @classmethod
    def customer(cls, name, **vals):
        return super().customer(name, **{"user_id": cls.seller.id, **vals})

    @classmethod
    def known(cls, name="Anna", last=None, **measures):
        """A Gold customer of the seller, last contacted online on the day ``last``."""
        partner = cls.customer(name)
        cls.measure(partner, last_online_date=last, **measures)
        return partner

    @classmethod
    def measure(cls, subject, **measures):
        """Measure a customer or lead anew; Gold, with an order, unless said otherwise."""
        is_lead = subject._name == "crm.lead"
        profile = cls.lead_profile(subject) if is_lead else cls.profile(subject)
        if profile:
            profile.write(measures)
            return
        key = "lead_id" if is_lead else "partner_id"
        values = {key: subject.id, "company_id": cls.company.id, "grade_id": cls.gold.id, "order_count": 1}
        profile = profile.create({**values, **measures})
        cls.force(profile, create_date=datetime.combine(DAY, time(12)))

    @classmethod
    def look_after(cls, as_of=DAY):
        """Step 7 for all that have a profile; for how many customers and leads something was new."""
        cls.env.flush_all()
        Work = cls.env["grading.worktable"]
        cadences = cls.env["grading.cadence"]._in_force()
        count = 0
        for subject in ("lead", "customer"):
            key = SUBJECTS[subject].key
            select = "SELECT %(key)s FROM grading_profile WHERE company_id = %(company)s AND %(key)s IS NOT NULL"
            Work._create(POPULATION, SQL(select, key=SQL.identifier(key), company=cls.company.id))
            rules = Rules(subject=subject, as_of=as_of, cadences=cadences)
            total = Work._create_care_changes(rules)
            Work._write_care_batch(rules, 1, total)
            count += total
        return count

    @classmethod
    def care(cls, subject, cadence=None):
        name = "lead_id" if subject._name == "crm.lead" else "partner_id"
        cadence = cadence or cls.weekly
        return cls.env["grading.care"].search([(name, "=", subject.id), ("cadence_id", "=", cadence.id)])

    @classmethod
    def log(cls, subject):
        """``[(due date, what became of it, when)]``, the oldest first."""
        name = "lead_id" if subject._name == "crm.lead" else "partner_id"
        lines = cls.env["grading.care.log"].search([(name, "=", subject.id)], order="due_date")
        return [(line.due_date, line.state, line.done_date) for line in lines]

    @classmethod
    def plan(cls, moment=DAY):
        """Plan what is due at a moment, noon UTC unless said otherwise; how many activities that gave."""
        if not isinstance(moment, datetime):
            moment = datetime.combine(moment, time(12))
        with freeze_time(moment):
            return cls.env["grading.care"]._plan()

    @staticmethod
    def mark_done(cares, **vals):
        """Mark contacts done as the button does, with its dialog; what the user then sees."""
        action = cares.action_done()
        dialog = cares.env[action["res_model"]].with_context(**action["context"]).create(vals)
        return dialog.action_confirm()

    @classmethod
    def activities(cls, subject=None):
        domain = [("grading_care_id.company_id", "=", cls.company.id)]
        if subject:
            domain += [("res_model", "=", subject._name), ("res_id", "=", subject.id)]
        return cls.env["mail.activity"].search(domain)

    def typed(self, view, text, user=None):
        """What a user finds who types the text into the customer's field of a search view."""
        view = self.env.ref(f"customer_grading.{view}")
        [field] = etree.fromstring(view.arch).xpath("//field[@name='partner_id']")
        domain = safe_eval(field.get("filter_domain"), {"self": text})
        return self.env[view.model].with_user(user or self.seller).search(domain)

    @staticmethod
    def after(days, day=DAY):
        return day + timedelta(days=days)

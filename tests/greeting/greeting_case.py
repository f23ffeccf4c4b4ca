from datetime import date

from odoo.tests import freeze_time

from odoo.addons.mail.tests.common import MailCase

from ..common import GradingCase

BIRTHDATE = date(1974, 3, 10)


class GreetingCase(GradingCase, MailCase):
    """A customer, Acme, with a contact, Emma, who was born on 10 March 1974; a salesperson looks after both.

    Occasions that others made are archived.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["grading.occasion"].search([]).active = False
        cls.seller = cls.salesman(email="seller@example.com")
        cls.acme = cls.customer("Acme", is_company=True, user_id=cls.seller.id)
        cls.known(cls.acme)
        cls.emma = cls.customer(
            "Emma", parent_id=cls.acme.id, birthdate_date=BIRTHDATE, email="emma@example.com", phone="+32475123456"
        )
        cls.template = cls.env["mail.template"].create(
            {
                "name": "Test greeting",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "subject": "Hello {{ object.name }}",
                "body_html": "<p>Hello <t t-out='object.name'/></p>",
                "email_from": "us@example.com",
                "partner_to": "{{ object.id }}",
                "auto_delete": False,
            }
        )

    @classmethod
    def known(cls, partner, company=None, **values):
        """A contact with a profile, as each customer has one."""
        company = company or cls.company
        return cls.env["grading.profile"].create({"partner_id": partner.id, "company_id": company.id, **values})

    @classmethod
    def occasion(cls, kind="birthday", dates=(), **vals):
        """An occasion of the company; ``dates`` of a feast that moves."""
        lines = [(0, 0, {"date": day}) for day in dates]
        values = {"name": "Occasion", "kind": kind, "company_id": cls.company.id, "line_ids": lines}
        return cls.env["grading.occasion"].create({**values, **vals})

    @classmethod
    def feast(cls, *dates, **vals):
        return cls.occasion("dated", dates, **vals)

    def greet(self):
        """The scheduled action, now."""
        with self.enter_registry_test_mode():
            self.assertNotEqual(
                type(self.env.ref("customer_grading.ir_cron_greet").method_direct_trigger()),
                dict,
                "the scheduled action failed",
            )
        self.env.invalidate_all()

    def on(self, moment):
        """Run the scheduled action at a moment in UTC."""
        with freeze_time(moment):
            self.greet()

    def greetings(self, partner=None, **values):
        """Greetings of a contact, or of all, with these values."""
        domain = [("partner_id", "=", partner.id)] if partner else [("company_id", "=", self.company.id)]
        domain += [(name, "=", value) for name, value in values.items()]
        return self.env["grading.greeting"].search(domain, order="date, id")

    def dates(self, partner=None):
        return self.greetings(partner).mapped("date")

    def activities(self, partner):
        return self.env["mail.activity"].search([("res_model", "=", "res.partner"), ("res_id", "=", partner.id)])

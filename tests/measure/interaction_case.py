from datetime import date, timedelta

from odoo.fields import Command

from ..common import LeadCase

AS_OF = date(2025, 3, 10)


class InteractionCase(LeadCase):
    """Cleo has the employee Carl, who has the assistant Cora; Sam, who works in the company, sells to them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sam = cls.salesman("sam").partner_id
        cls.cleo = cls.customer("Cleo", is_company=True, customer_rank=1)
        cls.carl = cls.customer("Carl", parent_id=cls.cleo.id)
        cls.cora = cls.customer("Cora", parent_id=cls.carl.id)
        cls.sale = cls.order(cls.carl, 10, AS_OF - timedelta(days=400))
        cls.forget_requests()

    def said(self, record, message_type="comment", day=AS_OF, author=None, to=(), **vals):
        """A message on ``record``; Sam wrote it unless ``author`` says otherwise."""
        return self.env["mail.message"].create(self.said_values(record, message_type, day, author, to, **vals))

    def said_values(self, record, message_type="comment", day=AS_OF, author=None, to=(), **vals):
        values = {"author_id": self.sam.id if author is None else author and author.id}
        if record:
            values |= {"model": record._name, "res_id": record.id}
        else:
            values |= {"model": False, "res_id": False}
        recipients = [Command.link(person.id) for person in to]
        return self.message_values(self.cleo, day, message_type, partner_ids=recipients, **values, **vals)

    def meeting_with(self, *persons, day=AS_OF, **vals):
        return self.env["calendar.event"].create(self.meeting_with_values(*persons, day=day, **vals))

    def meeting_with_values(self, *persons, day=AS_OF, **vals):
        people = [Command.set([person.id for person in persons])]
        return self.meeting_values(self.env["crm.lead"], day, partner_ids=people, **vals)

    def last(self, subject=None, as_of=AS_OF, company=None):
        """When Cleo, or the lead, was last contacted: online, by a call, in person."""
        subject = subject or self.cleo
        if subject._name == "crm.lead":
            self.rescore(as_of=as_of, leads=subject)
            profile = self.lead_profile(subject)
        else:
            self.rescore(as_of=as_of, partners=subject, company=company)
            profile = self.profile(subject, company)
        return profile.last_online_date, profile.last_call_date, profile.last_visit_date

    def assert_contact(self, *args, **kwargs):
        self.assertEqual(self.last(*args, **kwargs), (AS_OF, False, False))

    def assert_no_contact(self, *args, **kwargs):
        self.assertEqual(self.last(*args, **kwargs), (False, False, False))

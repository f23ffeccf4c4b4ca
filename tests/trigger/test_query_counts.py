import itertools
from datetime import date, datetime

from odoo.fields import Command
from odoo.tests import tagged

from ..common import LeadCase


class QueryCase(LeadCase):
    """Anna, who has a lead, and what is needed to change both again and again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scheme()
        cls.lead_scheme()
        cls.env = cls.env(context={"allowed_company_ids": cls.company.ids})
        cls.anna = cls.customer("Anna", email="anna@example.com")
        cls.deal = cls.lead("Deal", partner_id=cls.anna.id)
        cls.rescore()
        cls.number = 0

    def assert_queries(self, count, act):
        """The third time that ``act`` is done takes ``count`` queries, with what is written afterwards."""
        for _time in range(2):
            act()
            self.env.flush_all()
            self.env.cr.flush()
            self.env.invalidate_all()
        with self.assertQueryCount(count):
            act()
            self.env.cr.flush()

    def text(self):
        type(self).number += 1
        return f"Text {self.number}"

    def turns(self, record, name, *values):
        """Write the ``values`` by turns."""
        turns = itertools.cycle(values)
        return lambda: record.write({name: next(turns)})

    def each(self, make, act):
        """Do ``act`` to one new record after the other."""
        records = [make() for _time in range(3)]
        self.env.flush_all()
        self.env.cr.flush()
        self.env.invalidate_all()
        left = iter(records)
        return lambda: act(next(left))


@tagged("post_install", "-at_install")
class TestQueryCounts(QueryCase):
    """What users do all day asks the database no more often than in Odoo without this module.

    The numbers are those of Odoo 19.0 with the modules that ours depends on, the third time that something is done.
    """

    def test_creating_a_contact(self):
        self.assert_queries(7, lambda: self.env["res.partner"].create({"name": self.text()}))

    def test_writing_a_field_of_a_contact_that_no_rule_reads(self):
        self.assert_queries(4, lambda: self.anna.write({"comment": self.text()}))

    def test_listing_contacts(self):
        columns = {"display_name": {}, "email": {}, "phone": {}, "user_id": {"fields": {"display_name": {}}}}
        self.assert_queries(3, lambda: self.env["res.partner"].web_search_read([], columns, limit=10000))

    def test_renaming_a_lead(self):
        self.assert_queries(4, lambda: self.deal.write({"name": self.text()}))

    def test_creating_a_quotation(self):
        self.assert_queries(21, lambda: self.env["sale.order"].create({"partner_id": self.anna.id}))

    def test_listing_orders(self):
        columns = {"name": {}, "partner_id": {"fields": {"display_name": {}}}, "amount_total": {}, "state": {}}
        self.assert_queries(3, lambda: self.env["sale.order"].web_search_read([], columns, limit=10000))

    def test_renaming_a_company(self):
        self.assert_queries(18, lambda: self.company.write({"name": self.text()}))

    def test_doing_an_activity_that_is_about_neither_customer_nor_lead(self):
        product = self.env["product.product"].create({"name": "Product"})

        def act():
            activity = product.activity_schedule("mail.mail_activity_data_todo", date(2026, 3, 4))
            activity.action_feedback()

        self.assert_queries(21, act)


@tagged("post_install", "-at_install")
class TestQueryCountsOfChanges(QueryCase):
    """What asks for a new score takes some queries more than in Odoo without this module: no more than these.

    Beside each number stands that of Odoo alone, which is one more or less with other data.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sellers = [cls.salesman(login) for login in ("one", "two")]
        cls.team.crm_team_member_ids = [Command.create({"user_id": seller.id}) for seller in cls.sellers]

    def new_lead(self):
        return self.lead(self.text(), partner_id=self.anna.id)

    def new_contact(self):
        return self.customer(self.text())

    def to_do(self, record):
        return record.activity_schedule("mail.mail_activity_data_todo", date(2026, 3, 4))

    def test_another_salesperson_of_a_contact(self):
        self.assert_queries(45, self.turns(self.anna, "user_id", *(seller.id for seller in self.sellers)))  # 29

    def test_merging_two_leads(self):
        pair = lambda: self.lead(self.text(), company_id=self.company.id) + self.lead(self.text())  # noqa: E731
        self.assert_queries(53, self.each(pair, lambda leads: leads._merge_opportunity()))  # 46

    def test_a_contact_that_moves_to_another_company(self):
        firms = [self.customer(name, is_company=True).id for name in ("Acme", "Ink")]
        self.assert_queries(43, self.turns(self.anna, "parent_id", *firms))  # 28

    def test_another_tag_of_a_contact(self):
        tags = self.env["res.partner.category"].create([{"name": "One"}, {"name": "Two"}])
        self.assert_queries(12, self.turns(self.anna, "category_id", *([Command.set(tag.ids)] for tag in tags)))  # 9

    def test_archiving_a_contact(self):
        contact = self.new_contact()
        self.assert_queries(11, self.turns(contact, "active", False, True))  # 5

    def test_deleting_a_contact(self):
        self.assert_queries(33, self.each(self.new_contact, lambda contact: contact.unlink()))  # 29

    def test_a_message_on_a_contact(self):
        self.assert_queries(16, lambda: self.post(self.anna, self.text()))  # 9

    def test_another_day_of_a_message(self):
        message = self.post(self.anna)
        self.assert_queries(12, self.turns(message, "date", datetime(2026, 3, 4), datetime(2026, 3, 5)))  # 1

    def test_creating_a_lead(self):
        self.assert_queries(29, self.new_lead)  # 26

    def test_another_stage_of_a_lead(self):
        self.assert_queries(29, self.turns(self.deal, "stage_id", self.talks.id, self.offer.id))  # 25

    def test_another_salesperson_of_a_lead(self):
        self.assert_queries(45, self.turns(self.deal, "user_id", *(seller.id for seller in self.sellers)))  # 40

    def test_another_tag_of_a_lead(self):
        tags = self.env["crm.tag"].create([{"name": "First"}, {"name": "Second"}])
        self.assert_queries(17, self.turns(self.deal, "tag_ids", *([Command.set(tag.ids)] for tag in tags)))  # 13

    def test_winning_a_lead(self):
        self.assert_queries(30, self.each(self.new_lead, lambda lead: lead.action_set_won()))  # 24

    def test_deleting_a_lead(self):
        self.assert_queries(28, self.each(self.new_lead, lambda lead: lead.unlink()))  # 18

    def test_an_internal_note_on_a_lead(self):
        """As a message does: only a look at who was notified tells that it is no contact, and that is the run's."""
        self.assert_queries(15, lambda: self.post(self.deal, self.text(), subtype_xmlid="mail.mt_note"))  # 11

    def test_a_message_on_a_lead(self):
        self.assert_queries(15, lambda: self.post(self.deal, self.text()))  # 12

    def test_planning_an_activity_on_a_lead(self):
        self.assert_queries(14, lambda: self.to_do(self.deal))  # 10

    def test_doing_an_activity_on_a_lead(self):
        done = self.each(lambda: self.to_do(self.deal), lambda activity: activity.action_feedback())
        self.assert_queries(21, done)  # 16

    def test_confirming_an_order(self):
        def quotation():
            return self.env["sale.order"].create({"partner_id": self.anna.id})

        self.assert_queries(23, self.each(quotation, lambda order: order.action_confirm()))  # 15

    def test_creating_a_meeting(self):
        self.assert_queries(38, lambda: self.meeting(self.deal, date(2026, 3, 4), partner_ids=self.anna.ids))  # 27

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .play_case import PlayCase


@tagged("post_install", "-at_install")
class TestPlaySecurity(PlayCase):
    """Managers configure plays; salespeople see and stop those of the customers that they see and may edit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls.salesman(login="colleague")
        cls.boss = cls.manager()
        cls.foreign = cls.customer("Foreign", customer_rank=1, user_id=cls.colleague.id)
        cls.rescore()
        cls.the_play = cls.play()
        cls.own_case = cls.the_play._start_for(cls.ada)
        cls.foreign_case = cls.the_play._start_for(cls.foreign)
        cls.lead_of_colleague = cls.lead("Lead", user_id=cls.colleague.id)
        cls.rescore()
        cls.lead_case = cls.play(subject="lead", name="Lead play")._start_for(cls.lead_of_colleague)

    def visible(self, user):
        every = self.own_case + self.foreign_case + self.lead_case
        Case = self.env["grading.play.case"].with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
        found = Case.search([("id", "in", every.ids)])
        readable = every.with_env(Case.env)._filtered_access("read")
        self.assertEqual(found.ids, readable.sorted(key=lambda case: found.ids.index(case.id)).ids)
        return set(found.ids)

    def test_each_sees_what_they_may_see_of_customers_and_leads(self):
        self.assertEqual(self.visible(self.seller), {self.own_case.id})
        self.assertEqual(self.visible(self.colleague), {self.foreign_case.id, self.lead_case.id})
        self.assertEqual(self.visible(self.boss), {self.own_case.id, self.foreign_case.id, self.lead_case.id})

    def test_outsiders_see_none(self):
        for user in (self.internal(), self.portal()):
            for record in (self.the_play, self.own_case):
                with self.subTest(user=user.login, model=record._name), self.assertRaises(AccessError):
                    record.with_user(user).read(["id"])
            with self.assertRaises(AccessError):
                self.ada.with_user(user).read(["grading_play_case_ids"])

    def test_salespeople_configure_nothing_and_write_no_case(self):
        for record, vals in ((self.the_play, {"name": "Mine"}), (self.own_case, {"state": "reached"})):
            with self.subTest(model=record._name), self.assertRaises(AccessError):
                record.with_user(self.seller).write(vals)
        with self.assertRaises(AccessError):
            self.the_play.with_user(self.seller).action_preview()
        for user in (self.seller, self.boss):
            with self.assertRaises(AccessError):
                self.own_case.with_user(user).unlink()
        self.the_play.with_user(self.boss).name = "Of the boss"

    def test_only_those_who_may_edit_the_customer_stop_it(self):
        with self.assertRaises(AccessError):
            self.foreign_case.with_user(self.seller).action_stop()
        self.foreign_case.user_id = self.seller
        reader = self.user("reader", "customer_grading.customer_grading_group_user")
        self.foreign_case.user_id = reader
        with self.assertRaises(AccessError):
            self.foreign_case.with_user(reader).action_stop()
        self.own_case.with_user(self.seller).action_stop()
        self.assertEqual(self.own_case.state, "stopped")

    def test_companies_are_apart(self):
        other = self.new_company("Elsewhere")
        there = self.manager(login="there", company_id=other.id, company_ids=other.ids)
        self.assertEqual(self.visible(there), set())
        own = self.the_play.with_user(there).with_context(allowed_company_ids=other.ids)
        with self.assertRaises(AccessError):
            own.read(["name"])

    def test_a_filter_reaches_no_further_than_its_author(self):
        with self.assertRaises(Exception) as caught:
            self.the_play.with_user(self.boss).domain = "[('partner_id.user_id.password', '!=', False)]"
        self.assertIn("filter", str(caught.exception))

    def test_of_the_control_group_the_page_shows_nothing(self):
        self.force(self.own_case, state="control")
        self.assertFalse(self.ada.with_user(self.seller).grading_play_case_ids)

from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import LeadCase
from .override_case import OverrideCase


def imported(records, *, columns, file=True, user=None):
    """Import what was exported of ``records``, changed by ``columns`` (``{field: texts}``).

    :param bool file: the way of the screen, which says so in the context; else :meth:`load` alone
    :return: the messages of the import
    """
    Model = records.browse().with_user(user or records.env.user).with_context(import_file=file)
    rows = records.export_data([".id", "name", *columns])["datas"]
    for row, *texts in zip(rows, *columns.values(), strict=True):
        row[2:] = [new if new is not None else old for new, old in zip(texts, row[2:], strict=True)]
    return Model.load([".id", "name", *columns], [[str(value) for value in row] for row in rows])["messages"]


@tagged("post_install", "-at_install")
class TestImport(OverrideCase):
    """A file with customers is exported, maybe changed, and imported again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.five = cls.ada | cls.ada.browse(cls.customer(f"Customer {number}").id for number in range(4))
        for customer in cls.five - cls.ada:
            cls.order(customer, 500, cls.today - timedelta(days=5))
        cls.firm = cls.customer("Firm", is_company=True)
        cls.person = cls.customer("Person", parent_id=cls.firm.id)
        cls.order(cls.person, 500, cls.today - timedelta(days=5))
        cls.rescore()

    def lines(self, customers):
        return self.env["grading.history"].search_count([("partner_id", "in", customers.ids)])

    def test_an_exported_file_freezes_nothing(self):
        customers = self.five | self.firm | self.person
        held = self.override(self.five[1], self.bronze, "Told so", self.today + timedelta(days=9))
        before = self.lines(customers)
        salesman = self.salesman()
        for file in (True, False):
            with self.subTest(file=file):
                same = dict.fromkeys(("grading_grade_id",), [None] * len(customers))
                self.assertFalse(imported(customers, columns=same, file=file, user=salesman))
                self.assertEqual(self.lines(customers), before)
        profiles = self.env["grading.profile"].search([("partner_id", "in", customers.ids)])
        self.assertEqual(profiles.filtered("manual_grade_id"), held)
        self.assertEqual((held.manual_reason, held.manual_user_id), ("Told so", self.env.user))
        self.order_amount(5)
        self.rescore()
        self.assertEqual(self.ada.grading_grade_id, self.bronze, "the rules go on grading")

    def test_a_changed_row_is_an_override_that_says_where_it_comes_from(self):
        for file in (True, False):
            with self.subTest(file=file):
                grades = [["Gold", "Bronze"][file], *[None] * 4]
                self.assertFalse(imported(self.five, columns={"grading_grade_id": grades}, file=file))
                profile = self.profile(self.ada)
                self.assertEqual((profile.grade_id.name, profile.manual_reason), (grades[0], "Imported from a file"))
                line = self.last_line(self.ada)
                self.assertEqual((line.reason, line.note), ("override", "Imported from a file"))
        self.assertFalse(self.env["grading.profile"].search([("partner_id", "in", self.five[1:].ids)]).manual_grade_id)

    def test_a_reason_that_is_given_stands_beside_it(self):
        self.ada.with_context(import_file=True, grading_reason="Fair").grading_grade_id = self.gold
        self.assertEqual(self.profile(self.ada).manual_reason, "Imported from a file: Fair")

    def test_a_new_customer_of_a_file_gets_its_grade(self):
        Partner = self.env["res.partner"].with_context(import_file=True)
        result = Partner.load(["name", "grading_grade_id"], [["Newcomer", "Gold"], ["Another", ""]])
        newcomer, another = Partner.browse(result["ids"])
        self.assertEqual(self.profile(newcomer).manual_reason, "Imported from a file")
        self.assertFalse(self.profile(another))

    def test_the_grade_in_force_is_no_override_however_it_is_written(self):
        self.rules.grace_days = 30
        self.order_amount(5)
        self.rescore()
        self.ada.grading_grade_id = self.silver  # in force, while the lower one waits
        profile = self.profile(self.ada)
        self.assertFalse(profile.manual_grade_id)
        self.assertEqual(profile.pending_grade_id, self.bronze)
        self.ada.grading_profile_id.invalidate_recordset()
        self.person.write({"grading_grade_id": self.gold.id, "name": "Renamed"})
        self.assertFalse(self.profile(self.firm).manual_grade_id)

    def test_the_wizard_keeps_the_grade_in_force_on_request(self):
        profile = self.override(self.ada, self.silver, "Whatever the year brings")
        self.assertEqual(profile.manual_grade_id, self.silver)
        lines = self.lines(self.ada)
        with self.subTest("the same once more"):
            salesman = self.salesman()
            profile.with_user(salesman)._override(self.silver, " Whatever the year brings")
            self.assertEqual((profile.manual_user_id, self.lines(self.ada)), (self.env.user, lines))
        self.override(self.ada, self.silver, "Another reason")
        self.assertEqual(self.lines(self.ada), lines + 1)

    def test_another_grade_still_needs_the_role(self):
        user = self.internal()
        user.group_ids += self.env.ref("base.group_partner_manager")
        ada = self.ada.with_user(user)
        for grade in (self.silver, self.gold):
            with self.assertRaises(AccessError):
                ada.write({"grading_grade_id": grade.id})


@tagged("post_install", "-at_install")
class TestImportOfLeads(LeadCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead_scheme()
        cls.leads = cls.env["crm.lead"].browse(cls.lead(f"Lead {number}", willingness="3").id for number in range(3))
        cls.rescore()

    def test_an_exported_file_freezes_no_lead(self):
        lines = self.env["grading.history"].search_count([("lead_id", "in", self.leads.ids)])
        self.assertFalse(imported(self.leads, columns={"grading_grade_id": [None, None, "Gold"]}))
        overridden = self.env["grading.profile"].search(
            [("lead_id", "in", self.leads.ids), ("manual_grade_id", "!=", False)]
        )
        self.assertEqual(overridden.lead_id, self.leads[2])
        self.assertEqual(overridden.manual_reason, "Imported from a file")
        after = self.env["grading.history"].search_count([("lead_id", "in", self.leads.ids)])
        self.assertEqual(after, lines + 1)

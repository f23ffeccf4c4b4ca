from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .play_case import PlayCase


@tagged("post_install", "-at_install")
class TestPlayImport(PlayCase):
    """What an import has brought about starts no play: in the run that judges it, nor in a later one. What happens
    afterwards does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.money.domain = "[('order_count', '>', 0)]"  # others are graded through their leads
        cls.Silent = cls.env["grading.queue"].with_context(import_file=True)

    def imported(self, *subjects):
        """Ask for these customers or leads as an import does."""
        self.forget_requests()
        for subject in subjects:
            if subject._name == "crm.lead":
                self.Silent._enqueue_leads(subject)
            else:
                self.Silent._enqueue([(subject, self.company)])
        return self.env["grading.queue"]._waiting([])

    def tomorrow(self, days=1):
        self.forget_requests()
        self.rescore(as_of=self.today + timedelta(days=days))

    # ------------------------------------------------------------
    # Later runs
    # ------------------------------------------------------------

    def test_a_grade_that_an_import_lowers_does_not_start_the_night_after(self):
        self.money.grace_days = 30
        ben, gone = self.customer("Ben"), self.order(self.ada, 60, self.today)
        theirs = self.order(ben, 160, self.ago(40))
        self.rescore()
        plays = self.play("grade_falling") + self.play("grade_falling", days=2)
        self.force(gone, state="cancel")
        self.imported(self.ada)
        self.rescore(partners=self.ada)
        self.assertEqual(self.profile(self.ada).pending_since, self.today)
        for days in (1, 2, 3):
            self.tomorrow(days)
            self.assertFalse(self.cases(plays))
        self.assertEqual([play.preview_count for play in plays], [0, 0])
        self.force(theirs, amount_untaxed=5)
        self.tomorrow(4)
        self.assertEqual(self.started(plays[0]), ["Ben"])
        again = self.order(self.ada, 60, self.today)
        self.tomorrow(5)
        self.force(again, state="cancel")
        self.tomorrow(6)
        self.assertEqual(self.started(plays[0]), ["Ben", "Ada"], "another fall")
        self.tomorrow(8)
        self.assertEqual(self.started(plays[1]), ["Ben", "Ada"])

    def test_a_grade_that_an_import_lowers_when_the_days_of_grace_are_over(self):
        """The line of history comes a month later, and tells no more than the import did."""
        self.money.grace_days = 30
        ben = self.customer("Ben")
        gone, theirs = self.order(self.ada, 60, self.today), self.order(ben, 160, self.ago(40))
        self.rescore()
        play = self.play("grade_down")
        self.force(gone, state="cancel")
        self.imported(self.ada)
        self.rescore(partners=self.ada)
        self.forget_requests()
        self.force(theirs, amount_untaxed=5)
        for days in (1, 29, 30, 31, 32):
            self.rescore(as_of=self.today + timedelta(days=days))
        self.assertNotEqual(self.profile(self.ada).grade_id, self.gold)
        self.assertEqual(self.started(play), ["Ben"])
        again = self.order(self.ada, 60, self.today + timedelta(days=33))
        self.rescore(as_of=self.today + timedelta(days=33))
        self.force(again, state="cancel")
        for days in (34, 64, 65):
            self.rescore(as_of=self.today + timedelta(days=days))
        self.assertEqual(self.started(play), ["Ben", "Ada"], "another fall")

    def test_a_fall_of_before_the_import_starts_when_its_days_are_over(self):
        self.money.grace_days = 30
        gone = self.order(self.ada, 60, self.today)
        self.rescore()
        play = self.play("grade_falling", days=2)
        self.force(gone, state="cancel")
        self.rescore(partners=self.ada)
        self.imported(self.ada)
        self.rescore(as_of=self.today + timedelta(days=1), partners=self.ada)
        self.tomorrow(2)
        self.assertEqual(self.started(play), ["Ada"])

    def test_complaints_that_were_late_when_they_were_imported(self):
        play, later = self.play("complaint_late"), self.play("complaint_late", days=5)
        late = {"date_open": self.ago(30), "date_due": self.ago(1), "partner_id": self.ada.id}
        due = {"partner_id": self.ada.id, "severity": "serious", "name": "Due in two days"}
        Complaint = self.env["grading.complaint"].with_context(import_file=True)
        complaint = Complaint.create([late, due])[1]
        self.force(play + later, active_since=fields.Datetime.now() - timedelta(days=20))
        self.assertTrue(self.env["grading.queue"]._waiting([]).is_silent)
        self.rescore(partners=self.ada)
        self.tomorrow()
        self.assertFalse(self.cases(play))
        self.tomorrow(3)
        self.assertEqual(self.cases(play).complaint_id, complaint, "it has become late since")
        self.tomorrow(8)
        self.assertEqual(self.cases(later).complaint_id, complaint)

    def test_a_complaint_of_before_the_import_starts_when_its_days_are_over(self):
        complaint = self.complain(self.ada, date_open=self.ago(10), date_due=self.ago(1))
        self.force(complaint, create_date=fields.Datetime.now() - timedelta(days=10))
        play = self.play("complaint_late", days=3)
        self.imported(self.ada)
        self.rescore(partners=self.ada)
        self.tomorrow(3)
        self.assertEqual(self.cases(play).complaint_id, complaint)

    def test_a_full_run_in_which_the_import_still_waits(self):
        play = self.play("complaint_late")
        self.force(play, active_since=fields.Datetime.now() - timedelta(days=20))
        self.env["grading.complaint"].with_context(import_file=True).create(
            {"date_open": self.ago(30), "date_due": self.ago(1), "partner_id": self.ada.id}
        )
        self.env["grading.queue"]._waiting([])
        self.rescore()
        self.tomorrow()
        self.assertFalse(self.cases(play))

    def test_a_probability_that_imported_orders_lower(self):
        play = self.play("probability_below", share=0.25)
        ben = self.customer("Ben")
        for days in (800, 770, 740):
            self.order(ben, 1, self.ago(days))
        self.imported(ben)
        self.rescore(partners=ben)
        self.assertLess(self.profile(ben).purchase_probability, 0.25)
        self.force(play, active_since=fields.Datetime.now() - timedelta(days=900))
        self.tomorrow()
        self.assertEqual(self.started(play), [])

    # ------------------------------------------------------------
    # Judged along
    # ------------------------------------------------------------

    def test_the_customer_of_an_imported_lead(self):
        ben = self.customer("Ben", customer_rank=1)
        lead = self.lead("Ben's", willingness="1", partner_id=ben.id)
        self.rescore()
        play, leads = self.play("grade_up"), self.play("lead_grade_up")
        before = self.profile(ben).grade_id
        lead.willingness = "5"
        self.imported(lead)
        self.rescore(leads=lead)
        self.assertNotEqual(self.profile(ben).grade_id, before)
        self.assertFalse(self.cases(play + leads))

    def test_the_customer_of_an_imported_lead_and_of_one_that_a_person_changed(self):
        ben = self.customer("Ben", customer_rank=1)
        lead, other = (self.lead(name, willingness="1", partner_id=ben.id) for name in ("Imported", "Other"))
        self.rescore()
        play, leads = self.play("grade_up"), self.play("lead_grade_up")
        (lead + other).willingness = "5"
        self.imported(lead)
        self.env["grading.queue"]._enqueue_leads(other)
        self.env["grading.queue"]._waiting([])
        self.rescore(leads=lead + other)
        self.assertEqual((self.started(play), self.started(leads)), (["Ben"], ["Other"]))

    def test_the_leads_of_an_imported_customer(self):
        lead = self.lead("Ada's", willingness="1", partner_id=self.ada.id)
        self.rescore()
        play = self.play("lead_grade_up")
        lead.willingness = "5"
        self.imported(self.ada)
        self.rescore(partners=self.ada)
        self.assertEqual(self.lead_profile(lead).grade_id, self.gold)
        self.assertFalse(self.cases(play))

    def test_who_referred_an_imported_customer(self):
        ben = self.customer("Ben", referred_by_id=self.ada.id)
        self.env["grading.queue"]._waiting([]).unlink()
        lines = self.imported(ben)
        self.assertEqual((lines.partner_id, lines.mapped("is_silent")), (ben + self.ada, [True, True]))
        lines.unlink()
        self.Silent._enqueue([(ben, self.company)])
        self.env["grading.queue"]._enqueue([(self.customer("Cid", referred_by_id=self.ada.id), self.company)])
        lines = self.env["grading.queue"]._waiting([])
        self.assertEqual(lines.filtered("is_silent").partner_id, ben, "somebody else has bought as well")

    def test_what_a_user_has_in_hand_stays_silent(self):
        lead = self.lead("Lead", partner_id=self.ada.id)
        self.rescore()
        profiles = self.profile(self.ada) + self.lead_profile(lead)
        former = self.imported(self.ada, lead)
        self.env["grading.queue"]._postpone(profiles)
        self.assertEqual(set((self.env["grading.queue"]._waiting([]) - former).mapped("is_silent")), {True})
        Work = self.env["grading.worktable"]
        former += self.env["grading.queue"]._waiting([])
        Work._requeue("customer", self.ada.ids)
        Work._requeue("lead", lead.ids)
        self.assertEqual((self.env["grading.queue"]._waiting([]) - former).mapped("is_silent"), [True, True])
        self.forget_requests()
        self.env["grading.queue"]._waiting([]).unlink()
        Work._requeue("customer", self.ada.ids)
        self.assertEqual(self.env["grading.queue"]._waiting([]).mapped("is_silent"), [False])


@tagged("post_install", "-at_install")
class TestPlayImportFile(PlayCase):
    """A file that is imported, whatever Odoo computes of its rows at the end, in the environment of the request."""

    def load(self, model, fields, rows):
        self.forget_requests()
        result = self.env[model].with_context(import_file=True).load(fields, rows)
        self.assertFalse(result["messages"])
        lines = self.env["grading.queue"]._waiting([])
        self.assertTrue(lines)
        self.assertEqual(set(lines.mapped("is_silent")), {True})
        return self.env[model].browse(result["ids"])

    def test_leads_whose_probability_follows_from_the_phone(self):
        lead = self.lead("Lead", willingness="1", partner_id=self.ada.id, country_id=self.env.ref("base.be").id)
        self.rescore()
        plays = self.play("lead_grade_up") + self.play("grade_up")
        row = [str(lead.id), "+32 470 11 22 33", "Very High"]
        willing = dict(lead._fields["willingness"]._description_selection(self.env))
        row[2] = willing["5"]
        self.load("crm.lead", [".id", "phone", "willingness"], [row])
        self.rescore(leads=lead)
        self.assertEqual(self.lead_profile(lead).grade_id, self.gold)
        self.assertFalse(self.cases(plays))

    def test_orders_with_their_lines(self):
        play = self.play("first_order")
        ben = self.customer("Ben")
        product = self.env["product.product"].create({"name": "Thing", "list_price": 20, "taxes_id": False})
        names = ["partner_id/.id", "company_id/.id", "state", "date_order", "order_line/product_id/.id"]
        row = [str(ben.id), str(self.company.id), "Sales Order", fields.Datetime.to_string(fields.Datetime.now())]
        order = self.load("sale.order", names, [[*row, str(product.id)]])
        self.assertEqual((order.state, order.amount_untaxed), ("sale", 20))
        self.rescore(partners=ben)
        self.assertEqual(self.profile(ben).order_count, 1)
        self.assertFalse(self.cases(play))


@tagged("post_install", "-at_install")
class TestPlayImportInvoices(PlayCase):
    def test_invoices_that_are_posted_after_they_were_imported(self):
        """Odoo imports drafts; a user posts them, and that is no import. What was late before is no news."""
        self.check_overdue(posted_by_import=False)

    def test_invoices_that_were_overdue_when_they_were_imported(self):
        self.check_overdue(posted_by_import=True)

    def check_overdue(self, posted_by_import):
        company = self.env.ref("base.main_company")
        env = self.env(context={**self.env.context, "allowed_company_ids": company.ids})
        debtor = env["res.partner"].create({"name": "Debtor", "customer_rank": 1})
        self.scheme(company_id=company.id)
        self.rescore(company=company)
        self.forget_requests()
        play = self.play("invoice_overdue", company_id=company.id, domain="[('partner_id.name', '=', 'Debtor')]")
        self.force(play, active_since=fields.Datetime.now() - timedelta(days=90))
        lines = [(0, 0, {"name": "Work", "price_unit": 55, "tax_ids": [(5,)]})]
        values = {
            "move_type": "out_invoice",
            "partner_id": debtor.id,
            "invoice_date": self.ago(60),
            "invoice_payment_term_id": False,
            "invoice_line_ids": lines,
        }
        invoices = env["account.move"].with_context(import_file=True)
        invoices = invoices.create([{**values, "invoice_date_due": day} for day in (self.ago(30), self.today)])
        if not posted_by_import:
            self.env["grading.queue"]._waiting([]).unlink()
            invoices = invoices.with_env(env)
        invoices.action_post()
        self.assertEqual(set(self.env["grading.queue"]._waiting([]).mapped("is_silent")), {posted_by_import})
        self.rescore(partners=debtor, company=company)
        self.forget_requests()
        self.rescore(company=company)
        Case = self.env["grading.play.case"].with_company(company)
        self.assertFalse(Case.search([("play_id", "=", play.id)]))
        self.rescore(as_of=self.today + timedelta(days=1), company=company)
        self.assertEqual(Case.search([("play_id", "=", play.id)]).invoice_id, invoices[1], "it is overdue since")

import math
from datetime import date, datetime
from unittest.mock import patch

from odoo.fields import Domain
from odoo.sql_db import Cursor
from odoo.tests import tagged
from odoo.tools import SQL
from odoo.tools.query import Query

from ..common import GradingCase

AS_OF = date(2025, 3, 10)


@tagged("post_install", "-at_install")
class TestMeasure(GradingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer = cls.customer("Buyer", is_company=True)

    def test_sql_of_birthdays_this_month(self):
        Profile = self.env["grading.profile"].with_context(grading_as_of=AS_OF)
        self.assertEqual(
            self.text_of(Profile._celebrating_to_sql(Profile, "grading_profile", Query(self.env, "grading_profile"))),
            'EXISTS (SELECT FROM res_partner AS born WHERE "born"."commercial_partner_id" = '
            '"grading_profile"."partner_id" AND "born"."active" AND EXTRACT(MONTH FROM "born"."birthdate_date") = 3)',
        )

    def test_sql_of_choices_counts_by_their_number_or_by_their_place(self):
        Measure = self.env["grading.measure"]
        self.assertEqual(
            self.text_of(Measure._value_to_sql("willingness", AS_OF)), '"grading_profile"."willingness"::int'
        )
        self.assertEqual(
            self.text_of(Measure._value_to_sql("brand_contribution", AS_OF)),
            "(ARRAY_POSITION(ARRAY['none','regional','national','celebrity']::varchar[], "
            '"grading_profile"."brand_contribution") - 1)',
        )

    def test_sql_of_what_customers_are_ranked_by(self):
        Measure = self.env["grading.measure"]
        for name, best, expected in (
            ("order_amount", "high", '("grading_profile"."order_amount")::float8'),
            ("order_amount", "low", '(-"grading_profile"."order_amount")::float8'),
            ("last_order_date", "high", '(("grading_profile"."last_order_date" - DATE \'2020-01-01\'))::float8'),
            ("willingness", "low", '(-"grading_profile"."willingness"::int)::float8'),
        ):
            with self.subTest(measure=name, best=best):
                self.assertEqual(self.text_of(Measure._rank_to_sql(name, best)), expected)

    def test_sql_of_a_decayed_amount_on_the_day(self):
        column, decay = '"grading_profile"."faded_order_log"', math.log(2) / self.company.grading_half_life_days
        self.assertEqual(
            self.text_of(self.env["grading.measure"]._value_to_sql("faded_order_amount", AS_OF)),
            f"CASE WHEN {column} IS NOT NULL THEN EXP(GREATEST( -700, LEAST(700, {column} - "
            f"((DATE '2025-03-10'::date - DATE '2020-01-01') * {decay!r}::float8)))) END",
        )

    def test_a_day_begins_where_the_company_works(self):
        self.company.resource_calendar_id.tz = "Asia/Taipei"
        order = self.order(self.buyer, 10, AS_OF)
        self.force(order, date_order=datetime(2025, 3, 9, 16, 30))  # 00:30 of the 10th in Taipei
        self.scheme()
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.profile(self.buyer).last_order_date, AS_OF)

    def test_what_comes_after_the_day_is_not_known_yet(self):
        self.order(self.buyer, 10, date(2025, 3, 11))
        self.order(self.buyer, 7, AS_OF)
        self.scheme()
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.profile(self.buyer).order_amount, 7)

    def test_twelve_months_end_today_and_begin_after_the_same_day_a_year_ago(self):
        for day, amount in ((AS_OF, 1), (date(2024, 3, 11), 2), (date(2024, 3, 10), 4), (date(2023, 3, 10), 8)):
            self.order(self.buyer, amount, day)
        self.scheme()
        self.rescore(as_of=AS_OF)
        profile = self.profile(self.buyer)
        self.assertEqual((profile.order_amount_12m, profile.order_amount_prev_12m, profile.order_amount), (3, 4, 15))

    def test_drafts_and_cancelled_orders_count_nothing_but_make_a_customer(self):
        for state in ("draft", "sent", "cancel"):
            self.order(self.buyer, 10, AS_OF, state=state)
        self.scheme(domain="[('order_count', '>', 0)]")
        self.rescore(as_of=AS_OF)
        profile = self.profile(self.buyer)
        self.assertTrue(profile)
        self.assertEqual((profile.order_count, profile.order_amount), (0, 0))
        self.assertFalse(profile.grade_id)
        self.assertFalse(profile.scheme_id)

    def test_contacts_at_any_depth_count_for_their_customer(self):
        child = self.customer("Child", parent_id=self.buyer.id)
        grandchild = self.customer("Grandchild", parent_id=child.id)
        self.order(child, 10, AS_OF)
        self.order(grandchild, 5, AS_OF)
        self.scheme()
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.profile(self.buyer).order_amount, 15)
        self.assertEqual(grandchild.grading_score, self.buyer.grading_score)
        self.assertEqual(self.env["grading.profile"].search_count([("company_id", "=", self.company.id)]), 1)

    def test_suppliers_employees_and_our_own_contact_have_no_profile(self):
        supplier = self.customer("Supplier", supplier_rank=3)
        employee = self.salesman().partner_id
        for partner in (employee, self.company.partner_id):
            self.order(partner, 10, AS_OF)
        self.scheme()
        self.rescore(as_of=AS_OF)
        for partner in (supplier, employee, self.company.partner_id):
            self.assertFalse(self.profile(partner), partner.name)

    def test_a_rank_or_a_lead_makes_a_customer(self):
        ranked = self.customer("Ranked", customer_rank=1, company_id=self.company.id)
        asking = self.customer("Asking")
        self.env["crm.lead"].create({"name": "Request", "partner_id": asking.id, "company_id": self.company.id})
        self.scheme()
        self.rescore(as_of=AS_OF)
        self.assertTrue(self.profile(ranked))
        self.assertTrue(self.profile(asking))

    def test_a_fully_returned_purchase_has_no_decayed_amount(self):
        self.order(self.buyer, 100, AS_OF)
        self.order(self.buyer, -100, AS_OF)
        self.scheme(criteria=[self.rank("faded_order_amount", 10, points_if_none=4)])
        self.rescore(as_of=AS_OF)
        profile = self.profile(self.buyer)
        self.assertFalse(profile.faded_order_log)
        self.assertEqual((profile.faded_order_amount, profile.score), (0, 4))

    def test_the_decayed_amount_is_shown_in_money_of_today_and_can_be_searched(self):
        self.order(self.buyer, 800, self.company._grading_today())
        self.scheme()
        self.rescore()
        profile = self.profile(self.buyer)
        self.assertAlmostEqual(profile.faded_order_amount, 800, places=2)
        mine = [("company_id", "=", self.company.id)]
        Profile = self.env["grading.profile"]
        self.assertEqual(Profile.search([*mine, ("faded_order_amount", ">", 799)]), profile)
        self.assertFalse(Profile.search([*mine, ("faded_order_amount", ">", 801)]))
        self.assertEqual(Profile.search([*mine, ("faded_order_amount", "<", 801)]), profile)

    def test_another_module_can_add_a_time_decayed_sum(self):
        Profile = self.env.registry["grading.profile"]
        sums = {**self.env["grading.profile"]._decayed_sums(), "order_count": "engagement_log"}
        Measure = self.env["grading.measure"]
        self.assertNotIn("EXP", Measure._value_to_sql("order_count", self.company._grading_today()).code)
        with patch.object(Profile, "_decayed_sums", lambda self: sums):
            value = Measure._value_to_sql("order_count", self.company._grading_today())
            found = self.env["grading.profile"]._search_decayed("order_count", ">", 0)
        self.assertIn('EXP(GREATEST(%s, LEAST(%s, "grading_profile"."engagement_log"', value.code)
        self.assertEqual(found, Domain("engagement_log", "!=", False))

    def test_an_order_decays_by_half_for_every_half_life(self):
        self.company.grading_half_life_days = 30
        self.order(self.buyer, 800, date(2025, 2, 8))  # 30 days
        self.order(self.buyer, 400, date(2025, 1, 9))  # 60 days
        self.scheme(criteria=[self.linear("faded_order_amount", 1)])
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.profile(self.buyer).score, 500)

    def test_share_of_budget_reads_the_companys_own_budget(self):
        other = self.new_company("Other Budget")
        self.buyer.annual_budget = 200
        self.buyer.with_company(other).annual_budget = 1000
        self.order(self.buyer, 50, AS_OF)
        self.scheme(criteria=[self.linear("share_of_budget", 100)])
        self.rescore(as_of=AS_OF)
        profile = self.profile(self.buyer)
        self.assertEqual((profile.annual_budget, profile.share_of_budget, profile.score), (200, 0.25, 25))

    def test_a_choice_counts_by_its_place(self):
        self.order(self.buyer, 50, AS_OF)
        self.scheme(criteria=[self.linear("brand_contribution", 5, points_if_none=-1)])
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.profile(self.buyer).score, -1)
        self.buyer.brand_contribution = "national"
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.profile(self.buyer).score, 10)

    def test_payments_give_what_is_overdue_and_how_late_invoices_are_paid(self):
        company = self.env.ref("base.main_company")
        env = self.env(context={**self.env.context, "allowed_company_ids": company.ids})
        invoices = env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": self.buyer.id,
                    "invoice_date": day,
                    "invoice_date_due": day,
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [(0, 0, {"name": "Work", "price_unit": amount, "tax_ids": [(5,)]})],
                }
                for day, amount in (("2025-01-01", 100), ("2025-02-01", 300), ("2025-03-01", 55))
            ]
        )
        invoices.action_post()
        for invoice, paid_on in zip(invoices, ("2025-01-21", "2025-02-11"), strict=False):
            wizard = env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
            wizard.create({"payment_date": paid_on})._create_payments()
        self.scheme(criteria=[self.linear("average_days_late"), self.linear("overdue_amount")], company_id=company.id)
        self.rescore(as_of=AS_OF, company=company)
        profile = self.profile(self.buyer, company)
        self.assertEqual((profile.average_days_late, profile.overdue_amount), (15, 55))

    def statements(self, function):
        """The SQL statements that ``function`` sends."""
        sent = []
        execute = Cursor.execute

        def recording(cursor, query, *args, **kwargs):
            sent.append(query.code if isinstance(query, SQL) else query)
            return execute(cursor, query, *args, **kwargs)

        with patch.object(Cursor, "execute", recording):
            function()
        return sent

    def test_a_source_is_read_once_however_many_criteria_ask_for_it(self):
        self.order(self.buyer, 50, AS_OF)
        measures = ("order_amount", "order_count", "order_months", "average_order_amount")
        self.scheme(criteria=[*(self.linear(name) for name in measures), self.rank("faded_order_amount", 5)])
        sent = self.statements(lambda: self.rescore(as_of=AS_OF))
        self.assertEqual(sum(statement.count("AS order_months") for statement in sent), 1)

    def test_a_source_that_no_rule_needs_is_not_read(self):
        self.order(self.buyer, 50, AS_OF)
        self.scheme(criteria=[self.linear("order_amount")])
        sent = self.statements(lambda: self.rescore(as_of=AS_OF))
        self.assertFalse([statement for statement in sent if "account_partial_reconcile" in statement])
        self.scheme(criteria=[self.linear("average_days_late")], sequence=99)
        sent = self.statements(lambda: self.rescore(as_of=AS_OF))
        self.assertEqual(len([statement for statement in sent if "account_partial_reconcile" in statement]), 1)

    def test_the_measures_are_described_once(self):
        Measure = self.env["grading.measure"]
        known = Measure._catalog()
        self.assertEqual(known, Measure._measures())
        self.assertIs(Measure._catalog(), known)
        self.assertIs(Measure.sudo().with_context(tz="UTC")._catalog(), known, "whatever else the context says")


@tagged("post_install", "-at_install")
class TestAddedMeasure(GradingCase):
    """On its own, since the column that it adds sets the registry up anew."""

    def test_another_module_adds_a_measure_by_extending_the_method_and_adding_a_column(self):
        self.env["ir.model.fields"].create(
            {
                "name": "x_zip_length",
                "field_description": "Digits of the zip code",
                "model_id": self.env["ir.model"]._get_id("grading.profile"),
                "ttype": "integer",
            }
        )
        Measure = self.env.registry["grading.measure"]
        measures, sources = Measure._measures, Measure._sources

        def more_measures(model):
            added = {"label": "Zip", "column": "x_zip_length", "unit": "count", "source": "zip"}
            return {**measures(model), "zip_length": added}

        def more_sources(model, as_of, contacts):
            select = SQL("SELECT id AS partner_id, LENGTH(zip) AS x_zip_length FROM res_partner")
            return {**sources(model, as_of, contacts), "zip": select}

        buyer = self.customer("Buyer", zip="12345")
        self.customer("Brought", referred_by_id=buyer.id)
        self.order(buyer, 50, AS_OF)
        with patch.object(Measure, "_measures", more_measures), patch.object(Measure, "_sources", more_sources):
            self.scheme(criteria=[self.linear("zip_length", 2)])
            self.rescore(as_of=AS_OF)
            profile = self.profile(buyer)
            self.assertEqual((profile["x_zip_length"], profile.score), (5, 10))
            self.assertFalse(profile.referral_count, "the referrals were not needed")

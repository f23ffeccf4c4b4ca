from ast import literal_eval
from datetime import datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import freeze_time, tagged

from .figures_case import FiguresCase, mean, month_end
from .overview_case import FIGURE, XML_ID, Dashboard

MENU = "customer_grading.customer_grading_menu_overview"


@tagged("post_install", "-at_install")
class TestOverview(FiguresCase):
    """The figures, held against what was done, and against the lists that they open."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dashboard = Dashboard()
        cls.day = cls.today
        cls.team = cls.env["crm.team"].create({"name": "Team", "company_id": cls.company.id})
        cls.env["crm.team.member"].create({"crm_team_id": cls.team.id, "user_id": cls.seller.id})
        cls.gold.effort_share, cls.silver.effort_share = 75, 25
        owners = {"Ada": cls.seller.id, "Ben": cls.chief.id, "Cleo": False}
        cls.ada, cls.ben, cls.cleo = (cls.customer(name, user_id=owner) for name, owner in owners.items())
        for customer, lately, before in ((cls.ada, 300, 50), (cls.ben, 60, 30), (cls.cleo, 5, 0)):
            cls.order(customer, lately, cls.day - timedelta(days=20))
            if before:
                cls.order(customer, before, cls.day - timedelta(days=400))
        cls.order(cls.ada, 1000, cls.day - timedelta(days=5), company_id=cls.other.id, team_id=False, user_id=False)
        cls.env["grading.profile"].search([("company_id", "in", (cls.company + cls.other).ids)]).unlink()
        cls.scheme()
        for company, customers in ((cls.company, cls.ada + cls.ben + cls.cleo), (cls.other, cls.ada)):
            cls.rescore(partners=customers, company=company)
        cls.profile(cls.ben)._override(cls.gold, "As a test")
        cls.env["grading.snapshot"].create(
            [
                {
                    "partner_id": customer.id,
                    "company_id": cls.company.id,
                    "date": month_end(cls.day - relativedelta(months=months)),
                    "grade_id": grade.id,
                    "order_amount_12m": amount,
                }
                for customer, then in ((cls.ada, 70), (cls.ben, 40))
                for months, grade, amount in ((13, cls.bronze, 1), (12, cls.silver, then), (11, cls.bronze, 2))
            ]
        )

    def source(self, name):
        return self.dashboard.pivots.get(name) or self.dashboard.charts[name]

    def figures(self, name, measure="__count", filters=None, user=None):
        """``{groups: value}`` that a manager sees, without groups of which nothing is counted."""
        self.env.invalidate_all()
        env = self.env(user=user or self.chief)
        return self.source(name).figures(env, measure, filters)

    def assert_opens_what_it_counts(self, name, filters=None):
        """Each cell is the count, the sum or the mean of the records that a click on it opens."""
        self.env.invalidate_all()
        env = self.env(user=self.chief)
        cells = self.source(name).cells(env, filters)
        self.assertTrue([cell for cell in cells if cell[2]], f"{name} shows nothing")
        for groups, measure, value, domain in cells:
            rows = env[self.source(name).model].search(domain)
            field, _colon, aggregator = measure.partition(":")
            if measure == "__count":
                expected = len(rows)
            else:
                numbers = [row[field] for row in rows if row[field] is not False]
                expected = mean(numbers) if aggregator == "avg" else sum(numbers)
            with self.subTest(source=name, group=groups, measure=measure, filters=filters):
                self.assertAlmostEqual(value or 0, expected or 0, 2)

    def test_customers_and_revenue_by_grade_now(self):
        grades = {self.gold.id: (2, 360), self.bronze.id: (1, 5)}
        measures = ("__count", "order_amount_12m:sum")
        for place, measure in enumerate(measures):
            self.assertEqual(
                self.figures("now", measure), {(grade,): numbers[place] for grade, numbers in grades.items()}
            )
        self.assert_opens_what_it_counts("now")

    def test_customers_and_revenue_by_grade_twelve_months_ago(self):
        self.assertEqual(self.figures("then"), {(self.silver.id,): 2})
        self.assertEqual(self.figures("then", "order_amount_12m:sum"), {(self.silver.id,): 110})
        self.assert_opens_what_it_counts("then")

    def test_amounts_of_companies_are_added_up_in_the_currency_of_the_one_at_hand(self):
        """300 euros and 1,000 dollars are not 1,300 of anything."""
        dollar = self.env.ref("base.USD")
        dollar.active = True
        foreign = self.new_company("Dollars", currency_id=dollar.id)
        self.env["res.currency.rate"].create(
            {"currency_id": dollar.id, "name": self.day, "rate": 1.25, "company_id": self.company.id}
        )
        values = {"partner_id": self.ada.id, "company_id": foreign.id, "grade_id": self.gold.id}
        values["order_amount_12m"] = 1000
        self.env["grading.profile"].create({**values, "expected_amount": 500})
        self.env["grading.snapshot"].create({**values, "date": month_end(self.day - relativedelta(months=12))})
        self.chief.company_ids += foreign
        env = self.env(user=self.chief, context={"allowed_company_ids": (self.company + foreign).ids})
        turned = env(context={"allowed_company_ids": (foreign + self.company).ids})
        self.env.flush_all()
        now, then = (self.source(name).figures(env, "order_amount_12m:sum") for name in ("now", "then"))
        self.assertEqual((now[self.gold.id,], then[self.gold.id,]), (360 + 800, 800))
        own = self.figures("now", "expected_amount:sum", {"company": self.company.ids})[self.gold.id,]
        both = self.source("now").figures(env, "expected_amount:sum")[self.gold.id,]
        self.assertAlmostEqual(both, own + 400, 2)
        # In dollars, whichever company has entered the rates.
        self.env["res.currency.rate"].search([("currency_id", "=", dollar.id)]).company_id = False
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.source("now").figures(turned, "order_amount_12m:sum")[self.gold.id,], 450 + 1000)
        self.assertEqual(self.source("now").figures(env, "order_amount_12m:sum")[self.gold.id,], 360 + 800)
        alone = env(context={"allowed_company_ids": foreign.ids})
        self.assertEqual(self.source("now").figures(alone, "order_amount_12m:sum"), {(self.gold.id,): 1000})

    def test_forecast_and_risk(self):
        self.foresee()
        self.assertEqual(self.figures("now", "expected_amount:sum"), {(self.gold.id,): 280, (self.bronze.id,): 4})
        self.assertEqual(self.figures("risk", "amount_at_risk:sum"), {(self.gold.id,): 70, (self.bronze.id,): 1})
        self.assert_opens_what_it_counts("now")
        self.assert_opens_what_it_counts("risk")

    def foresee(self):
        for customer, expected, risk in ((self.ada, 250, 50), (self.ben, 30, 20), (self.cleo, 4, 1)):
            self.profile(customer).write(
                {"expected_amount": expected, "amount_at_risk": risk, "lost_date": self.day + timedelta(days=30)}
            )

    def test_revenue_at_risk_is_the_total_of_the_customers_at_risk(self):
        """Of those who are lost there is none any more, on the card, in the table and behind the filters."""
        self.foresee()
        self.profile(self.ben).lost_date = self.day - timedelta(days=1)
        self.assertEqual(self.figures("risk", "amount_at_risk:sum"), {(self.gold.id,): 50, (self.bronze.id,): 1})
        self.assert_opens_what_it_counts("risk")
        [card] = [card for card in self.dashboard.cards if card["title"]["text"] == "Revenue at Risk"]
        formulas = self.dashboard.formulas()
        for cell in (card["keyValue"], "Overview!G4", "Overview!G5"):
            self.assertEqual([FIGURE.search(formulas[cell])[1]], [self.source("risk").number], cell)
        env = self.env(user=self.chief)
        for model, view, name in (
            ("res.partner", "res_partner_view_search_grading", "grading_amount_at_risk"),
            ("grading.profile", "grading_profile_view_search", "amount_at_risk"),
        ):
            arch = etree.fromstring(self.env.ref(f"customer_grading.{view}").arch)
            [node] = arch.xpath("//filter[@name='at_risk']")
            mine = Domain("id", "in", (self.ada + self.ben + self.cleo).ids)
            mine = mine if model == "res.partner" else Domain("partner_id", "any", mine)
            rows = env[model].search(Domain(literal_eval(node.get("domain"))) & mine)
            with self.subTest(model=model):
                self.assertEqual((len(rows), sum(rows.mapped(name))), (2, 51))

    def test_moves_of_the_month(self):
        """Ben was lifted; the other two are new. What changed before the month began does not count."""
        self.remember_last_month(self.ben, self.silver)
        self.assertEqual(self.figures("moved"), {("up",): 1, (False,): 2})
        self.assertEqual(self.figures("moved", "order_amount_12m:sum"), {("up",): 60, (False,): 305})
        self.assert_opens_what_it_counts("moved")
        lines = self.env["grading.history"].search([("partner_id", "in", (self.ada + self.ben).ids)])
        self.force(lines, date=self.day.replace(day=1) - timedelta(days=1))
        self.assertEqual(self.figures("moved"), {(False,): 1})

    def test_a_month_counts_from_its_begin_to_now_whatever_came_between(self):
        """Ben fell and is back, Ada fell twice, Cleo rose by two and fell by one; the last change tells of none."""
        moves = {
            self.ben: [self.gold, self.bronze, self.gold],
            self.ada: [self.gold, self.silver, self.bronze],
            self.cleo: [self.bronze, self.gold, self.silver],
        }
        for customer, grades in moves.items():
            self.remember_last_month(customer, grades[0])
            for grade in grades:
                self.profile(customer)._override(grade, "As a test")
        self.assertEqual(self.figures("moved"), {("up",): 1, ("down",): 1})
        self.assertEqual(self.figures("moved", "order_amount_12m:sum"), {("up",): 5, ("down",): 300})
        self.assert_opens_what_it_counts("moved")

    def test_another_scheme_is_no_move_up_or_down(self):
        self.remember_last_month(self.ben, self.silver, scheme_id=self.scheme().id)
        self.assertEqual(self.figures("moved"), {(False,): 3})

    def remember_last_month(self, customer, grade, **vals):
        profile = self.profile(customer)
        values = {"profile_id": profile.id, "scheme_id": profile.scheme_id.id, **vals}
        self.remember(customer, self.day - relativedelta(months=1), grade, **values)

    def test_pareto(self):
        shares = self.figures("Share of Revenue by Tenth of the Customers (%)", "revenue_share:sum")
        numbers = {tenth: round(share, 6) for (tenth, company), share in shares.items() if company == self.company.id}
        expected = {"04": 300, "07": 60, "10": 5}
        self.assertEqual(numbers, {tenth: round(100 * part / 365, 6) for tenth, part in expected.items()})
        self.assert_opens_what_it_counts("Share of Revenue by Tenth of the Customers (%)")

    def test_cohorts(self):
        chart = "Customers by Quarter of the First Order"
        counted = sum(self.figures(chart).values())
        self.assertEqual(counted, 3)
        quarters = {key[0] for key in self.figures(chart)}
        self.assertEqual(len(quarters), 2)
        [[_name, _operator, begin]] = [leaf for leaf in self.source(chart).domain if leaf[0] == "first_order_date"]
        with freeze_time("2026-11-17 12:00"):
            first = Domain("first_order_date", ">=", begin).optimize_full(self.env["grading.profile"]).value
        self.assertEqual(str(first)[:10], "2024-01-01", "the first quarter is whole")
        self.assert_opens_what_it_counts(chart)

    def test_revenue_by_grade_is_drawn(self):
        chart = "Revenue by Grade, 12 Months"
        self.assertEqual(self.figures(chart, "order_amount_12m:sum"), {(self.gold.id,): 360, (self.bronze.id,): 5})
        self.assert_opens_what_it_counts(chart)

    def test_leads_by_grade_and_how_many_signed(self):
        won, lost, fresh, strange = (
            self.lead(name, user_id=self.chief.id) for name in ("Won", "Lost", "New", "Strange")
        )
        for lead, grade in ((won, self.gold), (lost, self.gold), (fresh, self.silver)):
            self.remember(lead, self.day - timedelta(days=31), grade)
        won.action_set_won()
        lost.action_set_lost()
        mine = {"salesperson": self.chief.ids, "company": self.company.ids}
        self.assertEqual(
            self.figures("leads", filters=mine),
            {(self.gold.id, "won"): 1, (self.gold.id, "lost"): 1, (self.silver.id, "open"): 1, (False, "open"): 1},
        )
        cells = self.source("leads").cells(self.env(user=self.chief), mine)
        rates = {keys: value for keys, name, value, _domain in cells if name == "conversion:avg" and len(keys) == 1}
        self.assertEqual([rates[grade,] for grade in (self.gold.id, self.silver.id, False)], [50, 0, 0])
        self.assert_opens_what_it_counts("leads", mine)

    def test_the_share_of_contacts_made_against_plan(self):
        """Of four contacts that were made three went to Gold, as planned; one that was missed is none."""
        self.logged({self.ada: ("kept", "late", "missed", "kept"), self.cleo: ("missed", "late")})
        self.assertEqual(self.figures("effort"), {(self.gold.id,): 3, (self.bronze.id,): 1})
        self.assert_opens_what_it_counts("effort")
        prospects = self.env["grading.grade"].create({"name": "Of prospects"})
        self.env["grading.care.log"].search([("grade_id", "=", self.bronze.id)]).grade_id = prospects
        self.assertEqual(self.figures("effort"), {(self.gold.id,): 3}, "the plan shares out the time of customers")
        formulas = self.dashboard.formulas()
        self.assertIn('"__count","grade_id"', formulas["Overview!I5"])
        self.assertIn("100*", formulas["Overview!I5"])
        self.assertEqual(formulas["Overview!I3"], '=_t("Share of Contacts Made (%)")')
        self.assertIn('"effort_share"', formulas["Overview!J5"])

    def test_contacts_kept(self):
        self.logged({self.ada: ("kept", "late", "kept", "missed"), self.ben: ("missed",)})
        counted = {("kept",): 2, ("late",): 1, ("missed",): 2}
        self.assertEqual(self.figures("contacts"), {(self.gold.id, *key): count for key, count in counted.items()})
        cells = self.source("contacts").cells(self.env(user=self.chief))
        rates = {keys: value for keys, name, value, _domain in cells if name == "kept_rate:avg"}
        self.assertEqual((rates[()], rates[self.gold.id,]), (40, 40))
        counts = {keys: value for keys, name, value, _domain in cells if name == "__count" and len(keys) == 1}
        self.assertEqual(counts, {**counted, (self.gold.id,): 5})
        self.assert_opens_what_it_counts("contacts")
        lately = {"period": (self.day - timedelta(days=14), self.day)}
        self.assertEqual(sum(self.figures("contacts", filters=lately).values()), 3)

    def logged(self, states):
        cadence = self.env["grading.cadence"].create(
            {
                "name": "Weekly",
                "channel": "call",
                "interval_number": 1,
                "interval_type": "week",
                "grade_ids": self.gold.ids,
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                "summary": "Weekly",
            }
        )
        self.env["grading.care"].search([("cadence_id", "=", cadence.id)]).unlink()
        self.env["grading.care.log"].create(
            [
                {
                    "partner_id": customer.id,
                    "company_id": self.company.id,
                    "cadence_id": cadence.id,
                    "channel": "call",
                    "user_id": customer.user_id.id,
                    "grade_id": self.profile(customer).grade_id.id,
                    "due_date": self.day - timedelta(days=10 * number + 3),
                    "state": state,
                }
                for customer, ends in states.items()
                for number, state in enumerate(ends)
            ]
        )

    def test_open_complaints(self):
        values = {"company_id": self.company.id, "name": "Late", "user_id": self.seller.id}
        kinds = (("serious", 9), ("minor", 1), ("minor", 2), ("major", 3))
        complaints = self.env["grading.complaint"].create(
            [
                {
                    **values,
                    "partner_id": self.ada.id,
                    "severity": severity,
                    "date_open": self.day - timedelta(days=days),
                }
                for severity, days in kinds
            ]
        )
        complaints[-1].write({"date_close": self.day, "outcome": "resolved"})
        self.assertEqual(self.figures("complaints"), {("serious",): 1, ("minor",): 2})
        self.assertEqual(self.figures("overdue"), {(): 1})
        self.assert_opens_what_it_counts("complaints")
        self.assert_opens_what_it_counts("overdue")

    def test_plays(self):
        play = self.env["grading.play"].create(
            {
                "name": "Play",
                "trigger": "manual",
                "company_id": self.company.id,
                "category_ids": self.env["res.partner.category"].create({"name": "Played"}).ids,
            }
        )
        self.env["grading.play.case"].create(
            [
                {
                    "play_id": play.id,
                    "partner_id": customer.id,
                    "company_id": self.company.id,
                    "event": f"{state} {customer.id}",
                    "state": state,
                    "user_id": self.seller.id,
                    "date_start": datetime.combine(self.day - timedelta(days=days), time(12)),
                    "date_deadline": self.day,
                }
                for customer, state, days in (
                    (self.ada, "running", 1),
                    (self.ben, "reached", 9),
                    (self.cleo, "running", 99),
                )
            ]
        )
        self.assertEqual(self.figures("plays"), {("running",): 2, ("reached",): 1})
        lately = {"period": (self.day - timedelta(days=30), self.day)}
        self.assertEqual(self.figures("plays", filters=lately), {("running",): 1, ("reached",): 1})
        self.assert_opens_what_it_counts("plays", lately)

    def test_filters_choose_a_salesperson_a_team_and_a_company(self):
        for filters, expected in (
            ({"salesperson": self.seller.ids}, 1),
            ({"team": self.team.ids}, 1),
            ({"salesperson": (self.seller + self.chief).ids}, 2),
            ({"company": self.company.ids}, 3),
            ({"company": self.other.ids}, 0),
        ):
            with self.subTest(filters=filters):
                self.assertEqual(sum(self.figures("now", filters=filters).values()), expected)
                if expected:
                    self.assert_opens_what_it_counts("now", filters)
        self.assertEqual(self.figures("then", "order_amount_12m:sum", {"team": self.team.ids}), {(self.silver.id,): 70})

    def test_another_company_counts_its_own_customers(self):
        foreigner = self.manager("foreigner", company_id=self.other.id, company_ids=self.other.ids)
        self.env.invalidate_all()
        env = self.env(user=foreigner, context={"allowed_company_ids": self.other.ids})
        source = self.source("now")
        self.assertEqual(sum(source.figures(env, "__count").values()), 1)
        self.assertEqual(sum(source.figures(env, "order_amount_12m:sum").values()), 1000)

    def test_managers_alone_find_the_dashboard_and_its_menu(self):
        record, menu = self.env.ref(XML_ID), self.env.ref(MENU)
        self.assertTrue(record.with_user(self.chief).has_access("read"))
        self.assertIn(menu.id, self.env["ir.ui.menu"].with_user(self.chief)._visible_menu_ids())
        for user in (self.seller, self.internal(), self.portal()):
            with self.subTest(user=user.name):
                with self.assertRaises(AccessError):
                    record.with_user(user).read(["spreadsheet_data"])
                if user._is_internal():
                    self.assertNotIn(menu.id, self.env["ir.ui.menu"].with_user(user)._visible_menu_ids())

    def test_the_menu_opens_the_dashboard(self):
        menu = self.env.ref(MENU)
        self.assertEqual(menu.action.tag, "action_spreadsheet_dashboard")
        self.assertEqual(menu.action.params, {"dashboard_id": self.env.ref(XML_ID).id})
        first = menu.parent_id.child_id.sorted("sequence")[0]
        self.assertEqual(first, menu)

import random
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ...models.run.grading_run_apart import Sink
from ...models.run.grading_run_pace import InOneGo
from ...models.run.grading_staging import GRADED
from ..common import LeadCase, with_seeds

CUSTOMERS, LEADS = 12, 8
# What a run of that day writes of its own: not when, and not what becomes of contacts and tags.
JUDGED = ("scheme_id", "score", "value_score", "loyalty_score", "potential_score", "fit_score", "intent_score")
JUDGED = (*JUDGED, "points_detail", "computed_grade_id", "grade_id", "lifecycle_id", "value_level")
# The sink's own, and the run's.
OWN_TABLES = {"grading_snapshot", "grading_run", "ir_cron_trigger"}


class Undone(Exception):  # noqa: N818
    """Takes back what was done in a savepoint."""


class ApartCase(LeadCase):
    """A company with documents of every kind, by rules that read every measure."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.chart.template"].try_loading("generic_coa", company=cls.company, install_demo=False)
        cls.bank = cls.env["account.account"].create(
            {"name": "Till", "code": "101998", "account_type": "asset_current", "company_ids": cls.company.ids}
        )
        cls.day = cls.today - timedelta(days=70)
        Measure = cls.env["grading.measure"]
        steps = [(-(10**6), 1), (0, 2), (1, 3), (5, 5), (50, 8), (200, 13)]
        cls.all_measures = tuple(name for name, measure in Measure._catalog().items() if "label" in measure)
        of_leads = [name for name in Measure._measures_of_leads() if name in cls.all_measures]
        cls.rules = cls.scheme([cls.band(name, steps) for name in cls.all_measures] + [cls.rank("order_amount")])
        cls.rules.domain = "['|', ('order_count', '>', 0), ('overdue_amount', '!=', 0)]"
        cls.lead_rules = cls.lead_scheme(
            [cls.band(name, steps, dimension="intent") for name in of_leads], [(cls.gold, 15), (cls.bronze, 0)]
        )
        cls.env["grading.lifecycle"].create(
            [
                {"name": "Lost", "domain": "[('is_lost', '=', True)]", "sequence": 1},
                {"name": "Likely", "domain": "[('purchase_probability', '>', 0.3)]", "sequence": 2},
                {"name": "Other", "domain": "[]", "sequence": 3},
            ]
        )
        cls.apart = cls.env["grading.run"].create(
            {"company_id": cls.company.id, "scope": "snapshot", "as_of": cls.today, "day_total": 1}
        )

    # ------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------

    def moment(self, day):
        return datetime.combine(day, time(12))

    def posted(self, partner, amount, day, move_type="out_invoice", due=None):
        line = {"name": "Advice", "price_unit": amount, "quantity": 1, "tax_ids": False}
        move = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": partner.id,
                "invoice_date": day,
                "date": day,
                "invoice_date_due": due or day,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [Command.create(line)],
            }
        )
        move.action_post()
        return move

    def receivable(self, move):
        return move.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")

    def pay(self, invoice, amount, day):
        account = self.receivable(invoice).account_id
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "line_ids": [
                    Command.create({"account_id": account.id, "partner_id": invoice.partner_id.id, "credit": amount}),
                    Command.create({"account_id": self.bank.id, "debit": amount}),
                ],
            }
        )
        entry.action_post()
        (self.receivable(invoice) + self.receivable(entry)).reconcile()

    def note_activity(self, lead, day):
        activity = lead.activity_schedule("mail.mail_activity_data_todo", user_id=self.env.uid)
        self.force(activity, create_date=self.moment(day))
        return activity

    def new_customer(self, name, day, **vals):
        partner = self.customer(name, **vals)
        self.force(partner, create_date=self.moment(day))
        return partner

    def happen(self, rng, customers, leads, days):
        """Something of every kind, on one of the ``days`` each."""

        def day():
            return rng.choice(days)

        one = rng.choice
        rows = [(one(customers).id, day(), one((40, 90, 250, -20)), 1, "sale") for _order in range(20)]
        self.insert_orders(rows)
        for _invoice in range(4):
            due = day()
            invoice = self.posted(one(customers), one((50, 120)), due)
            if rng.random() < 0.5:
                self.pay(invoice, 30, max(due, day()))
        self.posted(one(customers), 15, day(), "out_refund")
        for _answer in range(4):
            self.env["grading.assessment"].create(
                {"partner_id": one(customers).id, "date": day(), "satisfaction": rng.randint(0, 10)}
            )
            opened = day()
            self.env["grading.complaint"].create(
                {
                    "partner_id": one(customers).id,
                    "note": "Late",
                    "severity": one(("minor", "serious")),
                    "date_open": opened,
                    "date_close": max(opened, day()) if rng.random() < 0.5 else False,
                }
            )
        for lead in rng.sample(list(leads), 4):
            self.message(lead, day())
            self.meeting(lead, day())
            self.note_activity(lead, day())
        for customer in rng.sample(list(customers), 4):
            self.message(customer, day(), model="res.partner", author_id=customer.id)
        self.raise_ranks()

    def raise_ranks(self):
        """What Odoo does with customer ranks once a posting is committed."""
        raised = self.env.cr.postcommit.data.get("account.res.partner.increase_rank.customer_rank", {})
        for partner in self.env["res.partner"].browse(list(raised)):
            partner.customer_rank += raised[partner.id]
        raised.clear()

    def world(self, rng):
        """What there is on the day: customers, leads, and two years of documents."""
        days = [self.day - timedelta(days=rng.randint(0, 700)) for _day in range(60)] + [self.day]
        customers = self.env["res.partner"].browse()
        for number in range(CUSTOMERS):
            vals = {"willingness": "4"} if number % 4 == 0 else {"customer_rank": number % 3 == 0}
            customers += self.new_customer(f"Law {number}", self.day - timedelta(days=900), **vals)
        for referred, referrer in zip(customers[1:5], customers[:4], strict=True):
            referred.referred_by_id = referrer
        leads = self.env["crm.lead"].browse()
        for number in range(LEADS):
            vals = {"partner_id": rng.choice(customers).id} if number % 3 else {"referred_by_id": customers[0].id}
            vals["stage_id"] = rng.choice((self.new, self.talks, self.offer)).id
            willingness = rng.choice(("1", "2", "3", "4", "5", False))
            leads += self.lead(f"Lead {number}", willingness=willingness, expected_revenue=100, **vals)
        self.force(leads, create_date=self.moment(self.day - timedelta(days=9)))
        self.happen(rng, customers, leads, days)
        self.force(leads, automated_probability=None)  # which Odoo does not remember
        return customers, leads

    def later(self, rng, customers, leads):
        """What comes after the day."""
        days = [self.day + timedelta(days=rng.randint(1, 60)) for _day in range(30)] + [self.day + timedelta(days=1)]
        newcomers = self.env["res.partner"].browse()
        for number in range(3):
            vals = {"willingness": "5", "customer_rank": 1, "referred_by_id": customers[number].id}
            newcomers += self.new_customer(f"Later {number}", days[number], **vals)
        new_leads = self.env["crm.lead"].concat(
            *(self.lead(f"Later {partner.id}", willingness="5", partner_id=partner.id) for partner in customers[:4]),
            self.lead("Referred later", referred_by_id=customers[1].id),
        )
        self.force(new_leads, create_date=self.moment(days[0]))
        self.happen(rng, customers + newcomers, leads + new_leads, days)
        quotation = self.env["sale.order"].create({"partner_id": self.new_customer("Asks", days[0]).id})
        self.force(quotation, create_date=self.moment(days[0]), date_order=self.moment(days[0]))
        self.env["grading.complaint"].search([("date_close", "=", False)]).date_close = self.today
        unpaid = [
            ("move_type", "=", "out_invoice"),
            ("payment_state", "!=", "paid"),
            ("partner_id", "in", customers.ids),
        ]
        for invoice in self.env["account.move"].search([*unpaid, ("invoice_date", "<=", self.day)]):
            self.pay(invoice, invoice.amount_residual, rng.choice(days))
        self.raise_ranks()
        for activity in self.env["mail.activity"].search([("res_model", "=", "crm.lead"), ("res_id", "in", leads.ids)]):
            if rng.random() < 0.5:
                activity.action_feedback("Done")
        self.end_some(leads)
        # And people have been graded since.
        self.rescore()
        self.profile(customers[0])._override(self.bronze, "Today")
        self.lead_profile(leads[0])._override(self.bronze, "Today")

    def scored_world(self, rng):
        """The company with all that comes, scored today; one order more the next run will see, too."""
        customers, leads = self.world(rng)
        self.later(rng, customers, leads)
        self.rescore()
        self.order(customers[0], 300, self.today)

    def end_some(self, leads):
        """Some leads are won, lost or brought forward, and Odoo keeps a record of it."""
        won, lost, moved, priced = leads.with_context(tracking_disable=False)[1:5]
        won.action_set_won()
        lost.action_set_lost()
        moved.stage_id = self.offer if moved.stage_id != self.offer else self.new
        priced.expected_revenue = 7000
        self.env.cr.flush()
        self.assertEqual((won.won_status, lost.won_status), ("won", "lost"))

    # ------------------------------------------------------------
    # What is found
    # ------------------------------------------------------------

    def judged(self, day=None):
        """What the judge finds apart: ``{(key, id): row}``."""
        self.env.flush_all()
        found = {}

        def capture(table, rules):
            key = "lead_id" if rules.subject == "lead" else "partner_id"
            for [row] in table.env.execute_query(
                SQL("SELECT TO_JSONB(graded) FROM %s AS graded", GRADED[rules.subject])
            ):
                found[key, row[key]] = self.kept(row)

        with patch.object(self.env.registry["grading.worktable"], "_write_snapshots", capture):
            self.apart._judge_apart(Sink(self.all_measures, "_write_snapshots", ""), day or self.day, InOneGo())
        return found

    def kept(self, row):
        columns = {*self.env["grading.worktable"]._measured_columns(), *JUDGED}
        return {name: value for name, value in row.items() if name in columns}

    def profiles(self):
        """The same of the profiles."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL("SELECT TO_JSONB(profile) FROM grading_profile AS profile WHERE company_id = %s", self.company.id)
        )
        return {
            ("lead_id", row["lead_id"]) if row["lead_id"] else ("partner_id", row["partner_id"]): self.kept(row)
            for [row] in rows
        }

    @contextmanager
    def undone(self):
        """What is done in here is taken back."""
        try:
            with self.env.cr.savepoint():
                yield
                raise Undone
        except Undone:
            self.env.invalidate_all()

    def versions(self):
        """Where the rows of every table lie, and what wrote them: a write with the same values would show, too."""
        self.env.flush_all()
        names = self.env.execute_query(
            SQL(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relpersistence = 'p'"
                " AND relnamespace = CURRENT_SCHEMA::regnamespace"
            )
        )
        return {
            name: self.env.execute_query(
                SQL(
                    "SELECT COUNT(*), MD5(STRING_AGG(CONCAT(ctid, xmin, cmin), ',' ORDER BY ctid)) FROM %s",
                    SQL.identifier(name),
                )
            )
            for [name] in names
            if name not in OWN_TABLES
        }

    def assert_same(self, first, second):
        self.assertEqual(first.keys(), second.keys())
        for key, row in first.items():
            with self.subTest(row=key):
                self.assertEqual(row, second[key])


@tagged("post_install", "-at_install")
class TestJudgeApart(ApartCase):
    """Judging for another sink than the profiles: of a day, as of that day, and without a trace."""

    @with_seeds(2)
    def test_an_earlier_day_is_judged_as_on_that_day_whatever_came_since(self, rng):
        with self.undone():
            customers, leads = self.world(rng)
            with self.undone():
                self.rescore(as_of=self.day)
                on_that_day = self.profiles()
            before = self.judged()
            self.later(rng, customers, leads)
            after = self.judged()
            self.assertGreater(len(before), CUSTOMERS)
            self.assertGreater(len({row["score"] for row in before.values()}), 5)
            self.assert_same(before, on_that_day)
            self.assert_same(after, before)

    @with_seeds(2)
    def test_measured_in_shares_all_comes_to_the_same(self, rng):
        """Very many are measured one share after the other."""
        with self.undone():
            self.world(rng)
            for source in ("order", "invoice"):
                with self.subTest(source=source):
                    self.company.grading_amount_source = source
                    (profiles, apart), in_shares = (self.found_by(share_size) for share_size in (10**6, 5))
                    self.assertGreater(len(profiles), 3 * 5)
                    self.assertGreater(len({row["order_amount"] for row in profiles.values()}), 3)
                    self.assert_same(in_shares[0], profiles)
                    self.assert_same(in_shares[1], apart)

    def found_by(self, share_size):
        """The profiles that a run writes, and what a day judged apart comes to."""
        with patch.object(self.env.registry["grading.run"], "_share_size", lambda _run: share_size), self.undone():
            self.rescore(as_of=self.day)
            return self.profiles(), self.judged()

    def test_nothing_that_people_see_is_written(self):
        customers, leads = self.world(random.Random(3))
        self.rescore()
        self.profile(customers[0])._override(self.gold, "Test")
        self.env["grading.queue"]._enqueue([(customers[1], self.company)])
        moved = self.lead("Moved", company_id=self.company.id)
        customers[2].parent_id = customers[3]
        self.env.cr.flush()
        before = self.versions()
        self.assertGreater(len(before), 100)
        self.apart.unlink()
        run = self.env["grading.run"]._open_backfill()
        run._execute()
        self.assertEqual((run.state, run.message), ("done", False))
        self.assertTrue(self.env["grading.snapshot"].search_count([("company_id", "=", self.company.id)]))
        self.env.cr.flush()
        after = self.versions()
        self.assertEqual({name for name in before if after[name] != before[name]}, set())
        self.assertFalse(self.lead_profile(moved))

    def test_this_month_goes_by_what_holds_now(self):
        ada = self.new_customer("Ada", self.day)
        self.insert_orders([(ada.id, self.day, 500, 1, "sale")])
        self.rescore()
        computed = {day: self.judged(day)["partner_id", ada.id]["grade_id"] for day in (self.day, self.today)}
        self.assertEqual(computed[self.today], self.profile(ada).grade_id.id)
        given = (self.gold | self.silver | self.bronze).filtered(lambda grade: grade.id not in computed.values())[0]
        self.profile(ada)._override(given, "Ours")
        self.assertEqual(self.judged(self.today)["partner_id", ada.id]["grade_id"], given.id)
        self.assertEqual(self.judged(self.day)["partner_id", ada.id]["grade_id"], computed[self.day])

    def test_a_prospect_goes_by_the_lead_as_it_was_judged_along(self):
        ada = self.new_customer("Ada", self.day)
        lead = self.lead(partner_id=ada.id, willingness="5")
        self.force(lead, create_date=self.moment(self.day))
        row = self.judged()["partner_id", ada.id]
        self.assertEqual(
            (row["best_lead_id"], row["grade_id"]), (lead.id, self.judged()["lead_id", lead.id]["grade_id"])
        )
        self.assertTrue(row["grade_id"])

    def test_a_lead_that_was_won_or_lost_since_was_open(self):
        won, lost, gone = (self.lead(name, willingness="5") for name in ("Won", "Lost", "Gone"))
        self.win(won, self.day + timedelta(days=1))
        (lost | gone).action_set_lost()
        self.force(lost, date_closed=self.moment(self.day + timedelta(days=1)))
        self.force(gone, date_closed=self.moment(self.day))
        self.force(won | lost | gone, create_date=self.moment(self.day - timedelta(days=5)))
        found = self.judged()
        self.assertIsNone(found["lead_id", won.id]["closed_date"])
        self.assertIn(("lead_id", lost.id), found)
        self.assertNotIn(("lead_id", gone.id), found)
        later = self.judged(self.day + timedelta(days=1))
        self.assertEqual(later["lead_id", won.id]["closed_date"], str(self.day + timedelta(days=1)))


@tagged("post_install", "-at_install")
class TestTrialScheme(ApartCase):
    """A draft or an archived scheme judges apart as if it were in use, and nowhere else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draft = cls.rules.copy({"name": "Draft", "active": False, "threshold_ids": []})
        cls.draft.write({"is_draft": True, "draft_of_id": cls.rules.id})
        cls.env["grading.threshold"].create({"scheme_id": cls.draft.id, "grade_id": cls.gold.id, "min_score": -1e6})

    def in_force(self, subject="customer"):
        return self.apart._schemes_in_force(subject)

    def test_a_draft_takes_the_place_of_its_scheme(self):
        other = self.rules.copy({"sequence": self.rules.sequence - 1, "active": True})
        self.assertEqual(list(self.in_force()), [other, self.rules])
        leads = self.in_force("lead")
        self.apart.trial_scheme_id = self.draft
        self.assertEqual(list(self.in_force()), [other, self.draft])
        self.assertEqual(self.in_force("lead"), leads)

    def test_without_a_scheme_in_use_it_goes_by_its_sequence(self):
        for vals in ({"draft_of_id": False}, {"is_draft": False, "draft_of_id": False}):
            self.draft.write({**vals, "sequence": self.rules.sequence - 1})
            self.apart.trial_scheme_id = self.draft
            self.assertEqual(list(self.in_force()), [self.draft, self.rules])

    def test_it_grades_no_profile(self):
        ada = self.new_customer("Ada", self.day)
        self.insert_orders([(ada.id, self.day, 500, 1, "sale")])
        self.apart.trial_scheme_id = self.draft
        self.assertEqual(self.judged()["partner_id", ada.id]["scheme_id"], self.draft.id)
        self.rescore()
        self.assertEqual(self.profile(ada).scheme_id, self.rules)

    def test_the_state_says_what_a_scheme_is_for(self):
        self.assertEqual((self.draft.state, self.rules.state), ("draft", "published"))
        self.rules.active = False
        self.assertEqual(self.rules.state, "archived")
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.draft.active = True
            self.env.flush_all()


@tagged("post_install", "-at_install")
class TestOpenInvoices(ApartCase):
    """What was open on a day was open, whatever was paid since."""

    def overdue(self, partner, day):
        """By the day, of all customers and of this one alone."""
        amounts = []
        for partners in (None, partner):
            contacts = self.env["grading.population"]._contacts(partners)
            self.env.flush_all()
            rows = dict(self.env.execute_query(self.env["grading.measure"]._sources(day, contacts)["overdue"]))
            amounts.append(rows.get(partner.id))
        self.assertEqual(amounts[0], amounts[1])
        return amounts[0]

    def test_an_invoice_is_open_until_the_day_of_its_payment(self):
        ada = self.customer("Ada")
        invoice = self.posted(ada, 100, self.day)
        self.pay(invoice, 30, self.day + timedelta(days=5))
        self.pay(invoice, 70, self.day + timedelta(days=9))
        open_on = {0: None, 1: 100, 4: 100, 5: 70, 8: 70, 9: None}
        for days, amount in open_on.items():
            with self.subTest(days=days):
                self.assertEqual(self.overdue(ada, self.day + timedelta(days=days)), amount)

    def test_a_credit_note_settles_it_on_its_own_day(self):
        ada = self.customer("Ada")
        invoice = self.posted(ada, 100, self.day)
        note = self.posted(ada, 40, self.day + timedelta(days=5), "out_refund")
        (self.receivable(invoice) + self.receivable(note)).reconcile()
        self.assertEqual(self.overdue(ada, self.day + timedelta(days=4)), 100)
        self.assertEqual(self.overdue(ada, self.today), 60)

    def test_a_payment_of_a_later_day_has_not_come_yet(self):
        ada = self.customer("Ada")
        self.pay(self.posted(ada, 100, self.day), 100, self.today + timedelta(days=3))
        self.assertEqual(self.overdue(ada, self.today), 100)

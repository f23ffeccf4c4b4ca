import functools
import os
import random
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from unittest.mock import patch

import freezegun

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, freeze_time, new_test_user
from odoo.tools import SQL, mute_logger

from .world import forget_rules, keep_world, take_company, take_user

# pytest goes on telling how long a test takes while the clock stands still.
freezegun.configure(extend_ignore_list=["_pytest.timing"])


def seeds(count):
    """Seeds of random worlds: ``count`` fixed ones, and one drawn anew each time, or ``WORLDS`` of them.

    ``subTest(seed=…)`` prints the seed of a world that fails; ``SEED=… make test`` builds that world again.
    """
    if seed := os.environ.get("SEED"):
        return (*range(count), int(seed))
    drawn = int(os.environ.get("WORLDS") or 1)
    return (*range(count), *(random.randrange(1000, 10**9) for _world in range(drawn)))


def with_seeds(count):
    """Do a test once for each of the :func:`seeds`, with the ``random.Random`` of each as its argument.

    A test may return how often its world had what it is about: one drawn anew may have none of it, all of them must
    not, or the test would prove nothing.
    """

    def decorate(test):
        @functools.wraps(test)
        def with_each_seed(self):
            had = []
            for seed in seeds(count):
                with self.subTest(seed=seed):
                    had.append(test(self, random.Random(seed)))
            if any(often is not None for often in had):
                self.assertGreater(sum(filter(None, had)), 0, "no world had what this test is about")

        return with_each_seed

    return decorate


class GradingCase(TransactionCase):
    """A company of its own without customers or rules, the grades Gold, Silver and Bronze, and words to fill it.

    ``cls.env`` works in ``cls.company``. Unless a test says otherwise a scheme gives one point for each unit of money
    ordered, up to 1000; Gold begins at 100, Silver at 10, Bronze at 0.
    """

    @classmethod
    def setUpClass(cls):
        keep_world()
        super().setUpClass()
        if not cls.freeze_time:
            # A class is one transaction, and the database's clock stands still in it: so does Python's, lest midnight
            # passes between what was prepared and what is scored.
            cls.startClassPatcher(freeze_time(cls.env.cr.now()))
        forget_rules(cls.env)
        cls.env.cr.execute("UPDATE res_partner SET customer_rank = 0 WHERE customer_rank > 0")
        cls.env.cr.execute("UPDATE res_partner SET willingness = NULL WHERE willingness IS NOT NULL")
        cls.company = take_company(cls.env)
        context = {
            "allowed_company_ids": cls.company.ids,
            "mail_create_nosubscribe": True,
            "no_reset_password": True,
            "tracking_disable": True,
        }
        cls.env = cls.env(context={**cls.env.context, **context})
        cls.company = cls.company.with_env(cls.env)
        cls.gold, cls.silver, cls.bronze = cls.env["grading.grade"].create(
            [{"name": name, "sequence": sequence} for sequence, name in enumerate(("Gold", "Silver", "Bronze"), 1)]
        )

    def run_scheduled(self, xmlid):
        """Run a scheduled action, and then those of companies that wait for a worker."""
        self.env.cr.flush()  # what was asked for is written down when the transaction ends
        with self.enter_registry_test_mode():
            jobs = [self.env.ref(xmlid)]
            while jobs:
                self.assertNotEqual(type(jobs.pop().method_direct_trigger()), dict, "the scheduled action failed")
                triggers = self.env["ir.cron.trigger"].search([("cron_id.grading_company_id", "!=", False)])
                jobs = list(triggers.cron_id)

    # ------------------------------------------------------------
    # The world
    # ------------------------------------------------------------

    @classmethod
    def new_company(cls, name, **vals):
        """A company in euros whose days begin in Brussels; it begins to grade with its first scheme."""
        company = cls.env["res.company"].create({"name": name, "currency_id": cls.env.ref("base.EUR").id, **vals})
        company.currency_id.active = True
        company.resource_calendar_id.tz = "Europe/Brussels"
        return company

    @classmethod
    def customer(cls, name, **vals):
        return cls.env["res.partner"].create({"name": name, **vals})

    @classmethod
    def order(cls, partner, amount, day, **vals):
        """An order of exactly ``amount`` untaxed, at noon UTC of ``day``; confirmed, at the rate 1, unless ``vals`` say
        otherwise. It has no lines, and is put there behind the back of the triggers: no customer is queued."""
        company = cls.env["res.company"].browse(vals.pop("company_id", None) or cls.env.company.id)
        forced = {name: vals.pop(name, default) for name, default in (("state", "sale"), ("currency_rate", 1))}
        order = (
            cls.env["sale.order"]
            .with_company(company)
            .create({"partner_id": partner.id, "company_id": company.id, **vals})
        )
        cls.force(order, **forced, amount_untaxed=amount, date_order=datetime.combine(day, time(12)))
        return order

    @classmethod
    def insert_orders(cls, rows, company=None):
        """Orders as :meth:`order` makes them, many at once.

        :param list rows: ``[(id of the contact, day, amount, rate, state)]``
        """
        company = company or cls.env.company
        columns = [list(column) for column in zip(*rows, strict=True)]
        cls.env.flush_all()
        cls.env.cr.execute(
            SQL(
                """
                INSERT INTO sale_order (name, company_id, partner_id, partner_invoice_id, partner_shipping_id, state,
                                        date_order, amount_untaxed, currency_rate, currency_id)
                SELECT 'Inserted', %(company)s, line.partner_id, line.partner_id, line.partner_id, line.state,
                       line.day + INTERVAL '12 hours', line.amount, line.rate, %(currency)s
                  FROM UNNEST(%(columns)s) AS line (partner_id, day, amount, rate, state)
                """,
                company=company.id,
                currency=company.currency_id.id,
                columns=SQL("%s::int[], %s::date[], %s::numeric[], %s::numeric[], %s::text[]", *columns),
            )
        )
        cls.env.invalidate_all()

    @classmethod
    def lead(cls, name="Lead", **vals):
        """An opportunity of the company without a salesperson; queues itself as any lead does."""
        return cls.env["crm.lead"].create(cls.lead_values(name, **vals))

    @classmethod
    def lead_values(cls, name="Lead", **vals):
        values = {"type": "opportunity", "company_id": cls.env.company.id, "user_id": False, "team_id": False}
        return {"name": name, **values, **vals}

    @classmethod
    def message(cls, lead, day, message_type="email", **vals):
        """A message on the lead, from an unknown address unless said otherwise, at noon UTC of ``day`` or at the very
        time that ``day`` is."""
        return cls.env["mail.message"].create(cls.message_values(lead, day, message_type, **vals))

    @classmethod
    def message_values(cls, lead, day, message_type="email", **vals):
        moment = day if isinstance(day, datetime) else datetime.combine(day, time(12))
        values = {"model": "crm.lead", "res_id": lead.id, "body": "Hello", "date": moment, "author_id": False}
        return {"message_type": message_type, **values, **vals}

    @classmethod
    def post(cls, record, body="Hello", **vals):
        """A message posted on the record as a user posts it from the chatter, now."""
        return record.message_post(body=body, message_type="comment", **vals)

    @classmethod
    def meeting(cls, lead, day, **vals):
        """A meeting of an hour about the lead, at noon UTC of ``day`` or at the very time that ``day`` is."""
        return cls.env["calendar.event"].create(cls.meeting_values(lead, day, **vals))

    @classmethod
    def meeting_values(cls, lead, day, **vals):
        start = day if isinstance(day, datetime) else datetime.combine(day, time(12))
        values = {"name": "Meeting", "opportunity_id": lead.id, "start": start, "stop": start + timedelta(hours=1)}
        return {**values, **vals}

    @classmethod
    def force(cls, record, **columns):
        """Write columns as they are, past the rules that a save would apply."""
        cls.env.flush_all()
        cls.env.cr.execute(
            SQL(
                "UPDATE %s SET %s WHERE id IN %s",
                SQL.identifier(record._table),
                SQL(", ").join(SQL("%s = %s", SQL.identifier(name), value) for name, value in columns.items()),
                record._ids,
            )
        )
        cls.env.invalidate_all()

    @classmethod
    def force_each(cls, records, **columns):
        """As :meth:`force`, with a list for each column: one value for each record."""
        cls.env.flush_all()
        kinds = {name: SQL.identifier(records._fields[name].column_type[0]) for name in columns}
        cls.env.cr.execute(
            SQL(
                "UPDATE %(table)s AS record SET %(values)s FROM UNNEST(%(columns)s) AS line (id, %(names)s)"
                " WHERE record.id = line.id",
                table=SQL.identifier(records._table),
                values=SQL(", ").join(
                    SQL("%s = %s", SQL.identifier(name), SQL.identifier("line", name)) for name in columns
                ),
                columns=SQL(", ").join(
                    (
                        SQL("%s::int[]", list(records._ids)),
                        *(SQL("%s::%s[]", list(values), kinds[name]) for name, values in columns.items()),
                    )
                ),
                names=SQL(", ").join(map(SQL.identifier, columns)),
            )
        )
        cls.env.invalidate_all()

    # ------------------------------------------------------------
    # The rules
    # ------------------------------------------------------------

    @classmethod
    def scheme(cls, criteria=None, thresholds=None, **vals):
        """An active scheme of the company; the arguments are those of :meth:`scheme_values`."""
        return cls.env["grading.scheme"].create(cls.scheme_values(criteria, thresholds, **vals))

    @classmethod
    def scheme_values(cls, criteria=None, thresholds=None, **vals):
        """Values of a scheme.

        :param list criteria: values of criteria, see :meth:`band`, :meth:`linear`, :meth:`rank`, :meth:`matching`
        :param list thresholds: ``[(grade, where it begins)]``, scores or percents as the scheme's mode asks for
        """
        if criteria is None:
            criteria = [cls.linear("order_amount")]
        if thresholds is None:
            thresholds = [(cls.gold, 100), (cls.silver, 10), (cls.bronze, 0)]
        start = "top_percent" if vals.get("threshold_mode") == "rank" else "min_score"
        return {
            "name": "Test scheme",
            "company_id": cls.env.company.id,
            "criterion_ids": [Command.create(criterion) for criterion in criteria],
            "threshold_ids": [Command.create({"grade_id": grade.id, start: begin}) for grade, begin in thresholds],
            **vals,
        }

    @classmethod
    def band(cls, measure, steps, **vals):
        """Values of a criterion by steps.

        :param list steps: ``[(lower bound, points)]``
        """
        bands = [Command.create({"lower_bound": bound, "points": points}) for bound, points in steps]
        return {"kind": "band", "measure": measure, "band_ids": bands, **vals}

    @classmethod
    def linear(cls, measure, points_per_unit=1, points_max=1000, **vals):
        limits = {"points_per_unit": points_per_unit, "points_max": points_max}
        return {"kind": "linear", "measure": measure, **limits, **vals}

    @classmethod
    def rank(cls, measure, points_max=100, **vals):
        return {"kind": "rank", "measure": measure, "points_max": points_max, **vals}

    @classmethod
    def matching(cls, domain, points, **vals):
        """Values of a criterion that gives ``points`` to those who meet ``domain``, a list or a text."""
        return {"kind": "domain", "domain": str(domain), "points_max": points, **vals}

    @classmethod
    def cases(cls, filters, points_if_none=0, **vals):
        """Values of a criterion that gives the points of the first filter that is met.

        :param list filters: ``[(name, domain, points)]``
        """
        cases = [
            Command.create({"sequence": place, "name": name, "domain": str(domain), "points": points})
            for place, (name, domain, points) in enumerate(filters)
        ]
        return {"kind": "case", "case_ids": cases, "points_if_none": points_if_none, **vals}

    # ------------------------------------------------------------
    # What happens
    # ------------------------------------------------------------

    @classmethod
    def rescore(cls, as_of=None, partners=None, company=None, leads=None):
        """Run the pipeline, which must succeed.

        :rtype: grading.run
        """
        Run = cls.env["grading.run"].with_company(company or cls.env.company)
        run = Run._rescore(partners=partners, leads=leads, as_of=as_of)
        assert run.state == "done", f"The run is {run.state}: {run.message}"
        return run

    @classmethod
    def break_a_rule(cls):
        """A tag rule whose filter has gone bad: runs set it aside, and name it."""
        tag = cls.env["res.partner.category"].create({"name": "Broken"})
        rule = cls.env["grading.tag.rule"].create({"name": "Broken", "category_id": tag.id, "domain": "[]"})
        cls.force(rule, domain="[('nonsense', '=', 1)]")

    @classmethod
    def rescore_in_spite_of_a_rule(cls, as_of=None):
        """A run over all that sets a rule aside.

        :rtype: grading.run
        """
        with mute_logger("odoo.addons.customer_grading.models.run.grading_run_pipeline"):
            run = cls.env["grading.run"]._rescore(as_of=as_of)
        assert run.state == "failed", "The rule was not named"
        return run

    @contextmanager
    def compared_as_before(self):
        """Full runs in here fix nothing anew: customers are compared with what the last one compared them with."""
        with patch.object(self.env.registry["grading.measure"], "_fix_compared", lambda *args: None):
            yield

    @classmethod
    def profile(cls, partner, company=None):
        """The customer's profile in the company, maybe empty."""
        company = company or cls.env.company
        return cls.env["grading.profile"].search(
            [("partner_id", "=", partner.commercial_partner_id.id), ("company_id", "=", company.id)]
        )

    @classmethod
    def lead_profile(cls, lead):
        """The lead's profile, maybe empty."""
        return cls.env["grading.profile"].search([("lead_id", "=", lead.id)])

    @contextmanager
    def assert_refused(self, *words, error=UserError):
        """What is done inside is refused with a message that has all these ``words``, and leaves no trace."""
        with self.assertRaises(error) as caught:
            yield
        for word in words:
            self.assertIn(word, str(caught.exception))

    @classmethod
    def text_of(cls, sql):
        """SQL as the database gets it, in one line."""
        return " ".join(cls.env.cr.mogrify(sql).decode().split())

    # ------------------------------------------------------------
    # Users
    # ------------------------------------------------------------

    @classmethod
    def user(cls, login, groups, **vals):
        """A user of the company, a kept one as long as there are any."""
        known = {"name": f"{login} ({groups})", "email": f"{login[0]}.{login[0]}@example.com", "tz": False}
        known |= {name: vals.pop(name) for name in known.keys() & vals.keys()}
        user = take_user(cls.env, login, groups, **known)
        if not user:
            vals = {"company_id": cls.company.id, "company_ids": cls.company.ids, **known, **vals}
            return new_test_user(cls.env, login, groups, **vals)
        if vals:
            user.write(vals)
        return user

    @classmethod
    def salesman(cls, login="grading_salesman", **vals):
        return cls.user(login, "sales_team.group_sale_salesman", **vals)

    @classmethod
    def manager(cls, login="grading_manager", **vals):
        """A manager who has access to the company of the demonstration, too, and so may change the shared rules."""
        companies = cls.company | cls.env.ref("base.main_company")
        return cls.user(login, "sales_team.group_sale_manager", **{"company_ids": companies.ids, **vals})

    @classmethod
    def internal(cls, login="grading_internal", **vals):
        """An employee who has nothing to do with sales."""
        return cls.user(login, "base.group_user", **vals)

    @classmethod
    def portal(cls, login="grading_portal", **vals):
        return cls.user(login, "base.group_portal", **vals)


class LeadCase(GradingCase):
    """A sales team of the company with a way of its own: New, Talks, Offer and Won.

    The stages that Odoo brings are another team's, and leads of the demonstration make no contact a customer, so that
    nothing else counts here.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.cr.execute("UPDATE crm_lead SET partner_id = NULL WHERE partner_id IS NOT NULL")
        cls.foreign_team, cls.team = cls.env["crm.team"].create(
            [{"name": "Foreign Team", "company_id": False}, {"name": "Team", "company_id": cls.company.id}]
        )
        cls.env["crm.stage"].search([]).team_ids = cls.foreign_team
        cls.new, cls.talks, cls.offer, cls.won = cls.env["crm.stage"].create(
            [
                {"name": name, "sequence": sequence, "team_ids": cls.team.ids, "is_won": name == "Won"}
                for sequence, name in enumerate(("New", "Talks", "Offer", "Won"), 1)
            ]
        )
        cls.today = cls.company._grading_today()
        cls.forget_requests()

    @classmethod
    def forget_requests(cls):
        """No customer is queued and no run is open, whatever was prepared so far."""
        cls.env.flush_all()
        cls.env["grading.queue"]._waiting([]).unlink()
        cls.env["grading.run"].search([("state", "=", "running")]).unlink()

    @classmethod
    def stage(cls, name, sequence, teams=(), **vals):
        """A stage of the ``teams``, without any of all teams."""
        team_ids = [Command.set([team.id for team in teams])]
        return cls.env["crm.stage"].create({"name": name, "sequence": sequence, "team_ids": team_ids, **vals})

    @classmethod
    def lead_values(cls, name="Lead", **vals):
        return super().lead_values(name, **{"team_id": cls.team.id, "stage_id": cls.new.id, **vals})

    @classmethod
    def win(cls, lead, day):
        """The lead was won on ``day``, at noon UTC."""
        lead.stage_id = cls.won
        cls.force(lead, date_closed=datetime.combine(day, time(12)))

    @classmethod
    def lead_scheme(cls, criteria=None, thresholds=None, **vals):
        """A scheme for leads; unless said otherwise ten points for each step of willingness: Gold from 40 on, Silver
        from 20, Bronze from 0."""
        criteria = criteria or [cls.linear("willingness", 10, dimension="intent")]
        thresholds = thresholds or [(cls.gold, 40), (cls.silver, 20), (cls.bronze, 0)]
        return cls.scheme(criteria, thresholds, **{"name": "Lead scheme", "subject": "lead", **vals})

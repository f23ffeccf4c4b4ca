import math
import random
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import pytz

from odoo.fields import Command
from odoo.tests import tagged

from ..common import LeadCase, seeds, with_seeds

AS_OF = date(2025, 3, 10)
BRUSSELS = pytz.timezone("Europe/Brussels")
MACHINES = ("notification", "auto_comment", "user_notification", "out_of_office")


class Stage(NamedTuple):
    sequence: int
    id: int
    teams: tuple
    is_won: bool


class Lead(NamedTuple):
    """What the random world knows of a lead, in plain Python."""

    team: int
    stage: Stage
    willingness: str | None
    deadline: date | None
    revenue: Decimal
    priority: str
    won: datetime | None
    contacts: list  # moments, in UTC
    open_activities: int


def cents(value):
    return float(Decimal(repr(float(value))).quantize(Decimal("0.01"), ROUND_HALF_UP))


def local_day(moment):
    return pytz.utc.localize(moment).astimezone(BRUSSELS).date()


def progress(lead, stages):
    """How far the lead is on its team's way."""
    if lead.stage.is_won:
        return 100.0
    way = sorted(stage for stage in stages if not stage.teams or lead.team in stage.teams)
    steps = [stage for stage in way if not stage.is_won]
    before = sum((stage.sequence, stage.id) < (lead.stage.sequence, lead.stage.id) for stage in steps)
    length = len(steps) if any(stage.is_won for stage in way) else len(steps) - 1
    return cents(100 * min(before, length) / length) if length > 0 else None


def measure(lead, stages, half_life):
    """What the design says of each measure of a lead."""
    until = min(AS_OF, local_day(lead.won)) if lead.won else AS_OF
    days = [local_day(moment) for moment in lead.contacts if local_day(moment) <= until]
    decayed = math.fsum(2 ** (-(until - day).days / half_life) for day in days)
    return {
        "until": until,
        "willingness": int(lead.willingness) if lead.willingness else None,
        "readiness": 25.0 * (int(lead.willingness) - 1) if lead.willingness else 100.0 if lead.won else 10.0,
        "stage_progress": progress(lead, stages),
        "date_deadline": lead.deadline,
        "expected_revenue": float(lead.revenue),
        "last_contact_date": max(days, default=None),
        "contact_count_90d": sum(day > until - timedelta(days=90) for day in days),
        "engagement": decayed or None,
        "open_activity_count": lead.open_activities,
        "closed_date": local_day(lead.won) if lead.won else None,
    }


def points(lead, measured, revenues):
    """The scheme of the test: ``{criterion name: points}``."""
    days = None if measured["date_deadline"] is None else (measured["until"] - measured["date_deadline"]).days
    steps = ((31, 0), (1, 8), (-30, 25), (-90, 12), (-9999, 2))
    date_points = 5 if days is None else next(given for bound, given in steps if days >= bound)
    lower = sum(other < measured["expected_revenue"] for other in revenues)
    equal = sum(other == measured["expected_revenue"] for other in revenues) - 1
    share = (lower + equal / 2) / (len(revenues) - 1) if len(revenues) > 1 else 0.5
    return {
        "willing": 15 if measured["willingness"] is None else min(40, 8 * measured["willingness"]),
        "far": 3 if measured["stage_progress"] is None else 0.3 * measured["stage_progress"],
        "soon": date_points,
        "close": 0 if measured["engagement"] is None else min(15, 2.5 * measured["engagement"]),
        "rich": 20 * share,
        "dear": 10 if lead.priority in "23" else -2.5,
    }


FIT, INTENT = ("rich", "dear"), ("willing", "far", "soon", "close")
MOST = {"fit": 30, "intent": 40 + 30 + 25 + 15}


def level(score, most):
    return "3" if score / most >= 2 / 3 else "2" if score / most >= 1 / 3 else "1"


@tagged("post_install", "-at_install")
class TestLeadOracle(LeadCase):
    """The same grading of leads in naive Python, without SQL, on random data."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller, cls.outsider = cls.salesman("seller").partner_id, cls.customer("Outsider")
        cls.call = cls.env.ref("mail.mail_activity_data_call")

    def _world(self, rng):
        """Three more stages, for all teams or for one, and a second team: ``(teams, {stage: its record})``."""
        rivals = self.env["crm.team"].create({"name": "Rivals", "company_id": self.company.id})
        teams = (self.team, rivals)
        records = self.new | self.talks | self.offer | self.won
        for number in range(4):
            of = rng.choice(((), (rivals,), teams))
            records |= self.stage(
                "Random %s" % number, rng.randint(0, 5), of, is_won=number == 3 and rng.random() < 0.5
            )
        known = self.env["crm.stage"].search([])
        stages = {Stage(stage.sequence, stage.id, tuple(stage.team_ids.ids), stage.is_won): stage for stage in known}
        return teams, stages, [stage for stage, record in stages.items() if record in records]

    def _random_leads(self, rng, teams, stages, own_stages, values):
        """A lead for each of the dictionaries ``values``: ``{lead: what is known of it}``."""
        known = [self._random_facts(rng, teams, own_stages) for _lead in values]
        rows = [
            self.lead_values(
                "Oracle",
                **{
                    "stage_id": self.new.id,
                    "willingness": facts.willingness or False,
                    "date_deadline": facts.deadline or False,
                    "expected_revenue": float(facts.revenue),
                    "priority": facts.priority,
                    **vals,
                },
            )
            for facts, vals in zip(known, values, strict=True)
        ]
        records = self.env["crm.lead"].create(rows)
        self.force_each(
            records,
            team_id=[facts.team or None for facts in known],
            stage_id=[stages[facts.stage].id for facts in known],
            probability=[100 if facts.won else 10 for facts in known],
            automated_probability=[100 if facts.won else 10 for facts in known],
            won_status=["won" if facts.won else "pending" for facts in known],
            date_closed=[facts.won for facts in known],
        )
        leads = dict(zip(records, known, strict=True))
        self._random_contacts(rng, leads)
        return leads

    def _random_facts(self, rng, teams, own_stages):
        team = rng.choice((*teams, self.env["crm.team"]))
        stage = rng.choice([s for s in own_stages if not s.teams or team.id in s.teams] or own_stages)
        won = None
        if stage.is_won:
            won = datetime(2025, 3, 10, 23, 30) - timedelta(days=rng.randint(0, 200), hours=rng.randint(0, 30))
        return Lead(
            team=team.id,
            stage=stage,
            willingness=rng.choice((None, *"12345")),
            deadline=rng.choice((None, AS_OF + timedelta(days=rng.randint(-60, 150)))),
            revenue=Decimal(rng.choice((0, 500, 500, rng.randint(1, 10**6)))),
            priority=rng.choice("0123"),
            won=won,
            contacts=[],
            open_activities=rng.randint(0, 2),
        )

    def _random_contacts(self, rng, leads):
        messages, meetings, activities = [], [], []
        todo = {
            "activity_type_id": self.call.id,
            "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
            "date_deadline": AS_OF,
            "user_id": self.env.uid,
        }
        for lead, facts in leads.items():
            for _contact in range(rng.randint(0, 6)):
                moment = datetime(2025, 3, 12) - timedelta(minutes=rng.randint(0, 60 * 24 * 250))
                if rng.random() < 0.25:
                    meetings.append(self.meeting_values(lead, moment))
                else:
                    messages.append(self.message_values(lead, moment, **self._contact(rng)))
                facts.contacts.append(moment)
                self._no_contact(rng, lead, moment + timedelta(days=1), messages)
            activities += [{**todo, "res_id": lead.id} for _activity in range(facts.open_activities)]
        self.env["mail.message"].create(messages)
        self.env["calendar.event"].create(meetings)
        self.env["mail.activity"].create(activities)

    def _contact(self, rng):
        """Values of an e-mail that came in, a mailing, a message to a person outside, or a call that was done."""
        return rng.choice(
            (
                {"message_type": "email", "author_id": self.outsider.id},
                {"message_type": "email_outgoing", "author_id": self.seller.id},
                {
                    "message_type": "comment",
                    "author_id": self.seller.id,
                    "partner_ids": [Command.set(self.outsider.ids)],
                },
                {"message_type": "notification", "mail_activity_type_id": self.call.id},
            )
        )

    def _no_contact(self, rng, lead, moment, messages):
        """A note, what the system wrote, a message that never arrived, or a meeting that was declined."""
        case = rng.choice(("note", "machine", "bounce", "declined"))
        if case == "declined":
            invited = [Command.set(self.outsider.ids)]
            self.meeting(lead, moment, partner_ids=invited).attendee_ids.state = "declined"
        elif case == "bounce":
            message = self.message(lead, moment, "comment", author_id=self.seller.id, partner_ids=self.outsider.ids)
            notice = {"notification_type": "email", "notification_status": "bounce"}
            self.env["mail.notification"].create(
                {"mail_message_id": message.id, "res_partner_id": self.outsider.id, **notice}
            )
        else:
            kind = "comment" if case == "note" else rng.choice(MACHINES)
            messages.append(self.message_values(lead, moment, kind, author_id=self.seller.id))

    def _scheme(self):
        criteria = [
            self.linear("willingness", 8, name="willing", points_max=40, points_if_none=15, dimension="intent"),
            self.linear("stage_progress", 0.3, name="far", points_max=30, points_if_none=3, dimension="intent"),
            self.band("date_deadline", [(31, 0), (1, 8), (-30, 25), (-90, 12), (-9999, 2)], name="soon",
                      points_if_none=5, dimension="intent"),
            self.linear("engagement", 2.5, name="close", points_max=15, dimension="intent"),
            self.rank("expected_revenue", 20, name="rich", dimension="fit"),
            self.matching([("lead_id.priority", "in", ["2", "3"])], 10, name="dear", points_if_none=-2.5,
                          dimension="fit"),
        ]  # fmt: skip
        thresholds = [(self.gold, 80), (self.silver, 50), (self.bronze, 10)]
        return self.lead_scheme(criteria, thresholds, company_id=False)

    def _compare(self, company, leads, stages, half_life):
        """All leads of one company, their ranks being among themselves."""
        measured = {lead: measure(facts, stages, half_life) for lead, facts in leads.items()}
        revenues = [found["expected_revenue"] for found in measured.values()]
        for lead, expected in measured.items():
            profile = self.env["grading.profile"].search([("lead_id", "=", lead.id)])
            self.assertEqual(profile.company_id, company)
            self._compare_measures(profile, expected, company)
            given = {name: cents(value) for name, value in points(leads[lead], expected, revenues).items()}
            self._compare_grading(profile, given)

    def _compare_measures(self, profile, expected, company):
        for name, want in expected.items():
            if name == "until":
                continue
            got = None if profile._is_unknown(name) else profile[name]
            if name == "engagement":
                worth = company._grading_decay_log(expected["until"])
                got = math.exp(profile.engagement_log - worth) if profile.engagement_log else None
            if name == "willingness":
                got = got and int(got)
            if isinstance(want, float):
                self.assertAlmostEqual(got, want, delta=max(0.0001, want * 1e-9), msg=name)
            else:
                self.assertEqual(got, want, name)

    def _compare_grading(self, profile, given):
        detail = {c.name: profile.points_detail[str(c.id)] for c in profile.scheme_id.criterion_ids}
        for name, want in given.items():
            # The rounding of a half may go either way between a binary and a decimal fraction.
            self.assertAlmostEqual(detail[name], want, delta=0.0101, msg=name)
        score, fit, intent = (
            cents(math.fsum(detail[name] for name in names)) for names in ((*FIT, *INTENT), FIT, INTENT)
        )
        self.assertEqual(
            (cents(profile.score), cents(profile.fit_score), cents(profile.intent_score)), (score, fit, intent)
        )
        self.assertEqual(
            (profile.fit_level, profile.intent_level), (level(fit, MOST["fit"]), level(intent, MOST["intent"]))
        )
        grade = self.gold if score >= 80 else self.silver if score >= 50 else self.bronze if score >= 10 else None
        self.assertEqual(profile.grade_id, grade or self.env["grading.grade"])

    @with_seeds(4)
    def test_measures_points_levels_and_grades_equal_the_oracle(self, rng):
        self._scheme()
        self.company.grading_half_life_days = rng.choice((30, 90, 365))
        teams, stages, own = self._world(rng)
        leads = self._random_leads(rng, teams, stages, own, [{}] * 25)
        self.rescore(as_of=AS_OF)
        self._compare(self.company, leads, list(stages), self.company.grading_half_life_days)
        levels = {(profile.fit_level, profile.intent_level) for profile in map(self.lead_profile, leads)}
        self.env["crm.lead"].concat(*leads).unlink()
        return len(levels) > 3

    def test_prospects_are_graded_through_the_lead_that_the_oracle_chooses(self):
        self._scheme()
        customers = self.env["res.partner"].create([{"name": "Oracle %s" % number} for number in range(6)])
        for seed in seeds(2):
            with self.subTest(seed=seed):
                rng = random.Random(seed)
                teams, stages, own = self._world(rng)
                values = [{"partner_id": rng.choice(customers).id} for _number in range(30)]
                leads = self._random_leads(rng, teams, stages, own, values)
                records = self.env["crm.lead"].concat(*leads)
                partner_ids = [None if rng.random() < 0.1 else lead.partner_id.id for lead in records]
                self.force_each(records, active=[rng.random() > 0.15 for _lead in records], partner_id=partner_ids)
                self.rescore(as_of=AS_OF)
                for customer in customers:
                    self._compare_prospect(customer, leads)
                self.env["crm.lead"].concat(*leads).unlink()

    def _compare_prospect(self, customer, leads):
        """The customer's best open lead, by the best grade, the score, what is at stake, how soon, and how old."""
        candidates = {
            lead: self.lead_profile(lead)
            for lead, facts in leads.items()
            if lead.partner_id == customer and lead.active
        }
        places = [self.gold, self.silver, self.bronze, self.env["grading.grade"]]
        ranked = sorted(
            candidates,
            key=lambda lead: (
                bool(leads[lead].won),  # speaks for the customer where no lead is open
                places.index(candidates[lead].grade_id),
                -candidates[lead].score,
                -lead.expected_revenue,
                lead.date_deadline or date.max,
                lead.id,
            ),
        )
        profile = self.profile(customer)
        self.assertEqual(profile.best_lead_id, ranked[0] if ranked else self.env["crm.lead"])
        if ranked and leads[ranked[0]].won:
            return  # the lead stays scored as of its day, the customer is scored as of today
        best = candidates[ranked[0]] if ranked else self.env["grading.profile"]
        for name in ("grade_id", "score", "fit_level", "intent_level", "willingness", "engagement_log"):
            self.assertEqual(profile[name], best[name], name)

    def test_companies_are_scored_by_themselves_and_leads_without_one_by_the_first(self):
        """Ranks are among the leads of one company: what the others have does not count."""
        self._scheme()
        first = self.env["crm.lead"]._grading_first_company()
        first.resource_calendar_id.tz = "Europe/Brussels"
        first.grading_half_life_days = self.company.grading_half_life_days = 60
        self.env["crm.lead"].with_context(active_test=False).search([]).unlink()
        rng = random.Random(99)
        teams, stages, own = self._world(rng)
        mine = self._random_leads(rng, teams, stages, own, [{}] * 8)
        theirs = self._random_leads(rng, teams, stages, own, [{}] * 8)
        self.force_each(self.env["crm.lead"].concat(*theirs), company_id=[first.id, None] * 4)
        for company, leads in ((self.company, mine), (first, theirs)):
            self.rescore(as_of=AS_OF, company=company)
            self._compare(company, leads, list(stages), 60)
        self._compare(self.company, mine, list(stages), 60)

import logging
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from odoo import models
from odoo.exceptions import ValidationError

from ..base.context import ByServer, Ranking
from ..measure.grading_measure import MEASURED_BY
from .grading_run_pace import FullNeededError, TimeUpError
from .grading_staging import MEASURED, SCORED

_logger = logging.getLogger(__name__)

# Rows written by one statement, and in a scheduled action between two commits: about a second of work.
BATCH_SIZE = 10000
# Customers or leads measured by one statement: a few seconds of work.
SHARE_SIZE = 100000


class Step(NamedTuple):
    """One step of the profile sink, for the customers or leads that the judge has scored.

    Both methods are those of ``grading.worktable``. ``create(rules)`` finds out what is new, numbers it in a staging
    table, and returns how many rows that are; ``write(rules, first, last)`` writes these rows and returns what is to be
    added to the figures of the run, by field.
    """

    create: str
    write: str


STEPS = (
    Step("_create_profile_changes", "_write_profile_batch"),
    Step("_create_tag_changes", "_write_tag_batch"),
    Step("_create_care_changes", "_write_care_batch"),
)


@dataclass(kw_only=True)
class Rules:
    """What a run goes by for leads or for customers: the usable rules, the day, and what they are compared with."""

    subject: str  # a key of SUBJECTS
    as_of: date
    run: models.BaseModel = None
    former: bool = True  # the profile in force counts: who has one, overrides, days of grace, since when in a stage
    is_full: bool = False  # all customers and leads of the company are scored, not only some
    schemes: models.BaseModel = None
    prospect_schemes: models.BaseModel = None  # schemes for leads, by which customers without an order are graded
    secondary_schemes: models.BaseModel = None  # schemes that judge beside the grade
    broken_secondary: models.BaseModel = None  # those of them that cannot be used: what they have said stays
    broken: models.BaseModel = None  # schemes that cannot be used: their customers or leads stay as they are
    lifecycles: models.BaseModel = None  # None leaves the stages as they are
    tag_rules: models.BaseModel = None
    cadences: models.BaseModel = None
    plays: models.BaseModel = None
    sources: set = field(default_factory=set)  # names of the sources that the rules need, see grading.measure
    compared: set = field(default_factory=set)  # names of the compared sources
    fix: bool = False  # cut points are measured anew on those who are scored
    cut_points: dict = field(default_factory=dict)  # {criterion or scheme: cut points}, see grading.ruler
    last_judged: dict = None  # what the last run over all judged by, see grading.worktable, asked once
    problems: list = field(default_factory=list)  # what to say of the rules that cannot be used

    @property
    def compared_schemes(self):
        """All schemes that may compare customers, those beside the grade among them."""
        return self.schemes + self.secondary_schemes if self.secondary_schemes else self.schemes


class GradingRun(models.Model):
    """The pipeline: the judge (measure, score, grade, stage), then the steps that write what it found.

    ::

        rules -> population -> measured -> scored -> graded       the judge: staging tables and cut points
                                                       |
                                  profiles and history, tags, next contacts       STEPS: in batches, one loop

    Leads go first, so that a customer without an order can be graded through the best of their leads.
    """

    _inherit = "grading.run"

    def _run_pipeline(self, partners, leads, pace):
        """Judge leads, then customers, and write what has changed.

        :param res.partner partners: customers, by any of their contacts; ``None`` for all
        :param crm.lead leads: ``None`` for all
        :param pace: how it is committed and tried again: :class:`InOneGo` or :class:`InBatches`
        :raise TimeUpError: what is left has to wait for the next job
        :raise FullNeededError: see :attr:`InBatches.may_widen`
        :raise RulesChangedError: the rules are not those any more by which it has begun to judge
        """
        self.env.flush_all()
        self.env["grading.scheme"]._close_versions()
        lead_rules = self._collect_lead_rules()
        customer_rules = self._collect_customer_rules(lead_rules)
        both = (lead_rules, customer_rules)
        versions = {rules.subject: (rules.schemes + rules.prospect_schemes)._versions() for rules in both}
        pace.goes_by(self._versions_in_force())
        asked_for_all = partners is None and leads is None
        is_full = self._decide_scope(lead_rules, customer_rules, asked_for_all)
        if is_full and not asked_for_all and not pace.may_widen:
            raise FullNeededError
        partners, leads = (None, None) if is_full else self._belonging_together(partners, leads)
        begun = {"scope": "full" if is_full else "incremental", "message": False, "profile_count": 0, "left_count": 0}
        pace.do(lambda: self.write({**begun, "measured_with": self.company_id._grading_measured_with()}))
        self._run_leads(lead_rules, leads, pace)
        customer_rules.cut_points = dict(lead_rules.cut_points)
        self._run_customers(customer_rules, partners, pace)
        if is_full:
            pace.do(self._finish_full)
            pace.check()
            self.fixed_count = self.env["grading.ruler"].search_count([("run_id", "=", self.id)])
            self.write({"scheme_versions": versions, "measured_by": MEASURED_BY})
        problems = [*lead_rules.problems, *customer_rules.problems]
        self.message = "\n".join(filter(None, [*problems, self.message])) or False
        self.state = "failed" if problems else "done"
        self.env["grading.worktable"]._drop()

    def _versions_in_force(self):
        """The versions of all schemes in use in the company of the run: ``{scheme id: version}``.

        :rtype: dict[int, int]
        """
        companies = (False, self.company_id.id)
        return self.env["grading.scheme"].search([("company_id", "in", companies)])._versions()

    def _decide_scope(self, lead_rules, customer_rules, is_full):
        """Whether all are scored: also where some were asked for, but what they would be compared with is not known.

        A full run that goes on keeps the cut points that it began with, unless a rule has changed since.
        """
        schemes = lead_rules.compared_schemes + customer_rules.compared_schemes
        missing = self._cut_points_missing(schemes, customer_rules.compared)
        is_full = is_full or missing
        for rules in (lead_rules, customer_rules):
            rules.is_full = is_full
            rules.fix = is_full and (missing or not self.are_customers_scored)
        return is_full

    def _belonging_together(self, partners, leads):
        """The customers of the leads beside the customers, and all their leads beside the leads."""
        Lead = self.env["crm.lead"].with_context(active_test=False)
        leads = Lead.browse(leads.ids if leads else []).exists()
        partners = self.env["res.partner"].browse(partners.ids if partners else []).exists() | leads.partner_id
        customers = partners.commercial_partner_id
        return customers, leads | Lead.search([("partner_id.commercial_partner_id", "in", customers.ids)])

    def _run_leads(self, rules, leads, pace):
        if leads is not None and not leads:  # prospects are graded by these schemes all the same
            Ruler = self.env["grading.ruler"]
            rules.cut_points = Ruler._of_criteria(rules.schemes) | Ruler._of_schemes(rules.schemes)
            return
        pace.do(lambda: self._tidy(rules, leads))
        self._judge(rules, leads, pace)
        self._run_steps(rules, pace, still_to_come=1)

    def _run_customers(self, rules, partners, pace):
        if partners is not None and not partners:
            return
        pace.do(lambda: self._tidy(rules, partners))
        self._judge(rules, partners, pace)
        left_out = "\n".join(self.env["grading.worktable"]._left_out(rules))
        pace.do(lambda: self.write({"are_customers_scored": True, "message": left_out}))
        self._run_steps(rules, pace)

    def _tidy(self, rules, records):
        """Before judging: profiles follow the customers and leads that have changed places."""
        Population = self.env["grading.population"]
        Population._tidy(rules.subject, Population._scope(rules.subject, records))

    def _finish_full(self):
        """What a run over all does once, at its end."""
        self.env["grading.forecast"]._forget_archived()

    # ------------------------------------------------------------
    # The judge
    # ------------------------------------------------------------

    def _judge(self, rules, records, pace):
        """Measure and score; the grades are :meth:`grading.worktable._graded_select` of what is scored.

        Written is nothing but staging tables, and in a full run what customers are compared with: cut points, and once
        a week the purchase model. With a yardstick in the context that is kept in memory
        (:class:`~..base.context.Yardstick`), and the database is only read.

        :param records: the customers or leads in question, ``None`` for all
        """
        scope, count = pace.do(lambda: self._begin(rules, records))
        size = self._share_size()
        if count > size:
            for first in range(1, count + 1, size):
                pace.do(lambda first=first: self._count_share(rules, scope, first, first + size - 1))
            pace.do(lambda: self._measure(rules, None))
        pace.do(lambda: self._score(rules))

    def _begin(self, rules, records):
        """Find out who is in question, and measure them unless they are too many for one statement.

        :return: the contacts or leads that count, and how many customers or leads it is
        :rtype: tuple[odoo.tools.SQL, int]
        """
        Population, Staging = self.env["grading.population"], self.env["grading.worktable"]
        scope = Population._scope(rules.subject, records)
        if rules.subject == "customer":
            scope = Staging._fixed_scope(scope)
        population = Population._select(rules.subject, scope, rules.broken, None if rules.former else rules.as_of)
        with Staging._planner_for(rules):
            count = Staging._create_population(population)
        if count <= self._share_size():
            self._measure(rules, scope)
        return scope, count

    def _share_size(self):
        """Customers or leads measured by one statement: more of them are measured in shares."""
        return SHARE_SIZE

    def _count_share(self, rules, scope, first, last):
        Staging = self.env["grading.worktable"]
        with Staging._planner_for(rules):
            Staging._count_share(rules, scope, first, last)

    def _measure(self, rules, scope):
        env = self._env_of_ranks()
        Staging = env["grading.worktable"]
        with Staging._planner_for(rules):
            Staging._create_measured(rules, scope)
            rules.cut_points |= env["grading.ruler"]._of_criteria(rules.schemes, MEASURED if rules.fix else None)

    def _score(self, rules):
        Staging = self.env["grading.worktable"]
        with Staging._planner_for(rules):
            Staging._create_scored(rules)
            Ruler = self._env_of_ranks()["grading.ruler"]
            rules.cut_points |= Ruler._of_schemes(rules.schemes, SCORED if rules.fix else None)
        self.profile_count += Staging._count(MEASURED)

    def _env_of_ranks(self):
        """The environment in which cut points are measured: by whom, and whether those that are there may be kept.

        :rtype: odoo.api.Environment
        """
        return self.with_context(grading_ranking=Ranking(self.id, self.keep_cut_points)).env

    def _cut_points_missing(self, schemes, compared):
        """Whether an incremental run has nothing to compare with: no cut points of one of the ``schemes``, or of one of
        the sources ``compared``."""
        measures = self.env["grading.measure"]
        return self.env["grading.ruler"]._is_missing(schemes) or measures._is_compared_missing(compared)

    # ------------------------------------------------------------
    # The profile sink
    # ------------------------------------------------------------

    def _run_steps(self, rules, pace, still_to_come=0):
        """Write what the judge has found, step by step.

        :param int still_to_come: what is to be done after these steps, so that the job is not taken for done
        """
        Staging = self.env["grading.worktable"]
        for step in self._steps():
            create, write = getattr(Staging, step.create), getattr(Staging, step.write)
            total = pace.do(lambda create=create: Staging._planned(rules, create))
            self._write_rows(lambda first, last, write=write: write(rules, first, last), total, pace, still_to_come)

    def _steps(self):
        """The steps of the profile sink, in order; extended by whatever adds one."""
        return STEPS

    def _write_rows(self, write, total, pace, still_to_come):
        """Write the rows 1 to ``total`` of a step in batches: of half the size after each one that has collided with
        the save of a user, down to a single row, and of twice the size after each one that has not.

        :param write: a function of the first and the last row of a batch, see :class:`Step`
        :raise TimeUpError: there is no time for the next batch
        """
        first, limit = 1, self._batch_size()
        size = limit
        while first <= total:
            last = min(first + size - 1, total)
            rows, left = last - first + 1, total - last + still_to_come
            has_time = pace.do_batch(lambda first=first, last=last: self._write_batch(write, first, last), rows, left)
            if has_time is None:
                size = max(1, rows // 2)
                continue
            if not has_time and last < total:
                raise TimeUpError
            first, size = last + 1, min(limit, 2 * size)

    def _batch_size(self):
        """Rows of a batch: users who save one of them wait until it is written."""
        return BATCH_SIZE

    def _write_batch(self, write, first, last):
        self.start_count = 0
        for name, count in write(first, last).items():
            self[name] += count

    # ------------------------------------------------------------
    # Rules
    # ------------------------------------------------------------

    def _collect_lead_rules(self):
        """The rules for leads. The cadences are the same for both: what is wrong with them is said here.

        :rtype: Rules
        """
        rules = self._collect_rules("lead")
        rules.cadences = self._usable(self.env["grading.cadence"]._in_force(), "_recheck_domain", rules.problems)
        rules.sources = {
            measure["lead_source"] for measure in self.env["grading.measure"]._measures_of_leads().values()
        }
        return rules

    def _collect_customer_rules(self, lead_rules):
        """The rules for customers, and which sources these need.

        :rtype: Rules
        """
        rules = self._collect_rules("customer")
        rules.prospect_schemes = lead_rules.schemes.with_context(grading_through_lead=ByServer.YES)
        rules.broken += lead_rules.broken
        rules.cadences = lead_rules.cadences
        rules.lifecycles = self._collect_stages(rules.problems)
        measures = {name for name, measure in self.env["grading.measure"]._catalog().items() if "always" in measure}
        for reading in (rules.tag_rules, rules.cadences):
            measures |= reading._profile_measures() if reading else set()
        self._ask_for(rules, measures)
        return rules

    def _collect_stages(self, problems):
        """All stages of the life cycle, ``None`` where one of them cannot be used: precedence is unknown without it."""
        stages = self.env["grading.lifecycle"].search([("active", "=", True)])
        return stages if self._usable(stages, "_recheck_domain", problems) == stages else None

    def _ask_for(self, rules, measures):
        """Note which sources are needed for customers: of what judging reads, and of the ``measures`` beside."""
        Measure = self.env["grading.measure"]
        measures = measures | (rules.schemes + rules.prospect_schemes)._measures_read()
        measures |= rules.lifecycles._profile_measures() if rules.lifecycles else set()
        if rules.prospect_schemes:
            measures |= {"order_count", "best_lead_id"}
        rules.sources, rules.compared = Measure._sources_of(measures), Measure._compared_of(measures)

    def _collect_rules(self, subject):
        """The schemes and tag rules for one subject; a rule that has gone bad is set aside and named.

        With a tag rule that has gone bad, the others of its group are set aside, too: precedence within the group is
        unknown without it.
        """
        rules = self._collect_schemes(subject)
        all_tag_rules = self.env["grading.tag.rule"]._in_force(subject)
        tag_rules = self._usable(all_tag_rules, "_recheck_domain", rules.problems)
        rules.tag_rules = tag_rules - (all_tag_rules - tag_rules).group_id.rule_ids
        return rules

    def _collect_schemes(self, subject):
        """The schemes for one subject, as far as they can be used, and nothing beside."""
        problems = []
        all_schemes = self._schemes_in_force(subject)
        schemes = self._usable(all_schemes, "_check_usable", problems)
        return Rules(
            subject=subject,
            run=self,
            as_of=self.as_of,
            schemes=schemes,
            prospect_schemes=schemes.browse(),
            broken=all_schemes - schemes,
            problems=problems,
        )

    def _schemes_in_force(self, subject):
        """The schemes by which the run judges: those in use in its company; with a draft or an archived scheme to try
        (:attr:`trial_scheme_id`) that one in the place of the scheme that it is a draft of, or else by its sequence.
        """
        schemes = self.env["grading.scheme"].search(
            [("subject", "=", subject), ("company_id", "in", (False, self.company_id.id))]
        )
        trial = self.trial_scheme_id
        if not trial or trial.subject != subject or trial in schemes:
            return schemes
        if trial.draft_of_id in schemes:
            return schemes.browse(trial.id if scheme == trial.draft_of_id else scheme.id for scheme in schemes)
        return (schemes + trial).sorted(lambda scheme: (scheme.sequence, scheme.id))

    def _usable(self, rules, check, problems):
        """Those of the ``rules`` that pass their check; of the others ``problems`` gets what is wrong."""
        usable = rules.browse()
        for rule in rules:
            try:
                getattr(rule, check)()
                usable += rule
            except ValidationError as error:
                _logger.warning("Grading run %s sets a rule aside", self.id, exc_info=True)
                problems.append(str(error))
        return usable

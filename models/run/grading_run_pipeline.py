import logging
import time
from typing import NamedTuple

from odoo import models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .grading_run import COLLISIONS
from .grading_staging import MEASURED, SCORED

_logger = logging.getLogger(__name__)
# Profiles written by one statement, and in a scheduled action between two commits: about a second of work.
BATCH_SIZE = 10000
# How often a batch that collides with somebody's save is tried again before the run gives up.
TRIES = 5


class Rules(NamedTuple):
    """What a run goes by for leads or for customers, and what to say of the rules that can not be used."""

    subject: str  # "customer" or "lead"
    schemes: models.BaseModel
    prospect_schemes: models.BaseModel  # schemes for leads, by which customers without an order are graded
    lifecycles: models.BaseModel | None  # none: leave the stages as they are
    tag_rules: models.BaseModel
    cadences: models.BaseModel
    broken: models.BaseModel  # schemes whose customers or leads are left as they are
    sources: set
    compared: set
    problems: list


class GradingRun(models.Model):
    """The rules of a run: the active ones of its company; a rule that has gone bad is set aside and named."""

    _inherit = "grading.run"

    def _collect_rules(self, subject, lead_rules=None):
        """The rules for one subject.

        :param lead_rules: the rules for leads, when those for customers are asked for
        :rtype: Rules
        """
        problems = []
        schemes = self.env["grading.scheme"].search(
            [("subject", "=", subject), ("company_id", "in", (False, self.company_id.id))]
        )
        broken = schemes.filtered(lambda scheme: self._is_broken(scheme._check_usable, problems))
        schemes -= broken
        if subject == "lead":
            sources = {measure["lead_source"] for measure in self.env["grading.measure"]._measures_of_leads().values()}
            tag_rules = self._collect_tag_rules(subject, problems)
            cadences = self._collect_cadences(problems)
            none = schemes.browse()
            return Rules(subject, schemes, none, None, tag_rules, cadences, broken, sources, set(), problems)
        prospect_schemes = lead_rules.schemes.with_context(grading_through_lead=True)
        lifecycles = self._collect_lifecycles(problems)
        tag_rules = self._collect_tag_rules(subject, problems)
        cadences = lead_rules.cadences  # the same for both, and what is wrong with them is said already
        measures = (schemes + prospect_schemes)._measures_read()
        measures |= {name for name, measure in self.env["grading.measure"]._measures().items() if "always" in measure}
        if lifecycles:
            measures |= lifecycles._profile_measures()
        measures |= tag_rules._profile_measures() | cadences._profile_measures()
        if prospect_schemes:
            measures |= {"order_count", "best_lead_id"}
        Measure = self.env["grading.measure"]
        sources, compared = Measure._sources_of(measures), Measure._compared_of(measures)
        broken += lead_rules.broken
        return Rules(
            subject, schemes, prospect_schemes, lifecycles, tag_rules, cadences, broken, sources, compared, problems
        )

    def _collect_lifecycles(self, problems):
        lifecycles = self.env["grading.lifecycle"].search([("active", "=", True)])
        if lifecycles.filtered(lambda stage: self._is_broken(stage._check_domain, problems)):
            return None
        return lifecycles

    def _collect_tag_rules(self, subject, problems):
        """The rules that give tags to ``subject``; with one that has gone bad, the others of its group are set aside,
        too, since who would have come before them is not known."""
        rules = self.env["grading.tag.rule"]._in_force(subject)
        broken = rules.filtered(lambda rule: self._is_broken(rule._check_domain, problems))
        return rules - broken - broken.group_id.rule_ids

    def _is_broken(self, check, problems):
        try:
            check()
        except ValidationError as error:
            _logger.warning("Grading run %s sets a rule aside", self.id, exc_info=True)
            problems.append(str(error))
            return True
        return False

    # ------------------------------------------------------------
    # Pipeline
    # ------------------------------------------------------------

    # The pipeline: leads first, so that a customer without an order can be graded through the best of his.

    def _work(self, partners, leads, next_batch):
        """The steps, in their order."""
        self.env.flush_all()
        lead_rules = self._collect_rules("lead")
        rules = self._collect_rules("customer", lead_rules)
        everybody = partners is None and leads is None
        missing = self._rulers_missing(rules.schemes + lead_rules.schemes, rules.compared)
        if not everybody and missing:
            everybody, self.scope = True, "full"
        # A run that goes on keeps the rulers that it began with, unless a rule has changed since. Who is judged is
        # counted once those of the customers are fixed too: a run killed among the leads begins anew.
        fix = everybody and (not self.profile_count or missing)
        partners, leads = (None, None) if everybody else self._belonging_together(partners, leads)
        self.message = False
        self.profile_count = 0
        rulers, count = self._judge_leads(lead_rules, leads, fix, lambda done, left: next_batch(done, left + 1))
        if rulers is None or not self._judge_customers(rules, partners, rulers, fix, count, next_batch):
            return
        if everybody:
            self._again_after_collision(self._start_waiting_automations)
        self.message = "\n".join(filter(None, [*lead_rules.problems, *rules.problems, self.message])) or False
        self.state = "failed" if lead_rules.problems or rules.problems else "done"
        self.env["grading.worktable"]._drop()

    def _belonging_together(self, partners, leads):
        """The customers of the leads beside the customers, and all their leads beside the leads."""
        Lead = self.env["crm.lead"].sudo().with_context(active_test=False)
        leads = Lead.browse(leads.ids if leads else []).exists()
        partners = self.env["res.partner"].sudo().browse(partners.ids if partners else []).exists() | leads.partner_id
        customers = partners.commercial_partner_id
        return customers, leads | Lead.search([("partner_id.commercial_partner_id", "in", customers.ids)])

    def _judge_leads(self, rules, leads, fix, next_batch):
        """Judge the leads.

        :return: the rulers of their schemes, ``None`` when the time was up; and how many leads there are
        """
        Population = self.env["grading.population"]
        scope = Population._leads(leads)
        Population._tidy_leads(scope)
        rulers = self._measure_and_score(rules, Population._select_leads(scope, rules.broken), scope, {}, fix)
        count = self.env["grading.worktable"]._count(MEASURED)
        done = self._grade_and_write(rules, rulers, next_batch) and self._follow_up(rules, next_batch)
        return (rulers if done else None), count

    def _judge_customers(self, rules, partners, rulers, fix, leads_count, next_batch):
        """Judge the customers; whether the time was enough."""
        Population = self.env["grading.population"]
        contacts = Population._contacts(partners)
        Population._tidy(contacts)
        rulers = self._measure_and_score(rules, Population._select(contacts, rules.broken), contacts, rulers, fix)
        self.profile_count = leads_count + self.env["grading.worktable"]._count(MEASURED)
        self.message = "\n".join(self.env["grading.worktable"]._left_out())
        return self._grade_and_write(rules, rulers, next_batch) and self._follow_up(rules, next_batch)

    def _measure_and_score(self, rules, population, scope, rulers, fix):
        """Steps 1 and 2.

        :return: ``rulers`` and those of the rules' own ranks
        """
        Work = self.env["grading.worktable"]
        # For this transaction: a commit between leads and customers ends it. Compiling these statements takes longer
        # than it saves; and over everybody the planner, who guesses that few contacts are their own customer, must not
        # go one by one.
        self.env.execute_query(SQL("SET LOCAL jit = off"))
        self.env.execute_query(SQL("SET LOCAL enable_nestloop = %s", "off" if self.scope == "full" else "on"))
        Work._create_measured(rules, population, scope, self.as_of, fix)
        rulers = rulers | self._rulers(rules, fix)
        Work._create_scored([*rules.schemes, *rules.prospect_schemes], rulers, self.as_of)
        return rulers | self._scheme_rulers(rules, fix)

    def _grade_and_write(self, rules, rulers, next_batch):
        """Steps 3 to 5: write what has changed; whether all of it was written before the time was up."""
        Work = self.env["grading.worktable"]
        total = Work._create_graded(rules, rulers, self.as_of)
        next_batch(0, total)
        for first in range(1, total + 1, BATCH_SIZE):
            last = min(first + BATCH_SIZE - 1, total)
            written = self._again_after_collision(lambda a=first, b=last: self._write_rows(rules, a, b))
            self.changed_count += written
            if written < last - first + 1:
                Work._requeue(rules.subject, first, last)
            more = next_batch(last - first + 1, total - last)
            if not more and last < total:
                return False
        return True

    def _follow_up(self, rules, next_batch):
        """Steps 6 and 7: tags and next contacts; whether the time was enough."""
        return self._tag(rules, next_batch) and self._care(rules, next_batch)

    def _tag(self, rules, next_batch):
        """Step 6: give the tags that are due, and take back the others that rules gave; whether the time was enough."""
        Work, subject = self.env["grading.worktable"], rules.subject
        if not rules.tag_rules and not Work._is_any_tag_given(subject):
            return True
        total = self._again_after_collision(lambda: Work._create_tag_changes(subject, rules.tag_rules, self.as_of))
        next_batch(0, total)
        for first in range(1, total + 1, BATCH_SIZE):
            last = min(first + BATCH_SIZE - 1, total)
            given, taken = self._again_after_collision(lambda a=first, b=last: Work._write_tag_batch(subject, a, b))
            self.tag_count += given + taken
            if not next_batch(last - first + 1, total - last) and last < total:
                return False
        return True

    def _write_rows(self, rules, first, last):
        """Write the rows ``first`` to ``last`` of *graded* and start what follows from them; how many were written."""
        written = self.env["grading.worktable"]._write_batch(rules.subject, first, last, self.as_of)
        self._start_automations(rules, first, last)
        return written

    def _again_after_collision(self, write):
        if not self.env.context.get("ir_cron_progress_id"):
            return write()
        for attempt in range(TRIES - 1):
            try:
                return write()
            except COLLISIONS:
                self.env.cr.rollback()
                time.sleep(0.1 * 2**attempt)
        return write()

    # ------------------------------------------------------------
    # Rulers
    # ------------------------------------------------------------

    def _ranked(self, schemes):
        return schemes.criterion_ids.filtered(lambda criterion: criterion.kind == "rank")

    def _rulers_missing(self, schemes, compared):
        """Whether a rank has never been measured, or what one of the sources ``compared`` compares with: then an
        incremental run has nothing to judge by."""
        Ruler = self.env["grading.ruler"]
        ranked = self._ranked(schemes)
        by_percent = schemes.filtered(lambda scheme: scheme.threshold_mode == "rank")
        return (
            len(Ruler._get(ranked)) < len(ranked)
            or len(Ruler._get(by_percent)) < len(by_percent)
            or self.env["grading.measure"]._is_compared_missing(compared)
        )

    def _rulers(self, rules, fix):
        Ruler = self.env["grading.ruler"]
        ranked = self._ranked(rules.schemes)
        if not fix:
            return Ruler._get(ranked)
        return {criterion: Ruler._fix_criterion(criterion, MEASURED) for criterion in ranked}

    def _scheme_rulers(self, rules, fix):
        Ruler = self.env["grading.ruler"]
        by_percent = rules.schemes.filtered(lambda scheme: scheme.threshold_mode == "rank")
        if not fix:
            return Ruler._get(by_percent)
        return {scheme: Ruler._fix_scheme(scheme, SCORED) for scheme in by_percent}

    # ------------------------------------------------------------
    # 7 next contacts
    # ------------------------------------------------------------

    # Step 7 of the pipeline: the next contacts of the customers and leads that were judged.

    def _care(self, rules, next_batch):
        """Set the next dates; whether the time was enough."""
        Care = self.env["grading.care"]
        if self.scope == "full":
            Care._forget_archived(rules.subject)
        if not rules.cadences and not Care.search_count([("company_id", "=", self.company_id.id)], limit=1):
            return True
        Work = self.env["grading.worktable"]
        total = self._again_after_collision(lambda: Work._create_care(rules, self.as_of))
        next_batch(0, total)
        self.env.execute_query(SQL("SET LOCAL enable_nestloop = on"))
        for first in range(1, total + 1, BATCH_SIZE):
            last = min(first + BATCH_SIZE - 1, total)
            self._again_after_collision(lambda a=first, b=last: Work._write_care_batch(a, b, self.as_of))
            if not next_batch(last - first + 1, total - last) and last < total:
                return False
        return True

    def _collect_cadences(self, problems):
        """The cadences that can be used; what one that has gone bad had planned stays as it is."""
        cadences = self.env["grading.cadence"]._in_force()
        return cadences.filtered(lambda cadence: not self._is_broken(cadence._check_domain, problems))

import logging
from typing import NamedTuple

from odoo import models
from odoo.exceptions import ValidationError

_logger = logging.getLogger(__name__)


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

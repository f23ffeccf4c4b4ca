import logging
from collections.abc import Iterable
from contextlib import suppress

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..base.grading_domain_mixin import BAD_DOMAIN_ERRORS, FILTER_LANG

# Models of tags, and the field of a tag rule that holds one.
TAG_FIELDS = {"res.partner.category": "category_id", "crm.tag": "lead_tag_id"}
# Which rule gave which tag: the record of what runs did, which changes with every run.
PROVENANCE = ("grading.tag.origin", "grading.tag.rule")
# A change of any of these fields decides which filters are in use, or which tags they ask for.
DECISIVE = ("domain", "active", "kind", "category_id", "lead_tag_id")
_logger = logging.getLogger(__name__)


class GradingDomainMixin(models.AbstractModel):
    """No dependency cycles: a filter that decides a grade, a stage or a tag cannot ask for a tag that a rule gives.

    Rules ask for scores and stages, so these and the tags would toggle from one run to the next. It is checked when a
    filter or a rule is saved, for what is saved alone: a filter that has asked for such a tag since before a version
    that forbids it goes on working until it is edited.
    """

    _inherit = "grading.domain.mixin"

    def _allowed(self, model, domain):
        """No filter at all may ask which rule gave a tag."""
        for comodel, condition in _relations(model, domain):
            if comodel in PROVENANCE:
                name = condition.field_expr
                raise ValueError(self.env._("“%s” is internal tag provenance and cannot be used in a filter", name))
        return super()._allowed(model, domain)

    @api.constrains(lambda self: [name for name in DECISIVE if name in self._fields])
    def _check_no_cycle(self):
        saved = set(self)
        rules = self.env["grading.tag.rule"].sudo().search([("active", "=", True)])
        saved_rules = rules.filtered(lambda rule: rule in saved)
        for asker in self._filters_in_use():
            is_saved = not saved.isdisjoint(asker._part_of())
            for giver in asker._givers_asked(rules if is_saved else saved_rules):
                message = asker._cycle_message(giver)
                if giver not in saved or not self.env.context.get("install_mode"):
                    raise ValidationError(message)
                # An update must not fail for what a filter asks for: the shipped rule waits, archived, for a decision.
                _logger.warning("The tag rule %s is archived. %s", giver.name, message)
                giver.active = False

    @api.model
    def _filters_in_use(self):
        """The filters of all companies that decide a grade, a stage or a tag."""
        for model, domain in (
            ("grading.scheme", [("active", "=", True)]),
            ("grading.criterion", [("kind", "=", "domain"), ("scheme_id.active", "=", True)]),
            (
                "grading.criterion.case",
                [("criterion_id.kind", "=", "case"), ("criterion_id.scheme_id.active", "=", True)],
            ),
            ("grading.lifecycle", [("active", "=", True)]),
            ("grading.tag.rule", [("active", "=", True)]),
        ):
            yield from self.env[model].sudo().search(domain)

    def _givers_asked(self, rules):
        """Those of ``rules`` that give a tag that the filter asks for; to ask for its absence is to ask for it.

        A filter gone bad asks for none: runs set it aside.

        :param grading.tag.rule rules: active tag rules
        :rtype: grading.tag.rule
        """
        givers = rules.browse()
        Profile = self.env["grading.profile"].sudo().with_context(active_test=False, lang=FILTER_LANG)
        with suppress(*BAD_DOMAIN_ERRORS):
            # Fully optimized, a condition on a tag is a set of ids or a domain on the tags, whatever it looked like.
            conditions = _relations(Profile, self._parse_domain().optimize_full(Profile)) if rules else ()
            for comodel, condition in conditions:
                if name := TAG_FIELDS.get(comodel):
                    tags = rules[name].with_context(active_test=False, lang=FILTER_LANG)
                    tags = tags.search(_tags_asked(condition) & Domain("id", "in", tags.ids))
                    givers |= rules.filtered_domain([(name, "in", tags.ids)])
        return givers

    def _cycle_message(self, giver):
        return self.env._(
            "The filter of %(asker)s asks for the tag “%(tag)s”, which is given by %(giver)s, so the tag or the grade "
            "would toggle on every run. Filter on the condition behind the tag instead, or archive one of the two.",
            asker=self._called(),
            tag=giver._tag().display_name,
            giver=giver._called(),
        )

    def _is_elsewhere(self):
        """Whether the rule belongs to a company that the user is not working in."""
        return "company_id" in self._fields and bool(self.company_id - self.env.companies)

    def _part_of(self):
        """The rule itself, and what is saved together with it."""
        return [self]

    def _called(self):
        """The name of the rule, quoted; of another company's the user learns only that there is one."""
        return self.env._("a rule of another company") if self._is_elsewhere() else f"“{self.display_name}”"


class GradingCriterion(models.Model):
    _inherit = "grading.criterion"

    def _part_of(self):
        return [*super()._part_of(), self.scheme_id]

    def _called(self):
        scheme = self.scheme_id._called()
        if self.scheme_id._is_elsewhere():
            return scheme
        return self.env._("“%(criterion)s” of %(scheme)s", criterion=self.name, scheme=scheme)


class GradingCriterionCase(models.Model):
    _inherit = "grading.criterion.case"

    def _part_of(self):
        return [*super()._part_of(), *self.criterion_id._part_of()]

    def _called(self):
        return self.criterion_id._called()


def _relations(model, domain):
    """The conditions of an optimized ``domain`` on ``model`` that reach other models, those inside of them included.

    ``[("partner_id.category_id", "=", 3)]`` gives ``("res.partner", partner_id any …)`` and
    ``("res.partner.category", category_id in {3})``.
    """
    for condition in domain.iter_conditions():
        comodel = model._fields[condition.field_expr.partition(".")[0]].comodel_name
        if comodel and comodel != model._name:  # a tag above another one is asked for as a property of that one
            yield comodel, condition
        if isinstance(condition.value, Domain):
            yield from _relations(model.env[comodel], condition.value)


def _tags_asked(condition):
    """The tags that a condition on a field of tags asks for; to ask whether there is any tag is to ask for all."""
    if isinstance(condition.value, Domain):
        return condition.value
    if isinstance(condition.value, Iterable) and False in condition.value:
        return Domain.TRUE
    return Domain("id", "in", condition.value)

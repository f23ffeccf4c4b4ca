import logging
from contextlib import suppress

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..base.grading_domain_mixin import BAD_DOMAIN_ERRORS

TAG_MODELS = ("res.partner.category", "crm.tag")
# What rules did, which changes with every run.
TAG_NOTES = ("grading.tag.origin", "grading.tag.rule")
# Who asks for those without a tag asks for the tag all the same.
POSITIVE = {
    "!=": "=",
    "<>": "=",
    "not in": "in",
    "not like": "like",
    "not ilike": "ilike",
    "not =like": "=like",
    "not =ilike": "=ilike",
    "not any": "any",
}
_logger = logging.getLogger(__name__)
# Whatever of these a filter has decides whom it judges, or whether it judges at all.
DECISIVE = ("domain", "active", "kind", "subject", "category_id", "lead_tag_id")


class GradingDomainMixin(models.AbstractModel):
    """What a filter asks of tags."""

    _inherit = "grading.domain.mixin"

    def _domain_to_sql(self, query, as_of):
        """No filter may ask which rule gave what.

        :raise ValueError: when it does
        """
        for path in _model_paths(self.env["grading.profile"], self._parse_domain()):
            if any(comodel in TAG_NOTES for _name, comodel in path):
                name = ".".join(name for name, _comodel in path)
                raise ValueError(self.env._("“%s” tells which rule gave a tag, which no rule may ask for", name))
        return super()._domain_to_sql(query, as_of)

    def _tags_asked(self, given):
        """Those of some tags that the filter asks for; of a filter gone bad none, since it judges nobody.

        :param dict given: by their model, the ids of the tags in question
        :rtype: list
        """
        asked = []
        with suppress(*BAD_DOMAIN_ERRORS):
            for model, condition in _tag_conditions(self.env["grading.profile"], self._parse_domain()):
                tags = self.env[model].sudo().with_context(active_test=False)
                asked += tags.search(condition & Domain("id", "in", list(given.get(model, ()))))
        return asked

    def _asks_for_grading(self):
        """Whether the filter reaches how the contact or lead, or one that it names, is graded."""
        with suppress(*BAD_DOMAIN_ERRORS):
            paths = _model_paths(self.env["grading.profile"], self._parse_domain())
            return any(
                name.startswith("grading_") or comodel == "grading.profile" for path in paths for name, comodel in path
            )
        return False

    # ------------------------------------------------------------
    # Cycles
    # ------------------------------------------------------------

    # Whatever judges must not ask for tags that rules give: rules ask for scores and stages, and all of it would go
    # to and fro from one run to the next.
    #
    # Leads are judged before customers, so that what judges customers may ask for the tags that rules give to leads, as
    # long as nothing that judges leads asks how their customers are graded.

    @api.constrains(lambda self: [name for name in DECISIVE if name in self._fields])
    def _check_no_loop(self):
        rules = self.env["grading.tag.rule"].sudo().search([("active", "=", True)])
        if not rules:
            return
        saved = set(self._filters_in_use())
        for asker, tag, giver, reader in rules._loops():
            if not saved & {asker, giver, reader}:
                continue
            message = asker._loop_message(tag, giver, reader)
            if giver not in saved or not self.env.context.get("install_mode"):
                raise ValidationError(message)
            # An update must not fail for what somebody asks for: the shipped rule waits until he decides.
            _logger.warning("The tag rule %s is archived. %s", giver.name, message)
            giver.active = False

    def _filters_in_use(self):
        """Those of these filters by which runs judge, and those that go with them.

        :rtype: list
        """
        return list(self.filtered("active"))

    def _judges_leads(self):
        return False

    def _is_elsewhere(self):
        """Whether the rule belongs to a company that the user is not working in."""
        return "company_id" in self._fields and bool(self.company_id - self.env.companies)

    def _called(self):
        """The name of the rule, quoted; of another company's the user learns only that there is one."""
        return self.env._("a rule of another company") if self._is_elsewhere() else f"“{self.display_name}”"

    def _loop_message(self, tag, giver, reader):
        names = {"asker": self._called(), "tag": tag.display_name, "giver": giver._called()}
        if giver == self:
            return self.env._(
                "The rule %(asker)s asks for the tag “%(tag)s”, which it gives itself: "
                "it would give and take it back by turns. Ask for what makes a customer deserve the tag instead.",
                **names,
            )
        if reader:
            return self.env._(
                "The filter of %(asker)s asks for the tag “%(tag)s”, which leads get by %(giver)s, and the filter of "
                "%(reader)s asks how the customers of leads are graded: they would turn each other over in each run. "
                "Let %(reader)s ask for the lead alone, or let %(asker)s ask for what %(giver)s asks for.",
                **names,
                reader=reader._called(),
            )
        return self.env._(
            "The filter of %(asker)s asks for the tag “%(tag)s”, which is given by %(giver)s: "
            "scores, stages and tags would turn each other over in each run. "
            "Ask for what %(giver)s asks for instead of the tag, or archive one of the two.",
            **names,
        )


def _model_paths(model, domain, path=()):
    """The paths of the fields that ``domain`` asks for, each ``((name, comodel or None), …)``."""
    for condition in domain.iter_conditions():
        comodel, steps = model, list(path)
        for name in condition.field_expr.split("."):
            field = comodel._fields.get(name) if comodel is not None else None
            comodel = model.env[field.comodel_name] if field and field.relational else None
            steps.append((name, field.comodel_name if comodel is not None else None))
        value = condition.value
        if comodel is not None and POSITIVE.get(condition.operator, condition.operator) == "any":
            yield from _model_paths(comodel, Domain(value), steps)
        yield steps


def _tag_conditions(model, domain):
    """What ``domain``, on ``model``, asks of tags: ``[(tag model, domain on it)]``, each as if it wanted them."""
    for condition in domain.iter_conditions():
        comodel, path = model, condition.field_expr.split(".")
        while path and comodel._name not in TAG_MODELS and (field := comodel._fields.get(path[0])) and field.relational:
            comodel, path = model.env[field.comodel_name], path[1:]
        operator = POSITIVE.get(condition.operator, condition.operator)
        value = condition.value
        if comodel._name in TAG_MODELS:
            yield comodel._name, _wanted(".".join(path), operator, value)
        elif operator == "any" and not path:
            yield from _tag_conditions(comodel, Domain(value))


def _wanted(path, operator, value):
    """The tags that a condition asks for; to ask whether there is any tag is to ask for all."""
    if operator == "any" and not path:
        return Domain(value)
    if not path and (value is False or isinstance(value, (list, tuple, set)) and False in value):
        return Domain.TRUE
    values = value if isinstance(value, (list, tuple, set)) else [value]
    by_name = operator not in ("child_of", "parent_of") and any(isinstance(text, str) for text in values)
    return Domain(path or ("display_name" if by_name else "id"), operator, value)


class GradingScheme(models.Model):
    _inherit = "grading.scheme"

    def _filters_in_use(self):
        schemes = super()._filters_in_use()
        return schemes + self.browse(scheme.id for scheme in schemes).criterion_ids._filters_in_use()

    def _judges_leads(self):
        return self.subject == "lead"


class GradingCriterion(models.Model):
    _inherit = "grading.criterion"

    def _filters_in_use(self):
        return list(self.filtered(lambda criterion: criterion.kind == "domain" and criterion.scheme_id.active))

    def _judges_leads(self):
        return self.scheme_id._judges_leads()

    def _called(self):
        scheme = self.scheme_id._called()
        if self.scheme_id._is_elsewhere():
            return scheme
        return self.env._("“%(criterion)s” of %(scheme)s", criterion=self.name, scheme=scheme)


class GradingTagRule(models.Model):
    _inherit = "grading.tag.rule"

    def _judges_leads(self):
        return self.subject == "lead"

    def _loops(self):
        """Where filters in use ask for tags that these rules give.

        :return: of each filter tuples of itself, the tag, the rule that gives it (its own last) and, where the loop
            goes through leads, the filter that closes it
        """
        given = {}
        for rule in self:
            given.setdefault(rule._tag()._name, {}).setdefault(rule._tag().id, []).append(rule)
        filters = [
            asker
            for model in ("grading.scheme", "grading.lifecycle", "grading.tag.rule")
            for asker in self.env[model].sudo().search([("active", "=", True)])._filters_in_use()
        ]
        readers = [reader for reader in filters if reader._judges_leads() and reader._asks_for_grading()]
        for asker in filters:
            gifts = [(tag, giver) for tag in asker._tags_asked(given) for giver in given[tag._name][tag.id]]
            for tag, giver in sorted(gifts, key=lambda gift: gift[1] == asker):
                through_leads = tag._name == "crm.tag" and not asker._judges_leads()
                for reader in readers if through_leads else [None]:
                    yield asker, tag, giver, reader

from contextlib import suppress

from odoo import models
from odoo.fields import Domain

from .grading_domain_mixin import BAD_DOMAIN_ERRORS

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

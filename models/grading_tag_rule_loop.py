from contextlib import suppress

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .grading_domain_mixin import BAD_DOMAIN_ERRORS

TAG_MODELS = ("res.partner.category", "crm.tag")
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


class GradingTagRule(models.Model):
    """Rules must not ask for what rules give: the tags would go to and fro from one run to the next."""

    _inherit = "grading.tag.rule"

    @api.constrains("domain", "category_id", "lead_tag_id", "active")
    def _check_no_loop(self):
        rules = self.sudo().search([("active", "=", True)])
        for rule in rules:
            for tag in rule._dynamic_tags_asked(rules):
                givers = rules.filtered(lambda other, tag=tag: other._tag() == tag)
                if rule in self or givers & self:
                    raise ValidationError(rule._loop_message(tag, (givers - rule)[:1]))

    def _loop_message(self, tag, giver):
        if not giver:
            return self.env._(
                "The rule “%(rule)s” asks for the tag “%(tag)s”, which it gives itself: "
                "it would give and take it back by turns. Ask for what makes a customer deserve the tag instead.",
                rule=self.name,
                tag=tag.display_name,
            )
        return self.env._(
            "The rule “%(rule)s” asks for the tag “%(tag)s”, which the rule “%(giver)s” gives: "
            "they would give and take back their tags by turns. "
            "Ask for what “%(giver)s” asks for instead of its tag.",
            rule=self.name,
            tag=tag.display_name,
            giver=giver.name,
        )

    def _dynamic_tags_asked(self, rules):
        """The tags that this rule's filter asks for and ``rules`` give.

        :rtype: list
        """
        self.ensure_one()
        asked = []
        with suppress(*BAD_DOMAIN_ERRORS):
            for model, condition in _tag_conditions(self.env["grading.profile"], self._parse_domain()):
                given = [rule._tag().id for rule in rules if rule._tag()._name == model]
                tags = self.env[model].sudo().with_context(active_test=False)
                asked += tags.search(condition & Domain("id", "in", given))
        return sorted(asked, key=lambda tag: tag == self._tag())


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

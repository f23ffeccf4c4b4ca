"""The names of records in filters: ids mean something else in another database, and a name may be unknown there."""

from odoo.fields import Domain

from ..base.grading_domain_mixin import FILTER_LANG

SUBFILTERS = ("any", "not any")
EXACT = ("=", "!=", "in", "not in")
BELOW = ("child_of", "parent_of")
# Names of what is graded, and of its documents, are data: that there is none is no slip.
DATA = ("grading.profile", "res.partner", "crm.lead", "sale.order", "sale.order.line")


def named(model, domain):
    """The ``domain`` on ``model`` with names in the place of ids: ``[("partner_id.category_id", "in", [7])]`` becomes
    ``[("partner_id.category_id", "in", ["Fair"])]``."""
    return domain.map_conditions(lambda condition: _named(model, condition))


def _named(model, condition):
    _holder, _name, comodel = _at(model, condition.field_expr)
    value = condition.value
    if comodel is None:
        return condition
    if condition.operator in SUBFILTERS:
        return Domain(condition.field_expr, condition.operator, list(named(comodel, Domain(value))))
    if type(value) is int:
        name = comodel.browse(value).exists().display_name
        return Domain(condition.field_expr, condition.operator, name) if name else condition
    if isinstance(value, str) or not hasattr(value, "__iter__") or isinstance(value, Domain):
        return condition
    names = [comodel.browse(item).exists().display_name if type(item) is int else item for item in value]
    return Domain(condition.field_expr, condition.operator, [item for item in names if item is not False])


def names_asked(model, domain):
    """The names that a ``domain`` on ``model`` asks for as they are, or from parent to child.

    ``[("partner_id.category_id", "in", ["Fair"])]`` gives ``(res.partner.category, "display_name", "=", "Fair")``.

    :return: ``[(model, field, operator, name)]``
    """
    for condition in domain.iter_conditions():
        holder, name, comodel = _at(model, condition.field_expr)
        value, operator = condition.value, condition.operator
        if comodel is not None and operator in SUBFILTERS:
            yield from names_asked(comodel, Domain(value))
            continue
        if holder is None or operator not in (*EXACT, *BELOW):
            continue
        if comodel is not None:
            holder, name = comodel, "display_name"
        elif name not in ("name", "display_name") or holder._name in DATA:
            continue
        for text in [value] if isinstance(value, str) else value if isinstance(value, (list, tuple, set)) else ():
            if isinstance(text, str):
                yield holder, name, "ilike" if operator in BELOW else "=", text


def _at(model, path):
    """The model that a path from ``model`` ends on, the name of its last field, and where that is a relation the model
    that it leads to; nothing of a path that is none. Their names are searched as filters do it."""
    holder, name, comodel = None, None, model
    for name in path.split("."):
        holder, comodel = comodel, None
        field = holder._fields.get(name) if holder is not None else None
        if field is None:
            return None, None, None
        if field.relational:
            comodel = holder.env[field.comodel_name].with_context(active_test=False, lang=FILTER_LANG)
    return holder, name, comodel

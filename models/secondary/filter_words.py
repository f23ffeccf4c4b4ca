"""A filter in words, as an explanation tells it: ``Days late ≤ 30``, ``Country is one of Belgium, France``."""

from odoo.fields import Date, Domain
from odoo.orm.domains import DomainAnd, DomainCondition, DomainNot, DomainOr
from odoo.tools.misc import format_date

from ..base.grading_domain_mixin import RELATIVE_DAY, day_of
from ..score.grading_criterion_hint import format_money, format_number

SIGNS = {"=": "=", "==": "=", "!=": "≠", "<>": "≠", ">": ">", "<": "<", ">=": "≥", "<=": "≤"}
# So many values of a list are named.
NAMED = 5


def parts_of(domain):
    """The conditions of a ``domain`` that must all be met.

    :rtype: list[Domain]
    """
    if isinstance(domain, DomainAnd):
        return [part for child in domain.children for part in parts_of(child)]
    return [] if domain.is_true() else [domain]


def _reached(record, path):
    """The values at the end of a path from a record, names of those of relations; None where the reader may not see
    them. What is in the cache is no proof that they may."""
    found = record
    for name in path.split("."):
        if not found.has_access("read") or not found._has_field_access(found._fields[name], "read"):
            return None
        found = found.mapped(name)
    if isinstance(found, list):
        return found
    return found.mapped("display_name") if found.has_access("read") else None


class FilterWords:
    """Tells filters on a model.

    :param model: whose fields they ask for, in the language and company of the reader
    :param datetime.date as_of: the day that ``today`` stands for
    """

    def __init__(self, model, as_of):
        self.model, self.env, self.as_of = model, model.env, as_of

    def tell(self, domain):
        """
        :param odoo.fields.Domain domain: as it was written
        :rtype: str
        """
        if isinstance(domain, DomainCondition):
            return self._tell_condition(domain)
        if isinstance(domain, DomainNot):
            return self.env._("not (%s)", self.tell(~domain))
        if isinstance(domain, DomainOr):
            return self.env._("one of: %s", "; ".join(self.tell(child) for child in domain.children))
        if isinstance(domain, DomainAnd):
            return self.env._("all of: %s", "; ".join(self.tell(child) for child in domain.children))
        return self.env._("all") if domain.is_true() else self.env._("none")

    def measured(self, domain, row, record):
        """What is known of a customer or lead, where a single condition asks for it; empty elsewhere.

        :param dict row: of the profile's columns
        :param record: the customer or lead, with the rights of the reader
        """
        if not isinstance(domain, DomainCondition):
            return ""
        path = domain.field_expr
        field = self.model._fields.get(path)
        if path in row or field is not None and not field.relational:
            if not self.model._is_value_visible(path):
                return self.env._("not visible to you")
            value = row[path] if path in row else self._worked_out(path, row)
            return self.env._("no data") if value is None else self._tell_value(self._fields_of(path), value)
        link, _dot, rest = path.partition(".")
        fields = self._fields_of(path)
        if not rest or not fields or link != ("lead_id" if record._name == "crm.lead" else "partner_id"):
            return ""
        found = _reached(record, rest)
        if found is None:
            return self.env._("not visible to you")
        return self._tell_list(fields, [item for item in found if item is not False]) or "–"

    def _worked_out(self, name, row):
        """The value of a field that is no column; None where nothing is known."""
        value = self.model._as_judged(row)[name]
        return None if value is False and self.model._fields[name].type != "boolean" else value

    def _fields_of(self, path):
        """The fields on a path from the model; none where it is no path."""
        fields, model = [], self.model
        for name in path.split("."):
            field = model._fields.get(name) if model is not None else None
            if field is None:
                # A part of a date, such as its month, has no field of its own.
                return fields if fields and fields[-1].type in ("date", "datetime", "properties") else []
            fields.append(field)
            model = self.env[field.comodel_name] if field.relational else None
        return fields

    def _tell_condition(self, condition):
        fields, operator, value = self._fields_of(condition.field_expr), condition.operator, condition.value
        # What is graded needs no name: each condition is about it.
        named = fields[1:] if len(fields) > 1 and fields[0].name in ("partner_id", "lead_id") else fields
        label = " › ".join(field._description_string(self.env) for field in named) or condition.field_expr
        if operator in ("any", "not any") and fields and fields[-1].relational:
            inner = FilterWords(self.env[fields[-1].comodel_name], self.as_of).tell(Domain(value))
            if operator == "any":
                return self.env._("%(field)s: any with %(filter)s", field=label, filter=inner)
            return self.env._("%(field)s: none with %(filter)s", field=label, filter=inner)
        values = list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]
        if operator in ("in", "not in") and len(values) == 1:
            operator = "=" if operator == "in" else "!="
        is_boolean = bool(fields) and fields[-1].type == "boolean"
        if values == [False] and not is_boolean and operator in ("=", "!="):
            return self.env._("%s is not set", label) if operator == "=" else self.env._("%s is set", label)
        told = self._tell_list(fields, values)
        if operator in SIGNS:
            return f"{label} {SIGNS[operator]} {told}"
        if operator == "in":
            return self.env._("%(field)s is one of %(values)s", field=label, values=told)
        if operator == "not in":
            return self.env._("%(field)s is none of %(values)s", field=label, values=told)
        if operator.endswith("like"):
            text = told.strip("%")
            if operator.startswith("not"):
                return self.env._("%(field)s does not contain “%(text)s”", field=label, text=text)
            return self.env._("%(field)s contains “%(text)s”", field=label, text=text)
        return f"{label} {operator} {told}"

    def _tell_list(self, fields, values):
        texts = [self._tell_value(fields, value) for value in values[:NAMED]]
        return ", ".join(texts + (["…"] if len(values) > NAMED else []))

    def _tell_value(self, fields, value):
        """A value as people call it."""
        field = fields[-1] if fields else None
        if isinstance(value, bool):
            return self.env._("yes") if value else self.env._("no")
        if field is None:
            return str(value)
        if field.type in ("date", "datetime"):
            return self._tell_day(value)
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, str(value))
        if field.relational and isinstance(value, int):
            found = self.env[field.comodel_name].browse(value).exists()
            return found.display_name if found and found.has_access("read") else str(value)
        if isinstance(value, str):
            return value
        if field.type == "monetary":
            return format_money(self.env, value, self.env.company.currency_id)
        return format_number(self.env, value)

    def _tell_day(self, value):
        text = value.strip() if isinstance(value, str) else value
        if isinstance(text, str) and RELATIVE_DAY.fullmatch(text):
            text = day_of(text, self.as_of)
        if isinstance(text, (int, float)):  # a part of a date, such as its month
            return format_number(self.env, text)
        try:
            return format_date(self.env, Date.to_date(text))
        except ValueError:  # a day in words that Odoo knows
            return str(value)

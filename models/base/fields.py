from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL

COMPARISONS = ("<", "<=", ">", ">=")


class FloatOrUnknown(fields.Float):
    """A number that may be unknown, which is not 0: a customer whom nobody has asked is not an unhappy one.

    Empty is ``NULL`` in the database and ``False`` in Python and in the browser; 0 stays 0. Filters and averages leave
    the unknown out: ``("satisfaction", "<", 5)`` finds who said so, ``("satisfaction", "=", False)`` who said nothing.
    An ordinary float reads both as 0.
    """

    falsy_value = None

    def convert_to_column(self, value, record, values=None, validate=True):
        return None if _is_unknown(value) else super().convert_to_column(value, record, values, validate)

    def convert_to_cache(self, value, record, validate=True):
        return None if _is_unknown(value) else super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        return False if value is None else value

    def convert_to_export(self, value, record):
        return "" if _is_unknown(value) else value


def _is_unknown(value):
    return value is None or value is False or value == ""


class GradingProfileLink(fields.Many2one):
    """A computed link from a customer or lead to its profile that SQL can follow.

    Searching, sorting and grouping by what lies behind it adds one ``LEFT JOIN`` of the narrow ``grading_profile``, on
    what the model's ``_grading_profile_on`` says, so ``= False`` finds those without a profile too.
    """

    def join(self, model, alias, query):
        comodel = model.env[self.comodel_name]
        coalias = query.make_alias(alias, self.name)
        query.add_join("LEFT JOIN", coalias, comodel._table, model._grading_profile_on(alias, coalias, query))
        return comodel, coalias

    def condition_to_sql(self, field_expr, operator, value, model, alias, query):
        # What a field of the record asks of the profile; nobody can ask so by himself.
        if operator in ("any!", "not any!"):
            model = model.sudo()
        return super().condition_to_sql(field_expr, operator, value, model, alias, query)


class BehindProfile:
    """A number that stands on the profile, seen from its customer, lead or document.

    Of those without a profile nothing is known, so no comparison finds them: Odoo's own related numbers take unknown
    for 0 and find them by ``("grading_order_count", ">", 0)``.
    """

    def _search_related(self, records, operator, value):
        if operator not in COMPARISONS:
            return super()._search_related(records, operator, value)
        *links, name = self.related.split(".")
        domain = Domain(name, operator, value)
        for link in reversed(links):
            domain = Domain(link, "any!" if self.compute_sudo else "any", domain)
        return domain


class ProfileFloat(BehindProfile, fields.Float):
    pass


class ProfileInteger(BehindProfile, fields.Integer):
    pass


class ProfileMonetary(BehindProfile, fields.Monetary):
    pass


def check_grading_field(model, field_expr):
    """Check the groups of a grading field before it becomes SQL.

    Odoo looks at the groups of the field behind a related one only, and reaches that one as superuser: a portal user
    could order and group his contact by what he must not read.

    :raise odoo.exceptions.AccessError: the user may not read the field
    """
    name = field_expr.partition(".")[0]
    if name.startswith("grading_") and name in model._fields:
        model._check_field_access(model._fields[name], "read")


def unknown_last(field, direction, nulls):
    """Where ``NULL`` stands among sorted figures: behind the known ones, whichever way they are sorted.

    :param odoo.tools.SQL direction: ``ASC``, ``DESC`` or nothing
    :param odoo.tools.SQL nulls: what was asked for, which holds
    """
    figure = field and field.type in ("integer", "float", "monetary", "date")
    return SQL("NULLS LAST") if figure and direction.code == "DESC" and not nulls.code else nulls

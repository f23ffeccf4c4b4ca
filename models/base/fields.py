from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL

COMPARISONS = ("<", "<=", ">", ">=")
COMPARISONS_TO_SQL = {name: SQL(name) for name in COMPARISONS}
# Groups of users that fields are for.
INTERNAL = "base.group_user"
# Assessments and complaints are for those who sell.
SELLERS = "customer_grading.customer_grading_group_user"
MANAGERS = "customer_grading.customer_grading_group_manager"
# Users who see the figures of all customers, see grading.figures.access.mixin.
ALL_FIGURES = f"sales_team.group_sale_salesman_all_leads,{MANAGERS}"


class OrEmpty:
    """A number that may not have been measured: ``NULL`` in the database, ``False`` in Python, and empty in the browser
    and in exports; 0 stays 0. An ordinary number shows both as 0. Filters read it as 0, as they do with Odoo's own
    numbers: ``("overdue_invoice_count", "=", 0)`` finds the customers who never had an invoice, too.
    """

    def convert_to_column(self, value, record, values=None, validate=True):
        return None if _is_unknown(value) else super().convert_to_column(value, record, values, validate)

    def convert_to_column_insert(self, value, record, values=None, validate=True):
        return None if _is_unknown(value) else super().convert_to_column_insert(value, record, values, validate)

    def convert_to_cache(self, value, record, validate=True):
        return None if _is_unknown(value) else super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        return False if value is None else value

    def convert_to_export(self, value, record):
        return "" if _is_unknown(value) else value


class IntegerOrEmpty(OrEmpty, fields.Integer):
    pass


class FloatOrEmpty(OrEmpty, fields.Float):
    pass


class MonetaryOrEmpty(OrEmpty, fields.Monetary):
    pass


class OrUnknown(OrEmpty):
    """A number that may be unknown, which is not 0: a customer who was never asked is not a dissatisfied one.

    Filters and averages leave unknown values out: ``("satisfaction", "<", 5)`` finds the customers who said so, and
    ``("satisfaction", "=", False)`` those who were not asked.
    """

    falsy_value = None


class FloatOrUnknown(OrUnknown, fields.Float):
    pass


class MonetaryOrUnknown(OrUnknown, fields.Monetary):
    pass


def _is_unknown(value):
    return value is None or value is False or value == ""


class ProfileMany2one(fields.Many2one):
    """A computed link from a customer, lead or document to a profile that SQL can follow.

    Searching, sorting and grouping by the profile's fields adds one ``LEFT JOIN`` of the narrow ``grading_profile``, on
    the condition that a method of the model returns; so ``= False`` also finds records without a profile.

    :param str profile_on: the name of that method, called with the aliases of the record and of the profile
    """

    profile_on = "_grading_profile_on"

    def join(self, model, alias, query):
        return self._join(model, alias, query, only_visible=not model.env.su)  # else a user wrote the path

    def _join(self, model, alias, query, only_visible):
        comodel = model.env[self.comodel_name]
        name = f"{self.profile_on.strip('_').removesuffix('_on')}_id"  # links to the same profile share a join
        coalias, visible = query.make_alias(alias, name), None
        if only_visible:
            figures = query.make_alias(alias, f"{name}_figures")
            visible = comodel.sudo(False)._visible_figures_to_sql(figures)
        if visible:
            coalias = figures
        condition = getattr(model, self.profile_on)(alias, coalias, query)
        query.add_join(
            "LEFT JOIN", coalias, comodel._table, SQL("%s AND %s", condition, visible) if visible else condition
        )
        return comodel, coalias

    def id_to_sql(self, model, alias, query):
        """The id of the profile, in a query that joins it. Whether there is a profile is no figure.

        :rtype: odoo.tools.SQL
        """
        _profile, coalias = self.join(model.sudo(), alias, query)
        return SQL.identifier(coalias, "id")

    def condition_to_sql(self, field_expr, operator, value, model, alias, query):
        # Only the record's own fields use these operators; users cannot enter them.
        if operator in ("any!", "not any!"):
            model = model.sudo()
        return super().condition_to_sql(field_expr, operator, value, model, alias, query)


class FiguresMany2one(ProfileMany2one):
    """The link to the profile where the user may see the figures that stand on it, and no profile elsewhere.

    Related fields are read as superuser. What they show through this link nevertheless depends on the user: amounts,
    dates and answers, which a user may see of some customers only. What all salespeople may see of each customer, the
    grade, the score and the stage, is related through :class:`ProfileMany2one`.
    """

    def join(self, model, alias, query):
        return self._join(model, alias, query, only_visible=True)


class RelatedToProfile:
    """A number of the profile, shown on its customer, lead or document.

    Nothing is known of a record without a profile, so no comparison finds it. Odoo's own related numbers read unknown
    as 0, so that ``("grading_order_count", "<", 1)`` would find it.
    """

    def _search_related(self, records, operator, value):
        # Odoo checks the groups of the link alone.
        records._check_field_access(self, "read")
        if operator not in COMPARISONS:
            return super()._search_related(records, operator, value)
        *links, name = self.related.split(".")
        domain = Domain(name, operator, value)
        for link in reversed(links):
            domain = Domain(link, "any!" if self.compute_sudo else "any", domain)
        return domain


class ProfileFloat(RelatedToProfile, FloatOrUnknown):
    pass


class ProfileInteger(RelatedToProfile, IntegerOrEmpty):
    pass


class ProfileMonetary(RelatedToProfile, MonetaryOrUnknown):
    pass


def check_grading_field(model, field_expr):
    """Check the groups of a grading field before it becomes SQL.

    Of a related field, Odoo checks only the groups of the field that it leads to, and reaches that one as superuser:
    portal users could sort and group their contact by figures that they must not read.

    :raise odoo.exceptions.AccessError: the user may not read the field
    """
    name = field_expr.partition(".")[0]
    if name.startswith("grading_") and name in model._fields:
        model._check_field_access(model._fields[name], "read")


def unknown_last(field, direction, nulls):
    """Where ``NULL`` stands among sorted figures: after the known ones, in both directions.

    :param odoo.tools.SQL direction: ``ASC``, ``DESC`` or nothing
    :param odoo.tools.SQL nulls: what the caller asked for; kept if it is not empty
    """
    figure = field and field.type in ("integer", "float", "monetary", "date")
    return SQL("NULLS LAST") if figure and direction.code == "DESC" and not nulls.code else nulls

from odoo import fields


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


def check_grading_field(model, field_expr):
    """Check the groups of a grading field before it becomes SQL.

    Odoo looks at the groups of the field behind a related one only, and reaches that one as superuser: a portal user
    could order and group his contact by what he must not read.

    :raise odoo.exceptions.AccessError: the user may not read the field
    """
    name = field_expr.partition(".")[0]
    if name.startswith("grading_"):
        model._check_field_access(model._fields[name], "read")

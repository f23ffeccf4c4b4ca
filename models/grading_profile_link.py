from odoo import fields
from odoo.tools import SQL


class GradingProfileLink(fields.Many2one):
    """A computed link from a customer to his profile in the current company that SQL can follow.

    Searching, sorting and grouping by what lies behind it adds one ``LEFT JOIN`` of the narrow ``grading_profile`` on
    the customer and the company, so ``= False`` finds the customers without a profile too.
    """

    def join(self, model, alias, query):
        comodel = model.env[self.comodel_name]
        coalias = query.make_alias(alias, self.name)
        query.add_join(
            "LEFT JOIN",
            coalias,
            comodel._table,
            SQL(
                "%s = %s AND %s = %s",
                SQL.identifier(coalias, "partner_id"),
                model._field_to_sql(alias, "commercial_partner_id", query),
                SQL.identifier(coalias, "company_id"),
                model.env.company.id,
            ),
        )
        return comodel, coalias

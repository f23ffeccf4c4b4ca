from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..base.context import ByServer, is_by_server
from ..base.fields import SELLERS, unknown_last


def _is_unguarded(env):
    return env.su or is_by_server(env, "grading_whole_budget")


class BudgetFloat(fields.Float):
    """A number of a contact that is read as 0 where the user may not see the customer's documents.

    It stays an ordinary column, which forms, imports and rules write; the guard stands where it is read, here and in
    :meth:`ResPartner._field_to_sql`. The superuser, and so a run, reads it as it is.
    """

    def __get__(self, record, owner=None):
        value = super().__get__(record, owner)
        if record is None or not value or _is_unguarded(record.env):
            return value
        contact = record[self.related.partition(".")[0]] if self.related else record  # users are contacts, too
        return value if contact._grading_are_documents_visible() else 0.0


class ResPartner(models.Model):
    """What a customer could spend: for those who may see the customer's documents, as it stands on the profile."""

    _inherit = "res.partner"

    annual_budget = BudgetFloat(
        company_dependent=True,
        groups=SELLERS,
        help="What this customer could spend in a year on what we sell, in the company's currency.",
    )

    def _grading_are_documents_visible(self):
        """Whether the user may see the documents of this contact's customer; a contact that is not saved yet is the
        user's own.

        :rtype: bool
        """
        self.ensure_one()
        salespeople, saved = self.env.user._grading_salespeople(), self._origin.sudo()
        return salespeople is None or not saved or saved.commercial_partner_id.user_id.id in salespeople

    def write(self, vals):
        """Nothing is written over a budget that the user does not see; to leave it empty, as it is shown, is no change.

        :raise AccessError: the user enters another one
        """
        if "annual_budget" not in vals or _is_unguarded(self.env):
            return super().write(vals)
        self._check_field_access(self._fields["annual_budget"], "write")
        hidden = self.filtered(lambda partner: not partner._grading_are_documents_visible())
        if hidden and vals["annual_budget"]:
            raise AccessError(
                self.env._(
                    "The annual budget of %s is visible to those who see the customer's orders, and so are changes of "
                    "it: ask their salesperson to enter it.",
                    ", ".join(hidden.sudo().mapped("display_name")),
                )
            )
        others = {name: value for name, value in vals.items() if name != "annual_budget"}
        if hidden and others:
            super(ResPartner, hidden).write(others)
        return super(ResPartner, self - hidden).write(vals)

    @api.model
    def _field_to_sql(self, alias, field_expr, query=None):
        """``CASE WHEN COALESCE("…__customer"."user_id", 7) = 7 THEN … END``, with the id of the user."""
        column = super()._field_to_sql(alias, field_expr, query)
        if field_expr != "annual_budget" or _is_unguarded(self.env):
            return column
        salespeople = self.env.user._grading_salespeople()
        if salespeople is None:
            return column
        if not salespeople:
            return SQL("CASE WHEN FALSE THEN %s END", column)
        customer = SQL.identifier(alias, "commercial_partner_id")
        if query is None:
            owner = SQL("(SELECT customer.user_id FROM res_partner AS customer WHERE customer.id = %s)", customer)
        else:
            coalias = query.make_alias(alias, "grading_customer")
            query.add_join("LEFT JOIN", coalias, "res_partner", SQL("%s = %s", customer, SQL.identifier(coalias, "id")))
            owner = SQL.identifier(coalias, "user_id")
        return SQL(
            "CASE WHEN COALESCE(%(owner)s, %(user)s) = %(user)s THEN %(column)s END",
            owner=owner,
            user=self.env.uid,
            column=column,
        )

    def _fetch_query(self, query, fields):
        """What is fetched is kept for all users alike: there, the guard of the field itself decides."""
        if _is_unguarded(self.env) or all(field.name != "annual_budget" for field in fields):
            return super()._fetch_query(query, fields)
        whole = self.with_context(grading_whole_budget=ByServer.YES)
        return super(ResPartner, whole)._fetch_query(query, fields).with_env(self.env)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name == "annual_budget":
            nulls = unknown_last(self._fields[field_name], direction, nulls)
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

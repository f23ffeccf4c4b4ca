from typing import NamedTuple

from odoo.tools import SQL


class Subject(NamedTuple):
    """What a grading profile is about, and where Odoo keeps it."""

    key: str  # the column that holds it, in grading_profile as in every source of measures
    model: str
    table: str
    tag_key: str  # the column that holds one of its tags, in grading_tag_rule and grading_tag_origin
    tags: str  # its own field of tags
    by_company: bool  # has a profile in each company that grades it, and not a single one
    view_mode: str  # how a list of some of them opens


SUBJECTS = {
    "customer": Subject(
        "partner_id", "res.partner", "res_partner", "category_id", "category_id", True, "kanban,list,form"
    ),
    "lead": Subject("lead_id", "crm.lead", "crm_lead", "lead_tag_id", "tag_ids", False, "list,kanban,form"),
}


def _reached(row):
    """``[(alias, table, condition)]`` of those who are reached about a ``row`` that is about a customer or a lead: the
    lead, the contact (``person``) and the customer that the contact belongs to."""
    return [
        ("lead", "crm_lead", SQL("lead.id = %s", SQL.identifier(row, "lead_id"))),
        (
            "person",
            "res_partner",
            SQL("person.id = COALESCE(%s, lead.partner_id)", SQL.identifier(row, "partner_id")),
        ),
        ("customer", "res_partner", SQL("customer.id = person.commercial_partner_id")),
    ]


def join_reached(query, row="grading_profile"):
    """Join to a query those who are reached about its rows: ``lead``, ``person`` and ``customer``.

    :param odoo.tools.Query query:
    :param str row: an alias in the query with ``partner_id`` and ``lead_id``
    """
    for alias, table, condition in _reached(row):
        query.add_join("LEFT JOIN", alias, SQL.identifier(table), condition)


def reached_joins(row):
    """The same joins as SQL: ``LEFT JOIN crm_lead AS lead ON …``.

    :param str row: an alias before the joins with ``partner_id`` and ``lead_id``
    :rtype: odoo.tools.SQL
    """
    return SQL("\n").join(
        SQL("LEFT JOIN %s AS %s ON %s", SQL.identifier(table), SQL.identifier(alias), condition)
        for alias, table, condition in _reached(row)
    )

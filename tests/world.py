"""What the classes of tests share: made once for each database and committed, archived so that it means nothing to
whatever else works with the database. The tests as they are shipped find their rules as they were."""

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import get_db_name
from odoo.tools import SQL

from ..models.care.grading_staging_care import NEXT_DATES

COMPANY = "Graded Company"
# How many users of each kind are kept; a test that asks for more makes them.
USERS = {
    "sales_team.group_sale_salesman": 5,
    "sales_team.group_sale_manager": 2,
    "base.group_user": 2,
    "base.group_portal": 1,
}
# Shipped ones and demo customers count for nothing: a test must not depend on what else is configured.
RULES = ("grading.scheme", "grading.lifecycle", "grading.tag.rule", "grading.cadence", "grading.play", "grading.grade")

# The criterion of tours: a point for each ten that were bought, a hundred at most.
TOUR_AMOUNT = {
    "name": "Amount by tour",
    "kind": "linear",
    "measure": "order_amount",
    "points_per_unit": 0.1,
    "points_max": 100,
}


def keep_world():
    """Make the company of all tests and its users, unless they are there: a company takes a second, a user a tenth."""
    with Registry(get_db_name()).cursor() as cr:
        context = {"active_test": False, "no_reset_password": True, "mail_create_nosubscribe": True}
        env = api.Environment(cr, SUPERUSER_ID, context)
        if env["res.company"].search_count([("name", "=", COMPANY)]):
            return
        company = env["res.company"].create({"name": COMPANY, "currency_id": env.ref("base.EUR").id})
        company.resource_calendar_id.tz = "Europe/Brussels"
        users = env["res.users"].create(
            [
                {
                    "login": f"{_kept(groups)}{number}",
                    "name": "Kept",
                    "group_ids": [(6, 0, env.ref(groups).ids)],
                    "company_id": company.id,
                    "company_ids": [(6, 0, company.ids)],
                }
                for groups, count in USERS.items()
                for number in range(count)
            ]
        )
        users.active = False
        users.partner_id.with_context(active_test=True).active = False  # Odoo looks for active users
        company.active = False


def _kept(groups):
    return f"kept {groups} "


def take_company(env):
    """The company of all tests, active."""
    company = env["res.company"].with_context(active_test=False).search([("name", "=", COMPANY)])
    company.active = True
    if not company.currency_id.active:
        company.currency_id.active = True
    return company


def take_user(env, login, groups, name, email, tz):
    """A kept user of the company with these groups, active under ``login``; empty when all are taken.

    By SQL: no cache knows of a user who was archived all the time.

    :rtype: res.users
    """
    env.flush_all()
    env.cr.execute(
        SQL(
            """
            WITH kept AS (
                UPDATE res_users SET active = TRUE, login = %(login)s
                 WHERE id = (SELECT MIN(id) FROM res_users WHERE NOT active AND STARTS_WITH(login, %(kept)s))
             RETURNING id, partner_id
            ), person AS (
                UPDATE res_partner AS partner
                   SET active = TRUE, name = %(name)s, complete_name = %(name)s, tz = %(tz)s,
                       email = %(email)s, email_normalized = LOWER(%(email)s)
                  FROM kept WHERE partner.id = kept.partner_id
            )
            SELECT id FROM kept
            """,
            login=login,
            kept=_kept(groups),
            name=name,
            tz=tz or None,
            email=email or None,
        )
    )
    users = env["res.users"].browse(row[0] for row in env.cr.fetchall())
    env.invalidate_all()
    return users


def forget_rules(env):
    """Take every rule out of force, with what it gave and planned, as archiving it on its screen does.

    By SQL, as each class needs it: the demonstration alone has a hundred contacts planned.
    """
    env.flush_all()
    for model in RULES:
        env.cr.execute(SQL("UPDATE %s SET active = FALSE WHERE active", SQL.identifier(env[model]._table)))
    env["grading.tag.origin"]._revoke_everywhere(SQL("TRUE"))
    env.cr.execute("DELETE FROM mail_activity AS activity USING grading_care WHERE activity_id = activity.id")
    env.cr.execute("DELETE FROM grading_care")
    nothing = SQL(", ").join(SQL("%s = NULL", SQL.identifier(name)) for name in NEXT_DATES)
    env.cr.execute(SQL("UPDATE grading_profile SET %s WHERE next_contact_date IS NOT NULL", nothing))
    env.invalidate_all()
    env.registry.clear_cache()

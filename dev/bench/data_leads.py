"""Leads, messages, meetings and activities for the benchmark, made by SQL.

Half of the leads are those of customers who have not ordered, several to a customer; a third are those of other
customers and their contacts, the others know no contact. A quarter and more is closed, won or lost, so that predictive
scoring has something to learn from. A lead has five messages on average, with a heavy tail: mails, notes, and messages
of the system that count for nothing but where they tell of an activity done. On top of that come meetings and
activities, open and done, some of them the same meeting.
"""

import data_leads_sql
from clock import told
from data import MARK, YEARS, bare

from odoo.tools import SQL

MESSAGES = 5


def make(env, customers, leads):
    """Make the leads of the ``customers`` that :mod:`data` made, or keep what is there when it has the size asked for.

    :return: what was done, as a sentence
    :raise SystemExit: when the database holds another number of leads
    """
    [[found]] = env.execute_query(SQL("SELECT COUNT(*) FROM crm_lead WHERE name LIKE %s", f"{MARK}%"))
    if found == leads:
        return "The leads are still there, too."
    if found:
        raise SystemExit("This database holds another number of leads: run the benchmark on a new one.")
    env.flush_all()
    env.cr.execute("SELECT SETSEED(0.24)")
    values = _values(env, customers, leads)
    with told("customers who have not ordered"):
        env.cr.execute(data_leads_sql.PROSPECTS, values)
        env.cr.execute("ANALYZE bench_prospect")
    with told("leads"), bare(env.cr, "crm_lead"):
        env.cr.execute(data_leads_sql.LEADS, values)
    env.cr.execute("SELECT SETVAL('crm_lead_id_seq', MAX(id)) FROM crm_lead")
    for what, table, statement in (
        ("tags of leads", "crm_tag_rel", data_leads_sql.TAGS),
        ("messages", "mail_message", data_leads_sql.MESSAGES),
        ("notices", "mail_notification", data_leads_sql.NOTICES),
        ("meetings", "calendar_event", data_leads_sql.MEETINGS),
        ("activities", "mail_activity", data_leads_sql.ACTIVITIES),
    ):
        with told(what), bare(env.cr, table):
            env.cr.execute(statement, values)
    env.cr.commit()
    env.invalidate_all()
    return "The leads are made."


def _values(env, customers, leads):
    company = env.company
    [[first]] = env.execute_query(SQL("SELECT MAX(id) + 1 FROM crm_lead"))
    [[first_customer]] = env.execute_query(SQL("SELECT id FROM res_partner WHERE ref = %s", f"{MARK}0"))
    stages = env["crm.stage"].search([("team_ids", "=", False)])
    won = stages.filtered("is_won")
    return {
        "first": first,
        "first_customer": first_customer,
        "mark": MARK,
        "customers": customers,
        "leads": leads,
        "messages": MESSAGES,
        "years": YEARS,
        "company": company.id,
        "uid": env.uid,
        "author": env.ref("base.partner_admin").id,
        "teams": env["crm.team"].search([("company_id", "in", (False, company.id))]).ids,
        "stages": (stages - won).ids,
        "won_stage": won[:1].id,
        "countries": env["res.country"].search([("code", "in", ("US", "DE", "FR", "GB", "TW", "CN", "JP", "BE"))]).ids,
        "sources": env["utm.source"].search([], limit=20).ids,
        "tags": env["crm.tag"].search([], limit=20).ids,
        "lang": env["res.lang"].search([("active", "=", True)], limit=1).id,
        "model": env["ir.model"]._get_id("crm.lead"),
        "activity_type": env.ref("mail.mail_activity_data_call").id,
    }

"""Archived companies do not begin to plan contacts when they are restored.

The update to 19.0.1.3.0 as first published switched the planning off for the active companies alone. Archived ones kept
the default of the new field, on, although no user had chosen it. What they want cannot be known; what they did can: a
company that has never had an activity of a due contact, open or done, has not worked with planned contacts, and begins
to when the settings say so. One that has had any was active and planned with the switch on; it
keeps that, as long as the due contact itself is still known.

A company that was archived on a database that began with 19.0.1.3.0 cannot be told apart, and is switched off as well:
the setting is a click away, while activities planned unasked would reach all salespeople at once.
"""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    archived = env["res.company"].search([("active", "=", False), ("grading_plan_contacts", "=", True)])
    planned = env["mail.activity"].search([("grading_care_id.company_id", "in", archived.ids)])
    (archived - planned.grading_care_id.company_id).grading_plan_contacts = False

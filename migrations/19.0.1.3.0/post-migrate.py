"""Cadences come with the update, but no activity is planned before a company switches that on.

Next dates and *My Contacts Due* are there at once; activities begin when *Plan Contacts as Activities* is switched on
in the settings. That holds for archived companies as well, when they are restored.
"""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["res.company"].with_context(active_test=False).search([]).write({"grading_plan_contacts": False})
    if cron := env.ref("customer_grading.ir_cron_rescore", raise_if_not_found=False):
        cron._trigger()

"""The months before this version are filled in in the background, where customers have been graded.

Elsewhere, as after an installation, the first full run has it done.
"""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    Run = env["grading.run"]
    for company in env["res.company"].search([("active", "=", True)]):
        if Run._last_full(company):
            Run.with_company(company)._open_backfill()

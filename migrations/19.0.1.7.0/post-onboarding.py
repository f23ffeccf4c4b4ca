"""The panel of first steps is for companies that begin: where customers are graded already, it stays closed."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    onboarding = env.ref("customer_grading.onboarding_onboarding_grading")
    for company in env["res.company"].with_context(active_test=False).search([]):
        if env["grading.run"]._last_full(company):
            onboarding.with_company(company)._search_or_create_progress().is_onboarding_closed = True

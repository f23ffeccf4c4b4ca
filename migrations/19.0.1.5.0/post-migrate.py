"""What a purchase is, where equal customers stand and how late open invoices are is measured anew in the first run.

Days late grow with each day on which an invoice stays open, so they are no column any more, and cannot be ranked: a
criterion that ranked them gives points in steps, as the shipped one does.
"""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

MEASURE = "average_days_late"
# From how many days on, and which share of the points: those of the shipped criterion "Payment behavior".
STEPS = ((-3650, 1.0), (1, 0.67), (15, 0.33), (45, 0.0))


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    cr.execute(SQL("ALTER TABLE grading_profile DROP COLUMN IF EXISTS %s", SQL.identifier(MEASURE)))
    _replace_ranks(env)
    # Percentages that were chosen stay in force; the others are learned.
    env["res.company"].search(
        ["|", ("grading_decline_percent", "!=", 50), ("grading_lost_percent", "!=", 25)]
    ).grading_limit_method = "fixed"
    env["grading.ruler"]._drop([])
    env["grading.run"]._start(env["res.company"].search([("active", "=", True)]))


def _replace_ranks(env):
    ranked = env["grading.criterion"].search([("kind", "=", "rank"), ("measure", "=", MEASURE)])
    for criterion in ranked:
        steps = [{"lower_bound": bound, "points": round(criterion.points_max * share, 2)} for bound, share in STEPS]
        criterion.write({"kind": "band", "band_ids": [(5, 0, 0), *((0, 0, step) for step in steps)]})

"""Where it was not entered how willing a lead is, Odoo's probability takes its place.

The scheme *Before signing* gave each such lead the same 15 points. It changes where the criterion is as shipped;
a lead with a willingness keeps its points.
"""

from odoo import SUPERUSER_ID, api

CRITERION = "customer_grading.grading_criterion_before_signing_willingness"
SHIPPED = {"kind": "band", "measure": "willingness", "points_if_none": 15.0, "points_max": 40.0, "points_min": 0.0}
SHIPPED_STEPS = [(1, 0), (2, 10), (3, 20), (4, 30), (5, 40)]
CHANGED = {"kind": "linear", "measure": "readiness", "points_per_unit": 0.4, "points_max": 40, "points_min": 0}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    criterion = env.ref(CRITERION, raise_if_not_found=False)
    if not criterion or {name: criterion[name] for name in SHIPPED} != SHIPPED:
        return
    steps = [(band.lower_bound, band.points) for band in criterion.band_ids.sorted("lower_bound")]
    if steps != SHIPPED_STEPS:
        return
    changed = dict(CHANGED)
    if criterion.with_context(lang="en_US").name == "Willingness":
        label = dict(criterion._selection_measure())["readiness"]
        changed["name"] = label
    criterion.write({**changed, "band_ids": [(5, 0, 0)]})
    criterion.scheme_id._silence()
    env["grading.run"]._start(env["res.company"].search([("active", "=", True)]))

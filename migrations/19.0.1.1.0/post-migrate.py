"""Leads are graded, and loyalty is asked for, not assumed.

The update itself has added the new records, as it adds any shipped record that is missing, but it leaves the scheme
*Before signing* archived: here it is switched on. The shipped criteria of *In service* take the place of the neutral
one. Where the neutral criterion was changed or removed, loyalty has a rule of its own: that one stays, and the new
criteria go again. What leads of no company are graded is seen wherever they are.
"""

from odoo import SUPERUSER_ID, api

OLD = "customer_grading.grading_criterion_in_service_loyalty"
NEW = [
    f"customer_grading.grading_criterion_in_service_{name}"
    for name in ("expectation", "satisfaction", "referrals", "complaints", "serious")
]
# As 19.0.1.0.0 shipped it.
SHIPPED = {
    "dimension": "loyalty",
    "kind": "domain",
    "domain": '[("id", "=", 0)]',
    "points_if_none": 15,
    "points_max": 30,
}
# They were shipped folded while no rule gave them.
UNFOLDED = [f"customer_grading.grading_grade_{letter}" for letter in "abc"]
BEFORE_SIGNING = "customer_grading.grading_scheme_before_signing"
RULES = [f"customer_grading.grading_{model}_rule_company" for model in ("profile", "history")]
# A lead of no company is seen in all of them, and so is its grade.
OUR_OR_SHARED_LEAD = (
    "['|', ('company_id', 'in', company_ids), '&', ('lead_id', '!=', False), ('lead_id.company_id', '=', False)]"
)


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    old = env.ref(OLD, raise_if_not_found=False)
    if old and all(old[name] == value for name, value in SHIPPED.items()):
        old.unlink()
    else:
        for criterion in _existing(env, NEW):
            criterion.unlink()
    for grade in _existing(env, UNFOLDED):
        grade.fold = False
    for rule in _existing(env, RULES):
        rule.domain_force = OUR_OR_SHARED_LEAD
    for scheme in _existing(env, [BEFORE_SIGNING]):
        scheme.action_unarchive()
    if cron := env.ref("customer_grading.ir_cron_rescore", raise_if_not_found=False):
        cron._trigger()


def _existing(env, xmlids):
    return [record for xmlid in xmlids if (record := env.ref(xmlid, raise_if_not_found=False))]

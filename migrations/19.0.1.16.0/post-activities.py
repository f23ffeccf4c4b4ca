"""Activities that the module has planned named the last order, open offers and the grade to each colleague who may open
the contact. Those that are still open are written anew; what a user has edited stays as it is."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    own = [("active", "=", True), ("write_uid", "in", (SUPERUSER_ID, False))]
    for activity in env["mail.activity"].search([*own, ("grading_care_id", "!=", False)]):
        cares = (activity.grading_care_id | activity.grading_care_ids)._leading_first()
        cares = cares.with_context(lang=activity.user_id.lang)
        words = cares._describe_together(cares._describe())
        activity.write({"summary": words["summary"], "note": words["note"]})
    moves = env["grading.ownership"].search([("reason", "=", "assigned"), ("activity_id", "any", own)])
    for move in moves:
        move.activity_id.note = move.with_context(lang=move.activity_id.user_id.lang)._summary()

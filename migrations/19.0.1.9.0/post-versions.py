"""Criteria get the key by which drafts and files know them; what each scheme consists of now becomes its first kept
version."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["grading.criterion"]._give_keys()
    schemes = env["grading.scheme"].with_context(active_test=False).search([("is_draft", "=", False)])
    for scheme in schemes:
        scheme._keep_version({"user_id": scheme.write_uid.id, "date": scheme.write_date})
    # Lines of history say by which version they came from now on: of former ones it is not known.
    env.flush_all()

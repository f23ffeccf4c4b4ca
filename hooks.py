"""What happens once, when the module comes and when it goes."""

from odoo.tools import SQL

from .models.base.subject import SUBJECTS
from .models.care.mail_activity_type import OWNER_ACTIVITY

# What points at grades and tags, or has work to do when it is deleted record by record.
TABLES = (
    "grading_history",
    "grading_profile",
    "grading_threshold",
    "grading_tag_rule",
    "grading_occasion",
    "grading_cadence",
)


def post_init_hook(env):
    """Grade the customers that are already there, in the background, right after the installation."""
    env.ref("customer_grading.ir_cron_rescore")._trigger()


def uninstall_hook(env):
    """Leave the users' surveys and the tags in use; empty what points at grades and tags, so that these can be deleted
    in any order."""
    _leave_tags(env)
    env["ir.model.data"].search(
        [("module", "=", "customer_grading"), ("model", "in", ("survey.survey", "survey.question"))]
    ).unlink()
    # Activities stay, planned by this module or not, and those that are done keep no type that goes.
    if ours := env.ref(OWNER_ACTIVITY, raise_if_not_found=False):
        kinds = env.ref("mail.mail_activity_data_todo").id, ours.id
        env.execute_query(SQL("UPDATE mail_activity SET activity_type_id = %s WHERE activity_type_id = %s", *kinds))
    env.execute_query(SQL("ALTER TABLE mail_activity DROP CONSTRAINT IF EXISTS mail_activity_grading_care_id_fkey"))
    # Not TRUNCATE … CASCADE: it would empty every table that points here, whatever module made that field.
    for table in TABLES:
        env.execute_query(SQL("DELETE FROM %s", SQL.identifier(table)))


def _leave_tags(env):
    """Tags that came with the module outlive it where a contact or lead has them."""
    for subject in SUBJECTS.values():
        records, tags = env[subject.model].with_context(active_test=False), subject.tags
        shipped = env["ir.model.data"].search(
            [("module", "=", "customer_grading"), ("model", "=", records._fields[tags].comodel_name)]
        )
        used = {tag.id for [tag] in records._read_group([(tags, "in", shipped.mapped("res_id"))], [tags])}
        shipped.filtered(lambda data, used=used: data.res_id in used).unlink()

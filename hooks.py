"""What happens once, when the module is installed and when it is uninstalled."""

from odoo.tools import SQL

from .models.base.subject import SUBJECTS
from .models.care.mail_activity_type import OWNER_ACTIVITY

# Tables that reference grades and tags, or whose models refuse or react when their rows are deleted one by one.
TABLES = (
    "grading_history",
    "grading_profile",
    "grading_threshold",
    "grading_tag_rule",
    "grading_occasion",
    "grading_cadence",
)


def post_init_hook(env):
    """Grade the existing customers in the background, right after the installation."""
    env.ref("customer_grading.ir_cron_rescore")._trigger()


def uninstall_hook(env):
    """Keep surveys and the tags in use; empty the tables that reference grades and tags, so that these can be deleted
    in any order."""
    _leave_tags(env)
    env["ir.model.data"].search(
        [("module", "=", "customer_grading"), ("model", "in", ("survey.survey", "survey.question"))]
    ).unlink()
    # Activities stay, planned and done ones alike: those of our type become to-dos.
    if own_type := env.ref(OWNER_ACTIVITY, raise_if_not_found=False):
        types = env.ref("mail.mail_activity_data_todo").id, own_type.id
        env.execute_query(SQL("UPDATE mail_activity SET activity_type_id = %s WHERE activity_type_id = %s", *types))
    env.execute_query(SQL("ALTER TABLE mail_activity DROP CONSTRAINT IF EXISTS mail_activity_grading_care_id_fkey"))
    # Not TRUNCATE … CASCADE: it would also empty the tables of other modules that reference these.
    for table in TABLES:
        env.execute_query(SQL("DELETE FROM %s", SQL.identifier(table)))


def _leave_tags(env):
    """Keep the shipped tags that are in use: without their XML ids the uninstallation leaves them alone."""
    for subject in SUBJECTS.values():
        records = env[subject.model].with_context(active_test=False)
        shipped = env["ir.model.data"].search(
            [("module", "=", "customer_grading"), ("model", "=", records._fields[subject.tags].comodel_name)]
        )
        used = {
            tag.id for [tag] in records._read_group([(subject.tags, "in", shipped.mapped("res_id"))], [subject.tags])
        }
        shipped.filtered(lambda data, used=used: data.res_id in used).unlink()

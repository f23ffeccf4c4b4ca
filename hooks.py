"""What happens once, when the module is installed and when it is uninstalled."""

from lxml import etree

from odoo.tools import SQL, file_path

from .models.base.subject import SUBJECTS
from .models.care.mail_activity_type import OWNER_ACTIVITY

MODULE = "customer_grading"
# Under this name the XML ids of what stays wait for the module to come back.
LEFT = "__customer_grading__"
TAG_FILE = f"{MODULE}/data/tag_data.xml"
# Tables that reference grades and tags, or whose models refuse or react when their rows are deleted one by one.
TABLES = (
    "grading_history",
    "grading_snapshot",
    "grading_profile",
    "grading_profile_aside",
    "grading_threshold",
    "grading_tag_rule",
    "grading_occasion",
    "grading_cadence",
    "grading_play_case",
    "grading_play",
)


def pre_init_hook(env):
    """Find again what a former installation has left, and tags of the same name, so that nothing comes twice."""
    for data in env["ir.model.data"].search([("module", "=", LEFT)]):
        if data.model not in env or env[data.model].browse(data.res_id).exists():
            data.module = MODULE
        else:
            data.unlink()
    env["ir.model.data"].flush_model()  # XML ids are looked up in the database
    tag_models = {env[subject.model]._fields[subject.tags].comodel_name for subject in SUBJECTS.values()}
    for record in etree.parse(file_path(TAG_FILE)).iter("record"):
        if record.get("model") in tag_models:
            _adopt(env[record.get("model")], record.get("id"), record.findtext("field[@name='name']"))


def _adopt(tags, name, label):
    """Give the XML id to a tag that has the label already."""
    xmlid = f"{MODULE}.{name}"
    if not tags.env.ref(xmlid, raise_if_not_found=False):
        tag = tags.with_context(active_test=False, lang=None).search([("name", "=", label)], order="id", limit=1)
        if tag:
            tags.env["ir.model.data"]._update_xmlids([{"xml_id": xmlid, "record": tag, "noupdate": True}])


def post_init_hook(env):
    """Grade the existing customers in the background, right after the installation; the run that does so has earlier
    months filled in."""
    env.ref("customer_grading.ir_cron_rescore")._trigger()


def uninstall_hook(env):
    """Keep surveys and the tags in use; empty the tables that reference grades and tags, so that these can be deleted
    in any order."""
    for view in env["grading.bi.view"]._views():
        env.execute_query(SQL("DROP VIEW IF EXISTS %s CASCADE", SQL.identifier(view)))
    _leave_tags(env)
    env["ir.model.data"].search(
        [("module", "=", MODULE), ("model", "in", ("survey.survey", "survey.question"))]
    ).module = LEFT
    # Activities stay, planned and done ones alike: those of our type become to-dos.
    if own_type := env.ref(OWNER_ACTIVITY, raise_if_not_found=False):
        types = env.ref("mail.mail_activity_data_todo").id, own_type.id
        env.execute_query(SQL("UPDATE mail_activity SET activity_type_id = %s WHERE activity_type_id = %s", *types))
    for name in ("mail_activity_grading_care_id_fkey", "mail_activity_grading_case_id_fkey"):
        env.execute_query(SQL("ALTER TABLE mail_activity DROP CONSTRAINT IF EXISTS %s", SQL.identifier(name)))
    # Not TRUNCATE … CASCADE: it would also empty the tables of other modules that reference these.
    for table in TABLES:
        env.execute_query(SQL("DELETE FROM %s", SQL.identifier(table)))


def _leave_tags(env):
    """Keep the shipped tags that are in use: with other XML ids the uninstallation leaves them alone."""
    for subject in SUBJECTS.values():
        records = env[subject.model].with_context(active_test=False)
        shipped = env["ir.model.data"].search(
            [("module", "=", MODULE), ("model", "=", records._fields[subject.tags].comodel_name)]
        )
        used = {
            tag.id for [tag] in records._read_group([(subject.tags, "in", shipped.mapped("res_id"))], [subject.tags])
        }
        shipped.filtered(lambda data, used=used: data.res_id in used).module = LEFT

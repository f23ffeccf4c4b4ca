"""What happens once, when the module comes and when it goes."""

from odoo.tools import SQL


def post_init_hook(env):
    """Grade the customers that are already there, in the background, right after the installation."""
    env.ref("customer_grading.ir_cron_rescore")._trigger()


def uninstall_hook(env):
    """Leave people's surveys to them; empty what points at grades, so that these can go in whatever order."""
    env["ir.model.data"].search(
        [("module", "=", "customer_grading"), ("model", "in", ("survey.survey", "survey.question"))]
    ).unlink()
    env.execute_query(SQL("TRUNCATE grading_history, grading_profile, grading_threshold CASCADE"))

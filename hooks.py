"""What happens once, when the module comes and when it goes."""

from odoo.tools import SQL


def post_init_hook(env):
    """Grade the customers that are already there, in the background, right after the installation."""
    env.ref("customer_grading.ir_cron_rescore")._trigger()


def uninstall_hook(env):
    """Empty what points at grades, so that the grades can go without a complaint whatever the order of deletion."""
    env.execute_query(SQL("TRUNCATE grading_history, grading_profile, grading_threshold CASCADE"))

"""The life cycle goes by each customer's own purchase pattern, and says since when a customer is in a stage.

The shipped stages asked for fixed numbers of months. Where a stage was changed, removed or added, the life cycle is the
database's own and stays as it is; the second set of stages is archived in any case.
"""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL, html2plaintext

# Name: order, filter and strategy as 19.0.1.1.0 shipped them, and as they are now.
STAGES = {
    "prospect": (
        (
            10,
            '[("order_count", "=", 0)]',
            "Has not bought yet: win the first order.",
        ),
        (
            10,
            '[("order_count", "=", 0)]',
            "Has not bought yet: find out what is needed and win the first order.",
        ),
    ),
    "introduction": (
        (
            80,
            '[("order_count", "=", 1)]',
            "The first order: make it a good experience.",
        ),
        (
            20,
            '[("order_day_count", "=", 1), ("is_overdue", "=", False)]',
            "The first order: make it a good experience, ask how it went and prepare the second one.",
        ),
    ),
    "growth": (
        (
            90,
            '[("order_count", "in", [2, 3])]',
            "Comes back: show what else you have.",
        ),
        (
            30,
            '[("is_overdue", "=", False), "|", ("order_day_count", "in", [2, 3]), ("order_amount_change", ">=", 25)]',
            "Comes back, or buys clearly more than a year ago: show what else you have and agree on a rhythm.",
        ),
    ),
    "maturity": (
        (
            100,
            '[("order_count", ">", 3)]',
            "Buys regularly: keep the promise, ask for a referral.",
        ),
        (
            40,
            '[("is_overdue", "=", False), "|", ("order_amount_change", "=", False), ("order_amount_change", ">", -40)]',
            "Buys regularly: keep the promise, renew in time and ask for a referral.",
        ),
    ),
    "decline": (
        (
            70,
            '[("last_order_date", "<", "today -6m")]',
            "Buys no more as he used to: call before he is gone.",
        ),
        (
            50,
            '[("is_lost", "=", False)]',
            "Overdue by the own rhythm, or buys clearly less than a year ago: call now, ask why, make an offer.",
        ),
    ),
    "lost": (
        (
            60,
            '[("last_order_date", "<", "today -12m")]',
            "Silent for a year: ask why, once, and mean it.",
        ),
        (
            60,
            '[("order_count", ">", 0)]',
            "Silent far beyond the own rhythm: ask why, once, and mean it; then leave it to a campaign.",
        ),
    ),
}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    _date_the_stages(env)
    _replace_the_stages(env)
    if cron := env.ref("customer_grading.ir_cron_rescore", raise_if_not_found=False):
        cron._trigger()


def _date_the_stages(env):
    """Since when a customer is in the stage: by the history, or else since the profile was created."""
    env.execute_query(
        SQL(
            """
            UPDATE grading_profile AS profile
               SET lifecycle_since = COALESCE((
                       SELECT MAX(line.date) FROM grading_history AS line
                        WHERE line.profile_id = profile.id AND line.new_lifecycle_id = profile.lifecycle_id
                          AND line.old_lifecycle_id IS DISTINCT FROM line.new_lifecycle_id
                   ), profile.create_date::date)
             WHERE profile.lifecycle_id IS NOT NULL AND profile.lifecycle_since IS NULL
         RETURNING profile.id
            """
        )
    )


def _replace_the_stages(env):
    shipped = {name: env.ref(f"customer_grading.grading_lifecycle_{name}", raise_if_not_found=False) for name in STAGES}
    active = env["grading.lifecycle"].search([("active", "=", True)])
    if not all(shipped.values()) or active != env["grading.lifecycle"].union(*shipped.values()).sorted():
        return
    if any(_words(shipped[name]) != old for name, (old, _new) in STAGES.items()):
        return
    for name, (_old, (sequence, domain, strategy)) in STAGES.items():
        shipped[name].write({"sequence": sequence, "domain": domain})
        # In this language alone: the update is about to load the others.
        env.execute_query(
            SQL(
                "UPDATE grading_lifecycle SET strategy = %s WHERE id = %s RETURNING id",
                f'{{"en_US": "<p>{strategy}</p>"}}',
                shipped[name].id,
            )
        )
    env.invalidate_all()


def _words(stage):
    return stage.sequence, stage.domain, html2plaintext(stage.strategy or "").strip()

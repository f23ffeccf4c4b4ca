"""Odoo's own predictive lead scoring, to be timed on the same leads."""

from odoo.tools import SQL

# Before any lead was made: it learns from all of them that are closed, and scores all that are open.
START = "2000-01-01"
SCORED = SQL("crm_lead WHERE active AND won_status = 'pending' AND stage_id IS NOT NULL")


def set_up(env):
    """Have it cover every lead, by the fields that it uses unless set otherwise."""
    env["ir.config_parameter"].set_param("crm.pls_start_date", START)
    env.cr.commit()


def forget(env):
    """Empty what it fills, so that one can see that it did."""
    env.cr.execute(SQL("UPDATE crm_lead SET automated_probability = NULL WHERE id IN (SELECT id FROM %s)", SCORED))
    env.cr.commit()
    env.invalidate_all()


def run(env):
    """Recompute as the scheduled action does."""
    env["crm.lead"]._cron_update_automated_probabilities()
    env.cr.commit()


def check(env):
    """Count the leads that it has scored.

    :raise SystemExit: when it has left some out, or knows only one probability for all
    """
    [[count, done, different]] = env.execute_query(
        SQL("SELECT COUNT(*), COUNT(automated_probability), COUNT(DISTINCT automated_probability) FROM %s", SCORED)
    )
    if done < count or different < 2:
        raise SystemExit(f"Predictive scoring has scored {done} of {count} leads, with {different} probabilities.")
    return count

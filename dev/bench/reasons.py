"""Why scores change: a run in which every score moves enough to be told, beside one that tells nothing of it."""

from collections import defaultdict
from statistics import median

from clock import REPETITIONS, timed, vacuum

from odoo.tools import SQL

# Another score and other points than before, for every customer and lead: each line names two criteria.
CHANGE = SQL(
    """
    UPDATE grading_profile AS profile
       SET score = score - 25, noted_score = score - 25, points_detail = moved.points
      FROM (SELECT id, JSONB_OBJECT_AGG(key, ROUND(value::numeric * .5, 2)) AS points
              FROM grading_profile, JSONB_EACH_TEXT(points_detail) AS point GROUP BY id) AS moved
     WHERE moved.id = profile.id
    """
)


def measure(env, table, rescore):
    """Add the row of the reasons to ``table``.

    :param rescore: rescores all customers and leads and commits
    """
    points = env.company.grading_history_points
    times = defaultdict(list)
    for _repetition in range(REPETITIONS):
        for name, limit in (("told", points), ("silent", 0)):
            env.company.grading_history_points = limit
            env.flush_all()
            env.cr.execute(CHANGE)
            env.cr.execute("DELETE FROM grading_history WHERE reason = 'score'")
            vacuum(env, "grading_profile", "grading_history")
            times[name].append(timed(rescore, env)[0])
            [[lines]] = env.execute_query(SQL("SELECT COUNT(*) FROM grading_history WHERE reason = 'score'"))
            if bool(lines) != (name == "told"):
                raise SystemExit(f"{lines} scores were told by the {name} run.")
    env.company.grading_history_points = points
    env.cr.commit()
    table.add("full run that tells why every score moved", median(times["told"]), "tells none", median(times["silent"]))

"""Previews: judging all by a draft beside a run over all that finds nothing to write."""

from collections import defaultdict
from statistics import median

import internals
from clock import REPETITIONS, timed, vacuum

AIM = 1.2


def measure(env, table, rescore):
    """Add the row of the previews to ``table``.

    :param rescore: a function that runs over all and commits
    """
    draft = internals.changed_draft(env)
    rescore(env)
    times = defaultdict(list)
    for _repetition in range(REPETITIONS):
        vacuum(env, "grading_profile", "grading_preview_line")
        times["run"].append(timed(rescore, env)[0])
        seconds, moved = timed(_preview, env, draft)
        times["preview"].append(seconds)
    what = f"preview of a draft that moves {moved}"
    table.add(what, median(times["preview"]), "a run that writes nothing", median(times["run"]), "<=", AIM)
    draft.unlink()
    env.cr.commit()


def _preview(env, draft):
    moved = internals.preview(env, draft)
    env.cr.commit()
    return moved

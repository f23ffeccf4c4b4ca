"""A step of a run beside plain SQL for the same: from nothing to all, a second time, after a tenth has changed."""

from collections import defaultdict
from statistics import median

from clock import REPETITIONS, timed

from odoo.tools import SQL


def measure(ours, by_hand, forget, change, check):
    """Time the step in turns with its floor.

    :param ours: runs the step; says how much it wrote
    :param by_hand: runs the statement
    :param forget: back to the beginning
    :param change: changes a tenth and sees to it that nothing else works meanwhile, see :func:`clock.vacuum`;
        called before each run with its name
    :param check: compares what both have made
    :return: the median of the seconds, by the name of the run, and with `` by hand`` behind it
    :raise SystemExit: when a second run has written something, or another one nothing
    """
    times = defaultdict(list)
    for _repetition in range(REPETITIONS):
        forget()
        for name in ("first", "second", "changed"):
            change(name)
            seconds, written = timed(ours)
            times[name].append(seconds)
            times[f"{name} by hand"].append(timed(by_hand)[0])
            if bool(written) == (name == "second"):
                raise SystemExit(f"The {name} run of {ours.__module__}.py has written {written}.")
            check(name)
    return {name: median(values) for name, values in times.items()}


def add(table, what, things, middle):
    """Add the rows of what :func:`measure` has found to ``table``.

    :param str what: what was there many of
    :param str things: what there was none of at first
    """
    beside, from_none = "plain SQL for the same", f"from no {things} to all"
    table.add(f"{what}, {from_none}", middle["first"], beside, middle["first by hand"], "<=", 1.5)
    table.add(f"{what}, a tenth has changed", middle["changed"], beside, middle["changed by hand"], "<=", 1.5)
    table.add(f"{what}, second run: none", middle["second"], from_none, middle["first"])
    table.add(f"{what}, second run: none", middle["second"], beside, middle["second by hand"])


def compare(env, copy, original, columns, name):
    """Compare the rows of two tables.

    :raise SystemExit: when they differ
    """
    [[differing]] = env.execute_query(
        SQL(
            "SELECT COUNT(*) FROM ((SELECT %(c)s FROM %(a)s EXCEPT ALL SELECT %(c)s FROM %(b)s)"
            " UNION ALL (SELECT %(c)s FROM %(b)s EXCEPT ALL SELECT %(c)s FROM %(a)s)) AS different",
            c=SQL(", ").join(map(SQL.identifier, columns)),
            a=SQL.identifier(copy),
            b=SQL.identifier(original),
        )
    )
    if differing:
        raise SystemExit(f"The module and the statement differ in {differing} rows of {original}, {name} run.")

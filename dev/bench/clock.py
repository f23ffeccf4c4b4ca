"""How the benchmark takes times, and sees to it that nothing else does its work meanwhile."""

import os
import time
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from odoo.tools import SQL

# How often each step is measured; the table shows the median.
REPETITIONS = int(os.environ.get("REPETITIONS") or "3")
if REPETITIONS < 1:
    raise SystemExit(f"REPETITIONS={REPETITIONS}: each step is measured at least once.")


def say(text):
    """Print a line at once: the output may go into a file."""
    print(text, flush=True)


def timed(function, *args, **kwargs):
    """Call a function: its seconds, and what it returned."""
    started = time.perf_counter()
    result = function(*args, **kwargs)
    return time.perf_counter() - started, result


@contextmanager
def told(what):
    """Print how long the block took."""
    started = time.perf_counter()
    yield
    say(f"  {what}: {time.perf_counter() - started:.1f} s")


def vacuum(env, *tables):
    """Vacuum and analyze, as the server does by itself after a while, so that it does not do so while it is timed."""
    env.cr.commit()
    with env.registry.cursor() as cr:
        cr._cnx.autocommit = True
        for table in tables or ("",):
            cr.execute(SQL("VACUUM ANALYZE %s", SQL.identifier(table) if table else SQL()))
        cr._cnx.autocommit = False


def memory(name):
    """Memory of this process in MB: ``VmRSS`` now, ``VmHWM`` at its peak."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(f"{name}:")]
    return int(line.split()[1]) / 1024


def timing(model, method, parts, part):
    """Patch a method to add the seconds of its calls to ``parts[part]``."""
    original = getattr(model, method)

    def timed_method(*args, **kwargs):
        seconds, result = timed(original, *args, **kwargs)
        parts[part] += seconds
        return result

    return patch.object(model, method, timed_method)

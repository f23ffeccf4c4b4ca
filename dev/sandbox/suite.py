"""The module's tests: pytest with pytest-odoo on fresh databases, tours in a real browser included, on any day."""

import os
import shlex
from datetime import datetime, timezone
from pathlib import Path

import database
import runtime
import system
from postgres import Cluster
from process import SandboxError, note, run, step
from runtime import CONFIG, PYTHON
from settings import ADDONS, DEV, EXAMPLE, EXTERNAL_SERVER, LOGS, MODULE, OCA_MODULES, OPTIONAL_MODULES, variable
from workplace import fresh

# The files of tests that need the modules which ours only uses where they are there; no other run collects them.
OPTIONAL_FILES = ["-o", "python_files=optional_*.py"]
EXAMPLE_TESTS = DEV / "example" / EXAMPLE / "tests"
# The files of tests that need the modules of OCA; with partner_manual_rank, those of the suite make no customers.
OCA_FILES = ["-o", "python_files=beside_*.py"]
NOTHING_COLLECTED = 5  # no failure where arguments choose among the tests
MOST_WORKERS = 8  # each has a database, a registry of 400 MB and some connections
# With one of these the tests run in one process: few of them, or looked at one by one.
ALONE = ("-k", "-m", "-n", "-s", "--pdb", "--trace", "--co")
# The days that people forget, each as the moment (UTC) at which its run begins.
DAYS = dict(line.split(": ") for line in (DEV / "test-days.txt").read_text().splitlines())


def check_clock() -> None:
    """Refuse a TODAY that is no moment, and another clock for a server that is not ours."""
    try:
        _clock(variable("TODAY", "2028-02-29"))
    except ValueError:
        raise SandboxError('TODAY is no moment: write TODAY="2028-02-29 12:00:00" (UTC).') from None
    if EXTERNAL_SERVER:
        raise SandboxError("Only the sandbox's own PostgreSQL can be set to another day: unset the PG* variables.")


def _clock(moment: str) -> dict[str, str]:
    """Return the variables by which Debian's datefudge gives a process the clock of that moment (UTC), from now on.

    The shift is the same for all processes, whenever they start. (Faketime breaks time.sleep, timeouts and Chromium.)
    """
    shift = datetime.now(timezone.utc) - datetime.fromisoformat(moment).replace(tzinfo=timezone.utc)
    return {"LD_PRELOAD": str(system.datefudge()), "DATEFUDGE": f"{shift.total_seconds():.0f}", "TZ": "UTC"}


def run_tests(cluster: Cluster, moment: str = "") -> int:
    """Run pytest on fresh databases: the suite, then what needs more modules. Return the first exit code other than 0.

    :param moment: the day and hour at which the tests shall begin; the machine's clock when empty
    """
    arguments = shlex.split(variable("ARGS"))
    chosen = f" with {' '.join(arguments)}" if arguments else ""
    named = any(os.path.exists(ADDONS / word.partition("::")[0]) for word in arguments if word[0] != "-")
    if not named:
        arguments.append(f"{MODULE}/tests")
        if not any(word.startswith(ALONE) for word in arguments):
            arguments.append(f"-n{min(os.cpu_count() or 1, MOST_WORKERS)}")
    databases = [fresh(name) for name in (["test"] if named else ["test", "optional"])]
    clock = _clock(moment) if moment else {}
    if moment:
        cluster.set_clock(clock)
    step(f"Running the tests{chosen}" + (f" on {moment} UTC" if moment else ""))
    code = _pytest(databases[0], LOGS / "test.log", clock, arguments)
    if not named:
        step(f"Running the tests beside {', '.join([*OPTIONAL_MODULES, EXAMPLE])}{chosen}")
        arguments += [f"{EXAMPLE}/tests/{path.name}" for path in sorted(EXAMPLE_TESTS.glob("test_*.py"))]
        optional_code = _pytest(databases[1], LOGS / "test-optional.log", clock, [*OPTIONAL_FILES, *arguments])
        code = code or (0 if chosen and optional_code == NOTHING_COLLECTED else optional_code)
    if moment:
        cluster.set_clock({})
    return code


def run_days(cluster: Cluster) -> None:
    """Run the suite on each of the days that people forget, and say on which of them it failed."""
    failed = []
    for name, moment in DAYS.items():
        step(name)
        if run_tests(cluster, moment):
            failed.append(f"{name}: make test TODAY={shlex.quote(moment)}")
            for log in LOGS.glob("test*.log"):
                log.rename(LOGS / f"{moment} {log.name}")
    if failed:
        raise SandboxError("\n    ".join([f"The suite fails on {len(failed)} of {len(DAYS)} days:", *failed]))
    note(f"the suite passes on all {len(DAYS)} days")


def run_beside_oca() -> int:
    """Run our tests beside the modules of OCA, and return the exit code."""
    name = fresh("oca")
    step(f"Running the tests beside {', '.join(OCA_MODULES)}")
    arguments = [*OCA_FILES, f"--odoo-extra={runtime.WITH_OCA}", f"{MODULE}/tests", *shlex.split(variable("ARGS"))]
    return _pytest(name, LOGS / "test-oca.log", {}, arguments)


def take_pictures() -> int:
    """Take the pictures of README, docs and Apps page of the demo data, and return the exit code."""
    name = fresh("pictures")
    step("Taking the pictures")
    words = ["-o", "python_files=pictures_tour.py", DEV / "pictures_tour.py", *shlex.split(variable("ARGS"))]
    code = _pytest(name, LOGS / "pictures.log", {}, words)
    database.drop(name)
    return code


def _pytest(name: str, log: Path, clock: dict[str, str], arguments: list[str]) -> int:
    """Run pytest on a database and return its exit code; its summary is the last thing printed."""
    log.write_text("")
    note(f"Odoo's log: {log}")
    command = [
        *(PYTHON, "-m", "pytest", "-c", DEV / "pytest.ini", f"--rootdir={ADDONS}"),
        *(f"--odoo-config={CONFIG}", f"--odoo-database={name}", "--odoo-http", "--odoo-log-level=info"),
        *(f"--odoo-extra=logfile={log}", f"--odoo-extra=db-filter=^{name}$", *arguments),
    ]
    path = f"{os.environ['PYTHONPATH']}:{DEV / 'plugins'}"
    env = {**os.environ, "PYTHONPATH": path, "SANDBOX_ODOO_LOG": str(log), **clock}
    # Standard input stays with pytest: ARGS=--pdb asks there.
    code = run(command, cwd=ADDONS, env=env, stdin=None)
    for rest in database.names(f"{name}-gw"):  # of a worker that was killed
        database.drop(rest)
    return code

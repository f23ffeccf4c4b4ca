"""The developer sandbox: `python3 dev/sandbox <command>`. The Makefile lists the commands and their variables."""

import os
import signal
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path

if not (3, 10) <= sys.version_info[:2] <= (3, 13):
    sys.exit("Odoo 19 and its pinned packages need Python 3.10 to 3.13: make run PYTHON=python3.12")

import core_tests
import database
import hands
import lint
import postgres
import runtime
import serve
import suite
import system
import updates
from postgres import Cluster
from process import SandboxError, locked, note, remove_tree, run, run_checked, step
from settings import DEV, LOGS, MODULE, ROOT, SANDBOX, variable
from workplace import fresh, prepared

BUSY = "`make {}` runs in this checkout already (process %s). Wait for its end, or stop that process."


def test(cluster: Cluster) -> int:
    """Lint, and run the whole suite; findings that are there before the tests begin stop the run."""
    with lint.beside() as linting:
        fresh("test")  # builds the templates
        if linting.poll():
            raise SandboxError(lint.LOG.read_text())
        code = suite.run_tests(cluster, variable("TODAY"))
        lint_code = linting.wait()
        print(lint.LOG.read_text(), flush=True)
        return code or lint_code


def bench(_cluster: Cluster) -> int:
    """Run dev/bench/run.py in Odoo's shell on a fresh database."""
    size = {"CUSTOMERS": variable("CUSTOMERS", "100000"), "ORDERS": variable("ORDERS", "1000000")}
    size |= {"LEADS": variable("LEADS", size["CUSTOMERS"]), "REPETITIONS": variable("REPETITIONS", "3")}
    step(f"Measuring with {', '.join(f'{name}={value}' for name, value in size.items())}")
    env = {**os.environ, **size, "PYTHONPATH": f"{os.environ['PYTHONPATH']}:{DEV / 'bench'}"}
    with (DEV / "bench" / "run.py").open() as script:
        return run(runtime.shell(fresh("bench")), stdin=script, env=env, cwd=ROOT)


def accuracy(_cluster: Cluster) -> int:
    """Run dev/bench/accuracy.py in Odoo's shell on a fresh database."""
    history = variable("HISTORY")
    if history and not Path(history).is_file():
        raise SandboxError(f"HISTORY={history} is no file.")
    env = {**os.environ, "HISTORY": history and str(Path(history).resolve()), "MONTHS": variable("MONTHS", "12,3")}
    name = fresh("accuracy")
    with (DEV / "bench" / "accuracy.py").open() as script:
        code = run(runtime.shell(name), stdin=script, env=env, cwd=ROOT)
    if not code:
        database.drop(name)
    return code


def i18n(_cluster: Cluster) -> None:
    """Write the template into `i18n/`, and order each language's file after it, with the translations that it has."""
    name = fresh("i18n")
    step("Exporting the terms")
    command = runtime.command("-d", name, "-l", "pot", "--", MODULE, name="i18n export")
    run_checked(command, "`odoo i18n export` failed", LOGS / "i18n.log")
    database.drop(name)
    for path in sorted((ROOT / "i18n").glob("*.po")):
        run([runtime.PYTHON, DEV / "checks" / "po_merge.py", path.with_name(f"{MODULE}.pot"), path])


def clean() -> None:
    """Remove everything that the sandbox made, the private PostgreSQL included."""
    step(f"Removing {SANDBOX.name} and the private PostgreSQL")
    postgres.remove()
    remove_tree(SANDBOX)


def _play(script: str, _cluster: Cluster) -> int:
    return hands.play(script)


ALONE = {"lint": lint.check, "format": lint.mend, "clean": clean}
PLACED = {
    "run": lambda _cluster: serve.serve(),
    "shell": lambda _cluster: run(runtime.shell(serve.ensure_database()), stdin=None),
    "test": test,
    "test-days": suite.run_days,
    "test-core": lambda _cluster: core_tests.compare_nearest(),
    "neighbours": lambda _cluster: core_tests.compare_all(),
    "oca": lambda _cluster: suite.run_beside_oca(),
    "updates": lambda _cluster: updates.compare(),
    **{script: partial(_play, script) for script in hands.SCRIPTS},
    "bench": bench,
    "accuracy": accuracy,
    "i18n": i18n,
    "pictures": lambda _cluster: suite.take_pictures(),
}


def perform(command: str) -> int:
    """Perform a command and return its exit code."""
    if any(mark in str(ROOT) for mark in ",:%"):
        raise SandboxError(f"The path {ROOT} contains a comma, colon or percent sign, which Odoo cannot bear.")
    if SANDBOX.exists() and SANDBOX.stat().st_uid != os.geteuid():
        raise SandboxError(f"{SANDBOX} belongs to another user. Run as that user, or remove the folder.")
    if command in ALONE:
        ALONE[command]()
        return 0
    if command == "shell":
        sys.stdout = sys.stderr  # standard output belongs to the script
    serve.check_variables(serving=command == "run")
    if moved := command == "test-days" or command == "test" and bool(variable("TODAY")):
        suite.check_clock()
    with ExitStack() as stack:
        if command not in ("run", "shell"):
            stack.enter_context(locked(command.removesuffix("-days"), BUSY.format(command)))
        needs = [system.BROWSER] if command.startswith(("test", "neighbours", "oca", "pictures")) else []
        needs += [system.CHINESE_FONT] if command == "pictures" else []
        needs += [system.DATEFUDGE] if moved else []
        return PLACED[command](stack.enter_context(prepared(*needs))) or 0


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    if len(arguments) != 1 or arguments[0] not in ALONE | PLACED:
        print(f"Usage: python3 dev/sandbox {{{','.join(ALONE | PLACED)}}}  (see `make help`)")
        return 2
    # An end from outside goes the same orderly way as Ctrl-C.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: sys.exit(128 + received))
    try:
        return perform(arguments[0])
    except SandboxError as error:
        print(f"\nerror: {error}", flush=True)
        return 1
    except KeyboardInterrupt:
        note("interrupted")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

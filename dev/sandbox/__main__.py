"""The developer sandbox: `python3 dev/sandbox <command>`. The Makefile lists the commands and their variables."""

from __future__ import annotations

import os
import signal
import sys

if not (3, 10) <= sys.version_info[:2] <= (3, 13):
    sys.exit(
        "Odoo 19 and its pinned packages need Python 3.10 to 3.13, this is {}.{}: make run PYTHON=python3.12".format(
            *sys.version_info[:2]
        )
    )

import core_tests
import lint
import postgres
import serve
import suite
import system
import translate
from console import SandboxError, keep_stdout_clean, note, say, step
from locks import only_one
from process import remove_tree, run
from runtime import SHELL
from settings import DEV, ROOT, SANDBOX, variable
from workplace import prepared

BUSY = "`make {}` runs in this checkout already (process %s). Wait for its end, or stop that process."


def run_command() -> int:
    """Serve a database with demo data."""
    serve.database_name()
    serve.check_port()
    with prepared() as place:
        serve.ensure_database(place)
        return serve.serve(place)


def test_command() -> int:
    """Lint, then run the whole suite."""
    with only_one("test", _busy("test")), prepared(system.BROWSER) as place:
        lint.check(place.runtime.python)
        return suite.run_tests(place)


def test_core_command() -> int:
    """Compare the tests of Odoo's own modules with and without ours."""
    with only_one("test-core", _busy("test-core")), prepared(system.BROWSER) as place:
        core_tests.compare(place)
    return 0


def bench_command() -> int:
    """Run dev/bench/run.py in Odoo's shell on a fresh database."""
    with only_one("bench", _busy("bench")), prepared() as place:
        database = place.fresh("bench")
        customers = variable("CUSTOMERS", "100000")
        size = {
            "CUSTOMERS": customers,
            "ORDERS": variable("ORDERS", "1000000"),
            "LEADS": variable("LEADS", customers),
        }
        step("Measuring with {CUSTOMERS} customers, {ORDERS} orders and {LEADS} leads".format(**size))
        path = f"{place.runtime.odoo}:{DEV / 'bench'}"
        command = place.runtime.command("-d", database, *SHELL, "--log-level=warn", name="shell")
        with (DEV / "bench" / "run.py").open() as script:
            return run(command, stdin=script, env=place.runtime.env(PYTHONPATH=path, **size), cwd=ROOT)


def lint_command() -> int:
    """Run the linters."""
    lint.check(lint.prepare())
    return 0


def format_command() -> int:
    """Format Python and XML."""
    lint.mend(lint.prepare())
    return 0


def shell_command() -> int:
    """Open Odoo's shell on the database of `make run`, or run the script on standard input in it."""
    keep_stdout_clean()
    with prepared() as place:
        name = serve.ensure_database(place)
        command = place.runtime.command("-d", name, *SHELL, "--log-level=warn", name="shell")
        return run(command, stdin=None, env=place.runtime.env())


def i18n_command() -> int:
    """Export the translations."""
    with only_one("i18n", _busy("i18n")), prepared() as place:
        translate.export(place)
    return 0


def clean_command() -> int:
    """Remove everything that the sandbox made, the private PostgreSQL included."""
    step(f"Removing {SANDBOX.name} and the private PostgreSQL")
    postgres.remove()
    if SANDBOX.exists():
        remove_tree(SANDBOX)
    return 0


COMMANDS = {
    "run": run_command,
    "test": test_command,
    "test-core": test_core_command,
    "bench": bench_command,
    "lint": lint_command,
    "format": format_command,
    "shell": shell_command,
    "i18n": i18n_command,
    "clean": clean_command,
}


def _busy(command: str) -> str:
    return BUSY.format(command)


def _check_place() -> None:
    """Refuse a checkout that cannot work, with the reason."""
    if any(mark in str(ROOT) for mark in ",:%"):
        raise SandboxError(
            f"The path {ROOT} contains a comma, colon or percent sign, which Odoo's settings cannot hold."
        )
    if SANDBOX.exists() and SANDBOX.stat().st_uid != os.geteuid():
        raise SandboxError(f"{SANDBOX} belongs to another user. Run as that user, or remove the folder.")


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        say(f"Usage: python3 dev/sandbox {{{','.join(COMMANDS)}}}  (see `make help`)")
        return 2
    # An end from outside goes the same orderly way as Ctrl-C.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: sys.exit(128 + received))
    try:
        _check_place()
        return COMMANDS[arguments[0]]()
    except SandboxError as error:
        say(f"\nerror: {error}")
        return 1
    except KeyboardInterrupt:
        note("interrupted")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

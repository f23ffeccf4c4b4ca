"""The module's tests: pytest with pytest-odoo on a fresh database, tours in a real browser included."""

from __future__ import annotations

import shlex
from pathlib import Path

from console import note, step
from process import run
from settings import ADDONS, CONFIG, DEV, LOGS, MODULE, SANDBOX, variable
from workplace import Workplace

TESTS = f"{MODULE}/tests"


def run_tests(place: Workplace) -> int:
    """Run pytest on a fresh database and return its exit code; its summary is the last thing printed."""
    database = place.fresh("test")
    arguments = shlex.split(variable("ARGS", ""))
    log = LOGS / "test.log"
    log.write_text("")
    step(f"Running the tests{' with ' + ' '.join(arguments) if arguments else ''}")
    note(f"Odoo's log: {log}")
    command: list[str | Path] = [place.runtime.python, "-m", "pytest", "-c", DEV / "pytest.ini"]
    command += [f"--rootdir={ADDONS}", "-o", f"cache_dir={SANDBOX / 'pytest_cache'}"]
    command += [f"--odoo-config={CONFIG}", f"--odoo-database={database}", "--odoo-http"]
    command += ["--odoo-log-level=info", f"--odoo-extra=logfile={log}", f"--odoo-extra=db-filter=^{database}$"]
    command += arguments
    if not _names_tests(arguments):
        command.append(TESTS)
    path = f"{place.runtime.odoo}:{DEV / 'plugins'}"
    # Standard input stays with pytest: ARGS=--pdb asks there.
    return run(command, cwd=ADDONS, env=place.runtime.env(PYTHONPATH=path, SANDBOX_ODOO_LOG=str(log)), stdin=None)


def _names_tests(arguments: list[str]) -> bool:
    """Tell whether the arguments choose files themselves, instead of narrowing the whole suite."""
    return any((ADDONS / argument.partition("::")[0]).exists() for argument in arguments if argument[0] != "-")

"""The module's tests: pytest with pytest-odoo on fresh databases, tours in a real browser included."""

from __future__ import annotations

import shlex
from pathlib import Path

from console import note, step
from process import run
from settings import ADDONS, CONFIG, DEV, LOGS, MODULE, SANDBOX, SOFT_MODULES, variable
from workplace import Workplace

TESTS = f"{MODULE}/tests"
# The files of tests that need the modules which ours only uses where they are there; no other run collects them.
SOFT_FILES = "soft_*.py"
NOTHING_COLLECTED = 5


def run_tests(place: Workplace) -> int:
    """Run pytest on fresh databases: the suite, then what needs more modules. Return the first exit code other than 0.

    Arguments that choose tests by name may choose none of the second kind.
    """
    arguments = shlex.split(variable("ARGS", ""))
    chosen = f" with {' '.join(arguments)}" if arguments else ""
    step(f"Running the tests{chosen}")
    tests = [] if _names_tests(arguments) else [TESTS]
    code = _pytest(place, place.fresh("test"), LOGS / "test.log", [*arguments, *tests])
    if not tests:
        return code
    step(f"Running the tests beside {', '.join(SOFT_MODULES)}{chosen}")
    files = ["-o", f"python_files={SOFT_FILES}"]
    soft_code = _pytest(place, place.fresh("soft", soft=True), LOGS / "test-soft.log", [*arguments, *files, *tests])
    return code or (0 if arguments and soft_code == NOTHING_COLLECTED else soft_code)


def _pytest(place: Workplace, database: str, log: Path, arguments: list[str]) -> int:
    """Run pytest on a database and return its exit code; its summary is the last thing printed."""
    log.write_text("")
    note(f"Odoo's log: {log}")
    command: list[str | Path] = [place.runtime.python, "-m", "pytest", "-c", DEV / "pytest.ini"]
    command += [f"--rootdir={ADDONS}", "-o", f"cache_dir={SANDBOX / 'pytest_cache'}"]
    command += [f"--odoo-config={CONFIG}", f"--odoo-database={database}", "--odoo-http"]
    command += ["--odoo-log-level=info", f"--odoo-extra=logfile={log}", f"--odoo-extra=db-filter=^{database}$"]
    command += arguments
    path = f"{place.runtime.odoo}:{DEV / 'plugins'}"
    # Standard input stays with pytest: ARGS=--pdb asks there.
    return run(command, cwd=ADDONS, env=place.runtime.env(PYTHONPATH=path, SANDBOX_ODOO_LOG=str(log)), stdin=None)


def _names_tests(arguments: list[str]) -> bool:
    """Tell whether the arguments choose files themselves, instead of narrowing the whole suite."""
    return any((ADDONS / argument.partition("::")[0]).exists() for argument in arguments if argument[0] != "-")

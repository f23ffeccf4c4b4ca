"""Lint: ruff on everything, pylint-odoo and OCA's hooks on the module, XML well formed and formatted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import environment
import module
import system
from console import SandboxError, note, step
from locks import in_turn
from process import Command, run
from settings import DEV, MODULE, ROOT, SANDBOX

COPY = SANDBOX / "lint"
# Recommendations of OCA's hooks that Odoo's own modules do not follow either; README.md is this module's readme.
NOT_FOLLOWED = "prefer-readme-rst,xml-header-wrong,xml-field-numeric-without-eval,xml-tag-position,po-pretty-format"


def prepare() -> Path:
    """Return the Python of the environment with the linters."""
    with in_turn("prepare", "preparing"):
        system.require([system.VENV])
        return environment.prepare()


def check(python: Path) -> None:
    """Run each linter, all of them even after findings; stop with the names of those that found something."""
    step("Linting")
    with in_turn("lint", "linting"):
        module.copy(COPY)
        checks = {
            "ruff check": lambda: run([python, "-m", "ruff", "check", "--no-cache", "--quiet", "."], cwd=ROOT),
            "ruff format": lambda: run([python, "-m", "ruff", "format", "--no-cache", "--check", "."], cwd=ROOT),
            "pylint-odoo": lambda: _pylint(python),
            "oca-checks-odoo-module": lambda: _hook(python, "oca-checks-odoo-module", "__manifest__.py"),
            "oca-checks-po": lambda: _hook(python, "oca-checks-po", "i18n/*.po*"),
            "xml": lambda: run([python, DEV / "checks" / "xml_format.py", ROOT], cwd=ROOT),
        }
        _report(checks)


def _report(checks: dict[str, Callable[[], int]]) -> None:
    failed = [name for name, linter in checks.items() if linter()]
    if failed:
        raise SandboxError(f"Findings of {', '.join(failed)}. `make format` mends what can be mended by itself.")
    note(f"no finding ({', '.join(checks)})")


def _pylint(python: Path) -> int:
    return run([python, "-m", "pylint", f"--rcfile={ROOT / '.pylintrc'}", "-j", "1", MODULE], cwd=COPY)


def _hook(python: Path, name: str, pattern: str) -> int:
    """Run one of OCA's hooks on the module's files of a pattern."""
    files = sorted((COPY / MODULE).glob(pattern))
    command: Command = [
        python,
        python.with_name(name),
        f"--disable={NOT_FOLLOWED}",
        *(path.relative_to(COPY) for path in files),
    ]
    return run(command, cwd=COPY) if files else 0


def mend(python: Path) -> None:
    """Format what the formatters can: Python with ruff, XML's white space."""
    step("Formatting")
    run([python, "-m", "ruff", "check", "--no-cache", "--fix", "--quiet", "."], cwd=ROOT)
    run([python, "-m", "ruff", "format", "--no-cache", "."], cwd=ROOT)
    run([python, DEV / "checks" / "xml_format.py", "--fix", ROOT], cwd=ROOT)

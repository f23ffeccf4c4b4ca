"""Lint: ruff, pylint-odoo and OCA's hooks on the modules, XML well formed and formatted, words, pictures up to date."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import module
import system
from process import SandboxError, child, locked, note, run, step
from runtime import PYTHON, make_environment
from settings import DEV, LOGS, MODULE, ROOT, SANDBOX

LOG = LOGS / "lint.log"
RUFF = ["-m", "ruff"]
OCA_MODULE, OCA_PO = (PYTHON.with_name(f"oca-checks-{kind}") for kind in ("odoo-module", "po"))
# Of pre-commit-hooks; each mends what it finds, here in a copy.
XML = ("check_xml", "trailing_whitespace_fixer", "end_of_file_fixer", "mixed_line_ending")
# Recommendations of OCA's hooks that Odoo's own modules do not follow either; README.md is this module's readme.
HOOKS = "--disable=prefer-readme-rst,xml-header-wrong,xml-field-numeric-without-eval,xml-tag-position,po-pretty-format"


def _prepare() -> None:
    with locked("prepare"):
        system.require([system.VENV])
        make_environment()


def check() -> None:
    """Run each linter, all of them even after findings; stop with the names of those that found something."""
    _prepare()
    step("Linting")
    with locked("lint"):
        copied = module.copy(copy := SANDBOX / "lint")
        checks = {
            "ruff check": (ROOT, [*RUFF, "check", "--no-cache", "--quiet", "."]),
            "ruff format": (ROOT, [*RUFF, "format", "--no-cache", "--check", "."]),
            **{name: (copy, ["-m", f"pre_commit_hooks.{name}", *copy.rglob("*.xml")]) for name in XML},
            "pylint-odoo": (ROOT, ["-m", "pylint", "--rcfile=.pylintrc", *copied]),
            "oca-checks-odoo-module": (copy, [OCA_MODULE, HOOKS, *(f"{path.name}/__manifest__.py" for path in copied)]),
            "oca-checks-po": (copy, [OCA_PO, HOOKS, *(copy / MODULE / "i18n").glob("*.po*")]),
            "words": (ROOT, [DEV / "checks" / "words.py"]),
            "pictures": (ROOT, [DEV / "checks" / "pictures.py"]),
        }
        failed = [name for name, (folder, words) in checks.items() if run([PYTHON, *words], cwd=folder)]
    if failed:
        raise SandboxError(f"Findings of {', '.join(failed)}. `make format` mends what can be mended by itself.")
    note(f"no finding ({', '.join(checks)})")


def mend() -> None:
    """Format what the formatters can: Python with ruff, XML's white space."""
    _prepare()
    for words in ([*RUFF, "check", "--fix", "--quiet", "."], [*RUFF, "format", "."]):
        run([PYTHON, *words], cwd=ROOT)
    files = [path for entry in [*module.entries(), DEV / "example"] for path in entry.rglob("*.xml")]
    for name in XML:
        run([PYTHON, "-m", f"pre_commit_hooks.{name}", *files])


@contextmanager
def beside() -> Iterator[subprocess.Popen[str]]:
    """Lint in a process of its own, into LOG, while the block does something else."""
    command = [sys.executable, DEV / "sandbox", "lint"]
    with LOG.open("w") as log, child(command, stdout=log, stderr=subprocess.STDOUT) as process:
        yield process

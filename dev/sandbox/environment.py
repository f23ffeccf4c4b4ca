"""The virtual environment with Odoo's own pins and the tools of the tests."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from console import timed
from process import remove_tree, run, run_checked
from settings import LOGS, REQUIREMENTS, SANDBOX, digest

COMPLETE = "complete"  # file that a finished environment contains


def prepare() -> Path:
    """Return the Python of the virtual environment, making it when it is missing, unfinished or outdated."""
    version = "{}.{}".format(*sys.version_info[:2])
    folder = SANDBOX / f"venv-{digest(version, *(path.read_bytes() for path in REQUIREMENTS))}"
    python = folder / "bin" / "python"
    if not (folder / COMPLETE).exists() or run([python, "-c", ""], log=LOGS / "venv.log"):
        with timed(f"Making the virtual environment (Python {version})"):
            _make(folder, python)
    return python


def _make(folder: Path, python: Path) -> None:
    """Make the environment in place (it cannot be moved afterwards) and mark it complete at the end."""
    log = LOGS / "venv.log"
    for old in SANDBOX.glob("venv-*"):
        remove_tree(old)
    run_checked([sys.executable, "-m", "venv", folder], "The virtual environment cannot be made", log)
    install: list[str | Path] = [python, "-m", "pip", "install", "--progress-bar", "off", "--no-input"]
    for path in REQUIREMENTS:
        install += ["-r", path]
    failure = "The Python packages cannot be installed; the log says which one"
    run_checked(install, failure, log, progress=lambda: _last_action(log))
    (folder / COMPLETE).touch()


def _last_action(log: Path) -> str:
    """Return the last thing that pip's log says it does."""
    actions = re.findall(r"^(?:Collecting|Installing|Building|  Downloading) .*", log.read_text(), re.MULTILINE)
    return actions[-1].strip()[:100] if actions else ""

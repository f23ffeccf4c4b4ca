"""Running Odoo: its configuration, its command lines, and the check of what it logs."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from console import SandboxError, tail
from process import child, run_checked
from settings import ADDONS, CONFIG, DATA, LOGS, MODULE

SHELL = ("--no-http", "--max-cron-threads=0")
LOG_LINE = re.compile(r"^\d{4}-\d\d-\d\d \S+ \d+ (?P<level>[A-Z]+) (?P<database>\S+) (?P<text>.*)$")
# Complaints of Odoo itself and of services that cannot be reached without internet.
HARMLESS = re.compile(rf"^py\.warnings: (?!.*{MODULE})|^odoo\.addons\.(partner_autocomplete|iap|google_)")


@dataclass(frozen=True)
class Runtime:
    """A Python with Odoo's packages, an Odoo, and the PostgreSQL that both work with."""

    python: Path
    odoo: Path
    database_env: dict[str, str]

    def env(self, **extra: str) -> dict[str, str]:
        """Return the environment for a child that imports Odoo."""
        # The browser of the tours lies beside the other programs, so the machine's PATH is kept.
        clean = {name: value for name, value in os.environ.items() if name not in ("ODOO_RC", "OPENERP_SERVER")}
        return clean | self.database_env | {"PYTHONPATH": str(self.odoo), "PYTHONUNBUFFERED": "1"} | extra

    def command(self, *arguments: str, name: str = "server") -> list[str | Path]:
        """Return a command line of Odoo with the sandbox's configuration."""
        return [self.python, "-m", "odoo", name, "-c", CONFIG, *arguments]

    def install(self, database: str, modules: Sequence[str], log: Path, update: bool = False) -> None:
        """Install (or update) modules in a database, with demo data where the database has them."""
        action = ["-u" if update else "-i", ",".join(modules)]
        run_checked(
            self.command("-d", database, *action, "--with-demo", "--stop-after-init", *SHELL),
            f"Odoo cannot {'update' if update else 'install'} {', '.join(modules)}",
            log,
            env=self.env(),
            progress=lambda: last_module(log),
        )

    def script(self, database: str, text: str, log: Path) -> None:
        """Run Python statements in Odoo's shell; they see `env`."""
        command = self.command("-d", database, *SHELL, name="shell")
        options = {"stdin": subprocess.PIPE, "stderr": subprocess.STDOUT, "env": self.env()}
        with log.open("w") as stream, child(command, stdout=stream, **options) as process:
            process.communicate(text)
        if process.returncode:
            raise SandboxError(f"A script in Odoo's shell failed (exit code {process.returncode}).\n{tail(log)}")


def write_configuration() -> None:
    """Write odoo.conf. It names no database server: the libpq variables of the environment do."""
    for folder in (ADDONS, DATA, LOGS):
        folder.mkdir(parents=True, exist_ok=True)
    lines = ["[options]", f"addons_path = {ADDONS}", f"data_dir = {DATA}", "http_interface = 127.0.0.1", ""]
    partial = CONFIG.with_suffix(".partial")
    partial.write_text("\n".join(lines))
    partial.replace(CONFIG)


def last_module(log: Path) -> str:
    """Return the module that an installation is at."""
    loading = re.findall(r"Loading module (\S+ \(\d+/\d+\))", log.read_text(errors="replace"))
    return loading[-1] if loading else ""


def complaints(log: Path) -> list[str]:
    """Return the warnings and errors of a log that our module must have caused."""
    found = []
    for line in log.read_text(errors="replace").splitlines():
        match = LOG_LINE.match(line)
        if match and match["level"] in ("WARNING", "ERROR", "CRITICAL") and not HARMLESS.match(match["text"]):
            found.append(line)
    return found

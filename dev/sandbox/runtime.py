"""Running Odoo: the virtual environment, the configuration, command lines, and the check of what Odoo logs."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from process import Command, remove_tree, run, run_checked, timed
from settings import ADDONS, DEV, FILESTORE, LOGS, MODULE, SANDBOX, digest

REQUIREMENTS = (DEV / "requirements.txt", DEV / "requirements-dev.txt")
PINS = [path.read_bytes() for path in REQUIREMENTS]
OCA_PACKAGES = DEV / "requirements-oca.txt"
OCA = SANDBOX / f"oca-{digest(OCA_PACKAGES.read_bytes())}"
WITH_OCA = f"addons-path={ADDONS},{OCA / 'odoo' / 'addons'}"  # an option of Odoo
VERSION = "{}.{}".format(*sys.version_info[:2])
ENVIRONMENT = SANDBOX / f"venv-{digest(VERSION, *PINS)}"
PYTHON = ENVIRONMENT / "bin" / "python"
CONFIG = SANDBOX / "odoo.conf"
SHELL = ("--no-http", "--max-cron-threads=0")
LOG_LINE = re.compile(r"\d{4}-\d\d-\d\d \S+ \d+ (?P<level>[A-Z]+) \S+ (?P<text>.*)")
# Complaints of Odoo itself and of services that cannot be reached without internet.
HARMLESS = re.compile(rf"py\.warnings: (?!.*{MODULE})|odoo\.addons\.(partner_autocomplete|iap|google_)")


def make_environment() -> None:
    """Make the virtual environment when it is missing, unfinished or outdated."""
    log, complete = LOGS / "venv.log", ENVIRONMENT / "complete"
    if complete.exists() and not run([PYTHON, "-c", ""], log=log):
        return
    with timed(f"Making the virtual environment (Python {VERSION})"):
        for old in SANDBOX.glob("venv-*"):
            remove_tree(old)
        run_checked([sys.executable, "-m", "venv", ENVIRONMENT], "The virtual environment cannot be made", log)
        files = [f"--requirement={path}" for path in REQUIREMENTS]
        install = [PYTHON, "-m", "pip", "install", "--progress-bar=off", "--no-input", *files]
        run_checked(install, "The Python packages cannot be installed; the log says which one", log)
        complete.touch()


def fetch_oca() -> None:
    """Fetch the modules of OCA where they are missing or outdated, without the package of Odoo that they ask for."""
    if (OCA / "complete").exists():
        return
    with timed("Fetching the modules of OCA"):
        for old in SANDBOX.glob("oca-*"):
            remove_tree(old)
        install = [PYTHON, "-m", "pip", "install", "--progress-bar=off", "--no-input", "--no-deps"]
        words = [*install, f"--target={OCA}", f"--requirement={OCA_PACKAGES}"]
        run_checked(words, "The modules of OCA cannot be fetched", LOGS / "oca-fetch.log")
        (OCA / "complete").touch()


def write_configuration() -> None:
    """Write odoo.conf. It names no database server: the libpq variables of the environment do."""
    for folder in (ADDONS, FILESTORE, LOGS):
        folder.mkdir(parents=True, exist_ok=True)
    partial = CONFIG.with_suffix(".partial")
    partial.write_text(
        f"[options]\naddons_path = {ADDONS}\ndata_dir = {FILESTORE.parent}\nhttp_interface = 127.0.0.1\n"
    )
    partial.replace(CONFIG)


def command(*arguments: str, name: str = "server") -> Command:
    """Return a command line of Odoo with the sandbox's configuration."""
    return [PYTHON, "-m", "odoo", *name.split(), "-c", CONFIG, *arguments]


def shell(database: str) -> Command:
    """Return the command line of Odoo's shell, which runs what it gets on standard input."""
    return command("-d", database, *SHELL, "--log-level=warn", name="shell")


def script(database: str, name: str) -> None:
    """Run a script of dev/shell in Odoo's shell."""
    with (DEV / "shell" / f"{name}.py").open() as stream:
        run_checked(shell(database), f"dev/shell/{name}.py failed", LOGS / f"{name}.log", stdin=stream)


def install(
    database: str,
    modules: Sequence[str],
    log: Path,
    action: str = "-i",
    *,
    extra: Sequence[str] = (),
    demo: bool = True,
) -> None:
    """Install (or, with `-u`, update) modules in a database, with demo data where the database has them."""
    words = [*(["--with-demo"] if demo else []), "--stop-after-init", *SHELL, *extra]
    words = command("-d", database, action, ",".join(modules), *words)
    run_checked(words, f"`odoo {action}` fails with {', '.join(modules)}", log)


def is_complaint(line: str) -> bool | None:
    """Tell whether a line of Odoo's log is a warning or error that matters; None where it goes on with another line."""
    if not (match := LOG_LINE.match(line)):
        return None
    return match["level"] in ("WARNING", "ERROR", "CRITICAL") and not HARMLESS.match(match["text"])

"""System packages: what is missing gets installed as root on Debian and Ubuntu, and named else."""

import ctypes.util
import importlib.util
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from process import SandboxError, run_checked, timed
from settings import IS_ROOT, LOGS

BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")  # where Odoo's tests look
APT = "apt-get install -y --no-install-recommends"


class Need(NamedTuple):
    """A system package that a command cannot do without."""

    package: str
    reason: str
    present: Callable[[], object]


def os_release() -> dict[str, str]:
    """Return the fields of /etc/os-release; empty where there is none."""
    path = Path("/etc/os-release")
    lines = path.read_text().splitlines() if path.exists() else []
    return {key: value.strip('"') for key, _, value in (line.partition("=") for line in lines) if value}


def archive_keyring() -> Path | None:
    """Return the keys that Debian signs its archive with."""
    return max(Path("/usr/share/keyrings").glob("debian-archive-keyring.[pg][gp][pg]"), default=None)


def datefudge() -> Path | None:
    """Return the library that gives a process another clock."""
    return next(Path("/usr/lib").glob("*/datefudge/datefudge.so"), None)


POSTGRESQL = Need(
    "postgresql",
    "the database server as Debian packages it; PGHOST names another one",
    lambda: shutil.which("pg_createcluster") and [*Path("/usr/lib/postgresql").glob("*/bin/initdb")],
)
POSTGRESQL_CLIENT = Need("postgresql-client", "psql", lambda: shutil.which("psql"))
BROWSER = Need("chromium", "the browser of the tours", lambda: any(map(shutil.which, BROWSERS)))
CHINESE_FONT = Need(
    "fonts-noto-cjk", "the pictures in Chinese", lambda: [*Path("/usr/share/fonts").rglob("NotoSansCJK*")]
)
DATEFUDGE = Need("datefudge", "the clock of TODAY", datefudge)
MAGIC = Need("libmagic1", "Odoo's detection of file types", lambda: ctypes.util.find_library("magic"))
VENV = Need("python3-venv", "the virtual environment", lambda: importlib.util.find_spec("ensurepip"))
KEYRING = Need("debian-archive-keyring", "the check of Debian's signatures", archive_keyring)


def require(needs: Iterable[Need]) -> None:
    """Install the packages that are missing, or stop with the exact line to run."""
    missing = [need for need in needs if not need.present()]
    if not missing:
        return
    what, packages = ", ".join(f"{package} ({reason})" for package, reason, _ in missing), [need[0] for need in missing]
    release = os_release()
    if not {"debian", "ubuntu"} & {release.get("ID"), *release.get("ID_LIKE", "").split()}:
        raise SandboxError(f"Missing on this system: {what}.\nInstall it with your package manager and run again.")
    if BROWSER in missing and release.get("ID") == "ubuntu":
        raise SandboxError(
            "Missing: a Chromium or Chrome for the tours. Ubuntu ships Chromium only as a snap: install it with\n"
            "    sudo snap install chromium\nor install Google Chrome's own package, and run again."
        )
    if not IS_ROOT:
        line = f"sudo apt-get update && sudo {APT} {' '.join(packages)}"
        raise SandboxError(f"Missing system packages: {what}.\nRun this line, then run make again:\n    {line}")
    env, log = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, LOGS / "apt.log"
    with timed(f"Installing system packages: {what}"):
        run_checked(["apt-get", "update"], "apt-get update failed", log, env=env)
        run_checked([*APT.split(), *packages], f"{' '.join(packages)} cannot be installed", log, env=env)
    if still := [need.package for need in missing if not need.present()]:
        raise SandboxError(f"Installed {', '.join(still)}, but what it should bring is not found.")

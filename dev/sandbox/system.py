"""System packages: what is missing gets installed as root on Debian and Ubuntu, and named else."""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from console import SandboxError, timed
from process import run_checked
from settings import LOGS, is_root

BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")  # where Odoo's tests look
POSTGRESQL_FOLDERS = Path("/usr/lib/postgresql")
ARCHIVE_KEYRINGS = tuple(Path(f"/usr/share/keyrings/debian-archive-keyring.{kind}") for kind in ("pgp", "gpg"))


@dataclass(frozen=True)
class Need:
    """A system package that a command cannot do without."""

    package: str
    reason: str
    present: Callable[[], bool]


def os_release() -> dict[str, str]:
    """Return the fields of /etc/os-release; empty where there is none."""
    path = Path("/etc/os-release")
    lines = path.read_text().splitlines() if path.exists() else []
    return {key: value.strip('"') for key, _, value in (line.partition("=") for line in lines) if value}


def is_debian_like() -> bool:
    """Tell whether packages are installed by apt here."""
    release = os_release()
    family = {release.get("ID", ""), *release.get("ID_LIKE", "").split()}
    return bool(family & {"debian", "ubuntu"}) and shutil.which("apt-get") is not None


def server_folders() -> list[Path]:
    """Return the folders with PostgreSQL's server programs, the newest version first."""
    versions = [path for path in POSTGRESQL_FOLDERS.glob("*/bin") if (path / "initdb").exists()]
    versions.sort(key=lambda path: float(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    return versions + ([Path(os.path.realpath(on_path)).parent] if on_path else [])


def archive_keyring() -> Path | None:
    """Return the keys that Debian signs its archive with."""
    return next((path for path in ARCHIVE_KEYRINGS if path.exists()), None)


def _has_module(*names: str) -> bool:
    return all(importlib.util.find_spec(name) for name in names)


POSTGRESQL = Need("postgresql", "the database server", lambda: bool(server_folders()))
POSTGRESQL_CLIENT = Need("postgresql-client", "psql", lambda: bool(shutil.which("psql")))
BROWSER = Need("chromium", "the browser of the tours", lambda: any(map(shutil.which, BROWSERS)))
MAGIC = Need("libmagic1", "Odoo's detection of file types", lambda: bool(ctypes.util.find_library("magic")))
VENV = Need("python3-venv", "the virtual environment", lambda: _has_module("venv", "ensurepip"))
KEYRING = Need("debian-archive-keyring", "the check of Debian's signatures", lambda: archive_keyring() is not None)


def require(needs: Iterable[Need]) -> None:
    """Install the packages that are missing, or stop with the exact line to run."""
    missing = [need for need in needs if not need.present()]
    if not missing:
        return
    what = ", ".join(f"{need.package} ({need.reason})" for need in missing)
    if not is_debian_like():
        raise SandboxError(f"Missing on this system: {what}.\nInstall it with your package manager and run again.")
    if BROWSER in missing and os_release().get("ID") == "ubuntu":
        raise SandboxError(
            "Missing: a Chromium or Chrome for the tours. Ubuntu ships Chromium only as a snap: install it with\n"
            "    sudo snap install chromium\nor install Google Chrome's own package, and run again."
        )
    packages = [need.package for need in missing]
    if not is_root():
        line = f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {' '.join(packages)}"
        raise SandboxError(f"Missing system packages: {what}.\nRun this line, then run make again:\n    {line}")
    _install(packages, what)
    still = [need.package for need in missing if not need.present()]
    if still:
        raise SandboxError(f"Installed {', '.join(still)}, but what it should bring is not found.")


def _install(packages: list[str], what: str) -> None:
    """Install packages with apt, as root."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    log = LOGS / "apt.log"
    with timed(f"Installing system packages: {what}"):
        run_checked(["apt-get", "update"], "apt-get update failed", log, env=env)
        install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
        run_checked(install, f"The installation of {', '.join(packages)} failed", log, env=env)

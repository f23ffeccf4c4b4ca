"""A real Odoo 19: the one that ODOO_PATH names, or Debian's package, fetched, checked and unpacked here.

Nothing is installed on the machine: apt runs under a private configuration that only downloads, and the packages
are unpacked into the sandbox.
"""

from __future__ import annotations

import configparser
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import archive
from console import SandboxError, note, step, timed
from process import remove_tree, run_checked
from settings import DOWNLOADS, LOGS, ODOO_LOCK, SANDBOX, digest, variable

SERIES = "19.0"
PACKAGES_FOLDER = "usr/lib/python3/dist-packages"  # in the unpacked package


@dataclass(frozen=True)
class Odoo:
    """An Odoo to run: the folder to put on Python's path, and a key that changes with its version."""

    path: Path
    key: str


class Lock:
    """The pinned package, as `dev/odoo.lock` names it."""

    def __init__(self) -> None:
        parser = configparser.ConfigParser()
        parser.read_string(ODOO_LOCK.read_text())
        self.package = parser["odoo"]["package"]
        self.version = parser["odoo"]["version"]
        self.sha256 = parser["odoo"]["sha256"]
        self.suites = parser["suites"]["names"].split()
        self.newest = parser["companions"]["newest"].split()
        self.bookworm = parser["companions"]["bookworm"].split()
        self.stubs = parser["stubs"]["files"].split()


def needs_archive() -> bool:
    """Tell whether Odoo must be fetched or unpacked from Debian's archive."""
    return not variable("ODOO_PATH", "") and not _unpacked().is_dir()


def _unpacked() -> Path:
    return SANDBOX / f"odoo-{digest(ODOO_LOCK.read_bytes())}"


def prepare() -> Odoo:
    """Return an Odoo 19 that can run, fetching and unpacking it when needed."""
    named = variable("ODOO_PATH", "")
    if named:
        return _existing(Path(named).expanduser().resolve())
    target = _unpacked()
    if not target.is_dir():
        lock = Lock()
        _unpack(target, lock, _fetch(lock))
    return Odoo(target / PACKAGES_FOLDER, target.name)


def _existing(path: Path) -> Odoo:
    """Check the Odoo that ODOO_PATH names: a checkout of Odoo, or a folder that holds the `odoo` package."""
    release = path / "odoo" / "release.py"
    if not release.is_file():
        raise SandboxError(
            f"ODOO_PATH={path} holds no odoo/release.py. Name the folder that contains the `odoo` package: "
            "a checkout of Odoo 19 (with odoo-bin in it), or the site-packages that it is installed in."
        )
    text = release.read_text()
    match = re.search(r"version_info = \((\d+), (\d+),", text)
    series = ".".join(match.groups()) if match else "unknown"
    if series != SERIES:
        raise SandboxError(f"ODOO_PATH={path} is Odoo {series}; the module is made for Odoo {SERIES}.")
    if not any((path / folder / "sale_crm").is_dir() for folder in ("addons", "odoo/addons")):
        raise SandboxError(f"ODOO_PATH={path} has no addon sale_crm, neither in addons/ nor in odoo/addons/.")
    step(f"Using Odoo {SERIES} of {path}")
    for stub in Lock().stubs:
        if not (path / stub).exists() and not (path / stub.removeprefix("odoo/")).exists():
            note(f"{stub} is missing there (Debian strips it): browser tests fail until an empty file is put in place")
    return Odoo(_linked(path), digest(str(path), text))


def _linked(path: Path) -> Path:
    """Return a folder that shows nothing but Odoo: beside an installed one lie packages that must not be imported."""
    folder = SANDBOX / "named-odoo"
    remove_tree(folder)
    folder.mkdir(parents=True)
    for name in ("odoo", "addons"):
        if (path / name).is_dir():
            (folder / name).symlink_to(path / name)
    return folder


def _fetch(lock: Lock) -> list[Path]:
    """Return the packages to unpack, downloading those that are not there yet."""
    DOWNLOADS.mkdir(parents=True, exist_ok=True)
    wanted = [f"{lock.package}={lock.version}", *lock.newest, *(f"{name}/bookworm" for name in lock.bookworm)]
    missing = [name for name in wanted if not _downloaded(name)]
    if missing:
        apt = archive.Archive(SANDBOX / "apt", lock.suites)
        apt.update()
        for names in (missing[:1], missing[1:]):
            if names:
                with timed(f"Downloading {', '.join(names)}"):
                    apt.download(names, DOWNLOADS)
    files = [_downloaded(name)[0] for name in wanted]
    _check(files[0], lock)
    return files


def _downloaded(name: str) -> list[Path]:
    """Return the downloaded files of a package (`name`, `name=version` or `name/suite`)."""
    package, _, version = name.partition("/")[0].partition("=")
    return sorted(DOWNLOADS.glob(f"{package}_{version or '*'}_*.deb"))


def _check(path: Path, lock: Lock) -> None:
    """Compare the Odoo package with its pinned checksum."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found == lock.sha256:
        note(f"the checksum of {path.name} is the pinned one")
        return
    path.unlink()
    raise SandboxError(
        f"{path.name} has the checksum {found},\nbut dev/odoo.lock pins {lock.sha256}. The file was removed.\n"
        "Run again (a download may have been damaged). If it stays: use another Odoo 19 with ODOO_PATH=/folder, or,\n"
        "when you trust the new package, write its checksum into dev/odoo.lock."
    )


def _unpack(target: Path, lock: Lock, packages: list[Path]) -> None:
    """Unpack the packages beside each other; the folder gets its name when it is complete."""
    partial = target.with_name(f"{target.name}.partial")
    with timed("Unpacking Odoo (1.2 GB)"):
        remove_tree(partial)
        partial.mkdir(parents=True)
        for package in packages:
            run_checked(["dpkg-deb", "-x", package, partial], f"{package} cannot be unpacked", LOGS / "unpack.log")
        for name in lock.stubs:
            stub = partial / PACKAGES_FOLDER / name
            stub.parent.mkdir(parents=True, exist_ok=True)
            stub.touch()
        for old in SANDBOX.glob("odoo-*"):
            if old != partial and old.is_dir():
                remove_tree(old)
        partial.rename(target)

"""A real Odoo 19: the one that ODOO_PATH names, or Debian's package, fetched and unpacked here, not installed."""

import configparser
import hashlib
import re
from pathlib import Path

from process import Command, SandboxError, note, output, remove_tree, run_checked, step, timed
from settings import DEV, LOGS, SANDBOX, digest, variable
from system import archive_keyring, os_release

SERIES = "19.0"
DOWNLOADS = SANDBOX / "downloads"
APT = SANDBOX / "apt"
PACKAGES_FOLDER = "usr/lib/python3/dist-packages"  # in the unpacked package
LOCK_TEXT = (DEV / "odoo.lock").read_text()
LOCK = configparser.ConfigParser()
LOCK.read_string(LOCK_TEXT)
PACKAGE, VERSION = LOCK["odoo"]["package"], LOCK["odoo"]["version"]
BOOKWORM = [f"{name}/bookworm" for name in LOCK["companions"]["bookworm"].split()]
COMPANIONS = LOCK["companions"]["newest"].split() + BOOKWORM
STUBS = LOCK["stubs"]["files"].split()


def _unpacked() -> Path:
    return SANDBOX / f"odoo-{digest(LOCK_TEXT)}"


def needs_archive() -> bool:
    """Tell whether Odoo must be fetched or unpacked from Debian's archive."""
    return not variable("ODOO_PATH") and not _unpacked().is_dir()


def key() -> str:
    """Return what changes with the version of Odoo."""
    named = variable("ODOO_PATH")
    release = Path(named, "odoo", "release.py").expanduser()
    return digest(named, release.read_bytes()) if named else _unpacked().name


def prepare() -> Path:
    """Return the folder with an Odoo 19 to put on Python's path, fetching and unpacking it when needed."""
    if named := variable("ODOO_PATH"):
        return _existing(Path(named).expanduser().resolve())
    if not _unpacked().is_dir():
        _unpack(_unpacked())
    return _unpacked() / PACKAGES_FOLDER


def _existing(path: Path) -> Path:
    """Check the Odoo that ODOO_PATH names: a checkout of Odoo, or a folder that holds the `odoo` package."""
    release = path / "odoo" / "release.py"
    text = release.read_text() if release.is_file() else ""
    if not re.search(rf"version_info = \({SERIES.replace('.', ', ')},", text):
        raise SandboxError(
            f"ODOO_PATH={path} holds no odoo/release.py of Odoo {SERIES}. Name the folder that contains the `odoo`\n"
            "package: a checkout of Odoo 19 (with odoo-bin in it), or the site-packages that it is installed in."
        )
    if not any((path / folder / "sale_crm").is_dir() for folder in ("addons", "odoo/addons")):
        raise SandboxError(f"ODOO_PATH={path} has no addon sale_crm, neither in addons/ nor in odoo/addons/.")
    step(f"Using Odoo {SERIES} of {path}")
    for stub in STUBS:
        if not (path / stub).exists() and not (path / stub.removeprefix("odoo/")).exists():
            note(f"{stub} is missing there (Debian strips it): browser tests fail until an empty file is put in place")
    # A folder that shows nothing but Odoo: beside an installed one lie packages that must not be imported.
    folder = SANDBOX / "named-odoo"
    remove_tree(folder)
    folder.mkdir(parents=True)
    for part in filter(Path.is_dir, (path / "odoo", path / "addons")):
        (folder / part.name).symlink_to(part)
    return folder


def _archive() -> str:
    """Return the address of Debian's archive: DEBIAN_MIRROR, or the one in the machine's own apt sources.

    Other vendors' sources for the same release lack Debian's label (known after an update) and its updates suite.
    """
    if named := variable("DEBIAN_MIRROR"):
        return named
    suites = {os_release().get("VERSION_CODENAME", ""), "stable", "oldstable", "testing", "unstable", "sid"}
    targets = "$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)|$(LABEL)"
    rows = [row.split("|") for row in output(["apt-get", "indextargets", "--format", targets]).splitlines()]
    updates = {uri for uri, suite, *_ in rows if suite.endswith("-updates")}
    candidates = {
        (label == origin == "Debian", uri in updates, uri)
        for uri, suite, component, origin, label in rows
        if suite in suites and component == "main" and "security" not in uri
    }
    if os_release().get("ID") == "debian" and candidates:
        return max(candidates)[-1]
    raise SandboxError(
        "Odoo 19 comes from Debian's archive, and apt on this machine knows no address of it. Either name a Debian\n"
        "mirror (make run DEBIAN_MIRROR=<address>), or an existing Odoo 19 (make run ODOO_PATH=/folder)."
    )


def _apt(program: str, *words: str) -> Command:
    places = {"Etc::sourcelist": "sources.list", "State::lists": "lists", "Cache": "cache"}
    options = [f"-oDir::{name}={APT / place}" for name, place in places.items()]
    return [program, "-c", DEV / "apt.conf", *options, *words]


def _read_lists() -> None:
    """Fetch the archive's lists of packages, whose signature apt checks."""
    for name in ("lists/partial", "cache/archives/partial", "incoming"):
        (APT / name).mkdir(parents=True, exist_ok=True)
    source = f"deb [signed-by={archive_keyring()}] {_archive()}"
    (APT / "sources.list").write_text("".join(f"{source} {suite} main\n" for suite in LOCK["suites"]["names"].split()))
    failure = "Debian's lists of packages cannot be read. Without network, name an existing Odoo 19 with ODOO_PATH"
    with timed("Reading Debian's lists of packages"):
        run_checked(_apt("apt-get", "update"), failure, LOGS / "apt-lists.log")


def _offered() -> str:
    """Return the version to take: the pinned one, or the newest of the series when the archive has it no more."""
    rows = output(_apt("apt-cache", "madison", PACKAGE)).splitlines()  # the newest comes first
    versions = [row.split("|")[1].strip() for row in rows]
    if VERSION in versions:
        return VERSION
    if not (newest := next((version for version in versions if version.startswith(SERIES)), None)):
        raise SandboxError(
            f"The archive offers no {PACKAGE} {SERIES} (but {', '.join(versions) or 'nothing of it'}): name an\n"
            "existing Odoo 19 (make run ODOO_PATH=/folder), or another mirror (make run DEBIAN_MIRROR=<address>)."
        )
    note(f"the archive has {VERSION} of dev/odoo.lock no more: taking its newest, {newest}, signed by Debian")
    return newest


def _downloaded(name: str) -> list[Path]:
    """Return the downloaded files of a package (`name`, `name=version` or `name/suite`)."""
    package, _, version = name.partition("/")[0].partition("=")
    return sorted(DOWNLOADS.glob(f"{package}_{version or '*'}_*.deb"))


def _fetch() -> list[Path]:
    """Return the packages to unpack, downloading those that are not there yet.

    They are moved when apt has checked them, so that whatever lies in DOWNLOADS is complete.
    """
    DOWNLOADS.mkdir(parents=True, exist_ok=True)
    pinned = odoo = f"{PACKAGE}={VERSION}"
    if not all(map(_downloaded, [pinned, *COMPANIONS])):
        _read_lists()
        odoo = f"{PACKAGE}={_offered()}"
        names = [name for name in (odoo, *COMPANIONS) if not _downloaded(name)]
        with timed(f"Downloading {', '.join(names)} (130 MB)"):
            failure = "The download failed: run again, or name an existing Odoo 19 (make run ODOO_PATH=/folder)"
            run_checked(_apt("apt-get", "download", *names), failure, LOGS / "download.log", cwd=APT / "incoming")
        for path in (APT / "incoming").glob("*.deb"):
            path.replace(DOWNLOADS / path.name)
    files = [_downloaded(name)[-1] for name in (odoo, *COMPANIONS)]
    found = hashlib.sha256(files[0].read_bytes()).hexdigest()
    if odoo == pinned and found != LOCK["odoo"]["sha256"]:
        files[0].unlink()
        raise SandboxError(
            f"{files[0].name} has the checksum {found},\nwhich dev/odoo.lock does not name. The file was removed:\n"
            "run again. If it stays, use another Odoo 19 with ODOO_PATH=/folder, or write the checksum there."
        )
    return files


def _unpack(target: Path) -> None:
    """Unpack the packages beside each other; the folder gets its name when it is complete."""
    packages, partial = _fetch(), target.with_name(f"{target.name}.partial")
    with timed("Unpacking Odoo (1.2 GB)"):
        for old in SANDBOX.glob("odoo-*"):
            remove_tree(old)
        partial.mkdir(parents=True)
        for package in packages:
            run_checked(["dpkg-deb", "-x", package, partial], f"{package} cannot be unpacked", LOGS / "unpack.log")
        for name in STUBS:
            stub = partial / PACKAGES_FOLDER / name
            stub.parent.mkdir(parents=True, exist_ok=True)
            stub.touch()
        partial.rename(target)

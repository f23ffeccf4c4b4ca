"""Debian's archive through apt, under a private configuration: the machine's own lists and packages stay untouched."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from console import SandboxError, note, tail, timed
from process import Command, output, remove_tree, run, run_checked
from settings import LOGS, variable
from system import archive_keyring, os_release

# Lists of any age will do (mirrors that are seldom renewed, snapshots): Odoo is pinned by its checksum anyway.
CONFIGURATION = """\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "{folder}/lists";
Dir::Cache "{folder}/cache";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::Check-Valid-Until "false";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::CNF::DefaultEnabled "false";
APT::Sandbox::User "root";
"""
INDEX_FORMAT = "$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)|$(LABEL)"


def machine_archive() -> str:
    """Return the address of Debian's archive: DEBIAN_MIRROR, or the one in the machine's own apt sources.

    Among the sources it is the one that serves `main` of the machine's release; other vendors' repositories for
    the same release are told apart by their label and by the updates suite that only Debian's has.
    """
    named = variable("DEBIAN_MIRROR", "")
    if named:
        return named
    release = os_release()
    codename = release.get("VERSION_CODENAME", "")
    suites = {codename, "stable", "oldstable", "testing", "unstable", "sid"}
    rows = [row.split("|") for row in output(["apt-get", "indextargets", "--format", INDEX_FORMAT]).splitlines()]
    updates = {uri for uri, suite, *_ in rows if suite.endswith("-updates")}
    candidates = {
        (label == origin == "Debian", uri in updates, uri)
        for uri, suite, component, origin, label in rows
        if suite in suites and component == "main" and "security" not in uri
    }
    if release.get("ID") == "debian" and candidates:
        return max(candidates)[-1]
    raise SandboxError(
        "Odoo 19 comes from Debian's archive, and apt on this machine knows no address of it. Either name a Debian\n"
        "mirror (make run DEBIAN_MIRROR=<address>), or an existing Odoo 19 (make run ODOO_PATH=/folder)."
    )


class Archive:
    """Some suites of Debian's archive that packages can be downloaded from."""

    def __init__(self, folder: Path, suites: list[str]) -> None:
        self.folder = folder
        self.configuration = folder / "apt.conf"
        for name in ("lists/partial", "cache/archives/partial", "incoming"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        keyring = archive_keyring()
        signed = f"[signed-by={keyring}] " if keyring else ""
        address = machine_archive()
        sources = "".join(f"deb {signed}{address} {suite} main\n" for suite in suites)
        (folder / "sources.list").write_text(sources)
        self.configuration.write_text(CONFIGURATION.format(folder=folder))

    def update(self) -> None:
        """Fetch the lists of packages."""
        with timed("Reading Debian's lists of packages"):
            run_checked(
                ["apt-get", "-c", self.configuration, "update"],
                "Debian's lists of packages cannot be read. Without network, name an existing Odoo 19 with ODOO_PATH",
                LOGS / "apt-lists.log",
            )

    def download(self, names: list[str], target: Path) -> None:
        """Download packages (`name`, `name=version`, `name/suite`) into `target`.

        They arrive in a folder of their own and are moved when apt has checked them, so that whatever lies in `target`
        is complete. A download that was cut off continues.
        """
        incoming = self.folder / "incoming"
        command: Command = ["apt-get", "-c", self.configuration, "download", *names]
        log = LOGS / "download.log"

        def progress() -> str:
            size = sum(path.stat().st_size for path in incoming.glob("*.deb"))
            return f"{size / 1e6:.0f} MB so far"

        # A terminal shows apt's own progress.
        options: dict[str, Any] = {} if os.isatty(1) else {"log": log, "progress": progress}
        if run(command, cwd=incoming, **options):
            remove_tree(incoming)
            raise SandboxError(self._failure(names, log))
        for path in incoming.glob("*.deb"):
            path.replace(target / path.name)

    def _failure(self, names: list[str], log: Path) -> str:
        packages = [name.partition("/")[0].partition("=")[0] for name in names]
        offered = output(["apt-cache", "-c", str(self.configuration), "madison", *packages]).strip() or "nothing of it"
        for line in offered.splitlines():
            note(f"the archive offers: {line}")
        return (
            f"{', '.join(names)} cannot be downloaded. If the archive offers another version (see above), either name\n"
            "an existing Odoo 19 (ODOO_PATH=/folder), or write the new version and its checksum into dev/odoo.lock.\n"
            + tail(log)
        )

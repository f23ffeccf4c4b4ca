"""The prepared sandbox: packages, Odoo, environment and server in place, and the databases made from templates.

Three templates make the later starts fast: `base` (the modules that ours depends on, with demo data) lasts as long as
Odoo and its packages do; `installed` (with our module on top) as long as the module's files do, and so does `soft`
(with the modules on top that ours uses where they are there).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import environment
import module
import source
import system
from console import SandboxError, timed
from database import Databases, own_name
from locks import in_turn
from postgres import Server
from runtime import Runtime, complaints, write_configuration
from settings import BASE_MODULES, LOGS, MODULE, REQUIREMENTS, SOFT_MODULES, checkout_id, digest, external_server

# Bundles made once in the template need not be made again by each run's first page, in the middle of a tour.
MAKE_BUNDLES = """
for name in (
    "web.assets_web", "web.assets_web_print", "web.assets_backend_lazy", "web.assets_tests",
    "web.assets_frontend", "web.assets_frontend_minimal", "web.assets_frontend_lazy",
):
    env["ir.qweb"]._get_asset_bundle(name, css=False, js=True).js()
    env["ir.qweb"]._get_asset_bundle(name, css=True, js=False).css()
env.cr.commit()
"""


@dataclass(frozen=True)
class Workplace:
    """What a command works with."""

    runtime: Runtime
    databases: Databases
    base_key: str

    def base(self) -> str:
        """Return the template with the modules that ours depends on, building it when it is missing."""
        name = own_name(f"base_{self.base_key}")
        if not self.databases.exists(name):
            with timed(f"Building the template database with {', '.join(BASE_MODULES)} and demo data (minutes, once)"):
                self._drop_others("base_", name)
                self.databases.build(name, self._fill_base, "template")
        return name

    def _fill_base(self, building: str) -> None:
        self.runtime.install(building, BASE_MODULES, LOGS / "base.log")

    def installed(self) -> str:
        """Return the template with our module installed, building it when the module's files changed."""
        base = self.base()
        name = own_name(f"installed_{digest(self.base_key, module.installed_hash())}")
        if not self.databases.exists(name):
            with timed(f"Installing {MODULE} in a copy of the template"):
                self._drop_others("installed_", name)
                self.databases.build(name, self._fill_installed, "template", base)
        return name

    def _fill_installed(self, building: str) -> None:
        log = LOGS / "install.log"
        self.runtime.install(building, [MODULE], log)
        found = complaints(log)
        if found:
            raise SandboxError("\n".join([f"The installation of {MODULE} logs (see {log}):", *found]))
        self.runtime.script(building, MAKE_BUNDLES, LOGS / "bundles.log")

    def soft(self) -> str:
        """Return the template with the modules that ours does not depend on but uses, building it when missing."""
        installed = self.installed()
        name = own_name(f"soft_{digest(installed, *SOFT_MODULES)}")
        if not self.databases.exists(name):
            with timed(f"Installing {', '.join(SOFT_MODULES)} beside {MODULE}"):
                self._drop_others("soft_", name)
                self.databases.build(name, self._fill_soft, "template", installed)
        return name

    def _fill_soft(self, building: str) -> None:
        self.runtime.install(building, SOFT_MODULES, LOGS / "soft.log")

    def _drop_others(self, kind: str, name: str) -> None:
        """Drop the templates of a kind that something changed since."""
        for old in self.databases.names(own_name(kind)):
            if old != name:
                self.databases.drop(old)

    def fresh(self, name: str, soft: bool = False) -> str:
        """Return a new database with our module installed, and with what it uses beside it when `soft`."""
        with in_turn("databases", "preparing databases"):
            self.databases.copy(self.soft() if soft else self.installed(), own_name(name))
        return own_name(name)


@contextmanager
def prepared(*extra: system.Need) -> Iterator[Workplace]:
    """Prepare everything that a command needs, and stop the private server at its end."""
    with in_turn("prepare", "preparing"):
        system.require(_needs(*extra))
        tree = source.prepare()
        python = environment.prepare()
        module.link()
        write_configuration()
    with Server() as server:
        runtime = Runtime(python, tree.path, server.env)
        pins = (path.read_bytes() for path in REQUIREMENTS)
        key = digest(tree.key, *BASE_MODULES, *pins, checkout_id() if external_server() else "")
        yield Workplace(runtime, Databases(server.env), key)


def _needs(*extra: system.Need) -> list[system.Need]:
    """Return the system packages that running Odoo needs here."""
    needs = [system.VENV, system.MAGIC, *extra]
    needs.append(system.POSTGRESQL_CLIENT if external_server() else system.POSTGRESQL)
    if source.needs_archive():
        needs.append(system.KEYRING)
    return needs

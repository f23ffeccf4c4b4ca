"""The prepared sandbox: packages, Odoo, environment and server in place, and the databases made from templates.

Three templates make the later starts fast: `base` (the modules that ours depends on, with demo data) lasts as long as
Odoo and its packages do; `installed` (with our module on top) as long as the module's files do, and so does `optional`
(with the modules on top that ours uses where they are there, and the example of an extension).
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import database
import module
import runtime
import source
import system
from database import own_name
from postgres import Cluster, running
from process import SandboxError, locked, timed
from settings import (
    BASE_MODULES,
    CHECKOUT,
    EXAMPLE,
    EXTERNAL_SERVER,
    LOGS,
    MODULE,
    OCA_MODULES,
    OPTIONAL_MODULES,
    digest,
)


@contextmanager
def prepared(*extra: system.Need) -> Iterator[Cluster | None]:
    """Prepare everything that a command needs, and stop the private server at its end.

    Within, the environment of all children leads to Odoo and to PostgreSQL.
    """
    with locked("prepare"):
        server_need = system.POSTGRESQL_CLIENT if EXTERNAL_SERVER else system.POSTGRESQL
        archive_need = [system.KEYRING] if source.needs_archive() else []
        system.require([system.VENV, system.MAGIC, server_need, *archive_need, *extra])
        odoo = source.prepare()
        runtime.make_environment()
        module.link()
        runtime.write_configuration()
    for name in ("ODOO_RC", "OPENERP_SERVER", "PGDATABASE"):
        os.environ.pop(name, None)
    os.environ.update(PYTHONPATH=str(odoo), PYTHONUNBUFFERED="1")
    with running() as cluster:
        yield cluster


def base_key() -> str:
    """Return what changes with Odoo and its packages."""
    return digest(source.key(), *BASE_MODULES, runtime.PINS[0], CHECKOUT if EXTERNAL_SERVER else "")


def _template(kind: str, key: str, text: str, fill: Callable[[str], None], template: str = "") -> str:
    """Return a template database, building it in place of those that something changed since."""
    name = own_name(f"{kind}_{key}")
    if name not in database.names(name):
        with timed(text):
            for old in database.names(own_name(f"{kind}_")):
                database.drop(old)
            database.build(name, fill, "template", template)
    return name


def base() -> str:
    """Return the template with the modules that ours depends on, and demo data."""
    text = f"Building the template database with {', '.join(BASE_MODULES)} and demo data (minutes, once)"
    return _template("base", base_key(), text, lambda new: runtime.install(new, BASE_MODULES, LOGS / "base.log"))


def installed() -> str:
    """Return the template with our module installed on top of that with what it depends on."""
    key = digest(base_key(), module.installed_hash())
    return _template("installed", key, f"Installing {MODULE} in a copy of it", _fill_installed, base())


def _fill_installed(new: str) -> None:
    log = LOGS / "install.log"
    runtime.install(new, [MODULE], log)
    _refuse_complaints(MODULE, log)
    runtime.script(new, "bundles")


def _refuse_complaints(what: str, log: Path) -> None:
    if found := list(filter(runtime.is_complaint, log.read_text(errors="replace").splitlines())):
        raise SandboxError("\n".join([f"The installation of {what} logs (see {log}):", *found]))


def optional() -> str:
    """Return the template with the modules that ours does not depend on but uses, and with the example."""
    template, log = installed(), LOGS / "install-optional.log"
    modules = [*OPTIONAL_MODULES, EXAMPLE]
    key, text = digest(template, *modules, module.example_hash()), f"Installing {', '.join(modules)} beside {MODULE}"
    return _template("optional", key, text, lambda new: runtime.install(new, modules, log), template)


def beside_oca() -> str:
    """Return the template with the modules of OCA beside ours: each of both must bear that the other comes later."""
    runtime.fetch_oca()
    template, log = installed(), LOGS / "install-oca.log"
    key, extra = digest(template, runtime.OCA_PACKAGES.read_bytes(), *OCA_MODULES), [f"--{runtime.WITH_OCA}"]

    def fill(new: str) -> None:
        for action, modules in (("-i", OCA_MODULES), ("-u", (MODULE,))):
            runtime.install(new, modules, log, action, extra=extra)
            _refuse_complaints(f"the modules of OCA beside {MODULE}", log)

    return _template("oca", key, f"Installing {len(OCA_MODULES)} modules of OCA beside {MODULE}", fill, template)


def beside(name: str, modules: Sequence[str]) -> str:
    """Return the template with other modules and without ours, and without demo data: Odoo's tests count what is."""
    text = f"Building a template database with {', '.join(modules)} (minutes, once)"
    key, log = digest(base_key(), *modules), LOGS / f"{name}-base.log"
    return _template(f"beside-{name}", key, text, lambda new: runtime.install(new, modules, log, demo=False))


def fresh(name: str) -> str:
    """Return a new database with our module installed, and with more beside it where TEMPLATES has its name."""
    with locked("databases"):
        database.copy(TEMPLATES.get(name, installed)(), own_name(name))
    return own_name(name)


TEMPLATES = {"optional": optional, "oca": beside_oca}

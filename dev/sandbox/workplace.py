"""The prepared sandbox: packages, Odoo, environment and server in place, and the databases made from templates.

Three templates make the later starts fast: `base` (the modules that ours depends on, with demo data) lasts as long as
Odoo and its packages do; `installed` (with our module on top) as long as the module's files do, and so does `optional`
(with the modules on top that ours uses where they are there).
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import database
import module
import runtime
import source
import system
from database import own_name
from postgres import Cluster, running
from process import SandboxError, locked, timed
from settings import BASE_MODULES, CHECKOUT, EXTERNAL_SERVER, LOGS, MODULE, OPTIONAL_MODULES, digest


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
    if found := list(filter(runtime.is_complaint, log.read_text(errors="replace").splitlines())):
        raise SandboxError("\n".join([f"The installation of {MODULE} logs (see {log}):", *found]))
    runtime.script(new, "bundles")


def optional() -> str:
    """Return the template with the modules that ours does not depend on but uses."""
    template, log = installed(), LOGS / "install-optional.log"
    key, text = digest(template, *OPTIONAL_MODULES), f"Installing {', '.join(OPTIONAL_MODULES)} beside {MODULE}"
    return _template("optional", key, text, lambda new: runtime.install(new, OPTIONAL_MODULES, log), template)


def fresh(name: str) -> str:
    """Return a new database with our module installed, and with what it uses beside it when its name is `optional`."""
    with locked("databases"):
        database.copy(optional() if name == "optional" else installed(), own_name(name))
    return own_name(name)

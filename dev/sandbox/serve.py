"""`make run`: a database with demo data and scores, served in the foreground until Ctrl-C."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator
from typing import IO

import module
from console import SandboxError, note, say, step, timed
from database import MARK, has_filestore
from locks import held, in_turn, only_one
from process import child
from runtime import HARMLESS, LOG_LINE
from settings import LOGS, MODULE, checkout_id, variable
from workplace import Workplace

RESCORE = """
for company in env["res.company"].search([]):
    env["grading.run"].with_company(company)._rescore()
    env.cr.commit()
"""
DATABASE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,50}")
READY = re.compile(r"odoo\.registry: Registry loaded in")


def database_name() -> str:
    """Return the name of the database that `make run` serves."""
    name = variable("DB", MODULE)
    if not DATABASE_NAME.fullmatch(name):
        raise SandboxError(f"DB={name} is no name for a database: letters, digits, `_`, `-` and `.` only.")
    return name


def port() -> int:
    """Return the port to serve on."""
    text = variable("PORT", "8069")
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SandboxError(f"PORT={text} is no port: give a number between 1 and 65535.")
    return int(text)


def interface() -> str:
    """Return the address to listen on: this machine only, unless told otherwise."""
    return variable("INTERFACE", "127.0.0.1")


def check_port() -> None:
    """Stop with a clear message when the port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((interface(), port()))
        except OSError as error:
            raise SandboxError(
                f"Odoo cannot listen on {interface()}:{port()}: {error.strerror}.\n"
                f"Stop what uses the port, or choose another one: make run PORT={port() + 1}"
            ) from None


def run_lock(name: str) -> str:
    """Return the name of the lock that serving a database holds."""
    return f"run-{name}"


def ensure_database(place: Workplace) -> str:
    """Return the database of `make run`, making it when it is missing and upgrading it when the module changed."""
    name = database_name()
    with in_turn("databases", "preparing databases"):
        state = f"{checkout_id()} {place.base_key} {module.installed_hash()}"
        if not place.databases.exists(name):
            _make(place, name, state)
        elif place.databases.comment(name) != f"{MARK} {state}":
            _renew(place, name, state)
    return name


def _make(place: Workplace, name: str, state: str) -> None:
    template = place.installed()

    def rescore(building: str) -> None:
        with timed("Grading the demo data"):
            place.runtime.script(building, RESCORE, LOGS / "rescore.log")

    step(f"Making the database {name}")
    place.databases.build(name, rescore, state, template)


def _renew(place: Workplace, name: str, state: str) -> None:
    """Upgrade a database whose module, or whose Odoo, is another one by now; refuse one that is not ours."""
    words = place.databases.comment(name).removeprefix(MARK).split()
    if not place.databases.comment(name).startswith(MARK) or words[0] != checkout_id() or not has_filestore(name):
        raise SandboxError(
            f"There is a database {name} already that this sandbox did not make (or whose files are gone).\n"
            f"Choose another one: make run DB={name}_2, or remove it: dropdb {name}"
        )
    if held(run_lock(name)):
        note(f"the module changed, but {name} is being served: it is upgraded at the next start of `make run`")
        return
    modules = [MODULE] if words[1] == place.base_key else ["base"]
    with timed(f"Upgrading {', '.join(modules)} in the database {name}"):
        place.runtime.install(name, modules, LOGS / "upgrade.log", update=True)
    place.databases.set_comment(name, f"{MARK} {state}")


def serve(place: Workplace) -> int:
    """Serve the database of `make run` until Ctrl-C; return Odoo's exit code."""
    name = database_name()
    busy = f"The database {name} is being served already (process %s). Use that, or another one: make run DB=…"
    with only_one(run_lock(name), busy):
        check_port()  # again: the preparation may have taken minutes
        step(f"Starting Odoo on port {port()}")
        try:
            return _foreground(place, name)
        except KeyboardInterrupt:
            note("stopped; the data is kept, `make run` goes on with it")
            return 0


def _foreground(place: Workplace, name: str) -> int:
    """Run Odoo, following its log, until it ends."""
    filters = ["-d", name, f"--db-filter=^{re.escape(name)}$"]
    command = place.runtime.command(*filters, f"--http-port={port()}", f"--http-interface={interface()}")
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "env": place.runtime.env()}
    with (LOGS / "run.log").open("a") as log, child(command, **options) as process:
        assert process.stdout is not None
        for line in _told(process.stdout, log):
            if READY.search(line):
                _announce(place, name)
    return process.returncode


def _told(lines: IO[str], log: IO[str]) -> Iterator[str]:
    """Yield each line of Odoo's log, writing all of them to a file and complaints to the terminal."""
    complaining = False
    for line in lines:
        log.write(line)
        log.flush()
        match = LOG_LINE.match(line)
        if match:
            serious = match["level"] in ("WARNING", "ERROR", "CRITICAL")
            complaining = serious and not HARMLESS.match(match["text"])
        if complaining:
            say(line.rstrip("\n"))
        yield line


def _announce(place: Workplace, name: str) -> None:
    """Print the address and how to log in."""
    host = "localhost" if interface() in ("127.0.0.1", "0.0.0.0") else interface()
    demo_user = place.databases.query("SELECT count(*) FROM res_users WHERE login = 'demo' AND active", name) == ["1"]
    say("")
    say(f"    Odoo runs:  http://{host}:{port()}")
    say("    Log in as:  admin, password admin" + (" (or the salesperson demo, password demo)" if demo_user else ""))
    say(f"    Database:   {name}    Log: {LOGS / 'run.log'}")
    say("    Stop:       Ctrl-C (the data is kept)")
    say("")

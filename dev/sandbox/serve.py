"""`make run`: a database with demo data and scores, served in the foreground until Ctrl-C."""

import re
import socket
import subprocess

import database
import module
import runtime
from database import MARK
from process import SandboxError, child, held, locked, note, step, timed
from runtime import is_complaint
from settings import CHECKOUT, FILESTORE, LOGS, MODULE, variable
from workplace import base_key, installed

# What is served, and where: on this machine only, unless told otherwise.
DATABASE = variable("DB", MODULE)
INTERFACE, PORT = variable("INTERFACE", "127.0.0.1"), variable("PORT", "8069")
READY = "odoo.registry: Registry loaded in"
ANNOUNCEMENT = """
    Odoo runs:  http://{host}:{port}
    Log in as:  admin, password admin (or the salesperson demo, password demo)
    Database:   {name}    Log: {log}
    Stop:       Ctrl-C (the data is kept)
"""


def check_variables(serving: bool) -> None:
    """Refuse values of DB and PORT that cannot work; a port that is taken, too, when it is to serve."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,50}", DATABASE):
        raise SandboxError(f"DB={DATABASE} is no name for a database: letters, digits, `_`, `-` and `.` only.")
    if not PORT.isdigit() or not 0 < int(PORT) < 65536:
        raise SandboxError(f"PORT={PORT} is no port: give a number between 1 and 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((INTERFACE, int(PORT) if serving else 0))
        except OSError as error:
            raise SandboxError(
                f"Odoo cannot listen on {INTERFACE}:{PORT}: {error.strerror}.\n"
                f"Stop what uses the port, or choose another one: make run PORT={int(PORT) + 1}"
            ) from None


def ensure_database() -> str:
    """Return the database of `make run`, making it when it is missing and upgrading it when the module changed."""
    name = DATABASE
    with locked("databases"):
        state = f"{CHECKOUT} {base_key()} {module.installed_hash()}"
        if name not in database.names(name):
            template = installed()
            with timed(f"Making the database {name}, and grading its demo data"):
                database.build(name, lambda new: runtime.script(new, "rescore"), state, template)
        elif database.comment(name) != f"{MARK} {state}":
            _renew(name, state)
    return name


def _renew(name: str, state: str) -> None:
    """Upgrade a database whose module, or whose Odoo, is another one by now; refuse one that is not ours."""
    comment = database.comment(name)
    words = comment.removeprefix(MARK).split()
    if not comment.startswith(MARK) or words[0] != CHECKOUT or not (FILESTORE / name).is_dir():
        raise SandboxError(
            f"There is a database {name} already that this sandbox did not make (or whose files are gone).\n"
            f"Choose another one: make run DB={name}_2, or remove it: dropdb {name}"
        )
    if held(f"run-{name}"):
        note(f"the module changed, but {name} is being served: it is upgraded at the next start of `make run`")
        return
    changed = MODULE if words[1] == base_key() else "base"
    with timed(f"Upgrading {changed} in the database {name}"):
        runtime.install(name, [changed], LOGS / "upgrade.log", "-u")
    database.set_comment(name, f"{MARK} {state}")


def serve() -> int:
    """Serve the database of `make run` until Ctrl-C, showing the complaints of its log; return Odoo's exit code."""
    name = ensure_database()
    busy = f"The database {name} is being served already (process %s). Use that, or another one: make run DB=…"
    with locked(f"run-{name}", busy), (LOGS / "run.log").open("a") as log:
        check_variables(serving=True)  # again: the preparation may have taken minutes
        step(f"Starting Odoo on port {PORT}")
        filters = ["-d", name, f"--db-filter=^{re.escape(name)}$"]
        command = runtime.command(*filters, f"--http-port={PORT}", f"--http-interface={INTERFACE}")
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        try:
            with child(command, **options) as process:
                complaining: bool | None = False
                for line in process.stdout or ():
                    print(line, end="", file=log, flush=True)
                    verdict = is_complaint(line)
                    complaining = complaining if verdict is None else verdict
                    if complaining:
                        print(line, end="", flush=True)
                    if READY in line:
                        host = "localhost" if INTERFACE in ("127.0.0.1", "0.0.0.0") else INTERFACE
                        print(ANNOUNCEMENT.format(host=host, port=PORT, name=name, log=log.name), flush=True)
            return process.returncode
        except KeyboardInterrupt:
            note("stopped; the data is kept, `make run` goes on with it")
            return 0

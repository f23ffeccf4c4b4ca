"""PostgreSQL: a private cluster of this checkout, kept by Debian's postgresql-common, or that of the PG* variables.

The cluster trades safety against a power cut for speed. It listens on a socket in a folder that only its own user can
enter, so that it needs neither port nor password. Each command that uses it holds a shared lock, and the last one to
leave stops it.
"""

import fcntl
import os
import pwd
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from process import Command, SandboxError, locked, output, remove_tree, run, run_checked, step, tail, take
from settings import CHECKOUT, DEV, EXTERNAL_SERVER, IS_ROOT, LOGS, MODULE, SANDBOX

SUPERUSER = "postgres"
ODOO_ROLE = "odoo"  # Odoo refuses to work as `postgres`
CLUSTER = "sandbox"
PORT = "5432"  # no more than a part of the socket's name
START_ATTEMPTS = 5
# The cluster's folder for a checkout that the server cannot use; it survives a reboot.
OUTSIDE = Path("/var/tmp") / f"{MODULE}-{CHECKOUT}"
LONGEST_SOCKET_FOLDER = 85  # characters: the kernel takes 107 with the socket's name


def _folder() -> Path:
    """Return the folder of the cluster, made and owned by the user who runs the server: root may not."""
    folder = SANDBOX / "pg"
    as_server = ["runuser", "-u", SUPERUSER, "--"] if IS_ROOT else []
    if run([*as_server, "test", "-x", SANDBOX], cwd=Path("/")) or len(str(folder)) > LONGEST_SOCKET_FOLDER:
        folder = OUTSIDE
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = pwd.getpwnam(SUPERUSER).pw_uid if IS_ROOT else os.geteuid()
    if folder.is_symlink() or folder.stat().st_uid not in (owner, os.geteuid()):
        raise SandboxError(f"{folder} belongs to another user. Remove it.")
    os.chown(folder, owner, -1)
    return folder


class Cluster:
    """The private server of this checkout, in a folder of its own."""

    def __init__(self, folder: Path, users: IO[str] | None = None) -> None:
        self.folder = folder
        self._users = users  # the lock that each command which uses the server shares
        self._complete = folder / "complete"
        self._settings = folder / "etc"  # <version>/<name of the cluster>/
        self._env = {**os.environ, "PG_CLUSTER_CONF_ROOT": str(self._settings)}

    def _control(self, action: str, *options: str) -> int:
        version = max((path.name for path in self._settings.iterdir()), default="none")
        command = ["pg_ctlcluster", version, CLUSTER, action, *options]
        return run(command, log=LOGS / f"pg_{action}.log", cwd=Path("/"), env=self._env)

    def start(self) -> None:
        """Start the server unless it runs, making the cluster when it is missing, unfinished or of another folder."""
        if not self._complete.exists() or self._complete.read_text() != str(self.folder):
            self._make()
        if self._control("status"):
            self._start({})
        # Tests of the views for other tools make roles, and the cluster may be older than they are.
        allow = ["-qc", f"ALTER ROLE {ODOO_ROLE} CREATEROLE"]
        output(["psql", "-h", self.folder, "-p", PORT, "-U", SUPERUSER, "-d", "postgres", *allow])

    def _start(self, clock: dict[str, str]) -> None:
        variables = next(self._settings.glob("*/*/environment"))  # those of the server; a clock, where there are any
        variables.write_text("".join(f"{name} = '{value}'\n" for name, value in clock.items()))
        for attempt in range(START_ATTEMPTS):
            for rest in self.folder.glob(".s.PGSQL.*"):  # of a server that was killed
                rest.unlink()
            if not self._control("start"):
                return
            time.sleep(attempt)  # processes of a killed server may take a moment to go
        raise SandboxError(
            "The private PostgreSQL does not start. If its version is not installed any more, or if the logs speak of\n"
            f"damage, `make clean` starts over.\n{tail(LOGS / 'pg_start.log')}\n{tail(self.folder / 'server.log')}"
        )

    def _make(self) -> None:
        """Make the cluster with its role."""
        step("Making a private PostgreSQL cluster")
        if not self._complete.exists():
            self.stop()
        for rest in self.folder.iterdir():
            remove_tree(rest) if rest.is_dir() else rest.unlink()
        version = max((path.parents[1].name for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")), key=float)
        owner = ["-u", SUPERUSER] if IS_ROOT else []
        places = ["-d", self.folder / "data", "-s", self.folder, "-l", self.folder / "server.log", "-p", PORT]
        options = [*owner, *places, "--start-conf", "manual", "-e", "UTF8", "--locale", "C.UTF-8"]
        command: Command = ["pg_createcluster", *options, version, CLUSTER, "--", "-A", "trust", "-U", SUPERUSER]
        run_checked(command, "The cluster cannot be made", LOGS / "initdb.log", cwd=Path("/"), env=self._env)
        shutil.copy(DEV / "postgresql.conf", self._settings / version / CLUSTER / "conf.d")
        self._start({})
        output(["createuser", "-h", self.folder, "-p", PORT, "-U", SUPERUSER, "--createdb", ODOO_ROLE])
        self._complete.write_text(str(self.folder))  # its settings name it: a checkout that was moved has another

    def set_clock(self, clock: dict[str, str]) -> None:
        """Start the server anew with another clock, alone, or with that of the machine."""
        if self._users and not take(self._users):
            raise SandboxError("TODAY needs PostgreSQL for itself: stop the other command that runs in this checkout.")
        self.stop()
        self._start(clock)
        if self._users and not clock:
            take(self._users, fcntl.LOCK_SH)

    def stop(self) -> None:
        """Stop the server if it runs."""
        if self._settings.is_dir() and not self._control("status"):
            self._control("stop", "-m", "fast")


@contextmanager
def running() -> Iterator[Cluster | None]:
    """Run PostgreSQL for the block and lead the children to it; None stands for the server of the PG* variables."""
    if EXTERNAL_SERVER:
        step("Using the PostgreSQL that the PG* variables name")
        yield None
        return
    with locked("postgres-users", kind=fcntl.LOCK_SH) as users:
        cluster = Cluster(_folder(), users)
        with locked("postgres"):
            cluster.start()
        os.environ.update(PGHOST=str(cluster.folder), PGPORT=PORT, PGUSER=ODOO_ROLE)
        try:
            yield cluster
        finally:
            with locked("postgres"):
                if take(users):  # no other command uses it
                    cluster.stop()


def remove() -> None:
    """Stop the private cluster of this checkout and remove what of it lies outside of the sandbox."""
    for folder in (SANDBOX / "pg", OUTSIDE):
        if folder.is_dir():
            Cluster(folder).stop()
    remove_tree(OUTSIDE)

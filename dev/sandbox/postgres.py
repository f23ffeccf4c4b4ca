"""PostgreSQL: a private cluster of this checkout, or the server that the libpq variables name.

The cluster trades safety against a power cut for speed. It listens on a free port of 127.0.0.1 only; its password
lies beside it. Each command that uses it is a member of a shared lock, and the last one to leave stops it.
"""

from __future__ import annotations

import os
import pwd
import secrets
import socket
import subprocess
import time
from pathlib import Path

import system
from console import SandboxError, note, step, tail
from locks import Membership, in_turn
from process import Command, child, output, remove_tree, run, run_checked
from settings import LOGS, MODULE, SANDBOX, checkout_id, external_server, is_root

SERVER_USER = "postgres"
ODOO_ROLE = "odoo"  # Odoo refuses to work as `postgres`
START_ATTEMPTS = 5
CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 100
shared_buffers = 512MB
work_mem = 32MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
fsync = off
synchronous_commit = off
full_page_writes = off
"""


def outside_folder() -> Path:
    """Return the cluster's folder for a checkout that the server's user cannot reach; it survives a reboot."""
    return Path("/var/tmp") / f"{MODULE}-{checkout_id()}"


def _as_server(command: Command) -> list[str | Path]:
    """Return the command as the user who may run the server: root may not."""
    return ["runuser", "-u", SERVER_USER, "--", *command] if is_root() else list(command)


def _folder() -> Path:
    """Return the folder of the cluster, made and owned by the server's user."""
    inside = SANDBOX / "pg"
    if not is_root():
        inside.mkdir(parents=True, exist_ok=True)
        return inside
    reachable = not run(_as_server(["test", "-x", SANDBOX]), log=LOGS / "postgres-user.log", cwd=Path("/"))
    folder = inside if reachable else outside_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    user = pwd.getpwnam(SERVER_USER)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return folder


class Cluster:
    """The private server of this checkout."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.programs = self._find_programs()

    def _find_programs(self) -> Path:
        """Return the server programs: those of the version that made the cluster, else the newest."""
        folders = system.server_folders()
        version = self.data / "PG_VERSION"
        if not version.exists():
            return folders[0]
        made_by = version.read_text().strip()
        for path in folders:
            if output([path / "postgres", "--version"]).split()[2].split(".")[0] == made_by:
                return path
        raise SandboxError(
            f"The sandbox's databases were made by PostgreSQL {made_by}, which is not installed any more.\n"
            f"Install postgresql-{made_by}, or run `make clean` to start over with the newer one."
        )

    def password(self) -> str:
        """Return the password of both roles, drawn when the cluster is made."""
        return (self.folder / "password").read_text()

    def environment(self, port: int) -> dict[str, str]:
        """Return the libpq variables that lead to this cluster."""
        return {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(port),
            "PGUSER": ODOO_ROLE,
            "PGPASSWORD": self.password(),
            "PATH": f"{self.programs}:{os.environ['PATH']}",
        }

    def start(self) -> int:
        """Start the server, making the cluster when it is missing or unfinished, and return its port."""
        if not self.data.is_dir():
            self._make()
        port = self.running_port()
        if port:
            return port
        control: Command = [self.programs / "pg_ctl", "-D", self.data, "-w", "-t", "60"]
        for attempt in range(START_ATTEMPTS):
            self._forget_dead_server()
            port = free_port()
            start: Command = [*control, "-l", self.log, "-o", f"-p {port}", "start"]
            if not run(_as_server(start), log=LOGS / "pg_ctl.log", cwd=Path("/")):
                note(f"the private PostgreSQL listens on 127.0.0.1:{port}")
                return port
            time.sleep(attempt)  # processes of a killed server may take a moment to go
        raise SandboxError(
            "The private PostgreSQL does not start. If its log below speaks of damage, `make clean` starts over.\n"
            + tail(self.log)
        )

    def _make(self) -> None:
        """Make the cluster under a temporary name, with its role, and rename it when it is complete."""
        step("Making a private PostgreSQL cluster")
        building = self.folder / "data.building"
        remove_tree(building)
        self._write_password()
        options = ["-U", SERVER_USER, "-E", "UTF8", "--locale=C.UTF-8", "-A", "scram-sha-256", "--no-sync"]
        initdb: Command = [self.programs / "initdb", "-D", building, *options, f"--pwfile={self.folder / 'password'}"]
        run_checked(_as_server(initdb), "initdb failed", LOGS / "initdb.log", cwd=Path("/"))
        with (building / "postgresql.conf").open("a") as stream:
            stream.write(CONFIGURATION)
        self._make_role(building)
        building.rename(self.data)

    def _write_password(self) -> None:
        path = self.folder / "password"
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(16))
        folder = self.folder.stat()
        os.chown(path, folder.st_uid, folder.st_gid)

    def _make_role(self, data: Path) -> None:
        """Make Odoo's role without starting the server."""
        single: Command = [self.programs / "postgres", "--single", "-D", data, "postgres"]
        statement = f"CREATE ROLE {ODOO_ROLE} LOGIN CREATEDB PASSWORD '{self.password()}'\n"
        log = LOGS / "initdb.log"
        with (
            log.open("a") as stream,
            child(
                _as_server(single), cwd="/", stdin=subprocess.PIPE, stdout=stream, stderr=subprocess.STDOUT
            ) as process,
        ):
            process.communicate(statement)
        if process.returncode or "ERROR" in log.read_text():
            raise SandboxError(f"The role {ODOO_ROLE} cannot be made.\n{tail(log)}")

    def _recorded(self) -> tuple[int, int] | None:
        """Return process id and port that the server wrote down, if it did completely."""
        path = self.data / "postmaster.pid"
        lines = path.read_text().splitlines() if path.exists() else []
        return (int(lines[0]), int(lines[3])) if len(lines) > 3 else None

    def running_port(self) -> int | None:
        """Return the port of the running server, None when it does not run."""
        recorded = self._recorded()
        if not recorded or not self._is_server(recorded[0]):
            return None
        ready: Command = [self.programs / "pg_isready", "-q", "-t", "20", "-h", "127.0.0.1", "-p", str(recorded[1])]
        return recorded[1] if not run(ready, log=LOGS / "pg_isready.log") else None

    def _is_server(self, process: int) -> bool:
        """Tell whether the process is this cluster's server and not another one that got its number."""
        try:
            words = Path(f"/proc/{process}/cmdline").read_bytes().decode().split("\0")
        except FileNotFoundError:
            return False
        return str(self.data) in words

    def _forget_dead_server(self) -> None:
        """Remove the record of a server that was killed: its number may belong to another process by now."""
        recorded = self._recorded()
        if recorded and not self._is_server(recorded[0]):
            (self.data / "postmaster.pid").unlink()

    def stop(self) -> None:
        """Stop the server if it runs."""
        if self.running_port():
            stop: Command = [self.programs / "pg_ctl", "-D", self.data, "-w", "-t", "60", "-m", "fast", "stop"]
            run(_as_server(stop), log=LOGS / "pg_ctl.log", cwd=Path("/"))


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """The PostgreSQL that a command works with: started on entering the block, left in order at its end."""

    def __init__(self) -> None:
        self.env = {name: value for name, value in os.environ.items() if name != "PGDATABASE"}
        self._cluster: Cluster | None = None
        self._membership: Membership | None = None

    def __enter__(self) -> Server:
        if external_server():
            step("Using the PostgreSQL that the PG* variables name")
            return self
        with in_turn("cluster-switch", "starting or stopping PostgreSQL"):
            self._cluster = Cluster(_folder())
            self.env |= self._cluster.environment(self._cluster.start())
            self._membership = Membership("cluster-users")
        return self

    def __exit__(self, *error: object) -> None:
        if self._cluster and self._membership:
            with in_turn("cluster-switch", "starting or stopping PostgreSQL"):
                if self._membership.leave() and not self._others_connected():
                    self._cluster.stop()

    def _others_connected(self) -> bool:
        """Tell whether somebody else, a psql by hand for example, is connected."""
        others = (
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        try:
            return output(["psql", "-XAtqc", others, "postgres"], env=self.env).strip() != "0"
        except SandboxError as error:
            note(f"the private PostgreSQL does not answer any more: {error}")
            return False


def remove() -> None:
    """Stop the private cluster of this checkout and remove what of it lies outside of the sandbox."""
    for folder in (SANDBOX / "pg", outside_folder()):
        if (folder / "data").is_dir():
            Cluster(folder).stop()
    remove_tree(outside_folder())

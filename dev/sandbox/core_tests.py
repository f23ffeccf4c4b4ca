"""`make test-core`: the tests of Odoo's own modules beside ours must fare no worse with our module installed."""

import re
import socket
from collections.abc import Sequence
from pathlib import Path

import database
import runtime
from database import own_name
from process import SandboxError, run, tail, timed
from settings import BASE_MODULES, LOGS, MODULE, SANDBOX
from workplace import base_key

NEIGHBOURS = ("crm", "sale_crm", "sales_team", "contacts")
RAN = re.compile(r" INFO \S+ (odoo\.addons\.\S+: Starting \w+\.\w+) \.\.\.")
FAILED = re.compile(r" ERROR \S+ (odoo\.\S+: (?:FAIL|ERROR): (?:Subtest )?(?:\w+\.\w+|setUpClass \(\S+\)))")


def compare() -> None:
    """Run the neighbours' tests with our module, and without it once, and stop when ours breaks one."""
    baseline = SANDBOX / f"core-baseline-{base_key()}.log"
    if not baseline.exists():
        _run(BASE_MODULES, LOGS / "core-base.log")
        (LOGS / "core-base.log").rename(baseline)
    _run([*BASE_MODULES, MODULE], LOGS / "core.log")
    texts = [log.read_text(errors="replace") for log in (baseline, LOGS / "core.log")]
    ran, failed = ([set(pattern.findall(text)) for text in texts] for pattern in (RAN, FAILED))
    for label, tests, failures in zip(("without", "with   "), ran, failed, strict=True):
        print(f"{label} {MODULE}: {len(tests)} tests, {len(failures)} failed", flush=True)
    lines = [f"fails with {MODULE} only: {name}" for name in sorted(failed[1] - failed[0])]
    lines += [f"did not run: {name}" for name in sorted(ran[0] - ran[1])]
    if lines:
        raise SandboxError("\n".join([*lines, f"The log: {LOGS / 'core.log'}"]))


def _run(modules: Sequence[str], log: Path) -> None:
    """Install the modules in an empty database, as the tests at installation expect, and run the neighbours' tests."""
    name = own_name("core")
    database.drop(name)
    with socket.socket() as probe:  # a free port for the tests over HTTP
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = runtime.command(
        *("-d", name, "-i", ",".join(modules), "--stop-after-init", "--max-cron-threads=0", f"--http-port={port}"),
        f"--test-tags={','.join(f'/{neighbour}' for neighbour in NEIGHBOURS)}",
    )
    with timed(f"Running the tests of {', '.join(NEIGHBOURS)} with {', '.join(modules)} installed"):
        run(command, log=log)
    database.drop(name)
    if not RAN.search(log.read_text(errors="replace")):
        raise SandboxError(f"Odoo ran no test.\n{tail(log)}")

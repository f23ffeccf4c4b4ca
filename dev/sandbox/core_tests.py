"""`make test-core`: the tests of Odoo's own modules beside ours must fare no worse with our module installed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from console import SandboxError, note, say, tail, timed
from database import own_name
from postgres import free_port
from process import run
from settings import BASE_MODULES, LOGS, MODULE, SANDBOX
from workplace import Workplace

NEIGHBOURS = ("crm", "sale_crm", "sales_team", "contacts")
STARTED = re.compile(r" INFO \S+ (odoo\.addons\.\S+): Starting (\w+\.\w+) \.\.\.")
FAILED = re.compile(r" ERROR \S+ (odoo\.\S+): (?:FAIL|ERROR): (?:Subtest )?(\w+\.\w+|setUpClass \(\S+\))")


@dataclass
class Result:
    """The tests of one run, and those of them that failed."""

    ran: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @classmethod
    def of_log(cls, log: Path) -> Result:
        """Read the result out of Odoo's log."""
        text = log.read_text(errors="replace")
        names = [
            sorted({f"{logger}:{test}" for logger, test in pattern.findall(text)}) for pattern in (STARTED, FAILED)
        ]
        return cls(*names)


def compare(place: Workplace) -> None:
    """Run the neighbours' tests with our module, and without it once, and stop when ours breaks one."""
    before = _baseline(place)
    after = _run(place, [*BASE_MODULES, MODULE], LOGS / "core.log")
    say(f"without {MODULE}: {len(before.ran)} tests, {len(before.failed)} failed")
    say(f"with    {MODULE}: {len(after.ran)} tests, {len(after.failed)} failed")
    broken = sorted(set(after.failed) - set(before.failed))
    lost = sorted(set(before.ran) - set(after.ran))
    if broken or lost:
        lines = [*(f"fails with {MODULE} only: {name}" for name in broken), *(f"did not run: {name}" for name in lost)]
        raise SandboxError("\n".join([*lines, f"The log: {LOGS / 'core.log'}"]))


def _baseline(place: Workplace) -> Result:
    """Return the result without our module, from the file that an earlier run left."""
    path = SANDBOX / f"core-baseline-{place.base_key}.json"
    if path.exists():
        note(f"the result without {MODULE} is that of an earlier run ({path.name})")
        return Result(**json.loads(path.read_text()))
    result = _run(place, BASE_MODULES, LOGS / "core-base.log")
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(result), indent=1))
    partial.replace(path)
    return result


def _run(place: Workplace, modules: Sequence[str], log: Path) -> Result:
    """Install the modules in an empty database, as the tests at installation expect, and run the neighbours' tests."""
    database = own_name("core")
    place.databases.drop(database)
    command = place.runtime.command(
        *("-d", database, "-i", ",".join(modules), "--stop-after-init", "--max-cron-threads=0"),
        f"--test-tags={','.join(f'/{name}' for name in NEIGHBOURS)}",
        f"--http-port={free_port()}",
    )
    with timed(f"Running the tests of {', '.join(NEIGHBOURS)} with {', '.join(modules)} installed"):
        run(command, log=log, env=place.runtime.env(), progress=lambda: f"{len(Result.of_log(log).ran)} tests so far")
    result = Result.of_log(log)
    if not result.ran:
        raise SandboxError(f"Odoo ran no test.\n{tail(log)}")
    place.databases.drop(database)
    return result

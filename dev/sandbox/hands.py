"""`make hands`, `faults` and the other scripts of dev/hands, each on a database of its own."""

import os

import database
import runtime
from database import own_name
from process import SandboxError, locked, run, step
from settings import DEV
from workplace import base, fresh

FOLDER = DEV / "hands"
SCRIPTS = ("hands", "faults", "companies", "nights", "replica", "installation")


def play(script: str) -> int:
    """Run a script of dev/hands on a database with the module, or before it is installed; return its exit code."""
    name = own_name(script)
    if script == "installation":
        with locked("databases"):
            database.copy(base(), name)
    else:
        fresh(script)
    step(f"Running dev/hands/{script}.py on {name}")
    path = f"{os.environ['PYTHONPATH']}:{FOLDER}:{DEV / 'bench'}"
    env = {**os.environ, "PYTHONPATH": path}
    if code := run([runtime.PYTHON, FOLDER / f"{script}.py", name], env=env, stdin=None):
        raise SandboxError(f"dev/hands/{script}.py found what must not be (exit code {code}): see above.")
    database.drop(name)
    return 0

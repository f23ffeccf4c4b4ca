"""What the person at the terminal sees; children, of which none outlives its command; locks between commands."""

import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from settings import LOCKS

HEARTBEAT = 15  # seconds between two signs of life
PATIENCE = 10  # seconds that a child gets to end by itself
PR_SET_PDEATHSIG = 1
Command = Sequence[str | Path]
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class SandboxError(Exception):
    """A failure that the reader can act on: the message says what is wrong and what to do."""


def step(text: str) -> None:
    """Announce what is done next; like all messages, at once, also into a pipe."""
    print(f"==> {text}", flush=True)


def note(text: str) -> None:
    """Print a detail of the current step."""
    print(f"    {text}", flush=True)


@contextmanager
def timed(text: str) -> Iterator[None]:
    """Announce a long step, and its duration when it is over."""
    step(text)
    start = time.monotonic()
    yield
    note(f"done in {time.monotonic() - start:.0f} s")


def tail(path: Path, lines: int = 25) -> str:
    """Return the end of a log, indented, under its path."""
    content = path.read_text(errors="replace").splitlines() if path.exists() else []
    return "\n    | ".join([f"The end of {path}:", *content[-lines:]])


def _die_with_parent() -> None:
    """Have the kernel end this child when the sandbox itself is killed and cannot do it any more."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def child(command: Command, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start a process; whatever interrupts the block ends it too."""
    options.setdefault("stdin", subprocess.DEVNULL)
    words = [str(part) for part in command]
    # There are no threads here that could make a function between fork and exec unsafe.
    process = subprocess.Popen(words, text=True, preexec_fn=_die_with_parent, **options)  # noqa: PLW1509
    try:
        yield process
        process.wait()
    except KeyboardInterrupt:  # Ctrl-C reached the child as well: let it finish in order
        _stop(process, lambda: None, process.terminate, process.kill)
        raise
    except BaseException:
        _stop(process, process.terminate, process.kill)
        raise


def _stop(process: subprocess.Popen[str], *actions: Callable[[], None]) -> None:
    """End a child by one action after the other, each with some patience."""
    for action in actions:
        action()
        with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            process.wait(PATIENCE)
            return


def run(command: Command, *, log: Path | None = None, **options: Any) -> int:
    """Run a command and return its exit code; of a log that takes its output, the last line is the sign of life."""
    if log is None:
        with child(command, **options) as process:
            return process.wait()
    log.parent.mkdir(parents=True, exist_ok=True)
    start, shown = time.monotonic(), ""
    with log.open("w") as out, child(command, stdout=out, stderr=subprocess.STDOUT, **options) as process:
        while True:
            try:
                return process.wait(HEARTBEAT)
            except subprocess.TimeoutExpired:
                text = "".join(log.read_text(errors="replace").splitlines()[-1:]).rpartition(": ")[2][:100]
                if text not in ("", shown):
                    note(f"{time.monotonic() - start:4.0f} s  {text}")
                    shown = text


def run_checked(command: Command, failure: str, log: Path, **options: Any) -> None:
    """Run a command into a log; when it fails, stop with the end of the log."""
    if code := run(command, log=log, **options):
        raise SandboxError(f"{failure} (exit code {code}).\n{tail(log)}")


def output(command: Command, **options: Any) -> str:
    """Return what a short command prints; its failure carries what it said."""
    with child(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options) as process:
        out, err = process.communicate()
    if process.returncode:
        raise SandboxError(f"`{' '.join(map(str, command))}` failed:\n{err.strip() or out.strip()}")
    return out


def remove_tree(folder: Path) -> None:
    """Remove a folder if it exists, even while the last grandchild of a killed command still writes into it."""
    for _attempt in range(PATIENCE):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(1)
    shutil.rmtree(folder)  # says what is in the way


def take(stream: IO[str], kind: int = fcntl.LOCK_EX) -> bool:
    """Take or change the lock on an open file, without waiting; return whether that worked."""
    try:
        fcntl.flock(stream, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def locked(name: str, refusal: str = "", kind: int = fcntl.LOCK_EX) -> Iterator[IO[str]]:
    """Hold a lock for the block: wait for another command that holds it, or stop at once with a refusal.

    The kernel frees a lock when its holder dies. `%s` in the refusal becomes the process id of the holder.
    """
    LOCKS.mkdir(parents=True, exist_ok=True)
    with (LOCKS / name).open("a+") as stream:
        if not take(stream, kind):
            stream.seek(0)
            holder = stream.read().strip() or "unknown"
            if refusal:
                raise SandboxError(refusal % holder)
            note(f"waiting for another command in this checkout (process {holder}, {name})")
            fcntl.flock(stream, kind)
        if kind == fcntl.LOCK_EX:
            stream.truncate(0)
            print(os.getpid(), file=stream, flush=True)
        yield stream


def held(name: str) -> bool:
    """Tell whether another command holds the lock."""
    with (LOCKS / name).open("a+") as stream:
        return not take(stream)

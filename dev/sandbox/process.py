"""Children: started so that none outlives the command that started it, and waited for with signs of life."""

from __future__ import annotations

import ctypes
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from console import SandboxError, note, tail

HEARTBEAT = 15  # seconds between two signs of life
PATIENCE = 10  # seconds that a child gets to end by itself
PR_SET_PDEATHSIG = 1

Command = Sequence[str | Path]
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


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
        _stop(process, ask=False)
        raise
    except BaseException:
        _stop(process, ask=True)
        raise


def _stop(process: subprocess.Popen[str], ask: bool) -> None:
    """End a child: let it go by itself, then ask (SIGTERM), then force (SIGKILL)."""
    for action in (process.terminate,) if ask else (None, process.terminate):
        if action:
            action()
        try:
            process.wait(PATIENCE)
            return
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            continue
    process.kill()
    process.wait()


def run(
    command: Command,
    *,
    log: Path | None = None,
    progress: Callable[[], str] | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: IO[str] | int | None = subprocess.DEVNULL,
) -> int:
    """Run a command to its end and return its exit code.

    :param log: file that takes its output; without one the output goes to the terminal
    :param progress: gives the text of the sign of life, printed whenever it changed
    """
    if log is None:
        with child(command, env=env, cwd=cwd, stdin=stdin) as process:
            return _wait(process, progress)
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("w") as stream,
        child(command, env=env, cwd=cwd, stdin=stdin, stdout=stream, stderr=subprocess.STDOUT) as process,
    ):
        return _wait(process, progress)


def _wait(process: subprocess.Popen[str], progress: Callable[[], str] | None) -> int:
    start, shown = time.monotonic(), ""
    while True:
        try:
            return process.wait(HEARTBEAT)
        except subprocess.TimeoutExpired:
            text = progress() if progress else ""
            if text and text != shown:
                note(f"{time.monotonic() - start:4.0f} s  {text}")
                shown = text


def run_checked(command: Command, failure: str, log: Path, **options: Any) -> None:
    """Run a command into a log; when it fails, stop with the end of the log."""
    code = run(command, log=log, **options)
    if code:
        raise SandboxError(f"{failure} (exit code {code}).\n{tail(log)}")


def remove_tree(folder: Path) -> None:
    """Remove a folder if it exists, even while the last grandchild of a killed command still writes into it."""
    for _attempt in range(PATIENCE):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(1)
    shutil.rmtree(folder)  # says what is in the way


def output(command: Command, *, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
    """Return what a short command prints; its failure carries what it said."""
    with child(command, env=env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        out, err = process.communicate()
    if process.returncode:
        raise SandboxError(f"`{' '.join(map(str, command))}` failed:\n{err.strip() or out.strip()}")
    return out

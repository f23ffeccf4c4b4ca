"""What the person at the terminal sees: steps, notes, elapsed times and errors with a remedy."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class SandboxError(Exception):
    """A failure that the reader can act on: the message says what is wrong and what to do."""


def keep_stdout_clean() -> None:
    """Send all messages to standard error: standard output belongs to the command that follows (`make shell`)."""
    sys.stdout = sys.stderr


def say(text: str) -> None:
    """Print one line at once, also into a pipe."""
    print(text, flush=True)


def step(text: str) -> None:
    """Announce what is done next."""
    say(f"==> {text}")


def note(text: str) -> None:
    """Print a detail of the current step."""
    say(f"    {text}")


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
    return "\n".join([f"The end of {path}:", *(f"    | {line}" for line in content[-lines:])])

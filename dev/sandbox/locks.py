"""Locks between commands that run at the same time in one checkout; the kernel frees them when a holder dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from console import SandboxError, note
from settings import LOCKS


def _open(name: str) -> IO[str]:
    LOCKS.mkdir(parents=True, exist_ok=True)
    return (LOCKS / name).open("a+")


def _holder(stream: IO[str]) -> str:
    stream.seek(0)
    return stream.read().strip() or "unknown"


def _sign(stream: IO[str]) -> None:
    stream.seek(0)
    stream.truncate()
    stream.write(str(os.getpid()))
    stream.flush()


@contextmanager
def only_one(name: str, refusal: str) -> Iterator[None]:
    """Hold a lock for the block, or stop at once with a message when another command holds it.

    :param refusal: the message; `%s` in it becomes the process id of the holder
    """
    with _open(name) as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SandboxError(refusal % _holder(stream)) from None
        _sign(stream)
        yield


@contextmanager
def in_turn(name: str, what: str) -> Iterator[None]:
    """Hold a lock for the block, waiting for another command that holds it."""
    with _open(name) as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note(f"waiting for another command in this checkout (process {_holder(stream)}) to finish {what}")
            fcntl.flock(stream, fcntl.LOCK_EX)
        _sign(stream)
        yield


def held(name: str) -> bool:
    """Tell whether another command holds the lock."""
    with _open(name) as stream, suppress(BlockingIOError):
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    return True


class Membership:
    """A shared lock: each command that uses something is a member, the last one to leave may put it away."""

    def __init__(self, name: str) -> None:
        self._stream = _open(name)
        fcntl.flock(self._stream, fcntl.LOCK_SH)

    def leave(self) -> bool:
        """Give up the membership; return whether no other member is left."""
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            return False
        finally:
            self._stream.close()

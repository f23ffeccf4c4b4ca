"""The module as Odoo sees it: a folder of symlinks with the right name, and hashes of what it holds."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from process import remove_tree
from settings import ADDONS, MODULE, ROOT, digest

HIDDEN_FROM_ODOO = {"dev", "Makefile"}
# Not part of what is installed in a database: a change here needs no upgrade.
NOT_INSTALLED = {"tests", "README.md", "CHANGELOG.md", "LICENSE", "ruff.toml"}


def entries() -> list[Path]:
    """Return the top-level entries of the checkout that make up the module."""
    return sorted(
        path for path in ROOT.iterdir() if path.name not in HIDDEN_FROM_ODOO and not path.name.startswith((".", "__py"))
    )


def link() -> Path:
    """Refresh the module's folder in the addons path and return it.

    It is a real folder with one symlink an entry. A single symlink to the checkout would not do: Odoo's export of
    translations follows links and would walk through the sandbox inside of it.
    """
    folder = ADDONS / MODULE
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {path.name: path for path in entries()}
    for old in folder.iterdir():
        if old.name in wanted and old.is_symlink() and Path(os.readlink(old)) == wanted[old.name]:
            del wanted[old.name]
        elif old.is_dir() and not old.is_symlink():
            remove_tree(old)
        else:
            old.unlink()
    for name, target in wanted.items():
        (folder / name).symlink_to(target)
    return folder


def copy(target: Path) -> Path:
    """Copy the module into `target` under its name, for tools that do not follow symlinks, and return the copy."""
    remove_tree(target)
    folder = target / MODULE
    folder.mkdir(parents=True)
    for entry in entries():
        if entry.is_dir():
            shutil.copytree(entry, folder / entry.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(entry, folder / entry.name)
    return folder


def _installed_files() -> Iterator[Path]:
    for entry in entries():
        if entry.name in NOT_INSTALLED:
            continue
        if entry.is_file():
            yield entry
            continue
        for path in sorted(entry.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def installed_hash() -> str:
    """Return a hash of everything that an installation of the module puts into a database or runs on it."""
    parts: list[str | bytes] = []
    for path in _installed_files():
        parts += [str(path.relative_to(ROOT)), path.read_bytes()]
    return digest(*parts)

"""The module as Odoo sees it: a folder of symlinks with the right name, and a hash of what it holds."""

import os
import shutil
from pathlib import Path

from process import remove_tree
from settings import ADDONS, MODULE, ROOT, digest

HIDDEN_FROM_ODOO = {"dev", "docs", "Makefile"}
NOT_INSTALLED = {"tests", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "ruff.toml"}  # no upgrade


def entries() -> list[Path]:
    """Return the top-level entries of the checkout that make up the module."""
    names = sorted(name for name in os.listdir(ROOT) if not name.startswith((".", "__py")))
    return [ROOT / name for name in names if name not in HIDDEN_FROM_ODOO]


def link() -> None:
    """Refresh the module's folder in the addons path.

    It is a real folder with one symlink an entry. A single symlink to the checkout would not do: Odoo's export of
    translations follows links and would walk through the sandbox inside of it.
    """
    folder = ADDONS / MODULE
    wanted = {folder / path.name: path for path in entries()}
    if folder.is_dir() and {path: path.resolve() for path in folder.iterdir()} == wanted:
        return  # and leave it alone: a server may be reading it
    remove_tree(folder)
    folder.mkdir(parents=True)
    for path, target in wanted.items():
        path.symlink_to(target)


def copy(target: Path) -> Path:
    """Copy the module into `target` under its name, for tools that do not follow symlinks."""
    remove_tree(target)
    link()
    return shutil.copytree(ADDONS / MODULE, target / MODULE, ignore=shutil.ignore_patterns("__pycache__"))


def installed_hash() -> str:
    """Return a hash of everything that an installation of the module puts into a database or runs on it."""
    parts: list[str | bytes] = []
    for entry in entries():
        if entry.name not in NOT_INSTALLED:
            for path in [entry] if entry.is_file() else sorted(entry.rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    time = path.stat().st_mtime if entry.name == "static" else ""  # bundles of scripts carry it
                    parts += [f"{path.relative_to(ROOT)} {time}", path.read_bytes()]
    return digest(*parts)

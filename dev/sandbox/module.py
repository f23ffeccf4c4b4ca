"""The module, and the example of an extension, as Odoo sees them: a folder of symlinks each, and hashes of them."""

import os
import shutil
from pathlib import Path

from process import remove_tree
from settings import ADDONS, DEV, EXAMPLE, MODULE, ROOT, digest

HIDDEN_FROM_ODOO = {"dev", "docs", "Makefile"}
NOT_INSTALLED = {"tests", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "ruff.toml"}  # no upgrade
PICTURES = ROOT / "static" / "description"  # of README and the Apps page, taken of an installation


def entries(root: Path = ROOT) -> list[Path]:
    """Return the top-level entries of the checkout, or of another folder, that make up the module."""
    names = sorted(name for name in os.listdir(root) if not name.startswith((".", "__py")))
    return [root / name for name in names if name not in HIDDEN_FROM_ODOO]


def link() -> None:
    """Refresh the folders of the module and of the example in the addons path.

    Each is a real folder with one symlink an entry. A single symlink to the checkout would not do: Odoo's export of
    translations follows links and would walk through the sandbox inside of it.
    """
    _link(MODULE, ROOT)
    _link(EXAMPLE, DEV / "example" / EXAMPLE)


def _link(name: str, root: Path) -> None:
    folder = ADDONS / name
    wanted = {folder / path.name: path for path in entries(root)}
    if folder.is_dir() and {path: path.resolve() for path in folder.iterdir()} == wanted:
        return  # and leave it alone: a server may be reading it
    remove_tree(folder)
    folder.mkdir(parents=True)
    for path, target in wanted.items():
        path.symlink_to(target)


def copy(target: Path) -> list[Path]:
    """Copy the module and the example into `target` under their names, for tools that do not follow symlinks."""
    remove_tree(target)
    link()
    ignored = shutil.ignore_patterns("__pycache__")
    return [shutil.copytree(ADDONS / name, target / name, ignore=ignored) for name in (MODULE, EXAMPLE)]


def installed_hash(root: Path = ROOT) -> str:
    """Return a hash of everything that an installation of the module puts into a database or runs on it."""
    parts: list[str | bytes] = []
    for entry in entries(root):
        if entry.name not in NOT_INSTALLED:
            for path in [entry] if entry.is_file() else sorted(entry.rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts and path.parent != PICTURES:
                    time = path.stat().st_mtime if entry.name == "static" else ""  # bundles of scripts carry it
                    parts += [f"{path.relative_to(root)} {time}", path.read_bytes()]
    return digest(*parts)


def example_hash() -> str:
    """Return a hash of what an installation of the example puts into a database."""
    return installed_hash(DEV / "example" / EXAMPLE)

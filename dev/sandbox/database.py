"""Databases with their filestores: listed, copied, dropped, and built so that an unfinished one is never used."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from process import output, remove_tree
from settings import FILESTORE, MODULE, checkout_id, external_server

UNFINISHED = "_building"
MARK = f"{MODULE} sandbox"  # comment on each database that the sandbox made


def own_name(name: str) -> str:
    """Return the name of one of the sandbox's own databases; on a shared server it carries the checkout's id."""
    return f"cg_{checkout_id()}_{name}" if external_server() else f"cg_{name}"


def identifier(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text for SQL."""
    return "'" + text.replace("'", "''") + "'"


class Databases:
    """The databases of one server, and their filestores in the sandbox."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def query(self, statement: str, database: str = "postgres") -> list[str]:
        """Run a statement and return its rows, columns separated by `|`."""
        command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]
        return output(command, env=self._env).splitlines()

    def names(self, prefix: str = "") -> list[str]:
        """Return the names of the databases that begin with the prefix."""
        names = self.query("SELECT datname FROM pg_database WHERE NOT datistemplate")
        return [name for name in names if name.startswith(prefix)]

    def exists(self, name: str) -> bool:
        """Tell whether there is a database of this name."""
        return name in self.names()

    def comment(self, name: str) -> str:
        """Return what is noted on a database."""
        rows = self.query(
            f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = {literal(name)}"
        )
        return rows[0] if rows else ""

    def set_comment(self, name: str, text: str) -> None:
        """Note something on a database."""
        self.query(f"COMMENT ON DATABASE {identifier(name)} IS {literal(text)}")

    def drop(self, name: str) -> None:
        """Drop a database, whoever is connected, and its filestore."""
        self.query(f"DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE)")
        remove_tree(FILESTORE / name)

    def copy(self, template: str, name: str) -> None:
        """Make a database as a copy of another, filestore included."""
        self.drop(name)
        self.query(f"CREATE DATABASE {identifier(name)} TEMPLATE {identifier(template)}")
        if (FILESTORE / template).is_dir():
            shutil.copytree(FILESTORE / template, FILESTORE / name, copy_function=_link_or_copy)

    def build(self, name: str, fill: Callable[[str], None], note: str, template: str | None = None) -> None:
        """Make a database under a temporary name, fill it, and give it its name when it is complete.

        :param fill: called with the temporary name
        :param note: added to the mark in the comment on the database
        :param template: database to begin with; Odoo makes an empty one itself
        """
        building = name + UNFINISHED
        self.drop(building)
        if template:
            self.copy(template, building)
        fill(building)
        self.set_comment(building, f"{MARK} {note}")
        remove_tree(FILESTORE / name)
        if (FILESTORE / building).is_dir():
            (FILESTORE / building).rename(FILESTORE / name)
        self.query(f"ALTER DATABASE {identifier(building)} RENAME TO {identifier(name)}")


def _link_or_copy(source: str, target: str) -> None:
    """Copy a file of a filestore: its content never changes under its name, so that a hard link does."""
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without hard links
        shutil.copy2(source, target)


def has_filestore(name: str) -> bool:
    """Tell whether the filestore of a database is in this sandbox."""
    return Path(FILESTORE / name).is_dir()

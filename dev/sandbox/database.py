"""Databases with their filestores: listed, copied, dropped, and built so that an unfinished one is never used."""

import shutil
from collections.abc import Callable
from pathlib import Path

from process import output, remove_tree
from settings import CHECKOUT, EXTERNAL_SERVER, FILESTORE, MODULE

MARK = f"{MODULE} sandbox"  # comment on each database that the sandbox made


def own_name(name: str) -> str:
    """Return the name of one of the sandbox's own databases; on a shared server it carries the checkout's id."""
    return f"cg_{CHECKOUT}_{name}" if EXTERNAL_SERVER else f"cg_{name}"


def query(statement: str) -> list[str]:
    """Run a statement on the server and return its rows. Names hold no quotes: serve.py sees to that."""
    return output(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", "postgres", "-c", statement]).splitlines()


def names(prefix: str) -> list[str]:
    """Return the names of the databases that begin with the prefix."""
    return [name for name in query("SELECT datname FROM pg_database") if name.startswith(prefix)]


def comment(name: str) -> str:
    """Return what is noted on a database."""
    return "".join(query(f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{name}'"))


def set_comment(name: str, text: str) -> None:
    """Note something on a database."""
    query(f"COMMENT ON DATABASE \"{name}\" IS '{text}'")


def drop(name: str) -> None:
    """Drop a database with its connections and its filestore."""
    output(["dropdb", "--if-exists", "--force", name])
    remove_tree(FILESTORE / name)


def copy(template: str, name: str) -> None:
    """Make a database as a copy of another, filestore included."""
    drop(name)
    output(["createdb", "-T", template, name])
    if (FILESTORE / template).is_dir():
        shutil.copytree(FILESTORE / template, FILESTORE / name, copy_function=_link_or_copy)


def _link_or_copy(source: str, target: str) -> None:
    """Copy a file of a filestore: its content never changes under its name, so that a hard link does."""
    try:
        Path(target).hardlink_to(source)
    except OSError:  # another file system, or one without hard links
        shutil.copy2(source, target)


def build(name: str, fill: Callable[[str], None], note: str, template: str = "") -> None:
    """Make a database under a temporary name, from a template or empty, rename and mark it when `fill` is through."""
    building = f"{name}_building"
    drop(building)
    if template:
        copy(template, building)
    fill(building)
    set_comment(building, f"{MARK} {note}")
    remove_tree(FILESTORE / name)
    if (FILESTORE / building).is_dir():
        (FILESTORE / building).rename(FILESTORE / name)
    query(f'ALTER DATABASE "{building}" RENAME TO "{name}"')

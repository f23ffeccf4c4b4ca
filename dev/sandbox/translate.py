"""`make i18n`: export the module's terms, keeping the translations that its files have."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import module
from console import note, step
from process import run_checked
from settings import DEV, LOGS, MODULE, ROOT
from workplace import Workplace

LANGUAGES = ("zh_CN", "zh_TW")


def export(place: Workplace) -> None:
    """Write the template and each language's file into `i18n/`.

    Odoo empties a file before it looks into it for the translations of terms in Python: they come back from a copy.
    """
    folder = ROOT / "i18n"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as before:
        shutil.copytree(folder, before, dirs_exist_ok=True)
        _export(place)
        for path in sorted(folder.glob("*.po")):
            if (former := Path(before) / path.name).exists():
                command = [place.runtime.python, DEV / "checks" / "po_keep.py", former, path]
                run_checked(command, "Keeping the translations failed", LOGS / "i18n.log")
    for path in sorted(folder.iterdir()):
        note(f"{path.relative_to(ROOT)}: {path.read_text().count(chr(10) + 'msgid ')} terms")


def _export(place: Workplace) -> None:
    module.link()
    database = place.fresh("i18n")
    log = LOGS / "i18n.log"
    for action in (["loadlang", "-l", *LANGUAGES], ["export", "-l", "pot", *LANGUAGES, "--", MODULE]):
        step(f"odoo i18n {' '.join(action)}")
        command = place.runtime.command("-d", database, *action[1:])
        command[3:4] = ["i18n", action[0]]
        run_checked(command, f"`odoo i18n {action[0]}` failed", log, env=place.runtime.env())
    place.databases.drop(database)

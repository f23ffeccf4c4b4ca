"""`make i18n`: export the module's terms, keeping the translations that its files have."""

from __future__ import annotations

import module
from console import note, step
from process import run_checked
from settings import LOGS, MODULE, ROOT
from workplace import Workplace

LANGUAGES = ("zh_CN", "zh_TW")


def export(place: Workplace) -> None:
    """Write the template and each language's file into `i18n/`."""
    (ROOT / "i18n").mkdir(exist_ok=True)
    module.link()
    database = place.fresh("i18n")
    log = LOGS / "i18n.log"
    for action in (["loadlang", "-l", *LANGUAGES], ["export", "-l", "pot", *LANGUAGES, "--", MODULE]):
        step(f"odoo i18n {' '.join(action)}")
        command = place.runtime.command("-d", database, *action[1:])
        command[3:4] = ["i18n", action[0]]
        run_checked(command, f"`odoo i18n {action[0]}` failed", log, env=place.runtime.env())
    place.databases.drop(database)
    for path in sorted((ROOT / "i18n").iterdir()):
        note(f"{path.relative_to(ROOT)}: {path.read_text().count(chr(10) + 'msgid ')} terms")

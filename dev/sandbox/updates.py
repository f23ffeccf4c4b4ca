"""`make updates`: from each earlier version, with data made by that version, to the present one.

The code of a version is the last commit before the manifest names the next one. It is installed beside Odoo's demo data
and its users work (dev/updates/era.py). Then the present code takes over, and scores. What those users wrote has to be
there, after the update and after the scoring: every row they made and every value they changed, of every table of the
module and every column that it has on tables of others. Shipped rules that they have left alone may have become better.
"""

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import database
import module
import runtime
from database import own_name
from process import SandboxError, locked, note, output, remove_tree, run_checked, step
from settings import DEV, LOGS, MODULE, ROOT, SANDBOX, variable
from workplace import base

ERAS = SANDBOX / "eras"
# Work in hand, and what each run measures anew.
PASSING = {"grading_queue", "grading_ruler", "grading_run", "grading_purchase_model", "grading_forecast"}
# Columns that say when a row was touched, not what is in it.
TOUCHED = {"create_date", "write_date", "create_uid", "write_uid"}
# What people decide in tables that a scoring measures or works out anew for the rest.
DECIDED = {
    "grading_profile": {
        *("id", "partner_id", "lead_id", "company_id"),
        *("manual_grade_id", "manual_reason", "manual_until", "manual_user_id"),
    },
    "grading_care": {"done_date", "put_off_date"},
}
# Relations without a column of ours that rules write, too: rows may come, those that were there by hand stay.
TAGS = {"res_partner_res_partner_category_rel", "crm_tag_rel"}
OURS = f"""
    SELECT DISTINCT REPLACE(f.model, '.', '_'), f.name
      FROM ir_model_fields f
      JOIN ir_model_data d ON d.model = 'ir.model.fields' AND d.res_id = f.id AND d.module = '{MODULE}'
      JOIN information_schema.columns c ON c.table_name = REPLACE(f.model, '.', '_') AND c.column_name = f.name
      JOIN information_schema.tables t ON t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
     WHERE f.store AND f.model NOT LIKE 'grading.%'
"""
TABLES = """
    SELECT table_name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name LIKE 'grading\\_%'
"""


@dataclass
class Era:
    """One earlier version, and what became of its data."""

    version: str
    commit: str
    seconds: dict = field(default_factory=dict)  # by step
    counts: dict = field(default_factory=dict)  # rows by table, before the update
    lost: list = field(default_factory=list)
    logged: list = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of its database."""
        return own_name("era_" + self.version.replace(".", "_"))


def compare() -> None:
    """Update from each earlier version, or those that VERSIONS names, and stop where something was lost."""
    eras = [era for era in _eras() if era.version in (variable("VERSIONS") or era.version).split(",")]
    present = [f"--addons-path={module.copy(ERAS / 'present')[0].parent}"]  # a copy: who edits meanwhile does no harm
    for era in eras:
        _update(era, present)
        for line in [*era.lost, *era.logged]:
            note(line)
    print(_table(eras), flush=True)
    if any(era.lost or era.logged for era in eras):
        raise SandboxError("An update loses data or complains: see above.")


def _eras() -> list[Era]:
    """Each earlier version with its last commit, out of the repository's history."""
    if output(["git", "rev-parse", "--is-shallow-repository"], cwd=ROOT).strip() == "true":
        raise SandboxError("This clone has no history: fetch it with `git fetch --unshallow`, then run make again.")
    log = output(["git", "log", "--format=%h", '-G"version":', "--", "__manifest__.py"], cwd=ROOT)
    last: dict[str, str] = {}
    for commit in log.split():  # the newest first
        if not output(["git", "log", "-1", "--format=%p", commit], cwd=ROOT).strip():
            continue
        if (version := _version(f"{commit}~1")) and version != _version(commit):
            last.setdefault(version, output(["git", "rev-parse", "--short", f"{commit}~1"], cwd=ROOT).strip())
    present = _version("HEAD")
    return [Era(version, commit) for version, commit in sorted(last.items()) if version != present]


def _version(commit: str) -> str:
    manifest = output(["git", "show", f"{commit}:__manifest__.py"], cwd=ROOT)
    return next((line.split('"')[3] for line in manifest.splitlines() if '"version"' in line), "")


def _update(era: Era, present: list[str]) -> None:
    """Install a version, have its users work, update, score, and note what is not there any more."""
    step(f"{era.version} ({era.commit})")
    addons = _checkout(era)
    with locked("databases"):
        database.copy(base(), era.name)
    old = [f"--addons-path={addons}"]
    _odoo(era, "install", runtime.command("-d", era.name, "-i", MODULE, "--stop-after-init", *runtime.SHELL, *old))
    shipped = _dump(era.name)
    _shell(era, "era", DEV / "updates" / "era.py", old)
    made = _dump(era.name)
    era.counts = {table: len(rows) for table, rows in made.items()}
    era.counts["overrides"] = sum(bool(row["manual_grade_id"]) for row in made["grading_profile"])
    _odoo(era, "update", runtime.command("-d", era.name, "-u", MODULE, "--stop-after-init", *runtime.SHELL, *present))
    era.lost += [f"after the update: {line}" for line in _lost(shipped, made, _dump(era.name))]
    _shell(era, "rescore", DEV / "shell" / "rescore.py", present)
    era.lost += [f"after the scoring: {line}" for line in _lost(shipped, made, _dump(era.name), scored=True)]
    era.lost += _overrides_that_do_not_hold(era.name)
    if not variable("KEEP"):
        database.drop(era.name)


def _checkout(era: Era) -> Path:
    """Return the addons path with the code of a version."""
    folder = ERAS / era.version
    if not (folder / "complete").exists():
        remove_tree(folder)
        (folder / MODULE).mkdir(parents=True)
        archive = folder / "code.tar"
        output(["git", "archive", "-o", archive, era.commit], cwd=ROOT)
        output(["tar", "-xf", archive, "-C", folder / MODULE])
        (folder / "complete").touch()
    return folder


def _odoo(era: Era, name: str, command: list, **options: object) -> None:
    """Run Odoo for a step of an era, and note how long it took and what it complained of."""
    log, begun = LOGS / f"updates-{era.version}-{name}.log", time.monotonic()
    run_checked(command, f"{name} fails from {era.version}", log, **options)
    era.seconds[name] = time.monotonic() - begun
    complaints = filter(runtime.is_complaint, log.read_text(errors="replace").splitlines())
    era.logged += [f"{name} logs: {line}" for line in complaints if name in ("update", "rescore")]


def _shell(era: Era, name: str, script: Path, options: list) -> None:
    with script.open() as stream:
        _odoo(era, name, [*runtime.shell(era.name), *options], stdin=stream)


def _rows(name: str, select: str) -> list:
    text = output(
        ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", name, "-c", f"SELECT ROW_TO_JSON(r) FROM ({select}) r"]
    )
    return [json.loads(line) for line in text.splitlines()]


def _dump(name: str) -> dict[str, list[dict]]:
    """Every row of the module's tables, and its columns of the tables of others, by table."""
    tables = {row["table_name"]: "*" for row in _rows(name, TABLES)}
    columns: dict[str, set] = {}
    for row in _rows(name, OURS):
        columns.setdefault(row["replace"], {"id"}).add(row["name"])
    tables |= {table: ", ".join(f'"{column}"' for column in sorted(names)) for table, names in columns.items()}
    tables |= dict.fromkeys(TAGS, "*")
    wanted = (table for table in sorted(tables) if table not in PASSING)
    return {table: _rows(name, f'SELECT {tables[table]} FROM "{table}"') for table in wanted}


def _lost(shipped: dict, made: dict, now: dict, scored: bool = False) -> list[str]:
    """What the users of a version had written and is not there, or not as they wrote it."""
    lost = []
    for table, rows in made.items():
        if table not in now:
            lost += [f"{table}: the table is gone, {len(rows)} rows"] if rows else []
        elif rows and "id" not in rows[0]:
            gone = _bag(rows) - _bag(shipped.get(table, [])) - _bag(now[table])
            lost += [f"{table}: {dict(pairs)} is gone" for pairs in gone]
        else:
            lost += _lost_of(table, _by_id(shipped.get(table, [])), _by_id(rows), _by_id(now[table]), scored)
    return lost


def _bag(rows: list) -> Counter:
    return Counter(tuple(sorted(row.items())) for row in rows)


def _by_id(rows: list) -> dict:
    return {row["id"]: row for row in rows}


def _lost_of(table: str, shipped: dict, made: dict, now: dict, scored: bool) -> list[str]:
    """The same for a table with ids: rows that are gone, values that are others, columns that are gone."""
    changed: dict[str, list] = {}
    for row_id, row in made.items():
        mine = {name: value for name, value in row.items() if shipped.get(row_id, {}).get(name, ...) != value}
        mine = {name: value for name, value in mine.items() if name not in TOUCHED}
        if scored and table in DECIDED:
            mine = {name: value for name, value in mine.items() if name in DECIDED[table] and value is not None}
        if not mine:
            continue
        if row_id not in now:
            changed.setdefault("row", []).append(row)
            continue
        for name, value in mine.items():
            if name not in now[row_id]:
                if value not in (None, False, 0, ""):
                    changed.setdefault(f"{name}, the column is gone", []).append(value)
            elif now[row_id][name] != value:
                changed.setdefault(name, []).append(f"{row_id}: {value!r} -> {now[row_id][name]!r}"[:300])
    return [f"{table}.{name}: {len(found)}, as {str(found[0])[:400]}" for name, found in changed.items()]


def _overrides_that_do_not_hold(name: str) -> list[str]:
    """Overrides that do not hold after the scoring."""
    held = "manual_grade_id IS NULL OR grade_id IS NOT DISTINCT FROM manual_grade_id"
    rows = _rows(name, f"SELECT id FROM grading_profile WHERE NOT ({held})")
    return [f"profile {row['id']}: the override does not hold" for row in rows]


def _table(eras: list[Era]) -> str:
    """The figures, as docs and results show them."""
    head = (
        "| from | overrides | history | tags | tag rules | cadences | install s | update s | scoring s | lost | log |"
    )
    lines = [head, "|" + " --- |" * head.count(" |")]
    for era in eras:
        count = era.counts.get
        tags = sum(count(table, 0) for table in TAGS)
        figures = (count("overrides", 0), count("grading_history", 0), tags, count("grading_tag_rule", 0))
        times = (f"{era.seconds[name]:.0f}" for name in ("install", "update", "rescore"))
        cells = (era.version, *figures, count("grading_cadence", 0), *times, len(era.lost), len(era.logged))
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)

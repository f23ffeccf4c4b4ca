"""Refuse pictures of screens that have changed since they were taken.

`make pictures` writes `docs/pictures/sources.json`: for each picture the files that its screen is made of, and a
signature of them. It changes with what a reader could see: the elements of the views and the names of the fields in
them, in the language of the picture; the code of the screen's own scripts and styles. Comments and white space of XML,
and every file that is not named, change nothing.
"""

import hashlib
import json
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import polib

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "docs" / "pictures" / "sources.json"
FOLDERS = ("static/description", "docs/pictures", "docs/zh_CN/pictures")
NO_SCREENS = {"static/description/icon.png"}
USED = re.compile(r"""(?:\]\(|src=")([\w./-]+\.png)""")


def files(sources):
    """Return the files that the names of files and folders stand for, in order.

    :param list[str] sources: paths in the checkout
    """
    paths = [ROOT / name for name in sources]
    if missing := [path for path in paths if not path.exists()]:
        raise FileNotFoundError(f"{missing[0]} is missing")
    return [file for path in paths for file in ([path] if path.is_file() else sorted(path.rglob("*.*")))]


def terms_of(catalog):
    """Return ``{what a term belongs to: its texts}`` of a `.po` or `.pot` file; see :func:`owners`."""
    found = {}
    for entry in catalog:
        for occurrence, _line in entry.occurrences:
            found.setdefault(occurrence.rpartition(":")[2].removeprefix("customer_grading."), []).append(
                entry.msgstr or entry.msgid
            )
    return found


def owners(tree):
    """Yield whose terms a file of views shows: its views and templates, and the fields of their models."""
    for record in tree.iter():
        if record.tag not in ("record", "template") or not (name := record.get("id")):
            continue
        yield name
        model = record.findtext("field[@name='model']") or ""
        for field in record.iterfind(".//field[@name]"):
            yield f"field_{model.replace('.', '_')}__{field.get('name')}"


def signature(sources, catalog):
    """Return the signature of what a picture of these sources shows.

    :param list[str] sources: paths in the checkout
    :param list catalog: the terms in the language of the picture, see :func:`catalog`
    """
    terms, digest = terms_of(catalog), hashlib.sha256()
    for path in files(sources):
        if path.suffix != ".xml":
            digest.update(path.read_bytes())
            continue
        text = path.read_text(encoding="utf-8")
        digest.update(ElementTree.canonicalize(text, strip_text=True).encode())
        for owner in sorted(set(owners(ElementTree.fromstring(text)))):
            digest.update("\0".join(sorted(terms.get(owner, []))).encode())
    return digest.hexdigest()[:16]


def catalog(picture):
    """Return the terms in the language of a picture, which its folder tells."""
    return polib.pofile(ROOT / "i18n" / ("zh_CN.po" if "zh_CN" in picture else "customer_grading.pot"))


def remember(picture, sources):
    """Note what a picture that was just taken shows."""
    known = json.loads(SOURCES.read_text(encoding="utf-8")) if SOURCES.exists() else {}
    known[picture] = {"sources": sources, "signature": signature(sources, catalog(picture))}
    text = json.dumps(dict(sorted(known.items())), indent=1)
    SOURCES.write_text(f"{text}\n", encoding="utf-8")


def findings():
    """Yield what is wrong with a picture, and with those that pages show."""
    known = json.loads(SOURCES.read_text(encoding="utf-8"))
    present = {str(path.relative_to(ROOT)) for folder in FOLDERS for path in (ROOT / folder).glob("*.png")} - NO_SCREENS
    for picture in sorted(present | known.keys()):
        if picture not in known:
            yield f"{picture}: no screen is known that it shows; delete it, or add it to dev/pictures_tour.py"
        elif picture not in present:
            yield f"{picture}: the picture is missing"
    catalogs = {language: catalog(language) for language in ("", "zh_CN")}
    for picture, entry in known.items():
        try:
            now = signature(entry["sources"], catalogs["zh_CN" if "zh_CN" in picture else ""])
        except FileNotFoundError as error:
            now = str(error)
        if now != entry["signature"]:
            yield f"{picture}: its screen has changed since it was taken ({', '.join(entry['sources'])})"
    yield from strangers(present)


def strangers(present):
    """Yield the pictures that pages show and that are not there, and those that are there and that no page shows."""
    shown = set()
    pages = [ROOT / "README.md", ROOT / "static/description/index.html", *(ROOT / "docs").rglob("*.md")]
    for page in pages:
        for name in USED.findall(page.read_text(encoding="utf-8")):
            path = (page.parent / name).resolve()
            if path.is_relative_to(ROOT):
                shown.add(str(path.relative_to(ROOT)))
    for picture in sorted(present - shown):
        yield f"{picture}: no page shows it; delete it here and in dev/pictures_tour.py"


def main():
    """Print the findings; return the exit code."""
    found = list(findings())
    print(*found, *(["Take them again: make pictures"] if found else []), sep="\n", end="\n" if found else "")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())

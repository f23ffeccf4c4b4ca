"""Check that XML files are well formed and formatted, or (`--fix`) format them.

Formatted means: UTF-8 with the declaration as first line, Unix line ends, no tab, no trailing space, one newline at
the end, and each tag or comment that begins a line indented by four spaces a level. Attributes may wrap; text is free.
"""

from __future__ import annotations

import sys
from pathlib import Path
from xml.parsers import expat

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
INDENT = 4


class Outline:
    """Where tags and comments begin: line, column and nesting of each."""

    def __init__(self, text: str) -> None:
        self.marks: list[tuple[int, int, int]] = []
        self._depth = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CommentHandler = lambda _text: self._mark(self._depth)
        self._parser.Parse(text.encode(), True)

    def _mark(self, depth: int) -> None:
        self.marks.append((self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber, depth))

    def _start(self, _name: str, _attributes: dict[str, str]) -> None:
        self._mark(self._depth)
        self._depth += 1

    def _end(self, _name: str) -> None:
        self._depth -= 1
        self._mark(self._depth)

    def shifts(self, text: str) -> dict[int, int]:
        """Return by how many columns each wrongly indented line is off (line numbers from 1)."""
        lines = text.split("\n")
        wanted: dict[int, int] = {}
        for number, column, depth in self.marks:
            if not lines[number - 1][:column].strip():
                wanted.setdefault(number, depth * INDENT - column)
        return wanted


def white_space_findings(text: str) -> list[str]:
    """Return what is wrong with the white space of a file, line by line."""
    found = []
    if not text.lower().startswith(DECLARATION.lower() + "\n"):
        found.append(f"1: the first line must be {DECLARATION}")
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line:
            found.append(f"{number}: tab")
        if line != line.rstrip():
            found.append(f"{number}: space at the end of the line")
    if not text.endswith("\n") or text.endswith("\n\n"):
        found.append(f"{text.count(chr(10)) + 1}: the file must end with one newline")
    return found


def findings(text: str) -> list[str]:
    """Return everything wrong with a file, each finding with its line number."""
    try:
        shifts = Outline(text).shifts(text)
    except expat.ExpatError as error:
        return [f"{error.lineno}: not well formed: {expat.ErrorString(error.code)}"]
    off = [f"{number}: indentation is off by {-shift} columns" for number, shift in shifts.items() if shift]
    return white_space_findings(text) + off


def mended(text: str) -> str:
    """Return the text with its white space put in order; lines without a tag of their own follow the one above."""
    text = "\n".join(line.rstrip().expandtabs(INDENT) for line in text.strip("\ufeff\n").splitlines()) + "\n"
    if not text.startswith("<?xml"):
        text = f"{DECLARATION}\n{text}"
    shifts = Outline(text).shifts(text)
    lines, shift = [], 0
    for number, line in enumerate(text.split("\n"), 1):
        shift = shifts.get(number, shift)
        body = line.lstrip()
        lines.append(" " * max(len(line) - len(body) + shift, 0) + body if body else "")
    return "\n".join(lines)


def _xml_files(folder: Path) -> list[Path]:
    """The XML files under a folder, without a look into hidden ones: others write there meanwhile."""
    found = []
    for entry in folder.iterdir():
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            found += _xml_files(entry)
        elif entry.suffix == ".xml":
            found.append(entry)
    return found


def main(arguments: list[str]) -> int:
    """Check or mend every XML file under the folders given; return the exit code."""
    fix = "--fix" in arguments
    code = 0
    for folder in map(Path, (word for word in arguments if word != "--fix")):
        for path in sorted(_xml_files(folder)):
            text = path.read_bytes().decode()
            if fix and findings(text):
                text = mended(text)
                path.write_text(text)
            for finding in findings(text):
                code = 1
                print(f"{path.relative_to(folder)}:{finding}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

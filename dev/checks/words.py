"""Refuse words that Odoo's own screens do not use for records: `words.py [FOLDER]`.

Looked at are the terms that users see (`i18n/*.pot`), names, comments and docstrings in Python, comments in XML, tours,
the pages of the documentation, and the names of these files.
"""

import ast
import io
import re
import sys
import tokenize
from pathlib import Path
from xml.parsers import expat

import polib

REFUSED = {  # and what to write instead
    r"can\s+not": "cannot",
    r"he|his|him|himself": "they, or the customer, the lead, the user …",
    r"who(?:so|m)?ever": "the one meant: each customer that …, the user who …",
    r"(?:no|every|some|any)(?:body|bodys| one)": "the record meant: no customer, each salesperson, another user …",
}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def python_texts(source):
    """Yield the names, comments and docstrings of a Python file."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.COMMENT, tokenize.NAME):
            yield token.start[0], token.string.replace("_", " ")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, DOCUMENTED) and (docstring := ast.get_docstring(node, clean=False)):
            yield node.body[0].lineno, docstring


def xml_comments(source):
    """Yield the comments of an XML file."""
    found, parser = [], expat.ParserCreate()
    parser.CommentHandler = lambda text: found.append((parser.CurrentLineNumber, text))
    parser.Parse(source.encode(), True)
    yield from found


READERS = {
    ".pot": lambda source: ((entry.linenum, entry.msgid) for entry in polib.pofile(source)),
    ".py": python_texts,
    ".xml": xml_comments,
    ".js": lambda source: enumerate(source.splitlines(), 1),
    ".md": lambda source: enumerate(source.splitlines(), 1),
}


def main(folder=Path(__file__).parents[2]):
    """Print each refused word under the folder; return the exit code."""
    code = 0
    for suffix, reader in READERS.items():
        for path in sorted([*folder.glob(f"*{suffix}"), *folder.glob(f"[!.]*/**/*{suffix}")]):
            for line, text in [(1, path.stem.replace("_", " ")), *reader(path.read_text())]:
                left = text.replace("he/his/him", "")  # the rule itself
                for words, advice in REFUSED.items():
                    for match in re.finditer(rf"\b(?:{words})\b", left, re.IGNORECASE):
                        number = line + left.count("\n", 0, match.start())
                        print(f"{path.relative_to(folder)}:{number}: “{match[0]}”: write {advice}")
                        code = 1
    return code


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))

"""Bring a language's file in line with the template, with the translations it has: `po_merge.py TEMPLATE PO`."""

import sys

import polib

template, path = sys.argv[1:]
known, merged = {entry.msgid: entry.msgstr for entry in polib.pofile(path)}, polib.pofile(template)
for entry in merged:
    entry.msgstr = known.get(entry.msgid, "")
merged.save(path)
print(f"{path}: {len(merged.translated_entries())} of {len(merged)} terms translated")

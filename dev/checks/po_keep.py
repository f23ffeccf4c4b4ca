"""Fill the empty translations of one po file from another: `po_keep.py FORMER NEW`."""

import sys

import polib


def keep(former: str, new: str) -> None:
    """Take over into `new` what `former` has translated and `new` has not."""
    known = {entry.msgid: entry.msgstr for entry in polib.pofile(former) if entry.msgstr}
    po = polib.pofile(new)
    for entry in po.untranslated_entries():
        entry.msgstr = known.get(entry.msgid, "")
    po.save()


if __name__ == "__main__":
    keep(*sys.argv[1:])

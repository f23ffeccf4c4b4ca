"""Write the dashboard of the menu Overview: `python3 dev/dashboard` after a change here, and commit both.
`--check` tells by the exit code whether the file is what this gives.

Odoo keeps a dashboard as one JSON file, which only its Enterprise edition can edit: here it is put together from what
one row of a table or one figure is. A figure is the cell of a pivot wherever it can be, because a click on such a cell
opens the records that it counts, with the filters of the dashboard.

Words stand in `_t("…")`, in titles and in labels of filters: from there Odoo takes what is to be translated.
"""

import json
import sys
from pathlib import Path

from page import GRADES, page
from sheet import COLUMNS, FORMAT_IDS, FORMATS, LINE, STYLE_IDS, STYLES, Sheet
from sources import FILTERS, GRADE_LIST, PIVOT_IDS, PIVOTS, grade_list, pivot

FILE = Path(__file__).parents[2] / "data" / "files" / "grading_dashboard.json"


def dashboard():
    """The content of the file."""
    sheet, data = Sheet("Overview"), Sheet("Data")
    rows = page(sheet, data)
    return {
        "version": "18.5.10",
        "sheets": [sheet.export(len(COLUMNS), rows), data.export(7, GRADES + 1)],
        "styles": {str(STYLE_IDS[name]): style for name, style in STYLES.items()},
        "formats": {str(FORMAT_IDS[name]): form for name, form in FORMATS.items()},
        "borders": {"1": {"bottom": {"style": "thin", "color": LINE}}},
        "revisionId": "START_REVISION",
        "uniqueFigureIds": True,
        "settings": {},
        "pivots": {PIVOT_IDS[name]: pivot(name, **source) for name, source in PIVOTS.items()},
        "pivotNextId": len(PIVOTS) + 1,
        "customTableStyles": {},
        "globalFilters": [{"id": name, **wanted} for name, wanted in FILTERS.items()],
        "lists": {GRADE_LIST: grade_list()},
        "listNextId": 2,
        "chartOdooMenusReferences": {},
    }


def text():
    return json.dumps(dashboard(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(FILE.read_text(encoding="utf-8") != text())
    FILE.write_text(text(), encoding="utf-8")

"""The layout of the page: its columns, styles and formats, and a sheet that is put together from cells and figures."""

# The page: ten columns, in px. One sheet of A4 holds it.
COLUMNS = {"A": 150, **dict.fromkeys("BCDEFGHIJ", 104)}
WIDTH = sum(COLUMNS.values())
ROW = 23
GAP = 10
CARD_HEIGHT, CHART_HEIGHT = 100, 250

INK, TEAL, GRAY, LINE = "#434343", "#01666b", "#6b7280", "#cccccc"
STYLES = {
    "heading": {"textColor": TEAL, "bold": True, "fontSize": 14},
    "group": {"textColor": GRAY, "align": "center", "fontSize": 9},
    "header": {"textColor": INK, "bold": True, "align": "right", "verticalAlign": "middle", "wrapping": "wrap"},
    "first": {"textColor": INK, "bold": True, "verticalAlign": "middle", "wrapping": "wrap"},
    "label": {"textColor": TEAL, "verticalAlign": "middle"},
    "value": {"textColor": INK, "align": "right", "verticalAlign": "middle"},
    "total": {"textColor": INK, "align": "right", "bold": True, "verticalAlign": "middle", "fillColor": "#f3f4f6"},
    "totals": {"textColor": INK, "bold": True, "verticalAlign": "middle", "fillColor": "#f3f4f6"},
}
STYLE_IDS = {name: number for number, name in enumerate(STYLES, 1)}
FORMATS = {"whole": "#,##0", "decimal": "#,##0.0"}
FORMAT_IDS = {name: number for number, name in enumerate(FORMATS, 1)}


def words(text):
    return f'=_t("{text}")'


class Sheet:
    """The cells, styles and figures of one sheet."""

    def __init__(self, name):
        self.name = name
        self.cells, self.styles, self.formats, self.borders = {}, {}, {}, {}
        self.heights, self.merges, self.figures = {}, [], []

    def put(self, place, content, style=None, form=None):
        if content:
            self.cells[place] = content
        if style:
            self.styles[place] = STYLE_IDS[style]
        if form:
            self.formats[place] = FORMAT_IDS[form]

    def height(self, row, size):
        self.heights[str(row - 1)] = {"size": size}

    def top(self, row):
        """Where a row begins, in px."""
        return sum(self.heights.get(str(number), {"size": ROW})["size"] for number in range(row - 1))

    def heading(self, row, first, last, text):
        self.put(f"{first}{row}", words(text), "heading")
        self.borders[f"{first}{row}:{last}{row}"] = 1

    def over(self, row, first, last, text):
        """What is true of several columns, small and gray above their headers."""
        self.put(f"{first}{row}", words(text), "group")
        self.merges.append(f"{first}{row}:{last}{row}")

    def figure(self, chart_id, x, row, width, height, data):
        """A card or chart, ``x`` px from the left at the top of a row."""
        self.figures.append(
            {
                "id": chart_id,
                "col": 0,
                "row": row - 1,
                "offset": {"x": x, "y": 5},
                "width": width,
                "height": height - 10,
                "tag": "chart",
                "data": {"chartId": chart_id, **data},
            }
        )

    def export(self, columns, rows):
        return {
            "id": self.name.lower(),
            "name": self.name,
            "colNumber": columns,
            "rowNumber": rows,
            "cols": {str(place): {"size": size} for place, size in enumerate(COLUMNS.values())} if self.heights else {},
            "rows": self.heights,
            "merges": self.merges,
            "cells": self.cells,
            "styles": self.styles,
            "formats": self.formats,
            "borders": self.borders,
            "conditionalFormats": [],
            "dataValidationRules": [],
            "figures": self.figures,
            "tables": [],
            "areGridLinesVisible": False,
            "isVisible": True,
            "headerGroups": {"ROW": [], "COL": []},
            "comments": {},
        }

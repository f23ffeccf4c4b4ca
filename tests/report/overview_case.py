import json
import re
from pathlib import Path

from odoo.fields import Domain

FILE = Path(__file__).parents[2] / "data" / "files" / "grading_dashboard.json"
XML_ID = "customer_grading.spreadsheet_dashboard_overview"
FIGURE = re.compile(r'PIVOT\.VALUE\((\d+),"([^"]+)"((?:,[^(),]+)*)\)')


def spread(groupby, columns=()):
    """The sets of groups that a pivot asks for: each beginning of the rows with each beginning of the columns."""
    return [
        [*groupby[:rows], *columns[:further]] for rows in range(len(groupby) + 1) for further in range(len(columns) + 1)
    ]


class Source:
    """What figures of the dashboard are read from, as the browser asks for it: a pivot or a chart of the file."""

    def __init__(self, name, definition):
        chart = definition.get("metaData")
        self.name = name
        self.number = definition.get("formulaId")
        self.action = definition["actionXmlId"]
        self.matching = definition["fieldMatching"]
        if chart:
            self.model, self.domain = chart["resModel"], definition["searchParams"]["domain"]
            self.sets, self.measures = [chart["groupBy"]], [chart["measure"]]
        else:
            self.model, self.domain = definition["model"], definition["domain"]
            rows, columns = ([field["fieldName"] for field in definition[axis]] for axis in ("rows", "columns"))
            self.sets = spread(rows, columns)
            self.measures = [measure["id"] for measure in definition["measures"]]

    def with_filters(self, filters):
        """The domain with global filters: ``{filter: ids, or (first day, last day)}``."""
        asked = Domain(self.domain)
        for name, chosen in filters.items():
            if name == "period" and name in self.matching:
                chain, kind = self.matching[name]["chain"], self.matching[name]["type"]
                end = " 23:59:59" if kind == "datetime" else ""
                asked &= Domain(chain, ">=", str(chosen[0])) & Domain(chain, "<=", f"{chosen[1]}{end}")
            elif name in self.matching:
                asked &= Domain(self.matching[name]["chain"], "in", chosen)
        return asked

    def aggregates(self, env):
        """The measures as the server is asked for them."""
        fields = env[self.model]._fields
        return [
            name if name == "__count" or ":" in name else f"{name}:{fields[name].aggregator}" for name in self.measures
        ]

    def cells(self, env, filters=None):
        """``[(groups, what is asked for, its value, the domain that a click opens)]``"""
        domain = self.with_filters(filters or {})
        found = []
        for groupby, groups in zip(
            self.sets,
            env[self.model].formatted_read_grouping_sets(list(domain), self.sets, self.aggregates(env)),
            strict=True,
        ):
            for group in groups:
                keys = tuple(group[name][0] if isinstance(group[name], tuple) else group[name] for name in groupby)
                opened = domain & Domain(group["__extra_domain"])
                found += [(keys, name, group[name], opened) for name in self.aggregates(env)]
        return found

    def figures(self, env, measure, filters=None):
        """``{groups: value}`` of the finest groups."""
        depth = max(map(len, self.sets))
        return {
            keys: value
            for keys, name, value, _domain in self.cells(env, filters)
            if name == measure and len(keys) == depth
        }


class Dashboard:
    """The file of the dashboard, read as the browser reads it."""

    def __init__(self):
        self.data = json.loads(FILE.read_text(encoding="utf-8"))
        self.pivots = {pivot["name"]: Source(pivot["name"], pivot) for pivot in self.data["pivots"].values()}
        drawn = [figure["data"] for sheet in self.data["sheets"] for figure in sheet["figures"]]
        self.cards = [figure for figure in drawn if figure["type"] == "scorecard"]
        self.charts = {
            figure["title"]["text"]: Source(figure["title"]["text"], figure)
            for figure in drawn
            if figure["type"].startswith("odoo_")
        }
        self.sources = [*self.pivots.values(), *self.charts.values()]

    def formulas(self):
        """The formulas of all cells, ``{sheet!place: text}``."""
        return {
            f"{sheet['name']}!{place}": content
            for sheet in self.data["sheets"]
            for place, content in sheet["cells"].items()
            if content.startswith("=")
        }

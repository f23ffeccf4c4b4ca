"""The parts of the page, in the order in which a manager asks."""

from sheet import CARD_HEIGHT, CHART_HEIGHT, GAP, INK, TEAL, WIDTH, words
from sources import (
    AT_RISK,
    CUSTOMER,
    GRADE_LIST,
    MODULE,
    OF_CUSTOMER,
    OF_REPORT,
    PIVOT_IDS,
    REVENUE,
    known,
    matching,
    number,
    quoted,
    value,
)

# How many rows of grades there are, that of no grade included.
GRADES, LEAD_GRADES = 8, 6

KEPT = ("contacts", "kept_rate:avg")

CARDS = [
    # Title, figure, format, what it is compared with, how, and in which words
    ("Customers", number("now", "__count"), "whole", known("then", "__count"), "difference", "in 12 months"),
    ("Revenue, 12 Months", number("now", REVENUE), None, known("then", REVENUE), "percentage", "in 12 months"),
    ("Forecast Revenue", number("now", "expected_amount:sum"), None, None, None, ""),
    ("Revenue at Risk", number("risk", AT_RISK), None, None, None, ""),
    ("Contacts in Time (%)", value(*KEPT), "decimal", number("contacts", "__count"), "text", "due in the period"),
    ("Open Complaints", number("complaints", "__count"), "whole", number("overdue", "__count"), "text", "overdue"),
]


def cards(sheet, data, row):
    """The six figures that come first; their values stand on the sheet of data."""
    sheet.height(row, CARD_HEIGHT)
    width = (WIDTH - (len(CARDS) - 1) * GAP) // len(CARDS)
    for place, (title, key, form, base, mode, said) in enumerate(CARDS):
        line = place + 2
        data.put(f"A{line}", words(title))
        data.put(f"B{line}", f"={key}", form=form)
        compared = {"baselineMode": "text"}
        if base:
            data.put(f"C{line}", f"={base}", form="whole" if mode != "percentage" else None)
            compared = {
                "baseline": f"{data.name}!C{line}",
                "baselineMode": mode,
                "baselineDescr": {"text": said, "fontSize": 11},
            }
        sheet.figure(
            f"grading-card-{place + 1}",
            place * (width + GAP),
            row,
            width,
            CARD_HEIGHT,
            {
                "type": "scorecard",
                "title": {"text": title, "bold": True, "color": INK, "fontSize": 11},
                "keyDescr": {"text": "", "fontSize": 22},  # the size of the figure
                "background": "#f3f7f8",
                "keyValue": f"{data.name}!B{line}",
                "humanize": form is None,
                "baselineColorUp": "#00a04a",
                "baselineColorDown": "#dc6965",
                **compared,
            },
        )


def customer_grades(data):
    """The rows of the table of customers: each grade, and none. Their keys stand on the sheet of data.

    :return: ``[(formula that is empty without such a row, what a figure asks for)]``
    """
    data.put("F1", words("Grade"))
    rows = []
    for place, line in enumerate(range(2, GRADES + 2), 1):
        data.put(f"F{line}", f'=ODOO.LIST({GRADE_LIST},{place},"id")')
        data.put(f"G{line}", f'=IF(F{line}<>"",F{line},IF(COUNT(F1:F{line - 1})={place - 1},FALSE,""))')
        rows.append((f"{data.name}!G{line}", ['"grade_id"', f"{data.name}!G{line}"]))
    return rows


def lead_grades():
    """The rows of the table of leads: the grades that there are."""
    groups = [['"#grade_id"', str(place)] for place in range(1, LEAD_GRADES + 1)]
    return [(f"PIVOT.HEADER({','.join([PIVOT_IDS['leads'], *group])})", group) for group in groups]


def by_grade(sheet, row, rows, source, columns):
    """A table with a row for each grade, and the total.

    :param rows: what :func:`customer_grades` or :func:`lead_grades` returns
    :param str source: where the names of the grades are read from
    :param columns: ``[(column, header, format, source, measure, further groups)]``
    """
    sheet.put(f"A{row}", words("Grade"), "first")
    for column, header, *_source in columns:
        sheet.put(f"{column}{row}", words(header), "header")
    sheet.put(f"A{row + 1}", words("Total"), "totals")
    for column, _header, form, name, measure, *further in columns:
        sheet.put(f"{column}{row + 1}", f"={value(name, measure, *further)}", "total", form)
    for line, (key, group) in enumerate(rows, row + 2):
        named = f"PIVOT.HEADER({','.join([PIVOT_IDS[source], *group])})"
        sheet.put(f"A{line}", f"={named}" if named == key else f'=IF({key}="","",{named})', "label")
        for column, _header, form, name, measure, *further in columns:
            asked = value(name, measure, *group, *further)
            sheet.put(f"{column}{line}", f'=IF($A{line}="","",{asked})', "value", form)


def others(sheet, total, rows, columns):
    """A row for what the rows of a table leave of its total, such as customers whose grade is archived; empty as long
    as they leave nothing.

    :param int total: the row of the total; ``rows`` of grades follow
    :param columns: ``[(column, format)]`` of numbers that add up
    """
    line = total + rows + 1
    for column, form in columns:
        left = f"{column}{total}-SUM({column}{total + 1}:{column}{line - 1})"
        sheet.put(f"{column}{line}", f'=IF(ROUND({left},2)=0,"",{left})', "value", form)
    first, last = columns[0][0], columns[-1][0]
    sheet.put(f"A{line}", f'=IF(COUNT({first}{line}:{last}{line})=0,"",{words("Others")[1:]})', "label")


def effort(sheet, data, total):
    """The last two columns of the table of customers: which part of the contacts went to each grade, and the plan.

    :param int total: the row of the total; those of the grades follow
    """
    data.put("A1", words("Contacts"))
    data.put("B1", f"={number('effort', '__count')}")
    sheet.put(f"J{total - 1}", words("Planned (%)"), "header")
    for line in range(total, total + GRADES + 1):
        made = sheet.cells[f"I{line}"]
        asked = made[made.index("PIVOT.VALUE") :].removesuffix(")" if made.startswith("=IF(") else "")
        share = f'IFERROR(100*{asked}/{data.name}!B1,"")'
        sheet.put(f"I{line}", f'=IF($A{line}="","",{share})', *("total" if line == total else "value", "decimal"))
        place = line - total
        planned = f'=IF({data.name}!F{place + 1}="","",ODOO.LIST({GRADE_LIST},{place},"effort_share"))' if place else ""
        sheet.put(f"J{line}", planned, *("total" if line == total else "value", "decimal"))


def by_word(sheet, row, title, first, columns, lines):
    """A table with a heading and a row for each of ``lines``: ``(word, the value of the group that it counts)``, which
    is False where there is none.

    :param str first: the column of the words, which reach into the next one
    :param columns: ``[(column, header, name, group, measure)]``
    """
    last = columns[-1][0]
    sheet.heading(row, first, last, title)
    for column, header, *_source in columns:
        sheet.put(f"{column}{row}", words(header), "header")
    for line, (word, group) in enumerate(lines, row + 1):
        sheet.put(f"{first}{line}", words(word), "label")
        for column, _header, name, dimension, measure in columns:
            asked = number(name, measure, quoted(dimension), quoted(group) if group else "FALSE")
            sheet.put(f"{column}{line}", f"={asked}", "value", None if ":" in measure else "whole")


MOVED = [("Improved", "up"), ("Worsened", "down"), ("First graded, or another scheme", False)]
OUTCOMES = [("In time", "kept"), ("Late", "late"), ("Missed", "missed"), ("Still open", "open")]
SEVERITIES = [("Serious", "serious"), ("Major", "major"), ("Minor", "minor")]
STATES = [
    ("Running", "running"),
    ("Goal reached", "reached"),
    ("Expired", "expired"),
    ("Stopped", "stopped"),
    ("Control group", "control"),
]

CHARTS = [
    # Title, model, measure, groups, domain, filters, action
    (
        "Revenue by Grade, 12 Months",
        *("grading.profile", "order_amount_12m", ["grade_id"], CUSTOMER, OF_CUSTOMER, "grading_profile_action"),
    ),
    (
        "Share of Revenue by Tenth of the Customers (%)",
        # Shares are those of a company: of several, each has bars of its own.
        *("grading.pareto.report", "revenue_share", ["tenth", "company_id"], [], OF_REPORT),
        "grading_pareto_report_action",
    ),
    (
        "Customers by Quarter of the First Order",
        *("grading.profile", "__count", ["first_order_date:quarter", "lifecycle_id"]),
        # From the begin of a year on, so that the first quarter is whole.
        [*CUSTOMER, ["first_order_date", ">=", "today =1d =1m -2y"]],
        *(OF_CUSTOMER, "grading_profile_action"),
    ),
]


def charts(sheet, row):
    """What is easier to see than to read; the bars open what they count."""
    sheet.height(row, CHART_HEIGHT)
    width = (WIDTH - (len(CHARTS) - 1) * GAP) // len(CHARTS)
    for place, (title, model, measure, groups, domain, filters, action) in enumerate(CHARTS):
        sheet.figure(
            f"grading-chart-{place + 1}",
            place * (width + GAP),
            row,
            width,
            CHART_HEIGHT,
            {
                "type": "odoo_bar",
                "title": {"text": title, "bold": True, "color": TEAL, "fontSize": 12},
                "background": "#ffffff",
                "legendPosition": "bottom" if len(groups) > 1 else "none",
                "metaData": {
                    "groupBy": groups,
                    "measure": measure,
                    "order": None,
                    "resModel": model,
                    "mode": "bar",
                },
                "searchParams": {"context": {}, "domain": domain, "groupBy": groups, "orderBy": []},
                "actionXmlId": f"{MODULE}.{action}",
                "dataSets": [],
                "verticalAxisPosition": "left",
                "stacked": "company_id" not in groups,
                "fieldMatching": matching(filters),
            },
        )


def page(sheet, data):
    """Put everything on the page.

    :return: how many rows it has
    """
    cards(sheet, data, 1)
    sheet.heading(2, "A", "J", "By Grade")
    by_grade(
        sheet,
        3,
        customer_grades(data),
        "now",
        [
            ("B", "Customers", "whole", "now", "__count"),
            ("C", "12 Months Ago", "whole", "then", "__count"),
            ("D", "Revenue, 12 Months", None, "now", REVENUE),
            ("E", "12 Months Ago", None, "then", REVENUE),
            ("F", "Forecast Revenue", None, "now", "expected_amount:sum"),
            ("G", "Revenue at Risk", None, "risk", AT_RISK),
            ("H", "Contacts in Time (%)", "decimal", "contacts", "kept_rate:avg"),
            ("I", "Share of Contacts Made (%)", "decimal", "effort", "__count"),
        ],
    )
    # Of each company the horizon may be another one: how many days it has stands with the amounts.
    sheet.over(2, "F", "G", "In the Forecast's Horizon")
    sheet.over(2, "H", "I", "In the Period")
    effort(sheet, data, 4)
    others(sheet, 4, GRADES, [*((column, "whole") for column in "BC"), *((column, None) for column in "DEFG")])
    row = GRADES + 6
    charts(sheet, row)
    row += 1
    sheet.heading(row, "A", "D", "Leads Created in the Period, by Grade Then")
    by_grade(
        sheet,
        row + 1,
        lead_grades(),
        "leads",
        [
            ("B", "Leads", "whole", "leads", "__count"),
            ("C", "Signed", "whole", "leads", "__count", '"state"', '"won"'),
            ("D", "Signed (%)", "decimal", "leads", "conversion:avg"),
        ],
    )
    others(sheet, row + 2, LEAD_GRADES, [("B", "whole"), ("C", "whole")])
    moved = [("I", "Customers", "moved", "move_month", "__count"), ("J", "Revenue", "moved", "move_month", REVENUE)]
    by_word(sheet, row, "Moved This Month", "F", moved, MOVED)
    complaints = [("J", "Complaints", "complaints", "severity", "__count")]
    by_word(sheet, row + 5, "Open Complaints", "F", complaints, SEVERITIES)
    row += LEAD_GRADES + 4
    due = [("D", "Contacts", "contacts", "state", "__count")]
    by_word(sheet, row, "Contacts Due in the Period", "A", due, OUTCOMES)
    by_word(sheet, row, "Plays Started in the Period", "F", [("J", "Starts", "plays", "state", "__count")], STATES)
    for heading in (2, row - LEAD_GRADES - 4, row):
        sheet.height(heading, 34)
    sheet.height(3, 50)
    return row + max(len(OUTCOMES), len(STATES))

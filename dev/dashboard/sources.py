"""What the figures are read from: the sources, their filters, and the formulas that ask them."""

MODULE = "customer_grading"

# A day in a filter that Odoo works out when it reads the records.
MONTH_BEGIN, YEAR_AGO, YEAR_AGO_END = "today =1d", "today =1d -12m", "today =1d -11m"

FILTERS = {
    "period": {"type": "date", "label": "Period", "defaultValue": "last_90_days"},
    "company": {"type": "relation", "label": "Company", "modelName": "res.company"},
    "salesperson": {"type": "relation", "label": "Salesperson", "modelName": "res.users"},
    "team": {"type": "relation", "label": "Sales Team", "modelName": "crm.team"},
}
REVENUE, AT_RISK = "order_amount_12m:sum", "amount_at_risk:sum"
# Grades of a scheme in which one has a share of the effort.
PLANNED = ["grade_id.threshold_ids.scheme_id.threshold_ids.grade_id.effort_share", ">", 0]
CUSTOMER = [["partner_id", "!=", False], ["partner_id.active", "=", True]]
OF_CUSTOMER = {"salesperson": "partner_id.user_id", "team": "partner_id.user_id.sale_team_id"}
OF_USER = {"salesperson": "user_id", "team": "user_id.sale_team_id"}
OF_REPORT = {"salesperson": "user_id", "team": "team_id"}

# What the figures are read from, by name: model, domain, rows, columns, measures, and the fields that filters ask for.
# A filter on the period counts what happened in it; customers, their revenue and open complaints are those of today.
PIVOTS = {
    "now": {
        "model": "grading.profile",
        "domain": CUSTOMER,
        "rows": ["grade_id"],
        "measures": ["__count", REVENUE, "expected_amount:sum"],
        "filters": OF_CUSTOMER,
        "action": "grading_profile_action",
    },
    "then": {
        "model": "grading.snapshot",
        # Of those who are there now as well, so that both can be compared.
        "domain": [*CUSTOMER, ["date", ">=", YEAR_AGO], ["date", "<", YEAR_AGO_END]],
        "rows": ["grade_id"],
        "measures": ["__count", REVENUE],
        "filters": OF_CUSTOMER,
        "action": "grading_snapshot_action",
    },
    "moved": {
        "model": "grading.profile",
        "domain": [
            *CUSTOMER,
            # That it is a customer's saves the database asking which leads the user may see.
            ["history_ids", "any", [CUSTOMER[0], ["date", ">=", MONTH_BEGIN], ["is_grade_change", "=", True]]],
            # Who has fallen and is back by now has not moved.
            ["move_month", "!=", "same"],
        ],
        "rows": ["move_month"],
        "measures": ["__count", REVENUE],
        "filters": OF_CUSTOMER,
        "action": "grading_profile_action",
    },
    # Out of the log of due contacts: to count all contacts, messages included, takes seconds where there are many.
    # Of the grades that share the effort, as the plan has it: with prospects counted, no share could be reached.
    "effort": {
        "model": "grading.care.report",
        "domain": [["partner_id", "!=", False], ["state", "in", ["kept", "late"]], PLANNED],
        "rows": ["grade_id"],
        "measures": ["__count"],
        "filters": {**OF_USER, "period": "due_date"},
        "action": "grading_care_log_action",
    },
    "contacts": {
        "model": "grading.care.report",
        "domain": [["partner_id", "!=", False]],
        "rows": ["grade_id"],
        "columns": ["state"],
        "measures": ["__count", "kept_rate:avg"],
        "filters": {**OF_USER, "period": "due_date"},
        "action": "grading_care_log_action",
    },
    "leads": {
        "model": "grading.lead.report",
        "domain": [],
        "rows": ["grade_id"],
        "columns": ["state"],
        "measures": ["__count", "conversion:avg"],
        "filters": {**OF_REPORT, "period": "date"},
        "action": "grading_lead_report_action",
    },
    "complaints": {
        "model": "grading.complaint",
        "domain": [["state", "=", "open"]],
        "rows": ["severity"],
        "measures": ["__count"],
        "filters": OF_USER,
        "action": "grading_complaint_action",
    },
    "overdue": {
        "model": "grading.complaint",
        "domain": [["state", "=", "open"], ["is_overdue", "=", True]],
        "rows": [],
        "measures": ["__count"],
        "filters": OF_USER,
        "action": "grading_complaint_action",
    },
    "plays": {
        "model": "grading.play.case",
        "domain": [],
        "rows": ["state"],
        "measures": ["__count"],
        "filters": {**OF_USER, "period": "date_start"},
        "action": "grading_play_case_action",
    },
    # As the list of customers at risk has it: what is not expected of a lost customer any more is not at risk.
    "risk": {
        "model": "grading.profile",
        "domain": [*CUSTOMER, ["amount_at_risk", ">", 0], ["lost_date", ">", "today"]],
        "rows": ["grade_id"],
        "measures": [AT_RISK],
        "filters": OF_CUSTOMER,
        "action": "grading_profile_action",
    },
}
PIVOT_IDS = {name: str(number) for number, name in enumerate(PIVOTS, 1)}
DATES = {"period": {"due_date": "date", "date": "datetime", "date_start": "datetime"}}

GRADE_LIST = "1"


def matching(filters):
    """The fields by which the filters of the dashboard restrict a source of figures."""
    chains = {"company": "company_id", **filters}
    return {
        name: {"chain": chain, "type": DATES["period"][chain] if name == "period" else "many2one"}
        for name, chain in sorted(chains.items())
    }


def pivot(name, model, domain, rows, measures, filters, action, columns=()):
    """A source of figures as the file has it."""
    fields = [measure.partition(":") for measure in measures]
    return {
        "type": "ODOO",
        "id": PIVOT_IDS[name],
        "formulaId": PIVOT_IDS[name],
        "name": name,
        "model": model,
        "domain": domain,
        "context": {},
        "actionXmlId": f"{MODULE}.{action}",
        "rows": [{"fieldName": row} for row in rows],
        "columns": [{"fieldName": column} for column in columns],
        "measures": [
            {"id": field + colon + aggregator, "fieldName": field, **({"aggregator": aggregator} if colon else {})}
            for field, colon, aggregator in fields
        ],
        "fieldMatching": matching(filters),
    }


def grade_list():
    """All grades in their order, whose keys lead the rows of the table of customers; segments beside them are none."""
    return {
        "id": GRADE_LIST,
        "name": "grades",
        "model": "grading.grade",
        "domain": [["is_segment", "=", False]],
        "context": {},
        "columns": ["display_name", "effort_share"],
        "orderBy": [],
        "actionXmlId": f"{MODULE}.grading_grade_action",
        "fieldMatching": {},
    }


def value(name, measure, *group):
    """The formula of one figure, empty where nothing is counted."""
    return f"PIVOT.VALUE({','.join([PIVOT_IDS[name], quoted(measure), *group])})"


def number(name, measure, *group):
    """The formula of one figure, 0 where nothing is counted: the sum of a table of one cell passes over its text."""
    return f"SUM(FLATTEN({value(name, measure, *group)}))"


def known(name, measure):
    """The same, empty where nothing is counted, so that nothing is compared with it: a company without a memory has not
    grown without end."""
    return f'IFERROR(1/(1/{number(name, measure)}),"")'


def quoted(text):
    return f'"{text}"'

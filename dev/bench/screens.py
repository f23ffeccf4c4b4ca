"""What a user waits for: the kanban by grade and the contact's form, read as the web client reads them."""

import json
import time
from statistics import median

from lxml import etree

from odoo.tools import SQL, file_open, safe_eval

TIMES = 7
# What the kanban's progress bar has the web client ask for; see getAggregateSpecifications in web/static/src.
AGGREGATES = (
    "grading_business_amount:sum",
    "grading_currency_id:array_agg_distinct",
    "grading_business_amount:sum_currency",
)


def measure(env, table):
    """Add the rows of the screens to ``table``."""
    env = env(user=env.ref("base.user_admin"))
    partners = env["res.partner"].with_context(read_group_expand=True, allowed_company_ids=env.company.ids)
    domain = safe_eval.safe_eval(env.ref("customer_grading.res_partner_action_grading").sudo().domain)

    def groups():
        return partners.formatted_read_group(domain, ["grading_grade_id"], AGGREGATES)

    def opened():
        return partners.web_read_group(
            domain, ["grading_grade_id"], AGGREGATES, order="grading_score desc", auto_unfold=True,
            unfold_read_specification=cards, unfold_read_default_limit=40,
        )  # fmt: skip

    view = env.ref("customer_grading.res_partner_view_kanban_grading")
    cards, _grading = _specifications(partners, view, "kanban")
    ours, plain, with_cards = _alternate(env, groups, lambda: _plain_group_by(env), opened)
    table.add("kanban, groups", ours, "plain GROUP BY", plain, "<=", 3)
    table.add("kanban, groups and their cards", with_cards, "plain GROUP BY", plain)

    [[best]] = env.execute_query(
        SQL(
            "SELECT partner_id FROM grading_profile WHERE partner_id IS NOT NULL"
            " ORDER BY score DESC NULLS LAST, id LIMIT 1"
        )
    )
    partner = partners.browse(best)
    without, grading = _specifications(partners, env.ref("base.view_partner_form"), "form")
    ours, plain = _alternate(env, lambda: partner.web_read({**without, **grading}), lambda: partner.web_read(without))
    table.add("contact's form", ours, "without the grading page", plain)
    glance, plain = _alternate(env, partner.grading_glance, lambda: partner.web_read(without))
    table.add("page Grading, when it is opened", glance, "the form without it", plain)
    _overview(env, table)


def _overview(env, table):
    """All figures of the overview as its spreadsheet asks for them, beside as many plain queries."""
    with file_open("customer_grading/data/files/grading_dashboard.json") as file:
        board = json.load(file)
    figures = [
        (pivot["model"], pivot["domain"], [*pivot["rows"], *pivot["columns"]], pivot["measures"])
        for pivot in board["pivots"].values()
    ]
    charts = [figure["data"] for sheet in board["sheets"] for figure in sheet["figures"]]
    for chart in charts:
        if meta := chart.get("metaData"):
            groups = [
                dict(zip(("fieldName", "granularity"), name.split(":"), strict=False)) for name in meta["groupBy"]
            ]
            figures.append(
                (meta["resModel"], chart["searchParams"]["domain"], groups, [{"fieldName": meta["measure"]}])
            )

    def ask():
        for model, domain, groups, measures in figures:
            env[model].formatted_read_group(domain, [_spec(env[model], group) for group in groups],
                                            [_aggregate(env[model], measure) for measure in measures])  # fmt: skip

    def plain():
        for _figure in figures:
            _plain_group_by(env)

    ours, by_hand = _alternate(env, ask, plain)
    table.add(f"overview, its {len(figures)} figures", ours, "as many plain GROUP BY", by_hand, "<=", 2.5)
    table.add(f"overview, its {len(figures)} figures", ours, "a second", 1.0)


def _spec(model, group):
    name = group["fieldName"]
    dated = model._fields[name].type in ("date", "datetime")
    return f"{name}:{group.get('granularity') or 'month'}" if dated else name


def _aggregate(model, measure):
    name = measure["fieldName"]
    return name if name == "__count" else f"{name}:{measure.get('aggregator') or model._fields[name].aggregator}"


def _plain_group_by(env):
    return env.execute_query(
        SQL(
            """
            SELECT profile.grade_id, COUNT(*), SUM(profile.order_amount_12m)
              FROM res_partner AS partner
              JOIN grading_profile AS profile
                ON profile.partner_id = partner.commercial_partner_id AND profile.company_id = %s
             WHERE partner.active AND (partner.is_company OR partner.parent_id IS NULL)
          GROUP BY profile.grade_id
            """,
            env.company.id,
        )
    )


def _alternate(env, *functions):
    """The median seconds of each function, in turns, nothing in the cache as at the start of a request."""
    times = [[] for _function in functions]
    for repetition in range(TIMES + 1):
        for function, kept in zip(functions, times, strict=True):
            env.invalidate_all()
            started = time.perf_counter()
            function()
            if repetition:  # the first one warms
                kept.append(time.perf_counter() - started)
    return [median(kept) for kept in times]


def _specifications(model, view, view_type):
    """What ``web_read`` is asked for by a view, without and from our page of it."""
    arch = etree.fromstring(model.get_view(view.id, view_type)["arch"])
    plain, grading = {}, {}
    for node in arch.xpath(".//field[not(ancestor::field)]"):
        spec = grading if node.xpath("ancestor::page[@name='grading']") else plain
        field = model._fields[node.get("name")]
        spec[field.name] = _relation(node) if field.relational else {}
    return plain, {name: spec for name, spec in grading.items() if name not in plain}


def _relation(node):
    inner = {child.get("name"): {} for child in node.xpath("./*[1]//field[not(ancestor::field[2])]")}
    return {"fields": inner or {"display_name": {}}}

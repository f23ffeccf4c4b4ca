"""Data as the users of any version make it: settings, edited and own rules, overrides, tags, documents, two scorings.

Runs in Odoo's shell on a database with demo data, with the code of that version, so it asks what each version has and
names no more of it than the first one had. What a version refuses is printed and left out.
"""

from datetime import timedelta

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError

MODULE = "customer_grading"
# Models of rules, as far as a version has them: of each one a shipped record is edited, and one is added.
RULES = (
    "grading.grade",
    "grading.scheme",
    "grading.criterion",
    "grading.criterion.band",
    "grading.threshold",
    "grading.lifecycle",
    "grading.tag.rule",
    "grading.cadence",
    "grading.occasion",
    "grading.interest",
    "grading.income.band",
    "grading.play",
)
# What decides how a rule is read, and cannot be changed by itself; names are looked up by the shipped records.
FIXED = {
    "kind",
    "subject",
    "measure",
    "dimension",
    "domain",
    "threshold_mode",
    "active",
    "color",
    "code",
    "key",
    "state",
}
# A second threshold of a grade or step of a criterion at the same place would not be a rule.
SINGLE = {"grading.threshold", "grading.criterion.band"}
refused = []


def attempt(what, function):
    """Do something that a version may refuse; what it returns, None where it does."""
    try:
        with env.cr.savepoint():
            return function()
    except (UserError, AccessError, ValueError, TypeError, KeyError, AttributeError, psycopg2.Error) as error:
        refused.append(f"{what}: {str(error).splitlines()[0][:150]}")
        return None


def other(record, field):
    """Another value for a field of a record, None where there is none to be made up."""
    value = record[field.name]
    if field.type in ("integer", "float") and not field.name.endswith(("_id", "_count")):
        return value + 1
    if field.type == "boolean":
        return not value
    if field.type == "selection":
        keys = [key for key, _label in field._description_selection(env)]
        return next((key for key in keys if key != value), None)
    if field.type in ("char", "text"):
        return f"{value or ''} (ours)"
    return None


def editable(record):
    """The fields of a record that the module has brought and a user may fill in."""
    return [
        field
        for name, field in record._fields.items()
        if MODULE in field._modules and field.store and not field.compute and not field.related
        if not field.readonly and name not in FIXED
    ]


def edit(record):
    """Change each field of a record that can be changed by itself."""
    for field in editable(record):
        value = other(record, field)
        if value is not None:
            attempt(f"{record._name}.{field.name}", lambda f=field, v=value: record.write({f.name: v}))


def make_rules():
    """Of each kind of rule one edited and one more."""
    for name in RULES:
        if name not in env:
            continue
        shipped = env[name].search([], limit=2)
        if shipped:
            edit(shipped[0])
        if len(shipped) > 1 and name not in SINGLE:
            label = {"name": f"{shipped[1].display_name}, ours"} if "name" in shipped._fields else {}
            attempt(f"a copy of {name}", lambda shipped=shipped, label=label: shipped[1].copy(label))


def make_tags(customers):
    """Tags given by hand: an own one, and where rules give tags, one of theirs."""
    own = env["res.partner.category"].create({"name": "Golf club"})
    customers[:5].category_id = [(4, own.id)]
    if "grading.tag.rule" in env:
        rules = env["grading.tag.rule"].search([]).filtered("category_id")
        for rule, customer in zip(rules[:4], customers[:4], strict=False):
            customer.category_id = [(4, rule.category_id.id)]
    if leads := env["crm.lead"].search([("type", "=", "opportunity")], limit=3):
        leads.tag_ids = [(4, env["crm.tag"].create({"name": "Met at the fair"}).id)]


def make_overrides(company, today):
    """Overrides with and without an end, one that was taken back, and those of leads where these are graded."""
    Profile = env["grading.profile"].with_company(company)
    grades = env["grading.grade"].search([])
    of_company = [("company_id", "=", company.id)]
    customers = Profile.search([*of_company, ("partner_id", "!=", False)], limit=6)
    leads = Profile.search([*of_company, ("lead_id", "!=", False)], limit=4)
    for place, profile in enumerate([*customers, *leads]):
        until = today + timedelta(days=40) if place % 2 else None
        grade = grades.filtered(lambda g, p=profile: g != p.grade_id)[:1]
        attempt("override", lambda p=profile, g=grade, u=until, n=place: p._override(g, f"We know better ({n})", u))
    back = customers[-1:]
    release = getattr(back, "_release_override", None) or back._give_back
    attempt("override taken back", release)


def make_documents(customers, today):
    """What customers said, as far as a version asks them, and what else is noted on contacts and leads."""
    now = {"date": today, "date_open": today, "user_id": env.uid}
    for name, values in (
        ("grading.assessment", {"expectation": 8, "satisfaction": 9, "recommendation": 10, "note": "Glad"}),
        ("grading.complaint", {"name": "Late", "note": "Came a week late"}),
    ):
        if name in env:
            known = {key: value for key, value in now.items() if key in env[name]._fields}
            known |= {key: value for key, value in values.items() if key in env[name]._fields}
            for customer in customers[:3]:
                attempt(name, lambda n=name, c=customer, v=known: env[n].create({"partner_id": c.id, **v}))
    for record in (*customers[5:8], *env["crm.lead"].search([], limit=2)):
        edit(record)


def score(companies):
    """Rescore each company, as its night does."""
    for company in companies:
        run = env["grading.run"].with_company(company)._rescore()
        print(f"scored {company.name}: {run.state}, {run.profile_count} {run.message or ''}")
        env.cr.commit()


def order(company, customers):
    """Confirm an order of each customer in a company."""
    product = env["product.product"].search([("sale_ok", "=", True)], limit=1)
    for place, customer in enumerate(customers):
        line = {"product_id": product.id, "product_uom_qty": place + 1, "price_unit": 500.0}
        values = {"partner_id": customer.id, "company_id": company.id, "order_line": [(0, 0, line)]}
        env["sale.order"].with_company(company).create(values).action_confirm()


env = env(context={**env.context, "tracking_disable": True})  # noqa: F821 - the shell's
first = env.company
second = env["res.company"].create({"name": "Second Company"})
env.user.company_ids = [(4, second.id)]
companies = first + second
env = env(context={**env.context, "allowed_company_ids": companies.ids})
customers = env["res.partner"].search([("is_company", "=", True), ("company_id", "=", False)], limit=12)
today = fields.Date.today()
order(first, customers[:8])
order(second, customers[4:])
env.cr.commit()
score(companies)
for company in companies:
    edit(company)
make_rules()
make_tags(customers)
make_documents(customers, today)
for company in companies:
    make_overrides(company, today)
env.cr.commit()
order(first, customers[2:6])
env.cr.commit()
score(companies)
print("\n".join(f"refused: {line}" for line in refused))

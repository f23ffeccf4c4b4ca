from odoo.tests import tagged

from .figures_access_case import AMOUNTS, ROLES, FiguresAccessCase
from .test_figures_rpc import ROWS

SUBJECTS = ("res.partner", "crm.lead", "grading.profile")
# Rows about customers that tell no figure, and those of their numbers that do, each empty where it is not to be seen.
PLAIN_ROWS = {
    "grading.care": {"amount_at_stake"},
    "grading.care.log": set(),
    "grading.care.report": set(),
    "grading.effort.report": set(),
    "grading.greeting": set(),
    "grading.movement": {"amount", "from_amount"},
    "grading.ownership": set(),
    "grading.pool": {"expected_revenue"},
    "grading.tag.origin": set(),
}
# Rows of figures that are worked out when they are read, and an amount of each; tested in tests/report as well.
REPORTS = {
    "grading.revenue.report": None,  # by the salesperson of the document
    "grading.pareto.report": "amount",
    "grading.cohort.report": None,
    "grading.complaint.report": None,
    "grading.forecast.report": None,
    "grading.lead.report": None,
    "grading.payment.report": None,
    "grading.referral.report": None,
    "grading.retention.report": None,
}
# Those that have a row of each customer here.
WITH_ROWS = {f"grading.{name}.report" for name in ("revenue", "pareto", "retention", "complaint")}
# What tells of a single customer and is for managers alone, who see the figures of all.
FOR_MANAGERS = {
    "grading.automation",
    "grading.preview.line",
    "grading.preview.start",
    "grading.profile.aside",
    "grading.queue",
}
# What tells of all customers together.
OF_ALL_CUSTOMERS = {
    "grading.backtest",
    "grading.backtest.line",
    "grading.basket.rule",
    "grading.basket.run",
    "grading.basket.suggestion",
    "grading.forecast",
    "grading.preview",
    "grading.preview.cell",
    "grading.purchase.model",
    "grading.ruler",
    "grading.run",
    "grading.scheme.version",
    "grading.suggestion",
    "grading.suggestion.line",
}
CALLS = (
    ("read", lambda ids, field: ([ids, [field]], {})),
    ("search", lambda ids, field: ([[[field, "!=", False]]], {})),
    ("search_read", lambda ids, field: ([[], [field]], {"order": field})),
    ("formatted_read_group", lambda ids, field: ([[], [field], ["__count"]], {})),
    ("export_data", lambda ids, field: ([ids, [field]], {})),
)


@tagged("post_install", "-at_install")
class TestRowsAccess(FiguresAccessCase):
    """Whatever model has rows about customers: who reads, searches, sorts, groups and exports them."""

    def test_each_model_with_rows_about_customers_is_known(self):
        known = {*ROWS, *PLAIN_ROWS, *REPORTS, *FOR_MANAGERS}
        found = {
            name
            for name, model in self.env.registry.items()
            if name.startswith("grading.")
            and not model._abstract
            and not model._transient
            and any(field.type == "many2one" and field.comodel_name in SUBJECTS for field in model._fields.values())
        }
        self.assertEqual(found - known - OF_ALL_CUSTOMERS, set())
        self.assertEqual(known - found, set())

    def test_plain_rows_have_no_other_amount(self):
        """A float or an amount that is added to one of these models is a figure until it is said who may see it."""
        for name, figures in PLAIN_ROWS.items():
            numbers = {
                field.name
                for field in self.env[name]._fields.values()
                if field.type in ("float", "monetary") and field.name not in ("hours", "score", "score_change")
            }
            with self.subTest(model=name):
                self.assertEqual({number for number in numbers if not number.endswith("_rate")}, figures)

    def test_what_is_for_managers_is_for_no_other_role(self):
        for role, _seen in self.roles():
            is_manager = ROLES[role][0].endswith("grading_group_manager")
            for model in sorted(FOR_MANAGERS | OF_ALL_CUSTOMERS):
                fields = self.env[model]._fields.values()
                column = next(
                    field.name
                    for field in fields
                    if field.store and not field.groups and field.type in ("many2one", "char", "date", "selection")
                )
                for method, arguments in CALLS:
                    args, kwargs = arguments([2**30], column)
                    answer = self.call(model, method, *args, **kwargs)
                    with self.subTest(role=role, model=model, method=method):
                        self.assertEqual(answer == "AccessError", not is_manager, answer)

    def test_reports_add_up_what_the_user_may_see(self):
        domain = [("partner_id", "in", self.all.ids)]
        there = {
            model: set(
                self.env[model].with_user(self.users["grading manager"]).search(domain).partner_id.mapped("name")
            )
            for model in REPORTS
        }
        self.assertEqual(there["grading.pareto.report"], {*AMOUNTS}, "otherwise this proves nothing")
        self.assertGreaterEqual({model for model, names in there.items() if names == {*AMOUNTS}}, WITH_ROWS)
        for role, seen in self.roles():
            for model, amount in REPORTS.items():
                if not self.env[model].with_user(self.users[role]).has_access("read"):
                    self.assertEqual(self.call(model, "search_read", [], ["id"]), "AccessError")
                    self.assertFalse(seen, f"{role} sees figures")
                    continue
                domain = [["partner_id", "in", self.all.ids]]
                names = {row["partner_id"][1] for row in self.call(model, "search_read", domain, ["partner_id"])}
                groups = self.call(model, "formatted_read_group", domain, ["partner_id"], ["__count"])
                with self.subTest(role=role, model=model):
                    if model == "grading.revenue.report":  # who sees the document sees its row
                        self.assertLessEqual(names, seen)
                    else:
                        self.assertEqual(names, seen & there[model])
                    self.assertEqual({group["partner_id"][1] for group in groups}, names)
                    if amount:
                        [total] = self.call(model, "formatted_read_group", domain, [], [f"{amount}:sum"])
                        self.assertEqual(total[f"{amount}:sum"] or 0, sum(AMOUNTS[name] + 0.5 for name in seen))

    def test_what_is_at_stake_is_told_with_the_figures(self):
        cadence = self.env["grading.cadence"].create(
            {"name": "Daily", "interval_type": "day", "company_id": self.company.id}
        )
        profiles = self.env["grading.profile"].search([("partner_id", "in", self.all.ids)])
        self.force(profiles, expected_amount=50, amount_at_risk=50, lost_date=None)
        self.env["grading.care"].search([("profile_id", "in", profiles.ids)]).unlink()
        cares = self.env["grading.care"].create(
            [
                {
                    "profile_id": profile.id,
                    "partner_id": profile.partner_id.id,
                    "company_id": self.company.id,
                    "cadence_id": cadence.id,
                    "channel": "online",
                    "start_date": self.today,
                    "next_date": self.today,
                }
                for profile in profiles
            ]
        )
        domain = [["id", "in", cares.ids]]
        for role, seen in self.roles():
            rows = self.call("grading.care", "search_read", domain, ["partner_id", "amount_at_stake"])
            told = {row["partner_id"][1] for row in rows if row["amount_at_stake"]}
            found = self.call("grading.care", "search", domain, order="amount_at_stake desc")
            exported = self.call("grading.care", "export_data", cares.ids, ["partner_id/name", "amount_at_stake"])
            with self.subTest(role=role):
                self.assertEqual(len(rows), 3, "who is responsible for a contact sees that it is due")
                self.assertEqual(told, seen)
                self.assertEqual({row[0] for row in exported["datas"] if row[1]}, seen)
                places = [found.index(care.id) for care in cares if care.partner_id.name in seen]
                self.assertEqual(sorted(places), list(range(len(seen))), "unknown ones come last, in whatever order")

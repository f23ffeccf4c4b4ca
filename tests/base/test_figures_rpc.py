from odoo.tests import tagged

from .figures_access_case import AMOUNTS, ANOTHERS, UNASSIGNED, FiguresAccessCase

OPEN = ("grading_grade_id", "grading_score", "grading_lifecycle_id", "grading_trend")
FIGURES = (
    "grading_order_amount_12m",
    "grading_order_count",
    "grading_last_order_date",
    "grading_value_score",
    "grading_satisfaction",
    "grading_purchase_probability",
    "grading_lost_date",
    "grading_history_ids",
    "grading_snapshot_ids",
    "grading_segment_ids",
    "annual_budget",
)
# Rows with such figures, and a figure of each that is a column, if it has one.
ROWS = {
    "grading.profile": "order_amount_12m",
    "grading.history": "new_score",
    "grading.snapshot": "order_amount_12m",
    "grading.assessment": "satisfaction",
    "grading.complaint": None,
    "grading.play.case": "amount_after",
    "grading.secondary": "score",
    "grading.secondary.snapshot": "score",
}


@tagged("post_install", "-at_install")
class TestFiguresAccess(FiguresAccessCase):
    """Grades, scores and stages are for all who sell; figures, answers and reasons for those who may see the documents.

    Over the wire, as a browser or a script asks.
    """

    def test_all_who_sell_read_grade_score_and_stage_of_each_customer(self):
        for role, _seen in self.roles():
            for row in self.call("res.partner", "read", self.all.ids, OPEN):
                with self.subTest(role=role, customer=row["id"]):
                    self.assertTrue(all(row[name] for name in OPEN), row)
            found = self.call("res.partner", "search", [["id", "in", self.all.ids], ["grading_score", ">", 0]])
            self.assertEqual(set(found), set(self.all.ids), role)

    def test_figures_are_read_where_their_documents_are(self):
        for role, seen in self.roles():
            rows = {row["id"]: row for row in self.call("res.partner", "read", self.all.ids, FIGURES)}
            for name, customer in self.customers.items():
                for field in FIGURES:
                    with self.subTest(role=role, customer=name, field=field):
                        self.assertEqual(bool(rows[customer.id][field]), name in seen, rows[customer.id])

    def test_no_search_sort_sum_or_group_tells_a_figure(self):
        mine = ["id", "in", self.all.ids]
        for role, seen in self.roles():
            ids = {self.customers[name].id for name in seen}
            for path in (
                "grading_order_amount_12m",
                "grading_profile_id.order_amount_12m",
                "grading_figures_id.order_amount_12m",
                "grading_satisfaction",
                "annual_budget",
            ):
                with self.subTest(role=role, path=path):
                    found = self.call("res.partner", "search", [mine, [path, ">", 0]])
                    self.assertEqual(set(found), ids)
            for path in ("grading_order_amount_12m", "grading_satisfaction", "annual_budget"):
                with self.subTest(role=role, sorted=path):
                    found = self.call("res.partner", "search", [mine], order=f"{path} desc, id")
                    expected = sorted(seen, key=AMOUNTS.get, reverse=True) if "satisf" not in path else None
                    self.assertEqual(set(found[: len(seen)]), ids)
                    if expected:
                        self.assertEqual(found[: len(seen)], [self.customers[name].id for name in expected])
            for groupby in ([], ["grading_grade_id"]):
                with self.subTest(role=role, groupby=groupby):
                    [group] = self.call(
                        "res.partner",
                        "formatted_read_group",
                        [mine],
                        groupby,
                        ["grading_order_amount_12m:sum", "grading_order_count:sum", "annual_budget:sum", "__count"],
                    )
                    total = sum(AMOUNTS[name] + 0.5 for name in seen)
                    self.assertEqual(group["annual_budget:sum"] or 0, sum(10 * AMOUNTS[name] for name in seen))
                    self.assertEqual(group["grading_order_amount_12m:sum"] or 0, total)
                    self.assertEqual(group["grading_order_count:sum"] or 0, 2 * len(seen))
                    self.assertEqual(group["__count"], 3)
            for path in ("grading_profile_id.last_order_date:day", "grading_last_order_date:day"):
                with self.subTest(role=role, path=path):
                    groups = self.call("res.partner", "formatted_read_group", [mine], [path], ["__count"])
                    known = sum(group["__count"] for group in groups if group[path])
                    self.assertEqual(known, len(seen))
            with self.subTest(role=role, path="annual_budget"):
                groups = self.call("res.partner", "formatted_read_group", [mine], ["annual_budget"], ["__count"])
                known = {group["annual_budget"] for group in groups if group["annual_budget"]}
                self.assertEqual(known, {10 * AMOUNTS[name] for name in seen})

    def test_no_export_tells_a_figure(self):
        for role, seen in self.roles():
            for field in ("grading_order_amount_12m", "annual_budget"):
                rows = self.call("res.partner", "export_data", self.all.ids, ["name", field])["datas"]
                with self.subTest(role=role, field=field):
                    self.assertEqual({name for name, amount in rows if amount}, seen)
            for name, customer in self.customers.items():
                with self.subTest(role=role, customer=name):
                    answer = self.call("res.partner", "export_data", customer.ids, ["grading_profile_id/order_amount"])
                    self.assertEqual(answer == "AccessError", name not in seen, answer)

    def test_rows_with_figures_are_read_where_their_documents_are(self):
        for role, seen in self.roles():
            for model, figure in ROWS.items():
                domain = [["partner_id", "in", self.all.ids]]
                with self.subTest(role=role, model=model):
                    self.assert_no_figure_told(model, figure, domain, seen)
                    rows = self.call(model, "search_read", domain, ["partner_id"])
                    found = {row["partner_id"][1] for row in rows}
                    self.assertEqual(found, seen)
                    groups = self.call(model, "formatted_read_group", domain, ["partner_id"], ["__count"])
                    self.assertEqual(len(groups), len(seen))
                    for name, customer in self.customers.items():
                        record = self.env[model].search([("partner_id", "=", customer.id)], limit=1)
                        answer = self.call(model, "read", record.ids, ["partner_id"])
                        self.assertEqual(answer == "AccessError", name not in seen)

    def test_who_is_responsible_for_a_play_reads_the_case_and_no_hidden_figure(self):
        cases, figures = self.env["grading.play.case"].search([]), ["amount_after", "order_count_after"]
        domain, names = [["id", "in", cases.ids]], [*figures, "satisfaction_then"]
        sums = [f"{name}:sum" for name in figures] + ["satisfaction_then:avg", "__count"]
        for role, seen in self.roles():
            self.force(cases, user_id=self.users[role].id, order_count_after=3, is_complete=True, state="expired")
            rows = self.call("grading.play.case", "search_read", domain, ["partner_id", "next_step", *names])
            exported = self.call("grading.play.case", "export_data", cases.ids, ["partner_id", *names])["datas"]
            with self.subTest(role=role):
                self.assertEqual(len(rows), 3)
                for name in names:
                    self.assertEqual({row["partner_id"][1] for row in rows if row[name] is not False}, seen, name)
                    found = self.call("grading.play.case", "search", [*domain, [name, ">", 0]])
                    self.assertEqual(set(found), set(cases.filtered(lambda c, s=seen: c.partner_id.name in s).ids))
                self.assertEqual({row[0] for row in exported if any(row[1:])}, seen)
                [group] = self.call("grading.play.case", "formatted_read_group", domain, [], sums)
                self.assertEqual(group["__count"], 3)
                expected = (7 * len(seen), 3 * len(seen), 8) if seen else (False, False, False)
                self.assertEqual(tuple(group[name] for name in sums[:3]), expected)
                [effect] = self.call(
                    "grading.play.effect", "search_read", [["play_id", "=", cases.play_id.id]],
                    ["started_count", "treated_size", "treated_amount"],
                )  # fmt: skip
                self.assertEqual((effect["started_count"], effect["treated_size"] or 0), (3, len(seen)))
                self.assertEqual(effect["treated_amount"], 7 if seen else False)

    def assert_no_figure_told(self, model, figure, domain, seen):
        """No search, sort or sum, nor an export, goes by a figure of rows that are not seen."""
        if not figure:
            return
        rows = self.env[model].search(domain)
        visible = rows.filtered(lambda row: row.partner_id.name in seen)
        self.assertEqual(rows.partner_id, self.all)
        self.assertEqual(self.call(model, "search_count", [*domain, [figure, ">", 0]]), len(visible))
        found = self.call(model, "search", domain, order=f"{figure} desc")
        self.assertEqual(set(found), set(visible.ids))
        [group] = self.call(model, "formatted_read_group", domain, [], [f"{figure}:sum", "__count"])
        self.assertAlmostEqual(group[f"{figure}:sum"] or 0, sum(visible.mapped(figure)), 2)
        for row in rows:
            answer = self.call(model, "export_data", row.ids, [figure])
            self.assertEqual(answer == "AccessError", row not in visible, answer)

    def test_an_explanation_tells_no_more_than_grade_and_stage(self):
        for role, seen in self.roles():
            for name, customer in self.customers.items():
                [row] = self.call("res.partner", "read", customer.ids, ["grading_explanation"])
                with self.subTest(role=role, customer=name):
                    self.assertIn("Silver", row["grading_explanation"])
                    self.assertEqual(f"Reason of {name}" in row["grading_explanation"], name in seen)
                    self.assertEqual("<table" in row["grading_explanation"], name in seen)
                    self.assertEqual("visible to those" in row["grading_explanation"], name not in seen)

    def test_users_who_see_a_budget_change_it_and_no_others(self):
        for user in self.users.values():
            user.group_ids += self.env.ref("base.group_partner_manager")
        for role, seen in self.roles():
            for name, customer in self.customers.items():
                before = customer.annual_budget
                answers = [
                    self.call("res.partner", "write", customer.ids, {"annual_budget": before + 1}),
                    self.call("res.partner", "web_save", customer.ids, {"annual_budget": before + 2}, specification={}),
                ]
                with self.subTest(role=role, customer=name):
                    self.assertEqual([answer == "AccessError" for answer in answers], [name not in seen] * 2)
                    self.env.invalidate_all()
                    self.assertEqual(customer.annual_budget, before + 2 * (name in seen))

    def test_an_import_writes_over_no_budget_that_is_hidden(self):
        user = self.users["own documents"]
        user.group_ids += self.env.ref("base.group_partner_manager")
        for role, _seen in self.roles():
            if role == "own documents":
                break
        ids = [f"__test__.budget_{customer.id}" for customer in self.all]
        for xmlid, customer in zip(ids, self.all, strict=True):
            self.env["ir.model.data"].create(
                {"module": "__test__", "name": xmlid.partition(".")[2], "model": "res.partner", "res_id": customer.id}
            )
        names = ["id", "name", "annual_budget"]
        rows = self.call("res.partner", "export_data", self.all.ids, names)["datas"]
        self.assertEqual([bool(row[2]) for row in rows], [row[1] != ANOTHERS for row in rows])
        renamed = [[row[0], f"{row[1]} again", row[2] and str(row[2] + 1)] for row in rows]
        answer = self.call("res.partner", "load", names, renamed)
        self.assertFalse(answer["messages"], "what is shown empty and left so is no change")
        self.env.invalidate_all()
        for name, customer in self.customers.items():
            self.assertEqual(customer.name, f"{name} again")
            self.assertEqual(customer.annual_budget, 10 * AMOUNTS[name] + (name != ANOTHERS))
        [hidden] = [row for row in renamed if row[1].startswith(ANOTHERS)]
        answer = self.call("res.partner", "load", names, [[*hidden[:2], "5"]])
        self.assertIn("ask their salesperson", str(answer["messages"]))

    def test_contacts_that_are_merged_keep_a_budget_that_is_hidden(self):
        user = self.users["own documents"]
        user.group_ids += self.env.ref("base.group_partner_manager")
        hidden, own = self.customers[ANOTHERS], self.customer("Double", user_id=user.id)
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(user)
        wizard._merge((hidden | own).ids, own.with_user(user))
        self.assertEqual(own.annual_budget, 10 * AMOUNTS[ANOTHERS])
        target = self.customer("Target", user_id=self.colleague.id)
        wizard._merge((own | target).ids, target.with_user(user))
        self.assertEqual(target.annual_budget, 10 * AMOUNTS[ANOTHERS])
        self.assertEqual(target.with_user(user).annual_budget, 0)

    def test_a_budget_is_entered_on_a_new_contact_and_read_by_its_own_salesperson(self):
        for role, seen in self.roles():
            values = {"name": "New", "annual_budget": 5, "user_id": self.users[role].id}
            created = self.call("res.partner", "create", values)
            if created == "AccessError":  # who may not make contacts at all
                continue
            [row] = self.call("res.partner", "read", [created], ["annual_budget"])
            with self.subTest(role=role):
                self.assertEqual(row["annual_budget"], 5 if seen else 0)

    def test_a_user_who_is_a_customer_shows_no_more_of_the_budget(self):
        portal = self.portal()
        portal.partner_id.write({"annual_budget": 77, "user_id": self.colleague.id})
        for role, seen in self.roles():
            with self.subTest(role=role):
                [row] = self.call("res.users", "read", portal.ids, ["annual_budget"])
                self.assertEqual(row["annual_budget"], 77 if ANOTHERS in seen else 0)
                for path in ("annual_budget", "partner_id.annual_budget"):
                    found = self.call("res.users", "search", [["id", "=", portal.id], [path, ">", 70]])
                    self.assertEqual(bool(found), ANOTHERS in seen)

    def test_what_one_user_may_not_see_is_kept_for_the_others(self):
        """The cache of a transaction is one for all users."""
        customer, rep = self.customers[ANOTHERS], self.users["own documents"]
        for first, second in ((rep, self.env.user), (self.env.user, rep)):
            self.env.invalidate_all()
            found = {}
            for user in (first, second):
                partner = customer.with_user(user).sudo(user == self.env.user)
                partner.fetch(["annual_budget"])
                partner.search_fetch([("id", "=", customer.id)], ["annual_budget", "name"])
                found[user] = partner.annual_budget
            self.assertEqual(found, {rep: 0, self.env.user: 10 * AMOUNTS[ANOTHERS]})

    def test_the_author_sees_what_they_noted(self):
        self.authenticate(self.colleague.login, self.colleague.login)
        self.customers[ANOTHERS].user_id = self.users["own documents"]
        self.env.flush_all()
        domain = [["partner_id", "=", self.customers[ANOTHERS].id]]
        self.assertEqual(len(self.call("grading.assessment", "search_read", domain, ["note"])), 1)
        self.assertEqual(self.call("grading.profile", "search_read", domain, ["score"]), [])

    def test_other_employees_see_nothing(self):
        employee = self.internal()
        self.authenticate(employee.login, employee.login)
        partner = self.customers[UNASSIGNED]
        for field in (*OPEN, *FIGURES, "grading_explanation", "grading_profile_id"):
            for method, *args in (
                ("read", partner.ids, [field]),
                ("search", [[field, "!=", False]]),
                ("search", [], 0, 1, field),
                ("formatted_read_group", [], [field], ["__count"]),
            ):
                with self.subTest(field=field, method=method):
                    answer = self.call("res.partner", method, *args)
                    self.assertIn(answer, ("AccessError", "UserError", "ValueError"))
        for model in ROWS:
            with self.subTest(model=model):
                self.assertEqual(self.call(model, "search_read", [], ["id"]), "AccessError")

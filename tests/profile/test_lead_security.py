from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import LeadCase

RESULTS = ("grading.profile", "grading.history", "grading.snapshot")
GRADING_USER = "customer_grading.customer_grading_group_user"


class LeadSecurityCase(LeadCase):
    """Sam sells: one lead is Sam's, one has no salesperson, and one is Rita's. Cleo goes by Rita's lead."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sam, cls.rita = cls.salesman("grading_sam"), cls.salesman("grading_rita")
        cls.cleo = cls.customer("Cleo")
        cls.own = cls.lead("Of Sam", user_id=cls.sam.id)
        cls.free = cls.lead("Free")
        cls.secret = cls.lead("Secret of Rita", user_id=cls.rita.id, partner_id=cls.cleo.id, willingness="4")
        cls.leads = cls.own | cls.free | cls.secret
        cls.leads.write({"company_id": cls.company.id, "team_id": cls.team.id})
        cls.lead_scheme()
        cls.rescore()
        cls.env["grading.snapshot"]._take(cls.today - timedelta(days=cls.today.day))

    def rows_of(self, model, lead):
        return self.env[model].search([("lead_id", "=", lead.id)])

    def assert_sees(self, user, leads):
        """By every way in, ``user`` sees the rows about ``leads`` and about no other of ours."""
        user.group_ids += self.env.ref("base.group_allow_export")
        for model, grade, score in zip(
            RESULTS, ("grade_id", "new_grade_id", "grade_id"), ("score", "new_score", "score"), strict=True
        ):
            Rows = self.env[model].with_user(user)
            ours = [("lead_id", "in", self.leads.ids)]
            with self.subTest(model=model, user=user.login):
                found = Rows.search(ours)
                self.assertEqual(found.sudo().lead_id, leads)
                self.assertEqual(Rows.search_count(ours), len(found))
                groups = Rows.formatted_read_group(ours, ["company_id"], ["__count", f"{score}:avg"])
                self.assertEqual(sum(group["__count"] for group in groups), len(found))
                columns = Rows.web_read_group(ours, [grade], ["__count"])
                self.assertEqual(sum(group["__count"] for group in columns["groups"]), len(found))
                self.assertEqual(Rows.web_search_read(ours, {"company_id": {}})["length"], len(found))
                found.read(["company_id"])
                found.export_data(["company_id/id"])
                for lead in self.leads - leads:
                    hidden = self.rows_of(model, lead).with_user(user)
                    self.assertTrue(hidden)
                    self.assertFalse(hidden.has_access("read"))
                    with self.assertRaises(AccessError):
                        hidden.read(["company_id"])
                    with self.assertRaises(AccessError):
                        hidden.web_read({"company_id": {}})
                    with self.assertRaises(AccessError):
                        hidden.export_data(["company_id/id"])


@tagged("post_install", "-at_install")
class TestLeadRoles(LeadSecurityCase):
    def test_an_employee_without_sales_sees_nothing_of_leads(self):
        employee = self.internal()
        employee.group_ids += self.env.ref("customer_grading.customer_grading_group_user")
        self.assert_sees(employee, self.env["crm.lead"])
        self.assertEqual(self.cleo.with_user(employee).grading_grade_id, self.gold, "but the customer's grade")

    def test_a_salesperson_sees_their_own_leads_and_those_without_an_owner(self):
        self.assert_sees(self.sam, self.own | self.free)

    def test_a_salesperson_of_all_leads_sees_all(self):
        self.sam.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.assert_sees(self.sam, self.leads)

    def test_a_manager_sees_all(self):
        self.assert_sees(self.manager(), self.leads)

    def test_whatever_the_rules_on_leads_are_is_followed(self):
        chief = self.manager()
        self.env["ir.rule"].create(
            {
                "name": "Not the free ones",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "domain_force": f"[('id', '!=', {self.free.id})]",
            }
        )
        self.assert_sees(chief, self.own | self.secret)

    def test_lost_leads_are_seen_by_users_who_may_see_the_lead(self):
        self.leads.action_set_lost()
        self.assert_sees(self.sam, self.own | self.free)

    def test_leads_of_another_company_are_hidden(self):
        other = self.new_company("Other Company")
        chief = self.manager()
        theirs = self.lead("Theirs", company_id=other.id, team_id=False, stage_id=False)
        self.rescore(company=other)
        self.assertTrue(self.lead_profile(theirs))
        for model in RESULTS:
            self.assertFalse(self.env[model].with_user(chief).search([("lead_id", "=", theirs.id)]))
        chief.company_ids += other
        both = {"allowed_company_ids": (self.company | other).ids}
        seen = self.env["grading.profile"].with_user(chief).with_context(**both).search([("lead_id", "=", theirs.id)])
        self.assertEqual(seen.lead_id, theirs)

    def test_the_figures_of_a_prospect_are_visible_with_the_lead_that_they_come_from(self):
        profile = self.profile(self.cleo)
        self.assertEqual(profile.with_user(self.rita).search([("id", "=", profile.id)]), profile)
        self.assertTrue(profile.with_user(self.rita).points_detail)
        self.assertFalse(profile.with_user(self.sam).search([("id", "=", profile.id)]))
        for name in ("points_detail", "intent_score", "score"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                profile.with_user(self.sam).read([name])
        self.assertEqual(self.cleo.with_user(self.sam).grading_grade_id, self.gold)
        self.secret.user_id = self.sam
        self.assertTrue(profile.with_user(self.sam).points_detail)

    def test_one_sees_the_grades_on_the_leads_that_one_sees(self):
        self.assertEqual(self.own.with_user(self.sam).grading_grade_id, self.bronze)
        Lead = self.env["crm.lead"].with_user(self.sam)
        groups = Lead.formatted_read_group([("id", "in", self.leads.ids)], ["grading_scheme_id"], ["__count"])
        self.assertEqual(sum(group["__count"] for group in groups), 2)
        with self.assertRaises(AccessError):
            self.secret.with_user(self.sam).read(["grading_grade_id"])

    def test_a_prospect_does_not_name_a_lead_that_one_may_not_see(self):
        name = self.secret.name
        self.secret.with_context(grading_reason="Rita's reason").grading_grade_id = self.gold
        self.rescore(leads=self.secret)
        for user in (self.sam, self.user("grading_clerk", GRADING_USER)):
            with self.subTest(user=user.login):
                cleo, profile = self.cleo.with_user(user), self.profile(self.cleo).with_user(user)
                explanation = cleo.grading_explanation
                self.assertIn("best open lead", explanation)
                self.assertNotIn(name, explanation)
                self.assertNotIn("Rita's reason", explanation)
                for record, field in ((cleo, "grading_best_lead_id"), (profile, "best_lead_id")):
                    for read in (
                        lambda r=record, f=field: r.read([f]),
                        lambda r=record, f=field: r.web_read({f: {"fields": {"display_name": {}}}}),
                        lambda r=record, f=field: r.formatted_read_group([("id", "=", r.id)], [f], ["__count"]),
                        lambda r=record, f=field: r.export_data([f]),
                        lambda r=record, f=field: r.search([(f"{f}.name", "=", name)]).mapped("display_name"),
                        lambda r=record, f=field: r.search([(f, "ilike", name)]).mapped("display_name"),
                    ):
                        answer = self.answer(read)
                        self.assertNotIn(name, answer)
                        self.assertNotIn("Cleo", answer, "he is found by what one may not see")
        self.assertIn(name, self.cleo.with_user(self.rita).grading_explanation)
        self.assertEqual(self.cleo.with_user(self.rita).grading_best_lead_id, self.secret)

    def test_a_prospect_does_not_reveal_the_figures_of_a_hidden_lead(self):
        self.secret.write({"expected_revenue": 123456, "date_deadline": "2031-03-09", "willingness": "5"})
        self.rescore(leads=self.secret)
        self.assertEqual(self.profile(self.cleo).expected_revenue, 123456)
        names = [*self.env["grading.measure"]._measures_of_leads(), "engagement_log"]
        for user in (self.sam, self.user("grading_clerk", GRADING_USER)):
            profile = self.profile(self.cleo).with_user(user)
            for name in names:
                if name == "closed_date":
                    continue
                with self.subTest(user=user.login, field=name), self.assertRaises(AccessError):
                    profile.read([name])
            with self.subTest(user=user.login):
                self.assertNotIn("Ready to sign", self.cleo.with_user(user).grading_explanation)
            Partner = self.env["res.partner"].with_user(user)
            for ask in (
                lambda partners=Partner: partners.search([("grading_profile_id.expected_revenue", ">", 1)]),
                lambda partners=Partner: partners._read_group([], ["grading_profile_id.date_deadline:month"]),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    ask()
        self.assertIn("Ready to sign", self.cleo.with_user(self.rita).grading_explanation)

    def test_the_form_of_a_lead_of_no_company_opens_for_a_user_outside_the_first_one(self):
        shared = self.lead("Shared", company_id=False, team_id=False, stage_id=False, user_id=self.sam.id)
        shared.company_id = False
        values = {"lead_ids": shared.ids, "grade_id": self.gold.id, "reason": "He said so"}
        self.env["grading.override"].with_user(self.sam).create(values).action_confirm()
        self.assertTrue(self.lead_profile(shared).history_ids)
        view = self.env["crm.lead"].with_user(self.sam).get_view(view_type="form")
        for name in ("grading_part", "grading_glance", "grading_grade_id"):
            self.assertIn(f'name="{name}"', view["arch"])
        lines = {"grading_history_ids": {"fields": {"date": {}, "new_grade_id": {"fields": {"display_name": {}}}}}}
        [read] = shared.with_user(self.sam).web_read({**lines, "grading_explanation": {}, "grading_score": {}})
        self.assertEqual(len(read["grading_history_ids"]), 1)

    def test_a_salesperson_sorts_groups_and_filters_by_the_figures_of_leads(self):
        Lead = self.env["crm.lead"].with_user(self.sam)
        ours = [("id", "in", self.leads.ids)]
        found = Lead.search([*ours, ("grading_stage_progress", ">=", 0)], order="grading_last_contact_date")
        self.assertIn(self.own, found)
        self.assertTrue(Lead.formatted_read_group(ours, ["grading_intent_level"], ["grading_stage_progress:avg"]))

    def answer(self, read):
        """What a user gets to see, which may be a refusal; a computed field is no column to group by."""
        self.env.invalidate_all()
        try:
            return str(read())
        except (UserError, ValueError) as refusal:
            return type(refusal).__name__


@tagged("post_install", "-at_install")
class TestLeadOverrideAccess(LeadSecurityCase):
    def override_as(self, user, lead):
        values = {"lead_ids": lead.ids, "grade_id": self.gold.id, "reason": "He said so"}
        self.env["grading.override"].with_user(user).create(values).action_confirm()

    def test_a_salesperson_overrides_a_lead_with_write_access(self):
        self.override_as(self.sam, self.own)
        self.assertEqual(self.lead_profile(self.own).manual_user_id, self.sam)
        self.own.with_user(self.sam).action_grading_give_back()
        self.own.with_user(self.sam).grading_grade_id = self.silver
        self.assertEqual(self.lead_profile(self.own).manual_grade_id, self.silver)
        self.own.with_user(self.sam).action_grading_rescore()

    def test_a_salesperson_overrides_no_lead_of_a_colleague(self):
        secret = self.secret.with_user(self.sam)
        with self.assertRaises(AccessError):
            secret.grading_grade_id = self.silver
        with self.assertRaises(AccessError):
            self.override_as(self.sam, self.secret)
        for action in ("action_grading_give_back", "action_grading_rescore"):
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(secret, action)()
        self.assertFalse(self.lead_profile(self.secret).manual_grade_id)

    def test_a_lead_that_one_may_only_read_keeps_its_grade(self):
        self.env["ir.rule"].create(
            {
                "name": "Read only",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "domain_force": f"[('id', '!=', {self.own.id})]",
                "perm_read": False,
            }
        )
        own = self.own.with_user(self.sam)
        self.assertTrue(own.has_access("read"))
        with self.assertRaises(AccessError):
            own.grading_grade_id = self.gold
        with self.assertRaises(AccessError):
            self.override_as(self.sam, self.own)
        self.assertFalse(self.lead_profile(self.own).manual_grade_id)

    def test_a_lead_of_no_company_is_overridden_by_a_user_with_write_access(self):
        shared = self.lead("Shared", company_id=False, team_id=False, stage_id=False, user_id=self.sam.id)
        shared.company_id = False
        first = shared._grading_companies()[shared]
        self.assertNotIn(first, self.sam.company_ids)
        self.override_as(self.sam, shared)
        self.assertEqual(shared.with_user(self.sam).grading_grade_id, self.gold)

    def test_no_user_writes_rows_by_hand(self):
        for user in (self.sam, self.manager()):
            for model in RESULTS:
                for operation in ("write", "create", "unlink"):
                    with self.subTest(user=user.login, model=model, operation=operation):
                        self.assertFalse(self.env[model].with_user(user).has_access(operation))


@tagged("post_install", "-at_install")
class TestLeadOutsiders(LeadSecurityCase):
    """A partner portal lets customers read leads: what we think of them stays hidden all the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer_user = cls.portal()
        cls.env["ir.model.access"].create(
            {
                "name": "Leads on the portal",
                "model_id": cls.env["ir.model"]._get_id("crm.lead"),
                "group_id": cls.env.ref("base.group_portal").id,
                "perm_read": True,
                "perm_write": True,
            }
        )
        cls.mine = cls.env["crm.lead"].with_user(cls.customer_user).browse(cls.secret.id)

    def hidden_fields(self):
        names = [name for name in self.env["crm.lead"]._fields if name.startswith("grading_")]
        return [*names, "willingness"]

    def test_the_portal_user_reads_the_lead_itself(self):
        """Otherwise the tests below would prove nothing."""
        self.assertEqual(self.mine.read(["name"])[0]["name"], self.secret.name)

    def test_the_portal_user_reads_no_field_of_grading(self):
        self.assertGreater(len(self.hidden_fields()), 15)
        self.assertFalse(set(self.hidden_fields()) & self.mine.fields_get().keys())
        for name in self.hidden_fields():
            with self.subTest(field=name):
                for read in (self.mine.read, self.mine.mapped):
                    with self.assertRaises(AccessError):
                        read([name] if read == self.mine.read else name)
                with self.assertRaises(AccessError):
                    self.mine.web_read({name: {}})

    def test_the_portal_user_neither_finds_sorts_nor_groups_by_it(self):
        Lead = self.mine.browse()
        for name in ("grading_score", "grading_grade_id", "grading_fit_score", "grading_partner_score", "willingness"):
            with self.subTest(field=name):
                with self.assertRaises(AccessError):
                    Lead.search([(name, "!=", False)])
                with self.assertRaises(AccessError):
                    Lead.search([("id", "=", self.mine.id)], order=name)
                with self.assertRaises(AccessError):
                    Lead.formatted_read_group([], [name], ["__count"])
        for path in ("grading_profile_id.score", "grading_grade_id.name", "partner_id.grading_score"):
            with self.subTest(path=path), self.assertRaises(AccessError):
                Lead.search([(path, "!=", False)])
        with self.assertRaises(AccessError):
            Lead.formatted_read_group([], [], ["grading_score:avg"])

    def test_the_portal_user_changes_nothing(self):
        with self.assertRaises(AccessError):
            self.mine.write({"grading_grade_id": self.gold.id})
        with self.assertRaises(AccessError):
            self.mine.write({"willingness": "5"})
        for action in ("action_grading_give_back", "action_grading_rescore"):
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(self.mine, action)()

    def test_what_the_portal_user_does_to_a_lead_asks_for_a_new_score(self):
        self.forget_requests()
        self.mine.write({"date_deadline": self.today + timedelta(days=3)})
        self.assertEqual(self.env["grading.queue"]._waiting([]).lead_id, self.secret)

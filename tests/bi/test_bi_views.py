from importlib.util import module_from_spec, spec_from_file_location

import psycopg2

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger
from odoo.tools.misc import file_path
from odoo.tools.sql import column_exists, convert_column

from ...hooks import uninstall_hook
from .bi_case import BiCase

VIEWS = ["grading_bi_customer", "grading_bi_movement", "grading_bi_snapshot"]
NO_RIGHT = psycopg2.errors.InsufficientPrivilege
NOT_WRITABLE = psycopg2.errors.ObjectNotInPrerequisiteState


@tagged("post_install", "-at_install")
class TestBiViews(BiCase):
    def test_no_view_is_there_before_a_role_is_named_and_none_after_the_last(self):
        self.assertEqual(self.views(), [])
        first, second = self.reader(), self.reader(self.second)
        self.assertEqual(self.views(), VIEWS)
        first.unlink()
        self.assertEqual(self.views(), VIEWS)
        second.unlink()
        self.assertEqual(self.views(), [])

    def test_a_role_reads_the_customers_as_they_are_graded(self):
        self.reader()
        [ada, bob] = self.ask("SELECT * FROM grading_bi_customer ORDER BY customer")
        profile = self.profile(self.ada)
        self.assertEqual(
            [ada[name] for name in ("profile_id", "customer_id", "customer", "company_id", "currency", "salesperson")],
            [profile.id, self.ada.id, "Ada", self.company.id, "EUR", "Sam Seller"],
        )
        self.assertEqual([ada["grade"], ada["score"], ada["order_amount"]], ["Gold", 500, 500])
        self.assertFalse(ada["is_overridden"])
        self.assertEqual([bob["grade"], bob["company_id"]], ["Bronze", self.other.id])

    def test_it_reads_months_and_changes(self):
        self.reader()
        [march] = self.ask(SQL("SELECT * FROM grading_bi_snapshot WHERE customer_id = %s", self.ada.id))
        self.assertEqual([march["grade"], str(march["date"]), march["score"]], ["Gold", "2025-03-31", 500])
        self.profile(self.ada)._override(self.bronze, "A secret reason")
        moves = self.ask(SQL("SELECT * FROM grading_bi_movement WHERE customer_id = %s ORDER BY 1", self.ada.id))
        self.assertEqual(
            [(move["old_grade"], move["new_grade"]) for move in moves], [(None, "Gold"), ("Gold", "Bronze")]
        )
        self.assertNotIn("A secret reason", str(moves))

    def test_it_may_not_read_anything_else_nor_write(self):
        self.reader()
        for query, error in (
            ("SELECT * FROM grading_profile", NO_RIGHT),
            ("SELECT * FROM res_partner", NO_RIGHT),
            ("SELECT * FROM grading_bi_reader", NO_RIGHT),
            ("DELETE FROM grading_bi_movement", NOT_WRITABLE),
            ("UPDATE grading_bi_customer SET score = 1", NOT_WRITABLE),
        ):
            with self.subTest(query=query), self.assertRaises(error), mute_logger("odoo.sql_db"):
                self.ask(query)
        with self.assertRaises(NO_RIGHT), mute_logger("odoo.sql_db"):
            self.ask("SELECT * FROM grading_bi_customer", self.second)

    def test_it_reads_the_companies_that_were_chosen(self):
        reader = self.reader(companies=self.other)
        self.reader(self.second, companies=self.company)
        for view in VIEWS:
            with self.subTest(view=view):
                query = SQL("SELECT DISTINCT company_id FROM %s", SQL.identifier(view))
                self.assertEqual(self.ask(query), [{"company_id": self.other.id}])
                self.assertEqual(self.ask(query, self.second), [{"company_id": self.company.id}])
        reader.company_ids = False
        seen = {row["company_id"] for row in self.ask("SELECT company_id FROM grading_bi_customer")}
        self.assertEqual(seen, set(self.env["grading.profile"].search([("partner_id", "!=", False)]).company_id.ids))

    def test_a_company_that_a_role_is_confined_to_is_not_deleted(self):
        """The role would read all companies afterwards."""
        gone = self.new_company("Gone")
        self.reader(companies=gone)
        kept = self.assertRaises(psycopg2.errors.ForeignKeyViolation)
        with mute_logger("odoo.sql_db"), kept, self.env.cr.savepoint():
            self.env.cr.execute("DELETE FROM res_company WHERE id = %s", [gone.id])

    def test_nothing_personal_but_names_is_shown(self):
        self.reader()
        for view in VIEWS:
            shown = str(self.ask(SQL("SELECT * FROM %s", SQL.identifier(view))))
            for secret in ("ada@example.com", "555 55 55"):
                self.assertNotIn(secret, shown)

    def test_each_column_is_explained(self):
        self.reader()
        self.env.cr.execute(
            """
            SELECT class.relname, attribute.attname, col_description(class.oid, attribute.attnum)
              FROM pg_class AS class JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid
             WHERE class.relname LIKE 'grading\\_bi\\_%' AND class.relkind = 'v' AND attribute.attnum > 0
            """
        )
        for view, column, text in self.env.cr.fetchall():
            with self.subTest(view=view, column=column):
                self.assertTrue(text)

    def test_what_is_granted_is_said(self):
        reader = self.reader()
        self.assertEqual(reader.granted.splitlines(), [f"GRANT SELECT ON {view} TO {self.role};" for view in VIEWS])

    def test_what_is_granted_can_be_carried_out_as_it_is_said(self):
        """A name with a hyphen or a capital letter stands in quotes."""
        role = self.new_role(f"{self.role}-My")
        reader = self.reader(role)
        self.assertEqual(reader.granted.splitlines(), [f'GRANT SELECT ON {view} TO "{role}";' for view in VIEWS])
        for grant in reader.granted.splitlines():
            self.env.cr.execute(grant)

    def test_another_role_takes_the_access_over(self):
        reader = self.reader()
        reader.name = self.second
        self.assertEqual(len(self.ask("SELECT * FROM grading_bi_customer", self.second)), 2)
        with self.assertRaises(NO_RIGHT), mute_logger("odoo.sql_db"):
            self.ask("SELECT * FROM grading_bi_customer")

    def test_roles_that_cannot_be_are_refused(self):
        [[own]] = self.env.execute_query(SQL("SELECT current_user::text"))
        for name, word in (
            ("nobody_knows_it", "no role"),
            ('x"; DROP TABLE res_partner; --', "cannot be used"),
            ("pg_monitor", "cannot be used"),
            (own, "may read and change"),
        ):
            with self.subTest(name=name), self.assert_refused(word, error=ValidationError):
                self.reader(name)
        self.assertEqual(self.views(), [])

    def test_administrators_alone_give_access(self):
        reader = self.reader()
        for user in (self.manager(), self.internal(), self.portal()):
            readers = reader.with_user(user)
            for attempt in (
                lambda readers=readers: readers.read(["name"]),
                lambda readers=readers: readers.create({"name": self.second}),
                lambda readers=readers: readers.unlink(),
                lambda readers=readers: readers.action_refresh(),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    attempt()
        boss = self.user("boss", "base.group_system")
        reader.with_user(boss).action_refresh()
        self.assertEqual(self.views(), VIEWS)
        menu = self.env.ref("customer_grading.customer_grading_menu_bi_readers")
        self.assertIn(self.env.ref("base.group_system"), menu.group_ids)


@tagged("post_install", "-at_install")
class TestBiViewsLast(BiCase):
    """The views neither stand in the way of an update nor are lost by it."""

    def loaded(self):
        """What happens when the server has loaded the module, after an update as well."""
        self.env["grading.bi.reader"]._register_hook()

    def test_an_update_drops_them_and_they_are_back_when_it_is_loaded(self):
        self.reader()
        path = file_path("customer_grading/migrations/0.0.0/pre-bi-views.py")
        spec = spec_from_file_location("pre_bi_views", path)
        script = module_from_spec(spec)
        spec.loader.exec_module(script)
        self.assertEqual(sorted(script.VIEWS), VIEWS)
        script.migrate(self.env.cr, "19.0.1.7.0")
        self.assertEqual(self.views(), [])
        self.loaded()
        self.assertEqual(len(self.ask("SELECT * FROM grading_bi_customer")), 2)

    def test_a_column_that_a_view_shows_can_change_its_type(self):
        self.reader()
        convert_column(self.env.cr, "grading_history", "note", "text")  # no view shows it
        self.assertEqual(self.views(), VIEWS)
        convert_column(self.env.cr, "grading_history", "reason", "text")
        self.assertNotIn("grading_bi_movement", self.views())
        self.loaded()
        self.assertEqual(self.views(), VIEWS)
        self.assertTrue(self.ask("SELECT reason FROM grading_bi_movement"))

    def test_new_columns_come_with_the_next_version(self):
        self.reader()
        View = type(self.env["grading.bi.view"])
        known = View._customer_columns

        def with_one_more(view):
            return {**known(view), "city_of_ghosts": (SQL("'nowhere'::text"), "A new column")}

        self.patch(View, "_customer_columns", with_one_more)
        self.assertFalse(column_exists(self.env.cr, "grading_bi_customer", "city_of_ghosts"))
        self.loaded()
        self.assertTrue(column_exists(self.env.cr, "grading_bi_customer", "city_of_ghosts"))
        self.assertTrue(self.ask("SELECT city_of_ghosts FROM grading_bi_customer"))

    def test_a_start_without_news_touches_nothing(self):
        self.reader()
        self.env.cr.execute("SELECT oid FROM pg_class WHERE relname = 'grading_bi_customer'")
        before = self.env.cr.fetchall()
        self.loaded()
        self.env.cr.execute("SELECT oid FROM pg_class WHERE relname = 'grading_bi_customer'")
        self.assertEqual(self.env.cr.fetchall(), before)

    def test_views_of_others_that_are_built_on_ours_are_kept_and_named(self):
        reader = self.reader()
        self.env.cr.execute("CREATE VIEW my_report AS SELECT customer FROM grading_bi_customer")
        with self.assert_refused("my_report"):
            reader.action_refresh()
        second = self.reader(self.second)  # a grant alone disturbs nothing
        second.unlink()
        self.assertEqual(self.views(), VIEWS)

    def test_a_role_that_is_gone_keeps_no_other_from_reading(self):
        self.reader()
        second = self.reader(self.second)
        self.env.cr.execute(SQL("DROP OWNED BY %s", SQL.identifier(self.second)))
        self.env.cr.execute(SQL("DROP ROLE %s", SQL.identifier(self.second)))
        second.invalidate_recordset()
        self.assertFalse(second.role_exists)
        second.action_refresh()
        self.assertEqual(len(self.ask("SELECT * FROM grading_bi_customer")), 2)

    def test_they_go_with_the_module(self):
        self.reader()
        self.env.cr.execute("CREATE VIEW my_report AS SELECT customer FROM grading_bi_customer")
        uninstall_hook(self.env)
        self.assertEqual(self.views(), [])

import json
import re
from contextlib import contextmanager
from unittest.mock import patch

from odoo.sql_db import Cursor
from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open, safe_eval

# Tables of documents that grow for ever; what a screen may find its rows by: the customer's, or some rows by id.
DOCUMENTS = {"sale_order", "mail_message"}
NARROW = re.compile(r"\b(id|partner_id|partner_invoice_id|res_id|opportunity_id|parent_id)\b")


@tagged("post_install", "-at_install")
class TestScreenPlans(TransactionCase):
    """The screens of every day read the documents of the customers that they show, by an index, and no table of
    documents as a whole: with a million orders that would take seconds.

    The planner is told not to read tables as a whole: where it does all the same, no index leads to the rows.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(user=cls.env.ref("base.user_admin"))
        profile = [("partner_id", "!=", False), ("grade_id", "!=", False)]
        cls.customer = cls.env["grading.profile"].search(profile, limit=1).partner_id
        cls.partners = cls.env["res.partner"].with_context(read_group_expand=True)
        action = cls.env.ref("customer_grading.res_partner_action_grading").sudo()
        cls.domain = safe_eval.safe_eval(action.domain)
        # Of a few messages or orders any plan is good.
        root = cls.env.ref("base.partner_root").id
        cls.env.cr.execute(
            "INSERT INTO mail_message (message_type, model, res_id, author_id, date)"
            " SELECT 'comment', 'res.company', number, %s, NOW() FROM GENERATE_SERIES(1, 20000) AS number",
            [root],
        )
        cls.env.cr.execute(
            """
            INSERT INTO sale_order (name, company_id, partner_id, partner_invoice_id, partner_shipping_id, state,
                                    currency_id, date_order)
            SELECT 'S' || number, %s, %s, %s, %s, 'sale', %s, NOW() FROM GENERATE_SERIES(1, 20000) AS number
            """,
            [cls.env.company.id, root, root, root, cls.env.company.currency_id.id],
        )
        cls.env.cr.execute("ANALYZE mail_message, sale_order")

    def fields_of(self, xmlid):
        view = self.env.ref(xmlid)
        names = re.findall(r'<field name="(\w+)"', self.partners.get_view(view.id, view.type)["arch"])
        return {name: {} for name in names if name in self.partners._fields}

    @contextmanager
    def assert_narrow(self, screen):
        """What is asked inside reads documents by an index on the customer or by their ids alone."""
        self.env.flush_all()
        self.env.invalidate_all()
        asked, execute = [], Cursor.execute

        def noted(cr, *args, **kwargs):
            execute(cr, *args, **kwargs)
            text = cr._obj.query.decode()
            if any(f'"{table}"' in text or f" {table} " in text for table in DOCUMENTS):
                asked.append(text)

        with patch.object(Cursor, "execute", noted):
            yield
        self.plan_by_indexes("off")
        for text in asked:
            self.env.cr.execute("EXPLAIN (FORMAT JSON) " + text.replace("%", "%%"), [])
            [[plan]] = self.env.cr.fetchall()
            for node in self.nodes(plan[0]["Plan"]):
                if node.get("Relation Name") in DOCUMENTS:
                    self.assert_found_by_index(node, f"{screen}: {text}")
        self.plan_by_indexes("on")

    def plan_by_indexes(self, others):
        """Whether the planner may also read tables, or whole indexes, and then join them."""
        for way in ("seqscan", "hashjoin", "mergejoin"):
            self.env.cr.execute("SELECT SET_CONFIG(%s, %s, TRUE)", [f"enable_{way}", others])

    def nodes(self, plan):
        yield plan
        for inner in plan.get("Plans", ()):
            yield from self.nodes(inner)

    def assert_found_by_index(self, node, message):
        """A bitmap scan has its condition below it."""
        [condition, *_none] = [found for inner in self.nodes(node) if (found := inner.get("Index Cond"))] or [""]
        self.assertRegex(condition, NARROW, f"{node['Node Type']} in {message}")

    def test_the_kanban(self):
        with self.assert_narrow("kanban"):
            self.partners.web_read_group(
                self.domain, ["grading_grade_id"], ["grading_business_amount:sum"], auto_unfold=True,
                unfold_read_specification=self.fields_of("customer_grading.res_partner_view_kanban_grading"),
                unfold_read_default_limit=40,
            )  # fmt: skip

    def test_the_list_by_score(self):
        with self.assert_narrow("list"):
            shown = self.fields_of("customer_grading.res_partner_view_list_grading")
            self.partners.web_search_read(self.domain, shown, limit=80, order="grading_score desc", count_limit=10001)

    def test_contacts_due(self):
        with self.assert_narrow("due"):
            names = ("partner_id", "lead_id", "next_date", "channel", "user_id", "company_id")
            self.env["grading.care"].web_search_read([], {name: {} for name in names}, limit=80, count_limit=10001)
            self.env["grading.profile"].get_worth_calling()

    def test_the_page_of_a_customer(self):
        with self.assert_narrow("customer"):
            self.customer.read(["grading_score", "grading_explanation", "grading_score_line"])
            self.customer.grading_glance()

    def test_the_overview(self):
        with file_open("customer_grading/data/files/grading_dashboard.json") as file:
            board = json.load(file)
        with self.assert_narrow("overview"):
            for pivot in board["pivots"].values():
                groups = [
                    group["fieldName"] + (f":{group['granularity']}" if group.get("granularity") else "")
                    for group in (*pivot["rows"], *pivot["columns"])
                ]
                self.env[pivot["model"]].formatted_read_group(pivot["domain"], groups, ["__count"])

import re
from contextlib import contextmanager
from datetime import date

from odoo.tests import get_db_name
from odoo.tools import SQL

from ..common import LeadCase

# Roles belong to the whole server, where other databases are tested at the same time.
SUFFIX = re.sub(r"\W", "_", get_db_name() or "")


class BiCase(LeadCase):
    """Ada, Gold here, and Bob, Bronze in another company; a role of the database that may not read anything yet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.new_company("Other Company")
        for company in (cls.company, cls.other):
            cls.scheme(company_id=company.id)
        cls.seller = cls.salesman("seller", name="Sam Seller")
        cls.ada = cls.customer("Ada", email="ada@example.com", phone="+32 2 555 55 55", user_id=cls.seller.id)
        cls.bob = cls.customer("Bob")
        cls.order(cls.ada, 500, date(2025, 3, 3))
        cls.order(cls.bob, 5, date(2025, 3, 3), company_id=cls.other.id)
        cls.rescore()
        cls.rescore(company=cls.other)
        for company in (cls.company, cls.other):
            cls.env["grading.snapshot"].with_company(company)._take(date(2025, 3, 31))
        cls.role, cls.second = (cls.new_role(f"grading_{name}_{SUFFIX}") for name in ("tool", "second"))

    @classmethod
    def new_role(cls, name):
        """A role that the tests can become: they must be its member."""
        cls.env.cr.execute(SQL("CREATE ROLE %s", SQL.identifier(name)))
        cls.env.cr.execute(SQL("GRANT %s TO CURRENT_USER", SQL.identifier(name)))
        return name

    @classmethod
    def reader(cls, role=None, companies=None):
        """The role may read both companies, unless said otherwise."""
        companies = companies or cls.company | cls.other
        return cls.env["grading.bi.reader"].create(
            {"name": role or cls.role, "company_ids": [company.id for company in companies]}
        )

    @contextmanager
    def as_role(self, role):
        self.env.flush_all()
        with self.env.cr.savepoint(flush=False):
            self.env.cr.execute(SQL("SET LOCAL ROLE %s", SQL.identifier(role)))
            yield
            self.env.cr.execute("RESET ROLE")

    def ask(self, query, role=None):
        """The rows that a role gets, as dicts."""
        with self.as_role(role or self.role):
            self.env.cr.execute(query)
            return self.env.cr.dictfetchall()

    def views(self):
        self.env.cr.execute("SELECT viewname FROM pg_views WHERE viewname LIKE 'grading\\_bi\\_%' ORDER BY viewname")
        return [name for [name] in self.env.cr.fetchall()]

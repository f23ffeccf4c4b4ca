from contextlib import contextmanager

from odoo import api, models
from odoo.tools import SQL

from .grading_measure_document import ORDER_COLUMNS, SHARE_OF_CONTACTS

# Where it is kept, in the data of the cursor, what the sources of one statement have asked already.
ASKED = "customer_grading.asked"
SHARE_OF_ORDERS = SQL.identifier("pg_temp", "grading_run_share_orders")
SHARE_OF_PURCHASES = SQL.identifier("pg_temp", "grading_run_share_purchases")
# What is found once for a share of very many customers.
FOUND_ONCE = (SHARE_OF_ORDERS, SHARE_OF_PURCHASES)


class GradingMeasure(models.AbstractModel):
    """What several sources have to know of the same customers is found once.

    For one statement that is whether there are any of some rare documents. For a share of very many customers it is the
    documents themselves: to find them one goes through those of all customers, which, done by each source that reads
    them, took half of the time with ten shares.
    """

    _inherit = "grading.measure"

    @contextmanager
    def _asking_once(self, contacts):
        """While the sources of one statement are put together, what several of them have to know of the ``contacts``
        is asked once; what only one might need of others is not asked at all."""
        self.env.cr.cache[ASKED] = (contacts, {})
        try:
            yield
        finally:
            self.env.cr.cache.pop(ASKED, None)

    @api.model
    def _is_any(self, lines, contacts):
        """Whether the ``lines`` of the ``contacts`` are any; True where it is not asked, see :meth:`_asking_once`."""
        asked_of, answers = self.env.cr.cache.get(ASKED, (contacts, {}))
        if contacts != asked_of:
            return True
        question = repr(lines)
        if question not in answers:
            [[answers[question]]] = self.env.execute_query(SQL("SELECT EXISTS (%s)", lines))
        return answers[question]

    # ------------------------------------------------------------
    # Of a share of very many customers
    # ------------------------------------------------------------

    @api.model
    def _find_documents(self, as_of):
        """Find what the contacts in SHARE_OF_CONTACTS have ordered and bought by the end of the day. Until there is
        another share the sources read it from here.

        :param datetime.date as_of: the day that is judged
        """
        of_share = SQL("(SELECT * FROM %s)", SHARE_OF_CONTACTS)  # by no name that is read from here already
        orders = SQL(
            "SELECT %s %s",
            SQL(", ").join(SQL.identifier("sale", name) for name in ORDER_COLUMNS),
            self._confirmed_orders(as_of, of_share),
        )
        self._keep(SHARE_OF_ORDERS, orders)
        with self._asking_once(SHARE_OF_CONTACTS):
            purchases = self._purchase_sources(as_of, SHARE_OF_CONTACTS, self.env.company.grading_amount_source)
        self._keep(SHARE_OF_PURCHASES, SQL(" UNION ALL ").join(purchases))

    @api.model
    def _keep(self, table, select):
        self.env["grading.worktable"]._create(table, select)
        self.env.execute_query(SQL("ANALYZE %s", table))

    @api.model
    def _orders_of(self, contacts):
        return SHARE_OF_ORDERS if contacts == SHARE_OF_CONTACTS else super()._orders_of(contacts)

    @api.model
    def _purchases(self, as_of, contacts, counted=None):
        usual = self.env.company.grading_amount_source
        if contacts == SHARE_OF_CONTACTS and (counted or usual) == usual:
            return SQL("SELECT * FROM %s", SHARE_OF_PURCHASES)
        return super()._purchases(as_of, contacts, counted)

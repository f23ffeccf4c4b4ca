from odoo import api, fields, models
from odoo.tools import SQL

from .context import yardstick_of

# What archived customers had bought, for the statements that learn from it.
ARCHIVED = SQL.identifier("pg_temp", "grading_learned_archived")

# What a company learns from its own past is learned anew after so many days.
REFIT_DAYS = 7


class GradingLearnedMixin(models.AbstractModel):
    """What a company has learned from its own past: a row for each time that it did, of which the latest is in force.

    A model that inherits says in ``_yardstick_values`` where a :class:`~.context.Yardstick` keeps its row.
    """

    _name = "grading.learned.mixin"
    _description = "Learned from the Own Past"
    _order = "date desc, id desc"
    _rec_name = "date"
    _yardstick_values = None

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", index=True, readonly=True)
    date = fields.Date(required=True, readonly=True)

    @api.model
    def _current(self, as_of=None):
        """The row in force in the environment's company: the last one made of ``as_of`` or of a day before, or else the
        first one made of a later day; maybe empty. In a judging that has a yardstick, the one of its day.

        :param datetime.date as_of: today where the company works, unless given
        """
        rows = self.sudo()
        if yardstick := yardstick_of(self.env):
            values = getattr(yardstick, self._yardstick_values)
            return rows.new(values) if values else rows.browse()
        company = [("company_id", "=", self.env.company.id)]
        as_of = as_of or self.env.company._grading_today()
        return rows.search([*company, ("date", "<=", as_of)], limit=1) or rows.search(
            company, order="date, id desc", limit=1
        )

    @api.model
    def _with_archived(self, table, as_of, *columns):
        """The customers of ``table`` and those that are archived by now, with what these had bought until ``as_of``.

        Runs leave archived customers out, but the company's past has them: of those alone who are still there one would
        learn that customers stay.

        :param odoo.tools.SQL table: a table expression with ``partner_id`` and the ``columns``
        :param str columns: columns of the profile about orders, out of ``order_count``, ``order_amount``,
            ``order_day_count``, ``first_order_date`` and ``last_order_date``
        :return: a table expression in ``partner_id`` and the ``columns``
        :rtype: odoo.tools.SQL
        """
        names = SQL(", ").join(SQL.identifier(name) for name in ("partner_id", *columns))
        contacts = SQL(
            "(SELECT contact.id, contact.commercial_partner_id FROM res_partner AS contact"
            " JOIN res_partner AS customer ON customer.id = contact.commercial_partner_id"
            " WHERE NOT customer.active AND NOT (%s))",
            self.env["grading.population"]._excluded(SQL.identifier("customer", "id")),
        )
        archived = SQL(
            """
            SELECT purchase.partner_id, SUM(purchase.amount) AS order_amount,
                   COUNT(*) FILTER (WHERE purchase.is_order) AS order_count,
                   COUNT(DISTINCT purchase.day) FILTER (WHERE purchase.is_order) AS order_day_count,
                   MIN(purchase.day) FILTER (WHERE purchase.is_order) AS first_order_date,
                   MAX(purchase.day) FILTER (WHERE purchase.is_order) AS last_order_date
              FROM (%s) AS purchase
             WHERE purchase.amount IS NOT NULL AND purchase.day <= %s
          GROUP BY purchase.partner_id
            """,
            self.env["grading.measure"]._purchases(as_of, contacts),
            as_of,
        )
        # In a table of its own: the statements that learn read it several times.
        self.env["grading.worktable"]._create(ARCHIVED, archived)
        self.env.execute_query(SQL("ANALYZE %s", ARCHIVED))
        return SQL(
            "(SELECT %(names)s FROM %(table)s AS known UNION ALL SELECT %(names)s FROM %(archived)s AS archived)",
            names=names,
            table=table,
            archived=ARCHIVED,
        )

from odoo import api, fields, models
from odoo.tools import SQL

from ..models.base.guarded import guarded


class GradingFiguresReportMixin(models.AbstractModel):
    """A row of figures about one customer of a company, worked out by the query from what the measures count.

    A report says whose rows a user sees: by record rules, where a row is a document with a salesperson of its own, or
    by building on the rows of another model that the user may see.
    """

    _name = "grading.figures.report.mixin"
    _inherit = ["grading.amount.sum.mixin"]
    _description = "Figures of a Customer"

    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True, help="The salesperson now.")
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True, help="The team of the salesperson.")
    grade_id = fields.Many2one("grading.grade", readonly=True, help="The grade in force now.")

    @api.model
    def _of_companies(self):
        """The rows of the companies at work, as a ``SELECT``.

        What the measures read are the documents of many models, of some that may not be installed, so that no list of
        fields can say what is to be flushed.

        :rtype: odoo.tools.SQL
        """
        self.env.flush_all()
        companies = self.env.companies.sudo()
        return SQL(" UNION ALL ").join(self._company_select(company) for company in companies)

    @api.model
    def _company_select(self, company):
        """The rows of one company, as a ``SELECT`` in the columns of the model.

        :rtype: odoo.tools.SQL
        """
        raise NotImplementedError

    @api.model
    def _measure_of(self, company):
        """The definitions of what customers buy and pay, for one company."""
        return self.env["grading.measure"].sudo().with_company(company)

    @api.model
    def _visible_profiles(self, domain, *names):
        """The customers' profiles whose figures the user may see: ``SELECT`` of these columns.

        :param odoo.fields.Domain domain: which of them
        """
        query = self.env["grading.profile"].with_context(active_test=False)._search(domain)
        return query.select(*(SQL.identifier(query.table, name) for name in names))

    @api.model
    def _graded_joins(self, row, day, company):
        """Joins to ``row`` the customer's grade at ``present``, and ``past``, the snapshot of the month of ``day``.

        None of them changes the number of rows, which PostgreSQL knows of each: it leaves out those of which no column
        is asked. Snapshots are joined on the expression of their unique index for that.

        :param odoo.tools.SQL row: what the query calls the row, which has a ``partner_id``
        :param odoo.tools.SQL day: a date
        """
        return SQL(
            """
         LEFT JOIN grading_snapshot AS past
                ON past.date = (DATE_TRUNC('month', %(day)s::timestamp) + INTERVAL '1 month - 1 day')::date
               AND past.company_id = %(company)s AND COALESCE(past.partner_id, -past.lead_id) = %(row)s.partner_id
         LEFT JOIN (
                SELECT partner_id, MIN(grade_id) AS grade_id FROM grading_profile
                 WHERE company_id = %(company)s AND partner_id IS NOT NULL GROUP BY partner_id
              ) AS present ON present.partner_id = %(row)s.partner_id
            """,
            row=row,
            day=day,
            company=company.id,
        )

    @api.model
    def _grade_then(self, day, company):
        """The grade at the end of the month of ``day``, in the month that is running the grade of today; NULL for a
        month of which nothing is remembered. Needs :meth:`_graded_joins`."""
        running = company._grading_today().replace(day=1)
        return SQL("CASE WHEN %s >= DATE %s THEN present.grade_id ELSE past.grade_id END", day, running)

    @api.readonly
    @guarded(one=True)
    def action_open(self):
        """Open what the row is about: the customer, unless a report says otherwise."""
        return self.partner_id.get_formview_action()

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """In a list, a click on a row opens what it is about, unless the view says otherwise."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "list" and not arch.get("action"):
            arch.set("action", "action_open")
            arch.set("type", "object")
        return arch, view

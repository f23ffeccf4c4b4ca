from odoo import api, fields, models
from odoo.tools import SQL

from .grading_domain_mixin import sql_case


class GradingLifecycle(models.Model):
    """A stage of a customer's life; a customer is in the first stage whose filter he meets."""

    _name = "grading.lifecycle"
    _inherit = ["grading.domain.mixin"]
    _description = "Life-Cycle Stage"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    fold = fields.Boolean(string="Folded")
    strategy = fields.Html(translate=True, help="What to do with the customers in this stage.")

    @api.model
    def _to_sql(self, stages, query, as_of):
        """The first stage whose filter matches: ``CASE WHEN … THEN 3 WHEN … THEN 4 ELSE NULL END``.

        :param grading.lifecycle stages: the stages in their order
        """
        branches = [(stage._domain_to_sql(query, as_of), SQL("%s", stage.id)) for stage in stages]
        return sql_case(branches, SQL("NULL::int"))

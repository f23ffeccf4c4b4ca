from odoo import api, fields, models
from odoo.exceptions import ValidationError
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
    action_server_id = fields.Many2one(
        "ir.actions.server",
        string="Automation",
        domain=[("model_id.model", "=", "res.partner")],
        ondelete="set null",
        groups="base.group_system",
        help="Started, by OdooBot, for the customers who enter this stage: for all of them at once, and also when they "
        "enter it because the rules have changed.",
    )

    @api.constrains("action_server_id")
    def _check_action_server(self):
        for stage in self.filtered(lambda stage: stage.action_server_id.model_id.model not in (False, "res.partner")):
            raise ValidationError(
                self.env._(
                    "The automation “%(action)s” of the stage “%(stage)s” works on %(model)s: choose one on contacts.",
                    action=stage.action_server_id.name,
                    stage=stage.name,
                    model=stage.action_server_id.model_id.name,
                )
            )

    def action_use_only(self):
        """Judge by these stages alone: archive all others, and rescore everybody in the background."""
        self.check_access("write")
        self.search([("id", "not in", self.ids)]).active = False
        self.active = True
        companies = self.env["res.company"].sudo().search([("active", "=", True)])
        self.env["grading.run"]._start(companies)
        return self.env["grading.run"]._notification(
            self.env._("From now on customers are in: %s.", ", ".join(self.sorted().mapped("name"))), "success"
        )

    @api.model
    def _to_sql(self, stages, query, as_of):
        """The first stage whose filter matches: ``CASE WHEN … THEN 3 WHEN … THEN 4 ELSE NULL END``.

        :param grading.lifecycle stages: the stages in their order
        """
        branches = [(stage._domain_to_sql(query, as_of), SQL("%s", stage.id)) for stage in stages]
        return sql_case(branches, SQL("NULL::int"))

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..base.grading_domain_mixin import sql_case
from ..base.guarded import guarded


class GradingLifecycle(models.Model):
    """A stage of the customer life cycle; a customer is in the first stage whose filter it meets."""

    _name = "grading.lifecycle"
    _inherit = ["grading.domain.mixin", "grading.shared.mixin"]
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

    customer_count = fields.Integer(string="Customers", compute="_compute_customer_count")

    @api.depends_context("company")
    def _compute_customer_count(self):
        counts = dict(
            self.env["grading.profile"]._read_group(
                [
                    ("lifecycle_id", "in", self.ids),
                    ("company_id", "=", self.env.company.id),
                    ("partner_id.active", "=", True),
                ],
                ["lifecycle_id"],
                ["__count"],
            )
        )
        for stage in self:
            stage.customer_count = counts.get(stage._origin, 0)

    @api.constrains("action_server_id")
    def _check_action_server(self):
        for stage in self.filtered("action_server_id"):
            action = stage.action_server_id
            if action.model_id.model != "res.partner":
                raise ValidationError(
                    self.env._(
                        "The automation “%(action)s” of the stage “%(stage)s” works on %(model)s: "
                        "choose one on contacts.",
                        action=action.name,
                        stage=stage.name,
                        model=action.model_id.name,
                    )
                )
            if action.group_ids:
                raise ValidationError(
                    self.env._(
                        "The automation “%(action)s” of the stage “%(stage)s” is for users of some groups only, and "
                        "OdooBot starts it: choose one without groups.",
                        action=action.name,
                        stage=stage.name,
                    )
                )

    @api.readonly
    @guarded(one=True)
    def action_view_customers(self):
        """The customers in this stage."""
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.res_partner_action_lifecycle")
        domain = [("grading_lifecycle_id", "=", self.id), "|", ("is_company", "=", True), ("parent_id", "=", False)]
        return {**action, "domain": domain, "context": {}, "name": self.name, "display_name": self.name}

    @guarded
    def action_use_only(self):
        """Use these stages alone: archive all others, and rescore all customers in the background."""
        self.check_access("write")
        if not self:
            raise UserError(self.env._("Choose the stages that are to be used."))
        self.search([("id", "not in", self.ids)]).active = False
        self.active = True
        self.env["grading.run"]._start_everywhere()
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

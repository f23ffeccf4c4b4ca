from odoo import api, fields, models
from odoo.exceptions import UserError


class GradingSchemeTrial(models.TransientModel):
    """One customer or lead by the draft, beside what is in force; nothing is written."""

    _name = "grading.scheme.trial"
    _inherit = ["grading.input.mixin"]
    _description = "Try on One Customer"

    scheme_id = fields.Many2one("grading.scheme", required=True, readonly=True, ondelete="cascade")
    subject = fields.Selection(related="scheme_id.subject")
    partner_id = fields.Many2one("res.partner", string="Customer")
    lead_id = fields.Many2one("crm.lead")
    present = fields.Html(string="In Force", compute="_compute_explanations", sanitize=False)
    tried = fields.Html(string="By the Draft", compute="_compute_explanations", sanitize=False)
    problem = fields.Text(compute="_compute_explanations")

    @api.depends("scheme_id", "partner_id", "lead_id")
    @api.depends_context("lang", "company")
    def _compute_explanations(self):
        for wizard in self:
            wizard.present = wizard.tried = wizard.problem = False
            record = (wizard.lead_id if wizard.subject == "lead" else wizard.partner_id)._origin
            draft = wizard.scheme_id._origin
            if not record or not draft:
                continue
            draft.check_access("write")
            record.check_access("read")
            try:
                wizard._explain(draft, record)
            except UserError as error:
                wizard.problem = str(error)

    def _explain(self, draft, record):
        draft._check_gives_grade()
        env = self.with_company(draft.company_id).env
        Profile, Run = env["grading.profile"], env["grading.run"]
        draft._check_publishable()
        of_leads = record._name == "crm.lead"
        profile = Profile._of_leads(record) if of_leads else Profile._of_partners(record)
        row = Run._judge_one(draft, record)
        if row is None:
            self.problem = self.env._("“%s” is not graded: no customer, no order and no lead.", record.display_name)
            return
        template = "customer_grading.grading_explanation"
        render = self.env["ir.qweb"]._render
        self.present = render(template, profile._explanation_of_points()) if profile else False
        self.tried = render(template, profile._explain_as_judged(row))

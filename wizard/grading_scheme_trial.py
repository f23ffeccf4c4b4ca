from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError


class GradingSchemeTrial(models.TransientModel):
    """One customer or lead by the draft, beside what is in force; nothing is written.

    A scheme beside the grade that is in use can be tried as well, as customers are today.
    """

    _name = "grading.scheme.trial"
    _inherit = ["grading.input.mixin"]
    _description = "Try on One Customer"

    scheme_id = fields.Many2one("grading.scheme", required=True, readonly=True, ondelete="cascade")
    subject = fields.Selection(related="scheme_id.subject")
    is_draft = fields.Boolean(related="scheme_id.is_draft")
    moves_segments = fields.Boolean(compute="_compute_moves_segments")
    partner_id = fields.Many2one("res.partner", string="Customer")
    lead_id = fields.Many2one("crm.lead")
    present = fields.Html(string="In Force", compute="_compute_explanations", sanitize=False)
    tried = fields.Html(string="By the Draft", compute="_compute_explanations", sanitize=False)
    problem = fields.Text(compute="_compute_explanations")

    @api.depends("scheme_id")
    def _compute_moves_segments(self):
        for wizard in self:
            wizard.moves_segments = wizard.scheme_id._moves_segments() if wizard.scheme_id else False

    @api.depends("scheme_id", "partner_id", "lead_id")
    @api.depends_context("lang", "company")
    def _compute_explanations(self):
        for wizard in self:
            wizard.present = wizard.tried = wizard.problem = False
            record = (wizard.lead_id if wizard.subject == "lead" else wizard.partner_id)._origin
            draft = wizard.scheme_id._origin
            if not record or not draft:
                continue
            if wizard.subject != "lead":
                record = record.commercial_partner_id  # who is graded
            draft.check_access("write")
            record.check_access("read")
            try:
                wizard._explain(draft, record)
            except UserError as error:
                wizard.problem = str(error)

    def _explain(self, draft, record):
        env = self.with_company(draft.company_id).env
        Profile, Run = env["grading.profile"], env["grading.run"]
        draft._check_publishable()
        of_leads = record._name == "crm.lead"
        profile = Profile._of_leads(record) if of_leads else Profile._of_partners(record)
        row = Run._judge_one(draft, record)
        if row is None:
            self.problem = self.env._("“%s” is not graded: no customer, no order and no lead.", record.display_name)
            return
        former, present, tried = draft.draft_of_id or draft, [], []
        if not draft._moves_segments():
            present.append(profile and self._told(profile._explanation_of_points()))
            tried.append(self._told(profile._explain_as_judged(row)))
        if former.is_secondary and profile and (known := profile._stored_segment(former)):
            present.append(self._told(profile._explain_segment(former, known, record), "grading_segment_explanation"))
        if draft.is_secondary:
            told = profile._explain_segment(draft, row.segment, record)
            tried.append(self._told(told, "grading_segment_explanation"))
        self.present, self.tried = (Markup().join(filter(None, part)) or False for part in (present, tried))

    def _told(self, values, template="grading_explanation"):
        return self.env["ir.qweb"]._render(f"customer_grading.{template}", values)

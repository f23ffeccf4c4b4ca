from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.fields import INTERNAL, SELLERS, FloatOrUnknown, ProfileInteger
from ..base.guarded import guarded

CUSTOMER = "partner_id.commercial_partner_id"


class ResPartner(models.Model):
    """What a customer told the company: as measured by the last run, and as it stands now."""

    _inherit = "res.partner"

    # Measured
    grading_expectation = FloatOrUnknown(
        related="grading_figures_id.expectation", string="Expectation", groups=SELLERS, aggregator="avg"
    )
    grading_satisfaction = FloatOrUnknown(
        related="grading_figures_id.satisfaction", string="Satisfaction", groups=SELLERS, aggregator="avg"
    )
    grading_satisfaction_gap = FloatOrUnknown(
        related="grading_figures_id.satisfaction_gap",
        string="Satisfaction above Expectation",
        groups=SELLERS,
        aggregator="avg",
    )
    grading_last_assessment_date = fields.Date(
        related="grading_figures_id.last_assessment_date", string="Last Assessment", groups=SELLERS
    )
    grading_open_complaint_count = ProfileInteger(
        related="grading_figures_id.open_complaint_count", string="Open Complaints", groups=SELLERS, aggregator="sum"
    )

    # Now
    grading_assessment_total = fields.Integer(
        string="Number of Assessments", compute="_compute_grading_assessments", groups=SELLERS
    )
    grading_assessment_average = FloatOrUnknown(
        string="Average Satisfaction", digits=(16, 1), compute="_compute_grading_assessments", groups=SELLERS
    )
    grading_complaint_total = fields.Integer(
        string="Number of Complaints", compute="_compute_grading_complaints", groups=SELLERS
    )
    grading_complaint_open_total = fields.Integer(
        string="Complaints to Settle", compute="_compute_grading_complaints", groups=SELLERS
    )
    grading_complaint_is_overdue = fields.Boolean(
        string="A Complaint Is Overdue", compute="_compute_grading_complaints", groups=SELLERS
    )

    grading_can_survey = fields.Boolean(
        string="Can Be Sent a Survey", compute="_compute_grading_can_survey", groups=INTERNAL
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_grading_assessments(self):
        rows = self.env["grading.assessment"]._read_group(
            self._grading_feedback_domain(), [CUSTOMER], ["__count", "satisfaction:avg"]
        )
        found = {partner.id: figures for partner, *figures in rows}
        for partner in self:
            count, average = found.get(partner.commercial_partner_id._origin.id, (0, False))
            partner.grading_assessment_total = count
            partner.grading_assessment_average = average

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_grading_complaints(self):
        Complaint = self.env["grading.complaint"]
        total = dict(Complaint._read_group(self._grading_feedback_domain(), [CUSTOMER], ["__count"]))
        still_open = [*self._grading_feedback_domain(), ("date_close", "=", False)]
        due = {
            customer: (count, first_due)
            for customer, count, first_due in Complaint._read_group(still_open, [CUSTOMER], ["__count", "date_due:min"])
        }
        today = self.env.company._grading_today()
        for partner in self:
            customer = partner.commercial_partner_id._origin
            count, first_due = due.get(customer, (0, False))
            partner.grading_complaint_total = total.get(customer, 0)
            partner.grading_complaint_open_total = count
            partner.grading_complaint_is_overdue = bool(first_due) and first_due < today

    @api.depends_context("uid")
    def _compute_grading_can_survey(self):
        invite = self.env.get("survey.invite")
        self.grading_can_survey = invite is not None and invite.has_access("create")

    def _grading_feedback_domain(self):
        """The feedback of these contacts' customers to the current company."""
        customers = self.commercial_partner_id._origin
        # A customer that has become a contact since brought its own feedback along: hence the commercial partner.
        return [(CUSTOMER, "in", customers.ids), ("company_id", "=", self.env.company.id)]

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    @guarded(one=True)
    def action_grading_assess(self):
        """Note in a small form how satisfied this customer is."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Assess"),
            "res_model": "grading.assessment",
            "views": [(self.env.ref("customer_grading.grading_assessment_view_form_quick").id, "form")],
            "target": "new",
            "context": self._grading_feedback_defaults(),
        }

    @guarded(one=True)
    def action_grading_survey(self):
        """Invite this contact to the survey, in Odoo's own window.

        :raise UserError: Surveys is not installed
        :raise AccessError: the user may not send surveys
        """
        if "survey.survey" not in self.env:
            raise UserError(
                self.env._("%s cannot be sent a survey: install Odoo's app Surveys first.", self.display_name)
            )
        self.env["survey.invite"].check_access("create")
        survey = self.env["survey.survey"].browse(self.env["grading.assessment"]._get_survey().id)
        action = survey.action_send_survey()
        # Contacts that have answered before are asked again: satisfaction changes.
        invite = {"default_partner_ids": self.ids, "default_existing_mode": "new"}
        return {**action, "context": {**action["context"], **invite}}

    @guarded(one=True)
    def action_grading_view_assessments(self):
        return self._grading_view_feedback("customer_grading.grading_assessment_action")

    @guarded(one=True)
    def action_grading_view_complaints(self):
        return self._grading_view_feedback("customer_grading.grading_complaint_action")

    def _grading_view_feedback(self, xmlid):
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        # A month without assessments is not a month of zeros.
        context = {**self._grading_feedback_defaults(), "fill_temporal": False}
        return {**action, "domain": self._grading_feedback_domain(), "context": context}

    def _grading_feedback_defaults(self):
        self.ensure_one()
        customer = self.commercial_partner_id
        contact = self if self != customer else self.browse()
        return {"default_partner_id": customer.id, "default_contact_id": contact.id}

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    grading_amount_source = fields.Selection(related="company_id.grading_amount_source", readonly=False)
    grading_ranking_percent = fields.Float(related="company_id.grading_ranking_percent", readonly=False)
    grading_ranking_days = fields.Integer(related="company_id.grading_ranking_days", readonly=False)
    grading_half_life_days = fields.Integer(related="company_id.grading_half_life_days", readonly=False)
    grading_horizon_days = fields.Integer(related="company_id.grading_horizon_days", readonly=False)
    grading_decline_percent = fields.Integer(related="company_id.grading_decline_percent", readonly=False)
    grading_lost_percent = fields.Integer(related="company_id.grading_lost_percent", readonly=False)
    grading_history_points = fields.Integer(related="company_id.grading_history_points", readonly=False)
    grading_greeting_hour = fields.Integer(related="company_id.grading_greeting_hour", readonly=False)
    grading_leap_day = fields.Selection(related="company_id.grading_leap_day", readonly=False)
    grading_visit_counts = fields.Boolean(related="company_id.grading_visit_counts", readonly=False)
    grading_plan_contacts = fields.Boolean(related="company_id.grading_plan_contacts", readonly=False)
    grading_contacts_per_day = fields.Integer(related="company_id.grading_contacts_per_day", readonly=False)
    grading_care_digest = fields.Boolean(related="company_id.grading_care_digest", readonly=False)

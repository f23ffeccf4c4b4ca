from odoo import api, models


class GradingRun(models.Model):
    """The scheduled actions hear first what customers have answered."""

    _inherit = "grading.run"

    @api.model
    def _cron_rescore(self):
        self.env["grading.assessment"]._collect_survey_answers()
        return super()._cron_rescore()

    @api.model
    def _cron_rescore_queue(self):
        self.env["grading.assessment"]._collect_survey_answers()
        return super()._cron_rescore_queue()

from odoo import api, models


class CrmStage(models.Model):
    """The order of the stages decides on the progress of every lead: when it changes, everything is scored again."""

    _inherit = "crm.stage"

    @api.model_create_multi
    def create(self, vals_list):
        stages = super().create(vals_list)
        stages.env["grading.run"]._start_everywhere()
        return stages

    def write(self, vals):
        res = super().write(vals)
        if vals.keys() & {"sequence", "is_won", "team_ids"}:
            self.env["grading.run"]._start_everywhere()
        return res

    def unlink(self):
        res = super().unlink()
        self.env["grading.run"]._start_everywhere()
        return res

from odoo import SUPERUSER_ID, api, fields, models


class GradingLifecycle(models.Model):
    """A stage that tells, in the chatter of each customer that enters it, what to do now."""

    _inherit = "grading.lifecycle"

    entry_note = fields.Char(
        string="Note on Entering", help="Logged in the chatter of each customer that enters this stage."
    )


class GradingRun(models.Model):
    _inherit = "grading.run"

    def _has_automations(self):
        """A note for each customer takes longer than the grades of a batch: the batches are smaller."""
        return super()._has_automations() or bool(
            self.env["grading.lifecycle"].search_count([("entry_note", "!=", False)], limit=1)
        )

    def _log_entry_notes(self, rules, first, last):
        """Log the notes of the stages that customers have entered among the rows ``first`` to ``last`` of *profile
        changes*: one message for each customer, all customers of a stage at once."""
        stages = (rules.lifecycles or self.env["grading.lifecycle"]).filtered("entry_note")
        if not stages or self._looks_back():
            return
        for stage_id, partner_ids in self._entered(stages, first, last):
            partners = self.env["res.partner"].with_user(SUPERUSER_ID).browse(partner_ids)
            partners._message_log_batch(bodies=dict.fromkeys(partner_ids, stages.browse(stage_id).entry_note))


class GradingWorktable(models.AbstractModel):
    _inherit = "grading.worktable"

    @api.model
    def _profiles_written(self, rules, first, last, written):
        """In the transaction that writes the stage: a note is logged with it, or not at all."""
        rules.run._log_entry_notes(rules, first, last)
        return super()._profiles_written(rules, first, last, written)

import logging

from odoo import api, models

from .grading_care_plan import RACES, TRIES

_logger = logging.getLogger(__name__)


class GradingOwnership(models.Model):
    """The scheduled action that lets customers and leads change hands."""

    _inherit = "grading.ownership"

    @api.model
    def _cron_owners(self):
        """Assign owners, warn and take back in every company; batch by batch, each committed."""
        for company in self.env["res.company"].search([("active", "=", True)]):
            Ownership = self.with_company(company)
            for step in Ownership._steps():
                if not Ownership._repeat(step):
                    return

    @api.model
    def _steps(self):
        """What is done for a company, in this order: each a method that works on one batch and says how many it had."""
        return [self._assign]

    @api.model
    def _repeat(self, step):
        """Call ``step`` until it finds nothing more to do.

        :return: whether there is time for another step
        """
        tries = TRIES
        while tries:
            try:
                done = step()
            except RACES:
                _logger.info("Somebody else moves the customers of %s as well", self.env.company.name)
                self.env.cr.rollback()
                tries -= 1
                continue
            # As long as a batch had something there may be more.
            if not self.env["ir.cron"]._commit_progress(done, remaining=done) and done:
                return False
            if not done:
                return True
            tries = TRIES
        return False

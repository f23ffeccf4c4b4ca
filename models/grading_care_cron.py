import logging

from odoo import api, models

from .grading_care_plan import RACES, TRIES

_logger = logging.getLogger(__name__)


class GradingCare(models.Model):
    """The scheduled action: what is due is planned, and whoever has something due is told."""

    _inherit = "grading.care"

    @api.model
    def _cron_plan(self):
        """Plan the contacts that are due in every company, then send the digests; batch by batch, each committed.

        What fails for one company keeps no other one waiting.
        """
        for company in self.env["res.company"].search([("active", "=", True)]):
            Care = self.with_company(company)
            if not Care._repeat(Care._plan):
                return
        self._repeat(self._send_digests)

    @api.model
    def _repeat(self, step):
        """Call ``step`` until it finds nothing more to do, or can not go on.

        :param step: a method that works on one batch and says how many it had
        :return: whether there is time for another step
        """
        commit, name = self.env["ir.cron"]._commit_progress, self.env.company.name
        tries = TRIES
        while tries:
            try:
                done = step()
                left = commit(done, remaining=done)  # as long as a batch had something there may be more
            except RACES:
                self.env.cr.rollback()
                tries -= 1
                _logger.info("Somebody else plans the contacts of %s as well", name)
                continue
            except Exception:
                self.env.cr.rollback()
                _logger.exception("%s failed for %s", step.__name__, name)
                break
            if not done:
                return True
            if not left:
                return False
            tries = TRIES
        else:
            _logger.warning("The contacts of %s are left to the next time: somebody else has them in hand", name)
        return commit(remaining=0) > 0

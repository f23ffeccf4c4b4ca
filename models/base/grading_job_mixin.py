import logging
import time

import psycopg2.errors

from odoo import api, models

_logger = logging.getLogger(__name__)

# A batch and somebody's save have written the same row: one of them has to begin again.
COLLISIONS = (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected)
# The same between two workers that make what there may be only one of.
RACES = (*COLLISIONS, psycopg2.errors.UniqueViolation)
# How often a batch that collides is tried again before it is left to the next job.
TRIES = 5


class GradingJobMixin(models.AbstractModel):
    """Work of a scheduled action: in batches, each committed, in spite of other people's saves and of other workers."""

    _name = "grading.job.mixin"
    _description = "Work in Committed Batches"

    @api.model
    def _retry(self, step):
        """Call ``step``; what collides is rolled back and tried again, each time a little later.

        :param step: a function without arguments; what it did before the last commit must bear being done again
        :return: what ``step`` returns
        :raise psycopg2.Error: the last attempt collided as well
        """
        for attempt in range(TRIES - 1):
            try:
                return step()
            except RACES:
                self.env.cr.rollback()
                time.sleep(0.1 * 2**attempt)
        return step()

    @api.model
    def _repeat(self, step):
        """Call ``step`` until it finds nothing more to do, each time with a commit.

        A step that fails is logged and left to the next job: whatever comes after it gets its turn all the same.

        :param step: a method that works on one batch and says how many it had
        :return: False when the time was up while there was more to do
        :rtype: bool
        """
        commit, company = self.env["ir.cron"]._commit_progress, self.env.company.name
        done = True
        while done:
            try:
                done = self._retry(step)
            except RACES:
                self.env.cr.rollback()
                _logger.warning("%s is left to the next time for %s: another worker has it in hand", step, company)
                break
            except Exception:
                self.env.cr.rollback()
                _logger.exception("%s failed for %s", step, company)
                break
            # As long as a batch had something there may be more.
            if not commit(done, remaining=done) and done:
                return False
        commit(remaining=0)
        return True

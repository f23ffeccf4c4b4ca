import logging
import time

import psycopg2.errors

from odoo import api, models

_logger = logging.getLogger(__name__)

# A batch and the save of a user have written the same row: one of them has to begin again.
COLLISIONS = (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected)
# The same between two workers that create what there may be only one of, and with users who delete what is needed.
RACES = (*COLLISIONS, psycopg2.errors.UniqueViolation, psycopg2.errors.ForeignKeyViolation)
# How often a batch that collides is tried before it is left to the next call of the job.
TRIES = 5


def attempt(env, step, logger, text, *values):
    """Call ``step``; where it fails, that leaves no trace in the database, and is logged with its traceback.

    :param step: a function without arguments
    :param logging.Logger logger: the caller's, which gets ``text`` with the ``values`` that it names
    :return: the error with which it failed; None when it worked
    :rtype: Exception | None
    :raise psycopg2.Error: it collided with the save of a user: the job tries the whole batch again
    """
    try:
        with env.cr.savepoint():
            step()
    except COLLISIONS:
        raise
    except Exception as error:
        logger.warning(text, *values, exc_info=True)
        return error
    return None


def said(error):
    """What an error says, never nothing."""
    return str(error).strip() or repr(error)


class GradingJobMixin(models.AbstractModel):
    """Work of a scheduled action: in batches, each committed, while users save and other workers run.

    A step is a method without arguments that works on one batch and returns how many records that were, 0 when there
    is nothing more to do. A job lists its steps, each with the text that the log names it by::

        self._repeat([(f"Planning contacts of {company.name}", Care.with_company(company)._plan), …])
    """

    _name = "grading.job.mixin"
    _description = "Work in Committed Batches"

    @api.model
    def _retry(self, step):
        """Call ``step``; what collides is rolled back and tried again, each time a little later.

        A rollback undoes everything since the last commit, what the caller has done included.

        :param step: a function without arguments
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
    def _repeat(self, steps):
        """Call each of ``steps`` until it finds nothing more to do, with a commit after every batch.

        No step that fails or collides keeps another one from its turn. One that fails is logged with its traceback, at
        the level ERROR, and begins anew when the job is called next. One that keeps colliding is logged as a warning;
        the job then has something left to do, so that Odoo calls it again soon, as it does when the time was up.

        :param list steps: ``[(text for the log, step)]``
        :return: False when there is more to do: the time was up, or a step was left to the next call
        :rtype: bool
        """
        commit, left_over = self.env["ir.cron"]._commit_progress, 0
        for name, step in steps:
            done = True
            while done:
                try:
                    done = self._retry(step)
                    # As long as a batch had something there may be more.
                    seconds = commit(done, remaining=done + left_over)
                except COLLISIONS:
                    self.env.cr.rollback()
                    _logger.warning("%s keeps colliding with other transactions and is left to the next call", name)
                    left_over += 1
                    break
                except Exception:
                    self.env.cr.rollback()
                    _logger.exception("%s failed; the other steps of the job go on", name)
                    break
                if done and not seconds:
                    return False
        commit(remaining=left_over)
        return not left_over

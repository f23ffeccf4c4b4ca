import math
import time

from odoo.tools import config

from ..base.grading_job_mixin import RACES

# Seconds to wait after a collision: by then the save of a user is through.
PAUSE = 0.02
# Odoo gives a job ten seconds, and calls it again while there is more to do. A call that goes on with a run judges all
# of it anew: so once it has judged, it writes for so many times as long as that took.
WRITING_PER_JUDGING = 2
# Share of the server's limit for a job by which a call ends: what is stopped by the server is judged in vain.
SHARE_OF_LIMIT = 0.8


class TimeUpError(Exception):
    """The scheduled action has no time for the next batch. What was written is committed."""


class FullNeededError(Exception):
    """A run over some found nothing to compare them with, and has done nothing: a run over all comes first."""


class RulesChangedError(Exception):
    """A user has changed or published a scheme while a run was at work: it begins again, by the rules as they are now.
    What was written is committed."""


class InOneGo:
    """How a run works in the caller's transaction: all or nothing; a collision is the caller's to try again."""

    may_widen = True  # a run over some becomes one over all where there is nothing to compare them with

    def goes_by(self, versions):
        """Tell the versions of the schemes by which the run judges; in one transaction they stay as they are."""

    def check(self):
        """Called before each step: an exception ends the run there."""

    def do(self, step):
        """Do what is no batch.

        :return: what ``step`` returns
        """
        return step()

    def do_batch(self, step, rows, left):
        """Write a batch.

        :param step: a function without arguments
        :param int rows: how many the batch has
        :param int left: rows that are left to do after it, as far as is known
        :return: whether there is time for another batch; None when this one has collided, and smaller ones may not
        """
        step()
        return True


class InBatches:
    """How a run works in a scheduled action, while users save.

    Whatever it does is committed and reported as progress, so that Odoo does not take a job that was killed in the
    middle for one that hangs, and postpone it for a day. What collides with a save is rolled back and tried again.
    """

    may_widen = False  # the company's own job may be at one already, see grading_run_job.py

    def __init__(self, run):
        self._run = run
        self._versions = None
        self._begun = time.monotonic()
        self._writing = 0.0  # seconds that batches took

    def goes_by(self, versions):
        self._versions = versions

    def check(self):
        """
        :raise RulesChangedError: the versions of the schemes are others; a part judged by the old ones would not fit
        """
        self._run._check_going_on()
        if self._versions is not None and self._run._versions_in_force() != self._versions:
            raise RulesChangedError

    def do(self, step):
        def committed():
            self.check()
            result = step()
            self._run._commit_batch(1, 1)
            return result

        return self._run._retry(committed)

    def do_batch(self, step, rows, left):
        def committed():
            self.check()
            step()
            return self._run._commit_batch(rows, left)

        started = time.monotonic()
        try:
            has_time = self._run._retry(committed) if rows == 1 else committed()
        except RACES:
            if rows == 1:
                raise
            self._run.env.cr.rollback()
            time.sleep(PAUSE)
            return None
        finally:
            self._writing += time.monotonic() - started
        return has_time or self._pays_to_go_on()

    def _pays_to_go_on(self):
        """Whether this call should write on: most of it went into judging, and the server lets it."""
        spent = time.monotonic() - self._begun
        judging = spent - self._writing
        return self._writing < WRITING_PER_JUDGING * judging and spent < SHARE_OF_LIMIT * _time_limit()


def _time_limit():
    """How many seconds the server gives a scheduled action, :data:`math.inf` if it sets no limit."""
    limit = config["limit_time_real_cron"]
    if limit is None or limit < 0:
        limit = config["limit_time_real"]
    return limit or math.inf

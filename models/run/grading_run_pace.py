import time

from ..base.grading_job_mixin import RACES

# Seconds to wait after a collision: by then the save of a user is through.
PAUSE = 0.02


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

        if rows == 1:
            return self._run._retry(committed)
        try:
            return committed()
        except RACES:
            self._run.env.cr.rollback()
            time.sleep(PAUSE)
            return None

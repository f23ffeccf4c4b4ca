from unittest.mock import patch

from odoo.tests import BaseCase, tagged
from odoo.tools import config

from ...models.run import grading_run_pace
from ...models.run.grading_run_pace import InBatches


class Clock:
    """A clock that only moves when something is done."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def takes(self, seconds):
        """A step that takes so long."""

        def step():
            self.now += seconds

        return step


class Run:
    """A run in a job whose ten seconds are up."""

    def _check_going_on(self):
        """Nothing ends it."""

    def _commit_batch(self, done, left):
        return False

    def _retry(self, step):
        return step()


@tagged("post_install", "-at_install")
class TestRunPace(BaseCase):
    """How long a call of the scheduled action goes on writing what it has judged."""

    def batches(self, judging, writing, limit=0):
        """How many batches a call writes."""
        clock = Clock()
        with (
            patch.object(grading_run_pace, "time", clock),
            patch.dict(config.options, {"limit_time_real_cron": limit, "limit_time_real": 120}),
        ):
            pace = InBatches(Run())
            pace.do(clock.takes(judging))
            count = 1
            while pace.do_batch(clock.takes(writing), 10, 1000):
                count += 1
        return count

    def test_twice_as_long_as_it_has_judged(self):
        self.assertEqual(self.batches(judging=30, writing=5), 12)

    def test_one_batch_where_judging_takes_no_time(self):
        self.assertEqual(self.batches(judging=0, writing=5), 1)

    def test_it_ends_before_the_server_stops_it(self):
        self.assertEqual(self.batches(judging=30, writing=5, limit=60), 4)

    def test_without_a_limit_of_its_own_the_general_one_holds(self):
        self.assertEqual(self.batches(judging=80, writing=5, limit=-1), 4)

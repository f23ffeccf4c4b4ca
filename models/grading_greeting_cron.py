import logging

from odoo import api, models
from odoo.tools import SQL

from .grading_run import COLLISIONS

_logger = logging.getLogger(__name__)

# Greetings that are made at once, in a fraction of the time that a scheduled action has.
BATCH = 200


class GradingOccasion(models.Model):
    """The scheduled action that greets, each company on its own day."""

    _inherit = "grading.occasion"

    @api.model
    def _cron_greet(self):
        """Greet all who are due, in each company whose hour has come; what was missed is caught up within the grace."""
        companies = self.env["res.company"].search([("active", "=", True)])
        due = [
            (occasion, count)
            for company in companies.filtered(lambda company: company._grading_is_greeting_time())
            for occasion in self.with_company(company)._in_force()
            if (count := occasion._count_due())
        ]
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=sum(count for _occasion, count in due))
        for occasion, count in due:
            greeted = 0
            while greetings := occasion._greet_isolated():
                greeted += len(greetings)
                if not cron._commit_progress(len(greetings)):
                    return
            # Whom another company has greeted, or whom it failed for: not to be waited for.
            if not cron._commit_progress(max(0, count - greeted)):
                return
        cron._commit_progress(remaining=0)

    def _count_due(self):
        """How many are due and were not greeted yet in the current company.

        :rtype: int
        """
        due = self._due_select()
        if not due:
            return 0
        [[count]] = self.env.execute_query(SQL("SELECT COUNT(*) FROM (%s) AS due", due))
        return count

    def _greet_isolated(self):
        """Make the next greetings; an occasion that fails says why and keeps the others from nothing.

        :return: the greetings, none when nobody is left or the occasion failed
        """
        try:
            with self.env.cr.savepoint():
                greetings = self._greet(BATCH)
        except COLLISIONS:
            raise  # with another job or somebody's save: the job is tried again as a whole
        except Exception as error:
            _logger.exception("Greeting on occasion %s failed", self.id)
            self.error = str(error).strip() or repr(error)
            return self.env["grading.greeting"]
        if self.error:
            self.error = False
        return greetings

    def _greet(self, limit):
        """Make the next greetings in the current company: a message to those who may get one, else an activity.

        :param int limit: how many at most
        :rtype: grading.greeting
        """
        self.ensure_one()
        greetings = self.env["grading.greeting"]._claim(self, limit)
        if greetings:
            (greetings - greetings._send())._plan()
            nobody = greetings.filtered(lambda greeting: greeting.state == "nobody")
            if nobody:
                _logger.info("Occasion %s: nobody is responsible for the greetings %s", self.id, nobody.ids)
        return greetings

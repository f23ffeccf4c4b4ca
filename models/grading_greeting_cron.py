import logging

from odoo import api, models
from odoo.tools import SQL, split_every

from .grading_care_plan import TRIES
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
            (occasion, partner_ids)
            for company in companies.filtered(lambda company: company._grading_is_greeting_time())
            for occasion in self.with_company(company)._in_force()
            if (partner_ids := occasion._due_partner_ids())
        ]
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=sum(len(partner_ids) for _occasion, partner_ids in due))
        for occasion, partner_ids in due:
            for batch in split_every(BATCH, partner_ids, list):
                if not occasion._greet_committed(batch):
                    return
                if occasion.error:
                    break  # the next job tries the rest as well
        cron._commit_progress(remaining=0)

    def _due_partner_ids(self):
        """Who is due and was not greeted yet in the current company, those of the earliest day first.

        Asked for once a job: among tens of thousands it takes as long as making the greetings of a batch.

        :rtype: list[int]
        """
        due = self._due_select()
        if not due:
            return []
        rows = self.env.execute_query(
            SQL(
                "SELECT partner_id FROM (%s) AS due GROUP BY partner_id ORDER BY MIN(date), partner_id",
                due,
            )
        )
        return [partner_id for [partner_id] in rows]

    def _greet_committed(self, partner_ids):
        """Greet these contacts and commit; what collides with another job or somebody's save is done once more.

        :param list partner_ids: who was due when the job began
        :return: whether there is time for more; not after one collision upon another, which is left to the next job
        :rtype: bool
        """
        for _attempt in range(TRIES):
            try:
                self._greet_isolated(partner_ids)
            except COLLISIONS:
                _logger.info("Somebody else is at the contacts of occasion %s as well", self.id)
                self.env.cr.rollback()
            else:
                return bool(self.env["ir.cron"]._commit_progress(len(partner_ids)))
        return False

    def _greet_isolated(self, partner_ids):
        """Greet; an occasion that fails says why and keeps the others from nothing."""
        try:
            with self.env.cr.savepoint():
                self._greet(partner_ids)
        except COLLISIONS:
            raise
        except Exception as error:
            _logger.exception("Greeting on occasion %s failed", self.id)
            self.error = str(error).strip() or repr(error)
        else:
            if self.error:
                self.error = False
        self.flush_recordset()

    def _greet(self, partner_ids=None):
        """Make greetings in the current company: a message to those who may get one, else an activity.

        :param partner_ids: whom of those who are due; all by default
        :rtype: grading.greeting
        """
        self.ensure_one()
        greetings = self.env["grading.greeting"]._claim(self, partner_ids)
        if greetings:
            (greetings - greetings._send())._plan()
            nobody = greetings.filtered(lambda greeting: greeting.state == "nobody")
            if nobody:
                _logger.info("Occasion %s: nobody is responsible for the greetings %s", self.id, nobody.ids)
        return greetings

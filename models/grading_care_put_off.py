from odoo import models
from odoo.exceptions import AccessError


class GradingCare(models.Model):
    """Contacts that a person has put off: they are not due before the day that he chose, or are left out this time."""

    _inherit = "grading.care"

    def action_put_off(self):
        """Ask until when.

        :raise AccessError: a contact of somebody else's, unless it is a manager who asks
        """
        self._check_put_off()
        return {
            "type": "ir.actions.act_window",
            "res_model": "grading.care.put.off",
            "views": [(False, "form")],
            "target": "new",
            "name": self.env._("Put Off"),
            "context": {"default_care_ids": self.ids},
        }

    def _check_put_off(self):
        self.check_access("read")
        if self.env.user.has_group("customer_grading.customer_grading_group_manager"):
            return
        for care in self:
            if care.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "The contact with %s is not yours: whoever is responsible puts it off, or a manager.",
                        care.display_name,
                    )
                )

    def _put_off(self, day):
        """These contacts are not due before ``day``; what is planned of them moves there."""
        cares = self.sudo()
        for care in cares:
            care._postpone(day)
            if care.activity_id.date_deadline != day:
                care.activity_id.date_deadline = day
        cares.profile_id._set_next_dates()

    def _skip(self):
        """These contacts are left out this time: missed, and not due before another interval from today."""
        cares = self.sudo()
        for care in cares:
            today = care.with_company(care.company_id)._today_of(self.env.user)
            care._log_skipped(today)
            care._postpone(today + care.cadence_id._interval())
        cares.profile_id._set_next_dates()

    def _postpone(self, day):
        self.ensure_one()
        due = self.next_date if self.next_date != self.put_off_date else day
        self.write({"put_off_date": day, "next_date": due and max(due, day)})

    def _log_skipped(self, today):
        """The log says that it was missed, as it would have said after a whole interval."""
        self.ensure_one()
        due, logged = max(self.next_date or self.start_date, self.start_date), self.logged_date
        if logged and logged >= due:
            due = logged + self.cadence_id._interval()
        if not self.next_date or due > today:
            return
        names = ("profile_id", "partner_id", "lead_id", "company_id", "cadence_id", "user_id", "grade_id")
        self.env["grading.care.log"].create(
            {
                **{name: self[name].id for name in names},
                "channel": self.channel,
                "due_date": due,
                "state": "missed",
            }
        )
        self.logged_date = due

from odoo import api, models
from odoo.fields import Domain
from odoo.tools.misc import clean_context, format_date

from ..base.guarded import guarded


class GradingCare(models.Model):
    """Due contacts are marked done, each with all others that the same contact answers."""

    _inherit = "grading.care"

    @guarded
    def action_done(self):
        """Ask for a word about the contacts, then mark them done.

        :raise AccessError: see :meth:`_check_done`
        """
        self._check_done()
        return {
            "type": "ir.actions.act_window",
            "res_model": "grading.care.done",
            "views": [(False, "form")],
            "target": "new",
            "name": self.env._("Mark as Done"),
            "context": {"default_care_ids": self.ids},
        }

    def _check_done(self):
        """Refuse to mark done what is not the user's.

        :raise AccessError: the user may not see the customer or lead, or another user is responsible for the contact
            and this one may not edit the customer or lead
        """
        self.check_access("read")
        for care in self:
            care._subject().check_access("read" if care.user_id == self.env.user else "write")

    def _answered_together(self, channel=None):
        """For each of these contacts all that are due and that the same contact answers, the leading one first.

        :param str channel: by which the contact was made, if not by the one that leads
        :rtype: list[grading.care]
        """
        cares, found = self.sudo(), []
        for company, own in cares.grouped("company_id").items():
            due = Domain("next_date", "<=", self.env.user._grading_today(company))
            due &= Domain("profile_id", "in", own.profile_id.ids) & Domain("user_id", "in", [False, *own.user_id.ids])
            due &= Domain("company_id", "=", company.id)
            found += [group for group in (own | own.search(due)).with_company(company)._together() if group & own]
        if channel:
            found = [group.filtered(lambda care: channel in care._answered_channels()) for group in found]
        return [group for group in found if group]

    def _answered_channels(self):
        """The channels of which a contact answers this one, see :meth:`grading.cadence._answered_by`.

        :rtype: tuple[str]
        """
        self.ensure_one()
        return self.env["grading.cadence"].with_company(self.company_id)._answered_by(self.channel)

    def _make_contacts(self, feedback=False, channel=None):
        """Mark these contacts done, with all that the same contact answers; the next dates count from today. One that
        has no activity yet gets one, in the name of the user.

        :param str feedback: what came of it, for the message on the customer or lead
        :param str channel: by which the contacts were made, if not by the one that leads
        :return: the activities that are done, the messages, and the activities that follow by their types
        :rtype: tuple[mail.activity, mail.message, mail.activity]
        """
        activities = self.env(su=True, context=clean_context(self.env.context))["mail.activity"]
        for cares in self._answered_together(channel):
            activities += cares._activity_of_contact(self.env.user)
        messages, following = activities._action_done(feedback=feedback)
        return activities, messages, following

    def _activity_of_contact(self, user):
        """The activity that answers all of these contacts: the one of the leading contact, or a new one of ``user``,
        who has made the contact today.

        :rtype: mail.activity
        """
        planned = self[0].activity_id
        if planned.grading_care_id not in self:
            return self._create_activities({user.id: user._grading_today(self.env.company)}, user)
        self._answer_by(planned)
        return planned

    @api.model
    def _done_message(self, cares, customers):
        """What a user reads when contacts were marked done.

        :param grading.care cares: the next contacts of the same customers and leads
        :param list customers: their names
        """
        if len(customers) != 1:
            return self.env._("Contacts done: %s", len(customers))
        today = self.env.user._grading_today(self.env.company)
        dated = cares.filtered("next_date").sorted(lambda care: (care.next_date, care.id))
        if due := dated.filtered(lambda care: care.next_date <= today and care.user_id == self.env.user)[:1]:
            return self.env._(
                "Contact with %(customer)s done. Still due: %(channel)s, since %(day)s",
                customer=customers[0],
                channel=dict(self._fields["channel"]._description_selection(self.env))[due.channel],
                day=format_date(self.env, due.next_date),
            )
        day = min((care.next_date for care in dated if care.next_date > today), default=None)
        if not day:
            return self.env._("Contact with %s done. No further contact is planned.", customers[0])
        return self.env._(
            "Contact with %(customer)s done. Next contact: %(day)s",
            customer=customers[0],
            day=format_date(self.env, day),
        )

import logging

from odoo import models

from .grading_run import COLLISIONS

_logger = logging.getLogger(__name__)


class GradingGreeting(models.Model):
    """Greetings by e-mail or SMS: only to who has agreed to it, and is on no blacklist.

    Messages are put into Odoo's own queues, which leave when the transaction is committed: none of a job that fails.
    """

    _inherit = "grading.greeting"

    def _send(self):
        """Send the message of the occasion to those who may get it; note at the others what stands in the way.

        :return: the greetings that were sent
        """
        occasion = self.occasion_id
        if occasion.send_by == "activity":
            return self.browse()
        grades = occasion.message_grade_ids
        meant = self.filtered(lambda greeting: not grades or greeting.grade_id in grades)
        for greeting in meant:
            greeting.obstacle = greeting._find_obstacle(occasion.send_by)
        sendable = meant.filtered(lambda greeting: not greeting.obstacle)
        salespeople = sendable.partner_id._grading_salespeople(self.env.company)
        for greeting in sendable:
            greeting.user_id = salespeople[greeting.partner_id]
        sent = sendable._send_isolated()
        sent.state = occasion.send_by
        return sent

    def _find_obstacle(self, send_by):
        """What keeps the contact from being greeted by e-mail or SMS; False when nothing does."""
        partner = self.partner_id
        if send_by == "sms":
            if "sms.sms" not in self.env:
                return "module"
            address, is_blacklisted = partner.phone_sanitized, partner.phone_sanitized_blacklisted
        else:
            address, is_blacklisted = partner.email_normalized, partner.is_blacklisted
        if not partner.grading_greeting_consent:
            return "consent"
        if not address:
            return "address"
        return is_blacklisted and "blacklist"

    def _send_isolated(self):
        """Send to all at once; where that fails to each alone, so that one does not keep it from the others.

        :return: the greetings that were sent; the others know their error
        """
        if not self or not self._try_to_send():
            return self
        failed = self.browse()
        for greeting in self:
            if error := greeting._try_to_send():
                greeting.write({"obstacle": "error", "error": error})
                failed |= greeting
        return self - failed

    def _try_to_send(self):
        """Put the messages into the queue.

        :return: what it failed with, and then it has left no trace
        :rtype: str or None
        """
        try:
            with self.env.cr.savepoint():
                groups = self.grouped(lambda greeting: (greeting.partner_id.lang, greeting.user_id))
                for (lang, _user), greetings in groups.items():
                    greetings.with_context(lang=lang or self.env.lang)._queue_messages()
        except COLLISIONS:
            raise  # with somebody's save: the job is tried again as a whole
        except Exception as error:
            _logger.warning("Greetings %s could not be sent", self.ids, exc_info=True)
            return str(error).strip() or repr(error)
        return None

    def _queue_messages(self):
        """Queue the messages to contacts of one salesperson and one language, which the context names."""
        occasion, partners, salesperson = self.occasion_id, self.partner_id, self.user_id
        if occasion.send_by == "sms":
            messages = {
                partner: partner._message_sms(occasion._sms_body(partner, salesperson), put_in_queue=True)
                for partner in partners
            }
        else:
            template = occasion.template_id.with_context(
                grading_company=self.env.company, grading_salesperson=salesperson
            )
            # No contact that anybody had with the customer, whoever's name it bears: see SYSTEM_MESSAGES.
            author = salesperson.partner_id or self.env.company.partner_id
            mails = template.send_mail_batch(
                partners.ids, email_values={"author_id": author.id, "message_type": "auto_comment"}
            )
            messages = {self.env["res.partner"].browse(mail.res_id): mail.mail_message_id for mail in mails}
        for greeting in self:
            greeting.message_id = messages[greeting.partner_id]

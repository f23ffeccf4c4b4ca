from odoo import api, models
from odoo.tools import SQL

from .grading_contact_source import FAILED_STATES

# A mail in these states has not left.
FAILED_MAILS = ("exception", "cancel")


class GradingContactSource(models.AbstractModel):
    _inherit = "grading.contact.source"

    @api.model
    def _has_arrived(self):
        """Whether ``message`` has reached anybody outside, as far as we know. Few messages fail, so that one looks for
        a failure first."""
        return SQL(
            """
            CASE WHEN %s OR EXISTS (
                    SELECT FROM mail_notification AS failed
                     WHERE failed.mail_message_id = message.id AND failed.notification_status = ANY(%s)
                 ) THEN %s ELSE TRUE END
            """,
            self._has_failed_mail(),
            list(FAILED_STATES),
            self._reached_anybody(),
        )

    @api.model
    def _mail_has_left(self):
        """The same where the failures of those who were notified are known already."""
        return SQL("CASE WHEN %s THEN %s ELSE TRUE END", self._has_failed_mail(), self._reached_anybody())

    @api.model
    def _has_failed_mail(self):
        return SQL(
            "EXISTS (SELECT FROM mail_mail AS failed WHERE failed.mail_message_id = message.id"
            " AND failed.state = ANY(%s))",
            list(FAILED_MAILS),
        )

    @api.model
    def _reached_anybody(self):
        """Those outside who were notified of ``message`` say so; where nobody was, the mails that were made of it."""
        return SQL(
            """
            COALESCE(
                (SELECT BOOL_OR(notice.notification_status <> ALL(%s))
                   FROM mail_notification AS notice LEFT JOIN res_partner AS person ON person.id = notice.res_partner_id
                  WHERE notice.mail_message_id = message.id AND person.partner_share IS NOT FALSE),
                (SELECT BOOL_OR(mail.state <> ALL(%s)) FROM mail_mail AS mail WHERE mail.mail_message_id = message.id),
                TRUE
            )
            """,
            list(FAILED_STATES),
            list(FAILED_MAILS),
        )

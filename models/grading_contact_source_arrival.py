from odoo import api, models
from odoo.tools import SQL

from .grading_contact_source import FAILED_STATES

# A mail in these states has not left.
FAILED_MAILS = ("exception", "cancel")


class GradingContactSource(models.AbstractModel):
    _inherit = "grading.contact.source"

    @api.model
    def _has_arrived(self):
        """Whether ``message`` has reached anybody outside, as far as we know.

        Those who were notified say so, and where nobody was, the mails that were made of it. Few messages fail, so
        that one looks for a failure first.
        """
        return SQL(
            """
            CASE WHEN EXISTS (
                    SELECT FROM mail_notification AS failed
                     WHERE failed.mail_message_id = message.id AND failed.notification_status = ANY(%(failed)s)
                 ) OR EXISTS (
                    SELECT FROM mail_mail AS failed
                     WHERE failed.mail_message_id = message.id AND failed.state = ANY(%(failed_mails)s)
                 )
                 THEN COALESCE(
                    (SELECT BOOL_OR(notice.notification_status <> ALL(%(failed)s))
                       FROM mail_notification AS notice
                  LEFT JOIN res_partner AS person ON person.id = notice.res_partner_id
                      WHERE notice.mail_message_id = message.id AND person.partner_share IS NOT FALSE),
                    (SELECT BOOL_OR(mail.state <> ALL(%(failed_mails)s))
                       FROM mail_mail AS mail WHERE mail.mail_message_id = message.id),
                    TRUE
                 )
                 ELSE TRUE END
            """,
            failed=list(FAILED_STATES),
            failed_mails=list(FAILED_MAILS),
        )

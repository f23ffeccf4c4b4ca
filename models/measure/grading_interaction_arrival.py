from odoo import api, models
from odoo.tools import SQL

from .grading_interaction import AS_IT_IS, FAILED_STATES, HAS_ARRIVED, MESSAGE

# E-mails in these states have not left.
FAILED_MAILS = ("exception", "cancel")


class GradingContactSource(models.AbstractModel):
    """Messages as contacts: whether they have left, and whether they have arrived."""

    _inherit = "grading.contact.source"

    @api.model
    def _arrived(self, messages):
        """Those of ``messages`` that have come as far as is ``needed``; on the lead, if they have come as far as that
        needs (``lead_needed``).

        What is ``lost`` tells of a message that failed and reached no person outside: 2 that it has not left, 1 that
        it has left but not arrived, so that with what is needed it comes to more than 2. It is found out once for a
        message in whatever ways it concerns a customer (OFFSET 0). Few messages fail, so a failure is looked for first.
        """
        failed = SQL(
            """
            SELECT message.*,
                   CASE WHEN GREATEST(message.needed, message.lead_needed) = %(as_it_is)s THEN 0
                        WHEN EXISTS (
                            SELECT FROM mail_mail AS failed
                             WHERE failed.mail_message_id = message.id AND failed.state = ANY(%(mails)s)
                        ) THEN 2
                        WHEN GREATEST(message.needed, message.lead_needed) = %(has_arrived)s AND EXISTS (
                            SELECT FROM mail_notification AS failed
                             WHERE failed.mail_message_id = message.id AND failed.notification_status = ANY(%(states)s)
                        ) THEN 1
                        ELSE 0 END AS failed
              FROM (%(messages)s) AS message
            """,
            as_it_is=AS_IT_IS,
            has_arrived=HAS_ARRIVED,
            mails=list(FAILED_MAILS),
            states=list(FAILED_STATES),
            messages=messages,
        )
        return SQL(
            """
            SELECT %(message)s, message.partner_id,
                   CASE WHEN message.lead_needed + message.lost <= %(most)s THEN message.lead_id END AS lead_id
              FROM (
                SELECT message.*,
                       CASE WHEN message.failed > 0 AND NOT %(reached)s THEN message.failed ELSE 0 END AS lost
                  FROM (%(failed)s OFFSET 0) AS message OFFSET 0
              ) AS message
             WHERE message.needed + message.lost <= %(most)s
            """,
            message=MESSAGE,
            most=HAS_ARRIVED,
            reached=self._reached_a_recipient(),
            failed=failed,
        )

    @api.model
    def _reached_a_recipient(self):
        """The notifications of people outside say so; where there are none, the e-mails made of ``message`` do."""
        return SQL(
            """
            COALESCE(
                (SELECT BOOL_OR(notice.notification_status <> ALL(%s))
                   FROM mail_notification AS notice
                  WHERE notice.mail_message_id = message.id
                    AND (SELECT person.partner_share FROM res_partner AS person WHERE person.id = notice.res_partner_id)
                        IS NOT FALSE),
                (SELECT BOOL_OR(mail.state <> ALL(%s)) FROM mail_mail AS mail WHERE mail.mail_message_id = message.id),
                TRUE
            )
            """,
            list(FAILED_STATES),
            list(FAILED_MAILS),
        )

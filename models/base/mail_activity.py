from odoo import api, models


class MailActivity(models.Model):
    """An activity that a job of ours plans for a user."""

    _inherit = "mail.activity"

    @api.model
    def _grading_prepare(self, readers, describe):
        """Values of one activity for each record, written in the language of the user it is assigned to.

        The records are rows of ours about a customer or lead, which their ``_subject()`` returns.

        :param dict readers: the user of each record, in the order of the activities
        :param describe: called once for each language, with the records in that language as their context; returns the
            values of each that are its own: ``{record: {"summary": …, "note": …, "date_deadline": …}}``
        :rtype: list[dict]
        """
        model_id, described, by_language = self.env["ir.model"]._get_id, {}, {}
        for record, reader in readers.items():
            by_language.setdefault(reader.lang or self.env.lang, []).append(record)
        for lang, records in by_language.items():
            described |= describe(records[0].union(*records[1:]).with_context(lang=lang))
        values = []
        for record, reader in readers.items():
            subject = record._subject()
            values.append(
                {
                    "res_model_id": model_id(subject._name),
                    "res_model": subject._name,
                    "res_id": subject.id,
                    "user_id": reader.id,
                    "automated": True,
                    **described[record],
                }
            )
        return values

    @api.model
    def _grading_create_quietly(self, values):
        """Create activities in bulk; no e-mail goes out for each, users find them where all their activities are.

        Odoo reads the name of each document by itself: what they need for it is read at once before.

        :param list values:
        :rtype: mail.activity
        """
        activities = self.with_context(mail_activity_quick_update=True).create(values)
        for model, about in activities.grouped("res_model").items():
            self.env[model].sudo().browse(about.mapped("res_id")).mapped("display_name")
        activities.mapped("res_name")
        return activities

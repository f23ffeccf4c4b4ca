import re

from markupsafe import Markup, escape

from odoo import api, models
from odoo.exceptions import ValidationError

# Anything in braces is meant as a placeholder: a misspelt one is refused rather than sent to a customer.
PLACEHOLDER = re.compile(r"\{(.*?)\}")


class GradingTextMixin(models.AbstractModel):
    """Texts with placeholders: ``Call {name}: last order {last_order}``. Nothing in the braces is evaluated.

    A model that inherits says which of its fields are such texts, and what can stand in the braces.
    """

    _name = "grading.text.mixin"
    _description = "Texts with Placeholders"

    @api.model
    def _grading_text_fields(self):
        """Names of the fields, texts or HTML, in which placeholders are filled in.

        :rtype: list[str]
        """
        raise NotImplementedError

    @api.model
    def _grading_placeholders(self):
        """What can stand in the braces.

        :rtype: tuple[str]
        """
        raise NotImplementedError

    @api.constrains(lambda self: self._grading_text_fields())
    def _check_placeholders(self):
        known = self._grading_placeholders()
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        for record in self:
            texts = [
                record.with_context(lang=code)[name] or "" for code in languages for name in self._grading_text_fields()
            ]
            if unknown := set(PLACEHOLDER.findall("\n".join(texts))) - set(known):
                raise ValidationError(
                    self.env._(
                        "Unknown placeholder %(unknown)s in “%(record)s”. Use only %(known)s.",
                        unknown=", ".join(f"{{{name}}}" for name in sorted(unknown)),
                        record=record.display_name,
                        known=", ".join(f"{{{name}}}" for name in known),
                    )
                )

    @api.model
    def _fill_in(self, text, values):
        """``text`` with ``values`` in place of its placeholders, all in one pass: braces in a name are no placeholder.

        Unknown ones, which only a translation can have brought in unchecked, stay as they are.

        :param str text: plain, or HTML in which the values are escaped
        :param dict values: a plain text for each placeholder
        :rtype: str or markupsafe.Markup
        """
        if isinstance(text, Markup):
            return Markup(PLACEHOLDER.sub(lambda match: str(escape(values.get(match[1], match[0]))), str(text)))
        return PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text or "")


class MailActivity(models.Model):
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

        :param list values:
        :rtype: mail.activity
        """
        return self.with_context(mail_activity_quick_update=True).create(values)

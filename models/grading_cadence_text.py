import re

from markupsafe import Markup, escape

from odoo import api, models
from odoo.exceptions import ValidationError

PLACEHOLDER = re.compile(r"\{(\w+)\}")
# What can stand in braces in the summary and note of a cadence. Nothing in there is evaluated.
PLACEHOLDERS = ("name", "grade", "last_order", "open_offers", "topics")


class GradingCadence(models.Model):
    """The words of an activity: ``Call {name}: last order {last_order}`` names whom and what it is about."""

    _inherit = "grading.cadence"

    @api.constrains("summary", "note")
    def _check_placeholders(self):
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        for cadence in self:
            texts = [
                text or ""
                for translated in map(cadence._in_language, languages)
                for text in (translated.summary, translated.note)
            ]
            unknown = set(PLACEHOLDER.findall(" ".join(texts))) - set(PLACEHOLDERS)
            if unknown:
                raise ValidationError(
                    self.env._(
                        "The cadence “%(cadence)s” names %(unknown)s, which nobody can fill in: use one of %(known)s.",
                        cadence=cadence.name,
                        unknown=", ".join(f"{{{name}}}" for name in sorted(unknown)),
                        known=", ".join(f"{{{name}}}" for name in PLACEHOLDERS),
                    )
                )

    def _in_language(self, code):
        return self.with_context(lang=code)

    def _fill_in(self, words):
        """The summary and the note with ``words`` in place of the placeholders. Others, which only a translation can
        have smuggled in, stay as they are.

        :param dict words: a text for each of :data:`PLACEHOLDERS`
        :return: a plain text, and one in HTML in which the words are escaped
        :rtype: tuple[str, markupsafe.Markup]
        """
        self.ensure_one()
        summary = PLACEHOLDER.sub(lambda match: words.get(match[1], match[0]), self.summary or self.name)
        note = PLACEHOLDER.sub(lambda match: str(escape(words.get(match[1], match[0]))), self.note or "")
        return summary, Markup(note)

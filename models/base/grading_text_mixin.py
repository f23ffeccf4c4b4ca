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

import json

from odoo import models
from odoo.tools import SQL


class GradingContentMixin(models.AbstractModel):
    """A record that is kept, compared and carried about as plain values."""

    _name = "grading.content.mixin"
    _description = "Plain Values of a Rule"

    def _plain(self, names):
        """The values of fields without relations, as JSON has them."""
        return {name: None if self[name] is False else self[name] for name in names}

    def _options(self, names):
        """The same of those that are not as by default."""
        defaults = self.default_get(names)
        return {name: value for name, value in self._plain(names).items() if value != (defaults.get(name) or None)}

    def _texts(self, names):
        """Translated texts as they are stored: ``{id: {field: {language: text}}}``."""
        self.flush_recordset(list(names))
        rows = self.env.execute_query(
            SQL(
                "SELECT id, %s FROM %s WHERE id = ANY(%s)",
                SQL(", ").join(map(SQL.identifier, names)),
                SQL.identifier(self._table),
                self.ids,
            )
        )
        return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}

    def _write_texts(self, texts):
        """Store translated texts as they are; those in languages that are not installed are left out.

        Odoo's own ways write one language after the other, and compare the terms of HTML, which could drop some.

        :param dict texts: ``{field: {language: text}}``
        """
        self.ensure_one()
        self.check_access("write")
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        columns = {}
        for name, translations in texts.items():
            kept = {lang: text for lang, text in (translations or {}).items() if lang in installed}
            if kept:
                kept.setdefault("en_US", source_text(translations))
            columns[name] = json.dumps(kept) if kept else None
        self.flush_recordset()
        self.env.execute_query(
            SQL(
                "UPDATE %s SET %s WHERE id = %s RETURNING id",
                SQL.identifier(self._table),
                SQL(", ").join(SQL("%s = %s::jsonb", SQL.identifier(name), text) for name, text in columns.items()),
                self.id,
            )
        )
        self.invalidate_recordset(list(texts))


def source_text(translations):
    """The text that stands where there is no translation."""
    return translations.get("en_US") or next(iter(translations.values()))

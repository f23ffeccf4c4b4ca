import json
import math
from base64 import b64decode
from functools import partial

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .guarded import INT_LIMIT, is_id

# The longest name, and the longest filter: a list of some ten thousand ids.
CHAR_LIMIT, FILTER_LIMIT = 1000, 100_000
# Ages and intervals are computed from dates, and leave the calendar near its ends.
YEARS = (1800, 2999)
TEXT_TYPES = ("char", "text", "html")


class GradingInputMixin(models.AbstractModel):
    """A record that people fill in: what Odoo or PostgreSQL could not store is refused by a sentence, not an error.

    The ORM converts values on its way to the database, and what it cannot convert raises whatever Python or PostgreSQL
    raise. Checked are this module's fields alone, so contacts, leads, teams and companies inherit it, too.
    """

    _name = "grading.input.mixin"
    _description = "Checked Input"

    # Names of the fields that are the server's to write, although users may write the record.
    _server_fields = ()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_input(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_input(vals)
        return super().write(vals)

    def update_field_translations(self, field_name, translations, source_lang=""):
        for text in translations.values() if isinstance(translations, dict) else ():
            # Of HTML each term is translated alone: {language: {term: translation}}.
            for part in text.values() if isinstance(text, dict) else (text,):
                self._check_input({field_name: part})
        return super().update_field_translations(field_name, translations, source_lang=source_lang)

    @api.model
    def _search_display_name(self, operator, value):
        """No record has a number for its name that is too great; Odoo's search leaves out what is no number."""
        try:
            return super()._search_display_name(operator, value)
        except OverflowError:
            return Domain(operator in Domain.NEGATIVE_OPERATORS)

    def _check_input(self, vals):
        """Check values that are about to be written.

        :raise ValidationError: names the record, the field and the remedy
        """
        for name, value in vals.items():
            field = self._fields.get(name)
            if field is None or "customer_grading" not in field._modules:
                continue
            if problem := self._value_problem(field, value):
                raise ValidationError(
                    self.env._(
                        "“%(field)s” of “%(record)s” cannot be saved: %(problem)s.",
                        field=field._description_string(self.env),
                        record=self._input_name(vals),
                        problem=problem,
                    )
                )

    def _value_problem(self, field, value):
        """What is wrong with a value, or with no value, of the ``field``; None when nothing is."""
        if field.name in self._server_fields and not self.env.su:
            return self.env._("it is filled in by Customer Grading, leave it out")
        is_empty = value is None or value is False or value == ""
        return (self._emptied_problem if is_empty else self._input_problem)(field, value)

    def _input_name(self, vals):
        name = self[:1].display_name if self else vals.get(self._rec_name)
        text = name if name and isinstance(name, str) else self.env["ir.model"]._get(self._name).name
        return text[:80].replace("\x00", "")

    @api.model
    def _emptied_problem(self, field, value):
        """The same of no value: a number or a box that is not ticked may be required, and is never missing."""
        if field.required and field.type not in ("boolean", "integer", "float", "monetary"):
            return self.env._("it is required, fill it in")
        return self.env._("choose records") if value == "" and field.type.endswith("2many") else None

    @api.model
    def _input_problem(self, field, value):
        """What is wrong with a value of the ``field``, as a remedy; None when nothing is.

        :rtype: str | None
        """
        if field.type in TEXT_TYPES:
            return self._text_problem(field, value)
        if field.type == "integer":
            return self._integer_problem(value)
        if field.type in ("float", "monetary"):
            # Digits are rounded by a power of ten, beyond which the greatest numbers leave the range of a double.
            rounds = field.type == "float" and field.get_digits(self.env)
            number = _converted(lambda value: field.convert_to_cache(value, self) if rounds else float(value), value)
            return None if number is not None and math.isfinite(number) else self.env._("enter a number")
        if field.type in ("date", "datetime"):
            return self._date_problem(field, value)
        if field.type == "json":
            return self._json_problem(field, value)
        if field.type == "binary":
            is_file = (
                isinstance(value, (str, bytes)) and _converted(partial(b64decode, validate=True), value) is not None
            )
            return None if is_file else self.env._("choose a file")
        if field.type == "selection":
            known = isinstance(value, str) and value in field.get_values(self.env)
            return None if known else self.env._("choose one of the values that are offered")
        if field.type == "many2one":
            return None if _is_record(value) else self.env._("choose a record")
        if field.relational:
            names = self.env[field.comodel_name]._fields
            return None if _is_commands(value, names) else self.env._("choose records")
        return None

    @api.model
    def _text_problem(self, field, value):
        if isinstance(value, (list, tuple, dict, set)):
            return self.env._("enter a text")
        text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
        if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
            return self.env._("the text has a character that cannot be stored, remove it")
        limit = FILTER_LIMIT if field.name == "domain" else CHAR_LIMIT
        if field.type == "char" and len(text) > limit:
            return self.env._("the text is longer than %s characters, shorten it", limit)
        return None

    @api.model
    def _json_problem(self, field, value):
        text = _converted(partial(json.dumps, allow_nan=False, ensure_ascii=False), value)
        if text is None:
            return self.env._("enter a number")
        return self._text_problem(field, text.replace("\\u0000", "\x00"))

    @api.model
    def _integer_problem(self, value):
        number = _converted(int, value)
        if number is None:
            return self.env._("enter a whole number")
        if abs(number) > INT_LIMIT:
            return self.env._("the number is greater than %s, enter a smaller one", INT_LIMIT)
        return None

    @api.model
    def _date_problem(self, field, value):
        day = _converted(lambda value: field.convert_to_cache(value, self), value)
        first, last = YEARS
        if day is None or not first <= day.year <= last:
            return self.env._("enter a date between the years %(first)s and %(last)s", first=first, last=last)
        return None


def _converted(convert, value):
    try:
        return convert(value)
    except (ValueError, TypeError, ArithmeticError, AttributeError):
        return None


def _is_record(value):
    """Whether a many2one takes it: an id, a record, or a pair of id and name."""
    if isinstance(value, models.BaseModel):
        return len(value) <= 1
    return is_id(value[0] if isinstance(value, tuple) and value else value)


def _is_commands(value, names):
    """Whether an x2many takes it: records, or a list of ids and commands.

    :param names: of the fields that its records have
    """
    return isinstance(value, models.BaseModel) or (
        isinstance(value, (list, tuple)) and all(is_id(item) or _is_command(item, names) for item in value)
    )


def _is_command(item, names):
    if not isinstance(item, (list, tuple)) or not 1 <= len(item) <= 3 or not isinstance(item[0], int):
        return False
    code, key, values = (*item, None, None)[:3]
    if code in (0, 1):
        return isinstance(values, dict) and values.keys() <= names.keys() and (code == 0 or is_id(key))
    if code in (2, 3, 4):
        return is_id(key)
    return code == 5 or code == 6 and isinstance(values, (list, tuple)) and all(map(is_id, values))

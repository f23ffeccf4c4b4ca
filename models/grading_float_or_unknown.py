from odoo import fields


class FloatOrUnknown(fields.Float):
    """A number that may be unknown, which is not 0: a customer whom nobody has asked is not an unhappy one.

    Empty is ``NULL`` in the database and ``False`` in Python and in the browser; 0 stays 0. Filters and averages leave
    the unknown out: ``("satisfaction", "<", 5)`` finds who said so, ``("satisfaction", "=", False)`` who said nothing.
    An ordinary float reads both as 0.
    """

    falsy_value = None

    def convert_to_column(self, value, record, values=None, validate=True):
        return None if _is_unknown(value) else super().convert_to_column(value, record, values, validate)

    def convert_to_cache(self, value, record, validate=True):
        return None if _is_unknown(value) else super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        return False if value is None else value

    def convert_to_export(self, value, record):
        return "" if _is_unknown(value) else value


def _is_unknown(value):
    return value is None or value is False or value == ""

import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..base.fields import INTERNAL

# The value of Google Analytics' cookie: version, depth of the domain, and then the client id.
COOKIE = re.compile(r"GA\d+\.\d+(?:-\d+)?\.(\d+\.\d+)")


def web_key(value):
    """The key alone, without what Google Analytics' cookie has in front of it: ``GA1.2.123.456`` is ``123.456``."""
    text = str(value).strip() if value else ""
    match = COOKIE.fullmatch(text)
    return match[1] if match else text or False


class WebKey(fields.Char):
    """A key that is kept, compared and found without its cookie's prefix, however it is written."""

    def convert_to_cache(self, value, record, validate=True):
        return super().convert_to_cache(web_key(value), record, validate)


class GradingWebKeyMixin(models.AbstractModel):
    """A contact or lead that may be known by the key of a browser, such as Google Analytics' client id.

    Where a file is imported, a row with a key and without an id finds the record that has the key, and updates it. A
    key is no constraint: two contacts may share a browser, and for a moment of their merging two have the same key. A
    row whose key several records have is refused, as it is not known which is meant.
    """

    _name = "grading.web.key.mixin"
    _description = "Known by a Web Key"

    grading_web_key = WebKey(
        string="Web Key",
        index="btree_not_null",
        copy=False,
        groups=INTERNAL,
        help="By which a website knows the visitor, such as the client id of Google Analytics (123456789.1234567890). "
        "An imported row with this key and without an id updates this record.",
    )

    @api.model
    def _grading_web_key_domain(self):
        """Which records can be found by their key."""
        return Domain("active", "=", True)

    @api.model
    def _grading_by_web_key(self, keys):
        """The records that the user sees of these keys, normalized ones.

        :rtype: dict[str, odoo.models.BaseModel]
        """
        field = self._fields["grading_web_key"]
        keys = [key for key in keys if not self._text_problem(field, key)]  # no record has what cannot be stored
        domain = Domain("grading_web_key", "in", keys) & self._grading_web_key_domain()
        return self.search(domain).grouped("grading_web_key") if keys else {}

    def _load_records(self, data_list, update=False):
        """Update what is there already, and what a former row of the same file has just made.

        The rows stay as they are: where one of them fails, all are given here again, one by one.
        """
        keyed = {} if update or not self.env.context.get("_import_current_module") else self._rows_by_web_key(data_list)
        if not keyed:
            return super()._load_records(data_list, update)
        known = {key: self._grading_only_one(key, found).id for key, found in self._grading_by_web_key(keyed).items()}
        rows, again = [], []
        key_of = {id(data): key for key, same in keyed.items() for data in same}
        first = {}
        for data in data_list:
            key = key_of.get(id(data))
            row = {**data, "values": {**data["values"], **({"id": known[key]} if key in known else {})}}
            rows.append(row)
            if key and key not in known and first.setdefault(key, row) is not row:
                again.append((row, first[key]))
        later = {id(row) for row, _first in again}
        super()._load_records([row for row in rows if id(row) not in later], update)
        for row, made in again:
            row["values"]["id"] = made["record"].id
        if again:
            super()._load_records([row for row, _first in again], update)
        return self.browse().concat(*(row["record"] for row in rows))

    @api.model
    def _grading_only_one(self, key, found):
        """
        :raise ValidationError: the key does not say which record is meant
        """
        if len(found) > 1:
            raise ValidationError(
                self.env._(
                    "Several records have the web key %(key)s: %(records)s. Add the column External ID or ID.",
                    key=key,
                    records=", ".join(found.mapped("display_name")),
                )
            )
        return found

    @api.model
    def _rows_by_web_key(self, data_list):
        """The rows of a file that say by nothing but a key which record they are about.

        :rtype: dict[str, list[dict]]
        """
        keyed = {}
        for data in data_list:
            values = data["values"]
            key = web_key(values.get("grading_web_key"))
            if key and not data.get("xml_id") and not values.get("id"):
                keyed.setdefault(key, []).append(data)
        return keyed

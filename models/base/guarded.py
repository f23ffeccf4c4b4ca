from functools import wraps

from odoo.api import NewId
from odoo.exceptions import MissingError, UserError

INT_LIMIT = 2**31 - 1
# The keys of rows that a query works out: beyond 2^53 a browser can no longer tell two numbers apart.
LARGEST_KEY = 2**53 - 1


def guarded(method=None, *, one=False, gone=False):
    """A public method that answers every call from outside with a sentence.

    The records must exist and be visible to the user; a window is opened only on a model that the user may read, so a
    wizard is refused before it is filled in::

        @guarded(one=True)
        def action_open(self): ...

    :param bool one: the action is about exactly one record
    :param bool gone: the action says itself what became of records that are gone, and checks the access to the others
    :raise AccessError: the user may not read the records, or those of the window
    :raise MissingError: the ids are none, or the model has no records
    :raise UserError: there is not exactly one record
    """
    if method is None:
        return lambda method: guarded(method, one=one, gone=gone)

    @wraps(method)
    def action(self, *args, **kwargs):
        largest = INT_LIMIT if self._auto else LARGEST_KEY
        if self._abstract and self._ids or not all(is_id(record_id, largest) for record_id in self._ids):
            raise MissingError(self.env._("This record does not exist. Reload the page and try again."))
        (self.browse() if gone else self).check_access("read")
        if one and len(self) != 1:
            raise UserError(self.env._("Choose one record for this action."))
        answer = method(self, *args, **kwargs)
        opened = answer.get("res_model") if isinstance(answer, dict) else None
        if opened in self.env:
            self.env[opened].check_access("read")
        return answer

    return action


def is_id(value, largest=INT_LIMIT):
    """Whether ``value`` may be the id of a record, saved or not."""
    return isinstance(value, NewId) or type(value) is int and 0 < value <= largest

from datetime import date, datetime
from enum import Enum


class ByServer(Enum):
    """The value of a context key that this module sets for itself: no client can send it, so nothing that a client puts
    under such a key counts.

    ``with_context(grading_hand_over=ByServer.YES)``
    """

    YES = "yes"


def is_by_server(env, key):
    """Whether the module has set the context's ``key``."""
    return env.context.get(key) is ByServer.YES


def day_of_run(env):
    """The day that a run's filters are compiled for, None where there is no run.

    JSON has no dates and XML-RPC only times, so a client cannot set it. It must not be a dependency of a computed
    field, either: whatever cannot be hashed would fail as a key of the cache.

    :rtype: datetime.date | None
    """
    day = env.context.get("grading_as_of")
    return day if isinstance(day, date) and not isinstance(day, datetime) else None


def without_client_keys(records):
    """``records`` in a context in which nothing that a client sends decides what a run does: neither whether archived
    rules count nor the default of a field.

    :rtype: odoo.models.BaseModel
    """
    context = {
        key: value
        for key, value in records.env.context.items()
        if key != "active_test" and not key.startswith(("default_", "grading_"))
    }
    return records.with_env(records.env(context=context))

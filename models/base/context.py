from datetime import date, datetime
from enum import Enum
from typing import NamedTuple


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


def day_read(env, company=None):
    """The day as of which what is known of a company's customers is read: the one of a run, else today where the
    company works.

    :param res.company company: the environment's unless given
    :rtype: datetime.date
    """
    return day_of_run(env) or (company or env.company)._grading_today()


def opened_in(action, company):
    """The window in the company of the row that opens it: what is shown of a customer depends on it, and with several
    companies ticked a row may be of another one than the first. The form in the browser reads the key.

    :param dict action: an ``ir.actions.act_window``
    :param res.company company: of the row
    :rtype: dict
    """
    if not company or company == company.env.company:
        return action
    return {**action, "context": {**action.get("context", {}), "grading_company_id": company.id}}


class Yardstick:
    """What customers are compared with in a judging that is not for the profiles: the cut points, the purchase model
    and the forecast of its day, worked out for it, kept in memory, and gone with it.

    The profiles have theirs in ``grading.ruler``, ``grading.purchase.model`` and ``grading.forecast``, where one
    judging finds them that was left by another. With a yardstick in the context (:func:`yardstick_of`) none of them is
    read or written, and leads are read as they were judged along.
    """

    def __init__(self):
        self.cut_points = {}  # {(field of grading.ruler, id or name): marks}
        self.purchase_values = None  # values of a row of grading.purchase.model
        self.forecast_values = None  # values of a row of grading.forecast


def yardstick_of(env):
    """The yardstick of the judging that is going on, None where profiles are judged or read. No client can send one.

    :rtype: Yardstick | None
    """
    yardstick = env.context.get("grading_yardstick")
    return yardstick if isinstance(yardstick, Yardstick) else None


class Ranking(NamedTuple):
    """The run that measures cut points, and whether it may keep those that are there."""

    run_id: int | bool = False
    keeps: bool = False


def ranking_of(env):
    """What is known of the run that is going on; where none is, of no run. No client can send one.

    :rtype: Ranking
    """
    ranking = env.context.get("grading_ranking")
    return ranking if isinstance(ranking, Ranking) else Ranking()


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

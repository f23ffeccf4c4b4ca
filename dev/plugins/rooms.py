"""A plugin of pylint: pylint-odoo's consider-merging-classes-inherited, but for the models that each room extends.

A model that several rooms add to is named in `extended-by-rooms` of .pylintrc, each with its reason; any other model is
extended by one class of the module.
"""

from pylint.checkers import BaseChecker


class RoomsChecker(BaseChecker):
    """Take the named models out of what pylint-odoo has collected, and tell which names are needed no longer."""

    name = "rooms"
    priority = -1000  # closes before pylint-odoo does
    msgs = {
        "R9801": (
            "%s is extended by one class only: take it out of extended-by-rooms",
            "extended-once",
            "A name in extended-by-rooms that no exception needs any more.",
        )
    }
    options = (
        (
            "extended-by-rooms",
            {"type": "csv", "default": (), "metavar": "<models>", "help": "Models that several rooms extend."},
        ),
    )

    def close(self):
        """Forget the classes that extend the named models."""
        left = set(self.linter.config.extended_by_rooms)
        for checker in self.linter.get_checkers():
            collected = getattr(checker, "_odoo_inherit_items", {})
            for key in list(collected):
                if key[1] in self.linter.config.extended_by_rooms and len(collected[key]) > 1:
                    left.discard(key[1])
                    del collected[key]
        for model in sorted(left):
            self.add_message("extended-once", args=(model,), line=1)


def register(linter):
    """Add the checker."""
    linter.register_checker(RoomsChecker(linter))

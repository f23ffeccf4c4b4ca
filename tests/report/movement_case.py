from datetime import date

from ..common import GradingCase
from ..memory.memory_case import month_end

# The end of the last month that is remembered.
LAST = date(2025, 5, 31)


class MovementCase(GradingCase):
    """A company with a scheme, of whose customers and leads months are remembered as a test says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.scheme()
        cls.Movement = cls.env["grading.movement"]
        cls.env["grading.snapshot"].search([]).unlink()  # the demonstration's months are later than those of the tests

    @classmethod
    def remember(cls, subject, *grades, last=LAST, **vals):
        """Snapshots of a customer or lead, a month each, the last one first; None where there is none in a month.

        An empty grade is that of those who are not graded.
        """
        kind = "lead_id" if subject._name == "crm.lead" else "partner_id"
        values = {kind: subject.id, "company_id": cls.company.id, "scheme_id": cls.rules.id, "score": 0, **vals}
        return cls.env["grading.snapshot"].create(
            [
                {**values, "date": month_end(last, -months), "grade_id": grade.id}
                for months, grade in enumerate(grades)
                if grade is not None
            ]
        )

    @classmethod
    def matrix(cls, *domain, user=None, **context):
        """``{(from, to): (count, amount)}`` by the names that the screen shows, in the order in which it does."""
        movement = cls.Movement.with_context(**context)
        movement = movement.with_user(user) if user else movement
        names = [dict(movement._fields[end]._description_selection(movement.env)) for end in ("from_end", "to_end")]
        return {
            (names[0][start], names[1][end]): (count, amount or 0)
            for start, end, count, amount in movement._read_group(
                list(domain), ["from_end", "to_end"], ["__count", "amount:sum"], order="from_end, to_end"
            )
        }

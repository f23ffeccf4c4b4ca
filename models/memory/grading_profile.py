from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .grading_snapshot import month_end

MOVES = [("up", "Rose"), ("same", "Same"), ("down", "Fell")]
# How the place of today's grade compares with that of the remembered one: the smaller, the better.
COMPARISONS = {"up": SQL("<"), "same": SQL("="), "down": SQL(">")}


class GradingProfile(models.Model):
    """What is remembered of the customer or lead, and whether the grade has risen or fallen since."""

    _inherit = "grading.profile"

    snapshot_ids = fields.One2many("grading.snapshot", "profile_id", readonly=True)
    move_month = fields.Selection(
        MOVES,
        string="Grade since Last Month",
        compute="_compute_moves",
        search="_search_move_month",
        help="The grade in force, compared with the one at the end of last month.",
    )
    move_quarter = fields.Selection(
        MOVES,
        string="Grade since Last Quarter",
        compute="_compute_moves",
        search="_search_move_quarter",
        help="The grade in force, compared with the one at the end of the last quarter.",
    )
    move_year = fields.Selection(
        MOVES,
        string="Grade since Last Year",
        compute="_compute_moves",
        search="_search_move_year",
        help="The grade in force, compared with the one at the end of last year.",
    )

    @api.model
    def _moved_since(self):
        """The ends of the last month, quarter and year before today, by field.

        :rtype: dict[str, datetime.date]
        """
        last_month = month_end(self._grading_day(), -1)
        return {
            "move_month": last_month,
            "move_quarter": month_end(last_month, -(last_month.month % 3)),
            "move_year": last_month + relativedelta(years=-1 if last_month.month < 12 else 0, month=12, day=31),
        }

    @api.depends("grade_id", "snapshot_ids.grade_id", "snapshot_ids.date")
    @api.depends_context("company")
    def _compute_moves(self):
        days = self._moved_since()
        remembered = {
            (snapshot.profile_id.id, snapshot.date): snapshot.grade_id
            for snapshot in self.env["grading.snapshot"]
            .sudo()
            .search([("profile_id", "in", self._origin.ids), ("date", "in", list(days.values()))])
        }
        for profile in self:
            now = profile.grade_id
            for name, day in days.items():
                before = remembered.get((profile._origin.id, day))
                profile[name] = _move(before, now) if before and now else False

    def _search_move_month(self, operator, value):
        return self._search_move("move_month", operator, value)

    def _search_move_quarter(self, operator, value):
        return self._search_move("move_quarter", operator, value)

    def _search_move_year(self, operator, value):
        return self._search_move("move_year", operator, value)

    @api.model
    def _search_move(self, name, operator, value):
        """Those who have a grade, and had one then, have a move; ``False`` finds the others."""
        if operator != "in":
            return NotImplemented
        day = self._moved_since()[name]
        found = [self._moved_domain(day, COMPARISONS[move]) for move in value if move in COMPARISONS]
        if False in value:
            found.append(~Domain.OR(self._moved_domain(day, comparison) for comparison in COMPARISONS.values()))
        return Domain.OR(found)

    @api.model
    def _moved_domain(self, day, comparison):
        """The condition that the place of a row's grade stands to that of the one of ``day`` as the comparison says.

        ``EXISTS (SELECT FROM grading_snapshot AS kept WHERE kept.profile_id = "grading_profile"."id" AND …)``
        """
        order = self.env["grading.grade"].sudo().search([("active", "in", (True, False))]).ids
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                """
                EXISTS (
                    SELECT FROM grading_snapshot AS kept
                     WHERE kept.profile_id = %(profile)s AND kept.date = %(day)s
                       AND ARRAY_POSITION(%(order)s::int[], %(grade)s) %(comparison)s
                           ARRAY_POSITION(%(order)s::int[], kept.grade_id)
                )
                """,
                profile=model._field_to_sql(alias, "id", query),
                grade=model._field_to_sql(alias, "grade_id", query),
                day=day,
                order=order,
                comparison=comparison,
            )
        )


def _move(before, now):
    places = (before.sequence, before.id), (now.sequence, now.id)
    if places[0] == places[1]:
        return "same"
    return "up" if places[1] < places[0] else "down"

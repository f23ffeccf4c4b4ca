from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .grading_snapshot import month_end

MOVES = [("up", "Rose"), ("same", "Same"), ("down", "Fell")]


class GradingProfile(models.Model):
    """What is remembered of the customer or lead, and whether the grade has risen or fallen since."""

    _inherit = "grading.profile"

    snapshot_ids = fields.One2many("grading.snapshot", "profile_id", readonly=True)
    move_month = fields.Selection(
        MOVES,
        string="Grade since Last Month",
        compute="_compute_moves",
        search="_search_move_month",
        help="The grade in force, compared with the one at the end of last month. Grades of different schemes are not "
        "compared.",
    )
    move_quarter = fields.Selection(
        MOVES,
        string="Grade since Last Quarter",
        compute="_compute_moves",
        search="_search_move_quarter",
        help="The grade in force, compared with the one at the end of the last quarter. Grades of different schemes "
        "are not compared.",
    )
    move_year = fields.Selection(
        MOVES,
        string="Grade since Last Year",
        compute="_compute_moves",
        search="_search_move_year",
        help="The grade in force, compared with the one at the end of last year. Grades of different schemes are not "
        "compared.",
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

    @api.depends("grade_id", "scheme_id", "snapshot_ids.grade_id", "snapshot_ids.scheme_id", "snapshot_ids.date")
    @api.depends_context("company")
    def _compute_moves(self):
        days = self._moved_since()
        remembered = {
            (snapshot.profile_id.id, snapshot.date): snapshot
            for snapshot in self.env["grading.snapshot"]
            .sudo()
            .search([("profile_id", "in", self._origin.ids), ("date", "in", list(days.values()))])
        }
        for profile in self:
            for name, day in days.items():
                before = remembered.get((profile._origin.id, day))
                profile[name] = before and profile._move_since(before)

    def _move_since(self, before):
        """
        :param grading.snapshot before: what is remembered of it
        :return: one of the :data:`MOVES`, or False
        """
        self.ensure_one()
        if not self.grade_id or not before.grade_id:
            return False
        if self.grade_id == before.grade_id:
            return "same"
        if self.scheme_id != before.scheme_id:
            return False
        return "up" if self.grade_id._place() < before.grade_id._place() else "down"

    def _search_move_month(self, operator, value):
        return self._search_move("move_month", operator, value)

    def _search_move_quarter(self, operator, value):
        return self._search_move("move_quarter", operator, value)

    def _search_move_year(self, operator, value):
        return self._search_move("move_year", operator, value)

    @api.model
    def _search_move(self, name, operator, value):
        """Those who have a grade, and had one of the same scheme then, have a move; ``False`` finds the others."""
        if operator != "in":
            return NotImplemented
        found = [self._moved_domain(name, move) for move in value if move in dict(MOVES)]
        if False in value:
            found.append(~Domain.OR(self._moved_domain(name, move) for move, _label in MOVES))
        return Domain.OR(found)

    @api.model
    def _moved_domain(self, name, move):
        """The condition that the move ``name`` of a row is this one."""
        day = self._moved_since()[name]
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "EXISTS (SELECT FROM grading_snapshot AS kept"
                " WHERE kept.profile_id = %s AND kept.date = %s AND %s = %s)",
                model._field_to_sql(alias, "id", query),
                day,
                model.sudo()._move_to_sql(alias, query),
                move,
            )
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        """A move as a column, so that one can group by it."""
        if field_expr not in ("move_month", "move_quarter", "move_year"):
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        profile = self.sudo()
        return SQL(
            "(SELECT %s FROM grading_snapshot AS kept WHERE kept.profile_id = %s AND kept.date = %s"
            " ORDER BY kept.id LIMIT 1)",
            profile._move_to_sql(alias, query),
            profile._field_to_sql(alias, "id", query),
            self._moved_since()[field_expr],
        )

    @api.model
    def _move_to_sql(self, alias, query):
        """The move from what is remembered as ``kept`` to what the row is now: by the places of the grades, the smaller
        the better."""
        order = SQL(
            "ARRAY(SELECT grade.id FROM grading_grade AS grade ORDER BY %s, grade.id)",
            SQL.identifier("grade", "sequence", to_flush=self.env["grading.grade"]._fields["sequence"]),
        )
        # A draft that is tried counts as the scheme that it is to become.
        scheme = SQL(
            "COALESCE((SELECT %s FROM grading_scheme AS draft WHERE draft.id = %s), %s)",
            SQL.identifier("draft", "draft_of_id", to_flush=self.env["grading.scheme"]._fields["draft_of_id"]),
            self._field_to_sql(alias, "scheme_id", query),
            self._field_to_sql(alias, "scheme_id", query),
        )
        return SQL(
            "CASE WHEN %(place)s = %(before)s THEN 'same'"
            " WHEN %(scheme)s IS DISTINCT FROM kept.scheme_id THEN NULL"
            " WHEN %(place)s < %(before)s THEN 'up' WHEN %(place)s > %(before)s THEN 'down' END",
            place=SQL("ARRAY_POSITION(%s, %s)", order, self._field_to_sql(alias, "grade_id", query)),
            before=SQL("ARRAY_POSITION(%s, kept.grade_id)", order),
            scheme=scheme,
        )

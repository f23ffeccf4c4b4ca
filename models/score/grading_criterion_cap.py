from odoo import fields, models
from odoo.tools import SQL


class GradingCriterion(models.Model):
    """*cap*: what the other criteria of its dimension give together beyond its most points, it takes away again.

    It is a criterion like others, with points below zero, so that the points of all still add up to the score and every
    explanation, history and preview names it.
    """

    _inherit = "grading.criterion"

    kind = fields.Selection(selection_add=[("cap", "Most of a dimension")], ondelete={"cap": "cascade"})

    def _is_measured(self):
        return self.kind != "cap" and super()._is_measured()

    def _incomplete(self):
        if self.kind == "cap" and self.scheme_id.criterion_ids._caps(self.dimension) - self:
            dimension = dict(self._fields["dimension"]._description_selection(self.env))[self.dimension]
            return self.env._("another criterion limits the dimension “%s” already, change that one", dimension)
        return super()._incomplete()

    def _caps(self, dimension):
        """Those of the criteria that limit a dimension."""
        return self.filtered(lambda criterion: criterion.kind == "cap" and criterion.dimension == dimension)

    def _most(self):
        """The most points that the criterion adds."""
        self.ensure_one()
        return 0.0 if self.kind == "cap" else max(0.0, self.points_max)

    def _attainable(self):
        """The most points that the criteria of a scheme, or some of its dimensions, give together."""
        attainable = 0.0
        for dimension, criteria in self.grouped("dimension").items():
            most = sum(criterion._most() for criterion in criteria)
            attainable += min([most, *criteria._caps(dimension).mapped("points_max")])
        return attainable

    def _points_columns(self, table):
        """The points of each of the criteria of a scheme, where those of all but the caps are columns ``points_<id>``.

        :param str table: the alias in which they stand
        :rtype: dict[grading.criterion, odoo.tools.SQL]
        """
        given = {c: SQL.identifier(table, f"points_{c.id}") for c in self if c.kind != "cap"}
        columns = {}
        for criterion in self:
            columns[criterion] = given.get(criterion) or SQL(
                "LEAST(0.00, ROUND(%s::numeric, 2) - (%s))",
                criterion.points_max,
                SQL(" + ").join([SQL("0.00"), *(c for o, c in given.items() if o.dimension == criterion.dimension)]),
            )
        return columns

    def _explain_met(self, points):
        if self.kind == "cap":
            return self.env._("reached") if points < 0 else "–"
        return super()._explain_met(points)

    def _explain_moved(self, points_before, points_after, before, after):
        if self.kind == "cap":
            return self.env._("reached") if points_after < 0 else self.env._("no longer reached")
        return super()._explain_moved(points_before, points_after, before, after)

    def _explain_next(self, points, known):
        return "" if self.kind == "cap" else super()._explain_next(points, known)

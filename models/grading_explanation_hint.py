from odoo import models
from odoo.tools.misc import formatLang


class GradingCriterion(models.Model):
    _inherit = "grading.criterion"

    def _explain_next(self, points, known):
        """What would bring more points, in a few words; empty when there is nothing more to gain."""
        self.ensure_one()
        if points >= self.points_max:
            return ""
        if self.kind == "band":
            return self._explain_next_step(points)
        if self.kind == "rank" and known and self.points_max > self.points_min:
            share = (points - self.points_min) / (self.points_max - self.points_min)
            return self.env._("now ahead of %s %% of the others", formatLang(self.env, 100 * share, digits=0))
        if self.kind == "linear" and self.points_per_unit:
            return self.env._("%s points for each unit", formatLang(self.env, self.points_per_unit, digits=2))
        return ""

    def _explain_next_step(self, points):
        """The nearest step that gives more: from its number on, or below the next one where less is better."""
        steps = self.band_ids.sorted("lower_bound")
        better = self._nearest_better_step(steps, points)
        if not better:
            return ""
        gain = formatLang(self.env, better.points, digits=2)
        if self.is_date and better.lower_bound < 0:
            days = formatLang(self.env, -better.lower_bound, digits=0)
            return self.env._("within %(days)s days: %(points)s", days=days, points=gain)
        above = steps.filtered(lambda step: step.lower_bound > better.lower_bound)[:1]
        if above and steps[0].points > steps[-1].points:
            bound = formatLang(self.env, above.lower_bound, digits=2)
            return self.env._("below %(bound)s: %(points)s", bound=bound, points=gain)
        bound = formatLang(self.env, better.lower_bound, digits=2)
        return self.env._("from %(bound)s on: %(points)s", bound=bound, points=gain)

    def _nearest_better_step(self, steps, points):
        """Of the ``steps`` that give more than ``points`` the one nearest to that which gives so many; of days, rather
        one that lies ahead: what is past can not be caught up."""
        better = steps.filtered(lambda step: step.points > points)
        if self.is_date:
            better = better.filtered(lambda step: step.lower_bound < 0) or better
        places = {step: place for place, step in enumerate(steps)}
        current = steps.filtered(lambda step: step.points == points)[:1]
        distance = {step: abs(places[step] - places[current]) if current else 0 for step in better}
        return min(better, key=lambda step: (distance[step], step.points), default=better)

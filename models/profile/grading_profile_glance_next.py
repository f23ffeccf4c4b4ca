from collections import defaultdict

from odoo import models
from odoo.tools import SQL, float_round

from ..score.grading_criterion_hint import format_money

# So many ways to gain points are told, those that bring most.
MOST_WAYS = 5
# Points are told with one decimal: less than this would read as 0.
LEAST_POINTS = 0.05
# The sources of measures that an assessment changes.
ASSESSED = "assessment"


class GradingProfile(models.Model):
    """What next: how far the next better grade is, and what leads there.

    What one more order brings is not guessed: the scheme scores the customer as they would be measured after it.
    """

    _inherit = "grading.profile"

    def _glance_next(self, rows):
        """How to gain points.

        :param list rows: see :meth:`_explain_criteria`
        :return: ``sentence``, and ``ways`` (``text``, ``gain``), the one that brings most first; None where no scheme
            has scored
        :rtype: dict | None
        """
        if not rows:
            return None
        ways = sorted(self._ways(rows), key=lambda way: -way[0])[:MOST_WAYS]
        return {
            "sentence": self._explain_distance(),
            "ways": [{"text": text, "gain": gain} for _points, text, gain in ways],
        }

    def _explain_distance(self):
        """``13 points to C, good customers``."""
        grade, missing = self._next_grade()
        if not grade:
            return self.env._("The best grade of the scheme is reached.")
        points = self.scheme_id.criterion_ids[:1]._explain_points(missing, digits=1)
        name = grade.with_context(grading_full_name=True).display_name
        return self.env._("%(points)s to %(grade)s", points=points, grade=name)

    def _ways(self, rows):
        """``[(points, text, gain)]``: one more order and an assessment, with what they bring in all criteria together,
        and what would bring more in each of the others: only what people can do something about."""
        open_rows = [row for row in rows if row["open"] >= LEAST_POINTS]
        assessed = [row for row in open_rows if self._is_assessed(row["criterion"])]
        gains = self._points_of_order(rows)
        ways = [*self._way_of_order(gains), *self._way_of_assessment(assessed)]
        for row in open_rows:
            hint, gain = row["hint"], row["open"]
            criterion = row["criterion"]
            if not hint or row in assessed or gains.get(criterion) or not criterion._can_be_gained():
                continue
            most = criterion._explain_points(gain, digits=1)
            text = self.env._("%(criterion)s: %(hint)s", criterion=row["name"], hint=hint)
            ways.append((gain, text, self.env._("up to %s", most)))
        return ways

    def _way_of_order(self, gains):
        gain = float_round(sum(gains.values()), 1)
        if gain <= 0:
            return []
        amount = format_money(self.env, self.average_order_amount, self.currency_id)
        points = self.scheme_id.criterion_ids[:1]._explain_points(gain, digits=1)
        text = self.env._("One more order like the others, of about %s", amount)
        return [(gain, text, self.env._("about %s", points))]

    def _way_of_assessment(self, rows):
        by_dimension = defaultdict(list)
        for row in rows:
            by_dimension[row["criterion"].dimension].append(row)
        gain = sum(min(own[0]["room"], sum(row["open"] for row in own)) for own in by_dimension.values())
        gain = float_round(gain, 1)
        if gain <= 0:
            return []
        points = self.scheme_id.criterion_ids[:1]._explain_points(gain, digits=1)
        return [(gain, self.env._("An assessment with the best answers"), self.env._("up to %s", points))]

    def _is_assessed(self, criterion):
        known = self.env["grading.measure"]._catalog()
        return (
            criterion._is_measured()
            and criterion.measure in known
            and self.env["grading.measure"]._sources_of([criterion.measure]) == {ASSESSED}
        )

    def _points_of_order(self, rows):
        """What each criterion would give more, or less, after one more order today of the average amount.

        :return: ``{criterion: points}`` of those that differ; empty for those who have not ordered
        :rtype: dict
        """
        amount, today = self.average_order_amount, self.company_id._grading_today()
        if not self.order_count or not amount or not self.first_order_date or self.last_order_date > today:
            return {}
        criteria = self.scheme_id.criterion_ids.browse(row["criterion"].id for row in rows)
        before, after = self._points_if({}, self._after_order(amount, today), criteria=criteria)
        gains = {criterion: float(after[place] - before[place]) for place, criterion in enumerate(criteria)}
        return {criterion: gain for criterion, gain in gains.items() if gain}

    def _points_if(self, *changes, criteria):
        """The points that the criteria would give today if other things were measured.

        :param dict changes: values by column of ``grading_profile``; one row of points is returned for each
        :rtype: list[tuple]
        """
        Ruler = self.env["grading.ruler"].sudo().with_company(self.company_id)
        # Before the first full run there are no cut points: the customer counts as the only one.
        cut_points = {criterion: [] for criterion in criteria} | Ruler._get(criteria)
        names = self._stored_columns()
        rows = SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s AS change, %s FROM grading_profile WHERE id = %s",
                place,
                SQL(", ").join(self._column_if(name, values) for name in names),
                self.id,
            )
            for place, values in enumerate(changes)
        )
        query = self.env["grading.worktable"]._query(SQL("(%s)", rows))
        as_of = self.company_id._grading_today()
        giving = criteria.filtered(lambda criterion: criterion.kind != "cap")
        points = [(c._to_sql(query, as_of, cut_points), SQL.identifier(f"points_{c.id}")) for c in giving]
        given = query.select(SQL("grading_profile.change"), *(SQL("%s AS %s", sql, name) for sql, name in points))
        columns = SQL(", ").join(criteria._points_columns("given").values())
        return self.env.execute_query(SQL("SELECT %s FROM (%s) AS given ORDER BY given.change", columns, given))

    def _column_if(self, name, values):
        column = SQL.identifier(name)
        if name not in values:
            return column
        # The type of the column, lest the parts of the union differ.
        return SQL("%s::%s AS %s", values[name], SQL(self._fields[name].column_type[1]), column)

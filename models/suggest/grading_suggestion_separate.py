from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .tree import grow

FEWEST_OF_GRADE = 10


class GradingSuggestion(models.Model):
    """What separates the customers of two grades, as they are measured today: a small tree in words."""

    _inherit = "grading.suggestion"

    def _check_two_grades(self):
        """
        :raise UserError: there is nothing to be compared
        """
        if not self.grade_id or not self.other_grade_id or self.grade_id == self.other_grade_id:
            raise UserError(self.env._("Choose two different grades to be compared."))

    def _learn_separation(self):
        [grades], values = self._customers_today([SQL("grading_profile.grade_id")])
        belongs = [int(grade == self.grade_id.id) for grade in grades]
        counts = {self.grade_id: sum(belongs), self.other_grade_id: len(belongs) - sum(belongs)}
        for grade, count in counts.items():
            if count < FEWEST_OF_GRADE:
                raise UserError(
                    self.env._(
                        "%(count)s customers have the grade %(grade)s: at least %(few)s of each grade are needed.",
                        count=count,
                        grade=grade.display_name,
                        few=FEWEST_OF_GRADE,
                    )
                )
        leaves = grow({name: values[name] for name in self._customer_measures()}, belongs, between=self._between())
        lines = [(0, 0, self._leaf_values(place, leaf, values)) for place, leaf in enumerate(leaves, 1)]
        self.line_ids = [(5, 0, 0), *lines]
        right = sum(max(leaf.hits, leaf.count - leaf.hits) for leaf in leaves)
        self.write(
            {
                "state": "done",
                "report": self.env._(
                    "%(share)s %% of the %(count)s customers of %(grade)s and %(other)s are told apart by this.",
                    share=self._number(100 * right / len(belongs)),
                    count=self._number(len(belongs)),
                    grade=self.grade_id.name,
                    other=self.other_grade_id.name,
                ),
            }
        )

    def _leaf_values(self, place, leaf, values):
        is_first = 2 * leaf.hits >= leaf.count
        grade = self.grade_id if is_first else self.other_grade_id
        share = 100 * (leaf.hits if is_first else leaf.count - leaf.hits) / leaf.count
        tests = "; ".join(self._test_in_words(*test) for test in leaf.tests) or self.env._("all")
        return {
            "sequence": place,
            "name": tests,
            "text": self.env._(
                "%(tests)s: %(share)s %% of %(count)s customers are %(grade)s",
                tests=tests,
                share=self._number(share),
                count=self._number(leaf.count),
                grade=grade.name,
            ),
            "count": leaf.count,
            "share": share,
            "domain": repr(self._leaf_domain(leaf, values)),
        }

    def _test_in_words(self, name, is_at_least, limit):
        measure = self.env["grading.measure"]._catalog()[name]
        values = {"measure": measure["label"], "limit": self._limit_in_words(name, limit)}
        if measure["unit"] == "date":
            if is_at_least:
                return self.env._("%(measure)s at least %(limit)s ago", **values)
            return self.env._("%(measure)s less than %(limit)s ago, or none", **values)
        if is_at_least:
            return self.env._("%(measure)s at least %(limit)s", **values)
        return self.env._("%(measure)s less than %(limit)s, or unknown", **values)

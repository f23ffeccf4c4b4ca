from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..base.context import without_client_keys
from ..base.guarded import guarded
from .grading_suggestion_data import CONTACT_TAG, TAG

# What a criterion asks for, where that is not the field of the lead or contact of the same name.
LEAD_PATHS = {
    "industry": "lead_id.partner_id.industry_id",
    "referred": "lead_id.referred_by_id",
    "email": "lead_id.email_from",
    "phone": "lead_id.phone",
}
FLAGS = ("referred", "email", "phone")
# The filter for many names is called by so many of them.
NAMED = 4
GRADES = 3


class GradingSuggestion(models.Model):
    """Learned points as criteria of a scheme: in words, and as a draft."""

    _inherit = "grading.suggestion"

    def _grades(self):
        """The grades that the suggestion gives, the best first: those of the present scheme."""
        grades = self._present_scheme().threshold_ids.grade_id.sorted(lambda grade: (grade.sequence, grade.id))
        return grades or self.env["grading.grade"].search([("is_segment", "=", False)], limit=GRADES)

    def _grades_of(self, limits):
        """One grade for each of the limits: of fewer, the best ones and the last."""
        grades = self._grades()
        return grades[: len(limits) - 1] + grades[-1:]

    def _label(self, key):
        """What people call a measure or field."""
        measure = self.env["grading.measure"]._catalog().get(key, {})
        if "label" in measure:
            return measure["label"]
        if key.startswith(TAG):
            tag = self.env["crm.tag"].browse(int(key.removeprefix(TAG))).exists()
            return self.env._("Tag “%s”", tag.display_name or key)
        if key.startswith(CONTACT_TAG):
            tag = self.env["res.partner.category"].browse(int(key.removeprefix(CONTACT_TAG))).exists()
            return self.env._("Contact tag “%s”", tag.display_name or key)
        model, path = self._path(key)
        return model._fields[path.rpartition(".")[2]]._description_string(self.env)

    def _path(self, key):
        """``(model of the field, path from the profile)``"""
        if key.startswith(CONTACT_TAG):
            link = "partner_id" if self.subject == "customer" else "lead_id.partner_id"
            return self.env["res.partner"], f"{link}.category_id"
        if self.subject == "customer":
            return self.env["res.partner"], f"partner_id.{key}"
        model = self.env["res.partner"] if key == "industry" else self.env["crm.lead"]
        return model, LEAD_PATHS.get(key, f"lead_id.{key}")

    def _criterion_values(self, criterion):
        """The values of a ``grading.criterion``."""
        label = self._label(criterion.key)
        common = {"name": label, "dimension": "fit" if self.subject == "lead" else "value"}
        if criterion.bands:
            bands = [(0, 0, {"lower_bound": bound, "points": points}) for bound, points in criterion.bands]
            return {**common, "kind": "band", "measure": criterion.key, "points_if_none": criterion.if_none,
                    "band_ids": bands}  # fmt: skip
        if filtered := self._as_filter(criterion):
            domain, points = filtered
            return {**common, "kind": "domain", "domain": repr(domain), "points_max": points}
        cases = [
            (0, 0, {"sequence": 10 * place, "name": self._names_in_short(criterion.key, names), "points": points,
                    "domain": repr(self._domain(criterion.key, names))})
            for place, (names, points) in enumerate(criterion.cases, 1)
        ]  # fmt: skip
        return {**common, "kind": "case", "case_ids": cases, "points_if_none": criterion.if_none}

    def _as_filter(self, criterion):
        """``(domain, points)`` of a criterion that only tells some names from all others; None of another one."""
        if len(criterion.cases) != 1:
            return None
        [(names, points)] = criterion.cases
        if not criterion.if_none:
            return self._domain(criterion.key, names), points
        return None if points else (self._domain(criterion.key, names, is_met=False), criterion.if_none)

    def _domain(self, key, names, is_met=True):
        """The filter that those with one of the names meet, or else all others."""
        path = self._path(key)[1]
        if key in FLAGS:
            return [(path, "!=" if (True in names) == is_met else "=", False)]
        if key.startswith(TAG):
            is_met, path, names = (True in names) == is_met, "lead_id.tag_ids", [int(key.removeprefix(TAG))]
        if key.startswith(CONTACT_TAG):
            is_met, names = (True in names) == is_met, [int(key.removeprefix(CONTACT_TAG))]
        domain = [(path, "in" if is_met else "not in", list(names))]
        link = path.rpartition(".")[0]
        if link in ("lead_id", "partner_id"):
            return domain  # each profile has it
        # Without a contact there is no field that could be empty: such a lead is one of the nameless all the same.
        without = (False in names) == is_met
        return ["|", (link, "=", False), *domain] if without else ["&", (link, "!=", False), *domain]

    def _limit_in_words(self, name, value):
        """A value of the measure with its unit; of a date, the time since."""
        criterion = self.env["grading.criterion"].new({"kind": "band", "measure": name})
        return criterion._explain_value(value) or self._number(value, 2)

    def _in_words(self, criterion):
        if criterion.bands:
            steps = [
                self.env._(
                    "from %(bound)s: %(points)s", bound=self._limit_in_words(criterion.key, bound), points=points
                )
                for bound, points in criterion.bands
            ]
            return "; ".join(steps + ([self.env._("unknown: %s", criterion.if_none)] if criterion.if_none else []))
        cases = [
            self.env._("%(names)s: %(points)s", names=self._names(criterion.key, names), points=points)
            for names, points in criterion.cases
        ]
        return "; ".join(cases + ([self.env._("otherwise: %s", criterion.if_none)] if criterion.if_none else []))

    def _names(self, key, values):
        return ", ".join(self._value_name(key, value) for value in values)

    def _names_in_short(self, key, values):
        """So many names as fit a line."""
        if len(values) <= NAMED:
            return self._names(key, values)
        more = len(values) - NAMED
        return self.env._("%(names)s and %(more)s more", names=self._names(key, values[:NAMED]), more=more)

    def _value_name(self, key, value):
        """What people call a value of a field."""
        if key in FLAGS or isinstance(value, bool):
            return self.env._("yes") if value else self.env._("none")
        model, path = self._path(key)
        field = model._fields[path.rpartition(".")[2]]
        if field.type == "many2one":
            return self.env[field.comodel_name].browse(value).exists().display_name or str(value)
        return str(value)

    @guarded(one=True)
    def action_open_draft(self):
        """Open the suggestion as the draft of a scheme, which grades no customer before it is published."""
        self.check_access("write")
        if self.kind != "points" or self.state != "done":
            raise UserError(self.env._("There are no points yet: choose “Learn” first."))
        if not self.draft_id:
            self.sudo().draft_id = self._create_draft()
        return {
            "type": "ir.actions.act_window",
            "res_model": "grading.scheme",
            "res_id": self.draft_id.id,
            "views": [(False, "form")],
            "name": self.draft_id.name,
        }

    def _learned_rules(self):
        """What was learned as values of a ``grading.scheme``, in the place of the criteria and limits that it has.

        :raise UserError: the grades are not those any more that were learned for
        """
        limits = self.result["limits"]
        if "grades" not in self.result:
            raise UserError(self.env._("This was learned by an earlier release: choose “Learn Again”."))
        grades = self._grades_of(limits)
        if grades.ids != self.result["grades"]:
            raise UserError(
                self.env._(
                    "The grades of “%s” have changed since this was learned: choose “Learn Again”.",
                    self._present_scheme().display_name,
                )
            )
        lines = [{**line.values, "sequence": 10 * line.sequence} for line in self.line_ids.sudo()]
        thresholds = [{"grade_id": grade.id, "min_score": limit} for grade, limit in zip(grades, limits, strict=True)]
        return {
            "threshold_mode": "score",
            "criterion_ids": [Command.clear(), *map(Command.create, lines)],
            "threshold_ids": [Command.clear(), *map(Command.create, thresholds)],
        }

    def _create_draft(self):
        """The draft of the present scheme, or of a new one where there is none: with the same filter, and behind it, a
        new scheme would grade none.

        :raise UserError: the scheme has changed since this was learned, or has a draft already
        """
        self._check_scheme()
        values, base = self._learned_rules(), self._present_scheme()
        if base:
            # Published, the draft gives its scheme all that it has: it keeps the name and the texts.
            if base.draft_ids:
                raise UserError(
                    self.env._("There is a draft of “%s” already: publish or discard it first.", base.display_name)
                )
            draft = base._draft()
            draft.write(values)
            return draft
        return without_client_keys(self.env["grading.scheme"]).create(
            {
                "name": self.env._("Suggested: %s", self.display_name),
                "subject": self.subject,
                "company_id": self.company_id.id,
                "active": False,
                "is_draft": True,
                **values,
            }
        )

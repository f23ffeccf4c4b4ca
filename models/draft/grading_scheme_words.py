from odoo import api, models

from ..score.grading_criterion import FILTERS
from ..score.grading_criterion_hint import format_number

# Of what differs so much is named; two versions side by side show all.
NAMED_DIFFERENCES = 6


class GradingScheme(models.Model):
    """Two contents of a scheme side by side, in words."""

    _inherit = "grading.scheme"

    @api.model
    def _compare_contents(self, left, right):
        """One row for each thing that a content says: what it is, what each side says of it.

        :param dict left: a content, see :meth:`_content`
        :param dict right: another one
        :return: ``[{"part": heading, "name": …, "left": text, "right": text, "differs": bool}]``
        :rtype: list[dict]
        """
        rows, of_segments = [], left.get("is_secondary") and right.get("is_secondary")
        for part, words in (
            (self.env._("Scheme"), self._scheme_words),
            (self.env._("Criteria"), self._criteria_words),
            (self.env._("Segments") if of_segments else self.env._("Grades"), self._threshold_words),
        ):
            former, present = words(left), words(right)
            for key in [*former, *(key for key in present if key not in former)]:
                (former_name, former_text), (name, text) = former.get(key, ("", "")), present.get(key, ("", ""))
                if former_name and name and former_name != name:
                    former_text = f"{former_name}: {former_text}"
                    text = f"{name}: {text}"
                rows.append(
                    {
                        "part": part,
                        "name": name or former_name,
                        "left": former_text,
                        "right": text,
                        "differs": former_text != text,
                    }
                )
        return rows

    @api.model
    def _differences_text(self, rows):
        """The first of the rows that differ, each on a line.

        :param list rows: see :meth:`_compare_contents`
        """
        lines = [f"{row['name']}: {row['left'] or '–'} → {row['right'] or '–'}" for row in rows if row["differs"]]
        if (rest := len(lines) - NAMED_DIFFERENCES) > 0:
            lines = [*lines[:NAMED_DIFFERENCES], self.env._("And %s more.", rest)]
        return "\n".join(lines)

    @api.model
    def _text_of(self, translations):
        """A translated text in the reader's language."""
        translations = translations or {}
        return translations.get(self.env.lang) or translations.get("en_US") or next(iter(translations.values()), "")

    @api.model
    def _label_of(self, model, field, value):
        """The label of a selection's value; the value itself where it is none any more."""
        labels = dict(self.env[model]._fields[field]._description_selection(self.env))
        return labels.get(value, value or "")

    @api.model
    def _scheme_words(self, content):
        number, of_segments = content["grace_days"] or 0, content.get("is_secondary")
        beside = self.env._("yes") if of_segments else self.env._("no")
        return {
            "name": (self.env._("Name"), self._text_of(content["name"])),
            "subject": (self.env._("Subject"), self._label_of("grading.scheme", "subject", content["subject"])),
            "beside": (self.env._("Beside the Grade"), beside),
            "domain": (self.env._("Covers"), content["domain"] or "[]"),
            "mode": (
                self.env._("Segments Begin at") if of_segments else self.env._("Grades Begin at"),
                self._label_of("grading.scheme", "threshold_mode", content["threshold_mode"]),
            ),
            "grace": (self.env._("Grace"), self.env._("%s days", number)),
        }

    @api.model
    def _criteria_words(self, content):
        return {
            values["key"]: (self._text_of(values["name"]), self._criterion_words(values))
            for values in content["criteria"]
        }

    @api.model
    def _criterion_words(self, values):
        """``Value. Orders: from 0: 1, from 5: 3. Without data: 0``"""
        dimension = self._label_of("grading.criterion", "dimension", values["dimension"])
        numbers = {
            name: format_number(self.env, values.get(name) or 0)
            for name in ("points_base", "points_if_none", "points_max", "points_min")
        }
        numbers["points_per_unit"] = format_number(self.env, values.get("points_per_unit") or 0, 4)
        if values["kind"] == "cap":
            most = numbers["points_max"]
            return self.env._("%(dimension)s: at most %(most)s", dimension=dimension, most=most)
        words = self._filter_words if values["kind"] in FILTERS else self._measure_words
        return f"{dimension}. {words(values, numbers)}"

    @api.model
    def _filter_words(self, values, numbers):
        if values["kind"] == "domain":
            return self.env._(
                "%(points)s points if %(filter)s, else %(none)s",
                points=numbers["points_max"],
                filter=values["domain"] or "[]",
                none=numbers["points_if_none"],
            )
        cases = ", ".join(
            self.env._(
                "%(name)s if %(filter)s: %(points)s",
                name=case["name"],
                filter=case["domain"] or "[]",
                points=format_number(self.env, case["points"] or 0),
            )
            for case in values["cases"]
        )
        return f"{cases}. {self.env._('Otherwise: %s', numbers['points_if_none'])}"

    @api.model
    def _measure_words(self, values, numbers):
        words = {"unit": numbers["points_per_unit"], "least": numbers["points_min"], "most": numbers["points_max"]}
        if values["kind"] == "band":
            how = ", ".join(
                self.env._(
                    "from %(bound)s: %(points)s",
                    bound=format_number(self.env, step["lower_bound"] or 0, 4),
                    points=format_number(self.env, step["points"] or 0),
                )
                for step in values["steps"]
            )
        elif values["kind"] == "linear":
            how = self.env._("%(unit)s for each unit, %(least)s to %(most)s", **words)
            if values.get("points_base"):
                how = f"{numbers['points_base']} + {how}"
        else:
            best = self._label_of("grading.criterion", "best", values.get("best"))
            how = self.env._(
                "rank, %(least)s to %(most)s, best is: %(best)s", least=words["least"], most=words["most"], best=best
            )
        scored = self._label_of("grading.criterion", "measure", values["measure"])
        if self.env["grading.measure"]._catalog().get(values["measure"], {}).get("unit") == "date":
            scored = f"{scored} ({self._label_of('grading.criterion', 'date_unit', values.get('date_unit'))})"
        return f"{scored}: {how}. {self.env._('Without data: %s', numbers['points_if_none'])}"

    @api.model
    def _threshold_words(self, content):
        words = {}
        for values in content["thresholds"]:
            grade = self.env["grading.grade"]._find_content(values["grade"])
            if content["threshold_mode"] == "filter":
                text = values.get("domain") or "[]"
            elif content["threshold_mode"] == "rank":
                text = self.env._("the best %s %%", format_number(self.env, values["top_percent"] or 0))
            else:
                text = self.env._("from %s points", format_number(self.env, values["min_score"] or 0))
            if former := words.get(values["grade"]):
                text = f"{former[1]}; {text}"  # a segment may begin in several ways
            words[values["grade"]] = (grade.name or values["grade"], text)
        return words

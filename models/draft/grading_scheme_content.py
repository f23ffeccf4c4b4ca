from collections import defaultdict
from secrets import token_hex

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .grading_content_mixin import source_text

# What a scheme is made of. Its place among others (sequence, company, whether it is in use) is not part of it.
SCHEME_FIELDS = ("subject", "domain", "threshold_mode", "grace_days")
SECONDARY_FIELDS = ("is_secondary",)  # only where it is
SCHEME_TEXTS = ("name", "description")
CRITERION_FIELDS = (
    *("dimension", "kind", "measure", "date_unit", "best", "domain"),
    *("points_per_unit", "points_base", "points_min", "points_max", "points_if_none"),
)
BAND_FIELDS = ("lower_bound", "points")
CASE_FIELDS = ("name", "domain", "points")  # only of a criterion that has some
THRESHOLD_FIELDS = ("min_score", "top_percent")
FILTER_FIELDS = ("domain",)  # only where filters tell segments
# Of a criterion in steps or of filters in order these follow from them.
LIMITS = {"points_min", "points_max"}
LISTED = ("band", "case")


class GradingScheme(models.Model):
    """The content of a scheme as plain values, without ids of the database: ``{"name": {"en_US": "In service"},
    "grace_days": 30, "criteria": [{"key": …, "steps": [{"lower_bound": 0, "points": 1}], …}], "thresholds": [{"grade":
    "D", "min_score": 65, …}], …}``.

    Versions keep it, files carry it, and publishing a draft brings its content into the scheme that people know; all of
    them change a scheme by :meth:`_apply_content` alone.
    """

    _inherit = "grading.scheme"

    def _content(self):
        """
        :return: see the class; texts by language
        :rtype: dict
        """
        self.ensure_one()
        criteria = self.criterion_ids.sorted(lambda criterion: (criterion.sequence, criterion.id))
        texts = criteria._texts(("name",))
        by = FILTER_FIELDS if self.threshold_mode == "filter" else THRESHOLD_FIELDS
        return {
            **self._texts(SCHEME_TEXTS)[self.id],
            **self._plain(SCHEME_FIELDS if not self.is_secondary else (*SCHEME_FIELDS, *SECONDARY_FIELDS)),
            "criteria": [{**texts[criterion.id], **criterion._content()} for criterion in criteria],
            "thresholds": [
                {"grade": threshold.grade_id._content_name(), **threshold._plain(by)}
                for threshold in self.threshold_ids.sorted(lambda threshold: (threshold.sequence, threshold.id))
            ],
        }

    def _apply_content(self, content, grades=None):
        """Give the scheme another content. Criteria and grades that stay keep their records, so that what is
        remembered by them goes on.

        :param dict content: see :meth:`_content`; what comes from outside has been checked
        :param dict grades: ``{name in the content: grade}`` of those that a file has brought
        :raise ValidationError: the rules of schemes do not allow it
        """
        self.ensure_one()
        scheme = self.with_context(lang="en_US")
        known = scheme._criteria_by_key()
        commands, keys = [], []
        for place, values in enumerate(content["criteria"], 1):
            key = values.get("key")
            key = key if key and key not in keys else token_hex(6)
            keys.append(key)
            if criterion := known.pop(key, None):
                written = criterion._content_values(values, key)
                commands.append(Command.update(criterion.id, {**written, "sequence": 10 * place}))
            else:
                written = scheme.criterion_ids.browse()._content_values(values, key)
                commands.append(Command.create({**written, "sequence": 10 * place}))
        scheme.write(
            {
                **{name: content.get(name) for name in (*SCHEME_FIELDS, *SECONDARY_FIELDS)},
                "name": source_text(content["name"]),
                "criterion_ids": [*(Command.delete(criterion.id) for criterion in known.values()), *commands],
                "threshold_ids": scheme._threshold_commands(content["thresholds"], grades or {}),
            }
        )
        by_key = scheme._criteria_by_key()
        self._write_texts({name: content.get(name) for name in SCHEME_TEXTS})
        for key, values in zip(keys, content["criteria"], strict=True):
            by_key[key]._write_texts({"name": values["name"]})

    def _criteria_by_key(self):
        return {criterion.key: criterion for criterion in self.criterion_ids}

    def _threshold_commands(self, thresholds, grades):
        """The commands that leave exactly these thresholds; one that stays keeps its record.

        :param list thresholds: ``[{"grade": name, "min_score": …, "top_percent": …}]``
        :param dict grades: see :meth:`_apply_content`
        """
        present = defaultdict(list)
        for threshold in self.threshold_ids.sorted(lambda threshold: (threshold.sequence, threshold.id)):
            present[threshold.grade_id].append(threshold)
        commands = []
        for values in thresholds:
            grade = grades.get(values["grade"]) or self.env["grading.grade"]._of_content(values["grade"])
            written = {name: values.get(name) for name in (*THRESHOLD_FIELDS, *FILTER_FIELDS)}
            if present[grade]:
                commands.append(Command.update(present[grade].pop(0).id, written))
            else:
                commands.append(Command.create({**written, "grade_id": grade.id}))
        return [*(Command.delete(threshold.id) for rest in present.values() for threshold in rest), *commands]


class GradingCriterion(models.Model):
    _inherit = "grading.criterion"

    def _content(self):
        """What the criterion is made of, but for its name."""
        steps = self.band_ids.sorted("lower_bound") if self.kind == "band" else []
        names = [name for name in CRITERION_FIELDS if self.kind not in LISTED or name not in LIMITS]
        content = {"key": self.key, **self._plain(names), "steps": [band._plain(BAND_FIELDS) for band in steps]}
        if self.kind == "case":
            content["cases"] = [case._plain(CASE_FIELDS) for case in self._cases()]
        return content

    def _content_values(self, values, key):
        """What is to be written to give this criterion, or a new one, other ``values``; steps and filters that stay as
        they are are left alone.

        :param dict values: a criterion of :meth:`GradingScheme._content`
        """
        written = {name: values[name] for name in CRITERION_FIELDS if name in values}
        if not self or self._content()["steps"] != values["steps"]:
            steps = [Command.create({name: step[name] for name in BAND_FIELDS}) for step in values["steps"]]
            written["band_ids"] = [Command.clear(), *steps]
        cases = values.get("cases", [])
        if not self and cases or self and self._content().get("cases", []) != cases:
            created = [
                Command.create({**{name: case[name] for name in CASE_FIELDS}, "sequence": 10 * place})
                for place, case in enumerate(cases, 1)
            ]
            written["case_ids"] = [Command.clear(), *created]
        return {**written, "key": key, "name": source_text(values["name"])}


class GradingGrade(models.Model):
    """A grade is named in contents by its XML id, or else by its name in English."""

    _inherit = "grading.grade"

    def _content_name(self):
        """What stands for the grade in the content of a scheme."""
        self.ensure_one()
        xmlid = self.get_external_id()[self.id]  # those that exports make up begin with __
        return xmlid if xmlid and not xmlid.startswith("__") else self.with_context(lang="en_US").name

    @api.model
    def _of_content(self, name):
        """The grade that a content names.

        :raise UserError: there is none
        """
        grade = self._find_content(name)
        if not grade:
            raise UserError(self.env._("There is no grade “%s” any more: create it, or restore it.", name))
        return grade

    @api.model
    def _find_content(self, name):
        """The same, maybe empty; of several grades with that name, one that is in use."""
        grades = self.with_context(active_test=False, lang="en_US")
        by_xmlid = "." in name and grades.env.ref(name, raise_if_not_found=False)
        if by_xmlid and by_xmlid._name == self._name:
            return by_xmlid.with_env(self.env)
        return grades.search([("name", "=", name)], order="active desc, id", limit=1).with_env(self.env)


class GradingVersionedMixin(models.AbstractModel):
    _name = "grading.versioned.mixin"
    _inherit = ["grading.versioned.mixin", "grading.content.mixin"]

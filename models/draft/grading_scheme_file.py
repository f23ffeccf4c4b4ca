import json

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import html_sanitize

from ..base.grading_domain_mixin import BAD_DOMAIN_ERRORS
from ..base.guarded import guarded
from .grading_content_mixin import source_text
from .grading_scheme_file_check import FileCheck

FORMAT, NUMBER = "customer_grading.scheme", 1
GRADE_FIELDS = ("sequence", "color", "effort_share")
GRADE_TEXTS = ("name", "title")
TAG_RULE_FIELDS = ("sequence", "domain", "keep")
CADENCE_FIELDS = (
    *("sequence", "domain", "channel", "interval_number", "interval_type"),
    *("tolerance_days", "anchor_days"),
)
CADENCE_TEXTS = ("name", "summary", "note")


class GradingScheme(models.Model):
    """A scheme as one file that another database reads: a JSON object with ``format``, ``number``, ``scheme`` (its
    content), ``grades``, and if wanted ``tag_rules`` and ``cadences``.

    There are no ids in it: grades, tags, and the records that filters ask for are named.
    """

    _inherit = "grading.scheme"

    # ------------------------------------------------------------
    # To a file
    # ------------------------------------------------------------

    def _to_file(self, with_tag_rules=False, with_cadences=False):
        """
        :return: the text of the file
        :rtype: str
        """
        self.ensure_one()
        content = self._content()
        cases = (case for criterion in content["criteria"] for case in criterion.get("cases", ()))
        for rule in (content, *content["criteria"], *cases, *content["thresholds"]):
            if "domain" in rule:
                rule["domain"] = self._named_domain(rule["domain"])
        grades = self.threshold_ids.grade_id
        answer = {"format": FORMAT, "number": NUMBER, "scheme": content}
        if with_cadences:
            cadences = self.env["grading.cadence"]._in_force()
            grades |= cadences.grade_ids
            answer["cadences"] = [cadence._to_file() for cadence in cadences]
        if with_tag_rules:
            answer["tag_rules"] = [rule._to_file() for rule in self.env["grading.tag.rule"]._in_force(self.subject)]
        answer["grades"] = [grade._to_file() for grade in grades.sorted(lambda grade: (grade.sequence, grade.id))]
        return json.dumps(answer, ensure_ascii=False, indent=1)

    @api.model
    def _named_domain(self, text):
        """A filter in which records stand by their names in English: ids mean something else in another database."""
        try:
            domain = self.new({"domain": text})._parse_domain()
        except BAD_DOMAIN_ERRORS:
            return text
        Profile = self.env["grading.profile"].sudo()
        named = domain.map_conditions(lambda condition: _named(Profile, condition))
        return text if named == domain else repr(list(named))

    @guarded(one=True)
    def action_export(self):
        """Ask what is to go along, and offer the file."""
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Export as File"),
            "res_model": "grading.scheme.export",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_scheme_id": self.id},
        }

    # ------------------------------------------------------------
    # From a file
    # ------------------------------------------------------------

    @api.model
    def _from_file(self, data, with_tag_rules=False, with_cadences=False):
        """Make a draft of what a file says; nothing that there is already is changed. Grades are found by their names,
        or created; tag rules and cadences come archived.

        :param bytes data: the content of the file
        :raise UserError: names all that is wrong with it, each on a line
        :return: the draft
        :rtype: grading.scheme
        """
        self.check_access("create")
        check = FileCheck(self.env)
        values = check.values_of(data)
        if check.problems:
            raise UserError(check.message())
        content = values["scheme"]
        with self.env.cr.savepoint():
            for grade in values.get("grades", ()):
                self.env["grading.grade"]._from_file(grade)
            company = self.env.company.id
            begun = {"name": source_text(content["name"]), "subject": content["subject"], "company_id": company}
            draft = self.create({**begun, "active": False, "is_draft": True})
            draft._apply_content({**content, "description": _sanitized(content.get("description"))})
            if with_tag_rules:
                for rule in values.get("tag_rules", ()):
                    self.env["grading.tag.rule"]._from_file(rule, content["subject"])
            if with_cadences:
                for cadence in values.get("cadences", ()):
                    self.env["grading.cadence"]._from_file(cadence)
        return draft

    @api.readonly
    @guarded
    def action_open_import(self):
        """Ask for the file of a scheme."""
        self.check_access("create")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import a Scheme"),
            "res_model": "grading.scheme.import",
            "views": [(False, "form")],
            "target": "new",
        }


class GradingGrade(models.Model):
    _inherit = "grading.grade"

    def _to_file(self):
        return {
            "grade": self._content_name(),
            **self._texts(GRADE_TEXTS)[self.id],
            **self._plain(GRADE_FIELDS),
            **({"is_segment": True} if self.is_segment else {}),
        }

    @api.model
    def _from_file(self, values):
        """The grade that a file describes: the one of that name, or a new one.

        The grade that the thresholds of the file name may be an XML id that another database has not.
        """
        name = source_text(values["name"])
        grade = self._find_content(values["grade"]) or self._find_content(name)
        if not grade:
            grade = self.create(
                {"name": name, **{key: values[key] for key in (*GRADE_FIELDS, "is_segment") if key in values}}
            )
            grade._write_texts({key: values.get(key) for key in GRADE_TEXTS})
        return grade


class GradingTagRule(models.Model):
    _name = "grading.tag.rule"
    _inherit = ["grading.tag.rule", "grading.content.mixin"]

    def _to_file(self):
        tag = self.category_id or self.lead_tag_id
        return {
            **self._texts(("name",))[self.id],
            **self._plain(TAG_RULE_FIELDS),
            "domain": self.env["grading.scheme"]._named_domain(self.domain),
            "tag": tag.with_context(lang="en_US").name,
        }

    @api.model
    def _from_file(self, values, subject):
        """An archived rule with the tag of that name, which is created if there is none."""
        key = "lead_tag_id" if subject == "lead" else "category_id"
        Tag = self.env[self._fields[key].comodel_name].with_context(lang="en_US")
        tag = Tag.search([("name", "=", values["tag"])], limit=1) or Tag.create({"name": values["tag"]})
        plain = {name: values[name] for name in TAG_RULE_FIELDS if name in values}
        own = {"active": False, "company_id": self.env.company.id, "name": source_text(values["name"]), key: tag.id}
        rule = self.create({**plain, **own})
        rule._write_texts({"name": values["name"]})
        return rule


class GradingCadence(models.Model):
    _name = "grading.cadence"
    _inherit = ["grading.cadence", "grading.content.mixin"]

    def _to_file(self):
        return {
            **self._texts(CADENCE_TEXTS)[self.id],
            **self._plain(CADENCE_FIELDS),
            "domain": self.env["grading.scheme"]._named_domain(self.domain),
            "grades": [grade._content_name() for grade in self.with_context(active_test=False).grade_ids],
        }

    @api.model
    def _from_file(self, values):
        """An archived cadence; its activities are of the type that counts as its channel, and their user is the
        salesperson."""
        Grade = self.env["grading.grade"]
        grades = Grade.union(*(Grade._of_content(name) for name in values.get("grades", ())))
        texts = {**{key: values.get(key) for key in CADENCE_TEXTS}, "note": _sanitized(values.get("note"))}
        cadence = self.create(
            {
                **{name: values[name] for name in CADENCE_FIELDS if name in values},
                **{key: source_text(text) for key, text in texts.items() if text},
                "active": False,
                "company_id": self.env.company.id,
                "grade_ids": grades.ids,
            }
        )
        cadence._write_texts(texts)
        return cadence


def _sanitized(translations):
    return {lang: html_sanitize(text) for lang, text in (translations or {}).items()}


def _named(model, condition):
    """The condition with names in the place of ids."""
    for name in condition.field_expr.split("."):
        field = model._fields.get(name)
        if name == "id" or field is None or not field.relational:
            return condition
        model = model.env[field.comodel_name].with_context(active_test=False, lang="en_US")
    value = condition.value
    if type(value) is int:
        name = model.browse(value).exists().display_name
        return Domain(condition.field_expr, condition.operator, name) if name else condition
    if isinstance(value, str) or not hasattr(value, "__iter__") or isinstance(value, Domain):
        return condition
    named = [model.browse(item).exists().display_name if type(item) is int else item for item in value]
    return Domain(condition.field_expr, condition.operator, [item for item in named if item is not False])

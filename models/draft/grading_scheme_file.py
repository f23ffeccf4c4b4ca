import json

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import html_sanitize

from ..base.grading_domain_mixin import BAD_DOMAIN_ERRORS
from ..base.guarded import guarded
from .filter_names import named
from .grading_content_mixin import source_text
from .grading_scheme_file_check import FileCheck

FORMAT, NUMBER = "customer_grading.scheme", 1
# What came later than the first files is written where it is not as by default: former releases read the others.
GRADE_FIELDS = ("sequence", "color", "effort_share")
GRADE_OPTIONS = ("is_segment", "fold")
GRADE_TEXTS, GRADE_HTML = ("name", "title"), ("strategy",)
TAG_RULE_FIELDS = ("sequence", "domain", "keep")
CADENCE_FIELDS = (
    *("sequence", "domain", "channel", "interval_number", "interval_type"),
    *("tolerance_days", "anchor_days"),
)
CADENCE_OPTIONS = ("anchor", "responsible_type")
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
            grades |= cadences.with_context(active_test=False).grade_ids
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
        by_name = named(self.env["grading.profile"].sudo(), domain)
        return text if by_name == domain else repr(list(by_name))

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
        check = FileCheck(self.env, with_tag_rules, with_cadences)
        values = check.values_of(data)
        if check.problems:
            raise UserError(check.message())
        content = values["scheme"]
        with self.env.cr.savepoint():
            grades = self.env["grading.grade"]._all_from_file(values)
            company = self.env.company.id
            begun = {"name": source_text(content["name"]), "subject": content["subject"], "company_id": company}
            draft = self.create({**begun, "active": False, "is_draft": True})
            draft._apply_content({**content, "description": _sanitized(content.get("description"))}, grades)
            if with_tag_rules:
                for rule in values.get("tag_rules", ()):
                    self.env["grading.tag.rule"]._from_file(rule, content["subject"])
            if with_cadences:
                for cadence in values.get("cadences", ()):
                    self.env["grading.cadence"]._from_file(cadence, grades)
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
            **self._options(GRADE_OPTIONS),
            **{name: text for name, text in self._texts(GRADE_HTML)[self.id].items() if text},
        }

    @api.model
    def _all_from_file(self, values):
        """The grades that a file describes.

        :param dict values: of the file
        :return: ``{name in the file: grade}``: the file may name them by XML ids that this database does not have
        """
        return {row["grade"]: self._from_file(row) for row in values.get("grades", ())}

    @api.model
    def _from_file(self, values):
        """The grade that a file describes: the one of that name, or a new one."""
        grade = self._find_in_file(values)
        if not grade:
            names = (*GRADE_FIELDS, *GRADE_OPTIONS)
            plain = {name: values[name] for name in names if values.get(name) is not None}
            grade = self.create({"name": source_text(values["name"]), **plain})
            grade._write_texts({name: values.get(name) for name in GRADE_TEXTS})
            grade._write_texts({name: _sanitized(values.get(name)) for name in GRADE_HTML})
        return grade

    @api.model
    def _find_in_file(self, values):
        """The same as far as there is one already, maybe empty."""
        return self._find_content(values["grade"]) or self._find_content(source_text(values["name"]))


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
        tag = self.with_context(lang="en_US")._tag_named(key, values["tag"])
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
            **self._options([name for name in CADENCE_OPTIONS if self[name] != "user"]),
            "domain": self.env["grading.scheme"]._named_domain(self.domain),
            "grades": [grade._content_name() for grade in self.with_context(active_test=False).grade_ids],
        }

    @api.model
    def _from_file(self, values, brought):
        """An archived cadence; its activities are of the type that counts as its channel, and the salesperson does what
        elsewhere a certain user does.

        :param dict brought: see :meth:`GradingGrade._all_from_file`
        """
        Grade, names = self.env["grading.grade"], (*CADENCE_FIELDS, *CADENCE_OPTIONS)
        grades = Grade.union(*(brought.get(name) or Grade._of_content(name) for name in values.get("grades", ())))
        texts = {**{key: values.get(key) for key in CADENCE_TEXTS}, "note": _sanitized(values.get("note"))}
        cadence = self.create(
            {
                **{name: values[name] for name in names if values.get(name) not in (None, "user")},
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

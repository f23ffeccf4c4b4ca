import json
import math

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command

from .filter_names import names_asked
from .grading_scheme_content import (
    BAND_FIELDS,
    CASE_FIELDS,
    CRITERION_FIELDS,
    FILTER_FIELDS,
    SCHEME_FIELDS,
    SECONDARY_FIELDS,
    THRESHOLD_FIELDS,
)
from .scheme_as_a_whole import problems_of_whole

# A scheme with a hundred criteria has some 50 kB.
MAX_BYTES = 1_000_000
# Of a file that is no scheme at all so many problems say enough; a list has no more items than that.
MAX_PROBLEMS, MAX_ITEMS = 50, 500
MAX_KEY = 64
SCHEME_DEFAULTS = (("domain", "[]"), ("threshold_mode", "score"), ("grace_days", 0))
NUMBERS = ("integer", "float", "monetary")
# Fields that the database keeps within limits, by the constraint whose message names them.
LIMITS = {
    "grading.scheme": {"_grace_days_positive": (("grace_days",), 0, math.inf)},
    "grading.grade": {"_effort_share_percent": (("effort_share",), 0, 100)},
    "grading.cadence": {"_days_sensible": (("tolerance_days", "anchor_days"), 0, 3650)},
}


class FileCheck:
    """Reads the file of a scheme and names all that is wrong with it at once; nothing of it is evaluated or stored.

    ::

        check = FileCheck(env)
        values = check.values_of(data)
        check.problems  # [sentence]
    """

    def __init__(self, env, with_tag_rules=False, with_cadences=False):
        """
        :param bool with_tag_rules: they are to be imported as well, so that names in their filters have to be known
        """
        self.env = env
        self.problems = []
        self.grades = set()  # that the file brings
        self._parts = {"grading.tag.rule": with_tag_rules, "grading.cadence": with_cadences}
        self._brought = {}  # names of what comes with the file, by model

    def message(self):
        shown = self.problems[:MAX_PROBLEMS]
        if rest := len(self.problems) - len(shown):
            shown.append(self.env._("And %s more.", rest))
        return self.env._("The file cannot be imported:") + "\n" + "\n".join(f"- {problem}" for problem in shown)

    def values_of(self, data):
        """
        :param bytes data: the content of the file
        :return: its values, complete and of the right kind where there are no problems
        :rtype: dict
        """
        if len(data) > MAX_BYTES:
            return self._problem(self.env._("the file is larger than %s MB", MAX_BYTES // 10**6))
        try:
            values = json.loads(data.decode("utf-8-sig"), parse_constant=float)
            json.dumps(values, ensure_ascii=False).encode()  # half a character, escaped, is none
        except (ValueError, RecursionError):
            return self._problem(self.env._("it is no JSON file: export it again"))
        if not isinstance(values, dict) or values.get("format") != "customer_grading.scheme":
            return self._problem(self.env._("it is not the file of a scheme"))
        if values.get("number") != 1:
            return self._problem(self.env._("it comes from a newer release: update Customer Grading first"))
        self._keys("", values, {"format", "number", "scheme"}, {"grades", "tag_rules", "cadences"})
        names = [row.get("grade") for row in self._dicts(values.get("grades"))]
        self.grades = {name for name in names if isinstance(name, str)}
        self._note_brought(values)
        grades = self._part("grades", values, self._grade)
        self._part("tag_rules", values, self._tag_rule)
        self._part("cadences", values, self._cadence)
        if isinstance(values.get("scheme"), dict):
            self._scheme(values["scheme"], grades)
        elif "scheme" in values:
            self._problem(self.env._("“scheme” is no object"))
        return values

    # ------------------------------------------------------------
    # Parts
    # ------------------------------------------------------------

    def _note_brought(self, values):
        """The names of grades that come with the file, and of the tags that its rules give."""
        rows = self._dicts(values.get("grades"))
        names = {text for row in rows for text in _words(row.get("name"))}
        self._brought["grading.grade"] = self.grades | names
        self._brought["grading.scheme"] = set(_words((self._dicts([values.get("scheme")]) or [{}])[0].get("name")))
        if self._parts["grading.tag.rule"]:
            tags = {tag for row in self._dicts(values.get("tag_rules")) for tag in _words(row.get("tag"))}
            self._brought["res.partner.category"] = self._brought["crm.tag"] = tags

    def _part(self, kind, values, check):
        """Check a list.

        :param check: a method that is given the place of an object, in words, and the object
        :return: the list; None where something is wrong with it
        """
        known, items = len(self.problems), self._items(kind, values.get(kind, []))
        for place, item in enumerate(items, 1):
            check(f"{kind} {place}", item)
        return items if len(self.problems) == known else None

    def _scheme(self, values, grades):
        """
        :param list grades: those of the file, None where something is wrong with them
        """
        known = len(self.problems)
        allowed = {*SCHEME_FIELDS, *SECONDARY_FIELDS, "description"}
        self._keys("scheme", values, {"name", "subject", "criteria", "thresholds"}, allowed)
        for name, default in SCHEME_DEFAULTS:
            values.setdefault(name, default)
        self._fields("scheme", "grading.scheme", values, (*SCHEME_FIELDS, *SECONDARY_FIELDS))
        self._texts("scheme", "grading.scheme", values, ("name", "description"))
        is_right = len(self.problems) == known
        self._filter("scheme", "grading.scheme", values)
        criteria = self._part("criteria", values, lambda path, item: self._criterion(path, item, values))
        mode = values.get("threshold_mode")
        thresholds = self._part("thresholds", values, lambda path, item: self._threshold(path, item, mode))
        self._unique_keys(self._dicts(values.get("criteria")))
        if is_right and grades is not None:
            whole = {**values, "criteria": criteria or [], "thresholds": thresholds or []}
            self.problems += problems_of_whole(self.env, whole, grades)

    def _unique_keys(self, criteria):
        """By its key a criterion is found again: those of one scheme differ."""
        keys = set()
        for place, item in enumerate(criteria, 1):
            key = item.get("key")
            if isinstance(key, str) and key in keys:
                path = self._named(f"criteria {place}", item)
                self._problem(
                    self.env._("%(where)s: another criterion has the key “%(key)s”", where=path, key=key[:MAX_KEY])
                )
            elif isinstance(key, str):
                keys.add(key)

    def _refused(self, check):
        try:
            check()
        except (ValidationError, AccessError) as error:
            self._problem(str(error))

    def _criterion(self, path, values, scheme):
        path = self._named(path, values)
        known = len(self.problems)
        self._keys(path, values, {"name", "kind"}, {*CRITERION_FIELDS, "key", "steps", "cases"})
        defaults = self.env["grading.criterion"].default_get(CRITERION_FIELDS)
        for name in CRITERION_FIELDS:
            if name not in ("points_min", "points_max"):
                values.setdefault(name, defaults.get(name))
        values.setdefault("steps", [])
        measures = dict(self.env["grading.criterion"]._selection_measure())
        measure = values.get("measure")
        if measure is not None and measure not in (measures if isinstance(measure, str) else ()):
            self._problem(self.env._("%(where)s: there is no measure “%(measure)s”", where=path, measure=measure))
        self._fields(path, "grading.criterion", values, [name for name in CRITERION_FIELDS if name != "measure"])
        self._texts(path, "grading.criterion", values, ("name",))
        key = values.get("key")
        if key is not None and not (_is_text(key) and len(key) <= MAX_KEY):
            self._problem(self.env._("%s: “key” is no short text", path))
        for place, item in enumerate(self._items(f"{path}, steps", values["steps"]), 1):
            where = f"{path}, steps {place}"
            self._keys(where, item, set(BAND_FIELDS), set())
            self._fields(where, "grading.criterion.band", item, BAND_FIELDS)
        for place, item in enumerate(self._items(f"{path}, cases", values.get("cases", [])), 1):
            where = self._named(f"{path}, cases {place}", item)
            self._keys(where, item, set(CASE_FIELDS), set())
            self._fields(where, "grading.criterion.case", item, CASE_FIELDS)
            self._filter(where, "grading.criterion.case", item)
        if values.get("kind") == "domain":
            self._filter(path, "grading.criterion", values)
        if len(self.problems) == known:
            self._whole_criterion(path, values, scheme)

    def _whole_criterion(self, path, values, scheme):
        """What its fields say together; each of them is right."""
        subject = scheme.get("subject")
        rule = self.env["grading.criterion"].new(
            {
                **{name: values[name] for name in CRITERION_FIELDS if name in values},
                "name": "x",
                "scheme_id": self.env["grading.scheme"].new({"name": "x", "subject": subject}),
                "band_ids": [Command.create(step) for step in values["steps"]],
                "case_ids": [Command.create(case) for case in values.get("cases", [])],
            }
        )
        if problem := rule._incomplete():
            self._problem(f"{path}: {problem}")

    def _threshold(self, path, values, mode):
        self._keys(path, values, {"grade"}, {*THRESHOLD_FIELDS, *FILTER_FIELDS})
        for name in THRESHOLD_FIELDS if mode != "filter" else ():
            values.setdefault(name, 0)
        self._fields(path, "grading.threshold", values, (*THRESHOLD_FIELDS, *FILTER_FIELDS))
        self._known_grade(path, values.get("grade"))
        if mode == "filter":
            self._filter(path, "grading.threshold", values)

    def _known_grade(self, path, grade):
        """A grade that the file has, or the database."""
        if not _is_text(grade):
            self._problem(self.env._("%s: “grade” is no text", path))
        elif grade not in self.grades and not self.env["grading.grade"]._find_content(grade):
            self._problem(
                self.env._(
                    "%(where)s: there is no grade “%(grade)s”, and the file has none",
                    where=path,
                    grade=grade[:MAX_KEY],
                )
            )

    def _grade(self, path, values):
        path = self._named(path, values)
        plain, texts = ("sequence", "color", "effort_share", "is_segment", "fold"), ("name", "title", "strategy")
        self._keys(path, values, {"grade", "name"}, {*plain, *texts})
        self._fields(path, "grading.grade", values, plain)
        self._texts(path, "grading.grade", values, texts)
        if "grade" in values and not _is_text(values["grade"]):
            self._problem(self.env._("%s: “grade” is no text", path))

    def _tag_rule(self, path, values):
        path = self._named(path, values)
        plain = ("sequence", "domain", "keep")
        self._keys(path, values, {"name", "tag"}, set(plain))
        self._fields(path, "grading.tag.rule", values, plain)
        self._texts(path, "grading.tag.rule", values, ("name",))
        if "tag" in values and not _is_text(values["tag"]):
            self._problem(self.env._("%s: “tag” is no text", path))
        self._filter(path, "grading.tag.rule", values)

    def _cadence(self, path, values):
        path = self._named(path, values)
        plain = (
            *("sequence", "domain", "channel", "interval_number", "interval_type", "tolerance_days"),
            *("anchor", "anchor_days", "responsible_type"),
        )
        self._keys(path, values, {"name", "channel"}, {*plain, "grades", "summary", "note"})
        self._fields(path, "grading.cadence", values, plain)
        self._texts(path, "grading.cadence", values, ("name", "summary", "note"))
        grades = values.get("grades", [])
        if not isinstance(grades, list) or len(grades) > MAX_ITEMS:
            self._problem(self.env._("%s: “grades” is no list of names", path))
            grades = []
        for grade in grades:
            self._known_grade(path, grade)
        self._filter(path, "grading.cadence", values)

    # ------------------------------------------------------------
    # Values
    # ------------------------------------------------------------

    def _problem(self, sentence):
        self.problems.append(sentence)

    def _keys(self, path, values, needed, allowed):
        where = path or self.env._("the file")
        for name in sorted(needed - values.keys()):
            self._problem(self.env._("%(where)s: “%(name)s” is missing", where=where, name=name))
        for name in sorted(values.keys() - needed - allowed):
            self._problem(self.env._("%(where)s: “%(name)s” is unknown", where=where, name=name[:MAX_KEY]))

    def _items(self, path, values):
        """The objects of a list; what is none is named."""
        if not isinstance(values, list) or len(values) > MAX_ITEMS:
            self._problem(self.env._("“%(where)s” is no list of at most %(most)s", where=path, most=MAX_ITEMS))
            return []
        for place, item in enumerate(values, 1):
            if not isinstance(item, dict):
                self._problem(self.env._("%s is no object", f"{path} {place}"))
        return self._dicts(values)

    def _dicts(self, values):
        return [item for item in values if isinstance(item, dict)] if isinstance(values, list) else []

    def _fields(self, path, model, values, names):
        """Values of plain fields, by the fields' own rules."""
        Model = self.env[model]
        for name in names:
            value, field = values.get(name), Model._fields[name]
            if value is None:
                if field.required and name in values:
                    self._problem(self.env._("%(where)s: “%(name)s” is missing", where=path, name=name))
                continue
            problem = self._kind_problem(field, value) or Model._input_problem(field, value)
            problem = problem or self._limit_problem(Model, name, value)
            if problem:
                self._problem(self.env._("%(where)s: “%(name)s”: %(problem)s", where=path, name=name, problem=problem))

    def _limit_problem(self, records, name, value):
        for constraint, (names, least, most) in LIMITS.get(records._name, {}).items():
            if name in names and not least <= value <= most:
                return records._table_objects[f"{records._table}{constraint}"].get_error_message(self.env)
        return None

    def _kind_problem(self, field, value):
        """A number in quotation marks is a text: files are written by programs."""
        if field.type in NUMBERS:
            is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if not is_number or isinstance(value, float) and not math.isfinite(value):
                return self.env._("enter a number")
            is_whole = field.type != "integer" or value == int(value)
            return None if is_whole else self.env._("enter a whole number")
        if field.type == "boolean":
            return None if isinstance(value, bool) else self.env._("enter true or false")
        return None if isinstance(value, str) else self.env._("enter a text")

    def _texts(self, path, model, values, names):
        """Translated texts, ``{language: text}``; a single text stands for all languages."""
        for name in names:
            value = values.get(name)
            if value is None:
                if name == "name" and name in values:
                    self._problem(self.env._("%(where)s: “%(name)s” is missing", where=path, name=name))
                continue
            texts = {"en_US": value} if isinstance(value, str) else value
            field = self.env[model]._fields[name]
            if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
                self._problem(self.env._("%(where)s: “%(name)s” is no text", where=path, name=name))
                continue
            problems = {self.env[model]._input_problem(field, text) for text in texts.values()} - {None}
            for problem in sorted(problems):
                self._problem(self.env._("%(where)s: “%(name)s”: %(problem)s", where=path, name=name, problem=problem))
            if name == "name" and not any(text.strip() for text in texts.values()):
                self._problem(self.env._("%(where)s: “%(name)s” is missing", where=path, name=name))
            values[name] = {lang: text for lang, text in texts.items() if text.strip()} or None

    def _named(self, path, values):
        """``criteria 3 (Payments)``"""
        name = values.get("name")
        name = next(iter(name.values()), None) if isinstance(name, dict) else name
        return f"{path} ({name[:MAX_KEY]})" if name and isinstance(name, str) else path

    def _filter(self, path, model, values):
        """A filter that cannot be compiled, or asks for more than the user may read; what is no text was named."""
        text, field = values.get("domain") or "[]", self.env[model]._fields["domain"]
        if not isinstance(text, str) or self.env[model]._input_problem(field, text):
            return
        known = {"domain": text}
        if "name" in self.env[model]._fields:
            known["name"] = path
        if "kind" in self.env[model]._fields:
            known["kind"] = "domain"
        if model == "grading.threshold":
            known["scheme_id"] = self.env["grading.scheme"].new({"threshold_mode": "filter"})
            known["grade_id"] = self.env["grading.grade"].new({"name": path})
        rule, problems = self.env[model].new(known), len(self.problems)
        self._refused(rule._check_readable)
        if len(self.problems) == problems:
            self._refused(rule._check_domain)
        if len(self.problems) == problems and self._parts.get(model, True):
            self._unknown_names(path, rule._parse_domain())

    def _unknown_names(self, path, domain):
        """Names that neither the database nor the file knows: the filter would not find what it asks for."""
        for asked, field, operator, name in names_asked(self.env["grading.profile"].sudo(), domain):
            brought = name in self._brought.get(asked._name, ())
            if not brought and not asked.search_count([(field, operator, name)], limit=1):
                self._problem(
                    self.env._(
                        "%(where)s: the filter asks for “%(name)s” (%(model)s), which does not exist here: create it "
                        "first, or change the filter",
                        where=path,
                        name=name[:MAX_KEY],
                        model=self.env["ir.model"]._get(asked._name).name,
                    )
                )


def _words(value):
    """The texts of a name, which is one text or one for each language."""
    texts = value.values() if isinstance(value, dict) else [value]
    return [text for text in texts if isinstance(text, str)]


def _is_text(value):
    """Whether it is a text that can be stored and says something."""
    return isinstance(value, str) and bool(value.strip()) and "\x00" not in value

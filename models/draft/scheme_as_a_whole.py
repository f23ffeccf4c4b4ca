"""What the rows of a scheme say together: each of them is right, and the database would refuse them one at a time."""

from odoo.exceptions import ValidationError
from odoo.fields import Command

from .grading_content_mixin import source_text
from .grading_scheme_content import SCHEME_FIELDS, SECONDARY_FIELDS, THRESHOLD_FIELDS


def problems_of_whole(env, values, rows):
    """The sentences by which the rules of schemes would refuse a scheme that is not stored.

    :param dict values: its content, see :meth:`GradingScheme._content`; each row of it has been checked
    :param list rows: the grades that come with it in a file
    :rtype: list[str]
    """
    caps = [item for item in values.get("criteria", []) if item["kind"] == "cap"]
    scheme = _unsaved(env, values, _grades_of_file(env, rows), caps)
    problems = []
    for item, cap in zip(caps, scheme.criterion_ids, strict=True):
        if problem := cap._incomplete():
            problems.append(f"{source_text(item['name'])}: {problem}")
    checks = [scheme._check_filter_mode]
    for threshold in scheme.threshold_ids:
        checks += [threshold._check_top_percent, threshold._check_segment]
    for check in checks:
        try:
            check()
        except ValidationError as error:
            problems.append(str(error))
    return [*problems, *scheme._threshold_problems()]


def _grades_of_file(env, rows):
    """``{name in the file: grade}``; of those that are to be created, records that are not saved."""
    Grade, grades = env["grading.grade"], {}
    for row in rows:
        if not (grade := Grade._find_in_file(row)):
            plain = {name: row[name] for name in ("sequence", "is_segment") if row.get(name) is not None}
            grade = Grade.new({"name": source_text(row["name"]), **plain})
        grades[row["grade"]] = grade
    return grades


def _unsaved(env, values, grades, caps):
    """The scheme as far as its rows depend on each other."""
    find = env["grading.grade"]._find_content
    thresholds = [
        {
            **{name: item.get(name) for name in THRESHOLD_FIELDS},
            "grade_id": grades.get(item["grade"]) or find(item["grade"]),
        }
        for item in values.get("thresholds", [])
    ]
    return env["grading.scheme"].new(
        {
            **{name: values.get(name) for name in (*SCHEME_FIELDS, *SECONDARY_FIELDS)},
            "name": source_text(values["name"]),
            "threshold_ids": [Command.create(threshold) for threshold in thresholds],
            "criterion_ids": [
                Command.create({"kind": "cap", "name": "x", "dimension": item.get("dimension")}) for item in caps
            ],
        }
    )

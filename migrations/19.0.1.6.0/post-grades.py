"""Grades get their full name, and colors that go from green for the best to grey for the last.

What an administrator has changed stays: only a color that is still the shipped one, and a title that is empty.
"""

from odoo import SUPERUSER_ID, api

# By grade: the color that was shipped, the one that takes its place, and the title.
GRADES = {
    "grading_grade_a": (10, 10, "ready to sign"),
    "grading_grade_b": (4, 4, "interested"),
    "grading_grade_c": (7, 0, "not yet ready"),
    "grading_grade_d": (3, 10, "key customers"),
    "grading_grade_e": (2, 4, "good customers"),
    "grading_grade_f": (1, 0, "other customers"),
}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name, (old_color, color, title) in GRADES.items():
        grade = env.ref(f"customer_grading.{name}", raise_if_not_found=False)
        if not grade:
            continue
        if grade.color == old_color:
            grade.color = color
        if not grade.title:
            grade.title = title

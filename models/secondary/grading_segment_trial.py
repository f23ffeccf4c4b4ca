from functools import reduce

from odoo import models
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..base.subject import SUBJECTS
from ..draft.grading_scheme_trial import JudgedRow
from ..run.grading_staging import MEASURED
from ..score.grading_criterion_hint import format_number
from .filter_words import FilterWords, parts_of


class GradingRun(models.Model):
    """One customer or lead, judged by a scheme beside the grade; nothing is written."""

    _inherit = "grading.run"

    def _read_judged(self, draft, rules, record):
        """What the scheme itself says stands beside what gives the grade, as ``segment`` of the row."""
        row = super()._read_judged(draft, rules, record)
        if row is None or not draft.is_secondary:
            return row
        Staging = self.env["grading.worktable"]
        row.segment = self._read_row(Staging._judged_by(draft, rules.subject), rules.subject, record)
        row.segment.conditions = Staging._judged_conditions(draft, rules, record)
        return row


class GradingWorktable(models.AbstractModel):
    _inherit = "grading.worktable"

    def _judged_conditions(self, scheme, rules, record):
        """Which conditions of its filters a customer or lead meets: of the filter of the scheme, and where segments are
        told by filters, of each of these.

        :return: ``{scheme or threshold: [(Domain, whether it is met)]}``
        """
        met = {scheme: self._met_conditions(scheme, MEASURED, rules, record)}
        if scheme.threshold_mode == "filter":
            covered = SQL("(%s)", self._points_select(scheme, rules))
            met |= {
                threshold: self._met_conditions(threshold, covered, rules, record)
                for threshold in scheme._thresholds_in_order()
            }
        return met

    def _met_conditions(self, rule, table, rules, record):
        parts, query = parts_of(rule._parse_domain()), self._query(table)
        if not parts:
            return []
        columns = [SQL("(%s) IS TRUE", rule._part_to_sql(part, query, rules.as_of)) for part in parts]
        query.add_where(SQL("%s = %s", SQL.identifier("grading_profile", SUBJECTS[rules.subject].key), record.id))
        rows = self.env.execute_query(query.select(*columns))
        return list(zip(parts, rows[0] if rows else [False] * len(parts), strict=True))


class GradingScheme(models.Model):
    _inherit = "grading.scheme"

    def _thresholds_in_order(self):
        """From the best segment down, as filters are asked."""
        return self.threshold_ids.sorted(lambda threshold: threshold.grade_id._place())


class GradingProfile(models.Model):
    """Why this segment, and what is missing for the one before it."""

    _inherit = "grading.profile"

    def _stored_segment(self, scheme):
        """What a scheme beside the grade has said in the last run, as the judge would say it; None where it does not
        cover the profile.

        :rtype: JudgedRow | None
        """
        known = self.sudo().secondary_ids.filtered(lambda own: own.scheme_id == scheme)
        if not known:
            return None
        names = self._stored_columns()
        self.env.flush_all()
        [values] = self.env.execute_query(
            SQL("SELECT %s FROM grading_profile WHERE id = %s", SQL(", ").join(map(SQL.identifier, names)), self.id)
        )
        row = JudgedRow(zip(names, values, strict=True))
        score = None if known.score is False else known.score
        row.update(scheme_id=scheme.id, score=score, points_detail=known.points_detail, grade_id=known.grade_id.id)
        row.since = known.since
        return row

    def _explain_segment(self, scheme, row, record):
        """
        :param grading.scheme scheme: judges beside the grade
        :param JudgedRow row: what it says; of another scheme or none where it does not cover the record
        :param record: the customer or lead, with the rights of the reader
        :return: values of the template of explanations of segments
        :rtype: dict
        """
        profile = self._as_judged(row)
        is_covered = row["scheme_id"] == scheme.id
        words = FilterWords(self.sudo(False), self.env.company._grading_today())
        rows = profile._explain_criteria() if is_covered else []
        if not is_covered:
            sentences = [self._explain_uncovered(scheme, row, words)]
        elif scheme.threshold_mode == "filter":
            sentences = [*self._explain_filters_met(scheme, row, words)]
        else:
            sentences = [self._explain_score_of_segment(scheme, row), profile._explain_missing(rows)]
        if row.since:
            sentences.append(self.env._("In this segment since %s.", format_date(self.env, row.since)))
        return {
            "profile": profile,
            "scheme": scheme,
            "sentences": list(filter(None, sentences)),
            "rows": rows,
            "number": lambda value: format_number(self.env, value),
            "stage_sentences": [],
            "stage_strategy": False,
            "conditions": self._explain_conditions(scheme, row, words, record),
        }

    def _explain_uncovered(self, scheme, row, words):
        unmet = "; ".join(words.tell(part) for part, is_met in row.conditions.get(scheme, []) if not is_met)
        if scheme.subject == "lead":
            return self.env._(
                "“%(scheme)s” does not cover this lead. Missing: %(conditions)s.", scheme=scheme.name, conditions=unmet
            )
        return self.env._(
            "“%(scheme)s” does not cover this customer. Missing: %(conditions)s.", scheme=scheme.name, conditions=unmet
        )

    def _explain_score_of_segment(self, scheme, row):
        values = {
            "score": format_number(self.env, row["score"] or 0, digits=1),
            "max": format_number(self.env, scheme.points_max, digits=1),
            "scheme": scheme.name,
            "segment": self.env["grading.grade"].browse(row["grade_id"]).name,
        }
        if not row["grade_id"]:
            return self.env._(
                "No segment: %(score)s of %(max)s points are below the lowest limit (scheme “%(scheme)s”).", **values
            )
        return self.env._("Segment %(segment)s: %(score)s of %(max)s points (scheme “%(scheme)s”).", **values)

    def _explain_filters_met(self, scheme, row, words):
        """The segment whose filter is met, and what is missing for the one before it."""
        names = {"segment": self.env["grading.grade"].browse(row["grade_id"]).name, "scheme": scheme.name}
        if row["grade_id"]:
            yield self.env._("Segment %(segment)s: its filter is met (scheme “%(scheme)s”).", **names)
        else:
            yield self.env._("No segment: no filter is met (scheme “%(scheme)s”).", **names)
        if not row.conditions:
            return
        before = [rule for rule in self._asked_before(scheme, row) if rule.grade_id.id != row["grade_id"]]
        if nearest := [rule for rule in before if rule.grade_id == before[-1].grade_id]:
            ways = [
                "; ".join(words.tell(part) for part, is_met in row.conditions[rule] if not is_met) for rule in nearest
            ]
            yield self.env._(
                "Missing for %(segment)s: %(conditions)s.",
                segment=nearest[0].grade_id.name,
                conditions=reduce(lambda one, other: self.env._("%(one)s or %(other)s", one=one, other=other), ways),
            )

    def _asked_before(self, scheme, row):
        """The filters of segments that are asked until one is met, which is the last one; all where none is."""
        asked = []
        for threshold in scheme._thresholds_in_order():
            asked.append(threshold)
            if row["grade_id"] and all(is_met for _part, is_met in row.conditions.get(threshold, [])):
                break
        return asked

    def _explain_conditions(self, scheme, row, words, record):
        """A line of the table for each condition of the filters that are asked.

        :return: ``[{"segment", "condition", "measured", "is_met"}]``; empty where the segment is told by points, and of
            what a former run has said, of which that is not known
        """
        if row["scheme_id"] != scheme.id or scheme.threshold_mode != "filter" or not row.conditions:
            return []
        return [
            {
                "segment": threshold.grade_id.name,
                "condition": words.tell(part),
                "measured": words.measured(part, row, record),
                "is_met": is_met,
            }
            for threshold in self._asked_before(scheme, row)
            for part, is_met in row.conditions[threshold]
        ]

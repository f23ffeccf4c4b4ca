from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..base.context import yardstick_of
from ..base.subject import SUBJECTS
from ..run.grading_run_pace import InOneGo
from ..run.grading_staging import GRADED
from ..score.grading_criterion_hint import format_number

# Sources that compare with what is learned once a week, and not with cut points: without that they say nothing.
LEARNED = {"purchase", "worth"}


class JudgedRow(dict):
    """What the judge has found of one customer or lead, by the profile's columns; in the context it stands for what is
    stored of them. No client can send one."""

    yardstick = None  # what they were compared with
    segment = None  # by a scheme beside the grade, what that says: another such row
    conditions = None  # of a segment, as judged: {scheme or threshold: [(Domain, whether it is met)]}
    since = False  # of a segment that is had: since when


def judged_row_of(env):
    """The row in the context, None where profiles are told as they are stored."""
    row = env.context.get("grading_judged_row")
    return row if isinstance(row, JudgedRow) else None


class GradingRun(models.Model):
    """One customer or lead, judged by a draft; nothing is written."""

    _inherit = "grading.run"

    @api.model
    def _judge_one(self, draft, record):
        """
        :param grading.scheme draft: stands in the place of its scheme; of the current company or of all
        :param record: a customer, by any of their contacts, or a lead
        :return: what the judge finds, by the profile's columns; None where the record is not graded at all
        :rtype: JudgedRow | None
        """
        company = self.env.company
        day = company._grading_today()
        run = self.sudo().new({"company_id": company.id, "scope": "preview", "as_of": day, "trial_scheme_id": draft.id})
        yardstick = run._yardstick(day)
        yardstick.cut_points = run._cut_points_for(draft)
        run = run.with_context(grading_yardstick=yardstick)
        of_lead = record._name == "crm.lead"
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        customer = record.commercial_partner_id if not of_lead else self.env["res.partner"]
        leads = record.sudo() if of_lead else leads.search([("partner_id.commercial_partner_id", "=", customer.id)])
        self.env.flush_all()
        judged = dict(zip(("lead", "customer"), run._collect_apart(run._sinks()["preview"], day), strict=True))
        for subject, records in (("lead", leads), ("customer", customer))[: 1 if of_lead else 2]:
            rules = judged[subject]
            rules.is_full = rules.fix = False
            run._check_compared(draft, rules)
            run._judge(rules, records, InOneGo())
            run.env["grading.worktable"]._create_graded(rules)
        row = run._read_judged(draft, rules, record if of_lead else customer)
        run.env["grading.worktable"]._drop()
        return row

    def _read_judged(self, draft, rules, record):
        """What the judge has left of the record. Extended for schemes that give no grade.

        :param grading.scheme draft: by which it has judged
        :param Rules rules: of what the record is
        :rtype: JudgedRow | None
        """
        return self._read_row(GRADED[rules.subject], rules.subject, record)

    def _read_row(self, table, subject, record):
        """The row of a table in the profile's columns that is about a customer or lead.

        :rtype: JudgedRow | None
        """
        names = self.env["grading.profile"]._stored_columns()
        rows = self.env.execute_query(
            SQL(
                "SELECT %s FROM %s AS graded WHERE graded.%s = %s",
                SQL(", ").join(SQL.identifier("graded", name) for name in names),
                table,
                SQL.identifier(SUBJECTS[subject].key),
                record.id,
            )
        )
        if not rows:
            return None
        row = JudgedRow(zip(names, rows[0], strict=True))
        row.yardstick = yardstick_of(self.env)
        return row

    def _cut_points_for(self, draft):
        """What one customer is compared with: the cut points in force, and for the draft those of its last preview,
        unless it was changed since, or else those of the criterion that it was before.

        :raise UserError: the draft compares customers in a new way
        :return: as a :class:`~..base.context.Yardstick` keeps them
        """
        known = self._known_marks()
        preview = draft.sudo()._preview()
        if not preview.is_outdated:  # else it may have compared something else
            for name, row_id, marks in preview.cut_points or []:
                if name == "measure":  # of all rules: those in force are the newer ones
                    known.setdefault((name, row_id), marks)
                else:
                    known[name, row_id] = marks
        former = {criterion.key: criterion for criterion in draft.draft_of_id.criterion_ids}
        missing = []
        for criterion in self.env["grading.ruler"]._ranked(draft):
            before = former.get(criterion.key)
            is_same = before and (before.kind, before.measure, before.best) == (
                criterion.kind,
                criterion.measure,
                criterion.best,
            )
            if is_same and ("criterion_id", before.id) in known:
                known.setdefault(("criterion_id", criterion.id), known["criterion_id", before.id])
            if ("criterion_id", criterion.id) not in known:
                missing.append(criterion.name)
        if draft.threshold_mode == "rank" and ("scheme_id", draft.id) not in known:
            missing.append(draft.name)
        if missing:
            raise UserError(self._preview_first(draft, missing[0]))
        return known

    def _check_compared(self, draft, rules):
        """
        :raise UserError: what a measure compares customers with is not known, so that all would seem alike
        """
        if self.env["grading.measure"]._is_compared_missing(rules.compared - LEARNED):
            raise UserError(self._preview_first(draft, draft.name))

    def _preview_first(self, draft, name):
        """That there is nothing yet to compare one customer with."""
        if not draft.is_draft and draft.active:
            return self.env._(
                "“%s” compares customers with each other: rescore all of them first, then try it on one.", name
            )
        return self.env._("“%s” compares customers with each other: preview the draft first, then try it on one.", name)

    @api.model
    def _known_marks(self):
        """The cut points in force in the company.

        :rtype: dict[tuple[str, int | str], list]
        """
        known = {}
        for ruler in self.env["grading.ruler"].sudo().search([("company_id", "=", self.env.company.id)]):
            for name in ("criterion_id", "scheme_id"):
                if ruler[name]:
                    known[name, ruler[name].id] = ruler.marks or []
            if ruler.measure:
                known["measure", ruler.measure] = ruler.marks or []
        return known


class GradingProfile(models.Model):
    _inherit = "grading.profile"

    def _explain_as_judged(self, row):
        """The explanation by what the judge has found, and not by what is stored.

        :param JudgedRow row:
        :return: values of the template of explanations
        :rtype: dict
        """
        return self._as_judged(row)._explanation_of_points()

    def _as_judged(self, row):
        """The profile with what the judge has found in the place of what is stored; compared with what the judge has
        compared with.

        :param JudgedRow row:
        """
        profile = self.with_context(grading_judged_row=row, grading_yardstick=row.yardstick).sudo()
        return profile.new(dict(row), origin=profile or None)

    def _explanation_of_points(self):
        """The grade and the points of each criterion; without the stage of the life cycle."""
        rows = self._explain_criteria() if self.scheme_id else []
        return {
            "profile": self,
            "scheme": self.scheme_id,
            "sentences": self._explain_grade(rows),
            "rows": rows,
            "number": lambda value: format_number(self.env, value),
            "stage_sentences": [],
            "stage_strategy": False,
        }

    def _unknown_measures(self, measures):
        row = judged_row_of(self.env)
        if row is None:
            return super()._unknown_measures(measures)
        catalog = self.env["grading.measure"]._catalog()
        unknown = set(measures) - catalog.keys()
        for name in set(measures) - unknown:
            column = self.env["grading.measure"]._column(name)
            if row[column] is None if column in row else self[column] is False:
                unknown.add(name)
        return unknown

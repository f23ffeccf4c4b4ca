from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.context import without_client_keys
from ..base.fields import MANAGERS
from ..base.guarded import guarded
from ..run.grading_run import RESCORE_AT_ONCE
from ..score.grading_criterion_hint import format_money, format_number

KEEP_PREVIEW_DAYS = 30


class GradingPreview(models.Model):
    """What would come of a draft in one company if it were published now: how many would go from which grade to which,
    with their revenue, the contacts that cadences would ask for, the plays that would start.

    It is worked out by a run that judges apart, and changes nothing that people see. A draft has one preview in each
    company, the latest.
    """

    _name = "grading.preview"
    _description = "Preview of a Draft"
    _order = "date desc, id desc"
    _rec_name = "scheme_id"

    scheme_id = fields.Many2one("grading.scheme", required=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    subject = fields.Selection(related="scheme_id.subject")
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one("res.users", string="By", ondelete="set null", readonly=True)
    date = fields.Datetime(string="Started", default=fields.Datetime.now, required=True, readonly=True)
    run_id = fields.Many2one("grading.run", ondelete="cascade", required=True, index=True, readonly=True)
    state = fields.Selection(related="run_id.state")
    progress = fields.Float(related="run_id.progress", string="Progress (%)")
    message = fields.Text(related="run_id.message")
    as_of = fields.Date(related="run_id.as_of")
    scheme_version = fields.Integer(readonly=True, aggregator=None)
    is_outdated = fields.Boolean(compute="_compute_is_outdated", help="The draft was changed since.")
    shared_text = fields.Text(string="In Other Companies", compute="_compute_shared_text")
    judged_count = fields.Integer(string="Scored", readonly=True)
    moved_count = fields.Integer(string="Would Move", readonly=True)
    up_count = fields.Integer(string="Up", readonly=True)
    down_count = fields.Integer(string="Down", readonly=True)
    waiting_count = fields.Integer(
        string="After the Days of Grace", readonly=True, help="They keep their grade until the days of grace are over."
    )
    score_count = fields.Integer(
        string="Scores that Change", readonly=True, help="Of those whom the draft grades, or its scheme until now."
    )
    graded_count = fields.Integer(string="Graded by the Draft", readonly=True)
    covered_text = fields.Text(string="Schemes before It", compute="_compute_covered_text")
    cell_ids = fields.One2many("grading.preview.cell", "preview_id", readonly=True)
    line_ids = fields.One2many("grading.preview.line", "preview_id", readonly=True)
    start_ids = fields.One2many("grading.preview.start", "preview_id", readonly=True)
    contacts = fields.Json(readonly=True, help="Contacts a week by grade: {grade id: [before, after]}.")
    plays = fields.Json(readonly=True, help="How many would start which play: [[play id, number]].")
    cut_points = fields.Json(readonly=True, help="What customers were compared with: [[field, id, marks]].")
    matrix = fields.Json(compute="_compute_matrix", help="What the screen draws, see the widget grading_preview.")

    _draft_company_unique = models.UniqueIndex(
        "(scheme_id, company_id)", "A draft has one preview in each company: reload the page."
    )

    @api.depends("scheme_version", "scheme_id.version")
    def _compute_is_outdated(self):
        for preview in self:
            preview.is_outdated = preview.scheme_version != preview.scheme_id.version

    @api.depends("scheme_id.company_id", "company_id")
    @api.depends_context("lang")
    def _compute_shared_text(self):
        """That publishing concerns more than the preview tells of."""
        for preview in self:
            preview.shared_text = preview.scheme_id._holds_elsewhere(preview.company_id) and self.env._(
                "“%(scheme)s” holds in all companies. This preview is of %(company)s alone: published, the draft moves "
                "customers of the other companies, too.",
                scheme=preview.scheme_id.name,
                company=preview.company_id.name,
            )

    @api.depends("state", "graded_count", "scheme_id.draft_of_id", "scheme_id.sequence")
    @api.depends_context("lang")
    def _compute_covered_text(self):
        """Why a new scheme would grade none: others stand before it."""
        for preview in self:
            preview.covered_text = False
            scheme = preview.scheme_id
            if preview.state != "done" or preview.graded_count or scheme.draft_of_id or scheme.is_secondary:
                continue
            before = self.env["grading.scheme"].search(
                [
                    *(("subject", "=", scheme.subject), ("is_secondary", "=", False)),
                    ("company_id", "in", (False, preview.company_id.id)),
                ]
            )
            before = before.filtered(lambda other, own=scheme: (other.sequence, other.id) < (own.sequence, own.id))
            if before:
                preview.covered_text = self.env._(
                    "“%(scheme)s” would grade none. Other schemes stand before it and cover all who meet its filter: "
                    "%(others)s. Drag it before them in the list of schemes, or edit one of them as a draft.",
                    scheme=scheme.name,
                    others=", ".join(f"“{other.display_name}”" for other in before),
                )

    # ------------------------------------------------------------
    # The screen
    # ------------------------------------------------------------

    @api.depends("cell_ids", "contacts", "plays")
    @api.depends_context("lang")
    def _compute_matrix(self):
        for preview in self:
            preview.matrix = preview._matrix()

    def _matrix(self):
        """
        :return: ``{"grades": [{id, name}], "rows": [{"id", "name", "cells": [{to, count, amount, expected, moves}]}],
            "contacts": [{name, before, after}], "plays": [{id, name, count}], "of_segments": whether the grades are
            segments}``; id 0 stands for no grade
        :rtype: dict
        """
        self.ensure_one()
        cells = {(cell.from_grade_id.id or 0, cell.to_grade_id.id or 0): cell for cell in self.cell_ids}
        present = {grade_id for pair in cells for grade_id in pair}
        named = self._grades_named(present - {0})
        if 0 in present:
            named.append((0, self._no_grade()))
        weekly = self.contacts or {}
        of_segments = self.scheme_id._moves_segments()
        counted = self._grades_named({int(key) for key in weekly}) if of_segments else named
        plays = self.env["grading.play"].browse(play_id for play_id, _count in self.plays or []).exists()
        counts, listed = dict(self.plays or []), bool(self.start_ids[:1])
        return {
            "grades": [{"id": grade_id, "name": name} for grade_id, name in named],
            "rows": [
                {"id": row, "name": name, "cells": [self._cell(cells.get((row, to)), row, to) for to, _name in named]}
                for row, name in named
            ],
            "contacts": [
                {"name": name, "before": self._rounded(weekly, key, 0), "after": self._rounded(weekly, key, 1)}
                for key, name in counted
                if str(key) in weekly
            ],
            "plays": [
                # A preview of an earlier release knows how many they are and not who.
                {"id": play.id, "name": play.name, "count": counts[play.id], "is_listed": listed}
                for play in plays
            ],
            "of_segments": of_segments,
        }

    def _grades_named(self, ids):
        """``[(id, name)]`` of grades in their order; 0 stands for none."""
        grades = self.env["grading.grade"].with_context(active_test=False).search([("id", "in", list(ids))])
        named = [(grade.id, grade.name) for grade in grades]
        return [*named, (0, self.env._("No grade"))] if 0 in ids else named

    def _cell(self, cell, row, to):
        if not cell:
            return {"to": to, "count": 0, "amount": "", "expected": "", "moves": row != to}
        return {
            "to": to,
            "count": cell.customer_count,
            "amount": format_money(self.env, round(cell.order_amount_12m), self.currency_id),
            "expected": format_money(self.env, round(cell.expected_amount), self.currency_id),
            "moves": row != to,
        }

    def _no_grade(self):
        """How the screen names that there is none."""
        return self.env._("No segment") if self.scheme_id._moves_segments() else self.env._("No grade")

    def _tells_of(self, subject):
        """Whether the draft concerns customers, or leads; prospects go with the grades of leads, and have no segments
        of theirs."""
        draft = self.scheme_id
        return draft.subject == subject or (draft.subject == "lead" and not draft._moves_segments())

    def _rounded(self, weekly, key, place):
        return format_number(self.env, weekly[str(key)][place], 1)

    @api.readonly
    @guarded(one=True)
    def action_view_lines(self):
        """Show those who would move."""
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_preview_line_action")
        return {**action, "domain": [("preview_id", "=", self.id)], "context": {}}

    @api.readonly
    @guarded(one=True)
    def action_open_cell(self, from_id=0, to_id=0):
        """Show those who would move between two grades; 0 stands for no grade.

        :param int from_id: the grade that they have
        :param int to_id: the grade that they would get
        """
        grades = self.env["grading.grade"].with_context(active_test=False)
        former, present = (
            grades.search([("id", "=", grade_id if type(grade_id) is int else 0)]) for grade_id in (from_id, to_id)
        )
        domain = [("from_grade_id", "=", former.id), ("to_grade_id", "=", present.id)]
        name = " → ".join(grade.name or self._no_grade() for grade in (former, present))
        return {**self.action_view_lines(), "name": name, "domain": [("preview_id", "=", self.id), *domain]}

    @api.readonly
    @guarded(one=True)
    def action_open_play(self, play_id=0):
        """Show those for whom a play would start.

        :param int play_id: the play
        """
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_preview_start_action")
        plays = self.env["grading.play"].with_context(active_test=False)  # it may have been archived since
        play = plays.search([("id", "=", play_id if type(play_id) is int else 0)])
        domain = [("preview_id", "=", self.id), ("play_id", "=", play.id)]
        return {**action, "name": play.name or action["name"], "domain": domain, "context": {}}

    @guarded(one=True)
    def action_refresh(self):
        """Work it out again, with the draft and the customers as they are now."""
        return self.scheme_id.action_preview()

    def _open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preview of “%s”", self.scheme_id.name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------
    # Working it out
    # ------------------------------------------------------------

    @api.model
    def _begin(self, scheme):
        """A new preview of the draft in the environment's company, in the place of the former one: worked out at once,
        or in the background where there are many.

        :rtype: grading.preview
        """
        company = self.env.company
        previews = without_client_keys(self.sudo())
        previews.search([("scheme_id", "=", scheme.id), ("company_id", "=", company.id)]).run_id.unlink()
        self.env["grading.scheme"]._close_versions()
        run = previews.env["grading.run"].create(
            {
                "company_id": company.id,
                "scope": "preview",
                "as_of": company._grading_today(),
                "trial_scheme_id": scheme.id,
                "day_total": 1,
            }
        )
        preview = previews.create(
            {
                "scheme_id": scheme.id,
                "company_id": company.id,
                "user_id": self.env.uid,
                "run_id": run.id,
                "scheme_version": scheme.version,
            }
        )
        profiles = previews.env["grading.profile"]
        if profiles.search_count([("company_id", "=", company.id)], limit=RESCORE_AT_ONCE + 1) > RESCORE_AT_ONCE:
            run._trigger_apart()
        else:
            run._execute()
        return preview.with_env(self.env)

    @api.autovacuum
    def _gc_previews(self):
        """Previews are of use for a month: by then the customers have changed."""
        before = fields.Datetime.now() - timedelta(days=KEEP_PREVIEW_DAYS)
        self.search([("date", "<", before)], limit=1000).run_id.unlink()


class GradingPreviewCell(models.Model):
    """How many would go from one grade to another by a draft, or stay, and what they buy.

    The grade that they would get is the one in the end, after the days of grace.
    """

    _name = "grading.preview.cell"
    _description = "Movement in a Preview"
    _order = "preview_id, id"
    _log_access = False

    preview_id = fields.Many2one("grading.preview", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one(related="preview_id.company_id")
    currency_id = fields.Many2one(related="preview_id.currency_id")
    from_grade_id = fields.Many2one("grading.grade", string="From", ondelete="cascade", readonly=True)
    to_grade_id = fields.Many2one("grading.grade", string="To", ondelete="cascade", readonly=True)
    customer_count = fields.Integer(string="Customers and Leads", readonly=True)
    order_amount_12m = fields.Monetary(string="Amount, 12 Months", readonly=True)
    expected_amount = fields.Monetary(string="Forecast Revenue", readonly=True)


class GradingScheme(models.Model):
    _inherit = "grading.scheme"

    preview_ids = fields.One2many("grading.preview", "scheme_id", readonly=True, groups=MANAGERS)
    preview_moved_count = fields.Integer(compute="_compute_preview_moved_count", groups=MANAGERS)

    @api.depends("preview_ids.moved_count")
    @api.depends_context("company")
    def _compute_preview_moved_count(self):
        for scheme in self:
            preview = scheme._preview()
            scheme.preview_moved_count = preview.moved_count if preview else -1

    def _moves_segments(self):
        """Whether publishing the draft would move segments, and no grade: it judges beside the grade, and so does the
        scheme whose place it is to take. One that gives the grade until now would leave its customers without."""
        self.ensure_one()
        return self.is_secondary and (not self.draft_of_id or self.draft_of_id.is_secondary)

    def _preview(self):
        """The preview of the scheme in its own company or else the current one, maybe none. Only managers have any to
        see."""
        previews = self.env["grading.preview"]
        if not self._origin or not previews.has_access("read"):
            return previews
        company = self.company_id or self.env.company
        return previews.search([("scheme_id", "=", self._origin.id), ("company_id", "=", company.id)])

    @guarded(one=True)
    def action_preview(self):
        """Judge all customers by the draft, and show which of them would move; nothing that people see is changed."""
        self.check_access("write")
        if self.active:
            raise UserError(
                self.env._("“%s” is in force, there is nothing to preview: choose “Edit as Draft”.", self.name)
            )
        self._check_publishable()
        return self.with_company(self.company_id).env["grading.preview"]._begin(self)._open()

    @guarded(one=True)
    def action_view_preview(self):
        """Show the latest preview."""
        preview = self._preview()
        return preview._open() if preview else self.action_preview()

from odoo import api, fields, models

from ..base.fields import ALL_FIGURES
from ..base.guarded import guarded
from ..score.grading_criterion_hint import format_number

# Of the criteria that moved, the strongest are named and the others counted.
NAMED_CRITERIA = 3


class GradingHistory(models.Model):
    """Why it changed, in the reader's words: told from what the run has stored, when it is read.

    *Payments −6: 12 days late on average (was 2). Recent orders −4: 3 orders (was 5). And 2 more.*
    """

    _inherit = "grading.history"

    points_change = fields.Json(
        readonly=True,
        groups=ALL_FIGURES,
        help="The points of each criterion that moved since the last line, before and after: together they are the "
        "change of the score.",
    )
    values_change = fields.Json(
        readonly=True,
        groups=ALL_FIGURES,
        help="What these criteria measured before and after; of those alone that the rules did not move.",
    )
    points_after = fields.Json(readonly=True, groups=ALL_FIGURES, help="The points of all criteria: the score.")
    values_after = fields.Json(readonly=True, groups=ALL_FIGURES, help="What the criteria measured, if it was read.")
    rules_changed = fields.Boolean(
        string="Changed by the Rules",
        readonly=True,
        help="The rules, or the cut points of ranks, moved all or the greater part of it, and not the customer.",
    )
    override_user_id = fields.Many2one("res.users", string="Override by", ondelete="set null", readonly=True)
    change_text = fields.Char(string="What Changed", compute="_compute_change_text")

    @api.depends("points_change", "values_change", "rules_changed", "reason", "note", "override_user_id")
    @api.depends_context("lang", "uid")
    def _compute_change_text(self):
        ids = {int(criterion_id) for line in self.sudo() for criterion_id in line.points_change or {}}
        criteria = {criterion.id: criterion for criterion in self.env["grading.criterion"].sudo().browse(ids).exists()}
        visible = self._filtered_access("read")
        for line in self:
            is_visible = line in visible and line._are_words_visible(criteria)
            sentences = line.sudo()._explain_change(criteria) if is_visible else []
            line.change_text = " ".join(sentences) or False

    def _are_words_visible(self, criteria):
        """Whether the user may see what the figures come from. A prospect's come from their best lead: they are visible
        with that lead alone, as they are on the profile."""
        if self.env.su or self.lead_id:
            return True
        keys = self.sudo().points_change or {}
        through_lead = any(criteria[int(key)].scheme_id.subject == "lead" for key in keys if int(key) in criteria)
        profile = self.sudo().profile_id.sudo(False)
        return not through_lead or bool(profile) and profile.has_access("read")

    def _explain_change(self, criteria):
        """The sentences on one line.

        :param dict criteria: those that there still are, by id
        :rtype: list[str]
        """
        moves = sorted(
            ((int(key), *points) for key, points in (self.points_change or {}).items()),
            key=lambda move: (-abs(move[2] - move[1]), move[0]),
        )
        named, by_rules, by_customer = moves[:NAMED_CRITERIA], [], []
        for criterion_id, before, after in named:
            criterion = criteria.get(criterion_id, self.env["grading.criterion"]).with_company(self.company_id)
            if str(criterion_id) in (self.values_change or {}):
                by_customer.append(self._explain_move(criterion, criterion_id, before, after))
            else:
                by_rules.append(self._name_move(criterion, before, after))
        rules = self._explain_rules(by_rules, moves)
        sentences = [self._explain_override_end(), *self._explain_scheme(moves, criteria)]
        sentences += [rules, *by_customer] if self.rules_changed else [*by_customer, rules]
        if rest := len(moves) - len(named):
            sentences.append(self.env._("And %s more.", rest))
        return list(filter(None, sentences))

    def _explain_override_end(self):
        """Whose override ended, and why it had been given. One that a person removed has its words in the note."""
        if self.reason != "override_end" or self.user_id:
            return None
        return self.env._(
            "The override to %(grade)s by %(user)s ended: “%(reason)s”.",
            grade=self.old_grade_id.name,
            user=self.override_user_id.name or self.env._("a deleted user"),
            reason=self.note or "",
        )

    def _explain_scheme(self, moves, criteria):
        """That another scheme grades now."""
        known = [(criteria[key].scheme_id, before, after) for key, before, after in moves if key in criteria]
        former = self.env["grading.scheme"].union(*(scheme for scheme, before, _after in known if before))
        present = self.env["grading.scheme"].union(*(scheme for scheme, _before, after in known if after))
        if len(former) != 1 or len(present) != 1 or former == present:
            return []
        return [
            self.env._(
                "Graded by the scheme “%(scheme)s” instead of “%(former)s”.", scheme=present.name, former=former.name
            )
        ]

    def _explain_rules(self, by_rules, moves):
        if by_rules:
            return self.env._("The rules changed: %s.", ", ".join(by_rules))
        if self.rules_changed and not moves:
            return self.env._("The rules changed.")
        return None

    def _explain_move(self, criterion, criterion_id, before, after):
        """``Payments −6: 12 days late on average (was 2).``"""
        name = self._name_move(criterion, before, after)
        is_visible = criterion and self.env["grading.profile"]._is_value_visible(criterion.measure)
        why = is_visible and criterion._explain_moved(before, after, *self.values_change[str(criterion_id)])
        return self.env._("%(change)s: %(reason)s.", change=name, reason=why) if why else f"{name}."

    def _name_move(self, criterion, before, after):
        """``Payments −6``"""
        name = criterion.name or self.env._("A removed criterion")
        number = format_number(self.env, abs(after - before))
        return f"{name} {'+' if after > before else '−'}{number}"

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    @api.readonly
    @guarded(one=True)
    def action_open_subject(self):
        """Open the customer or lead that the line is about."""
        subject = self._subject()
        return {
            "type": "ir.actions.act_window",
            "res_model": subject._name,
            "res_id": subject.id,
            "views": [(False, "form")],
            "name": subject.display_name,
        }

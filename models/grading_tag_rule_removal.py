from odoo import api, models
from odoo.tools import SQL

from .grading_tag_origin import TAGGED


class GradingTagRule(models.Model):
    """What becomes of the tags that a rule gave when it goes: taken back, or with ``grading_keep_tags`` in the context
    left as if somebody had given them."""

    _inherit = "grading.tag.rule"

    def write(self, vals):
        if vals.get("active", True) and not vals.keys() & {"category_id", "lead_tag_id", "company_id"}:
            return super().write(vals)
        former = {rule: rule._tag() for rule in self if rule.active}
        res = super().write(vals)
        for rule, tag in former.items():
            if not rule.active or rule._tag() != tag:
                rule._give_up()
            elif rule.company_id:
                rule._give_up(SQL("origin.company_id <> %s", rule.company_id.id))
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_give_up(self):
        self._give_up()

    def _give_up(self, which=None):
        """Take back what the rules gave, or leave it, as the context says.

        :param odoo.tools.SQL which: a condition on ``origin``, for what was given to some only
        """
        if self.env.context.get("grading_keep_tags"):
            self._leave(which)
        else:
            self._take_back(which)

    def _take_back(self, which=None):
        """Take back the tags that nobody but these rules gave; :meth:`_give_up` has the argument."""
        self.env["grading.tag.origin"].sudo()._take_back_everywhere(self._given_by_us(which))

    def _leave(self, which=None):
        """Leave the tags to whom these rules gave them; :meth:`_give_up` has the argument."""
        for subject in TAGGED:
            self.env["grading.tag.origin"].sudo()._leave(subject, self._given_by_us(which))

    def _given_by_us(self, which):
        ours = SQL("origin.rule_id = ANY(%s)", self.ids)
        return SQL("%s AND %s", ours, which) if which else ours

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_archive(self):
        """On our screens, ask first what is to become of the tags that the rules gave."""
        # Of other companies, too: what a shared rule gave there goes with it.
        given = [("rule_id", "in", self.filtered("active").ids)]
        if self.env.context.get("grading_ask_removal") and self.env["grading.tag.origin"].sudo().search(given, limit=1):
            return self._ask_removal("archive")
        return super().action_archive()

    def _ask_removal(self, operation):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Archive the Tag Rule"),
            "res_model": "grading.tag.rule.removal",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_rule_ids": self.ids, "default_operation": operation},
        }

    def action_apply(self):
        """Rescore the customers and leads of the company, and so apply all rules: at once, or in the background when
        they are many."""
        return self.env["grading.scheme"].action_rescore()

    def action_view_tagged(self):
        """The customers or leads who have the tag from the rule, archived ones included."""
        self.ensure_one()
        leads = self.subject == "lead"
        return {
            "type": "ir.actions.act_window",
            "name": self._tag().display_name,
            "res_model": TAGGED[self.subject][2],
            "view_mode": "list,kanban,form" if leads else "kanban,list,form",
            "domain": [("grading_tag_origin_ids.rule_id", "in", self.ids)],
            "context": {"active_test": False},
        }

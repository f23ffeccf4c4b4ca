from odoo import api, models
from odoo.exceptions import UserError, ValidationError


class GradingTagRule(models.Model):
    """The tag of a rule: exactly one, of what the rule judges, and there as long as the rule is."""

    _inherit = "grading.tag.rule"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            # The database would refuse the line before it could be said which rule it is.
            self.new(self._add_missing_default_values(vals))._check_choice()
        return super().create(vals_list)

    def copy_data(self, default=None):
        """A copy would give the same tag to the same customers: it waits, archived, to be changed."""
        vals_list = super().copy_data({"active": False, **(default or {})})
        if "name" not in (default or {}):
            for rule, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%s (copy)", rule.name)
        return vals_list

    @api.constrains("subject", "category_id", "lead_tag_id", "keep", "group_id")
    def _check_choice(self):
        for rule in self:
            if problem := rule._wrong_choice():
                raise ValidationError(problem)

    def _wrong_choice(self):
        """What does not go together in the rule, as a sentence; nothing when all does."""
        self.ensure_one()
        if len(self.category_id) + len(self.lead_tag_id) != 1:
            return self.env._(
                "The tag rule “%s” has to give one tag: choose a contact tag or a lead tag, not both.", self.name
            )
        if (self.subject == "lead") != bool(self.lead_tag_id):
            return self.env._(
                "The tag rule “%(rule)s” can not give the tag “%(tag)s”: "
                "a rule for leads gives a lead tag and one for customers a contact tag, so choose the tag anew.",
                rule=self.name,
                tag=self._tag().display_name,
            )
        if self.keep and self.group_id:
            return self.env._(
                "The tag rule “%(rule)s” can not keep its tag for good: of the tags of the group “%(group)s” a "
                "customer has one at a time. Take the rule out of the group, or do not keep the tag.",
                rule=self.name,
                group=self.group_id.name,
            )
        return None

    @api.constrains("active", "category_id")
    def _check_tag_is_active(self):
        for rule in self.filtered(lambda rule: rule.active and rule.category_id and not rule.category_id.active):
            raise ValidationError(
                self.env._(
                    "The tag rule “%(rule)s” would give the archived tag “%(tag)s”, which nobody sees: "
                    "restore the tag, or choose another one.",
                    rule=rule.name,
                    tag=rule.category_id.display_name,
                )
            )

    # ------------------------------------------------------------
    # Tags that go
    # ------------------------------------------------------------

    @api.model
    def _check_no_rule_gives(self, tags):
        """Refuse to delete tags that rules give, archived rules and the tags below included.

        :raise UserError: naming the tag, a rule that gives it and the remedy
        """
        tags = tags.sudo().with_context(active_test=False)
        if tags._parent_name in tags._fields:
            tags = tags.search([("id", "child_of", tags.ids)])
        if rule := self.with_context(active_test=False)._giving(tags):
            raise UserError(
                self.env._(
                    "The tag “%(tag)s” is given by %(rule)s: delete the rule first, or give it another tag.",
                    tag=rule._tag().display_name,
                    rule=rule._called(),
                )
            )

    @api.model
    def _check_no_active_rule_gives(self, tags):
        """Refuse to archive tags that rules give: nobody would see what they go on giving.

        :raise UserError: naming the tag, a rule that gives it and the remedy
        """
        if rule := self._giving(tags):
            raise UserError(
                self.env._(
                    "The tag “%(tag)s” is given by %(rule)s: archive the rule first, or give it another tag.",
                    tag=rule._tag().display_name,
                    rule=rule._called(),
                )
            )

    def _giving(self, tags):
        name = "lead_tag_id" if tags._name == "crm.tag" else "category_id"
        return self.sudo().search([(name, "in", tags.ids)], limit=1)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        """Without a rule that gives it, a tag needs no note that a rule must not give it."""
        Origin = self.env["grading.tag.origin"].sudo()
        others = self.sudo().with_context(active_test=False)
        for name in ("category_id", "lead_tag_id"):
            left = others.search([(name, "in", self[name].ids), ("id", "not in", self.ids)])[name]
            Origin.search([(name, "in", (self[name] - left).ids), ("kind", "=", "never")]).unlink()

import contextlib

import psycopg2

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, mute_logger

from ..base.grading_domain_mixin import BAD_DOMAIN_ERRORS, sql_case
from ..base.guarded import guarded
from ..base.subject import SUBJECTS


class GradingTagGroup(models.Model):
    """A choice between tags: a customer gets the tag of the first of its rules that matches, and none of the others."""

    _name = "grading.tag.group"
    _inherit = ["grading.input.mixin", "grading.shared.mixin"]
    _description = "Group of Tag Rules"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    rule_ids = fields.One2many("grading.tag.rule", "group_id")

    def _deciding_rules(self):
        return self.with_context(active_test=False).rule_ids


class GradingTagRule(models.Model):
    """A dynamic tag: customers or leads have the tag as long as they meet the filter.

    A rule revokes only what rules gave (:class:`grading.tag.origin`): a tag given by hand survives every rule, and one
    that was removed by hand from a customer that meets the filter stays away.
    """

    _name = "grading.tag.rule"
    _inherit = ["grading.domain.mixin", "grading.shared.mixin"]
    _description = "Tag Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", ondelete="cascade", help="Empty: the rule holds in every company; contact tags are shared."
    )
    subject = fields.Selection(
        [("customer", "Customers"), ("lead", "Leads")],
        compute="_compute_subject",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    category_id = fields.Many2one(
        "res.partner.category", string="Contact Tag", ondelete="restrict", index="btree_not_null"
    )
    lead_tag_id = fields.Many2one("crm.tag", ondelete="restrict", index="btree_not_null")
    category_color = fields.Integer(related="category_id.color", string="Color of the Contact Tag")
    lead_tag_color = fields.Integer(related="lead_tag_id.color", string="Color of the Lead Tag")
    keep = fields.Boolean(help="Once earned, the tag stays, even when the filter is no longer met.")
    group_id = fields.Many2one(
        "grading.tag.group",
        ondelete="set null",
        index="btree_not_null",
        help="Of the rules of a group, only the first one that matches gives its tag.",
    )

    origin_ids = fields.One2many("grading.tag.origin", "rule_id", string="Given Tags", readonly=True)
    tagged_count = fields.Integer(string="Tagged", compute="_compute_tagged_count")

    _one_tag = models.Constraint(
        "CHECK (num_nonnulls(category_id, lead_tag_id) = 1)",
        "A tag rule gives one tag: choose a contact tag or a lead tag, not both.",
    )
    _tag_of_subject = models.Constraint(
        "CHECK ((subject = 'lead') = (lead_tag_id IS NOT NULL))",
        "A tag rule for leads gives a lead tag and one for customers a contact tag: choose another tag.",
    )
    _keep_alone = models.Constraint(
        "CHECK (NOT keep OR group_id IS NULL)",
        "Of a group's tags a customer has one, so none of them can be kept for good: "
        "take the rule out of its group, or do not keep the tag.",
    )

    @api.depends("category_id", "lead_tag_id")
    def _compute_subject(self):
        for rule in self:
            if rule.category_id or rule.lead_tag_id:
                rule.subject = "lead" if rule.lead_tag_id else "customer"
            else:
                rule.subject = rule.subject or "customer"

    def _compute_tagged_count(self):
        counts = {
            rule: customers + leads
            for rule, customers, leads in self.env["grading.tag.origin"]._read_group(
                [("rule_id", "in", self.ids)], ["rule_id"], ["partner_id:count_distinct", "lead_id:count_distinct"]
            )
        }
        for rule in self:
            rule.tagged_count = counts.get(rule._origin, 0)

    @api.onchange("subject")
    def _onchange_subject(self):
        for name, subject in SUBJECTS.items():
            if name != self.subject:
                self[subject.tag_key] = False

    # ------------------------------------------------------------
    # To SQL
    # ------------------------------------------------------------

    def _to_sql(self, query, as_of):
        """Which of the rules give their tag, one expression for each rule or group: ``CASE WHEN … THEN 7 END``.

        Of a group the first rule that matches: ``CASE WHEN … THEN 8 WHEN … THEN 9 ELSE NULL END``.

        :param odoo.tools.query.Query query: on ``grading_profile``, in which the expressions will stand
        :param datetime.date as_of: the day that ``today`` means in the filters
        :rtype: list[odoo.tools.SQL]
        """
        by_choice = {}
        for rule in self.sorted():
            branch = (rule._domain_to_sql(query, as_of), SQL("%s", rule.id))
            by_choice.setdefault(rule.group_id or rule, []).append(branch)
        return [sql_case(branches, SQL("NULL::int")) for branches in by_choice.values()]

    # ------------------------------------------------------------
    # Which rules give what
    # ------------------------------------------------------------

    @api.model
    def _in_force(self, subject):
        """The active rules of the current company for customers or for leads.

        :rtype: grading.tag.rule
        """
        return super()._in_force(("subject", "=", subject))

    def _tag(self):
        """The tag that the rule gives.

        :rtype: res.partner.category or crm.tag
        """
        self.ensure_one()
        return self.category_id or self.lead_tag_id

    @api.model
    @tools.ormcache("subject")
    def _given_tags(self, subject):
        """Ids of the tags that active rules give, in any company.

        :rtype: frozenset[int]
        """
        rules = self.sudo().search([("subject", "=", subject), ("active", "=", True)])
        return frozenset(rule._tag().id for rule in rules)

    @api.model
    def _due(self, subject, pairs):
        """Which of the tags the rules of all companies give to these customers or leads as they are now; as superuser.

        :param set pairs: ids ``{(subject, tag)}``
        :rtype: set
        """
        tags = self._given_tags(subject)
        asked = {pair for pair in pairs if pair[1] in tags}
        if not asked:
            return set()
        key = SUBJECTS[subject].key
        subjects = sorted({subject_id for subject_id, _tag in asked})
        population = SQL("(SELECT UNNEST(%s) AS %s)", subjects, SQL.identifier(key))
        due = set()
        for company in self.env["grading.profile"].search([(key, "in", subjects)]).company_id:
            rules = self.with_company(company)._in_force(subject)
            select = self.env["grading.worktable"].with_company(company)._due_tags_select
            # Saving a contact or lead must not fail for a rule gone bad; the next run names it.
            with (
                contextlib.suppress(*BAD_DOMAIN_ERRORS, psycopg2.Error),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(flush=False),
            ):
                rows = self.env.execute_query(select(subject, rules, company._grading_today(), population))
                due |= {(subject_id, tag) for subject_id, _rule, tag in rows}
        return asked & due

    # ------------------------------------------------------------
    # The tag of a rule
    # ------------------------------------------------------------

    # Exactly one, a contact tag or a lead tag as the rule's subject says, and not deleted before the rule.

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_input(vals)
            # The constraint of the database would refuse the rule without its name.
            self.new(self._add_missing_default_values(vals))._check_choice()
        return super().create(vals_list)

    def copy_data(self, default=None):
        """A copy would give the same tag to the same customers: it is archived until it is changed."""
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
        """What does not go together in the rule, as a sentence; None when all does."""
        self.ensure_one()
        if len(self.category_id) + len(self.lead_tag_id) != 1:
            return self.env._(
                "The tag rule “%s” has to give one tag: choose a contact tag or a lead tag, not both.", self.name
            )
        if not self[SUBJECTS[self.subject].tag_key]:
            return self.env._(
                "The tag rule “%(rule)s” cannot give the tag “%(tag)s”: a rule for leads gives a lead tag, a rule for "
                "customers a contact tag. Choose another tag.",
                rule=self.name,
                tag=self._tag().display_name,
            )
        if self.keep and self.group_id:
            return self.env._(
                "The tag rule “%(rule)s” cannot keep its tag for good: a customer has only one tag of the group "
                "“%(group)s” at a time. Remove the rule from the group, or do not keep the tag.",
                rule=self.name,
                group=self.group_id.name,
            )
        return None

    @api.constrains("active", "category_id")
    def _check_tag_is_active(self):
        for rule in self.filtered(lambda rule: rule.active and rule.category_id and not rule.category_id.active):
            raise ValidationError(
                self.env._(
                    "The tag rule “%(rule)s” would give the archived tag “%(tag)s”, which is not shown: "
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
        """Refuse to archive tags that rules give: the rules would go on giving tags that are not shown.

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

    def _allow_tags_again(self):
        """Without these rules some tags have no rule left: then no note is needed that no rule may give them."""
        Origin = self.env["grading.tag.origin"].sudo()
        others = self.sudo().with_context(active_test=False)
        for name in ("category_id", "lead_tag_id"):
            left = others.search([(name, "in", self[name].ids), ("id", "not in", self.ids)])[name]
            Origin.search([(name, "in", (self[name] - left).ids), ("kind", "=", "never")]).unlink()

    # ------------------------------------------------------------
    # When a rule goes
    # ------------------------------------------------------------

    # The tags that a rule gave are revoked with it, unless they have been left as given by hand before.

    def write(self, vals):
        if vals.get("active", True) and not vals.keys() & {"category_id", "lead_tag_id", "company_id"}:
            return super().write(vals)
        former = {rule: rule._tag() for rule in self if rule.active}
        res = super().write(vals)
        for rule, tag in former.items():
            if not rule.active or rule._tag() != tag:
                rule._revoke_tags()
            elif rule.company_id:
                rule._revoke_tags(SQL("origin.company_id <> %s", rule.company_id.id))
        return res

    def unlink(self):
        self.check_access("unlink")
        present = self.exists()  # the uninstallation has emptied the table already
        present._revoke_tags()
        present._allow_tags_again()
        return super().unlink()

    def _revoke_tags(self, which=None):
        """Revoke the tags that only these rules gave.

        :param odoo.tools.SQL which: a condition on ``origin``, a line of :class:`grading.tag.origin`; all by default
        """
        given = SQL("origin.rule_id = ANY(%s)", self.ids)
        self.env["grading.tag.origin"].sudo()._revoke_everywhere(SQL("%s AND %s", given, which) if which else given)

    def _leave_tags(self):
        """Leave the tags that these rules gave, as if they had been given by hand."""
        for subject in SUBJECTS:
            self.env["grading.tag.origin"].sudo()._leave(subject, SQL("origin.rule_id = ANY(%s)", self.ids))

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    @guarded
    def action_archive(self):
        """On the module's own screens, ask first whether the tags that the rules gave are revoked or left."""
        # In other companies, too: what a shared rule gave there goes with it.
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

    @guarded
    def action_apply(self):
        """Rescore the customers and leads of the company, which applies all rules: at once, or in the background when
        there are many."""
        return self.env["grading.scheme"].action_rescore()

    @api.readonly
    @guarded(one=True)
    def action_view_tagged(self):
        """The customers or leads that have the tag from the rule, archived ones included."""
        return {
            "type": "ir.actions.act_window",
            "name": self._tag().display_name,
            "res_model": SUBJECTS[self.subject].model,
            "view_mode": SUBJECTS[self.subject].view_mode,
            "domain": [("grading_tag_origin_ids.rule_id", "in", self.ids)],
            "context": {"active_test": False},
        }

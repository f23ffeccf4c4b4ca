import contextlib

import psycopg2

from odoo import api, fields, models, tools
from odoo.tools import SQL, mute_logger

from .grading_domain_mixin import BAD_DOMAIN_ERRORS, sql_case
from .grading_tag_origin import TAGGED


class GradingTagRule(models.Model):
    """A dynamic tag: the contact tag or lead tag that whoever meets the filter has, and loses by no longer meeting it.

    A rule takes back only what rules gave (:class:`grading.tag.origin`): a tag given by hand survives every rule, and a
    tag that somebody took away by hand from a customer who meets the filter stays away.
    """

    _name = "grading.tag.rule"
    _inherit = ["grading.domain.mixin"]
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
    keep = fields.Boolean(help="Once earned, the tag stays: it is not taken back from who no longer meets the filter.")
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
        "A tag rule for leads gives a lead tag and one for customers a contact tag: choose the tag anew.",
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
        if self.subject == "lead":
            self.category_id = False
        else:
            self.lead_tag_id = False

    # ------------------------------------------------------------
    # To SQL
    # ------------------------------------------------------------

    def _to_sql(self, query, as_of):
        """Which of the rules give their tag, one expression for each rule or group: ``CASE WHEN … THEN 7 END``.

        Of a group the first rule that matches: ``CASE WHEN … THEN 8 WHEN … THEN 9 ELSE NULL END``.

        :param odoo.tools.query.Query query: on ``grading_profile``, where the expressions will stand
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
        companies = (False, self.env.company.id)
        return self.search([("subject", "=", subject), ("active", "=", True), ("company_id", "in", companies)])

    def _tag(self):
        """The tag that the rule gives.

        :rtype: res.partner.category or crm.tag
        """
        self.ensure_one()
        return self.category_id or self.lead_tag_id

    @api.model
    @tools.ormcache("subject")
    def _given_tags(self, subject):
        """Ids of the tags that active rules give, in whatever company.

        :rtype: frozenset[int]
        """
        rules = self.sudo().search([("subject", "=", subject), ("active", "=", True)])
        return frozenset(rule._tag().id for rule in rules)

    @api.model
    def _due(self, subject, pairs):
        """Of some tags of some customers or leads, those that the rules give to them as they are now.

        :param set pairs: ids ``{(subject, tag)}``
        :rtype: set
        """
        tags = self._given_tags(subject)
        asked = {pair for pair in pairs if pair[1] in tags}
        if not asked:
            return set()
        key = TAGGED[subject][0]
        subjects = sorted({subject_id for subject_id, _tag in asked})
        population = SQL("(SELECT UNNEST(%s) AS %s)", subjects, SQL.identifier(key))
        due = set()
        for company in self.env["grading.profile"].sudo().search([(key, "in", subjects)]).company_id:
            rules = self.sudo().with_company(company)._in_force(subject)
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

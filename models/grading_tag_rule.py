from odoo import api, fields, models
from odoo.tools import SQL

from .grading_domain_mixin import sql_case


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
    lead_tag_id = fields.Many2one("crm.tag", string="Lead Tag", ondelete="restrict", index="btree_not_null")
    keep = fields.Boolean(help="Once earned, the tag stays: it is not taken back from who no longer meets the filter.")
    group_id = fields.Many2one(
        "grading.tag.group",
        string="Group",
        ondelete="set null",
        index="btree_not_null",
        help="Of the rules of a group, only the first one that matches gives its tag.",
    )

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

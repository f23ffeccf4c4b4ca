from odoo import fields, models


class GradingTagOrigin(models.Model):
    """Why a customer or lead has a tag, or never gets it: a rule gave it, somebody gave it, or somebody took it away.

    A tag that no rule gave was given by hand, with or without a line here: contacts had tags before there were rules.
    Contact tags are shared between companies; what rules gave is noted for each company in which they judged.
    """

    _name = "grading.tag.origin"
    _inherit = ["grading.lead.access.mixin"]
    _description = "Given Tag"
    _order = "date desc, id desc"
    _log_access = False  # a line is never edited, and its date and user say the same

    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="cascade", readonly=True)
    lead_id = fields.Many2one("crm.lead", ondelete="cascade", readonly=True)
    category_id = fields.Many2one("res.partner.category", string="Contact Tag", ondelete="cascade", readonly=True)
    lead_tag_id = fields.Many2one("crm.tag", string="Lead Tag", ondelete="cascade", readonly=True)
    kind = fields.Selection(
        [("rule", "By a rule"), ("hand", "By hand"), ("never", "Never")], string="Given", required=True, readonly=True
    )
    rule_id = fields.Many2one("grading.tag.rule", ondelete="cascade", index="btree_not_null", readonly=True)
    company_id = fields.Many2one("res.company", ondelete="cascade", readonly=True)
    user_id = fields.Many2one("res.users", string="By", ondelete="set null", readonly=True)
    date = fields.Datetime(required=True, default=fields.Datetime.now, readonly=True)

    # By hand or never, a tag has one line; of rules, one for each rule and company.
    _partner_tag_unique = models.UniqueIndex(
        "(partner_id, category_id, COALESCE(rule_id, 0), COALESCE(company_id, 0)) WHERE partner_id IS NOT NULL",
        "It is noted already why this customer has the tag.",
    )
    _lead_tag_unique = models.UniqueIndex(
        "(lead_id, lead_tag_id, COALESCE(rule_id, 0), COALESCE(company_id, 0)) WHERE lead_id IS NOT NULL",
        "It is noted already why this lead has the tag.",
    )
    _one_subject = models.Constraint(
        "CHECK (num_nonnulls(partner_id, lead_id) = 1"
        " AND num_nonnulls(partner_id, category_id) <> 1 AND num_nonnulls(lead_id, lead_tag_id) <> 1)",
        "A given tag is a contact tag of one customer or a lead tag of one lead.",
    )
    _rule_in_company = models.Constraint(
        "CHECK ((kind = 'rule') = (rule_id IS NOT NULL) AND (rule_id IS NULL) = (company_id IS NULL))",
        "What a rule gave names the rule and the company in which it judged; what people gave names neither.",
    )

from odoo import api, fields, models

from .grading_measure import FADED_EPOCH

# A prospect has the figures of his best lead, which may be hidden from the reader: who may see a lead sees them there.
MANAGERS = "customer_grading.customer_grading_group_manager"
WILLINGNESS = [
    ("1", "Not willing"),
    ("2", "Hesitant"),
    ("3", "Open"),
    ("4", "Willing"),
    ("5", "Ready to sign"),
]


class GradingProfile(models.Model):
    """What is known before signing: of a lead, or of a customer through the best of his open leads."""

    _inherit = "grading.profile"

    best_lead_id = fields.Many2one(
        "crm.lead",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        groups=MANAGERS,
        help="The customer's open lead with the best grade, or else one that was won: until his first order he is "
        "graded by it.",
    )
    willingness = fields.Selection(WILLINGNESS, readonly=True, groups=MANAGERS)
    stage_progress = fields.Float(
        string="Progress (%)",
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        groups=MANAGERS,
        help="0 in the first stage, 100 when won.",
    )
    date_deadline = fields.Date(string="Planned Signing", readonly=True, groups=MANAGERS)
    expected_revenue = fields.Monetary(readonly=True, groups=MANAGERS)
    probability = fields.Float(
        readonly=True,
        aggregator="avg",
        groups=MANAGERS,
        help="As Odoo foresees it from the leads that were won and lost, whatever somebody has entered.",
    )
    last_contact_date = fields.Date(string="Last Contact", readonly=True, groups=MANAGERS)
    contact_count_90d = fields.Integer(
        string="Contacts, 90 Days",
        readonly=True,
        groups=MANAGERS,
        help="E-mails in and out, mailings too, notes, activities done and meetings held; messages of the system are "
        "none.",
    )
    open_activity_count = fields.Integer(string="Open Activities", readonly=True, groups=MANAGERS)
    engagement_log = fields.Float(
        string="Logarithm of the Engagement",
        readonly=True,
        groups=MANAGERS,
        aggregator=None,
        help="Natural logarithm of the sum of 2^(days since %s ÷ half-life) over all contacts: it does not change with "
        "time." % FADED_EPOCH,
    )
    engagement = fields.Float(
        compute="_compute_faded",
        search="_search_engagement",
        groups=MANAGERS,
        help="All contacts, each counting half for every half-life of its age: yesterday's counts nearly one.",
    )
    closed_date = fields.Date(string="Won on", readonly=True, help="A lead that was won stays judged as on that day.")

    @api.model
    def _of_leads(self, leads, create=False):
        """The profiles of ``leads``, whatever company they are in.

        :param bool create: make those that are missing
        """
        profiles = self.sudo().search([("lead_id", "in", leads.ids)])
        if create:
            missing = (leads.sudo() - profiles.lead_id)._grading_companies()
            profiles += self.sudo().create(
                [{"lead_id": lead.id, "company_id": company.id} for lead, company in missing.items()]
            )
        return profiles.sudo(self.env.su)

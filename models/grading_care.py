from odoo import api, fields, models

from .grading_contact_source import CHANNELS
from .grading_worktable import KEYS


class GradingCare(models.Model):
    """When one customer or lead is to be contacted next by one cadence, and by whom.

    Written by the run and, as soon as a contact is done, at once (:meth:`_restart`); never edited by people.
    """

    _name = "grading.care"
    _inherit = ["grading.lead.access.mixin"]
    _description = "Next Contact"
    _order = "next_date, id"
    _log_access = False  # it is worked out anew every night

    profile_id = fields.Many2one("grading.profile", required=True, ondelete="cascade", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", ondelete="cascade", index="btree_not_null", readonly=True
    )
    lead_id = fields.Many2one("crm.lead", ondelete="cascade", index="btree_not_null", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    cadence_id = fields.Many2one("grading.cadence", required=True, ondelete="cascade", index=True, readonly=True)
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    start_date = fields.Date(
        string="Looked After since", required=True, readonly=True, help="Nobody is late for what was due before."
    )
    last_date = fields.Date(string="Last Contact", readonly=True, aggregator=None)
    done_date = fields.Date(string="Last Done", readonly=True, aggregator=None)
    put_off_date = fields.Date(readonly=True, aggregator=None, help="A person has put it off: it is not due before.")
    next_date = fields.Date(string="Next Contact", readonly=True, index="btree_not_null", aggregator=None)
    logged_date = fields.Date(string="Last Due Date in the Log", readonly=True, aggregator=None)
    user_id = fields.Many2one(
        "res.users", string="Responsible", ondelete="set null", index="btree_not_null", readonly=True
    )
    activity_id = fields.Many2one(
        "mail.activity", string="Open Activity", ondelete="set null", index="btree_not_null", readonly=True
    )
    grade_id = fields.Many2one(related="profile_id.grade_id")
    grade_color = fields.Integer(related="grade_id.color")
    contact_id = fields.Many2one("res.partner", compute="_compute_contact")
    phone = fields.Char(compute="_compute_contact")
    email = fields.Char(compute="_compute_contact")

    _profile_cadence_unique = models.UniqueIndex(
        "(profile_id, cadence_id)", "A customer or lead is looked after by a cadence once."
    )

    @api.depends("partner_id", "lead_id")
    def _compute_display_name(self):
        for care in self:
            care.display_name = (care.lead_id or care.partner_id).display_name

    @api.depends("partner_id", "lead_id.partner_id", "lead_id.phone", "lead_id.email_from")
    def _compute_contact(self):
        for care in self:
            lead = care.lead_id
            care.contact_id = care.partner_id or lead.partner_id
            care.phone = lead.phone or care.contact_id.phone
            care.email = lead.email_from or care.contact_id.email

    def _subject(self):
        """The customer or lead.

        :rtype: res.partner or crm.lead
        """
        self.ensure_one()
        return self.lead_id or self.partner_id

    # ------------------------------------------------------------
    # A contact was made
    # ------------------------------------------------------------

    def _restart(self, channel):
        """These contacts were made just now: their clocks start anew, as the next run will confirm.

        :param str channel: what has been done counts as; ``none`` for paper work, which only counts for itself
        """
        self.env["grading.profile"].flush_model()
        self.flush_model()
        for company, cares in self.sudo().grouped("company_id").items():
            Work = cares.env["grading.worktable"].with_company(company)
            Work._restart_care(cares, channel, company._grading_today())
        self._forget_cache()

    def _close(self):
        """Nobody is to be contacted for these any more: their open activities go."""
        self.sudo().activity_id.unlink()

    @api.model
    def _forget_cache(self):
        """Odoo reads the dates anew."""
        dates = [name for name in self.env["grading.profile"]._fields if name.endswith("_date")]
        self.invalidate_model(flush=False)
        self.env["grading.profile"].invalidate_model(dates, flush=False)
        for model in ("res.partner", "crm.lead"):
            names = [name for name in self.env[model]._fields if name.startswith("grading_next_")]
            self.env[model].invalidate_model(names, flush=False)

    @api.model
    def _forget_archived(self, subject):
        """Customers or leads that have been archived are looked after no longer, whoever archived them and how."""
        name = KEYS[subject]
        company = self.env.company
        self.search([("company_id", "=", company.id), (f"{name}.active", "=", False)]).unlink()

    def unlink(self):
        self._close()
        profiles = self.profile_id
        res = super().unlink()
        profiles._forget_next_dates()
        return res

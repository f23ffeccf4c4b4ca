from odoo import api, fields, models
from odoo.tools import SQL

from ..base.groups import INTERNAL
from .grading_staging_care import NEXT_DATES


class GradingProfile(models.Model):
    """When the customer or lead is to be contacted next. A prospect who is looked after through his best lead has the
    dates of that lead."""

    _inherit = "grading.profile"

    next_online_date = fields.Date(string="Next Online Contact", readonly=True)
    next_call_date = fields.Date(string="Next Call", readonly=True)
    next_visit_date = fields.Date(string="Next Visit", readonly=True)
    next_contact_date = fields.Date(string="Next Contact", readonly=True, help="The earliest of all channels.")
    care_ids = fields.One2many(
        "grading.care",
        "profile_id",
        string="Next Contacts",
        readonly=True,
        groups="customer_grading.customer_grading_group_user",
    )

    def unlink(self):
        """Who is judged no longer is looked after no longer."""
        self.env["grading.care"].sudo().search([("profile_id", "in", self.ids)])._close()
        return super().unlink()

    def _merge_into(self, partner):
        """Who takes over is looked after by his own grade, from the next rescoring on."""
        self.sudo().care_ids.unlink()
        return super()._merge_into(partner)

    def _merge_into_lead(self, lead):
        self.sudo().care_ids.unlink()
        return super()._merge_into_lead(lead)

    def _set_next_dates(self):
        """The next dates of these customers and leads, and of the prospects who are looked after through these leads,
        are the earliest ones of the contacts that there are now."""
        if not self:
            return
        self.env["grading.care"].flush_model()
        self.flush_model()
        self.env.execute_query(
            SQL(
                """
                UPDATE grading_profile AS profile SET (%(dates)s) = (
                           SELECT %(earliest)s
                             FROM grading_care AS care
                            WHERE care.profile_id = COALESCE((
                                      SELECT best.id FROM grading_profile AS best WHERE best.lead_id = (%(lead)s)
                                  ), profile.id)
                       )
                 WHERE profile.id = ANY(%(ids)s) OR profile.best_lead_id = ANY(%(leads)s)
             RETURNING profile.id
                """,
                dates=SQL(", ").join(map(SQL.identifier, NEXT_DATES)),
                earliest=SQL(", ").join(
                    SQL("MIN(care.next_date) FILTER (WHERE care.channel = ANY(%s))", channels)
                    for channels in NEXT_DATES.values()
                ),
                lead=self.env["grading.worktable"]._looked_after_by(SQL.identifier("profile")),
                ids=self.ids,
                leads=self.sudo().lead_id.ids,
            )
        )
        self.env["grading.care"]._forget_cache()


class GradingGradedMixin(models.AbstractModel):
    """When a customer or lead is to be contacted next."""

    _inherit = "grading.graded.mixin"

    grading_next_contact_date = fields.Date(
        related="grading_profile_id.next_contact_date", string="Next Contact", groups=INTERNAL
    )
    grading_next_online_date = fields.Date(
        related="grading_profile_id.next_online_date", string="Next Online Contact", groups=INTERNAL
    )
    grading_next_call_date = fields.Date(
        related="grading_profile_id.next_call_date", string="Next Call", groups=INTERNAL
    )
    grading_next_visit_date = fields.Date(
        related="grading_profile_id.next_visit_date", string="Next Visit", groups=INTERNAL
    )

    @api.model
    def _grading_rules(self):
        cadences = self.env["grading.cadence"].sudo().search([("active", "=", True)])
        return (*super()._grading_rules(), cadences)

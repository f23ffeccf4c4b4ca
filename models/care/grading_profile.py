from odoo import api, fields, models
from odoo.tools import SQL

from ..base.fields import SELLERS
from ..measure.grading_interaction import LAST_DATES
from .grading_staging_care import NEXT_DATES


class GradingProfile(models.Model):
    """When the customer or lead was contacted last, and is to be contacted next. A prospect that is covered through its
    best lead has the dates of that lead."""

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
        groups=SELLERS,
    )

    def unlink(self):
        """Without a profile there is no next contact, and so no activity for one."""
        self.env["grading.care"].sudo().search([("profile_id", "in", self.ids)])._close()
        return super().unlink()

    def _merge_into(self, partner):
        """The contact that stays gets its next contacts by its own grade, from the next rescoring on."""
        self.sudo().care_ids.unlink()
        return super()._merge_into(partner)

    def _merge_into_lead(self, lead):
        self.sudo().care_ids.unlink()
        return super()._merge_into_lead(lead)

    # ------------------------------------------------------------
    # Last contact
    # ------------------------------------------------------------

    def _last_contact_date(self):
        """The day of the last contact of any kind; False without one.

        :rtype: datetime.date
        """
        self.ensure_one()
        return max(filter(None, (self[name] for name in LAST_DATES.values())), default=False)

    @api.model
    def _last_contact_to_sql(self, alias):
        """:meth:`_last_contact_date` of the row ``alias``: ``GREATEST(profile.last_online_date, …)``, NULL without one.

        :param str alias: what the query calls the table
        :rtype: odoo.tools.SQL
        """
        return SQL("GREATEST(%s)", SQL(", ").join(SQL.identifier(alias, name) for name in LAST_DATES.values()))

    def _silent_since(self):
        """The day since which there was no contact: of the last one of any kind, without one of the last order, and
        without both the day on which the profile was created, where the company works.

        :rtype: datetime.date
        """
        self.ensure_one()
        created = self.env.company._grading_local(self.create_date).date()
        return self._last_contact_date() or self.last_order_date or created

    @api.model
    def _silent_since_to_sql(self, alias):
        """:meth:`_silent_since` of the row ``alias``: ``COALESCE(GREATEST(profile.last_online_date, …),
        profile.last_order_date, …)``, with the day of ``profile.create_date`` in the company's time zone at the end.

        :param str alias: what the query calls the table
        :rtype: odoo.tools.SQL
        """
        return SQL(
            "COALESCE(%(last_contact)s, %(last_order)s, (%(created)s AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date)",
            last_contact=self._last_contact_to_sql(alias),
            last_order=SQL.identifier(alias, "last_order_date"),
            created=SQL.identifier(alias, "create_date"),
            tz=self.env.company._grading_tz(),
        )

    # ------------------------------------------------------------
    # Next contact
    # ------------------------------------------------------------

    def _set_next_dates(self):
        """Set the next dates of these customers and leads, and of the prospects that are covered through these leads,
        to the earliest ones of their next contacts."""
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
                lead=self.env["grading.worktable"]._covering_lead_select("profile"),
                ids=self.ids,
                leads=self.sudo().lead_id.ids,
            )
        )
        self.env["grading.care"]._forget_cache()


class GradingGradedMixin(models.AbstractModel):
    """When a customer or lead is to be contacted next. A prospect has the dates of their best lead, which are shown
    with that lead alone."""

    _inherit = "grading.graded.mixin"

    grading_next_contact_date = fields.Date(
        related="grading_figures_id.next_contact_date", string="Next Contact", groups=SELLERS
    )
    grading_next_online_date = fields.Date(
        related="grading_figures_id.next_online_date", string="Next Online Contact", groups=SELLERS
    )
    grading_next_call_date = fields.Date(
        related="grading_figures_id.next_call_date", string="Next Call", groups=SELLERS
    )
    grading_next_visit_date = fields.Date(
        related="grading_figures_id.next_visit_date", string="Next Visit", groups=SELLERS
    )

    def _grading_open_page(self):
        """Open the form on its page *Grading*.

        :rtype: dict
        """
        self.ensure_one()
        view = self.env.ref(f"customer_grading.{self._table}_view_form_opened", raise_if_not_found=False)
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(view.id if view else False, "form")],
            "name": self.display_name,
        }

    @api.model
    def _grading_rules(self):
        cadences = self.env["grading.cadence"].sudo().search([("active", "=", True)])
        return (*super()._grading_rules(), cadences)

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.context import yardstick_of
from ..base.fields import MANAGERS, FloatOrEmpty, FloatOrUnknown, MonetaryOrEmpty
from .grading_measure import BEST_LEAD, ENTERED, PREDICTED, TRACKED
from .grading_measure_document import SANE_AMOUNT

# The leads as they were judged along, with the columns of grading_profile, where that is not for the profiles.
JUDGED_LEADS = SQL.identifier("pg_temp", "grading_run_leads")
# The column of Odoo's records of changes that keeps the old value, by the type of the field.
TRACKED_AS = {"many2one": "integer", "monetary": "float"}
WILLINGNESS = [
    ("1", "Not willing"),
    ("2", "Hesitant"),
    ("3", "Interested"),
    ("4", "Willing"),
    ("5", "Ready to sign"),
]


class GradingMeasure(models.AbstractModel):
    """What is known before signing: measured of every lead, and of a customer through the best open lead."""

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        lead = {"source": BEST_LEAD, "lead_source": "lead", "group": self.env._("Leads")}
        return {
            **super()._measures(),
            "willingness": {
                **lead,
                "label": self.env._("Willingness"),
                "unit": "choice",
                "past": (ENTERED,),
            },
            "readiness": {
                **lead,
                "label": self.env._("Willingness, or else Odoo's probability"),
                "unit": "percent",
                "past": (ENTERED, PREDICTED),
            },
            "stage_progress": {
                **lead,
                "label": self.env._("Progress through the stages"),
                "unit": "percent",
                "past": (TRACKED,),
            },
            "date_deadline": {
                **lead,
                "label": self.env._("Planned signing"),
                "unit": "date",
                "past": (ENTERED,),
            },
            "expected_revenue": {
                **lead,
                "label": self.env._("Expected revenue"),
                "unit": "money",
                "past": (TRACKED,),
            },
            "probability": {
                **lead,
                "label": self.env._("Probability"),
                "unit": "percent",
                "past": (PREDICTED,),
            },
            "closed_date": {"lead_source": "lead"},
            "best_lead_id": {"source": BEST_LEAD},
        }

    @api.model
    def _sources(self, as_of, contacts):
        return {**super()._sources(as_of, contacts), BEST_LEAD: self._best_lead_source(contacts)}

    @api.model
    def _lead_sources(self, as_of, leads):
        return {**super()._lead_sources(as_of, leads), "lead": self._lead_source(as_of, leads)}

    # ------------------------------------------------------------
    # Of a customer
    # ------------------------------------------------------------

    @api.model
    def _best_lead_source(self, contacts):
        """The profile of each customer's best open lead; the customer's own willingness where there is none.

        The best grade in force wins, then the score, then the expected revenue and how soon it comes. Where no lead is
        open, one that was won counts: between the signature and the first order the customer must not drop out of
        sight.
        """
        is_kept, is_won = SQL("lead.active AND lead.won_status <> 'lost'"), SQL("lead.won_status = 'won'")
        if yardstick_of(self.env):  # none was judged that was lost on that day
            is_kept, is_won = SQL("TRUE"), SQL("profile.closed_date IS NOT NULL")
        own = {"closed_date", "willingness", "readiness"}
        columns = [self._column(name) for name in self._measures_of_leads() if name not in own]
        return SQL(
            """
            SELECT COALESCE(best.partner_id, willing.id) AS partner_id, best.best_lead_id, %(columns)s,
                   CASE WHEN best.partner_id IS NULL THEN willing.willingness ELSE best.willingness END AS willingness,
                   CASE WHEN best.partner_id IS NULL THEN %(readiness)s ELSE best.readiness END AS readiness
              FROM (
                SELECT DISTINCT ON (contact.commercial_partner_id) contact.commercial_partner_id AS partner_id,
                       lead.id AS best_lead_id, profile.willingness, profile.readiness, %(profile_columns)s
                  FROM %(leads)s AS profile
                  JOIN crm_lead AS lead ON lead.id = profile.lead_id
                  JOIN %(contacts)s AS contact ON contact.id = lead.partner_id
                 WHERE profile.company_id = %(company)s AND %(ours)s AND %(is_kept)s
              ORDER BY contact.commercial_partner_id, %(is_won)s, %(order)s
              ) AS best
              FULL JOIN (
                SELECT partner.id, partner.willingness
                  FROM res_partner AS partner JOIN %(contacts)s AS contact ON contact.id = partner.id
                 WHERE partner.willingness IS NOT NULL
              ) AS willing ON willing.id = best.partner_id
            """,
            columns=SQL(", ").join(SQL.identifier("best", name) for name in columns),
            profile_columns=SQL(", ").join(SQL.identifier("profile", name) for name in columns),
            readiness=_readiness_to_sql(SQL("willing.willingness"), SQL("NULL")),
            leads=self._graded_leads(),
            is_kept=is_kept,
            is_won=is_won,
            contacts=contacts,
            company=self.env.company.id,
            ours=self.env["grading.population"]._lead_is_ours(),
            order=self._best_lead_order(),
        )

    @api.model
    def _best_lead_order(self):
        """By what the leads of a customer are ordered, the best first: of the tables ``profile`` and ``lead``."""
        grades = self.env["grading.grade"].search([("active", "in", (True, False))])
        return SQL(
            "ARRAY_POSITION(%s::int[], profile.grade_id), profile.score DESC NULLS LAST,"
            " profile.expected_revenue DESC NULLS LAST, profile.date_deadline, lead.id",
            grades.ids,
        )

    @api.model
    def _graded_leads(self):
        """The table in which the grades of leads stand, under the names of the profile's columns."""
        return JUDGED_LEADS if yardstick_of(self.env) else SQL("grading_profile")

    # ------------------------------------------------------------
    # Of a lead
    # ------------------------------------------------------------

    @api.model
    def _lead_source(self, as_of, leads):
        """What is entered on the lead itself, in the currency of the company that grades it."""
        table = self._leads_then(as_of)
        return SQL(
            """
            SELECT lead.id AS lead_id, lead.willingness, progress.progress AS stage_progress, lead.date_deadline,
                   CASE WHEN ABS(lead.expected_revenue) <= %(sane)s THEN lead.expected_revenue END AS expected_revenue,
                   lead.automated_probability AS probability, %(readiness)s AS readiness,
                   %(closed)s AS closed_date
              FROM %(table)s AS lead
              JOIN %(leads)s AS self ON self.id = lead.id
         LEFT JOIN (%(progress)s) AS progress
                ON progress.stage_id = lead.stage_id AND progress.team_id = COALESCE(lead.team_id, 0)
            """,
            sane=SANE_AMOUNT,
            readiness=_readiness_to_sql(SQL("lead.willingness"), SQL("lead.automated_probability")),
            closed=self._lead_closed_date(as_of),
            table=table,
            leads=leads,
            progress=self._stage_progress(leads, table),
        )

    @api.model
    def _leads_then(self, as_of):
        """The leads, as a table expression: ``crm_lead``, unless an earlier day is judged.

        Then stage and expected revenue are those of the end of the day, as far as Odoo has kept a record of their
        changes. The probability is unknown of a lead that was still to be won: Odoo remembers none, and has set it to
        100 or 0 since for those that were won or lost. So it is of those that are open to this day: else that it is
        known would tell of the outcome.
        """
        if not self._is_past(as_of):
            return SQL("crm_lead")
        return SQL(
            """
            (SELECT lead.id, lead.team_id, lead.willingness, lead.date_deadline, lead.won_status, lead.date_closed,
                    CASE WHEN stage.lead_id IS NULL THEN lead.stage_id ELSE stage.value END AS stage_id,
                    CASE WHEN revenue.lead_id IS NULL THEN lead.expected_revenue ELSE revenue.value::numeric END
                        AS expected_revenue,
                    CASE WHEN %(closed)s IS NOT NULL THEN lead.automated_probability END AS automated_probability
               FROM crm_lead AS lead
          LEFT JOIN (%(stage)s) AS stage ON stage.lead_id = lead.id
          LEFT JOIN (%(revenue)s) AS revenue ON revenue.lead_id = lead.id)
            """,
            closed=self._lead_closed_date(as_of),
            stage=self._before_changes("stage_id", as_of),
            revenue=self._before_changes("expected_revenue", as_of),
        )

    @api.model
    def _before_changes(self, name, as_of):
        """``SELECT lead_id, value``: what the field ``name`` was of the leads that were changed after the day, before
        the first of these changes, as far as Odoo has kept a record of them."""
        return SQL(
            """
            SELECT DISTINCT ON (message.res_id) message.res_id AS lead_id, change.%(old)s AS value
              FROM mail_tracking_value AS change JOIN mail_message AS message ON message.id = change.mail_message_id
             WHERE message.model = 'crm.lead' AND change.field_id = %(field)s AND message.date >= %(end)s
          ORDER BY message.res_id, message.date, change.id
            """,
            old=self._tracked_column(name),
            field=self.env["ir.model.fields"]._get("crm.lead", name).id,
            end=self._end_of_day(as_of),
        )

    @api.model
    def _tracked_column(self, name):
        """The column of Odoo's records of changes that keeps the old value of the lead's field ``name``."""
        kind = self.env["crm.lead"]._fields[name].type
        return SQL.identifier(f"old_value_{TRACKED_AS.get(kind, kind)}")

    @api.model
    def _lead_closed_date(self, as_of):
        """The day on which ``lead`` was won, where the company works; NULL for any other, and for one that was still to
        be won on ``as_of``."""
        return SQL(
            "CASE WHEN lead.won_status = 'won' AND lead.date_closed < %s"
            " THEN (lead.date_closed AT TIME ZONE 'UTC' AT TIME ZONE %s)::date END",
            self._end_of_day(as_of),
            self.env.company._grading_tz(),
        )

    @api.model
    def _stage_progress(self, leads, table):
        """The progress of the stages of ``leads`` in their teams' pipelines: ``(team_id, stage_id, progress)``, with 0
        for the team of leads without one. Their stages are those of ``table``, see :meth:`_leads_then`.

        The pipeline of a team is its own stages and those of no team. Of New, Qualified, Proposition, Won these are 0,
        33.33, 66.67 and 100; without a stage that wins, the last one is 100. A stage of another team counts by its
        place in the order. A pipeline of one stage has no progress, nor has one without stages.
        """
        teams = self.env["crm.stage"]._fields["team_ids"]
        return SQL(
            """
            SELECT team.id AS team_id, stage.id AS stage_id,
                   CASE WHEN stage.is_won THEN 100
                        ELSE ROUND(100.0 * LEAST(pipeline.before, pipeline.steps)
                                   / NULLIF(GREATEST(pipeline.steps, 0), 0), 2)
                    END AS progress
              FROM (
                SELECT DISTINCT lead.stage_id, COALESCE(lead.team_id, 0) AS id
                  FROM %(table)s AS lead JOIN %(leads)s AS self ON self.id = lead.id
              ) AS team
              JOIN crm_stage AS stage ON stage.id = team.stage_id
        CROSS JOIN LATERAL (
                SELECT COUNT(*) FILTER (
                           WHERE other.is_won IS NOT TRUE
                             AND (COALESCE(other.sequence, 0), other.id) < (COALESCE(stage.sequence, 0), stage.id)
                       ) AS before,
                       COUNT(*) FILTER (WHERE other.is_won IS NOT TRUE)
                           - CASE WHEN BOOL_OR(other.is_won) THEN 0 ELSE 1 END AS steps
                  FROM crm_stage AS other
                 WHERE NOT EXISTS (SELECT FROM %(relation)s AS rel WHERE rel.%(stage)s = other.id)
                    OR EXISTS (
                       SELECT FROM %(relation)s AS rel WHERE rel.%(stage)s = other.id AND rel.%(team)s = team.id
                    )
              ) AS pipeline
            """,
            leads=leads,
            table=table,
            relation=SQL.identifier(teams.relation),
            stage=SQL.identifier(teams.column1),
            team=SQL.identifier(teams.column2),
        )


def _readiness_to_sql(willingness, probability):
    """How ready to buy, from 0 to 100: as a person has entered it, or else as Odoo predicts it, which has no 0: there,
    it means that nothing could be predicted."""
    return SQL("COALESCE(25.0 * (%s::int - 1), NULLIF(%s::float8, 0))", willingness, probability)


class GradingProfile(models.Model):
    """Measured: what is known before signing, of a lead or of a customer through the best open lead."""

    _inherit = "grading.profile"

    best_lead_id = fields.Many2one(
        "crm.lead",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        groups=MANAGERS,
        help="The customer's open lead with the best grade, or else one that was won: it grades the customer until the "
        "first order.",
    )
    willingness = fields.Selection(
        WILLINGNESS,
        readonly=True,
        groups=MANAGERS,
        help="How ready to buy, as entered on the lead: not willing, hesitant, open, willing, ready to sign.",
    )
    readiness = FloatOrUnknown(
        string="Readiness (%)",
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        groups=MANAGERS,
        help="The willingness as entered on the lead: not willing is 0, ready to sign is 100. Where nothing was "
        "entered, the probability as Odoo predicts it.",
    )
    stage_progress = FloatOrEmpty(
        string="Progress (%)",
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        groups=MANAGERS,
        help="0 in the first stage, 100 when won.",
    )
    date_deadline = fields.Date(
        string="Planned Signing", readonly=True, groups=MANAGERS, help="The expected closing date of the lead."
    )
    expected_revenue = MonetaryOrEmpty(
        readonly=True, groups=MANAGERS, help="As entered on the lead, in the company's currency."
    )
    probability = FloatOrEmpty(
        readonly=True,
        aggregator="avg",
        groups=MANAGERS,
        help="As Odoo predicts it from the leads that were won and lost, whatever was entered by hand.",
    )
    closed_date = fields.Date(string="Won on", readonly=True, help="A lead that was won stays scored as on that day.")

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

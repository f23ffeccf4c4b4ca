from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.fields import FloatOrUnknown, IntegerOrEmpty
from ..measure.grading_measure import DAYS_OF_YEAR


class GradingMeasure(models.AbstractModel):
    """What customers told the company: how satisfied they are, and what they complain about."""

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        group = self.env._("Assessments and complaints")
        answer = {"source": "assessment", "unit": "score", "group": group}
        complaint = {"source": "complaint", "unit": "count", "zero": True, "group": group}
        return {
            **super()._measures(),
            "expectation": {**answer, "label": self.env._("Expectation")},
            "satisfaction": {**answer, "label": self.env._("Satisfaction")},
            "satisfaction_gap": {
                "label": self.env._("Satisfaction above expectation"),
                "unit": "score",
                "group": group,
                "reads": ["satisfaction", "expectation"],
                "formula": SQL("source_assessment.satisfaction - source_assessment.expectation"),
            },
            "recommendation": {**answer, "label": self.env._("Recommendation")},
            "last_assessment_date": {**answer, "label": self.env._("Last assessment"), "unit": "date"},
            "assessment_count": {
                **answer,
                "label": self.env._("Number of assessments"),
                "unit": "count",
                "zero": True,
            },
            "open_complaint_count": {**complaint, "label": self.env._("Open complaints")},
            "serious_complaint_count": {**complaint, "label": self.env._("Open serious complaints")},
            "complaint_count_12m": {**complaint, "label": self.env._("Complaints, 12 months")},
            "complaint_response_days": {
                "source": "complaint",
                "group": group,
                "label": self.env._("Days to close a complaint"),
                "unit": "days",
            },
        }

    @api.model
    def _sources(self, as_of, contacts):
        return {
            **super()._sources(as_of, contacts),
            "assessment": self._assessment_source(as_of, contacts),
            "complaint": self._complaint_source(as_of, contacts),
        }

    @api.model
    def _assessment_source(self, as_of, contacts):
        """Each score's time-decayed mean: Σ w·score ÷ Σ w; an answer's weight w halves with every half-life of its age.

        All answers age alike, so their ratio stays: a mean changes with a new answer and never overnight. The answers
        are sorted by their own content, so that a sum of fractions cannot depend on the order of rows.
        """
        means = [
            SQL(
                "ROUND((SUM(answer.weight * answer.%(score)s)"
                " / SUM(answer.weight) FILTER (WHERE answer.%(score)s IS NOT NULL))::numeric, 2) AS %(score)s",
                score=SQL.identifier(score),
            )
            for score in ("expectation", "satisfaction", "recommendation")
        ]
        return SQL(
            """
            SELECT answer.partner_id, %(means)s,
                   MAX(answer.day) FILTER (WHERE answer.is_assessment) AS last_assessment_date,
                   (COUNT(*) FILTER (WHERE answer.is_assessment))::int AS assessment_count
              FROM (
                SELECT given.*, POWER(2::float8, %(exponent)s) AS weight
                  FROM (%(scores)s) AS given
                 WHERE given.day <= %(as_of)s
              ORDER BY given.partner_id, given.day, given.expectation, given.satisfaction, given.recommendation
              ) AS answer
          GROUP BY answer.partner_id
            """,
            means=SQL(", ").join(means),
            exponent=self._decay_exponent(SQL("given.day")),
            scores=SQL(" UNION ALL ").join(self._scores_given(contacts)),
            as_of=as_of,
        )

    @api.model
    def _scores_given(self, contacts):
        """Where scores from 0 to 10 come from, each a ``SELECT partner_id, day, expectation, satisfaction,
        recommendation, is_assessment, moment``: when it was entered.

        :rtype: list[odoo.tools.SQL]
        """
        scores = [
            SQL(
                """
                SELECT contact.commercial_partner_id AS partner_id, assessment.date AS day,
                       assessment.expectation::float8 AS expectation, assessment.satisfaction::float8 AS satisfaction,
                       assessment.recommendation::float8 AS recommendation, TRUE AS is_assessment,
                       assessment.write_date AS moment
                  FROM grading_assessment AS assessment
                  JOIN %(contacts)s AS contact ON contact.id = assessment.partner_id
                 WHERE assessment.company_id = %(company)s
                """,
                contacts=contacts,
                company=self.env.company.id,
            )
        ]
        return [*scores, self._rating_scores(contacts)] if "rating.rating" in self.env else scores

    @api.model
    def _rating_scores(self, contacts):
        """Odoo's ratings (1 to 5 stars for a ticket, a task, a chat) as satisfaction from 0 to 10.

        A rating has no company: it counts in that of the user who was rated, and without such a user in every company
        in which the contact is a customer. It is not an assessment: a customer who only left stars has not been asked.
        """
        return SQL(
            """
            SELECT contact.commercial_partner_id, (
                       COALESCE(rating.rated_on, rating.write_date) AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s
                   )::date, NULL, (rating.rating - 1) * 2.5, NULL, FALSE, COALESCE(rating.rated_on, rating.write_date)
              FROM rating_rating AS rating
              JOIN %(contacts)s AS contact ON contact.id = rating.partner_id
             WHERE rating.consumed AND rating.rating >= 1
               AND (EXISTS (SELECT FROM res_users
                             WHERE partner_id = rating.rated_partner_id AND company_id = %(company)s)
                    OR NOT EXISTS (SELECT FROM res_users WHERE partner_id = rating.rated_partner_id))
            """,
            tz=self.env.company._grading_tz(),
            contacts=contacts,
            company=self.env.company.id,
        )

    @api.model
    def _complaint_source(self, as_of, contacts):
        """Complaints as they stood at the end of ``as_of``: one that was closed on that day is closed."""
        is_open = SQL("(complaint.date_close IS NULL OR complaint.date_close > %s)", as_of)
        return SQL(
            """
            SELECT contact.commercial_partner_id AS partner_id,
                   (COUNT(*) FILTER (WHERE %(is_open)s))::int AS open_complaint_count,
                   (COUNT(*) FILTER (WHERE %(is_open)s AND complaint.severity = 'serious'))::int
                       AS serious_complaint_count,
                   (COUNT(*) FILTER (WHERE complaint.date_open > %(year_ago)s))::int AS complaint_count_12m,
                   ROUND(AVG(complaint.date_close - complaint.date_open) FILTER (WHERE NOT %(is_open)s), 2)
                       AS complaint_response_days
              FROM grading_complaint AS complaint
              JOIN %(contacts)s AS contact ON contact.id = complaint.partner_id
             WHERE complaint.company_id = %(company)s AND complaint.date_open <= %(as_of)s
          GROUP BY contact.commercial_partner_id
            """,
            is_open=is_open,
            year_ago=as_of - timedelta(days=DAYS_OF_YEAR),
            contacts=contacts,
            company=self.env.company.id,
            as_of=as_of,
        )


class GradingProfile(models.Model):
    """Measured: what the customer told the company."""

    _inherit = "grading.profile"

    expectation = FloatOrUnknown(
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        help="What the customer expects, 0 to 10: the mean of the assessments, later ones counting more.",
    )
    satisfaction = FloatOrUnknown(
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        help="How content the customer is, 0 to 10: the mean of all answers, later ones counting more.",
    )
    satisfaction_gap = FloatOrUnknown(
        string="Satisfaction above Expectation",
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        help="Satisfaction less expectation: above 0 the customer got more than expected.",
    )
    recommendation = FloatOrUnknown(
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        help="How likely the customer is to recommend the company, 0 to 10: the mean of the assessments, later ones "
        "counting more.",
    )
    last_assessment_date = fields.Date(
        string="Last Assessment", readonly=True, help="The day of the latest assessment."
    )
    assessment_count = IntegerOrEmpty(string="Assessments", readonly=True, help="How often the customer was assessed.")
    open_complaint_count = IntegerOrEmpty(
        string="Open Complaints", readonly=True, help="Complaints that are not closed."
    )
    serious_complaint_count = IntegerOrEmpty(
        string="Open Serious Complaints", readonly=True, help="Serious complaints that are not closed."
    )
    complaint_count_12m = IntegerOrEmpty(
        string="Complaints, 12 Months", readonly=True, help="Complaints opened in the last 12 months."
    )
    complaint_response_days = FloatOrUnknown(
        string="Days to Close a Complaint",
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        help="Average number of days from opening a complaint to closing it.",
    )

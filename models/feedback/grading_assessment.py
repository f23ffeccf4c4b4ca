import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import SQL, email_normalize, float_repr
from odoo.tools.misc import format_date

from ..base.fields import FloatOrUnknown

SCORES = ("expectation", "satisfaction", "recommendation")
_logger = logging.getLogger(__name__)
SURVEY = "customer_grading.grading_survey"


class GradingAssessment(models.Model):
    """One conversation or survey: how satisfied a customer was, from 0 to 10, and why.

    A score that was not asked for stays unknown; 0 is an answer. The gap counts more than satisfaction alone: how far
    it lies above what the customer had expected (the disconfirmation of Oliver, 1980).
    """

    _name = "grading.assessment"
    _inherit = ["grading.voice.mixin"]
    _description = "Assessment"
    _order = "date desc, id desc"

    date = fields.Date(required=True, index=True, default=lambda self: self.env.company._grading_today())
    expectation = FloatOrUnknown(
        digits=(4, 1), aggregator="avg", help="What the customer had expected of us, from 0 to 10."
    )
    satisfaction = FloatOrUnknown(
        digits=(4, 1), aggregator="avg", help="How content the customer is with what they got, from 0 to 10."
    )
    recommendation = FloatOrUnknown(
        digits=(4, 1), aggregator="avg", help="How likely the customer is to recommend us, from 0 to 10."
    )
    gap = FloatOrUnknown(
        digits=(4, 1),
        aggregator="avg",
        compute="_compute_gap",
        store=True,
        help="Satisfaction less expectation; unknown unless the customer was asked both.",
    )
    channel = fields.Selection(
        [
            ("visit", "Conversation"),
            ("call", "Phone call"),
            ("online", "E-mail or chat"),
            ("survey", "Survey"),
            ("other", "Other"),
        ],
        default="visit",
        required=True,
    )
    reason_ids = fields.Many2many(
        "grading.assessment.reason", string="Reasons", help="What decides whether the customer stays."
    )
    user_id = fields.Many2one(string="Author")

    @api.depends("partner_id", "date")
    def _compute_display_name(self):
        for assessment in self:
            parts = (assessment.partner_id.name, format_date(self.env, assessment.date))
            assessment.display_name = ", ".join(filter(None, parts))

    @api.depends("expectation", "satisfaction")
    def _compute_gap(self):
        for assessment in self:
            known = assessment.expectation is not False and assessment.satisfaction is not False
            assessment.gap = known and assessment.satisfaction - assessment.expectation

    @api.constrains("date", "company_id")
    def _check_date(self):
        self._refuse_future("date")

    # partner_id is always given: an assessment that is created without any score must be checked, too.
    @api.constrains("partner_id", *SCORES)
    def _check_scores(self):
        for assessment in self:
            known = [name for name in SCORES if assessment[name] is not False]
            if not known:
                raise ValidationError(
                    self.env._(
                        "The assessment “%s” has no score: give at least one of expectation, satisfaction and "
                        "recommendation, from 0 to 10.",
                        assessment.display_name,
                    )
                )
            for name in known:
                if not 0 <= assessment[name] <= 10:
                    raise ValidationError(
                        self.env._(
                            "“%(field)s” of the assessment “%(record)s” is %(score)s: enter a number from 0 to 10.",
                            field=self._fields[name]._description_string(self.env),
                            record=assessment.display_name,
                            score=float_repr(assessment[name], 1),
                        )
                    )

    @api.model
    def _measured_fields(self):
        return super()._measured_fields() | {"date", *SCORES}

    # ------------------------------------------------------------
    # From Odoo's own surveys, where that app is installed
    # ------------------------------------------------------------

    survey_input_id = fields.Integer(
        string="Survey Answer",
        readonly=True,
        copy=False,
        help="Id of the answer in Surveys out of which this was made.",
    )

    _survey_input_unique = models.UniqueIndex(
        "(survey_input_id) WHERE survey_input_id IS NOT NULL", "An answer of a survey is one assessment."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_survey_answer(self):
        """The next cron run would re-create it from the survey answer."""
        if "survey.user_input" not in self.env:
            return
        for assessment in self.filtered("survey_input_id"):
            if self.env["survey.user_input"].sudo().browse(assessment.survey_input_id).exists():
                raise UserError(
                    self.env._(
                        "The assessment “%s” is an answer to your survey: delete the participation in Surveys first.",
                        assessment.display_name,
                    )
                )

    # ------------------------------------------------------------
    # The survey
    # ------------------------------------------------------------

    @api.model
    def _get_survey(self):
        """The survey that asks for the three scores, created in every installed language when it does not exist yet.

        :rtype: survey.survey
        """
        if survey := self.env.ref(SURVEY, raise_if_not_found=False):
            return survey
        survey = self.env["survey.survey"].sudo().with_context(lang="en_US").create(self._prepare_survey("en_US"))
        names = (*SCORES, "comment")
        questions = dict(zip(names, survey.question_ids, strict=True))
        for code, _name in self.env["res.lang"].get_installed():
            if code != "en_US":
                survey.with_context(lang=code).title = self._prepare_survey(code)["title"]
                for name, values in self._prepare_questions(code).items():
                    questions[name].with_context(lang=code).title = values["title"]
        records = {SURVEY: survey, **{f"{SURVEY}_{name}": question for name, question in questions.items()}}
        self.env["ir.model.data"].sudo()._update_xmlids(
            [{"xml_id": xmlid, "record": record, "noupdate": True} for xmlid, record in records.items()]
        )
        return self.env.ref(SURVEY)

    @api.model
    def _prepare_survey(self, lang):
        """Values of the survey in a language."""
        return {
            "title": self.with_context(lang=lang).env._("How content are you?"),
            "access_mode": "token",
            "questions_layout": "one_page",
            "question_and_page_ids": [Command.create(values) for values in self._prepare_questions(lang).values()],
        }

    @api.model
    def _prepare_questions(self, lang):
        """Values of the questions in a language, by what they ask for."""
        env = self.with_context(lang=lang).env
        titles = {
            "expectation": env._("What had you expected of us, from 0 (little) to 10 (very much)?"),
            "satisfaction": env._("How content are you with what you got, from 0 (not at all) to 10 (fully)?"),
            "recommendation": env._("How likely are you to recommend us, from 0 (never) to 10 (certainly)?"),
        }
        scale = {"question_type": "scale", "scale_min": 0, "scale_max": 10}
        questions = {name: {**scale, "title": title} for name, title in titles.items()}
        comment = {"question_type": "text_box", "title": env._("What should we know?")}
        return {
            name: {**values, "sequence": sequence}
            for sequence, (name, values) in enumerate({**questions, "comment": comment}.items(), 1)
        }

    # ------------------------------------------------------------
    # Its answers
    # ------------------------------------------------------------

    @api.model
    def _collect_survey_answers(self):
        """Create an assessment from every completed answer that has none yet; safe to call again, and without Surveys.

        An answer without a score, or from an unknown contact, is left as it is.

        :return: the new assessments
        """
        survey = "survey.survey" in self.env and self.env.ref(SURVEY, raise_if_not_found=False)
        new = self.sudo().browse()
        if not survey:
            return new
        for answer in self._new_answers(survey):
            vals = self._prepare_from_answer(answer)
            if not vals:
                continue
            try:
                with self.env.cr.savepoint():
                    new |= new.create(vals)
            except (ValidationError, psycopg2.IntegrityError):
                _logger.warning("Survey answer %s makes no assessment", answer.id, exc_info=True)
        return new

    @api.model
    def _new_answers(self, survey):
        self.flush_model(["survey_input_id"])
        self.env["survey.user_input"].flush_model(["state", "survey_id", "test_entry"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT answer.id FROM survey_user_input AS answer
             LEFT JOIN grading_assessment AS assessment ON assessment.survey_input_id = answer.id
                 WHERE answer.survey_id = %s AND answer.state = 'done' AND answer.test_entry IS NOT TRUE
                   AND assessment.id IS NULL
              ORDER BY answer.id
                """,
                survey.id,
            )
        )
        return self.env["survey.user_input"].sudo().browse(answer for [answer] in rows)

    @api.model
    def _prepare_from_answer(self, answer):
        """Values of the assessment; empty when the answer has no score or no known contact."""
        given = self._given_answers(answer)
        scores = {name: given[name].value_scale for name in SCORES if given[name]}
        contact = answer.partner_id or self._contact_by_email(answer.email)
        if not scores or not contact:
            return {}
        sender = answer.create_uid
        company = self._company_of_answer(contact.commercial_partner_id, sender)
        answered = fields.Datetime.context_timestamp(
            self.with_context(tz=company._grading_tz()), answer.end_datetime or answer.write_date
        )
        return {
            **scores,
            "partner_id": contact.id,
            "company_id": company.id,
            "date": answered.date(),
            "channel": "survey",
            "note": given["comment"].value_text_box,
            "user_id": not sender.share and sender.id,
            "survey_input_id": answer.id,
        }

    @api.model
    def _given_answers(self, answer):
        """The lines of the answer by what they answer; empty where the question was skipped."""
        lines = answer.user_input_line_ids.filtered(lambda line: not line.skipped)
        given = {}
        for name in (*SCORES, "comment"):
            question = self.env.ref(f"{SURVEY}_{name}", raise_if_not_found=False)
            given[name] = lines.filtered(lambda line, asked=question: line.question_id == asked)[:1]
        return given

    @api.model
    def _company_of_answer(self, customer, sender):
        """The company to which the customer is restricted; else the sender's own, or another company of the sender's in
        which the contact is a customer."""
        profiles = self.env["grading.profile"].sudo()
        known = profiles.search(
            [("partner_id", "=", customer.id), ("company_id", "in", sender.company_ids.ids)], order="company_id"
        ).company_id
        own = sender.company_id
        return customer.company_id or (own if own in known else known[:1]) or own or self.env.company

    @api.model
    def _contact_by_email(self, email):
        """The contact with this address; none when contacts of several customers have it."""
        Partner = self.env["res.partner"].sudo()
        address = email_normalize(email or "")
        contacts = Partner.search([("email_normalized", "=", address)]) if address else Partner
        return contacts[:1] if len(contacts.commercial_partner_id) == 1 else Partner


class GradingAssessmentReason(models.Model):
    """What may decide whether a customer stays, such as the price."""

    _name = "grading.assessment.reason"
    _description = "Reason of an Assessment"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    color = fields.Integer()

from lxml import html
from markupsafe import Markup

from odoo import models
from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)
# What the steps of the shipped plans say, by their XML id: summary and note. Odoo keeps the texts of a plan in one
# language, so those that are still as shipped are translated when an activity is planned.
SHIPPED = {
    "mail_activity_plan_template_serious_complaint_1": (
        _lt("Call about the serious complaint"),
        _lt("Listen, apologize, and say what happens next and by when."),
    ),
    "mail_activity_plan_template_best_grade_falling_1": (
        _lt("Call: the best grade is about to be lost"),
        _lt("See on the customer's page why the score fell, and ask what keeps the customer from ordering."),
    ),
    "mail_activity_plan_template_first_order_1": (
        _lt("Welcome call after the first order"),
        _lt("Thank them for the order, ask whether everything arrived as expected, and name a contact."),
    ),
    "mail_activity_plan_template_win_back_1": (
        _lt("Call: win the customer back"),
        _lt("Ask why they stopped ordering before you offer anything."),
    ),
    "mail_activity_plan_template_win_back_2": (
        _lt("Send an offer"),
        _lt("Refer to what the customer said on the phone."),
    ),
    "mail_activity_plan_template_lead_a_1": (
        _lt("Call and make an offer"),
        _lt("The lead is ready: agree on the offer by phone."),
    ),
    "mail_activity_plan_template_not_content_1": (
        _lt("Call: the customer is not content"),
        _lt("Ask what went wrong and what would make it right."),
    ),
    "mail_activity_plan_template_thank_referrer_1": (
        _lt("Thank the customer for a referral"),
        _lt("The first order of a customer whom they referred is a reason for a word of thanks."),
    ),
    "mail_activity_plan_template_invoice_overdue_1": (
        _lt("Call about the overdue invoice"),
        _lt("Ask whether anything was wrong with the delivery before you ask for the payment."),
    ),
}


class MailActivityPlanTemplate(models.Model):
    """A step of a plan: what a play writes on its activity, in the language of who reads it."""

    _inherit = "mail.activity.plan.template"

    def _grading_words(self):
        """The summary and the note of the step in the language of the environment; what a user has changed as it is.

        :rtype: tuple
        """
        self.ensure_one()
        module, _dot, name = (self.get_external_id()[self.id] or "").partition(".")
        if module != "customer_grading" or name not in SHIPPED:
            return self.summary, self.note
        summary, note = SHIPPED[name]
        english = self.with_context(lang="en_US").env
        return (
            self.env._(summary) if self.summary == english._(summary) else self.summary,
            Markup("<p>%s</p>") % self.env._(note) if self._grading_note() == english._(note) else self.note,
        )

    def _grading_note(self):
        """The text of a note that is one paragraph without any format; None of any other.

        :rtype: str or None
        """
        parts = html.fragments_fromstring((self.note or "").strip())
        is_plain = len(parts) == 1 and not isinstance(parts[0], str) and parts[0].tag == "p" and not len(parts[0])
        return " ".join((parts[0].text or "").split()) if is_plain else None

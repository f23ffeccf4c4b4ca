"""The play “Thank the referrer” starts for the referrer, and no longer for the customer who was referred.

What an administrator has changed stays: a play with another event, filter or goal, and a step that says something else.
"""

from lxml import html

from odoo import SUPERUSER_ID, api

SHIPPED = {
    "trigger": "first_order",
    "domain": "[('partner_id.referred_by_id', '!=', False)]",
    "goal": "contact",
    "cooldown_days": 30,
}
SUMMARY = ("Thank the customer who referred them", "Thank the customer for a referral")
NOTE = (
    "The first order of a referred customer is a reason for a word of thanks to the referrer.",
    "The first order of a customer whom they referred is a reason for a word of thanks.",
)


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    play = env.ref("customer_grading.grading_play_thank_referrer", raise_if_not_found=False)
    step = env.ref("customer_grading.mail_activity_plan_template_thank_referrer_1", raise_if_not_found=False)
    if not play or not step or step.plan_id != play.plan_id:
        return
    if any(play[name] != value for name, value in SHIPPED.items()):
        return
    play.write({"trigger": "referral_ordered", "domain": "[]", "cooldown_days": 0})
    if step.summary == SUMMARY[0]:
        step.summary = SUMMARY[1]
    if step.note and html.fromstring(step.note).text_content().strip() == NOTE[0]:
        step.note = f"<p>{NOTE[1]}</p>"

from markupsafe import Markup

from odoo import models
from odoo.tools.misc import format_date


class GradingGreeting(models.Model):
    """Greetings that a salesperson makes himself: one activity each."""

    _inherit = "grading.greeting"

    def _plan(self):
        """Plan one activity for each greeting, for the salesperson of the contact or else a team leader; where neither
        can be found the greeting says so."""
        responsible = self.partner_id._grading_responsibles(self.env.company)
        for greeting in self:
            greeting.user_id = responsible.get(greeting.partner_id)
        planned = self.filtered("user_id")
        # Nobody gets a mail for each: they are made in bulk, and he sees them where he sees all his activities.
        Activity = self.env["mail.activity"].with_context(mail_activity_quick_update=True)
        activities = Activity.create(
            [
                greeting.with_context(lang=greeting.user_id.lang or self.env.lang)._prepare_activity()
                for greeting in planned
            ]
        )
        for greeting, activity in zip(planned, activities, strict=True):
            greeting.activity_id = activity
        planned.state = "activity"
        (self - planned).state = "nobody"

    def _prepare_activity(self):
        """Values of the activity, in the language of the context."""
        occasion = self.occasion_id
        return {
            "res_model_id": self.env["ir.model"]._get_id("res.partner"),
            "res_id": self.partner_id.id,
            "activity_type_id": occasion.activity_type_id.id,
            "summary": occasion.name,
            "note": self._activity_note(),
            # What is caught up is for today: nobody could have done it before.
            "date_deadline": max(self.date, self.company_id._grading_today()),
            "user_id": self.user_id.id,
            "automated": True,
        }

    def _activity_note(self):
        """Whom to greet for what, why no message was sent, and what the occasion says."""
        lines = [self._reason(), self._obstacle_sentence()]
        paragraphs = Markup("").join(Markup("<p>%s</p>") % line for line in lines if line)
        return paragraphs + (self.occasion_id.note or "")

    def _reason(self):
        """“Emma Visser turns 52 on 3 May.”"""
        occasion, partner = self.occasion_id, self.partner_id
        values = {"name": partner.name or partner.display_name, "date": format_date(self.env, self.date)}
        if occasion.kind == "birthday":
            years = self.date.year - partner.birthdate_date.year
            return self.env._("%(name)s turns %(years)s on %(date)s.", years=years, **values)
        if occasion.kind != "anniversary":
            return self.env._("%(occasion)s is on %(date)s: greet %(name)s.", occasion=occasion.name, **values)
        if occasion.anniversary_of == "founded":
            years = self.date.year - partner.grading_founded_date.year
            return self.env._("%(name)s was founded %(years)s years before %(date)s.", years=years, **values)
        years = self.date.year - partner.with_company(self.company_id).grading_profile_id.first_order_date.year
        return self.env._("%(name)s placed the first order %(years)s years before %(date)s.", years=years, **values)

    def _obstacle_sentence(self):
        if not self.obstacle:
            return ""
        label = dict(self._fields["obstacle"]._description_selection(self.env))[self.obstacle]
        return self.env._("No message was sent: %s.", label)

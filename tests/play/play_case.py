from datetime import timedelta

from ..common import LeadCase


class PlayCase(LeadCase):
    """A company that has graded its customers before, and a play for each test: it gives the tag *Played*.

    One point for each unit of money ordered: Gold from 100, Silver from 10, Bronze from 0.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls.salesman(name="Seller", tz="Europe/Brussels", email="seller@example.com")
        cls.played = cls.env["res.partner.category"].create({"name": "Played"})
        cls.lead_played = cls.env["crm.tag"].create({"name": "Played"})
        cls.call_type = cls.env["mail.activity.type"].create({"name": "Ring", "grading_channel": "call"})
        cls.paper_type = cls.env["mail.activity.type"].create({"name": "Paper", "grading_channel": "none"})
        cls.money = cls.scheme()
        cls.leads = cls.lead_scheme()
        cls.ada = cls.customer("Ada", email="ada@example.com")
        cls.order(cls.ada, 50, cls.ago(40))
        cls.rescore()
        cls.forget_requests()

    @classmethod
    def customer(cls, name, **vals):
        return super().customer(name, **{"user_id": cls.seller.id, **vals})

    @classmethod
    def ago(cls, days):
        return cls.today - timedelta(days=days)

    @classmethod
    def play(cls, trigger="manual", **vals):
        """A play of the company that gives a tag; the pause between starts is for those tests that ask for it."""
        tags = {"lead_tag_ids": cls.lead_played.ids} if "lead" in (trigger[:4], vals.get("subject")) else None
        tags = tags or {"category_ids": cls.played.ids}
        values = {"name": "Play", "trigger": trigger, "company_id": cls.company.id, "cooldown_days": 0, **tags}
        return cls.env["grading.play"].create({**values, **vals})

    @classmethod
    def plan(cls, *steps, model="res.partner"):
        """A plan of activities.

        :param steps: ``(activity type, days after the start)``
        """
        lines = [
            (0, 0, {
                "activity_type_id": kind.id, "summary": kind.name, "delay_count": days, "delay_unit": "days",
                "delay_from": "after_plan_date", "responsible_type": "on_demand",
            })
            for kind, days in steps
        ]  # fmt: skip
        return cls.env["mail.activity.plan"].create(
            {"name": "Plan", "res_model": model, "company_id": False, "template_ids": lines}
        )

    @classmethod
    def cases(cls, play):
        cls.env.flush_all()
        return cls.env["grading.play.case"].search([("play_id", "in", play.ids)], order="id")

    @classmethod
    def started(cls, play):
        """Names of the customers or leads for which the play has started."""
        return [case._subject().name for case in cls.cases(play)]

    @classmethod
    def begin(cls):
        """What the job does in the current company."""
        Case = cls.env["grading.play.case"].sudo()
        while Case._begin_waiting():
            pass

    @classmethod
    def complain(cls, partner, **vals):
        return cls.env["grading.complaint"].create({"partner_id": partner.id, **vals})

    @classmethod
    def assess(cls, partner, satisfaction, **vals):
        return cls.env["grading.assessment"].create({"partner_id": partner.id, "satisfaction": satisfaction, **vals})

    @classmethod
    def override(cls, subject, grade):
        subject._grading_profiles()._override(grade, "Because")
        cls.env.flush_all()

from datetime import timedelta

from odoo.tests import tagged

from .test_judge_apart import ApartCase


@tagged("post_install", "-at_install")
class TestLeadsThen(ApartCase):
    """What is entered on leads, as of an earlier day: as far as Odoo has kept a record of it."""

    def old_lead(self, name, **vals):
        lead = self.lead(name, **{"stage_id": self.talks.id, "expected_revenue": 100, **vals})
        self.force(lead, create_date=self.moment(self.day - timedelta(days=9)), automated_probability=40)
        self.env.cr.flush()  # of a lead that was just made Odoo keeps no record
        return lead.with_context(tracking_disable=False)

    def then(self, lead, day=None):
        row = self.judged(day)["lead_id", lead.id]
        return [row[name] for name in ("stage_progress", "expected_revenue", "probability", "readiness")]

    def test_stage_and_revenue_of_a_lead_that_was_won_since_are_those_of_the_day(self):
        lead = self.old_lead("Won since")
        lead.expected_revenue = 300
        lead.action_set_won()
        self.env.cr.flush()
        self.assertEqual((lead.automated_probability, lead.stage_id.is_won), (100, True))
        self.assertEqual(self.then(lead), [33.33, 100, None, None])

    def test_the_first_change_after_the_day_tells_and_none_before_it(self):
        lead = self.old_lead("Moves")
        for stage in (self.offer, self.new):
            lead.stage_id = stage
            self.env.cr.flush()
        early, late = self.env["mail.message"].search(
            [("model", "=", "crm.lead"), ("res_id", "=", lead.id), ("tracking_value_ids", "!=", False)], order="id"
        )
        self.force(early, date=self.moment(self.day))
        self.assertEqual(self.then(lead)[0], 66.67)
        self.force(late, date=self.moment(self.day))
        self.assertEqual(self.then(lead)[0], 0)

    def test_where_changes_are_not_recorded_stage_and_revenue_are_those_of_now(self):
        lead = self.old_lead("Unrecorded").with_context(tracking_disable=True)
        lead.write({"stage_id": self.won.id, "expected_revenue": 300})
        self.env.cr.flush()
        self.assertEqual(self.then(lead), [100, 300, None, None])

    def test_the_probability_of_an_open_lead_is_unknown_too_lest_it_tell_of_the_outcome(self):
        lead, willing = self.old_lead("Open"), self.old_lead("Willing", willingness="5")
        self.assertEqual(self.then(lead), [33.33, 100, None, None])
        self.assertEqual(self.then(willing)[2:], [None, 100])

    def test_a_lead_that_was_won_by_the_day_keeps_what_it_was_won_with(self):
        lead = self.old_lead("Won before")
        self.win(lead.with_context(tracking_disable=True), self.day)
        self.assertEqual(self.then(lead), [100, 100, 100, 100])

    def test_today_is_read_as_it_is(self):
        lead = self.old_lead("Open today")
        self.assertEqual(self.then(lead, self.today), [33.33, 100, 40, 40])

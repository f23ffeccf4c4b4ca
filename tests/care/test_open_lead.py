from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import SQL

from .care_case import DAY, CareCase


@tagged("post_install", "-at_install")
class TestOpenLead(CareCase):
    """A lead is open unless it is archived, won or lost; domain, Python and SQL say the same."""

    def test_the_sql_is_the_one_that_is_documented(self):
        is_open = self.env["crm.lead"]._grading_is_open_to_sql("lead")
        self.assertEqual(is_open.code, """"lead"."active" AND "lead"."won_status" = 'pending'""")

    def test_domain_python_and_sql_say_the_same(self):
        Lead = self.env["crm.lead"].with_context(active_test=False)
        open_lead, won, lost, archived = (self.lead(name) for name in ("Open", "Won", "Lost", "Archived"))
        self.win(won, DAY)
        lost.action_set_lost()
        archived.active = False
        leads = open_lead + won + lost + archived
        self.assertEqual(leads._grading_open(), open_lead)
        self.assertEqual(Lead.search(Lead._grading_open_domain() & Domain("id", "in", leads.ids)), open_lead)
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM crm_lead AS lead WHERE id = ANY(%s) AND %s",
                leads.ids,
                Lead._grading_is_open_to_sql("lead"),
            )
        )
        self.assertEqual(rows, [(open_lead.id,)])

    def test_it_can_be_asked_through_a_link_to_the_lead(self):
        lead = self.lead("Open")
        self.measure(lead)
        is_open = self.env["crm.lead"]._grading_open_domain("lead_id.")
        profiles = self.env["grading.profile"].search(is_open)
        self.assertIn(self.lead_profile(lead), profiles)
        self.win(lead, DAY)
        self.assertNotIn(self.lead_profile(lead), self.env["grading.profile"].search(is_open))

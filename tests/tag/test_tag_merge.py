from odoo.fields import Command
from odoo.tests import tagged

from .tag_case import TagCase


@tagged("post_install", "-at_install")
class TestTagMerge(TagCase):
    """What becomes of tags, and of why they are there, when contacts and leads are copied, merged or moved."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.none = cls.env["res.partner.category"]

    def merge(self, into, *others):
        contacts = into.union(*others)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge(contacts.ids, into)
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # Copies
    # ------------------------------------------------------------

    def test_a_copy_takes_along_what_people_gave(self):
        self.anna.category_id = self.static
        self.apply()
        copy = self.anna.copy()
        self.assert_tags(copy, self.static)
        self.assertEqual(self.reasons(copy, self.vip), [])

    def test_a_copied_lead_takes_along_what_people_gave(self):
        static = self.env["crm.tag"].create({"name": "Static"})
        self.tag_rule(self.hot)
        lead = self.lead(tag_ids=[Command.link(static.id)])
        self.measure(lead, order_count=9)
        self.apply()
        self.assert_tags(lead, self.hot | static)
        self.assert_tags(lead.copy(), static)

    # ------------------------------------------------------------
    # Merged contacts
    # ------------------------------------------------------------

    def test_merged_contacts_have_what_the_rules_gave_to_each(self):
        self.tag_rule(self.new_tag, "[('order_count', '<', 3)]")
        self.apply()
        self.merge(self.anna, self.bert)
        self.assert_tags(self.anna, self.vip | self.new_tag)
        self.assertEqual(self.anna.grading_tag_origin_ids.mapped("kind"), ["rule", "rule"])
        self.assertEqual(self.apply(), (0, 1))
        self.assert_tags(self.anna, self.vip)

    def test_a_tag_that_a_rule_gave_to_both_is_noted_once(self):
        self.measure(self.bert, order_count=5)
        self.apply()
        self.merge(self.anna, self.bert)
        self.assertEqual(self.reasons(self.anna, self.vip), ["rule"])

    def test_of_merged_contacts_by_hand_beats_a_rule(self):
        self.bert.category_id = self.vip
        self.apply()
        self.merge(self.anna, self.bert)
        self.assertEqual(self.reasons(self.anna, self.vip), ["hand", "rule"])
        self.measure(self.anna, order_count=0)
        self.apply()
        self.assert_tags(self.anna, self.vip)

    def test_of_merged_contacts_a_tag_without_a_note_beats_a_rule(self):
        self.env.cr.execute(
            "INSERT INTO res_partner_res_partner_category_rel (partner_id, category_id) VALUES (%s, %s)",
            [self.bert.id, self.vip.id],
        )
        self.apply()
        self.merge(self.anna, self.bert)
        self.assertEqual(self.reasons(self.anna, self.vip), ["hand", "rule"])
        self.assertFalse(self.anna.grading_tag_origin_ids.user_id)
        self.measure(self.anna, order_count=0)
        self.apply()
        self.assert_tags(self.anna, self.vip)

    def test_of_merged_contacts_by_hand_beats_never(self):
        self.apply()
        self.anna.category_id = False
        self.bert.category_id = self.vip
        self.merge(self.anna, self.bert)
        self.assert_tags(self.anna, self.vip)
        self.assertEqual(self.reasons(self.anna, self.vip), ["hand"])

    def test_of_merged_contacts_never_beats_a_rule(self):
        self.measure(self.bert, order_count=5)
        self.apply()
        for into, other in ((self.anna, self.bert), (self.measured("Carl", order_count=5), self.anna)):
            self.apply()
            other.category_id = False
            self.merge(into, other)
            self.assertEqual(self.reasons(into, self.vip), ["never"])
            self.assert_tags(into, self.none)
            self.assertEqual(self.apply(), (0, 0))

    def test_a_kept_tag_moves_along(self):
        self.rule.keep = True
        self.apply()
        self.merge(self.bert, self.anna)
        self.assertEqual(self.reasons(self.bert, self.vip), ["rule"])
        self.assertEqual(self.apply(), (0, 0))
        self.assert_tags(self.bert, self.vip)

    def test_merging_marks_nothing_as_given_by_hand(self):
        self.anna.category_id = self.static
        note = self.anna.grading_tag_origin_ids
        self.merge(self.bert, self.anna)
        self.assertEqual(self.bert.grading_tag_origin_ids, note)
        self.assert_tags(self.bert, self.static)

    # ------------------------------------------------------------
    # Leads
    # ------------------------------------------------------------

    def test_leads_are_tagged_by_rules_for_leads_only(self):
        self.tag_rule(self.hot)
        lead = self.lead()
        self.measure(lead, order_count=9)
        self.apply()
        self.assert_tags(lead, self.hot)
        self.assertEqual(self.reasons(lead, self.hot), ["rule"])
        lead.tag_ids = False
        self.assertEqual(self.reasons(lead, self.hot), ["never"])
        self.assertEqual(self.apply(), (0, 0))

    def test_a_lead_that_moves_to_another_company_is_scored_there(self):
        rule = self.tag_rule(self.hot, company_id=self.company.id)
        company = self.new_company("Second Company")
        other = self.tag_rule(self.env["crm.tag"].create({"name": "Cold"}), company_id=company.id)
        lead = self.lead()
        self.measure(lead, order_count=9)
        self.apply()
        self.assertEqual(lead.grading_tag_origin_ids.rule_id, rule)
        self.lead_profile(lead).company_id = company
        self.assertEqual(self.apply(company), (1, 1))
        self.assertEqual(lead.grading_tag_origin_ids.rule_id, other)

    def test_a_lead_that_moves_to_a_company_without_rules_loses_what_rules_gave(self):
        self.tag_rule(self.hot, company_id=self.company.id)
        lead = self.lead()
        self.measure(lead, order_count=9)
        self.apply()
        self.assert_tags(lead, self.hot)
        company = self.new_company("Second Company")
        lead.write({"company_id": company.id, "team_id": False})
        self.rescore(leads=lead, company=company)
        self.assertNotIn(self.hot, lead.tag_ids)

    def merged_leads(self):
        self.tag_rule(self.hot)
        first, second = self.lead("First"), self.lead("Second")
        self.measure(first, order_count=9)
        self.measure(second, order_count=9)
        return first, second

    def test_merged_leads_have_what_the_rules_gave_once(self):
        first, second = self.merged_leads()
        self.apply()
        lead = (first | second).merge_opportunity()
        self.assert_tags(lead, self.hot)
        self.assertEqual(self.reasons(lead, self.hot), ["rule"])

    def test_of_merged_leads_never_beats_a_rule(self):
        first, second = self.merged_leads()
        self.apply()
        second.tag_ids = False
        lead = (first | second).merge_opportunity()
        self.assert_tags(lead, self.env["crm.tag"])
        self.assertEqual(self.reasons(lead, self.hot), ["never"])

    def test_of_merged_leads_by_hand_beats_never(self):
        first, second = self.merged_leads()
        first.tag_ids = self.hot
        self.apply()
        second.tag_ids = False
        lead = (first | second).merge_opportunity()
        self.assert_tags(lead, self.hot)
        self.assertEqual(self.reasons(lead, self.hot), ["hand"])

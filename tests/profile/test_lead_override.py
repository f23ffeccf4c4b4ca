from datetime import timedelta

from odoo.tests import Form, tagged

from ..common import LeadCase


class LeadOverrideCase(LeadCase):
    """The rules make Silver of a lead that is as open as can be, people may think otherwise."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.lead_scheme()
        cls.source, cls.target = (cls.lead(name, willingness="3") for name in ("Source", "Target"))
        cls.rescore()

    def override(self, leads, grade, reason="She knows us", until=None):
        values = {"lead_ids": leads.ids, "grade_id": grade.id, "reason": reason, "until": until}
        self.env["grading.override"].create(values).action_confirm()
        return self.lead_profile(leads[:1])

    def scored(self, lead, **kwargs):
        self.rescore(leads=lead, **kwargs)
        return self.lead_profile(lead)

    def notes(self, lead):
        return "\n".join(note for note in self.lead_profile(lead).history_ids.mapped("note") if note)


@tagged("post_install", "-at_install")
class TestLeadOverride(LeadOverrideCase):
    def test_the_wizard_overrides_many_leads(self):
        salesman = self.salesman()
        wizard = self.env["grading.override"].with_user(salesman)
        wizard.create(
            {"lead_ids": (self.source | self.target).ids, "grade_id": self.gold.id, "reason": "Fair"}
        ).action_confirm()
        for lead in (self.source, self.target):
            profile = self.scored(lead)
            self.assertEqual((profile.grade_id, profile.computed_grade_id), (self.gold, self.silver))
            self.assertEqual((profile.manual_reason, profile.manual_user_id), ("Fair", salesman))

    def test_the_button_opens_the_wizard_on_the_leads(self):
        action = (self.source | self.target).action_grading_override()
        with Form(self.env["grading.override"].with_context(**action["context"])) as form:
            form.grade_id = self.gold
            form.reason = "Fair"
        form.record.action_confirm()
        self.assertEqual((self.source | self.target).mapped("grading_grade_id"), self.gold)

    def test_writing_the_grade_overrides_and_notes_the_reason(self):
        self.source.with_context(grading_reason="She knows us").grading_grade_id = self.gold
        self.target.grading_grade_id = self.bronze
        self.assertEqual(
            (self.source.grading_grade_id, self.source.grading_computed_grade_id), (self.gold, self.silver)
        )
        self.assertRecordValues(
            self.lead_profile(self.source).history_ids[0],
            [
                {
                    "reason": "override",
                    "old_grade_id": self.silver.id,
                    "new_grade_id": self.gold.id,
                    "lead_id": self.source.id,
                    "partner_id": False,
                    "company_id": self.company.id,
                    "note": "She knows us",
                    "user_id": self.env.uid,
                }
            ],
        )
        self.assertIn("lead", self.notes(self.target), "who gave no reason dragged a card")

    def test_giving_back_puts_the_computed_grade_in_force_at_once(self):
        self.override(self.source, self.gold)
        self.source.action_grading_give_back()
        self.assertEqual((self.source.grading_grade_id, self.source.grading_manual_grade_id.id), (self.silver, False))
        self.override(self.target, self.gold)
        self.target.grading_grade_id = False
        self.assertEqual(self.target.grading_grade_id, self.silver)
        self.assertIn("She knows us", self.notes(self.target))

    def test_a_new_lead_of_a_column_is_overridden_by_it(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "New in the column",
                "company_id": self.company.id,
                "team_id": self.team.id,
                "grading_grade_id": self.gold.id,
            }
        )
        self.assertEqual((lead.grading_grade_id, self.lead_profile(lead).manual_grade_id), (self.gold, self.gold))

    def test_an_end_is_kept_to(self):
        profile = self.override(self.source, self.gold, until=self.today)
        self.assertEqual(self.scored(self.source).grade_id, self.gold)
        self.scored(self.source, as_of=self.today + timedelta(days=1))
        self.assertEqual((profile.grade_id, profile.manual_grade_id), (self.silver, self.env["grading.grade"]))
        self.assertEqual(profile.history_ids[0].reason, "override_end")

    def test_an_end_in_the_past_and_an_empty_reason_are_refused_by_the_leads_name(self):
        with self.assert_refused("Source", "past"):
            self.override(self.source, self.gold, until=self.today - timedelta(days=1))
        for reason in (False, "", " \n"):
            with self.subTest(reason=reason), self.assert_refused("Source", "Please enter a reason"):
                self.override(self.source, self.gold, reason)
        self.assertEqual(self.source.grading_grade_id, self.silver)

    def test_a_lower_grade_waits_out_its_grace(self):
        self.rules.grace_days = 7
        self.source.willingness = "1"
        profile = self.scored(self.source)
        self.assertEqual((profile.grade_id, profile.pending_grade_id), (self.silver, self.bronze))
        self.scored(self.source, as_of=self.today + timedelta(days=7))
        self.assertEqual((profile.grade_id, profile.pending_grade_id.id), (self.bronze, False))

    def test_one_finds_groups_and_sorts_leads_by_grade(self):
        self.override(self.source, self.gold)
        self.target.willingness = "1"
        self.scored(self.target)
        mine = [("id", "in", (self.source | self.target).ids)]
        Lead = self.env["crm.lead"]
        self.assertEqual(Lead.search([*mine, ("grading_grade_id", "=", self.gold.id)]), self.source)
        self.assertEqual(Lead.search(mine, order="grading_score"), self.target | self.source)
        groups = Lead.with_context(read_group_expand=True).web_read_group(mine, ["grading_grade_id"], ["__count"])
        counts = {group["grading_grade_id"][1]: group["__count"] for group in groups["groups"]}
        self.assertEqual(counts, {"Gold": 1, "Silver": 0, "Bronze": 1})

    def test_leads_without_a_profile_are_found_as_not_graded(self):
        new = self.lead("New")
        mine = [("id", "in", (self.source | new).ids)]
        Lead = self.env["crm.lead"]
        self.assertEqual(Lead.search([*mine, ("grading_grade_id", "=", False)]), new)
        self.assertEqual(Lead.search([*mine, ("grading_grade_id", "!=", False)]), self.source)

    def test_the_button_rescores_a_lead_in_its_own_company(self):
        other = self.new_company("Other Company")
        self.lead_scheme(company_id=other.id)
        theirs = self.lead("Theirs", company_id=other.id, team_id=False, stage_id=False, willingness="5")
        self.source.willingness = "5"
        both = {"allowed_company_ids": (self.company | other).ids}
        (theirs | self.source).with_context(**both).action_grading_rescore()
        self.assertEqual((theirs | self.source).mapped("grading_grade_id"), self.gold)
        self.assertEqual(theirs.grading_score, 50)

    def test_the_button_tells_of_each_company_how_it_went(self):
        other = self.new_company("Other Company")
        self.lead_scheme(company_id=other.id)
        theirs = self.lead("Theirs", company_id=other.id, team_id=False, stage_id=False, willingness="5")
        both = {"allowed_company_ids": (self.company | other).ids}
        action, told = (theirs | self.source).with_context(**both).action_grading_rescore(), {}
        while action["tag"] == "display_notification":
            told[action["params"]["title"]] = action["params"]["message"]
            action = action["params"]["next"]
        self.assertEqual(list(told), [self.company.name, other.name])
        self.assertTrue(told[other.name].startswith("1 scored: 1 score and 1 grade changed."), told)
        self.assertEqual(action["tag"], "soft_reload")


@tagged("post_install", "-at_install")
class TestLeadLife(LeadOverrideCase):
    """Merged, converted, duplicated, lost, archived and restored leads behave as a salesperson expects."""

    def merge(self, *leads):
        stays = self.env["crm.lead"].concat(*leads).merge_opportunity()
        self.env.flush_all()
        return stays

    def merged(self, source=None, target=None):
        """One user's lead, merged into the other's, with these overrides."""
        self.target.stage_id = self.offer  # the further one stays
        for lead, grade, reason in ((self.source, source, "Of source"), (self.target, target, "Of target")):
            if grade:
                self.override(lead, grade, reason)
        lines = self.lead_profile(self.source).history_ids
        self.assertEqual(self.merge(self.source, self.target), self.target)
        self.assertFalse(self.source.exists())
        self.assertEqual((lines.exists(), lines.lead_id), (lines, self.target))
        self.assertTrue(lines <= self.lead_profile(self.target).history_ids)
        return self.scored(self.target)

    def test_the_override_of_the_one_that_goes_is_taken_over(self):
        profile = self.merged(source=self.gold)
        self.assertEqual((profile.grade_id, profile.manual_user_id), (self.gold, self.env.user))
        self.assertIn("Of source", profile.manual_reason)

    def test_the_override_of_the_one_that_stays_is_kept(self):
        profile = self.merged(target=self.bronze)
        self.assertEqual((profile.grade_id, profile.manual_reason), (self.bronze, "Of target"))

    def test_of_two_overrides_the_better_one_holds_and_both_reasons_stand_in_the_history(self):
        profile = self.merged(source=self.gold, target=self.bronze)
        self.assertEqual((profile.grade_id, profile.manual_grade_id), (self.gold, self.gold))
        self.assertIn("Of source", profile.manual_reason)
        merged = profile.history_ids.filtered(lambda line: line.reason == "merge")
        notes = " ".join(merged.mapped("note"))
        self.assertIn("Of source", notes)
        self.assertIn("Of target", notes)

    def test_of_two_overrides_the_better_one_holds_where_it_stood_already(self):
        profile = self.merged(source=self.bronze, target=self.gold)
        self.assertEqual((profile.grade_id, profile.manual_reason), (self.gold, "Of target"))
        self.assertIn("Of source", self.notes(self.target))

    def test_the_end_of_the_override_is_taken_over(self):
        self.override(self.source, self.gold, until=self.today)
        self.merged()
        self.scored(self.target, as_of=self.today + timedelta(days=1))
        self.assertEqual(self.lead_profile(self.target).grade_id, self.silver)

    def test_merged_leads_without_an_override_are_graded_by_the_rules(self):
        self.source.willingness = "5"
        profile = self.merged()
        self.assertEqual((profile.willingness, profile.grade_id), ("5", self.gold), "the more willing one counts")

    def test_contacts_of_the_one_that_goes_come_along(self):
        self.message(self.source, self.today)
        self.meeting(self.source, self.today - timedelta(days=1))  # over, at any hour
        self.assertEqual(self.merged().contact_count_90d, 2)

    def test_a_lead_without_a_profile_takes_over_that_of_the_other(self):
        new = self.lead("New", stage_id=self.offer.id)
        profile = self.override(self.source, self.gold)
        self.assertEqual(self.merge(self.source, new), new)
        self.assertEqual(self.lead_profile(new), profile)
        self.assertEqual(self.scored(new).grade_id, self.gold)

    def test_three_leads_keep_the_best_of_three_overrides(self):
        third = self.lead("Third", willingness="3")
        self.rescore(leads=third)
        self.target.stage_id = self.offer
        for lead, grade in ((self.source, self.bronze), (self.target, self.silver), (third, self.gold)):
            self.override(lead, grade, f"Of {lead.name}")
        self.assertEqual(self.merge(self.source, self.target, third), self.target)
        self.assertEqual(self.scored(self.target).grade_id, self.gold)
        for name in ("Of Source", "Of Target", "Of Third"):
            self.assertIn(name, self.notes(self.target))

    def test_a_salesperson_merges_leads_with_overrides(self):
        seller = self.salesman()
        (self.source | self.target).write({"user_id": seller.id})
        self.override(self.source, self.gold)
        self.override(self.target, self.bronze)
        stays = (self.source | self.target).with_user(seller).merge_opportunity()
        self.assertEqual(self.lead_profile(stays).manual_grade_id, self.gold)

    def test_converting_keeps_grade_and_history_and_tells_no_reader_of_the_contact_what_the_lead_says(self):
        lead = self.lead("Suspect", type="lead", willingness="4", contact_name="Eve", email_from="eve@example.com")
        profile = self.scored(lead)
        self.override(lead, self.bronze)
        lines = profile.history_ids
        lead._handle_partner_assignment(create_missing=True)
        lead.convert_opportunity(lead.partner_id)
        self.assertEqual((lead.type, lead.willingness, lead.partner_id.willingness), ("opportunity", "4", False))
        self.assertEqual(self.scored(lead), profile)
        self.assertEqual((profile.grade_id, profile.history_ids), (self.bronze, lines))

    def test_a_copy_begins_anew(self):
        self.override(self.source, self.gold)
        copy = self.source.copy()
        self.assertFalse(self.lead_profile(copy))
        profile = self.scored(copy)
        self.assertEqual((profile.grade_id, profile.manual_grade_id.id), (self.silver, False))
        self.assertEqual(len(profile.history_ids), 1)

    def test_a_lost_lead_keeps_grade_and_history_and_leaves_the_active_columns(self):
        profile = self.override(self.source, self.gold)
        lines = profile.history_ids
        self.source.action_set_lost()
        self.rescore()
        self.assertEqual((profile.exists().grade_id, profile.history_ids), (self.gold, lines))
        active = self.env["crm.lead"].search([("grading_grade_id", "!=", False), ("company_id", "=", self.company.id)])
        self.assertEqual(active, self.target)
        self.assertEqual(self.source.grading_grade_id, self.gold)

    def test_an_archived_lead_is_not_scored_and_a_restored_one_is_again(self):
        self.source.active = False
        self.source.willingness = "5"
        self.assertEqual(self.scored(self.source).grade_id, self.silver)
        self.source.action_unarchive()
        self.assertEqual(self.scored(self.source).grade_id, self.gold)

    def test_a_lead_without_a_profile_that_is_archived_gets_none(self):
        new = self.lead("New", active=False)
        self.assertFalse(self.scored(new))

    def test_a_won_lead_keeps_its_override(self):
        self.override(self.source, self.bronze)
        self.source.action_set_won()
        profile = self.scored(self.source)
        self.assertEqual((profile.grade_id, profile.stage_progress), (self.bronze, 100))

    def test_a_deleted_lead_takes_profile_and_history_along(self):
        profile = self.lead_profile(self.source)
        lines = profile.history_ids
        self.source.unlink()
        self.assertFalse(profile.exists() or lines.exists())
        self.rescore()

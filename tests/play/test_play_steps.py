from datetime import timedelta
from unittest.mock import patch

from odoo.tests import freeze_time, tagged

from .play_case import PlayCase

LOGGER = "odoo.addons.customer_grading.models.play.grading_play_begin"
WEDNESDAY = "2026-03-04 12:00:00"


@tagged("post_install", "-at_install")
@freeze_time(WEDNESDAY)
class TestPlaySteps(PlayCase):
    """What a play does, with Odoo's own means."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ben = cls.customer("Ben", customer_rank=1, email="ben@example.com", phone="+32 470 11 22 33")
        cls.rescore()

    def activities(self, subject):
        own = [("res_model", "=", subject._name), ("res_id", "=", subject.id)]
        return self.env["mail.activity"].search([*own, ("grading_case_id", "!=", False)], order="date_deadline, id")

    def begin_for(self, play, subjects):
        cases = play._start_for(subjects)
        self.begin()
        return cases

    def lines(self, subject):
        """What the chatter says of plays, the latest first."""
        return [str(m.preview) for m in subject.message_ids if "play “" in str(m.body)]

    def test_activities_by_the_plan_on_working_days(self):
        """Wednesday, three working days later is Monday: of Wednesday, Thursday and Friday none counts twice."""
        play = self.play(plan_id=self.plan((self.call_type, 0), (self.paper_type, 3), (self.call_type, 30)).id)
        case = self.begin_for(play, self.ada)
        activities = self.activities(self.ada)
        self.assertEqual(activities.mapped("summary"), ["Ring", "Paper", "Ring"])
        self.assertEqual(activities.user_id, self.seller)
        self.assertEqual(
            [(day - self.today).days for day in activities.mapped("date_deadline")],
            [0, 5, 30],
            "three working days from Wednesday on are Thursday, Friday and Monday",
        )
        self.assertTrue(all(activities.mapped("automated")))
        self.assertEqual((case.next_step, case.next_date), ("Ring", self.today))
        self.assertEqual(self.ada.grading_play_case_ids, case)

    def test_days_after_a_start_on_a_day_off(self):
        """After Saturday the third working day is Wednesday; where Thursday is a holiday, after Wednesday Tuesday."""
        play = self.play(plan_id=self.plan((self.call_type, 0), (self.paper_type, 3)).id)
        with freeze_time("2026-03-07 12:00:00"):
            self.begin_for(play, self.ada)
        self.assertEqual([day.day for day in self.activities(self.ada).mapped("date_deadline")], [9, 11])
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.company.resource_calendar_id.id,
                "date_from": "2026-03-05 00:00:00",
                "date_to": "2026-03-05 23:00:00",
            }
        )
        self.begin_for(play, self.ben)
        self.assertEqual([day.day for day in self.activities(self.ben).mapped("date_deadline")], [4, 10])

    def test_days_off_more_than_two_months_ahead(self):
        """67 days after Wednesday is a Sunday."""
        for cap, kind in ((0, self.call_type), (5, self.call_type), (0, self.paper_type)):
            with self.subTest(cap=cap, kind=kind.name):
                self.company.grading_contacts_per_day = cap
                case = self.begin_for(self.play(plan_id=self.plan((kind, 67)).id), self.ada)
                self.assertEqual((case.next_date - self.today).days, 68)

    def test_a_user_who_is_on_leave_for_months_gets_it_all_afterwards(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": self.company.resource_calendar_id.id,
                "date_from": "2026-03-01 00:00:00",
                "date_to": "2026-05-31 20:00:00",
            }
        )
        plan = self.plan((self.call_type, 0), (self.paper_type, 0), (self.call_type, 3), (self.paper_type, 40))
        self.begin_for(self.play(plan_id=plan.id), self.ada)
        days = [f"{day:%m-%d}" for day in self.activities(self.ada).mapped("date_deadline")]
        self.assertEqual(days, ["06-01", "06-01", "06-01", "06-03"])

    def test_more_working_days_than_two_months_have(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": self.company.resource_calendar_id.id,
                "date_from": "2026-03-06 00:00:00",
                "date_to": "2026-05-31 20:00:00",
            }
        )
        self.begin_for(self.play(plan_id=self.plan((self.call_type, 5)).id), self.ada)
        self.assertEqual(str(self.activities(self.ada).date_deadline), "2026-06-04")

    def test_a_manager_is_told_where_there_is_no_other_leader(self):
        boss = self.manager()
        self.team.user_id, self.seller.sale_team_id = self.seller, self.team
        play = self.play(tells_manager=True)
        self.begin_for(play, self.ada)
        self.team.user_id = self.salesman(login="leader")
        self.force(self.team.user_id, active=False)
        self.begin_for(play, self.ben)
        for partner in (self.ada, self.ben):
            told = self.env["mail.message"].search([("model", "=", "res.partner"), ("res_id", "=", partner.id)])
            self.assertIn(boss.partner_id, told.partner_ids)

    def test_the_chatter_speaks_the_language_of_who_looks_after_the_customer(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.seller.lang = "zh_CN"
        self.begin_for(self.play(), self.ada)._stop("hand")
        chinese = self.env(context={"lang": "zh_CN"})
        by = chinese._("Stopped by %s", self.env.user.name)
        said = [
            chinese._("The play “%s” has started.", "Play"),
            chinese._("The play “%(play)s” has ended: %(how)s.", play="Play", how=by),
        ]
        self.assertFalse(any("The play" in text for text in said))
        bodies = " ".join(str(message.body) for message in self.ada.message_ids)
        self.assertEqual([text in bodies for text in said], [True, True])

    def test_why_a_play_has_ended_is_told_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        label = self.env["ir.model.fields.selection"].search(
            [("field_id.model", "=", "grading.play.case"), ("value", "=", "no_contact")]
        )
        label.with_context(lang="zh_CN").name = "请勿联系"
        self.seller.lang = "zh_CN"
        stopped, left_alone, former = (self.begin_for(self.play(name=name), self.ada) for name in ("1", "2", "3"))
        stopped.with_user(self.seller).with_context(lang="zh_CN").action_stop()
        self.force(former, state="stopped", note="Said in 2025")
        self.ada.with_context(lang="en_US").grading_do_not_disturb = True
        cases = stopped + left_alone + former
        self.assertEqual(cases.mapped("end_text"), ["Stopped by Seller", "Not to be contacted", "Said in 2025"])
        by = self.env(context={"lang": "zh_CN"})._("Stopped by %s", "Seller")
        self.assertNotIn("Stopped", by)
        chinese = cases.with_context(lang="zh_CN")
        self.assertEqual(chinese.mapped("end_text"), [by, "请勿联系", "Said in 2025"])
        self.assertIn("请勿联系", " ".join(str(message.body) for message in self.ada.message_ids))

    def test_the_limit_of_a_day_is_shared_with_cadences(self):
        self.company.grading_contacts_per_day = 3
        partners = self.env["res.partner"].create(
            [{"name": f"P {n}", "customer_rank": 1, "user_id": self.seller.id} for n in range(8)]
        )
        self.rescore()
        self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.ben.id,
                "activity_type_id": self.call_type.id,
                "user_id": self.seller.id,
                "date_deadline": self.today,
                "grading_care_id": self.care().id,
            }
        )
        plan = self.plan((self.call_type, 0), (self.paper_type, 0))
        self.begin_for(self.play(plan_id=plan.id), partners)
        planned = self.env["mail.activity"].search([("grading_case_id", "!=", False)])
        days = {}
        for activity in planned.filtered(lambda a: a.activity_type_id == self.call_type):
            days.setdefault((activity.date_deadline - self.today).days, []).append(activity)
        self.assertEqual({day: len(own) for day, own in days.items()}, {0: 2, 1: 3, 2: 3})
        papers = planned.filtered(lambda a: a.activity_type_id == self.paper_type)
        self.assertEqual(set(papers.mapped("date_deadline")), {self.today}, "paperwork is no contact")
        slots = [(self.seller.id, self.today, self.today)]
        self.assertEqual(self.env["grading.care"]._planned(slots), {self.seller.id: 3}, "full for cadences, too")

    def care(self):
        cadence = self.env["grading.cadence"].create(
            {"name": "C", "company_id": self.company.id, "channel": "call", "activity_type_id": self.call_type.id}
        )
        return self.env["grading.care"].create(
            {
                "profile_id": self.profile(self.ben).id,
                "partner_id": self.ben.id,
                "company_id": self.company.id,
                "cadence_id": cadence.id,
                "channel": "call",
                "start_date": self.today,
                "user_id": self.seller.id,
            }
        )

    def test_the_responsible_user(self):
        boss, leader = self.manager(), self.salesman(login="leader")
        self.team.user_id = leader
        self.seller.sale_team_id = self.team
        plan = self.plan((self.call_type, 0))
        for vals, user in (
            ({}, self.seller),
            ({"responsible_type": "team_leader"}, leader),
            ({"responsible_type": "user", "user_id": boss.id}, boss),
        ):
            case = self.begin_for(self.play(plan_id=plan.id, **vals), self.ada)
            self.assertEqual((case.user_id, case.activity_ids.user_id), (user, user))
        self.ada.user_id = False
        case = self.begin_for(self.play(plan_id=plan.id), self.ada)
        self.assertIn(case.user_id, self.company._grading_managers(), "nothing is forgotten")

    def test_an_email_tags_an_action_and_a_word_to_the_manager(self):
        leader = self.salesman(login="leader", email="leader@example.com")
        self.team.user_id = leader
        self.seller.sale_team_id = self.team
        template = self.env["mail.template"].create(
            {
                "name": "Mail",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "subject": "Hello {{ object.name }}",
                "partner_to": "{{ object.id }}",
                "body_html": "<p>Hello</p>",
            }
        )
        action = self.env["ir.actions.server"].create(
            {
                "name": "Note",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "code": "records.write({'ref': 'Started'})",
            }
        )
        play = self.play(template_id=template.id, action_server_id=action.id, tells_manager=True)
        self.begin_for(play, self.ada + self.ben)
        self.assertEqual((self.ada + self.ben).mapped("ref"), ["Started"] * 2)
        self.assertTrue(all(self.played in partner.category_id for partner in self.ada + self.ben))
        mails = self.env["mail.mail"].search([("model", "=", "res.partner"), ("subject", "=like", "Hello %")])
        self.assertEqual(sorted(mails.mapped("subject")), ["Hello Ada", "Hello Ben"])
        self.assertEqual(mails.author_id, self.seller.partner_id)
        self.assertEqual(set(mails.mapped("message_type")), {"auto_comment"}, "no contact by a person")
        told = self.env["mail.message"].search(
            [("model", "=", "res.partner"), ("res_id", "=", self.ada.id), ("partner_ids", "in", leader.partner_id.ids)]
        )
        self.assertIn("Ada", str(told.body))
        self.assertEqual(self.lines(self.ada), ["The play “Play” has started."])

    def test_lists_of_addresses_are_respected(self):
        template = self.env["mail.template"].create(
            {"name": "M", "model_id": self.env["ir.model"]._get_id("res.partner"), "subject": "Hello",
             "partner_to": "{{ object.id }}", "body_html": "<p>Hello</p>"}
        )  # fmt: skip
        plan = self.plan((self.call_type, 0), (self.paper_type, 0))
        self.env["mail.blacklist"]._add("ben@example.com")
        self.env["phone.blacklist"].create({"number": self.ben.phone_sanitized})
        self.begin_for(self.play(template_id=template.id, plan_id=plan.id), self.ada + self.ben)
        mails = self.env["mail.mail"].search([("subject", "=", "Hello"), ("model", "=", "res.partner")])
        self.assertEqual(mails.mapped("res_id"), self.ada.ids)
        self.assertEqual(self.activities(self.ben).activity_type_id, self.paper_type)
        self.assertEqual(len(self.activities(self.ada)), 2)
        self.ada.phone = "+32 470 99 88 77"
        self.env["phone.blacklist"].create({"number": self.ada.phone_sanitized})
        self.assertEqual(self.activities(self.ada).activity_type_id, self.paper_type, "called off at once")

    def test_the_address_of_one_contact_does_not_silence_the_firm(self):
        person = self.customer("Person", parent_id=self.ben.id, phone="+32 470 55 66 77")
        self.begin_for(self.play(plan_id=self.plan((self.call_type, 0)).id), self.ben)
        self.env["phone.blacklist"].create({"number": person.phone_sanitized})
        self.assertEqual(self.activities(self.ben).activity_type_id, self.call_type)
        self.env["phone.blacklist"].create({"number": self.ben.phone_sanitized})
        self.assertFalse(self.activities(self.ben))

    def test_who_is_not_to_be_disturbed_meanwhile_is_left_alone(self):
        play = self.play(plan_id=self.plan((self.call_type, 0)).id)
        waiting = play._start_for(self.ada)
        self.ada.grading_do_not_disturb = True
        self.begin()
        self.assertEqual((waiting.state, self.activities(self.ada).ids), ("stopped", []))
        begun = self.begin_for(play, self.ben)
        self.ben.active = False
        self.assertEqual((begun.state, self.activities(self.ben).ids), ("stopped", []))

    def test_a_play_for_leads(self):
        lead = self.lead("Lead", user_id=self.seller.id, partner_id=self.ada.id)
        self.rescore()
        play = self.play(subject="lead", plan_id=self.plan((self.call_type, 0), model="crm.lead").id)
        case = self.begin_for(play, lead)
        self.assertEqual((case.lead_id, case.user_id, self.activities(lead).user_id), (lead, self.seller, self.seller))
        self.assertIn(self.lead_played, lead.tag_ids)
        self.assertEqual(lead.grading_play_case_ids, case)
        lead.action_set_lost()
        self.assertEqual((case.state, self.activities(lead).ids), ("stopped", []))

    def test_a_user_stops_a_play(self):
        play = self.play(plan_id=self.plan((self.call_type, 0)).id)
        case = self.begin_for(play, self.ada)
        case.with_user(self.seller).action_stop()
        self.assertEqual((case.state, case.date_end, self.activities(self.ada).ids), ("stopped", self.today, []))
        self.assertIn("Stopped by Seller", self.lines(self.ada)[0])
        with self.assert_refused("Ada", "ended"):
            case.with_user(self.seller).action_stop()

    def test_a_stop_by_a_client_that_reads_done_activities_as_well(self):
        play = self.play(plan_id=self.plan((self.call_type, 0), (self.call_type, 5)).id)
        case = self.begin_for(play, self.ada)
        done = self.activities(self.ada)[0]
        done.action_feedback(feedback="Spoken to")
        case.with_user(self.seller).with_context(active_test=False).action_stop()
        self.assertEqual(case.with_context(active_test=False).activity_ids, done)

    def test_what_is_planned_of_a_user_who_leaves_goes_to_the_leader(self):
        leader, boss = self.salesman(login="leader"), self.manager()
        self.seller.sale_team_id = self.team
        self.team.user_id = leader
        play = self.play(plan_id=self.plan((self.call_type, 0), (self.call_type, 5)).id)
        case = self.begin_for(play, self.ada)
        planned = self.activities(self.ada)
        done = planned[0]
        done.action_feedback(feedback="Spoken to")
        self.seller.action_archive()
        self.assertEqual((case.state, case.user_id), ("running", leader))
        self.assertEqual((self.activities(self.ada), planned[1].user_id), (planned[1], leader))
        self.assertEqual(done.user_id, self.seller)
        leader.action_archive()
        self.assertEqual((case.user_id, planned[1].user_id), (boss, boss))

    def test_a_leader_who_does_not_work_in_the_company_gets_nothing(self):
        leader, boss = self.salesman(login="leader"), self.manager()
        elsewhere = self.env.ref("base.main_company")
        self.team.company_id = False  # of all companies
        leader.write({"company_id": elsewhere.id, "company_ids": elsewhere.ids})
        self.seller.sale_team_id = self.team
        self.team.user_id = leader
        case = self.begin_for(self.play(plan_id=self.plan((self.call_type, 0)).id), self.ada)
        self.seller.action_archive()
        self.assertEqual((case.user_id, case.activity_ids.user_id), (boss, boss))

    def test_one_that_fails_stops_no_others_and_is_named_on_the_run(self):
        play = self.play("nth_order", number=1)
        self.order(self.ben, 10, self.today)
        new = self.customer("New")
        self.order(new, 10, self.today)
        run = self.rescore()
        self.assertEqual(self.cases(play).partner_id, self.ben + new)
        begin = self.registry["grading.play.case"]._give_tags

        def fail(cases):
            if self.ben in cases.partner_id:
                raise ValueError("Ben is out of order")
            return begin(cases)

        with patch.object(self.registry["grading.play.case"], "_give_tags", fail), self.assertLogs(LOGGER, "WARNING"):
            self.begin()
        failed, done = self.cases(play).sorted(lambda case: case.partner_id != self.ben)
        self.assertEqual((failed.is_begun, done.is_begun, failed.state), (False, True, "running"))
        self.assertIn("out of order", failed.error)
        self.assertNotIn(self.played, self.ben.category_id)
        for word in ("Play", "Ben", "out of order", "every day"):
            self.assertIn(word, run.automation_errors)
        self.assertEqual(play.failed_count, 1)
        self.begin()
        self.assertFalse(failed.is_begun, "not again today")
        self.force(failed, date_tried=self.today - timedelta(days=1))
        self.begin()
        self.assertEqual((failed.is_begun, failed.error, play.failed_count), (True, False, 0))

    def test_a_plan_that_has_gone_bad_since(self):
        play = self.play(plan_id=self.plan((self.call_type, 0)).id)
        cases = play._start_for(self.ada)
        play.plan_id.template_ids.unlink()
        with self.assertLogs(LOGGER, "WARNING"):
            self.begin()
        self.assertIn("has no activities", cases.error)

    def test_the_job_begins_all_that_waits_in_batches(self):
        partners = self.env["res.partner"].create([{"name": f"P {n}", "customer_rank": 1} for n in range(7)])
        self.rescore()
        play = self.play()
        play._start_for(partners)
        Case, sizes = self.env["grading.play.case"], []
        while size := Case._begin_waiting(limit=3):
            sizes.append(size)
        self.assertEqual(sizes, [3, 3, 1])
        self.assertTrue(all(self.cases(play).mapped("is_begun")))

    def test_the_work_does_not_grow_with_every_customer(self):
        """Queries for 40 customers of one play: a few more for each than for none, none for each step of each."""
        partners = self.env["res.partner"].create(
            [{"name": f"P {n}", "customer_rank": 1, "user_id": self.seller.id} for n in range(40)]
        )
        self.rescore()
        plan = self.plan((self.call_type, 0), (self.paper_type, 1))
        play = self.play(plan_id=plan.id)
        play._start_for(partners)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.env["grading.play.case"].sudo()._begin_waiting()
        self.env.flush_all()
        self.assertLess(self.env.cr.sql_log_count - before, 40 * 3)
        self.assertEqual(len(self.env["mail.activity"].search([("grading_case_id.play_id", "=", play.id)])), 80)

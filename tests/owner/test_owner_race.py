from datetime import datetime, timedelta

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, freeze_time, get_db_name, tagged
from odoo.tools import mute_logger

from ...models.base.grading_job_mixin import RACES

NOON = datetime(2026, 3, 4, 12)


@tagged("post_install", "-at_install")
class TestOwnerRace(BaseCase):
    """Two workers assign, warn about and take back the same leads, and two members claim one, each in their own
    transaction.

    What other transactions are to see cannot be rolled back: the company and the users are archived, and used again.
    """

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"active_test": False, "no_reset_password": True})
            company = env["res.company"].search([("name", "=", "Grading Race")])
            if not company:
                company = env["res.company"].create({"name": "Grading Race"})
            company.active = True
            first, second = (self.racer(env, company, number) for number in (1, 2))
            self.company_id, self.first_id, self.second_id = company.id, first.id, second.id
            self.grade_id = env["grading.grade"].create({"name": "Race", "sequence": 1}).id
            members = [Command.create({"user_id": user.id}) for user in (first, second)]
            team = env["crm.team"].create(
                {
                    "name": "Race",
                    "company_id": company.id,
                    "grading_assign_grade_ids": [Command.link(self.grade_id)],
                    "grading_assign_owners": True,
                    "grading_pool": True,
                    "grading_pool_limit": 1,
                    "crm_team_member_ids": members,
                }
            )
            self.team_id = team.id
            values = {"team_id": team.id, "company_id": company.id, "user_id": False, "type": "opportunity"}
            leads = env["crm.lead"].create([{"name": name, **values} for name in ("One", "Two")])
            self.lead_ids = leads.ids
            graded = {"company_id": company.id, "grade_id": self.grade_id}
            env["grading.profile"].create([{"lead_id": lead.id, **graded} for lead in leads])
            kind = env.ref("mail.mail_activity_data_email")
            rhythm = {"name": "Race", "company_id": company.id, "activity_type_id": kind.id}
            self.cadence_id = env["grading.cadence"].create(rhythm).id
        self.addCleanup(self.clean_up)

    def racer(self, env, company, number):
        login = f"grading_racer_{number}"
        user = env["res.users"].search([("login", "=", login)])
        if not user:
            groups = [Command.link(env.ref("sales_team.group_sale_salesman").id)]
            values = {"company_id": company.id, "company_ids": company.ids, "group_ids": groups}
            user = env["res.users"].create({"name": login, "login": login, **values})
        # What an earlier test has made of the user is undone.
        manager = env.ref("sales_team.group_sale_manager")
        user.write({"active": True, "group_ids": [Command.unlink(manager.id)]})
        return user

    def clean_up(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
            env["crm.lead"].browse(self.lead_ids).unlink()
            env["grading.cadence"].browse(self.cadence_id).unlink()
            env["crm.team"].browse(self.team_id).unlink()
            env["grading.grade"].browse(self.grade_id).unlink()
            env["res.users"].browse([self.first_id, self.second_id]).active = False
            env["res.company"].browse(self.company_id).active = False

    def worker(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [self.company_id]})["grading.ownership"]

    def claim(self, cr, user_id, lead_id):
        env = api.Environment(cr, user_id, {"allowed_company_ids": [self.company_id]})
        env["grading.pool"].browse(lead_id * 2).action_claim()

    def leave_without_contact(self, **team):
        """The leads are the first member's, who contacted none of them for a year."""
        with self.registry.cursor() as cr:
            env = self.worker(cr).env
            env["crm.team"].browse(self.team_id).write(team)
            env["crm.lead"].browse(self.lead_ids).with_context(grading_hand_over=True).user_id = self.first_id
            # Without a contact it counts from the day on which they were first graded.
            cr.execute(
                "UPDATE grading_profile SET create_date = %s WHERE lead_id = ANY(%s)",
                (NOON - timedelta(days=365), self.lead_ids),
            )
            for profile in env["grading.profile"].search([("lead_id", "in", self.lead_ids)]):
                env["grading.care"].create(
                    {
                        "profile_id": profile.id,
                        "lead_id": profile.lead_id.id,
                        "company_id": self.company_id,
                        "cadence_id": self.cadence_id,
                        "channel": "online",
                        "start_date": NOON.date() - timedelta(days=365),
                    }
                )

    def look_around(self, cr):
        """From here on the transaction sees the world as it is now."""
        cr.execute("SELECT COUNT(*) FROM crm_lead")

    def moves(self):
        with self.registry.cursor() as cr:
            rows = self.worker(cr).search([("lead_id", "in", self.lead_ids)], order="id")
            return [(row.lead_id.name, row.reason, row.new_user_id.id) for row in rows]

    def race(self, step):
        """Two workers begin at once: the first one is through with both leads, the second one fails, moves nothing and
        finds nothing to do when it tries again."""
        with freeze_time(NOON), self.registry.cursor() as first, self.registry.cursor() as second:
            self.look_around(second)
            self.assertEqual(getattr(self.worker(first), step)(), 2)
            first.commit()
            with mute_logger("odoo.sql_db"), self.assertRaises(RACES):
                getattr(self.worker(second), step)()
            second.rollback()
            self.assertEqual(getattr(self.worker(second), step)(), 0)
        return [reason for _lead, reason, _user in self.moves()]

    def test_the_second_worker_leaves_what_the_first_one_has_in_hand(self):
        with freeze_time(NOON), self.registry.cursor() as first, self.registry.cursor() as second:
            self.assertEqual(self.worker(first)._assign(), 2)
            self.assertEqual(self.worker(second)._assign(), 0)
            first.commit()
        assigned = [("One", "assigned", self.first_id), ("Two", "assigned", self.second_id)]
        self.assertEqual(self.moves(), assigned)

    def test_a_run_begun_before_the_first_one_ended_fails_and_moves_nothing(self):
        self.assertEqual(self.race("_assign"), ["assigned", "assigned"])

    def test_of_two_who_begin_at_once_one_warns(self):
        self.leave_without_contact()
        self.assertEqual(self.race("_warn_and_revoke"), ["warned", "warned"])

    def test_the_action_tries_again_when_another_worker_has_warned(self):
        self.leave_without_contact()
        with freeze_time(NOON), self.registry.cursor() as first, self.registry.cursor() as second:
            self.look_around(second)
            self.worker(first)._warn_and_revoke()
            first.commit()
            late = self.worker(second)
            with mute_logger("odoo.sql_db"):
                self.assertTrue(late._repeat([("Warning", late._warn_and_revoke)]))
        self.assertEqual([reason for _lead, reason, _user in self.moves()], ["warned", "warned"])

    def test_of_two_who_begin_at_once_one_takes_back(self):
        self.leave_without_contact(grading_pool_warning_days=0)
        self.assertEqual(self.race("_warn_and_revoke"), ["pooled", "pooled"])

    def test_of_two_who_claim_at_once_one_gets_it(self):
        one = self.lead_ids[0]
        with freeze_time(NOON), self.registry.cursor() as first, self.registry.cursor() as second:
            self.look_around(second)
            self.claim(first, self.first_id, one)
            first.commit()
            with mute_logger("odoo.sql_db"), self.assertRaises(RACES):
                self.claim(second, self.second_id, one)
            second.rollback()
            with self.assertRaisesRegex(UserError, "no longer in the pool"):
                self.claim(second, self.second_id, one)
        self.assertEqual(self.moves(), [("One", "claimed", self.first_id)])

    def test_a_user_who_claims_two_at_once_does_not_pass_the_limit(self):
        one, two = self.lead_ids
        with freeze_time(NOON), self.registry.cursor() as first, self.registry.cursor() as second:
            self.look_around(second)
            self.claim(first, self.first_id, one)
            first.commit()
            with mute_logger("odoo.sql_db"), self.assertRaises(RACES):
                self.claim(second, self.first_id, two)
            second.rollback()
            with self.assertRaisesRegex(UserError, "allows 1"):
                self.claim(second, self.first_id, two)
        self.assertEqual(self.moves(), [("One", "claimed", self.first_id)])

    def test_a_manager_who_is_no_member_does_not_pass_the_limit_either(self):
        one, two = self.lead_ids
        with self.registry.cursor() as cr:
            env = self.worker(cr).env
            manager = env.ref("sales_team.group_sale_manager")
            env["res.users"].browse(self.first_id).group_ids = [Command.link(manager.id)]
            env["crm.team"].browse(self.team_id).crm_team_member_ids.filtered(
                lambda member: member.user_id.id == self.first_id
            ).active = False
        with freeze_time(NOON), self.registry.cursor() as first, self.registry.cursor() as second:
            self.look_around(second)
            self.claim(first, self.first_id, one)
            first.commit()
            with mute_logger("odoo.sql_db"), self.assertRaises(RACES):
                self.claim(second, self.first_id, two)
            second.rollback()
            with self.assertRaisesRegex(UserError, "allows 1"):
                self.claim(second, self.first_id, two)
        self.assertEqual(self.moves(), [("One", "claimed", self.first_id)])

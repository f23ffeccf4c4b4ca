from odoo.tests import TransactionCase, new_test_user, tagged

from ..common import GradingCase
from ..world import RULES, USERS, forget_rules


class UndoneError(Exception):
    """Leads out of a savepoint, back to what was before."""


@tagged("post_install", "-at_install")
class TestForgetRules(TransactionCase):
    """What the tests do by SQL leaves the database as the screens would."""

    def state(self):
        """What is in force, given and planned."""
        self.env.flush_all()
        self.env.invalidate_all()
        profiles = self.env["grading.profile"].search([])
        care = self.env["grading.care"].search([])
        return {
            "rules": [self.env[model].search([]).ids for model in RULES],
            "tags": [
                (profile.id, profile.partner_id.category_id.ids, profile.lead_id.tag_ids.ids) for profile in profiles
            ],
            "origins": self.env["grading.tag.origin"].search([]).ids,
            "contacts": care.ids,
            "dates": [
                profile.read(["next_contact_date", "next_online_date", "next_call_date", "next_visit_date"])
                for profile in profiles
            ],
            "activities": self.env["mail.activity"].with_context(active_test=False).search([]).ids,
        }

    def test_rules_are_forgotten_as_when_they_are_archived(self):
        before = self.state()
        self.assertTrue(all(before.values()))
        with self.assertRaises(UndoneError), self.env.cr.savepoint():
            for model in RULES:
                self.env[model].search([]).active = False
            archived = self.state()
            raise UndoneError
        forget_rules(self.env)
        self.assertNotEqual(archived, before)
        self.assertEqual(self.state(), archived)


@tagged("post_install", "-at_install")
class TestKeptUsers(GradingCase):
    """A kept user is as one that is made anew."""

    def told(self, user):
        """What tests may ask of a user."""
        person = user.partner_id
        return {
            "groups": user.all_group_ids,
            "company": (user.company_id, user.company_ids, person.company_id),
            "active": (user.active, person.active),
            "share": (user.share, person.partner_share),
            "names": (user.name, user.display_name, person.complete_name, user.email, person.email_normalized),
            "local": (user.lang, user.tz, user.notification_type),
        }

    def test_as_one_that_is_made_anew(self):
        for number, groups in enumerate(USERS):
            with self.subTest(groups=groups):
                kept = self.user("twin", groups, tz="Europe/Brussels", name="Twin", email="Twin@example.com")
                told = self.told(kept)
                self.force(kept, login=f"first twin {number}")
                company = {"company_id": self.company.id, "company_ids": self.company.ids}
                values = {"tz": "Europe/Brussels", "name": "Twin", "email": "Twin@example.com", **company}
                self.assertEqual(told, self.told(new_test_user(self.env, "twin", groups, **values)))
                self.env["res.users"].search([("login", "=", "twin")]).login = f"second twin {number}"

    def test_without_a_time_zone_or_an_address(self):
        user = self.internal(email=False)
        self.assertEqual((user.tz, user.email, user.email_normalized), (False, False, False))

    def test_more_than_are_kept(self):
        count = USERS["base.group_user"] + 1
        employees = [self.internal(f"employee {number}") for number in range(count)]
        self.assertEqual(len(set(employees)), count)
        self.assertEqual({user.company_id for user in employees}, {self.company})
        self.assertEqual([user.login for user in employees], [f"employee {number}" for number in range(count)])

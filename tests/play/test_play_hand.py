from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .play_case import PlayCase


@tagged("post_install", "-at_install")
class TestPlayHand(PlayCase):
    """*Start a Play…*: a user starts a play for a selection of customers or leads."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ben, cls.cleo, cls.dan = (cls.customer(name, customer_rank=1) for name in ("Ben", "Cleo", "Dan"))
        cls.rescore()

    def wizard(self, subjects, play, user=None):
        subjects = subjects.with_user(user or self.seller)
        action = subjects.action_grading_start_play()
        wizard = subjects.env[action["res_model"]].browse(action["res_id"])
        wizard.play_id = play.id
        return wizard

    def counts(self, wizard):
        """The counts that are not 0."""
        names = ("start", "control", "running", "refused", "unknown", "other", "locked")
        return {name: wizard[f"{name}_count"] for name in names if wizard[f"{name}_count"]}

    def test_a_selection_starts_and_ends_with_its_goal(self):
        play = self.play(plan_id=self.plan((self.call_type, 0)).id, goal="order")
        chosen = self.ada + self.ben
        wizard = self.wizard(chosen, play)
        self.assertEqual(self.counts(wizard), {"start": 2})
        answer = wizard.action_confirm()
        self.assertIn("starts for 2", answer["params"]["message"])
        self.assertEqual(self.started(play), ["Ada", "Ben"])
        self.begin()
        self.assertEqual(self.ada.with_user(self.seller).grading_play_case_ids.next_step, "Ring")
        self.force(self.cases(play), date_start=self.cases(play)[0].date_start - timedelta(days=365))
        self.order(self.ada, 5, self.today)
        self.rescore(partners=self.ada)
        self.assertEqual(self.cases(play).mapped("state"), ["reached", "running"])

    def test_each_who_is_skipped_is_counted(self):
        play = self.play(domain="[('partner_id.name', '!=', 'Dan')]")
        play._start_for(self.ada)
        self.ben.grading_do_not_disturb = True
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        chosen = self.ada + self.ben + self.cleo + self.dan + stranger
        wizard = self.wizard(chosen, play)
        self.assertEqual(self.counts(wizard), {"start": 1, "running": 1, "refused": 1, "unknown": 1, "other": 1})
        wizard.action_confirm()
        self.assertEqual(self.started(play), ["Ada", "Cleo"])
        self.assertEqual(self.counts(self.wizard(chosen, play)), {"running": 2, "refused": 1, "unknown": 1, "other": 1})
        with self.assertRaisesRegex(UserError, "cannot start for any"):
            self.wizard(chosen, play).action_confirm()

    def test_a_pause_holds_by_hand_too(self):
        play = self.play(cooldown_days=30)
        play._start_for(self.ada)._stop("hand")
        self.assertEqual(self.counts(self.wizard(self.ada + self.ben, play)), {"start": 1, "other": 1})

    def test_contacts_stand_for_their_company(self):
        people = self.env["res.partner"].create(
            [{"name": name, "parent_id": self.ada.id, "type": "contact"} for name in ("Ann", "Abe")]
        )
        play = self.play()
        wizard = self.wizard(people + self.ada, play)
        self.assertEqual(self.counts(wizard), {"start": 1})
        wizard.action_confirm()
        self.assertEqual(self.started(play), ["Ada"])

    def test_a_play_that_waits_for_an_event_starts_by_hand_too(self):
        play = self.play("complaint_opened", category_ids=self.played.ids)
        self.wizard(self.ada, play).action_confirm()
        [case] = self.cases(play)
        self.assertEqual((case.event, case.complaint_id.id, case.create_uid), ("manual:0", False, self.seller))
        case._stop("hand")
        complaint = self.complain(self.ada)
        self.assertEqual(self.cases(play).complaint_id, complaint)

    def test_the_control_group_is_left_alone_and_not_asked_again(self):
        play = self.play(control_percent=50)
        partners = self.env["res.partner"].create([{"name": f"P {n}", "customer_rank": 1} for n in range(30)])
        self.rescore()
        control = partners.filtered(lambda partner: play._hash(partner) < 50)
        wizard = self.wizard(partners, play)
        self.assertEqual(self.counts(wizard), {"start": 30 - len(control), "control": len(control)})
        self.assertIn(f"control group: {len(control)}", wizard.action_confirm()["params"]["message"])
        states = {case.partner_id: case.state for case in self.cases(play)}
        self.assertEqual({partner for partner, state in states.items() if state == "control"}, set(control))
        self.assertEqual(self.counts(self.wizard(partners, play)), {"running": 30})
        self.force(self.cases(play), date_deadline=self.ago(1))
        self.assertEqual(
            self.counts(self.wizard(partners, play)), {"control": len(control), "running": 30 - len(control)}
        )

    def test_leads(self):
        own, won = (self.lead(name, user_id=self.seller.id) for name in ("Own", "Won"))
        self.rescore()
        won.stage_id = self.won
        play = self.play(subject="lead")
        wizard = self.wizard(own + won, play)
        self.assertEqual(self.counts(wizard)["start"], 1)
        wizard.action_confirm()
        self.assertEqual(self.started(play), ["Own"])

    def test_plays_that_are_only_started_by_hand_come_first(self):
        early = self.play("complaint_opened", name="Early", sequence=1)
        late = self.play(name="Late", sequence=99)
        Play = self.env["grading.play"].with_context(grading_by_hand=True)
        domain = [("id", "in", (early + late).ids)]
        self.assertEqual([name for _id, name in Play.name_search("", domain)], ["Late", "Early"])
        self.assertEqual([name for _id, name in Play.name_search("", domain, limit=1)], ["Late"])
        self.assertEqual([name for _id, name in Play.name_search("Ear", domain)], ["Early"])
        plain = self.env["grading.play"].name_search("", domain)
        self.assertEqual([name for _id, name in plain], ["Early", "Late"])

    def test_the_wizard_begins_with_such_a_play(self):
        self.env["grading.play"].search([]).active = False
        self.play("complaint_opened", name="Early", sequence=1)
        late = self.play(name="Late", sequence=99)
        action = self.ada.with_user(self.seller).action_grading_start_play()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(wizard.play_id, late)

    def test_a_filter_that_cannot_be_used_is_named(self):
        play = self.play()
        self.force(play, domain="[('nothing', '=', 1)]")
        wizard = self.wizard(self.ada, play)
        self.assertEqual(self.counts(wizard), {})
        with self.assertRaisesRegex(UserError, "filter"):
            wizard.action_confirm()

    def test_the_queries_do_not_grow_with_the_selection(self):
        partners = self.env["res.partner"].create([{"name": f"P {n}", "customer_rank": 1} for n in range(150)])
        self.rescore()
        spent = []
        for chosen in (partners[:10], partners[10:20], partners[20:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before, play = self.env.cr.sql_log_count, self.play()
            wizard = self.wizard(chosen, play)
            self.assertEqual(self.counts(wizard), {"start": len(chosen)})
            wizard.action_confirm()
            self.env.flush_all()
            spent.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(spent[2], spent[1] + 3)

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    def test_it_starts_only_for_those_that_the_user_may_edit(self):
        reader = self.user("reader", "customer_grading.customer_grading_group_user")
        play = self.play()
        wizard = self.wizard(self.ada + self.ben, play, reader)
        self.assertEqual(self.counts(wizard), {"locked": 2})
        with self.assertRaises(UserError):
            wizard.action_confirm()
        self.assertFalse(self.cases(play))

    def test_a_lead_that_one_may_not_see_is_refused(self):
        foreign = self.lead("Foreign", user_id=self.manager().id)
        with self.assertRaises(AccessError):
            foreign.with_user(self.seller).action_grading_start_play()

    def test_outsiders_start_nothing(self):
        for user in (self.internal(), self.portal()):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.ada.with_user(user).action_grading_start_play()

    def test_only_a_play_that_fits_can_be_chosen(self):
        other = self.new_company("Elsewhere")
        archived = self.play(active=False)
        foreign = self.play(company_id=other.id)
        for_leads = self.play(subject="lead")
        for play in (archived, foreign, for_leads):
            wizard = self.wizard(self.ada, self.play())
            wizard.sudo().play_id = play
            with self.subTest(play=play.id), self.assertRaisesRegex(UserError, "Choose an active play"):
                wizard.action_confirm()
            self.assertFalse(self.cases(play))

    def test_it_starts_in_the_company_in_which_the_user_works(self):
        other = self.new_company("Elsewhere")
        shared = self.play(company_id=False)
        both = self.salesman(login="both", company_id=other.id, company_ids=(self.company + other).ids)
        there = self.ada.with_context(allowed_company_ids=other.ids)
        self.assertEqual(self.counts(self.wizard(there, shared, both)), {"unknown": 1})

    def test_what_a_client_sends_as_defaults_does_not_count(self):
        play = self.play()
        action = self.ada.with_user(self.seller).with_context(default_partner_ids=self.ben.ids, default_play_id="x")
        action = action.action_grading_start_play()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual((wizard.partner_ids, wizard.play_id), (self.ada, play))

    def test_the_actions_stand_in_the_menus_of_users_of_customer_grading(self):
        Actions = self.env["ir.actions.actions"]
        for model in ("res.partner", "crm.lead"):
            for user, shown in ((self.seller, True), (self.internal(f"in {model}"), False)):
                names = [action["name"] for action in Actions.with_user(user).get_bindings(model).get("action", ())]
                self.assertEqual("Start a Play…" in names, shown, (model, user.login))

from datetime import date
from importlib.util import module_from_spec, spec_from_file_location

from odoo.fields import Command
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL
from odoo.tools.misc import file_path

from .common import GradingCase

LOYALTY = "customer_grading.grading_criterion_in_service_loyalty"


def migration(version, topic="migrate", when="post"):
    """The script about ``topic`` that is run when a database comes to ``version``, before or after the update."""
    path = file_path(f"customer_grading/migrations/{version}/{when}-{topic}.py")
    spec = spec_from_file_location("post_migrate", path)
    script = module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


@tagged("post_install", "-at_install")
class TestLoyaltyIsAskedFor(TransactionCase):
    """From 19.0.1.0.0, whose scheme *In service* gave every customer a neutral 15 points for loyalty."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.script = migration("19.0.1.1.0")
        cls.scheme = cls.env.ref("customer_grading.grading_scheme_in_service")
        cls.asked = cls.scheme.criterion_ids.filtered(lambda criterion: criterion.dimension == "loyalty")
        cls.grades = cls.env["grading.grade"].concat(*(cls.env.ref(xmlid) for xmlid in cls.script.UNFOLDED))
        cls.grades.fold = True

    def _neutral(self, **vals):
        """The criterion as it was shipped, but for ``vals``."""
        neutral = self.env["grading.criterion"].create(
            {"scheme_id": self.scheme.id, "name": "Neutral", **self.script.SHIPPED, **vals}
        )
        self.env["ir.model.data"]._update_xmlids([{"xml_id": LOYALTY, "record": neutral, "noupdate": True}])
        return neutral

    def _migrate(self):
        self.env.flush_all()
        self.script.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()

    def test_the_new_criteria_take_the_place_of_the_neutral_one(self):
        neutral = self._neutral()
        self._migrate()
        self.assertFalse(neutral.exists())
        self.assertEqual(self.asked.exists(), self.asked)

    def _assert_own_rule(self, **vals):
        neutral = self._neutral(**vals)
        self._migrate()
        self.assertEqual(self.scheme.criterion_ids.filtered(lambda c: c.dimension == "loyalty"), neutral)

    def test_a_criterion_with_other_points_stays_and_the_new_ones_go(self):
        self._assert_own_rule(points_max=20)

    def test_a_criterion_with_other_neutral_points_stays_and_the_new_ones_go(self):
        self._assert_own_rule(points_if_none=0)

    def test_a_criterion_with_a_filter_stays_and_the_new_ones_go(self):
        self._assert_own_rule(domain='[("order_count", ">", 9)]')

    def test_a_removed_criterion_does_not_come_back_as_others(self):
        self._migrate()
        self.assertFalse(self.asked.exists())

    def test_the_grades_that_were_folded_are_not_any_more(self):
        self._neutral()
        self._migrate()
        self.assertFalse(any(self.grades.mapped("fold")))

    def test_all_customers_are_rescored(self):
        self._neutral()
        cron = self.env.ref("customer_grading.ir_cron_rescore")
        waiting = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        self._migrate()
        self.assertGreater(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]), waiting)


@tagged("post_install", "-at_install")
class TestStagesByRhythm(GradingCase):
    """From 19.0.1.1.0, whose stages asked for fixed numbers of months and did not say since when."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.script = migration("19.0.1.2.0")
        cls.stages = {name: cls.env.ref(f"customer_grading.grading_lifecycle_{name}") for name in cls.script.STAGES}
        cls.shipped = {
            name: (stage.sequence, cls._words(stage.domain), str(stage.strategy)) for name, stage in cls.stages.items()
        }
        for name, ((sequence, domain, strategy), _new) in cls.script.STAGES.items():
            cls.stages[name].write(
                {"active": True, "sequence": sequence, "domain": domain, "strategy": f"<p>{strategy}</p>"}
            )

    @classmethod
    def _words(cls, domain):
        return "".join(domain.split())

    def _migrate(self):
        self.env.flush_all()
        self.script.migrate(self.env.cr, "19.0.1.1.0")
        self.env.invalidate_all()

    def test_unchanged_stages_become_those_that_are_shipped_now(self):
        self._migrate()
        for name, stage in self.stages.items():
            with self.subTest(stage=name):
                sequence, domain, strategy = self.shipped[name]
                self.assertEqual((stage.sequence, self._words(stage.domain)), (sequence, domain))
                self.assertEqual(str(stage.strategy), strategy.strip())

    def _assert_left_alone(self):
        before = {name: (stage.sequence, stage.domain) for name, stage in self.stages.items()}
        self._migrate()
        self.assertEqual({name: (stage.sequence, stage.domain) for name, stage in self.stages.items()}, before)

    def test_a_changed_filter_leaves_all_stages_as_they_are(self):
        self.stages["growth"].domain = '[("order_count", ">", 1)]'
        self._assert_left_alone()

    def test_a_strategy_of_ones_own_leaves_all_stages_as_they_are(self):
        self.stages["growth"].strategy = "<p>Our own playbook</p>"
        self._assert_left_alone()
        self.assertEqual(self.stages["growth"].strategy, "<p>Our own playbook</p>")

    def test_another_order_leaves_all_stages_as_they_are(self):
        self.stages["growth"].sequence = 5
        self._assert_left_alone()

    def test_a_stage_of_ones_own_leaves_all_stages_as_they_are(self):
        self.env["grading.lifecycle"].create({"name": "Own"})
        self._assert_left_alone()

    def test_an_archived_stage_leaves_all_stages_as_they_are(self):
        self.stages["lost"].active = False
        self._assert_left_alone()

    def test_since_when_is_read_from_the_history_or_from_the_profile(self):
        self.scheme()
        known, unknown = self.customer("Known"), self.customer("Unknown")
        for partner in (known, unknown):
            self.order(partner, 10, date(2025, 1, 1))
        self.rescore(as_of=date(2025, 1, 2))
        self.force(self.profile(known) + self.profile(unknown), lifecycle_since=None)
        self.env["grading.history"].search([("partner_id", "=", unknown.id)]).unlink()
        self._migrate()
        self.assertEqual(self.profile(known).lifecycle_since, date(2025, 1, 2))
        profile = self.profile(unknown)
        self.assertEqual(profile.lifecycle_since, profile.create_date.date())


@tagged("post_install", "-at_install")
class TestNothingIsPlannedUnasked(GradingCase):
    """From 19.0.1.2.0, which had no cadences."""

    def _migrate(self):
        migration("19.0.1.3.0").migrate(self.env.cr, "19.0.1.2.0")

    def test_companies_that_were_there_are_asked_first_and_new_ones_plan(self):
        self.assertTrue(self.company.grading_plan_contacts)
        self._migrate()
        self.assertFalse(self.company.grading_plan_contacts)
        self.assertTrue(self.new_company("Later").grading_plan_contacts)

    def test_archived_companies_do_not_plan_either_when_they_are_restored(self):
        archived = self.new_company("Archived")
        archived.active = False
        self._migrate()
        archived.action_unarchive()
        self.assertFalse(archived.grading_plan_contacts)

    def test_the_dates_are_set_soon(self):
        cron = self.env.ref("customer_grading.ir_cron_rescore")
        waiting = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        self._migrate()
        self.assertGreater(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]), waiting)


@tagged("post_install", "-at_install")
class TestArchivedCompaniesPlanNothingUnasked(GradingCase):
    """From 19.0.1.3.0, whose update left the switch of archived companies on."""

    def _migrate(self):
        self.env.flush_all()
        migration("19.0.1.4.0").migrate(self.env.cr, "19.0.1.3.0")
        self.env.invalidate_all()

    def _due_contact(self, company):
        partner = self.customer("Anna")
        profile = self.env["grading.profile"].create({"partner_id": partner.id, "company_id": company.id})
        cadence = self.env["grading.cadence"].create(
            {"name": "Weekly", "activity_type_id": self.env.ref("mail.mail_activity_data_email").id}
        )
        return self.env["grading.care"].create(
            {
                "profile_id": profile.id,
                "partner_id": partner.id,
                "company_id": company.id,
                "cadence_id": cadence.id,
                "channel": "online",
                "start_date": "2026-03-04",
            }
        )

    def test_an_archived_company_that_never_planned_is_switched_off(self):
        archived = self.new_company("Archived")
        archived.active = False
        self._migrate()
        self.assertFalse(archived.grading_plan_contacts)

    def test_an_archived_company_that_has_planned_goes_on_when_it_is_restored(self):
        company = self.new_company("Worked With It")
        care = self._due_contact(company)
        activity = self.env["mail.activity"].create(
            care._prepare_activities({self.env.uid: "2026-03-04"}, self.env.user)
        )
        activity.action_feedback()
        company.active = False
        self._migrate()
        self.assertTrue(company.grading_plan_contacts)

    def test_companies_at_work_keep_what_they_have_set(self):
        off = self.new_company("Off", grading_plan_contacts=False)
        self._migrate()
        self.assertTrue(self.company.grading_plan_contacts)
        self.assertFalse(off.grading_plan_contacts)


@tagged("post_install", "-at_install")
class TestFiguresAreMeasuredAnew(GradingCase):
    """From 19.0.1.4.0, which ranked average days late and knew fixed limits of decline and loss alone."""

    def _migrate(self):
        self.env.flush_all()
        migration("19.0.1.5.0").migrate(self.env.cr, "19.0.1.4.0")
        self.env.invalidate_all()

    def test_a_rank_of_days_late_becomes_steps(self):
        criterion = self.scheme(criteria=[self.rank("order_count", points_max=6)]).criterion_ids
        self.force(criterion, measure="average_days_late")
        self._migrate()
        self.assertEqual(criterion.kind, "band")
        steps = [(band.lower_bound, band.points) for band in criterion.band_ids.sorted("lower_bound")]
        self.assertEqual(steps, [(-3650, 6), (1, 4.02), (15, 1.98), (45, 0)])
        self.assertFalse(self.rescore().message)

    def test_another_rank_stays(self):
        criterion = self.scheme(criteria=[self.rank("order_count", points_max=6)]).criterion_ids
        self._migrate()
        self.assertEqual((criterion.kind, len(criterion.band_ids)), ("rank", 0))

    def test_percentages_that_were_chosen_stay_in_force(self):
        chosen = self.new_company("Chosen", grading_lost_percent=20)
        self._migrate()
        self.assertEqual(chosen.grading_limit_method, "fixed")
        self.assertEqual(self.company.grading_limit_method, "learned")

    def test_all_are_scored_anew_by_new_cut_points(self):
        self.scheme(criteria=[self.rank("order_count")])
        self.order(self.customer("Anna"), 10, self.company._grading_today())
        self.rescore()
        self.assertTrue(self.env["grading.ruler"].search([("company_id", "=", self.company.id)]))
        self._migrate()
        self.assertFalse(self.env["grading.ruler"].search([("company_id", "=", self.company.id)]))
        waiting = [("company_id", "=", self.company.id), ("scope", "=", "full"), ("state", "=", "running")]
        self.assertTrue(self.env["grading.run"].search(waiting))


@tagged("post_install", "-at_install")
class TestGradesGetTheirFullName(TransactionCase):
    """From 19.0.1.5.0, where grades were letters and the worst one was red."""

    def test_what_was_shipped_changes_and_what_was_chosen_stays(self):
        best, good, others = (self.env.ref(f"customer_grading.grading_grade_{letter}") for letter in "def")
        (best + good + others).title = False
        best.color, good.color, others.color = 3, 9, 1
        others.title = "the rest"
        migration("19.0.1.6.0", "grades").migrate(self.env.cr, "19.0.1.5.0")
        self.assertEqual((best + good + others).mapped("title"), ["key customers", "good customers", "the rest"])
        self.assertEqual((best + good + others).mapped("color"), [10, 9, 0])


@tagged("post_install", "-at_install")
class TestFirstStepsAreForThoseWhoBegin(GradingCase):
    """From 19.0.1.6.0, which had no panel of first steps."""

    def test_where_customers_are_graded_already_the_panel_stays_closed(self):
        onboarding = self.env.ref("customer_grading.onboarding_onboarding_grading")
        onboarding.progress_ids.unlink()
        new = self.new_company("New")
        self.scheme()
        self.rescore()
        migration("19.0.1.7.0", "onboarding").migrate(self.env.cr, "19.0.1.6.0")
        self.env.invalidate_all()
        self.assertTrue(onboarding.with_company(self.company).is_onboarding_closed)
        self.assertFalse(onboarding.with_company(new).is_onboarding_closed)
        self.assertTrue(new.grading_first_steps)


@tagged("post_install", "-at_install")
class TestSchemesKeepTheirVersions(GradingCase):
    """From 19.0.1.8.0, which kept no version."""

    def test_what_a_scheme_consists_of_is_its_first_kept_version(self):
        scheme = self.scheme(version=7)
        criterion = scheme.criterion_ids
        self.force(criterion, key=None)
        self.env.cr.precommit.clear()
        migration("19.0.1.9.0", "versions").migrate(self.env.cr, "19.0.1.8.0")
        self.env.invalidate_all()
        self.assertEqual(criterion.key, f"c{criterion.id}")
        self.assertEqual((scheme.version_ids.version, scheme.version_ids.content), (7, scheme._content()))
        shipped = self.env.ref("customer_grading.grading_criterion_in_service_months")
        self.assertEqual(shipped.key, "grading_criterion_in_service_months")
        migration("19.0.1.9.0", "versions").migrate(self.env.cr, "19.0.1.8.0")
        self.assertEqual(len(scheme.version_ids), 1)


@tagged("post_install", "-at_install")
class TestOdoosProbabilityWhereNothingWasEntered(GradingCase):
    """From 19.0.1.8.0, whose scheme *Before signing* gave each lead without a willingness the same 15 points."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.script = migration("19.0.1.9.0", "lead-probability")
        cls.criterion = cls.env.ref(cls.script.CRITERION)
        cls.now = {name: cls.criterion[name] for name in cls.script.CHANGED}
        steps = [Command.create({"lower_bound": bound, "points": points}) for bound, points in cls.script.SHIPPED_STEPS]
        cls.criterion.write({**cls.script.SHIPPED, "name": "Willingness", "band_ids": steps})

    def _migrate(self):
        self.env.flush_all()
        self.script.migrate(self.env.cr, "19.0.1.8.0")
        self.env.invalidate_all()

    def test_the_criterion_becomes_the_one_that_is_shipped_now(self):
        self._migrate()
        self.assertEqual({name: self.criterion[name] for name in self.script.CHANGED}, self.now)
        self.assertFalse(self.criterion.band_ids)
        self.assertEqual(self.criterion.name, "Willingness, or else Odoo's probability")
        waiting = [("company_id", "=", self.company.id), ("scope", "=", "full"), ("state", "=", "running")]
        self.assertTrue(self.env["grading.run"].search(waiting))

    def test_leads_that_are_moved_by_it_start_no_play(self):
        scheme = self.scheme(
            [self.linear("expected_revenue", 0)], [(self.gold, 30), (self.bronze, 0)], name="Leads", subject="lead"
        )
        self.criterion.scheme_id = scheme
        lead, other = self.lead("Lead"), self.lead("Other")
        self.force(lead + other, automated_probability=90)
        self.force(other, automated_probability=10)
        self.rescore()
        tag = self.env["crm.tag"].create({"name": "Offer"})
        play = self.env["grading.play"].create(
            {"name": "Offer", "trigger": "lead_grade_up", "lead_tag_ids": tag.ids, "company_id": self.company.id}
        )
        self._migrate()
        waiting = [("company_id", "=", self.company.id), ("scope", "=", "full"), ("state", "=", "running")]
        self.env["grading.run"].search(waiting)._execute()
        self.assertEqual(self.lead_profile(lead).grade_id, self.gold)
        self.assertTrue(self.lead_profile(lead).history_ids[0].rules_changed)
        self.assertFalse(play.case_ids)
        self.force(other, automated_probability=95)
        self.rescore()
        self.assertEqual(play.case_ids.lead_id, other, "what happens after the update does")

    def _assert_left_alone(self):
        before = self.criterion.read(["kind", "measure", "points_if_none", "name"])
        self._migrate()
        self.assertEqual(self.criterion.read(["kind", "measure", "points_if_none", "name"]), before)

    def test_other_points_without_data_stay(self):
        self.criterion.points_if_none = 0
        self._assert_left_alone()

    def test_other_steps_stay(self):
        self.criterion.band_ids.sorted("lower_bound")[1].points = 12
        self._assert_left_alone()

    def test_another_measure_stays(self):
        self.criterion.write({"measure": "engagement"})
        self._assert_left_alone()

    def test_a_removed_criterion_does_not_come_back(self):
        self.criterion.unlink()
        self._migrate()
        self.assertFalse(self.criterion.exists())


@tagged("post_install", "-at_install")
class TestPotentialIsDerived(GradingCase):
    """From 19.0.1.9.0, whose four groups of value against potential needed typed budgets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.script = migration("19.0.1.10.0", "potential")
        cls.rules = {name: cls.env.ref(f"customer_grading.grading_tag_rule_{name}") for name in cls.script.RULES}

    def _migrate(self):
        self.script.migrate(self.env.cr, "19.0.1.9.0")
        self.env.invalidate_all()

    def test_filters_as_shipped_become_those_that_are_shipped_now(self):
        present = {name: rule._parse_domain() for name, rule in self.rules.items()}
        for name, rule in self.rules.items():
            rule.domain = repr(self.script.filters(*self.script.RULES[name])[0])
        self._migrate()
        self.assertEqual({name: rule._parse_domain() for name, rule in self.rules.items()}, present)
        waiting = [("company_id", "=", self.company.id), ("scope", "=", "full"), ("state", "=", "running")]
        self.assertTrue(self.env["grading.run"].search(waiting))

    def test_a_filter_that_was_edited_stays(self):
        rule = self.rules["value"]
        rule.domain = "[('order_count', '>', 5)]"
        self._migrate()
        self.assertEqual(rule.domain, "[('order_count', '>', 5)]")


@tagged("post_install", "-at_install")
class TestFormerViews(TransactionCase):
    """A view that is shipped no more stays in the way of the views that have changed, until the update is done."""

    def view(self, name, **data):
        parent = self.env.ref("base.view_partner_form")
        arch = "<xpath expr=\"//field[@name='function']\" position='after'><field name='ref'/></xpath>"
        view = self.env["ir.ui.view"].create(
            {"name": name, "model": "res.partner", "inherit_id": parent.id, "arch": arch}
        )
        xmlid = {"xml_id": f"customer_grading.{name}", "record": view, **data}
        self.env["ir.model.data"]._update_xmlids([xmlid])
        return view

    def test_it_is_emptied_and_all_others_stay(self):
        gone, kept = self.view("view_of_old"), self.view("view_of_a_person", noupdate=True)
        shipped = self.env.ref("customer_grading.res_partner_view_form")
        before = kept.arch, shipped.arch
        self.env.flush_all()
        path = file_path("customer_grading/migrations/0.0.0/pre-former-views.py")
        spec = spec_from_file_location("pre_former_views", path)
        script = module_from_spec(spec)
        spec.loader.exec_module(script)
        script.migrate(self.env.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        self.assertEqual(gone.arch, "<data/>")
        self.assertEqual((kept.arch, shipped.arch), before)
        self.assertIn("res_partner_view_form", script.shipped())
        self.assertNotIn("res_partner_view_form_voice", script.shipped(), "it is shipped without content")


@tagged("post_install", "-at_install")
class TestMessagesAreReadAnew(TransactionCase):
    """From 19.0.1.10.0, which kept what a forecast says of itself in the language of the run."""

    def test_the_old_words_go(self):
        tables = ("grading_purchase_model", "grading_forecast")
        self.cr.execute("ALTER TABLE grading_purchase_model ADD COLUMN message TEXT")
        self.cr.execute("ALTER TABLE grading_forecast ADD COLUMN message TEXT")
        for _time in range(2):
            migration("19.0.1.11.0", "messages").migrate(self.cr, "19.0.1.10.0")
        self.cr.execute(
            "SELECT COUNT(*) FROM information_schema.columns WHERE table_name IN %s AND column_name = 'message'",
            [tables],
        )
        self.assertEqual(self.cr.fetchone(), (0,))


@tagged("post_install", "-at_install")
class TestStartsOfUngradedContacts(GradingCase):
    """From 19.0.1.12.0, which did not keep two starts for a contact who is not graded apart."""

    def test_of_two_with_the_same_number_the_first_one_keeps_it(self):
        play = self.env["grading.play"].create({"name": "Play", "tells_manager": True})
        partner, other = self.customer("Ada"), self.customer("Bob")
        Case = self.env["grading.play.case"]
        index = type(Case)._ungraded_start_number_unique.full_name(Case)
        self.env.cr.execute(SQL("DROP INDEX %s", SQL.identifier(index)))
        for place, (own, number) in enumerate([(partner, 1), (partner, 1), (partner, 2), (other, 1), (other, None)]):
            self.env.cr.execute(
                "INSERT INTO grading_play_case (play_id, partner_id, company_id, event, state, date_start,"
                " date_deadline, start_number) VALUES (%s, %s, %s, %s, 'expired', NOW(), NOW(), %s)",
                (play.id, own.id, self.company.id, f"X:{place}", number),
            )
        migration("19.0.1.14.0", "plays", "pre").migrate(self.env.cr, "19.0.1.13.0")
        self.env.cr.execute("SELECT start_number FROM grading_play_case WHERE play_id = %s ORDER BY event", (play.id,))
        self.assertEqual([number for [number] in self.env.cr.fetchall()], [1, None, 2, 1, None])


@tagged("post_install", "-at_install")
class TestReferrerIsThanked(TransactionCase):
    """From 19.0.1.12.0, where the play *Thank the referrer* started for the customer who was referred."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.script = migration("19.0.1.14.0", "thank-referrer")
        cls.play = cls.env.ref("customer_grading.grading_play_thank_referrer")
        cls.step = cls.play.plan_id.template_ids
        cls.now = {name: cls.play[name] for name in cls.script.SHIPPED}
        cls.texts = (cls.step.summary, str(cls.step.note).strip())
        cls.play.write(cls.script.SHIPPED)
        cls.step.write({"summary": cls.script.SUMMARY[0], "note": f"<p>{cls.script.NOTE[0]}</p>"})

    def migrate(self):
        self.env.flush_all()
        self.script.migrate(self.env.cr, "19.0.1.12.0")
        self.env.invalidate_all()

    def test_it_is_as_in_a_new_database(self):
        self.migrate()
        self.assertEqual({name: self.play[name] for name in self.now}, self.now)
        self.assertEqual((self.step.summary, str(self.step.note).strip()), self.texts)

    def test_a_play_with_another_goal_stays(self):
        self.play.goal = "order"
        self.migrate()
        self.assertEqual((self.play.trigger, self.step.summary), ("first_order", self.script.SUMMARY[0]))

    def test_a_step_in_other_words_stays(self):
        self.step.write({"summary": "Send flowers", "note": False})
        self.migrate()
        self.assertEqual((self.play.trigger, self.step.summary), ("referral_ordered", "Send flowers"))
        self.assertFalse(self.step.note)

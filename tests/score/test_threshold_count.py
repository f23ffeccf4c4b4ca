from lxml import etree

from odoo.fields import Command
from odoo.tests import Form, tagged

from ..common import LeadCase, with_seeds


@tagged("post_install", "-at_install")
class TestThresholdCount(LeadCase):
    """While one edits where grades begin, each row says how many would get its grade."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tested = cls.scheme()
        for number, amount in enumerate((5, 10, 20, 20, 50, 200)):
            cls.order(cls.customer(f"Customer {number}"), amount, cls.today)
        cls.rescore()

    def counts(self, scheme=None):
        scheme = scheme or self.tested
        return {threshold.grade_id.name: threshold.profile_count for threshold in scheme.threshold_ids}

    def typed(self, form):
        """The counts on the screen, before anything is saved."""
        grades = (self.gold, self.silver, self.bronze)
        return [form.threshold_counts[str(grade.id)] for grade in grades if str(grade.id) in form.threshold_counts]

    def choose_percents(self, form):
        form.threshold_mode = "rank"
        for row, percent in enumerate((20, 60, 100)):
            with form.threshold_ids.edit(row) as threshold:
                threshold.top_percent = percent

    def test_as_they_are_saved(self):
        self.assertEqual(self.counts(), {"Gold": 1, "Silver": 4, "Bronze": 1})

    def test_as_they_are_typed(self):
        with Form(self.tested) as form:
            with form.threshold_ids.edit(0) as gold:
                gold.min_score = 50
            self.assertEqual(self.typed(form), [2, 3, 1])
            with form.threshold_ids.edit(1) as silver:
                silver.min_score = 20
            self.assertEqual(self.typed(form), [2, 2, 2])
            self.choose_percents(form)
            self.assertEqual(self.typed(form), [2, 2, 2])
            self.assertEqual(self.counts(), {"Gold": 1, "Silver": 4, "Bronze": 1}, "nothing is saved yet")

    def test_a_row_that_is_added_takes_its_part(self):
        copper = self.env["grading.grade"].create({"name": "Copper", "sequence": 9})
        with Form(self.tested) as form:
            with form.threshold_ids.edit(2) as bronze:
                bronze.min_score = 8
            with form.threshold_ids.new() as threshold:
                threshold.grade_id = copper
                threshold.min_score = 2
            self.assertEqual((self.typed(form), form.threshold_counts[str(copper.id)]), ([1, 4, 0], 1))

    def test_a_new_scheme_grades_no_customer_yet(self):
        self.assertEqual(self.counts(self.tested.copy({"active": False})), {"Gold": 0, "Silver": 0, "Bronze": 0})

    def test_a_draft_counts_by_the_scores_of_its_scheme(self):
        draft = self.tested._draft()
        self.assertEqual(self.counts(draft), {"Gold": 1, "Silver": 4, "Bronze": 1})
        with Form(draft) as form:
            with form.threshold_ids.edit(0) as gold:
                gold.min_score = 50
            self.assertEqual(self.typed(form), [2, 3, 1])
            self.choose_percents(form)
            self.assertEqual(self.typed(form), [2, 2, 2])

    def test_a_draft_that_was_previewed_counts_by_the_scores_of_its_preview(self):
        draft = self.tested._draft()
        draft.criterion_ids.points_per_unit *= 10
        self.env["grading.preview"]._begin(draft)
        draft.invalidate_recordset(["threshold_counts"])
        self.assertEqual(self.counts(draft), {"Gold": 5, "Silver": 1, "Bronze": 0})
        self.assertEqual(self.counts(), {"Gold": 1, "Silver": 4, "Bronze": 1})

    def test_the_list_says_how_many_wherever_a_limit_decides(self):
        arch = self.env["grading.scheme"].get_view(False, "form")["arch"]
        [column] = etree.fromstring(arch).xpath("//field[@name='threshold_ids']//field[@name='profile_count']")
        self.assertEqual(column.get("column_invisible"), "parent.threshold_mode == 'filter'")

    def test_one_query_counts_them_all(self):
        self.env.flush_all()
        for scheme in (self.tested, self.percent_scheme()):
            self.env.invalidate_all()
            scheme.threshold_ids.mapped("min_score"), scheme.threshold_ids.mapped("top_percent"), scheme.subject
            scheme.threshold_ids.mapped("threshold_mode")
            with self.assertQueryCount(1):
                scheme.threshold_ids.mapped("profile_count")

    def percent_scheme(self, *percents):
        percents = percents or (20, 60, 100)
        thresholds = list(zip((self.gold, self.silver, self.bronze), percents, strict=True))
        return self.scheme(thresholds=thresholds, threshold_mode="rank", sequence=1)

    @with_seeds(2)
    def test_best_percents_count_as_a_run_gives_them(self, rng):
        for customer in self.env["res.partner"].search([("name", "like", "Customer _")]):
            self.order(customer, rng.choice((0, 1, 30, 30, 400)), self.today)
        first = rng.uniform(1, 50)
        scheme = self.percent_scheme(round(first, 2), round(first + rng.uniform(1, 40), 2), 100)
        self.rescore()
        groups = self.env["grading.profile"]._read_group([("scheme_id", "=", scheme.id)], ["grade_id"], ["__count"])
        given = {grade.name: count for grade, count in groups}
        self.assertEqual({name: count for name, count in self.counts(scheme).items() if count}, given)
        scheme.active = False

    def test_leads_are_counted_for_a_scheme_of_leads(self):
        scheme = self.lead_scheme()
        for willingness in ("5", "3", "3", "1"):
            self.lead(willingness=willingness)
        self.rescore()
        self.assertEqual(self.counts(scheme), {"Gold": 1, "Silver": 2, "Bronze": 1})

    def test_other_companies_do_not_count(self):
        shared = self.scheme(company_id=False, sequence=0)
        other = self.new_company("Other")
        self.order(self.customer("Elsewhere"), 500, self.today, company_id=other.id)
        self.rescore()
        self.rescore(company=other)
        self.assertEqual(self.counts(shared)["Gold"], 1)
        self.assertEqual(self.counts(shared.with_company(other)), {"Gold": 1, "Silver": 0, "Bronze": 0})

    def test_the_list_of_schemes_shows_which_are_active_and_what_they_grade(self):
        arch = self.env["grading.scheme"].get_view(False, "list")["arch"]
        for name in ("active", "subject", "profile_count", "version"):
            self.assertIn(f'name="{name}"', arch)
        self.tested.write({"threshold_ids": [Command.update(self.tested.threshold_ids[0].id, {"min_score": 99})]})
        self.assertEqual((self.tested.profile_count, self.tested.version > 1), (6, True))

from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.memory.grading_snapshot import month_end
from .segment_case import SegmentCase


@tagged("post_install", "-at_install")
class TestSegment(SegmentCase):
    """Schemes beside the grade: segments of their own, and the grade as it was."""

    def test_the_first_filter_that_fits_gives_the_segment(self):
        self.beside()
        self.rescore()
        self.assertEqual(self.segments(), ["Big", "Big", "No segment"])
        self.assertEqual(self.rows(self.ada).score, False)

    def test_segments_begin_at_a_score(self):
        scheme = self.beside("score")
        self.rescore()
        self.assertEqual(self.segments(), ["Big", "Big", "No segment"])
        row = self.rows(self.bob)
        self.assertEqual((row.score, row.points_detail), (50, {str(scheme.criterion_ids.id): 50}))

    def test_segments_begin_with_the_best_percent(self):
        scheme = self.beside("rank")
        self.rescore()
        self.assertEqual(self.segments(), ["Big", "Small", "Small"])
        self.assertEqual([self.rows(p).score for p in (self.ada, self.bob, self.cid)], [60, 30, 0])
        stored = self.env["grading.ruler"].sudo().search([("company_id", "=", self.company.id)])
        self.assertLessEqual(scheme, stored.scheme_id)
        self.assertLessEqual(scheme.criterion_ids, stored.criterion_id)
        self.assertEqual(self.rescore(partners=self.ada).scope, "incremental", "nothing is missing to compare with")

    def test_the_grade_and_its_history_stay_as_they_are(self):
        self.rescore()
        before = self.grading()
        self.beside(), self.beside("rank", name="Rank")
        run = self.rescore()
        self.assertEqual(self.grading(), before)
        self.assertEqual((run.changed_count, run.segment_count), (0, 6))

    def grading(self):
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                "SELECT profile.partner_id, profile.score, profile.grade_id, profile.scheme_id, profile.points_detail,"
                " (SELECT COUNT(*) FROM grading_history WHERE profile_id = profile.id)"
                " FROM grading_profile AS profile WHERE profile.company_id = %s ORDER BY 1",
                self.company.id,
            )
        )

    def test_leads_are_listed_and_found_by_their_segment(self):
        self.beside(subject="lead", domain="[]", threshold_ids=[
            Command.create({"grade_id": self.big.id, "domain": "[('expected_revenue', '>=', 50)]"}),
            Command.create({"grade_id": self.small.id, "domain": "[('expected_revenue', '>=', 10)]"}),
        ])  # fmt: skip
        large, little = self.lead("Large", expected_revenue=500), self.lead("Little", expected_revenue=20)
        self.rescore()
        Lead, seller = self.env["crm.lead"], self.manager()
        for kind in ("list", "search"):
            view = self.env.ref(f"customer_grading.crm_lead_view_{kind}_grading")
            self.assertIn("grading_segment_ids", Lead.with_user(seller).get_view(view.id, kind)["arch"])
        self.assertEqual((large + little).grading_segment_ids.grade_id, self.big + self.small)
        found = Lead.search([("grading_segment_ids", "ilike", "Big"), ("id", "in", (large + little).ids)])
        self.assertEqual(found, large)

    def test_what_has_not_changed_is_not_written(self):
        self.beside("score"), self.beside("rank", name="Rank")
        self.rescore()
        before = self.versions()
        self.assertEqual(self.rescore().segment_count, 0)
        self.assertEqual(self.versions(), before)
        self.order(self.bob, 1, self.today)
        self.assertEqual(self.rescore().segment_count, 1, "Bob has another score; the order of all is the same")

    def versions(self):
        return self.env.execute_query(SQL("SELECT id, xmin, ctid FROM grading_secondary ORDER BY id"))

    def test_a_few_are_judged_as_among_all(self):
        self.beside(), self.beside("score", name="Points"), self.beside("rank", name="Rank")
        self.rescore()
        self.order(self.cid, 100, self.today)
        run = self.rescore(partners=self.cid)
        self.assertEqual((run.scope, len(self.rows(self.cid))), ("incremental", 3))
        few = self.rows(self.cid).mapped(lambda row: (row.scheme_id, row.grade_id, row.score))
        self.company.write({"grading_ranking_percent": 100, "grading_ranking_days": 100})
        run = self.env["grading.run"]._open(self.company, keep_cut_points=True)  # all, by the same cut points
        run._execute()
        self.assertEqual((run.state, run.segment_count), ("done", 0))
        self.assertEqual(self.rows(self.cid).mapped(lambda row: (row.scheme_id, row.grade_id, row.score)), few)

    def test_the_segment_goes_with_the_filter_and_with_the_scheme(self):
        scheme = self.beside(domain="[('order_count', '>', 0)]")
        other = self.beside("score", name="Points")
        self.rescore()
        scheme.domain = "[('order_amount', '>', 100)]"
        self.rescore()
        self.assertEqual([len(self.rows(p)) for p in (self.ada, self.bob, self.cid)], [2, 1, 1])
        other.active = False
        self.rescore()
        self.assertEqual([len(self.rows(p)) for p in (self.ada, self.bob, self.cid)], [1, 0, 0])
        scheme.unlink()
        self.assertFalse(self.rows(self.ada))

    def test_since_when_a_segment_is_had(self):
        self.beside()
        first = self.today - timedelta(days=5)
        self.rescore(as_of=first)
        self.assertEqual(self.rows(self.cid).since, False)
        self.order(self.cid, 15, self.today)
        self.rescore()
        self.assertEqual((self.rows(self.cid).grade_id, self.rows(self.cid).since), (self.small, self.today))
        self.order(self.cid, 5, self.today)
        self.rescore()
        self.assertEqual(self.rows(self.cid).since, self.today)
        self.assertEqual(self.rows(self.ada).since, False)

    def test_a_scheme_that_cannot_be_used_is_named_and_what_it_said_stays(self):
        scheme = self.beside()
        self.rescore()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE grading_threshold SET domain = %s WHERE scheme_id = %s", ["[('no_field', '=', 1)]", scheme.id]
        )
        self.env.invalidate_all()
        run = self.env["grading.run"]._rescore()
        self.assertIn("no_field", run.message)
        self.assertEqual(self.segments(), ["Big", "Big", "No segment"])

    def test_leads_have_segments_too(self):
        lead = self.lead("Big lead", expected_revenue=900)
        self.beside("score", subject="lead", criterion_ids=[Command.create(self.linear("expected_revenue"))])
        self.rescore()
        row = self.env["grading.secondary"].search([("lead_id", "=", lead.id)])
        self.assertEqual((row.grade_id, row.score), (self.big, 900))
        self.assertEqual(lead.grading_segment_ids, row)

    def test_a_scheme_that_turns_to_leads_has_said_nothing_of_customers(self):
        scheme = self.beside("score", criterion_ids=[Command.create(self.linear("expected_revenue"))])
        self.rescore()
        self.assertTrue(self.rows(self.ada))
        scheme.subject = "customer"
        self.assertTrue(self.rows(self.ada))
        scheme.subject = "lead"
        self.assertFalse(self.rows(self.ada))
        self.assertEqual(self.rescore().segment_count, 0)

    def test_tag_rules_ask_for_a_segment_by_name(self):
        self.beside()
        tag = self.env["res.partner.category"].create({"name": "Big ones"})
        self.env["grading.tag.rule"].create(
            {
                "name": "Big",
                "company_id": self.company.id,
                "category_id": tag.id,
                "domain": "[('secondary_ids.grade_id.name', '=', 'Big')]",
            }
        )
        self.rescore()
        self.assertEqual(self.env["res.partner"].search([("category_id", "=", tag.id)]), self.ada | self.bob)

    def test_what_is_judged_before_cannot_ask_for_segments(self):
        """It would read those of the former run, and none on an earlier day."""
        self.beside()
        domain = "[('secondary_ids.grade_id.name', '=', 'Big')]"
        by_filter = self.matching([("secondary_ids", "!=", False)], 3, name="By segment")
        for what, ask in (
            ("scheme", lambda: self.rules.write({"domain": domain})),
            ("criterion", lambda: self.rules.write({"criterion_ids": [Command.create(by_filter)]})),
            ("stage", lambda: self.env["grading.lifecycle"].create({"name": "Stage", "domain": domain})),
            ("segment", lambda: self.beside().threshold_ids[0].write({"domain": domain})),
        ):
            with self.subTest(what=what), self.assert_refused("found out after grade and stage"):
                ask()

    def test_segments_are_no_grades(self):
        scheme = self.beside()
        for rule, grade in ((scheme, self.gold), (self.rules, self.big)):
            with self.subTest(scheme=rule.name), self.assert_refused(grade.name):
                self.env["grading.threshold"].create({"scheme_id": rule.id, "grade_id": grade.id, "min_score": 999})
        with self.assert_refused("Size"):
            self.big.is_segment = False
        with self.assert_refused("Test scheme"):
            self.rules.threshold_mode = "filter"
        self.rescore()
        domain = [("id", "in", (self.ada | self.bob).ids)]
        Partner = self.env["res.partner"].with_context(read_group_expand=True)
        columns = {grade for grade, _count in Partner._read_group(domain, ["grading_grade_id"], ["__count"])}
        self.assertFalse(columns & {self.big, self.small})
        values = Partner.search_panel_select_range("grading_grade_id")["values"]
        names = {value["display_name"] for value in values}
        self.assertIn(self.gold.name, names)
        self.assertFalse(names & {"Big", "Small"})

    def test_customers_are_found_by_the_name_of_a_segment(self):
        self.beside()
        self.rescore()
        found = self.env["res.partner"].search([("grading_segment_ids", "ilike", "big")])
        self.assertEqual(found, self.ada | self.bob)
        rows = self.rows(self.ada)
        self.assertEqual(self.env["res.partner"].search([("grading_segment_ids", "in", rows.ids)]), self.ada)

    def test_the_page_shows_segments_beside_the_grade(self):
        self.beside("score")
        self.rescore()
        expected = {"scheme": "Size", "name": "Big", "title": "much bought", "color": 3, "text": "500"}
        self.assertEqual(self.ada.grading_glance()["segments"], [expected])
        self.assertEqual(self.cid.grading_glance()["segments"], [])

    def test_the_scheme_counts_and_opens_those_whom_it_judges(self):
        scheme = self.beside(domain="[('order_amount', '>', 10)]")
        self.rescore()
        self.assertEqual((scheme.profile_count, self.rules.profile_count), (2, 3))
        action = scheme.action_view_profiles()
        rows = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(rows.partner_id, self.ada | self.bob)

    def test_a_month_remembers_the_segments(self):
        self.beside("score")
        self.rescore()
        month = month_end(self.today, -1)
        Snapshot, Remembered = self.env["grading.snapshot"], self.env["grading.secondary.snapshot"]
        Snapshot._take(month)
        Snapshot._take(month)
        rows = Remembered.search([("company_id", "=", self.company.id)])
        told = rows.mapped(lambda row: (row.date, row.partner_id, row.grade_id, row.score, row.main_grade_id))
        nothing = self.env["grading.grade"]
        self.assertCountEqual(
            told,
            [
                (month, self.ada, self.big, 500, self.gold),
                (month, self.bob, self.big, 50, self.silver),
                (month, self.cid, nothing, 5, self.bronze),
            ],
        )
        [(_month, count)] = Remembered._read_group([("id", "in", rows.ids)], ["date:month"], ["__count"])
        self.assertEqual(count, 3)
        self.order(self.bob, 500, self.today)
        self.rescore()
        self.assertEqual(rows.filtered(lambda row: row.partner_id == self.bob).score, 50)
        Snapshot.search([("partner_id", "=", self.ada.id)]).unlink()
        self.assertEqual(len(rows.exists()), 2)

    def test_a_scheme_of_filters_travels_as_a_file(self):
        scheme = self.beside()
        copy = self.env["grading.scheme"]._from_file(scheme._to_file().encode())
        self.assertEqual((copy.is_secondary, copy.threshold_mode, copy.state), (True, "filter", "draft"))
        self.assertEqual(
            copy.threshold_ids.mapped(lambda t: (t.grade_id, t.domain)),
            scheme.threshold_ids.mapped(lambda t: (t.grade_id, t.domain)),
        )

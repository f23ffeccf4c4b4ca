from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import GradingCase


@tagged("post_install", "-at_install")
class TestSegmentAccess(GradingCase):
    """Segments come from figures: they are seen by those who may see the documents behind them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.rep = cls.salesman()
        cls.mine, cls.theirs = cls.customer("Mine", user_id=cls.rep.id), cls.customer("Theirs", user_id=cls.env.uid)
        for partner in (cls.mine, cls.theirs):
            cls.order(partner, 100, cls.today - timedelta(days=3))
        cls.scheme()
        segments = cls.env.ref("customer_grading.grading_scheme_rfm_segments")
        segments.copy({"company_id": cls.company.id, "active": True})
        cls.rescore()

    def visible(self, user, company=None):
        companies = (company or self.company).ids
        rows = self.env["grading.secondary"].with_user(user).with_context(allowed_company_ids=companies)
        return rows.search([]).mapped("partner_id.name")

    def test_salespeople_of_their_own_documents_see_their_own(self):
        self.assertEqual(self.visible(self.rep), ["Mine"])
        self.assertTrue(self.mine.with_user(self.rep).grading_segment_ids)
        self.assertFalse(self.theirs.with_user(self.rep).grading_segment_ids)
        self.assertNotIn("segments", self.theirs.with_user(self.rep).grading_glance())
        theirs = self.env["grading.secondary"].search([("profile_id", "=", self.profile(self.theirs).id)])
        with self.assertRaises(AccessError):
            theirs.with_user(self.rep).read(["grade_id"])
        found = self.env["res.partner"].with_user(self.rep).search([("grading_segment_ids", "!=", False)])
        self.assertEqual(found.filtered(lambda p: p in (self.mine | self.theirs)), self.mine)

    def test_they_are_not_written_by_users_and_outsiders_see_none(self):
        row = self.env["grading.secondary"].search([("profile_id", "=", self.profile(self.mine).id)])
        manager = self.user("grading_segment_manager", "customer_grading.customer_grading_group_manager")
        self.assertEqual(sorted(self.visible(manager)), ["Mine", "Theirs"])
        for user in (self.rep, manager):
            with self.assertRaises(AccessError):
                row.with_user(user).write({"score": 1})
            with self.assertRaises(AccessError):
                row.with_user(user).unlink()
        portal = self.user("grading_segment_portal", "base.group_portal")
        with self.assertRaises(AccessError):
            self.visible(portal)

    def test_months_are_seen_as_segments_are(self):
        self.env["grading.snapshot"]._take(self.today - timedelta(days=self.today.day))
        Remembered = self.env["grading.secondary.snapshot"]
        seen = Remembered.with_user(self.rep).with_context(allowed_company_ids=self.company.ids).search([])
        self.assertEqual(seen.partner_id, self.mine)
        with self.assertRaises(AccessError):
            seen.write({"score": 1})

    def test_companies_are_apart(self):
        other = self.new_company("Segments elsewhere")
        manager = self.user(
            "grading_segment_elsewhere",
            "customer_grading.customer_grading_group_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.assertEqual(self.visible(manager, other), [])

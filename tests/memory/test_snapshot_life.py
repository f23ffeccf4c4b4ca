from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...hooks import uninstall_hook
from ...models.memory.grading_snapshot import month_end
from .memory_case import MemoryCase


@tagged("post_install", "-at_install")
class TestSnapshotLife(MemoryCase):
    """Snapshots go with their customers and leads, as the history does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead_scheme()
        cls.source, cls.target = (cls.lead(name, willingness="5") for name in ("Source", "Target"))
        cls.rescore(as_of=cls.last_month)
        cls.taken()

    def of(self, record):
        key = "lead_id" if record._name == "crm.lead" else "partner_id"
        return self.snapshots((key, "=", record.id))

    def merge(self, into, *others):
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(into.union(*others).ids, into)
        self.env.invalidate_all()

    def test_merged_contacts_have_one_snapshot_of_a_month(self):
        self.merge(self.bob, self.ada)
        snapshot = self.of(self.bob)
        self.assertEqual((snapshot.grade_id, snapshot.profile_id), (self.silver, self.profile(self.bob)))

    def test_months_that_only_the_others_had_are_handed_over(self):
        newcomer = self.customer("New")
        self.order(newcomer, 7, self.today)
        self.rescore(partners=newcomer)
        (self.of(self.ada) | self.of(self.bob)).date = month_end(self.today, -3)
        first = (self.of(self.ada) | self.of(self.bob)).sorted("id")[0]
        self.merge(newcomer, self.ada, self.bob)
        self.assertEqual(self.of(newcomer), first)
        self.assertEqual(first.profile_id, self.profile(newcomer))

    def test_snapshots_without_a_profile_are_handed_over_too(self):
        self.profile(self.ada).unlink()
        self.of(self.bob).unlink()
        self.merge(self.bob, self.ada)
        self.assertEqual(
            (self.of(self.bob).grade_id, self.of(self.bob).profile_id), (self.gold, self.profile(self.bob))
        )

    def test_merged_leads_have_one_snapshot_of_a_month(self):
        self.of(self.source).date = month_end(self.today, -2)
        self.target.stage_id = self.offer  # the further one stays
        kept = self.of(self.source) | self.of(self.target)
        (self.source | self.target).merge_opportunity()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.of(self.target), kept)
        self.assertEqual(kept.profile_id, self.lead_profile(self.target))

    def test_a_lead_takes_them_along_into_another_company(self):
        other = self.new_company("Other Company")
        self.source.write({"company_id": other.id, "team_id": False, "stage_id": False})
        self.rescore(as_of=self.last_month, company=other)
        self.env.invalidate_all()
        snapshot = self.env["grading.snapshot"].search([("lead_id", "=", self.source.id)])
        self.assertEqual((snapshot.company_id, len(snapshot)), (other, 1))

    def test_a_lost_lead_keeps_them(self):
        snapshot = self.of(self.source)
        self.source.action_set_lost()
        self.rescore(as_of=self.last_month)
        self.assertEqual(self.of(self.source), snapshot)

    def test_a_customer_who_becomes_a_contact_and_is_one_again_finds_them_again(self):
        firm = self.customer("Firm", is_company=True)
        self.order(firm, 1, self.last_month)
        self.ada.parent_id = firm
        self.rescore(as_of=self.last_month)
        self.assertFalse(self.of(self.ada).profile_id)
        self.ada.parent_id = False
        self.rescore(as_of=self.last_month)
        self.assertEqual(self.of(self.ada).profile_id, self.profile(self.ada))
        self.assertTrue(self.of(self.ada).profile_id)

    def test_archived_customers_keep_them(self):
        self.ada.active = False
        self.rescore(as_of=self.last_month)
        self.assertEqual(self.of(self.ada).profile_id, self.profile(self.ada))

    def test_a_deleted_customer_or_lead_takes_them_along(self):
        loose = self.customer("Loose", willingness="5")
        self.rescore(as_of=self.last_month)
        self.taken()
        gone = self.of(loose) | self.of(self.source)
        self.assertEqual(len(gone), 2)
        loose.unlink()
        self.source.unlink()
        self.assertFalse(gone.exists())

    def test_a_remembered_grade_is_not_deleted(self):
        self.env.cr.execute("DELETE FROM grading_history WHERE company_id = %s", [self.company.id])
        self.env.cr.execute(
            "UPDATE grading_profile SET grade_id = NULL, computed_grade_id = NULL WHERE company_id = %s",
            [self.company.id],
        )
        self.rules.threshold_ids.filtered(lambda threshold: threshold.grade_id == self.bronze).unlink()
        self.env["grading.threshold"].search([("grade_id", "=", self.bronze.id)]).unlink()
        self.env.invalidate_all()
        with self.assert_refused("Bronze", "1 snapshots", "Archive", error=UserError):
            self.bronze.unlink()

    def test_the_uninstallation_empties_the_table(self):
        uninstall_hook(self.env)
        self.env.cr.execute("SELECT COUNT(*) FROM grading_snapshot")
        self.assertEqual(self.env.cr.fetchone(), (0,))


@tagged("post_install", "-at_install")
class TestSnapshotSecurity(MemoryCase):
    """Figures are seen where the documents behind them are, and by no customer. Leads: profile/test_lead_security.py;
    roles over the wire: base/test_figures_rpc.py."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.taken()

    def test_customers_see_nothing(self):
        portal = self.portal()
        with self.assertRaises(AccessError):
            self.env["grading.snapshot"].with_user(portal).search([])
        for name in ("grading_move_month", "grading_snapshot_ids"):
            for model in ("res.partner", "crm.lead"):
                self.assertNotIn(name, self.env[model].with_user(portal).fields_get())
            with self.assertRaises(AccessError):
                self.env["res.partner"].with_user(portal).search([(name, "!=", False)])

    def test_of_another_company_nothing_is_seen(self):
        other = self.new_company("Other Company")
        theirs = self.manager()
        theirs.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        Snapshot = self.env["grading.snapshot"].with_user(theirs).with_context(allowed_company_ids=other.ids)
        self.assertFalse(Snapshot.search([("partner_id", "in", (self.ada | self.bob).ids)]))
        with self.assertRaises(AccessError):
            self.snapshots()[0].with_user(theirs).with_context(allowed_company_ids=other.ids).read(["score"])

    def test_no_user_edits_them(self):
        for user in (self.salesman(), self.manager()):
            snapshot = self.snapshots()[0].with_user(user)
            for change in (
                lambda snapshot=snapshot: snapshot.write({"score": 1}),
                lambda snapshot=snapshot: snapshot.unlink(),
                lambda snapshot=snapshot: snapshot.create(
                    {"partner_id": self.ada.id, "company_id": self.company.id, "date": self.today - timedelta(days=1)}
                ),
            ):
                with self.assertRaises(AccessError):
                    change()

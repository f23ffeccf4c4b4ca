import json

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .glance_case import GlanceCase


@tagged("post_install", "-at_install")
class TestGlanceAccess(GlanceCase, HttpCase):
    """At a glance users see what they may see of the documents behind it. Over the wire, as a browser asks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls.salesman("glance_colleague")
        cls.seller = cls.salesman("glance_seller")
        cls.gala.user_id = cls.colleague
        cls.env.flush_all()

    def ask(self, user, record=None, company=None):
        """What a client gets: the glance, or the name of the error."""
        record = self.gala if record is None else record
        self.authenticate(user.login, user.login)
        context = {"allowed_company_ids": (company or self.company).ids}
        body = {
            "params": {
                "model": record._name,
                "method": "grading_glance",
                "args": [record.ids],
                "kwargs": {"context": context},
            }
        }
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access"):
            answer = self.url_open(
                f"/web/dataset/call_kw/{record._name}/grading_glance",
                json.dumps(body),
                headers={"Content-Type": "application/json"},
            ).json()
        return answer["result"] if "error" not in answer else answer["error"]["data"]["name"].rpartition(".")[2]

    def test_without_the_documents_grade_score_and_stage_alone_are_told(self):
        self.env["grading.lifecycle"].create({"name": "Buying", "domain": "[('order_count', '>', 0)]"})
        self.rescore()
        glance = self.ask(self.seller)
        self.assertEqual(glance.keys(), {"what"})
        what = glance["what"]
        self.assertEqual((what["grade"]["name"], what["score"]), ("Silver", "50"))
        self.assertIn("Buying", what["stage"]["sentence"])
        self.assertIn("visible to those", what["sentences"][-1])
        self.assertNotIn("200", json.dumps(glance))
        self.assertNotIn("400", json.dumps(glance))

    def test_with_the_documents_all_is_told(self):
        for user in (self.colleague, self.manager("glance_boss")):
            with self.subTest(user=user.login):
                glance = self.ask(user)
                self.assertTrue(all(glance[name] for name in ("what", "scale", "why", "next", "rhythm", "amounts")))

    def test_other_employees_and_portal_users_are_refused(self):
        portal = self.portal("glance_portal", partner_id=self.customer("Portal").id)
        portal.partner_id.parent_id = self.gala
        self.env.flush_all()
        for user in (self.internal("glance_internal"), portal):
            with self.subTest(user=user.login):
                self.assertEqual(self.ask(user), "AccessError")
        self.assertEqual(self.ask(portal, portal.partner_id), "AccessError")

    def test_another_company_has_its_own_figures(self):
        other = self.new_company("Other Company")
        boss = self.manager("glance_both", company_ids=(self.company | other).ids)
        self.assertIs(self.ask(boss, company=other), False, "not graded there")
        self.order(self.gala, 70, self.last, company_id=other.id)
        self.env["grading.scheme"].create({**self.scheme_values(), "company_id": other.id})
        self.rescore(company=other)
        here, there = self.ask(boss), self.ask(boss, company=other)
        self.assertEqual((here["what"]["score"], there["what"]["score"]), ("50", "70"))
        self.assertEqual(sum(month["amount"] for month in here["amounts"]["months"]), 400)
        self.assertEqual(sum(month["amount"] for month in there["amounts"]["months"]), 70)

    def test_a_contact_about_no_document_is_told_where_its_author_works(self):
        other = self.new_company("Other Company")
        stranger = self.salesman("glance_stranger", company_id=other.id, company_ids=other.ids)
        for user in (self.colleague, stranger):
            gala = self.gala.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
            self.post(gala, partner_ids=self.gala.ids)
        boss = self.manager("glance_both", company_ids=(self.company | other).ids)
        self.env["grading.scheme"].create({**self.scheme_values(), "company_id": other.id})
        self.order(self.gala, 70, self.last, company_id=other.id)
        for company, author in ((self.company, self.colleague), (other, stranger)):
            self.rescore(company=company)
            [made] = self.ask(boss, company=company)["people"]["made"]
            self.assertEqual(made["text"], author.name)

    def test_a_company_that_the_user_is_not_in_is_refused(self):
        other = self.new_company("Closed Company")
        self.assertEqual(self.ask(self.colleague, company=other), "AccessError")

    def test_leads_and_answers_of_others_are_no_links(self):
        self.gala.user_id = self.seller
        self.lead("Mine", partner_id=self.gala.id, user_id=self.seller.id)
        self.lead("Of a colleague", partner_id=self.gala.id, user_id=self.colleague.id)
        [kind] = self.ask(self.seller)["links"]
        self.assertEqual([row["name"] for row in kind["rows"]], ["Mine"])
        self.assertEqual(kind["count"], 1)

    def test_a_lead_that_is_hidden_is_refused(self):
        self.lead_scheme()
        lead = self.lead("Of a colleague", user_id=self.colleague.id, willingness="3")
        self.rescore()
        self.assertEqual(self.ask(self.seller, lead), "AccessError")
        self.assertTrue(self.ask(self.colleague, lead)["why"])

    def test_a_prospect_graded_through_a_hidden_lead_tells_no_figures(self):
        self.lead_scheme()
        prospect = self.customer("Prospect")
        self.lead("Ready to sign", partner_id=prospect.id, user_id=self.colleague.id, willingness="5")
        self.rescore()
        glance = self.ask(self.seller, prospect)
        self.assertEqual(glance.keys(), {"what"})
        self.assertNotIn("Ready to sign", json.dumps(glance))
        self.assertIn("Ready to sign", json.dumps(self.ask(self.colleague, prospect)))

    def test_records_that_are_none_are_answered_with_a_sentence(self):
        gone = self.customer("Gone")
        gone.unlink()
        self.env.flush_all()
        self.assertEqual(self.ask(self.seller, gone), "MissingError")
        self.assertEqual(self.ask(self.seller, self.gala.browse()), "UserError")

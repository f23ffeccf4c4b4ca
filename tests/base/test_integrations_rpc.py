import functools
import xmlrpc.client
from datetime import timedelta
from unittest.mock import patch

import requests

from odoo import fields
from odoo.tests import HttpCase, get_db_name, tagged
from odoo.tests.common import Transport

from .integrations_case import IntegrationsCase


@tagged("post_install", "-at_install")
class TestIntegrations(IntegrationsCase, HttpCase):
    """What ``docs/integrations.md`` shows is true: its code is carried out."""

    def test_the_price_list_follows_the_tag(self):
        [code] = self.examples("A price list by tag")
        pricelist = self.env["product.pricelist"].create({"name": "Key accounts", "company_id": self.company.id})
        tag = self.env["res.partner.category"].create({"name": "Key account"})
        rule = self.env["grading.tag.rule"].create(
            {"name": "Key accounts", "category_id": tag.id, "domain": "[('score', '>=', 50)]"}
        )
        job = self.env["ir.cron"].create(
            {
                "name": "Price lists",
                "model_id": self.env["ir.model"]._get("res.partner").id,
                "state": "code",
                "code": code,
                "interval_type": "days",
            }
        )
        for domain, expected in ((rule.domain, self.ada), ("[('score', '<', 50)]", self.bob)):
            rule.domain = domain
            self.rescore()
            job.ir_actions_server_id.with_context(active_model="res.partner").run()
            self.env.invalidate_all()
            having = self.env["res.partner"].search([("specific_property_product_pricelist", "=", pricelist.id)])
            with self.subTest(domain=domain):
                self.assertEqual(having, expected)
                self.assertEqual(expected.property_product_pricelist, pricelist)

    def test_leads_are_assigned_by_their_grade(self):
        [domain] = self.examples("Assignment of leads by grade")
        self.env["ir.config_parameter"].set_param("crm.lead.auto.assignment", True)
        self.lead_scheme([self.linear("expected_revenue", 1)], [(self.gold, 100), (self.silver, 10), (self.bronze, 0)])
        seller, junior = self.salesman("senior"), self.salesman("junior")
        Member = self.env["crm.team.member"].with_context(crm_team_membership_multi=True)
        quota = {"crm_team_id": self.team.id, "assignment_max": 300}
        Member.create({**quota, "user_id": seller.id, "assignment_domain": domain.strip()})
        Member.create(
            {**quota, "user_id": junior.id, "assignment_domain": "[('grading_grade_id.name', '=', 'Bronze')]"}
        )
        leads = [self.lead(f"Lead {amount}", expected_revenue=amount) for amount in (500, 50, 5)]
        self.rescore()
        leads = self.env["crm.lead"].concat(*leads)
        with patch("odoo.modules.module.current_test", self):  # else it commits what it has assigned
            self.team._assign_and_convert_leads(force_quota=True)
        self.assertEqual(leads.mapped("grading_grade_id"), self.gold + self.silver + self.bronze)
        self.assertEqual([lead.user_id for lead in leads], [seller, seller, junior])

    def test_exported_grades_are_imported_again(self):
        [block] = self.examples("Export and import")
        columns = block.split()
        boss = self.manager()
        boss.group_ids += self.env.ref("base.group_allow_export")
        rows = (self.ada | self.bob).with_user(boss).export_data(columns)["datas"]
        self.assertEqual([row[1:] for row in rows], [["Ada", "Silver"], ["Bob", "Bronze"]])
        rows[1][2] = "Gold"
        Partner = self.env["res.partner"].with_user(boss).with_context(import_file=True)
        self.assertFalse(Partner.load(columns, rows)["messages"])
        self.assertEqual(self.bob.grading_grade_id, self.gold)
        self.assertEqual(self.profile(self.bob).manual_user_id, boss)
        self.assertFalse(self.profile(self.ada).manual_grade_id, "an unchanged row changes nothing")

    def key(self, user):
        """A key of the API that the user has made."""
        days = fields.Datetime.now() + timedelta(days=1)
        return self.env["res.users.apikeys"].with_user(user)._generate("rpc", "Integration", days)

    def carry_out(self, title, **names):
        """The example's names, after its code has run."""
        [code] = self.examples(title)
        names = {"url": self.base_url(), "database": get_db_name(), **names}
        proxy = functools.partial(xmlrpc.client.ServerProxy, transport=Transport(self))
        with patch.object(requests, "post", self.opener.post), patch.object(xmlrpc.client, "ServerProxy", proxy):
            exec(compile(code, title, "exec"), names)
        self.env.invalidate_all()
        return names

    def test_json_2_answers(self):
        seller = self.salesman()
        names = self.carry_out("JSON-2", key=self.key(seller))
        found = {customer["name"]: customer for customer in names["customers"]}
        self.assertEqual(found["Ada"]["grading_score"], 50)
        self.assertEqual(found["Ada"]["grading_grade_id"], [self.silver.id, self.silver.display_name])
        self.assertNotIn("Bob", found)
        names = self.carry_out("JSON-2", key=self.key(self.internal()))
        self.assertEqual(names["answer"].status_code, 403, "no role, no grades")

    def test_xml_rpc_answers(self):
        seller = self.salesman()
        self.env["grading.grade"].search([("name", "=", "Gold"), ("id", "!=", self.gold.id)]).name = "Other"
        self.carry_out("XML-RPC", login=seller.login, key=self.key(seller))
        profile = self.profile(self.ada)
        self.assertEqual((profile.grade_id, profile.manual_reason), (self.gold, "From the old CRM"))
        self.assertEqual(profile.manual_user_id, seller)

import json
from datetime import timedelta

from odoo.tests import HttpCase
from odoo.tools import mute_logger

from ..common import GradingCase

OWN, UNASSIGNED, ANOTHERS = "own", "unassigned", "of a colleague"
# The roles: their group, and whose figures they see, by who the salesperson of the customer is.
ROLES = {
    "own documents": ("sales_team.group_sale_salesman", {OWN, UNASSIGNED}),
    "all documents": ("sales_team.group_sale_salesman_all_leads", {OWN, UNASSIGNED, ANOTHERS}),
    "grading manager": ("customer_grading.customer_grading_group_manager", {OWN, UNASSIGNED, ANOTHERS}),
    "grading user without sales": ("customer_grading.customer_grading_group_user", set()),
}
# No two sets of customers have the same sum: it tells which of them are in it.
AMOUNTS = {OWN: 100, UNASSIGNED: 200, ANOTHERS: 400}


class FiguresAccessCase(GradingCase, HttpCase):
    """Three customers with figures: of the user who asks, of no salesperson, and of a colleague.

    Over the wire, as a browser or a script asks.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.colleague = cls.salesman("figures_colleague")
        cls.users = {role: cls.user(f"figures_{group}", group) for role, (group, _seen) in ROLES.items()}
        for user in cls.users.values():
            user.group_ids += cls.env.ref("base.group_allow_export")
        cls.rules = cls.scheme(criteria=[cls.linear("order_amount"), cls.linear("satisfaction", points_max=0)])
        cls.env["grading.lifecycle"].create({"name": "Customer", "domain": "[('order_count', '>', 0)]"})
        segment = cls.env["grading.grade"].create({"name": "Buyer", "is_segment": True})
        cls.scheme([cls.linear("order_amount")], [(segment, 0)], name="Beside", is_secondary=True)
        cls.customers = {}
        for name, amount in AMOUNTS.items():
            cls.customers[name] = cls.customer(
                name, user_id=cls.colleague.id if name == ANOTHERS else False, annual_budget=10 * amount
            )
            cls.order(cls.customers[name], amount, cls.today - timedelta(days=9))
            cls.order(cls.customers[name], 0.5, cls.today - timedelta(days=5))
            cls.env["grading.assessment"].create(
                {
                    "partner_id": cls.customers[name].id,
                    "satisfaction": 8,
                    "note": f"Secret of {name}",
                    "user_id": cls.colleague.id,
                }
            )
            cls.env["grading.complaint"].create(
                {"partner_id": cls.customers[name].id, "note": f"Complaint of {name}", "user_id": cls.colleague.id}
            )
        cls.rescore()
        cls.env["grading.snapshot"]._take(cls.today - timedelta(days=cls.today.day))
        for name, customer in cls.customers.items():
            customer.with_context(grading_reason=f"Reason of {name}").grading_grade_id = cls.silver
        play = cls.env["grading.play"].create({"name": "Play", "company_id": cls.company.id, "tells_manager": True})
        for customer in cls.customers.values():
            cls.force(play._start_for(customer), amount_after=7, satisfaction_then=8, user_id=None)
        cls.all = cls.env["res.partner"].union(*cls.customers.values())

    def call(self, model, method, *args, **kwargs):
        """What a client gets: the result, or the name of the error."""
        body = {
            "params": {
                "model": model,
                "method": method,
                "args": args,
                "kwargs": {"context": {"allowed_company_ids": self.company.ids}, **kwargs},
            }
        }
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access"):
            answer = self.url_open(
                f"/web/dataset/call_kw/{model}/{method}", json.dumps(body), headers={"Content-Type": "application/json"}
            ).json()
        return answer["result"] if "error" not in answer else answer["error"]["data"]["name"].rpartition(".")[2]

    def roles(self):
        for role, (_group, seen) in ROLES.items():
            user = self.users[role]
            self.customers[OWN].user_id = user
            self.env.flush_all()
            self.authenticate(user.login, user.login)
            yield role, seen

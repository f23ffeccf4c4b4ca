from odoo.tests import tagged

from ...models.base.fields import RelatedToProfile
from ..common import GradingCase


@tagged("post_install", "-at_install")
class TestRelatedToProfile(GradingCase):
    """Numbers that stand on the profile: of a contact without one nothing is known."""

    def test_no_comparison_finds_who_has_no_profile(self):
        stranger = self.customer("Stranger")
        lead = self.env["crm.lead"].create({"name": "Strange", "partner_id": stranger.id})
        self.assertFalse(stranger.grading_profile_id)
        order = self.env["sale.order"].create({"partner_id": stranger.id})
        checked = 0
        for record in (stranger, lead, order):
            for name, field in record._fields.items():
                if not isinstance(field, RelatedToProfile):
                    continue
                for operator in ("<", "<=", ">", ">="):
                    for number in (-1, 0, 1):
                        with self.subTest(field=f"{record._name}.{name}", operator=operator, number=number):
                            domain = [("id", "=", record.id), (name, operator, number)]
                            self.assertFalse(record.search(domain))
                            checked += 1
        self.assertGreater(checked, 100)

    def test_comparisons_find_who_has_one(self):
        buyer = self.customer("Buyer")
        self.order(buyer, 50, self.company._grading_today())
        self.scheme()
        self.rescore()
        ours = [("id", "=", buyer.id)]
        for name, number in (("grading_score", 50), ("grading_order_count", 1), ("grading_order_amount_12m", 50)):
            for operator, offset, found in ((">", -1, True), (">", 0, False), (">=", 0, True), ("<", 1, True)):
                with self.subTest(field=name, operator=operator, offset=offset):
                    domain = [*ours, (name, operator, number + offset)]
                    self.assertEqual(bool(buyer.search(domain)), found)

    def test_every_number_behind_the_profile_is_of_this_kind(self):
        for model in ("res.partner", "crm.lead", "sale.order"):
            for name, field in self.env[model]._fields.items():
                behind = field.related and field.related_field.model_name == "grading.profile"
                if behind and field.type in ("float", "integer", "monetary"):
                    with self.subTest(field=f"{model}.{name}"):
                        self.assertTrue(isinstance(field, RelatedToProfile) or field.falsy_value is None)

    def test_an_unknown_field_is_refused_as_odoo_refuses_it(self):
        for model in ("res.partner", "crm.lead"):
            for name in ("no_such_field", "grading_no_such_field"):
                with self.subTest(model=model, field=name), self.assertRaises(ValueError):
                    self.env[model]._read_group([], [name])

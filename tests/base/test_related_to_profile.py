from odoo.tests import tagged
from odoo.tools.query import Query

from ...models.base.fields import RelatedToProfile
from ..common import GradingCase


@tagged("post_install", "-at_install")
class TestRelatedToProfile(GradingCase):
    """Numbers that stand on the profile: of a contact without one nothing is known."""

    def test_sql_of_the_link_joins_the_profile_once(self):
        for model, alias, condition in (
            (
                "res.partner",
                "res_partner",
                '"{0}"."partner_id" = "res_partner"."commercial_partner_id" AND "{0}"."company_id" = {1}',
            ),
            ("crm.lead", "crm_lead", '"{0}"."lead_id" = "crm_lead"."id"'),
        ):
            query = Query(self.env, alias)
            link = f"{alias}__grading_profile_id"
            for _time in range(2):
                column = self.env[model]._field_to_sql(alias, "grading_profile_id", query)
                self.assertEqual(self.text_of(column), f'"{link}"."id"')
            self.assertEqual(
                self.text_of(query.from_clause),
                f'"{alias}" LEFT JOIN "grading_profile" AS "{link}" ON ({condition.format(link, self.company.id)})',
            )

    def test_sql_of_an_order_by_a_figure_has_the_unknown_ones_last(self):
        for model, name, column in (
            ("res.partner", "grading_score", '"res_partner__grading_profile_id"."score"'),
            ("crm.lead", "grading_score", '"crm_lead__grading_profile_id"."score"'),
            ("grading.profile", "last_order_date", '"grading_profile"."last_order_date"'),
        ):
            for direction, expected in (("DESC", f"{column} DESC NULLS LAST"), ("ASC", f"{column} ASC")):
                with self.subTest(model=model, direction=direction):
                    query = self.env[model]._search([], order=f"{name} {direction}")
                    self.assertEqual(self.text_of(query.order), expected)

    def test_no_comparison_finds_a_record_without_a_profile(self):
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

    def test_comparisons_find_a_contact_with_a_profile(self):
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

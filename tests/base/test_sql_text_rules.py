from datetime import date

from odoo.tests import tagged
from odoo.tools import SQL
from odoo.tools.query import Query

from ...models.purchase.grading_purchase_prediction import _share_to_sql, _silence_to_sql
from ..common import LeadCase

DAY = date(2026, 1, 31)


@tagged("post_install", "-at_install")
class TestSqlTextOfRules(LeadCase):
    """What rules, measures and models are compiled to, as the database gets it."""

    def assert_text(self, sql, text):
        self.assertEqual(self.text_of(sql), text)

    # ------------------------------------------------------------
    # Measures
    # ------------------------------------------------------------

    def test_full_months_of_days(self):
        self.assert_text(self.env["grading.measure"]._months_to_sql(SQL("days")), "((days) * 12 / 365)")

    def test_the_value_of_a_measure(self):
        Measure = self.env["grading.measure"]
        since = """(DATE '2026-01-31'::date - "grading_profile"."last_order_date")"""
        for name, unit, text in (
            ("order_count", "days", '"grading_profile"."order_count"'),
            ("last_order_date", "days", since),
            ("last_order_date", "months", f"(({since[1:-1]}) * 12 / 365)"),
            ("average_days_late", "days", self.text_of(Measure._days_late_to_sql(DAY))),
        ):
            with self.subTest(measure=name, unit=unit):
                self.assert_text(Measure._value_to_sql(name, DAY, unit), text)

    def test_the_value_of_a_sum_that_decays(self):
        column = '"grading_profile"."faded_order_log"'
        Measure = self.env["grading.measure"]
        decay = self.text_of(Measure._decay_log(SQL("DATE %s", DAY)))
        self.assert_text(
            Measure._value_to_sql("faded_order_amount", DAY),
            f"CASE WHEN {column} IS NOT NULL THEN EXP(GREATEST( -700, LEAST(700, {column} - {decay}))) END",
        )

    def test_what_customers_are_ranked_by(self):
        rank = self.env["grading.measure"]._rank_to_sql
        self.assert_text(rank("order_amount", "high"), '("grading_profile"."order_amount")::float8')
        self.assert_text(rank("order_amount", "low"), '(-"grading_profile"."order_amount")::float8')
        self.assert_text(
            rank("last_order_date", "high"),
            """(("grading_profile"."last_order_date" - DATE '2020-01-01'))::float8""",
        )

    # ------------------------------------------------------------
    # Criteria, schemes, stages
    # ------------------------------------------------------------

    def test_the_rank_of_a_value(self):
        rank = self.env["grading.criterion"]._rank_of_to_sql
        self.assert_text(rank(SQL("value"), []), "0.5")
        self.assert_text(
            rank(SQL("value"), [(10, 0.0), (20, 0.5)]),
            "COALESCE((ARRAY[0.0,0.5]::float8[])[WIDTH_BUCKET(value, ARRAY[10,20]::float8[])], 0)",
        )

    def test_the_ranks_of_all_values(self):
        self.assert_text(
            self.env["grading.ruler"]._ranks_to_sql(SQL("amount"), SQL("staged"), SQL("TRUE")),
            "SELECT value, customers,"
            " COALESCE((SUM(customers) OVER (ORDER BY value) - customers + (customers - 1) / 2.0)"
            " / NULLIF(SUM(customers) OVER () - 1, 0), 0.5) AS rank"
            " FROM ( SELECT amount AS value, COUNT(*) AS customers"
            " FROM staged AS grading_profile WHERE TRUE GROUP BY 1 ) AS counted",
        )

    def test_where_customers_stand_on_the_scale_of_thresholds(self):
        for mode, place in (("score", "value"), ("rank", "100 * rank")):
            scheme = self.scheme([self.linear("order_count")], [(self.gold, 50)], threshold_mode=mode)
            scores = (
                f"SELECT score FROM grading_profile WHERE scheme_id = {scheme.id}"
                f' AND company_id = {self.company.id} AND "partner_id" IS NOT NULL'
            )
            self.assert_text(scheme._scores_to_sql(), scores)
            text = self.text_of(scheme._places_to_sql())
            self.assertTrue(text.startswith(f"SELECT {place} AS place, customers FROM ( SELECT value,"), text)
            self.assertIn(f"FROM ({scores}) AS grading_profile WHERE grading_profile.score IS NOT NULL", text)

    def test_the_scheme_of_a_customer(self):
        service = self.scheme(criteria=[self.linear("order_count")], domain="[('order_count', '>', 3)]")
        leads = self.scheme(criteria=[self.linear("order_count")], domain="[]", name="Leads")
        query = Query(self.env, "grading_profile")
        self.assert_text(
            self.env["grading.scheme"]._scheme_to_sql(service, leads, query, DAY),
            f'CASE WHEN "grading_profile"."order_count" > 3 THEN {service.id}'
            " WHEN COALESCE(grading_profile.order_count, 0) = 0"
            " AND (grading_profile.best_lead_id IS NOT NULL OR grading_profile.willingness IS NOT NULL)"
            f" AND (TRUE) THEN {leads.id} ELSE NULL::int END",
        )

    def test_the_segment_of_a_customer(self):
        scheme = self.scheme(criteria=[self.linear("order_count")])
        query = Query(self.env, "grading_profile")
        self.assert_text(
            scheme._segment_to_sql(SQL("score"), query, DAY, {}), self.text_of(scheme._grade_to_sql(SQL("score"), {}))
        )

    def test_the_stage_of_a_customer(self):
        Stage = self.env["grading.lifecycle"]
        new, lost = Stage.create(
            [
                {"name": "New", "domain": "[('order_count', '=', 1)]"},
                {"name": "Lost", "domain": "[('order_count', '>', 9)]"},
            ]
        )
        self.assert_text(
            Stage._to_sql(new + lost, Query(self.env, "grading_profile"), DAY),
            f'CASE WHEN "grading_profile"."order_count" IN (1) THEN {new.id}'
            f' WHEN "grading_profile"."order_count" > 9 THEN {lost.id} ELSE NULL::int END',
        )

    # ------------------------------------------------------------
    # Models
    # ------------------------------------------------------------

    def test_the_probability_of_log_odds(self):
        self.assert_text(_share_to_sql(SQL("odds")), "(1 / (1 + EXP(GREATEST( -600, LEAST(600, -odds)))))")

    def test_the_silence_of_a_customer(self):
        self.assert_text(_silence_to_sql(SQL("shape"), SQL("scale"), SQL("days")), "LN(1 + days * shape / scale)")

    def test_the_pieces_of_the_forecast(self):
        forecast = self.env["grading.forecast"].new(
            {
                "recent_weight": 0.5,
                "average_weight": 0.25,
                "orders_weight": 0.125,
                "silence_weight": -1,
                "limits": [[0, 9], [1, 2], [0, 6]],
                "knots": [[0, 1, 0.5], [2, 5, 0.25]],
            }
        )
        self.assert_text(
            forecast._term_to_sql(1, SQL("spent")),
            "0.25::float8 * CASE WHEN spent < 0::float8 THEN 0::float8"
            " WHEN spent > 9::float8 THEN 9::float8 ELSE spent END",
        )
        line = "((ARRAY[1.0,1.0,3.0]::float8[])[place] + (ARRAY[1.0,2.0,1.0]::float8[])[place] * index)"
        self.assert_text(
            forecast._line_to_sql([(0, 1), (2, 5)], 1.0, SQL("index"), SQL("place")),
            line,
        )
        self.assert_text(
            forecast._bent_to_sql(2, SQL("index"), SQL("place")),
            "((ARRAY[0.5,0.5,0.25]::float8[])[place] + (ARRAY[0.0, -0.125,0.0]::float8[])[place] * index)",
        )

    # ------------------------------------------------------------
    # Contacts
    # ------------------------------------------------------------

    def test_the_first_contact_of_a_user_with_a_customer(self):
        self.assert_text(
            self.env["grading.care"]._line_to_sql("care"),
            'NOT EXISTS (SELECT FROM grading_care AS other WHERE other.profile_id = "care"."profile_id"'
            ' AND other.user_id IS NOT DISTINCT FROM "care"."user_id"'
            ' AND (other.next_date, other.id) < ("care"."next_date", "care"."id"))',
        )

    def test_failed_notifications_are_those_of_the_message_whatever_its_recipient_got(self):
        """Odoo's index on recipients holds each notification that a colleague ever got: with the recipient among the
        conditions it was read as a whole for each message. Tables of a few rows do not show that in their plans."""
        text = self.text_of(self.env["grading.contact.source"]._recipients(SQL("message")))
        self.assertTrue(
            text.endswith(
                "WHERE sent.mail_message_id = message.id"
                " AND (SELECT BOOL_OR(failed.res_partner_id = sent.res_partner_id) FROM mail_notification AS failed"
                " WHERE failed.mail_message_id = sent.mail_message_id"
                " AND failed.notification_status = ANY(ARRAY['bounce','exception','canceled'])) IS NOT TRUE"
            ),
            text,
        )

    # ------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------

    def test_figures_that_all_of_the_company_may_see_have_no_condition(self):
        self.assertFalse(self.env["grading.profile"].sudo()._visible_figures_to_sql("profile"))
        self.assert_text(self.env["grading.movement"].sudo(False)._visible_to_sql("snapshot", DAY), "TRUE")

    def test_what_is_expected_of_a_customer_on_an_analysis_in_one_currency(self):
        Report = self.env["sale.report"]
        query = Query(self.env, "sale_report", Report._table_sql)
        self.assert_text(
            Report._grading_expected_to_sql("sale_report", query),
            '"sale_report__grading_partner_profile_id"."expected_amount"',
        )

    def test_no_margin_without_the_app(self):
        self.assert_text(self.env["grading.revenue.report"]._margin_to_sql(self.company), "NULL::numeric")

    def test_what_is_expected_of_a_prospect_is_the_sum_of_open_leads(self):
        query = Query(self.env, "res_partner")
        amount = self.text_of(self.env["res.partner"]._grading_expected_to_sql("res_partner", query))
        self.assertEqual(amount, '"res_partner__grading_expected"."amount"')
        joined = self.text_of(query.from_clause)
        self.assertIn('AS partner_id, SUM(crm_lead.expected_revenue)::numeric AS amount FROM "crm_lead"', joined)
        self.assertIn('GROUP BY 1) AS "res_partner__grading_expected" ON', joined)

    def test_a_field_of_a_lead_as_it_was_after_a_day(self):
        data = self.env["grading.suggestion"]
        self.assert_text(data._first_value_to_sql("function"), '"lead"."function"::text')
        field = self.env["ir.model.fields"]._get("crm.lead", "user_id")
        text = self.text_of(data._first_value_to_sql("user_id"))
        self.assertIn('SELECT JSONB_BUILD_ARRAY(change."old_value_integer")', text)
        self.assertIn(f"change.field_id = {field.id} AND message.date >= lead.create_date + INTERVAL '1 day'", text)

    # ------------------------------------------------------------
    # Documents, plays, months
    # ------------------------------------------------------------

    def test_a_document_without_a_rate_when_it_was_made(self):
        rate = self.env["res.currency.rate"].new({"currency_id": self.env.ref("base.EUR").id})
        order = self.env["sale.order"]
        text = self.text_of(
            rate._grading_unrated_to_sql("currency_rate", "date_order", order, "sale_order", Query(self.env, "x"))
        )
        self.assertTrue(
            text.startswith(
                'EXISTS (SELECT FROM res_company AS company WHERE company.id = "sale_order"."company_id" AND CASE WHEN'
                f' {rate.currency_id.id} <> "company"."currency_id" THEN "sale_order"."currency_rate" = 1 OR'
            ),
            text,
        )
        self.assertIn("""rate.company_id = SPLIT_PART("company"."parent_path", '/', 1)::int""", text)

    def test_the_amount_of_a_weighted_sum_is_a_line_of_pieces(self):
        forecast = self.env["grading.forecast"].new({"knots": [[1.0, 2.0, 0.5, 1.5], [2.0, 4.0, 0.5, 1.5]]})
        line = "((ARRAY[1.0,0.0,2.0]::float8[])[place] + (ARRAY[1.0,2.0,1.0]::float8[])[place] * sum)"
        self.assert_text(
            forecast._amount_to_sql(SQL("sum"), SQL("place")),
            f"EXP(CASE WHEN {line} > 35.0 THEN 35.0 ELSE {line} END)",
        )

    def test_what_a_snapshot_keeps(self):
        values = self.env["grading.snapshot"]._values_to_sql("profile", DAY)
        self.assert_text(values["date"], "DATE '2026-01-31'::date")
        self.assert_text(values["order_amount_12m"], '"profile"."order_amount_12m"')
        self.assert_text(
            values["scheme_version"],
            '(SELECT scheme.version FROM grading_scheme AS scheme WHERE scheme.id = "profile"."scheme_id")',
        )
        self.assertRegex(
            self.text_of(values["expected_days"]),
            r'^CASE WHEN "profile"\."expected_amount" IS NOT NULL THEN (NULL|\d+) END$',
        )

    def test_the_scores_of_a_scheme_and_of_a_draft(self):
        scheme = self.scheme(name="Text")
        text = "SELECT score FROM grading_profile WHERE scheme_id = {} AND company_id = {} AND"
        text = text.format(scheme.id, self.company.id) + ' "partner_id" IS NOT NULL'
        self.assert_text(scheme._scores_to_sql(), text)
        draft = self.env["grading.scheme"].browse(scheme.action_edit_as_draft()["res_id"])
        self.assert_text(draft._scores_to_sql(), text)

    def test_the_cases_of_plays_that_may_be_contacted(self):
        text = self.text_of(self.env["grading.play.case"]._allowed_to_sql("call"))
        may = self.text_of(self.env["grading.care"]._may_be_contacted(SQL("%s", "call")))
        self.assertTrue(text.endswith(f"WHERE play_case.id = ANY('{{}}') AND {may}"), text)
        self.assertIn('ON person.id = COALESCE("play_case"."partner_id", lead.partner_id) LEFT JOIN', text)

    def test_the_companies_that_a_role_of_the_database_reads(self):
        text = self.text_of(self.env["grading.bi.view"]._visible_to_sql())
        self.assertTrue(text.startswith("row.company_id IN ( SELECT shown.id FROM grading_bi_reader AS reader JOIN"))
        self.assertIn("role.rolname = reader.name AND pg_has_role(role.oid, 'USAGE')", text)
        self.assertTrue(
            text.endswith(
                "pg_has_role((SELECT relowner FROM pg_class WHERE oid = 'grading_profile'::regclass), 'USAGE') )"
            )
        )

    def test_from_whom_a_suggestion_learns(self):
        values = {"company_id": self.company.id, "date_from": date(2025, 1, 1), "date_to": DAY}
        suggestion = self.env["grading.suggestion"].new({**values, "kind": "groups"})
        ours = f"grading_profile.company_id = {self.company.id} AND grading_profile.order_count > 0"
        self.assert_text(suggestion._customers_to_sql(), ours)
        grade, other = self.env["grading.grade"].search([], limit=2)
        separate = self.env["grading.suggestion"].new(
            {**values, "kind": "separate", "grade_id": grade.id, "other_grade_id": other.id}
        )
        self.assertTrue(self.text_of(separate._customers_to_sql()).startswith(f"{ours} AND grading_profile.grade_id ="))
        text = self.text_of(suggestion._ended_to_sql())
        self.assertTrue(
            text.endswith(
                "lead.won_status IN ('won', 'lost') AND lead.create_date >= '2025-01-01'::date"
                " AND lead.create_date < '2026-01-31'::date::date + 1"
            ),
            text,
        )

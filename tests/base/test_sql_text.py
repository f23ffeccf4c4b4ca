from datetime import date

from odoo.tests import tagged
from odoo.tools import SQL

from ...models.measure.grading_measure_lead import _readiness_to_sql
from ..common import LeadCase

DAY = date(2026, 1, 31)


@tagged("post_install", "-at_install")
class TestSqlText(LeadCase):
    """Small pieces of SQL as the database gets them; those of a whole step are tested by what they find."""

    def assert_text(self, sql, text):
        self.assertEqual(self.text_of(sql), text)

    def test_the_day_from_which_a_measure_is_looked_at(self):
        Measure = self.env["grading.measure"]
        self.assert_text(Measure._day_to_sql("order_count", DAY), "DATE '2026-01-31'::date")
        self.assert_text(
            Measure._day_to_sql("stage_progress", DAY),
            """LEAST(DATE '2026-01-31'::date, "grading_profile"."closed_date")""",
        )

    def test_a_choice_as_a_number(self):
        Measure, names = self.env["grading.measure"], self.env["grading.profile"]._fields
        self.assert_text(Measure._choice_to_sql(names["willingness"], SQL("chosen")), "chosen::int")
        self.assert_text(
            Measure._choice_to_sql(names["trend"], SQL("chosen")),
            f"(ARRAY_POSITION(ARRAY{names['trend'].get_values(self.env)}::varchar[], chosen) - 1)".replace(", '", ",'"),
        )

    def test_how_late_invoices_are_paid(self):
        self.assert_text(
            self.env["grading.measure"]._days_late_to_sql(DAY, "own"),
            """(("own"."late_days" + "own"."overdue_invoice_count" * (DATE '2026-01-31'::date - DATE '2020-01-01'))"""
            """ / NULLIF("own"."due_invoice_count", 0))""",
        )

    def test_how_many_categories_like_customers_buy(self):
        breadth = self.env["grading.measure"]._breadth_to_sql
        self.assert_text(breadth([]), "NULL::int")
        self.assert_text(
            breadth([(0.0, 1), (100.0, 3)]),
            "(ARRAY[1,3]::int[])[GREATEST(1, WIDTH_BUCKET(grading_profile.order_amount_12m::float8,"
            " ARRAY[0.0,100.0]::float8[]))]",
        )

    def test_how_ready_to_buy_a_lead_is(self):
        self.assert_text(
            _readiness_to_sql(SQL("said"), SQL("predicted")),
            "COALESCE(25.0 * (said::int - 1), NULLIF(predicted::float8, 0))",
        )

    def test_no_tickets_without_the_point_of_sale(self):
        Measure = self.env["grading.measure"]
        self.assert_text(Measure._has_tickets_to_sql(SQL("= 1")), "FALSE")
        self.assert_text(Measure._first_ticket_to_sql(), "NULL::timestamp")

    def test_points_of_a_measured_value(self):
        linear = self.env["grading.criterion"].new({"kind": "linear", "points_base": 10, "points_per_unit": -0.5})
        self.assert_text(
            linear._raw_points_to_sql(SQL("value"), {}), "10.0::numeric + -0.5::numeric * (value)::numeric"
        )

    def test_what_a_case_of_a_play_comes_from(self):
        source = self.env["grading.play"]._source_to_sql
        no, event = "NULL::int", "event.source_id"
        referred = "(SELECT source.partner_id FROM grading_profile AS source WHERE source.id = event.source_id)"
        for trigger, *columns in (
            ("grade_up", no, no, no),
            ("complaint_late", event, no, no),
            ("invoice_overdue", no, event, no),
            ("referral_ordered", no, no, referred),
        ):
            with self.subTest(trigger=trigger):
                self.assert_text(
                    source(trigger), '%s AS "complaint_id", %s AS "invoice_id", %s AS "referred_id"' % tuple(columns)
                )

    def test_whose_changes_start_plays_where_nothing_was_imported(self):
        self.env["grading.queue"]._waiting([]).unlink()
        self.assert_text(self.env["grading.queue"]._is_aloud_to_sql(), "TRUE")

    def test_what_a_preview_takes_for_an_event(self):
        play = self.env["grading.play"].new({"trigger": "grade_down"})
        falls = "grading_profile.old_grade_id <> grading_profile.grade_id AND grading_profile.trend = 'down'"
        self.assert_text(play._previewed_to_sql(), falls)
        play.grade_id = self.gold
        self.assert_text(play._previewed_to_sql(), f"{falls} AND grading_profile.grade_id = {self.gold.id}")

    def test_which_contacts_one_contact_answers(self):
        for visits_count, together in (
            (True, "0"),
            (False, "ARRAY_POSITION(ARRAY['online','call','visit'], cadence.channel::text)"),
        ):
            self.company.grading_visit_counts = visits_count
            self.assert_text(
                self.env["grading.care"]._together_to_sql(),
                f"CASE WHEN kind.grading_channel = cadence.channel THEN {together} ELSE -care.id END",
            )

    def test_where_a_contact_counts(self):
        own = self.company.id
        self.assert_text(
            self.env["grading.contact.source"]._counts_in(self.company),
            f"(COALESCE(contact.company_id, {own}) = {own} AND"
            " (contact.company_id IS NOT NULL OR contact.user_id IS NULL OR EXISTS"
            " (SELECT FROM res_company_users_rel AS works"
            f" WHERE works.user_id = contact.user_id AND works.cid = {own})))",
        )

from odoo.tests import freeze_time, tagged

from .care_case import DAY, CareCase


@tagged("post_install", "-at_install")
class TestCadencesKept(CareCase):
    """What part of the contacts that were due was made in time, late or not at all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.salesman("other")
        cls.anna = cls.known()
        states = ((cls.seller, "kept"), (cls.seller, "kept"), (cls.seller, "late"), (cls.seller, "missed"))
        cls.lines = cls.env["grading.care.log"].create(
            [
                {
                    "profile_id": cls.profile(cls.anna).id,
                    "partner_id": cls.anna.id,
                    "company_id": cls.company.id,
                    "cadence_id": cls.weekly.id,
                    "channel": "online",
                    "user_id": user.id,
                    "grade_id": cls.gold.id,
                    "due_date": cls.after(number),
                    "state": state,
                }
                for number, (user, state) in enumerate((*states, (cls.other, "missed")))
            ]
        )

    def rates(self, groupby):
        rates = ("kept_rate:avg", "late_rate:avg", "missed_rate:avg")
        groups = self.env["grading.care.log"]._read_group([("id", "in", self.lines.ids)], [groupby], rates)
        return {group: values for group, *values in groups}

    def test_a_salesperson_has_kept_a_part_of_what_was_due(self):
        self.assertEqual(self.rates("user_id"), {self.seller: [50, 25, 25], self.other: [0, 0, 100]})

    def test_all_users_together_are_counted_by_grade_cadence_and_month(self):
        self.assertEqual(self.rates("grade_id"), {self.gold: [40, 20, 40]})
        self.assertEqual(self.rates("cadence_id"), {self.weekly: [40, 20, 40]})
        self.assertEqual(self.rates("due_date:month"), {DAY.replace(day=1): [40, 20, 40]})

    def test_one_line_is_wholly_what_became_of_it(self):
        self.assertEqual(self.lines.mapped("kept_rate"), [100, 100, 0, 0, 0])
        self.assertEqual(self.lines.mapped("missed_rate"), [0, 0, 0, 100, 100])

    def test_the_rates_can_be_chosen_as_measures(self):
        described = self.env["grading.care.log"].fields_get(["kept_rate", "late_rate", "missed_rate"], ["aggregator"])
        self.assertEqual(
            {name: field["aggregator"] for name, field in described.items()}, dict.fromkeys(described, "avg")
        )


@tagged("post_install", "-at_install")
class TestDueUntilToday(CareCase):
    """The report *Cadences Kept*: what was due until today, each on its own day, open ones included."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls.known("Anna", last=cls.after(-7))  # due today
        cls.bert = cls.known("Bert", last=cls.after(-9))  # covered since today: nothing was late before
        cls.early = cls.known("Early", last=cls.after(-2))  # due in five days
        cls.look_after()

    def rows(self, day=DAY, user=None):
        self.env.invalidate_all()
        with freeze_time(f"{day} 12:00:00"):
            user = user or self.env.user
            companies = {} if user == self.env.user else {"allowed_company_ids": user.company_ids.ids}
            Report = self.env["grading.care.report"].with_user(user).with_context(**companies)
            rows = Report.search([("company_id", "=", self.company.id)], order="due_date, id")
            return sorted((row.partner_id.name, row.due_date, row.state, row.done_date) for row in rows)

    def rates(self, day=DAY):
        with freeze_time(f"{day} 12:00:00"):
            domain = [("company_id", "=", self.company.id)]
            names = ["__count", "kept_rate:avg", "late_rate:avg", "missed_rate:avg", "open_rate:avg"]
            return self.env["grading.care.report"]._read_group(domain, [], names)[0]

    def test_what_is_due_is_open_until_something_becomes_of_it(self):
        self.assertEqual(self.rows(), [("Anna", DAY, "open", False), ("Bert", DAY, "open", False)])
        self.assertEqual(self.rates(), (2, 0, 0, 0, 100))

    def test_a_contact_made_early_counts_from_the_day_on_which_it_was_due(self):
        self.measure(self.early, last_online_date=DAY)
        self.look_after()
        self.assertEqual(self.log(self.early), [(self.after(5), "kept", DAY)])
        self.assertNotIn("Early", [row[0] for row in self.rows()])
        self.assertIn(("Early", self.after(5), "kept", DAY), self.rows(self.after(5)))

    def test_rates_are_shares_of_all_that_was_due(self):
        self.measure(self.anna, last_online_date=DAY)
        self.measure(self.early, last_online_date=DAY)
        self.look_after()
        self.assertEqual(self.rates(), (2, 50, 0, 0, 50), "in time: one of the two that were due until today")

    def test_each_missed_interval_is_one_and_the_last_one_is_open(self):
        day = self.after(15)
        self.look_after(day)
        anna = [row[1:3] for row in self.rows(day) if row[0] == "Anna"]
        self.assertEqual(anna, [(DAY, "missed"), (self.after(7), "missed"), (self.after(14), "open")])

    def test_it_is_seen_like_the_log(self):
        other = self.salesman("other")
        self.bert.user_id = other
        self.look_after()
        self.assertEqual([row[0] for row in self.rows(user=self.seller)], ["Anna"])
        self.assertEqual([row[0] for row in self.rows(user=other)], ["Bert"])
        self.assertEqual([row[0] for row in self.rows(user=self.manager())], ["Anna", "Bert"])
        foreign = self.new_company("Foreign")
        chief = self.manager("foreign_chief", company_id=foreign.id, company_ids=foreign.ids)
        self.assertFalse(self.rows(user=chief))

    def test_the_screen_shows_it(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_care_log_action")
        self.assertEqual(action["res_model"], "grading.care.report")
        for kind in ("pivot", "graph", "list", "search"):
            self.env["grading.care.report"].get_view(view_type=kind)
        with freeze_time(f"{DAY} 12:00:00"):
            groups = self.env["grading.care.report"].formatted_read_group(
                [("company_id", "=", self.company.id)], ["due_date:month", "state"], ["__count"]
            )
        self.assertEqual({group["state"]: group["__count"] for group in groups}, {"open": 2})

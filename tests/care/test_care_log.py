from odoo.tests import tagged

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

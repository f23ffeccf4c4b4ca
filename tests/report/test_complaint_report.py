from collections import defaultdict
from datetime import datetime, time, timedelta

from odoo.tests import tagged

from ..common import with_seeds
from .figures_case import FiguresCase, mean


@tagged("post_install", "-at_install")
class TestComplaintReport(FiguresCase):
    """How long it takes to answer and to settle complaints, held against what was written and done."""

    model = "grading.complaint.report"

    def complaint(self, customer, days, **vals):
        """A complaint that was opened so many days ago."""
        opened = self.today - timedelta(days=days)
        values = {"partner_id": customer.id, "date_open": opened, "company_id": self.company.id, "name": "Late"}
        return self.env["grading.complaint"].create({**values, **vals})

    def say(self, complaint, kind, days):
        """A message of a kind, so many days ago; whether it answers."""
        users, person = self.seller.partner_id, complaint.partner_id
        values = {"subtype_xmlid": "mail.mt_comment", "author_id": users.id}
        if kind == "answer":
            values["partner_ids"] = person.ids
        elif kind == "from_customer":
            values["author_id"] = person.id
        elif kind == "to_colleague":
            values["partner_ids"] = self.chief.partner_id.ids
        elif kind == "call":
            values["mail_activity_type_id"] = self.env.ref("mail.mail_activity_data_call").id
        message = self.post(complaint, **values)
        moment = datetime.combine(self.today - timedelta(days=days), time(12))
        self.force(message, date=moment)
        return kind in ("answer", "call")

    @with_seeds(3)
    def test_days_to_answer_and_to_close(self, rng):
        customer = self.customer("Ada", email="ada@example.com")
        expected, made = defaultdict(list), []
        for _number in range(12):
            opened = rng.randrange(5, 90)
            complaint = self.complaint(customer, opened, severity=rng.choice(["minor", "major", "serious"]))
            made.append(complaint.id)
            answers = []
            for _message in range(rng.randrange(4)):
                when = rng.randrange(opened + 1)
                kind = rng.choice(["answer", "note", "from_customer", "to_colleague", "call"])
                if self.say(complaint, kind, when):
                    answers.append(opened - when)
            closed = None
            if rng.random() < 0.6:
                closed = rng.randrange(opened + 1)
                complaint.write({"date_close": complaint.date_open + timedelta(days=closed), "outcome": "resolved"})
                answers.append(closed)
            allowed = {"minor": 14, "major": 7, "serious": 2}[complaint.severity]
            in_time = None if closed is None and allowed >= opened else 100 * (closed is not None and closed <= allowed)
            expected[(complaint.severity,)].append((min(answers, default=None), closed, in_time))
        measures = ["days_to_answer:avg", "days_to_close:avg", "in_time_rate:avg"]
        got = self.groups(["severity"], measures, [("complaint_id", "in", made)])
        wanted = {key: tuple(map(mean, zip(*rows, strict=True))) for key, rows in expected.items()}
        self.assert_same(got, wanted)

    def test_one_sees_the_complaints_that_one_may_see(self):
        others = self.customer("Ben", user_id=self.chief.id)
        hidden = self.complaint(others, 3, user_id=self.chief.id)
        mine = self.complaint(others, 3, user_id=self.seller.id)
        free = self.complaint(self.customer("Ada"), 3, user_id=self.chief.id)
        self.assertEqual(set(self.rows(user=self.seller).complaint_id), {mine, free})
        self.assertEqual(set(self.rows(user=self.chief).complaint_id), {hidden, mine, free})
        self.assertEqual(self.rows([("complaint_id", "=", mine.id)]).action_open()["res_id"], mine.id)

    def test_companies_are_apart_and_outsiders_see_nothing(self):
        self.complaint(self.customer("Ada"), 3)
        self.assert_apart_and_closed()

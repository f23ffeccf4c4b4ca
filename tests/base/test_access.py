from odoo.tests import tagged

from ..common import GradingCase

OPERATIONS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}
NOTHING, READ, ALL = "", "r", "rwcu"
# model: what an employee, a salesperson and a sales manager may do with it. Customers and the public may do nothing.
MATRIX = {
    # Results: written by the pipeline alone.
    "grading.profile": (NOTHING, READ, READ),
    "grading.history": (NOTHING, READ, READ),
    "grading.snapshot": (NOTHING, READ, READ),
    "grading.secondary": (NOTHING, READ, READ),
    "grading.secondary.snapshot": (NOTHING, READ, READ),
    "grading.tag.origin": (NOTHING, READ, READ),
    "grading.ownership": (NOTHING, READ, READ),
    "grading.care": (NOTHING, READ, READ),
    "grading.care.log": (NOTHING, READ, READ),
    "grading.care.report": (NOTHING, READ, READ),
    "grading.greeting": (NOTHING, READ, READ),
    "grading.pool": (NOTHING, READ, READ),
    "grading.movement": (NOTHING, READ, READ),
    "grading.effort.report": (NOTHING, READ, READ),
    "grading.effort.share": (NOTHING, READ, READ),
    "grading.effort.plan": (NOTHING, READ, READ),
    "grading.revenue.report": (NOTHING, READ, READ),
    "grading.payment.report": (NOTHING, READ, READ),
    "grading.retention.report": (NOTHING, READ, READ),
    "grading.cohort.report": (NOTHING, READ, READ),
    "grading.forecast.report": (NOTHING, READ, READ),
    "grading.pareto.report": (NOTHING, READ, READ),
    "grading.lead.report": (NOTHING, READ, READ),
    "grading.complaint.report": (NOTHING, READ, READ),
    "grading.referral.report": (NOTHING, READ, READ),
    "grading.play.case": (NOTHING, READ, READ),
    "grading.play.effect": (NOTHING, READ, READ),
    # How the pipeline is doing.
    "grading.profile.aside": (NOTHING, NOTHING, READ),
    "grading.automation": (NOTHING, NOTHING, READ),
    "grading.basket.rule": (NOTHING, NOTHING, READ),
    "grading.basket.run": (NOTHING, NOTHING, READ),
    "grading.basket.suggestion": (NOTHING, NOTHING, READ),
    "grading.purchase.model": (NOTHING, NOTHING, READ),
    # What a draft would do, and what a scheme has been.
    "grading.preview": (NOTHING, NOTHING, READ),
    "grading.preview.cell": (NOTHING, NOTHING, READ),
    "grading.preview.line": (NOTHING, NOTHING, READ),
    "grading.preview.start": (NOTHING, NOTHING, READ),
    "grading.scheme.version": (NOTHING, NOTHING, READ),
    "grading.backtest": (NOTHING, NOTHING, ALL),
    "grading.backtest.line": (NOTHING, NOTHING, READ),
    "grading.suggestion": (NOTHING, NOTHING, ALL),
    "grading.suggestion.line": (NOTHING, NOTHING, READ),
    # For administrators of the database.
    "grading.bi.reader": (NOTHING, NOTHING, NOTHING),
    "grading.forecast": (NOTHING, NOTHING, READ),
    "grading.queue": (NOTHING, NOTHING, READ),
    "grading.ruler": (NOTHING, NOTHING, READ),
    "grading.run": (NOTHING, NOTHING, "rcu"),
    # Rules: the manager's.
    "grading.grade": (READ, READ, ALL),
    "grading.scheme": (READ, READ, ALL),
    "grading.lifecycle": (READ, READ, ALL),
    "grading.cadence": (READ, READ, ALL),
    "grading.tag.rule": (READ, READ, ALL),
    "grading.tag.group": (READ, READ, ALL),
    "grading.income.band": (READ, READ, ALL),
    "grading.criterion": (NOTHING, READ, ALL),
    "grading.criterion.band": (NOTHING, READ, ALL),
    "grading.criterion.case": (NOTHING, READ, ALL),
    "grading.threshold": (NOTHING, READ, ALL),
    "grading.play": (NOTHING, READ, ALL),
    "grading.occasion": (NOTHING, READ, ALL),
    "grading.occasion.date": (NOTHING, READ, ALL),
    "grading.assessment.reason": (NOTHING, READ, ALL),
    # What salespeople note down.
    "grading.interest": (READ, "rwc", ALL),
    "grading.assessment": (NOTHING, ALL, ALL),
    "grading.complaint": (NOTHING, "rwc", ALL),
    # Dialogs.
    "grading.override": (NOTHING, ALL, ALL),
    "grading.care.done": (NOTHING, ALL, ALL),
    "grading.care.put.off": (NOTHING, ALL, ALL),
    "grading.play.start": (NOTHING, ALL, ALL),
    "grading.tag.rule.removal": (NOTHING, NOTHING, ALL),
    "grading.scheme.publish": (NOTHING, NOTHING, ALL),
    "grading.scheme.trial": (NOTHING, NOTHING, ALL),
    "grading.scheme.compare": (NOTHING, NOTHING, ALL),
    "grading.scheme.export": (NOTHING, NOTHING, ALL),
    "grading.scheme.import": (NOTHING, NOTHING, ALL),
}


@tagged("post_install", "-at_install")
class TestAccess(GradingCase):
    """Which role may do what with which model; which records of it is tested in each room."""

    def assert_access(self, user, expected):
        """:param dict expected: ``{model: letters of the operations}``"""
        for model, letters in expected.items():
            got = "".join(
                letter
                for letter, operation in OPERATIONS.items()
                if self.env[model].with_user(user).has_access(operation)
            )
            with self.subTest(user=user.login, model=model):
                self.assertEqual(got, letters)

    def column(self, number):
        return {model: row[number] for model, row in MATRIX.items()}

    def test_every_model_has_its_row(self):
        models = self.env.registry.models.items()
        ours = {name for name, model in models if name.startswith("grading.") and not model._abstract}
        self.assertEqual(ours, MATRIX.keys())

    def test_a_dialog_is_for_the_user_alone_who_has_opened_it(self):
        """Odoo keeps no user from the dialogs of others; settings are for administrators alone."""
        names = [name for name, model in self.registry.items() if name.startswith("grading.") and model._transient]
        self.assertGreater(len(names), 8)
        for name in names:
            rules = self.env["ir.rule"].with_user(self.env.ref("base.user_admin"))._get_rules(name)
            with self.subTest(model=name):
                self.assertEqual(rules.mapped("domain_force"), ["[('create_uid', '=', user.id)]"])

    def test_the_public_reaches_no_model(self):
        self.assert_access(self.env.ref("base.public_user"), dict.fromkeys(MATRIX, NOTHING))

    def test_a_portal_customer_reaches_no_model(self):
        self.assert_access(self.portal(), dict.fromkeys(MATRIX, NOTHING))

    def test_an_employee_reads_grades_and_the_rules_behind_them(self):
        self.assert_access(self.internal(), self.column(0))

    def test_a_salesperson_notes_down_what_customers_say(self):
        self.assert_access(self.salesman(), self.column(1))

    def test_a_manager_decides_on_the_rules_and_edits_no_result(self):
        self.assert_access(self.manager(), self.column(2))

    def test_an_administrator_opens_the_database_and_else_does_no_more_than_a_manager(self):
        self.assert_access(self.env.ref("base.user_admin"), {**self.column(2), "grading.bi.reader": ALL})

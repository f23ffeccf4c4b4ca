from odoo import fields, models


class ResCompany(models.Model):
    """How the company looks after its customers."""

    _inherit = "res.company"

    grading_visit_counts = fields.Boolean(string="A Visit Counts as Any Contact", default=True)
    grading_plan_contacts = fields.Boolean(string="Plan Contacts as Activities", default=True)
    grading_contacts_per_day = fields.Integer(string="Contacts per Person and Day", default=20, required=True)
    grading_care_digest = fields.Boolean(string="Daily E-mail of Due Contacts")

    _contacts_per_day_positive = models.Constraint(
        "CHECK (grading_contacts_per_day >= 0)",
        "A person can not have fewer than no contacts a day: choose 0 for as many as are due, or a number.",
    )

    def write(self, vals):
        res = super().write(vals)
        if "grading_visit_counts" in vals:
            self.env["grading.run"]._start(self)
        return res

from odoo import api, fields, models

from ..base.fields import FloatOrUnknown
from .grading_profile_override import MANUAL_FIELDS


class GradingProfileAside(models.Model):
    """What people said of one customer in one company, while that customer is none of their own.

    A firm that is made a person, or a person who gets an employer, is a contact of another customer from then on: the
    documents count there. Much of that is a slip, undone the next day, when a run has passed in between. So the profile
    is put aside rather than merged:

    - The override goes with it. It was said about this customer and never about the employer, whose grade it would
      freeze; and once mixed in there, it could not be told apart any more.
    - The history stays with the contact that it is about, without a profile, and is linked again.
    - The profile itself goes. Everything that reads ``grading.profile`` relies on each row being a customer of today;
      an archived row would have to be left out in each of these places.

    The same holds for a customer who becomes one of us, as the contact of an internal user, and for as long. Only
    merging contacts joins what was said (:meth:`grading.profile._merge_into`): these were one customer all along.
    """

    _name = "grading.profile.aside"
    _description = "Grading Put Aside"
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    scheme_id = fields.Many2one("grading.scheme", readonly=True, ondelete="set null")
    score = FloatOrUnknown(digits=(16, 2), readonly=True, aggregator="avg")
    grade_id = fields.Many2one("grading.grade", readonly=True, ondelete="restrict")
    manual_grade_id = fields.Many2one("grading.grade", readonly=True, ondelete="restrict")
    manual_reason = fields.Char(string="Reason", readonly=True)
    manual_until = fields.Date(string="Until", readonly=True)
    manual_user_id = fields.Many2one("res.users", string="Overridden by", readonly=True, ondelete="set null")
    lifecycle_id = fields.Many2one("grading.lifecycle", string="Stage", readonly=True, ondelete="set null")
    lifecycle_since = fields.Date(string="In Stage since", readonly=True)

    _partner_company_unique = models.UniqueIndex(
        "(partner_id, company_id)", "The grading of a customer is put aside once in a company."
    )

    @api.model
    def _kept_fields(self):
        """What a profile finds again beside its history. The figures follow at the next rescoring.

        :rtype: tuple[str, ...]
        """
        return (*MANUAL_FIELDS, "scheme_id", "grade_id", "score", "lifecycle_id", "lifecycle_since")

    @api.model
    def _put_aside(self, profiles):
        """Delete the profiles of those who are no customers of their own, and keep what was said of them.

        :param grading.profile profiles: of customers
        """
        if not profiles:
            return
        names = ("partner_id", "company_id", *self._kept_fields())
        self.create([self._values(profile, names) for profile in profiles.sudo()])
        self.env.flush_all()
        profiles.sudo().unlink()
        self.env["grading.history"].invalidate_model(["profile_id"], flush=False)

    def _take_back(self):
        """Create the profiles of those who are customers of their own again, with the override and history they had.

        Where a profile has come meanwhile, it goes on, with the history, and the override unless it has one itself.

        :rtype: grading.profile
        """
        Profile, History = self.env["grading.profile"].sudo(), self.env["grading.history"].sudo()
        profiles = Profile.browse()
        for aside in self:
            own = self._values(aside, ("partner_id", "company_id"))
            its_own = [(name, "=", value) for name, value in own.items()]
            if profile := Profile.search(its_own):
                aside._give_to(profile)
            else:
                profile = Profile.create({**own, **self._values(aside, self._kept_fields())})
            History.search([*its_own, ("profile_id", "=", False)]).profile_id = profile
            profiles += profile
        self.unlink()
        return profiles

    def _give_to(self, profile):
        """Give a profile that has come meanwhile what was put aside; extended by rooms that keep more."""
        if self.manual_grade_id and not profile.manual_grade_id:
            profile.write(self._values(self, MANUAL_FIELDS))

    @api.model
    def _values(self, record, names):
        """Values for ``create``, as they are on ``record``."""
        return {name: record._fields[name].convert_to_write(record[name], record) for name in names}

from odoo import models

from .grading_profile_override import MANUAL_FIELDS


class GradingProfile(models.Model):
    """What becomes of profiles whose customers or leads are merged: no word of a person is lost."""

    _inherit = "grading.profile"

    def _merge_into(self, partner):
        """Make these profiles part of ``partner``'s: its history goes on with theirs, an override is kept.

        Called before contacts are merged, and for customers that have become a contact of another one. The figures
        follow at the next rescoring.

        :param res.partner partner: the commercial entity that takes over
        """
        for profile in self.sudo():
            target = self.sudo().search(
                [("partner_id", "=", partner.id), ("company_id", "=", profile.company_id.id)], limit=1
            )
            if target:
                target._absorb(profile)
            else:
                profile.partner_id = partner
                profile.history_ids.partner_id = partner

    def _merge_into_lead(self, lead):
        """Make these profiles part of ``lead``'s; of two overrides the better grade holds.

        Called before leads are merged; the figures follow at the next rescoring.

        :param crm.lead lead: the lead that stays
        """
        for profile in self.sudo():
            target = self._of_leads(lead).sudo()
            if target:
                given, other = target.manual_grade_id, profile.manual_grade_id
                target._absorb(profile, prefer=bool(given and other and other.sequence < given.sequence))
            else:
                profile.lead_id = lead
                profile.history_ids.lead_id = lead

    def _absorb(self, profile, prefer=False):
        """Take over the history of ``profile``, and its override where this one has none; then ``profile`` goes.

        Where both were overridden this one's holds, and its history keeps the word that gave way.

        :param grading.profile profile: the one that goes
        :param bool prefer: the other's override holds instead
        """
        self.ensure_one()
        profile.history_ids.write({"profile_id": self.id, "partner_id": self.partner_id.id, "lead_id": self.lead_id.id})
        lost = None
        if profile.manual_grade_id and self.manual_grade_id:
            lost = self if prefer else profile
            lost = (lost.display_name, lost.manual_grade_id.display_name, lost.manual_reason)
        if profile.manual_grade_id and (prefer or not self.manual_grade_id):
            self._write_grade(
                profile.manual_grade_id,
                "merge",
                self.env._(
                    "Taken over from %(customer)s: %(reason)s",
                    customer=profile.display_name,
                    reason=profile.manual_reason,
                ),
                {name: profile._fields[name].convert_to_write(profile[name], profile) for name in MANUAL_FIELDS},
            )
        if lost:
            self._note_lost_override(*lost)
        profile.unlink()

    def _note_lost_override(self, name, grade, reason):
        """Both had an override: say in the history which word gave way."""
        self._write_grade(
            self.grade_id,
            "merge",
            self.env._(
                "Of %(customer)s, overridden too (%(grade)s): %(reason)s", customer=name, grade=grade, reason=reason
            ),
            {},
        )

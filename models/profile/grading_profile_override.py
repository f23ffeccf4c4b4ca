from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

MANUAL_FIELDS = ("manual_grade_id", "manual_reason", "manual_until", "manual_user_id")


class GradingProfile(models.Model):
    """The override: the grade that a person has given, which takes precedence over the computed one."""

    _inherit = "grading.profile"

    @api.constrains(*MANUAL_FIELDS)
    def _check_override(self):
        for profile in self.filtered("manual_grade_id"):
            if not (profile.manual_reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "Please enter a reason for grading %(customer)s as %(grade)s.",
                        customer=profile.display_name,
                        grade=profile.manual_grade_id.display_name,
                    )
                )

    def _check_override_access(self):
        """Check that the user may override the grade: a user of Customer Grading who may edit the contact or lead.

        :raise AccessError: the user may not
        """
        if self.env.su:
            return
        if not self.env.user.has_group("customer_grading.customer_grading_group_user"):
            raise AccessError(self.env._("You need the Customer Grading / User role to change a grade."))
        sudoed = self.sudo()
        sudoed.partner_id.with_env(self.env).check_access("write")
        sudoed.lead_id.with_env(self.env).check_access("write")
        # A lead's company is checked with the lead; a lead without a company is open to all users who may edit it.
        companies = sudoed.filtered("partner_id").company_id
        if companies - self.env.companies:
            raise AccessError(self.env._("Switch to %s to change a grade there.", ", ".join(companies.mapped("name"))))

    def _override(self, grade, reason, until=None):
        """Put ``grade`` in force in place of the computed one, and note it in the history.

        An override that holds already, with the same reason and end, stays as it is: its author too.

        :param grading.grade grade: the grade to give
        :param str reason: why; not empty
        :param datetime.date until: the last day of the override; None for no end date
        :raise ValidationError: the reason is empty, or the day has passed
        :raise AccessError: the user may not edit the contact or lead
        """
        self._check_override_access()
        held = (grade, (reason or "").strip(), until or False)
        for profile in self.sudo():
            if (profile.manual_grade_id, profile.manual_reason, profile.manual_until) == held:
                continue
            if until and until < profile.company_id._grading_today():
                raise ValidationError(
                    self.env._(
                        "The override of %(customer)s would end on %(until)s, which is past: choose a later day.",
                        customer=profile.display_name,
                        until=fields.Date.to_string(until),
                    )
                )
            profile._write_grade(
                grade,
                "override",
                reason,
                {
                    "manual_grade_id": grade.id,
                    "manual_reason": held[1],
                    "manual_until": until,
                    "manual_user_id": self.env.uid,
                    "pending_grade_id": False,
                    "pending_since": False,
                },
            )

    def _release_override(self):
        """End the overrides of these customers: the computed grade is in force again, at once."""
        self._check_override_access()
        for profile in self.sudo().filtered("manual_grade_id"):
            profile._write_grade(
                profile.computed_grade_id,
                "override_end",
                self.env._("Override removed: “%s” no longer applies.", profile.manual_reason),
                dict.fromkeys(MANUAL_FIELDS, False),
            )

    def _write_grade(self, grade, reason, note, values):
        """Write ``values`` and the grade in force on one profile, and the line of its history.

        :param grading.grade grade: the new grade in force, maybe empty
        :param str reason: a reason of ``grading.history``
        :param str note: shown in the history
        :param dict values: other values of the profile
        """
        self.ensure_one()
        old = self.grade_id
        line = {
            "profile_id": self.id,
            "partner_id": self.partner_id.id,
            "lead_id": self.lead_id.id,
            "company_id": self.company_id.id,
            "date": self.company_id._grading_today(),
            "old_grade_id": old.id,
            "new_grade_id": grade.id,
            "old_lifecycle_id": self.lifecycle_id.id,
            "new_lifecycle_id": self.lifecycle_id.id,
            "old_score": self.score,
            "new_score": self.score,
            "reason": reason,
            "note": note,
            "user_id": self.env.uid,
            "points_after": self.points_detail,
            "override_user_id": self.manual_user_id.id if reason == "override_end" else False,
        }
        self.write({**values, "grade_id": grade.id, "trend": self._trend(old, grade), "noted_score": self.score})
        self.env["grading.history"].create(line)
        # A prospect is graded through their lead.
        self.env["grading.queue"]._enqueue([(self.lead_id.partner_id.commercial_partner_id, self.company_id)])

    @api.model
    def _trend(self, old, new):
        """Direction of a change of grade, as a run tells it: of grades in the same place the older one is the better.

        :param grading.grade old: maybe empty
        :param grading.grade new: maybe empty
        :return: ``up``, ``same`` or ``down``
        """
        if not old or not new or old == new:
            return "same"
        return "up" if new._place() < old._place() else "down"

    @api.model
    def _of_partners(self, partners, create=False):
        """The profiles of ``partners``' commercial entities in the current company.

        :param bool create: create the missing ones
        """
        commercial = partners.sudo().commercial_partner_id
        company = self.env.company
        profiles = self.sudo().search([("partner_id", "in", commercial.ids), ("company_id", "=", company.id)])
        if create:
            missing = commercial - profiles.partner_id
            aside = [("partner_id", "in", missing.ids), ("company_id", "=", company.id)]
            profiles += self.env["grading.profile.aside"].sudo().search(aside)._take_back()
            missing -= profiles.partner_id
            profiles += self.sudo().create([{"partner_id": p.id, "company_id": company.id} for p in missing])
        return profiles.sudo(self.env.su)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_by_hand(self):
        """A deleted profile would be created again by the next run, but without its override."""
        if not self.env.su:
            raise UserError(self.env._("A grading profile goes with its customer: archive or delete the contact."))

    # ------------------------------------------------------------
    # Merging
    # ------------------------------------------------------------

    def _merge_into(self, partner):
        """Merge these profiles into that of ``partner``: histories are joined, and an override is kept.

        Called before contacts are merged. The figures follow at the next rescoring.

        :param res.partner partner: the contact that remains
        """
        for profile in self.sudo():
            target = profile.search(
                [("partner_id", "=", partner.id), ("company_id", "=", profile.company_id.id)], limit=1
            )
            if target:
                target._absorb(profile)
            else:
                profile.partner_id = partner
                profile.history_ids.partner_id = partner

    def _merge_into_lead(self, lead):
        """Merge these profiles into that of ``lead``; of two overrides the better grade is kept.

        Called before leads are merged; the figures follow at the next rescoring.

        :param crm.lead lead: the lead that remains
        """
        for profile in self.sudo():
            target = profile._of_leads(lead)
            if target:
                given, other = target.manual_grade_id, profile.manual_grade_id
                target._absorb(profile, prefer=bool(given and other and other._place() < given._place()))
            else:
                profile.lead_id = lead
                profile.history_ids.lead_id = lead

    def _absorb(self, profile, prefer=False):
        """Take over the history of ``profile``, and its override if this one has none; then delete ``profile``.

        If both are overridden, this one's override is kept, and the history notes the other.

        :param grading.profile profile: the one to delete
        :param bool prefer: keep the override of ``profile`` instead
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
        """Both profiles had an override: note the one that was dropped in the history."""
        self._write_grade(
            self.grade_id,
            "merge",
            self.env._(
                "Of %(customer)s, overridden too (%(grade)s): %(reason)s", customer=name, grade=grade, reason=reason
            ),
            {},
        )

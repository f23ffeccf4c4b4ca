from markupsafe import Markup

from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..care.mail_activity_type import OWNER_ACTIVITY


class GradingOwnership(models.Model):
    """One move of a customer, prospect or lead from one owner to another, or the warning that it is about to move.

    Never edited: the lock of the pool and the number of claims are read from here.
    """

    _name = "grading.ownership"
    _inherit = ["grading.lead.access.mixin", "grading.job.mixin"]
    _description = "Change of Owner"
    _order = "date desc, id desc"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", ondelete="cascade", index="btree_not_null", readonly=True
    )
    lead_id = fields.Many2one("crm.lead", ondelete="cascade", index="btree_not_null", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", ondelete="set null", readonly=True)
    date = fields.Date(required=True, readonly=True)
    reason = fields.Selection(
        [
            ("assigned", "Assigned by the team's rule"),
            ("warned", "Warned"),
            ("pooled", "Back to the pool"),
            ("claimed", "Claimed"),
            ("hand", "Changed by hand"),
        ],
        required=True,
        readonly=True,
    )
    old_user_id = fields.Many2one("res.users", string="From", ondelete="set null", index=True, readonly=True)
    new_user_id = fields.Many2one("res.users", string="To", ondelete="set null", index=True, readonly=True)
    activity_id = fields.Many2one(
        "mail.activity", string="Notified by", ondelete="set null", index="btree_not_null", readonly=True
    )
    pool_date = fields.Date(
        string="Contact Before",
        readonly=True,
        help="Of a warning: without a contact before this day, the customer or lead goes to the pool.",
    )
    is_open = fields.Boolean(
        string="Open Warning",
        readonly=True,
        help="A warning that still holds: no contact was made since, and the owner has not changed.",
    )

    _one_subject = models.Constraint(
        "CHECK (num_nonnulls(partner_id, lead_id) = 1)",
        "A change of owner is about one customer or about one lead, not both.",
    )
    # Two workers that begin at once see the same: only the database knows that the other one has warned already.
    _open_warning_unique = models.UniqueIndex(
        "(company_id, COALESCE(lead_id, 0), COALESCE(partner_id, 0)) WHERE is_open",
        "There is an open warning about this customer or lead already.",
    )

    @api.depends("partner_id", "lead_id", "date")
    def _compute_display_name(self):
        for move in self:
            subject = move._subject().display_name
            move.display_name = ", ".join(filter(None, (subject, format_date(self.env, move.date))))

    # ------------------------------------------------------------
    # Moves
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        if not self._has_any():
            self.env.registry.clear_cache()
        return moves

    @api.model
    @tools.ormcache()
    def _has_any(self):
        """Whether there was any move at all: without one, merging and deleting leads need not look for moves."""
        return bool(self.sudo().search_count([], limit=1))

    @api.model
    def _move(self, reason, moves):
        """Log the new owners, and hand over to them; a warning changes nothing yet.

        :param str reason: one of the model's reasons
        :param list moves: values of the rows, without the reason, the company and the day
        :return: the rows
        :rtype: grading.ownership
        """
        company = self.env.company
        common = {
            "reason": reason,
            "is_open": reason == "warned",
            "company_id": company.id,
            "date": company._grading_today(),
        }
        rows = self.sudo().create([{**common, **values} for values in moves])
        if reason != "warned":
            for user, same in rows.grouped("new_user_id").items():
                for subjects in (same.partner_id, same.lead_id):
                    subjects._grading_hand_over(user)
            rows.filtered("new_user_id")._hand_over_activities()
        return rows

    def _hand_over_activities(self):
        """Assign the open activities of the former owners to the new ones, also those that waited in the pool.

        Not the activities of due contacts: their cadence says for whom they are, and when.
        """
        Activity = self.env["mail.activity"].with_context(mail_activity_quick_update=True)
        for (former, user), same in self.grouped(lambda move: (move.old_user_id, move.new_user_id)).items():
            own = Domain("user_id", "=", former.id) & Domain("grading_care_id", "=", False)
            for subjects in (same.partner_id, same.lead_id):
                about = Domain("res_model", "=", subjects._name) & Domain("res_id", "in", subjects.ids)
                if former and subjects:
                    Activity.search(own & about).user_id = user

    def _withdraw(self):
        """End the open warnings among these moves, and remove the activities that notified of the moves."""
        self.filtered("is_open").is_open = False
        self.activity_id.filtered("active").unlink()

    @api.model
    def _to_moves_of_today(self, reason, owner):
        """``SELECT user_id, count``: how many moves there were today in the current company, by ``owner``.

        :param str reason: one of the model's reasons
        :param str owner: ``old_user_id`` or ``new_user_id``
        """
        return SQL(
            "SELECT %(owner)s AS user_id, COUNT(*) FROM grading_ownership"
            " WHERE company_id = %(company)s AND date = %(today)s AND reason = %(reason)s GROUP BY 1",
            owner=SQL.identifier(owner),
            company=self.env.company.id,
            today=self.env.company._grading_today(),
            reason=reason,
        )

    @api.model
    def _to_last_move(self, profile, *reasons):
        """The last move of the customer or lead of ``profile``: ``SELECT move.* FROM … LIMIT 1``.

        :param str profile: what the query calls the profile
        :param str reasons: only moves for one of these reasons count
        """
        return SQL(
            """
            SELECT move.* FROM grading_ownership AS move
             WHERE (move.lead_id = %(profile)s.lead_id OR move.partner_id = %(profile)s.partner_id)
               AND move.reason = ANY(%(reasons)s)
          ORDER BY move.id DESC LIMIT 1
            """,
            profile=SQL.identifier(profile),
            reasons=list(reasons),
        )

    # ------------------------------------------------------------
    # Notifications
    # ------------------------------------------------------------

    def _notify_new_owners(self):
        """Create an activity for each new owner, with what is known of the customer or lead."""
        self._notify(
            {move: move.new_user_id for move in self},
            lambda move: (
                move.env._("Yours now: %s", move._subject().display_name),
                move._summary(),
            ),
        )

    def _notify(self, readers, describe):
        """Create an activity for each row; marking it done is no contact with the customer.

        :param dict readers: the user of each row
        :param describe: returns for a row, in the reader's language, the summary and the note
        """
        activity_type = self.env.ref(OWNER_ACTIVITY, raise_if_not_found=False)
        Activity, Care, company = self.env["mail.activity"].sudo(), self.env["grading.care"], self.env.company

        def values_of(move):
            user = readers[move]
            summary, note = describe(move)
            return {
                "activity_type_id": activity_type.id if activity_type else False,
                "summary": summary,
                "note": note,
                "date_deadline": Care._working_day(user, user._grading_today(company)),
            }

        values = Activity._grading_prepare(readers, lambda moves: {move: values_of(move) for move in moves})
        for move, activity in zip(readers, Activity._grading_create_quietly(values), strict=True):
            move.activity_id = activity

    def _summary(self):
        """What is known of a lead, in the language of the context: the reader sees the lead. The activity of a customer
        is read by each colleague who may open the contact, and says where to look.

        :rtype: markupsafe.Markup
        """
        if not self.lead_id:
            words = self.env._(
                "The page “Grading” tells how the customer is graded, what was bought and what comes next."
            )
            return Markup("<p>%s</p>") % words
        profile = self._profile()
        lines = [self.env._("Grade: %s", profile.grade_id.name)] if profile.grade_id else []
        if stage := self.lead_id.stage_id.name:
            lines.append(self.env._("Stage: %s", stage))
        contact = profile and profile._last_contact_date()
        day = format_date(self.env, contact) if contact else self.env._("never")
        lines.append(self.env._("Last contact: %s", day))
        return Markup("<ul>%s</ul>") % Markup().join(Markup("<li>%s</li>") % line for line in lines)

    def _profile(self):
        name = "lead_id" if self.lead_id else "partner_id"
        domain = [(name, "=", self[name].id), ("company_id", "=", self.company_id.id)]
        return self.env["grading.profile"].sudo().search(domain, limit=1)

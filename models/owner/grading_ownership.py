from markupsafe import Markup

from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_amount, format_date

from ..care.mail_activity_type import OWNER_ACTIVITY

# Orders that a new owner is told about.
TOLD_ORDERS = 3


class GradingOwnership(models.Model):
    """One move of a customer, prospect or lead from one owner to another, or the warning that it is about to move.

    Never edited: the lock of the pool, and what somebody claimed, are read from here.
    """

    _name = "grading.ownership"
    _inherit = ["grading.lead.access.mixin"]
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
        "mail.activity", string="Told by", ondelete="set null", index="btree_not_null", readonly=True
    )
    pool_date = fields.Date(
        string="Lost unless in Touch by",
        readonly=True,
        help="Of a warning: unless somebody is in touch, it is lost then.",
    )
    is_open = fields.Boolean(
        string="Open Warning",
        readonly=True,
        help="A warning that still holds: neither was anybody in touch since, nor was it lost or handed on.",
    )

    _one_subject = models.Constraint(
        "CHECK (num_nonnulls(partner_id, lead_id) = 1)",
        "A change of owner is about one customer or about one lead, not both.",
    )
    # Two workers who begin at once see the same: only the database knows that the other one has warned already.
    _open_warning_unique = models.UniqueIndex(
        "(company_id, COALESCE(lead_id, 0), COALESCE(partner_id, 0)) WHERE is_open",
        "Of a customer or lead the salesperson is warned once: there is an open warning already.",
    )

    @api.depends("partner_id", "lead_id", "date")
    def _compute_display_name(self):
        for move in self:
            subject = (move.partner_id or move.lead_id).display_name
            move.display_name = ", ".join(filter(None, (subject, format_date(self.env, move.date))))

    def _subject(self):
        """The customer or lead.

        :rtype: res.partner or crm.lead
        """
        self.ensure_one()
        return self.lead_id or self.partner_id

    def action_open(self):
        """The customer or lead."""
        return self._subject().get_formview_action()

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
        """Whether anything has ever changed hands: where no team has rules, nobody need ask for the moves of a lead."""
        return bool(self.sudo().search_count([], limit=1))

    @api.model
    def _move(self, reason, moves):
        """Note who owns what from now on, and make it so; a warning changes nothing yet.

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
            rows.filtered("new_user_id")._hand_over_tasks()
        return rows

    def _hand_over_tasks(self):
        """What the former owners had still planned is for the new ones to do; while it was in the pool, it waited.

        Contacts by a cadence are none of these: their own dates say who makes them, and when.
        """
        Activity = self.env["mail.activity"].with_context(mail_activity_quick_update=True)
        for (former, user), same in self.grouped(lambda move: (move.old_user_id, move.new_user_id)).items():
            own = Domain("user_id", "=", former.id) & Domain("grading_care_id", "=", False)
            for subjects in (same.partner_id, same.lead_id):
                about = Domain("res_model", "=", subjects._name) & Domain("res_id", "in", subjects.ids)
                if former and subjects:
                    Activity.search(own & about).user_id = user

    def _withdraw(self):
        """What people were told of these moves is old news: warnings hold no longer, and nobody need read it."""
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
        """The last move of whoever ``profile`` is about: ``SELECT move.* FROM … LIMIT 1``.

        :param odoo.tools.SQL profile: alias of the profile
        :param str reasons: moves for one of these reasons alone count
        """
        return SQL(
            """
            SELECT move.* FROM grading_ownership AS move
             WHERE (move.lead_id = %(profile)s.lead_id OR move.partner_id = %(profile)s.partner_id)
               AND move.reason = ANY(%(reasons)s)
          ORDER BY move.id DESC LIMIT 1
            """,
            profile=profile,
            reasons=list(reasons),
        )

    # ------------------------------------------------------------
    # Notifications
    # ------------------------------------------------------------

    # What people are told when something changes hands, or is about to.

    def _tell_new_owners(self):
        """An activity for each new owner, with what is known of the customer or lead."""
        self._tell(
            lambda move: (
                move.new_user_id,
                move.env._("Yours now: %s", move._subject().display_name),
                Markup("<ul>%s</ul>") % Markup().join(Markup("<li>%s</li>") % line for line in move._story()),
            )
        )

    def _tell(self, words):
        """Create an activity for each row, which is no contact with the customer when it is done.

        :param words: gives for a row in the reader's language who is told, the summary and the note
        """
        kind = self.env.ref(OWNER_ACTIVITY, raise_if_not_found=False)
        models_by_name = {name: self.env["ir.model"]._get_id(name) for name in ("res.partner", "crm.lead")}
        Care, values = self.env["grading.care"], []
        for move in self:
            reader = move.new_user_id or move.old_user_id
            user, summary, note = words(move.with_context(lang=reader.lang))
            subject = move._subject()
            values.append(
                {
                    "res_model_id": models_by_name[subject._name],
                    "res_model": subject._name,
                    "res_id": subject.id,
                    "user_id": user.id,
                    "activity_type_id": kind.id if kind else False,
                    "summary": summary,
                    "note": note,
                    "date_deadline": Care._working_day(user, Care._today_of(user)),
                    "automated": True,
                }
            )
        activities = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(values)
        for move, activity in zip(self, activities, strict=True):
            move.activity_id = activity

    def _story(self):
        """What is known of the customer or lead, a line each, in the language of the context.

        :rtype: list[str]
        """
        self.ensure_one()
        profile = self._profile()
        lines = [self.env._("Grade: %s", profile.grade_id.name)] if profile.grade_id else []
        stage = self.lead_id.stage_id.name if self.lead_id else profile.lifecycle_id.name
        if stage:
            lines.append(self.env._("Stage: %s", stage))
        lines += self._story_of_orders()
        contact = max(
            filter(None, (profile.last_online_date, profile.last_call_date, profile.last_visit_date)), default=None
        )
        day = format_date(self.env, contact) if contact else self.env._("never")
        lines.append(self.env._("Last contact: %s", day))
        return lines

    def _profile(self):
        name = "lead_id" if self.lead_id else "partner_id"
        domain = [(name, "=", self[name].id), ("company_id", "=", self.company_id.id)]
        return self.env["grading.profile"].sudo().search(domain, limit=1)

    def _story_of_orders(self):
        customer = (self.partner_id or self.lead_id.partner_id).commercial_partner_id
        if not customer:
            return []
        domain = [
            ("partner_id.commercial_partner_id", "=", customer.id),
            ("company_id", "=", self.company_id.id),
            ("state", "=", "sale"),
        ]
        orders = self.env["sale.order"].sudo().search(domain, order="date_order desc, id desc", limit=TOLD_ORDERS)
        return [
            self.env._(
                "Order %(order)s of %(day)s: %(amount)s",
                order=order.name,
                day=format_date(self.env, order.date_order),
                amount=format_amount(self.env, order.amount_untaxed, order.currency_id),
            )
            for order in orders
        ]

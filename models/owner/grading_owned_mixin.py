from odoo import api, models

from ..base.subject import SUBJECTS


class GradingOwnedMixin(models.AbstractModel):
    """Customers and leads that have an owner, their salesperson: each change of owner is logged, and setting the
    salesperson of what is in a public pool is a claim.

    A model that inherits says in :meth:`_grading_follow` which of its records have their changes logged.
    """

    _name = "grading.owned.mixin"
    _description = "With Changes of Owner"

    def write(self, vals):
        # Cheapest first: most saves have nothing to do with owners, and most databases have no rules about them.
        if "user_id" not in vals or not self.env["crm.team"]._grading_owner_rules():
            return super().write(vals)
        if self.env.su and self.env.context.get("grading_hand_over"):
            return super().write(vals)
        owners = {record: record.user_id for record in self.sudo()}
        claimed = self._grading_claim_by_hand(self.env["res.users"].browse(vals["user_id"]))
        followed = self._grading_follow()
        res = super().write(vals)
        followed |= self._grading_follow()
        followed._grading_log_by_hand(owners, claimed)
        return res

    def _grading_follow(self):
        """Those among these customers or leads whose changes of owner are logged: a team with rules about owners may
        have to do with them."""
        raise NotImplementedError

    @api.model
    def _grading_owned_key(self):
        """The column of a move that holds the record: ``partner_id`` or ``lead_id``."""
        return next(subject.key for subject in SUBJECTS.values() if subject.model == self._name)

    def _grading_moves(self):
        """The changes of owner of these customers or leads, the last one first."""
        domain = [(self._grading_owned_key(), "in", self.ids)]
        return self.env["grading.ownership"].sudo().search(domain, order="id desc")

    def _grading_claim_by_hand(self, user):
        """Claim what is in a pool for ``user``, who is about to be set as its salesperson: the same rules hold.

        They do not hold for sales managers and for what runs as superuser.

        :param res.users user: the future salesperson, may be empty
        :return: for each record that is claimed from a pool, its team, its company and the user who lost it
        :rtype: dict
        :raise UserError: the user lost it not long ago, or has as many as the team allows
        """
        Pool = self.env["grading.pool"].sudo()
        exempt = self.env.su or self.env.user.has_group("sales_team.group_sale_manager")
        ownerless = self.sudo().filtered(lambda record: not record.user_id)
        if not user or not ownerless or exempt or not self.env["crm.team"]._grading_any_pool():
            return {}
        companies = [("company_id", "in", [False, *self.env.companies.ids])]
        rows = Pool.search([(self._grading_owned_key(), "in", ownerless.ids), *companies])
        if rows:
            rows._check_claim(user)
        return {row.lead_id or row.partner_id: (row.team_id, row.company_id, row.old_user_id) for row in rows}

    def _grading_log_by_hand(self, owners, claimed):
        """Log the changes of owner that a user has made.

        :param dict owners: the salesperson of each record before
        :param dict claimed: what was claimed from a pool, see :meth:`_grading_claim_by_hand`
        """
        changed = self.filtered(lambda record: record.user_id != owners[record])
        if not changed:
            return
        changed._grading_moves()._withdraw()
        key, rows = self._grading_owned_key(), []
        for record in changed:
            own_team = record.team_id if key == "lead_id" else self.env["crm.team"]
            team, company, lost_by = claimed.get(record, (own_team, record.company_id, owners[record]))
            company = company or team.company_id or self.env.company
            rows.append(
                {
                    key: record.id,
                    "reason": "claimed" if record in claimed else "hand",
                    "old_user_id": lost_by.id,
                    "new_user_id": record.user_id.id,
                    "team_id": team.id,
                    "company_id": company.id,
                    "date": company._grading_today(),
                }
            )
        self.env["grading.ownership"].sudo().create(rows)

    def _grading_hand_over(self, user):
        """Make ``user`` the owner; the activities of contacts that were due for the former owner are removed.

        No e-mail goes out: an activity notifies the new owner, and a user who claims need not be notified.

        :param res.users user: may be empty
        """
        if not self:
            return
        own = [(self._grading_owned_key(), "in", self.ids), ("cadence_id.responsible_type", "=", "salesperson")]
        cares = self.env["grading.care"].sudo().search(own)
        cares._close()
        cares.user_id = user
        self._grading_moves()._withdraw()
        self.sudo().with_context(mail_auto_subscribe_no_notify=True, grading_hand_over=True).user_id = user

from odoo import api, models


class GradingGradedMixin(models.AbstractModel):
    """Customers and leads change hands.

    A model that inherits says in :meth:`_grading_follow` whose changes of salesperson are noted.
    """

    _inherit = "grading.graded.mixin"

    def write(self, vals):
        by_rule = self.env.su and self.env.context.get("grading_hand_over")
        if "user_id" not in vals or by_rule or not self.env["crm.team"]._grading_owner_rules():
            return super().write(vals)
        owners = {record: record.user_id for record in self.sudo()}
        taken = self._grading_take_from_pool(self.env["res.users"].browse(vals["user_id"]))
        followed = self._grading_follow()
        res = super().write(vals)
        followed |= self._grading_follow()
        followed._grading_note_by_hand(owners, taken)
        return res

    def _grading_follow(self):
        """Those among these customers or leads whose changes of salesperson are noted: a team with rules about owners
        may have to do with them."""
        raise NotImplementedError

    @api.model
    def _grading_subject_name(self):
        return "lead_id" if self._name == "crm.lead" else "partner_id"

    def _grading_moves(self):
        """The changes of owner of these customers or leads, the last one first."""
        domain = [(self._grading_subject_name(), "in", self.ids)]
        return self.env["grading.ownership"].sudo().search(domain, order="id desc")

    def _grading_take_from_pool(self, user):
        """Whoever sets the salesperson of what is in a pool claims it for him, and what a claim asks for holds as well.

        Sales managers give whatever they want to whom they want, and so does what runs on its own.

        :param res.users user: the salesperson to be, maybe nobody
        :return: for what is taken from a pool, which team's and company's it was, and who had lost it
        :rtype: dict
        :raise UserError: he lost it not long ago, or has as many as the team allows
        """
        Pool = self.env["grading.pool"].sudo()
        exempt = self.env.su or self.env.user.has_group("sales_team.group_sale_manager")
        ownerless = self.sudo().filtered(lambda record: not record.user_id)
        if not user or not ownerless or exempt or not self.env["crm.team"]._grading_any_pool():
            return {}
        companies = [("company_id", "in", [False, *self.env.companies.ids])]
        rows = Pool.search([(self._grading_subject_name(), "in", ownerless.ids), *companies])
        if rows:
            rows._check_taken_by(user)
        return {row.lead_id or row.partner_id: (row.team_id, row.company_id, row.old_user_id) for row in rows}

    def _grading_note_by_hand(self, owners, taken):
        """Note whose salesperson somebody has changed himself.

        :param dict owners: who had it before
        :param dict taken: what was taken from a pool, see :meth:`_grading_take_from_pool`
        """
        changed = self.filtered(lambda record: record.user_id != owners[record])
        if not changed:
            return
        changed._grading_moves()._withdraw()
        name, rows = self._grading_subject_name(), []
        for record in changed:
            own_team = record.team_id if name == "lead_id" else self.env["crm.team"]
            team, company, lost_by = taken.get(record, (own_team, record.company_id, owners[record]))
            company = company or team.company_id or self.env.company
            rows.append(
                {
                    name: record.id,
                    "reason": "claimed" if record in taken else "hand",
                    "old_user_id": lost_by.id,
                    "new_user_id": record.user_id.id,
                    "team_id": team.id,
                    "company_id": company.id,
                    "date": company._grading_today(),
                }
            )
        self.env["grading.ownership"].sudo().create(rows)

    def _grading_hand_over(self, user):
        """These are ``user``'s from now on, or nobody's: what was planned for who had them is planned no longer.

        No e-mail goes out: an activity tells the new owner, and he who claims knows.

        :param res.users user: maybe empty
        """
        if not self:
            return
        own = [(self._grading_subject_name(), "in", self.ids), ("cadence_id.responsible_type", "=", "salesperson")]
        cares = self.env["grading.care"].sudo().search(own)
        cares._close()
        cares.user_id = user
        self._grading_moves()._withdraw()
        self.sudo().with_context(mail_auto_subscribe_no_notify=True, grading_hand_over=True).user_id = user


class ResPartner(models.Model):
    """The contact persons of a customer change hands with him."""

    _inherit = "res.partner"

    def _grading_follow(self):
        """Customers and prospects belong to no team: any of the company may assign them, or have them in its pool."""
        companies = {company_id for company_id, _has_pool in self.env["crm.team"]._grading_owner_rules().values()}
        if companies.isdisjoint((False, self.env.company.id)):
            return self.sudo().browse()
        graded = self.env["grading.profile"].sudo().search([("partner_id", "in", self.ids)])
        return graded.partner_id

    def _grading_hand_over(self, user):
        self._grading_persons_of_owner().with_context(grading_hand_over=True).user_id = user
        return super()._grading_hand_over(user)

    def _grading_persons_of_owner(self):
        """The contacts of these customers, archived ones included, who have the same salesperson, or none either."""
        persons = self.sudo().with_context(active_test=False).browse()
        for owner, customers in self.grouped("user_id").items():
            of_customers = [("commercial_partner_id", "in", customers.ids), ("id", "not in", customers.ids)]
            persons += persons.search([*of_customers, ("user_id", "=", owner.id)])
        return persons


class CrmLead(models.Model):
    """A lead that takes over others goes on with what is known of their owners, and so do the locks of the pool."""

    _inherit = "crm.lead"

    def _grading_follow(self):
        rules = self.env["crm.team"]._grading_owner_rules()
        return self.sudo().filtered(lambda lead: lead.team_id.id in rules)

    def _merge_dependences(self, opportunities):
        if self.env["grading.ownership"]._has_any():
            moves = opportunities._grading_moves()
            moves.filtered("is_open")._withdraw()
            self.env.flush_all()  # nobody has two open warnings
            moves.lead_id = self
        return super()._merge_dependences(opportunities)

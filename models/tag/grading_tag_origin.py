from odoo import api, fields, models
from odoo.tools import SQL

from ..base.guarded import guarded
from ..base.subject import SUBJECTS


class GradingTagOrigin(models.Model):
    """Tag provenance: why a customer or lead has a tag, or never gets it.

    A line says that a rule gave the tag, that a user gave it by hand, or that a user removed it and no rule may give it
    again. A tag without a line was given by hand: contacts had tags before there were rules. Contact tags are shared
    between companies; what rules gave is noted for each company whose run gave it.
    """

    _name = "grading.tag.origin"
    _inherit = ["grading.lead.access.mixin"]
    _description = "Given Tag"
    _order = "date desc, id desc"
    _log_access = False  # a line is never edited, and its date and user say the same

    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="cascade", readonly=True)
    lead_id = fields.Many2one("crm.lead", ondelete="cascade", readonly=True)
    category_id = fields.Many2one("res.partner.category", string="Contact Tag", ondelete="cascade", readonly=True)
    lead_tag_id = fields.Many2one("crm.tag", ondelete="cascade", readonly=True)
    kind = fields.Selection(
        [("rule", "By a rule"), ("hand", "By hand"), ("never", "Never")], string="Given", required=True, readonly=True
    )
    rule_id = fields.Many2one("grading.tag.rule", ondelete="cascade", index="btree_not_null", readonly=True)
    company_id = fields.Many2one("res.company", ondelete="cascade", readonly=True)
    user_id = fields.Many2one("res.users", string="By", ondelete="set null", readonly=True)
    date = fields.Datetime(required=True, default=fields.Datetime.now, readonly=True)

    # By hand or never, a tag has one line; of rules, one for each rule and company.
    _partner_tag_unique = models.UniqueIndex(
        "(partner_id, category_id, COALESCE(rule_id, 0), COALESCE(company_id, 0)) WHERE partner_id IS NOT NULL",
        "It is noted already why this customer has the tag.",
    )
    _lead_tag_unique = models.UniqueIndex(
        "(lead_id, lead_tag_id, COALESCE(rule_id, 0), COALESCE(company_id, 0)) WHERE lead_id IS NOT NULL",
        "It is noted already why this lead has the tag.",
    )
    _one_subject = models.Constraint(
        "CHECK (num_nonnulls(partner_id, lead_id) = 1"
        " AND num_nonnulls(partner_id, category_id) <> 1 AND num_nonnulls(lead_id, lead_tag_id) <> 1)",
        "A given tag is a contact tag of one customer or a lead tag of one lead.",
    )
    _rule_in_company = models.Constraint(
        "CHECK ((kind = 'rule') = (rule_id IS NOT NULL) AND (rule_id IS NULL) = (company_id IS NULL))",
        "A line of a rule names the rule and the company whose run gave the tag; a line of a user names neither.",
    )

    @api.depends("partner_id", "lead_id", "category_id", "lead_tag_id")
    def _compute_display_name(self):
        for origin in self:
            subject, tag = origin.partner_id or origin.lead_id, origin.category_id or origin.lead_tag_id
            origin.display_name = f"{subject.display_name}, {tag.display_name}"

    @guarded
    def action_allow_again(self):
        """Let rules give the tags again that were removed by hand.

        :raise AccessError: the user may not change one of the customers or leads
        """
        never = self.filtered(lambda origin: origin.kind == "never")
        customers, leads = never.partner_id, never.lead_id
        customers.check_access("write")
        leads.check_access("write")
        never.sudo().unlink()
        self.env["grading.queue"]._enqueue_everywhere(customers)
        self.env["grading.queue"]._enqueue_leads(leads)

    # ------------------------------------------------------------
    # In SQL
    # ------------------------------------------------------------

    @api.model
    def _names(self, subject):
        """The columns of a line, and the table that links ``subject`` with its tags, by the names that SQL uses here.

        :rtype: dict[str, odoo.tools.SQL]
        """
        subject = SUBJECTS[subject]
        field = self.env[subject.model]._fields[subject.tags]
        return {
            "key": SQL.identifier(subject.key),
            "tag": SQL.identifier(subject.tag_key),
            "link": SQL.identifier(field.relation),
            "link_key": SQL.identifier(field.column1),
            "link_tag": SQL.identifier(field.column2),
        }

    @api.model
    def _revoke(self, subject, which):
        """Delete lines of rules, and remove the tags that neither a user nor another rule gave.

        :param str subject: ``customer`` or ``lead``
        :param odoo.tools.SQL which: a condition on ``origin``, a line
        :return: how many tags were removed
        :rtype: int
        """
        self._flush_lines()
        [[count]] = self.env.execute_query(
            SQL(
                """
                WITH deleted AS (
                    DELETE FROM grading_tag_origin AS origin
                     WHERE origin.kind = 'rule' AND origin.%(key)s IS NOT NULL AND %(which)s
                 RETURNING origin.%(key)s AS key, origin.%(tag)s AS tag_id
                ), revoked AS (
                    DELETE FROM %(link)s AS link USING (SELECT DISTINCT key, tag_id FROM deleted) AS tag
                     WHERE link.%(link_key)s = tag.key AND link.%(link_tag)s = tag.tag_id
                       AND NOT EXISTS (
                               SELECT FROM grading_tag_origin AS origin
                                WHERE origin.%(key)s = tag.key AND origin.%(tag)s = tag.tag_id
                                  AND (origin.kind = 'hand' OR origin.kind = 'rule' AND (%(which)s) IS NOT TRUE)
                           )
                 RETURNING 1
                )
                SELECT COUNT(*) FROM revoked
                """,
                which=which,
                **self._names(subject),
            )
        )
        self._forget_cache()
        return count

    @api.model
    def _revoke_everywhere(self, which):
        """Revoke the tags of customers and of leads; see :meth:`_revoke`."""
        for subject in SUBJECTS:
            self._revoke(subject, which)

    @api.model
    def _leave(self, subject, which):
        """Turn lines of rules into lines of tags given by hand, without the name of a user; the tags stay.

        :param str subject: ``customer`` or ``lead``
        :param odoo.tools.SQL which: a condition on ``origin``, a line
        """
        self._flush_lines()
        self.env.execute_query(
            SQL(
                """
                WITH deleted AS (
                    DELETE FROM grading_tag_origin AS origin
                     WHERE origin.kind = 'rule' AND origin.%(key)s IS NOT NULL AND %(which)s
                 RETURNING origin.%(key)s AS key, origin.%(tag)s AS tag_id
                ), by_hand AS (
                    INSERT INTO grading_tag_origin (%(key)s, %(tag)s, kind, date)
                    SELECT DISTINCT key, tag_id, 'hand', NOW() AT TIME ZONE 'UTC' FROM deleted
                        ON CONFLICT DO NOTHING
                 RETURNING id
                )
                SELECT COUNT(*) FROM by_hand
                """,
                which=which,
                **self._names(subject),
            )
        )
        self._forget_cache()

    @api.model
    def _flush_lines(self):
        for model in (self, self.env["grading.tag.rule"], self.env["grading.profile"]):
            model.flush_model()

    @api.model
    def _forget_cache(self):
        """Have Odoo read the tags again."""
        self.invalidate_model(flush=False)
        for subject in SUBJECTS.values():
            changed = [subject.tags, "grading_tag_origin_ids", "grading_tag_origins"]
            self.env[subject.model].invalidate_model(changed, flush=False)
        self.env["res.partner.category"].invalidate_model(["partner_ids"], flush=False)

    # ------------------------------------------------------------
    # Changes by hand
    # ------------------------------------------------------------

    # Noted when a user saves, in few statements however many records are tagged at once.

    @api.model
    def _linked(self, subject, which):
        """Which records have which tags, read from the database: Odoo's cache drops archived tags when a user clears
        those on the screen.

        :param odoo.tools.SQL which: a condition on ``link``
        :return: ids ``{(subject, tag)}``
        """
        select = "SELECT %(link_key)s, %(link_tag)s FROM %(link)s AS link WHERE %(which)s"
        return set(self.env.execute_query(SQL(select, which=which, **self._names(subject))))

    @api.model
    def _note_given(self, subject, pairs):
        """Tags were given by hand: no rule revokes them, and rules may give them, too, if they were forbidden to.

        :param pairs: ids ``{(subject, tag)}``
        """
        self._note(subject, pairs, "hand")

    @api.model
    def _note_taken(self, subject, pairs):
        """Tags were removed by hand: where a rule gives them now, no rule gives them again.

        :param pairs: ids ``{(subject, tag)}``
        """
        if not pairs:
            return
        by_rule = self._delete_given(subject, pairs)
        # Rules leave a tag alone that was given by hand, so there is no line of theirs.
        due = self.env["grading.tag.rule"].sudo()._due(subject, pairs - by_rule)
        self._note(subject, by_rule | due, "never")

    @api.model
    def _delete_given(self, subject, pairs):
        """Delete the lines that say which user or rule gave the tags.

        :return: the pairs that rules had given
        :rtype: set
        """
        self.flush_model()
        lines = self.env.execute_query(
            SQL(
                """
                DELETE FROM grading_tag_origin AS origin USING %(pairs)s
                 WHERE origin.%(key)s = pair.key AND origin.%(tag)s = pair.tag_id AND origin.kind <> 'never'
             RETURNING pair.key, pair.tag_id, origin.kind
                """,
                pairs=self._pairs(pairs),
                **self._names(subject),
            )
        )
        self.invalidate_model(flush=False)
        return {(key, tag) for key, tag, kind in lines if kind == "rule"}

    @api.model
    def _note(self, subject, pairs, kind):
        """Note that the tags were given by hand (``hand``) or are never given by rules (``never``): one line a pair, so
        the one replaces the other."""
        if not pairs:
            return
        self.flush_model()
        self.env.execute_query(
            SQL(
                """
                INSERT INTO grading_tag_origin AS origin (%(key)s, %(tag)s, kind, user_id, date)
                SELECT pair.key, pair.tag_id, %(kind)s, %(user)s, NOW() AT TIME ZONE 'UTC' FROM %(pairs)s
                    ON CONFLICT (%(key)s, %(tag)s, COALESCE(rule_id, 0), COALESCE(company_id, 0))
                       WHERE %(key)s IS NOT NULL
                    DO UPDATE SET kind = EXCLUDED.kind, user_id = EXCLUDED.user_id, date = EXCLUDED.date
                       WHERE origin.kind <> EXCLUDED.kind
             RETURNING origin.id
                """,
                kind=kind,
                user=self.env.uid,
                pairs=self._pairs(pairs),
                **self._names(subject),
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _pairs(self, pairs):
        keys, tags = zip(*sorted(pairs), strict=True)
        return SQL("UNNEST(%s::int[], %s::int[]) AS pair(key, tag_id)", list(keys), list(tags))


class GradingProfile(models.Model):
    """A customer or lead that is no longer scored meets no filter: the tags that rules gave go with the profile."""

    _inherit = "grading.profile"

    def unlink(self):
        self._revoke_tags()
        return super().unlink()

    def _merge_into(self, partner):
        """Of contacts that are merged little is left to revoke: their tags have moved before."""
        self._revoke_tags()
        return super()._merge_into(partner)

    def _revoke_tags(self):
        """Revoke what rules gave to these customers and leads, except for tags that are kept once earned."""
        for name, subject in SUBJECTS.items():
            key = subject.key
            profiles = self.sudo().filtered(key)
            if not profiles:
                continue
            which = SQL(
                """
                origin.%(key)s = ANY(%(subjects)s)
                AND origin.rule_id IN (SELECT id FROM grading_tag_rule WHERE keep IS NOT TRUE)
                AND EXISTS (
                        SELECT FROM grading_profile AS profile
                         WHERE profile.id = ANY(%(profiles)s) AND profile.%(key)s = origin.%(key)s
                           AND profile.company_id = origin.company_id
                    )
                """,
                key=SQL.identifier(key),
                subjects=profiles[key].ids,
                profiles=profiles.ids,
            )
            self.env["grading.tag.origin"]._revoke(name, which)

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.subject import SUBJECTS

# What has tags: the fields of a line that hold the subject and the tag, and where the subject's tags themselves are.
TAGGED = {
    "customer": ("partner_id", "category_id", "res.partner", "category_id"),
    "lead": ("lead_id", "lead_tag_id", "crm.lead", "tag_ids"),
}


class GradingTagOrigin(models.Model):
    """Why a customer or lead has a tag, or never gets it: a rule gave it, somebody gave it, or somebody took it away.

    A tag that no rule gave was given by hand, with or without a line here: contacts had tags before there were rules.
    Contact tags are shared between companies; what rules gave is noted for each company in which they judged.
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
        "What a rule gave names the rule and the company in which it judged; what people gave names neither.",
    )

    @api.depends("partner_id", "lead_id", "category_id", "lead_tag_id")
    def _compute_display_name(self):
        for origin in self:
            subject, tag = origin.partner_id or origin.lead_id, origin.category_id or origin.lead_tag_id
            origin.display_name = f"{subject.display_name}, {tag.display_name}"

    def action_allow_again(self):
        """Let rules give the tags again that somebody took away by hand, to who may be edited.

        :raise AccessError: a customer or lead that the user may not change
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
        key, tag, model, name = TAGGED[subject]
        field = self.env[model]._fields[name]
        return {
            "key": SQL.identifier(key),
            "tag": SQL.identifier(tag),
            "link": SQL.identifier(field.relation),
            "link_key": SQL.identifier(field.column1),
            "link_tag": SQL.identifier(field.column2),
        }

    @api.model
    def _take_back(self, subject, which):
        """Forget lines of rules, and take back the tags that nobody else gave.

        :param odoo.tools.SQL which: a condition on ``origin``, a line
        :return: how many tags were taken back
        """
        self._flush_lines()
        [[count]] = self.env.execute_query(
            SQL(
                """
                WITH forgotten AS (
                    DELETE FROM grading_tag_origin AS origin
                     WHERE origin.kind = 'rule' AND origin.%(key)s IS NOT NULL AND %(which)s
                 RETURNING origin.%(key)s AS key, origin.%(tag)s AS tag_id
                ), taken AS (
                    DELETE FROM %(link)s AS link USING (SELECT DISTINCT key, tag_id FROM forgotten) AS lost
                     WHERE link.%(link_key)s = lost.key AND link.%(link_tag)s = lost.tag_id
                       AND NOT EXISTS (
                               SELECT FROM grading_tag_origin AS origin
                                WHERE origin.%(key)s = lost.key AND origin.%(tag)s = lost.tag_id
                                  AND (origin.kind = 'hand' OR origin.kind = 'rule' AND (%(which)s) IS NOT TRUE)
                           )
                 RETURNING 1
                )
                SELECT COUNT(*) FROM taken
                """,
                which=which,
                **self._names(subject),
            )
        )
        self._forget_cache()
        return count

    @api.model
    def _take_back_everywhere(self, which):
        """Take back the tags of customers and of leads; see :meth:`_take_back`."""
        for subject in TAGGED:
            self._take_back(subject, which)

    @api.model
    def _leave(self, subject, which):
        """Forget lines of rules and leave the tags, as if somebody had given them; nobody is named.

        :param odoo.tools.SQL which: a condition on ``origin``, a line
        """
        self._flush_lines()
        self.env.execute_query(
            SQL(
                """
                WITH forgotten AS (
                    DELETE FROM grading_tag_origin AS origin
                     WHERE origin.kind = 'rule' AND origin.%(key)s IS NOT NULL AND %(which)s
                 RETURNING origin.%(key)s AS key, origin.%(tag)s AS tag_id
                ), left_there AS (
                    INSERT INTO grading_tag_origin (%(key)s, %(tag)s, kind, date)
                    SELECT DISTINCT key, tag_id, 'hand', NOW() AT TIME ZONE 'UTC' FROM forgotten
                        ON CONFLICT DO NOTHING
                 RETURNING id
                )
                SELECT COUNT(*) FROM left_there
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
        """Odoo reads the tags anew."""
        self.invalidate_model(flush=False)
        for _key, _tag, model, name in TAGGED.values():
            self.env[model].invalidate_model([name, "grading_tag_origin_ids", "grading_tag_origins"], flush=False)
        self.env["res.partner.category"].invalidate_model(["partner_ids"], flush=False)

    # ------------------------------------------------------------
    # Changes by hand
    # ------------------------------------------------------------

    # What people do: noted when they save, in few statements however many they tag at once.

    @api.model
    def _linked(self, subject, which):
        """Who has which tag, as it is in the database: Odoo's cache forgets the archived tags of who clears those that
        he sees.

        :param odoo.tools.SQL which: a condition on ``link``
        :return: ids ``{(subject, tag)}``
        """
        select = "SELECT %(link_key)s, %(link_tag)s FROM %(link)s AS link WHERE %(which)s"
        return set(self.env.execute_query(SQL(select, which=which, **self._names(subject))))

    @api.model
    def _note_given(self, subject, pairs):
        """Somebody has given tags by hand: no rule takes them back, and rules may give them again one day.

        :param pairs: ids ``{(subject, tag)}``
        """
        if not pairs:
            return
        self._forget(subject, pairs, SQL("origin.kind = 'never'"))
        self._note(subject, pairs, "hand")

    @api.model
    def _note_taken(self, subject, pairs):
        """Somebody has taken tags away by hand: no rule gives them again to whom a rule gives them now.

        :param pairs: ids ``{(subject, tag)}``
        """
        if not pairs:
            return
        lines = self._forget(subject, pairs, SQL("origin.kind <> 'never'"))
        by_rule = {(key, tag) for key, tag, kind in lines if kind == "rule"}
        # Rules leave a tag alone that was given by hand, so that they have no line of it.
        due = self.env["grading.tag.rule"].sudo()._due(subject, pairs - by_rule)
        self._note(subject, by_rule | due, "never")

    @api.model
    def _forget(self, subject, pairs, which):
        """Delete lines.

        :return: what they were, ``[(subject id, tag id, kind)]``
        """
        self.flush_model()
        lines = self.env.execute_query(
            SQL(
                """
                DELETE FROM grading_tag_origin AS origin USING %(pairs)s
                 WHERE origin.%(key)s = pair.key AND origin.%(tag)s = pair.tag_id AND %(which)s
             RETURNING pair.key, pair.tag_id, origin.kind
                """,
                pairs=self._pairs(pairs),
                which=which,
                **self._names(subject),
            )
        )
        self.invalidate_model(flush=False)
        return lines

    @api.model
    def _note(self, subject, pairs, kind):
        if not pairs:
            return
        self.env.execute_query(
            SQL(
                """
                INSERT INTO grading_tag_origin (%(key)s, %(tag)s, kind, user_id, date)
                SELECT pair.key, pair.tag_id, %(kind)s, %(user)s, NOW() AT TIME ZONE 'UTC' FROM %(pairs)s
                    ON CONFLICT DO NOTHING
             RETURNING id
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
    """Who is judged no longer meets no filter any more: what rules gave to him goes with his profile."""

    _inherit = "grading.profile"

    def unlink(self):
        self._take_back_tags()
        return super().unlink()

    def _merge_into(self, partner):
        """A customer who has become a contact of another one is judged no longer.

        Of contacts that are merged there is nothing left to take back: their tags have moved on before.
        """
        self._take_back_tags()
        return super()._merge_into(partner)

    def _take_back_tags(self):
        """Take back what rules gave to these customers and leads, but for what is kept for good."""
        for subject, (key, *_rest) in SUBJECTS.items():
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
            self.env["grading.tag.origin"]._take_back(subject, which)

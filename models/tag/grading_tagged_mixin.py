from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..base.context import ByServer, is_by_server
from ..base.fields import SELLERS
from ..base.subject import SUBJECTS


class GradingTaggedMixin(models.AbstractModel):
    """A record with tags that rules may give: notes which tags users add and remove, and shows which ones rules gave.

    A model that inherits has its entry in ``SUBJECTS`` and names it in ``_grading_subject``; it has the provenance of
    its tags in ``grading_tag_origin_ids``.
    """

    _name = "grading.tagged.mixin"
    _description = "Record with Tags of Rules"
    _grading_subject = None

    grading_tag_origins = fields.Json(
        string="Tags of Rules",
        compute="_compute_grading_tag_origins",
        groups=SELLERS,
        help="By the id of each tag that rules gave: which ones, and when.",
    )

    @api.depends("grading_tag_origin_ids")
    @api.depends_context("lang", "tz", "allowed_company_ids")
    def _compute_grading_tag_origins(self):
        subject = SUBJECTS[self._grading_subject]
        origins = self.env["grading.tag.origin"].sudo()
        origins = origins.search([(subject.key, "in", self._origin.ids), ("kind", "=", "rule")], order="date, id")
        by_record = origins.grouped(subject.key)
        for record in self:
            texts = {}
            for origin in by_record.get(record._origin, ()):
                texts.setdefault(origin[subject.tag_key].id, []).append(self._grading_origin_text(origin))
            record.grading_tag_origins = {tag_id: " ".join(lines) for tag_id, lines in texts.items()}

    def _grading_origin_text(self, origin):
        date = format_date(self.env, fields.Datetime.context_timestamp(self, origin.date).date())
        if origin.company_id not in self.env.companies:
            return self.env._("Given by a rule of another company on %(date)s.", date=date)
        return self.env._("Given by the rule “%(rule)s” on %(date)s.", rule=origin.rule_id.name, date=date)

    # ------------------------------------------------------------
    # By hand
    # ------------------------------------------------------------

    @property
    def _grading_tags(self):
        """The name of the field with the tags."""
        return SUBJECTS[self._grading_subject].tags

    def _grading_tag_pairs(self):
        """``{(id of the record, id of the tag)}``, archived tags included."""
        Origin, subject = self.env["grading.tag.origin"], self._grading_subject
        return Origin._linked(subject, SQL("link.%s = ANY(%s)", Origin._names(subject)["link_key"], self.ids))

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        name = self._grading_tags
        if f"default_{name}" in self.env.context or any(name in vals for vals in vals_list):
            self.env["grading.tag.origin"]._note_given(self._grading_subject, records._grading_tag_pairs())
        return records

    def write(self, vals):
        if self._grading_tags not in vals or is_by_server(self.env, "grading_tags_noted"):
            return super().write(vals)
        former = self._grading_tag_pairs()
        res = super().write(vals)
        current = self._grading_tag_pairs()
        self.env["grading.tag.origin"]._note_given(self._grading_subject, current - former)
        self.env["grading.tag.origin"]._note_taken(self._grading_subject, former - current)
        return res

    def copy_data(self, default=None):
        """A copy takes along the tags that users gave; rules decide on the copy by its own figures."""
        vals_list = super().copy_data(default)
        if self._grading_tags in (default or {}):
            return vals_list
        for record, vals in zip(self, vals_list, strict=True):
            if self._grading_tags in vals:
                by_hand, _never, _by_rule = record._grading_reasons()
                vals[self._grading_tags] = [Command.set(sorted(by_hand))]
        return vals_list

    # ------------------------------------------------------------
    # Merge
    # ------------------------------------------------------------

    def _grading_has_origins(self):
        """Whether the provenance of a tag is noted for any of these records: for most it is not.

        :rtype: bool
        """
        if is_by_server(self.env, "grading_no_origins"):
            return False
        key = SUBJECTS[self._grading_subject].key
        return bool(self.env["grading.tag.origin"].sudo().search_count([(key, "in", self.ids)], limit=1))

    def _grading_reasons(self):
        """Why these records, taken as one, have their tags. By hand beats never, and never beats the rules.

        :return: ids of the tags given by hand, of those never to be given, and of those that only rules gave
        :rtype: tuple[set, set, set]
        """
        key, tag = SUBJECTS[self._grading_subject].key, SUBJECTS[self._grading_subject].tag_key
        origins = self.env["grading.tag.origin"].sudo().search([(key, "in", self.ids)]).grouped("kind")
        none = self.env["grading.tag.origin"]
        pairs = self._grading_tag_pairs()
        ruled = {(origin[key].id, origin[tag].id) for origin in origins.get("rule", none)}
        by_hand = {tag_id for _record, tag_id in pairs - ruled} | set(origins.get("hand", none)[tag].ids)
        never = set(origins.get("never", none)[tag].ids) - by_hand
        return by_hand, never, {tag_id for _record, tag_id in pairs & ruled} - by_hand - never

    def _grading_merge_tags(self, others):
        """Take over the tags of records that will be merged into this one, and their provenance.

        Nothing is noted as given by hand that was not.
        """
        self.ensure_one()
        merged = self | others
        key, tag = SUBJECTS[self._grading_subject].key, SUBJECTS[self._grading_subject].tag_key
        by_hand, never, by_rule = merged._grading_reasons()
        origins = self.env["grading.tag.origin"].sudo().search([(key, "in", merged.ids)])
        kept = {}
        for origin in origins.sorted(lambda origin: (origin[key] != self, origin.date, origin.id)):
            beaten = {"never": by_hand, "rule": never}.get(origin.kind, ())
            if origin[tag].id not in beaten:
                kept.setdefault((origin[tag].id, origin.kind, origin.rule_id, origin.company_id), origin)
        moved = origins.browse().union(*kept.values())
        (origins - moved).unlink()
        moved[key] = self
        noted = {tag_id for tag_id, kind, _rule, _company in kept if kind == "hand"}
        given = {tag_id for tag_id, kind, _rule, _company in kept if kind == "rule"}
        # A tag without a line was given by hand: beside lines of rules it needs a line to survive them.
        origins.create([{key: self.id, tag: tag_id, "kind": "hand"} for tag_id in sorted(by_hand & given - noted)])
        name = self._grading_tags
        others = merged - self
        others.sudo().with_context(grading_tags_noted=ByServer.YES).write({name: [Command.clear()]})
        tags = [Command.set(sorted(by_hand | by_rule))]
        self.sudo().with_context(grading_tags_noted=ByServer.YES).write({name: tags})

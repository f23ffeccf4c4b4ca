from odoo import api, models
from odoo.tools import SQL


class GradingTagOrigin(models.Model):
    """What people do: noted when they save, in few statements however many they tag at once."""

    _inherit = "grading.tag.origin"

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

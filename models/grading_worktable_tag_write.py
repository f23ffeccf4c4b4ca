from contextlib import contextmanager

from odoo import api, models
from odoo.tools import SQL

from .grading_worktable import TABLES
from .grading_worktable_tag import TAG_CHANGES


class GradingWorktable(models.AbstractModel):
    """How *tag changes* get to where people see them, a batch at a time."""

    _inherit = "grading.worktable"

    @api.model
    def _write_tag_batch(self, subject, first, last):
        """Give and take back the tags of the customers or leads ``first`` to ``last`` of *tag changes*.

        What a person has given or taken away since they were found out stays as he wants it; who or which rule has
        gone since is passed over.

        :return: how many tags were given, and how many taken back
        :rtype: tuple[int, int]
        """
        if first > last:
            return 0, 0
        Origin = self.env["grading.tag.origin"]
        batch = SQL("(SELECT * FROM %s WHERE place BETWEEN %s AND %s)", TAG_CHANGES, first, last)
        due = self._still_due(subject, batch)
        with self._looking_up():
            self._note_tags(subject, due)
            given = self._give_tags(subject, due)
            # Only now: a tag that another rule has just taken over stays.
            taken = Origin._take_back(subject, SQL("origin.id IN (SELECT origin_id FROM %s AS batch)", batch))
        Origin._forget_cache()
        return given, taken

    @contextmanager
    def _looking_up(self):
        """Have a batch's tags looked up by their indexes, whatever the planner is told for everybody at once.

        A table that is still empty it would read row by row, again for each tag, while the batch is filling it.
        """
        [[nestloop]] = self.env.execute_query(SQL("SELECT CURRENT_SETTING('enable_nestloop')"))
        self.env.execute_query(SQL("SET LOCAL enable_nestloop = on"))
        self.env.execute_query(SQL("SET LOCAL enable_seqscan = off"))
        yield
        self.env.execute_query(SQL("SET LOCAL enable_seqscan = on"))
        self.env.execute_query(SQL("SET LOCAL enable_nestloop = %s", nestloop))

    @api.model
    def _still_due(self, subject, batch):
        """Of *tag changes*, what is to be given, by rules and to customers or leads that are still there.

        The lock of a foreign key: who deletes one of them meanwhile collides with the batch, which is tried again.
        """
        return SQL(
            """
            (SELECT due.*
               FROM %(batch)s AS due
               JOIN grading_tag_rule AS rule ON rule.id = due.rule_id AND %(in_force)s
               JOIN %(table)s AS subject ON subject.id = due.key
              WHERE due.origin_id IS NULL
                FOR KEY SHARE OF rule, subject)
            """,
            batch=batch,
            in_force=self._rule_in_force(SQL.identifier("due", "tag_id")),
            table=SQL.identifier(TABLES[subject]),
        )

    @api.model
    def _note_tags(self, subject, due):
        """Note that rules give the tags ``due``."""
        self.env.execute_query(
            SQL(
                """
                WITH noted AS (
                    INSERT INTO grading_tag_origin (%(key)s, %(tag)s, kind, rule_id, company_id, date)
                    SELECT give.key, give.tag_id, 'rule', give.rule_id, %(company)s, NOW() AT TIME ZONE 'UTC'
                      FROM (%(give)s) AS give
                        ON CONFLICT DO NOTHING
                 RETURNING id
                )
                SELECT COUNT(*) FROM noted
                """,
                give=self._tags_to_give_select(subject, due),
                company=self.env.company.id,
                **self.env["grading.tag.origin"]._names(subject),
            )
        )

    @api.model
    def _give_tags(self, subject, due):
        """Give those of the tags ``due`` that are noted and missing; how many these are."""
        [[count]] = self.env.execute_query(
            SQL(
                """
                WITH given AS (
                    INSERT INTO %(link)s (%(link_key)s, %(link_tag)s)
                    SELECT DISTINCT due.key, due.tag_id
                      FROM %(due)s AS due
                      JOIN grading_tag_origin AS origin ON origin.%(key)s = due.key AND origin.%(tag)s = due.tag_id
                       AND origin.rule_id = due.rule_id AND origin.company_id = %(company)s
                     WHERE NOT EXISTS (
                               SELECT FROM %(link)s AS link
                                WHERE link.%(link_key)s = due.key AND link.%(link_tag)s = due.tag_id
                           )
                        ON CONFLICT DO NOTHING
                 RETURNING 1
                )
                SELECT COUNT(*) FROM given
                """,
                due=due,
                company=self.env.company.id,
                **self.env["grading.tag.origin"]._names(subject),
            )
        )
        return count

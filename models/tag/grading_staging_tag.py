from odoo import api, models
from odoo.tools import SQL

from ..base.subject import SUBJECTS
from ..run.grading_staging import POPULATION

# Which rules give which tags to which customers or leads; and what has to change for that, numbered by record.
DUE_TAGS = SQL.identifier("pg_temp", "grading_run_due_tags")
TAG_CHANGES = SQL.identifier("pg_temp", "grading_run_tag_changes")


class GradingWorktable(models.AbstractModel):
    """How rules give and revoke tags: in sets, touching nothing where nothing changes.

    One pass over the profiles finds which customers or leads meet which filters. What differs from their present tags
    is written in batches, each record whole (:meth:`_write_tag_batch`); what users do meanwhile is respected.
    """

    _inherit = "grading.worktable"

    @api.model
    def _create_tag_changes(self, rules, population=POPULATION):
        """Step 6: find out which tags have to be given and which revoked.

        :param Rules rules: its ``tag_rules`` are usable ones of the current company; without any, what rules gave that
            holds no longer is revoked
        :param odoo.tools.SQL population: a table with the keys of the customers or leads in question
        :return: how many customers or leads get or lose a tag
        """
        subject, tag_rules = rules.subject, rules.tag_rules
        if not tag_rules and not self._is_any_tag_given(subject):
            return 0
        self._create(DUE_TAGS, self._due_tags_select(subject, tag_rules, rules.as_of, population))
        self.env.execute_query(SQL("ANALYZE %s", DUE_TAGS))
        select = SQL(
            "SELECT DENSE_RANK() OVER (ORDER BY key) AS place, change.* FROM (%s UNION ALL %s) AS change",
            self._tags_to_give_select(subject, DUE_TAGS),
            self._tags_to_take_select(subject, tag_rules, population),
        )
        if not self._create(TAG_CHANGES, select):
            return 0
        self._prepare_batches(TAG_CHANGES)
        return self.env.execute_query(SQL("SELECT COALESCE(MAX(place), 0) FROM %s", TAG_CHANGES))[0][0]

    @api.model
    def _due_tags_select(self, subject, rules, as_of, population):
        """``SELECT key, rule_id, tag_id``: which customers or leads meet the filters of which rules, and the tags.

        OFFSET 0: the tags are looked up at the end, not once for each customer.
        """
        key = SQL.identifier(SUBJECTS[subject].key)
        query = self._query(SQL.identifier("grading_profile"))
        query.add_join("JOIN", "population", population, SQL("population.%(key)s = grading_profile.%(key)s", key=key))
        if SUBJECTS[subject].by_company:
            query.add_where(SQL("grading_profile.company_id = %s", self.env.company.id))
        choices = rules._to_sql(query, as_of) or [SQL("NULL::int")]
        return SQL(
            """
            SELECT due.key, due.rule_id, COALESCE(rule.category_id, rule.lead_tag_id) AS tag_id
              FROM (SELECT grading_profile.%(key)s AS key, given.rule_id
                      FROM %(tables)s CROSS JOIN LATERAL UNNEST(ARRAY[%(choices)s]) AS given(rule_id)
                     WHERE %(condition)s AND given.rule_id IS NOT NULL OFFSET 0) AS due
              JOIN grading_tag_rule AS rule ON rule.id = due.rule_id
            """,
            key=key,
            tables=query.from_clause,
            choices=SQL(", ").join(choices),
            condition=query.where_clause or SQL("TRUE"),
        )

    @api.model
    def _tags_to_give_select(self, subject, due):
        """Of the tags ``due``, those to be given or to be noted as given.

        Neither those that were removed by hand, nor those that are present and no rule gave. Whether another rule gave
        a tag is asked last: for most tags it need not be asked.
        """
        return SQL(
            """
            SELECT due.key, due.tag_id, due.rule_id, NULL::int AS origin_id
              FROM %(due)s AS due
         LEFT JOIN %(link)s AS link ON link.%(link_key)s = due.key AND link.%(link_tag)s = due.tag_id
         LEFT JOIN grading_tag_origin AS own ON own.%(key)s = due.key AND own.%(tag)s = due.tag_id
               AND own.rule_id = due.rule_id AND own.company_id = %(company)s
             WHERE NOT EXISTS (
                       SELECT FROM grading_tag_origin AS never
                        WHERE never.%(key)s = due.key AND never.%(tag)s = due.tag_id AND never.kind = 'never'
                   )
               AND (link.%(link_key)s IS NULL OR own.id IS NULL AND EXISTS (
                       SELECT FROM grading_tag_origin AS other
                        WHERE other.%(key)s = due.key AND other.%(tag)s = due.tag_id AND other.kind = 'rule'
                   ))
            """,
            due=due,
            company=self.env.company.id,
            **self.env["grading.tag.origin"]._names(subject),
        )

    @api.model
    def _tags_to_take_select(self, subject, rules, population):
        """What ``rules`` gave in this company to customers or leads that no longer meet their filters.

        A lead is scored by one company: what the rules of another one gave before it came from there goes, too. So
        does, kept or not, what was given while a user archived the rule or gave it another tag or company.
        """
        company = self.env.company
        no_longer = SQL("origin.company_id = %s AND rule.id = ANY(%s) AND due.key IS NULL", company.id, rules.ids)
        if not SUBJECTS[subject].by_company:
            no_longer = SQL("((%s) OR origin.company_id <> %s)", no_longer, company.id)
        return SQL(
            """
            SELECT origin.%(key)s AS key, origin.%(tag)s AS tag_id, origin.rule_id, origin.id AS origin_id
              FROM grading_tag_origin AS origin
              JOIN grading_tag_rule AS rule ON rule.id = origin.rule_id
              JOIN %(population)s AS population ON population.%(key)s = origin.%(key)s
         -- NOT EXISTS after OR would be no join, but a search through all that are due for each tag.
         LEFT JOIN %(due)s AS due ON due.key = origin.%(key)s AND due.rule_id = origin.rule_id
             WHERE origin.company_id = %(company)s AND (%(in_force)s) IS NOT TRUE
                OR NOT COALESCE(rule.keep, FALSE) AND %(no_longer)s
            """,
            population=population,
            due=DUE_TAGS,
            company=company.id,
            in_force=self._rule_in_force(SQL.identifier("origin", SUBJECTS[subject].tag_key)),
            no_longer=no_longer,
            **self.env["grading.tag.origin"]._names(subject),
        )

    @api.model
    def _rule_in_force(self, tag):
        """Whether ``rule`` still gives ``tag`` in the current company: it may have changed since the run began."""
        return SQL(
            """
            rule.active AND COALESCE(rule.category_id, rule.lead_tag_id) = %s
            AND COALESCE(rule.company_id, %s) = %s
            """,
            tag,
            self.env.company.id,
            self.env.company.id,
        )

    @api.model
    def _is_any_tag_given(self, subject):
        """Whether customers or leads have tags from rules, in any company."""
        key = self.env["grading.tag.origin"]._names(subject)["key"]
        exists = SQL("SELECT EXISTS (SELECT FROM grading_tag_origin WHERE rule_id IS NOT NULL AND %s IS NOT NULL)", key)
        return self.env.execute_query(exists)[0][0]

    # ------------------------------------------------------------
    # Writing tag changes
    # ------------------------------------------------------------

    @api.model
    def _write_tag_batch(self, rules, first, last):
        """Step 6, see :meth:`_write_tag_changes`: how many tags were given and revoked, for the run."""
        return {"tag_count": sum(self._write_tag_changes(rules.subject, first, last))}

    @api.model
    def _write_tag_changes(self, subject, first, last):
        """Give and revoke the tags of the customers or leads ``first`` to ``last`` of *tag changes*.

        Tags that users have given or removed meanwhile stay as they are; records and rules that are gone are skipped.

        :return: how many tags were given, and how many revoked
        :rtype: tuple[int, int]
        """
        if first > last:
            return 0, 0
        Origin = self.env["grading.tag.origin"]
        batch = SQL("(SELECT * FROM %s WHERE place BETWEEN %s AND %s)", TAG_CHANGES, first, last)
        due = self._still_due(subject, batch)
        # Tags are looked up by their indexes: a table that is still empty the planner would read row by row, again for
        # each tag, while the batch is filling it.
        with self._planner(enable_nestloop="on", enable_seqscan="off"):
            self._note_tags(subject, due)
            given = self._give_tags(subject, due)
            # Only now: a tag that another rule has just taken over stays.
            revoked = Origin._revoke(subject, SQL("origin.id IN (SELECT origin_id FROM %s AS batch)", batch))
        Origin._forget_cache()
        return given, revoked

    @api.model
    def _still_due(self, subject, batch):
        """Of *tag changes*, what is to be given, by rules and to customers or leads that still exist.

        They are locked as by a foreign key: to delete one of them meanwhile collides with the batch, which is tried
        again.
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
            table=SQL.identifier(SUBJECTS[subject].table),
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

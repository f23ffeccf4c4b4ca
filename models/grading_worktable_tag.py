from contextlib import contextmanager

from odoo import api, models
from odoo.tools import SQL

from .grading_worktable import KEYS, POPULATION

# Who meets the filters of which rules; and what has to be given or taken back for that, numbered by customer or lead.
DUE_TAGS = SQL.identifier("pg_temp", "grading_run_due_tags")
TAG_CHANGES = SQL.identifier("pg_temp", "grading_run_tag_changes")


class GradingWorktable(models.AbstractModel):
    """How rules give tags and take them back: in sets, touching nothing where nothing changes.

    One pass over the profiles says who meets which filters. What differs from the tags that are there is written for
    so many customers or leads at once, each whole (:meth:`_write_tag_batch`); what people do meanwhile is respected.
    """

    _inherit = "grading.worktable"

    @api.model
    def _write_tags(self, rules, as_of, population=POPULATION):
        """Step 6 in one go, for callers who need not commit in between.

        :param grading.tag.rule rules: usable rules of the current company, all for customers or all for leads
        :param datetime.date as_of: the day that ``today`` means in the filters
        :param odoo.tools.SQL population: a table with the keys of the customers or leads to judge
        :return: how many tags were given, and how many taken back
        :rtype: tuple[int, int]
        """
        return self._write_tag_batch(1, self._create_tag_changes(rules, as_of, population))

    @api.model
    def _create_tag_changes(self, rules, as_of, population=POPULATION):
        """Find out what has to be given and taken back; the arguments are those of :meth:`_write_tags`.

        :return: how many customers or leads get or lose something
        """
        subject = rules[:1].subject or "customer"
        self._create(DUE_TAGS, self._due_tags_select(rules, as_of, population))
        self.env.execute_query(SQL("ANALYZE %s", DUE_TAGS))
        select = SQL(
            "SELECT DENSE_RANK() OVER (ORDER BY key) AS place, change.* FROM (%s UNION ALL %s) AS change",
            self._tags_to_give_select(subject, DUE_TAGS),
            self._tags_to_take_select(subject, rules, population),
        )
        self._create(TAG_CHANGES, select)
        self.env.execute_query(SQL("CREATE INDEX ON %s (place)", TAG_CHANGES))
        self.env.execute_query(SQL("ANALYZE %s", TAG_CHANGES))
        return self.env.execute_query(SQL("SELECT COALESCE(MAX(place), 0) FROM %s", TAG_CHANGES))[0][0]

    @api.model
    def _due_tags_select(self, rules, as_of, population):
        """``SELECT key, rule_id, tag_id``: who meets the filter of which rule, and gets which tag for it.

        OFFSET 0: the tags are looked up at the end, not once for each customer.
        """
        key = SQL.identifier(KEYS[rules[:1].subject or "customer"])
        query = self._query(SQL.identifier("grading_profile"))
        query.add_join("JOIN", "population", population, SQL("population.%(key)s = grading_profile.%(key)s", key=key))
        if rules[:1].subject != "lead":  # a lead has one profile
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

        Not those that somebody has taken away by hand, nor those that are there and no rule gave. Whether another rule
        gave a tag is asked last: of most tags it need not be asked.
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
        """What ``rules`` gave in this company to those who no longer meet their filters.

        A lead is judged by one company: what the rules of another one gave before it came from there goes, too.
        """
        company = self.env.company
        no_longer = SQL(
            """
            origin.company_id = %(company)s AND rule.id = ANY(%(rules)s) AND NOT EXISTS (
                SELECT FROM %(due)s AS due WHERE due.key = origin.%(key)s AND due.rule_id = origin.rule_id
            )
            """,
            company=company.id,
            rules=rules.ids,
            due=DUE_TAGS,
            key=SQL.identifier(KEYS[subject]),
        )
        if subject == "lead":
            no_longer = SQL("((%s) OR origin.company_id <> %s)", no_longer, company.id)
        return SQL(
            """
            SELECT origin.%(key)s AS key, origin.%(tag)s AS tag_id, origin.rule_id, origin.id AS origin_id
              FROM grading_tag_origin AS origin
              JOIN grading_tag_rule AS rule ON rule.id = origin.rule_id
              JOIN %(population)s AS population ON population.%(key)s = origin.%(key)s
             WHERE NOT COALESCE(rule.keep, FALSE) AND %(no_longer)s
            """,
            population=population,
            no_longer=no_longer,
            **self.env["grading.tag.origin"]._names(subject),
        )

    @api.model
    def _write_tag_batch(self, first, last):
        """Give and take back the tags of the customers or leads ``first`` to ``last`` of *tag changes*.

        What a person has given or taken away since they were found out stays as he wants it.

        :return: how many tags were given, and how many taken back
        :rtype: tuple[int, int]
        """
        if first > last:
            return 0, 0
        Origin = self.env["grading.tag.origin"]
        batch = SQL("(SELECT * FROM %s WHERE place BETWEEN %s AND %s)", TAG_CHANGES, first, last)
        [[rule_id]] = self.env.execute_query(SQL("SELECT rule_id FROM %s LIMIT 1", TAG_CHANGES))
        subject = self.env["grading.tag.rule"].browse(rule_id).subject
        with self._looking_up():
            given = self._give_tags(subject, SQL("(SELECT * FROM %s AS batch WHERE origin_id IS NULL)", batch))
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
    def _give_tags(self, subject, due):
        """Note that rules give the tags ``due``, and give those that are missing; how many these are."""
        names = self.env["grading.tag.origin"]._names(subject)
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
                **names,
            )
        )
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
                **names,
            )
        )
        return count

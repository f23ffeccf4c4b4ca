from odoo import api, models
from odoo.tools import SQL

from ..base.subject import SUBJECTS
from .grading_staging import MEASURED, PROFILE_CHANGES

# Documents that are named when they had to be left out.
NAMED_DOCUMENTS = 5


class GradingWorktable(models.AbstractModel):
    """The profile sink: what differs from the profile in force gets to where people see it, with a line of history."""

    _inherit = "grading.worktable"

    @api.model
    def _create_profile_changes(self, rules):
        """Number those of *graded* that differ from the profile in force; how many they are."""
        written = self._written_columns()
        select = SQL(
            "SELECT ROW_NUMBER() OVER (ORDER BY graded.id) AS place, graded.* FROM (%s) AS graded"
            " LEFT JOIN grading_profile AS profile ON profile.id = graded.id"
            " WHERE profile.id IS NULL OR (%s) IS DISTINCT FROM (%s)",
            self._graded_select(rules),
            self._list("graded", written),
            self._list("profile", written),
        )
        self._create(PROFILE_CHANGES, select)
        self.env.execute_query(SQL("CREATE INDEX ON %s (place)", PROFILE_CHANGES))
        return self._count(PROFILE_CHANGES)

    @api.model
    def _write_profile_batch(self, rules, first, last):
        """Write the rows ``first`` to ``last`` of *profile changes*, with their history, in one statement.

        The rules did it, no person: the columns that name a user stay empty. A row that a user has changed
        meanwhile is left to the next rescoring.

        :return: how many profiles were written
        :rtype: dict[str, int]
        """
        subject = SUBJECTS[rules.subject]
        written = self._written_columns()
        [[count]] = self.env.execute_query(
            SQL(
                """
                WITH batch AS (SELECT * FROM %(changes)s WHERE place BETWEEN %(first)s AND %(last)s),
                updated AS (
                    UPDATE grading_profile AS profile SET (%(columns)s, write_uid, write_date) =
                        (%(values)s, NULL, NOW() AT TIME ZONE 'UTC')
                      FROM batch
                     WHERE profile.id = batch.id AND profile.write_date IS NOT DISTINCT FROM batch.write_date
                 RETURNING profile.id, profile.%(key)s
                ), inserted AS (
                    INSERT INTO grading_profile
                        (%(key)s, company_id, %(columns)s, create_date, write_date)
                    SELECT batch.%(key)s, batch.company_id, %(values)s,
                           NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
                      FROM batch JOIN %(table)s AS subject ON subject.id = batch.%(key)s
                     WHERE batch.id < 0
                        ON CONFLICT DO NOTHING
                 RETURNING id, %(key)s
                ), written AS (SELECT * FROM updated UNION ALL SELECT * FROM inserted),
                noted AS (
                    %(history)s
                )
                SELECT COUNT(*) FROM written
                """,
                changes=PROFILE_CHANGES,
                key=SQL.identifier(subject.key),
                table=SQL.identifier(subject.table),
                first=first,
                last=last,
                columns=SQL(", ").join(SQL.identifier(name) for name in written),
                values=self._list("batch", written),
                history=self._history_insert(rules),
            )
        )
        if count < last - first + 1:
            self._requeue(rules.subject, first, last)
        return {"changed_count": count}

    @api.model
    def _history_insert(self, rules):
        """``INSERT`` a line of history for each profile *written* of *batch* whose grade or stage has changed."""
        return SQL(
            """
            INSERT INTO grading_history
                (profile_id, %(key)s, company_id, date, old_grade_id, new_grade_id, old_lifecycle_id,
                 new_lifecycle_id, old_score, new_score, reason, create_date, write_date)
            SELECT written.id, batch.%(key)s, batch.company_id, %(as_of)s, batch.old_grade_id,
                   batch.grade_id, batch.old_lifecycle_id, batch.lifecycle_id, batch.old_score, batch.score,
                   batch.reason, NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
              FROM batch JOIN written ON written.%(key)s = batch.%(key)s
             WHERE (batch.old_grade_id, batch.old_lifecycle_id)
                   IS DISTINCT FROM (batch.grade_id, batch.lifecycle_id)
          ORDER BY batch.place
            """,
            key=SQL.identifier(SUBJECTS[rules.subject].key),
            as_of=rules.as_of,
        )

    @api.model
    def _requeue(self, subject, first, last):
        """Ask for a new score of the rows that were not written, because a user changed the profile meanwhile."""
        rows = self.env.execute_query(
            SQL(
                "SELECT subject.id FROM %(changes)s AS changes"
                " JOIN %(table)s AS subject ON subject.id = changes.%(key)s"
                " LEFT JOIN grading_profile AS profile ON profile.id = changes.id"
                " WHERE changes.place BETWEEN %(first)s AND %(last)s"
                " AND profile.write_date IS DISTINCT FROM changes.write_date"
                " AND (profile.score, profile.grade_id) IS DISTINCT FROM (changes.score, changes.grade_id)",
                changes=PROFILE_CHANGES,
                table=SQL.identifier(SUBJECTS[subject].table),
                key=SQL.identifier(SUBJECTS[subject].key),
                first=first,
                last=last,
            )
        )
        ids = [subject_id for [subject_id] in rows]
        Queue = self.env["grading.queue"]
        if subject == "lead":
            Queue._enqueue_leads(self.env["crm.lead"].browse(ids))
        else:
            company = self.env.company
            Queue._enqueue((partner, company) for partner in self.env["res.partner"].browse(ids))

    @api.model
    def _left_out(self):
        """What to say of the documents that could not be counted, as a list of sentences."""
        [[count, customers]] = self.env.execute_query(
            SQL("SELECT SUM(left_out)::int, ARRAY_AGG(partner_id) FROM %s WHERE left_out > 0", MEASURED)
        )
        if not count:
            return []
        contacts = self.env["grading.population"]._contacts(self.env["res.partner"].browse(customers))
        unusable = self.env["grading.measure"]._unusable_documents(contacts)
        rows = self.env.execute_query(SQL("%s ORDER BY name LIMIT %s", unusable, NAMED_DOCUMENTS))
        names = ", ".join(name or "?" for [name] in rows)
        return [
            self.env._(
                "%(count)s documents were skipped: their amount or currency rate is invalid. Please correct: %(names)s",
                count=count,
                names=names + (" …" if count > len(rows) else ""),
            )
        ]

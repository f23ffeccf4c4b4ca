from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ..base.subject import SUBJECTS
from .grading_staging import MEASURED, PROFILE_CHANGES

# Documents that are named when they had to be left out.
NAMED_DOCUMENTS = 5


class WrittenProfiles(NamedTuple):
    """What became of a batch of *profile changes*."""

    count: int  # profiles that the run has changed for the first time
    scores: int  # of these, with another score
    grades: int  # and with another grade
    missed: list  # ids of the customers or leads that were not written
    created: list  # ids of new profiles
    noted: list  # ids of new lines of history


class GradingWorktable(models.AbstractModel):
    """The profile sink: what differs from the profile in force gets to where people see it, with a line of history."""

    _inherit = "grading.worktable"

    @api.model
    def _create_profile_changes(self, rules):
        """Number those of *graded* that differ from the profile in force; how many they are."""
        self._create(PROFILE_CHANGES, self._changes_select(rules))
        self._prepare_batches(PROFILE_CHANGES, "id", *(subject.key for subject in SUBJECTS.values()))
        rules.run.left_count = self._count(PROFILE_CHANGES)
        return rules.run.left_count

    @api.model
    def _write_profile_batch(self, rules, first, last):
        """Write the rows ``first`` to ``last`` of *profile changes*, with their history.

        A row that a user has in hand, or has changed meanwhile, is left to the next rescoring.

        :return: what is to be added to the figures of the run
        :rtype: dict[str, int]
        """
        self._leave_held(PROFILE_CHANGES, "id", first, last)
        written = self._write_profiles(rules, first, last)
        self._requeue(rules.subject, written.missed)
        self._profiles_written(rules, first, last, written)
        return {
            "changed_count": written.count,
            "score_count": written.scores,
            "grade_count": written.grades,
            "left_count": first - last - 1,
        }

    @api.model
    def _profiles_written(self, rules, first, last, written):
        """What follows from new grades and stages, in the transaction that writes them.

        :param WrittenProfiles written: what was written of the rows ``first`` to ``last`` of *profile changes*
        """

    @api.model
    def _write_profiles(self, rules, first, last):
        """Write profiles and history in one statement. The rules did it, no person: the columns that name a user stay
        empty.

        :rtype: WrittenProfiles
        """
        subject = SUBJECTS[rules.subject]
        columns = {name: SQL.identifier("batch", name) for name in (*self._written_columns(), "scheme_version")}
        columns["noted_score"] = SQL.identifier("batch", "noted")
        [row] = self.env.execute_query(
            SQL(
                """
                WITH batch AS (SELECT * FROM %(changes)s WHERE place BETWEEN %(first)s AND %(last)s),
                updated AS (
                    UPDATE grading_profile AS profile
                       SET (%(columns)s, changed_run, counted_run, write_uid, write_date) =
                           (%(values)s, %(run)s, %(counted_run)s, NULL, NOW() AT TIME ZONE 'UTC')
                      FROM batch
                     WHERE profile.id = batch.id AND profile.write_date IS NOT DISTINCT FROM batch.write_date
                 RETURNING profile.id, profile.%(key)s
                ), inserted AS (
                    INSERT INTO grading_profile
                        (%(key)s, company_id, %(columns)s, changed_run, counted_run, create_date, write_date)
                    SELECT batch.%(key)s, batch.company_id, %(values)s, %(run)s, %(counted_run)s,
                           NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
                      FROM batch JOIN %(table)s AS subject ON subject.id = batch.%(key)s
                     WHERE batch.id < 0
                        ON CONFLICT DO NOTHING
                 RETURNING id, %(key)s
                ), written AS (SELECT * FROM updated UNION ALL SELECT * FROM inserted),
                noted AS (
                    %(history)s
                )
                SELECT COUNT(written.id) FILTER (WHERE %(is_first)s),
                       COUNT(written.id) FILTER (WHERE %(is_first)s AND batch.score IS DISTINCT FROM batch.old_score),
                       COUNT(written.id) FILTER (
                           WHERE %(is_first)s AND batch.grade_id IS DISTINCT FROM batch.old_grade_id
                       ),
                       COALESCE(ARRAY_AGG(batch.%(key)s) FILTER (WHERE written.id IS NULL), '{}'),
                       ARRAY(SELECT id FROM inserted),
                       ARRAY(SELECT id FROM noted)
                  FROM batch LEFT JOIN written ON written.%(key)s = batch.%(key)s
                """,
                changes=PROFILE_CHANGES,
                key=SQL.identifier(subject.key),
                table=SQL.identifier(subject.table),
                first=first,
                last=last,
                columns=SQL(", ").join(map(SQL.identifier, columns)),
                values=SQL(", ").join(columns.values()),
                history=self._history_insert(rules),
                run=rules.run.id,
                # Only a run over all is interrupted and goes on: no other that comes between hides what it counted.
                counted_run=SQL("%s", rules.run.id) if rules.is_full else SQL.identifier("batch", "counted_run"),
                is_first=SQL("batch.counted_run IS DISTINCT FROM %s", rules.run.id),
            )
        )
        return WrittenProfiles(*row)

    @api.model
    def _history_insert(self, rules):
        """``INSERT`` a line of history for each profile *written* of *batch* that gets one: what changed since the last
        line, and why."""
        return SQL(
            """
            INSERT INTO grading_history
                (profile_id, %(key)s, company_id, date, old_grade_id, new_grade_id, old_lifecycle_id,
                 new_lifecycle_id, old_score, new_score, reason, note, override_user_id, points_change, values_change,
                 points_after, values_after, rules_changed, scheme_id, scheme_version, create_date, write_date)
            SELECT written.id, batch.%(key)s, batch.company_id, %(as_of)s, batch.old_grade_id,
                   batch.grade_id, batch.old_lifecycle_id, batch.lifecycle_id,
                   COALESCE((batch.change ->> 'score')::numeric, batch.old_score), batch.score,
                   CASE WHEN batch.is_change OR batch.reason = 'override_end' THEN batch.reason ELSE 'score' END,
                   CASE WHEN batch.reason = 'override_end' THEN batch.old_manual_reason END,
                   CASE WHEN batch.reason = 'override_end' THEN batch.old_manual_user_id END,
                   batch.change -> 'points', batch.change -> 'values', batch.points_detail, batch.change -> 'measured',
                   COALESCE((batch.change -> 'is_by_rules')::boolean, FALSE), batch.scheme_id, batch.scheme_version,
                   NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
              FROM batch JOIN written ON written.%(key)s = batch.%(key)s
             WHERE batch.is_noted
          ORDER BY batch.place
         RETURNING id
            """,
            key=SQL.identifier(SUBJECTS[rules.subject].key),
            as_of=rules.as_of,
        )

    @api.model
    def _leave_held(self, changes, profile_id, first, last):
        """Lock the profiles of the rows ``first`` to ``last``; those that a user is just writing leave the batch, and
        are scored again in a minute.

        It comes first in the transaction of a batch: a save that is committed between its beginning and the lock
        collides with the batch, and the fewer rows it has, the shorter that time is.

        Those locked are hashed (NOT IN), however few profiles the planner takes them for: joined, they were compared
        row by row where profiles had just been added.

        :param odoo.tools.SQL changes: a table of numbered rows
        :param str profile_id: its column with the ID of the profile
        """
        if first > last:
            return
        held = self.env.execute_query(
            SQL(
                """
                WITH locked AS MATERIALIZED (
                    SELECT profile.id FROM grading_profile AS profile
                     WHERE profile.id IN (
                               SELECT %(profile)s FROM %(changes)s WHERE place BETWEEN %(first)s AND %(last)s
                           )
                       FOR NO KEY UPDATE SKIP LOCKED
                )
                DELETE FROM %(changes)s AS changes
                 WHERE changes.place BETWEEN %(first)s AND %(last)s AND changes.%(profile)s > 0
                   AND changes.%(profile)s NOT IN (SELECT id FROM locked)
             RETURNING changes.%(profile)s
                """,
                changes=changes,
                profile=SQL.identifier(profile_id),
                first=first,
                last=last,
            )
        )
        self.env["grading.queue"]._postpone(self.env["grading.profile"].browse(row_id for [row_id] in held).exists())

    @api.model
    def _requeue(self, subject, ids):
        """Ask for a new score of customers or leads that were not written, because a user changed the profile
        meanwhile."""
        Queue = self.env["grading.queue"]
        if subject == "lead":
            Queue._enqueue_leads(self.env["crm.lead"].browse(ids))
        else:
            company = self.env.company
            Queue._enqueue((partner, company) for partner in self.env["res.partner"].browse(ids))

    @api.model
    def _left_out(self, rules):
        """What to say of the documents that could not be counted, as a list of sentences.

        :param Rules rules: see :mod:`grading_run_pipeline`
        """
        return [*self._skipped_documents(rules), *self._unrated_debts(rules)]

    def _skipped_documents(self, rules):
        [[count, customers]] = self.env.execute_query(
            SQL(
                "SELECT SUM(left_out)::int, (ARRAY_AGG(partner_id ORDER BY partner_id))[:%s]"
                " FROM %s WHERE left_out > 0",
                NAMED_DOCUMENTS + 1,
                MEASURED,
            )
        )
        if not count:
            return []
        contacts = self.env["grading.population"]._contacts(self.env["res.partner"].browse(customers))
        unusable = self.env["grading.measure"]._unusable_documents(rules.as_of, contacts)
        rows = self.env.execute_query(SQL("%s ORDER BY name LIMIT %s", unusable, NAMED_DOCUMENTS))
        return [
            self.env._(
                "%(count)s documents were skipped: their amount or currency rate is invalid or missing. "
                "Please correct: %(names)s",
                count=count,
                names=_named(rows, count),
            )
        ]

    def _unrated_debts(self, rules):
        """Invoices that make a purchase are named among the skipped documents already."""
        if "overdue" not in rules.sources or self.env.company.grading_amount_source == "invoice":
            return []
        customers = SQL("(SELECT partner_id AS id, partner_id AS commercial_partner_id FROM %s AS measured)", MEASURED)
        debts = self.env["grading.measure"]._unrated_debts(rules.as_of, customers)
        rows = self.env.execute_query(
            SQL("SELECT name, COUNT(*) OVER () FROM (%s) AS debt ORDER BY name LIMIT %s", debts, NAMED_DOCUMENTS)
        )
        if not rows:
            return []
        return [
            self.env._(
                "Invoices that are not counted as overdue, since their currency has no rate: %(count)s. "
                "Please enter one: %(names)s",
                count=rows[0][1],
                names=_named(rows, rows[0][1]),
            )
        ]


def _named(rows, count):
    """The names of the first few of so many documents.

    :param rows: ``[(name, …)]``
    """
    return ", ".join(row[0] or "?" for row in rows) + (" …" if count > len(rows) else "")

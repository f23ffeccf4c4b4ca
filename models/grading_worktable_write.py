from odoo import api, models
from odoo.tools import SQL

from .grading_worktable import GRADED, KEYS, MEASURED, TABLES

# Documents that are named when they had to be left out.
NAMED_DOCUMENTS = 5


class GradingWorktable(models.AbstractModel):
    """How the worked-out profiles get to where people see them."""

    _inherit = "grading.worktable"

    @api.model
    def _write_batch(self, subject, first, last, as_of):
        """Write the rows ``first`` to ``last`` of *graded*, with their history, in one statement.

        The rules did it, nobody in person: the columns that name a user stay empty.

        :return: how many profiles were written; fewer than asked for when somebody changed some of them meanwhile
        """
        written = self._written_columns()
        [[count]] = self.env.execute_query(
            SQL(
                """
                WITH batch AS (SELECT * FROM %(graded)s WHERE place BETWEEN %(first)s AND %(last)s),
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
                )
                SELECT COUNT(*) FROM written
                """,
                graded=GRADED,
                key=SQL.identifier(KEYS[subject]),
                table=SQL.identifier(TABLES[subject]),
                first=first,
                last=last,
                columns=SQL(", ").join(SQL.identifier(name) for name in written),
                values=self._list("batch", written),
                as_of=as_of,
            )
        )
        return count

    @api.model
    def _requeue(self, subject, first, last):
        """Have the rows of *graded* that are not in the profile, because somebody changed it meanwhile, judged anew."""
        rows = self.env.execute_query(
            SQL(
                "SELECT subject.id FROM %(graded)s AS graded"
                " JOIN %(table)s AS subject ON subject.id = graded.%(key)s"
                " LEFT JOIN grading_profile AS profile ON profile.id = graded.id"
                " WHERE graded.place BETWEEN %(first)s AND %(last)s"
                " AND profile.write_date IS DISTINCT FROM graded.write_date"
                " AND (profile.score, profile.grade_id) IS DISTINCT FROM (graded.score, graded.grade_id)",
                graded=GRADED,
                table=SQL.identifier(TABLES[subject]),
                key=SQL.identifier(KEYS[subject]),
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
                "%(count)s documents were left out because their amount or currency rate makes no sense; "
                "correct them: %(names)s",
                count=count,
                names=names + (" …" if count > len(rows) else ""),
            )
        ]

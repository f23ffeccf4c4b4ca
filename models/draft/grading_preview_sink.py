import json

from odoo import api, models
from odoo.tools import SQL

from ..base.context import yardstick_of
from ..base.subject import SUBJECTS, join_reached
from ..play.grading_play_trigger import BY_COMPARISON
from ..run.grading_staging import GRADED

# Days of a month on average, for a rhythm in months.
DAYS = {"day": 1, "week": 7, "month": 30.4375}


class GradingWorktable(models.AbstractModel):
    """The sink of previews: all as judged by a draft, beside the profiles in force. It writes the preview alone."""

    _inherit = "grading.worktable"

    @api.model
    def _write_preview(self, rules):
        """Write the lines of those who would move, how many go from where to where, and what follows.

        A draft for customers tells of customers alone; one for leads of leads, and of the prospects whom they grade.
        What plays would do is told of grades alone, which segments do not move.
        """
        run = rules.run
        preview = self.env["grading.preview"].sudo().search([("run_id", "=", run.id)])
        draft, plays = preview.scheme_id, []
        if not preview or not preview._tells_of(rules.subject):
            return
        with self._planner_for(rules):
            self.env.execute_query(self._preview_lines_insert(rules, preview))
            self._count_cells(rules, preview)
            contacts = self._weekly_contacts(rules, draft)
            if not draft._moves_segments():
                plays = self._starting_plays(rules, preview)
        for grade, figures in (preview.contacts or {}).items():
            contacts[grade] = [sum(pair) for pair in zip(contacts.get(grade, (0, 0)), figures, strict=True)]
        preview.write(
            {
                "contacts": contacts,
                "plays": [*(preview.plays or []), *plays],
                "cut_points": self._kept_cut_points(preview, rules),
            }
        )
        self._sum_up(preview)

    # ------------------------------------------------------------
    # Who would move
    # ------------------------------------------------------------

    @api.model
    def _compared_select(self, rules, draft):
        """*Graded* beside the profile in force: those whom the draft or its scheme covers, and all others who move; by
        a draft of segments, those beside the segments that are had.

        ``to_grade_id`` is the grade in the end, after the days of grace; ``is_moved`` says that the grade now or in the
        end is another one than that of the profile.
        """
        subject = SUBJECTS[rules.subject]
        former, join = SQL.identifier("profile"), SQL()
        if draft._moves_segments():
            former = SQL.identifier("known")
            join = SQL(
                "LEFT JOIN (SELECT own.*, NULL::int AS pending_grade_id, NULL::date AS pending_since"
                " FROM grading_secondary AS own WHERE own.scheme_id = %s) AS known ON known.profile_id = profile.id",
                draft.draft_of_id.id or None,
            )
        return SQL(
            """
            SELECT compared.*,
                   (compared.grade_id, compared.to_grade_id)
                       IS DISTINCT FROM (compared.from_grade_id, compared.former_end_id) AS is_moved
              FROM (
                SELECT graded.id, graded.%(key)s, graded.company_id, graded.scheme_id, graded.score, graded.grade_id,
                       graded.points_detail, graded.order_amount_12m, graded.expected_amount, graded.pending_since,
                       profile.id AS profile_id, %(former)s.scheme_id AS former_scheme_id,
                       %(former)s.grade_id AS from_grade_id, %(former)s.score AS former_score,
                       %(former)s.points_detail AS former_points,
                       CASE WHEN graded.pending_since IS NOT NULL THEN graded.pending_grade_id
                            ELSE graded.grade_id END AS to_grade_id,
                       CASE WHEN %(former)s.pending_since IS NOT NULL THEN %(former)s.pending_grade_id
                            ELSE %(former)s.grade_id END AS former_end_id
                  FROM %(graded)s AS graded LEFT JOIN grading_profile AS profile ON profile.id = graded.id %(join)s
              ) AS compared
            """,
            key=SQL.identifier(subject.key),
            graded=self._previewed(draft, rules.subject),
            former=former,
            join=join,
        )

    @api.model
    def _previewed(self, draft, subject):
        """What the judge has found by the draft: segments, or all grades with the draft in the place of its scheme."""
        return self._judged_by(draft, subject) if draft._moves_segments() else GRADED[subject]

    @api.model
    def _preview_lines_insert(self, rules, preview):
        grades = self.env["grading.grade"].search([("active", "in", (True, False))])
        return SQL(
            """
            INSERT INTO grading_preview_line (
                preview_id, profile_id, %(key)s, company_id, from_grade_id, to_grade_id, direction, is_waiting,
                score_before, score_after, points_change, order_amount_12m, expected_amount
            )
            SELECT %(preview)s, moved.profile_id, moved.%(key)s, moved.company_id, moved.from_grade_id,
                   moved.to_grade_id,
                   CASE WHEN moved.from_grade_id IS NOT DISTINCT FROM moved.to_grade_id THEN 'same'
                        WHEN moved.from_grade_id IS NULL THEN 'new'
                        WHEN moved.to_grade_id IS NULL THEN 'gone'
                        WHEN ARRAY_POSITION(%(order)s::int[], moved.to_grade_id)
                             < ARRAY_POSITION(%(order)s::int[], moved.from_grade_id) THEN 'up'
                        ELSE 'down' END,
                   moved.pending_since IS NOT NULL,
                   CASE WHEN moved.former_scheme_id IS NOT NULL THEN moved.former_score END,
                   CASE WHEN moved.scheme_id IS NOT NULL THEN moved.score END,
                   (SELECT JSONB_OBJECT_AGG(move.key, JSONB_BUILD_ARRAY(move.before, move.after))
                      FROM (%(moves)s) AS move WHERE move.before <> move.after),
                   moved.order_amount_12m, moved.expected_amount
              FROM (SELECT * FROM (%(compared)s OFFSET 0) AS pairs WHERE is_moved) AS moved
          ORDER BY moved.id
         RETURNING id
            """,
            key=SQL.identifier(SUBJECTS[rules.subject].key),
            preview=preview.id,
            order=grades.ids,
            moves=self._preview_moves_select(preview.scheme_id),
            compared=self._compared_select(rules, preview.scheme_id),
        )

    @api.model
    def _preview_moves_select(self, draft):
        """The points of the row *moved* by criterion, before and after. A criterion that the draft has kept is the same
        one, by its key."""
        by_key = {criterion.key: criterion.id for criterion in draft.criterion_ids}
        kept = {
            str(criterion.id): str(by_key[criterion.key])
            for criterion in draft.draft_of_id.criterion_ids
            if criterion.key in by_key
        }
        return SQL(
            """
            SELECT points.key, SUM(points.before) AS before, SUM(points.after) AS after
              FROM (
                SELECT COALESCE(%(kept)s::jsonb ->> detail.key, detail.key) AS key,
                       COALESCE(detail.value::text::numeric, 0) AS before, 0 AS after
                  FROM JSONB_EACH(moved.former_points) AS detail
             UNION ALL
                SELECT detail.key, 0, COALESCE(detail.value::text::numeric, 0)
                  FROM JSONB_EACH(moved.points_detail) AS detail
              ) AS points
          GROUP BY points.key
            """,
            kept=json.dumps(kept),
        )

    @api.model
    def _count_cells(self, rules, preview):
        """Add how many go from which grade to which, or stay, with what they buy; leads stand beside prospects.

        Those who are on their way to another grade without the draft, too, stay where they are.
        """
        draft = preview.scheme_id
        self.env.execute_query(
            SQL(
                """
                INSERT INTO grading_preview_cell
                    (preview_id, from_grade_id, to_grade_id, customer_count, order_amount_12m, expected_amount)
                SELECT %(preview)s, from_grade_id, CASE WHEN is_moved THEN to_grade_id ELSE from_grade_id END,
                       COUNT(*), COALESCE(SUM(order_amount_12m), 0), COALESCE(SUM(expected_amount), 0)
                  FROM (%(compared)s) AS pairs
                 WHERE is_moved OR scheme_id = %(draft)s OR former_scheme_id = %(base)s
              GROUP BY 2, 3
             RETURNING id
                """,
                preview=preview.id,
                compared=self._compared_select(rules, draft),
                draft=draft.id,
                base=draft.draft_of_id.id or None,
            )
        )
        [[changed, graded]] = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*) FILTER (WHERE score IS DISTINCT FROM former_score),
                       COUNT(*) FILTER (WHERE scheme_id = %(draft)s)
                  FROM (%(compared)s) AS pairs
                 WHERE scheme_id = %(draft)s OR former_scheme_id = %(base)s
                """,
                compared=self._compared_select(rules, draft),
                draft=draft.id,
                base=draft.draft_of_id.id or None,
            )
        )
        preview.score_count += changed
        preview.graded_count += graded

    @api.model
    def _sum_up(self, preview):
        """Count the lines and cells; cells of leads and of prospects become one."""
        self.env.execute_query(
            SQL(
                """
                WITH former AS (DELETE FROM grading_preview_cell WHERE preview_id = %(preview)s RETURNING *)
                INSERT INTO grading_preview_cell
                    (preview_id, from_grade_id, to_grade_id, customer_count, order_amount_12m, expected_amount)
                SELECT preview_id, from_grade_id, to_grade_id, SUM(customer_count), SUM(order_amount_12m),
                       SUM(expected_amount)
                  FROM former GROUP BY preview_id, from_grade_id, to_grade_id
             RETURNING id
                """,
                preview=preview.id,
            )
        )
        [[moved, up, down, waiting]] = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*), COUNT(*) FILTER (WHERE direction = 'up'), COUNT(*) FILTER (WHERE direction = 'down'),
                       COUNT(*) FILTER (WHERE is_waiting)
                  FROM grading_preview_line WHERE preview_id = %s
                """,
                preview.id,
            )
        )
        preview.invalidate_recordset(["cell_ids", "line_ids"])
        judged = sum(preview.cell_ids.mapped("customer_count"))
        preview.write(
            {
                "judged_count": judged,
                "moved_count": moved,
                "up_count": up,
                "down_count": down,
                "waiting_count": waiting,
            }
        )

    # ------------------------------------------------------------
    # What follows
    # ------------------------------------------------------------

    @api.model
    def _weekly_contacts(self, rules, draft):
        """Contacts a week that the cadences ask for, by the grade: as the profiles stand, and as judged, in the end. A
        draft of segments leaves the grades as they are, and is told of where a cadence asks for segments.

        :return: ``{grade id: [before, after]}``, 0 for those without a grade
        :rtype: dict[str, list[float]]
        """
        weekly, profiles = {}, SQL.identifier("grading_profile")
        if not rules.cadences:
            return weekly
        graded, judged, after = GRADED[rules.subject], self._settled_select(GRADED[rules.subject]), SQL()
        if draft._moves_segments():
            if not any("secondary_ids" in path.split(".") for path in rules.cadences._paths_read()):
                return weekly
            judged, after = profiles, self._segments_by_draft(rules, draft)
        weights = [7 / (cadence.interval_number * DAYS[cadence.interval_type]) for cadence in rules.cadences]
        for place, table in enumerate((profiles, judged)):
            matches = self._cadence_matches(rules.subject, rules.cadences, rules.as_of, graded, table)
            rows = self.env.execute_query(
                SQL(
                    """
                    %(segments)s
                    SELECT COALESCE(covered.grade_id, 0), SUM(rhythm.weekly)::float8
                      FROM (%(matches)s) AS match
                      JOIN %(table)s AS covered ON covered.id = match.profile_id
                      JOIN UNNEST(%(cadences)s::int[], %(weekly)s::float8[]) AS rhythm (cadence_id, weekly)
                        ON rhythm.cadence_id = match.cadence_id
                  GROUP BY 1
                    """,
                    segments=after if place else SQL(),
                    matches=matches,
                    table=table,
                    cadences=rules.cadences.ids,
                    weekly=weights,
                )
            )
            for grade_id, number in rows:
                weekly.setdefault(str(grade_id), [0, 0])[place] = round(number, 4)
        return weekly

    @api.model
    def _segments_by_draft(self, rules, draft):
        """``WITH grading_secondary AS (…)``: what the schemes beside the grade say, the draft in the place of its
        scheme; under the name of the table, so that filters find in it what they look for in the table."""
        return SQL(
            """
            WITH grading_secondary AS (
                SELECT id, profile_id, scheme_id, grade_id, score, since
                  FROM grading_secondary WHERE scheme_id <> %(base)s
             UNION ALL
                SELECT -ROW_NUMBER() OVER (), graded.id, %(base)s, graded.grade_id, graded.score,
                       CASE WHEN known.grade_id IS NOT DISTINCT FROM graded.grade_id THEN known.since
                            WHEN known.id IS NOT NULL THEN DATE %(as_of)s END
                  FROM %(graded)s AS graded
             LEFT JOIN grading_secondary AS known ON known.profile_id = graded.id AND known.scheme_id = %(base)s
                 WHERE graded.scheme_id = %(draft)s
            )
            """,
            base=draft.draft_of_id.id or draft.id,
            as_of=rules.as_of,
            graded=self._previewed(draft, rules.subject),
            draft=draft.id,
        )

    @api.model
    def _settled_select(self, graded):
        """*Graded* with the grade in the end in the place of that in force."""
        names = [name for name in self.env["grading.profile"]._stored_columns() if name != "grade_id"]
        return SQL(
            "(SELECT %s, CASE WHEN graded.pending_since IS NOT NULL THEN graded.pending_grade_id"
            " ELSE graded.grade_id END AS grade_id FROM %s AS graded)",
            self._list("graded", names),
            graded,
        )

    @api.model
    def _starting_plays(self, rules, preview):
        """For how many each play would start if it started because of the new rules; for whom is kept as well.

        :return: ``[[play id, number]]``
        """
        counts = []
        for play in rules.plays or ():
            query = self._query(GRADED[rules.subject])
            join_reached(query)
            query.add_where(play._previewed_to_sql())
            query.add_where(play._domain_to_sql(query, rules.as_of))
            query.add_where(SQL("NOT %s", play._has_started(play._previewed_event())))
            query.add_where(self.env["grading.care"]._may_be_contacted(SQL("'none'")))
            if rules.subject == "lead":
                query.add_where(self.env["crm.lead"]._grading_is_open_to_sql("lead"))
            counts.append([play.id, self._keep_starts(preview, play, rules.subject, query)])
        return counts

    @api.model
    def _kept_cut_points(self, preview, rules):
        """What the draft compared customers with, by which one of them can be tried on; what measures compare with is
        that of all rules, and worked out anew."""
        kept = [row for row in preview.cut_points or [] if row[0] != "measure"]
        marks_of = yardstick_of(self.env).cut_points
        kept += [[field, name, marks] for (field, name), marks in marks_of.items() if field == "measure"]
        for record, marks in rules.cut_points.items():
            kept.append(["criterion_id" if record._name == "grading.criterion" else "scheme_id", record.id, marks])
        return kept


class GradingPlay(models.Model):
    _inherit = "grading.play"

    def _previewed_to_sql(self):
        """Whether a row ``grading_profile``, as judged, is an event of the play; by the same rules as the lines of
        history that a run would write."""
        self.ensure_one()
        if self.trigger == "grade_falling":
            falling = SQL(
                "grading_profile.pending_since IS NOT NULL AND EXISTS (SELECT FROM grading_profile AS former"
                " WHERE former.id = grading_profile.id AND %s)",
                BY_COMPARISON[self.trigger],
            )
            return SQL("%s AND grading_profile.grade_id = %s", falling, self.grade_id.id) if self.grade_id else falling
        if self.trigger == "stage_entered":
            return SQL(
                "grading_profile.old_lifecycle_id <> grading_profile.lifecycle_id"
                " AND grading_profile.lifecycle_id = %s",
                self.lifecycle_id.id,
            )
        direction = "down" if self.trigger == "grade_down" else "up"
        changed = SQL(
            "grading_profile.old_grade_id <> grading_profile.grade_id AND grading_profile.trend = %s", direction
        )
        if self.grade_id:
            return SQL("%s AND grading_profile.grade_id = %s", changed, self.grade_id.id)
        return changed

    def _previewed_event(self):
        """The key of that event; a line of history, which is still to be written, has a new one."""
        if self.trigger == "grade_falling":
            return SQL("'falling:' || grading_profile.pending_since")
        return SQL("NULL")

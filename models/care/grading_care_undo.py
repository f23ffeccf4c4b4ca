import json

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..measure.grading_interaction import LAST_DATES
from .grading_staging_care import NEXT_DATES

# What marking a contact done changes and is put back as it was, by table: the profile that each row belongs to, the
# columns.
RESTORED = {
    "grading_profile": ("id", (*LAST_DATES.values(), *NEXT_DATES)),
    "grading_care": (
        "profile_id",
        ("last_date", "done_date", "put_off_date", "next_date", "logged_date", "user_id", "activity_id"),
    ),
    "grading_care_log": ("profile_id", ("state", "done_date")),
}


class GradingCare(models.Model):
    """Marking contacts done can be taken back: what it changed is noted before, and put back as it was."""

    _inherit = "grading.care"

    # ------------------------------------------------------------
    # What is noted
    # ------------------------------------------------------------

    def _state_of_contacts(self):
        """The state of all that marking these contacts done changes.

        :return: rows by table, as PostgreSQL gives them in JSON
        :rtype: dict[str, list[dict]]
        """
        self.env.flush_all()
        ids = self._contacted_profile_ids()
        return {table: self._rows_of(table, key, ids, columns) for table, (key, columns) in RESTORED.items()}

    def _contacted_profile_ids(self):
        """The profiles that count as contacted with these contacts: the leads' customers, too."""
        Work = self.env["grading.worktable"]
        return sorted(
            {
                profile_id
                for company, cares in self.sudo().grouped("company_id").items()
                for profile_id in Work.with_company(company)._contacted_profiles(cares)
            }
        )

    @api.model
    def _rows_of(self, table, key, ids, columns=None):
        """The rows of ``table`` whose ``key`` is among ``ids``: these columns, or all, and the id."""
        listed = SQL(", ").join(SQL.identifier(name) for name in ("id", *columns)) if columns else SQL("*")
        [[rows]] = self.env.execute_query(
            SQL(
                "SELECT JSONB_AGG(TO_JSONB(own) ORDER BY own.id) FROM (SELECT %s FROM %s WHERE %s = ANY(%s)) AS own",
                listed,
                SQL.identifier(table),
                SQL.identifier(key),
                list(ids),
            )
        )
        return rows or []

    def _open_activities(self):
        """What the open activities of the customers and leads contacted are, and their attachments: those that are no
        longer needed are removed when a contact is marked done, and their attachments with them. What was in a file of
        these stays in Odoo's store until its next clean-up.

        :rtype: dict
        """
        own = [("grading_care_id.profile_id", "in", self._contacted_profile_ids())]
        activities = self.env["mail.activity"].sudo().search(own)
        attachments = self.env["ir.attachment"].sudo()
        attachments = attachments.search([("res_model", "=", "mail.activity"), ("res_id", "in", activities.ids)])
        self.env.flush_all()
        return {
            "rows": self._rows_of("mail_activity", "id", activities.ids),
            "attachments": self._rows_of("ir_attachment", "id", attachments.ids),
            "attached": [
                [activity.id, attachment.id] for activity in activities for attachment in activity.attachment_ids
            ],
            "events": [[event.id, event.notes or False] for event in activities.calendar_event_id],
        }

    # ------------------------------------------------------------
    # Putting back
    # ------------------------------------------------------------

    def _take_back(self, note):
        """Put everything back as it was before these contacts were marked done.

        :param dict note: ``before`` and ``after``, see :meth:`_state_of_contacts`; ``open``, see
            :meth:`_open_activities`; ``done``, ``messages`` and ``following``, ids of what marking them done gave
        :raise UserError: the customer or lead was contacted, postponed or scored anew since
        """
        cares = self.sudo()
        messages = self.env["mail.message"].sudo().browse(note["messages"])
        if cares._state_of_contacts() != note["after"] or messages.exists() != messages:
            raise UserError(
                self.env._(
                    "The contact with %s has changed since it was marked done, so that this cannot be undone. Plan an "
                    "activity instead.",
                    ", ".join(cares.mapped("display_name")),
                )
            )
        cares._remove_traces(note, messages)
        cares._restore_activities(note)
        cares._restore_rows(note["before"], note["after"])
        cares._rescore_contacted()

    def _remove_traces(self, note, messages):
        Activity, Attachment = self.env["mail.activity"].sudo(), self.env["ir.attachment"].sudo()
        for row in note["open"]["attachments"]:
            attachment = Attachment.browse(row["id"]).exists()
            attachment.write({"res_model": "mail.activity", "res_id": row["res_id"]})
        messages.attachment_ids = False  # which would go with the messages
        messages.unlink()
        Activity.browse(note["following"]).exists().unlink()
        known = {row["id"] for row in note["open"]["rows"]}
        Activity.browse(activity_id for activity_id in note["done"] if activity_id not in known).exists().unlink()
        for event_id, notes in note["open"]["events"]:
            event = self.env["calendar.event"].sudo().browse(event_id).exists()
            if (event.notes or False) != notes:
                event.notes = notes

    def _restore_activities(self, note):
        """Open those again that were done, and bring back with their ids those that were removed."""
        rows = {row["id"]: row for row in note["open"]["rows"]}
        Activity = self.env["mail.activity"].sudo()
        there = Activity.with_context(active_test=False).browse(rows).exists()
        self.env.flush_all()
        self._insert_missing("mail_activity", note["open"]["rows"])
        self._insert_missing("ir_attachment", note["open"]["attachments"])
        pairs = note["open"]["attached"]
        self.env.execute_query(
            SQL(
                """
                INSERT INTO activity_attachment_rel (activity_id, attachment_id)
                     SELECT pair.activity_id, pair.attachment_id
                       FROM UNNEST(%s::int[], %s::int[]) AS pair (activity_id, attachment_id)
                       JOIN ir_attachment AS attachment ON attachment.id = pair.attachment_id
                ON CONFLICT DO NOTHING
                  RETURNING activity_id
                """,
                [activity_id for activity_id, _attachment_id in pairs],
                [attachment_id for _activity_id, attachment_id in pairs],
            )
        )
        Activity.invalidate_model(flush=False)
        self.env["ir.attachment"].invalidate_model(flush=False)
        done = there.filtered(lambda activity: not activity.active)
        done.write({"active": True, "feedback": False})
        self.env.flush_all()

    @api.model
    def _insert_missing(self, table, rows):
        """Bring back with their ids those of the ``rows`` that are no longer in the table."""
        self.env.execute_query(
            SQL(
                "INSERT INTO %(table)s SELECT * FROM JSONB_POPULATE_RECORDSET(NULL::%(table)s, %(rows)s)"
                " ON CONFLICT (id) DO NOTHING RETURNING id",
                table=SQL.identifier(table),
                rows=_to_json(rows),
            )
        )

    def _restore_rows(self, before, after):
        for table, (_key, columns) in RESTORED.items():
            names = SQL(", ").join(SQL.identifier(name) for name in columns)
            self.env.execute_query(
                SQL(
                    "UPDATE %(table)s AS own SET (%(names)s) = (%(former)s)"
                    " FROM JSONB_POPULATE_RECORDSET(NULL::%(table)s, %(rows)s) AS former"
                    " WHERE former.id = own.id RETURNING own.id",
                    table=SQL.identifier(table),
                    names=names,
                    former=SQL(", ").join(SQL.identifier("former", name) for name in columns),
                    rows=_to_json(before[table]),
                )
            )
        known = {row["id"] for row in before["grading_care_log"]}
        logged = [row["id"] for row in after["grading_care_log"] if row["id"] not in known]
        self.env["grading.care.log"].sudo().browse(logged).unlink()
        self.env["grading.care.log"].invalidate_model(flush=False)
        # A run that measured before must not write over it: it looks at when the profile was written.
        ids = [row["id"] for row in before["grading_profile"]]
        written = SQL(
            "UPDATE grading_profile SET write_date = NOW() AT TIME ZONE 'UTC' WHERE id = ANY(%s) RETURNING id", ids
        )
        self.env.execute_query(written)
        self._forget_cache()

    def _rescore_contacted(self):
        """Have the customers and leads scored again, which may have been meanwhile."""
        profiles = self.env["grading.profile"].sudo().browse(self._contacted_profile_ids())
        Queue = self.env["grading.queue"]
        Queue._enqueue_leads(profiles.lead_id)
        Queue._enqueue((profile.partner_id, profile.company_id) for profile in profiles if profile.partner_id)


def _to_json(rows):
    return SQL("%s::jsonb", json.dumps(rows))

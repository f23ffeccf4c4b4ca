from odoo import models
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..measure.grading_interaction import CHANNELS

# So many contacts are told, made and due ones.
MOST_CONTACTS = 5


class GradingProfile(models.Model):
    """At a glance, who was in touch with the customer or lead, and who is to be next."""

    _inherit = "grading.profile"

    def _glance(self):
        glance = super()._glance()
        return {**glance, "people": self._glance_people()} if self._are_figures_visible() else glance

    def _glance_people(self):
        """The last contacts, and the next ones that are planned.

        :return: ``made`` and ``due``, each a list of ``channel`` (its key), ``label``, ``day``, ``text`` and ``late``;
            None without any
        :rtype: dict | None
        """
        people = {"made": self._glance_made(), "due": self._glance_due()}
        return people if any(people.values()) else None

    def _glance_made(self):
        """The last contacts; those about leads that the user may not see are left out."""
        rows = self._last_contacts()
        users = {user.id: user.name for user in self.env["res.users"].sudo().browse(row[2] for row in rows if row[2])}
        labels = dict(self.env["grading.care"]._fields["channel"]._description_selection(self.env))
        return [
            {
                "channel": channel,
                "label": labels.get(channel, channel),
                "day": self._explain_day(day),
                "text": users.get(user) or self.env._("by the customer"),
                "late": False,
            }
            for channel, day, user in rows
        ]

    def _last_contacts(self):
        """``[(channel, day, user)]`` of the last contacts, the latest first."""
        Source, Lead = self.env["grading.contact.source"].sudo(), self.env["crm.lead"].with_context(active_test=False)
        if self.lead_id:
            contacts, visible = None, self.lead_id
        else:
            ids = self._contacts_of(self.sudo().partner_id).ids
            contacts = SQL("(SELECT id, commercial_partner_id FROM res_partner WHERE id = ANY(%s))", ids)
            visible = Lead.search([("partner_id", "in", ids)]) if Lead.has_access("read") else Lead
        leads = SQL("(SELECT UNNEST(%s::int[]) AS id)", visible.ids)
        self.env.flush_all()
        unused = Source._unused_ways(contacts, leads)
        tz = self.company_id.sudo()._grading_tz()
        select = Source._contacts_select(contacts, leads, tz, unused=unused)
        return self.env.execute_query(
            SQL(
                """
                SELECT contact.channel, contact.day, contact.user_id FROM (%s) AS contact
                 WHERE contact.counted > 0 AND %s
              ORDER BY contact.moment DESC, contact.key LIMIT %s
                """,
                select,
                SQL("TRUE") if self.lead_id else Source._counts_in(self.company_id),
                MOST_CONTACTS,
            )
        )

    def _glance_due(self):
        """The next contacts, the earliest first; one whose day has passed says since when it is overdue."""
        cares = self.env["grading.care"].search(
            [("profile_id", "=", self.id), ("next_date", "!=", False)], order="next_date, id", limit=MOST_CONTACTS
        )
        today = self.company_id.sudo()._grading_today()
        labels = dict(CHANNELS) | dict(cares._fields["channel"]._description_selection(self.env))
        due = []
        for care in cares.sudo():
            late = care.next_date < today
            day = self.sudo()._explain_day(care.next_date)
            due.append(
                {
                    "channel": care.channel,
                    "label": labels[care.channel],
                    "day": self.env._("overdue since %s", format_date(self.env, care.next_date)) if late else day,
                    "text": ", ".join(filter(None, (care.cadence_id.name, care.user_id.name))),
                    "late": late,
                }
            )
        return due

from odoo import api, models
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ..base.context import without_client_keys
from ..base.guarded import guarded
from ..base.subject import SUBJECTS, reached_joins


class GradingPlay(models.Model):
    """Plays that a user starts for a selection of customers or leads, whatever event they wait for otherwise.

    Everything else is as ever: the filter, the pause, opt-outs, the control group, the goal that ends it.
    """

    _inherit = "grading.play"

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Where a user chooses a play to start, those that are started by hand only come first."""
        if not self.env.context.get("grading_by_hand"):
            return super().name_search(name, domain, operator, limit)
        found = []
        for trigger in ("=", "!="):
            if limit is None or len(found) < limit:
                own = Domain(domain or Domain.TRUE) & Domain("trigger", trigger, "manual")
                found += super().name_search(name, own, operator, limit and limit - len(found))
        return found

    def _start_for(self, subjects):
        """Start the play for customers or leads, those left out for which it is running.

        :param subjects: customers or leads
        :return: the cases
        :rtype: grading.play.case
        """
        self.ensure_one()
        play, Case = self.sudo(), self.env["grading.play.case"].sudo()
        profiles = self._profiles_of(subjects)
        latest = Case.search([], order="id desc", limit=1).id or 0
        play._check_domain()
        play._check_steps()
        play._start(self.env.company._grading_today(), lambda _play: self._scope_of(profiles), by_hand=True)
        own = [("id", ">", latest), ("play_id", "=", play.id), ("profile_id", "in", profiles.ids)]
        return Case.search(own)

    @api.model
    def _profiles_of(self, subjects):
        """The profiles of customers or leads in the current company. Of thousands nothing else is read.

        :rtype: grading.profile
        """
        key = SUBJECTS["lead" if subjects._name == "crm.lead" else "customer"].key
        lean = subjects.sudo().with_context(prefetch_fields=False)
        owners = lean if key == "lead_id" else lean.commercial_partner_id
        own = [(key, "in", owners.ids), ("company_id", "=", self.env.company.id)]
        return self.env["grading.profile"].sudo().search(own)

    @api.model
    def _scope_of(self, profiles):
        return SQL("event.profile_id = ANY(%s)", profiles.ids)

    def _fates(self, subjects):
        """What would become of customers or leads if the play were started for them now.

        :return: how many would be ``started`` or left alone as ``control`` group; for how many it is ``running``, how
            many ``refused`` contacts, are ``unknown`` (not graded in the company), or are left out for ``other``
            reasons: the filter of the play, its pause, or a lead that is closed
        :rtype: dict[str, int]
        """
        self.ensure_one()
        play, profiles, today = self.sudo(), self._profiles_of(subjects), self.env.company._grading_today()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT CASE WHEN started.profile_id IS NULL AND %(running)s THEN 'running'
                            WHEN started.profile_id IS NULL AND NOT (%(allowed)s) THEN 'refused'
                            WHEN started.profile_id IS NULL THEN 'other'
                            WHEN %(hash)s < play.control_percent THEN 'control' ELSE 'started' END AS fate, COUNT(*)
                  FROM grading_profile AS profile
                  JOIN grading_play AS play ON play.id = %(play)s
                 %(reached)s
             LEFT JOIN (%(started)s) AS started ON started.profile_id = profile.id
                 WHERE profile.id = ANY(%(profiles)s)
              GROUP BY fate
                """,
                running=play._is_running("profile", today),
                reached=reached_joins("profile"),
                allowed=self.env["grading.care"]._may_be_contacted(SQL("'none'")),
                hash=play._hash_to_sql(SQL.identifier("profile", SUBJECTS[play.subject].key)),
                play=play.id,
                started=play._started_select(today, self._scope_of(profiles), play._circle_by_hand()),
                profiles=profiles.ids,
            )
        )
        return {"unknown": len(subjects) - len(profiles), **dict(rows)}


class GradingGradedMixin(models.AbstractModel):
    _inherit = "grading.graded.mixin"

    @guarded
    def action_grading_start_play(self):
        """Ask which play to start for these customers or leads."""
        about = "lead_ids" if self._name == "crm.lead" else "partner_ids"
        wizard = without_client_keys(self.env["grading.play.start"]).create({about: [Command.set(self.ids)]})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Start a Play"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

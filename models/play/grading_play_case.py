from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.fields import FloatOrUnknown, IntegerOrEmpty, MonetaryOrUnknown
from ..base.guarded import guarded
from ..base.subject import reached_joins

END_REASONS = [
    ("hand", "Stopped by a user"),
    ("no_contact", "Not to be contacted"),
    ("lead_closed", "Lead closed"),
    ("ungraded", "No longer graded"),
    ("merged", "Merged"),
    ("complaint_moved", "The complaint is another customer's"),
    ("complaint_deleted", "The complaint was deleted"),
]
# What a case tells of what the customer bought and answered.
FIGURES = ("satisfaction_then", "order_count_after", "amount_after")


class GradingPlayCase(models.Model):
    """One start of a play for one customer or lead: what is done, whether the goal was reached, and what was bought
    afterwards.

    Written by SQL in the transaction of what starts it (:meth:`grading.play._start`), once for each event; a job then
    carries out the steps (``is_begun``). Of a control case nothing is done. Users can only stop it.

    The responsible user sees it whatever customer it is about, but its figures only where those of the customer are
    visible.
    """

    _name = "grading.play.case"
    _inherit = [
        "grading.lead.access.mixin",
        "grading.figures.access.mixin",
        "grading.amount.sum.mixin",
        "grading.job.mixin",
    ]
    _description = "Start of a Play"
    _order = "date_start desc, id desc"

    play_id = fields.Many2one("grading.play", required=True, ondelete="cascade", index=True, readonly=True)
    profile_id = fields.Many2one("grading.profile", ondelete="set null", index="btree_not_null", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", ondelete="cascade", index="btree_not_null", readonly=True
    )
    lead_id = fields.Many2one("crm.lead", ondelete="cascade", index="btree_not_null", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    event = fields.Char(required=True, readonly=True, help="What started it: with one key a play starts once.")
    complaint_id = fields.Many2one("grading.complaint", ondelete="set null", index="btree_not_null", readonly=True)
    invoice_id = fields.Many2one("account.move", ondelete="set null", index="btree_not_null", readonly=True)
    referred_id = fields.Many2one(
        "res.partner", string="Referred Customer", ondelete="set null", index="btree_not_null", readonly=True
    )
    state = fields.Selection(
        [
            ("running", "Running"),
            ("reached", "Goal reached"),
            ("expired", "Expired"),
            ("stopped", "Stopped"),
            ("control", "Control group"),
        ],
        required=True,
        readonly=True,
    )
    date_start = fields.Datetime(string="Started", required=True, readonly=True)
    date_deadline = fields.Date(
        string="Goal until", required=True, readonly=True, help="The last day on which the goal counts as reached."
    )
    date_end = fields.Date(string="Ended", readonly=True)
    date_reached = fields.Date(
        string="Reached on", readonly=True, help="Also in the control group, where nothing was done."
    )
    grade_id = fields.Many2one("grading.grade", string="Grade Then", ondelete="restrict", readonly=True)
    satisfaction_then = FloatOrUnknown(
        string="Satisfaction Then", digits=(16, 2), readonly=True, aggregator="avg", depends_context=("uid",)
    )
    user_id = fields.Many2one(
        "res.users", string="Responsible", ondelete="set null", index="btree_not_null", readonly=True
    )
    run_id = fields.Many2one("grading.run", ondelete="set null", index="btree_not_null", readonly=True)
    is_begun = fields.Boolean(string="Steps Carried Out", readonly=True)
    error = fields.Text(readonly=True, help="Why the steps could not be carried out; they are tried again every day.")
    date_tried = fields.Date(string="Last Tried", readonly=True)
    start_number = fields.Integer(
        readonly=True,
        help="Counts the starts for one customer or lead where the play keeps a pause between them: two events at the"
        " very same moment, which cannot see each other, then start it once.",
    )
    end_reason = fields.Selection(END_REASONS, readonly=True)
    end_user_id = fields.Many2one("res.users", string="Stopped by", ondelete="set null", readonly=True)
    note = fields.Char(
        string="Why It Ended, as Noted", readonly=True, help="In the words in which earlier versions noted it."
    )
    end_text = fields.Char(string="Why It Ended", compute="_compute_end_text", compute_sudo=True)

    # What followed
    amount_after = MonetaryOrUnknown(
        string="Revenue After",
        readonly=True,
        depends_context=("uid",),
        help="What the customer bought from the start to the last day of the goal, less what was credited.",
    )
    order_count_after = IntegerOrEmpty(string="Orders After", readonly=True, depends_context=("uid",))
    is_complete = fields.Boolean(
        string="Time Is Over", readonly=True, help="The time of the goal is over: orders and revenue are final."
    )

    # The next step
    activity_ids = fields.One2many("mail.activity", "grading_case_id", readonly=True)
    next_step = fields.Char(compute="_compute_next_step", compute_sudo=True)
    next_date = fields.Date(string="Next Step on", compute="_compute_next_step", compute_sudo=True)

    _partner_event_unique = models.UniqueIndex(
        "(play_id, partner_id, company_id, event) WHERE partner_id IS NOT NULL",
        "A play starts once for a customer and an event.",
    )
    _lead_event_unique = models.UniqueIndex(
        "(play_id, lead_id, event) WHERE lead_id IS NOT NULL", "A play starts once for a lead and an event."
    )
    _start_number_unique = models.UniqueIndex(
        "(play_id, profile_id, start_number) WHERE start_number IS NOT NULL",
        "A play with a pause between starts starts once at a time.",
    )
    _ungraded_start_number_unique = models.UniqueIndex(
        "(play_id, partner_id, company_id, start_number) WHERE start_number IS NOT NULL AND profile_id IS NULL",
        "A play with a pause between starts starts once at a time for a contact who is not graded.",
    )
    _one_subject = models.Constraint(
        "CHECK (num_nonnulls(partner_id, lead_id) = 1)", "A start of a play is about one customer or one lead."
    )
    _waiting_index = models.Index("(company_id, id) WHERE state = 'running' AND is_begun IS NOT TRUE")
    _open_index = models.Index("(company_id, date_deadline) WHERE is_complete IS NOT TRUE")

    @api.depends("play_id", "partner_id", "lead_id")
    def _compute_display_name(self):
        for case in self:
            case.display_name = ", ".join(filter(None, (case.play_id.name, case._subject().display_name)))

    @api.depends("state", "is_begun", "activity_ids.date_deadline", "activity_ids.active")
    def _compute_next_step(self):
        for case in self:
            running = case.state == "running"
            activity = running and case.activity_ids.filtered("active").sorted("date_deadline")[:1]
            case.next_date = activity and activity.date_deadline
            case.next_step = activity and activity.display_name
            if running and not case.is_begun:
                case.next_step = self.env._("About to begin")

    @api.depends("end_reason", "end_user_id", "note")
    @api.depends_context("lang")
    def _compute_end_text(self):
        """In the language of the reader: a job that ends a case has none, and a user who does may have another."""
        reasons = dict(self._fields["end_reason"]._description_selection(self.env))
        for case in self:
            if case.end_reason == "hand" and case.end_user_id:
                case.end_text = self.env._("Stopped by %s", case.end_user_id.name)
            else:
                case.end_text = reasons.get(case.end_reason) or case.note

    @api.model
    def _visible_figures_domain(self):
        """What users are to do, they see whatever customer it is about."""
        return super()._visible_figures_domain() | Domain("user_id", "=", self.env.uid)

    def _field_to_sql(self, alias, field_expr, query=None):
        """Figures are empty where the user does not see those of the customer: read, searched, sorted and summed."""
        sql = super()._field_to_sql(alias, field_expr, query)
        if field_expr not in FIGURES or self.env.su:
            return sql
        visible = self._visible_documents_domain()
        if visible.is_true():
            return sql
        cases = self.sudo().with_context(active_test=False)._search(visible)
        return SQL("CASE WHEN %s IN %s THEN %s END", SQL.identifier(alias, "id"), cases.subselect(), sql)

    # ------------------------------------------------------------
    # The end
    # ------------------------------------------------------------

    @guarded
    def action_stop(self):
        """End the plays of these customers or leads; their open activities are removed.

        :raise AccessError: the user may not edit the customer or lead
        :raise UserError: one has ended already
        """
        for case in self:
            case._subject().check_access("write")
            if case.state != "running":
                raise UserError(self.env._("“%s” has ended already.", case.display_name))
        self._stop("hand")
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _stop(self, reason):
        """End those that are running, without their goal.

        :param str reason: a key of END_REASONS
        """
        cases = self.sudo().filtered(lambda case: case.state == "running")
        why = {"state": "stopped", "end_reason": reason, "end_user_id": reason == "hand" and self.env.uid}
        for company, own in cases.grouped("company_id").items():
            own.write({**why, "date_end": company._grading_today()})
        cases._close()
        return cases

    def _close(self):
        """After the end: the open activities, which are no longer needed, are removed, and the chatter says it."""
        cases = self.sudo()
        cases.activity_ids.filtered("active").unlink()  # done ones stay, also for a client that reads them as well
        cases.filtered("is_begun")._log(lambda case: case._describe_end())

    def _describe_end(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        return self.env._(
            "The play “%(play)s” has ended: %(how)s.", play=self.play_id.name, how=self.end_text or states[self.state]
        )

    def _log(self, describe):
        """A line in the chatter of each customer or lead, in the language of who looks after them: the job that writes
        it has none.

        :param describe: a function of a case, that returns its line
        """
        for model in ("res.partner", "crm.lead"):
            cases = self.filtered(lambda case, model=model: case._subject()._name == model)
            bodies = {}
            for case in cases:  # of one customer more than one play may end at the same time
                line = describe(case.with_context(lang=case._lang()))
                bodies.setdefault(case._subject().id, []).append(line)
            subjects = self.env[model].browse(bodies).exists()
            if subjects:
                subjects._message_log_batch({subject.id: " ".join(bodies[subject.id]) for subject in subjects})

    def _heirs(self, leaving):
        """These cases by who is responsible when the users ``leaving`` have left: the user who is, or else the leader
        of the team, or a manager; each of whom works in the company.

        :rtype: dict
        """
        managers = {company: company._grading_managers() - leaving for company in self.company_id}

        def heir(case):
            team = case.lead_id.team_id or (case.lead_id or case.partner_id).user_id.sale_team_id
            leader = (team or case.user_id.sale_team_id).user_id
            candidates = (case.user_id + leader).filtered(
                lambda user: user.active and user not in leaving and case.company_id in user.company_ids
            )
            return (candidates or managers[case.company_id])[:1]

        return self.grouped(heir)

    def _lang(self):
        """The language of the responsible user, without one that of the company."""
        return self.user_id.lang or self.company_id.partner_id.lang

    # ------------------------------------------------------------
    # Merging
    # ------------------------------------------------------------

    def _move_to(self, profile):
        """Let these cases go over to the customer or lead of another profile. Where a play runs there already, it goes
        on for once; a key that is there already gets the id of the case.

        Where the play has started there as well, those that come are no longer counted: the next start goes by the
        highest number, which is that of the cases that were there.

        :param grading.profile profile: that stays
        """
        moved = self.sudo()
        subject = {"partner_id": profile.partner_id.id, "lead_id": profile.lead_id.id}
        about = [(name, "=", value) for name, value in subject.items()]
        own = self.sudo().search([*about, ("company_id", "=", profile.company_id.id)]) - moved
        running = own.filtered(lambda case: case.state == "running").play_id
        moved.filtered(lambda case: case.play_id in running)._stop("merged")
        moved.filtered(lambda case: case.play_id in own.play_id)._count_no_more()
        taken = {(case.play_id, case.event) for case in own}
        for case in moved:
            event = f"{case.event}:{case.id}" if (case.play_id, case.event) in taken else case.event
            taken.add((case.play_id, event))
            case.write({**subject, "profile_id": profile.id, "event": event})

    @api.model
    def _link_to(self, profile_ids):
        """Link the cases of customers who have not been graded until now, or were put aside. They are counted anew, and
        where the play has started for the profile already, no longer.

        :param list profile_ids: their profiles
        """
        if not profile_ids:
            return
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                UPDATE grading_play_case AS linked SET profile_id = found.profile_id, start_number = found.number
                  FROM (
                    SELECT own.id, profile.id AS profile_id,
                           CASE WHEN own.start_number IS NOT NULL AND NOT EXISTS (
                                         SELECT FROM grading_play_case AS other
                                          WHERE other.play_id = own.play_id AND other.profile_id = profile.id
                                     )
                                THEN ROW_NUMBER() OVER (
                                         PARTITION BY own.play_id, profile.id ORDER BY own.start_number, own.id
                                     ) END AS number
                      FROM grading_play_case AS own
                      JOIN grading_profile AS profile
                        ON profile.partner_id = own.partner_id AND profile.company_id = own.company_id
                     WHERE own.profile_id IS NULL AND profile.id = ANY(%s)
                  ) AS found
                 WHERE found.id = linked.id
             RETURNING linked.id
                """,
                list(profile_ids),
            )
        )
        self.invalidate_model(["profile_id", "start_number"], flush=False)
        self.env["grading.profile"].invalidate_model(["play_case_ids"], flush=False)

    def _count_no_more(self):
        """By SQL: the ORM knows no number that is unknown."""
        self.env.execute_query(
            SQL("UPDATE grading_play_case SET start_number = NULL WHERE id = ANY(%s) RETURNING id", self.ids)
        )
        self.invalidate_recordset(["start_number"])

    # ------------------------------------------------------------
    # Opt-outs
    # ------------------------------------------------------------

    def _allowed_to_sql(self, channel):
        """Whether the row ``play_case`` may be contacted by ``channel``, see
        :meth:`grading.care._may_be_contacted`; ``none`` for what is no contact."""
        return SQL(
            "SELECT play_case.id FROM grading_play_case AS play_case %s WHERE play_case.id = ANY(%s) AND %s",
            reached_joins("play_case"),
            self.ids,
            self.env["grading.care"]._may_be_contacted(SQL("%s", channel)),
        )

    def _allowed(self, channel):
        """Those that may be contacted by ``channel`` today.

        :rtype: grading.play.case
        """
        self.env.flush_all()
        return self.browse(case_id for [case_id] in self.env.execute_query(self._allowed_to_sql(channel)))

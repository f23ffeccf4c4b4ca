from odoo import api, fields, models
from odoo.fields import Domain

from ..base.context import without_client_keys
from ..base.fields import SELLERS, FiguresMany2one, ProfileFloat, ProfileMany2one, check_grading_field, unknown_last
from ..base.guarded import guarded, is_id


class GradingGradedMixin(models.AbstractModel):
    """What customers and leads have in common: a profile, and through it a grade that people may override.

    A model that inherits defines in :meth:`_compute_grading_profile_id`, :meth:`_grading_profile_on` and
    :meth:`_grading_profiles` which profile belongs to a record, in Python and in SQL.
    """

    _name = "grading.graded.mixin"
    _inherit = ["grading.input.mixin"]
    _description = "Graded Record"

    grading_profile_id = ProfileMany2one(
        "grading.profile",
        string="Grading Profile",
        compute="_compute_grading_profile_id",
        search="_search_grading_profile_id",
        groups=SELLERS,
    )
    grading_figures_id = FiguresMany2one(
        "grading.profile",
        string="Visible Grading Profile",
        compute="_compute_grading_figures_id",
        search="_search_grading_figures_id",
        groups=SELLERS,
        help="Empty where the user may not see the figures of the customer.",
    )
    grading_grade_id = fields.Many2one(
        related="grading_profile_id.grade_id",
        string="Grade",
        readonly=False,
        inverse="_inverse_grading_grade_id",
        group_expand="_read_group_grading_grade_id",
        groups=SELLERS,
        tracking=False,
    )
    grading_grade_color = fields.Integer(related="grading_grade_id.color", groups=SELLERS)
    grading_grade_title = fields.Char(related="grading_grade_id.title", string="Title of the Grade", groups=SELLERS)
    grading_score = ProfileFloat(related="grading_profile_id.score", string="Score", groups=SELLERS, aggregator="avg")
    grading_trend = fields.Selection(related="grading_profile_id.trend", string="Last Change of Grade", groups=SELLERS)
    grading_scheme_id = fields.Many2one(related="grading_profile_id.scheme_id", string="Grading Scheme", groups=SELLERS)
    grading_computed_grade_id = fields.Many2one(
        related="grading_profile_id.computed_grade_id", string="Computed Grade", groups=SELLERS
    )
    grading_manual_grade_id = fields.Many2one(
        related="grading_profile_id.manual_grade_id", string="Manual Grade", groups=SELLERS
    )
    grading_pending_grade_id = fields.Many2one(
        related="grading_profile_id.pending_grade_id", string="Pending Grade", groups=SELLERS
    )
    grading_explanation = fields.Html(related="grading_profile_id.explanation", groups=SELLERS)
    grading_history_ids = fields.One2many(
        "grading.history",
        string="History",
        compute="_compute_grading_history_ids",
        search="_search_grading_history_ids",
        groups=SELLERS,
    )

    def _compute_grading_profile_id(self):
        raise NotImplementedError

    @api.depends("grading_profile_id")
    @api.depends_context("company", "uid")
    def _compute_grading_figures_id(self):
        """The profiles that the user may read, also where the superuser reads on the user's behalf."""
        visible = self.sudo().grading_profile_id.sudo(False)._filtered_access("read")
        for record in self:
            record.grading_figures_id = record.sudo().grading_profile_id.sudo(False) & visible

    @api.depends("grading_figures_id.history_ids")
    @api.depends_context("company", "uid")
    def _compute_grading_history_ids(self):
        self._grading_show_rows("grading_history_ids", "history_ids")

    def _grading_show_rows(self, name, rows_name):
        """Fill a field with the rows of the visible profile that the user may read: of one who was a prospect once,
        they may be fewer than there are.

        :param str name: the field
        :param str rows_name: the rows' own field on the profile
        """
        figures = self.sudo().grading_figures_id
        visible = figures[rows_name].sudo(False)._filtered_access("read")
        for record in self:
            record[name] = record.sudo().grading_figures_id[rows_name].sudo(False) & visible

    def _search_grading_history_ids(self, operator, value):
        return self._grading_search_rows("history_ids", operator, value)

    @api.model
    def _grading_search_rows(self, rows_name, operator, value):
        """The condition on the rows of the visible profile, of those that the user may read.

        :param str rows_name: see :meth:`_grading_show_rows`
        """
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        found = Domain("grading_figures_id", "any", Domain(rows_name, operator, value))
        empty = operator == "in" and False in value
        return found | Domain("grading_figures_id", "=", False) if empty else found

    @api.model
    def _grading_profile_on(self, alias, coalias, query):
        """The condition that joins ``coalias``, a row of ``grading_profile``, to ``alias``, a row of this model.

        :rtype: odoo.tools.SQL
        """
        raise NotImplementedError

    def _grading_profiles(self, create=False):
        """The profiles of these records.

        :param bool create: create the missing ones
        :rtype: grading.profile
        """
        raise NotImplementedError

    def _search_grading_profile_id(self, operator, value):
        """The condition unchanged: :meth:`_field_to_sql` and the link's ``join`` compile it to SQL."""
        return [("grading_profile_id", operator, value)]

    def _search_grading_figures_id(self, operator, value):
        return [("grading_figures_id", operator, value)]

    def _field_to_sql(self, alias, field_expr, query=None):
        check_grading_field(self, field_expr)
        link = self._fields.get(field_expr)
        if query is not None and isinstance(link, ProfileMany2one):
            return link.id_to_sql(self, alias, query)
        field = self._fields.get(field_expr.partition(".")[0])
        if field and field.name.startswith("grading_") and field.related:
            # Users who may see the record may see its figures, even if they may not read profiles in general.
            return super(GradingGradedMixin, self.sudo())._field_to_sql(alias, field_expr, query)
        return super()._field_to_sql(alias, field_expr, query)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name.startswith("grading_"):
            nulls = unknown_last(self._fields.get(field_name), direction, nulls)
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    @api.model
    def _grading_schemes(self):
        """The active schemes by which records of this model are graded in the current company.

        :rtype: grading.scheme
        """
        return self.env["grading.scheme"].sudo().search([("company_id", "in", (False, self.env.company.id))])

    @api.model
    def _grading_rules(self):
        """The active rules of all companies, one recordset for each kind: a change of a field that their filters read
        asks for a new score.

        :rtype: tuple
        """
        schemes, stages, tag_rules = (
            self.env[model].sudo().search([("active", "=", True)])
            for model in ("grading.scheme", "grading.lifecycle", "grading.tag.rule")
        )
        return schemes, schemes.criterion_ids, stages, tag_rules

    @api.model
    def _read_group_grading_grade_id(self, grades, _domain):
        """A column for each grade that the schemes give, and for any other grade in use."""
        return (grades | self._grading_schemes().threshold_ids.grade_id.with_env(self.env)).sorted()

    def _inverse_grading_grade_id(self):
        """Writing another grade than the one in force overrides it; emptying it removes the override.

        Writing the grade in force changes nothing: a file that was exported and is imported again must not freeze the
        grades of all its rows. Users who want to keep the grade in force use the wizard, which asks why.
        """
        for record in self:
            grade = record.grading_grade_id
            if grade == record._grading_profiles().sudo().grade_id:
                continue
            profile = record._grading_profiles(create=True)
            if grade:
                profile._override(grade, record._grading_override_reason())
            else:
                profile._release_override()
        self.invalidate_recordset(["grading_grade_id"])  # the computed grade may be in force now

    def _grading_override_reason(self):
        """Why the grade is written: ``grading_reason`` of the context, and whether a file was imported.

        :rtype: str
        """
        reason, context = self.env.context.get("grading_reason"), self.env.context
        reason = reason if isinstance(reason, str) else None  # a client can send anything
        # Every import by :meth:`load` has the second key, and one on the screen both.
        if not (context.get("import_file") or context.get("_import_current_module")):
            return reason or self._grading_default_reason()
        if reason and reason.strip():
            return self.env._("Imported from a file: %s", reason)
        return self.env._("Imported from a file")

    def _grading_default_reason(self):
        """The reason noted in the history when the grade is written without one."""
        raise NotImplementedError

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    @guarded
    def action_grading_rescore(self):
        """Rescore these records now; where they are of several companies, the user is told of each."""
        self.check_access("write")
        self.env["grading.profile"]._check_override_access()
        subject = "leads" if self._name == "crm.lead" else "partners"
        by_company, told = self._grading_by_company(), None
        for company, records in by_company.items():
            run = without_client_keys(self.env["grading.run"].sudo().with_company(company))
            action = run._rescore_by_button(**{subject: records})
            if len(by_company) > 1:
                action["params"]["title"] = company.display_name
            if told:
                action["params"]["next"] = told
            told = action
        return told

    def _grading_by_company(self):
        """These records by the company that rescores them on request.

        :rtype: dict
        """
        return {self.env.company: self}

    @guarded
    def action_grading_override(self):
        """Ask for the grade, the reason and the end of an override.

        :raise AccessError: the user may override none of them
        """
        self.env["grading.profile"]._check_override_access()
        grade = self.env.context.get("grading_grade_id")
        grade = grade if is_id(grade) else None
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Override Grade"),
            "res_model": "grading.override",
            "views": [(False, "form")],
            "target": "new",
            "context": {**self._grading_override_defaults(), **({"default_grade_id": grade} if grade else {})},
        }

    def _grading_override_defaults(self):
        """Context values with the records that the wizard is opened for."""
        raise NotImplementedError

    @guarded
    def action_grading_give_back(self):
        """Remove the override: the computed grade applies again."""
        self._grading_profiles()._release_override()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

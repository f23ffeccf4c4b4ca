from itertools import compress

from odoo import models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .grading_suggestion_data import LEAD_FIELDS, OWN_FIELDS

# What a scheme may ask of leads so that it is known whom it covered when they came.
FILTERED_BY = {*LEAD_FIELDS, *OWN_FIELDS, "expected_revenue"}


class GradingSuggestion(models.Model):
    """Leads are learned from that the present scheme grades, where one is chosen: by its filter and its place among the
    schemes, as they came, so that nothing that happens to a lead later makes it one of them."""

    _inherit = "grading.suggestion"

    def _lead_rows(self):
        """Those of the leads that the present scheme grades; all, where its filter asks for what is not known."""
        ids, days, outcomes, values = super()._lead_rows()
        if not self.scheme_id or self._asks_for_unknown(self.scheme_id, values):
            return ids, days, outcomes, values
        covers = self._covers(ids, values)
        values = {name: list(compress(column, covers)) for name, column in values.items()}
        return *(tuple(compress(column, covers)) for column in (ids, days, outcomes)), values

    def _schemes_before(self):
        """The schemes in use that are asked before the present one. One that is not in use is judged by as if it were,
        before all others, and a draft in the place of its scheme."""
        in_use = self.env["grading.scheme"].search(self._in_use_domain())
        place = self.scheme_id if self.scheme_id in in_use else self.scheme_id.draft_of_id
        return in_use[: in_use.ids.index(place.id)] if place and place in in_use else in_use.browse()

    def _filter_fields(self, scheme):
        """The fields of the lead that the filter of a scheme reads, None in the place of whatever else."""
        links = [path.split(".") for path in scheme._paths_read() - {"lead_id"}]
        return {link[1] if link[0] == "lead_id" and link[1] in FILTERED_BY else None for link in links}

    def _asks_for_unknown(self, scheme, values):
        """Whether the filter of a scheme asks for what is not known of leads when they come.

        :param dict values: what is known, ``{field: [value of each lead]}``
        """
        return not self._filter_fields(scheme) <= values.keys()

    def _is_usable(self, scheme):
        """Whether the filter of a scheme compiles; runs leave one aside that does not, and say so."""
        try:
            scheme._recheck_domain()
        except ValidationError:
            return False
        return True

    def _covers(self, ids, values):
        """Whether the present scheme grades each of the leads, in one statement: its filter and those of the schemes
        before it, as far as they ask for what is known, are asked of the leads as they came.

        :rtype: list[bool]
        """
        before = self._schemes_before().filtered(
            lambda scheme: not self._asks_for_unknown(scheme, values) and self._is_usable(scheme)
        )
        query, today = self.env["grading.worktable"]._query(SQL("came")), self.company_id._grading_today()
        query.add_where(self.scheme_id._domain_to_sql(query, today))
        for scheme in before:
            query.add_where(SQL("(%s) IS NOT TRUE", scheme._domain_to_sql(query, today)))
        names = sorted(set().union(*(self._filter_fields(scheme) for scheme in self.scheme_id + before)))
        columns = [SQL("%s::int[]", list(ids)), *(self._as_column(name, values[name]) for name in names)]
        self.env.flush_all()
        # Under the name of the table, so that filters find in it what they look for in the table.
        rows = self.env.execute_query(
            SQL(
                """
                WITH crm_lead AS MATERIALIZED (
                    SELECT first.*, TRUE AS active, %(company)s::int AS company_id
                      FROM UNNEST(%(columns)s) AS first (%(names)s)
                ), came AS MATERIALIZED (
                    SELECT id AS lead_id, NULL::int AS partner_id, company_id FROM crm_lead
                )
                %(covered)s
                """,
                company=self.company_id.id,
                columns=SQL(", ").join(columns),
                names=SQL(", ").join(map(SQL.identifier, ["id", *names])),
                covered=query.select(SQL("grading_profile.lead_id")),
            )
        )
        covered = {lead for [lead] in rows}
        return [lead in covered for lead in ids]

    def _as_column(self, name, values):
        """The values of a field of leads as a column, empty where there is none."""
        known = [None if value is False else value for value in values]
        column_type = SQL(self.env["crm.lead"]._fields[name].column_type[0])
        return SQL("%s::%s[]", known, column_type)

    def _tell_covered(self, values):
        """That more leads were learned from than the present scheme grades, None where that is not so."""
        if not self.scheme_id:
            return None
        if self._asks_for_unknown(self.scheme_id, values):
            return self.env._(
                "The filter of “%s” asks for what is not known of a lead when it comes: all leads were learned from.",
                self.scheme_id.display_name,
            )
        unknown = self._schemes_before().filtered(lambda scheme: self._asks_for_unknown(scheme, values))
        if not unknown:
            return None
        return self.env._(
            "%(others)s stand before “%(scheme)s” and ask for what is not known of a lead when it comes: leads that "
            "they grade were learned from as well.",
            others=", ".join(f"“{scheme.display_name}”" for scheme in unknown),
            scheme=self.scheme_id.display_name,
        )

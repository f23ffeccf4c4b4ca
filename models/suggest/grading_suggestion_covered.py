from itertools import compress

from odoo import models

from ..base.grading_domain_mixin import FILTER_LANG
from .grading_suggestion_data import LEAD_FIELDS, OWN_FIELDS

# What a scheme may ask of leads so that it is known whom it covered when they came.
FILTERED_BY = {*LEAD_FIELDS, *OWN_FIELDS, "expected_revenue"}
# Leads to try the filter on that are kept in memory; with amounts, hardly two are alike.
TRIED_AT_ONCE = 1000


class GradingSuggestion(models.Model):
    """Leads are learned from that the filter of the present scheme covers, where one is chosen: as they came, so that
    nothing that happens to a lead later makes it one of them."""

    _inherit = "grading.suggestion"

    def _lead_rows(self):
        """Those of the leads that the present scheme covers; all, where its filter asks for what is not known."""
        ids, days, outcomes, values = super()._lead_rows()
        if not self.scheme_id or self._asks_for_unknown(values):
            return ids, days, outcomes, values
        covers = self._covers(values, len(ids))
        values = {name: list(compress(column, covers)) for name, column in values.items()}
        return *(tuple(compress(column, covers)) for column in (ids, days, outcomes)), values

    def _filter_fields(self):
        """The fields of the lead that the filter of the present scheme reads, None in the place of whatever else."""
        paths = self.scheme_id._paths_read() - {"lead_id"}
        links = [path.split(".") for path in paths]
        return {link[1] if link[0] == "lead_id" and link[1] in FILTERED_BY else None for link in links}

    def _asks_for_unknown(self, values):
        """Whether the filter of the present scheme asks for what is not known of leads when they come.

        :param dict values: what is known, ``{field: [value of each lead]}``
        """
        return not self._filter_fields() <= values.keys()

    def _covers(self, values, count):
        """Whether the present scheme covers each of the leads.

        :rtype: list[bool]
        """
        domain, names = self.scheme_id._parse_domain(), sorted(self._filter_fields())
        Profile = self.env["grading.profile"].with_context(lang=FILTER_LANG, active_test=False)
        rows = list(zip(*(values[name] for name in names), strict=True)) if names else [()] * count
        known = {}
        for number, row in enumerate(set(rows), 1):
            lead = Profile.env["crm.lead"].new(dict(zip(names, row, strict=True)))
            known[row] = bool(Profile.new({"lead_id": lead}).filtered_domain(domain))
            if number % TRIED_AT_ONCE == 0:
                self.env.invalidate_all()
        return [known[row] for row in rows]

    def _tell_covered(self, values):
        """That more leads were learned from than the present scheme covers, None where that is not so."""
        if not self.scheme_id or not self._asks_for_unknown(values):
            return None
        return self.env._(
            "The filter of “%s” asks for what is not known of a lead when it comes: all leads were learned from.",
            self.scheme_id.display_name,
        )

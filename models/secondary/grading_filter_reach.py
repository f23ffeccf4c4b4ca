from odoo import api, models


class GradingFilterReach(models.AbstractModel):
    _inherit = "grading.filter.reach"

    @api.model
    def _filter_relations(self):
        """Filters ask for segments by name: ``[("secondary_ids.grade_id.name", "=", "Champions")]``."""
        relations = super()._filter_relations()
        return {
            **relations,
            "grading.profile": relations["grading.profile"] | {"secondary_ids"},
            "grading.secondary": {"scheme_id", "grade_id"},
        }

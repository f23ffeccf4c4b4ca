from odoo import api, models

# The rules that decide who is covered, the points, the grade and the stage: segments are found out after them.
BEFORE_SEGMENTS = {
    "grading.scheme",
    "grading.criterion",
    "grading.criterion.case",
    "grading.threshold",
    "grading.lifecycle",
}


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

    @api.model
    def _check_filter_relation(self, model, field):
        """Rules that are judged before the segments would read those of the former run, and none on an earlier day."""
        if field.comodel_name == "grading.secondary" and self._name in BEFORE_SEGMENTS:
            raise ValueError(
                self.env._(
                    "segments are found out after grade and stage, so “%s” can be asked by rules for tags, cadences and"
                    " plays only",
                    self._path_text(model, field),
                )
            )
        return super()._check_filter_relation(model, field)

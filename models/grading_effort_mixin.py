from odoo import api, models
from odoo.tools import SQL


class GradingEffortMixin(models.AbstractModel):
    """Rows about effort, which are worked out anew whenever they are asked for, and therefore asked for once."""

    _name = "grading.effort.mixin"
    _description = "Worked out when Asked for"

    @api.model
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        """Every column at once: access to rows is checked by more than a view shows, and to read that afterwards
        would work out all of them a second time."""
        if field_names is not None:
            columns = [name for name, field in self._fields.items() if field.store and field.column_type]
            field_names = list(dict.fromkeys([*field_names, *columns]))
        return super().search_fetch(domain, field_names, offset, limit, order)

    @api.model
    def _planned_grades(self):
        """``SELECT id, sequence, active, effort_share`` of the grades that share the effort.

        These are the ones that have a part of it, and those that customers can get instead: a plan of 0 % is one, too.
        The grades of leads have none; to count them would make a share of 70 % of the customers' time impossible.
        """
        return SQL(
            """
            SELECT id, sequence, active, effort_share::numeric
              FROM grading_grade
             WHERE effort_share > 0 OR id IN (
                       SELECT other.grade_id
                         FROM grading_grade AS planned
                         JOIN grading_threshold AS threshold ON threshold.grade_id = planned.id
                         JOIN grading_scheme AS scheme ON scheme.id = threshold.scheme_id
                         JOIN grading_threshold AS other ON other.scheme_id = scheme.id
                        WHERE planned.effort_share > 0 AND scheme.active AND scheme.subject = 'customer'
                   )
            """
        )

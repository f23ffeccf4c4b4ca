from odoo import api, models


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

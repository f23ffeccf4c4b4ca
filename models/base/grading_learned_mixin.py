from odoo import api, fields, models

from .context import yardstick_of

# What a company learns from its own past is learned anew after so many days.
REFIT_DAYS = 7


class GradingLearnedMixin(models.AbstractModel):
    """What a company has learned from its own past: a row for each time that it did, of which the latest is in force.

    A model that inherits says in ``_yardstick_values`` where a :class:`~.context.Yardstick` keeps its row.
    """

    _name = "grading.learned.mixin"
    _description = "Learned from the Own Past"
    _order = "date desc, id desc"
    _rec_name = "date"
    _yardstick_values = None

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", index=True, readonly=True)
    date = fields.Date(required=True, readonly=True)

    @api.model
    def _current(self, as_of=None):
        """The row in force in the environment's company: the last one made of ``as_of`` or of a day before, or else the
        first one made of a later day; maybe empty. In a judging that has a yardstick, the one of its day.

        :param datetime.date as_of: today where the company works, unless given
        """
        rows = self.sudo()
        if yardstick := yardstick_of(self.env):
            values = getattr(yardstick, self._yardstick_values)
            return rows.new(values) if values else rows.browse()
        company = [("company_id", "=", self.env.company.id)]
        as_of = as_of or self.env.company._grading_today()
        return rows.search([*company, ("date", "<=", as_of)], limit=1) or rows.search(
            company, order="date, id desc", limit=1
        )

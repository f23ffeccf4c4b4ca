from odoo import api, models


class Base(models.AbstractModel):
    """What an import leads to is the import's as well, so that it starts no play: see :class:`grading.queue`."""

    _inherit = "base"

    @api.model
    def load(self, fields, data):
        """At its end Odoo computes what follows from the rows in the environment of the request, which knows of no
        import: totals of orders, probabilities of leads."""
        if not self.env.context.get("import_file"):
            return super().load(fields, data)
        transaction, former = self.env.transaction, self.env.transaction.default_env
        transaction.default_env = self.env
        try:
            return super().load(fields, data)
        finally:
            transaction.default_env = former

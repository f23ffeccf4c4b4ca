from odoo import models

from .fields import MANAGERS, SELLERS


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """Say at once whether the user is in our groups.

        A browser that has to ask, and loses the connection, as a point of sale may, would get no answer until it is
        loaded anew.
        """
        res = super().session_info()
        user = self.env.user
        res["groups"].update({group: user.has_group(group) for group in (SELLERS, MANAGERS)})
        return res

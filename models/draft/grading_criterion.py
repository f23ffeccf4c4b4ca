from secrets import token_hex

from odoo import api, fields, models
from odoo.tools import SQL


class GradingCriterion(models.Model):
    """A criterion is recognized in drafts, versions and files of its scheme by a key that goes along with copies."""

    _inherit = "grading.criterion"

    key = fields.Char(readonly=True, help="By it a criterion is found again in drafts, former versions and files.")

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{**vals, "key": vals.get("key") or token_hex(6)} for vals in vals_list])

    @api.model
    def _give_keys(self):
        """Criteria that came with the module are known by their XML ids, in every database; those from before there
        were keys get one."""
        self.flush_model(["key"])
        self.env.execute_query(
            SQL(
                """
                UPDATE grading_criterion AS criterion SET key = named.key
                  FROM (
                    SELECT criterion.id, COALESCE(data.name, criterion.key, 'c' || criterion.id) AS key
                      FROM grading_criterion AS criterion
                 LEFT JOIN ir_model_data AS data
                        ON data.model = 'grading.criterion' AND data.res_id = criterion.id
                       AND data.module = 'customer_grading'
                  ) AS named
                 WHERE named.id = criterion.id AND criterion.key IS DISTINCT FROM named.key
             RETURNING criterion.id
                """
            )
        )
        self.invalidate_model(["key"], flush=False)

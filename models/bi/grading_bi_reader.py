import logging
import re

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL
from odoo.tools.sql import table_exists

from ..base.guarded import guarded

_logger = logging.getLogger(__name__)
# What can be written as an identifier.
ROLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$-]{0,62}")


class GradingBiReader(models.Model):
    """A role of the database that may read the views for other tools, with the companies whose rows it sees.

    The first one has the views made, and with the last one they go. A role is made on the database server, with its
    password; Odoo knows neither.
    """

    _name = "grading.bi.reader"
    _inherit = ["grading.input.mixin"]
    _description = "Database Role for Other Tools"
    _order = "name, id"

    name = fields.Char(string="Database Role", required=True, help="As the database server knows it.")
    # The last company must not go unnoticed: without one, the role would read all.
    company_ids = fields.Many2many(
        "res.company", ondelete="restrict", help="The companies whose customers the role reads; empty for all."
    )
    role_exists = fields.Boolean(compute="_compute_role_exists")
    granted = fields.Text(compute="_compute_granted")

    _name_unique = models.Constraint("UNIQUE (name)", "A database role is named once.")

    @api.depends("name")
    def _compute_role_exists(self):
        rows = self.env.execute_query(
            SQL("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [reader.name or "" for reader in self])
        )
        known = {name for [name] in rows}
        for reader in self:
            reader.role_exists = reader.name in known

    @api.depends("name", "company_ids")
    def _compute_granted(self):
        """What the database says that the role may do, not what it was told."""
        views = tuple(self.env["grading.bi.view"]._views())
        for reader in self:
            rows = []
            if reader.role_exists and reader._origin:
                rows = self.env.execute_query(
                    SQL(
                        "SELECT FORMAT('GRANT SELECT ON %%I TO %%I;', relname, %s::text)"
                        " FROM pg_class WHERE relname IN %s AND relkind = 'v'"
                        " AND relnamespace = current_schema::regnamespace AND has_table_privilege(%s, oid, 'SELECT')"
                        " ORDER BY relname",
                        reader.name,
                        views,
                        reader.name,
                    )
                )
            reader.granted = "\n".join(grant for [grant] in rows)

    @api.constrains("name")
    def _check_role(self):
        """A role that is there, and that may not read everything already."""
        for reader in self:
            if not ROLE_NAME.fullmatch(reader.name or "") or reader.name.startswith("pg_"):
                raise ValidationError(
                    self.env._(
                        "“%s” cannot be used: a role has letters, digits, “_”, “-” and “$” in its name and does not "
                        "begin with “pg_”.",
                        reader.name,
                    )
                )
            if not reader.role_exists:
                raise ValidationError(
                    self.env._(
                        "The database server has no role “%s”. Create it there first, with LOGIN and a password.",
                        reader.name,
                    )
                )
            [[reads_all]] = self.env.execute_query(
                SQL(
                    "SELECT role.rolsuper OR pg_has_role(role.oid, pg_class.relowner, 'MEMBER')"
                    " FROM pg_roles AS role, pg_class"
                    " WHERE role.rolname = %s AND pg_class.oid = 'grading_profile'::regclass",
                    reader.name,
                )
            )
            if reads_all:
                raise ValidationError(
                    self.env._(
                        "“%s” may read and change the whole database already. Choose another role for other tools.",
                        reader.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        readers = super().create(vals_list)
        self.env["grading.bi.view"]._refresh()
        return readers

    def write(self, vals):
        res = super().write(vals)
        if "name" in vals:
            self.env["grading.bi.view"]._refresh()
        return res

    def unlink(self):
        res = super().unlink()
        self.env["grading.bi.view"]._refresh()
        return res

    @guarded
    def action_refresh(self):
        """Make the views anew, with the columns of today and for the roles that are named."""
        self.check_access("write")
        self.env["grading.bi.view"]._refresh(force=True)
        return self.env["grading.run"]._notification(self.env._("The views have been made anew."), "success")

    def _register_hook(self):
        """Have the views of this version: an update has dropped them, or has brought other columns.

        What stands in the way is reported and keeps no server from starting.
        """
        super()._register_hook()
        if not table_exists(self.env.cr, self._table):  # the module was updated on the disk alone
            return
        View = self.env["grading.bi.view"]
        try:
            with self.env.cr.savepoint():
                # Of several workers that start together one makes them.
                if View._is_stale() and self.env.execute_query(
                    SQL("SELECT 1 WHERE pg_try_advisory_xact_lock(hashtext('grading_bi_view'))")
                ):
                    View._refresh()
        except (psycopg2.Error, UserError) as error:
            _logger.warning("The views for other tools could not be made: %s", error)

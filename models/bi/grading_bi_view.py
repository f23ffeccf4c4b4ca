import hashlib

import psycopg2

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# How long one waits for a tool that is reading, before it is said so.
LOCK_TIMEOUT = "5s"
SCORES = {
    "score": "Score: the sum of the points",
    "value_score": "Points for value",
    "loyalty_score": "Points for loyalty",
    "potential_score": "Points for potential",
}
# Columns of grading_profile that are shown as they are.
MEASURES = {
    "first_order_date": "Day of the first order",
    "last_order_date": "Day of the last order",
    "order_count": "Number of orders, or invoices where the company counts these",
    "order_amount": "Amount of all orders: untaxed, in the company's currency",
    "order_count_12m": "Number of orders in the last 12 months",
    "order_amount_12m": "Amount of the last 12 months: untaxed, in the company's currency",
    "order_amount_prev_12m": "Amount of the 12 months before: untaxed, in the company's currency",
    "expected_amount": "What is expected of the customer within the company's horizon: untaxed, in its currency",
    "expected_low": "Low end of what is expected: four of five customers end up between the two",
    "expected_high": "High end of what is expected",
    "amount_at_risk": "What would be expected had the customer just ordered, less what is expected",
    "lifecycle_since": "Day on which the stage was entered",
    "decline_date": "Without an order the customer is declining from this day on",
    "lost_date": "Without an order the customer is lost from this day on",
    "next_contact_date": "Day of the next contact",
}
KEPT = {
    **SCORES,
    "fit_score": "Points of a lead for fit",
    "intent_score": "Points of a lead for intent",
    "order_amount_12m": MEASURES["order_amount_12m"],
    "order_count_12m": MEASURES["order_count_12m"],
    "purchase_probability": "Probability to buy within the company's horizon, 0 to 1",
    "expected_amount": "What was expected of the customer from then on: untaxed, in the company's currency",
    "expected_days": "Within how many days it was expected",
    "backfilled": "Whether the month was judged afterwards, by rules of a later day",
    "scheme_version": "Version of the scheme that gave the score",
}


class GradingBiView(models.AbstractModel):
    """The views of the database for other tools: their columns, and how they are made, changed and removed.

    A row shows to the roles that an administrator has named for its company (:class:`grading.bi.reader`), and to
    Odoo's own role. Of personal data there are ids and names, nothing else.
    """

    _name = "grading.bi.view"
    _description = "Views for Other Tools"

    # ------------------------------------------------------------
    # What they show
    # ------------------------------------------------------------

    @api.model
    def _views(self):
        """Each view: what a row is, its columns, and what follows ``FROM``.

        :rtype: dict[str, tuple[str, dict, odoo.tools.SQL]]
        """
        return {
            "grading_bi_customer": (
                "Customer Grading: a customer in a company, as graded now",
                self._customer_columns(),
                SQL(
                    """
                    grading_profile AS row
               JOIN res_partner AS customer ON customer.id = row.partner_id
          LEFT JOIN res_users AS seller ON seller.id = customer.user_id
          LEFT JOIN res_partner AS seller_name ON seller_name.id = seller.partner_id
          LEFT JOIN grading_lifecycle AS stage ON stage.id = row.lifecycle_id
                    %s
                    """,
                    self._common_joins(),
                ),
            ),
            "grading_bi_snapshot": (
                "Customer Grading: a customer in a company, or a lead, as graded when a month ended",
                self._snapshot_columns(),
                SQL(
                    """
                    grading_snapshot AS row
          LEFT JOIN res_partner AS customer ON customer.id = row.partner_id
          LEFT JOIN grading_lifecycle AS stage ON stage.id = row.lifecycle_id
                    %s
                    """,
                    self._common_joins(),
                ),
            ),
            "grading_bi_movement": (
                "Customer Grading: one change of the grade, stage or score of a customer or lead",
                self._movement_columns(),
                SQL(
                    """
                    grading_history AS row
               JOIN res_company AS company ON company.id = row.company_id
          LEFT JOIN res_partner AS customer ON customer.id = row.partner_id
          LEFT JOIN grading_grade AS old_grade ON old_grade.id = row.old_grade_id
          LEFT JOIN grading_grade AS new_grade ON new_grade.id = row.new_grade_id
          LEFT JOIN grading_lifecycle AS old_stage ON old_stage.id = row.old_lifecycle_id
          LEFT JOIN grading_lifecycle AS new_stage ON new_stage.id = row.new_lifecycle_id
                    """
                ),
            ),
        }

    @api.model
    def _common_joins(self):
        return SQL(
            """
               JOIN res_company AS company ON company.id = row.company_id
               JOIN res_currency AS currency ON currency.id = company.currency_id
          LEFT JOIN grading_grade AS grade ON grade.id = row.grade_id
          LEFT JOIN grading_scheme AS scheme ON scheme.id = row.scheme_id
            """
        )

    @api.model
    def _customer_columns(self):
        """``{column: (SQL, what it says)}``"""
        return {
            **self._columns_of_row({"id": "Id of the grading profile"}, rename={"id": "profile_id"}),
            **self._identity_columns(),
            "customer_active": (SQL("customer.active"), "Whether the contact is not archived"),
            "salesperson_id": (SQL("customer.user_id"), "Id of the customer's salesperson"),
            "salesperson": (SQL("seller_name.name"), "Name of the customer's salesperson"),
            **self._grade_columns(),
            "is_overridden": (SQL("row.manual_grade_id IS NOT NULL"), "Whether a person has set the grade"),
            **self._columns_of_row({**SCORES, **MEASURES}, rename={"lifecycle_since": "stage_since"}),
        }

    @api.model
    def _snapshot_columns(self):
        return {
            **self._columns_of_row({"date": "Last day of the month", "profile_id": "Id of the grading profile"}),
            **self._identity_columns(),
            "lead_id": (SQL("row.lead_id"), "Id of the lead; empty where the row is about a customer"),
            **self._grade_columns(),
            **self._columns_of_row(KEPT),
        }

    @api.model
    def _movement_columns(self):
        changed = {
            f"{when}_{what}{suffix}": (expression, f"{label} {said} the change")
            for when, said in (("old", "before"), ("new", "after"))
            for what, suffix, expression, label in (
                ("grade", "_id", SQL.identifier("row", f"{when}_grade_id"), "Id of the grade"),
                ("grade", "", self._label("grading.grade", f"{when}_grade"), "Grade"),
                ("stage", "_id", SQL.identifier("row", f"{when}_lifecycle_id"), "Id of the stage"),
                ("stage", "", self._label("grading.lifecycle", f"{when}_stage"), "Stage"),
                ("score", "", SQL.identifier("row", f"{when}_score"), "Score"),
            )
        }
        identity = self._identity_columns()
        identity.pop("currency")
        return {
            **self._columns_of_row(
                {"id": "Id of the change", "date": "Day of the change", "profile_id": "Id of the grading profile"},
                rename={"id": "movement_id"},
            ),
            **identity,
            "lead_id": (SQL("row.lead_id"), "Id of the lead; empty where the row is about a customer"),
            **changed,
            "reason": (SQL("row.reason"), "What changed it: rescore, score, override, override_end, merge, …"),
            "user_id": (SQL("row.user_id"), "Id of the user who overrode the grade"),
        }

    @api.model
    def _columns_of_row(self, said, rename=()):
        """Columns that the table of the rows has itself."""
        rename = dict(rename)
        return {rename.get(name, name): (SQL.identifier("row", name), text) for name, text in said.items()}

    @api.model
    def _identity_columns(self):
        return {
            "company_id": (SQL("row.company_id"), "Id of the company"),
            "company": (SQL("company.name"), "Name of the company"),
            "currency": (SQL("currency.name"), "Currency of the amounts: that of the company"),
            "customer_id": (SQL("row.partner_id"), "Id of the customer's contact"),
            "customer": (SQL("customer.name"), "Name of the customer"),
        }

    @api.model
    def _grade_columns(self):
        return {
            "grade_id": (SQL("row.grade_id"), "Id of the grade in force"),
            "grade": (self._label("grading.grade", "grade"), "Grade in force"),
            "grade_rank": (SQL("grade.sequence"), "Place of the grade: the smaller, the better"),
            "stage_id": (SQL("row.lifecycle_id"), "Id of the stage of the life cycle"),
            "stage": (self._label("grading.lifecycle", "stage"), "Stage of the life cycle"),
            "scheme": (self._label("grading.scheme", "scheme"), "Scheme that gave the score"),
        }

    @api.model
    def _label(self, model, alias):
        """The name of a record in the language of the first company's contact, or else in English."""
        name = SQL.identifier(alias, "name")
        if not self.env[model]._fields["name"].translate:
            return name
        lang = self.env.ref("base.main_company").sudo().partner_id.lang or "en_US"
        return SQL("COALESCE(%s->>%s, %s->>'en_US')", name, lang, name)

    @api.model
    def _visible_to_sql(self):
        """Whether the role that reads may see the row's company."""
        return SQL(
            """
            row.company_id IN (
                SELECT shown.id
                  FROM grading_bi_reader AS reader
                  JOIN pg_roles AS role ON role.rolname = reader.name AND pg_has_role(role.oid, 'USAGE')
                  JOIN res_company AS shown
                    ON NOT EXISTS (SELECT FROM grading_bi_reader_res_company_rel AS any_of
                                    WHERE any_of.grading_bi_reader_id = reader.id)
                    OR EXISTS (SELECT FROM grading_bi_reader_res_company_rel AS one_of
                                WHERE one_of.grading_bi_reader_id = reader.id AND one_of.res_company_id = shown.id)
                 UNION
                SELECT shown.id
                  FROM res_company AS shown
                 WHERE pg_has_role((SELECT relowner FROM pg_class WHERE oid = 'grading_profile'::regclass), 'USAGE')
            )
            """
        )

    # ------------------------------------------------------------
    # How they are made and removed
    # ------------------------------------------------------------

    @api.model
    def _definitions(self):
        """The statements that make each view: ``{view: [CREATE VIEW …, COMMENT ON …]}``.

        A *security barrier* keeps what a role asks from being worked out on rows that it may not see.
        """
        definitions = {}
        for view, (comment, columns, source) in self._views().items():
            name = SQL.identifier(view)
            selected = SQL(", ").join(
                SQL("%s AS %s", shown, SQL.identifier(column)) for column, (shown, _text) in columns.items()
            )
            create = SQL(
                "CREATE VIEW %s WITH (security_barrier) AS SELECT %s FROM %s WHERE %s",
                name, selected, source, self._visible_to_sql(),
            )  # fmt: skip
            comments = [
                SQL("COMMENT ON COLUMN %s IS %s", SQL.identifier(view, column), text)
                for column, (_shown, text) in columns.items()
            ]
            code = self.env.cr.mogrify(SQL("; ").join([create, *comments]))
            mark = hashlib.sha256(code).hexdigest()[:16]
            comments.append(SQL("COMMENT ON VIEW %s IS %s", name, f"{comment} [{mark}]"))
            definitions[view] = [create, *comments]
        return definitions

    @api.model
    def _present(self):
        """The comments of the views that are there, by the view's name; the mark of its definition ends each."""
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT relname, obj_description(oid, 'pg_class') FROM pg_class"
                    " WHERE relkind = 'v' AND relnamespace = current_schema::regnamespace AND relname IN %s",
                    tuple(self._views()),
                )
            )
        )

    @api.model
    def _is_stale(self):
        """Whether the views are not those that the roles should read."""
        wanted = {}
        if self.env["grading.bi.reader"].sudo().search_count([], limit=1):
            wanted = {view: statements[-1].params[-1] for view, statements in self._definitions().items()}
        return self._present() != wanted

    @api.model
    def _refresh(self, force=False):
        """Have the views that the roles should read, with exactly these roles as readers; none without a role.

        :param bool force: make them anew although they are as they should be
        :raise UserError: other views depend on them, or a tool is reading
        """
        readers = self.env["grading.bi.reader"].sudo().search([("name", "!=", False)])
        readers.flush_model()
        if not readers:
            return self._drop()
        if force or self._is_stale():
            self._drop()
            for statements in self._definitions().values():
                for statement in statements:
                    self.env.execute_query(statement)
        return self._grant(readers)

    @api.model
    def _drop(self):
        [[before]] = self.env.execute_query(SQL("SELECT current_setting('lock_timeout')"))
        try:
            with self.env.cr.savepoint():
                self.env.execute_query(SQL("SELECT set_config('lock_timeout', %s, TRUE)", LOCK_TIMEOUT))
                for view in self._views():
                    self.env.execute_query(SQL("DROP VIEW IF EXISTS %s", SQL.identifier(view)))
                self.env.execute_query(SQL("SELECT set_config('lock_timeout', %s, TRUE)", before))
        except psycopg2.errors.DependentObjectsStillExist as error:
            raise UserError(
                self.env._(
                    "Other views of this database are built on the views for other tools: remove these first. %s",
                    error.diag.message_detail,
                )
            ) from error
        except psycopg2.errors.LockNotAvailable as error:
            raise UserError(self.env._("A tool is reading the views. Try again when it has finished.")) from error

    @api.model
    def _grant(self, readers):
        """Let the roles read the views, and take it from those that are no readers any more.

        A role that is not on this server, as after a restoration elsewhere, is passed over.
        """
        wanted = {reader.name for reader in readers if reader.role_exists}
        for view in self._views():
            name = SQL.identifier(view)
            allowed = self.env.execute_query(
                SQL(
                    """
                    SELECT role.rolname FROM pg_class
                     CROSS JOIN aclexplode(pg_class.relacl) AS acl
                      JOIN pg_roles AS role ON role.oid = acl.grantee AND role.oid <> pg_class.relowner
                     WHERE pg_class.oid = %s::regclass
                    """,
                    view,
                )
            )
            present = {role for [role] in allowed}
            for role in present - wanted:
                self.env.execute_query(SQL("REVOKE ALL ON %s FROM %s", name, SQL.identifier(role)))
            for role in wanted - present:
                self.env.execute_query(SQL("GRANT SELECT ON %s TO %s", name, SQL.identifier(role)))

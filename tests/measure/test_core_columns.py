from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

# What raw SQL here reads of Odoo's own tables.
COLUMNS = {
    "account.account": "account_type",
    "account.move": (
        "amount_untaxed_in_currency_signed amount_untaxed_signed commercial_partner_id company_id currency_id"
        " invoice_currency_rate invoice_date move_type name partner_id reversed_entry_id state"
    ),
    "account.move.line": (
        "account_id amount_residual balance company_id currency_id date_maturity display_type move_id parent_state"
        " price_subtotal reconciled"
    ),
    "account.partial.reconcile": "debit_move_id max_date",
    "calendar.attendee": "event_id partner_id state",
    "calendar.event": (
        "active allday opportunity_id res_id res_model start start_date stop stop_date user_id videocall_location"
    ),
    "crm.lead": (
        "active automated_probability company_id date_closed date_deadline expected_revenue partner_id stage_id team_id"
        " user_id won_status"
    ),
    "crm.stage": "is_won sequence",
    "mail.activity": "active calendar_event_id res_id res_model",
    "mail.mail": "mail_message_id state",
    "mail.message": ("author_id date mail_activity_type_id message_type model outgoing_email_to res_id"),
    "mail.notification": "mail_message_id notification_status res_partner_id",
    "product.product": "product_tmpl_id",
    "product.template": "categ_id",
    "res.company": "partner_id resource_calendar_id",
    "res.currency.rate": "company_id currency_id name rate",
    "res.partner": "active commercial_partner_id company_id customer_rank partner_share tz",
    "res.users": "partner_id sale_team_id share",
    "resource.calendar": "tz",
    "sale.order": "amount_untaxed company_id currency_id currency_rate date_order name partner_id state",
    "sale.order.line": "is_downpayment order_id price_subtotal product_id product_uom_qty",
}
# Tables of many2many fields: the field, the table and its columns, ours first.
RELATIONS = {
    ("account.move.line", "sale_line_ids"): ("sale_order_line_invoice_rel", "invoice_line_id", "order_line_id"),
    ("calendar.event", "partner_ids"): ("calendar_event_res_partner_rel", "calendar_event_id", "res_partner_id"),
    ("mail.message", "partner_ids"): ("mail_message_res_partner_rel", "mail_message_id", "res_partner_id"),
    ("res.users", "company_ids"): ("res_company_users_rel", "user_id", "cid"),
}
# The values of selections that raw SQL compares with.
VALUES = {
    ("account.account", "account_type"): {"asset_receivable"},
    ("account.move", "move_type"): {"out_invoice", "out_refund", "out_receipt"},
    ("account.move", "state"): {"posted"},
    ("account.move.line", "display_type"): {"product"},
    ("calendar.attendee", "state"): {"declined"},
    ("crm.lead", "won_status"): {"won", "lost"},
    ("mail.mail", "state"): {"exception", "cancel"},
    ("mail.message", "message_type"): {
        "comment", "email", "notification", "auto_comment", "user_notification", "out_of_office",
    },
    ("mail.notification", "notification_status"): {"bounce", "exception", "canceled"},
    ("sale.order", "state"): {"sale"},
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestCoreColumns(TransactionCase):
    """Odoo's own columns and values that the sources of measures name in SQL: where one has gone, a run would fail, or
    worse, find nothing."""

    def test_the_columns_are_there(self):
        for model, names in COLUMNS.items():
            for name in names.split():
                with self.subTest(model=model, column=name):
                    field = self.env[model]._fields.get(name)
                    self.assertTrue(field and field.store and field.column_type, "Odoo does not store it")
                    self.assertTrue(self.has_column(self.env[model]._table, name), "the table does not have it")

    def test_the_tables_of_many2many_fields_are_there(self):
        for (model, name), expected in RELATIONS.items():
            with self.subTest(model=model, field=name):
                field = self.env[model]._fields[name]
                self.assertEqual((field.relation, field.column1, field.column2), expected)

    def test_the_values_of_selections_are_there(self):
        for (model, name), values in VALUES.items():
            with self.subTest(model=model, field=name):
                self.assertLessEqual(values, set(self.env[model]._fields[name].get_values(self.env)))

    def has_column(self, table, name):
        return self.env.execute_query(
            SQL(
                "SELECT 1 FROM information_schema.columns"
                " WHERE table_schema = CURRENT_SCHEMA AND table_name = %s AND column_name = %s",
                table,
                name,
            )
        )

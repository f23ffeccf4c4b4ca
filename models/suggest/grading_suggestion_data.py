from odoo import models
from odoo.tools import SQL

from ..backtest.grading_backtest import window_end
from ..measure.grading_measure import BEST_LEAD
from ..measure.grading_measure_document import ALL_CONTACTS, SANE_AMOUNT

# What Odoo and people know of a lead when it comes: the fields that criteria may ask for. Not the address, the job
# position, the language and the industry: a lead gets them from its contact, who is often made when things go well.
# Not the tags either: people add them on the way. Odoo keeps no record of any of these. To take them as unknown where
# they may have come later would not help: that they are unknown would tell that things went well.
LEAD_FIELDS = ("source_id", "medium_id", "campaign_id", "team_id")
# The column of Odoo's records of changes that keeps the old value, by the type of the field.
TRACKED_AS = {"many2one": "integer", "monetary": "float"}
PARTNER_FIELDS = ("country_id", "industry_id", "lang", "is_company", "function")


class GradingSuggestion(models.Model):
    """The rows that suggestions are learned from: ``{field: [value of each row]}``, with nothing of a later day."""

    _inherit = "grading.suggestion"

    # ------------------------------------------------------------
    # Leads
    # ------------------------------------------------------------

    def _lead_rows(self):
        """The leads that were won or lost, as they came, the earliest first.

        :return: ``(ids, days of creation, outcomes, values)``
        """
        Lead, Population = self.env["crm.lead"], self.env["grading.population"]
        Lead.flush_model()
        names = [*LEAD_FIELDS]
        columns = [self._first_value_to_sql(name) for name in names]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT lead.id, lead.create_date, (lead.won_status = 'won')::int, %(columns)s,
                       %(revenue)s, (lead.referred_by_id IS NOT NULL), (COALESCE(%(email)s, '') <> ''),
                       (COALESCE(%(phone)s, '') <> '')
                  FROM crm_lead AS lead
                 WHERE %(ours)s AND (lead.won_status IN ('won', 'lost') OR NOT lead.active)
                   AND lead.create_date >= %(begin)s AND lead.create_date < %(end)s::date + 1
              ORDER BY lead.create_date, HASHINT4(lead.id), lead.id
                """,
                columns=SQL(", ").join(columns),
                revenue=self._first_value_to_sql("expected_revenue"),
                email=self._first_value_to_sql("email_from"),
                phone=self._first_value_to_sql("phone"),
                ours=Population._lead_is_ours(),
                begin=self.date_from,
                end=self.date_to,
            )
        )
        names += ["expected_revenue", "referred", "email", "phone"]
        columns = list(zip(*rows, strict=True)) or [()] * (3 + len(names))
        values = {name: list(column) for name, column in zip(names, columns[3:], strict=True)}
        for name in (*LEAD_FIELDS, "expected_revenue"):
            known = {text: self._from_text(name, text) for text in set(values[name])}
            values[name] = [known[text] for text in values[name]]
        # As the judge reads it: where nothing was typed, 0 is a number like any other.
        values["expected_revenue"] = [
            amount if amount is not None and abs(amount) <= SANE_AMOUNT else None
            for amount in values["expected_revenue"]
        ]
        return columns[0], columns[1], list(columns[2]), values

    def _first_value_to_sql(self, name):
        """The value of the ``lead`` a day after it came, as text: the one before its first change after that, where
        Odoo keeps a record of changes; else the one of today."""
        field = self.env["crm.lead"]._fields[name]
        column = SQL("%s::text", SQL.identifier("lead", name))
        if not getattr(field, "tracking", None):
            return column
        return SQL(
            """
            (COALESCE((
                SELECT JSONB_BUILD_ARRAY(change.%(old)s) FROM mail_tracking_value AS change
                  JOIN mail_message AS message ON message.id = change.mail_message_id
                 WHERE message.model = 'crm.lead' AND message.res_id = lead.id AND change.field_id = %(field)s
                   AND message.date >= lead.create_date + INTERVAL '1 day'
              ORDER BY change.id LIMIT 1
            ), JSONB_BUILD_ARRAY(%(column)s)) ->> 0)
            """,
            old=SQL.identifier(f"old_value_{TRACKED_AS.get(field.type, field.type)}"),
            field=self.env["ir.model.fields"]._get("crm.lead", name).id,
            column=column,
        )

    def _from_text(self, name, text):
        """What the text of :meth:`_first_value_to_sql` stands for: False where there is nothing, None of a number."""
        if self.env["crm.lead"]._fields[name].type == "monetary":
            return None if text is None else float(text)
        return int(text or 0) or False

    # ------------------------------------------------------------
    # Customers
    # ------------------------------------------------------------

    def _customer_measures(self):
        """Names of the measures of customers that are numbers of their own, not those of their best lead, and not the
        fifths of what is among them."""
        return [
            name
            for name, measure in self.env["grading.measure"]._catalog().items()
            if "label" in measure and measure.get("source") != BEST_LEAD and measure.get("compared") != "rfm"
        ]

    def _measured_rows(self, table, day, condition, extra):
        """Customers with what is measured of them on a day, in an order that has nothing to do with them.

        :param odoo.tools.SQL table: in the profile's columns
        :param odoo.tools.SQL condition: which of them, of ``grading_profile``
        :param list extra: further columns, as ``SQL``
        :return: ``(rows of the extra columns, {measure or field: [value]})``
        """
        Measure, measures = self.env["grading.measure"], self._customer_measures()
        fields = [SQL.identifier("customer", name) for name in PARTNER_FIELDS]
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT %(extra)s, %(fields)s, %(measures)s
                  FROM %(table)s AS grading_profile
                  JOIN res_partner AS customer ON customer.id = grading_profile.partner_id
                 WHERE %(condition)s
              ORDER BY HASHINT4(customer.id), customer.id
                """,
                extra=SQL(", ").join(extra),
                fields=SQL(", ").join(fields),
                measures=SQL(", ").join(SQL("(%s)::float8", Measure._value_to_sql(name, day)) for name in measures),
                table=table,
                condition=condition,
            )
        )
        names = [*PARTNER_FIELDS, *measures]
        columns = list(zip(*rows, strict=True)) or [()] * (len(extra) + len(names))
        values = {name: list(column) for name, column in zip(names, columns[len(extra) :], strict=True)}
        for name in PARTNER_FIELDS:
            values[name] = [value or False for value in values[name]]
        return columns[: len(extra)], values

    def _judged_rows(self, table, day):
        """
        :return: ``(ids of the customers, scores by the rules in use, {measure or field: [value]})``
        """
        extra = [SQL("grading_profile.partner_id"), SQL("grading_profile.score::float8")]
        (customers, scores), values = self._measured_rows(table, day, SQL("grading_profile.order_count > 0"), extra)
        return list(customers), list(scores), values

    def _bought_since(self, day):
        """``{customer: (orders, revenue)}`` of the months that followed the day."""
        until = window_end(day, self.months)
        return {
            partner: (orders, float(revenue or 0))
            for partner, orders, revenue in self.env.execute_query(
                SQL(
                    """
                    SELECT partner_id, COUNT(*) FILTER (WHERE is_order), SUM(amount)
                      FROM (%s) AS purchase WHERE day > %s GROUP BY partner_id
                    """,
                    self.env["grading.measure"]._purchases(until, ALL_CONTACTS),
                    day,
                )
            )
        }

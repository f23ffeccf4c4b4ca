from datetime import timedelta

from odoo import models
from odoo.tools import SQL

from ..backtest.grading_backtest import window_end
from ..measure.grading_measure import BEST_LEAD
from ..measure.grading_measure_document import ALL_CONTACTS, SANE_AMOUNT
from .hindsight import is_brought, is_given_for_the_end

# What Odoo and people know of a lead when it comes: the fields that criteria may ask for.
LEAD_FIELDS = ("source_id", "medium_id", "campaign_id", "team_id")
# The same of who it is about; the contact that a lead gets, often when things go well, may bring them, of which Odoo
# keeps no record. Not the language, which is the contact's alone.
OWN_FIELDS = ("country_id", "state_id", "function")
# A tag of the lead as a field: yes or no. So many are tried, those that most leads have.
TAG, MOST_TAGS = "tag:", 20
# The same of the contact of a customer or lead.
CONTACT_TAG = "contact_tag:"
PARTNER_FIELDS = ("country_id", "state_id", "industry_id", "lang", "is_company", "function")


class GradingSuggestion(models.Model):
    """The rows that suggestions are learned from: ``{field: [value of each row]}``, with nothing of a later day."""

    _inherit = "grading.suggestion"

    def _count_rows(self, most):
        """How many leads or customers there are to be learned from today, counted up to ``most``."""
        rows = SQL("grading_profile WHERE %s", self._customers_to_sql())
        if self.subject == "lead":
            rows = SQL("crm_lead AS lead WHERE %s", self._ended_to_sql())
        self.env.flush_all()
        [[count]] = self.env.execute_query(SQL("SELECT COUNT(*) FROM (SELECT FROM %s LIMIT %s) AS counted", rows, most))
        return count

    # ------------------------------------------------------------
    # Leads
    # ------------------------------------------------------------

    def _lead_rows(self):
        """The leads that were won or lost, as they came, the earliest first. To Odoo one that is merely archived is not
        lost.

        :return: ``(ids, days of creation, outcomes, values)``
        """
        names = [*LEAD_FIELDS, *OWN_FIELDS]
        rows = self._ended_leads(names)
        names += ["expected_revenue", "referred", "email", "phone", "industry", "later", "contact", "changed"]
        columns = list(zip(*rows, strict=True)) or [()] * (3 + len(names))
        values = {name: list(column) for name, column in zip(names, columns[3:], strict=True)}
        for name in (*LEAD_FIELDS, *OWN_FIELDS, "expected_revenue"):
            known = {text: self._from_text(name, text) for text in set(values[name])}
            values[name] = [known[text] for text in values[name]]
        # As the judge reads it: where nothing was typed, 0 is a number like any other.
        values["expected_revenue"] = [
            amount if amount is not None and abs(amount) <= SANE_AMOUNT else None
            for amount in values["expected_revenue"]
        ]
        values["industry"] = [industry or False for industry in values["industry"]]
        later, outcomes = values.pop("later"), list(columns[2])
        for name in OWN_FIELDS:
            if is_brought(values[name], later, outcomes):
                del values[name]
        contacts, changed = values.pop("contact"), values.pop("changed")
        known = {"industry": values.pop("industry")}
        until = [created + timedelta(days=1) for created in columns[1]]
        values |= self._kept_of_contacts(known, contacts, until, changed, outcomes)
        values |= self._tag_columns(columns[0], outcomes)
        return columns[0], columns[1], outcomes, values

    def _ended_leads(self, names):
        """``[(id, created, 1 if won, first value of each of the names, expected revenue, is referred, has an e-mail, a
        phone, industry of the first contact, whether the contact came later, the first contact, whether it was changed
        since)]`` of the leads that were won or lost."""
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT lead.id, lead.create_date, (lead.won_status = 'won')::int, %(columns)s,
                       %(revenue)s, (lead.referred_by_id IS NOT NULL), (COALESCE(%(email)s, '') <> ''),
                       (COALESCE(%(phone)s, '') <> ''), contact.industry_id,
                       (%(contact)s)::int IS DISTINCT FROM lead.partner_id,
                       contact.id, contact.write_date > lead.create_date + INTERVAL '1 day'
                  FROM crm_lead AS lead
             LEFT JOIN res_partner AS contact ON contact.id = (%(contact)s)::int
                 WHERE %(ended)s
              ORDER BY lead.create_date, HASHINT4(lead.id), lead.id
                """,
                columns=SQL(", ").join(self._first_value_to_sql(name) for name in names),
                revenue=self._first_value_to_sql("expected_revenue"),
                email=self._first_value_to_sql("email_from"),
                phone=self._first_value_to_sql("phone"),
                contact=self._first_value_to_sql("partner_id"),
                ended=self._ended_to_sql(),
            )
        )

    def _ended_to_sql(self):
        """Whether a ``lead`` of the time asked for was won or lost."""
        return SQL(
            "%s AND lead.won_status IN ('won', 'lost') AND lead.create_date >= %s AND lead.create_date < %s::date + 1",
            self.env["grading.population"]._lead_is_ours(),
            self.date_from,
            self.date_to,
        )

    def _tag_columns(self, ids, outcomes):
        """``{tag: [whether each lead has it]}`` of the tags that people give: those of rules follow the grade. Odoo
        keeps no record of since when a lead has a tag: one that seems to have been given for the end is left out."""
        tags = self.env["crm.lead"]._fields["tag_ids"]
        rows = self.env.execute_query(
            SQL(
                """
                WITH open AS (
                    SELECT lead.id FROM crm_lead AS lead
                     WHERE %(ours)s AND lead.won_status = 'pending' AND lead.active
                )
                SELECT given.%(tag)s, ARRAY_AGG(given.%(lead)s) FILTER (WHERE ended.id IS NOT NULL),
                       COUNT(open.id), (SELECT COUNT(*) FROM open)
                  FROM %(table)s AS given
             LEFT JOIN UNNEST(%(ids)s::int[]) AS ended (id) ON ended.id = given.%(lead)s
             LEFT JOIN open ON open.id = given.%(lead)s
                 WHERE NOT EXISTS (SELECT FROM grading_tag_rule AS rule WHERE rule.lead_tag_id = given.%(tag)s)
              GROUP BY given.%(tag)s HAVING COUNT(ended.id) > 0
              ORDER BY COUNT(ended.id) DESC, given.%(tag)s LIMIT %(most)s
                """,
                tag=SQL.identifier(tags.column2),
                lead=SQL.identifier(tags.column1),
                table=SQL.identifier(tags.relation),
                ids=list(ids),
                ours=self.env["grading.population"]._lead_is_ours(),
                most=MOST_TAGS,
            )
        )
        found = {}
        for tag, leads, open_tagged, open_count in rows:
            tagged = set(leads)
            column = [lead in tagged for lead in ids]
            if not is_given_for_the_end(column, outcomes, open_tagged, open_count):
                found[f"{TAG}{tag}"] = column
        return found

    # ------------------------------------------------------------
    # Contacts
    # ------------------------------------------------------------

    def _kept_of_contacts(self, known, contacts, until, changed, outcomes):
        """What may be learned from of contacts. Odoo remembers neither what they were on an earlier day nor since when
        they have a tag, only when they were last changed: left out is what is spread otherwise among those that were
        changed after the day than among the others of the same outcome; tags also where there are no others to tell.

        :param dict known: ``{field: [value of each contact, as it is today]}``
        :param contacts: the id of each, None where there is none
        :param until: until when each is to be known, as datetimes
        :param changed: whether each was changed since
        :param outcomes: 1 where things went well
        :return: the fields that stay, and ``{tag: [whether each contact has it]}``
        """
        tags = self._contact_tags(contacts, until)
        rows = [place for place, contact in enumerate(contacts) if contact]
        later, came = ([bool(column[row]) for row in rows] for column in (changed, outcomes))
        kept = {}
        for name, column in (known | tags).items():
            if not is_brought([column[row] for row in rows], later, [int(one) for one in came], name in tags):
                kept[name] = column
        return kept

    def _contact_tags(self, contacts, until, only=None):
        """``{tag: [whether each contact has it]}`` of the tags that people give: those of rules follow the grade. One
        that was itself made or changed after the day counts for none: that may have given it to contacts.

        :param contacts: the id of each, None where there is none
        :param until: until when each is to be known, as datetimes
        :param list only: ids of tags; the most frequent ones unless given
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT given.category_id, ARRAY_AGG(asked.place)
                  FROM UNNEST(%(contacts)s::int[], %(until)s::timestamp[]) WITH ORDINALITY AS asked (id, until, place)
                  JOIN res_partner_res_partner_category_rel AS given ON given.partner_id = asked.id
                  JOIN res_partner_category AS tag ON tag.id = given.category_id AND tag.write_date <= asked.until
                 WHERE NOT EXISTS (SELECT FROM grading_tag_rule AS rule WHERE rule.category_id = given.category_id)
                   AND (%(only)s::int[] IS NULL OR tag.id = ANY(%(only)s::int[]))
              GROUP BY given.category_id
              ORDER BY COUNT(*) DESC, given.category_id LIMIT %(most)s
                """,
                contacts=list(contacts),
                until=list(until),
                only=only,
                most=MOST_TAGS,
            )
        )
        found = {}
        for tag, places in rows:
            tagged = set(places)
            found[f"{CONTACT_TAG}{tag}"] = [place in tagged for place in range(1, len(contacts) + 1)]
        return found

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
            old=self.env["grading.measure"]._tracked_column(name),
            field=self.env["ir.model.fields"]._get("crm.lead", name).id,
            column=column,
        )

    def _from_text(self, name, text):
        """What the text of :meth:`_first_value_to_sql` stands for: False where there is nothing, None of a number."""
        field = self.env["crm.lead"]._fields[name]
        if field.type == "monetary":
            return None if text is None else float(text)
        return int(text or 0) or False if field.type == "many2one" else text or False

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

    def _judged_measures(self):
        """Those of which it is known what they were on an earlier day: what people have entered since would tell how
        well things went."""
        return [name for name in self._customer_measures() if not self.env["grading.measure"]._past_of(name)]

    def _customers_to_sql(self):
        """Whether a ``grading_profile`` is that of a customer to be learned from as they are today."""
        ours = SQL("grading_profile.company_id = %s AND grading_profile.order_count > 0", self.company_id.id)
        if self.kind != "separate":
            return ours
        grades = (self.grade_id + self.other_grade_id).ids
        return SQL("%s AND grading_profile.grade_id = ANY(%s)", ours, grades)

    def _customers_today(self, extra):
        """The customers of the company as they are measured now, see :meth:`_measured_rows`."""
        today = self.company_id._grading_today()
        return self._measured_rows(SQL("grading_profile"), today, self._customers_to_sql(), extra)

    def _measured_rows(self, table, day, condition, extra, measures=None):
        """Customers with what is measured of them on a day, in an order that has nothing to do with them.

        :param odoo.tools.SQL table: in the profile's columns
        :param odoo.tools.SQL condition: which of them, of ``grading_profile``
        :param list extra: further columns, as ``SQL``
        :param list measures: their names; :meth:`_customer_measures` unless given
        :return: ``(rows of the extra columns, {measure or field: [value]})``
        """
        Measure, measures = self.env["grading.measure"], measures or self._customer_measures()
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
        Those who had ordered, and whom the present scheme grades where one is chosen.

        :return: ``(ids of the customers, scores by the rules judged by, whether the contact was changed since,
            {measure or field: [value]})``
        """
        changed = SQL("customer.write_date > %s", self._end_of(day))
        extra = [SQL("grading_profile.partner_id"), SQL("grading_profile.score::float8"), changed]
        bought = SQL("grading_profile.order_count > 0")
        if self.scheme_id:  # published in its place, the suggestion grades no others
            bought = SQL("%s AND grading_profile.scheme_id = %s", bought, self.scheme_id.id)
        columns, values = self._measured_rows(table, day, bought, extra, self._judged_measures())
        return *map(list, columns), values

    def _end_of(self, day):
        """When a day ends in the company, in UTC.

        :rtype: datetime.datetime
        """
        [[end]] = self.env.execute_query(SQL("SELECT %s", self.env["grading.measure"]._end_of_day(day)))
        return end

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

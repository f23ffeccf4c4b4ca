"""The statements that make the benchmark's data; see :mod:`data` for its shape and the parameters."""

FORGET = (
    "DELETE FROM grading_assessment",
    "DELETE FROM grading_complaint",
    "UPDATE res_partner SET referred_by_id = NULL WHERE referred_by_id IS NOT NULL",
    "UPDATE crm_lead SET referred_by_id = NULL WHERE referred_by_id IS NOT NULL",
)

# Each row draws its numbers once, in a subselect; OFFSET 0 keeps the planner from drawing them again at every use.
CUSTOMERS = """
INSERT INTO res_partner (
       id, commercial_partner_id, name, complete_name, commercial_company_name, ref, type, active, is_company,
       partner_share, customer_rank, autopost_bills, lang, color, country_id, user_id, email, email_normalized,
       annual_budget, brand_contribution, willingness, create_uid, create_date, write_uid, write_date)
SELECT %(first)s + n, %(first)s + n, name, name, name, %(mark)s || n, 'contact', TRUE, TRUE,
       TRUE, (drawn.rank < 0.9)::int, 'ask', 'en_US', 0,
       (%(countries)s::int[])[1 + FLOOR(POWER(drawn.country, 2) * CARDINALITY(%(countries)s::int[]))::int],
       CASE WHEN drawn.salesperson < 0.6 THEN %(uid)s END, 'office@bench' || n || '.example.com',
       'office@bench' || n || '.example.com',
       CASE WHEN drawn.budget < 0.05 THEN JSONB_BUILD_OBJECT(%(company)s::text, (1 + n %% 50) * 1000.0) END,
       CASE WHEN drawn.budget > 0.98 THEN (ARRAY['none', 'regional', 'national', 'celebrity'])[1 + n %% 4] END,
       CASE WHEN n %% 50 = 7 THEN 1 + n / 50 %% 5 END,
       %(uid)s, NOW() AT TIME ZONE 'UTC', %(uid)s, NOW() AT TIME ZONE 'UTC'
  FROM (
    SELECT n, 'Bench customer ' || LPAD(n::text, 7, '0') AS name, RANDOM() AS rank, RANDOM() AS country,
           RANDOM() AS salesperson, RANDOM() AS budget
      FROM GENERATE_SERIES(0, %(customers)s - 1) AS n OFFSET 0
  ) AS drawn
"""

# Three contacts, one below the other, for every thirtieth customer, with birthdays all over the year.
CONTACTS = """
INSERT INTO res_partner (
       id, parent_id, commercial_partner_id, name, complete_name, ref, type, active, is_company, partner_share,
       customer_rank, autopost_bills, lang, color, birthdate_date, create_uid, create_date, write_uid, write_date)
SELECT %(first)s + %(customers)s + c,
       CASE WHEN c %% 3 = 0 THEN %(first)s + c * 10 ELSE %(first)s + %(customers)s + c - 1 END,
       %(first)s + (c - c %% 3) * 10, 'Bench contact ' || c, 'Bench contact ' || c, %(mark)s || 'C' || c,
       'contact', TRUE, FALSE, TRUE, 0, 'ask', 'en_US', 0, DATE '1960-01-01' + (c::bigint * 7919 %% 15000)::int,
       %(uid)s, NOW() AT TIME ZONE 'UTC', %(uid)s, NOW() AT TIME ZONE 'UTC'
  FROM GENERATE_SERIES(0, %(customers)s / 10 - 1) AS c
"""

# A uniform draw to the third power prefers the first places; a prime number spreads the places over the ids. Shares of
# the years, drawn from the place, say when a customer came (one in three was there before) and how long they stay.
ORDERS = """
INSERT INTO sale_order (
       name, company_id, partner_id, partner_invoice_id, partner_shipping_id, date_order, state, invoice_status,
       currency_id, currency_rate, amount_untaxed, amount_tax, amount_total, user_id,
       create_uid, create_date, write_uid, write_date)
SELECT %(mark)s || LPAD(n::text, 8, '0'), %(company)s, partner_id, partner_id, partner_id, day,
       CASE WHEN kind < 0.94 THEN 'sale' WHEN kind < 0.97 THEN 'draft' ELSE 'cancel' END, 'no',
       CASE WHEN foreign_draw < %(share)s THEN %(other_currency)s ELSE %(currency)s END,
       CASE WHEN foreign_draw < %(share)s THEN ROUND((0.8 + 0.19 * rate)::numeric, 6) ELSE 1 END,
       amount, ROUND(amount * 0.05, 2), amount + ROUND(amount * 0.05, 2), %(uid)s,
       %(uid)s, day, %(uid)s, day
  FROM (
    SELECT n, kind, foreign_draw, rate,
           DATE_TRUNC('second', NOW() AT TIME ZONE 'UTC'
               - %(years)s * INTERVAL '1 year' * (1 - came - moment * LEAST(1 - came, stays))) AS day,
           CASE WHEN place %% 10 = 0 AND via < 0.3 AND place / 10 < %(customers)s / 10
                THEN %(first)s + %(customers)s + place / 10
                ELSE %(first)s + place END AS partner_id,
           ROUND((200 * EXP(1.1 * SQRT(-2 * LN(1 - normal)) * COS(2 * PI() * angle)))::numeric, 2) AS amount
      FROM (
        SELECT n, RANDOM() AS kind, RANDOM() AS foreign_draw, RANDOM() AS rate, RANDOM() AS via,
               RANDOM() AS normal, RANDOM() AS angle,
               RANDOM() AS moment,
               (FLOOR(POWER(RANDOM(), 3) * 0.9 * %(customers)s)::bigint * 7919 %% %(customers)s)::int AS place
          FROM GENERATE_SERIES(1, %(orders)s) AS n OFFSET 0
      ) AS drawn
     CROSS JOIN LATERAL (
        SELECT GREATEST(0, 1.5 * (place * 7907::bigint %% 1009) / 1009.0 - 0.5)::float8 AS came,
               -0.9 * LN(1 - (place * 6007::bigint %% 997) / 997.0)::float8 AS stays
      ) AS life OFFSET 0
  ) AS placed
 ORDER BY day
"""

# Each customer has a first choice among the products and rarely takes the last one.
ORDER_LINES = """
INSERT INTO sale_order_line (
       order_id, company_id, currency_id, order_partner_id, salesman_id, sequence, state, name, product_id,
       product_uom_id, product_uom_qty, customer_lead, price_unit, technical_price_unit, price_subtotal, price_tax,
       price_total, invoice_status, create_uid, create_date, write_uid, write_date)
SELECT sale.id, sale.company_id, sale.currency_id, sale.partner_id, %(uid)s, 10, sale.state, template.name->>'en_US',
       product.id, template.uom_id, 1, 0, sale.amount_untaxed, sale.amount_untaxed, sale.amount_untaxed,
       sale.amount_tax, sale.amount_total, 'no', %(uid)s, sale.date_order, %(uid)s, sale.date_order
  FROM (
    SELECT sale.*, (%(products)s::int[])[1 + (
               sale.partner_id + FLOOR(POWER(RANDOM(), 3) * CARDINALITY(%(products)s::int[]))::int
           ) %% CARDINALITY(%(products)s::int[])] AS product_id
      FROM sale_order AS sale WHERE sale.name LIKE %(mark)s || '%%' OFFSET 0
  ) AS sale
  JOIN product_product AS product ON product.id = sale.product_id
  JOIN product_template AS template ON template.id = product.product_tmpl_id
"""

INVOICES = """
CREATE TEMPORARY TABLE bench_invoice ON COMMIT DROP AS
SELECT NEXTVAL('account_move_id_seq') AS move_id, NEXTVAL('account_move_line_id_seq') AS line_id,
       NEXTVAL('account_move_id_seq') AS payment_id, NEXTVAL('account_move_line_id_seq') AS payment_line_id,
       name, partner_id, commercial_partner_id, amount, day, day + 30 AS due,
       CASE WHEN paid_draw < %(paid)s AND day + 30 + late < CURRENT_DATE THEN day + 30 + late END AS paid_on
  FROM (
    SELECT sale.name, sale.partner_id, partner.commercial_partner_id, sale.amount_untaxed AS amount,
           sale.date_order::date AS day, RANDOM() AS paid_draw, FLOOR(RANDOM() * RANDOM() * 90 - 10)::int AS late
      FROM sale_order AS sale JOIN res_partner AS partner ON partner.id = sale.partner_id
     WHERE sale.name LIKE %(mark)s || '%%' AND sale.state = 'sale' AND sale.currency_id = %(currency)s
       AND sale.id %% %(every)s = 0
  ORDER BY sale.id OFFSET 0
  ) AS invoiced
"""

MOVES = """
INSERT INTO account_move (
       id, name, journal_id, company_id, partner_id, commercial_partner_id, currency_id, state, move_type, auto_post,
       payment_state, date, invoice_date, invoice_date_due, invoice_currency_rate,
       amount_untaxed, amount_tax, amount_total, amount_residual, amount_untaxed_signed,
       amount_untaxed_in_currency_signed, amount_tax_signed, amount_total_signed, amount_total_in_currency_signed,
       amount_residual_signed, sequence_prefix, sequence_number, checked,
       create_uid, create_date, write_uid, write_date)
SELECT move_id, %(mark)s || 'INV/' || name, %(sale_journal)s, %(company)s, partner_id, commercial_partner_id,
       %(currency)s, 'posted', 'out_invoice', 'no', CASE WHEN paid_on IS NULL THEN 'not_paid' ELSE 'paid' END,
       day, day, due, 1, amount, 0, amount, CASE WHEN paid_on IS NULL THEN amount ELSE 0 END, amount,
       amount, 0, amount, amount,
       CASE WHEN paid_on IS NULL THEN amount ELSE 0 END, %(mark)s, move_id, TRUE,
       %(uid)s, day, %(uid)s, day
  FROM bench_invoice
 UNION ALL
SELECT payment_id, %(mark)s || 'PAY/' || name, %(bank_journal)s, %(company)s, partner_id, commercial_partner_id,
       %(currency)s, 'posted', 'entry', 'no', 'not_paid',
       paid_on, NULL, NULL, 1, 0, 0, amount, 0, 0, 0, 0, amount, amount, 0, %(mark)s, payment_id, TRUE,
       %(uid)s, paid_on, %(uid)s, paid_on
  FROM bench_invoice WHERE paid_on IS NOT NULL
"""

# The receivable line and its counterpart, of the invoice and of its payment.
LINES = """
INSERT INTO account_move_line (
       id, move_id, journal_id, company_id, company_currency_id, currency_id, account_id, partner_id, parent_state,
       move_name, display_type, date, date_maturity, debit, credit, balance, amount_currency,
       amount_residual, amount_residual_currency, reconciled, create_uid, create_date, write_uid, write_date)
SELECT line.id, line.move_id, line.journal, %(company)s, %(currency)s, %(currency)s, line.account,
       commercial_partner_id, 'posted', line.name, line.type, line.day, line.maturity, GREATEST(line.balance, 0),
       GREATEST(-line.balance, 0), line.balance, line.balance, line.residual, line.residual,
       line.type = 'payment_term' AND paid_on IS NOT NULL, %(uid)s, line.day, %(uid)s, line.day
  FROM bench_invoice
 CROSS JOIN LATERAL (VALUES
       (line_id, move_id, %(sale_journal)s, %(receivable)s, %(mark)s || 'INV/' || name, 'payment_term', day, due,
        amount, CASE WHEN paid_on IS NULL THEN amount ELSE 0 END),
       (NEXTVAL('account_move_line_id_seq'), move_id, %(sale_journal)s, %(income)s, %(mark)s || 'INV/' || name,
        'product', day, NULL, -amount, 0),
       (payment_line_id, payment_id, %(bank_journal)s, %(receivable)s, %(mark)s || 'PAY/' || name, 'payment_term',
        paid_on, paid_on, -amount, 0),
       (NEXTVAL('account_move_line_id_seq'), payment_id, %(bank_journal)s, %(bank)s, %(mark)s || 'PAY/' || name,
        'product', paid_on, NULL, amount, 0)
       ) AS line (id, move_id, journal, account, name, type, day, maturity, balance, residual)
 WHERE line.day IS NOT NULL
"""

PARTIALS = """
INSERT INTO account_partial_reconcile (
       debit_move_id, credit_move_id, debit_currency_id, credit_currency_id, company_id, max_date,
       amount, debit_amount_currency, credit_amount_currency, create_uid, create_date, write_uid, write_date)
SELECT line_id, payment_line_id, %(currency)s, %(currency)s, %(company)s, paid_on,
       amount, amount, amount, %(uid)s, paid_on, %(uid)s, paid_on
  FROM bench_invoice WHERE paid_on IS NOT NULL
"""

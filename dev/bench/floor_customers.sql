-- What a run does, by hand: the measures, the points of the shipped scheme "In service", the grade and the stage of
-- every customer of one company, upserted. Nothing can be configured; ranks are exact. A customer without an order is
-- judged by the best lead, which floor_leads.sql has judged before, or by the willingness alone. The numbers of the
-- purchase model are given; floor_step.sql halves the days in which a customer is searched to decline.
--
-- What is summed up first goes into tables of its own, so that the planner knows how many rows there are, at any size.

CREATE TEMPORARY TABLE floor_ordered ON COMMIT DROP AS
WITH placed AS (
    SELECT contact.commercial_partner_id AS partner_id,
           sale.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s AS moment,
           CASE sale.currency_rate WHEN 1 THEN sale.amount_untaxed
                ELSE sale.amount_untaxed / NULLIF(sale.currency_rate, 0) END AS amount
      FROM sale_order AS sale JOIN res_partner AS contact ON contact.id = sale.partner_id
     WHERE sale.company_id = %(company)s AND sale.state = 'sale'
    OFFSET 0  -- the moment is worked out once, not at each of its uses
), document AS (
    SELECT partner_id, moment::date AS day, moment::time AS hour, amount FROM placed OFFSET 0
)
SELECT partner_id, COUNT(*)::int AS order_count, SUM(amount) AS order_amount,
       (COUNT(*) FILTER (WHERE day > %(year_ago)s))::int AS order_count_12m,
       SUM(amount) FILTER (WHERE day > %(year_ago)s) AS order_amount_12m,
       SUM(amount) FILTER (WHERE day > %(two_years_ago)s AND day <= %(year_ago)s) AS order_amount_prev_12m,
       MIN(day) AS first_order_date, MAX(day) AS last_order_date,
       COUNT(DISTINCT day)::int AS order_day_count,
       COUNT(DISTINCT (day - first_day) * 12 / 365)::int AS order_months,
       SUM(amount::float8 * POWER(2::float8, (day - DATE '2020-01-01')::float8 / %(half_life)s)) AS faded,
       COUNT(*) FILTER (WHERE EXTRACT(ISODOW FROM day) >= 6) AS weekend_orders,
       COUNT(*) FILTER (WHERE hour <> '00:00') AS timed_orders,
       COUNT(*) FILTER (WHERE hour <> '00:00' AND (hour >= '18:00' OR hour < '06:00')) AS evening_orders
  FROM (SELECT *, MIN(day) OVER (PARTITION BY partner_id) AS first_day FROM document WHERE day <= %(as_of)s) AS sorted
GROUP BY partner_id;
ANALYZE floor_ordered;

CREATE TEMPORARY TABLE floor_widely ON COMMIT DROP AS
SELECT partner_id, COUNT(*)::int AS product_category_count
  FROM (
    SELECT DISTINCT contact.commercial_partner_id AS partner_id, template.categ_id
      FROM sale_order_line AS line
      JOIN sale_order AS sale ON sale.id = line.order_id
      JOIN res_partner AS contact ON contact.id = sale.partner_id
      JOIN product_product AS product ON product.id = line.product_id
      JOIN product_template AS template ON template.id = product.product_tmpl_id
     WHERE sale.company_id = %(company)s AND sale.state = 'sale' AND line.product_uom_qty > 0
       AND line.is_downpayment IS NOT TRUE AND template.categ_id IS NOT NULL
       AND sale.date_order < (DATE %(as_of)s + 1)::timestamp AT TIME ZONE %(tz)s AT TIME ZONE 'UTC'
  ) AS bought
GROUP BY partner_id;
ANALYZE floor_widely;

CREATE TEMPORARY TABLE floor_paid ON COMMIT DROP AS
SELECT contact.commercial_partner_id AS partner_id,
       COUNT(*)::int AS due_invoice_count,
       (COUNT(*) FILTER (WHERE NOT line.reconciled))::int AS overdue_invoice_count,
       SUM(CASE WHEN line.reconciled THEN payment.paid_on ELSE DATE '2020-01-01' END - line.date_maturity)::float8
           AS late_days
  FROM account_move_line AS line
  JOIN account_account AS account ON account.id = line.account_id AND account.account_type = 'asset_receivable'
  JOIN account_move AS move ON move.id = line.move_id AND move.move_type = 'out_invoice'
  JOIN res_partner AS contact ON contact.id = move.commercial_partner_id
  LEFT JOIN (SELECT debit_move_id, MAX(max_date) AS paid_on FROM account_partial_reconcile GROUP BY 1) AS payment
    ON payment.debit_move_id = line.id
 WHERE line.company_id = %(company)s AND line.parent_state = 'posted'
   AND CASE WHEN line.reconciled THEN payment.paid_on <= %(as_of)s ELSE line.date_maturity < %(as_of)s END
GROUP BY contact.commercial_partner_id;
ANALYZE floor_paid;

CREATE TEMPORARY TABLE floor_customer ON COMMIT DROP AS
WITH known AS (
    SELECT DISTINCT contact.commercial_partner_id AS partner_id
      FROM (SELECT partner_id FROM sale_order WHERE company_id = %(company)s
             UNION
            SELECT partner_id FROM account_move
             WHERE company_id = %(company)s AND move_type IN ('out_invoice', 'out_refund')
             UNION
            SELECT partner_id FROM crm_lead WHERE COALESCE(company_id, %(company)s) = %(company)s
           ) AS document
      JOIN res_partner AS contact ON contact.id = document.partner_id
)
SELECT partner.id, NULLIF((partner.annual_budget ->> %(company)s::text)::numeric, 0) AS annual_budget,
       partner.brand_contribution
  FROM res_partner AS partner
  LEFT JOIN known ON known.partner_id = partner.id  -- IN beside OR would be no join but a search for each partner
 WHERE partner.active AND partner.commercial_partner_id = partner.id
   AND (partner.customer_rank > 0 OR partner.willingness IS NOT NULL OR known.partner_id IS NOT NULL)
   AND NOT EXISTS (SELECT FROM res_company WHERE res_company.partner_id = partner.id)
   AND NOT EXISTS (SELECT FROM res_users WHERE res_users.partner_id = partner.id AND NOT res_users.share);
ANALYZE floor_customer;

CREATE TEMPORARY TABLE floor_prospective ON COMMIT DROP AS
WITH best AS (
    SELECT DISTINCT ON (contact.commercial_partner_id) contact.commercial_partner_id AS partner_id,
           lead.id AS best_lead_id, judged.willingness, judged.stage_progress, judged.date_deadline,
           judged.expected_revenue, judged.probability, judged.last_contact_date, judged.contact_count_90d,
           judged.engagement_log, judged.open_activity_count
      FROM bench_profile AS judged
      JOIN crm_lead AS lead ON lead.id = judged.lead_id
      JOIN res_partner AS contact ON contact.id = lead.partner_id
     WHERE judged.company_id = %(company)s AND lead.active AND lead.won_status <> 'lost'
  ORDER BY contact.commercial_partner_id, lead.won_status = 'won', judged.grade_id, judged.score DESC,
           judged.expected_revenue DESC, judged.date_deadline, lead.id
), hoped AS (
    SELECT * FROM best
     UNION ALL
    SELECT id, NULL, willingness, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
      FROM res_partner
     WHERE willingness IS NOT NULL AND NOT EXISTS (SELECT FROM best WHERE best.partner_id = res_partner.id)
), pointed AS (
    SELECT *,
           CASE willingness WHEN '1' THEN 0.00 WHEN '2' THEN 10.00 WHEN '3' THEN 20.00 WHEN '4' THEN 30.00
                WHEN '5' THEN 40.00
                ELSE COALESCE(ROUND(0.4 * probability::numeric, 2), 15.00) END AS willingness_points,
           ROUND(LEAST(35, COALESCE(0.35 * stage_progress, 0)), 2) AS progress_points,
           CASE WHEN date_deadline IS NULL THEN 5.00 WHEN %(as_of)s - date_deadline >= 31 THEN 0.00
                WHEN %(as_of)s - date_deadline >= 1 THEN 8.00 WHEN %(as_of)s - date_deadline >= -30 THEN 25.00
                WHEN %(as_of)s - date_deadline >= -60 THEN 18.00 WHEN %(as_of)s - date_deadline >= -90 THEN 12.00
                WHEN %(as_of)s - date_deadline >= -180 THEN 6.00
                WHEN %(as_of)s - date_deadline >= -36500 THEN 2.00 ELSE 0.00 END AS fit_score
      FROM hoped OFFSET 0
), scored AS (
    SELECT *, willingness_points + progress_points AS intent_score,
           willingness_points + progress_points + fit_score AS score
      FROM pointed
)
SELECT *, %(lead_scheme)s AS scheme_id,
       CASE WHEN 3 * fit_score >= 2 * 25 THEN '3' WHEN 3 * fit_score >= 25 THEN '2' ELSE '1' END AS fit_level,
       CASE WHEN 3 * intent_score >= 2 * 75 THEN '3' WHEN 3 * intent_score >= 75 THEN '2' ELSE '1' END AS intent_level,
       CASE WHEN score >= 65 THEN %(a)s WHEN score >= 35 THEN %(b)s WHEN score >= 0 THEN %(c)s END AS grade_id,
       JSONB_BUILD_OBJECT('willingness', willingness_points, 'progress', progress_points, 'date', fit_score)
           AS points_detail
  FROM scored;
ANALYZE floor_prospective;

WITH rhythm AS (
    SELECT *, 0 AS decline_days, 0 AS lost_days,
           LN(%(decline_share)s::float8 * chance / (1 - %(decline_share)s::float8 * chance)) AS decline_below,
           LN(%(lost_share)s::float8 * chance / (1 - %(lost_share)s::float8 * chance)) AS lost_below
      FROM (
        SELECT *, 1 / (1 + EXP(GREATEST(-600, LEAST(600, -{odds_after_order})))) AS chance
          FROM (
            SELECT orders, days, %(model_r)s::float8 + again AS shape,
                   LN(GREATEST(%(model_a)s::float8, 1e-300) / (%(model_b)s::float8 + again)) AS leaving,
                   %(model_alpha)s::float8 + days AS scale,
                   %(model_level)s::float8 + %(model_orders)s::float8 * LN(1 + again) AS level
              FROM (SELECT *, LEAST(orders - 1, days / %(model_correction)s) AS again
                      FROM (SELECT DISTINCT order_day_count AS orders, last_order_date - first_order_date AS days
                              FROM floor_ordered) AS history) AS corrected
          ) AS pattern
      ) AS known
), searched AS (
    {halving}
), measured AS (
    SELECT customer.id AS partner_id, customer.annual_budget, customer.brand_contribution,
           COALESCE(ordered.order_count, 0) AS order_count,
           ROUND(COALESCE(ordered.order_amount, 0), 2) AS order_amount,
           COALESCE(ordered.order_count_12m, 0) AS order_count_12m,
           ROUND(COALESCE(ordered.order_amount_12m, 0), 2) AS order_amount_12m,
           ROUND(COALESCE(ordered.order_amount_prev_12m, 0), 2) AS order_amount_prev_12m,
           ROUND(ordered.order_amount / ordered.order_count, 2) AS average_order_amount,
           ordered.first_order_date, ordered.last_order_date,
           (last_order_date - first_order_date)::float8 / NULLIF(order_count - 1, 0) AS average_order_interval,
           last_order_date + ROUND((last_order_date - first_order_date)::numeric / NULLIF(order_count - 1, 0))::int
               AS next_order_date,
           COALESCE(ordered.order_day_count, 0) AS order_day_count,
           COALESCE(ordered.order_months, 0) AS order_months,
           CASE WHEN ordered.faded > 0 THEN LN(ordered.faded) END AS faded_order_log,
           paid.due_invoice_count, paid.overdue_invoice_count, paid.late_days,
           (paid.late_days + paid.overdue_invoice_count * (%(as_of)s - DATE '2020-01-01')) / paid.due_invoice_count
               AS average_days_late,
           (ROUND(COALESCE(ordered.order_amount_12m, 0), 2) / customer.annual_budget)::float8 AS share_of_budget,
           CASE WHEN ordered.order_amount_prev_12m > 0
                THEN ROUND(100 * (ROUND(COALESCE(ordered.order_amount_12m, 0), 2)
                                  / NULLIF(ROUND(ordered.order_amount_prev_12m, 2), 0) - 1), 2)
            END AS order_amount_change,
           ROUND(100.0 * weekend_orders / order_count, 2) AS weekend_order_percent,
           ROUND(100.0 * evening_orders / NULLIF(timed_orders, 0), 2) AS evening_order_percent,
           COALESCE(widely.product_category_count, 0) AS product_category_count,
           last_order_date + LEAST(decline_days + 1, 4095) AS decline_date,
           last_order_date + LEAST(lost_days + 1, 4095) AS lost_date,
           1 / (1 + EXP(GREATEST(-600, LEAST(600, -{odds_today})))) AS chance,
           RANK() OVER by_12m - 1 + (COUNT(*) OVER (by_12m RANGE BETWEEN CURRENT ROW AND CURRENT ROW) - 1) / 2.0
               AS ahead_12m,
           RANK() OVER by_prev_12m - 1
               + (COUNT(*) OVER (by_prev_12m RANGE BETWEEN CURRENT ROW AND CURRENT ROW) - 1) / 2.0 AS ahead_prev_12m,
           COUNT(*) FILTER (WHERE ordered.order_amount_12m > 0) OVER () AS buyers_12m,
           COUNT(*) FILTER (WHERE ordered.order_amount_prev_12m > 0) OVER () AS buyers_prev_12m
      FROM floor_customer AS customer
 LEFT JOIN floor_ordered AS ordered ON ordered.partner_id = customer.id
 LEFT JOIN floor_paid AS paid ON paid.partner_id = customer.id
 LEFT JOIN floor_widely AS widely ON widely.partner_id = customer.id
 LEFT JOIN searched ON searched.orders = order_day_count AND searched.days = last_order_date - first_order_date
    WINDOW by_12m AS (ORDER BY ordered.order_amount_12m DESC NULLS LAST),
           by_prev_12m AS (ORDER BY ordered.order_amount_prev_12m DESC NULLS LAST)
), pointed AS (
    SELECT *,
           ROUND(50 * COALESCE((RANK() OVER by_faded - 1
                 + (COUNT(*) OVER (by_faded RANGE BETWEEN CURRENT ROW AND CURRENT ROW) - 1) / 2.0)
                 / NULLIF(COUNT(*) OVER () - 1, 0), 0.5), 2) AS faded_points,
           ROUND(LEAST(4, 0.5 * order_months), 2) AS months_points,
           CASE WHEN chance >= 0.4 THEN 5.00 WHEN chance >= 0.2 THEN 4.00 WHEN chance >= 0.1 THEN 3.00
                WHEN chance >= 0.05 THEN 2.00 WHEN chance >= 0.02 THEN 1.00 ELSE 0.00 END AS chance_points,
           ROUND(2 * COALESCE((RANK() OVER by_average - 1
                 + (COUNT(*) OVER (by_average RANGE BETWEEN CURRENT ROW AND CURRENT ROW) - 1) / 2.0)
                 / NULLIF(COUNT(*) OVER () - 1, 0), 0.5), 2) AS average_points,
           CASE WHEN average_days_late IS NULL THEN 2.00 WHEN average_days_late >= 45 THEN 0.00
                WHEN average_days_late >= 15 THEN 1.00 WHEN average_days_late >= 1 THEN 2.00
                WHEN average_days_late >= -3650 THEN 3.00 ELSE 0.00 END AS payment_points,
           ROUND(LEAST(2, GREATEST(0, 2 * COALESCE(share_of_budget, 0)))::numeric, 2) AS budget_points,
           CASE brand_contribution WHEN 'regional' THEN 1.00 WHEN 'national' THEN 1.50 WHEN 'celebrity' THEN 2.00
                ELSE 0.00 END AS brand_points,
           ROUND(LEAST(2, 0.04 * ((%(as_of)s - first_order_date) * 12 / 365)), 2) AS tenure_points,
           15.00 AS loyalty_score
      FROM measured
     WHERE order_count > 0
    WINDOW by_faded AS (ORDER BY faded_order_log NULLS FIRST), by_average AS (ORDER BY average_order_amount NULLS FIRST)
), scored AS (
    SELECT *, faded_points + months_points + chance_points + average_points + payment_points + budget_points
              + brand_points + tenure_points AS value_score
      FROM pointed
), judged AS (
    SELECT partner_id, %(scheme)s AS scheme_id, value_score, loyalty_score, score,
           CASE WHEN score >= 65 THEN %(d)s WHEN score >= 45 THEN %(e)s WHEN score >= 0 THEN %(f)s END AS grade_id,
           JSONB_BUILD_OBJECT(
               'faded', faded_points, 'months', months_points, 'chance', chance_points, 'average', average_points,
               'payment', payment_points, 'budget', budget_points, 'brand', brand_points, 'tenure', tenure_points, 'loyalty', loyalty_score
           ) AS points_detail
      FROM (SELECT *, value_score + loyalty_score AS score FROM scored) AS summed
), written AS (
INSERT INTO bench_profile AS profile (
       partner_id, company_id, order_count, order_amount, order_count_12m, order_amount_12m, order_amount_prev_12m,
       average_order_amount, first_order_date, last_order_date, average_order_interval, next_order_date,
       order_day_count, order_months, faded_order_log, overdue_amount, due_invoice_count,
       overdue_invoice_count, late_days, annual_budget, brand_contribution, share_of_budget,
       order_amount_change, weekend_order_percent, evening_order_percent, product_category_count, decline_date,
       lost_date, top_12m, top_prev_12m, referral_count, loyalty_card_count, assessment_count, open_complaint_count,
       serious_complaint_count, complaint_count_12m, best_lead_id, willingness, stage_progress, date_deadline,
       expected_revenue, probability, last_contact_date, contact_count_90d, engagement_log, open_activity_count,
       scheme_id, score, value_score, loyalty_score, fit_score, intent_score, value_level, loyalty_level, fit_level,
       intent_level, points_detail, computed_grade_id, grade_id, lifecycle_id, lifecycle_since, trend, create_date,
       write_date)
SELECT measured.partner_id, %(company)s, order_count, order_amount, order_count_12m, order_amount_12m,
       order_amount_prev_12m, average_order_amount, first_order_date, last_order_date, average_order_interval,
       next_order_date, order_day_count, order_months, faded_order_log, NULL, due_invoice_count, overdue_invoice_count,
       late_days, annual_budget, brand_contribution,
       share_of_budget, order_amount_change, weekend_order_percent, evening_order_percent, product_category_count,
       decline_date, lost_date,
       CASE WHEN order_amount_12m <= 0 THEN NULL WHEN ahead_12m <= (buyers_12m - 1) * 0.05 THEN '5'
            WHEN ahead_12m <= (buyers_12m - 1) * 0.2 THEN '20' END,
       CASE WHEN order_amount_prev_12m <= 0 THEN NULL WHEN ahead_prev_12m <= (buyers_prev_12m - 1) * 0.05 THEN '5'
            WHEN ahead_prev_12m <= (buyers_prev_12m - 1) * 0.2 THEN '20' END,
       0, 0, 0, 0, 0, 0, best.best_lead_id, best.willingness, best.stage_progress, best.date_deadline,
       best.expected_revenue, best.probability, best.last_contact_date, best.contact_count_90d, best.engagement_log,
       best.open_activity_count, COALESCE(judged.scheme_id, prospect.scheme_id),
       COALESCE(judged.score, prospect.score), value_score, loyalty_score, prospect.fit_score, prospect.intent_score,
       CASE WHEN 3 * value_score >= 2 * 70 THEN '3' WHEN 3 * value_score >= 70 THEN '2'
            WHEN value_score IS NOT NULL THEN '1' END,
       CASE WHEN 3 * loyalty_score >= 2 * 30 THEN '3' WHEN 3 * loyalty_score >= 30 THEN '2'
            WHEN loyalty_score IS NOT NULL THEN '1' END,
       prospect.fit_level, prospect.intent_level, COALESCE(judged.points_detail, prospect.points_detail),
       COALESCE(judged.grade_id, prospect.grade_id), COALESCE(judged.grade_id, prospect.grade_id),
       CASE WHEN order_count = 0 THEN %(prospect)s
            WHEN order_day_count = 1 AND decline_date > %(as_of)s THEN %(introduction)s
            WHEN decline_date > %(as_of)s AND (order_day_count <= 3 OR order_amount_change >= 25) THEN %(growth)s
            WHEN decline_date > %(as_of)s AND COALESCE(order_amount_change, 0) > -40 THEN %(maturity)s
            WHEN lost_date > %(as_of)s THEN %(decline)s ELSE %(lost)s END,
       %(as_of)s,
       'same', NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
  FROM measured
  LEFT JOIN judged ON judged.partner_id = measured.partner_id
  LEFT JOIN floor_prospective AS best ON best.partner_id = measured.partner_id
  LEFT JOIN floor_prospective AS prospect ON prospect.partner_id = measured.partner_id AND measured.order_count = 0
    ON CONFLICT (partner_id, company_id) WHERE partner_id IS NOT NULL DO UPDATE SET
       order_count = EXCLUDED.order_count, order_amount = EXCLUDED.order_amount,
       order_count_12m = EXCLUDED.order_count_12m, order_amount_12m = EXCLUDED.order_amount_12m,
       order_amount_prev_12m = EXCLUDED.order_amount_prev_12m, average_order_amount = EXCLUDED.average_order_amount,
       first_order_date = EXCLUDED.first_order_date, last_order_date = EXCLUDED.last_order_date,
       average_order_interval = EXCLUDED.average_order_interval, next_order_date = EXCLUDED.next_order_date,
       order_day_count = EXCLUDED.order_day_count, order_months = EXCLUDED.order_months, faded_order_log = EXCLUDED.faded_order_log,
       due_invoice_count = EXCLUDED.due_invoice_count, overdue_invoice_count = EXCLUDED.overdue_invoice_count,
       late_days = EXCLUDED.late_days, annual_budget = EXCLUDED.annual_budget,
       brand_contribution = EXCLUDED.brand_contribution, share_of_budget = EXCLUDED.share_of_budget,
       order_amount_change = EXCLUDED.order_amount_change, weekend_order_percent = EXCLUDED.weekend_order_percent,
       evening_order_percent = EXCLUDED.evening_order_percent,
       product_category_count = EXCLUDED.product_category_count, decline_date = EXCLUDED.decline_date,
       lost_date = EXCLUDED.lost_date, top_12m = EXCLUDED.top_12m, top_prev_12m = EXCLUDED.top_prev_12m,
       referral_count = EXCLUDED.referral_count, loyalty_card_count = EXCLUDED.loyalty_card_count,
       assessment_count = EXCLUDED.assessment_count, open_complaint_count = EXCLUDED.open_complaint_count,
       serious_complaint_count = EXCLUDED.serious_complaint_count, complaint_count_12m = EXCLUDED.complaint_count_12m,
       best_lead_id = EXCLUDED.best_lead_id, willingness = EXCLUDED.willingness,
       stage_progress = EXCLUDED.stage_progress, date_deadline = EXCLUDED.date_deadline,
       expected_revenue = EXCLUDED.expected_revenue, probability = EXCLUDED.probability,
       last_contact_date = EXCLUDED.last_contact_date, contact_count_90d = EXCLUDED.contact_count_90d,
       engagement_log = EXCLUDED.engagement_log, open_activity_count = EXCLUDED.open_activity_count,
       scheme_id = EXCLUDED.scheme_id, score = EXCLUDED.score, value_score = EXCLUDED.value_score,
       loyalty_score = EXCLUDED.loyalty_score, fit_score = EXCLUDED.fit_score, intent_score = EXCLUDED.intent_score,
       value_level = EXCLUDED.value_level, loyalty_level = EXCLUDED.loyalty_level, fit_level = EXCLUDED.fit_level,
       intent_level = EXCLUDED.intent_level, points_detail = EXCLUDED.points_detail,
       computed_grade_id = EXCLUDED.computed_grade_id, grade_id = EXCLUDED.grade_id,
       lifecycle_id = EXCLUDED.lifecycle_id,
       lifecycle_since = CASE WHEN profile.lifecycle_id = EXCLUDED.lifecycle_id
                              THEN COALESCE(profile.lifecycle_since, EXCLUDED.lifecycle_since)
                              ELSE EXCLUDED.lifecycle_since END,
       write_date = EXCLUDED.write_date
   RETURNING id, partner_id, company_id, grade_id, lifecycle_id, score
)
INSERT INTO bench_history (
       profile_id, partner_id, company_id, date, old_grade_id, new_grade_id, old_lifecycle_id, new_lifecycle_id, old_score,
       new_score, reason, create_date, write_date)
SELECT written.id, written.partner_id, written.company_id, %(as_of)s, former.grade_id, written.grade_id,
       former.lifecycle_id, written.lifecycle_id, former.score, written.score, 'rescore', NOW() AT TIME ZONE 'UTC',
       NOW() AT TIME ZONE 'UTC'
  FROM written LEFT JOIN bench_profile AS former ON former.id = written.id
 WHERE (former.grade_id, former.lifecycle_id) IS DISTINCT FROM (written.grade_id, written.lifecycle_id)

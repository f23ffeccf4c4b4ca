-- What the 20 tag rules of tags.py do, by hand: who is due which tag, noted and given where it is missing, forgotten
-- and taken back where it is there and no longer due. One statement, one pass over the profiles. Nothing can be
-- configured, and no tag is given or taken away by hand.
WITH due AS MATERIALIZED (
    SELECT profile.partner_id, rule.id AS rule_id, rule.category_id
      FROM grading_profile AS profile
      JOIN (SELECT id, referred_by_id FROM res_partner) AS partner ON partner.id = profile.partner_id
 CROSS JOIN LATERAL (SELECT CASE
               WHEN order_count <= 0 THEN NULL
               WHEN value_level IN ('2', '3') AND (potential_level IN ('2', '3') OR potential_level IS NULL AND room_to_grow >= 50) THEN 6
               WHEN value_level = '1' AND (potential_level IN ('2', '3') OR potential_level IS NULL AND room_to_grow >= 50) THEN 7
               WHEN value_level IN ('2', '3') AND (potential_level = '1' OR potential_level IS NULL AND room_to_grow < 50) THEN 8
               WHEN value_level = '1' AND (potential_level = '1' OR potential_level IS NULL AND room_to_grow < 50) THEN 9
            END AS place) AS chosen
 CROSS JOIN LATERAL UNNEST(ARRAY[
            CASE WHEN top_12m = '5' AND order_count_12m >= 6 THEN 1 END,
            CASE WHEN first_order_date <= DATE %(three_years_ago)s AND decline_date > %(as_of)s
                      AND order_amount_prev_12m > 0 AND order_amount_change >= -25 THEN 2 END,
            CASE WHEN order_day_count IN (1, 2) AND order_amount > 0 AND decline_date > %(as_of)s
                      OR order_count <= 2 AND partner.referred_by_id IS NOT NULL THEN 3 END,
            CASE WHEN open_complaint_count > 0 OR complaint_count_12m >= 2 THEN 4 END,
            CASE WHEN loyalty_card_count > 0 THEN 5 END,
            chosen.place,
            CASE WHEN last_order_date >= DATE %(as_of)s - 30 THEN 10 END,
            CASE WHEN product_category_count >= 3 THEN 11 END,
            CASE WHEN order_count >= 3 AND weekend_order_percent >= 50 THEN 12 END,
            CASE WHEN order_count >= 3 AND evening_order_percent >= 50 THEN 13 END,
            CASE WHEN EXISTS (SELECT FROM res_partner AS born
                               WHERE born.commercial_partner_id = profile.partner_id AND born.active
                                 AND EXTRACT(MONTH FROM born.birthdate_date) = EXTRACT(MONTH FROM DATE %(as_of)s))
                 THEN 14 END,
            CASE WHEN order_amount_12m >= 5000 THEN 15 END,
            CASE WHEN order_count > 0 AND order_count_12m = 0 THEN 16 END,
            CASE WHEN (late_days + overdue_invoice_count * (%(as_of)s - DATE '2020-01-01')) / NULLIF(due_invoice_count, 0) >= 15
                 THEN 17 END,
            CASE WHEN order_amount_change <= -40 THEN 18 END,
            CASE WHEN next_order_date < %(as_of)s THEN 19 END,
            CASE WHEN average_order_amount >= 500 THEN 20 END
            ]) AS given (place)
      JOIN UNNEST(%(rules)s::int[], %(categories)s::int[]) WITH ORDINALITY AS rule (id, category_id, place)
        ON rule.place = given.place
     WHERE profile.company_id = %(company)s
), noted AS (
    INSERT INTO bench_tag_origin (partner_id, category_id, kind, rule_id, company_id, date)
    SELECT due.partner_id, due.category_id, 'rule', due.rule_id, %(company)s, NOW() AT TIME ZONE 'UTC'
      FROM due
 LEFT JOIN bench_tag_origin AS origin
        ON origin.partner_id = due.partner_id AND origin.rule_id = due.rule_id AND origin.company_id = %(company)s
     WHERE origin.id IS NULL
 RETURNING partner_id, category_id
), given AS (
    INSERT INTO bench_tag_link (partner_id, category_id)
    SELECT DISTINCT partner_id, category_id FROM noted
        ON CONFLICT DO NOTHING
), forgotten AS (
    DELETE FROM bench_tag_origin AS origin
     WHERE origin.company_id = %(company)s AND origin.rule_id = ANY(%(rules)s)
       AND NOT EXISTS (SELECT FROM due WHERE due.partner_id = origin.partner_id AND due.rule_id = origin.rule_id)
 RETURNING partner_id, category_id
)
DELETE FROM bench_tag_link AS link
 USING forgotten
 WHERE link.partner_id = forgotten.partner_id AND link.category_id = forgotten.category_id
   AND NOT EXISTS (SELECT FROM due
                    WHERE due.partner_id = link.partner_id AND due.category_id = link.category_id)

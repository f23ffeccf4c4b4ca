-- Step 7 of a run by hand, for customers: who is to be contacted when by the shipped cadences, a row for each customer
-- and cadence, and the earliest dates on the profile. No cadence here has a filter, and nothing was put off or done.
WITH cadence AS (
    SELECT cadence.id, wanted.grading_grade_id AS grade_id, cadence.channel, cadence.anchor, cadence.anchor_days,
           MAKE_INTERVAL(months => CASE interval_type WHEN 'month' THEN interval_number ELSE 0 END,
                         days => CASE interval_type WHEN 'week' THEN 7 WHEN 'day' THEN 1 ELSE 0 END * interval_number)
               AS rhythm
      FROM grading_cadence AS cadence
      JOIN grading_cadence_grading_grade_rel AS wanted ON wanted.grading_cadence_id = cadence.id
     WHERE cadence.id = ANY(%(cadences)s)
), looked_after AS MATERIALIZED (
    SELECT profile.id AS profile_id, profile.partner_id, profile.grade_id, profile.next_order_date,
           profile.last_order_date, customer.email_normalized, customer.phone_sanitized,
           (profile.create_date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS known_since,
           profile.last_visit_date, GREATEST(profile.last_call_date, profile.last_visit_date) AS last_call_date,
           GREATEST(profile.last_online_date, profile.last_call_date, profile.last_visit_date) AS last_online_date,
           seller.id AS user_id
      FROM grading_profile AS profile
      JOIN res_partner AS customer ON customer.id = profile.partner_id AND customer.active
 LEFT JOIN res_users AS seller ON seller.id = customer.user_id AND seller.active AND NOT seller.share
 LEFT JOIN crm_lead AS best ON best.id = profile.best_lead_id AND best.active AND best.won_status = 'pending'
     WHERE profile.company_id = %(company)s AND (profile.order_count > 0 OR best.id IS NULL)
       AND customer.grading_do_not_disturb IS NOT TRUE
), due AS MATERIALIZED (
    SELECT who.profile_id, who.partner_id, cadence.id AS cadence_id, cadence.channel, who.user_id,
           CASE cadence.anchor WHEN 'contact' THEN touched.last_date END AS last_date,
           CASE cadence.anchor
                WHEN 'next_order' THEN CASE WHEN next_order_date - anchor_days > last_order_date
                                            THEN next_order_date - anchor_days END
                ELSE (COALESCE(touched.last_date, last_order_date, known_since) + rhythm)::date END AS next_date
      FROM looked_after AS who
      JOIN cadence ON cadence.grade_id = who.grade_id
 CROSS JOIN LATERAL (
           SELECT CASE cadence.channel WHEN 'visit' THEN last_visit_date WHEN 'call' THEN last_call_date
                       ELSE last_online_date END AS last_date
           ) AS touched
     WHERE NOT (cadence.channel = 'online' AND EXISTS (
                    SELECT FROM mail_blacklist WHERE active AND email = who.email_normalized))
       AND NOT (cadence.channel = 'call' AND EXISTS (
                    SELECT FROM phone_blacklist WHERE active AND number = who.phone_sanitized))
), gone AS (
    DELETE FROM bench_care AS care
     WHERE NOT EXISTS (SELECT FROM due WHERE due.profile_id = care.profile_id AND due.cadence_id = care.cadence_id)
), dated AS (
    UPDATE bench_profile AS profile
       SET next_online_date = earliest.online, next_call_date = earliest.call, next_visit_date = earliest.visit,
           next_contact_date = earliest.day
      FROM (
        SELECT partner_id, MIN(next_date) AS day, MIN(next_date) FILTER (WHERE channel = 'online') AS online,
               MIN(next_date) FILTER (WHERE channel = 'call') AS call,
               MIN(next_date) FILTER (WHERE channel = 'visit') AS visit
          FROM due
      GROUP BY partner_id
      ) AS earliest
     WHERE profile.partner_id = earliest.partner_id AND profile.company_id = %(company)s
       AND (next_online_date, next_call_date, next_visit_date, next_contact_date)
           IS DISTINCT FROM (earliest.online, earliest.call, earliest.visit, earliest.day)
)
INSERT INTO bench_care AS care (
       profile_id, partner_id, company_id, cadence_id, channel, start_date, last_date, next_date, user_id)
SELECT profile_id, partner_id, %(company)s, cadence_id, channel, %(as_of)s, last_date, next_date, user_id
  FROM due
    ON CONFLICT (profile_id, cadence_id) DO UPDATE
   SET channel = EXCLUDED.channel, last_date = EXCLUDED.last_date, next_date = EXCLUDED.next_date,
       user_id = EXCLUDED.user_id
 WHERE (care.channel, care.last_date, care.next_date, care.user_id)
       IS DISTINCT FROM (EXCLUDED.channel, EXCLUDED.last_date, EXCLUDED.next_date, EXCLUDED.user_id)

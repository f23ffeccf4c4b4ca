-- What a run does with leads, by hand: the measures, the points of the shipped scheme "Before signing", the levels and
-- the grade of every active lead of the first company, upserted by one statement. No stage belongs to a team here, no
-- message has failed, and all who were invited to a meeting accepted it or declined it together.
WITH way AS (
    SELECT id AS stage_id,
           CASE WHEN is_won THEN 100 ELSE LEAST(100, ROUND(100.0 * before / NULLIF(steps, 0), 2)) END AS progress
      FROM (
        SELECT id, is_won, ROW_NUMBER() OVER (PARTITION BY is_won IS TRUE ORDER BY sequence, id) - 1 AS before,
               COUNT(*) FILTER (WHERE is_won IS NOT TRUE) OVER ()
                   - CASE WHEN BOOL_OR(is_won) OVER () THEN 0 ELSE 1 END AS steps
          FROM crm_stage
      ) AS stage
), lead AS MATERIALIZED (
    SELECT lead.id, lead.willingness, way.progress AS stage_progress, lead.date_deadline, lead.expected_revenue,
           lead.automated_probability AS probability, closed.day AS closed_date, LEAST(%(as_of)s, closed.day) AS until
      FROM crm_lead AS lead
 LEFT JOIN way ON way.stage_id = lead.stage_id
 CROSS JOIN LATERAL (
           SELECT CASE WHEN lead.won_status = 'won'
                       THEN (lead.date_closed AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date END AS day
           ) AS closed
     WHERE lead.active AND (lead.company_id = %(company)s OR lead.company_id IS NULL)
), happened AS (
    SELECT message.res_id AS lead_id, COALESCE(type.grading_channel, 'online') AS channel,
           LEAST((message.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date,
                 CASE WHEN event.allday THEN event.start_date
                      ELSE (event.start AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date END) AS day
      FROM mail_message AS message
 LEFT JOIN mail_activity_type AS type ON type.id = message.mail_activity_type_id
 LEFT JOIN res_partner AS author ON author.id = message.author_id
 LEFT JOIN mail_activity AS activity ON activity.grading_message_id = message.id
 LEFT JOIN calendar_event AS event ON event.id = activity.calendar_event_id AND event.active
     WHERE message.model = 'crm.lead' AND type.grading_channel IS DISTINCT FROM 'none'
       AND (message.mail_activity_type_id IS NOT NULL
            OR message.message_type NOT IN ('notification', 'auto_comment', 'user_notification', 'out_of_office')
               AND message.author_id IS DISTINCT FROM %(robot)s
               AND (message.message_type IN ('email', 'comment') AND author.partner_share IS NOT FALSE
                    OR message.message_type NOT IN ('email', 'comment') OR message.outgoing_email_to <> ''
                    OR EXISTS (SELECT FROM mail_message_res_partner_rel AS sent
                                 JOIN res_partner AS person ON person.id = sent.res_partner_id
                                WHERE sent.mail_message_id = message.id AND person.partner_share IS NOT FALSE)))
     UNION ALL
    SELECT event.opportunity_id, CASE WHEN event.videocall_location <> '' THEN 'online' ELSE 'visit' END,
           CASE WHEN event.allday THEN event.start_date
                ELSE (event.start AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date END
      FROM calendar_event AS event
     WHERE event.active AND event.opportunity_id IS NOT NULL
       AND CASE WHEN event.allday THEN (event.stop_date + 1)::timestamp AT TIME ZONE %(tz)s AT TIME ZONE 'UTC'
                ELSE event.stop END <= NOW() AT TIME ZONE 'UTC'
       AND NOT EXISTS (SELECT FROM mail_activity AS activity
                        WHERE activity.calendar_event_id = event.id AND activity.active IS NOT TRUE)
       AND NOT EXISTS (SELECT FROM calendar_attendee AS attendee
                        WHERE attendee.event_id = event.id AND attendee.state = 'declined')
    OFFSET 0  -- the day is computed once, not at each of its uses
), contacted AS MATERIALIZED (
    SELECT lead.id AS lead_id, MAX(happened.day) AS last_contact_date,
           (COUNT(*) FILTER (WHERE happened.day > lead.until - 90))::int AS contact_count_90d,
           LN(SUM(POWER(2::float8, (happened.day - DATE '2020-01-01')::float8 / %(half_life)s))) AS engagement_log,
           MAX(happened.day) FILTER (WHERE happened.channel = 'online') AS last_online_date,
           MAX(happened.day) FILTER (WHERE happened.channel = 'call') AS last_call_date,
           MAX(happened.day) FILTER (WHERE happened.channel = 'visit') AS last_visit_date
      FROM happened JOIN lead ON lead.id = happened.lead_id
     WHERE happened.day <= lead.until
  GROUP BY lead.id
), planned AS MATERIALIZED (
    SELECT res_id AS lead_id, COUNT(*)::int AS open_activity_count
      FROM mail_activity WHERE res_model = 'crm.lead' AND active
  GROUP BY res_id
), pointed AS (
    SELECT lead.*, contacted.last_contact_date, COALESCE(contacted.contact_count_90d, 0) AS contact_count_90d,
           contacted.engagement_log, contacted.last_online_date, contacted.last_call_date, contacted.last_visit_date,
           COALESCE(planned.open_activity_count, 0) AS open_activity_count,
           CASE willingness WHEN '1' THEN 0.00 WHEN '2' THEN 10.00 WHEN '3' THEN 20.00 WHEN '4' THEN 30.00
                WHEN '5' THEN 40.00
                ELSE COALESCE(ROUND(0.4 * probability::numeric, 2), 15.00) END AS willingness_points,
           ROUND(LEAST(35, COALESCE(0.35 * stage_progress, 0)), 2) AS progress_points,
           CASE WHEN date_deadline IS NULL THEN 5.00 WHEN until - date_deadline >= 31 THEN 0.00
                WHEN until - date_deadline >= 1 THEN 8.00 WHEN until - date_deadline >= -30 THEN 25.00
                WHEN until - date_deadline >= -60 THEN 18.00 WHEN until - date_deadline >= -90 THEN 12.00
                WHEN until - date_deadline >= -180 THEN 6.00 WHEN until - date_deadline >= -36500 THEN 2.00
                ELSE 0.00 END AS deadline_points
      FROM lead
 LEFT JOIN contacted ON contacted.lead_id = lead.id
 LEFT JOIN planned ON planned.lead_id = lead.id
    OFFSET 0
), judged AS (
    SELECT *, willingness_points + progress_points AS intent_score, deadline_points AS fit_score,
           willingness_points + progress_points + deadline_points AS score
      FROM pointed
), written AS (
INSERT INTO bench_profile AS profile (
       lead_id, company_id, willingness, stage_progress, date_deadline, expected_revenue, probability, closed_date,
       last_contact_date, contact_count_90d, engagement_log, last_online_date, last_call_date, last_visit_date,
       open_activity_count, scheme_id, score, fit_score, intent_score, fit_level, intent_level, points_detail,
       computed_grade_id, grade_id, trend, create_date, write_date)
SELECT id, %(company)s, willingness, stage_progress, date_deadline, expected_revenue, probability, closed_date,
       last_contact_date, contact_count_90d, engagement_log, last_online_date, last_call_date, last_visit_date,
       open_activity_count, %(scheme)s, score, fit_score, intent_score,
       CASE WHEN 3 * fit_score >= 2 * 25 THEN '3' WHEN 3 * fit_score >= 25 THEN '2' ELSE '1' END,
       CASE WHEN 3 * intent_score >= 2 * 75 THEN '3' WHEN 3 * intent_score >= 75 THEN '2' ELSE '1' END,
       JSONB_BUILD_OBJECT('willingness', willingness_points, 'progress', progress_points, 'date', deadline_points),
       grade, grade, 'same', NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
  FROM judged
 CROSS JOIN LATERAL (SELECT CASE WHEN score >= 65 THEN %(a)s WHEN score >= 35 THEN %(b)s WHEN score >= 0 THEN %(c)s
                            END AS grade) AS graded
    ON CONFLICT (lead_id) WHERE lead_id IS NOT NULL DO UPDATE SET
       willingness = EXCLUDED.willingness, stage_progress = EXCLUDED.stage_progress,
       date_deadline = EXCLUDED.date_deadline, expected_revenue = EXCLUDED.expected_revenue,
       probability = EXCLUDED.probability, closed_date = EXCLUDED.closed_date,
       last_contact_date = EXCLUDED.last_contact_date, contact_count_90d = EXCLUDED.contact_count_90d,
       engagement_log = EXCLUDED.engagement_log, last_online_date = EXCLUDED.last_online_date,
       last_call_date = EXCLUDED.last_call_date, last_visit_date = EXCLUDED.last_visit_date,
       open_activity_count = EXCLUDED.open_activity_count,
       scheme_id = EXCLUDED.scheme_id, score = EXCLUDED.score, fit_score = EXCLUDED.fit_score,
       intent_score = EXCLUDED.intent_score, fit_level = EXCLUDED.fit_level, intent_level = EXCLUDED.intent_level,
       points_detail = EXCLUDED.points_detail, computed_grade_id = EXCLUDED.computed_grade_id,
       grade_id = EXCLUDED.grade_id, write_date = EXCLUDED.write_date
   RETURNING id, lead_id, company_id, grade_id, lifecycle_id, score
)
INSERT INTO bench_history (
       profile_id, lead_id, company_id, date, old_grade_id, new_grade_id, old_lifecycle_id, new_lifecycle_id, old_score,
       new_score, reason, create_date, write_date)
SELECT written.id, written.lead_id, written.company_id, %(as_of)s, former.grade_id, written.grade_id,
       former.lifecycle_id, written.lifecycle_id, former.score, written.score, 'rescore', NOW() AT TIME ZONE 'UTC',
       NOW() AT TIME ZONE 'UTC'
  FROM written LEFT JOIN bench_profile AS former ON former.id = written.id
 WHERE (former.grade_id, former.lifecycle_id) IS DISTINCT FROM (written.grade_id, written.lifecycle_id)

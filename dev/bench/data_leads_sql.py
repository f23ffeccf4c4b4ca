"""The statements that make the benchmark's leads; see :mod:`data_leads` for their shape and the parameters."""

# Customers who have not ordered, with a place of their own by which a lead finds one. NOT EXISTS is one pass over the
# orders; NOT IN would read them all again for each customer as soon as they outgrow the memory of a hash table.
PROSPECTS = """
CREATE TEMPORARY TABLE bench_prospect ON COMMIT DROP AS
SELECT ROW_NUMBER() OVER (ORDER BY customer.id) - 1 AS place, customer.id
  FROM res_partner AS customer
 WHERE customer.id BETWEEN %(first_customer)s AND %(first_customer)s + %(customers)s - 1
   AND NOT EXISTS (
       SELECT FROM sale_order AS sale JOIN res_partner AS contact ON contact.id = sale.partner_id
        WHERE sale.state = 'sale' AND contact.commercial_partner_id = customer.id)
"""

LEADS = """
INSERT INTO crm_lead (
       id, name, type, active, company_id, team_id, user_id, stage_id, partner_id, won_status, probability,
       expected_revenue, prorated_revenue, date_deadline, willingness, priority, country_id, source_id, lang_id,
       email_from, email_normalized, phone, phone_state, email_state, color, date_open, date_closed,
       date_last_stage_update, create_uid, create_date, write_uid, write_date)
SELECT %(first)s + n, %(mark)s || LPAD(n::text, 7, '0'),
       CASE WHEN won_status = 'pending' AND kind < 0.2 THEN 'lead' ELSE 'opportunity' END, won_status <> 'lost',
       %(company)s, (%(teams)s::int[])[1 + FLOOR(team * 1.05 * CARDINALITY(%(teams)s::int[]))::int],
       CASE WHEN salesperson < 0.6 THEN %(uid)s END,
       CASE WHEN won_status = 'won' THEN %(won_stage)s
            ELSE (%(stages)s::int[])[1 + FLOOR(POWER(stage, 1.5) * CARDINALITY(%(stages)s::int[]))::int] END,
       CASE WHEN whose < 0.5 THEN prospect.id
            WHEN whose < 0.85 THEN %(first_customer)s + FLOOR(customer * 1.1 * %(customers)s)::int END,
       won_status, probability, revenue, ROUND(revenue * probability::numeric / 100, 2),
       CASE WHEN planned < 0.6 THEN COALESCE(closed::date, CURRENT_DATE) + FLOOR(deadline * 400)::int - 60 END,
       CASE WHEN willing < 0.7 THEN 1 + FLOOR(willing / 0.7 * 5)::int END,
       FLOOR(kind * 4)::int::text,
       (%(countries)s::int[])[1 + FLOOR(POWER(country, 2) * CARDINALITY(%(countries)s::int[]))::int],
       (%(sources)s::int[])[1 + FLOOR(source * 1.3 * CARDINALITY(%(sources)s::int[]))::int], %(lang)s,
       'lead' || n || '@bench.example.com', 'lead' || n || '@bench.example.com', '+1 555 ' || n,
       CASE WHEN phone < 0.6 THEN 'correct' WHEN phone < 0.8 THEN 'incorrect' END,
       CASE WHEN email < 0.9 THEN 'correct' WHEN email < 0.95 THEN 'incorrect' END, 0,
       day, closed, COALESCE(closed, day), %(uid)s, day, %(uid)s, day
  FROM (
    SELECT *,
           CASE won_status WHEN 'won' THEN 100 WHEN 'lost' THEN 0 ELSE ROUND((100 * chance)::numeric, 2) END
               AS probability,
           CASE WHEN won_status <> 'pending'
                THEN LEAST(day + length * INTERVAL '180 days', NOW() AT TIME ZONE 'UTC') END AS closed,
           CASE WHEN normal < 0.9
                THEN ROUND((2000 * EXP(SQRT(-2 * LN(1 - normal)) * COS(2 * PI() * angle)))::numeric, 2)
                ELSE 0 END AS revenue
      FROM (
        SELECT n, RANDOM() AS kind, RANDOM() AS team, RANDOM() AS salesperson, RANDOM() AS stage, RANDOM() AS whose,
               RANDOM() AS customer, RANDOM() AS chance, RANDOM() AS length, RANDOM() AS normal, RANDOM() AS angle,
               RANDOM() AS planned, RANDOM() AS deadline, RANDOM() AS willing, RANDOM() AS country,
               RANDOM() AS source, RANDOM() AS phone, RANDOM() AS email,
               (ARRAY['won', 'lost', 'pending', 'pending'])[1 + FLOOR(POWER(RANDOM(), 0.8) * 4)::int] AS won_status,
               FLOOR(POWER(RANDOM(), 2) * (SELECT COUNT(*) FROM bench_prospect))::int AS prospect_place,
               DATE_TRUNC('second', NOW() AT TIME ZONE 'UTC'
                   - %(years)s * INTERVAL '1 year' * (1 - n::float8 / (%(leads)s + 1))) AS day
          FROM GENERATE_SERIES(0, %(leads)s - 1) AS n OFFSET 0
      ) AS drawn OFFSET 0
  ) AS lead
  LEFT JOIN bench_prospect AS prospect ON prospect.place = lead.prospect_place
"""

TAGS = """
INSERT INTO crm_tag_rel (lead_id, tag_id)
SELECT lead.id, (%(tags)s::int[])[1 + lead.id::bigint * 7919 %% CARDINALITY(%(tags)s::int[])]
  FROM crm_lead AS lead
 WHERE lead.id >= %(first)s AND lead.id %% 5 < 2 AND CARDINALITY(%(tags)s::int[]) > 0
"""

# A squared uniform draw prefers the first places, and a prime number spreads them over the ids. Messages come in the
# order of their days, as they do in life. What came in was written by the customer.
MESSAGES = """
INSERT INTO mail_message (
       model, res_id, message_type, mail_activity_type_id, date, author_id, subject, body, email_from, is_internal,
       message_id, create_uid, create_date, write_uid, write_date)
SELECT 'crm.lead', lead_id, type, CASE WHEN type = 'notification' AND done < 0.3 THEN %(activity_type)s END, moment,
       CASE WHEN type = 'email' THEN partner_id ELSE %(author)s END,
       CASE WHEN type LIKE 'email%%' THEN 'Our offer ' || n END,
       '<p>' || REPEAT('We are glad to hear from you. ', 5) || '</p>', 'office@bench.example.com',
       type IN ('comment', 'notification'), '<' || n || '@bench>', %(uid)s, moment, %(uid)s, moment
  FROM (
    SELECT drawn.n, lead.id AS lead_id, lead.partner_id, drawn.done,
           CASE WHEN kind < 0.30 THEN 'email' WHEN kind < 0.45 THEN 'email_outgoing' WHEN kind < 0.68 THEN 'comment'
                WHEN kind < 0.70 THEN 'auto_comment' ELSE 'notification' END AS type,
           lead.create_date + share * (COALESCE(lead.date_closed, NOW() AT TIME ZONE 'UTC') - lead.create_date)
               AS moment
      FROM (
        SELECT n, RANDOM() AS kind, RANDOM() AS done, RANDOM() AS share,
               (FLOOR(POWER(RANDOM(), 2) * %(leads)s)::bigint * 7919 %% %(leads)s)::int AS place
          FROM GENERATE_SERIES(1, %(leads)s * %(messages)s) AS n OFFSET 0
      ) AS drawn
      JOIN crm_lead AS lead ON lead.id = %(first)s + drawn.place
  ORDER BY moment
  ) AS message
"""

# What went out reached the customer; half of what is said on a lead a colleague is told, which is no contact.
NOTICES = """
INSERT INTO mail_notification (
       mail_message_id, res_partner_id, notification_type, notification_status, is_read, author_id)
SELECT message.id, CASE message.message_type WHEN 'comment' THEN %(author)s ELSE lead.partner_id END,
       'email', 'sent', TRUE, message.author_id
  FROM mail_message AS message JOIN crm_lead AS lead ON lead.id = message.res_id
 WHERE message.model = 'crm.lead' AND lead.id >= %(first)s AND (
           message.message_type = 'email_outgoing' AND lead.partner_id IS NOT NULL
           OR message.message_type = 'comment' AND message.id %% 2 = 0
       )
"""

MEETINGS = """
INSERT INTO calendar_event (
       name, opportunity_id, res_model, res_model_id, res_id, user_id, active, privacy, show_as, allday, duration,
       start, stop, start_date, stop_date, create_uid, create_date, write_uid, write_date)
SELECT 'Meeting ' || n, lead.id, 'crm.lead', %(model)s, lead.id, %(uid)s, kind < 0.97, 'public', 'busy', whole_day, 1,
       begins, begins + INTERVAL '1 hour', CASE WHEN whole_day THEN begins::date END,
       CASE WHEN whole_day THEN begins::date END, %(uid)s, lead.create_date, %(uid)s, lead.create_date
  FROM (
    SELECT n, RANDOM() AS kind, RANDOM() AS share, RANDOM() < 0.1 AS whole_day,
           (FLOOR(POWER(RANDOM(), 2) * %(leads)s)::bigint * 7919 %% %(leads)s)::int AS place
      FROM GENERATE_SERIES(1, %(leads)s * 3 / 10) AS n OFFSET 0
  ) AS drawn
  JOIN crm_lead AS lead ON lead.id = %(first)s + drawn.place
 CROSS JOIN LATERAL (
       SELECT DATE_TRUNC('hour', lead.create_date + share * (
                  COALESCE(lead.date_closed, NOW() AT TIME ZONE 'UTC' + INTERVAL '30 days') - lead.create_date)
              ) AS begins
       ) AS meeting
"""

# Half of the activities are done; a fifth of the meetings was planned as an activity.
ACTIVITIES = """
INSERT INTO mail_activity (
       res_model, res_model_id, res_id, calendar_event_id, activity_type_id, user_id, summary, date_deadline, active,
       date_done, automated, create_uid, create_date, write_uid, write_date)
SELECT 'crm.lead', %(model)s, lead_id, event_id, %(activity_type)s, %(uid)s, 'Get in touch', CURRENT_DATE + late, open,
       CASE WHEN NOT open THEN CURRENT_DATE + late END, FALSE,
       %(uid)s, NOW() AT TIME ZONE 'UTC', %(uid)s, NOW() AT TIME ZONE 'UTC'
  FROM (
    SELECT %(first)s + FLOOR(POWER(RANDOM(), 2) * %(leads)s)::int AS lead_id, NULL::int AS event_id,
           RANDOM() < 0.5 AS open, FLOOR(RANDOM() * 60)::int - 30 AS late
      FROM GENERATE_SERIES(1, %(leads)s * 6 / 10)
     UNION ALL
    SELECT event.opportunity_id, event.id, RANDOM() < 0.5, FLOOR(RANDOM() * 60)::int - 30
      FROM calendar_event AS event
     WHERE event.opportunity_id >= %(first)s AND event.id %% 5 = 0
  ) AS drawn
"""

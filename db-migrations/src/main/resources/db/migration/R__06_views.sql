-- Views for people who use SQL or Supabase Studio, and for the workers' gauges.

-- One row with the numbers of waiting messages. ready: may start now; paced: waits for its instance's tokens;
-- delayed: comes back later; leased: runs. The counts stop at 100,000 each, so that counting never becomes a
-- load. The lines are counted one after another, and share their 100,000. Of a line behind these, the first
-- hundred messages are counted.
CREATE OR REPLACE VIEW profile_pic.queue_depth AS
WITH RECURSIVE counted AS (
  SELECT NULL::text AS instance_id, 0::bigint AS free, NULL::timestamptz AS free_head, 0::bigint AS paced,
         NULL::timestamptz AS paced_head, 0::bigint AS n
  UNION ALL
  SELECT l.instance_id, free.n, free.head, paced.n, paced.head, c.n + free.n + paced.n
  FROM counted AS c
  CROSS JOIN LATERAL (
    (SELECT w.instance_id FROM profile_pic.waiting AS w
     WHERE c.instance_id IS NULL ORDER BY w.instance_id LIMIT 1)
    UNION ALL
    (SELECT w.instance_id FROM profile_pic.waiting AS w
     WHERE w.instance_id > c.instance_id
     ORDER BY w.instance_id LIMIT 1)) AS l
  CROSS JOIN LATERAL (SELECT count(*) AS n, min(w.place) AS head FROM (
    SELECT w.place FROM profile_pic.waiting AS w
    WHERE w.instance_id = l.instance_id AND NOT w.paced
    ORDER BY w.place LIMIT greatest(100, 100000 - c.n)) AS w) AS free
  CROSS JOIN LATERAL (SELECT count(*) AS n, min(w.place) AS head FROM (
    SELECT w.place FROM profile_pic.waiting AS w
    WHERE w.instance_id = l.instance_id AND w.paced
    ORDER BY w.place LIMIT greatest(100, 100000 - c.n - free.n)) AS w) AS paced
), lines AS (
  SELECT l.free, l.free_head, l.paced, l.paced_head,
         CASE WHEN l.instance_id = '' THEN l.paced
              WHEN profile_pic.rests_until(i) > statement_timestamp() THEN 0
              ELSE profile_pic.tokens(
                p.pace, profile_pic.tat_now(p.pace, s.tat, s.owed, statement_timestamp()),
                statement_timestamp()) END AS tokens
  FROM counted AS l
  LEFT JOIN profile_pic.instances AS i ON i.instance_id = l.instance_id
  CROSS JOIN LATERAL (
    SELECT coalesce(i.pace_per_minute, (SELECT d.default_pace FROM profile_pic.settings AS d)) AS pace) AS p
  LEFT JOIN LATERAL (
    SELECT s.tat, s.owed FROM profile_pic.pace_states AS s
    WHERE s.instance_id = l.instance_id
    ORDER BY s.id DESC LIMIT 1) AS s ON true
  WHERE l.instance_id IS NOT NULL
), due AS (
  SELECT count(*) AS n, min(q.vt) AS head FROM (
    SELECT q.vt FROM pgmq.q_profile_pic_queue AS q
    WHERE q.vt <= statement_timestamp()
    ORDER BY q.vt LIMIT 100000) AS q
), later AS (
  SELECT count(*) FILTER (WHERE l.returned) AS delayed, count(*) FILTER (WHERE NOT l.returned) AS leased
  FROM (
    -- Delayed: given back on purpose, or never leased.
    SELECT q.read_ct = 0 OR EXISTS (
      SELECT FROM profile_pic.deliveries AS d
      WHERE d.msg_id = q.msg_id AND d.returned = q.read_ct) AS returned
    FROM pgmq.q_profile_pic_queue AS q
    WHERE q.vt > statement_timestamp() AND q.vt < profile_pic.hidden() LIMIT 100000
  ) AS l
)
SELECT (due.n + coalesce(sum(l.free + least(l.paced, l.tokens)), 0))::bigint AS ready,
       coalesce(sum(l.paced - least(l.paced, l.tokens)), 0)::bigint AS paced,
       later.delayed, later.leased,
       (SELECT count(*) FROM (SELECT FROM pgmq.q_profile_pic_dlq LIMIT 100000) AS x) AS dead,
       coalesce(greatest(extract(epoch FROM statement_timestamp() - least(due.head, min(l.free_head),
         min(l.paced_head) FILTER (WHERE l.tokens > 0))), 0), 0)::double precision AS oldest_ready_seconds
FROM due CROSS JOIN later LEFT JOIN lines AS l ON true
GROUP BY due.n, due.head, later.delayed, later.leased;

CREATE OR REPLACE VIEW profile_pic.states_by_instance AS
SELECT coalesce(instance_id, 'unknown') AS instance_id, state, count(*) AS leads
FROM profile_pic.pictures GROUP BY 1, 2;

CREATE OR REPLACE VIEW profile_pic.failures_by_reason AS
SELECT message -> 'error' ->> 'reason' AS reason, count(*) AS messages,
       min(message -> 'error' ->> 'failed_at') AS first_failed_at,
       max(message -> 'error' ->> 'failed_at') AS last_failed_at
FROM pgmq.q_profile_pic_dlq GROUP BY 1;

-- Leads whose row in the CRM could not be written so far, with the reason.
CREATE OR REPLACE VIEW profile_pic.lead_writes_waiting AS
SELECT lead_id, since, attempts, next_at, error FROM profile_pic.lead_writes;

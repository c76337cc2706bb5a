-- For people who look with SQL or Supabase Studio, and for the workers' gauges.

-- One row: how much waits. The counts walk the index on vt and stop at 100,000 each, so that looking never becomes the load.
CREATE OR REPLACE VIEW profile_pic.queue_depth AS
SELECT (SELECT count(*) FROM (SELECT FROM pgmq.q_profile_pic_queue WHERE vt <= statement_timestamp() LIMIT 100000) AS r) AS ready,
       (SELECT count(*) FROM (SELECT FROM pgmq.q_profile_pic_queue WHERE vt > statement_timestamp()
          AND coalesce((profile_pic.own_headers(headers, read_ct) ->> 'returned')::integer, 0) >= read_ct LIMIT 100000) AS d) AS delayed,
       (SELECT count(*) FROM (SELECT FROM pgmq.q_profile_pic_queue WHERE vt > statement_timestamp()
          AND coalesce((profile_pic.own_headers(headers, read_ct) ->> 'returned')::integer, 0) < read_ct LIMIT 100000) AS l) AS leased,
       (SELECT count(*) FROM (SELECT FROM pgmq.q_profile_pic_dlq LIMIT 100000) AS x) AS dead,
       coalesce(greatest((SELECT extract(epoch FROM statement_timestamp() - min(vt))
          FROM pgmq.q_profile_pic_queue WHERE vt <= statement_timestamp()), 0), 0)::double precision AS oldest_ready_seconds;

CREATE OR REPLACE VIEW profile_pic.states_by_instance AS
SELECT coalesce(instance_id, 'unknown') AS instance_id, state, count(*) AS leads
FROM profile_pic.pictures GROUP BY 1, 2;

CREATE OR REPLACE VIEW profile_pic.failures_by_reason AS
SELECT message -> 'error' ->> 'reason' AS reason, count(*) AS messages,
       min(message -> 'error' ->> 'failed_at') AS first_failed_at, max(message -> 'error' ->> 'failed_at') AS last_failed_at
FROM pgmq.q_profile_pic_dlq GROUP BY 1;

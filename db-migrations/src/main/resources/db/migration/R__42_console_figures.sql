-- Figures by minute and the present state, for the console's overview.
--
--   note_figures(reporter, ...)    adds a service's counts, every few seconds
--   sample_minute(keep)            the depth of the queue, once a minute, by the first receiver to come;
--                                  deletes figures older than `keep`
--   list_figures(callers, ...)     the values of a chart
--   queue_state(callers)           how many messages wait now
--   list_troubles(callers)         the present problems

-- The receiver sets this time (FigureReports).
COMMENT ON TABLE profile_pic.minute_figures IS 'Figures by minute for the web console; kept for three days';

-- Adds a service's counts: parallel arrays, each for an instance and for all together (''). Called beside the
-- work, never as a part of it.
-- reporter: the worker that reports; null for a receiver.
-- Locks: rows of figures, in order.
CREATE OR REPLACE FUNCTION profile_pic.note_figures(
  reporter text, instances text[], minutes timestamptz[], figures text[], counts bigint[])
RETURNS void
LANGUAGE sql AS $$
  INSERT INTO profile_pic.minute_figures AS f (instance_id, minute, figure, value)
  SELECT n.instance_id, n.minute, n.figure, sum(n.n)
  FROM unnest(instances, minutes, figures, counts) AS n (instance_id, minute, figure, n)
  WHERE n.minute > statement_timestamp() - interval '1 hour'
  GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
  ON CONFLICT (instance_id, minute, figure) DO UPDATE SET value = f.value + excluded.value;
  INSERT INTO profile_pic.worker_reports AS w (worker, seen_at)
  SELECT reporter, statement_timestamp() WHERE reporter IS NOT NULL
  ON CONFLICT (worker) DO UPDATE SET seen_at = excluded.seen_at;
$$;

CREATE OR REPLACE FUNCTION profile_pic.sample_minute(keep interval) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  this_minute constant timestamptz := date_trunc('minute', statement_timestamp());
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('profile_pic.sample_minute', 0))
     OR EXISTS (
       SELECT FROM profile_pic.minute_figures AS f
       WHERE f.instance_id = '' AND f.minute = this_minute AND f.figure = 'depth.ready')
  THEN
    RETURN false;
  END IF;
  INSERT INTO profile_pic.minute_figures (instance_id, minute, figure, value)
  SELECT '', this_minute, 'depth.' || d.name, d.n
  FROM profile_pic.queue_depth AS q
  CROSS JOIN LATERAL (VALUES ('ready', q.ready), ('paced', q.paced), ('delayed', q.delayed),
                             ('leased', q.leased), ('dead', q.dead),
                             ('oldest', q.oldest_ready_seconds)) AS d (name, n)
  UNION ALL
  SELECT l.instance_id, this_minute, d.name, d.n
  FROM profile_pic.instances AS l
  CROSS JOIN LATERAL (
    SELECT count(*) AS n, coalesce(extract(epoch FROM statement_timestamp() - min(w.place)), 0) AS oldest
    FROM (
      SELECT w.place FROM profile_pic.waiting AS w
      WHERE w.instance_id = l.instance_id LIMIT 100000) AS w) AS line
  CROSS JOIN LATERAL (VALUES ('depth.paced', line.n), ('depth.oldest', greatest(0, line.oldest)))
    AS d (name, n)
  WHERE line.n > 0
  ON CONFLICT DO NOTHING;

  DELETE FROM profile_pic.minute_figures AS f WHERE f.minute < this_minute - keep;
  DELETE FROM profile_pic.worker_reports AS w WHERE w.seen_at < this_minute - interval '1 day';
  RETURN true;
END
$$;

-- Figures since a time, in steps: counts are added up, and samples count with their highest value. A bound
-- caller sees the figures of its instances.
-- Index: the primary key.
CREATE OR REPLACE FUNCTION profile_pic.list_figures(callers text[], since timestamptz, step interval)
RETURNS TABLE (at timestamptz, figure text, value double precision)
LANGUAGE sql STABLE AS $$
  SELECT s.at, s.figure,
         CASE WHEN s.figure LIKE 'depth.%' AND s.figure <> 'depth.paced'
                OR callers IS NULL AND s.figure LIKE 'depth.%'
                THEN max(s.value)
              ELSE sum(s.value) END
  FROM (
    SELECT date_bin(step, f.minute, timestamptz '2026-01-01 00:00:00+00') AS at, f.instance_id, f.figure,
           CASE WHEN f.figure LIKE 'depth.%' THEN max(f.value) ELSE sum(f.value) END AS value
    FROM profile_pic.minute_figures AS f
    WHERE f.instance_id = ANY (coalesce(callers, ARRAY[''])) AND f.minute >= since
    GROUP BY 1, 2, 3
  ) AS s
  GROUP BY 1, 2 ORDER BY 1, 2
$$;

-- The numbers of messages that wait now; for a bound caller, values that cannot be split by instance are
-- null.
CREATE OR REPLACE FUNCTION profile_pic.queue_state(callers text[])
RETURNS TABLE (
  ready bigint, paced bigint, delayed bigint, leased bigint, dead bigint,
  oldest_ready_seconds double precision)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF callers IS NULL THEN
    RETURN QUERY
    SELECT q.ready, q.paced, q.delayed, q.leased, q.dead, q.oldest_ready_seconds
    FROM profile_pic.queue_depth AS q;
  ELSE
    RETURN QUERY
    SELECT NULL::bigint, coalesce(sum(l.n), 0)::bigint, NULL::bigint, NULL::bigint, NULL::bigint,
           coalesce(greatest(0, extract(epoch FROM statement_timestamp() - min(l.head))), 0)::double precision
    FROM unnest(callers) AS id
    CROSS JOIN LATERAL (SELECT count(*) AS n, min(w.place) AS head FROM (
      SELECT w.place FROM profile_pic.waiting AS w WHERE w.instance_id = id LIMIT 100000) AS w) AS l;
  END IF;
END
$$;

-- The present problems, the worst first: the problems that workers watch (R__38), open circuits, and the
-- absence of any worker.
CREATE OR REPLACE FUNCTION profile_pic.list_troubles(callers text[])
RETURNS TABLE (name text, instance_id text, since timestamptz, until timestamptz, reason text)
LANGUAGE sql STABLE AS $$
  SELECT t.name, t.instance_id, t.since, t.until, t.reason
  FROM (
    SELECT 1 AS rank, 'NoWorker' AS name, NULL::text AS instance_id, max(w.seen_at) AS since,
           NULL::timestamptz AS until, NULL::text AS reason
    FROM profile_pic.worker_reports AS w
    HAVING coalesce(max(w.seen_at) < statement_timestamp() - interval '2 minutes', true)
    UNION ALL
    SELECT CASE a.name WHEN 'LeadsNotSeen' THEN 2 WHEN 'BridgeBreakerOpen' THEN 3 ELSE 5 END, a.name, NULL,
           a.since, NULL, NULL
    FROM profile_pic.alerts AS a
    WHERE callers IS NULL AND a.name <> 'InstancePausedLong'
    UNION ALL
    SELECT CASE profile_pic.instance_state(i) WHEN 'down' THEN 4 WHEN 'resting' THEN 6 ELSE 7 END,
           'Instance.' || profile_pic.instance_state(i),
           i.instance_id, CASE WHEN i.breaker <> 'CLOSED' THEN i.breaker_changed_at END,
           nullif(i.paused_until, 'infinity'), i.pause_reason
    FROM profile_pic.instances AS i
    WHERE profile_pic.reaches(callers, i.instance_id)
      AND (i.breaker <> 'CLOSED' OR i.paused_until > statement_timestamp())
  ) AS t
  ORDER BY t.rank, t.instance_id LIMIT 20
$$;

-- People whom WhatsApp shows under a LID: their numbers, and what they did before those were known.
--
--   learn_lids(instances, lids, phones, sources, times, callers)     returns how many numbers are new or others than before
--   resolve_lids(instances, lids, callers)                           the numbers that are known
--   keep_unmatched(instances, lids, forced, urls, times, callers)    keeps events until the number is known; of several the newest
--   kept_unmatched(instances, lids, callers)                         what is kept for these people
--   known_unmatched(most)                                            what is kept for people whose number was learned elsewhere meanwhile
--   forget_unmatched(instances, lids, times, callers)                their requests are in the queue: forgets what is not newer than that
--
-- All arguments but `most` and `callers` are parallel arrays. Instance '' stands for none that was named; a number learned there is known
-- to all instances, a number learned in one instance to that one only. callers: the instances that the caller is bound to, null when it is
-- bound to none; elements of other instances are passed by. LIDs are digits, phones international digits, times those of events.
-- Locks: rows in order of (instance, lid), so that lists cannot deadlock. Indexes: the primary keys,
-- unmatched_events_known.

-- Who is believed: a gateway that was asked for this LID, then its own table of mappings, then a message or contact that carries both
-- addresses, then a number that merely stood beside a message.
CREATE OR REPLACE FUNCTION profile_pic.lid_source_rank(source text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE source WHEN 'asked' THEN 4 WHEN 'mapping' THEN 3 WHEN 'message' THEN 2 WHEN 'beside' THEN 1 END;

DROP FUNCTION IF EXISTS profile_pic.learn_lids(text[], text[], text[], text[], timestamptz[]), profile_pic.resolve_lids(text[], text[]),
  profile_pic.keep_unmatched(text[], text[], boolean[], text[], timestamptz[]), profile_pic.kept_unmatched(text[], text[]),
  profile_pic.forget_unmatched(text[], text[], timestamptz[]);

-- A number gives way only to one that was told later by a source that is believed as much or more.
CREATE OR REPLACE FUNCTION profile_pic.learn_lids(
  instances text[], lids text[], phones text[], sources text[], times timestamptz[], callers text[] DEFAULT NULL)
RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH told AS (
    SELECT DISTINCT ON (coalesce(t.instance, ''), t.lid) coalesce(t.instance, '') AS instance, t.lid, t.phone, t.source,
           least(t.at, statement_timestamp()) AS at
    FROM unnest(instances, lids, phones, sources, times) AS t (instance, lid, phone, source, at)
    WHERE profile_pic.reaches(callers, t.instance)
    ORDER BY coalesce(t.instance, ''), t.lid, profile_pic.lid_source_rank(t.source) DESC, t.at DESC
  ), learned AS (
    INSERT INTO profile_pic.lids AS l (instance_id, lid, phone, source, told_at)
    SELECT t.instance, t.lid, t.phone, t.source, t.at FROM told AS t ORDER BY t.instance, t.lid
    ON CONFLICT (instance_id, lid) DO UPDATE
      SET phone = excluded.phone,
          source = CASE WHEN profile_pic.lid_source_rank(excluded.source) >= profile_pic.lid_source_rank(l.source)
                        THEN excluded.source ELSE l.source END,
          told_at = greatest(l.told_at, excluded.told_at),
          learned_at = statement_timestamp()
      WHERE CASE WHEN l.phone = excluded.phone
                 THEN profile_pic.lid_source_rank(excluded.source) > profile_pic.lid_source_rank(l.source)
                   OR excluded.told_at > l.told_at + interval '1 day'
                 ELSE profile_pic.lid_source_rank(excluded.source) >= profile_pic.lid_source_rank(l.source)
                   AND excluded.told_at > l.told_at END
    RETURNING l.instance_id, l.lid
  ), waiting AS (
    SELECT u.lid, u.instance_id
    FROM learned AS l
    JOIN profile_pic.unmatched_events AS u ON u.lid = l.lid AND (l.instance_id = '' OR u.instance_id = l.instance_id)
    WHERE NOT u.known
    ORDER BY u.instance_id, u.lid FOR UPDATE OF u
  ), known AS (
    UPDATE profile_pic.unmatched_events AS u SET known = true
    FROM waiting AS w WHERE u.lid = w.lid AND u.instance_id = w.instance_id
  )
  SELECT count(*)::integer FROM learned
$$;

CREATE OR REPLACE FUNCTION profile_pic.resolve_lids(instances text[], lids text[], callers text[] DEFAULT NULL)
RETURNS TABLE (instance_id text, lid text, phone text, source text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT asked.instance, asked.lid, known.phone, known.source
  FROM (SELECT DISTINCT coalesce(a.instance, '') AS instance, a.lid FROM unnest(instances, lids) AS a (instance, lid)
        WHERE profile_pic.reaches(callers, a.instance)) AS asked
  CROSS JOIN LATERAL (
    SELECT l.phone, l.source FROM profile_pic.lids AS l
    WHERE l.lid = asked.lid AND l.instance_id IN (asked.instance, '')
    ORDER BY l.instance_id DESC LIMIT 1
  ) AS known
$$;

CREATE OR REPLACE FUNCTION profile_pic.keep_unmatched(
  instances text[], lids text[], forced boolean[], urls text[], times timestamptz[], callers text[] DEFAULT NULL)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO profile_pic.unmatched_events AS u (lid, instance_id, force, url, occurred_at, known)
  SELECT e.lid, e.instance, e.forced, e.url, e.at,
         -- Learned between the question and now.
         EXISTS (SELECT FROM profile_pic.lids AS l WHERE l.lid = e.lid AND l.instance_id IN (e.instance, ''))
  FROM (
    SELECT t.lid, coalesce(t.instance, '') AS instance, bool_or(t.forced) AS forced,
           (array_agg(t.url ORDER BY t.at DESC) FILTER (WHERE t.url IS NOT NULL))[1] AS url,
           max(least(t.at, statement_timestamp())) AS at
    FROM unnest(instances, lids, forced, urls, times) AS t (instance, lid, forced, url, at)
    WHERE profile_pic.reaches(callers, t.instance)
    GROUP BY t.lid, coalesce(t.instance, '')
  ) AS e
  ORDER BY e.instance, e.lid
  ON CONFLICT (lid, instance_id) DO UPDATE
    SET force = u.force OR excluded.force,
        url = CASE WHEN excluded.occurred_at >= u.occurred_at THEN coalesce(excluded.url, u.url) ELSE coalesce(u.url, excluded.url) END,
        occurred_at = greatest(u.occurred_at, excluded.occurred_at), known = u.known OR excluded.known,
        recorded_at = statement_timestamp()
$$;

CREATE OR REPLACE FUNCTION profile_pic.kept_unmatched(instances text[], lids text[], callers text[] DEFAULT NULL)
RETURNS TABLE (instance_id text, lid text, force boolean, url text, occurred_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT u.instance_id, u.lid, u.force, u.url, u.occurred_at
  FROM (SELECT DISTINCT coalesce(a.instance, '') AS instance, a.lid FROM unnest(instances, lids) AS a (instance, lid)
        WHERE profile_pic.reaches(callers, a.instance)) AS asked
  JOIN profile_pic.unmatched_events AS u ON u.lid = asked.lid AND u.instance_id = asked.instance
$$;

CREATE OR REPLACE FUNCTION profile_pic.known_unmatched(most integer)
RETURNS TABLE (instance_id text, lid text, force boolean, url text, occurred_at timestamptz, phone text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT u.instance_id, u.lid, u.force, u.url, u.occurred_at, known.phone
  FROM profile_pic.unmatched_events AS u
  CROSS JOIN LATERAL (
    SELECT l.phone FROM profile_pic.lids AS l
    WHERE l.lid = u.lid AND l.instance_id IN (u.instance_id, '') ORDER BY l.instance_id DESC LIMIT 1
  ) AS known
  WHERE u.known
  ORDER BY u.recorded_at LIMIT most
$$;

CREATE OR REPLACE FUNCTION profile_pic.forget_unmatched(
  instances text[], lids text[], times timestamptz[], callers text[] DEFAULT NULL) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH served AS (
    SELECT u.lid, u.instance_id
    FROM unnest(instances, lids, times) AS s (instance, lid, at)
    JOIN profile_pic.unmatched_events AS u
      ON u.lid = s.lid AND u.instance_id = coalesce(s.instance, '') AND u.occurred_at <= s.at
    WHERE profile_pic.reaches(callers, s.instance)
    ORDER BY u.instance_id, u.lid FOR UPDATE OF u
  )
  DELETE FROM profile_pic.unmatched_events AS u USING served AS s WHERE u.lid = s.lid AND u.instance_id = s.instance_id
$$;

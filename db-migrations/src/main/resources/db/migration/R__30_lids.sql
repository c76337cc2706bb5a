-- People whom WhatsApp shows under a LID: their numbers, and their events from before the numbers were known.
--
--   learn_lids(instances, lids, phones, sources, times, callers)     returns how many numbers are new or
--                                                                    changed
--   resolve_lids(instances, lids, callers)                           the known numbers
--   keep_unmatched(instances, lids, forced, urls, times, callers)    stores events until the number is known;
--                                                                    only a person's newest event
--   kept_unmatched(instances, lids, callers)                         the stored events of these people
--   known_unmatched(most)                                            the stored events of people whose number
--                                                                    was learned elsewhere meanwhile
--   forget_unmatched(instances, lids, times, callers)                deletes events whose requests are in the
--                                                                    queue; newer events stay
--   take_unknown_lids(each, most, every)                             LIDs that a source should be asked for
--                                                                    now
--   lid_answered(...), ask_lid_later(...)                            the results of asking
--
-- The arguments of the first six, except `most` and `callers`, are parallel arrays. Instance '' means that no
-- instance was named. A number learned under '' is known to all instances; a number learned in an instance is
-- known to that instance only. callers: the instances that the caller is bound to, null when it is bound to
-- none; elements of other instances are skipped. LIDs are digits, phones international digits, times are the
-- times of events. What is too short to be a LID is neither learned nor stored (is_lid).
-- Locks: rows in order of (instance, lid), so that lists cannot deadlock. Indexes: the primary keys,
-- unmatched_events_known, unmatched_events_to_ask.

-- The rank of sources, from best to least: a source that was asked, for this LID or for the phone whose LID
-- it then named (asked); its own table of mappings (mapping); a message or contact with both addresses
-- (message); a number that only stood beside a message (beside).
CREATE OR REPLACE FUNCTION profile_pic.lid_source_rank(source text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE source WHEN 'asked' THEN 4 WHEN 'mapping' THEN 3 WHEN 'message' THEN 2 WHEN 'beside' THEN 1 END;

-- Whether a statement about a LID changes our data: another number by the rule of learn_lids; the same number
-- only from a source of higher rank, or again after a day.
CREATE OR REPLACE FUNCTION profile_pic.overrules(
  known profile_pic.lids, phone text, source text, at timestamptz)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN profile_pic.same_phone((known).phone, phone)
            THEN profile_pic.lid_source_rank(source) > profile_pic.lid_source_rank((known).source)
              OR at > (known).told_at + interval '1 day'
            ELSE profile_pic.lid_source_rank(source) >= profile_pic.lid_source_rank((known).source)
              AND at > (known).told_at END;

-- The work of learn_lids, for callers that may act for all of these instances, within the caller's own
-- transaction (settle, lid_answered). Known mappings are only looked up: nothing is written or locked for
-- them. A number in another spelling is the same number.
CREATE OR REPLACE FUNCTION profile_pic.believe_lids(
  instances text[], lids text[], phones text[], sources text[], times timestamptz[])
RETURNS integer
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  -- What was learned.
  new_instances text[];
  new_lids text[];
  -- The stored events of these people.
  rows_at tid[];
BEGIN
  WITH told AS (
    SELECT DISTINCT ON (coalesce(t.instance, ''), t.lid) coalesce(t.instance, '') AS instance, t.lid, t.phone,
           t.source, least(t.at, statement_timestamp()) AS at
    FROM unnest(instances, lids, phones, sources, times) AS t (instance, lid, phone, source, at)
    WHERE profile_pic.is_lid(t.lid)
    ORDER BY coalesce(t.instance, ''), t.lid, profile_pic.lid_source_rank(t.source) DESC, t.at DESC
  ), news AS (
    SELECT t.* FROM told AS t
    LEFT JOIN LATERAL (
      SELECT l FROM profile_pic.lids AS l WHERE l.instance_id = t.instance AND l.lid = t.lid LIMIT 1
    ) AS l ON true
    WHERE (l.l).lid IS NULL OR profile_pic.overrules(l.l, t.phone, t.source, t.at)
  ), learned AS (
    INSERT INTO profile_pic.lids AS l (instance_id, lid, phone, source, told_at)
    SELECT n.instance, n.lid, n.phone, n.source, n.at FROM news AS n ORDER BY n.instance, n.lid
    ON CONFLICT (instance_id, lid) DO UPDATE
      SET phone = excluded.phone,
          source = CASE WHEN profile_pic.lid_source_rank(excluded.source)
                          >= profile_pic.lid_source_rank(l.source)
                        THEN excluded.source ELSE l.source END,
          told_at = greatest(l.told_at, excluded.told_at),
          learned_at = statement_timestamp()
      WHERE profile_pic.overrules(l, excluded.phone, excluded.source, excluded.told_at)
    RETURNING l.instance_id, l.lid
  )
  SELECT array_agg(l.instance_id), array_agg(l.lid) INTO new_instances, new_lids FROM learned AS l;
  IF new_lids IS NULL THEN
    RETURN 0;
  END IF;
  SELECT array_agg(e.row_at) INTO rows_at
  FROM (
    SELECT DISTINCT u.instance_id, u.lid
    FROM unnest(new_instances, new_lids) AS l (instance_id, lid)
    CROSS JOIN LATERAL (
      SELECT o.instance_id, o.lid FROM profile_pic.unmatched_events AS o
      WHERE o.lid = l.lid AND (l.instance_id = '' OR o.instance_id = l.instance_id) AND NOT o.known OFFSET 0
    ) AS u
    ORDER BY u.instance_id, u.lid
  ) AS waiting
  CROSS JOIN LATERAL (
    SELECT u.ctid AS row_at FROM profile_pic.unmatched_events AS u
    WHERE u.lid = waiting.lid AND u.instance_id = waiting.instance_id AND NOT u.known LIMIT 1 FOR UPDATE
  ) AS e;
  UPDATE profile_pic.unmatched_events AS u SET known = true WHERE u.ctid = ANY (rows_at);
  RETURN cardinality(new_lids);
END
$$;

-- Called by settle (R__04): learns the LIDs of the phones of these results. lids are in the order of the
-- results as passed to settle. Nothing is learned from a late result, or about a person who asked to be
-- forgotten.
CREATE OR REPLACE FUNCTION profile_pic.learn_from_lookups(results profile_pic.attempt_result[], lids text[])
RETURNS void
LANGUAGE sql AS $$
  SELECT profile_pic.believe_lids(
    array_agg(r.instance_id), array_agg(lids[r.avatar]), array_agg(r.phone), array_agg('asked'::text),
    array_agg(coalesce(r.claimed_at, statement_timestamp())))
  FROM unnest(results) AS r
  WHERE lids[r.avatar] IS NOT NULL AND r.instance_id IS NOT NULL AND r.phone IS NOT NULL
    AND r.outcome <> 'ERASED'
$$;

-- A number gives way only to a number that was reported later by a source of the same or a higher rank.
CREATE OR REPLACE FUNCTION profile_pic.learn_lids(
  instances text[], lids text[], phones text[], sources text[], times timestamptz[],
  callers text[] DEFAULT NULL)
RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT profile_pic.believe_lids(
    array_agg(t.instance), array_agg(t.lid), array_agg(t.phone), array_agg(t.source), array_agg(t.at))
  FROM unnest(instances, lids, phones, sources, times) AS t (instance, lid, phone, source, at)
  WHERE profile_pic.reaches(callers, t.instance)
$$;

CREATE OR REPLACE FUNCTION profile_pic.resolve_lids(
  instances text[], lids text[], callers text[] DEFAULT NULL)
RETURNS TABLE (instance_id text, lid text, phone text, source text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT asked.instance, asked.lid, known.phone, known.source
  FROM (SELECT DISTINCT coalesce(a.instance, '') AS instance, a.lid
        FROM unnest(instances, lids) AS a (instance, lid)
        WHERE profile_pic.reaches(callers, a.instance)) AS asked
  CROSS JOIN LATERAL (
    SELECT l.phone, l.source FROM profile_pic.lids AS l
    WHERE l.lid = asked.lid AND l.instance_id IN (asked.instance, '')
    ORDER BY l.instance_id DESC LIMIT 1
  ) AS known
$$;

CREATE OR REPLACE FUNCTION profile_pic.keep_unmatched(
  instances text[], lids text[], forced boolean[], urls text[], times timestamptz[],
  callers text[] DEFAULT NULL)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO profile_pic.unmatched_events AS u (lid, instance_id, force, url, occurred_at, known)
  SELECT e.lid, e.instance, e.forced, e.url, e.at,
         -- Learned by another session between the query and now.
         EXISTS (SELECT FROM profile_pic.lids AS l WHERE l.lid = e.lid AND l.instance_id IN (e.instance, ''))
  FROM (
    SELECT t.lid, coalesce(t.instance, '') AS instance, bool_or(t.forced) AS forced,
           (array_agg(t.url ORDER BY t.at DESC) FILTER (WHERE t.url IS NOT NULL))[1] AS url,
           max(least(t.at, statement_timestamp())) AS at
    FROM unnest(instances, lids, forced, urls, times) AS t (instance, lid, forced, url, at)
    WHERE profile_pic.is_lid(t.lid) AND profile_pic.reaches(callers, t.instance)
    GROUP BY t.lid, coalesce(t.instance, '')
  ) AS e
  ORDER BY e.instance, e.lid
  ON CONFLICT (lid, instance_id) DO UPDATE
    SET force = u.force OR excluded.force,
        url = CASE WHEN excluded.occurred_at >= u.occurred_at THEN coalesce(excluded.url, u.url)
                   ELSE coalesce(u.url, excluded.url) END,
        occurred_at = greatest(u.occurred_at, excluded.occurred_at), known = u.known OR excluded.known,
        recorded_at = statement_timestamp()
$$;

CREATE OR REPLACE FUNCTION profile_pic.kept_unmatched(
  instances text[], lids text[], callers text[] DEFAULT NULL)
RETURNS TABLE (instance_id text, lid text, force boolean, url text, occurred_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT u.instance_id, u.lid, u.force, u.url, u.occurred_at
  FROM (SELECT DISTINCT coalesce(a.instance, '') AS instance, a.lid
        FROM unnest(instances, lids) AS a (instance, lid)
        WHERE profile_pic.reaches(callers, a.instance)) AS asked
  CROSS JOIN LATERAL (
    SELECT u.* FROM profile_pic.unmatched_events AS u
    WHERE u.lid = asked.lid AND u.instance_id = asked.instance LIMIT 1) AS u
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
  DELETE FROM profile_pic.unmatched_events AS u
  USING served AS s
  WHERE u.lid = s.lid AND u.instance_id = s.instance_id
$$;

-- profile_pic.take_unknown_lids(each, most, every): LIDs whose number an instance's source should be asked
-- for now, the longest due first, at most `each` of one instance, so that many LIDs of one instance do not
-- delay the few LIDs of another. All replicas together take LIDs only once in `every`. The LIDs belong to the
-- caller for two minutes; if the caller dies meanwhile, the next caller gets them. Steps from instance to
-- instance through the index.
-- Locks: an advisory lock (tried), their rows (SKIP LOCKED). Index: unmatched_events_to_ask.
CREATE OR REPLACE FUNCTION profile_pic.take_unknown_lids(each integer, most integer, every interval)
RETURNS TABLE (instance_id text, lid text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('profile_pic.take_unknown_lids', 0))
    OR EXISTS (SELECT FROM profile_pic.chores AS c
               WHERE c.chore = 'unknown_lids' AND c.done_at > statement_timestamp() - every
                 AND c.done_at <= statement_timestamp())
  THEN
    RETURN;
  END IF;
  RETURN QUERY
  WITH RECURSIVE asking AS (
    (SELECT u.instance_id FROM profile_pic.unmatched_events AS u
     WHERE u.ask_at IS NOT NULL AND NOT u.known AND u.instance_id > '' ORDER BY u.instance_id LIMIT 1)
    UNION ALL
    SELECT n.instance_id
    FROM asking AS a
    CROSS JOIN LATERAL (
      SELECT u.instance_id FROM profile_pic.unmatched_events AS u
      WHERE u.ask_at IS NOT NULL AND NOT u.known AND u.instance_id > a.instance_id
      ORDER BY u.instance_id LIMIT 1
    ) AS n
  ), due AS (
    SELECT d.instance_id, d.lid
    FROM asking AS a
    CROSS JOIN LATERAL (
      SELECT u.instance_id, u.lid, u.ask_at FROM profile_pic.unmatched_events AS u
      WHERE u.instance_id = a.instance_id AND u.ask_at <= statement_timestamp() AND NOT u.known
      ORDER BY u.ask_at LIMIT each
    ) AS d
    ORDER BY d.ask_at LIMIT most
  ), held AS (
    SELECT u.instance_id, u.lid FROM due AS d
    JOIN profile_pic.unmatched_events AS u ON u.lid = d.lid AND u.instance_id = d.instance_id
    WHERE u.ask_at <= statement_timestamp() AND NOT u.known
    FOR UPDATE OF u SKIP LOCKED
  )
  UPDATE profile_pic.unmatched_events AS u SET ask_at = statement_timestamp() + interval '2 minutes'
  FROM held AS h WHERE u.lid = h.lid AND u.instance_id = h.instance_id
  RETURNING u.instance_id, u.lid;
  IF FOUND THEN
    INSERT INTO profile_pic.chores AS c (chore, done_at) VALUES ('unknown_lids', statement_timestamp())
    ON CONFLICT (chore) DO UPDATE SET done_at = excluded.done_at;
  END IF;
END
$$;

-- profile_pic.lid_answered(instance, lid, phone, digest, most_tries): a source's answer about a LID. Its
-- number (and the number's digest) is learned, unless the person asked to be forgotten: the stored events are
-- then deleted. Null: the source does not know the LID, and is asked again after 10 minutes, 1 hour, 6 hours
-- and 36 hours, most_tries times in all.
CREATE OR REPLACE FUNCTION profile_pic.lid_answered(
  instance text, of_lid text, phone text, digest text, most_tries integer)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF phone IS NULL THEN
    UPDATE profile_pic.unmatched_events AS u
    SET tries = u.tries + 1,
        ask_at = CASE WHEN u.tries + 1 < most_tries
                        THEN statement_timestamp() + interval '10 minutes' * 6 ^ least(u.tries, 3) END
    WHERE u.instance_id = instance AND u.lid = of_lid AND NOT u.known;
  ELSIF profile_pic.is_buried(digest, NULL, instance) THEN
    DELETE FROM profile_pic.unmatched_events AS u WHERE u.instance_id = instance AND u.lid = of_lid;
  ELSE
    PERFORM profile_pic.believe_lids(
      ARRAY[instance], ARRAY[of_lid], ARRAY[phone], ARRAY['asked'], ARRAY[statement_timestamp()]);
    -- This holds even if another source reported the same number meanwhile.
    UPDATE profile_pic.unmatched_events AS u SET known = true
    WHERE u.instance_id = instance AND u.lid = of_lid AND NOT u.known;
  END IF;
END
$$;

-- profile_pic.ask_lid_later(instance, lid, wait_ms): the source could not be asked; this does not count as a
-- try.
CREATE OR REPLACE FUNCTION profile_pic.ask_lid_later(instance text, of_lid text, wait_ms bigint) RETURNS void
LANGUAGE sql AS $$
  UPDATE profile_pic.unmatched_events AS u SET ask_at = statement_timestamp() + wait_ms * interval '1 ms'
  WHERE u.instance_id = instance AND u.lid = of_lid AND NOT u.known
$$;

-- The web console's reads beyond those of the API (R__32). callers: as there. All reads are bounded: no page
-- reads all leads.
--
--   open_session, find_session, close_session   the sessions
--   lead_cards(callers, ids)                    leads as a list shows them
--   latest_leads(callers, before, most)         leads whose photo changed last
--   walk_pictures(callers, ...)                 leads by state, reason and instance, a bounded step at a time
--   leads_called(callers, needle, most, within) leads by name
--   lead_facts(callers, lead)                   all facts that explain why a lead has a photo, or has none
--   instance_facts(callers, instances)          the same for instances
--   instance_outcomes(callers, instances, since)   the outcomes of their recent lookups
--   list_instance_events(callers, instance, most)   the events of its connection

-- Opens a session for a key, and deletes a few ended sessions. A key has twenty sessions at the most; its
-- oldest session ends. Indexes: console_sessions (ends_at), (key_sha256, opened_at).
CREATE OR REPLACE FUNCTION profile_pic.open_session(token bytea, key bytea, lasts interval) RETURNS void
LANGUAGE sql AS $$
  DELETE FROM profile_pic.console_sessions AS s WHERE s.token_sha256 = ANY (ARRAY(
    SELECT o.token_sha256 FROM profile_pic.console_sessions AS o
    WHERE o.ends_at < statement_timestamp()
    ORDER BY o.ends_at LIMIT 100));
  DELETE FROM profile_pic.console_sessions AS s WHERE s.token_sha256 = ANY (ARRAY(
    SELECT o.token_sha256 FROM profile_pic.console_sessions AS o
    WHERE o.key_sha256 = key
    ORDER BY o.opened_at DESC OFFSET 19));
  INSERT INTO profile_pic.console_sessions (token_sha256, key_sha256, ends_at)
  VALUES (token, key, statement_timestamp() + lasts)
$$;

-- The digest of the key that a session belongs to; null when there is no such session. Index: the primary
-- key.
CREATE OR REPLACE FUNCTION profile_pic.find_session(token bytea) RETURNS bytea
LANGUAGE sql STABLE AS $$
  SELECT s.key_sha256 FROM profile_pic.console_sessions AS s
  WHERE s.token_sha256 = token AND s.ends_at > statement_timestamp()
$$;

CREATE OR REPLACE FUNCTION profile_pic.close_session(token bytea) RETURNS void
LANGUAGE sql AS $$
  DELETE FROM profile_pic.console_sessions AS s WHERE s.token_sha256 = token
$$;

-- Leads as a list shows them, in the order of the ids; leads outside of the caller's reach are left out.
-- Indexes: primary keys.
CREATE OR REPLACE FUNCTION profile_pic.lead_cards(callers text[], lead_ids text[])
RETURNS TABLE (
  lead_id text, name text, phone text, instance_id text, state text, reason text, sha256 text,
  link_generation integer, has_photo boolean, checked_at timestamptz, next_check_at timestamptz,
  queued boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT c.id, l.name, coalesce(l.phone, nullif(p.phone, '')), o.instance_id, coalesce(p.state, 'UNKNOWN'),
         p.reason, p.sha256, coalesce(p.link_generation, 0), p.storage_key IS NOT NULL, p.checked_at,
         p.next_check_at, r.message_id IS NOT NULL
  FROM unnest(lead_ids) WITH ORDINALITY AS asked (id, place)
  LEFT JOIN LATERAL (SELECT n.* FROM profile_pic.named_leads(ARRAY[asked.id]) AS n LIMIT 1) AS l ON true
  CROSS JOIN LATERAL (SELECT coalesce(l.lead_id, asked.id) AS id) AS c
  LEFT JOIN LATERAL (
    SELECT p.* FROM profile_pic.pictures AS p WHERE p.lead_id = c.id LIMIT 1) AS p ON true
  LEFT JOIN LATERAL (
    SELECT r.message_id FROM profile_pic.requests AS r WHERE r.lead_id = c.id LIMIT 1) AS r ON true
  CROSS JOIN LATERAL (
    SELECT coalesce(profile_pic.instance_or_null(l.instance_id), p.instance_id) AS instance_id) AS o
  WHERE (l.lead_id IS NOT NULL OR p.lead_id IS NOT NULL) AND profile_pic.reaches(callers, o.instance_id)
  ORDER BY asked.place;
END
$$;

-- Leads whose photo changed last, newest first: leads whose newest history entry has a smaller id than
-- `before`. Reads 2,000 entries at the most, and for 100 ms; next is where to go on, null when all have been
-- read. Indexes: primary keys, picture_history (lead_id, id).
--
-- only_state  null for any
CREATE OR REPLACE FUNCTION profile_pic.latest_leads(
  callers text[], only_state text, before bigint, most integer, OUT ids text[], OUT next bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  entry    record;
  looked   integer := 0;
  deadline timestamptz := clock_timestamp() + interval '100 ms';
BEGIN
  ids := '{}';
  FOR entry IN
    SELECT h.id, h.lead_id, h.state, p.instance_id,
           EXISTS (
             SELECT FROM profile_pic.picture_history AS n
             WHERE n.lead_id = h.lead_id AND n.id > h.id OFFSET 0) AS outdated
    FROM profile_pic.picture_history AS h
    CROSS JOIN LATERAL (
      SELECT p.instance_id FROM profile_pic.pictures AS p WHERE p.lead_id = h.lead_id LIMIT 1) AS p
    WHERE h.id < before ORDER BY h.id DESC
  LOOP
    looked := looked + 1;
    IF NOT entry.outdated AND (only_state IS NULL OR entry.state = only_state)
       -- lead_cards checks exactly; this check keeps other callers' leads out of a bound caller's list.
       AND NOT profile_pic.is_foreign(callers, entry.instance_id) THEN
      ids := ids || entry.lead_id;
    END IF;
    IF cardinality(ids) >= most OR looked >= 2000 OR looked % 100 = 0 AND clock_timestamp() > deadline THEN
      next := entry.id;
      RETURN;
    END IF;
  END LOOP;
END
$$;

-- Leads by state, reason and instance, in the order of their ids, behind `after`. Reads a limited number of
-- leads, and for 100 ms at the most; next is where to go on, null when all have been read; looked is the
-- number that was read. with_default: leads that name no instance count as the given instance's. Indexes: the
-- primary key of pictures, pictures_without_photo.
CREATE OR REPLACE FUNCTION profile_pic.walk_pictures(
  callers text[], only_state text, only_reason text, only_instance text, after text, most integer,
  look_at integer, with_default boolean DEFAULT false, OUT ids text[], OUT next text, OUT looked integer)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  picture  record;
  pictures refcursor;
  deadline timestamptz := clock_timestamp() + interval '100 ms';
BEGIN
  ids := '{}';
  looked := 0;
  IF only_state NOT IN ('STORED', 'PENDING') THEN
    OPEN pictures FOR
      SELECT p.lead_id, p.state, p.reason, p.instance_id FROM profile_pic.pictures AS p
      WHERE p.state = only_state AND p.state NOT IN ('STORED', 'PENDING') AND p.lead_id > coalesce(after, '')
      ORDER BY p.state, p.lead_id;
  ELSE
    OPEN pictures FOR
      SELECT p.lead_id, p.state, p.reason, p.instance_id FROM profile_pic.pictures AS p
      WHERE p.lead_id > coalesce(after, '') ORDER BY p.lead_id;
  END IF;
  LOOP
    FETCH pictures INTO picture;
    EXIT WHEN NOT FOUND;
    looked := looked + 1;
    IF (only_state IS NULL OR picture.state = only_state)
       AND (only_reason IS NULL OR picture.reason = only_reason)
       AND (only_instance IS NULL OR picture.instance_id = only_instance
         OR with_default AND picture.instance_id IS NULL)
       AND NOT profile_pic.is_foreign(callers, picture.instance_id)
    THEN
      ids := ids || picture.lead_id;
    END IF;
    IF cardinality(ids) >= most OR looked >= look_at OR looked % 100 = 0 AND clock_timestamp() > deadline THEN
      next := picture.lead_id;
      EXIT;
    END IF;
  END LOOP;
  CLOSE pictures;
END
$$;

-- Leads whose name contains a text, within the caller's reach. stopped says whether the search ended before
-- all had been read. For a bound caller others' leads are left out before the limit, or they would hide its
-- own: up to 10,000 names are looked at. Indexes: the CRM's own on its names, where it has an index that can
-- find a part of a text (R__41); for the rest primary keys.
CREATE OR REPLACE FUNCTION profile_pic.leads_called(
  callers text[], needle text, most integer, within interval, OUT ids text[], OUT stopped boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  lead     record;
  names    integer := CASE WHEN callers IS NULL THEN most * 10 ELSE 10000 END;
  looked   integer := 0;
  deadline timestamptz := clock_timestamp() + within;
BEGIN
  ids := '{}';
  stopped := false;
  FOR lead IN SELECT n.* FROM profile_pic.find_names(needle, names, within) AS n LOOP
    looked := looked + 1;
    IF lead.lead_id IS NULL OR looked % 100 = 0 AND clock_timestamp() > deadline + interval '1 second' THEN
      stopped := true;
      RETURN;
    END IF;
    IF callers IS NULL OR profile_pic.reaches(callers, profile_pic.lead_owner(lead.lead_id, lead.instance_id))
    THEN
      ids := ids || lead.lead_id;
    END IF;
    IF cardinality(ids) >= most THEN
      RETURN;
    END IF;
  END LOOP;
  stopped := looked >= names;
END
$$;

-- All facts that explain why a lead has a photo, or has none; no row when there is no such lead.
--
--   ahead    how many messages stand before it in its line, 10,000 at the most; null when it is not in a line
--   due_at   when a delayed or leased message comes back; leased says which
--   rests_until, pace   of its instance
--   eta                 when its turn comes, if nothing else comes first; null when it is not in a line, or
--                       when the time is unknown
--   background_from     when background work of its instance goes on; null while it may run. background:
--                       whether its message is such work
-- Indexes: primary keys, waiting_line.
CREATE OR REPLACE FUNCTION profile_pic.lead_facts(callers text[], lead text)
RETURNS TABLE (
  lead_id text, in_crm boolean, name text, phone text, instance_id text, state text, reason text, sha256 text,
  link_generation integer, has_photo boolean, fetched_at timestamptz, checked_at timestamptz,
  next_check_at timestamptz, attempts integer, last_error text, erased_at timestamptz, lead_note text,
  requested_at timestamptz, served_at timestamptz, message_id bigint, due_at timestamptz, leased boolean,
  ahead integer, write_error text, write_since timestamptz, paused boolean, rests_until timestamptz,
  pause_reason text, breaker text, pace integer, background_from timestamptz, background boolean,
  eta timestamptz)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT l.lead_id, l.in_crm, n.name, coalesce(l.phone, nullif(p.phone, '')), l.instance_id,
         coalesce(p.state, 'UNKNOWN'), p.reason, p.sha256, coalesce(p.link_generation, 0),
         p.storage_key IS NOT NULL, p.fetched_at, p.checked_at, p.next_check_at, coalesce(p.attempts, 0),
         p.last_error, p.erased_at, p.lead_note, r.requested_at, r.served_at, q.msg_id,
         CASE WHEN q.vt < profile_pic.hidden() AND q.vt > statement_timestamp() THEN q.vt END,
         q.vt > statement_timestamp() AND q.vt < profile_pic.hidden() AND q.read_ct > 0
           AND NOT EXISTS (
             SELECT FROM profile_pic.deliveries AS d WHERE d.msg_id = q.msg_id AND d.returned = q.read_ct),
         line.ahead,
         lw.error, lw.since,
         coalesce(i.paused_until > statement_timestamp() + interval '50 years', false),
         CASE WHEN profile_pic.rests_until(i) > statement_timestamp() THEN profile_pic.rests_until(i) END,
         CASE WHEN i.paused_until > statement_timestamp() THEN i.pause_reason END,
         coalesce(i.breaker, 'CLOSED'), pace.n, nullif(profile_pic.background_from(i), '-infinity'),
         kind.background,
         CASE WHEN line.ahead IS NOT NULL
                THEN profile_pic.work_ends(i, line.ahead * profile_pic.spacing(pace.n), kind.background) END
  FROM profile_pic.reachable_lead(lead, callers) AS l
  LEFT JOIN LATERAL (SELECT n.name FROM profile_pic.named_leads(ARRAY[l.lead_id]) AS n LIMIT 1) AS n ON true
  LEFT JOIN LATERAL (
    SELECT p.* FROM profile_pic.pictures AS p WHERE p.lead_id = l.lead_id LIMIT 1) AS p ON true
  LEFT JOIN LATERAL (
    SELECT r.* FROM profile_pic.requests AS r WHERE r.lead_id = l.lead_id LIMIT 1) AS r ON true
  LEFT JOIN LATERAL (
    SELECT q.* FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = r.message_id LIMIT 1) AS q ON true
  LEFT JOIN LATERAL (
    SELECT profile_pic.readable(q.message) AS message WHERE q.msg_id IS NOT NULL) AS b ON true
  LEFT JOIN LATERAL (
    SELECT w.* FROM profile_pic.waiting AS w
    WHERE w.msg_id >= q.msg_id AND w.msg_id <= q.msg_id
    ORDER BY w.msg_id LIMIT 1) AS w ON true
  LEFT JOIN LATERAL (
    SELECT lw.* FROM profile_pic.lead_writes AS lw WHERE lw.lead_id = l.lead_id LIMIT 1) AS lw ON true
  LEFT JOIN profile_pic.instances AS i ON i.instance_id = coalesce(nullif(w.instance_id, ''), l.instance_id)
  CROSS JOIN LATERAL (
    SELECT coalesce(i.pace_per_minute, (SELECT s.default_pace FROM profile_pic.settings AS s)) AS n) AS pace
  CROSS JOIN LATERAL (
    SELECT coalesce(
      profile_pic.is_background(b.message ->> 'sync_type', b.message ->> 'priority')
        AND r.live_for IS DISTINCT FROM q.msg_id,
      false) AS background
  ) AS kind
  CROSS JOIN LATERAL (
    SELECT CASE WHEN w.msg_id IS NOT NULL THEN (SELECT count(*) FROM (
      SELECT FROM profile_pic.waiting AS o
      WHERE o.instance_id = w.instance_id AND o.paced = w.paced AND o.place < w.place
      LIMIT 10000) AS o)::integer END AS ahead
  ) AS line;
END
$$;

-- The number of messages that wait in an instance's line, 10,000 at the most, and since when; the number of
-- lookups that it may start now. No row for an instance outside of the caller's reach. Indexes: waiting_line,
-- primary keys.
CREATE OR REPLACE FUNCTION profile_pic.instance_facts(callers text[], instances text[])
RETURNS TABLE (
  instance_id text, waiting integer, since timestamptz, rests_until timestamptz, pace integer, tokens integer,
  burst integer)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT asked.id, line.n::integer, line.head,
         CASE WHEN profile_pic.rests_until(i) > statement_timestamp() THEN profile_pic.rests_until(i) END,
         p.pace,
         profile_pic.tokens(
           p.pace, profile_pic.tat_now(p.pace, s.tat, s.owed, statement_timestamp()), statement_timestamp()),
         profile_pic.burst(p.pace)
  FROM unnest(instances) AS asked (id)
  LEFT JOIN profile_pic.instances AS i ON i.instance_id = asked.id
  CROSS JOIN LATERAL (
    SELECT coalesce(i.pace_per_minute, (SELECT d.default_pace FROM profile_pic.settings AS d)) AS pace) AS p
  LEFT JOIN LATERAL (
    SELECT s.tat, s.owed FROM profile_pic.pace_states AS s
    WHERE s.instance_id = asked.id
    ORDER BY s.id DESC LIMIT 1) AS s ON true
  CROSS JOIN LATERAL (SELECT count(*) AS n, min(w.place) AS head FROM (
    SELECT w.place FROM profile_pic.waiting AS w WHERE w.instance_id = asked.id LIMIT 10000) AS w) AS line
  WHERE profile_pic.reaches(callers, asked.id);
END
$$;

-- The outcomes of instances' lookups since a time. Index: minute_figures' primary key.
CREATE OR REPLACE FUNCTION profile_pic.instance_outcomes(callers text[], instances text[], since timestamptz)
RETURNS TABLE (instance_id text, outcome text, looks bigint)
LANGUAGE sql STABLE AS $$
  SELECT f.instance_id, substr(f.figure, 9), sum(f.value)::bigint
  FROM profile_pic.minute_figures AS f
  WHERE f.instance_id = ANY (instances) AND f.minute >= since AND f.figure LIKE 'outcome.%'
    AND profile_pic.reaches(callers, f.instance_id)
  GROUP BY 1, 2
$$;

-- Changes of an instance's state, newest first. Index: instance_events (instance_id, id).
CREATE OR REPLACE FUNCTION profile_pic.list_instance_events(callers text[], instance text, most integer)
RETURNS TABLE (at timestamptz, state text, before text, reason text, until timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT e.at, e.state, e.before, e.reason, e.until FROM profile_pic.instance_events AS e
  WHERE e.instance_id = instance AND profile_pic.reaches(callers, instance) ORDER BY e.id DESC LIMIT most
$$;

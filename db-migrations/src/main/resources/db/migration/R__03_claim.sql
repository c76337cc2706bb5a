-- profile_pic.claim(...): leases messages to a worker, each with its lead's state, in one round trip.
--
-- instances         the lines to lease from, in this order ('' is the line of messages that name no instance)
-- starts            where to start looking in each: the `since` that the last call or find_lines returned for
--                   it. This only saves time: the next find_lines finds earlier entries
-- limits            how many messages of each line at the most
-- max_messages      how many messages in all
-- lease             until when the messages are ours, unless renewed
-- default_instance  is used for messages and leads that name no instance; null where there is no such
--                   instance
-- default_pace      queries per minute of instances without their own pace
--
-- returns  a row per leased message, and a row with a null msg_id per line: wait_ms, until the line may have
--          more (null: it is empty), and since.
--
-- Tokens are taken here and never in advance. In each line the first messages are leased, as many as its
-- instance may query now; nothing else moves. A lease that is given back, or whose work never begins, has
-- spent its token. An instance whose row another replica holds is skipped. Messages that need no lookup stand
-- in the same line's unpaced half and need no token.
-- The lease token is (msg_id, read_ct). PGMQ's own delete and set_vt know no owner, so settle and renew
-- compare the token.
-- Locks: instances (SKIP LOCKED), queue rows (SKIP LOCKED), waiting, then requests (SKIP LOCKED). The commit
-- is not waited for: when a crash loses a claim, its messages are only delivered again, and their tokens are
-- spent twice.
-- Indexes: waiting_line, primary keys. Its plans are pinned: docs/decisions/0004-pinned-plans.md.
CREATE OR REPLACE FUNCTION profile_pic.claim(
  instances text[], starts timestamptz[], limits integer[], max_messages integer, lease interval,
  default_instance text, default_pace integer)
RETURNS TABLE (
  instance_id text, wait_ms bigint, since timestamptz, msg_id bigint, read_ct integer, deliveries integer,
  attempts integer, down_since timestamptz, enqueued_at timestamptz, message text, oversized boolean,
  traceparent text, lead_id text, lead_phone text, state text, source_id text, sha256 text, lookup boolean,
  lead_differs boolean, forced boolean, again_url text, again_phone text,
  claimed_at timestamptz, link_generation integer)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  room     integer := max_messages;
  line     text;
  pace     integer;
  tat      timestamptz;
  rests    timestamptz;
  at       timestamptz;
  tokens   integer;
  wanted   integer;
  opens    timestamptz;
  places   profile_pic.line_place[];
  paced    integer;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  PERFORM set_config('lock_timeout', '2s', true);

  FOR n IN 1 .. coalesce(cardinality(instances), 0) LOOP
    EXIT WHEN room <= 0;
    line := instances[n];
    wanted := least(room, limits[n]);
    IF line = '' AND default_instance IS NOT NULL THEN
      PERFORM profile_pic.assign_line(default_instance);
      instance_id := '';
      wait_ms := CASE WHEN EXISTS (SELECT FROM profile_pic.waiting AS w WHERE w.instance_id = '') THEN 0 END;
      since := NULL;
      RETURN NEXT;
      line := default_instance;
    END IF;

    -- 1. The number of queries that may start now. Without an instance nothing can be queried:
    --    the worker reports this for each message.
    pace := NULL;
    tokens := CASE WHEN line = '' THEN wanted ELSE 0 END;
    IF line <> '' THEN
      SELECT p.pace, p.tat, p.rests_until INTO pace, tat, rests
      FROM profile_pic.hold_pace(line, default_pace, false) AS p;
      at := clock_timestamp();
      tat := greatest(tat, at);
      IF pace IS NOT NULL AND rests <= at THEN
        tokens := profile_pic.tokens(pace, tat, at);
      END IF;
    END IF;

    -- 2. The head of the line, locked. Outside its working hours (R__03_working_hours) background work is
    --    held back.
    opens := profile_pic.background_from((
      SELECT i FROM profile_pic.instances AS i WHERE i.instance_id = line));
    IF line <> '' AND opens > statement_timestamp() THEN
      places := profile_pic.line_head(
        line, coalesce(starts[n], '-infinity'), greatest(wanted, 100),
        CASE WHEN tokens > 0 THEN 100 ELSE 0 END);
      places := profile_pic.hold_background(places, opens, wanted, least(tokens, wanted));
    ELSE
      places := profile_pic.line_head(line, coalesce(starts[n], '-infinity'), wanted, least(tokens, wanted));
    END IF;
    paced := (SELECT count(*) FROM unnest(places) AS h WHERE h.paced);
    IF pace IS NOT NULL AND paced > 0 THEN
      tat := tat + paced * profile_pic.spacing(pace);
      PERFORM profile_pic.put_pace(line, tat, 0);
    END IF;

    -- 3. The leases, and the rows that are returned.
    IF cardinality(places) > 0 THEN
      room := room - cardinality(places);
      RETURN QUERY
      SELECT line, NULL::bigint, NULL::timestamptz, l.*
      FROM profile_pic.lease_messages(places, lease) AS l;
    END IF;
    SELECT l.instance_id, l.wait_ms, l.since INTO instance_id, wait_ms, since
    FROM profile_pic.line_after(line, coalesce(starts[n], '-infinity'), places, pace, tat, rests) AS l;
    RETURN NEXT;
  END LOOP;
END
$$;

-- Messages that name no instance join the default instance's line, a limited number at a time.
CREATE OR REPLACE FUNCTION profile_pic.assign_line(default_instance text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  rows_at tid[];
BEGIN
  rows_at := ARRAY(
    SELECT w.ctid FROM profile_pic.waiting AS w WHERE w.instance_id = ''
    ORDER BY w.paced, w.place LIMIT 2000 FOR UPDATE SKIP LOCKED);
  UPDATE profile_pic.waiting AS w SET instance_id = default_instance WHERE w.ctid = ANY (rows_at);
END
$$;

-- The first free messages of a line, locked, in order of place: a limited number in all, and a limited number
-- that need a lookup.
CREATE OR REPLACE FUNCTION profile_pic.line_head(
  line text, start timestamptz, most integer, most_paced integer)
RETURNS profile_pic.line_place[]
LANGUAGE plpgsql AS $$
BEGIN
  RETURN ARRAY(
    SELECT h
    FROM unnest(
      profile_pic.half_head(line, false, start, most)
      || profile_pic.half_head(line, true, start, most_paced)) AS h
    ORDER BY h.place, h.msg_id LIMIT most);
END
$$;

-- The same for one half of a line: the messages that need a lookup, or the messages that need no lookup.
CREATE OR REPLACE FUNCTION profile_pic.half_head(
  line text, half_paced boolean, start timestamptz, most integer)
RETURNS profile_pic.line_place[]
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  RETURN ARRAY(
    SELECT ROW(w.msg_id, q.row_at, w.paced, w.place)::profile_pic.line_place
    FROM profile_pic.waiting AS w
    CROSS JOIN LATERAL (
      SELECT q.ctid AS row_at FROM pgmq.q_profile_pic_queue AS q
      WHERE q.msg_id = w.msg_id AND profile_pic.may_be_leased(q.msg_id, q.vt, q.read_ct)
      FOR UPDATE SKIP LOCKED
    ) AS q
    WHERE w.instance_id = line AND w.paced = half_paced AND w.place >= start
    ORDER BY w.place, w.msg_id LIMIT most);
END
$$;

-- Whether a message of a line may be leased: it is hidden there, or it was given back with a delay that new
-- information cut short.
CREATE OR REPLACE FUNCTION profile_pic.may_be_leased(id bigint, vt timestamptz, read_ct integer)
RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
  -- Most messages are hidden, and a query costs as much as ten of these functions.
  IF vt >= profile_pic.hidden() THEN
    RETURN true;
  END IF;
  RETURN EXISTS (
    SELECT FROM profile_pic.deliveries AS d WHERE d.msg_id = id AND d.returned = may_be_leased.read_ct);
END
$$;

-- Leases messages whose rows are locked, takes them out of their line, and returns each lead's state.
-- Information that joined a message while it waited is returned too, and again with each later attempt.
CREATE OR REPLACE FUNCTION profile_pic.lease_messages(places profile_pic.line_place[], lease interval)
RETURNS TABLE (
  msg_id bigint, read_ct integer, deliveries integer, attempts integer, down_since timestamptz,
  enqueued_at timestamptz, message text, oversized boolean, traceparent text, lead_id text, lead_phone text,
  state text, source_id text, sha256 text, lookup boolean, lead_differs boolean, forced boolean,
  again_url text, again_phone text, claimed_at timestamptz, link_generation integer)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  entries tid[];
BEGIN
  entries := ARRAY(
    SELECT e.row_at FROM profile_pic.lock_entries(ARRAY(SELECT p.msg_id FROM unnest(places) AS p)) AS e);
  DELETE FROM profile_pic.waiting AS w WHERE w.ctid = ANY (entries);

  RETURN QUERY
  WITH leased AS (
    UPDATE pgmq.q_profile_pic_queue AS q
    SET vt = clock_timestamp() + lease, read_ct = q.read_ct + 1
    FROM (SELECT p.row_at, p.paced, p.place FROM unnest(places) AS p) AS p
    WHERE q.ctid = p.row_at
    RETURNING q.msg_id, q.read_ct, q.enqueued_at, p.paced, p.place,
      profile_pic.readable(q.message) AS message, q.headers
  ), found AS MATERIALIZED (
    SELECT f.*
    FROM profile_pic.find_leads(ARRAY(SELECT DISTINCT l.message ->> 'lead_id' FROM leased AS l)) AS f
  ), told AS MATERIALIZED (
    SELECT leased.*, f.lead_id, f.phone AS lead_phone, f.url AS row_url, p.state, p.source_id, p.sha256,
           p.lead_url, p.lead_note, p.link_generation, delivery.attempts, delivery.returned,
           delivery.lookup, delivery.down_since, r.again_at, r.again_forced, r.again_url, r.again_phone,
           -- What a message of an earlier attempt took along is not in its body.
           delivery.msg_id IS NOT NULL AND r.forced AS forced,
           CASE WHEN delivery.msg_id IS NOT NULL THEN r.url END AS url,
           CASE WHEN delivery.msg_id IS NOT NULL THEN nullif(r.phone, '') END AS phone
    FROM leased
    LEFT JOIN found AS f ON f.asked_id = leased.message ->> 'lead_id'
    LEFT JOIN LATERAL (
      SELECT p.* FROM profile_pic.pictures AS p WHERE p.lead_id = f.lead_id LIMIT 1) AS p ON true
    LEFT JOIN LATERAL (
      SELECT d.* FROM profile_pic.deliveries AS d WHERE d.msg_id = leased.msg_id LIMIT 1) AS delivery ON true
    LEFT JOIN LATERAL (
      SELECT r.* FROM profile_pic.requests AS r
      WHERE r.lead_id = f.lead_id AND r.message_id = leased.msg_id
        AND (r.again_at IS NOT NULL OR delivery.msg_id IS NOT NULL) LIMIT 1
    ) AS r ON true
  ), taken_along AS (
    -- A row that an enqueue holds right now stays as it is: the settle serves it.
    UPDATE profile_pic.requests AS r
    SET forced = r.forced OR r.again_forced, phone = coalesce(r.again_phone, r.phone),
        instance_id = coalesce(r.again_instance, r.instance_id), url = coalesce(r.again_url, r.url),
        again_at = NULL, again_forced = false, again_url = NULL, again_phone = NULL,
        again_instance = NULL
    FROM (
      SELECT o.ctid AS row_at, told.msg_id
      FROM told
      JOIN LATERAL (
        SELECT o.ctid FROM profile_pic.requests AS o
        WHERE o.lead_id = told.lead_id AND o.again_at = told.again_at FOR UPDATE SKIP LOCKED) AS o ON true
      WHERE told.again_at IS NOT NULL
    ) AS joined
    WHERE r.ctid = joined.row_at AND r.message_id = joined.msg_id
    RETURNING r.message_id
  )
  SELECT told.msg_id, told.read_ct, told.read_ct - least(coalesce(told.returned, 0), told.read_ct - 1),
         coalesce(told.attempts, 0), told.down_since, told.enqueued_at,
         told.message::text, told.message IS NULL,
         CASE WHEN jsonb_typeof(told.headers -> 'traceparent') = 'string'
                THEN left(told.headers ->> 'traceparent', 100) END,
         told.lead_id, told.lead_phone, told.state, told.source_id, told.sha256, told.paced,
         coalesce(
           told.row_url IS DISTINCT FROM told.lead_url AND told.lead_url IS NOT NULL
             AND NOT (told.lead_note IS NOT NULL AND coalesce(told.row_url, '') <> ''),
           false),
         coalesce(told.forced OR told.again_forced AND a.message_id IS NOT NULL, false),
         CASE WHEN NOT coalesce(told.lookup, false)
                THEN coalesce(CASE WHEN a.message_id IS NOT NULL THEN told.again_url END, told.url) END,
         coalesce(CASE WHEN a.message_id IS NOT NULL THEN told.again_phone END, told.phone),
         statement_timestamp(),
         coalesce(told.link_generation, 0)
  FROM told LEFT JOIN taken_along AS a ON a.message_id = told.msg_id
  ORDER BY told.place, told.msg_id;
END
$$;

-- The row that a claim returns for a line at the end: until when there is nothing to lease (null: the line is
-- empty), and where to look next.
CREATE OR REPLACE FUNCTION profile_pic.line_after(
  line text, start timestamptz, places profile_pic.line_place[], pace integer, tat timestamptz,
  rests_until timestamptz)
RETURNS TABLE (instance_id text, wait_ms bigint, since timestamptz)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
  free_head  timestamptz;
  paced_head timestamptz;
  at         timestamptz := clock_timestamp();
BEGIN
  SELECT w.place INTO free_head FROM profile_pic.waiting AS w
  WHERE w.instance_id = line AND NOT w.paced AND w.place >= line_after.start ORDER BY w.place LIMIT 1;
  SELECT w.place INTO paced_head FROM profile_pic.waiting AS w
  WHERE w.instance_id = line AND w.paced AND w.place >= line_after.start ORDER BY w.place LIMIT 1;
  instance_id := line;
  -- A request that is being enqueued carries the time at which its statement began: look a few seconds back.
  since := least(free_head, paced_head, statement_timestamp() - interval '5 seconds');
  wait_ms := CASE
    WHEN free_head IS NOT NULL AND cardinality(places) > 0 THEN 0
    WHEN paced_head IS NULL AND free_head IS NULL THEN NULL
    -- Another session holds the instance, or the rows at the head: look again soon.
    WHEN pace IS NULL OR free_head IS NOT NULL THEN 20
    WHEN rests_until > at THEN ceil(extract(epoch FROM least(rests_until, at + interval '1 day') - at) * 1000)
    ELSE greatest(CASE WHEN cardinality(places) > 0 THEN 0 ELSE 20 END,
      profile_pic.token_wait_ms(pace, greatest(tat, at), at, 1)
      -- Jitter: a number that queries exactly every second does not look like a person.
      + CASE WHEN profile_pic.token_wait_ms(pace, greatest(tat, at), at, 1) > 0
               THEN random() * 0.2 * 60000 / pace
             ELSE 0 END) END::bigint;
  RETURN NEXT;
END
$$;

-- profile_pic.claim(...): leases due messages to a worker, each with what is known of its lead, in one round trip.
--
-- max_messages      how many may be leased: the worker's free slots
-- scan              how many due messages are looked at (>= max_messages). A worker raises it while a flood that has no
--                   free slots stands at the head of the queue, so that it is put to its slots in a few steps
-- lease             until when the messages are ours, unless renewed
-- default_instance  answers for messages and leads that name no instance; null where nothing does
-- default_pace      lookups per minute of instances that have no pace of their own
--
-- returns  a row per leased message, or one with a null msg_id when nothing was leased. Equal in every row: `postponed`, how many
--          messages were put to a slot that is not now, and `next_due_ms`, when the next message becomes due (null: none waits)
--
-- The lease token is (msg_id, read_ct): PGMQ's own delete and set_vt know no owner, so settle and renew compare it.
-- Bookkeeping in the message's headers, ignored on a first delivery because any sender may write them:
--   attempts  failures that counted   returned  read_ct of the last lease that was given back on purpose
--   slot      a slot is reserved      lookup    a lookup is needed although the message brought a url
--
-- Pace is a generic cell rate algorithm on instances.next_slot_at. A message that needs a lookup reserves the next slot of
-- its instance; if that is not now, the message's visibility is set to the slot, once, uncounted, and it is leased then
-- without reserving again. Slots within the next 100 ms count as now: it changes no average and lets fast paces batch. A
-- pause or quiet hours move slots behind their end.
--
-- Ordering by vt with vt <= statement_timestamp() is answered by PGMQ's index on vt, so delayed and leased messages cost
-- nothing; pgmq.read filters on a volatile clock and scans them all. Locks: queue rows (SKIP LOCKED), then instances in order
-- of id. The commit is not waited for: losing a claim in a crash only delivers the message again.
-- How its plans are kept from changing: docs/decisions/0004-pinned-plans.md.
CREATE OR REPLACE FUNCTION profile_pic.claim(
  max_messages integer, scan integer, lease interval, default_instance text, default_pace integer)
RETURNS TABLE (
  msg_id bigint, read_ct integer, deliveries integer, attempts integer, enqueued_at timestamptz, message text, traceparent text,
  instance_id text, lead_id text, lead_phone text, state text, source_id text, sha256 text, storage_key text,
  lookup boolean, postponed integer, next_due_ms bigint)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
AS $$
#variable_conflict use_column
DECLARE
  rows_at   tid[];
  ids       bigint[];
  read_cts  integer[];
  visible   timestamptz[];
  entered   timestamptz[];
  bodies    jsonb[];
  notes     jsonb[];
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);

  SELECT array_agg(d.ctid), array_agg(d.msg_id), array_agg(d.read_ct), array_agg(d.vt), array_agg(d.enqueued_at),
         array_agg(d.message), array_agg(profile_pic.own_headers(d.headers, d.read_ct))
  INTO rows_at, ids, read_cts, visible, entered, bodies, notes
  FROM (
    SELECT q.ctid, q.* FROM pgmq.q_profile_pic_queue AS q
    WHERE q.vt <= statement_timestamp()
    ORDER BY q.vt
    LIMIT greatest(scan, max_messages)
    FOR UPDATE SKIP LOCKED
  ) AS d;

  RETURN QUERY
  WITH due AS MATERIALIZED (
    SELECT d.*, l.lead_id, l.phone AS lead_phone, named.instance_id,
           coalesce(d.message ->> 'profile_pic_url', '') = '' OR d.headers ? 'lookup' AS lookup
    FROM unnest(rows_at, ids, read_cts, visible, entered, bodies, notes)
      AS d (row_at, msg_id, read_ct, vt, enqueued_at, message, headers)
    LEFT JOIN LATERAL (SELECT f.* FROM profile_pic.find_leads(ARRAY[d.message ->> 'lead_id']) AS f LIMIT 1) AS l ON true
    CROSS JOIN LATERAL (
      SELECT left(coalesce(nullif(nullif(d.message ->> 'instance_id', ''), 'unknown'), l.instance_id, default_instance), 200)
        AS instance_id
    ) AS named
  ), placed AS MATERIALIZED (
    SELECT w.*, row_number() OVER asking AS place, count(*) OVER (PARTITION BY w.instance_id, w.needs_slot) AS wanted
    FROM (
      SELECT d.*, d.instance_id IS NOT NULL AND d.lead_id IS NOT NULL AND d.lookup
        AND CASE WHEN d.headers ? 'slot'
                 THEN coalesce((SELECT profile_pic.rests_until(i) > statement_timestamp() FROM profile_pic.instances AS i
                                WHERE i.instance_id = d.instance_id), false)
                 ELSE true END AS needs_slot
      FROM due AS d
    ) AS w
    WINDOW asking AS (PARTITION BY w.instance_id, w.needs_slot ORDER BY w.vt, w.msg_id)
  ), reserved AS (
    INSERT INTO profile_pic.instances AS i (instance_id, next_slot_at)
    SELECT p.instance_id, statement_timestamp() + p.wanted * profile_pic.slot_interval(NULL, default_pace)
    FROM placed AS p WHERE p.needs_slot AND p.place = 1 ORDER BY p.instance_id
    ON CONFLICT (instance_id) DO UPDATE
      SET next_slot_at = greatest(i.next_slot_at, profile_pic.rests_until(i), statement_timestamp())
        + (excluded.next_slot_at - statement_timestamp()) / profile_pic.pace_ratio(i.pace_per_minute, default_pace)
    RETURNING i.instance_id, i.next_slot_at, profile_pic.slot_interval(i.pace_per_minute, default_pace) AS spacing
  ), slotted AS (
    SELECT p.*, r.spacing, r.next_slot_at - (p.wanted - p.place + 1) * r.spacing AS slot
    FROM placed AS p LEFT JOIN reserved AS r ON p.needs_slot AND r.instance_id = p.instance_id
  ), sorted AS MATERIALIZED (
    SELECT s.*, row_number() OVER (PARTITION BY s.may_start ORDER BY s.vt, s.msg_id) AS turn
    FROM (
      SELECT s.*, s.slot IS NULL OR s.slot <= statement_timestamp() + interval '100 ms' AS may_start FROM slotted AS s
    ) AS s
  ), moved AS (
    UPDATE pgmq.q_profile_pic_queue AS q
    SET vt = CASE WHEN s.may_start THEN s.vt ELSE s.slot + random() * 0.2 * s.spacing END, headers = s.headers || '{"slot": true}'
    FROM sorted AS s
    WHERE q.ctid = s.row_at AND s.slot IS NOT NULL AND NOT (s.may_start AND s.turn <= max_messages)
    RETURNING CASE WHEN NOT s.may_start THEN q.vt END AS slot
  ), leased AS (
    UPDATE pgmq.q_profile_pic_queue AS q
    SET vt = clock_timestamp() + lease, read_ct = q.read_ct + 1, headers = s.headers - 'slot'
    FROM sorted AS s
    WHERE q.ctid = s.row_at AND s.may_start AND s.turn <= max_messages
    RETURNING q.msg_id, q.read_ct, q.enqueued_at, s.headers, s.message, s.instance_id, s.lead_id, s.lead_phone, s.lookup, s.vt
  ), tally AS (
    -- One that could start now but found no place waits for the next claim: it is not postponed, and nothing to look deeper for.
    SELECT count(m.slot)::integer AS postponed,
           least(min(m.slot), (SELECT q.vt FROM pgmq.q_profile_pic_queue AS q WHERE q.vt > statement_timestamp() ORDER BY q.vt LIMIT 1))
             AS next_due
    FROM moved AS m
  )
  SELECT l.msg_id, l.read_ct, l.read_ct - coalesce((l.headers ->> 'returned')::integer, 0),
         coalesce((l.headers ->> 'attempts')::integer, 0), l.enqueued_at, l.message::text, l.headers ->> 'traceparent',
         l.instance_id, l.lead_id, l.lead_phone, p.state, p.source_id, p.sha256, p.storage_key, l.lookup, t.postponed,
         CASE WHEN t.next_due IS NOT NULL
              THEN greatest(ceil(extract(epoch FROM t.next_due - clock_timestamp()) * 1000), 0)::bigint END
  FROM tally AS t
  LEFT JOIN leased AS l ON true
  LEFT JOIN LATERAL (
    SELECT p.state, p.source_id, p.sha256, p.storage_key FROM profile_pic.pictures AS p WHERE p.lead_id = l.lead_id LIMIT 1
  ) AS p ON true
  ORDER BY l.vt, l.msg_id;
END
$$;

-- profile_pic.reserve(instance, default_pace): reserves the next slot of an instance for a lookup that turned out to be
-- needed while a message runs, and returns how many milliseconds it is away (0 when it is now). Locks the instance's row.
CREATE OR REPLACE FUNCTION profile_pic.reserve(instance text, default_pace integer) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  slot timestamptz;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  INSERT INTO profile_pic.instances AS i (instance_id, next_slot_at)
  VALUES (instance, statement_timestamp() + profile_pic.slot_interval(NULL, default_pace))
  ON CONFLICT (instance_id) DO UPDATE
    SET next_slot_at = greatest(i.next_slot_at, profile_pic.rests_until(i), statement_timestamp())
      + profile_pic.slot_interval(i.pace_per_minute, default_pace)
  RETURNING i.next_slot_at - profile_pic.slot_interval(i.pace_per_minute, default_pace) INTO slot;
  RETURN CASE WHEN slot <= statement_timestamp() + interval '100 ms' THEN 0
              ELSE ceil(extract(epoch FROM slot - statement_timestamp()) * 1000) END;
END
$$;

-- profile_pic.settle(results, pictures, archive): makes the results of attempts true, all in one transaction: lead row, state,
-- history and the message's removal, for each message whose lease is still ours.
--
-- results   jsonb array of profile_pic.settlement rows (V2). `action` says what becomes of the message:
--             complete  removed            dead   moved to profile_pic_dlq with its reason
--             retry     back after delay_ms, the attempt counts      defer  back after delay_ms, uncounted
--           lead_id is null where the message names no lead that exists; pause_ms pauses the whole instance
-- pictures  the bytes of new photos; settlement.avatar is the index (from 1)
-- archive   whether completed messages go to PGMQ's archive table instead of being deleted (those of erased leads never do)
-- returns   the msg_ids that were settled. A missing one was not ours any more (lease lost, or settled by an earlier call whose
--           answer got lost): nothing of it was written, so calling again with the same results changes nothing.
--
-- A lease is ours while read_ct is the one that we claimed and was not given back since. Results of an older event than the
-- lead's newest, or for a lead that was erased meanwhile, only remove their message.
-- Locks: queue rows in order of msg_id, pictures in order of lead_id, avatars in order of key, then the CRM's rows (250 ms at the most: a
-- lead that the CRM holds locked must not stall the others, see lock_timeout). Indexes: primary keys only.
-- Rows are locked by one statement and changed by later ones, so their places (ctid) hold; no join can go wrong on those.
-- How its plans are kept from changing: docs/decisions/0004-pinned-plans.md.
DROP FUNCTION IF EXISTS profile_pic.settle(jsonb, bytea[]);

CREATE OR REPLACE FUNCTION profile_pic.settle(results jsonb, pictures bytea[], archive boolean DEFAULT false) RETURNS SETOF bigint
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
AS $$
#variable_conflict use_column
DECLARE
  mine         profile_pic.settlement[];
  rows_at      tid[];
  actions      text[];
  known        profile_pic.known_lead[];
  lead_ids     text[];
  lead_urls    text[];
  lead_keys    text[];
BEGIN
  PERFORM set_config('lock_timeout', '250ms', true);

  SELECT array_agg(ours.result), array_agg(held.row_at), array_agg((ours.result).action)
  INTO mine, rows_at, actions
  FROM (
    SELECT r::profile_pic.settlement AS result
    FROM jsonb_populate_recordset(NULL::profile_pic.settlement, results) AS r
    ORDER BY r.msg_id
  ) AS ours
  CROSS JOIN LATERAL (
    SELECT q.ctid AS row_at
    FROM pgmq.q_profile_pic_queue AS q
    WHERE q.msg_id = (ours.result).msg_id AND q.read_ct = (ours.result).read_ct
      AND coalesce((profile_pic.own_headers(q.headers, q.read_ct) ->> 'returned')::integer, 0) < q.read_ct
    FOR UPDATE
  ) AS held;

  IF mine IS NULL THEN
    RETURN;
  END IF;

  -- 1. What is known of each lead, its history and its bytes.
  known := profile_pic.hold_leads(mine);

  WITH leads AS MATERIALIZED (
    SELECT k.row_at, k.state_before, k.storage_key_before, r.*, profile_pic.state_after(r.action, r.outcome) AS state
    FROM unnest(known) AS k CROSS JOIN LATERAL (SELECT (k.result).*) AS r
  ), changed AS (
    UPDATE profile_pic.pictures AS p SET
      instance_id = coalesce(l.instance_id, p.instance_id),
      phone = coalesce(l.phone, p.phone),
      jid = coalesce(l.jid, p.jid),
      state = coalesce(l.state, p.state),
      reason = l.outcome,
      source_url = coalesce(l.source_url, p.source_url),
      source_id = CASE WHEN l.state = 'NOT_SET' THEN NULL ELSE coalesce(l.source_id, p.source_id) END,
      sha256 = CASE WHEN l.state = 'NOT_SET' THEN NULL ELSE coalesce(l.sha256, p.sha256) END,
      content_type = CASE WHEN l.state = 'NOT_SET' THEN NULL ELSE coalesce(l.content_type, p.content_type) END,
      width = CASE WHEN l.state = 'NOT_SET' THEN NULL ELSE coalesce(l.width, p.width) END,
      height = CASE WHEN l.state = 'NOT_SET' THEN NULL ELSE coalesce(l.height, p.height) END,
      bytes = CASE WHEN l.state = 'NOT_SET' THEN NULL ELSE coalesce(l.bytes, p.bytes) END,
      storage_key = CASE WHEN l.state = 'NOT_SET' THEN NULL ELSE coalesce(l.storage_key, p.storage_key) END,
      fetched_at = CASE WHEN l.outcome = 'STORED' THEN statement_timestamp() ELSE p.fetched_at END,
      checked_at = CASE WHEN l.action = 'complete' THEN statement_timestamp() ELSE p.checked_at END,
      next_check_at = coalesce(statement_timestamp() + l.next_check_ms * interval '1 ms', p.next_check_at),
      attempts = l.attempts,
      last_error = l.detail,
      requested_at = l.requested_at,
      pending_message_id = CASE WHEN l.action IN ('retry', 'defer') THEN p.pending_message_id END,
      pending_forced = p.pending_forced AND l.action IN ('retry', 'defer')
    FROM leads AS l
    WHERE p.ctid = l.row_at
    RETURNING p.state AS state_now, l.*
  ), history AS (
    INSERT INTO profile_pic.picture_history (lead_id, outcome, state, detail, instance_id, source_id, sha256, storage_key, message_id)
    SELECT c.lead_id, c.outcome, c.state_now, c.detail, c.instance_id, c.source_id, c.sha256, c.storage_key, c.msg_id
    FROM changed AS c
    WHERE c.outcome = 'STORED' OR (c.state_now <> c.state_before AND c.state_now <> 'PENDING')
    ORDER BY c.msg_id
  ), kept AS (
    -- Touched when it is there already, so that housekeeping cannot take it for an orphan meanwhile.
    INSERT INTO profile_pic.avatars AS a (storage_key, content_type, bytes)
    SELECT DISTINCT ON (c.storage_key) c.storage_key, c.content_type, pictures[c.avatar]
    FROM changed AS c WHERE c.outcome = 'STORED' AND c.avatar IS NOT NULL
    ORDER BY c.storage_key
    ON CONFLICT (storage_key) DO UPDATE SET created_at = excluded.created_at
  )
  SELECT array_agg(c.lead_id), array_agg(c.lead_url), array_agg(c.storage_key)
  INTO lead_ids, lead_urls, lead_keys
  FROM changed AS c
  -- A photo that its owner removed leaves the lead; one that we never had is not ours to clear.
  WHERE c.outcome = 'STORED' OR (c.outcome = 'NOT_SET' AND c.storage_key_before IS NOT NULL);

  -- 2. The CRM's own rows.
  IF lead_ids IS NOT NULL THEN
    PERFORM profile_pic.update_leads(lead_ids, lead_urls, lead_keys);
  END IF;

  -- 3. The messages.
  IF 'dead' = ANY (actions) THEN
    PERFORM pgmq.send_batch('profile_pic_dlq', array_agg(d.message ORDER BY d.msg_id), array_agg(d.headers ORDER BY d.msg_id), 0)
    FROM (
      SELECT q.msg_id, profile_pic.own_headers(q.headers, 0) - 'slot' AS headers,
             CASE jsonb_typeof(q.message) WHEN 'object' THEN q.message ELSE jsonb_build_object('original', q.message) END
             || jsonb_build_object('error', jsonb_build_object('reason', r.outcome, 'detail', r.detail, 'attempts', r.attempts,
                  'first_seen', q.enqueued_at, 'failed_at', statement_timestamp(), 'worker', r.worker)) AS message
      FROM unnest(mine) AS r
      CROSS JOIN LATERAL (SELECT q.* FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = r.msg_id LIMIT 1) AS q
      WHERE r.action = 'dead'
    ) AS d;
  END IF;

  IF archive THEN
    PERFORM pgmq.archive('profile_pic_queue', ARRAY(
      SELECT r.msg_id FROM unnest(mine) AS r WHERE r.action = 'complete' AND r.outcome <> 'ERASED'));
  END IF;
  DELETE FROM pgmq.q_profile_pic_queue AS q
  WHERE q.ctid = ANY (ARRAY(SELECT held.row_at FROM unnest(rows_at, actions) AS held (row_at, action)
                            WHERE held.action IN ('complete', 'dead')));

  IF 'retry' = ANY (actions) OR 'defer' = ANY (actions) THEN
    UPDATE pgmq.q_profile_pic_queue AS q
    SET vt = statement_timestamp() + back.delay_ms * interval '1 ms',
        headers = profile_pic.own_headers(q.headers, q.read_ct)
          || jsonb_build_object('attempts', back.attempts, 'returned', q.read_ct)
          || CASE WHEN back.lookup THEN '{"lookup": true}' ELSE '{}' END::jsonb
          || CASE WHEN back.slot THEN '{"slot": true}' ELSE '{}' END::jsonb
    FROM (
      SELECT held.row_at, (held.result).*
      FROM (SELECT unnest(rows_at) AS row_at, unnest(mine) AS result) AS held
    ) AS back
    WHERE q.ctid = back.row_at AND back.action IN ('retry', 'defer');
  END IF;

  -- 4. What was said of whole instances.
  INSERT INTO profile_pic.instances AS i (instance_id, paused_until, pause_reason)
  SELECT r.instance_id, statement_timestamp() + max(r.pause_ms) * interval '1 ms', max(r.outcome)
  FROM unnest(mine) AS r
  WHERE r.pause_ms IS NOT NULL AND r.instance_id IS NOT NULL
  GROUP BY r.instance_id ORDER BY r.instance_id
  ON CONFLICT (instance_id) DO UPDATE
    SET paused_until = greatest(i.paused_until, excluded.paused_until), pause_reason = excluded.pause_reason,
        updated_at = statement_timestamp();

  -- 5. Wishes that ended without touching their lead's row, because a newer event's result stands there.
  IF coalesce(cardinality(known), 0) < cardinality(mine) THEN
    UPDATE profile_pic.pictures AS p
    SET pending_message_id = NULL, pending_forced = false
    FROM (
      SELECT r.msg_id, p.row_at
      FROM unnest(mine) AS r
      CROSS JOIN LATERAL (SELECT p.ctid AS row_at FROM profile_pic.pictures AS p WHERE p.lead_id = r.lead_id LIMIT 1 FOR UPDATE) AS p
      WHERE r.action IN ('complete', 'dead')
    ) AS ended
    WHERE p.ctid = ended.row_at AND p.pending_message_id = ended.msg_id;
  END IF;

  PERFORM profile_pic.after_settle(mine);
  RETURN QUERY SELECT r.msg_id FROM unnest(mine) AS r;
END
$$;

-- profile_pic.hold_leads(results): locks the rows of the leads that these results may change, in order of lead_id, and says
-- what they held before. Of several results for one lead the newest event's counts; a lead that was erased, or whose row
-- stems from a newer event, is left out. Raw messages may name leads that have no row yet: it is made.
CREATE OR REPLACE FUNCTION profile_pic.hold_leads(results profile_pic.settlement[]) RETURNS profile_pic.known_lead[]
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
AS $$
DECLARE
  newest profile_pic.settlement[];
  held   profile_pic.known_lead[];
BEGIN
  newest := ARRAY(
    SELECT DISTINCT ON (r.lead_id) r::profile_pic.settlement
    FROM unnest(results) AS r WHERE r.lead_id IS NOT NULL
    ORDER BY r.lead_id, r.requested_at DESC, r.msg_id DESC);

  FOR attempt IN 1..2 LOOP
    held := ARRAY(
      SELECT ROW(p.row_at, p.state, p.storage_key, n.result)::profile_pic.known_lead
      FROM (SELECT unnest(newest) AS result) AS n
      CROSS JOIN LATERAL (
        SELECT p.ctid AS row_at, p.state, p.storage_key
        FROM profile_pic.pictures AS p
        WHERE p.lead_id = (n.result).lead_id AND p.requested_at <= (n.result).requested_at AND p.state <> 'ERASED'
        FOR UPDATE
      ) AS p);
    EXIT WHEN attempt = 2 OR cardinality(held) = cardinality(newest);

    INSERT INTO profile_pic.pictures (lead_id, phone, requested_at)
    SELECT n.lead_id, '', '-infinity' FROM unnest(newest) AS n
    WHERE NOT EXISTS (SELECT FROM profile_pic.pictures AS p WHERE p.lead_id = n.lead_id)
    ON CONFLICT DO NOTHING;
    EXIT WHEN NOT FOUND;
  END LOOP;
  RETURN held;
END
$$;

-- profile_pic.settle(results, pictures): makes the results of attempts true, all in one transaction: lead row, state, history
-- and the message's removal, for each message whose lease is still ours.
--
-- results   jsonb array of profile_pic.settlement rows (V2). `action` says what becomes of the message:
--             complete  removed            dead   moved to profile_pic_dlq with its reason
--             retry     back after delay_ms, the attempt counts      defer  back after delay_ms, uncounted
--           lead_id is null where the message names no lead that exists; pause_ms pauses the whole instance
-- pictures  the bytes of new photos; settlement.avatar is the index (from 1)
-- returns   the msg_ids that were settled. A missing one was not ours any more (lease lost, or settled by an earlier call whose
--           answer got lost): nothing of it was written, so calling again with the same results changes nothing.
--
-- A lease is ours while read_ct is the one that we claimed and was not given back since. Results of an older event than the
-- lead's newest, or for a lead that was erased meanwhile, only remove their message.
-- Locks: queue rows in order of msg_id, pictures in order of lead_id, avatars in order of key, then the CRM's rows (250 ms at the most: a
-- lead that the CRM holds locked must not stall the others, see lock_timeout). Indexes: primary keys only.
-- Plans are pinned to indexes and made once, as in claim: with a guess of 100 results the planner scanned the CRM's table whole.
CREATE OR REPLACE FUNCTION profile_pic.settle(results jsonb, pictures bytea[]) RETURNS SETOF bigint
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
#variable_conflict use_column
DECLARE
  mine         profile_pic.settlement[];
  lead_changes jsonb;
BEGIN
  PERFORM set_config('lock_timeout', '250ms', true);

  WITH held AS MATERIALIZED (
    SELECT q.msg_id, q.read_ct
    FROM pgmq.q_profile_pic_queue AS q
    WHERE q.msg_id = ANY (ARRAY(SELECT (r ->> 'msg_id')::bigint FROM jsonb_array_elements(results) AS r))
      AND coalesce((profile_pic.own_headers(q.headers, q.read_ct) ->> 'returned')::integer, 0) < q.read_ct
    ORDER BY q.msg_id
    FOR UPDATE
  )
  SELECT array_agg(r::profile_pic.settlement) INTO mine
  FROM jsonb_populate_recordset(NULL::profile_pic.settlement, results) AS r
  JOIN held AS h ON h.msg_id = r.msg_id AND h.read_ct = r.read_ct;

  IF mine IS NULL THEN
    RETURN;
  END IF;

  -- 1. What is known of each lead, its history and its bytes.
  WITH newest AS MATERIALIZED (
    SELECT DISTINCT ON (r.lead_id) r.*, profile_pic.state_after(r.action, r.outcome) AS state
    FROM unnest(mine) AS r
    WHERE r.lead_id IS NOT NULL
    ORDER BY r.lead_id, r.requested_at DESC, r.msg_id DESC
  ), prior AS MATERIALIZED (
    SELECT p.* FROM profile_pic.pictures AS p WHERE p.lead_id IN (SELECT n.lead_id FROM newest AS n) ORDER BY p.lead_id FOR UPDATE
  ), known AS (
    INSERT INTO profile_pic.pictures AS p (
      lead_id, instance_id, phone, jid, state, reason, source_url, source_id, sha256, content_type, width, height, bytes, storage_key,
      fetched_at, checked_at, next_check_at, attempts, last_error, requested_at)
    SELECT n.lead_id, n.instance_id, coalesce(n.phone, ''), n.jid, coalesce(n.state, 'PENDING'), n.outcome, n.source_url, n.source_id, n.sha256,
           n.content_type, n.width, n.height, n.bytes, n.storage_key,
           CASE WHEN n.outcome = 'STORED' THEN statement_timestamp() END,
           CASE WHEN n.action = 'complete' THEN statement_timestamp() END,
           statement_timestamp() + n.next_check_ms * interval '1 ms', n.attempts, n.detail, n.requested_at
    FROM newest AS n LEFT JOIN prior USING (lead_id)
    ORDER BY n.lead_id
    ON CONFLICT (lead_id) DO UPDATE SET
      instance_id = coalesce(excluded.instance_id, p.instance_id),
      phone = coalesce(nullif(excluded.phone, ''), p.phone),
      jid = coalesce(excluded.jid, p.jid),
      state = CASE WHEN excluded.state = 'PENDING' THEN p.state ELSE excluded.state END,
      reason = excluded.reason,
      source_url = coalesce(excluded.source_url, p.source_url),
      source_id = CASE excluded.state WHEN 'NOT_SET' THEN NULL ELSE coalesce(excluded.source_id, p.source_id) END,
      sha256 = CASE excluded.state WHEN 'NOT_SET' THEN NULL ELSE coalesce(excluded.sha256, p.sha256) END,
      content_type = CASE excluded.state WHEN 'NOT_SET' THEN NULL ELSE coalesce(excluded.content_type, p.content_type) END,
      width = CASE excluded.state WHEN 'NOT_SET' THEN NULL ELSE coalesce(excluded.width, p.width) END,
      height = CASE excluded.state WHEN 'NOT_SET' THEN NULL ELSE coalesce(excluded.height, p.height) END,
      bytes = CASE excluded.state WHEN 'NOT_SET' THEN NULL ELSE coalesce(excluded.bytes, p.bytes) END,
      storage_key = CASE excluded.state WHEN 'NOT_SET' THEN NULL ELSE coalesce(excluded.storage_key, p.storage_key) END,
      fetched_at = coalesce(excluded.fetched_at, p.fetched_at),
      checked_at = coalesce(excluded.checked_at, p.checked_at),
      next_check_at = coalesce(excluded.next_check_at, p.next_check_at),
      attempts = excluded.attempts,
      last_error = excluded.last_error,
      requested_at = excluded.requested_at,
      pending_message_id = CASE WHEN excluded.checked_at IS NULL AND excluded.state <> 'FAILED' THEN p.pending_message_id END,
      pending_forced = p.pending_forced AND excluded.checked_at IS NULL AND excluded.state <> 'FAILED'
    WHERE p.requested_at <= excluded.requested_at AND p.state <> 'ERASED'
    RETURNING p.lead_id, p.state
  ), changed AS (
    SELECT n.*, k.state AS state_now, prior.state AS state_before, prior.storage_key AS storage_key_before
    FROM newest AS n JOIN known AS k USING (lead_id) LEFT JOIN prior USING (lead_id)
  ), history AS (
    INSERT INTO profile_pic.picture_history (lead_id, outcome, state, detail, instance_id, source_id, sha256, storage_key, message_id)
    SELECT c.lead_id, c.outcome, c.state_now, c.detail, c.instance_id, c.source_id, c.sha256, c.storage_key, c.msg_id
    FROM changed AS c
    WHERE c.outcome = 'STORED' OR (c.state_now IS DISTINCT FROM c.state_before AND c.state_now <> 'PENDING')
    ORDER BY c.msg_id
  ), kept AS (
    INSERT INTO profile_pic.avatars (storage_key, content_type, bytes)
    SELECT DISTINCT ON (c.storage_key) c.storage_key, c.content_type, pictures[c.avatar]
    FROM changed AS c WHERE c.outcome = 'STORED' AND c.avatar IS NOT NULL
    ORDER BY c.storage_key
    ON CONFLICT DO NOTHING
  )
  SELECT jsonb_agg(jsonb_build_object('lead_id', c.lead_id, 'url', c.lead_url, 'storage_key', c.storage_key))
  INTO lead_changes
  FROM changed AS c
  -- A photo that its owner removed leaves the lead; one that we never had is not ours to clear.
  WHERE c.outcome = 'STORED' OR (c.outcome = 'NOT_SET' AND c.storage_key_before IS NOT NULL);

  -- 2. The CRM's own rows.
  IF lead_changes IS NOT NULL THEN
    PERFORM profile_pic.update_leads(lead_changes);
  END IF;

  -- 3. The messages.
  IF EXISTS (SELECT FROM unnest(mine) AS r WHERE r.action = 'dead') THEN
    PERFORM pgmq.send_batch('profile_pic_dlq', array_agg(d.message ORDER BY d.msg_id), array_agg(d.headers ORDER BY d.msg_id), 0)
    FROM (
      SELECT q.msg_id, profile_pic.own_headers(q.headers, 0) - 'slot' AS headers,
             CASE jsonb_typeof(q.message) WHEN 'object' THEN q.message ELSE jsonb_build_object('original', q.message) END
             || jsonb_build_object('error', jsonb_build_object('reason', r.outcome, 'detail', r.detail, 'attempts', r.attempts,
                  'first_seen', q.enqueued_at, 'failed_at', statement_timestamp(), 'worker', r.worker)) AS message
      FROM unnest(mine) AS r JOIN pgmq.q_profile_pic_queue AS q USING (msg_id)
      WHERE r.action = 'dead'
    ) AS d;
  END IF;

  DELETE FROM pgmq.q_profile_pic_queue AS q
  USING unnest(mine) AS r
  WHERE q.msg_id = r.msg_id AND r.action IN ('complete', 'dead');

  UPDATE pgmq.q_profile_pic_queue AS q
  SET vt = statement_timestamp() + r.delay_ms * interval '1 ms',
      headers = profile_pic.own_headers(q.headers, q.read_ct)
        || jsonb_build_object('attempts', r.attempts, 'returned', q.read_ct)
        || CASE WHEN r.lookup THEN '{"lookup": true}' ELSE '{}' END::jsonb
        || CASE WHEN r.slot THEN '{"slot": true}' ELSE '{}' END::jsonb
  FROM unnest(mine) AS r
  WHERE q.msg_id = r.msg_id AND r.action IN ('retry', 'defer');

  -- 4. What was said of whole instances, and wishes that ended without touching their lead's row.
  INSERT INTO profile_pic.instances AS i (instance_id, paused_until, pause_reason)
  SELECT r.instance_id, statement_timestamp() + max(r.pause_ms) * interval '1 ms', max(r.outcome)
  FROM unnest(mine) AS r
  WHERE r.pause_ms IS NOT NULL AND r.instance_id IS NOT NULL
  GROUP BY r.instance_id ORDER BY r.instance_id
  ON CONFLICT (instance_id) DO UPDATE
    SET paused_until = greatest(i.paused_until, excluded.paused_until), pause_reason = excluded.pause_reason,
        updated_at = statement_timestamp();

  UPDATE profile_pic.pictures AS p
  SET pending_message_id = NULL, pending_forced = false
  FROM unnest(mine) AS r
  WHERE p.pending_message_id = r.msg_id AND p.lead_id = r.lead_id AND r.action IN ('complete', 'dead');

  PERFORM profile_pic.after_settle(mine);
  RETURN QUERY SELECT r.msg_id FROM unnest(mine) AS r;
END
$$;

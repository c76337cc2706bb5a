-- profile_pic.enqueue(wishes): puts wishes for photos into the queue, each with its state row, in the caller's transaction.
--
-- wishes   jsonb array of {"lead_id", "phone", "profile_pic_url", "instance_id", "timestamp", "sync_type", "force_update",
--          "traceparent", "sibling"}; lead_id and phone (international digits) are required, timestamp (of the event, RFC 3339)
--          defaults to now. "sibling": true waits for the answer to another wish with the same phone (R__21)
-- returns  a row per wish, in order: ordinal (from 1), status, lead_id (canonical), message_id
--            queued        a message was added
--            duplicate     satisfied already: one is pending for this lead (message_id is that one's), what is known is fresh, or
--                          a newer event was served
--            unknown_lead  the CRM has no such lead; nothing was written
--            erased        the person asked to be forgotten; nothing was written
--
-- One message per lead while one is pending, the trigger's own (R__20) included, except that force_update passes once, and
-- that a wish with another phone passes, since the pending one would look up the wrong person. A pending message that
-- somebody removed from the queue by hand does not block its lead.
-- Fresh is what need not be looked at before next_check_at, which the worker sets: a stored photo, unless the wish brings a link
-- to another one (links are compared by path, their query is a signature that changes daily); no photo, a hidden one or no
-- account, unless the wish brings a link. Who hides their photo and writes is looked at again, once an hour at the most.
-- Locks: rows of pictures in order of lead_id, so that batches cannot deadlock, waiting 300 ms at the most. Notifies once per transaction (Postgres
-- folds equal notifications). Indexes: primary keys of pictures, lead_phones, the queue table and the CRM's table.
-- How its plans are kept from changing: docs/decisions/0004-pinned-plans.md.
CREATE OR REPLACE FUNCTION profile_pic.enqueue(wishes jsonb)
RETURNS TABLE (ordinal integer, status text, lead_id text, message_id bigint)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
AS $$
#variable_conflict use_column
DECLARE
  asked       profile_pic.judged_wish[];
  judged      profile_pic.judged_wish[];
  lead_ids    text[];
  messages    jsonb[];
  headers     jsonb[];
  message_ids bigint[] := '{}';
BEGIN
  -- Longer than a settle holds a lead (250 ms); a lead that is locked otherwise must not hold up its batch-mates.
  PERFORM set_config('lock_timeout', '300ms', true);

  asked := ARRAY(
    SELECT ROW(w.position, l.lead_id, w.value ->> 'phone', coalesce(w.value -> 'force_update' = 'true', false),
               least(profile_pic.time_or_null(w.value ->> 'timestamp'), statement_timestamp()), NULL, NULL, w.value
              )::profile_pic.judged_wish
    FROM jsonb_array_elements(wishes) WITH ORDINALITY AS w (value, position)
    LEFT JOIN LATERAL (SELECT f.lead_id FROM profile_pic.find_leads(ARRAY[w.value ->> 'lead_id']) AS f LIMIT 1) AS l ON true
    ORDER BY w.position);
  lead_ids := ARRAY(SELECT DISTINCT a.lead_id FROM unnest(asked) AS a WHERE a.lead_id IS NOT NULL ORDER BY a.lead_id);

  INSERT INTO profile_pic.pictures AS p (lead_id, phone, requested_at)
  SELECT id, '', '-infinity' FROM unnest(lead_ids) AS id
  ON CONFLICT DO NOTHING;
  PERFORM FROM profile_pic.pictures AS p WHERE p.lead_id = ANY (lead_ids) ORDER BY p.lead_id FOR UPDATE;

  WITH given AS MATERIALIZED (
    SELECT a.ordinal, a.wish, a.lead_id, a.phone, profile_pic.phone_key(a.phone) AS phone_key,
           nullif(split_part(a.wish ->> 'profile_pic_url', '?', 1), '') AS picture, a.forced, a.requested_at
    FROM unnest(asked) AS a
  ), judged_wishes AS (
    SELECT a.ordinal, a.lead_id, a.phone, a.forced, greatest(a.requested_at, p.requested_at) AS requested_at,
           CASE
             WHEN a.lead_id IS NULL THEN 'unknown_lead'
             WHEN p.state = 'ERASED' THEN 'erased'
             WHEN pending.msg_id IS NOT NULL AND profile_pic.same_phone(p.phone, a.phone)
               AND (p.pending_forced OR NOT a.forced) THEN 'duplicate'
             WHEN announced.msg_id IS NOT NULL AND announced.suffix = profile_pic.phone_suffix(a.phone) AND NOT a.forced
               THEN 'duplicate'
             -- An event that arrives late: what was found after a newer one stands.
             WHEN a.requested_at < p.requested_at AND NOT a.forced AND p.state NOT IN ('PENDING', 'FAILED') THEN 'duplicate'
             WHEN NOT a.forced AND p.next_check_at > statement_timestamp() AND profile_pic.same_phone(p.phone, a.phone)
               AND CASE p.state
                     WHEN 'STORED' THEN a.picture IS NULL OR a.picture = split_part(p.source_url, '?', 1)
                     WHEN 'HIDDEN' THEN a.picture IS NULL AND p.checked_at > statement_timestamp() - interval '1 hour'
                     WHEN 'NOT_SET' THEN a.picture IS NULL
                     WHEN 'NOT_ON_WHATSAPP' THEN a.picture IS NULL
                     ELSE false END
               THEN 'duplicate'
             -- Of equal wishes in one batch only one passes.
             WHEN row_number() OVER (PARTITION BY a.lead_id, a.phone_key ORDER BY a.forced DESC, a.ordinal) > 1 THEN 'duplicate'
             ELSE 'queued'
           END AS status,
           coalesce(pending.msg_id, announced.msg_id) AS pending_id, a.wish
    FROM given AS a
    LEFT JOIN LATERAL (SELECT p.* FROM profile_pic.pictures AS p WHERE p.lead_id = a.lead_id LIMIT 1) AS p ON true
    LEFT JOIN LATERAL (
      SELECT q.msg_id FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = p.pending_message_id LIMIT 1
    ) AS pending ON true
    LEFT JOIN LATERAL (
      SELECT lp.suffix, (SELECT q.msg_id FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = lp.message_id) AS msg_id
      FROM profile_pic.lead_phones AS lp WHERE lp.lead_id = a.lead_id LIMIT 1
    ) AS announced ON true
  )
  SELECT array_agg(j::profile_pic.judged_wish ORDER BY j.ordinal) INTO judged FROM judged_wishes AS j;

  messages := ARRAY(
    SELECT jsonb_build_object('lead_id', j.lead_id, 'phone', j.phone, 'profile_pic_url', j.wish -> 'profile_pic_url',
      'instance_id', j.wish -> 'instance_id', 'timestamp', j.requested_at, 'retry_count', 0,
      'sync_type', coalesce(j.wish ->> 'sync_type', 'webhook'), 'force_update', j.forced)
    FROM unnest(judged) AS j WHERE j.status = 'queued' ORDER BY j.ordinal);
  IF cardinality(messages) > 0 THEN
    headers := ARRAY(
      SELECT jsonb_strip_nulls(jsonb_build_object('traceparent', j.wish -> 'traceparent'))
      FROM unnest(judged) AS j WHERE j.status = 'queued' ORDER BY j.ordinal);
    -- Identity values rise in the order of the batch, so sorted they pair up with the wishes again.
    message_ids := ARRAY(
      SELECT sent.id FROM pgmq.send_batch('profile_pic_queue', messages, headers, 0) AS sent (id) ORDER BY sent.id);
    IF EXISTS (SELECT FROM unnest(judged) AS j WHERE j.wish -> 'sibling' = 'true') THEN
      PERFORM profile_pic.wait_for_sibling(judged, message_ids);
    END IF;
    PERFORM pg_notify('profile_pic_queue', '');
  END IF;

  WITH queued AS (
    SELECT j.*, message_ids[row_number() OVER (ORDER BY j.ordinal)] AS msg_id FROM unnest(judged) AS j WHERE j.status = 'queued'
  ), newest AS (
    -- Two phones for one lead in one batch make two messages; the row remembers the last.
    SELECT DISTINCT ON (q.lead_id) q.* FROM queued AS q ORDER BY q.lead_id, q.requested_at DESC, q.ordinal DESC
  ), held AS (
    SELECT n.*, p.row_at
    FROM newest AS n
    -- Locked above, so its place holds.
    CROSS JOIN LATERAL (SELECT p.ctid AS row_at FROM profile_pic.pictures AS p WHERE p.lead_id = n.lead_id LIMIT 1) AS p
  )
  UPDATE profile_pic.pictures AS p
  SET pending_message_id = h.msg_id, pending_forced = h.forced, phone = h.phone, requested_at = h.requested_at,
      instance_id = coalesce(h.wish ->> 'instance_id', p.instance_id), attempts = 0
  FROM held AS h WHERE p.ctid = h.row_at;

  RETURN QUERY
  WITH placed AS (
    SELECT j.*, count(*) FILTER (WHERE j.status = 'queued') OVER (ORDER BY j.ordinal) AS place FROM unnest(judged) AS j
  )
  SELECT p.ordinal, p.status, p.lead_id,
         CASE p.status
           WHEN 'queued' THEN message_ids[p.place]
           -- None is pending: it is the twin of one in this batch.
           WHEN 'duplicate' THEN coalesce(p.pending_id, (
             SELECT message_ids[twin.place] FROM placed AS twin
             WHERE twin.status = 'queued' AND twin.lead_id = p.lead_id AND profile_pic.phone_key(twin.phone) = profile_pic.phone_key(p.phone)))
         END
  FROM placed AS p ORDER BY p.ordinal;
END
$$;

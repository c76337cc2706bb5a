-- Further effects of settled messages, in settle's own transaction.

-- profile_pic.after_settle(settled): called once by settle.
--   1. A lookup's answer serves every lead with the same phone. A photo is handed on as the link that was
--      found, so it costs no second lookup. "None", "hidden" and "not on WhatsApp" settle the waiting request
--      at once, unless the lead has a photo, which needs a separate lookup. A request that newer information
--      joined meanwhile (a link, another phone, force) is not answered: it goes on by itself.
--   2. Bulk syncs learn the results of their leads.
-- Locks: siblings' rows of queue, requests and pictures, skipping locked rows (those leads go on alone after
-- their 15 s), so it can neither wait nor deadlock; then sync_items. Indexes: primary keys, lookup_siblings
-- (phone), sync_items (message_id).
-- Its plans are pinned: docs/decisions/0004-pinned-plans.md.
CREATE OR REPLACE FUNCTION profile_pic.after_settle(settled profile_pic.attempt_result[]) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  items    tid[];
  outcomes text[];
BEGIN
  -- Most settles concern neither siblings nor syncs. Each message is looked for by itself: while a session
  -- holds a snapshot, a search for any row at all would read through all past rows.
  IF EXISTS (
    SELECT FROM unnest(settled) AS r
    WHERE EXISTS (SELECT FROM profile_pic.lookup_siblings AS s WHERE s.phone = r.phone OFFSET 0)
      OR EXISTS (SELECT FROM profile_pic.lookup_siblings AS s WHERE s.message_id = r.msg_id OFFSET 0))
  THEN
    PERFORM profile_pic.answer_siblings(settled);
  END IF;
  SELECT array_agg(i.row_at), array_agg(CASE r.action WHEN 'dead' THEN 'FAILED'
                                             ELSE coalesce(r.outcome, 'SUPERSEDED') END)
  INTO items, outcomes
  FROM unnest(settled) AS r
  CROSS JOIN LATERAL (
    SELECT i.ctid AS row_at FROM profile_pic.sync_items AS i
    WHERE i.message_id = r.msg_id AND i.outcome IS NULL FOR UPDATE) AS i
  WHERE r.action IN ('complete', 'dead');
  IF items IS NOT NULL THEN
    UPDATE profile_pic.sync_items AS i SET outcome = o.outcome
    FROM unnest(items, outcomes) AS o (row_at, outcome) WHERE i.ctid = o.row_at;
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION profile_pic.answer_siblings(settled profile_pic.attempt_result[]) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  handed_on bigint[];
  served_ids bigint[];
  entries   tid[];
BEGIN
  WITH answers AS (
    SELECT DISTINCT ON (r.phone) r.*
    FROM unnest(settled) AS r
    WHERE r.action = 'complete' AND r.phone IS NOT NULL
      AND r.outcome IN ('STORED', 'UNCHANGED', 'NOT_SET', 'HIDDEN', 'NOT_ON_WHATSAPP')
    ORDER BY r.phone, r.requested_at DESC
  ), siblings AS MATERIALIZED (
    SELECT s.message_id, s.lead_id, p.storage_key, a.outcome, a.source_url, a.jid, a.instance_id,
           a.next_check_ms, r.again_at IS NOT NULL AS joined
    FROM answers AS a
    CROSS JOIN LATERAL (
      SELECT s.* FROM profile_pic.lookup_siblings AS s
      WHERE s.phone = a.phone AND s.lead_id <> a.lead_id OFFSET 0) AS s
    CROSS JOIN LATERAL (
      SELECT FROM pgmq.q_profile_pic_queue AS q
      WHERE q.msg_id = s.message_id AND q.read_ct = 0 FOR UPDATE SKIP LOCKED) AS q
    CROSS JOIN LATERAL (
      SELECT r.again_at FROM profile_pic.requests AS r
      WHERE r.lead_id = s.lead_id AND r.message_id = s.message_id FOR UPDATE SKIP LOCKED) AS r
    CROSS JOIN LATERAL (
      SELECT p.storage_key FROM profile_pic.pictures AS p
      WHERE p.lead_id = s.lead_id FOR UPDATE SKIP LOCKED) AS p
  ), keys AS MATERIALIZED (
    SELECT array_agg(w.message_id) AS messages, array_agg(w.lead_id) AS leads FROM siblings AS w
  ), linked AS (
    UPDATE profile_pic.requests AS r
    SET again_at = r.requested_at, again_url = w.source_url
    FROM siblings AS w
    WHERE r.lead_id = ANY ((SELECT k.leads FROM keys AS k)::text[]) AND r.lead_id = w.lead_id
      AND w.outcome IN ('STORED', 'UNCHANGED') AND NOT w.joined
  ), due AS (
    UPDATE pgmq.q_profile_pic_queue AS q SET vt = statement_timestamp()
    FROM siblings AS w
    WHERE q.msg_id = ANY ((SELECT k.messages FROM keys AS k)::bigint[]) AND q.msg_id = w.message_id
      AND (w.outcome IN ('STORED', 'UNCHANGED') OR w.storage_key IS NOT NULL OR w.joined)
    RETURNING q.msg_id
  ), answered AS (
    UPDATE profile_pic.pictures AS p
    SET state = w.outcome, reason = w.outcome, jid = coalesce(w.jid, p.jid), instance_id = w.instance_id,
        attempts = 0, last_error = NULL, checked_at = statement_timestamp(),
        next_check_at = statement_timestamp() + w.next_check_ms * interval '1 ms'
    FROM siblings AS w
    WHERE p.lead_id = ANY ((SELECT k.leads FROM keys AS k)::text[]) AND p.lead_id = w.lead_id
      AND w.outcome NOT IN ('STORED', 'UNCHANGED') AND w.storage_key IS NULL AND NOT w.joined
    RETURNING p.lead_id, w.message_id, w.outcome, w.instance_id
  ), served AS (
    UPDATE profile_pic.requests AS r SET message_id = NULL, forced = false, served_at = statement_timestamp()
    WHERE r.lead_id = ANY (ARRAY(SELECT a.lead_id FROM answered AS a))
  ), history AS (
    INSERT INTO profile_pic.picture_history (lead_id, outcome, state, detail, instance_id, message_id)
    SELECT a.lead_id, a.outcome, a.outcome, 'answered for a lead with the same phone', a.instance_id,
           a.message_id
    FROM answered AS a
  ), counted AS (
    UPDATE profile_pic.sync_items AS i SET outcome = a.outcome
    FROM answered AS a
    WHERE i.message_id = ANY ((SELECT k.messages FROM keys AS k)::bigint[]) AND i.message_id = a.message_id
      AND i.outcome IS NULL
  ), forgotten AS (
    DELETE FROM profile_pic.lookup_siblings AS s
    WHERE s.message_id = ANY ((SELECT k.messages FROM keys AS k)::bigint[])
  ), removed AS (
    DELETE FROM pgmq.q_profile_pic_queue AS q
    WHERE q.msg_id = ANY (ARRAY(SELECT a.message_id FROM answered AS a))
  )
  SELECT (SELECT array_agg(d.msg_id) FROM due AS d), (SELECT array_agg(a.message_id) FROM answered AS a)
  INTO handed_on, served_ids;

  IF served_ids IS NOT NULL THEN
    entries := ARRAY(SELECT e.row_at FROM profile_pic.lock_entries(served_ids) AS e);
    DELETE FROM profile_pic.waiting AS w WHERE w.ctid = ANY (entries);
  END IF;
  IF handed_on IS NOT NULL THEN
    PERFORM profile_pic.line_up(handed_on);
  END IF;
  DELETE FROM profile_pic.lookup_siblings AS s
  WHERE s.message_id = ANY (ARRAY(
    SELECT r.msg_id FROM unnest(settled) AS r WHERE r.action IN ('complete', 'dead')));
END
$$;

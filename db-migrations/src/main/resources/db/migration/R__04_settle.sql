-- profile_pic.settle(...): applies the results of attempts, all in one transaction: state, history, bytes and
-- the message's removal, for each message whose lease is still ours. It never touches the CRM's own row.
-- Leads whose row must be written are noted in lead_writes, in the same transaction, and R__27 writes the
-- rows right after.
--
-- Parallel arrays, one element per result (type profile_pic.attempt_result). `actions` say what happens to
-- the message:
--   complete  removed            dead   moved to profile_pic_dlq with its reason
--   retry     back after delays_ms, the attempt counts      defer  back after delays_ms, uncounted
-- lead_ids are null where the message names no existing lead; pauses_ms pause the whole instance; avatars are
-- the bytes of new photos; extra_queries are a lookup's queries to WhatsApp beyond the first, whose token was
-- taken. They are paid for before the next lease.
-- A photo without bytes is in the bucket, where it was put and registered before (R__39). {key} in a lead_url
-- stands for the photo's key.
-- lids are the LIDs (digits) that lookups named for the phones. They are learned in the same transaction for
-- the instance that was asked (R__30). This is the last parameter and may be left out, as workers of the
-- release before do.
-- worker   names this process in dead letters
-- archive  whether completed messages are kept in PGMQ's archive table
-- returns  msg_id of each message that was settled, with lead_id where that lead's row in the CRM must be
--          written. A missing message was not ours any more (lease lost, or settled by an earlier call whose
--          answer got lost): nothing of it was written, so calling again with the same results changes
--          nothing.
--
-- Outcome ERASED says that the phone belongs to a person who asked to be forgotten: the lead's data is
-- removed (R__33).
-- Some results do not count, and only end their message: a result for a lead that was erased meanwhile; a
-- result of an event older than the lead's newest event for the same phone (at the same moment: of an earlier
-- message); a result for another phone that was leased before the newest result was settled.
-- A time in the future was written before the clock went back: no result counts as late against it. After a
-- result "unchanged" or "kept" that was compared with bytes which are no longer the lead's, the photo is
-- asked for again at once. When the phone is another person's, the earlier person's data is forgotten first.
-- Information that joined the message while it ran (R__02) is enqueued by the same transaction, or carried
-- along when the message comes back.
--
-- Locks: queue rows in order of msg_id, requests and pictures in order of lead_id, avatars in order of key,
-- instances in order of id; LIDs and the events stored under them in order of (instance, lid), only the rows
-- that are new.
-- Waits 100 ms for a lock at the most. The caller halves a group that fails, and tries a held result again at
-- growing intervals.
-- Indexes: primary keys only. Rows are locked by one statement and changed by later statements, so their
-- places (ctid) hold.
-- Its plans are pinned: docs/decisions/0004-pinned-plans.md.
CREATE OR REPLACE FUNCTION profile_pic.settle(
  msg_ids bigint[], read_cts integer[], actions text[], delays_ms bigint[], outcomes text[], details text[],
  attempts integer[], down_sinces timestamptz[], lead_ids text[], phones text[], jids text[],
  instance_ids text[], requested_ats timestamptz[], source_urls text[], source_ids text[],
  sha256s text[], content_types text[], widths integer[], heights integer[], sizes integer[],
  storage_keys text[], lead_urls text[], next_checks_ms bigint[], pauses_ms bigint[],
  lookups boolean[], extra_queries integer[], known_sha256s text[], lead_differs boolean[],
  avatars bytea[], claimed_ats timestamptz[], worker text, archive boolean, lids text[] DEFAULT NULL)
RETURNS TABLE (msg_id bigint, lead_id text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  mine     profile_pic.attempt_result[];
  rows_at  tid[];
  writes   text[];
  at_once  bigint[];
  elsewhere integer[];
  in_bucket boolean;
  erased    boolean;
  charged   boolean;
BEGIN
  PERFORM set_config('lock_timeout', '100ms', true);

  SELECT array_agg(ours.result), array_agg(ours.row_at) INTO mine, rows_at
  FROM (
    SELECT h.row_at,
           ROW(r.msg_id, r.read_ct, r.action, greatest(r.delay_ms, 0), r.outcome, r.detail,
               r.attempts, r.down_since, r.lead_id, r.phone, r.jid,
               r.instance_id, r.requested_at, r.source_url, r.source_id,
               r.sha256, r.content_type, r.width, r.height, r.size,
               r.storage_key, r.lead_url, r.next_check_ms, r.pause_ms,
               coalesce(r.lookup, false), coalesce(r.extra_queries, 0), r.known_sha256,
               coalesce(r.lead_differs, false), r.claimed_at, r.ordinal)::profile_pic.attempt_result AS result
    FROM profile_pic.hold_leases(msg_ids, read_cts, true) AS h
    JOIN unnest(msg_ids, read_cts, actions, delays_ms, outcomes, details,
                attempts, down_sinces, lead_ids, phones, jids,
                instance_ids, requested_ats, source_urls, source_ids,
                sha256s, content_types, widths, heights, sizes,
                storage_keys, lead_urls, next_checks_ms, pauses_ms,
                lookups, extra_queries, known_sha256s, lead_differs, claimed_ats)
      WITH ORDINALITY AS r (msg_id, read_ct, action, delay_ms, outcome, detail,
                            attempts, down_since, lead_id, phone, jid,
                            instance_id, requested_at, source_url, source_id,
                            sha256, content_type, width, height, size,
                            storage_key, lead_url, next_check_ms, pause_ms,
                            lookup, extra_queries, known_sha256, lead_differs, claimed_at, ordinal)
      ON r.ordinal = h.ordinal
    ORDER BY h.msg_id
  ) AS ours;
  IF mine IS NULL THEN
    RETURN;
  END IF;

  mine := profile_pic.judge_results(mine);
  elsewhere := array_positions(avatars, NULL);
  SELECT bool_or(r.outcome = 'STORED' AND r.avatar = ANY (elsewhere)), bool_or(r.outcome = 'ERASED'),
         bool_or(r.pause_ms IS NOT NULL OR r.extra_queries > 0)
  INTO in_bucket, erased, charged
  FROM unnest(mine) AS r;
  IF in_bucket THEN
    mine := profile_pic.judge_photos(mine, elsewhere);
  END IF;
  IF erased THEN
    PERFORM profile_pic.erase_found(ARRAY(
      SELECT r.lead_id FROM unnest(mine) AS r WHERE r.outcome = 'ERASED'));
  END IF;
  writes := profile_pic.write_results(mine, avatars);
  IF charged THEN
    PERFORM profile_pic.charge_instances(mine);
  END IF;
  IF array_remove(lids, NULL) <> '{}' THEN
    PERFORM profile_pic.learn_from_lookups(mine, lids);
  END IF;
  PERFORM profile_pic.after_settle(mine);
  at_once := profile_pic.end_requests(mine);
  PERFORM profile_pic.end_messages(mine, rows_at, at_once, worker, archive);

  RETURN QUERY
  SELECT r.msg_id, CASE WHEN r.lead_id = ANY (writes) THEN r.lead_id END FROM unnest(mine) AS r;
END
$$;

-- Locks the rows of these leads in requests; the leads must be in order. A lead without a row gets one. An
-- enqueue may be about to join a message that ends here, for example a message of the CRM's trigger: only the
-- row's key makes that enqueue wait.
CREATE OR REPLACE FUNCTION profile_pic.hold_requests(lead_ids text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  held integer;
BEGIN
  SELECT count(r.lead_id) INTO held
  FROM unnest(lead_ids) AS id
  CROSS JOIN LATERAL (SELECT r.lead_id FROM profile_pic.requests AS r WHERE r.lead_id = id FOR UPDATE) AS r;
  IF held < cardinality(lead_ids) THEN
    INSERT INTO profile_pic.requests (lead_id, phone, requested_at, served_at)
    SELECT id, '', '-infinity', statement_timestamp() FROM unnest(lead_ids) AS id ON CONFLICT DO NOTHING;
    PERFORM (SELECT r.lead_id FROM profile_pic.requests AS r WHERE r.lead_id = id FOR UPDATE)
    FROM unnest(lead_ids) AS id;
  END IF;
END
$$;

-- Locks the leads of these results, and marks results that do not count: their outcome becomes null. A result
-- that compared with bytes which are no longer the lead's is put back. Raw messages may name leads without a
-- state row: the row is made.
CREATE OR REPLACE FUNCTION profile_pic.judge_results(results profile_pic.attempt_result[])
RETURNS profile_pic.attempt_result[]
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  leads    text[] := ARRAY(
    SELECT DISTINCT r.lead_id FROM unnest(results) AS r WHERE r.lead_id IS NOT NULL ORDER BY 1);
  held     integer;
  verdicts text[];
  times    timestamptz[];
  joined   boolean;
BEGIN
  PERFORM profile_pic.hold_requests(leads);
  SELECT count(p.lead_id) INTO held
  FROM unnest(leads) AS id
  CROSS JOIN LATERAL (SELECT p.lead_id FROM profile_pic.pictures AS p WHERE p.lead_id = id FOR UPDATE) AS p;
  IF held < cardinality(leads) THEN
    INSERT INTO profile_pic.pictures (lead_id, phone, requested_at)
    SELECT id, '', '-infinity' FROM unnest(leads) AS id
    ON CONFLICT DO NOTHING;
    PERFORM (SELECT p.lead_id FROM profile_pic.pictures AS p WHERE p.lead_id = id FOR UPDATE)
    FROM unnest(leads) AS id;
  END IF;

  SELECT array_agg(judged.verdict), array_agg(judged.at), bool_or(judged.at > judged.requested_at)
  INTO verdicts, times, joined
  FROM (
    SELECT r.at, r.requested_at, CASE
      WHEN r.lead_id IS NULL THEN 'counts'
      WHEN p.state = 'ERASED' THEN 'erased'
      WHEN r.turn > 1 THEN 'late'
      -- The person was forgotten since then, because the CRM's phone is now another phone.
      WHEN p.phone = '' AND p.checked_at BETWEEN r.claimed_at AND clock_timestamp() THEN 'late'
      WHEN p.phone = '' OR r.phone IS NULL OR profile_pic.same_phone(p.phone, r.phone)
        THEN CASE WHEN (r.at, r.msg_id) < (p.requested_at, p.message_id)
                    AND p.requested_at <= clock_timestamp() THEN 'late'
                  WHEN r.outcome IN ('UNCHANGED', 'KEPT') AND p.sha256 IS DISTINCT FROM r.known_sha256
                    THEN 'again'
                  ELSE 'counts' END
      -- Another phone: a message leased after the newest result was settled carries the CRM's newer number.
      WHEN p.checked_at BETWEEN r.claimed_at AND clock_timestamp() THEN 'late'
      WHEN r.outcome IN ('UNCHANGED', 'KEPT') THEN 'again'
      ELSE 'counts' END AS verdict
    FROM (
      SELECT timed.*,
             row_number() OVER (PARTITION BY timed.lead_id ORDER BY timed.at DESC, timed.msg_id DESC) AS turn
      FROM (
        -- A claim took the information of newer events along: the result is as new as these.
        SELECT r.*, greatest(r.requested_at, q.requested_at) AS at
        FROM unnest(results) WITH ORDINALITY AS r
        LEFT JOIN LATERAL (
          SELECT q.requested_at FROM profile_pic.requests AS q
          WHERE q.lead_id = r.lead_id AND q.message_id = r.msg_id AND q.again_at IS NULL LIMIT 1
        ) AS q ON true
      ) AS timed
    ) AS r
    LEFT JOIN LATERAL (
      SELECT p.* FROM profile_pic.pictures AS p WHERE p.lead_id = r.lead_id LIMIT 1) AS p ON true
    ORDER BY r.ordinality
  ) AS judged;
  -- Usually all results count, and building them anew would cost as much as judging them.
  IF 'counts' = ALL (verdicts) AND NOT joined THEN
    RETURN results;
  END IF;
  RETURN ARRAY(
    SELECT ROW(r.msg_id, r.read_ct, CASE WHEN counts.verdict = 'again' THEN 'defer' ELSE r.action END,
               CASE WHEN counts.verdict = 'again' THEN 0 ELSE r.delay_ms END,
               CASE counts.verdict WHEN 'counts' THEN r.outcome WHEN 'erased' THEN 'ERASED' END, r.detail,
               r.attempts, r.down_since, r.lead_id, r.phone, r.jid,
               r.instance_id, times[r.ordinality], r.source_url, r.source_id,
               r.sha256, r.content_type, r.width, r.height, r.size,
               r.storage_key, r.lead_url, r.next_check_ms, r.pause_ms,
               r.lookup OR counts.verdict = 'again', r.extra_queries, r.known_sha256,
               r.lead_differs, r.claimed_at, r.avatar)::profile_pic.attempt_result
    FROM unnest(results) WITH ORDINALITY AS r
    CROSS JOIN LATERAL (SELECT verdicts[r.ordinality] AS verdict) AS counts
    ORDER BY r.msg_id);
END
$$;

-- Handles results with these ordinals, whose photo is in the bucket. The row of the photo records this, is
-- touched, and is held until the end. When the row is doomed or gone, because the result waited for a long
-- time, the message goes back and the photo is put again.
-- Locks: avatars in order of key. Index: primary key.
CREATE OR REPLACE FUNCTION profile_pic.judge_photos(results profile_pic.attempt_result[], elsewhere integer[])
RETURNS profile_pic.attempt_result[]
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  keys  text[] := ARRAY(
    SELECT DISTINCT r.storage_key FROM unnest(results) AS r
    WHERE r.outcome = 'STORED' AND r.storage_key IS NOT NULL AND r.avatar = ANY (elsewhere) ORDER BY 1);
  there text[];
BEGIN
  PERFORM (SELECT a.storage_key FROM profile_pic.avatars AS a WHERE a.storage_key = k FOR NO KEY UPDATE)
  FROM unnest(keys) AS k;
  WITH touched AS (
    UPDATE profile_pic.avatars AS a SET created_at = statement_timestamp()
    WHERE a.storage_key = ANY (keys) AND (a.doomed_at IS NULL OR a.bytes IS NOT NULL)
    RETURNING a.storage_key
  )
  SELECT array_agg(t.storage_key) INTO there FROM touched AS t;

  RETURN ARRAY(
    SELECT CASE
      WHEN r.outcome = 'STORED' AND r.avatar = ANY (elsewhere)
        AND r.storage_key <> ALL (coalesce(there, '{}'))
        THEN ROW(r.msg_id, r.read_ct, 'defer', 0, NULL, r.detail,
                 r.attempts, r.down_since, r.lead_id, r.phone, r.jid,
                 r.instance_id, r.requested_at, r.source_url, r.source_id,
                 r.sha256, r.content_type, r.width, r.height, r.size,
                 r.storage_key, r.lead_url, r.next_check_ms, r.pause_ms,
                 true, r.extra_queries, r.known_sha256,
                 r.lead_differs, r.claimed_at, r.avatar)::profile_pic.attempt_result
      ELSE ROW(r.*)::profile_pic.attempt_result END
    FROM unnest(results) AS r ORDER BY r.msg_id);
END
$$;

-- Writes state, history and bytes of the results that count, whose leads are locked, and the events about
-- them. Notes and returns the leads whose row in the CRM must be written.
CREATE OR REPLACE FUNCTION profile_pic.write_results(results profile_pic.attempt_result[], avatars bytea[])
RETURNS text[]
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  writes  text[];
  telling boolean := profile_pic.anybody_to_tell();
BEGIN
  WITH known AS MATERIALIZED (
    SELECT picture.ctid AS row_at, picture.state AS state_before, picture.storage_key AS key_before,
           picture.lead_url AS url_before, result.msg_id, result.action, result.outcome, result.detail,
           result.attempts, result.lead_id, result.phone, result.jid, result.instance_id, result.requested_at,
           result.source_url, result.source_id, result.sha256, result.content_type, result.width,
           result.height, result.size, result.storage_key, result.lead_url, result.next_check_ms,
           result.lead_differs, result.avatar,
           profile_pic.state_after(result.action, result.outcome) AS state,
           -- The phone is another person's now: the earlier person's data goes.
           picture.phone <> '' AND result.phone IS NOT NULL
             AND NOT profile_pic.same_phone(picture.phone, result.phone) AS other_person,
           -- A link that was revoked while the attempt ran is not given out again.
           result.lead_url IS NOT NULL
             AND profile_pic.link_generation(result.lead_url) <> picture.link_generation AS revoked
    FROM unnest(results) AS result
    CROSS JOIN LATERAL (
      SELECT p.ctid, p.* FROM profile_pic.pictures AS p WHERE p.lead_id = result.lead_id LIMIT 1) AS picture
    WHERE result.outcome <> 'ERASED'
  ), settled AS MATERIALIZED (
    -- An attempt that comes back says nothing about the photo: its state is null.
    SELECT known.*, known.other_person OR known.state IS NOT DISTINCT FROM 'NOT_SET' AS photo_goes FROM known
  ), changed AS (
    UPDATE profile_pic.pictures AS picture SET
      instance_id = coalesce(settled.instance_id, picture.instance_id),
      phone = coalesce(settled.phone, picture.phone),
      jid = coalesce(settled.jid, CASE WHEN NOT settled.other_person THEN picture.jid END),
      state = coalesce(settled.state, CASE WHEN settled.other_person THEN 'PENDING' ELSE picture.state END),
      reason = settled.outcome,
      source_url = coalesce(settled.source_url, CASE WHEN NOT settled.photo_goes THEN picture.source_url END),
      -- An id names one photo. New bytes that came without an id, by a link, have none.
      source_id = coalesce(
        settled.source_id,
        CASE WHEN NOT settled.photo_goes AND settled.outcome IS DISTINCT FROM 'STORED'
               THEN picture.source_id END),
      sha256 = coalesce(settled.sha256, CASE WHEN NOT settled.photo_goes THEN picture.sha256 END),
      content_type = coalesce(
        settled.content_type, CASE WHEN NOT settled.photo_goes THEN picture.content_type END),
      width = coalesce(settled.width, CASE WHEN NOT settled.photo_goes THEN picture.width END),
      height = coalesce(settled.height, CASE WHEN NOT settled.photo_goes THEN picture.height END),
      bytes = coalesce(settled.size, CASE WHEN NOT settled.photo_goes THEN picture.bytes END),
      storage_key = coalesce(
        settled.storage_key, CASE WHEN NOT settled.photo_goes THEN picture.storage_key END),
      lead_url = CASE
        WHEN settled.outcome IN ('STORED', 'UNCHANGED')
          THEN coalesce(
            CASE WHEN NOT settled.revoked
                   THEN replace(
                     settled.lead_url, '{key}', coalesce(settled.storage_key, picture.storage_key, '')) END,
            picture.lead_url)
        WHEN NOT settled.photo_goes THEN picture.lead_url END,
      fetched_at = CASE WHEN settled.outcome = 'STORED' THEN statement_timestamp()
                        WHEN NOT settled.photo_goes THEN picture.fetched_at END,
      checked_at = CASE WHEN settled.action = 'complete' THEN statement_timestamp()
                        ELSE picture.checked_at END,
      next_check_at = CASE WHEN settled.revoked AND picture.lead_url IS NULL THEN statement_timestamp()
                           WHEN settled.next_check_ms IS NOT NULL
                             THEN statement_timestamp() + settled.next_check_ms * interval '1 ms'
                           -- A lead whose request failed still has a photo, and that photo becomes stale too.
                           WHEN settled.action = 'dead'
                             THEN CASE WHEN picture.storage_key IS NOT NULL
                               THEN greatest(
                                 picture.next_check_at, statement_timestamp() + interval '1 day') END
                           ELSE picture.next_check_at END,
      attempts = settled.attempts,
      last_error = settled.detail,
      requested_at = settled.requested_at,
      message_id = settled.msg_id
    FROM settled
    WHERE picture.ctid = settled.row_at
    RETURNING picture.state AS state_now, picture.lead_url AS url_now, picture.instance_id AS instance_now,
              settled.msg_id, settled.lead_id, settled.action, settled.outcome, settled.detail,
              settled.attempts, settled.instance_id, settled.source_id, settled.sha256,
              settled.content_type, settled.width, settled.height, settled.storage_key,
              settled.lead_differs, settled.avatar, settled.state_before, settled.key_before,
              settled.url_before, settled.other_person, settled.photo_goes
  ), told AS (
    -- For webhook endpoints (R__38).
    INSERT INTO profile_pic.webhook_events (type, instance_id, lead_id, data)
    SELECT event.type, changed.instance_now, changed.lead_id,
           jsonb_build_object(
             'lead_id', changed.lead_id, 'state', changed.state_now,
             'reason', CASE WHEN event.type = 'picture.removed' AND changed.other_person THEN 'PHONE_CHANGED'
                            ELSE changed.outcome END)
           || CASE WHEN changed.outcome = 'STORED'
                     THEN jsonb_build_object(
                       'url', changed.url_now, 'sha256', changed.sha256, 'content_type', changed.content_type,
                       'width', changed.width, 'height', changed.height)
                   WHEN changed.action = 'dead'
                     THEN jsonb_build_object('detail', changed.detail, 'attempts', changed.attempts)
                   ELSE '{}' END
    FROM changed
    CROSS JOIN LATERAL (SELECT CASE
      WHEN changed.action = 'dead' THEN 'lead.failed'
      WHEN changed.outcome = 'STORED' AND changed.key_before IS NULL THEN 'picture.stored'
      WHEN changed.outcome = 'STORED' AND changed.storage_key <> changed.key_before THEN 'picture.changed'
      WHEN changed.outcome <> 'STORED' AND changed.photo_goes AND changed.key_before IS NOT NULL
        THEN 'picture.removed' END AS type) AS event
    WHERE telling AND event.type IS NOT NULL ORDER BY changed.msg_id
  ), history AS (
    INSERT INTO profile_pic.picture_history (
      lead_id, outcome, state, detail, instance_id, source_id, sha256, storage_key, message_id)
    SELECT changed.lead_id, changed.outcome, changed.state_now, changed.detail, changed.instance_id,
           changed.source_id, changed.sha256, changed.storage_key, changed.msg_id
    FROM changed
    WHERE changed.outcome = 'STORED'
      OR (changed.state_now <> changed.state_before AND changed.state_now <> 'PENDING')
    ORDER BY changed.msg_id
  ), kept AS (
    -- An existing row is touched, so that housekeeping cannot take it for an orphan meanwhile.
    INSERT INTO profile_pic.avatars AS stored (storage_key, content_type, bytes)
    SELECT DISTINCT ON (changed.storage_key)
           changed.storage_key, changed.content_type, avatars[changed.avatar]
    FROM changed WHERE changed.outcome = 'STORED' AND avatars[changed.avatar] IS NOT NULL
    ORDER BY changed.storage_key
    -- Bytes that were only in the bucket are in this table too from now on.
    ON CONFLICT (storage_key) DO UPDATE
      SET created_at = excluded.created_at, bytes = coalesce(stored.bytes, excluded.bytes)
  )
  SELECT array_agg(changed.lead_id ORDER BY changed.lead_id) INTO writes
  FROM changed
  -- A photo that its owner removed leaves the lead. A photo that we never had is not ours to clear.
  WHERE changed.outcome = 'STORED' OR (changed.photo_goes AND changed.key_before IS NOT NULL)
    OR (changed.outcome = 'UNCHANGED'
      AND (changed.lead_differs OR changed.url_now IS DISTINCT FROM changed.url_before));

  IF writes IS NOT NULL THEN
    -- The worker that settles writes at once. Other workers wait a second before they assume that it died.
    INSERT INTO profile_pic.lead_writes AS w (lead_id, next_at)
    SELECT id, statement_timestamp() + interval '1 second'
    FROM unnest(writes) AS id
    ON CONFLICT (lead_id) DO UPDATE SET next_at = least(w.next_at, excluded.next_at), version = w.version + 1;
  END IF;
  RETURN coalesce(writes, '{}');
END
$$;

-- Ends the requests of messages that are done, and serves the information that joined them. Returns the
-- messages that come back with new information, which cuts their delay short.
CREATE OR REPLACE FUNCTION profile_pic.end_requests(results profile_pic.attempt_result[]) RETURNS bigint[]
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  rows_at    tid[];
  given_up   tid[];
  any_joined boolean;
  any_back   boolean;
BEGIN
  SELECT array_agg(q.row_at), array_agg(q.row_at) FILTER (WHERE r.action = 'dead'), bool_or(q.joined),
         bool_or(r.action IN ('retry', 'defer'))
  INTO rows_at, given_up, any_joined, any_back
  FROM unnest(results) AS r
  LEFT JOIN LATERAL (
    SELECT q.ctid AS row_at, q.again_at IS NOT NULL AS joined FROM profile_pic.requests AS q
    WHERE q.lead_id = r.lead_id AND q.message_id = r.msg_id AND r.action IN ('complete', 'dead') LIMIT 1
  ) AS q ON true;

  IF any_joined THEN
    PERFORM profile_pic.serve_joined(results);
  ELSE
    UPDATE profile_pic.requests AS q
    SET message_id = NULL, forced = false, url = NULL,
        served_at = CASE WHEN q.ctid = ANY (given_up) THEN NULL ELSE statement_timestamp() END,
        again_forced = false, again_url = NULL, again_phone = NULL, again_instance = NULL
    WHERE q.ctid = ANY (rows_at);
  END IF;

  IF NOT any_back THEN
    RETURN '{}';
  END IF;
  RETURN ARRAY(
    SELECT r.msg_id FROM unnest(results) AS r
    CROSS JOIN LATERAL (
      SELECT FROM profile_pic.requests AS q
      WHERE q.lead_id = r.lead_id AND q.message_id = r.msg_id
        AND (q.again_url IS NOT NULL OR q.again_forced OR q.again_instance IS NOT NULL) LIMIT 1) AS q
    WHERE r.action IN ('retry', 'defer'));
END
$$;

-- Ends requests of which some were joined by new information: a message that comes back takes it along at
-- once, and a message that is done is followed by a new message. A link that joined is served already when it
-- is the photo just stored.
CREATE OR REPLACE FUNCTION profile_pic.serve_joined(results profile_pic.attempt_result[]) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  message_ids  regclass := pg_get_serial_sequence('pgmq.q_profile_pic_queue', 'msg_id');
  rung         text;
BEGIN
  WITH served AS (
    SELECT r.msg_id, r.action, q.row_at, q.again_at, q.lead_id,
           q.again_at IS NOT NULL
             AND (q.again_forced
               OR q.again_phone IS NOT NULL AND NOT profile_pic.same_phone(q.again_phone, q.phone)
               OR q.again_instance IS NOT NULL AND r.action = 'dead'
               OR split_part(q.again_url, '?', 1)
                 <> coalesce(split_part(p.source_url, '?', 1), '')) AS unserved
    FROM unnest(results) AS r
    CROSS JOIN LATERAL (
      SELECT q.ctid AS row_at, q.* FROM profile_pic.requests AS q
      WHERE q.lead_id = r.lead_id AND q.message_id = r.msg_id LIMIT 1) AS q
    LEFT JOIN LATERAL (
      SELECT p.source_url FROM profile_pic.pictures AS p WHERE p.lead_id = r.lead_id LIMIT 1) AS p ON true
    WHERE r.action IN ('complete', 'dead')
  ), next AS MATERIALIZED (
    SELECT s.*, CASE WHEN s.unserved THEN nextval(message_ids) END AS new_id FROM served AS s
  ), ended AS (
    UPDATE profile_pic.requests AS q
    SET message_id = n.new_id, forced = n.unserved AND q.again_forced,
        served_at = CASE WHEN n.action <> 'dead' THEN statement_timestamp() END,
        phone = CASE WHEN n.unserved THEN coalesce(q.again_phone, q.phone) ELSE q.phone END,
        instance_id = CASE WHEN n.unserved THEN coalesce(q.again_instance, q.instance_id)
                           ELSE q.instance_id END,
        url = CASE WHEN n.unserved THEN q.again_url END,
        again_at = NULL, again_forced = false, again_url = NULL, again_phone = NULL, again_instance = NULL
    FROM next AS n
    WHERE q.ctid = n.row_at
    RETURNING q.lead_id, q.message_id, q.phone, q.instance_id, q.url, q.forced, n.again_at, n.unserved
  ), sent AS (
    INSERT INTO pgmq.q_profile_pic_queue (msg_id, vt, message, headers) OVERRIDING SYSTEM VALUE
    SELECT e.message_id, profile_pic.hidden(),
           profile_pic.message_body(
             e.lead_id, e.phone, e.url, e.instance_id, e.again_at, 'webhook', e.forced),
           '{}'
    FROM ended AS e WHERE e.unserved
  ), lined_up AS (
    INSERT INTO profile_pic.waiting (msg_id, instance_id, paced, place)
    SELECT e.message_id, coalesce(e.instance_id, ''), e.url IS NULL, statement_timestamp()
    FROM ended AS e WHERE e.unserved
  )
  SELECT string_agg(DISTINCT coalesce(e.instance_id, ''), ',') FILTER (WHERE e.unserved) INTO rung
  FROM ended AS e;
  PERFORM profile_pic.ring(rung);
END
$$;

-- Handles the messages themselves: dead letters, archive, removal, or back after a delay. A message without a
-- delay stands in its line again at once, and so does a message in at_once. rows_at are their places in the
-- queue table, locked, in the order of results.
CREATE OR REPLACE FUNCTION profile_pic.end_messages(
  results profile_pic.attempt_result[], rows_at tid[], at_once bigint[], worker text,
  archive boolean)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  actions   text[];
  came_back boolean;
  ready     bigint[];
BEGIN
  SELECT array_agg(r.action), bool_or(r.read_ct > 1) INTO actions, came_back FROM unnest(results) AS r;
  IF 'dead' = ANY (actions) THEN
    PERFORM pgmq.send_batch(
      'profile_pic_dlq', array_agg(d.message ORDER BY d.msg_id), array_agg(d.headers ORDER BY d.msg_id), 0)
    FROM (
      SELECT q.msg_id,
             CASE WHEN jsonb_typeof(q.headers) = 'object' AND pg_column_size(q.headers) <= 8192 THEN q.headers
                  ELSE '{}'::jsonb END AS headers,
             profile_pic.letter_body(q.message)
             || jsonb_build_object('error', jsonb_build_object(
               'reason', coalesce(r.outcome, 'SUPERSEDED'), 'detail', r.detail, 'attempts', r.attempts,
               'first_seen', q.enqueued_at, 'failed_at', statement_timestamp(), 'worker', worker)) AS message
      FROM unnest(results) AS r
      CROSS JOIN LATERAL (
        SELECT q.* FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = r.msg_id LIMIT 1) AS q
      WHERE r.action = 'dead'
    ) AS d;
  END IF;

  IF archive THEN
    PERFORM pgmq.archive('profile_pic_queue', ARRAY(
      SELECT r.msg_id FROM unnest(results) AS r
      WHERE r.action = 'complete' AND coalesce(r.outcome, '') <> 'ERASED'));
  END IF;
  DELETE FROM pgmq.q_profile_pic_queue AS q
  WHERE q.ctid = ANY (ARRAY(SELECT held.row_at FROM unnest(rows_at, actions) AS held (row_at, action)
                            WHERE held.action IN ('complete', 'dead')));
  IF came_back THEN
    DELETE FROM profile_pic.deliveries AS d
    WHERE d.msg_id = ANY (ARRAY(
      SELECT r.msg_id FROM unnest(results) AS r WHERE r.action IN ('complete', 'dead') AND r.read_ct > 1));
  END IF;

  IF 'retry' = ANY (actions) OR 'defer' = ANY (actions) THEN
    ready := ARRAY(
      SELECT r.msg_id FROM unnest(results) AS r
      WHERE r.action IN ('retry', 'defer') AND (r.delay_ms = 0 OR r.msg_id = ANY (at_once)));
    UPDATE pgmq.q_profile_pic_queue AS q
    SET vt = statement_timestamp()
      + CASE WHEN q.msg_id = ANY (ready) THEN 0 ELSE held.delay_ms END * interval '1 ms'
    FROM (
      SELECT b.row_at, (b.result).delay_ms, (b.result).action
      FROM (SELECT unnest(rows_at) AS row_at, unnest(results) AS result) AS b) AS held
    WHERE q.ctid = held.row_at AND held.action IN ('retry', 'defer');

    INSERT INTO profile_pic.deliveries AS d (msg_id, attempts, returned, lookup, down_since)
    SELECT r.msg_id, coalesce(r.attempts, 0), r.read_ct, r.lookup, r.down_since
    FROM unnest(results) AS r WHERE r.action IN ('retry', 'defer')
    ON CONFLICT (msg_id) DO UPDATE
      SET attempts = excluded.attempts, returned = excluded.returned, lookup = d.lookup OR excluded.lookup,
          down_since = excluded.down_since,
          -- A message that comes back at once is looked up alone. With a delay it may join a batch again
          -- (R__08).
          batch_of = CASE WHEN d.msg_id <> ALL (ready) THEN d.batch_of END;

    IF cardinality(ready) > 0 THEN
      PERFORM profile_pic.line_up(ready);
    END IF;
  END IF;
END
$$;

-- The body of a dead letter: the message itself, or for a message that is too large its lead, its size and
-- its first KiB. A message stored larger than 16 MiB is not read at all.
CREATE OR REPLACE FUNCTION profile_pic.letter_body(message jsonb) RETURNS jsonb
LANGUAGE sql STABLE
RETURN CASE
  WHEN profile_pic.readable(message) IS NOT NULL
    THEN CASE jsonb_typeof(message) WHEN 'object' THEN message - 'error'
                                    ELSE jsonb_build_object('original', message) END
  WHEN message IS NULL THEN '{}'::jsonb
  WHEN pg_column_size(message) > 16777216 THEN jsonb_build_object('stored_bytes', pg_column_size(message))
  ELSE jsonb_strip_nulls(jsonb_build_object(
    'lead_id', left(message ->> 'lead_id', 200), 'phone', left(message ->> 'phone', 64),
    'bytes', octet_length(message::text), 'beginning', left(message::text, 1024)))
END;

-- Pauses of whole instances, and queries that are still to be paid for.
CREATE OR REPLACE FUNCTION profile_pic.charge_instances(results profile_pic.attempt_result[]) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  charge record;
  state  record;
BEGIN
  FOR charge IN
    SELECT r.instance_id, max(r.pause_ms) AS pause_ms,
           max(r.outcome) FILTER (WHERE r.pause_ms IS NOT NULL) AS reason,
           sum(greatest(r.extra_queries, 0)) AS queries
    FROM unnest(results) AS r
    WHERE r.instance_id IS NOT NULL AND (r.pause_ms IS NOT NULL OR r.extra_queries > 0)
    GROUP BY r.instance_id ORDER BY r.instance_id
  LOOP
    SELECT * INTO state
    FROM profile_pic.hold_pace(
      charge.instance_id, (SELECT s.default_pace FROM profile_pic.settings AS s), true);
    IF charge.queries > 0 THEN
      PERFORM profile_pic.put_pace(charge.instance_id,
        greatest(state.tat, clock_timestamp()) + charge.queries::integer * profile_pic.spacing(state.pace),
        state.owed + charge.queries::integer);
    END IF;
    IF charge.pause_ms IS NOT NULL THEN
      UPDATE profile_pic.instances AS i
      SET paused_until = greatest(i.paused_until, statement_timestamp() + charge.pause_ms * interval '1 ms'),
          pause_reason = CASE WHEN i.paused_until > statement_timestamp() + charge.pause_ms * interval '1 ms'
                                THEN i.pause_reason
                              ELSE coalesce(charge.reason, 'THROTTLED') END,
          updated_at = statement_timestamp()
      WHERE i.instance_id = charge.instance_id;
    END IF;
  END LOOP;
END
$$;

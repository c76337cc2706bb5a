-- profile_pic.enqueue(...): asks for photos of leads: one state row and one message per lead, in the caller's
-- transaction.
--
-- Parallel arrays, one element per request:
--   lead_ids, phones   required; phones in international digits
--   urls               a link that came along, or null
--   instances          the instance to ask, or null
--   times              of the event; null and future times become now
--   kinds              webhook, new_lead, manual, bulk, refresh
--   forced             passes although the photo is fresh
--   siblings           waits for the answer to another request with the same phone (R__21)
--   traces             W3C trace context, or null
--   caller_instances   the instances that the caller is bound to, separated by commas; null when the caller
--                      is bound to none
--   phone_digests      keyed hashes of the phones, which recognise people who asked to be forgotten (R__33);
--                      null where the caller lacks the key: the worker then checks before it fetches
-- returns  a row per request, in order: ordinal (from 1), status, lead_id (canonical), message_id
--            queued        a message was added, or new information joined the pending message (message_id is
--                          the pending message's)
--            duplicate     satisfied already: a request is pending for this lead, or its state is fresh, or a
--                          newer event was served
--            unknown_lead  the CRM has no such lead, or the lead belongs to an instance that the caller may
--                          not use; nothing was written
--            erased        the person asked to be forgotten, by this lead or by another lead with the same
--                          phone; nothing was written
--
-- While a message is pending for a lead, new information joins it: a link, a newer phone, another instance,
-- or a forced request that comes too late for the pending message because that message runs already. The
-- information is stored beside the lead (requests.again_*), never in the message. The claim reads it, or the
-- settle of the running attempt. An unforced event with nothing new changes nothing. A pending message that
-- was removed from the queue by hand does not block its lead.
-- A state is fresh until next_check_at. A stored photo is fresh unless the request brings a link to another
-- photo (links are compared by path, because their query is a signature that changes daily). No photo, a
-- hidden photo and no account are fresh unless the request brings a link. A lead whose photo is hidden is
-- looked up again when the contact writes, at most once an hour.
--
-- Locks: rows of requests in order of lead_id, waiting 300 ms at the most, then rows of waiting. It locks no
-- row of the queue. A settle locks the queue first, so the two cannot deadlock. Notifies once per
-- transaction.
-- Indexes: primary keys of requests, pictures, lead_phones, waiting, tombstones, the queue table and the
-- CRM's table.
-- Its plans are pinned: docs/decisions/0004-pinned-plans.md.
CREATE OR REPLACE FUNCTION profile_pic.enqueue(
  lead_ids text[], phones text[], urls text[], instances text[], times timestamptz[], kinds text[],
  forced boolean[], siblings boolean[], traces text[], caller_instances text[],
  phone_digests text[] DEFAULT NULL)
RETURNS TABLE (ordinal integer, status text, lead_id text, message_id bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  judged     profile_pic.photo_request[];
  lost       text[];
  overtaking text[];
BEGIN
  PERFORM set_config('lock_timeout', '300ms', true);

  judged := profile_pic.judge_requests(
    lead_ids, phones, urls, instances, times, kinds, forced, siblings,
    traces, caller_instances, phone_digests);
  IF EXISTS (SELECT FROM unnest(judged) AS j WHERE j.verdict = 'new') THEN
    judged := profile_pic.put_requests(judged);
  END IF;
  IF EXISTS (SELECT FROM unnest(judged) AS j WHERE j.verdict IN ('joined', 'duplicate')) THEN
    -- A pending message that is gone counts as no message. This is a separate statement: the statement before
    -- it cannot see a message that another enqueue committed while this enqueue waited for the lead's row.
    lost := ARRAY(
      SELECT DISTINCT j.lead_id FROM unnest(judged) AS j
      JOIN LATERAL (
        SELECT r.message_id FROM profile_pic.requests AS r WHERE r.lead_id = j.lead_id LIMIT 1) AS r ON true
      WHERE j.verdict IN ('joined', 'duplicate') AND r.message_id IS NOT NULL
        AND NOT EXISTS (
          SELECT FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = r.message_id OFFSET 0)
      ORDER BY 1);
    IF cardinality(lost) > 0 THEN
      PERFORM profile_pic.forget_pending(lost);
      judged := profile_pic.put_requests(ARRAY(
        SELECT ROW(j.ordinal, j.lead_id, j.phone, j.url, j.instance_id, j.requested_at, j.kind, j.forced,
                   j.sibling, j.trace, j.line,
                   CASE WHEN j.lead_id = ANY (lost) AND j.verdict IN ('joined', 'duplicate') THEN 'new'
                        ELSE j.verdict END,
                   j.known, NULL, j.message_id)::profile_pic.photo_request
        FROM unnest(judged) AS j ORDER BY j.ordinal));
    END IF;

    -- A message may wait for a batch of its instance (R__08) or for its working hours (R__03). It waits no
    -- longer when a live event asks for its lead.
    overtaking := ARRAY(
      SELECT DISTINCT j.lead_id FROM unnest(judged) AS j
      WHERE j.verdict IN ('joined', 'duplicate') AND NOT profile_pic.is_background(j.kind, NULL) ORDER BY 1);
    IF cardinality(overtaking) > 0 THEN
      PERFORM profile_pic.overtake_hours(overtaking);
      IF EXISTS (
        SELECT FROM unnest(overtaking) AS id
        CROSS JOIN LATERAL (
          SELECT r.message_id FROM profile_pic.requests AS r WHERE r.lead_id = id LIMIT 1) AS r
        CROSS JOIN LATERAL (
          SELECT d.batch_of FROM profile_pic.deliveries AS d WHERE d.msg_id = r.message_id LIMIT 1) AS d
        WHERE d.batch_of IS NOT NULL)
      THEN
        PERFORM profile_pic.overtake_batch(overtaking);
      END IF;
    END IF;
  END IF;

  RETURN QUERY
  SELECT j.ordinal,
         CASE j.verdict WHEN 'joined' THEN 'queued' WHEN 'fresh' THEN 'duplicate' ELSE j.verdict END,
         j.lead_id,
         coalesce(j.message_id, CASE WHEN j.verdict IN ('duplicate', 'fresh') THEN (
           SELECT r.message_id FROM profile_pic.requests AS r WHERE r.lead_id = j.lead_id
             AND EXISTS (
               SELECT FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = r.message_id OFFSET 0)) END)
  FROM unnest(judged) AS j ORDER BY j.ordinal;
END
$$;

-- First step of enqueue: decides which requests are new, as far as the state tells. verdict is new, fresh,
-- unknown_lead or erased. `known` says whether there is a state row. Leads whose row in the CRM lost our link
-- are noted for the writer (R__27).
CREATE OR REPLACE FUNCTION profile_pic.judge_requests(
  lead_ids text[], phones text[], urls text[], instances text[], times timestamptz[], kinds text[],
  forced boolean[], siblings boolean[], traces text[], caller_instances text[],
  phone_digests text[])
RETURNS profile_pic.photo_request[]
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  judged      profile_pic.photo_request[];
  overwritten text[];
  -- In most batches no phone is buried.
  buried      text[] := ARRAY(
    SELECT t.phone_digest FROM profile_pic.tombstones AS t WHERE t.phone_digest = ANY (phone_digests));
BEGIN
  WITH found AS MATERIALIZED (
    -- All leads are found in a single call, because each call costs as much as three leads.
    SELECT f.* FROM profile_pic.find_leads(ARRAY(SELECT DISTINCT id FROM unnest(lead_ids) AS id)) AS f
  ), asked AS MATERIALIZED (
    SELECT a.ordinal::integer AS ordinal, lead.lead_id, a.phone, nullif(a.url, '') AS url,
           profile_pic.instance_or_null(a.instance) AS instance, least(a.at, statement_timestamp()) AS at,
           profile_pic.kind_of(a.kind) AS kind, coalesce(a.forced, false) AS forced,
           coalesce(a.sibling, false) AS sibling, a.trace, string_to_array(a.caller, ',') AS caller,
           a.phone_digest, lead.url AS row_url,
           profile_pic.instance_or_null(lead.instance_id) AS own_instance,
           coalesce(profile_pic.instance_or_null(lead.instance_id), picture.instance_id) AS owner,
           picture.lead_id IS NOT NULL AS known, picture.state, picture.phone AS known_phone,
           picture.next_check_at, picture.checked_at, picture.requested_at, picture.source_url,
           picture.lead_url, picture.lead_note, announced.msg_id AS announced
    FROM unnest(lead_ids, phones, urls, instances, times, kinds, forced, siblings,
                traces, caller_instances, phone_digests)
      WITH ORDINALITY AS a (lead_id, phone, url, instance, at, kind, forced, sibling,
                            trace, caller, phone_digest, ordinal)
    LEFT JOIN found AS lead ON lead.asked_id = a.lead_id
    LEFT JOIN LATERAL (
      SELECT p.* FROM profile_pic.pictures AS p WHERE p.lead_id = lead.lead_id LIMIT 1) AS picture ON true
    LEFT JOIN LATERAL (
      -- The trigger's own message (R__20), which is not in requests.
      SELECT q.msg_id
      FROM profile_pic.lead_phones AS lp
      CROSS JOIN LATERAL (
        SELECT q.msg_id FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = lp.message_id LIMIT 1) AS q
      WHERE lp.lead_id = lead.lead_id LIMIT 1
    ) AS announced ON true
  ), verdicts AS (
    SELECT asked.*, CASE
        WHEN asked.lead_id IS NULL
          OR asked.owner <> ALL (asked.caller) OR asked.instance <> ALL (asked.caller) THEN 'unknown_lead'
        WHEN asked.state = 'ERASED'
          OR asked.phone_digest = ANY (buried)
            AND profile_pic.is_buried(
              asked.phone_digest, asked.owner, coalesce(asked.instance, asked.own_instance))
          THEN 'erased'
        WHEN asked.forced OR asked.state IS NULL
          OR NOT profile_pic.same_phone(asked.known_phone, asked.phone) THEN 'new'
        -- A late event: the state found for a newer event stands. A requested_at in the future was written
        -- before the clock went back.
        WHEN asked.at < asked.requested_at AND asked.requested_at <= statement_timestamp()
          AND asked.state NOT IN ('PENDING', 'FAILED')
          THEN 'fresh'
        WHEN asked.next_check_at > statement_timestamp()
          AND CASE asked.state
                WHEN 'STORED'
                  THEN asked.url IS NULL
                    OR split_part(asked.url, '?', 1) = split_part(asked.source_url, '?', 1)
                WHEN 'HIDDEN'
                  THEN asked.url IS NULL AND asked.checked_at > statement_timestamp() - interval '1 hour'
                WHEN 'NOT_SET' THEN asked.url IS NULL
                WHEN 'NOT_ON_WHATSAPP' THEN asked.url IS NULL
                WHEN 'UNKNOWN' THEN asked.url IS NULL
                ELSE false END
          THEN 'fresh'
        ELSE 'new' END AS verdict
    FROM asked
  )
  SELECT array_agg(
           ROW(v.ordinal, CASE WHEN v.verdict <> 'unknown_lead' THEN v.lead_id END, v.phone, v.url,
               v.instance, v.at, v.kind, v.forced, v.sibling, v.trace,
               coalesce(v.instance, v.own_instance), v.verdict, v.known, v.announced,
               NULL)::profile_pic.photo_request
           ORDER BY v.ordinal),
         array_agg(DISTINCT v.lead_id ORDER BY v.lead_id) FILTER (
           WHERE v.verdict IN ('new', 'fresh') AND v.lead_url IS NOT NULL
             AND v.row_url IS DISTINCT FROM v.lead_url
             AND NOT (v.lead_note IS NOT NULL AND coalesce(v.row_url, '') <> ''))
  INTO judged, overwritten
  FROM verdicts AS v;

  IF cardinality(overwritten) > 0 THEN
    INSERT INTO profile_pic.lead_writes (lead_id)
    SELECT id FROM unnest(overwritten) AS id
    ON CONFLICT DO NOTHING;
  END IF;
  RETURN coalesce(judged, '{}');
END
$$;

-- Second step of enqueue: writes the requests whose verdict is new, one per lead, and returns all with their
-- final verdict: queued (its message was added), joined (it joined the pending message), duplicate, or the
-- verdict from before. The steps are joined by hash (afterMigrate__plans.sql).
CREATE OR REPLACE FUNCTION profile_pic.put_requests(judged profile_pic.photo_request[])
RETURNS profile_pic.photo_request[]
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  message_ids    regclass := pg_get_serial_sequence('pgmq.q_profile_pic_queue', 'msg_id');
  put_leads      text[];
  put_ordinals   integer[];
  put_messages   bigint[];
  put_verdicts   text[];
  put_lines      text[];
  any_sibling    boolean;
  rung           text;
BEGIN
  WITH one_per_lead AS (
    -- Requests for the same lead in a batch become one request: the newest decides, and a link or force of
    -- any of these requests counts.
    SELECT DISTINCT ON (j.lead_id) j.*, bool_or(j.forced) OVER same_lead AS any_forced,
           coalesce(j.url, max(j.url) OVER same_lead) AS any_url
    FROM unnest(judged) AS j WHERE j.verdict = 'new'
    WINDOW same_lead AS (PARTITION BY j.lead_id)
    ORDER BY j.lead_id, j.requested_at DESC, j.ordinal DESC
  ), numbered AS MATERIALIZED (
    SELECT o.*, nextval(message_ids) AS new_id,
           o.announced IS NOT NULL
             AND (o.any_forced OR o.any_url IS NOT NULL OR o.instance_id IS NOT NULL) AS joins_announced
    FROM one_per_lead AS o
  ), upserted AS (
    INSERT INTO profile_pic.requests AS pending (
      lead_id, message_id, forced, phone, instance_id, url, requested_at,
      again_at, again_forced, again_url, again_phone, again_instance)
    SELECT n.lead_id, coalesce(n.announced, n.new_id), n.any_forced AND n.announced IS NULL, n.phone, n.line,
           n.any_url, n.requested_at,
           CASE WHEN n.joins_announced THEN n.requested_at END, n.joins_announced AND n.any_forced,
           CASE WHEN n.joins_announced THEN n.any_url END, CASE WHEN n.joins_announced THEN n.phone END,
           CASE WHEN n.joins_announced THEN n.instance_id END
    FROM numbered AS n ORDER BY n.lead_id
    ON CONFLICT (lead_id) DO UPDATE SET
      message_id = coalesce(pending.message_id, excluded.message_id),
      forced = CASE WHEN pending.message_id IS NULL THEN excluded.forced ELSE pending.forced END,
      phone = CASE WHEN pending.message_id IS NULL THEN excluded.phone ELSE pending.phone END,
      instance_id = CASE WHEN pending.message_id IS NULL THEN excluded.instance_id
                         ELSE pending.instance_id END,
      url = CASE WHEN pending.message_id IS NULL THEN excluded.url ELSE pending.url END,
      requested_at = greatest(pending.requested_at, excluded.requested_at),
      again_at = CASE WHEN pending.message_id IS NULL THEN excluded.again_at
                      ELSE greatest(pending.again_at, excluded.requested_at) END,
      again_forced = CASE WHEN pending.message_id IS NULL THEN excluded.again_forced
                          ELSE pending.again_forced OR excluded.forced OR excluded.again_forced END,
      again_url = CASE WHEN pending.message_id IS NULL THEN excluded.again_url
                       ELSE coalesce(excluded.url, pending.again_url) END,
      again_phone = CASE WHEN pending.message_id IS NULL THEN excluded.again_phone ELSE excluded.phone END,
      again_instance = CASE WHEN pending.message_id IS NULL THEN excluded.again_instance
                            ELSE coalesce(excluded.instance_id, pending.again_instance) END
    WHERE CASE
      -- Served while this call waited for the row: an unforced event with the same phone and instance, and
      -- without a link, adds nothing. A request that was given up has served nobody.
      WHEN pending.message_id IS NULL
        THEN excluded.forced OR excluded.again_forced OR excluded.url IS NOT NULL
          OR coalesce(pending.served_at NOT BETWEEN statement_timestamp() AND clock_timestamp(), true)
          OR pending.phone <> '' AND NOT profile_pic.same_phone(pending.phone, excluded.phone)
          OR excluded.instance_id <> pending.instance_id
      -- The request is older than what is asked for already.
      WHEN excluded.requested_at < pending.requested_at AND pending.requested_at <= clock_timestamp()
        AND NOT excluded.forced THEN false
      -- A forced request is looked up once. A forced message that still waits in its line serves this request
      -- too.
      ELSE (excluded.forced OR excluded.again_forced) AND NOT pending.again_forced
          AND NOT (pending.forced AND profile_pic.is_in_line(pending.message_id))
        OR split_part(excluded.url, '?', 1)
          <> split_part(coalesce(pending.again_url, pending.url, ''), '?', 1)
        OR NOT profile_pic.same_phone(coalesce(pending.again_phone, pending.phone), excluded.phone)
        OR excluded.instance_id <> coalesce(pending.again_instance, pending.instance_id, '')
      END
    RETURNING pending.lead_id, pending.message_id, pending.again_at IS NOT NULL AS joined
  ), written AS MATERIALIZED (
    SELECT n.*, u.message_id AS put_id, u.message_id = n.new_id AS added, u.joined
    FROM numbered AS n JOIN upserted AS u ON u.lead_id = n.lead_id
  ), first_seen AS (
    INSERT INTO profile_pic.pictures (lead_id, phone, instance_id, requested_at)
    SELECT written.lead_id, written.phone, written.line, '-infinity'
    FROM written WHERE NOT written.known ORDER BY written.lead_id
    ON CONFLICT DO NOTHING
  ), sent AS (
    INSERT INTO pgmq.q_profile_pic_queue (msg_id, vt, message, headers) OVERRIDING SYSTEM VALUE
    SELECT written.new_id,
           CASE WHEN written.sibling THEN statement_timestamp() + interval '15 s'
                ELSE profile_pic.hidden() END,
           profile_pic.message_body(
             written.lead_id, written.phone, written.any_url, written.instance_id, written.requested_at,
             written.kind, written.any_forced),
           CASE WHEN written.trace IS NULL THEN '{}'::jsonb
                ELSE jsonb_build_object('traceparent', written.trace) END
    FROM written WHERE written.added
  ), lined_up AS (
    INSERT INTO profile_pic.waiting (msg_id, instance_id, paced, place)
    SELECT written.new_id, coalesce(written.line, ''), written.any_url IS NULL,
           statement_timestamp() + profile_pic.penalty(written.kind, NULL)
    FROM written WHERE written.added AND NOT written.sibling
  )
  SELECT array_agg(written.lead_id), array_agg(written.ordinal), array_agg(written.put_id),
         array_agg(
           CASE WHEN written.added THEN 'queued' WHEN written.joined THEN 'joined' ELSE 'duplicate' END),
         array_agg(DISTINCT written.line) FILTER (WHERE written.line IS NOT NULL),
         bool_or(written.added AND written.sibling),
         string_agg(DISTINCT coalesce(written.line, ''), ',') FILTER (WHERE written.added OR written.joined)
  INTO put_leads, put_ordinals, put_messages, put_verdicts, put_lines, any_sibling, rung
  FROM written;

  IF any_sibling THEN
    INSERT INTO profile_pic.lookup_siblings (message_id, lead_id, phone)
    SELECT w.message, w.lead, j.phone
    FROM unnest(put_leads, put_ordinals, put_messages, put_verdicts) AS w (lead, ordinal, message, verdict)
    JOIN unnest(judged) AS j ON j.ordinal = w.ordinal
    WHERE w.verdict = 'queued' AND j.sibling;
  END IF;
  -- Instances are rarely new.
  IF EXISTS (
    SELECT FROM unnest(put_lines) AS l (line)
    WHERE NOT EXISTS (SELECT FROM profile_pic.instances AS i WHERE i.instance_id = l.line OFFSET 0))
  THEN
    INSERT INTO profile_pic.instances (instance_id) SELECT line FROM unnest(put_lines) AS line
    ON CONFLICT DO NOTHING;
  END IF;
  IF 'joined' = ANY (put_verdicts) THEN
    PERFORM profile_pic.move_joined(ARRAY(
      SELECT w.lead FROM unnest(put_leads, put_verdicts) AS w (lead, verdict) WHERE w.verdict = 'joined'));
  END IF;
  PERFORM profile_pic.ring(rung);

  RETURN ARRAY(
    SELECT ROW(j.ordinal, j.lead_id, j.phone, j.url, j.instance_id, j.requested_at, j.kind, j.forced,
               j.sibling, j.trace, j.line,
               CASE WHEN j.verdict = 'new'
                      THEN CASE WHEN w.ordinal = j.ordinal THEN w.verdict ELSE 'duplicate' END
                    ELSE j.verdict END,
               j.known, j.announced,
               CASE WHEN j.verdict = 'new' THEN w.message ELSE j.message_id END)::profile_pic.photo_request
    FROM unnest(judged) AS j
    LEFT JOIN unnest(put_leads, put_ordinals, put_messages, put_verdicts)
      AS w (lead, ordinal, message, verdict) ON w.lead = j.lead_id
    ORDER BY j.ordinal);
END
$$;

-- Moves a waiting or delayed message after new information joined it: to the other instance's line, or out of
-- the paced half when a link came. A leased message stays as it is, and its settle serves the new
-- information. Locks rows of waiting only.
CREATE OR REPLACE FUNCTION profile_pic.move_joined(lead_ids text[]) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  joined    bigint[];
  instances text[];
  links     boolean[];
  rows_at   tid[];
BEGIN
  SELECT array_agg(r.message_id), array_agg(r.again_instance), array_agg(r.again_url IS NOT NULL)
  INTO joined, instances, links
  FROM profile_pic.requests AS r WHERE r.lead_id = ANY (lead_ids) AND r.message_id IS NOT NULL;

  SELECT array_agg(e.row_at), array_agg(j.instance_id), array_agg(j.link) INTO rows_at, instances, links
  FROM profile_pic.lock_entries(joined) AS e
  JOIN unnest(joined, instances, links) AS j (msg_id, instance_id, link) ON j.msg_id = e.msg_id;
  UPDATE profile_pic.waiting AS w
  SET instance_id = coalesce(j.instance_id, w.instance_id), paced = w.paced AND NOT j.link,
      place = least(w.place, statement_timestamp())
  FROM unnest(rows_at, instances, links) AS j (row_at, instance_id, link) WHERE w.ctid = j.row_at;

  INSERT INTO profile_pic.waiting (msg_id, instance_id, paced, place)
  SELECT r.message_id, coalesce(r.again_instance, r.instance_id, ''), r.again_url IS NULL,
         statement_timestamp()
  FROM profile_pic.requests AS r
  CROSS JOIN LATERAL (
    SELECT d.returned FROM profile_pic.deliveries AS d WHERE d.msg_id = r.message_id LIMIT 1) AS d
  CROSS JOIN LATERAL (
    SELECT q.read_ct FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = r.message_id LIMIT 1) AS q
  WHERE r.lead_id = ANY (lead_ids) AND q.read_ct = d.returned
    AND (r.again_url IS NOT NULL OR r.again_instance <> coalesce(r.instance_id, ''))
  ON CONFLICT DO NOTHING;
END
$$;

-- Leads whose pending message is gone no longer count as waiting.
CREATE OR REPLACE FUNCTION profile_pic.forget_pending(lead_ids text[]) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  UPDATE profile_pic.requests AS r
  SET message_id = NULL, forced = false, again_at = NULL, again_forced = false, again_url = NULL,
      again_phone = NULL, again_instance = NULL, served_at = NULL
  WHERE r.lead_id = ANY (lead_ids) AND r.message_id IS NOT NULL
    AND NOT EXISTS (
      SELECT FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = r.message_id OFFSET 0);
END
$$;

-- profile_pic.enqueue(requests, caller): the same for requests written as JSON: an array of objects with
-- "lead_id", "phone", "profile_pic_url", "instance_id", "timestamp", "sync_type", "force_update", "sibling",
-- "traceparent". Unreadable values count as absent.
-- caller: the instances that the caller is bound to, separated by commas; null when the caller is bound to
-- none.
CREATE OR REPLACE FUNCTION profile_pic.enqueue(requests jsonb, caller text DEFAULT NULL)
RETURNS TABLE (ordinal integer, status text, lead_id text, message_id bigint)
LANGUAGE sql AS $$
  SELECT e.*
  FROM (
    SELECT array_agg(r.value ->> 'lead_id' ORDER BY r.place) AS lead_ids,
           array_agg(r.value ->> 'phone' ORDER BY r.place) AS phones,
           array_agg(r.value ->> 'profile_pic_url' ORDER BY r.place) AS urls,
           array_agg(r.value ->> 'instance_id' ORDER BY r.place) AS instances,
           array_agg(profile_pic.time_or_null(r.value ->> 'timestamp') ORDER BY r.place) AS times,
           array_agg(r.value ->> 'sync_type' ORDER BY r.place) AS kinds,
           array_agg(coalesce(r.value -> 'force_update' = 'true', false) ORDER BY r.place) AS forced,
           array_agg(coalesce(r.value -> 'sibling' = 'true', false) ORDER BY r.place) AS siblings,
           array_agg(r.value ->> 'traceparent' ORDER BY r.place) AS traces
    FROM jsonb_array_elements(requests) WITH ORDINALITY AS r (value, place)
    HAVING count(*) > 0
  ) AS a
  CROSS JOIN LATERAL profile_pic.enqueue(
    a.lead_ids, a.phones, a.urls, a.instances, a.times, a.kinds, a.forced, a.siblings, a.traces,
    array_fill(caller, ARRAY[cardinality(a.lead_ids)])) AS e
$$;

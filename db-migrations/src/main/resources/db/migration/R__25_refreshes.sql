-- profile_pic.feed_refreshes(...): puts leads whose next_check_at has passed into the queue, the longest
-- overdue first, no more than each instance works off. Called by each worker twice a second; while one worker
-- feeds, the other workers skip. One transaction: a crash feeds nothing, or all of it.
--
-- default_instance  owns the leads that name no instance; null: these leads are not fed
-- default_pace      lookups per minute of instances without their own pace
-- ahead             how much work may wait per instance
-- most              how many leads at the most, of all instances in turn
-- batches, but_for  the instances whose sources answer batches (R__08), as in feed_syncs
-- gathering         how long a due lead may wait until a hundred leads of its instance are due, which one
--                   query then covers
-- returns           how many leads were put into the queue
--
-- An instance gets as many leads as it works off in `ahead` (one lead at least), less its bulk and refresh
-- messages that wait or run already. It gets none while it rests (pause, open circuit, quiet hours) or
-- outside its working hours. With batches it gets a hundred when fewer messages wait than it works off in
-- `ahead`. A lead is looked up alone, when it is due, if its photo was hidden or a batch could tell nothing
-- about it. Refreshes stand behind all other messages in their line.
--
-- A request goes through enqueue with the CRM's own phone and instance, so pending requests, newer events and
-- erasure apply. An adopted lead (R__20) takes along the link in its row: while the link works, the photo
-- costs no lookup. The data of a lead that the CRM has deleted is forgotten only on proof (forget_missing).
--
-- Locks: requests of the leads that are fed (SKIP LOCKED, so it never waits), then the locks of enqueue,
-- which are the same.
-- Index: pictures_due, stepped through from instance to instance, so leads that are not due cost nothing.
-- Measured with 1,000,000 rows in 10 instances: see docs/decisions/0008-refreshes.md. Its plans are pinned to
-- indexes and made once (afterMigrate__plans.sql).
CREATE OR REPLACE FUNCTION profile_pic.feed_refreshes(
  default_instance text, default_pace integer, ahead interval, most integer, batches boolean DEFAULT false,
  but_for text[] DEFAULT '{}', gathering interval DEFAULT '0')
RETURNS bigint
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  leads  text[];
  free   text[];
  -- The instance whose room each lead takes. The CRM may have moved the lead to another instance since.
  fed_by text[];
  fed    bigint;
  queued bigint[];
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('profile_pic.feed_refreshes', 0)) THEN
    RETURN 0;
  END IF;

  DELETE FROM profile_pic.refreshes AS r
  WHERE NOT EXISTS (SELECT FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = r.message_id OFFSET 0);

  WITH RECURSIVE heads AS (
    -- The instances in the index, each with its most overdue lead.
    (SELECT p.instance_id, p.next_check_at
     FROM profile_pic.pictures AS p
     WHERE p.next_check_at IS NOT NULL AND p.state <> 'ERASED'
       AND p.instance_id IS NOT NULL
     ORDER BY p.instance_id, p.next_check_at LIMIT 1)
    UNION ALL
    SELECT n.instance_id, n.next_check_at
    FROM heads AS h
    CROSS JOIN LATERAL (
      SELECT p.instance_id, p.next_check_at
      FROM profile_pic.pictures AS p
      WHERE p.next_check_at IS NOT NULL AND p.state <> 'ERASED'
        AND p.instance_id > h.instance_id
      ORDER BY p.instance_id, p.next_check_at LIMIT 1
    ) AS n
  ), named AS (
    SELECT h.instance_id FROM heads AS h WHERE h.next_check_at <= statement_timestamp()
  ), rooms AS MATERIALIZED (
    SELECT a.instance_id,
           CASE WHEN NOT a.together OR a.in_flight >= a.work THEN a.work - a.in_flight
                WHEN due.n < profile_pic.batch_size() AND due.since > statement_timestamp() - gathering THEN 0
                ELSE profile_pic.batch_size() END::integer AS room
    FROM (
      SELECT asked.instance_id,
             greatest(
               floor(extract(epoch FROM ahead) * coalesce((i.i).pace_per_minute, default_pace) / 60.0),
               1) AS work,
             profile_pic.has_batches(asked.instance_id, batches, but_for) AS together,
             (SELECT count(*) FROM profile_pic.refreshes AS r WHERE r.instance_id = asked.instance_id)
             + (SELECT count(*) FROM profile_pic.syncs AS s
                JOIN profile_pic.sync_items AS t ON t.sync_id = s.id
                WHERE s.instance_id = asked.instance_id AND s.state = 'RUNNING' AND t.outcome IS NULL
                  AND t.message_id IS NOT NULL) AS in_flight
      FROM (
        SELECT n.instance_id FROM named AS n
        UNION SELECT default_instance WHERE default_instance IS NOT NULL) AS asked
      LEFT JOIN LATERAL (
        SELECT i FROM profile_pic.instances AS i WHERE i.instance_id = asked.instance_id LIMIT 1) AS i ON true
      WHERE coalesce(profile_pic.rests_until(i.i), '-infinity') <= statement_timestamp()
        AND profile_pic.background_from(i.i) <= statement_timestamp()
    ) AS a
    LEFT JOIN LATERAL (
      SELECT count(*) AS n, min(d.next_check_at) AS since
      FROM (
        SELECT p.next_check_at FROM profile_pic.pictures AS p
        WHERE a.together AND a.in_flight < a.work AND p.next_check_at IS NOT NULL AND p.state <> 'ERASED'
          AND p.instance_id = a.instance_id AND p.next_check_at <= statement_timestamp()
        ORDER BY p.next_check_at LIMIT profile_pic.batch_size()
      ) AS d
    ) AS due ON true
  ), overdue AS (
    SELECT r.instance_id, r.room, l.lead_id, l.next_check_at
    FROM rooms AS r
    CROSS JOIN LATERAL (
      SELECT p.lead_id, p.next_check_at
      FROM profile_pic.pictures AS p
      WHERE p.next_check_at IS NOT NULL AND p.state <> 'ERASED'
        AND p.instance_id = r.instance_id AND p.next_check_at <= statement_timestamp()
      ORDER BY p.next_check_at LIMIT greatest(r.room, 0)
    ) AS l
    UNION ALL
    SELECT r.instance_id, r.room, l.lead_id, l.next_check_at
    FROM rooms AS r
    CROSS JOIN LATERAL (
      SELECT p.lead_id, p.next_check_at
      FROM profile_pic.pictures AS p
      WHERE p.next_check_at IS NOT NULL AND p.state <> 'ERASED'
        AND p.instance_id IS NULL AND p.next_check_at <= statement_timestamp()
      -- The order is that of the index: by next_check_at alone the query would sort all rows.
      ORDER BY p.instance_id, p.next_check_at LIMIT greatest(r.room, 0)
    ) AS l
    WHERE r.instance_id = default_instance
  ), in_turn AS MATERIALIZED (
    SELECT t.lead_id, t.instance_id
    FROM (
      SELECT o.*, row_number() OVER (PARTITION BY o.instance_id ORDER BY o.next_check_at, o.lead_id) AS place
      FROM overdue AS o
    ) AS t
    WHERE t.place <= t.room
    ORDER BY t.place, t.next_check_at LIMIT most
  )
  SELECT array_agg(t.lead_id), array_agg(t.instance_id) INTO leads, fed_by FROM in_turn AS t;
  IF leads IS NULL THEN
    RETURN 0;
  END IF;
  -- Leads whose request another session holds locked stay for later.
  free := profile_pic.free_leads(leads);
  SELECT array_agg(t.lead_id), array_agg(t.instance_id) INTO leads, fed_by
  FROM unnest(leads, fed_by) AS t (lead_id, instance_id)
  WHERE t.lead_id = ANY (free);
  IF leads IS NULL THEN
    RETURN 0;
  END IF;
  PERFORM profile_pic.forget_missing(leads);

  WITH known AS MATERIALIZED (
    SELECT t.lead_id, t.instance_id AS room_of, f.phone, profile_pic.phone_suffix(f.phone) AS suffix,
           p.reason,
           -- Only a link that the worker may download from: with any other link the message could never be
           -- served.
           CASE WHEN p.reason = 'ADOPTED' AND f.url ~ '^https://([a-z0-9-]+[.])*whatsapp[.]net/'
                  AND length(f.url) <= 2048 THEN f.url END AS url,
           coalesce(profile_pic.instance_or_null(f.instance_id), p.instance_id) AS instance_id,
           row_number() OVER (ORDER BY t.lead_id) AS place
    FROM unnest(leads, fed_by) AS t (lead_id, instance_id)
    CROSS JOIN LATERAL (
      SELECT p.instance_id, p.reason FROM profile_pic.pictures AS p WHERE p.lead_id = t.lead_id LIMIT 1) AS p
    CROSS JOIN LATERAL (SELECT f.* FROM profile_pic.find_leads(ARRAY[t.lead_id]) AS f LIMIT 1) AS f
    WHERE profile_pic.phone_suffix(f.phone) IS NOT NULL
  ), enqueued AS MATERIALIZED (
    SELECT e.message_id, e.status, a.rooms[e.ordinal] AS room_of, a.reasons[e.ordinal] AS reason
    FROM (
      SELECT array_agg(k.lead_id ORDER BY k.place) AS leads, array_agg(k.phone ORDER BY k.place) AS phones,
             array_agg(k.url ORDER BY k.place) AS urls, array_agg(k.room_of ORDER BY k.place) AS rooms,
             array_agg(k.reason ORDER BY k.place) AS reasons,
             array_agg(k.instance_id ORDER BY k.place) AS instances, count(*)::integer AS n
      FROM known AS k
    ) AS a
    CROSS JOIN LATERAL profile_pic.enqueue(a.leads, a.phones, a.urls, a.instances,
      array_fill(statement_timestamp(), ARRAY[a.n]), array_fill('refresh'::text, ARRAY[a.n]),
      array_fill(false, ARRAY[a.n]), array_fill(false, ARRAY[a.n]), array_fill(NULL::text, ARRAY[a.n]),
      NULL) AS e
    WHERE a.n > 0
  ), noted AS (
    INSERT INTO profile_pic.refreshes (instance_id, message_id)
    SELECT e.room_of, e.message_id FROM enqueued AS e WHERE e.status = 'queued'
    ON CONFLICT DO NOTHING
    RETURNING 1
  )
  SELECT (SELECT count(*) FROM noted),
         ARRAY(SELECT e.message_id FROM enqueued AS e
               WHERE e.status = 'queued' AND e.reason NOT IN ('HIDDEN', 'UNKNOWN', 'KEPT'))
  INTO fed, queued;
  PERFORM profile_pic.gather(queued, batches, but_for);

  -- These leads step back until their settle says when they are due again. A lead without a phone, or a lead
  -- that the CRM does not show, is not looked at for a day, or until an event names it.
  UPDATE profile_pic.pictures AS p
  SET next_check_at = statement_timestamp() + interval '1 day'
  WHERE p.lead_id = ANY (leads);
  RETURN fed;
END
$$;

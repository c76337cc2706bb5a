-- profile_pic.feed_refreshes(...): puts leads whose next_check_at has passed into the queue, the longest overdue first, no further
-- ahead than each instance works off. Called by each worker twice a second; while one feeds, the others skip. One transaction: a
-- crash feeds nothing, or all of it.
--
-- default_instance  whose leads those are that name no instance; null: they are not fed
-- default_pace      lookups per minute of instances that have no pace of their own
-- ahead             how much work may wait per instance
-- most              how many leads at the most, of all instances in turn
-- returns           how many leads were put into the queue
--
-- An instance gets what fits between its next free slot and `ahead` from now (one lead, if its slot is free and its pace is slower
-- than that), less the refreshes of it that are still in the queue: those that no worker has seen yet have no slot, and those of a number
-- that is down never end. It gets none while it rests (pause, open circuit, quiet hours), and nobody gets any while the head of the queue
-- has waited longer than `ahead`: the workers have enough to do. Whatever else comes takes the slots first.
--
-- A wish goes through enqueue with the CRM's own phone and instance, so pending wishes, newer events and erasure hold. A lead without a
-- phone is not looked at again until an event names one. What we know of a lead that the CRM has deleted is deleted too; its bytes
-- are collected by housekeeping.
--
-- Locks: pictures of the leads that are fed (SKIP LOCKED, so it waits for nobody), then those of enqueue, which are the same.
-- Index: pictures_due, stepped through from instance to instance, so leads that are not due cost nothing. Measured with 1,000,000 rows
-- in 10 instances: see docs/decisions/refreshes.md. Plans are pinned to indexes and made once, as in claim (R__03).
CREATE OR REPLACE FUNCTION profile_pic.feed_refreshes(default_instance text, default_pace integer, ahead interval, most integer)
RETURNS bigint
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
#variable_conflict use_column
DECLARE
  -- {lead: the instance of whose room it takes}, which is not the one to ask if the CRM has moved the lead since.
  fed_by jsonb;
  wishes jsonb;
  fed    bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('profile_pic.feed_refreshes', 0)) THEN
    RETURN 0;
  END IF;

  DELETE FROM profile_pic.refreshes AS r
  WHERE NOT EXISTS (SELECT FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = r.message_id);

  IF (SELECT min(q.vt) FROM pgmq.q_profile_pic_queue AS q) < statement_timestamp() - ahead THEN
    RETURN 0;
  END IF;

  WITH RECURSIVE heads AS (
    -- The instances that are named in the index, each with its most overdue lead.
    (SELECT p.instance_id, p.next_check_at
     FROM profile_pic.pictures AS p
     WHERE p.next_check_at IS NOT NULL AND p.pending_message_id IS NULL AND p.state NOT IN ('FAILED', 'ERASED')
       AND p.instance_id IS NOT NULL
     ORDER BY p.instance_id, p.next_check_at LIMIT 1)
    UNION ALL
    SELECT n.instance_id, n.next_check_at
    FROM heads AS h
    CROSS JOIN LATERAL (
      SELECT p.instance_id, p.next_check_at
      FROM profile_pic.pictures AS p
      WHERE p.next_check_at IS NOT NULL AND p.pending_message_id IS NULL AND p.state NOT IN ('FAILED', 'ERASED')
        AND p.instance_id > h.instance_id
      ORDER BY p.instance_id, p.next_check_at LIMIT 1
    ) AS n
  ), named AS (
    SELECT h.instance_id FROM heads AS h WHERE h.next_check_at <= statement_timestamp()
  ), rooms AS MATERIALIZED (
    SELECT a.instance_id,
           least(
             greatest(floor(extract(epoch FROM statement_timestamp() + ahead - a.free_at) / a.spacing),
                      CASE WHEN a.free_at <= statement_timestamp() THEN 1 END),
             greatest(floor(extract(epoch FROM ahead) / a.spacing), 1) - a.in_flight)::integer AS room
    FROM (
      SELECT asked.instance_id, greatest(i.next_slot_at, statement_timestamp()) AS free_at,
             extract(epoch FROM profile_pic.slot_interval(i.pace_per_minute, default_pace)) AS spacing,
             (SELECT count(*) FROM profile_pic.refreshes AS r WHERE r.instance_id = asked.instance_id) AS in_flight
      FROM (SELECT n.instance_id FROM named AS n UNION SELECT default_instance WHERE default_instance IS NOT NULL) AS asked
      LEFT JOIN profile_pic.instances AS i ON i.instance_id = asked.instance_id
      WHERE coalesce(profile_pic.rests_until(i), '-infinity') <= statement_timestamp()
    ) AS a
  ), overdue AS (
    SELECT r.instance_id, r.room, l.lead_id, l.next_check_at
    FROM rooms AS r
    CROSS JOIN LATERAL (
      SELECT p.lead_id, p.next_check_at
      FROM profile_pic.pictures AS p
      WHERE p.next_check_at IS NOT NULL AND p.pending_message_id IS NULL AND p.state NOT IN ('FAILED', 'ERASED')
        AND p.instance_id = r.instance_id AND p.next_check_at <= statement_timestamp()
      ORDER BY p.next_check_at LIMIT greatest(r.room, 0)
    ) AS l
    UNION ALL
    SELECT r.instance_id, r.room, l.lead_id, l.next_check_at
    FROM rooms AS r
    CROSS JOIN LATERAL (
      SELECT p.lead_id, p.next_check_at
      FROM profile_pic.pictures AS p
      WHERE p.next_check_at IS NOT NULL AND p.pending_message_id IS NULL AND p.state NOT IN ('FAILED', 'ERASED')
        AND p.instance_id IS NULL AND p.next_check_at <= statement_timestamp()
      -- As the index is ordered; by next_check_at alone it would sort them all.
      ORDER BY p.instance_id, p.next_check_at LIMIT greatest(r.room, 0)
    ) AS l
    WHERE r.instance_id = default_instance
  ), in_turn AS MATERIALIZED (
    SELECT t.lead_id, t.instance_id
    FROM (
      SELECT o.*, row_number() OVER (PARTITION BY o.instance_id ORDER BY o.next_check_at, o.lead_id) AS place FROM overdue AS o
    ) AS t
    WHERE t.place <= t.room
    ORDER BY t.place, t.next_check_at LIMIT most
  ), ours AS (
    SELECT p.lead_id, t.instance_id
    FROM in_turn AS t JOIN profile_pic.pictures AS p ON p.lead_id = t.lead_id
    FOR UPDATE OF p SKIP LOCKED
  )
  SELECT jsonb_object_agg(o.lead_id, o.instance_id) INTO fed_by FROM ours AS o;

  IF fed_by IS NULL THEN
    RETURN 0;
  END IF;

  WITH known AS MATERIALIZED (
    SELECT DISTINCT ON (p.lead_id) p.lead_id, f.lead_id IS NOT NULL AS exists, f.phone, profile_pic.phone_suffix(f.phone) AS suffix,
           coalesce(nullif(nullif(f.instance_id, ''), 'unknown'), p.instance_id) AS instance_id
    FROM jsonb_object_keys(fed_by) AS d (lead_id)
    JOIN profile_pic.pictures AS p ON p.lead_id = d.lead_id
    LEFT JOIN profile_pic.find_leads(ARRAY(SELECT jsonb_object_keys(fed_by))) AS f ON f.asked_id = p.lead_id
    ORDER BY p.lead_id
  ), forgotten AS (
    DELETE FROM profile_pic.pictures AS p USING known AS k WHERE p.lead_id = k.lead_id AND NOT k.exists
  ), history AS (
    DELETE FROM profile_pic.picture_history AS h USING known AS k WHERE h.lead_id = k.lead_id AND NOT k.exists
  ), phones AS (
    DELETE FROM profile_pic.lead_phones AS lp USING known AS k WHERE lp.lead_id = k.lead_id AND NOT k.exists
  ), unreachable AS (
    UPDATE profile_pic.pictures AS p SET next_check_at = NULL FROM known AS k WHERE p.lead_id = k.lead_id AND k.exists AND k.suffix IS NULL
  )
  SELECT jsonb_agg(jsonb_build_object('lead_id', k.lead_id, 'phone', k.phone, 'instance_id', k.instance_id,
    'timestamp', statement_timestamp(), 'sync_type', 'refresh') ORDER BY k.lead_id)
  INTO wishes
  FROM known AS k WHERE k.exists AND k.suffix IS NOT NULL;

  IF wishes IS NULL THEN
    RETURN 0;
  END IF;

  INSERT INTO profile_pic.refreshes (instance_id, message_id)
  SELECT fed_by ->> e.lead_id, e.message_id FROM profile_pic.enqueue(wishes) AS e WHERE e.status = 'queued';
  GET DIAGNOSTICS fed = ROW_COUNT;
  RETURN fed;
END
$$;

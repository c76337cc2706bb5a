-- Bulk syncs (V12): started and steered by the receiver, fed by the workers.

-- profile_pic.feed_syncs(default_pace, ahead): puts the next leads of every running sync into the queue, no
-- more than its instance works off in `ahead`. Called by each worker twice a second; a sync that another
-- worker is feeding is skipped. One transaction: a crash feeds nothing, or all of it.
--
-- default_pace  lookups per minute of instances without their own pace
-- ahead         how much work may wait per instance
-- batches       whether the sources of instances answer batches (R__08); but_for: the instances with the
--               opposite answer. With batches a hundred leads are fed at once, as soon as fewer messages wait
--               than are worked off in `ahead`
-- returns       how many leads were fed, or ended at once
-- Locks: rows of syncs (SKIP LOCKED), then the locks of enqueue. Settling touches sync_items only, so the two
-- cannot deadlock.
CREATE OR REPLACE FUNCTION profile_pic.feed_syncs(
  default_pace integer, ahead interval, batches boolean DEFAULT false, but_for text[] DEFAULT '{}')
RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  sync  profile_pic.syncs;
  fed   bigint := 0;
BEGIN
  FOR sync IN SELECT * FROM profile_pic.syncs WHERE state = 'RUNNING' ORDER BY id FOR UPDATE SKIP LOCKED LOOP
    fed := fed + profile_pic.feed_sync(sync, default_pace, ahead, batches, but_for);
  END LOOP;
  RETURN fed;
END
$$;

-- The leads among these whose request no other session holds locked. Their rows are locked for this
-- transaction, so enqueue does not wait for them.
CREATE OR REPLACE FUNCTION profile_pic.free_leads(lead_ids text[]) RETURNS text[]
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  RETURN ARRAY(
    SELECT id FROM unnest(lead_ids) AS id
    WHERE NOT EXISTS (SELECT FROM profile_pic.requests AS r WHERE r.lead_id = id OFFSET 0)
      OR (SELECT r.lead_id FROM profile_pic.requests AS r WHERE r.lead_id = id
          FOR UPDATE SKIP LOCKED) IS NOT NULL
    ORDER BY 1);
END
$$;

CREATE OR REPLACE FUNCTION profile_pic.feed_sync(
  sync profile_pic.syncs, default_pace integer, ahead interval, batches boolean, but_for text[])
RETURNS bigint
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  pace   integer;
  rests  boolean;
  room   bigint;
  fed    bigint;
  last   text;
  found  text[];
  queued bigint[];
BEGIN
  -- A message that was removed by hand never settles, so its lead is done.
  UPDATE profile_pic.sync_items AS i SET outcome = 'REMOVED'
  WHERE i.sync_id = sync.id AND i.outcome IS NULL AND i.message_id IS NOT NULL
    AND NOT EXISTS (
      SELECT FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = i.message_id OFFSET 0);

  SELECT i.pace_per_minute,
         profile_pic.rests_until(i) > statement_timestamp() + ahead
           OR profile_pic.background_from(i) > statement_timestamp()
  INTO pace, rests
  FROM (SELECT sync.instance_id) AS s LEFT JOIN profile_pic.instances AS i ON i.instance_id = s.instance_id;
  IF rests THEN
    RETURN 0;
  END IF;

  -- The number of messages that may wait for this instance, less its bulk and refresh messages that wait or
  -- run already.
  room := greatest(ceil(coalesce(pace, default_pace) / 60.0 * extract(epoch FROM ahead)), 1)
    - (SELECT count(*) FROM profile_pic.sync_items AS i
       WHERE i.sync_id = sync.id AND i.outcome IS NULL AND i.message_id IS NOT NULL)
    - (SELECT count(*) FROM profile_pic.refreshes AS r WHERE r.instance_id = sync.instance_id);
  IF room <= 0 THEN
    RETURN 0;
  END IF;
  room := least(sync.batch_size,
    CASE WHEN profile_pic.has_batches(sync.instance_id, batches, but_for) THEN profile_pic.batch_size()
         ELSE room END);

  IF sync.kind = 'without_photo' AND NOT sync.fed_all THEN
    IF sync.most IS NOT NULL THEN
      room := least(room, sync.most - profile_pic.listed_leads(sync.id));
    END IF;
    WITH step AS MATERIALIZED (
      SELECT l.lead_id, l.phone, l.place
      FROM profile_pic.leads_without_photo(sync.instance_id, sync.with_default, sync.after_id, room::integer)
        WITH ORDINALITY AS l (lead_id, phone, place)
    ), added AS (
      INSERT INTO profile_pic.sync_items (sync_id, lead_id, phone)
      SELECT sync.id, s.lead_id, left(s.phone, 64) FROM step AS s
      WHERE sync.caller_instances IS NULL
        OR s.lead_id IN (
          SELECT r.lead_id
          FROM profile_pic.read_leads(ARRAY(SELECT o.lead_id FROM step AS o), sync.caller_instances) AS r)
      ON CONFLICT DO NOTHING
    )
    SELECT s.lead_id INTO last FROM step AS s ORDER BY s.place DESC LIMIT 1;
    UPDATE profile_pic.syncs
    SET after_id = coalesce(last, after_id), fed_all = last IS NULL
    WHERE id = sync.id;
  END IF;

  IF sync.kind = 'filtered' AND NOT sync.fed_all THEN
    room := least(room, coalesce(sync.most - profile_pic.listed_leads(sync.id), room));
    -- A step reads a limited number of leads, even when few of them match. The next step goes on behind them.
    SELECT w.ids, CASE WHEN room > 0 THEN w.next END INTO found, last
    FROM profile_pic.walk_pictures(
      sync.caller_instances, sync.only_state, sync.only_reason, sync.instance_id, sync.after_id,
      greatest(room, 1)::integer, 10000, sync.with_default) AS w;
    INSERT INTO profile_pic.sync_items (sync_id, lead_id, phone)
    SELECT sync.id, r.lead_id, left(r.phone, 64)
    FROM profile_pic.read_leads(found, sync.caller_instances) AS r
    WHERE room > 0 AND r.phone IS NOT NULL
      -- The CRM may have moved the lead to another instance meanwhile.
      AND coalesce(profile_pic.lead_owner(r.lead_id, r.instance_id), sync.instance_id) = sync.instance_id
    ON CONFLICT DO NOTHING;
    UPDATE profile_pic.syncs
    SET after_id = coalesce(last, after_id), fed_all = last IS NULL
    WHERE id = sync.id;
  END IF;

  -- Leads whose request is locked by another session stay for later, and do not hold up other leads.
  WITH candidates AS MATERIALIZED (
    SELECT i.ctid AS row_at, i.lead_id, i.phone FROM profile_pic.sync_items AS i
    WHERE i.sync_id = sync.id AND i.outcome IS NULL AND i.message_id IS NULL
    ORDER BY i.lead_id LIMIT room + 100
  ), free AS MATERIALIZED (
    SELECT profile_pic.free_leads(ARRAY(SELECT c.lead_id FROM candidates AS c)) AS leads
  ), forgotten AS (
    -- An erasure removed the phone. The lead may exist again meanwhile, and must not be looked up without a
    -- phone.
    UPDATE profile_pic.sync_items AS i SET outcome = 'ERASED'
    WHERE i.sync_id = sync.id
      AND i.lead_id = ANY (ARRAY(SELECT c.lead_id FROM candidates AS c WHERE c.phone IS NULL))
    RETURNING 1
  ), next AS MATERIALIZED (
    SELECT c.row_at, c.lead_id, c.phone, row_number() OVER (ORDER BY c.lead_id) AS place
    FROM candidates AS c
    WHERE c.phone IS NOT NULL AND c.lead_id = ANY ((SELECT f.leads FROM free AS f)::text[])
    ORDER BY c.lead_id LIMIT room
  ), enqueued AS MATERIALIZED (
    SELECT e.status, e.message_id, a.rows_at[e.ordinal] AS row_at
    FROM (
      SELECT array_agg(n.lead_id ORDER BY n.place) AS leads, array_agg(n.phone ORDER BY n.place) AS phones,
             array_agg(n.row_at ORDER BY n.place) AS rows_at, count(*)::integer AS n
      FROM next AS n
    ) AS a
    CROSS JOIN LATERAL profile_pic.enqueue(
      a.leads, a.phones, array_fill(NULL::text, ARRAY[a.n]), array_fill(sync.instance_id, ARRAY[a.n]),
      array_fill(statement_timestamp(), ARRAY[a.n]), array_fill('bulk'::text, ARRAY[a.n]),
      array_fill(sync.force_update, ARRAY[a.n]), array_fill(false, ARRAY[a.n]),
      array_fill(NULL::text, ARRAY[a.n]),
      array_fill(array_to_string(sync.caller_instances, ','), ARRAY[a.n])) AS e
    WHERE a.n > 0
  ), noted AS (
    UPDATE profile_pic.sync_items AS i
    SET message_id = e.message_id,
        outcome = CASE e.status WHEN 'unknown_lead' THEN 'LEAD_GONE' WHEN 'erased' THEN 'ERASED'
                                WHEN 'duplicate' THEN CASE WHEN e.message_id IS NULL THEN 'FRESH' END END
    FROM enqueued AS e WHERE i.ctid = e.row_at
    RETURNING 1
  )
  SELECT (SELECT count(*) FROM noted) + (SELECT count(*) FROM forgotten),
         ARRAY(SELECT e.message_id FROM enqueued AS e WHERE e.status = 'queued')
  INTO fed, queued;
  PERFORM profile_pic.gather(queued, batches, but_for);

  IF fed = 0
    AND NOT EXISTS (SELECT FROM profile_pic.sync_items AS i WHERE i.sync_id = sync.id AND i.outcome IS NULL)
  THEN
    UPDATE profile_pic.syncs
    SET state = 'DONE', finished_at = statement_timestamp(), fed_all = true,
        total = profile_pic.listed_leads(sync.id)
    WHERE id = sync.id AND (kind = 'list' OR fed_all);
  END IF;
  PERFORM profile_pic.fold_tallies(sync.id);
  RETURN fed;
END
$$;

-- The number of leads that a sync has listed so far.
CREATE OR REPLACE FUNCTION profile_pic.listed_leads(sync bigint) RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(t.n), 0)::bigint FROM profile_pic.sync_tallies AS t WHERE t.sync_id = sync
$$;

-- Merges a sync's tallies into one row per bucket, when there are many. Rows that other sessions add at the
-- same time are not seen and stay.
-- Locks: the rows that it removes; the caller holds the sync. Index: sync_tallies (sync_id).
CREATE OR REPLACE FUNCTION profile_pic.fold_tallies(sync bigint) RETURNS void
LANGUAGE sql AS $$
  WITH gone AS (
    DELETE FROM profile_pic.sync_tallies AS t
    WHERE t.sync_id = sync
      AND (SELECT count(*) FROM profile_pic.sync_tallies AS o WHERE o.sync_id = sync) > 50
    RETURNING t.bucket, t.n
  )
  INSERT INTO profile_pic.sync_tallies (sync_id, bucket, n)
  SELECT sync, g.bucket, sum(g.n) FROM gone AS g GROUP BY g.bucket HAVING sum(g.n) <> 0
$$;

-- Keeps the tallies. Called once per statement that adds, changes or removes leads of syncs, in the
-- transaction of that statement. So the figures are exact in every snapshot. Locks: none, because rows are
-- only added.
CREATE OR REPLACE FUNCTION profile_pic.sync_items_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO profile_pic.sync_tallies (sync_id, bucket, n)
    SELECT i.sync_id, profile_pic.sync_bucket(i.message_id, i.outcome), count(*)
    FROM after_rows AS i GROUP BY 1, 2;
  ELSIF TG_OP = 'TRUNCATE' THEN
    DELETE FROM profile_pic.sync_tallies;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO profile_pic.sync_tallies (sync_id, bucket, n)
    SELECT i.sync_id, profile_pic.sync_bucket(i.message_id, i.outcome), -count(*)
    FROM before_rows AS i GROUP BY 1, 2;
  ELSE
    INSERT INTO profile_pic.sync_tallies (sync_id, bucket, n)
    SELECT i.sync_id, i.bucket, sum(i.n)
    FROM (
      SELECT a.sync_id, profile_pic.sync_bucket(a.message_id, a.outcome) AS bucket, 1 AS n
      FROM after_rows AS a
      UNION ALL
      SELECT b.sync_id, profile_pic.sync_bucket(b.message_id, b.outcome), -1 FROM before_rows AS b
    ) AS i
    GROUP BY 1, 2 HAVING sum(i.n) <> 0;
  END IF;
  RETURN NULL;
END
$$;

-- The figure in which a lead of a sync is counted.
CREATE OR REPLACE FUNCTION profile_pic.sync_bucket(message_id bigint, outcome text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(outcome, CASE WHEN message_id IS NULL THEN 'waiting' ELSE 'in_flight' END);

-- Creates the triggers once. Existing leads are counted while no session can change them.
DO $triggers$
BEGIN
  IF EXISTS (
    SELECT FROM pg_trigger WHERE tgrelid = 'profile_pic.sync_items'::regclass AND tgname = 'sync_items_added')
  THEN
    RETURN;
  END IF;
  CREATE TRIGGER sync_items_added AFTER INSERT ON profile_pic.sync_items
    REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION profile_pic.sync_items_changed();
  CREATE TRIGGER sync_items_changed AFTER UPDATE ON profile_pic.sync_items
    REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows
    FOR EACH STATEMENT EXECUTE FUNCTION profile_pic.sync_items_changed();
  CREATE TRIGGER sync_items_removed AFTER DELETE ON profile_pic.sync_items
    REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION profile_pic.sync_items_changed();
  CREATE TRIGGER sync_items_emptied AFTER TRUNCATE ON profile_pic.sync_items
    FOR EACH STATEMENT EXECUTE FUNCTION profile_pic.sync_items_changed();
  INSERT INTO profile_pic.sync_tallies (sync_id, bucket, n)
  SELECT i.sync_id, profile_pic.sync_bucket(i.message_id, i.outcome), count(*)
  FROM profile_pic.sync_items AS i GROUP BY 1, 2;
END
$triggers$;

-- The progress of each sync. done + in_flight + waiting = total, always; after a cancel, the waiting leads
-- are called cancelled.
CREATE OR REPLACE VIEW profile_pic.sync_progress AS
SELECT s.id, s.instance_id, s.kind, s.state, s.force_update, s.created_at, s.finished_at,
       greatest(s.total, items.listed) AS total, items.done, items.in_flight,
       greatest(s.total, items.listed) - items.done - items.in_flight AS waiting, items.outcomes
FROM profile_pic.syncs AS s
CROSS JOIN LATERAL (
  SELECT coalesce(sum(o.n), 0)::bigint AS listed,
         coalesce(sum(o.n) FILTER (WHERE o.bucket NOT IN ('waiting', 'in_flight')), 0)::bigint AS done,
         coalesce(sum(o.n) FILTER (WHERE o.bucket = 'in_flight'), 0)::bigint AS in_flight,
         coalesce(
           jsonb_object_agg(o.bucket, o.n) FILTER (WHERE o.bucket NOT IN ('waiting', 'in_flight')),
           '{}') AS outcomes
  FROM (
    SELECT t.bucket, sum(t.n)::bigint AS n
    FROM profile_pic.sync_tallies AS t WHERE t.sync_id = s.id
    GROUP BY t.bucket
    HAVING sum(t.n) > 0
  ) AS o
) AS items;

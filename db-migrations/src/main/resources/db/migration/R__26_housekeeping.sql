-- Chores of the workers that remove old data, a bounded step at a time. Each step is one short transaction.
-- All chores have the same shape:
--
-- older_than  how long things are kept
-- after       where the last step ended; null at first
-- most        how many rows are read, at the most
-- returns     removed: how many rows were removed; next: where to go on, null when all rows have been read
--
-- A step may run at the same time as another step of its kind and as any other work, but one leader runs the
-- chores (docs/decisions/0009-housekeeping.md).
-- Their plans are pinned to indexes and made once (afterMigrate__plans.sql).

-- History older than older_than, except the newest row of each lead. Walks the rows in order of id, which is
-- the order of time.
-- Indexes: primary key, picture_history (lead_id, id).
CREATE OR REPLACE FUNCTION profile_pic.forget_history(
  older_than interval, after text, most integer, OUT removed bigint, OUT next text)
LANGUAGE plpgsql AS $$
BEGIN
  WITH looked_at AS MATERIALIZED (
    SELECT h.id, h.lead_id, h.at < statement_timestamp() - older_than AS old
    FROM profile_pic.picture_history AS h
    WHERE h.id > coalesce(after::bigint, 0) ORDER BY h.id LIMIT most
  ), gone AS (
    DELETE FROM profile_pic.picture_history AS h
    WHERE h.id = ANY (ARRAY(
      SELECT l.id FROM looked_at AS l
      WHERE l.old AND EXISTS (
        SELECT FROM profile_pic.picture_history AS newer
        WHERE newer.lead_id = l.lead_id AND newer.id > l.id OFFSET 0)))
    RETURNING 1
  )
  SELECT (SELECT count(*) FROM gone),
         -- All rows behind a young row are young too.
         CASE WHEN count(*) = most AND bool_and(l.old) THEN max(l.id)::text END
  INTO removed, next
  FROM looked_at AS l;
END
$$;

-- Archived messages, and archived dead letters. Index: PGMQ's own on archived_at.
CREATE OR REPLACE FUNCTION profile_pic.forget_archive(
  older_than interval, after text, most integer, OUT removed bigint, OUT next text)
LANGUAGE plpgsql AS $$
BEGIN
  WITH gone AS (
    DELETE FROM pgmq.a_profile_pic_queue AS a
    WHERE a.msg_id = ANY (ARRAY(
      SELECT o.msg_id FROM pgmq.a_profile_pic_queue AS o
      WHERE o.archived_at < statement_timestamp() - older_than ORDER BY o.archived_at LIMIT most))
    RETURNING 1
  ), letters AS (
    DELETE FROM pgmq.a_profile_pic_dlq AS a
    WHERE a.msg_id = ANY (ARRAY(
      SELECT o.msg_id FROM pgmq.a_profile_pic_dlq AS o
      WHERE o.archived_at < statement_timestamp() - older_than ORDER BY o.archived_at LIMIT most))
    RETURNING 1
  ), counted AS (
    SELECT (SELECT count(*) FROM gone) AS messages, (SELECT count(*) FROM letters) AS letters
  )
  SELECT c.messages + c.letters, CASE WHEN greatest(c.messages, c.letters) = most THEN '' END
  INTO removed, next
  FROM counted AS c;
END
$$;

-- Dead letters that were neither replayed nor dropped. Walks them in order of msg_id, which is the order of
-- time.
-- Index: PGMQ's primary key.
CREATE OR REPLACE FUNCTION profile_pic.forget_dead_letters(
  older_than interval, after text, most integer, OUT removed bigint, OUT next text)
LANGUAGE plpgsql AS $$
BEGIN
  WITH looked_at AS MATERIALIZED (
    SELECT d.msg_id, d.enqueued_at < statement_timestamp() - older_than AS old
    FROM pgmq.q_profile_pic_dlq AS d
    WHERE d.msg_id > coalesce(after::bigint, 0) ORDER BY d.msg_id LIMIT most
  ), gone AS (
    DELETE FROM pgmq.q_profile_pic_dlq AS d
    WHERE d.msg_id = ANY (ARRAY(SELECT l.msg_id FROM looked_at AS l WHERE l.old))
    RETURNING 1
  )
  SELECT (SELECT count(*) FROM gone),
         CASE WHEN count(*) = most AND bool_and(l.old) THEN max(l.msg_id)::text END
  INTO removed, next
  FROM looked_at AS l;
END
$$;

-- Receipts of signed deliveries. They stay for at least a day, regardless of older_than: senders may repeat a
-- delivery for that long, and a recording of it must not be played again. Index: webhook_receipts_accepted.
CREATE OR REPLACE FUNCTION profile_pic.forget_receipts(
  older_than interval, after text, most integer, OUT removed bigint, OUT next text)
LANGUAGE plpgsql AS $$
BEGIN
  WITH old AS MATERIALIZED (
    SELECT r.ctid AS row_at FROM profile_pic.webhook_receipts AS r
    WHERE r.accepted_at < statement_timestamp() - greatest(older_than, interval '1 day')
    ORDER BY r.accepted_at LIMIT most
  ), gone AS (
    DELETE FROM profile_pic.webhook_receipts AS r WHERE r.ctid = ANY (ARRAY(SELECT o.row_at FROM old AS o))
    RETURNING 1
  )
  SELECT count(*), CASE WHEN count(*) = most THEN '' END INTO removed, next FROM gone;
END
$$;

-- Events under a LID whose number was never learned. Index: unmatched_events_recorded.
CREATE OR REPLACE FUNCTION profile_pic.forget_unmatched_events(
  older_than interval, after text, most integer, OUT removed bigint, OUT next text)
LANGUAGE plpgsql AS $$
BEGIN
  WITH old AS MATERIALIZED (
    SELECT u.ctid AS row_at FROM profile_pic.unmatched_events AS u
    WHERE u.recorded_at < statement_timestamp() - older_than ORDER BY u.recorded_at LIMIT most
  ), gone AS (
    DELETE FROM profile_pic.unmatched_events AS u WHERE u.ctid = ANY (ARRAY(SELECT o.row_at FROM old AS o))
    RETURNING 1
  )
  SELECT count(*), CASE WHEN count(*) = most THEN '' END INTO removed, next FROM gone;
END
$$;

-- LIDs that no event has named for older_than. told_at moves on once a day at the most (R__30), so the LIDs
-- of people who write stay. Index: lids_told.
CREATE OR REPLACE FUNCTION profile_pic.forget_lids(
  older_than interval, after text, most integer, OUT removed bigint, OUT next text)
LANGUAGE plpgsql AS $$
BEGIN
  WITH old AS MATERIALIZED (
    SELECT k.ctid AS row_at FROM profile_pic.lids AS k
    WHERE k.told_at < statement_timestamp() - older_than ORDER BY k.told_at LIMIT most
  ), gone AS (
    -- A row that was changed meanwhile stands at another place, and stays.
    DELETE FROM profile_pic.lids AS k WHERE k.ctid = ANY (ARRAY(SELECT o.row_at FROM old AS o))
    RETURNING 1
  )
  SELECT (SELECT count(*) FROM gone), CASE WHEN count(*) = most THEN '' END INTO removed, next FROM old;
END
$$;

-- Samples of unreadable webhooks, when no webhook of their kind has come for older_than. The table has a row
-- per kind and instance.
CREATE OR REPLACE FUNCTION profile_pic.forget_unrecognised(
  older_than interval, after text, most integer, OUT removed bigint, OUT next text)
LANGUAGE plpgsql AS $$
BEGIN
  WITH old AS MATERIALIZED (
    SELECT u.ctid AS row_at FROM profile_pic.unrecognised_webhooks AS u
    WHERE u.last_at < statement_timestamp() - older_than ORDER BY u.kind, u.instance_id LIMIT most
  ), gone AS (
    DELETE FROM profile_pic.unrecognised_webhooks AS u
    WHERE u.ctid = ANY (ARRAY(SELECT o.row_at FROM old AS o))
    RETURNING 1
  )
  SELECT (SELECT count(*) FROM gone), CASE WHEN count(*) = most THEN '' END INTO removed, next FROM old;
END
$$;

-- Bytes that belong to no lead any more: their photo was replaced or removed, or the lead is gone.
--
-- At the same moment a settle may give such bytes to a lead. The settle touches the row of the bytes when it
-- finds them there (R__04). So a row that the settle holds is skipped, and a row that the settle has touched
-- is young. When this step locks the row first, the settle waits and writes the bytes anew. The settle may
-- also have committed between the first read and the lock: so a second statement reads the locked rows again
-- before it removes them.
-- Locks: rows of avatars (SKIP LOCKED). Indexes: primary key, pictures (storage_key).
CREATE OR REPLACE FUNCTION profile_pic.forget_orphans(
  older_than interval, after text, most integer, OUT removed bigint, OUT next text)
LANGUAGE plpgsql AS $$
DECLARE
  orphans text[];
BEGIN
  WITH looked_at AS MATERIALIZED (
    SELECT a.storage_key FROM profile_pic.avatars AS a
    WHERE a.storage_key > coalesce(after, '') ORDER BY a.storage_key LIMIT most
  ), held AS (
    SELECT a.storage_key
    FROM looked_at AS l
    CROSS JOIN LATERAL (
      SELECT a.storage_key FROM profile_pic.avatars AS a
      WHERE a.storage_key = l.storage_key AND a.created_at < statement_timestamp() - older_than
        AND (a.doomed_at IS NULL OR a.bytes IS NOT NULL)
        AND NOT EXISTS (
          SELECT FROM profile_pic.pictures AS p WHERE p.storage_key = l.storage_key OFFSET 0)
      FOR UPDATE SKIP LOCKED
    ) AS a
  )
  SELECT (SELECT array_agg(h.storage_key) FROM held AS h),
         CASE WHEN count(*) = most THEN max(l.storage_key) END
  INTO orphans, next
  FROM looked_at AS l;

  removed := profile_pic.drop_photos(orphans);
END
$$;

-- Bulk syncs that ended older_than ago, their leads first. Indexes: primary keys; the table of syncs is
-- small.
CREATE OR REPLACE FUNCTION profile_pic.forget_syncs(
  older_than interval, after text, most integer, OUT removed bigint, OUT next text)
LANGUAGE plpgsql AS $$
DECLARE
  sync bigint;
BEGIN
  SELECT s.id INTO sync FROM profile_pic.syncs AS s
  WHERE s.state IN ('DONE', 'CANCELLED') AND s.finished_at < statement_timestamp() - older_than
  ORDER BY s.id LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    removed := 0;
    RETURN;
  END IF;
  DELETE FROM profile_pic.sync_items AS i
  WHERE i.sync_id = sync
    AND i.lead_id = ANY (ARRAY(
      SELECT o.lead_id FROM profile_pic.sync_items AS o WHERE o.sync_id = sync
      ORDER BY o.lead_id LIMIT most));
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF removed < most THEN
    DELETE FROM profile_pic.sync_tallies AS t WHERE t.sync_id = sync;
    DELETE FROM profile_pic.syncs AS s WHERE s.id = sync;
  END IF;
  next := '';
END
$$;

-- Requests that wait for another lead's answer, but whose own message was taken from the queue. older_than
-- does not matter: a request and its message come in one transaction. Indexes: primary keys.
CREATE OR REPLACE FUNCTION profile_pic.forget_siblings(
  older_than interval, after text, most integer, OUT removed bigint, OUT next text)
LANGUAGE plpgsql AS $$
BEGIN
  WITH looked_at AS MATERIALIZED (
    SELECT s.message_id FROM profile_pic.lookup_siblings AS s
    WHERE s.message_id > coalesce(after::bigint, 0) ORDER BY s.message_id LIMIT most
  ), gone AS (
    DELETE FROM profile_pic.lookup_siblings AS s
    WHERE s.message_id = ANY (ARRAY(
      SELECT l.message_id FROM looked_at AS l
      WHERE NOT EXISTS (
        SELECT FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = l.message_id OFFSET 0)))
    RETURNING 1
  )
  SELECT (SELECT count(*) FROM gone), CASE WHEN count(*) = most THEN max(l.message_id)::text END
  INTO removed, next
  FROM looked_at AS l;
END
$$;

-- Leads whose pending message was taken from the queue: they no longer count as waiting; otherwise they would
-- never be refreshed. older_than does not matter. Only the message that was seen is dropped: a newer
-- message, which this step cannot see yet, stays. A lead that is due at no time would wait for ever, so it is
-- due for a refresh, which asks again at the instance's pace.
-- Locks: rows of requests, then of pictures (SKIP LOCKED). Indexes: primary keys.
CREATE OR REPLACE FUNCTION profile_pic.forget_lost_requests(
  older_than interval, after text, most integer, OUT removed bigint, OUT next text)
LANGUAGE plpgsql AS $$
DECLARE
  lost text[];
BEGIN
  WITH looked_at AS MATERIALIZED (
    SELECT r.lead_id, r.message_id FROM profile_pic.requests AS r
    WHERE r.lead_id > coalesce(after, '') ORDER BY r.lead_id LIMIT most
  ), held AS (
    SELECT r.lead_id
    FROM looked_at AS l
    CROSS JOIN LATERAL (
      SELECT r.lead_id FROM profile_pic.requests AS r
      WHERE r.lead_id = l.lead_id AND r.message_id = l.message_id
        AND NOT EXISTS (
          SELECT FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = l.message_id OFFSET 0)
      FOR UPDATE SKIP LOCKED
    ) AS r
  )
  SELECT ARRAY(SELECT h.lead_id FROM held AS h), CASE WHEN count(*) = most THEN max(l.lead_id) END
  INTO lost, next
  FROM looked_at AS l;
  PERFORM profile_pic.forget_pending(lost);
  UPDATE profile_pic.pictures AS p SET next_check_at = statement_timestamp()
  WHERE p.lead_id = ANY (ARRAY(
    SELECT o.lead_id FROM profile_pic.pictures AS o
    WHERE o.lead_id = ANY (lost) AND o.state <> 'ERASED' AND o.next_check_at IS NULL
    ORDER BY o.lead_id FOR UPDATE SKIP LOCKED));
  removed := cardinality(lost);
END
$$;

-- Our data about leads that the CRM has deleted without a trigger's notice. older_than does not matter. When
-- no lead of a step is there, we cannot see the table, or the CRM is being restored. Nothing is forgotten
-- then, and the chore warns until a walk begins that finds these leads again.
-- Also forgets the ends of phones of erased leads, which a transaction of the CRM held during the erasure.
-- Locks: rows of pictures, then of lead_phones (SKIP LOCKED). Indexes: primary keys.
CREATE OR REPLACE FUNCTION profile_pic.forget_deleted_leads(
  older_than interval, after text, most integer, OUT removed bigint, OUT next text)
LANGUAGE plpgsql AS $$
DECLARE
  looked_at text[] := ARRAY(
    SELECT p.lead_id FROM profile_pic.pictures AS p
    WHERE p.lead_id > coalesce(after, '')
    ORDER BY p.lead_id LIMIT most);
BEGIN
  IF after IS NULL THEN
    UPDATE profile_pic.chores AS c SET warning = NULL
    WHERE c.chore = 'deleted_leads' AND c.warning IS NOT NULL;
  END IF;
  -- The lock of the state keeps allow_person away, which writes the row anew.
  PERFORM profile_pic.drop_lead_phones(ARRAY(
    SELECT p.lead_id FROM profile_pic.pictures AS p
    WHERE p.lead_id = ANY (looked_at) AND p.state = 'ERASED'
      AND EXISTS (SELECT FROM profile_pic.lead_phones AS lp WHERE lp.lead_id = p.lead_id OFFSET 0)
    ORDER BY p.lead_id FOR UPDATE OF p SKIP LOCKED));
  removed := profile_pic.forget_missing(looked_at);
  next := CASE WHEN cardinality(looked_at) = most THEN looked_at[most] END;
END
$$;

-- Forgets the leads among these that the CRM no longer has, and returns their number. A lead that is not
-- visible may still exist: when no lead of the list is there, or the table shows no lead at all, no lead is
-- forgotten.
CREATE OR REPLACE FUNCTION profile_pic.forget_missing(lead_ids text[]) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  missing text[] := ARRAY(
    SELECT id FROM unnest(lead_ids) AS id
    WHERE NOT EXISTS (SELECT FROM profile_pic.find_leads(ARRAY[id]) AS f));
BEGIN
  IF cardinality(missing) = 0 THEN
    RETURN 0;
  END IF;
  IF NOT profile_pic.leads_are_visible()
    OR (cardinality(missing) >= 5 AND cardinality(missing) = cardinality(lead_ids))
  THEN
    INSERT INTO profile_pic.chores AS c (chore, done_at, warning)
    VALUES (
      'deleted_leads', '-infinity',
      format(
        'none of %s leads that we know is to be seen in the CRM''s table: nothing is forgotten',
        cardinality(missing)))
    ON CONFLICT (chore) DO UPDATE SET warning = excluded.warning;
    RETURN 0;
  END IF;
  missing := ARRAY(
    SELECT id FROM unnest(missing) AS id
    WHERE EXISTS (
      SELECT FROM profile_pic.pictures AS p WHERE p.lead_id = id AND p.state <> 'ERASED' OFFSET 0));
  RETURN cardinality(profile_pic.forget_leads(missing));
END
$$;

-- Forgets the data of leads that are gone, and returns the leads that it forgot: the other leads are being
-- settled or enqueued right now, or the CRM holds the row with the end of their phone. An erased lead's
-- tombstone stays, because its id may come back.
-- Locks: requests, then pictures, as settle does, and lead_phones (all SKIP LOCKED).
CREATE OR REPLACE FUNCTION profile_pic.forget_leads(lead_ids text[]) RETURNS text[]
LANGUAGE plpgsql AS $$
DECLARE
  free text[] := profile_pic.free_leads(lead_ids);
  held text[] := ARRAY(
    SELECT p.lead_id FROM profile_pic.pictures AS p
    WHERE p.lead_id = ANY (free)
    ORDER BY p.lead_id FOR UPDATE SKIP LOCKED);
BEGIN
  free := ARRAY(
    SELECT id FROM unnest(free) AS id
    WHERE id = ANY (held)
      OR NOT EXISTS (SELECT FROM profile_pic.pictures AS p WHERE p.lead_id = id OFFSET 0));
  DELETE FROM profile_pic.pictures AS p WHERE p.lead_id = ANY (free) AND p.state <> 'ERASED';
  DELETE FROM profile_pic.picture_history AS h WHERE h.lead_id = ANY (free);
  DELETE FROM profile_pic.webhook_events AS v WHERE v.lead_id = ANY (free);
  DELETE FROM profile_pic.contact_avatars AS c WHERE c.lead_id = ANY (free);
  DELETE FROM profile_pic.requests AS r WHERE r.lead_id = ANY (free);
  DELETE FROM profile_pic.lead_writes AS w WHERE w.lead_id = ANY (free);
  PERFORM profile_pic.drop_lead_phones(free);
  RETURN ARRAY(
    SELECT id FROM unnest(free) AS id
    WHERE NOT EXISTS (SELECT FROM profile_pic.lead_phones AS lp WHERE lp.lead_id = id OFFSET 0));
END
$$;

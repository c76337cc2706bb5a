-- profile_pic.replay_dead_letters(ids, reason, most, callers, actor): puts dead letters back to work; all of
-- them when both filters are null.
--
-- ids      msg_ids in profile_pic_dlq; null for any     reason   error.reason; null for any
-- most     how many at the most, oldest first
-- callers  the instances that the caller is bound to; null when it is bound to none. Letters of other
--          instances do not exist for this caller
-- actor    the name of the caller's key, for the audit log
-- returns  a row per dead letter that could be replayed: dead_letter_id, status, message_id (in the queue)
--            queued        a message waits again, with the event's own time and no attempts behind it
--            duplicate     a request for this lead is pending, or a newer event was served: nothing more to
--                          do
--            erased        the person asked to be forgotten
--            unreplayable  names no existing lead, and stays where it is
--          a letter that is not an object with lead_id and phone stays where it is and has no row
--
-- A dead letter leaves in the transaction that enqueues its request, so it is never lost. Replaying twice is
-- harmless: the second call finds the letter gone, or skips it because the first holds its lock.
-- Locks: rows of the dead letters (SKIP LOCKED), then the locks of enqueue.
CREATE OR REPLACE FUNCTION profile_pic.replay_dead_letters(
  ids bigint[], reason text, most integer, callers text[] DEFAULT NULL, actor text DEFAULT 'database')
RETURNS TABLE (dead_letter_id bigint, status text, message_id bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  letter_ids bigint[];
  requests   jsonb;
  reachable  bigint[] := replay_dead_letters.ids;
  complete   boolean;
BEGIN
  IF callers IS NOT NULL AND ids IS NULL THEN
    SELECT array_agg(w.letter) FILTER (WHERE w.within), coalesce(bool_and(w.within), true)
    INTO reachable, complete
    FROM profile_pic.letters_within(callers, reason, 0, true, most, '3 seconds') AS w;
    IF reachable IS NULL AND NOT complete THEN
      RAISE 'the caller''s letters were not found in time' USING ERRCODE = 'query_canceled';
    END IF;
    reachable := coalesce(reachable, '{}');
  END IF;
  WITH letters AS MATERIALIZED (
    SELECT d.msg_id, d.message, d.headers
    FROM pgmq.q_profile_pic_dlq AS d
    WHERE (reachable IS NULL OR d.msg_id = ANY (reachable))
      AND (replay_dead_letters.reason IS NULL
        OR d.message -> 'error' ->> 'reason' = replay_dead_letters.reason)
      AND jsonb_typeof(d.message -> 'lead_id') IN ('string', 'number')
      AND jsonb_typeof(d.message -> 'phone') IN ('string', 'number')
      AND (replay_dead_letters.callers IS NULL
        OR profile_pic.reaches(replay_dead_letters.callers, profile_pic.letter_owner(d.message)))
    ORDER BY d.msg_id
    LIMIT most
    FOR UPDATE SKIP LOCKED
  )
  SELECT array_agg(l.msg_id ORDER BY l.msg_id),
         jsonb_agg(l.message - 'error' || jsonb_build_object('traceparent', l.headers -> 'traceparent')
                   ORDER BY l.msg_id)
  INTO letter_ids, requests
  FROM letters AS l;

  IF letter_ids IS NULL THEN
    RETURN;
  END IF;
  -- A caller may send any text as the reason. It is repeated only if letters have that reason.
  PERFORM profile_pic.note_deed(actor, 'dead_letters_replayed', NULL, NULL,
    jsonb_build_object(
      'letters', cardinality(letter_ids), 'first', letter_ids[1], 'last', letter_ids[cardinality(letter_ids)],
      'reason', substring(replay_dead_letters.reason FROM '^[A-Z_]{1,40}$')));

  RETURN QUERY
  WITH replayed AS MATERIALIZED (
    SELECT letter_ids[e.ordinal] AS id,
           CASE e.status WHEN 'unknown_lead' THEN 'unreplayable' ELSE e.status END AS status, e.message_id
    FROM profile_pic.enqueue(requests, array_to_string(replay_dead_letters.callers, ',')) AS e
  ), removed AS (
    DELETE FROM pgmq.q_profile_pic_dlq AS d
    USING replayed AS r
    WHERE d.msg_id = r.id AND r.status <> 'unreplayable'
  )
  SELECT r.id, r.status, r.message_id FROM replayed AS r ORDER BY r.id;
END
$$;

-- The instance that a dead letter belongs to: its lead's. When there is no such lead, neither in the CRM nor
-- on record, it is the instance that the message names. Where the lead has an owner, the message's own
-- instance counts for nothing.
CREATE OR REPLACE FUNCTION profile_pic.letter_owner(message jsonb) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN l.lead_id IS NULL THEN profile_pic.instance_or_null(message ->> 'instance_id')
              ELSE l.instance_id END
  FROM (VALUES (1)) AS one
  LEFT JOIN profile_pic.reachable_lead(message ->> 'lead_id', NULL) AS l ON true
$$;

-- The letters within a bound caller's reach. The queue is read a page at a time, so that the owners of a
-- page are found together.
--
-- place    msg_id behind which the search begins
-- forward  true: oldest first, and only letters that could be replayed; false: newest first
-- within   false in a last row that stands for no letter: the time `lasts` was over, and the search came to
--          this msg_id
-- Indexes: the primary keys.
CREATE OR REPLACE FUNCTION profile_pic.letters_within(
  callers text[], reason text, place bigint, forward boolean, most integer, lasts interval)
RETURNS TABLE (letter bigint, within boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
  ends    timestamptz := clock_timestamp() + letters_within.lasts;
  missing integer := letters_within.most;
  behind  bigint := letters_within.place;
  size    bigint;
  came    bigint;
  ids     bigint[];
  leads   text[];
  named   text[];
BEGIN
  LOOP
    SELECT count(*), CASE WHEN letters_within.forward THEN max(p.msg_id) ELSE min(p.msg_id) END,
           array_agg(p.msg_id) FILTER (WHERE p.fits), array_agg(p.lead) FILTER (WHERE p.fits),
           array_agg(p.named) FILTER (WHERE p.fits)
    INTO size, came, ids, leads, named
    FROM (
      SELECT d.msg_id, d.message ->> 'lead_id' AS lead, d.message ->> 'instance_id' AS named,
             (letters_within.reason IS NULL OR d.message -> 'error' ->> 'reason' = letters_within.reason)
               AND (NOT letters_within.forward
                 OR jsonb_typeof(d.message -> 'lead_id') IN ('string', 'number')
                   AND jsonb_typeof(d.message -> 'phone') IN ('string', 'number')) AS fits
      FROM (
        (SELECT q.msg_id, q.message FROM pgmq.q_profile_pic_dlq AS q
         WHERE letters_within.forward AND q.msg_id > behind ORDER BY q.msg_id LIMIT 500)
        UNION ALL
        (SELECT q.msg_id, q.message FROM pgmq.q_profile_pic_dlq AS q
         WHERE NOT letters_within.forward AND q.msg_id < behind ORDER BY q.msg_id DESC LIMIT 500)
      ) AS d
    ) AS p;
    EXIT WHEN size = 0;
    behind := came;

    RETURN QUERY
      SELECT l.id, true
      FROM unnest(ids, leads, named) WITH ORDINALITY AS l (id, lead, named, n)
      LEFT JOIN profile_pic.find_leads(ARRAY(
        SELECT DISTINCT u.lead FROM unnest(leads) AS u (lead) WHERE u.lead IS NOT NULL)) AS f
        ON f.asked_id = l.lead
      LEFT JOIN LATERAL (
        SELECT o.lead_id, o.instance_id FROM profile_pic.pictures AS o
        WHERE o.lead_id = coalesce(f.lead_id, l.lead) LIMIT 1
      ) AS p ON true
      WHERE CASE WHEN f.lead_id IS NULL AND p.lead_id IS NULL THEN profile_pic.instance_or_null(l.named)
                 ELSE coalesce(profile_pic.instance_or_null(f.instance_id), p.instance_id)
            END = ANY (callers)
      ORDER BY l.n LIMIT missing;
    GET DIAGNOSTICS came = ROW_COUNT;
    missing := missing - came;
    EXIT WHEN missing <= 0 OR size < 500;
    IF clock_timestamp() > ends THEN
      RETURN QUERY SELECT behind, false;
      EXIT;
    END IF;
  END LOOP;
END
$$;

-- profile_pic.list_dead_letters(callers, reason, before, most): the letters within the caller's reach, newest
-- first, with a smaller msg_id than `before`. For a bound caller the search ends after a while; a last row
-- without a message then says to which msg_id it came. Index: the primary key.
CREATE OR REPLACE FUNCTION profile_pic.list_dead_letters(
  callers text[], reason text, before bigint, most integer)
RETURNS TABLE (msg_id bigint, enqueued_at timestamptz, message jsonb)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  IF callers IS NULL THEN
    RETURN QUERY
      SELECT d.msg_id, d.enqueued_at, d.message
      FROM pgmq.q_profile_pic_dlq AS d
      WHERE d.msg_id < before
        AND (list_dead_letters.reason IS NULL
          OR d.message -> 'error' ->> 'reason' = list_dead_letters.reason)
      ORDER BY d.msg_id DESC LIMIT most;
  ELSE
    RETURN QUERY
      SELECT w.letter, d.enqueued_at, CASE WHEN w.within THEN d.message END
      FROM profile_pic.letters_within(callers, reason, before, false, most, '1.5 seconds') AS w
      CROSS JOIN LATERAL (
        SELECT q.enqueued_at, q.message FROM pgmq.q_profile_pic_dlq AS q WHERE q.msg_id = w.letter LIMIT 1
      ) AS d
      ORDER BY w.letter DESC;
  END IF;
END
$$;

-- profile_pic.drop_dead_letter(id, callers, actor): returns whether the letter existed. Lock: its row.
CREATE OR REPLACE FUNCTION profile_pic.drop_dead_letter(id bigint, callers text[], actor text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  dropped jsonb;
  owner   text;
BEGIN
  DELETE FROM pgmq.q_profile_pic_dlq AS d
  WHERE d.msg_id = id
    AND (callers IS NULL OR profile_pic.reaches(callers, profile_pic.letter_owner(d.message)))
  RETURNING d.message, profile_pic.letter_owner(d.message) INTO dropped, owner;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM profile_pic.note_deed(actor, 'dead_letter_dropped', owner, id::text,
    jsonb_build_object('reason', substring(dropped -> 'error' ->> 'reason' FROM '^[A-Z_]{1,40}$')));
  RETURN true;
END
$$;

-- The number of dead letters by reason, among the newest 10,000 within the caller's reach; for a bound caller
-- among the newest 1,000 that are found within a second. looked is the number that was read.
CREATE OR REPLACE FUNCTION profile_pic.dead_letter_reasons(callers text[])
RETURNS TABLE (reason text, letters bigint, looked bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    WITH newest AS MATERIALIZED (
      (SELECT left(q.message -> 'error' ->> 'reason', 100) AS reason
       FROM pgmq.q_profile_pic_dlq AS q WHERE callers IS NULL ORDER BY q.msg_id DESC LIMIT 10000)
      UNION ALL
      SELECT left(d.message -> 'error' ->> 'reason', 100)
      FROM profile_pic.letters_within(callers, NULL, 9223372036854775807, false, 1000, '1 second') AS w
      CROSS JOIN LATERAL (
        SELECT q.message FROM pgmq.q_profile_pic_dlq AS q WHERE q.msg_id = w.letter LIMIT 1
      ) AS d
      WHERE callers IS NOT NULL AND w.within
    )
    SELECT coalesce(n.reason, ''), count(*), (SELECT count(*) FROM newest)
    FROM newest AS n GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50;
END
$$;

-- A dead letter as it is, personal data included, cut to 20,000 characters; null when there is none.
-- Index: the primary key.
CREATE OR REPLACE FUNCTION profile_pic.dead_letter_payload(callers text[], letter bigint) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT left(jsonb_pretty(d.message), 20000) FROM pgmq.q_profile_pic_dlq AS d
  WHERE d.msg_id = letter
    AND (callers IS NULL OR profile_pic.reaches(callers, profile_pic.letter_owner(d.message)))
$$;

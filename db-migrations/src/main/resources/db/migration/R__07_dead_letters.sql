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
BEGIN
  WITH letters AS MATERIALIZED (
    SELECT d.msg_id, d.message, d.headers
    FROM pgmq.q_profile_pic_dlq AS d
    WHERE (replay_dead_letters.ids IS NULL OR d.msg_id = ANY (replay_dead_letters.ids))
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

-- profile_pic.list_dead_letters(callers, reason, before, most): the letters within the caller's reach, newest
-- first, with a smaller msg_id than `before`. Index: the primary key.
CREATE OR REPLACE FUNCTION profile_pic.list_dead_letters(
  callers text[], reason text, before bigint, most integer)
RETURNS TABLE (msg_id bigint, enqueued_at timestamptz, message jsonb)
LANGUAGE sql STABLE AS $$
  SELECT d.msg_id, d.enqueued_at, d.message
  FROM pgmq.q_profile_pic_dlq AS d
  WHERE d.msg_id < before
    AND (list_dead_letters.reason IS NULL OR d.message -> 'error' ->> 'reason' = list_dead_letters.reason)
    AND (callers IS NULL OR profile_pic.reaches(callers, profile_pic.letter_owner(d.message)))
  ORDER BY d.msg_id DESC LIMIT most
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

-- The number of dead letters by reason, among the newest 10,000 within the caller's reach; looked is the
-- number that was read.
CREATE OR REPLACE FUNCTION profile_pic.dead_letter_reasons(callers text[])
RETURNS TABLE (reason text, letters bigint, looked bigint)
LANGUAGE sql STABLE AS $$
  WITH newest AS MATERIALIZED (
    SELECT left(d.message -> 'error' ->> 'reason', 100) AS reason,
           CASE WHEN callers IS NOT NULL THEN profile_pic.letter_owner(d.message) END AS owner
    FROM (
      SELECT q.message FROM pgmq.q_profile_pic_dlq AS q ORDER BY q.msg_id DESC
      LIMIT CASE WHEN callers IS NULL THEN 10000 ELSE 1000 END) AS d
  )
  SELECT coalesce(n.reason, ''), count(*), (SELECT count(*) FROM newest) FROM newest AS n
  WHERE callers IS NULL OR profile_pic.reaches(callers, n.owner) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50
$$;

-- A dead letter as it is, personal data included, cut to 20,000 characters; null when there is none.
-- Index: the primary key.
CREATE OR REPLACE FUNCTION profile_pic.dead_letter_payload(callers text[], letter bigint) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT left(jsonb_pretty(d.message), 20000) FROM pgmq.q_profile_pic_dlq AS d
  WHERE d.msg_id = letter
    AND (callers IS NULL OR profile_pic.reaches(callers, profile_pic.letter_owner(d.message)))
$$;

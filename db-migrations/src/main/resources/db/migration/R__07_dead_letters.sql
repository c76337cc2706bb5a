-- profile_pic.replay_dead_letters(ids, reason, most): puts dead letters back to work, all of them when both filters are null.
--
-- ids      msg_ids in profile_pic_dlq; null for any     reason   error.reason; null for any
-- most     how many at the most, oldest first
-- returns  a row per dead letter that could be replayed: dead_letter_id, status, message_id (in the queue)
--            queued        a message waits again, with the event's own time and no attempts behind it
--            duplicate     a wish for this lead is pending, or a newer event was served: nothing more to do
--            erased        the person asked to be forgotten
--            unreplayable  names no lead that exists; stays where it is
--          one that is no object with lead_id and phone stays where it is and has no row
--
-- A dead letter leaves in the transaction that enqueues its wish, so it is never lost, and replaying twice is harmless: the
-- second call finds it gone, or locked by the first and skips it.
-- Locks: rows of the dead letters (SKIP LOCKED), then those of enqueue.
CREATE OR REPLACE FUNCTION profile_pic.replay_dead_letters(ids bigint[], reason text, most integer)
RETURNS TABLE (dead_letter_id bigint, status text, message_id bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  letter_ids bigint[];
  wishes     jsonb;
BEGIN
  WITH letters AS MATERIALIZED (
    SELECT d.msg_id, d.message, d.headers
    FROM pgmq.q_profile_pic_dlq AS d
    WHERE (replay_dead_letters.ids IS NULL OR d.msg_id = ANY (replay_dead_letters.ids))
      AND (replay_dead_letters.reason IS NULL OR d.message -> 'error' ->> 'reason' = replay_dead_letters.reason)
      AND jsonb_typeof(d.message -> 'lead_id') IN ('string', 'number') AND jsonb_typeof(d.message -> 'phone') IN ('string', 'number')
    ORDER BY d.msg_id
    LIMIT most
    FOR UPDATE SKIP LOCKED
  )
  SELECT array_agg(l.msg_id ORDER BY l.msg_id),
         jsonb_agg(l.message - 'error' || jsonb_build_object('traceparent', l.headers -> 'traceparent') ORDER BY l.msg_id)
  INTO letter_ids, wishes
  FROM letters AS l;

  IF letter_ids IS NULL THEN
    RETURN;
  END IF;

  RETURN QUERY
  WITH replayed AS MATERIALIZED (
    SELECT letter_ids[e.ordinal] AS id, CASE e.status WHEN 'unknown_lead' THEN 'unreplayable' ELSE e.status END AS status, e.message_id
    FROM profile_pic.enqueue(wishes) AS e
  ), removed AS (
    DELETE FROM pgmq.q_profile_pic_dlq AS d USING replayed AS r WHERE d.msg_id = r.id AND r.status <> 'unreplayable'
  )
  SELECT r.id, r.status, r.message_id FROM replayed AS r ORDER BY r.id;
END
$$;

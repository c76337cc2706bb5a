-- The fence: whether a message is leased under this token. A lease that was given back belongs to no worker
-- until the message is leased again. settle, renew and release all use this check.
CREATE OR REPLACE FUNCTION profile_pic.is_leased(id bigint, read_ct integer, token integer) RETURNS boolean
LANGUAGE sql STABLE
RETURN read_ct = token
  AND NOT EXISTS (SELECT FROM profile_pic.deliveries AS d WHERE d.msg_id = id AND d.returned >= token);

-- The messages among these that are leased under their tokens, locked. Messages that another session holds
-- are skipped, so no call waits for another session.
CREATE OR REPLACE FUNCTION profile_pic.hold_leases(msg_ids bigint[], read_cts integer[]) RETURNS bigint[]
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  RETURN ARRAY(
    SELECT held.msg_id
    FROM (
      SELECT o.msg_id, o.read_ct
      FROM unnest(msg_ids, read_cts) AS o (msg_id, read_ct) ORDER BY o.msg_id) AS ours
    CROSS JOIN LATERAL (
      SELECT q.msg_id FROM pgmq.q_profile_pic_queue AS q
      WHERE q.msg_id = ours.msg_id AND profile_pic.is_leased(q.msg_id, q.read_ct, ours.read_ct)
      FOR UPDATE SKIP LOCKED
    ) AS held);
END
$$;

-- profile_pic.renew(msg_ids, read_cts, lease): prolongs the leases of running work, and returns the msg_ids
-- that are still ours. A missing message was lost: its result must not be settled, and would be refused. A
-- message whose row another session holds right now is still ours, and is prolonged the next time.
-- Locks: queue rows (SKIP LOCKED). Index: the queue's primary key. The commit is not waited for, as in claim.
CREATE OR REPLACE FUNCTION profile_pic.renew(msg_ids bigint[], read_cts integer[], lease interval)
RETURNS SETOF bigint
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  held bigint[] := profile_pic.hold_leases(msg_ids, read_cts);
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  UPDATE pgmq.q_profile_pic_queue AS q SET vt = clock_timestamp() + lease WHERE q.msg_id = ANY (held);
  RETURN QUERY
    SELECT o.msg_id FROM unnest(msg_ids, read_cts) AS o (msg_id, read_ct)
    CROSS JOIN LATERAL (
      SELECT FROM pgmq.q_profile_pic_queue AS q
      WHERE q.msg_id = o.msg_id AND profile_pic.is_leased(q.msg_id, q.read_ct, o.read_ct) LIMIT 1
    ) AS ours;
END
$$;

-- profile_pic.release(msg_ids, read_cts): gives leases back at once and uncounted, for a worker that stops or
-- a lookup that did not begin in time. Returns the msg_ids that were given back. They stand in their lines
-- again, and replicas are notified. When another session holds a message's row, its lease runs out instead.
CREATE OR REPLACE FUNCTION profile_pic.release(msg_ids bigint[], read_cts integer[]) RETURNS SETOF bigint
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  held bigint[] := profile_pic.hold_leases(msg_ids, read_cts);
BEGIN
  IF cardinality(held) > 0 THEN
    WITH released AS (
      UPDATE pgmq.q_profile_pic_queue AS q SET vt = q.enqueued_at
      WHERE q.msg_id = ANY (held)
      RETURNING q.msg_id, q.read_ct
    )
    INSERT INTO profile_pic.deliveries AS d (msg_id, returned) SELECT r.msg_id, r.read_ct FROM released AS r
    ON CONFLICT (msg_id) DO UPDATE SET returned = excluded.returned;
    PERFORM profile_pic.line_up(held);
  END IF;
  RETURN QUERY SELECT id FROM unnest(held) AS id;
END
$$;

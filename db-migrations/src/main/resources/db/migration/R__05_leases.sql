-- The fence: the messages among these that are leased under their tokens, in order of msg_id. A lease that
-- was given back belongs to no worker until the message is leased again. settle, renew and release all use
-- this check. ordinal is the place in the arrays.
CREATE OR REPLACE FUNCTION profile_pic.leased(msg_ids bigint[], read_cts integer[])
RETURNS TABLE (ordinal integer, msg_id bigint, row_at tid)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT o.ordinal::integer, o.msg_id, q.row_at
  FROM unnest(msg_ids, read_cts) WITH ORDINALITY AS o (msg_id, read_ct, ordinal)
  CROSS JOIN LATERAL (
    SELECT q.ctid AS row_at FROM pgmq.q_profile_pic_queue AS q
    WHERE q.msg_id = o.msg_id AND q.read_ct = o.read_ct LIMIT 1) AS q
  WHERE NOT EXISTS (
    SELECT FROM profile_pic.deliveries AS d WHERE d.msg_id = o.msg_id AND d.returned >= o.read_ct)
  ORDER BY o.msg_id;
END
$$;

-- The same, with the messages' rows locked. A separate statement locks the rows, so the check sees the
-- changes that another session made to a row that we waited for. `waits` says whether to wait for other
-- sessions; without waiting, the messages that other sessions hold are left out.
CREATE OR REPLACE FUNCTION profile_pic.hold_leases(msg_ids bigint[], read_cts integer[], waits boolean)
RETURNS TABLE (ordinal integer, msg_id bigint, row_at tid)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  held bigint[];
BEGIN
  IF waits THEN
    PERFORM (SELECT q.msg_id FROM pgmq.q_profile_pic_queue AS q
             WHERE q.msg_id = o.msg_id AND q.read_ct = o.read_ct FOR UPDATE)
    FROM (SELECT o.* FROM unnest(msg_ids, read_cts) AS o (msg_id, read_ct) ORDER BY o.msg_id) AS o;
    RETURN QUERY SELECT l.* FROM profile_pic.leased(msg_ids, read_cts) AS l;
  ELSE
    held := ARRAY(
      SELECT (SELECT q.msg_id FROM pgmq.q_profile_pic_queue AS q
              WHERE q.msg_id = o.msg_id AND q.read_ct = o.read_ct FOR UPDATE SKIP LOCKED)
      FROM (SELECT o.* FROM unnest(msg_ids, read_cts) AS o (msg_id, read_ct) ORDER BY o.msg_id) AS o);
    RETURN QUERY
    SELECT l.* FROM profile_pic.leased(msg_ids, read_cts) AS l WHERE l.msg_id = ANY (held);
  END IF;
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
  rows_at tid[] := ARRAY(SELECT h.row_at FROM profile_pic.hold_leases(msg_ids, read_cts, false) AS h);
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  UPDATE pgmq.q_profile_pic_queue AS q SET vt = clock_timestamp() + lease WHERE q.ctid = ANY (rows_at);
  RETURN QUERY SELECT l.msg_id FROM profile_pic.leased(msg_ids, read_cts) AS l;
END
$$;

-- profile_pic.release(msg_ids, read_cts): gives leases back at once and uncounted, for a worker that stops or
-- a lookup that did not begin in time. Returns the msg_ids that were given back. They stand in their lines
-- again, and replicas are notified. When another session holds a message's row, its lease runs out instead.
CREATE OR REPLACE FUNCTION profile_pic.release(msg_ids bigint[], read_cts integer[]) RETURNS SETOF bigint
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  held bigint[] := ARRAY(SELECT h.msg_id FROM profile_pic.hold_leases(msg_ids, read_cts, false) AS h);
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

-- profile_pic.renew(msg_ids, read_cts, lease): prolongs the leases of running work, and returns the msg_ids that are still
-- ours. One that is missing was lost: its result must not be settled, and will be refused if it is.
-- Locks: queue rows in order of msg_id. Index: the queue's primary key. The commit is not waited for, as in claim.
-- How its plans are kept from changing: docs/decisions/0004-pinned-plans.md.
CREATE OR REPLACE FUNCTION profile_pic.renew(msg_ids bigint[], read_cts integer[], lease interval) RETURNS SETOF bigint
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
#variable_conflict use_column
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  RETURN QUERY
  WITH held AS MATERIALIZED (
    SELECT q.msg_id
    FROM pgmq.q_profile_pic_queue AS q
    JOIN unnest(msg_ids, read_cts) AS ours (msg_id, read_ct) ON ours.msg_id = q.msg_id AND ours.read_ct = q.read_ct
    WHERE coalesce((profile_pic.own_headers(q.headers, q.read_ct) ->> 'returned')::integer, 0) < q.read_ct
    ORDER BY q.msg_id
    FOR UPDATE OF q
  )
  UPDATE pgmq.q_profile_pic_queue AS q
  SET vt = clock_timestamp() + lease
  FROM held AS h WHERE q.msg_id = h.msg_id
  RETURNING q.msg_id;
END
$$;

-- profile_pic.release(msg_ids, read_cts): gives leases back at once and uncounted, for a worker that stops; returns the
-- msg_ids that were given back. Notifies, so that another replica takes them without waiting for its poll.
CREATE OR REPLACE FUNCTION profile_pic.release(msg_ids bigint[], read_cts integer[]) RETURNS SETOF bigint
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH held AS MATERIALIZED (
    SELECT q.msg_id
    FROM pgmq.q_profile_pic_queue AS q
    JOIN unnest(msg_ids, read_cts) AS ours (msg_id, read_ct) ON ours.msg_id = q.msg_id AND ours.read_ct = q.read_ct
    WHERE coalesce((profile_pic.own_headers(q.headers, q.read_ct) ->> 'returned')::integer, 0) < q.read_ct
    ORDER BY q.msg_id
    FOR UPDATE OF q
  )
  UPDATE pgmq.q_profile_pic_queue AS q
  SET vt = statement_timestamp(),
      headers = profile_pic.own_headers(q.headers, q.read_ct) || jsonb_build_object('returned', q.read_ct)
  FROM held AS h WHERE q.msg_id = h.msg_id
  RETURNING q.msg_id;
  PERFORM pg_notify('profile_pic_queue', '');
END
$$;

-- The waiting lines: how messages get into them, and which lines have messages to lease.

-- profile_pic.adopt(default_pace, most): takes due messages of PGMQ into their lines: messages sent with
-- plain pgmq.send, messages whose delay has passed, and messages whose lease ran out. Called at every poll;
-- one replica at a time does it.
--
-- returns  adopted: how many; next_due_ms: when the next delayed or leased message becomes due (null: there
--          is none)
--
-- The content of a message is not trusted. A message that cannot be read, names an impossible instance, or is
-- larger than 64 KiB joins the unpaced line of '', where the worker dead-letters it. A large message is not
-- even detoasted.
-- Locks: rows of the queue (SKIP LOCKED). Index: PGMQ's own on vt.
CREATE OR REPLACE FUNCTION profile_pic.adopt(
  default_pace integer, most integer, OUT adopted integer, OUT next_due_ms bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  due bigint[];
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  adopted := 0;
  IF NOT pg_try_advisory_xact_lock(hashtextextended('profile_pic.adopt', 0)) THEN
    RETURN;
  END IF;
  UPDATE profile_pic.settings AS s SET default_pace = adopt.default_pace
  WHERE s.default_pace <> adopt.default_pace;

  due := ARRAY(
    SELECT q.msg_id FROM pgmq.q_profile_pic_queue AS q
    WHERE q.vt <= statement_timestamp() ORDER BY q.vt LIMIT most FOR UPDATE SKIP LOCKED);
  IF cardinality(due) > 0 THEN
    PERFORM profile_pic.line_up(due);
    adopted := cardinality(due);
  END IF;

  SELECT greatest(ceil(extract(epoch FROM q.vt - clock_timestamp()) * 1000), 0) INTO next_due_ms
  FROM pgmq.q_profile_pic_queue AS q
  WHERE q.vt > statement_timestamp() AND q.vt < profile_pic.hidden() ORDER BY q.vt LIMIT 1;
END
$$;

-- Puts messages into their lines, by their content, the information that joined them, and the CRM's row of
-- their lead. Their place is their visibility time plus the penalty of their kind. The caller holds their
-- rows. Notifies once.
CREATE OR REPLACE FUNCTION profile_pic.line_up(msg_ids bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  rung text;
BEGIN
  WITH due AS MATERIALIZED (
    SELECT q.row_at, q.msg_id, q.vt, profile_pic.readable(q.message) AS message
    FROM unnest(msg_ids) AS asked (id)
    CROSS JOIN LATERAL (
      SELECT q.ctid AS row_at, q.* FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = asked.id LIMIT 1) AS q
  ), found AS MATERIALIZED (
    SELECT f.* FROM profile_pic.find_leads(ARRAY(SELECT DISTINCT d.message ->> 'lead_id' FROM due AS d)) AS f
  ), placed AS MATERIALIZED (
    SELECT d.row_at, d.msg_id,
           -- A lookup is needed unless the message brought a link that has not failed yet, or there is no
           -- such lead.
           l.lead_id IS NOT NULL AND r.again_url IS NULL
             AND (coalesce(r.url, d.message ->> 'profile_pic_url', '') = '' OR coalesce(b.lookup, false))
             AS paced,
           -- A sender may write any time, -infinity included. An absurd time would stop the code that reads
           -- it.
           greatest(least(d.vt, statement_timestamp()), statement_timestamp() - interval '30 days')
             + profile_pic.penalty(
               profile_pic.kind_of(d.message ->> 'sync_type'), d.message ->> 'priority') AS place,
           -- An instance that an earlier attempt took along is in requests. A message without an instance
           -- follows the CRM.
           coalesce(
             r.again_instance,
             CASE WHEN profile_pic.instance_or_null(d.message ->> 'instance_id') IS NOT NULL
                    THEN r.instance_id END,
             profile_pic.instance_or_null(d.message ->> 'instance_id'),
             profile_pic.instance_or_null(l.instance_id), '')
             AS instance_id
    FROM due AS d
    LEFT JOIN found AS l ON l.asked_id = d.message ->> 'lead_id'
    LEFT JOIN LATERAL (
      SELECT b.lookup FROM profile_pic.deliveries AS b WHERE b.msg_id = d.msg_id LIMIT 1) AS b ON true
    LEFT JOIN LATERAL (
      SELECT r.again_url, r.again_instance, r.url, r.instance_id FROM profile_pic.requests AS r
      WHERE r.lead_id = l.lead_id AND r.message_id = d.msg_id LIMIT 1
    ) AS r ON true
  ), known_instances AS (
    INSERT INTO profile_pic.instances (instance_id)
    SELECT DISTINCT p.instance_id FROM placed AS p WHERE p.instance_id <> ''
      AND NOT EXISTS (
        SELECT FROM profile_pic.instances AS i WHERE i.instance_id = p.instance_id OFFSET 0)
    ON CONFLICT DO NOTHING
  ), lined_up AS (
    INSERT INTO profile_pic.waiting AS w (msg_id, instance_id, paced, place)
    SELECT p.msg_id, p.instance_id, p.paced, p.place FROM placed AS p
    ON CONFLICT (msg_id) DO UPDATE
      SET instance_id = excluded.instance_id, paced = excluded.paced, place = least(w.place, excluded.place)
  ), hidden AS (
    UPDATE pgmq.q_profile_pic_queue AS q SET vt = profile_pic.hidden()
    FROM placed AS p WHERE q.ctid = p.row_at
  )
  -- Workers look only from a place on. Workers that look at all lines find a message ahead of this place.
  SELECT CASE WHEN min(p.place) > statement_timestamp() - interval '4 seconds'
                THEN string_agg(DISTINCT p.instance_id, ',')
              ELSE '*' END
  INTO rung FROM placed AS p;
  PERFORM profile_pic.ring(rung);
END
$$;

-- profile_pic.lock_entries(msg_ids): where these messages stand in the table of lines, locked, in order of
-- id. Code that changes or removes an entry by its message's id gets the place here, and uses it in a later
-- statement.
--
-- Both indexes of the table hold msg_id. When the planner believes the table to be empty, it prefers reading
-- all of waiting_line to some probes of the primary key. But while a session holds a snapshot, all past
-- entries are still in that index. Only the primary key can serve a range of one id, in the order of ids,
-- without a sort.
CREATE OR REPLACE FUNCTION profile_pic.lock_entries(msg_ids bigint[])
RETURNS TABLE (msg_id bigint, row_at tid)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT e.msg_id, e.row_at
  FROM (SELECT DISTINCT a.id FROM unnest(msg_ids) AS a (id) ORDER BY a.id) AS asked
  CROSS JOIN LATERAL (
    SELECT w.msg_id, w.ctid AS row_at FROM profile_pic.waiting AS w
    WHERE w.msg_id >= asked.id AND w.msg_id <= asked.id
    ORDER BY w.msg_id FOR UPDATE
  ) AS e;
END
$$;

-- Whether a message stands in a line. Written like lock_entries, for the same reason.
CREATE OR REPLACE FUNCTION profile_pic.is_in_line(id bigint) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT w.msg_id FROM profile_pic.waiting AS w
    WHERE w.msg_id >= id AND w.msg_id <= id
    ORDER BY w.msg_id LIMIT 1) IS NOT NULL;
END
$$;

-- A message's body, if it may be read: null when it is larger than 64 KiB. A body that is stored larger than
-- that is not detoasted.
CREATE OR REPLACE FUNCTION profile_pic.readable(message jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN CASE
    WHEN pg_column_size(message) <= 65536
      THEN CASE WHEN octet_length(message::text) <= 65536 THEN message END END;
END
$$;

-- profile_pic.heal(after, most): one step of a walk over queue and lines, in order of message id. It repairs
-- entries that no longer match, for any cause: a hidden message that stands in no line becomes due, and a
-- line's entry is removed when its message is gone or leased.
--
-- after     where the last step ended, 0 at first
-- returns   healed: how many; next_after: where to go on, null when the walk has ended
CREATE OR REPLACE FUNCTION profile_pic.heal(
  after bigint, most integer, OUT healed integer, OUT next_after bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  upto   bigint;
  lost     tid[];
  strays   tid[];
  messages integer;
  entries  integer;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  PERFORM profile_pic.keep_message_ids();
  -- The step ends where the first of the two has reached its limit.
  SELECT least((SELECT max(s.msg_id)
                FROM (SELECT q.msg_id FROM pgmq.q_profile_pic_queue AS q
                      WHERE q.msg_id > after ORDER BY q.msg_id LIMIT most) AS s
                HAVING count(*) = most),
               (SELECT max(s.msg_id)
                FROM (SELECT w.msg_id FROM profile_pic.waiting AS w
                      WHERE w.msg_id > after ORDER BY w.msg_id LIMIT most) AS s
                HAVING count(*) = most))
  INTO upto;
  next_after := upto;

  lost := ARRAY(
    SELECT q.ctid FROM pgmq.q_profile_pic_queue AS q
    WHERE q.msg_id > after AND q.msg_id <= coalesce(upto, 9223372036854775807)
      AND q.vt >= profile_pic.hidden()
      AND NOT profile_pic.is_in_line(q.msg_id)
    ORDER BY q.msg_id FOR UPDATE SKIP LOCKED);
  UPDATE pgmq.q_profile_pic_queue AS q SET vt = statement_timestamp() WHERE q.ctid = ANY (lost);
  GET DIAGNOSTICS messages = ROW_COUNT;

  strays := ARRAY(
    SELECT w.ctid FROM profile_pic.waiting AS w
    WHERE w.msg_id > after AND w.msg_id <= coalesce(upto, 9223372036854775807)
      AND NOT EXISTS (
        SELECT FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = w.msg_id
          AND profile_pic.may_be_leased(q.msg_id, q.vt, q.read_ct) OFFSET 0)
    ORDER BY w.msg_id FOR UPDATE SKIP LOCKED);
  DELETE FROM profile_pic.waiting AS w WHERE w.ctid = ANY (strays);
  GET DIAGNOSTICS entries = ROW_COUNT;

  DELETE FROM profile_pic.deliveries AS d
  WHERE d.msg_id > after AND d.msg_id <= coalesce(upto, 9223372036854775807)
    AND NOT EXISTS (SELECT FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = d.msg_id OFFSET 0);

  healed := messages + entries;
END
$$;

-- Makes sure that no msg_id is given out twice, even if the sequence was set back: by a restore that left out
-- sequences, or by making the queue again. Otherwise our data about a message (its lead's request, attempts,
-- place, sync) would be applied to another message. The newest id is remembered, except the last hundred, so
-- that a row is not written at each poll.
CREATE OR REPLACE FUNCTION profile_pic.keep_message_ids() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  ids    regclass := pg_get_serial_sequence('pgmq.q_profile_pic_queue', 'msg_id');
  newest bigint;
  known  bigint := (SELECT s.newest_message_id FROM profile_pic.settings AS s);
BEGIN
  -- Rebuilding the sequence took away the rights on it. check_setup reports this, and the next migration
  -- gives the rights back.
  IF ids IS NULL OR NOT has_sequence_privilege(ids, 'USAGE') OR NOT has_sequence_privilege(ids, 'UPDATE') THEN
    RETURN;
  END IF;
  newest := coalesce(pg_sequence_last_value(ids), 0);
  IF newest < known THEN
    RAISE WARNING 'profile_pic: message ids were set back to % and go on after %', newest, known + 1000000;
    newest := setval(ids, known + 1000000);
  END IF;
  IF newest > known + 100 THEN
    UPDATE profile_pic.settings AS s SET newest_message_id = newest WHERE s.newest_message_id < newest;
  END IF;
END
$$;

-- profile_pic.find_lines(default_instance, default_pace): the instances whose lines are not empty.
--
-- returns  instance_id ('' when no instance was named), since: where its line starts, wait_ms: until a
--          message may be leased (0 now)
--
-- Steps from instance to instance through the index, so an instance without messages costs nothing.
-- Locks nothing.
CREATE OR REPLACE FUNCTION profile_pic.find_lines(default_instance text, default_pace integer)
RETURNS TABLE (instance_id text, since timestamptz, wait_ms bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH RECURSIVE lines AS (
    (SELECT w.instance_id FROM profile_pic.waiting AS w ORDER BY w.instance_id LIMIT 1)
    UNION ALL
    SELECT n.instance_id
    FROM lines AS l
    CROSS JOIN LATERAL (
      SELECT w.instance_id FROM profile_pic.waiting AS w
      WHERE w.instance_id > l.instance_id
      ORDER BY w.instance_id LIMIT 1
    ) AS n
  )
  SELECT l.instance_id, least(free.place, paced.place),
         CASE WHEN free.place IS NOT NULL OR l.instance_id = '' THEN 0
              ELSE greatest(
                -- Without a rest the time is -infinity, and PostgreSQL before 17 cannot subtract from it.
                extract(epoch FROM greatest(
                  least(profile_pic.rests_until(i.i), statement_timestamp() + interval '1 day'),
                  statement_timestamp())
                  - statement_timestamp()) * 1000,
                -- A claim corrects a state that was written before the clock went back, so a claim of this
                -- line is due at once.
                CASE WHEN coalesce(s.tat <= n.tat, true)
                       THEN profile_pic.token_wait_ms(p.pace, n.tat, statement_timestamp(), 1) END,
                0)::bigint END
  FROM lines AS l
  LEFT JOIN LATERAL (
    SELECT i FROM profile_pic.instances AS i WHERE i.instance_id = l.instance_id LIMIT 1) AS i ON true
  CROSS JOIN LATERAL (SELECT coalesce((i.i).pace_per_minute, default_pace) AS pace) AS p
  LEFT JOIN LATERAL (
    SELECT s.tat, s.owed FROM profile_pic.pace_states AS s
    WHERE s.instance_id = l.instance_id
    ORDER BY s.id DESC LIMIT 1
  ) AS s ON true
  CROSS JOIN LATERAL (SELECT profile_pic.tat_now(p.pace, s.tat, s.owed, statement_timestamp()) AS tat) AS n
  LEFT JOIN LATERAL (
    SELECT w.place FROM profile_pic.waiting AS w
    WHERE w.instance_id = l.instance_id AND NOT w.paced
    ORDER BY w.place LIMIT 1
  ) AS free ON true
  LEFT JOIN LATERAL (
    SELECT w.place FROM profile_pic.waiting AS w
    WHERE w.instance_id = l.instance_id AND w.paced
    ORDER BY w.place LIMIT 1
  ) AS paced ON true;
END
$$;

-- The token state of an instance, locked: its row in instances is the lock, so replicas lease one after
-- another. wait says whether to wait for the lock; otherwise a locked row is skipped. No row: another session
-- has the lock.
CREATE OR REPLACE FUNCTION profile_pic.hold_pace(instance text, default_pace integer, wait boolean)
RETURNS TABLE (pace integer, tat timestamptz, owed integer, rests_until timestamptz)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  held   profile_pic.instances;
  stored timestamptz;
BEGIN
  FOR attempt IN 1..2 LOOP
    IF wait THEN
      SELECT i.* INTO held FROM profile_pic.instances AS i WHERE i.instance_id = instance FOR UPDATE;
    ELSE
      SELECT i.* INTO held FROM profile_pic.instances AS i
      WHERE i.instance_id = instance FOR UPDATE SKIP LOCKED;
    END IF;
    EXIT WHEN FOUND;
    IF attempt = 2 OR EXISTS (SELECT FROM profile_pic.instances AS i WHERE i.instance_id = instance) THEN
      RETURN;
    END IF;
    INSERT INTO profile_pic.instances (instance_id) VALUES (instance) ON CONFLICT DO NOTHING;
  END LOOP;

  -- This is a separate statement: the session that held the lock before us has committed by now.
  SELECT s.tat, s.owed INTO stored, owed FROM profile_pic.pace_states AS s
  WHERE s.instance_id = instance
  ORDER BY s.id DESC LIMIT 1;
  pace := coalesce(held.pace_per_minute, default_pace);
  tat := profile_pic.tat_now(pace, stored, owed, clock_timestamp());
  rests_until := profile_pic.rests_until(held);
  IF stored > tat THEN
    -- The clock went back. The corrected state is stored; otherwise its spacing would begin anew at every
    -- look.
    owed := 0;
    PERFORM profile_pic.put_pace(instance, tat, owed);
  END IF;
  owed := coalesce(owed, 0);
  RETURN NEXT;
END
$$;

-- Writes a new token state; the caller holds the instance.
CREATE OR REPLACE FUNCTION profile_pic.put_pace(instance text, tat timestamptz, owed integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  newest bigint;
BEGIN
  INSERT INTO profile_pic.pace_states AS s (instance_id, tat, owed)
  VALUES (instance, put_pace.tat, put_pace.owed)
  RETURNING s.id
  INTO newest;
  -- The state before it, found from the new end of the index: older states are gone already.
  DELETE FROM profile_pic.pace_states AS s
  WHERE s.instance_id = instance AND s.id = (
    SELECT o.id FROM profile_pic.pace_states AS o
    WHERE o.instance_id = instance AND o.id < newest
    ORDER BY o.id DESC LIMIT 1);
END
$$;

-- profile_pic.take_token(instance, default_pace): a token for a lookup that turns out to be needed while a
-- message runs. Returns 0 when the token was taken, else the milliseconds until there is a token; nothing is
-- then reserved.
-- Locks the instance's row, waiting 300 ms at the most: while another session holds it for longer, there is
-- no token.
CREATE OR REPLACE FUNCTION profile_pic.take_token(instance text, default_pace integer) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  state record;
  at    timestamptz;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  PERFORM set_config('lock_timeout', '300ms', true);
  BEGIN
    SELECT * INTO state FROM profile_pic.hold_pace(instance, default_pace, true);
  EXCEPTION WHEN lock_not_available THEN
    RETURN 1000;
  END;
  at := clock_timestamp();
  IF state.rests_until > at THEN
    RETURN ceil(extract(epoch FROM least(state.rests_until, at + interval '1 day') - at) * 1000);
  END IF;
  state.tat := greatest(state.tat, at);
  IF profile_pic.tokens(state.pace, state.tat, at) < 1 THEN
    RETURN greatest(1, profile_pic.token_wait_ms(state.pace, state.tat, at, 1));
  END IF;
  PERFORM profile_pic.put_pace(instance, state.tat + profile_pic.spacing(state.pace), 0);
  RETURN 0;
END
$$;

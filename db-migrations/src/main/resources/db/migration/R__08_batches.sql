-- Batches. One query to WhatsApp tells for up to a hundred people whether they are there and which picture
-- they have. So most refreshes, and bulk syncs of people without a photo, need no separate lookup
-- (docs/decisions/0013-batches.md).
--
-- A message that may be part of a batch carries its instance in deliveries.batch_of, and at first stands in
-- no line: it is due after batch_patience(), and a claim of a batch finds it before that. Without such a
-- claim it becomes due like any delayed message and is looked up alone. So a missing batch costs only time,
-- for any reason.

-- The number of people that one query may cover.
CREATE OR REPLACE FUNCTION profile_pic.batch_size() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 100;

-- The time that a message waits for a batch. A message that came back with a longer delay waits for the
-- difference first.
CREATE OR REPLACE FUNCTION profile_pic.batch_patience() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN interval '2 minutes';

-- Whether an instance's source answers batches. others is the answer for all instances except the few in
-- but_for, which have the opposite answer.
CREATE OR REPLACE FUNCTION profile_pic.has_batches(instance text, others boolean, but_for text[])
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN others <> coalesce(instance = ANY (but_for), false);

-- Takes messages that this transaction has enqueued out of their lines again, for a batch. Messages stay in
-- their line when they joined an older message, name no instance or bring a link.
-- Locks: their rows of waiting and of the queue, which no other session sees yet.
CREATE OR REPLACE FUNCTION profile_pic.gather(msg_ids bigint[], others boolean, but_for text[]) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  entries   tid[];
  gathered  bigint[];
  instances text[];
BEGIN
  SELECT array_agg(e.row_at), array_agg(w.msg_id), array_agg(w.instance_id) INTO entries, gathered, instances
  FROM profile_pic.lock_entries(msg_ids) AS e
  CROSS JOIN LATERAL (SELECT w.* FROM profile_pic.waiting AS w WHERE w.ctid = e.row_at) AS w
  CROSS JOIN LATERAL (
    SELECT FROM pgmq.q_profile_pic_queue AS q
    WHERE q.msg_id = w.msg_id AND q.read_ct = 0 AND q.enqueued_at = now() LIMIT 1
  ) AS q
  WHERE w.paced AND w.instance_id <> '' AND profile_pic.has_batches(w.instance_id, others, but_for);
  IF gathered IS NULL THEN
    RETURN;
  END IF;

  DELETE FROM profile_pic.waiting AS w WHERE w.ctid = ANY (entries);
  -- As if the message had been leased and given back once, so that a settle expects its row in deliveries.
  UPDATE pgmq.q_profile_pic_queue AS q
  SET vt = statement_timestamp() + profile_pic.batch_patience(), read_ct = 1
  WHERE q.msg_id = ANY (gathered);
  INSERT INTO profile_pic.deliveries (msg_id, returned, batch_of)
  SELECT g.msg_id, 1, g.instance_id FROM unnest(gathered, instances) AS g (msg_id, instance_id);
END
$$;

-- Takes messages out of the wait for a batch when another request asks for the same lead: a live event is
-- looked up alone, and now.
-- Called by enqueue, which holds the requests of these leads. A message whose batch runs stays as it is, and
-- its settle serves the new information.
-- Locks: rows of deliveries (SKIP LOCKED), then of waiting.
CREATE OR REPLACE FUNCTION profile_pic.overtake_batch(lead_ids text[]) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  overtaking bigint[];
  instances  text[];
  links      boolean[];
  rows_at    tid[];
BEGIN
  SELECT array_agg(r.message_id), array_agg(coalesce(r.again_instance, r.instance_id, d.batch_of)),
         array_agg(r.again_url IS NOT NULL), array_agg(d.row_at)
  INTO overtaking, instances, links, rows_at
  FROM unnest(lead_ids) AS id
  CROSS JOIN LATERAL (
    SELECT r.* FROM profile_pic.requests AS r WHERE r.lead_id = id AND r.message_id IS NOT NULL LIMIT 1) AS r
  CROSS JOIN LATERAL (
    SELECT d.ctid AS row_at, d.batch_of, d.returned
    FROM profile_pic.deliveries AS d
    WHERE d.msg_id = r.message_id AND d.batch_of IS NOT NULL
    FOR UPDATE SKIP LOCKED
  ) AS d
  WHERE (
    SELECT q.read_ct FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = r.message_id LIMIT 1) = d.returned;
  IF overtaking IS NULL THEN
    RETURN;
  END IF;

  UPDATE profile_pic.deliveries AS d SET batch_of = NULL WHERE d.ctid = ANY (rows_at);
  INSERT INTO profile_pic.waiting AS w (msg_id, instance_id, paced, place)
  SELECT DISTINCT ON (o.msg_id) o.msg_id, o.instance_id, NOT o.link, statement_timestamp()
  FROM unnest(overtaking, instances, links) AS o (msg_id, instance_id, link) ORDER BY o.msg_id
  ON CONFLICT (msg_id) DO UPDATE
    SET instance_id = excluded.instance_id, paced = excluded.paced, place = least(w.place, excluded.place);
  PERFORM profile_pic.ring((SELECT string_agg(DISTINCT i, ',') FROM unnest(instances) AS i));
END
$$;

-- profile_pic.claim_batch(...): leases up to a hundred messages of one instance as a batch, as claim does
-- (R__03). The batch is one query and takes one token.
--
-- most          how many messages at the most
-- lease         until when they are ours, unless renewed
-- spacing       the shortest time between this batch and the instance's next batch
-- default_pace  queries per minute of instances without their own pace
-- returns       rows as claim does. Where only a token is missing, a row with a null msg_id says in wait_ms
--               how long it takes; no row: there is nothing to look up now
--
-- An instance is skipped while it rests, while it is outside its working hours, and while another replica
-- holds its row. Messages whose patience has ended stand in their line meanwhile, and are taken from there.
-- Locks: as claim. Index: deliveries_batch, stepped through from instance to instance.
CREATE OR REPLACE FUNCTION profile_pic.claim_batch(
  most integer, lease interval, spacing interval, default_pace integer)
RETURNS TABLE (
  instance_id text, wait_ms bigint, since timestamptz, msg_id bigint, read_ct integer, deliveries integer,
  attempts integer, down_since timestamptz, enqueued_at timestamptz, message text, oversized boolean,
  traceparent text, lead_id text, lead_phone text, state text, source_id text, sha256 text, lookup boolean,
  lead_differs boolean, forced boolean, again_url text, again_phone text,
  claimed_at timestamptz, link_generation integer)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  line      text := '';
  instance  profile_pic.instances;
  pace      record;
  at        timestamptz;
  next_wait bigint;
  places    profile_pic.line_place[];
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  PERFORM set_config('lock_timeout', '2s', true);
  LOOP
    SELECT d.batch_of INTO line FROM profile_pic.deliveries AS d
    WHERE d.batch_of > line
    ORDER BY d.batch_of LIMIT 1;
    EXIT WHEN NOT FOUND;
    instance := (SELECT i FROM profile_pic.instances AS i WHERE i.instance_id = line);
    -- Whether it rests is checked here too: holding the rows of all that rest would keep out whoever ends a
    -- pause or charges a query.
    CONTINUE WHEN
      greatest(
        instance.next_batch_at, profile_pic.background_from(instance), profile_pic.rests_until(instance))
        > statement_timestamp();
    -- Checks for messages before the instance is held for them.
    CONTINUE WHEN NOT EXISTS (
      SELECT FROM profile_pic.deliveries AS d
      CROSS JOIN LATERAL (
        SELECT FROM pgmq.q_profile_pic_queue AS q
        WHERE q.msg_id = d.msg_id AND profile_pic.waits_for_batch(q.vt, q.read_ct, d.returned) LIMIT 1
      ) AS q
      WHERE d.batch_of = line);
    SELECT p.* INTO pace FROM profile_pic.hold_pace(line, default_pace, false) AS p;
    CONTINUE WHEN NOT FOUND;
    at := clock_timestamp();
    CONTINUE WHEN pace.rests_until > at;
    pace.tat := greatest(pace.tat, at);
    IF profile_pic.tokens(pace.pace, pace.tat, at) < 1 THEN
      next_wait := least(next_wait, profile_pic.token_wait_ms(pace.pace, pace.tat, at, 1));
      CONTINUE;
    END IF;

    places := ARRAY(
      SELECT ROW(d.msg_id, q.row_at, true, at)::profile_pic.line_place
      FROM profile_pic.deliveries AS d
      CROSS JOIN LATERAL (
        SELECT q.ctid AS row_at FROM pgmq.q_profile_pic_queue AS q
        WHERE q.msg_id = d.msg_id AND profile_pic.waits_for_batch(q.vt, q.read_ct, d.returned)
        FOR UPDATE SKIP LOCKED
      ) AS q
      WHERE d.batch_of = line ORDER BY d.batch_of, d.msg_id LIMIT most);
    CONTINUE WHEN cardinality(places) = 0;
    PERFORM profile_pic.put_pace(line, pace.tat + profile_pic.spacing(pace.pace), 0);
    UPDATE profile_pic.instances AS i SET next_batch_at = at + claim_batch.spacing WHERE i.instance_id = line;
    RETURN QUERY
    SELECT line, NULL::bigint, NULL::timestamptz, l.*
    FROM profile_pic.lease_messages(places, lease) AS l;
    RETURN;
  END LOOP;
  IF next_wait IS NOT NULL THEN
    wait_ms := next_wait;
    RETURN NEXT;
  END IF;
END
$$;

-- Whether a message of a batch may be leased now: it is free, and it stands in its line or is due within the
-- patience.
CREATE OR REPLACE FUNCTION profile_pic.waits_for_batch(vt timestamptz, read_ct integer, returned integer)
RETURNS boolean
LANGUAGE sql STABLE
RETURN vt >= profile_pic.hidden()
  OR (read_ct = returned AND vt <= statement_timestamp() + profile_pic.batch_patience());

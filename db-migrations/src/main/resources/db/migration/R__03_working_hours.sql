-- Working hours: the hours in which a number does its background work, for which no user waits: bulk syncs,
-- refreshes, batches of ids, adopted leads (docs/decisions/0016-working-hours.md). Outside of them, feeders
-- put nothing into the queue, and a claim holds back the background work that is there. Requests of live
-- events and of operators are never held, even where they join a message of background work.
--
--   profile_pic.keep_default_hours(...)   the workers' hours, for instances without their own hours
--   profile_pic.hours_of(instance)        the hours that apply to an instance
--   profile_pic.background_from(instance) from when on it may do background work
--   profile_pic.work_ends(...)            when a given amount of work is done
--   profile_pic.hold_background(...)      a claim's step
--   profile_pic.overtake_hours(lead_ids)  an enqueue's step

-- Stores the workers' default; all null for none. With several workers, the last one with another default
-- decides. Lock: the row of settings, where it changes.
CREATE OR REPLACE FUNCTION profile_pic.keep_default_hours(
  zone text, days integer[], from_time time, to_time time)
RETURNS void
LANGUAGE sql AS $$
  UPDATE profile_pic.settings AS s
  SET hours_zone = zone, hours_days = days, hours_from = from_time, hours_to = to_time
  WHERE (s.hours_zone, s.hours_days, s.hours_from, s.hours_to)
    IS DISTINCT FROM (zone, days, from_time, to_time)
$$;

-- The hours that apply to an instance: its own, else the workers' default; all null when it works at any
-- time. own says which of the two. An unknown instance (null) has the default.
CREATE OR REPLACE FUNCTION profile_pic.hours_of(
  instance profile_pic.instances, OUT zone text, OUT days integer[], OUT from_time time, OUT to_time time,
  OUT own boolean)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  own := instance.hours_zone IS NOT NULL;
  IF own THEN
    zone := instance.hours_zone;
    days := instance.hours_days;
    from_time := instance.hours_from;
    to_time := instance.hours_to;
  ELSE
    SELECT s.hours_zone, s.hours_days, s.hours_from, s.hours_to INTO zone, days, from_time, to_time
    FROM profile_pic.settings AS s;
  END IF;
END
$$;

-- The time from which an instance may do background work: -infinity when it may now, else the start of its
-- next working hours.
CREATE OR REPLACE FUNCTION profile_pic.background_from(instance profile_pic.instances) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
  hours record;
  open  record;
BEGIN
  hours := profile_pic.hours_of(instance);
  IF hours.zone IS NULL THEN
    RETURN '-infinity';
  END IF;
  open :=
    profile_pic.window_at(hours.zone, hours.days, hours.from_time, hours.to_time, statement_timestamp());
  RETURN CASE WHEN open.opens > statement_timestamp() THEN open.opens ELSE '-infinity' END;
END
$$;

-- The time at which an instance has done a given amount of work, if no other work comes. It works after its
-- pause, outside its quiet hours and, for background work, within its working hours. Null when that takes
-- more than 500 of these windows.
CREATE OR REPLACE FUNCTION profile_pic.work_ends(
  instance profile_pic.instances, work interval, background boolean)
RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
  hours record;
  quiet record;
  open  record;
  here  timestamptz := greatest(statement_timestamp(), instance.paused_until);
  stop  timestamptz;
  rest  interval := work;
BEGIN
  IF here > statement_timestamp() + interval '50 years' THEN
    RETURN NULL;
  END IF;
  IF background THEN
    hours := profile_pic.hours_of(instance);
  ELSE
    SELECT NULL::text AS zone, NULL::integer[] AS days, NULL::time AS from_time, NULL::time AS to_time
    INTO hours;
  END IF;
  FOR step IN 1..500 LOOP
    quiet := profile_pic.window_at(instance.quiet_zone, NULL, instance.quiet_from, instance.quiet_to, here);
    IF quiet.opens <= here THEN
      here := quiet.closes;
      CONTINUE;
    END IF;
    open := profile_pic.window_at(hours.zone, hours.days, hours.from_time, hours.to_time, here);
    IF open.opens > here THEN
      here := open.opens;
      CONTINUE;
    END IF;
    stop := least(quiet.opens, open.closes);
    IF stop IS NULL OR here + rest <= stop THEN
      RETURN here + rest;
    END IF;
    rest := rest - (stop - here);
    here := stop;
  END LOOP;
  RETURN NULL;
END
$$;

-- Whether a message is background work, by the fields of its sender: such a message steps back in its line by
-- minutes (penalty).
CREATE OR REPLACE FUNCTION profile_pic.is_background(sync_type text, priority text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN profile_pic.penalty(profile_pic.kind_of(sync_type), priority) >= interval '5 minutes';

-- The time for which a message is held back at once. Changed hours apply when this time is over, so no
-- message has to be searched for.
CREATE OR REPLACE FUNCTION profile_pic.hold_at_once() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN interval '15 minutes';

-- Takes background work out of the head of a line that a claim has locked, until its instance's hours begin,
-- and returns the rest: a limited number in all, and a limited number that need a lookup. The held messages
-- look as if they had been leased and given back with a delay. A lead whose refresh is held is due again, so
-- that an event that names the lead is not answered "fresh".
-- Locks: waiting, then pictures (SKIP LOCKED). Indexes: primary keys.
CREATE OR REPLACE FUNCTION profile_pic.hold_background(
  places profile_pic.line_place[], opens timestamptz, most integer, most_paced integer)
RETURNS profile_pic.line_place[]
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  held      bigint[];
  refreshed text[];
  entries   tid[];
BEGIN
  SELECT coalesce(array_agg(p.msg_id), '{}'),
         array_agg(f.lead_id) FILTER (WHERE m.message ->> 'sync_type' = 'refresh')
  INTO held, refreshed
  FROM unnest(places) AS p
  CROSS JOIN LATERAL (
    SELECT profile_pic.readable(q.message) AS message
    FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = p.msg_id LIMIT 1
  ) AS m
  LEFT JOIN LATERAL (
    SELECT f.lead_id FROM profile_pic.find_leads(ARRAY[m.message ->> 'lead_id']) AS f LIMIT 1) AS f ON true
  WHERE profile_pic.is_background(m.message ->> 'sync_type', m.message ->> 'priority')
    AND NOT EXISTS (
      SELECT FROM profile_pic.requests AS r WHERE r.lead_id = f.lead_id AND r.live_for = p.msg_id);
  IF cardinality(held) > 0 THEN
    entries := ARRAY(SELECT e.row_at FROM profile_pic.lock_entries(held) AS e);
    DELETE FROM profile_pic.waiting AS w WHERE w.ctid = ANY (entries);
    WITH put_back AS (
      UPDATE pgmq.q_profile_pic_queue AS q
      SET vt = least(opens, statement_timestamp() + profile_pic.hold_at_once()), read_ct = q.read_ct + 1
      WHERE q.msg_id = ANY (held)
      RETURNING q.msg_id, q.read_ct
    )
    INSERT INTO profile_pic.deliveries AS d (msg_id, returned, held_at)
    SELECT p.msg_id, p.read_ct, p.read_ct FROM put_back AS p
    ON CONFLICT (msg_id) DO UPDATE SET returned = excluded.returned, held_at = excluded.held_at;
    UPDATE profile_pic.pictures AS p SET next_check_at = statement_timestamp()
    WHERE p.ctid = ANY (ARRAY(
      SELECT o.ctid FROM profile_pic.pictures AS o
      WHERE o.lead_id = ANY (refreshed) AND o.next_check_at > statement_timestamp() FOR UPDATE SKIP LOCKED));
  END IF;

  RETURN ARRAY(
    SELECT ROW(n.msg_id, n.row_at, n.paced, n.place)::profile_pic.line_place
    FROM (
      SELECT p.*, row_number() OVER (PARTITION BY p.paced ORDER BY p.place, p.msg_id) AS n
      FROM unnest(places) AS p WHERE p.msg_id <> ALL (held)
    ) AS n
    WHERE NOT n.paced OR n.n <= most_paced
    ORDER BY n.place, n.msg_id LIMIT most);
END
$$;

-- A live event asks for leads whose message is background work and may be held back. The message counts as
-- live from now on, and stands in its line if it was held. Called by enqueue, which holds the requests of
-- these leads. Does nothing where no hours are set.
-- Locks: rows of waiting.
CREATE OR REPLACE FUNCTION profile_pic.overtake_hours(lead_ids text[]) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  overtaking bigint[];
  instances  text[];
  links      boolean[];
BEGIN
  WITH pending AS MATERIALIZED (
    SELECT r.lead_id, r.message_id, coalesce(r.again_instance, r.instance_id, '') AS instance_id,
           r.again_url IS NOT NULL AS link
    FROM unnest(lead_ids) AS id
    CROSS JOIN LATERAL (
      SELECT r.* FROM profile_pic.requests AS r
      WHERE r.lead_id = id AND r.message_id IS NOT NULL AND r.live_for IS DISTINCT FROM r.message_id LIMIT 1
    ) AS r
    LEFT JOIN LATERAL (
      SELECT i FROM profile_pic.instances AS i
      WHERE i.instance_id = coalesce(r.again_instance, r.instance_id)) AS i ON true
    WHERE (profile_pic.hours_of(i.i)).zone IS NOT NULL
  ), marked AS (
    UPDATE profile_pic.requests AS r SET live_for = r.message_id FROM pending AS p WHERE r.lead_id = p.lead_id
  )
  SELECT array_agg(p.message_id), array_agg(p.instance_id), array_agg(p.link)
  INTO overtaking, instances, links
  FROM pending AS p
  CROSS JOIN LATERAL (
    SELECT d.returned, d.held_at FROM profile_pic.deliveries AS d WHERE d.msg_id = p.message_id LIMIT 1) AS d
  CROSS JOIN LATERAL (
    SELECT q.read_ct FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = p.message_id LIMIT 1) AS q
  WHERE q.read_ct = d.returned AND q.read_ct = d.held_at;
  IF overtaking IS NULL THEN
    RETURN;
  END IF;

  INSERT INTO profile_pic.waiting AS w (msg_id, instance_id, paced, place)
  SELECT o.msg_id, o.instance_id, NOT o.link, statement_timestamp()
  FROM unnest(overtaking, instances, links) AS o (msg_id, instance_id, link)
  ON CONFLICT (msg_id) DO UPDATE
    SET instance_id = excluded.instance_id, paced = excluded.paced, place = least(w.place, excluded.place);
  PERFORM profile_pic.ring((SELECT string_agg(DISTINCT i, ',') FROM unnest(instances) AS i));
END
$$;

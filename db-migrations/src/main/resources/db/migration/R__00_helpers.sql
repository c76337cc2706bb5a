-- Small functions that enqueue, claim and settle share. Functions that are called for each row are written in
-- PL/pgSQL. Every function has a search path, so PostgreSQL inlines no function into the calling statement.
-- Calling a function then takes less than half the time from PL/pgSQL (docs/decisions/0015-search-path.md).

-- The visibility time of messages that stand in a waiting line: so far away that only the line finds them.
CREATE OR REPLACE FUNCTION profile_pic.hidden() RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN timestamptz '3000-01-01 00:00:00+00';

-- The instance's id that a message or the CRM names, or null when it names none. Ids are 1 to 64 safe
-- characters, and neither '.' nor '..', which are steps in the path of a url.
CREATE OR REPLACE FUNCTION profile_pic.instance_or_null(written text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  -- The length is checked apart: a bound within the expression makes it ten times as slow.
  RETURN CASE
    WHEN length(written) <= 64 AND written ~ '^[A-Za-z0-9_.-]+$' AND written NOT IN ('unknown', '.', '..')
      THEN written END;
END
$$;

-- Whether a caller may see and change a thing that belongs to an instance. `callers`, here and everywhere:
-- the instances that the caller's key is bound to; null when it is bound to none. A thing that belongs to no
-- instance is only within reach of callers that are not bound.
CREATE OR REPLACE FUNCTION profile_pic.reaches(callers text[], instance text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN callers IS NULL OR coalesce(instance = ANY (callers), false);

-- Whether a thing belongs to an instance outside of the caller's reach. A lead without an owner is not
-- foreign: any caller may ask for its photo.
CREATE OR REPLACE FUNCTION profile_pic.is_foreign(callers text[], instance text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(instance <> ALL (callers), false);

-- The time by which a message steps back in its line, by its kind (sync_type) and its sender's priority:
-- 'high' counts as live, 'low' as bulk. The penalty is fixed when the message enters the line, so no message
-- starves.
CREATE OR REPLACE FUNCTION profile_pic.penalty(kind text, priority text) RETURNS interval
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN CASE
    WHEN priority = 'high' THEN interval '0'
    WHEN priority = 'low' AND kind IS DISTINCT FROM 'refresh' THEN interval '5 minutes'
    ELSE CASE kind WHEN 'manual' THEN interval '2 seconds' WHEN 'new_lead' THEN interval '5 seconds'
                   WHEN 'bulk' THEN interval '5 minutes' WHEN 'refresh' THEN interval '30 minutes'
                   ELSE interval '0' END
  END;
END
$$;

-- The kind of a message, from any text of its sender.
CREATE OR REPLACE FUNCTION profile_pic.kind_of(sync_type text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN CASE
    WHEN sync_type IN ('webhook', 'new_lead', 'manual', 'bulk', 'refresh') THEN sync_type
    ELSE 'webhook' END;
END
$$;

-- The body of a message that asks for a lead's photo.
CREATE OR REPLACE FUNCTION profile_pic.message_body(
  lead text, phone text, url text, instance text, requested_at timestamptz, kind text, forced boolean)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN jsonb_build_object(
    'lead_id', lead, 'phone', phone, 'profile_pic_url', url, 'instance_id', instance,
    'timestamp', requested_at, 'retry_count', 0, 'sync_type', kind, 'force_update', forced);
END
$$;

-- Tells the workers whose lines got messages: instances, separated by commas; '*' when it may be any
-- instance, or when they do not fit into a notification. Null sends no notification.
CREATE OR REPLACE FUNCTION profile_pic.ring(instances text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF instances IS NOT NULL THEN
    PERFORM pg_notify('profile_pic_queue', CASE WHEN length(instances) < 7000 THEN instances ELSE '*' END);
  END IF;
END
$$;

-- The number of queries that an instance may start at once: two seconds of its pace, and at least one. Pace
-- is in queries per minute.
CREATE OR REPLACE FUNCTION profile_pic.burst(pace integer) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN greatest(1, pace / 30);
END
$$;

-- The time between two queries at an even pace.
CREATE OR REPLACE FUNCTION profile_pic.spacing(pace integer) RETURNS interval
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN interval '1 minute' / pace;
END
$$;

-- The token state as it counts now. Leases and debts (owed) can move a state only so far ahead. A state
-- further ahead was written before the clock went back. Such a state allows no query for one spacing;
-- otherwise it would allow none for hours.
CREATE OR REPLACE FUNCTION profile_pic.tat_now(pace integer, tat timestamptz, owed integer, at timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN CASE WHEN tat > at + (profile_pic.burst(pace) + 3 + coalesce(owed, 0)) * profile_pic.spacing(pace)
                THEN at + profile_pic.burst(pace) * profile_pic.spacing(pace)
              ELSE greatest(tat, at) END;
END
$$;

-- The number of queries that may start now; tat must come from tat_now.
CREATE OR REPLACE FUNCTION profile_pic.tokens(pace integer, tat timestamptz, at timestamptz) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN greatest(0,
    floor(profile_pic.burst(pace) - extract(epoch FROM tat - at) * pace / 60.0 + 0.000001))::integer;
END
$$;

-- Milliseconds until the wanted number of tokens is there; 0 when they are there. tat must come from tat_now.
CREATE OR REPLACE FUNCTION profile_pic.token_wait_ms(
  pace integer, tat timestamptz, at timestamptz, wanted integer)
RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN greatest(0,
    ceil((extract(epoch FROM tat - at) + (wanted - profile_pic.burst(pace)) * 60.0 / pace) * 1000))::bigint;
END
$$;

-- A lead's state after an outcome; null where the outcome tells nothing new about the lead.
CREATE OR REPLACE FUNCTION profile_pic.state_after(action text, outcome text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN CASE WHEN action = 'dead' THEN 'FAILED'
              WHEN outcome IN ('STORED', 'UNCHANGED') THEN 'STORED'
              WHEN outcome IN ('NOT_SET', 'HIDDEN', 'NOT_ON_WHATSAPP', 'UNKNOWN') THEN outcome END;
END
$$;

-- The first window of hours that has not ended at a time: when it opens and when it closes. A window opens on
-- each of the given days of the week (1 is Monday; null: every day) at from_time, in a region. It closes at
-- to_time, on the next day if to_time is not later. Both results are points in time, so a window that spans a
-- change of the clocks is longer or shorter, and stays whole. Where a clock skips a time, PostgreSQL takes
-- the time after it; where a clock shows a time twice, PostgreSQL takes the second. A zone that this server
-- does not know (any more) counts as UTC, because an error here would stop all instances. Null without a
-- zone.
CREATE OR REPLACE FUNCTION profile_pic.window_at(
  zone text, days integer[], from_time time, to_time time, at timestamptz, OUT opens timestamptz,
  OUT closes timestamptz)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  region text := zone;
  today  date;
  day    date;
BEGIN
  IF zone IS NULL THEN
    RETURN;
  END IF;
  BEGIN
    today := at AT TIME ZONE region;
  EXCEPTION WHEN invalid_parameter_value THEN
    region := 'UTC';
    today := at AT TIME ZONE region;
  END;
  -- From yesterday, whose window may have passed midnight, to the same day of next week, because a changed
  -- clock may leave no time of a window.
  FOR ahead IN -1..8 LOOP
    day := today + ahead;
    CONTINUE WHEN extract(isodow FROM day) <> ALL (days);
    opens := (day + from_time) AT TIME ZONE region;
    closes := (day + CASE WHEN to_time <= from_time THEN 1 ELSE 0 END + to_time) AT TIME ZONE region;
    IF closes > at AND opens < closes THEN
      RETURN;
    END IF;
  END LOOP;
  opens := NULL;
  closes := NULL;
END
$$;

-- The time until which an instance starts no query: the end of its pause or of its present quiet hours, the
-- later of the two; -infinity when it may start queries now.
CREATE OR REPLACE FUNCTION profile_pic.rests_until(instance profile_pic.instances) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN CASE WHEN instance.quiet_from IS NULL THEN coalesce(instance.paused_until, '-infinity')
              ELSE greatest(instance.paused_until, (
                SELECT w.closes
                FROM profile_pic.window_at(
                  instance.quiet_zone, NULL, instance.quiet_from, instance.quiet_to,
                  statement_timestamp()) AS w
                WHERE w.opens <= statement_timestamp())) END;
END
$$;

-- Small functions that enqueue, claim and settle share.

-- The visibility time of messages that stand in a waiting line: far enough that nothing but the line finds them.
CREATE OR REPLACE FUNCTION profile_pic.hidden() RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN timestamptz '3000-01-01 00:00:00+00';

-- An instance's id as a message or the CRM wrote it, or null when it names none. Ids are 1 to 64 safe characters.
CREATE OR REPLACE FUNCTION profile_pic.instance_or_null(written text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN written ~ '^[A-Za-z0-9_.-]{1,64}$' AND written <> 'unknown' THEN written END;

-- How long a message steps back in its line, by its kind (sync_type) and its sender's priority: 'high' counts as live, 'low' as bulk.
-- The penalty is fixed when the message enters the line, so nothing starves.
CREATE OR REPLACE FUNCTION profile_pic.penalty(kind text, priority text) RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN priority = 'high' THEN interval '0'
  WHEN priority = 'low' AND kind IS DISTINCT FROM 'refresh' THEN interval '5 minutes'
  ELSE CASE kind WHEN 'manual' THEN interval '2 seconds' WHEN 'new_lead' THEN interval '5 seconds'
                 WHEN 'bulk' THEN interval '5 minutes' WHEN 'refresh' THEN interval '30 minutes' ELSE interval '0' END
END;

-- The kind of a message, from whatever its sender wrote.
CREATE OR REPLACE FUNCTION profile_pic.kind_of(sync_type text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN sync_type IN ('webhook', 'new_lead', 'manual', 'bulk', 'refresh') THEN sync_type ELSE 'webhook' END;

-- The body of a message that asks for a lead's photo.
CREATE OR REPLACE FUNCTION profile_pic.message_body(
  lead text, phone text, url text, instance text, requested_at timestamptz, kind text, forced boolean) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('lead_id', lead, 'phone', phone, 'profile_pic_url', url, 'instance_id', instance, 'timestamp', requested_at,
  'retry_count', 0, 'sync_type', kind, 'force_update', forced);

-- Tells the workers whose lines got something: instances, separated by commas; '*' when it may be any, or when they are more than a
-- notification holds. Null tells nothing.
CREATE OR REPLACE FUNCTION profile_pic.ring(instances text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF instances IS NOT NULL THEN
    PERFORM pg_notify('profile_pic_queue', CASE WHEN length(instances) < 7000 THEN instances ELSE '*' END);
  END IF;
END
$$;

-- Queries that an instance may start at once: two seconds of its pace, and one at least. Pace is queries per minute.
CREATE OR REPLACE FUNCTION profile_pic.burst(pace integer) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN greatest(1, pace / 30);

-- The time between two queries at an even pace.
CREATE OR REPLACE FUNCTION profile_pic.spacing(pace integer) RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN interval '1 minute' / pace;

-- A token state as it counts now. One that is further ahead than leases and debts (owed) could have moved it stems from a clock that
-- went back since: it then allows nothing for one spacing, instead of nothing for hours.
CREATE OR REPLACE FUNCTION profile_pic.tat_now(pace integer, tat timestamptz, owed integer, at timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN tat > at + (profile_pic.burst(pace) + 3 + coalesce(owed, 0)) * profile_pic.spacing(pace)
              THEN at + profile_pic.burst(pace) * profile_pic.spacing(pace)
            ELSE greatest(tat, at) END;

-- How many queries may start now; tat must come from tat_now.
CREATE OR REPLACE FUNCTION profile_pic.tokens(pace integer, tat timestamptz, at timestamptz) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN greatest(0, floor(profile_pic.burst(pace) - extract(epoch FROM tat - at) * pace / 60.0 + 0.000001))::integer;

-- Milliseconds until so many tokens are there, 0 when they are; tat must come from tat_now.
CREATE OR REPLACE FUNCTION profile_pic.token_wait_ms(pace integer, tat timestamptz, at timestamptz, wanted integer) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN greatest(0, ceil((extract(epoch FROM tat - at) + (wanted - profile_pic.burst(pace)) * 60.0 / pace) * 1000))::bigint;

-- What is known of a lead after an outcome; null where an outcome says nothing new of it.
CREATE OR REPLACE FUNCTION profile_pic.state_after(action text, outcome text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN action = 'dead' THEN 'FAILED'
            WHEN outcome IN ('STORED', 'UNCHANGED') THEN 'STORED'
            WHEN outcome IN ('NOT_SET', 'HIDDEN', 'NOT_ON_WHATSAPP', 'UNKNOWN') THEN outcome END;

-- Until when an instance asks nothing: the end of its pause or of the quiet hours that it is in, whichever is later; -infinity when it
-- may ask now. Quiet hours are times of day in the instance's own zone; from > to spans midnight. A zone that this server does not know (any
-- more) counts as UTC: an error here would stop all instances.
CREATE OR REPLACE FUNCTION profile_pic.rests_until(instance profile_pic.instances) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
  zone  text := instance.quiet_zone;
  here  timestamp;
  quiet boolean;
BEGIN
  IF instance.quiet_from IS NULL THEN
    RETURN coalesce(instance.paused_until, '-infinity');
  END IF;
  BEGIN
    here := statement_timestamp() AT TIME ZONE zone;
  EXCEPTION WHEN invalid_parameter_value THEN
    zone := 'UTC';
    here := statement_timestamp() AT TIME ZONE zone;
  END;
  quiet := CASE WHEN instance.quiet_from < instance.quiet_to
                THEN here::time >= instance.quiet_from AND here::time < instance.quiet_to
                ELSE here::time >= instance.quiet_from OR here::time < instance.quiet_to END;
  IF NOT quiet THEN
    RETURN instance.paused_until;
  END IF;
  RETURN greatest(instance.paused_until,
    (here::date + CASE WHEN here::time < instance.quiet_to THEN 0 ELSE 1 END + instance.quiet_to) AT TIME ZONE zone);
END
$$;

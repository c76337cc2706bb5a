-- Small pure functions that claim and settle share.

-- The headers of a message as an object, with our bookkeeping only where we wrote it: a message that was never delivered has
-- no attempts behind it, whatever its sender wrote.
CREATE OR REPLACE FUNCTION profile_pic.own_headers(headers jsonb, read_ct integer) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(headers) IS DISTINCT FROM 'object' THEN '{}'::jsonb
            WHEN read_ct = 0 THEN headers - ARRAY['attempts', 'returned', 'lookup']
            ELSE headers END;

-- The time between two lookups of an instance; pace in lookups per minute.
CREATE OR REPLACE FUNCTION profile_pic.slot_interval(pace integer, default_pace integer) RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN interval '1 minute' / coalesce(pace, default_pace);

-- How much faster than the default an instance's own pace is.
CREATE OR REPLACE FUNCTION profile_pic.pace_ratio(pace integer, default_pace integer) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(pace, default_pace)::double precision / default_pace;

-- What is known of a lead after an outcome; null where an outcome says nothing new of it.
CREATE OR REPLACE FUNCTION profile_pic.state_after(action text, outcome text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN action = 'dead' THEN 'FAILED'
            WHEN outcome IN ('STORED', 'UNCHANGED') THEN 'STORED'
            WHEN outcome IN ('NOT_SET', 'HIDDEN', 'NOT_ON_WHATSAPP') THEN outcome END;

-- Until when an instance asks nothing: the end of its pause or of the quiet hours that it is in, whichever is later; -infinity when it
-- may ask now. Quiet hours are times of day in the instance's own zone; from > to spans midnight.
CREATE OR REPLACE FUNCTION profile_pic.rests_until(instance profile_pic.instances) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
  here  timestamp;
  quiet boolean;
BEGIN
  IF instance.quiet_from IS NULL THEN
    RETURN coalesce(instance.paused_until, '-infinity');
  END IF;
  here := statement_timestamp() AT TIME ZONE instance.quiet_zone;
  quiet := CASE WHEN instance.quiet_from < instance.quiet_to
                THEN here::time >= instance.quiet_from AND here::time < instance.quiet_to
                ELSE here::time >= instance.quiet_from OR here::time < instance.quiet_to END;
  IF NOT quiet THEN
    RETURN instance.paused_until;
  END IF;
  RETURN greatest(instance.paused_until,
    (here::date + CASE WHEN here::time < instance.quiet_to THEN 0 ELSE 1 END + instance.quiet_to) AT TIME ZONE instance.quiet_zone);
END
$$;

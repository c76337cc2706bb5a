-- The reads and actions of operators, within the reach of their key. In all functions:
--
--   callers  the instances that the caller's key is bound to; null when it is bound to none
--            (profile_pic.reaches)
--   actor    the name of that key, for the audit log (R__35); an action and its entry are in one transaction
--
-- Things of another instance, or of no instance, do not exist for a bound caller: they are in no list and no
-- count, and a call that names such a thing gets the same answer as for a thing that never existed.

-- The state of a lead's photo; no row when there is no such lead. Indexes: primary keys.
CREATE OR REPLACE FUNCTION profile_pic.lead_picture(lead text, callers text[])
RETURNS TABLE (
  lead_id text, state text, reason text, sha256 text, link_generation integer, storage_key text,
  checked_at timestamptz, fetched_at timestamptz, next_check_at timestamptz, attempts integer,
  last_error text, queued boolean)
LANGUAGE sql STABLE AS $$
  SELECT l.lead_id, coalesce(p.state, 'UNKNOWN'), p.reason, p.sha256, coalesce(p.link_generation, 0),
         p.storage_key, p.checked_at, p.fetched_at, p.next_check_at, coalesce(p.attempts, 0), p.last_error,
         EXISTS (SELECT FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = r.message_id)
  FROM profile_pic.reachable_lead(lead, callers) AS l
  LEFT JOIN profile_pic.pictures AS p ON p.lead_id = l.lead_id
  LEFT JOIN profile_pic.requests AS r ON r.lead_id = l.lead_id
$$;

-- The history of a lead's photo, newest first; entries with a smaller id than `before`. Entries through
-- another instance, from before the lead came to its present instance, belong to that other instance. Index:
-- picture_history (lead_id, id).
CREATE OR REPLACE FUNCTION profile_pic.lead_history(lead text, callers text[], before bigint, most integer)
RETURNS TABLE (
  id bigint, at timestamptz, outcome text, state text, detail text, instance_id text, source_id text,
  sha256 text)
LANGUAGE sql STABLE AS $$
  SELECT h.id, h.at, h.outcome, h.state, h.detail, h.instance_id, h.source_id, h.sha256
  FROM profile_pic.reachable_lead(lead, callers) AS l
  JOIN profile_pic.picture_history AS h ON h.lead_id = l.lead_id
  WHERE h.id < before AND NOT profile_pic.is_foreign(callers, h.instance_id)
  ORDER BY h.id DESC LIMIT most
$$;

-- Forgets a person (profile_pic.erase) and records who asked for it.
CREATE OR REPLACE FUNCTION profile_pic.erase_lead(
  lead text, callers text[], actor text, phones text[], lids text[], sealed bytea) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  known record;
BEGIN
  SELECT l.lead_id, l.instance_id INTO known FROM profile_pic.reachable_lead(lead, callers) AS l;
  IF NOT profile_pic.erase(lead, callers, phones, lids, sealed) THEN
    RETURN false;
  END IF;
  PERFORM profile_pic.note_deed(
    actor, 'lead_erased', known.instance_id, profile_pic.lead_digest(known.lead_id), NULL);
  RETURN true;
END
$$;

-- The number of leads for a bulk sync: the instance's leads, and for the default instance (with_default) also
-- leads that name no instance. Without a filter it counts the leads that have no photo; with a state, a
-- reason or both, the leads that match them. complete says whether all leads were read in the given time; if
-- not, there are more. Reads every lead. A lead that the CRM has moved to another instance, or deleted, is
-- counted where we have it on record: feeding corrects this.
CREATE OR REPLACE FUNCTION profile_pic.count_to_sync(
  instance text, with_default boolean, only_state text, only_reason text, callers text[], within interval,
  OUT leads bigint, OUT complete boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  deadline timestamptz := clock_timestamp() + within;
  filtered boolean := num_nonnulls(only_state, only_reason) > 0;
  last     text;
  step     record;
BEGIN
  leads := 0;
  complete := true;
  IF NOT profile_pic.reaches(callers, instance) THEN
    RETURN;
  END IF;
  IF NOT filtered AND callers IS NULL THEN
    SELECT c.leads, c.complete INTO leads, complete
    FROM profile_pic.count_without_photo(instance, with_default, within) AS c;
    RETURN;
  END IF;
  LOOP
    IF filtered THEN
      SELECT max(p.lead_id) AS last,
             count(*) FILTER (
               WHERE (only_state IS NULL OR p.state = only_state)
                 AND (only_reason IS NULL OR p.reason = only_reason)
                 AND (p.instance_id = count_to_sync.instance OR with_default AND p.instance_id IS NULL)
                 AND p.state <> 'ERASED'
                 AND NOT profile_pic.is_foreign(callers, p.instance_id)) AS n
      INTO step
      FROM (
        SELECT o.lead_id, o.state, o.reason, o.instance_id
        FROM profile_pic.pictures AS o WHERE o.lead_id > coalesce(last, '')
        ORDER BY o.lead_id LIMIT 10000
      ) AS p;
    ELSE
      SELECT a.last, (SELECT count(*) FROM profile_pic.read_leads(a.ids, callers)) AS n INTO step
      FROM (
        SELECT (array_agg(l.lead_id ORDER BY l.place DESC))[1] AS last, array_agg(l.lead_id) AS ids
        FROM profile_pic.leads_without_photo(instance, with_default, last, 2000)
          WITH ORDINALITY AS l (lead_id, phone, place)
      ) AS a;
    END IF;
    EXIT WHEN step.last IS NULL;
    leads := leads + step.n;
    last := step.last;
    IF clock_timestamp() > deadline THEN
      complete := false;
      RETURN;
    END IF;
  END LOOP;
END
$$;

-- The same without a filter, as called by the release before this one.
CREATE OR REPLACE FUNCTION profile_pic.count_for_sync(instance text, with_default boolean, callers text[])
RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT c.leads FROM profile_pic.count_to_sync(instance, with_default, NULL, NULL, callers, '3 seconds') AS c
$$;

-- Starts a bulk sync; returns its id, or null when the instance is not within reach. lead_ids and phones are
-- a list of leads, parallel; null for all leads without a photo, or with a filter for the leads with a state,
-- a reason or both. Fails with unique_violation while a sync of this instance is not finished.
CREATE OR REPLACE FUNCTION profile_pic.start_sync(
  instance text, forced boolean, with_default boolean, total bigint, most bigint, batch_size integer,
  lead_ids text[], phones text[], callers text[], actor text, only_state text DEFAULT NULL,
  only_reason text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  sync bigint;
  kind text := CASE WHEN lead_ids IS NOT NULL THEN 'list'
                    WHEN num_nonnulls(only_state, only_reason) > 0 THEN 'filtered'
                    ELSE 'without_photo' END;
BEGIN
  IF NOT profile_pic.reaches(callers, instance) THEN
    RETURN NULL;
  END IF;
  INSERT INTO profile_pic.syncs (
    instance_id, kind, force_update, with_default, total, most, batch_size, caller_instances, only_state,
    only_reason)
  VALUES (instance, kind, forced, with_default, total, most, batch_size, callers, only_state, only_reason)
  RETURNING id INTO sync;
  INSERT INTO profile_pic.sync_items (sync_id, lead_id, phone)
  SELECT sync, l.lead_id, l.phone FROM unnest(lead_ids, phones) AS l (lead_id, phone);
  PERFORM profile_pic.note_deed(actor, 'sync_started', instance, sync::text,
    jsonb_strip_nulls(jsonb_build_object(
      'kind', kind, 'leads', total, 'force_update', forced, 'state', only_state, 'reason', only_reason)));
  RETURN sync;
END
$$;

-- The seconds that a number of background lookups takes at an instance's pace (default_pace, where the
-- instance has no own pace), with its pauses, quiet hours and working hours; null when the time is unknown.
CREATE OR REPLACE FUNCTION profile_pic.sync_seconds(
  instance text, leads bigint, default_pace integer, callers text[])
RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT ceil(extract(epoch FROM
    profile_pic.work_ends(i, leads * profile_pic.spacing(coalesce(i.pace_per_minute, default_pace)), true)
      - statement_timestamp()))::bigint
  FROM (SELECT instance AS id) AS asked LEFT JOIN profile_pic.instances AS i ON i.instance_id = asked.id
  WHERE profile_pic.reaches(callers, instance)
$$;

-- Bulk syncs, newest first: syncs with a smaller id than `before`, or only the sync with the id `only`.
-- pace_per_minute: the instance's own, or null.
-- default_pace: for instances without their own; null means the workers' pace. eta_seconds: of a running sync
-- (sync_seconds).
CREATE OR REPLACE FUNCTION profile_pic.list_syncs(
  callers text[], only_id bigint, before bigint, most integer, default_pace integer DEFAULT NULL)
RETURNS TABLE (id bigint, instance_id text, kind text, state text, force_update boolean,
               created_at timestamptz, finished_at timestamptz, total bigint, done bigint, in_flight bigint,
               waiting bigint, outcomes text, pace_per_minute integer, eta_seconds bigint,
               only_state text, only_reason text)
LANGUAGE sql STABLE AS $$
  SELECT s.id, s.instance_id, s.kind, s.state, s.force_update, s.created_at, s.finished_at, s.total, s.done,
         s.in_flight, s.waiting, s.outcomes::text,
         (SELECT i.pace_per_minute FROM profile_pic.instances AS i WHERE i.instance_id = s.instance_id),
         CASE WHEN s.state = 'RUNNING' THEN profile_pic.sync_seconds(s.instance_id, s.total - s.done,
           coalesce(default_pace, (SELECT o.default_pace FROM profile_pic.settings AS o)), callers) END,
         f.only_state, f.only_reason
  FROM profile_pic.sync_progress AS s
  CROSS JOIN LATERAL (SELECT o.only_state, o.only_reason FROM profile_pic.syncs AS o WHERE o.id = s.id) AS f
  WHERE (only_id IS NULL OR s.id = only_id) AND s.id < before AND profile_pic.reaches(callers, s.instance_id)
  ORDER BY s.id DESC LIMIT most
$$;

-- Pauses, resumes or cancels a bulk sync that is not finished: to_state is PAUSED, RUNNING or CANCELLED.
-- Returns whether the state was changed.
-- Lock: the sync's row.
CREATE OR REPLACE FUNCTION profile_pic.move_sync(sync bigint, to_state text, callers text[], actor text)
RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  moved text;
BEGIN
  UPDATE profile_pic.syncs AS s
  SET state = to_state, finished_at = CASE WHEN to_state = 'CANCELLED' THEN statement_timestamp() END
  WHERE s.id = sync AND s.state IN ('RUNNING', 'PAUSED') AND profile_pic.reaches(callers, s.instance_id)
  RETURNING s.instance_id INTO moved;
  IF moved IS NULL THEN
    RETURN false;
  END IF;
  PERFORM profile_pic.note_deed(actor,
    CASE to_state
      WHEN 'PAUSED' THEN 'sync_paused'
      WHEN 'RUNNING' THEN 'sync_resumed'
      ELSE 'sync_cancelled' END,
    moved, sync::text, NULL);
  RETURN true;
END
$$;

-- The pace that is set for an instance; null when no pace is set.
CREATE OR REPLACE FUNCTION profile_pic.pace_of(instance text, callers text[]) RETURNS integer
LANGUAGE sql STABLE AS $$
  SELECT i.pace_per_minute FROM profile_pic.instances AS i
  WHERE i.instance_id = instance AND profile_pic.reaches(callers, instance)
$$;

-- Leads by instance, state and reason; 'unknown' stands for no instance. Reads every lead, so it is called
-- once for all callers, and list_instances shows each caller only its own part.
CREATE OR REPLACE FUNCTION profile_pic.count_pictures()
RETURNS TABLE (instance_id text, state text, reason text, leads bigint)
LANGUAGE sql STABLE AS $$
  SELECT coalesce(p.instance_id, 'unknown'), p.state, p.reason, count(*)
  FROM profile_pic.pictures AS p GROUP BY 1, 2, 3
$$;

-- Instances that are configured or were counted, in the order of their ids: instances behind `after`, or only
-- the instance with the id `only_id`.
-- hours_...: the working hours that apply to it; hours_own: whether they are its own; background_from: when
-- its background work goes on, null while it may run.
CREATE OR REPLACE FUNCTION profile_pic.list_instances(
  callers text[], counted text[], only_id text, after text, most integer)
RETURNS TABLE (
  instance_id text, pace_per_minute integer, paused boolean, paused_until timestamptz, pause_reason text,
  quiet_from time, quiet_to time, quiet_zone text, source_kind text, source_url text, source_name text,
  source_sealed boolean, source_credential_env text, breaker text, breaker_changed_at timestamptz,
  connection_state text, connection_reason text, connection_until timestamptz, connection_at timestamptz,
  restricted_until timestamptz, budget text, budget_at timestamptz, hours_zone text, hours_days integer[],
  hours_from time, hours_to time, hours_own boolean, background_from timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT known.instance_id, i.pace_per_minute,
         coalesce(i.paused_until > statement_timestamp() + interval '50 years', false),
         CASE WHEN i.paused_until > statement_timestamp() THEN i.paused_until END,
         CASE WHEN i.paused_until > statement_timestamp() THEN i.pause_reason END,
         i.quiet_from, i.quiet_to, i.quiet_zone, i.source_kind, i.source_url, i.source_name,
         i.source_credential IS NOT NULL, i.source_credential_env, coalesce(i.breaker, 'CLOSED'),
         i.breaker_changed_at, i.connection_state, i.connection_reason,
         i.connection_until, i.connection_at,
         CASE WHEN i.restricted_until > statement_timestamp() THEN i.restricted_until END, i.budget::text,
         i.budget_at, h.zone, h.days, h.from_time, h.to_time, h.own,
         nullif(profile_pic.background_from(i), '-infinity')
  FROM (SELECT x.instance_id FROM profile_pic.instances AS x UNION SELECT unnest(counted)) AS known
  LEFT JOIN profile_pic.instances AS i ON i.instance_id = known.instance_id
  CROSS JOIN LATERAL profile_pic.hours_of(i) AS h
  WHERE known.instance_id COLLATE "C" > after AND (only_id IS NULL OR known.instance_id = only_id)
    AND profile_pic.reaches(callers, known.instance_id)
  ORDER BY known.instance_id COLLATE "C" LIMIT most
$$;

-- Changes an instance; an unknown instance is added. changes: an object with pace_per_minute (or null),
-- paused, quiet_hours ({from, to, zone} or null), working_hours ({days, from, to, zone} or null), source
-- ({kind, url, name, credential_env, sealed in base64} or null), which is replaced as a whole. Settings that
-- are absent stay as they are. Returns whether the instance is within reach. Lock: the instance's row.
CREATE OR REPLACE FUNCTION profile_pic.change_instance(
  instance text, changes jsonb, callers text[], actor text)
RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  quiet  jsonb := nullif(changes -> 'quiet_hours', 'null');
  hours  jsonb := nullif(changes -> 'working_hours', 'null');
  source jsonb := nullif(changes -> 'source', 'null');
BEGIN
  IF NOT profile_pic.reaches(callers, instance) THEN
    RETURN false;
  END IF;
  INSERT INTO profile_pic.instances (instance_id) VALUES (instance) ON CONFLICT DO NOTHING;
  UPDATE profile_pic.instances AS i
  SET pace_per_minute = CASE WHEN changes ? 'pace_per_minute' THEN (changes ->> 'pace_per_minute')::integer
                             ELSE i.pace_per_minute END,
      quiet_from = CASE WHEN changes ? 'quiet_hours' THEN (quiet ->> 'from')::time ELSE i.quiet_from END,
      quiet_to = CASE WHEN changes ? 'quiet_hours' THEN (quiet ->> 'to')::time ELSE i.quiet_to END,
      quiet_zone = CASE WHEN changes ? 'quiet_hours' THEN quiet ->> 'zone' ELSE i.quiet_zone END,
      hours_days = CASE WHEN NOT changes ? 'working_hours' THEN i.hours_days
                        WHEN hours IS NOT NULL
                          THEN ARRAY(
                            SELECT d::integer FROM jsonb_array_elements_text(hours -> 'days') AS d
                            ORDER BY 1) END,
      hours_from = CASE WHEN changes ? 'working_hours' THEN (hours ->> 'from')::time ELSE i.hours_from END,
      hours_to = CASE WHEN changes ? 'working_hours' THEN (hours ->> 'to')::time ELSE i.hours_to END,
      hours_zone = CASE WHEN changes ? 'working_hours' THEN hours ->> 'zone' ELSE i.hours_zone END,
      source_kind = CASE WHEN changes ? 'source' THEN source ->> 'kind' ELSE i.source_kind END,
      source_url = CASE WHEN changes ? 'source' THEN source ->> 'url' ELSE i.source_url END,
      source_name = CASE WHEN changes ? 'source' THEN source ->> 'name' ELSE i.source_name END,
      source_credential = CASE WHEN changes ? 'source' THEN decode(source ->> 'sealed', 'base64')
                               ELSE i.source_credential END,
      source_credential_env = CASE WHEN changes ? 'source' THEN source ->> 'credential_env'
                                   ELSE i.source_credential_env END,
      updated_at = statement_timestamp()
  WHERE i.instance_id = instance
    AND changes ?| ARRAY['pace_per_minute', 'quiet_hours', 'working_hours', 'source'];
  IF changes -> 'paused' = 'true' THEN
    PERFORM profile_pic.pause_instance(instance);
  ELSIF changes -> 'paused' = 'false' THEN
    PERFORM profile_pic.resume_instance(instance);
  END IF;
  PERFORM profile_pic.note_deed(actor, 'instance_changed', instance, NULL, changes #- '{source,sealed}');
  RETURN true;
END
$$;

-- What operators see and do, within the reach of their key. In all functions:
--
--   callers  the instances that the caller's key is bound to; null when it is bound to none (profile_pic.reaches)
--   actor    the name of that key, for the audit log (R__35); what is done and its entry are one transaction
--
-- What belongs to another instance, or to nobody, does not exist for a bound caller: it is in no list and no count, and whoever names it
-- hears the same as of something that was never there.

-- What is known of a lead's photo; no row when there is no such lead. Indexes: primary keys.
CREATE OR REPLACE FUNCTION profile_pic.lead_picture(lead text, callers text[])
RETURNS TABLE (lead_id text, state text, reason text, sha256 text, link_generation integer, storage_key text, checked_at timestamptz, fetched_at timestamptz,
               next_check_at timestamptz, attempts integer, last_error text, queued boolean)
LANGUAGE sql STABLE AS $$
  SELECT l.lead_id, coalesce(p.state, 'UNKNOWN'), p.reason, p.sha256, coalesce(p.link_generation, 0), p.storage_key, p.checked_at, p.fetched_at, p.next_check_at,
         coalesce(p.attempts, 0), p.last_error, EXISTS (SELECT FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = r.message_id)
  FROM profile_pic.reachable_lead(lead, callers) AS l
  LEFT JOIN profile_pic.pictures AS p ON p.lead_id = l.lead_id
  LEFT JOIN profile_pic.requests AS r ON r.lead_id = l.lead_id
$$;

-- What happened to a lead's photo, newest first; entries with a smaller id than `before`. What happened through another instance, before the
-- lead came to this one, stays that one's. Index: picture_history (lead_id, id).
CREATE OR REPLACE FUNCTION profile_pic.lead_history(lead text, callers text[], before bigint, most integer)
RETURNS TABLE (id bigint, at timestamptz, outcome text, state text, detail text, instance_id text, source_id text, sha256 text)
LANGUAGE sql STABLE AS $$
  SELECT h.id, h.at, h.outcome, h.state, h.detail, h.instance_id, h.source_id, h.sha256
  FROM profile_pic.reachable_lead(lead, callers) AS l
  JOIN profile_pic.picture_history AS h ON h.lead_id = l.lead_id
  WHERE h.id < before AND NOT profile_pic.is_foreign(callers, h.instance_id)
  ORDER BY h.id DESC LIMIT most
$$;

-- Forgets a person (profile_pic.erase) and notes who asked for it.
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
  PERFORM profile_pic.note_deed(actor, 'lead_erased', known.instance_id, profile_pic.lead_digest(known.lead_id), NULL);
  RETURN true;
END
$$;

-- How many leads a bulk sync of all leads without a photo would look at: those of the instance, and where it is the default one
-- (with_default) those that name none. Looks at every lead of the CRM.
CREATE OR REPLACE FUNCTION profile_pic.count_for_sync(instance text, with_default boolean, callers text[]) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF callers IS NULL THEN
    RETURN profile_pic.count_without_photo(instance, with_default);
  END IF;
  RETURN (
    SELECT count(*) FROM profile_pic.read_leads(ARRAY(
      SELECT l.lead_id FROM profile_pic.leads_without_photo(instance, with_default, NULL, 2147483647) AS l), callers)
    WHERE profile_pic.reaches(callers, instance));
END
$$;

-- Starts a bulk sync; returns its id, or null when the instance is not within reach. lead_ids and phones are a list of leads, parallel; null
-- for all leads without a photo. Fails with unique_violation while one of this instance is not finished.
CREATE OR REPLACE FUNCTION profile_pic.start_sync(
  instance text, forced boolean, with_default boolean, total bigint, most bigint, batch_size integer, lead_ids text[], phones text[], callers text[],
  actor text)
RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  sync bigint;
BEGIN
  IF NOT profile_pic.reaches(callers, instance) THEN
    RETURN NULL;
  END IF;
  INSERT INTO profile_pic.syncs (instance_id, kind, force_update, with_default, total, most, batch_size, caller_instances)
  VALUES (instance, CASE WHEN lead_ids IS NULL THEN 'without_photo' ELSE 'list' END, forced, with_default, total, most, batch_size, callers)
  RETURNING id INTO sync;
  INSERT INTO profile_pic.sync_items (sync_id, lead_id, phone)
  SELECT sync, l.lead_id, l.phone FROM unnest(lead_ids, phones) AS l (lead_id, phone);
  PERFORM profile_pic.note_deed(actor, 'sync_started', instance, sync::text,
    jsonb_build_object('kind', CASE WHEN lead_ids IS NULL THEN 'without_photo' ELSE 'list' END, 'leads', total, 'force_update', forced));
  RETURN sync;
END
$$;

-- Bulk syncs, newest first: those with a smaller id than `before`, or only that of the id `only`. pace_per_minute: the instance's own, or null.
CREATE OR REPLACE FUNCTION profile_pic.list_syncs(callers text[], only_id bigint, before bigint, most integer)
RETURNS TABLE (id bigint, instance_id text, kind text, state text, force_update boolean, created_at timestamptz, finished_at timestamptz,
               total bigint, done bigint, in_flight bigint, waiting bigint, outcomes text, pace_per_minute integer)
LANGUAGE sql STABLE AS $$
  SELECT s.id, s.instance_id, s.kind, s.state, s.force_update, s.created_at, s.finished_at, s.total, s.done, s.in_flight, s.waiting,
         s.outcomes::text, (SELECT i.pace_per_minute FROM profile_pic.instances AS i WHERE i.instance_id = s.instance_id)
  FROM profile_pic.sync_progress AS s
  WHERE (only_id IS NULL OR s.id = only_id) AND s.id < before AND profile_pic.reaches(callers, s.instance_id)
  ORDER BY s.id DESC LIMIT most
$$;

-- Pauses, resumes or cancels a bulk sync that is not finished: to_state is PAUSED, RUNNING or CANCELLED. Returns whether it could be done.
-- Lock: the sync's row.
CREATE OR REPLACE FUNCTION profile_pic.move_sync(sync bigint, to_state text, callers text[], actor text) RETURNS boolean
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
  PERFORM profile_pic.note_deed(actor, CASE to_state WHEN 'PAUSED' THEN 'sync_paused' WHEN 'RUNNING' THEN 'sync_resumed' ELSE 'sync_cancelled' END,
    moved, sync::text, NULL);
  RETURN true;
END
$$;

-- The pace of an instance, null when it has none of its own.
CREATE OR REPLACE FUNCTION profile_pic.pace_of(instance text, callers text[]) RETURNS integer
LANGUAGE sql STABLE AS $$
  SELECT i.pace_per_minute FROM profile_pic.instances AS i WHERE i.instance_id = instance AND profile_pic.reaches(callers, instance)
$$;

-- Leads by instance, state and reason; 'unknown' stands for no instance. Looks at every lead, so it is asked once for all callers, who see
-- only what list_instances lets them.
CREATE OR REPLACE FUNCTION profile_pic.count_pictures()
RETURNS TABLE (instance_id text, state text, reason text, leads bigint)
LANGUAGE sql STABLE AS $$
  SELECT coalesce(p.instance_id, 'unknown'), p.state, p.reason, count(*) FROM profile_pic.pictures AS p GROUP BY 1, 2, 3
$$;

-- Instances that are configured, or that were counted, in the order of their ids: those behind `after`, or only that of the id `only_id`.
CREATE OR REPLACE FUNCTION profile_pic.list_instances(callers text[], counted text[], only_id text, after text, most integer)
RETURNS TABLE (instance_id text, pace_per_minute integer, paused boolean, paused_until timestamptz, pause_reason text, quiet_from time,
               quiet_to time, quiet_zone text, source_kind text, source_url text, source_name text, source_sealed boolean,
               source_credential_env text, breaker text, breaker_changed_at timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT known.instance_id, i.pace_per_minute,
         coalesce(i.paused_until > statement_timestamp() + interval '50 years', false),
         CASE WHEN i.paused_until > statement_timestamp() THEN i.paused_until END,
         CASE WHEN i.paused_until > statement_timestamp() THEN i.pause_reason END,
         i.quiet_from, i.quiet_to, i.quiet_zone, i.source_kind, i.source_url, i.source_name, i.source_credential IS NOT NULL,
         i.source_credential_env, coalesce(i.breaker, 'CLOSED'), i.breaker_changed_at
  FROM (SELECT x.instance_id FROM profile_pic.instances AS x UNION SELECT unnest(counted)) AS known
  LEFT JOIN profile_pic.instances AS i ON i.instance_id = known.instance_id
  WHERE known.instance_id COLLATE "C" > after AND (only_id IS NULL OR known.instance_id = only_id)
    AND profile_pic.reaches(callers, known.instance_id)
  ORDER BY known.instance_id COLLATE "C" LIMIT most
$$;

-- Changes an instance; one that nobody knows yet is noted. changes: an object with pace_per_minute (or null), paused, quiet_hours ({from,
-- to, zone} or null), source ({kind, url, name, credential_env, sealed in base64} or null), which is replaced as a whole; what is not in it
-- stays. Returns whether the instance is within reach. Lock: the instance's row.
CREATE OR REPLACE FUNCTION profile_pic.change_instance(instance text, changes jsonb, callers text[], actor text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  quiet  jsonb := nullif(changes -> 'quiet_hours', 'null');
  source jsonb := nullif(changes -> 'source', 'null');
BEGIN
  IF NOT profile_pic.reaches(callers, instance) THEN
    RETURN false;
  END IF;
  INSERT INTO profile_pic.instances (instance_id) VALUES (instance) ON CONFLICT DO NOTHING;
  UPDATE profile_pic.instances AS i
  SET pace_per_minute = CASE WHEN changes ? 'pace_per_minute' THEN (changes ->> 'pace_per_minute')::integer ELSE i.pace_per_minute END,
      quiet_from = CASE WHEN changes ? 'quiet_hours' THEN (quiet ->> 'from')::time ELSE i.quiet_from END,
      quiet_to = CASE WHEN changes ? 'quiet_hours' THEN (quiet ->> 'to')::time ELSE i.quiet_to END,
      quiet_zone = CASE WHEN changes ? 'quiet_hours' THEN quiet ->> 'zone' ELSE i.quiet_zone END,
      source_kind = CASE WHEN changes ? 'source' THEN source ->> 'kind' ELSE i.source_kind END,
      source_url = CASE WHEN changes ? 'source' THEN source ->> 'url' ELSE i.source_url END,
      source_name = CASE WHEN changes ? 'source' THEN source ->> 'name' ELSE i.source_name END,
      source_credential = CASE WHEN changes ? 'source' THEN decode(source ->> 'sealed', 'base64') ELSE i.source_credential END,
      source_credential_env = CASE WHEN changes ? 'source' THEN source ->> 'credential_env' ELSE i.source_credential_env END,
      updated_at = statement_timestamp()
  WHERE i.instance_id = instance AND changes ?| ARRAY['pace_per_minute', 'quiet_hours', 'source'];
  IF changes -> 'paused' = 'true' THEN
    PERFORM profile_pic.pause_instance(instance);
  ELSIF changes -> 'paused' = 'false' THEN
    PERFORM profile_pic.resume_instance(instance);
  END IF;
  PERFORM profile_pic.note_deed(actor, 'instance_changed', instance, NULL, changes #- '{source,sealed}');
  RETURN true;
END
$$;

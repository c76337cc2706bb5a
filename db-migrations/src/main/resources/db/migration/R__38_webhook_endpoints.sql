-- Webhook endpoints: the events that each endpoint gets, and the results of the deliveries.
--
-- announce (R__00_events) notes each event in the transaction in which it happened.
--
--   spread_events, endpoints_due, take_deliveries, delivery_ended, delivery_failed   for the workers
--   photo_to_show, contact_of, keep_contact                                          for sinks for contacts
--   watch_alerts                           reports problems, as far as the database and a worker can see them
--   add_endpoint, list_endpoints, change_endpoint, drop_endpoint, list_deliveries, replay_events   operators
--
-- callers, actor: as in R__32. An endpoint is within the reach of a bound caller when all its instances are.
--
-- An instance's state in one word, as our callers see it, from its breaker and its pauses.
CREATE OR REPLACE FUNCTION profile_pic.instance_state(instance profile_pic.instances) RETURNS text
LANGUAGE sql STABLE
RETURN CASE WHEN instance.breaker <> 'CLOSED'
              OR instance.paused_until > statement_timestamp() AND instance.pause_reason = 'INSTANCE_DOWN'
              THEN 'down'
            WHEN instance.paused_until > statement_timestamp() + interval '50 years' THEN 'paused'
            WHEN instance.paused_until > statement_timestamp() THEN 'resting'
            ELSE 'open' END;

CREATE OR REPLACE FUNCTION profile_pic.instance_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  before text := profile_pic.instance_state(old);
  now_is text := profile_pic.instance_state(new);
BEGIN
  IF before <> now_is THEN
    INSERT INTO profile_pic.instance_events (instance_id, state, before, reason, until)
    VALUES (new.instance_id, now_is, before, CASE WHEN now_is <> 'open' THEN new.pause_reason END,
      CASE WHEN now_is IN ('down', 'resting') AND new.paused_until > statement_timestamp()
             THEN new.paused_until END);
    DELETE FROM profile_pic.instance_events AS e WHERE e.id IN (
      SELECT o.id FROM profile_pic.instance_events AS o
      WHERE o.instance_id = new.instance_id
      ORDER BY o.id DESC OFFSET 200);
    PERFORM profile_pic.announce('instance.state', new.instance_id, NULL,
      jsonb_build_object('state', now_is, 'before', before,
        'reason', CASE WHEN now_is <> 'open' THEN new.pause_reason END,
        'until', CASE WHEN now_is IN ('down', 'resting') AND new.paused_until > statement_timestamp()
                        THEN new.paused_until END));
  END IF;
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER instance_changed AFTER UPDATE OF breaker, paused_until ON profile_pic.instances
  FOR EACH ROW
  WHEN (old.breaker IS DISTINCT FROM new.breaker OR old.paused_until IS DISTINCT FROM new.paused_until)
  EXECUTE FUNCTION profile_pic.instance_changed();

-- profile_pic.spread_events(most): makes the deliveries of new events, one for each endpoint that wants the
-- event. Returns how many events it took.
-- Locks: events (SKIP LOCKED).
CREATE OR REPLACE FUNCTION profile_pic.spread_events(most integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  fresh bigint[] := ARRAY(
    SELECT v.id FROM profile_pic.webhook_events AS v WHERE NOT v.spread
    ORDER BY v.id LIMIT most FOR UPDATE SKIP LOCKED);
BEGIN
  INSERT INTO profile_pic.webhook_deliveries (endpoint_id, event_id)
  SELECT e.id, v.id
  FROM profile_pic.webhook_events AS v
  JOIN profile_pic.webhook_endpoints AS e ON e.enabled AND profile_pic.is_for(e, v)
  WHERE v.id = ANY (fresh) ORDER BY v.id
  ON CONFLICT DO NOTHING;
  UPDATE profile_pic.webhook_events AS v SET spread = true WHERE v.id = ANY (fresh);
  RETURN cardinality(fresh);
END
$$;

-- Whether an endpoint wants an event. Events of no instance are for endpoints of all instances.
CREATE OR REPLACE FUNCTION profile_pic.is_for(
  endpoint profile_pic.webhook_endpoints, event profile_pic.webhook_events)
RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN event.type = ANY (endpoint.events) AND profile_pic.reaches(endpoint.instances, event.instance_id);

-- Endpoints that have a delivery due now. No delivery waits for more than ten hours, so a time that is days
-- ahead is of a clock that went back since, and is due too. Two conditions, because each is a range of the
-- index.
CREATE OR REPLACE FUNCTION profile_pic.endpoints_due() RETURNS SETOF bigint
LANGUAGE sql STABLE AS $$
  SELECT e.id FROM profile_pic.webhook_endpoints AS e
  WHERE e.enabled
    AND (EXISTS (SELECT FROM profile_pic.webhook_deliveries AS d
                 WHERE d.endpoint_id = e.id AND d.state = 'pending' AND d.next_at <= statement_timestamp())
      OR EXISTS (SELECT FROM profile_pic.webhook_deliveries AS d
                 WHERE d.endpoint_id = e.id AND d.state = 'pending'
                   AND d.next_at > statement_timestamp() + interval '3 days'))
$$;

-- profile_pic.take_deliveries(endpoint, most): deliveries that are due, the longest first. They belong to the
-- caller for two minutes. If the caller dies meanwhile, the next caller gets them, so an event may be
-- delivered twice, with the same id. Locks: their rows (SKIP LOCKED).
CREATE OR REPLACE FUNCTION profile_pic.take_deliveries(endpoint bigint, most integer)
RETURNS TABLE (
  id bigint, uid uuid, type text, at timestamptz, instance_id text, lead_id text, data jsonb, kind text,
  url text, settings jsonb, secret bytea, former_secret bytea)
LANGUAGE sql AS $$
  WITH due AS MATERIALIZED (
    SELECT d.id FROM profile_pic.webhook_deliveries AS d
    WHERE d.endpoint_id = endpoint AND d.state = 'pending' AND d.next_at <= statement_timestamp()
    ORDER BY d.next_at LIMIT most FOR UPDATE SKIP LOCKED
  ), ahead AS MATERIALIZED (
    SELECT d.id FROM profile_pic.webhook_deliveries AS d
    WHERE d.endpoint_id = endpoint AND d.state = 'pending'
      AND d.next_at > statement_timestamp() + interval '3 days'
    ORDER BY d.next_at LIMIT most - (SELECT count(*) FROM due) FOR UPDATE SKIP LOCKED
  ), taken AS (
    UPDATE profile_pic.webhook_deliveries AS d
    SET attempts = d.attempts + 1, tried_at = statement_timestamp(),
        next_at = statement_timestamp() + interval '2 minutes'
    WHERE d.id = ANY (ARRAY(SELECT u.id FROM due AS u UNION ALL SELECT h.id FROM ahead AS h))
    RETURNING d.id, d.event_id
  )
  SELECT t.id, v.uid, v.type, v.at, v.instance_id, v.lead_id, v.data, e.kind, e.url, e.settings, e.secret,
         CASE WHEN e.former_until > statement_timestamp() THEN e.former_secret END
  FROM taken AS t
  CROSS JOIN LATERAL (
    SELECT v.* FROM profile_pic.webhook_events AS v WHERE v.id = t.event_id LIMIT 1) AS v
  JOIN profile_pic.webhook_endpoints AS e ON e.id = endpoint AND e.enabled
  ORDER BY v.id
$$;

-- The delivery succeeded (delivered), or there was nothing to do (skipped).
CREATE OR REPLACE FUNCTION profile_pic.delivery_ended(delivery bigint, ending text, answer integer, why text)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  endpoint bigint;
BEGIN
  UPDATE profile_pic.webhook_deliveries AS d
  SET state = ending, status = answer, detail = left(why, 300)
  WHERE d.id = delivery
  RETURNING d.endpoint_id INTO endpoint;
  IF ending = 'delivered' THEN
    UPDATE profile_pic.webhook_endpoints AS e SET failing_since = NULL
    WHERE e.id = endpoint AND e.failing_since IS NOT NULL;
  END IF;
END
$$;

-- profile_pic.delivery_failed(delivery, answer, why, after_ms, gone): tried again after 5 s, 30 s, 2 min, 10
-- min, 30 min, 1 h, 2 h, 4 h, then every eight hours, or at the time that the endpoint asked for (after_ms);
-- given up after three days. An endpoint is disabled when no delivery to it succeeded for three days, or when
-- it says that it is gone: pending deliveries wait until an operator enables it again.
CREATE OR REPLACE FUNCTION profile_pic.delivery_failed(
  delivery bigint, answer integer, why text, after_ms bigint, gone boolean)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  waits constant interval[] := ARRAY['5 s', '30 s', '2 min', '10 min', '30 min', '1 h', '2 h', '4 h', '8 h'];
  failed profile_pic.webhook_deliveries;
  reason text;
BEGIN
  UPDATE profile_pic.webhook_deliveries AS d
  SET status = answer, detail = left(why, 300),
      state = CASE WHEN d.since < statement_timestamp() - interval '3 days' THEN 'failed' ELSE 'pending' END,
      next_at = statement_timestamp() + greatest(
        after_ms * interval '1 ms', waits[least(d.attempts, cardinality(waits))] * (0.8 + 0.4 * random()))
  WHERE d.id = delivery RETURNING * INTO failed;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  UPDATE profile_pic.webhook_endpoints AS e SET failing_since = statement_timestamp()
  WHERE e.id = failed.endpoint_id AND e.failing_since IS NULL;
  UPDATE profile_pic.webhook_endpoints AS e
  SET enabled = false,
      disabled_why = CASE WHEN gone THEN 'it answered 410'
                          ELSE 'nothing could be delivered for three days' END
  WHERE e.id = failed.endpoint_id AND e.enabled
    AND (gone OR e.failing_since < statement_timestamp() - interval '3 days')
  RETURNING e.disabled_why INTO reason;
  IF reason IS NOT NULL THEN
    PERFORM profile_pic.note_deed(
      'worker', 'endpoint_disabled', NULL, failed.endpoint_id::text, jsonb_build_object('reason', reason));
    PERFORM profile_pic.announce(
      'system.alert', NULL, NULL,
      jsonb_build_object(
        'alert', 'WebhookEndpointDisabled', 'status', 'firing', 'severity', 'warning',
        'summary', 'The webhook endpoint ' || failed.endpoint_id || ' was disabled: ' || reason));
  END IF;
END
$$;

-- profile_pic.delivery_depth(): how many deliveries are pending for enabled endpoints, 100,000 at the most,
-- and how long the oldest of them has been waiting; how many endpoints were disabled because no delivery
-- succeeded. An endpoint that an operator disabled does not count.
-- Index: webhook_deliveries_due.
CREATE OR REPLACE FUNCTION profile_pic.delivery_depth()
RETURNS TABLE (waiting bigint, oldest_seconds double precision, disabled bigint)
LANGUAGE sql STABLE AS $$
  SELECT count(p.since),
         coalesce(greatest(0, extract(epoch FROM statement_timestamp() - min(p.since))), 0)::double precision,
         (SELECT count(*) FROM profile_pic.webhook_endpoints AS o
          WHERE NOT o.enabled AND o.disabled_why IS NOT NULL AND o.disabled_why NOT LIKE 'by %')
  FROM (
    SELECT d.since FROM profile_pic.webhook_endpoints AS e
    CROSS JOIN LATERAL (
      SELECT w.since FROM profile_pic.webhook_deliveries AS w
      WHERE w.endpoint_id = e.id AND w.state = 'pending') AS d
    WHERE e.enabled LIMIT 100000
  ) AS p
$$;

-- A lead's phone and photo, for a sink that passes them on; no row when there is no photo. The bytes are null
-- when they are in the bucket.
CREATE OR REPLACE FUNCTION profile_pic.photo_to_show(lead text)
RETURNS TABLE (phone text, sha256 text, content_type text, bytes bytea, storage_key text)
LANGUAGE sql STABLE AS $$
  SELECT p.phone, p.sha256, a.content_type, a.bytes, a.storage_key
  FROM profile_pic.pictures AS p JOIN profile_pic.avatars AS a ON a.storage_key = p.storage_key
  WHERE p.lead_id = lead AND p.state <> 'ERASED'
$$;

-- The contact that got a lead's photo from us, and the avatar that it shows since then; no row when there is
-- no such contact.
CREATE OR REPLACE FUNCTION profile_pic.contact_of(endpoint bigint, lead text)
RETURNS TABLE (contact_id text, avatar text)
LANGUAGE sql STABLE AS $$
  SELECT c.contact_id, c.avatar FROM profile_pic.contact_avatars AS c
  WHERE c.endpoint_id = endpoint AND c.lead_id = lead
$$;

-- Records the avatar that a contact shows; a null avatar deletes the record.
CREATE OR REPLACE FUNCTION profile_pic.keep_contact(endpoint bigint, lead text, contact text, shown text)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF shown IS NULL THEN
    DELETE FROM profile_pic.contact_avatars AS c WHERE c.endpoint_id = endpoint AND c.lead_id = lead;
  ELSE
    INSERT INTO profile_pic.contact_avatars AS c (endpoint_id, lead_id, contact_id, avatar)
    VALUES (endpoint, lead, contact, shown)
    ON CONFLICT (endpoint_id, lead_id) DO UPDATE
      SET contact_id = excluded.contact_id, avatar = excluded.avatar;
  END IF;
END
$$;

-- profile_pic.watch_alerts(seen): compares the present problems with the problems already reported, and
-- reports which began or ended. It covers the rules of monitoring/alerts.yml that the database can check;
-- `seen` are the names of problems that the calling worker sees. Does nothing while another worker runs it.
-- Returns how many changed.
CREATE OR REPLACE FUNCTION profile_pic.watch_alerts(seen text[]) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  changed integer := 0;
  alert   record;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('profile_pic.alerts', 0)) THEN
    RETURN 0;
  END IF;
  FOR alert IN
    WITH found (name, instance_id) AS MATERIALIZED (
      SELECT 'QueueFallsBehind', '' FROM profile_pic.queue_depth AS q WHERE q.oldest_ready_seconds > 120
      UNION ALL
      SELECT 'DeadLettersGrow', ''
      FROM (SELECT d.enqueued_at FROM pgmq.q_profile_pic_dlq AS d ORDER BY d.msg_id DESC LIMIT 11) AS d
      HAVING count(*) FILTER (WHERE d.enqueued_at > statement_timestamp() - interval '30 minutes') > 10
      UNION ALL
      SELECT 'LeadRowsNotWritten', '' FROM profile_pic.lead_writes AS w
      HAVING min(w.since) < statement_timestamp() - interval '15 minutes'
      UNION ALL
      SELECT 'LeadsNotSeen', '' FROM profile_pic.chores AS c HAVING count(c.warning) > 0
      UNION ALL
      SELECT 'InstancePausedLong', i.instance_id
      FROM profile_pic.instances AS i
      WHERE i.paused_until > statement_timestamp()
      UNION ALL
      SELECT s.name, '' FROM unnest(seen) AS s (name)
    ), begun AS (
      INSERT INTO profile_pic.alerts (name, instance_id)
      SELECT f.name, f.instance_id FROM found AS f
      ON CONFLICT DO NOTHING
    ), ended AS (
      DELETE FROM profile_pic.alerts AS a
      WHERE NOT EXISTS (SELECT FROM found AS f WHERE f.name = a.name AND f.instance_id = a.instance_id)
      RETURNING a.*
    ), told AS (
      UPDATE profile_pic.alerts AS a SET told = true
      FROM profile_pic.alert_rules() AS r, found AS f
      WHERE r.name = a.name AND NOT a.told AND a.since <= statement_timestamp() - r.lasts AND f.name = a.name
        AND f.instance_id = a.instance_id
      RETURNING a.*
    )
    SELECT 'firing' AS status, t.* FROM told AS t
    UNION ALL SELECT 'resolved', e.* FROM ended AS e WHERE e.told
  LOOP
    PERFORM profile_pic.announce(
      'system.alert', nullif(alert.instance_id, ''), NULL,
      jsonb_build_object(
        'alert', alert.name, 'status', alert.status, 'severity', r.severity, 'summary', r.summary,
        'since', alert.since))
    FROM profile_pic.alert_rules() AS r WHERE r.name = alert.name;
    changed := changed + 1;
  END LOOP;
  RETURN changed;
END
$$;

-- The alerts, and how long a problem lasts before it is reported.
CREATE OR REPLACE FUNCTION profile_pic.alert_rules()
RETURNS TABLE (name text, severity text, lasts interval, summary text)
LANGUAGE sql IMMUTABLE AS $$
  VALUES
    ('QueueFallsBehind', 'warning', interval '5 minutes',
     'The oldest message that may start has been waiting for more than two minutes'),
    ('DeadLettersGrow', 'warning', interval '5 minutes',
     'More than 10 messages became dead letters within 30 minutes'),
    ('LeadRowsNotWritten', 'warning', interval '5 minutes',
     'A lead''s row has been waiting to be written for more than 15 minutes'),
    ('LeadsNotSeen', 'critical', interval '0', 'Leads that we know are not to be seen in the CRM''s table'),
    ('InstancePausedLong', 'warning', interval '30 minutes',
     'Lookups of a number have been paused for 30 minutes'),
    ('BridgeBreakerOpen', 'warning', interval '5 minutes',
     'The workers have stopped calling the bridge, because most calls failed'),
    ('BridgeTimeoutTooShort', 'warning', interval '2 minutes',
     'The bridge may take longer for a lookup than the worker waits')
$$;

-- Old events, with their deliveries; a step of housekeeping (R__26). Index: webhook_events (at).
CREATE OR REPLACE FUNCTION profile_pic.forget_events(
  older_than interval, after text, most integer, OUT removed bigint, OUT next text)
LANGUAGE plpgsql AS $$
BEGIN
  WITH gone AS (
    DELETE FROM profile_pic.webhook_events AS v
    WHERE v.id = ANY (ARRAY(
      SELECT o.id FROM profile_pic.webhook_events AS o
      WHERE o.at < statement_timestamp() - older_than
      ORDER BY o.at LIMIT most))
    RETURNING 1
  )
  SELECT count(*), CASE WHEN count(*) = most THEN '' END INTO removed, next FROM gone;
END
$$;

-- Whether a caller may see and change an endpoint.
CREATE OR REPLACE FUNCTION profile_pic.is_reachable(endpoint profile_pic.webhook_endpoints, callers text[])
RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN callers IS NULL OR coalesce(endpoint.instances <@ callers, false);

-- profile_pic.add_endpoint(endpoint, callers, actor): endpoint is an object with kind, url, events,
-- instances, settings, description and sealed (the secret, in base64). When a bound caller names no
-- instances, the endpoint is for the caller's instances. Returns its id; null when one of its instances is
-- not the caller's.
CREATE OR REPLACE FUNCTION profile_pic.add_endpoint(endpoint jsonb, callers text[], actor text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  wanted text[] := coalesce(profile_pic.texts(endpoint -> 'instances'), callers);
  added  bigint;
BEGIN
  IF callers IS NOT NULL AND NOT wanted <@ callers THEN
    RETURN NULL;
  END IF;
  INSERT INTO profile_pic.webhook_endpoints (kind, url, events, instances, settings, description, secret)
  VALUES (
    endpoint ->> 'kind', endpoint ->> 'url', profile_pic.texts(endpoint -> 'events'), wanted,
    coalesce(endpoint -> 'settings', '{}'), endpoint ->> 'description',
    decode(endpoint ->> 'sealed', 'base64'))
  RETURNING id INTO added;
  PERFORM profile_pic.note_deed(
    actor, 'endpoint_added', CASE WHEN cardinality(wanted) = 1 THEN wanted[1] END, added::text,
    jsonb_build_object('kind', endpoint -> 'kind', 'events', endpoint -> 'events'));
  RETURN added;
END
$$;

-- The texts of a JSON list; null when it is not a list.
CREATE OR REPLACE FUNCTION profile_pic.texts(list jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(list) = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(list)) END;

-- The sealed secret of an endpoint within reach, with the purpose that it is sealed for.
CREATE OR REPLACE FUNCTION profile_pic.endpoint_secret(endpoint bigint, callers text[])
RETURNS TABLE (kind text, url text, secret bytea)
LANGUAGE sql STABLE AS $$
  SELECT e.kind, e.url, e.secret FROM profile_pic.webhook_endpoints AS e
  WHERE e.id = endpoint AND profile_pic.is_reachable(e, callers)
$$;

-- Endpoints within reach, newest first; endpoints with a smaller id than `before`, or only the endpoint with
-- the id only_id.
CREATE OR REPLACE FUNCTION profile_pic.list_endpoints(
  callers text[], only_id bigint, before bigint, most integer)
RETURNS TABLE (
  id bigint, kind text, url text, events text[], instances text[], settings text, description text,
  enabled boolean, disabled_why text, failing_since timestamptz, created_at timestamptz, pending bigint)
LANGUAGE sql STABLE AS $$
  SELECT e.id, e.kind, e.url, e.events, e.instances, e.settings::text, e.description, e.enabled,
         e.disabled_why, e.failing_since, e.created_at,
         (SELECT count(*)
          FROM (SELECT FROM profile_pic.webhook_deliveries AS d
                WHERE d.endpoint_id = e.id AND d.state = 'pending' LIMIT 100000) AS p)
  FROM profile_pic.webhook_endpoints AS e
  WHERE e.id < before AND (only_id IS NULL OR e.id = only_id) AND profile_pic.is_reachable(e, callers)
  ORDER BY e.id DESC LIMIT most
$$;

-- profile_pic.change_endpoint(endpoint, changes, callers, actor): changes is an object with events,
-- instances, settings, description, enabled, sealed (a new secret; the former one also signs for a day).
-- Settings that are absent stay as they are. Returns whether it is the caller's, before and after.
CREATE OR REPLACE FUNCTION profile_pic.change_endpoint(
  endpoint bigint, changes jsonb, callers text[], actor text)
RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  wanted text[] := profile_pic.texts(changes -> 'instances');
BEGIN
  IF callers IS NOT NULL AND changes ? 'instances' AND coalesce(NOT wanted <@ callers, true) THEN
    RETURN false;
  END IF;
  UPDATE profile_pic.webhook_endpoints AS e
  SET events = coalesce(profile_pic.texts(changes -> 'events'), e.events),
      instances = CASE WHEN changes ? 'instances' THEN wanted ELSE e.instances END,
      settings = coalesce(changes -> 'settings', e.settings),
      description = CASE WHEN changes ? 'description' THEN changes ->> 'description' ELSE e.description END,
      enabled = coalesce((changes ->> 'enabled')::boolean, e.enabled),
      disabled_why = CASE WHEN changes ? 'enabled'
                            THEN CASE WHEN changes -> 'enabled' = 'false' THEN 'by ' || actor END
                          ELSE e.disabled_why END,
      failing_since = CASE WHEN changes -> 'enabled' = 'true' THEN NULL ELSE e.failing_since END,
      former_secret = CASE WHEN changes ? 'sealed' THEN e.secret ELSE e.former_secret END,
      former_until = CASE WHEN changes ? 'sealed' THEN statement_timestamp() + interval '1 day'
                          ELSE e.former_until END,
      secret = coalesce(decode(changes ->> 'sealed', 'base64'), e.secret)
  WHERE e.id = endpoint AND profile_pic.is_reachable(e, callers);
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM profile_pic.note_deed(
    actor, 'endpoint_changed', NULL, endpoint::text, changes - 'sealed' - 'description');
  RETURN true;
END
$$;

CREATE OR REPLACE FUNCTION profile_pic.drop_endpoint(endpoint bigint, callers text[], actor text)
RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM profile_pic.webhook_endpoints AS e
  WHERE e.id = endpoint AND profile_pic.is_reachable(e, callers);
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM profile_pic.note_deed(actor, 'endpoint_dropped', NULL, endpoint::text, NULL);
  RETURN true;
END
$$;

-- The deliveries of an endpoint, newest first; deliveries with a smaller id than `before`. No row when the
-- endpoint is not the caller's.
CREATE OR REPLACE FUNCTION profile_pic.list_deliveries(
  endpoint bigint, callers text[], before bigint, most integer)
RETURNS TABLE (
  id bigint, uid uuid, type text, at timestamptz, lead_id text, instance_id text, state text,
  attempts integer, next_at timestamptz, tried_at timestamptz, status integer, detail text)
LANGUAGE sql STABLE AS $$
  SELECT d.id, v.uid, v.type, v.at, v.lead_id, v.instance_id, d.state, d.attempts,
         CASE WHEN d.state = 'pending' THEN d.next_at END, d.tried_at, d.status, d.detail
  FROM profile_pic.webhook_endpoints AS e
  JOIN profile_pic.webhook_deliveries AS d ON d.endpoint_id = e.id
  CROSS JOIN LATERAL (
    SELECT v.* FROM profile_pic.webhook_events AS v WHERE v.id = d.event_id LIMIT 1) AS v
  WHERE e.id = endpoint AND d.id < before AND profile_pic.is_reachable(e, callers)
  ORDER BY d.id DESC LIMIT most
$$;

-- profile_pic.replay_events(endpoint, since, until, callers, actor): delivers the stored events of a range of
-- time once more, with their original ids. Returns how many events; null when the endpoint is not the
-- caller's.
CREATE OR REPLACE FUNCTION profile_pic.replay_events(
  endpoint bigint, since timestamptz, until timestamptz, callers text[], actor text)
RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  target   profile_pic.webhook_endpoints;
  replayed bigint;
BEGIN
  SELECT * INTO target FROM profile_pic.webhook_endpoints AS e
  WHERE e.id = endpoint AND profile_pic.is_reachable(e, callers);
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  INSERT INTO profile_pic.webhook_deliveries AS d (endpoint_id, event_id)
  SELECT endpoint, v.id FROM profile_pic.webhook_events AS v
  WHERE v.at >= replay_events.since AND v.at < replay_events.until AND profile_pic.is_for(target, v)
  ORDER BY v.id
  ON CONFLICT (endpoint_id, event_id) DO UPDATE
    SET state = 'pending', attempts = 0, since = statement_timestamp(), next_at = statement_timestamp(),
        status = NULL, detail = NULL;
  GET DIAGNOSTICS replayed = ROW_COUNT;
  PERFORM profile_pic.note_deed(
    actor, 'events_replayed', NULL, endpoint::text,
    jsonb_build_object('events', replayed, 'from', since, 'to', until));
  RETURN replayed;
END
$$;

-- profile_pic.redeliver(callers, actor, endpoint, delivery): delivers an endpoint's event once more, with its
-- original id. Returns whether there is such a delivery. Lock: its row.
CREATE OR REPLACE FUNCTION profile_pic.redeliver(callers text[], actor text, endpoint bigint, delivery bigint)
RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE profile_pic.webhook_deliveries AS d
  SET state = 'pending', attempts = 0, since = statement_timestamp(), next_at = statement_timestamp(),
      status = NULL, detail = NULL
  FROM profile_pic.webhook_endpoints AS e
  WHERE d.id = delivery AND d.endpoint_id = endpoint AND e.id = endpoint
    AND profile_pic.is_reachable(e, callers);
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM profile_pic.note_deed(
    actor, 'events_replayed', NULL, endpoint::text, jsonb_build_object('events', 1, 'delivery', delivery));
  RETURN true;
END
$$;

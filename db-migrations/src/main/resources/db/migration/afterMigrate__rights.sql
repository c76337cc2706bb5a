-- The rights of all roles, applied after every migration, because a function that was replaced has lost its
-- settings. Functions are found by name, so a function that does not exist (yet) is no error. When you add a
-- function that a service calls, add its name here; nothing else is callable.
--
-- A function in one of the lists runs as profile_pic_owner, with a fixed search_path and with row level
-- security off: a policy that would hide rows is then an error, and hides nothing. All other functions stay
-- the caller's, with a fixed search_path too. A listed function waits 5 s for a lock at the most, unless it
-- sets less itself: a caller that gives up first leaves its backend waiting, and one more backend at each
-- try, until the server accepts no more connections.
-- Locks: none on tables.
DO $rights$
DECLARE
  worker_calls constant text[] := ARRAY[
    'adopt', 'heal', 'find_lines', 'claim', 'claim_batch', 'take_token', 'settle', 'renew', 'release',
    'reserve', 'write_leads', 'lead_write_failed', 'due_lead_writes', 'reconcile_leads', 'feed_syncs',
    'feed_refreshes', 'forget_history', 'forget_audit', 'forget_archive', 'forget_orphans', 'forget_syncs',
    'forget_siblings', 'forget_lost_requests', 'forget_deleted_leads',
    'breaker_changed', 'report_breaker', 'leads_are_visible', 'check_setup',
    'take_unknown_lids', 'lid_answered', 'ask_lid_later',
    'any_tombstones', 'which_are_buried', 'take_bridge_erasures', 'bridge_erasure_done',
    'bridge_erasure_failed', 'spread_events', 'endpoints_due', 'delivery_depth', 'take_deliveries',
    'delivery_ended', 'delivery_failed', 'photo_to_show', 'contact_of', 'keep_contact', 'watch_alerts',
    'forget_events', 'forget_dead_letters', 'forget_receipts', 'forget_unmatched_events',
    'forget_unrecognised', 'forget_lids', 'note_budgets', 'note_figures', 'keep_default_hours',
    'register_photo', 'take_removals', 'removal_done', 'removal_failed', 'store_sizes',
    'photos_to_move', 'photo_bytes', 'begin_move', 'end_move', 'move_back',
    'chore_is_due', 'chore_done', 'chore_warnings', 'paused_instances', 'instance_sources'];
  receiver_calls constant text[] := ARRAY[
    'enqueue', 'match_leads', 'read_leads', 'read_lead_page', 'walk_leads', 'lead_name', 'leads_are_visible',
    'check_setup',
    'list_dead_letters', 'replay_dead_letters', 'drop_dead_letter', 'reachable_lead', 'lead_picture',
    'lead_history', 'person_of', 'bury', 'erase_lead', 'list_audit', 'allow_person', 'revoke_links', 'relink',
    'count_for_sync', 'count_to_sync', 'start_sync', 'list_syncs', 'move_sync', 'sync_seconds', 'pace_of',
    'count_pictures', 'list_instances', 'change_instance', 'valid_keys', 'note_key_uses',
    'take_idempotency_key', 'answer_idempotency_key', 'drop_idempotency_key', 'forget_idempotency_keys',
    'hold_photo', 'keep_thumbnail', 'thumbnail', 'photo_of', 'photo_piece', 'shown_name',
    'leads_that_have', 'leads_to_look_at_again', 'restart_walk',
    'gateway_names', 'note_connection', 'learn_lids', 'resolve_lids', 'keep_unmatched', 'kept_unmatched',
    'known_unmatched', 'forget_unmatched', 'take_receipt', 'accept_receipt', 'drop_receipt',
    'count_unrecognised', 'list_unrecognised', 'open_session', 'find_session', 'close_session', 'lead_cards',
    'latest_leads', 'walk_pictures', 'leads_called', 'lead_facts', 'instance_facts', 'note_figures',
    'sample_minute', 'list_figures', 'queue_state', 'list_troubles', 'list_keys', 'create_key', 'revoke_key',
    'dead_letter_reasons', 'dead_letter_payload', 'redeliver', 'instance_outcomes', 'list_instance_events',
    'add_endpoint', 'endpoint_secret', 'list_endpoints', 'change_endpoint', 'drop_endpoint',
    'list_deliveries', 'replay_events'];
  -- Functions that read or write the CRM's table run as a role that has no right on our tables. A view's
  -- functions and a foreign table's server run as the role that reads them, and the table's owner may put a
  -- view in its place at any time.
  crm_functions constant text[] := ARRAY['lock_leads', 'update_leads', 'find_leads', 'lead_ids_after',
    'leads_after', 'leads_without_photo', 'count_without_photo', 'lead_name',
    'named_leads', 'find_names', 'names_are_indexed'];
  trigger_functions constant text[] := ARRAY[
    'lead_inserted', 'phones_changed', 'leads_deleted', 'leads_truncated', 'sync_items_changed',
    'key_changed', 'instance_changed'];
  -- Functions that the views' own functions call. PL/pgSQL records no dependencies, so they are named here.
  called_in_views constant text[] := ARRAY['burst', 'spacing', 'window_at'];
  -- Tables that services read and write directly, without a function. Apart from the views, only the release
  -- before this release does so, and it may still run beside this release; row level security on these tables
  -- hides their rows from it.
  direct_rights constant text[] := ARRAY[
    'profile_pic_worker SELECT profile_pic.instances',
    'profile_pic_worker SELECT,INSERT,UPDATE profile_pic.chores',
    'profile_pic_worker SELECT profile_pic.queue_depth',
    'profile_pic_worker SELECT profile_pic.states_by_instance',
    'profile_pic_worker SELECT profile_pic.failures_by_reason',
    'profile_pic_worker SELECT profile_pic.lead_writes_waiting',
    'profile_pic_worker SELECT profile_pic.sync_progress',
    'profile_pic_receiver SELECT profile_pic.avatars',
    'profile_pic_receiver SELECT,UPDATE profile_pic.lead_phones_walk',
    'profile_pic_receiver SELECT profile_pic.pictures'];
  leads        regclass := to_regclass('${leads_table}');
  leads_schema text;
  read_columns text;
  own_columns  text;
  bypasses     boolean := (
    SELECT bool_and(r.rolbypassrls) FROM pg_roles AS r
    WHERE r.rolname IN ('profile_pic_owner', 'profile_pic_crm'));
  policies     text;
  f            record;
  r            record;
  command      text;
  missing      text;
  calls        text[] := worker_calls || receiver_calls || trigger_functions;
BEGIN
  -- Several migrators may run at once, and Flyway's lock does not cover this script.
  PERFORM pg_advisory_xact_lock(hashtextextended('profile_pic.migrations', 0));
  -- This writes names in remedies with their schema.
  PERFORM set_config('search_path', 'pg_catalog', true);
  SELECT n.nspname INTO leads_schema
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.oid = leads;
  SELECT string_agg(format('%I', a.attname), ', ' ORDER BY a.attnum),
         string_agg(format('%I', a.attname), ', ' ORDER BY a.attnum) FILTER (
           WHERE a.attname IN (
             '${leads_url_column}', '${leads_storage_path_column}', '${leads_updated_at_column}'))
  INTO read_columns, own_columns
  FROM pg_attribute AS a
  WHERE a.attrelid = leads AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attname IN (
      '${leads_id_column}', '${leads_phone_column}', '${leads_instance_column}', '${leads_name_column}',
      '${leads_url_column}', '${leads_storage_path_column}', '${leads_updated_at_column}');

  -- 1. All roles lose all rights.
  command := 'REVOKE ALL ... IN SCHEMA profile_pic';
  EXECUTE 'REVOKE ALL ON SCHEMA profile_pic FROM PUBLIC';
  FOR r IN
    SELECT 'PUBLIC' AS name UNION ALL
    SELECT quote_ident(rolname) FROM pg_roles
    WHERE rolname IN ('profile_pic_owner', 'profile_pic_crm', 'profile_pic_receiver', 'profile_pic_worker')
  LOOP
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA profile_pic FROM %s', r.name);
    EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA profile_pic FROM %s', r.name);
    IF r.name IN ('profile_pic_receiver', 'profile_pic_worker') THEN
      EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA profile_pic FROM %s', r.name);
      EXECUTE format(
        'REVOKE ALL ON pgmq.q_profile_pic_queue, pgmq.q_profile_pic_dlq, pgmq.a_profile_pic_queue, '
        || 'pgmq.a_profile_pic_dlq FROM %s',
        r.name);
      -- Rights on the CRM's table that services had before functions covered it.
      IF EXISTS (SELECT FROM pg_attribute AS a
                 WHERE a.attrelid = leads AND a.attnum > 0 AND NOT a.attisdropped
                 AND has_column_privilege(r.name, leads, a.attnum, 'UPDATE'))
      THEN
        EXECUTE format('REVOKE ALL ON %s FROM %s', leads, r.name);
      END IF;
    ELSIF r.name = 'PUBLIC' THEN
      EXECUTE 'REVOKE ALL ON ALL FUNCTIONS IN SCHEMA profile_pic FROM PUBLIC';
    END IF;
  END LOOP;
  FOR f IN
    SELECT t.oid::regtype AS name FROM pg_type AS t LEFT JOIN pg_class AS c ON c.oid = t.typrelid
    WHERE t.typnamespace = 'profile_pic'::regnamespace AND (t.typtype IN ('d', 'e') OR c.relkind = 'c')
  LOOP
    EXECUTE format('REVOKE ALL ON TYPE %s FROM PUBLIC', f.name);
    EXECUTE format('GRANT USAGE ON TYPE %s TO profile_pic_owner', f.name);
  END LOOP;

  -- 2. The owners of functions get our tables, both queues, and the used columns of the CRM's table.
  command := 'GRANT ... TO profile_pic_owner';
  GRANT USAGE, CREATE ON SCHEMA profile_pic TO profile_pic_owner, profile_pic_crm;
  FOR f IN
    SELECT c.oid::regclass AS name FROM pg_class AS c
    WHERE c.relnamespace = 'profile_pic'::regnamespace AND c.relkind = 'r'
      AND c.relname NOT IN ('flyway_schema_history', 'api_keys')
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO profile_pic_owner', f.name);
  END LOOP;
  FOR f IN
    SELECT c.oid::regclass AS name FROM pg_class AS c
    WHERE c.relnamespace = 'profile_pic'::regnamespace AND c.relkind = 'v'
  LOOP
    EXECUTE format('GRANT SELECT ON %s TO profile_pic_owner', f.name);
  END LOOP;
  REVOKE UPDATE ON profile_pic.audit FROM profile_pic_owner;
  -- A service makes and revokes keys for its callers only, through create_key and revoke_key; it cannot
  -- change a key's rights.
  GRANT SELECT, INSERT, UPDATE (last_used_at, revoked_at) ON profile_pic.api_keys TO profile_pic_owner;
  GRANT USAGE ON ALL SEQUENCES IN SCHEMA profile_pic TO profile_pic_owner;
  GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA profile_pic TO profile_pic_owner;
  GRANT EXECUTE ON FUNCTION profile_pic.lead_key(text), profile_pic.names_lead(text) TO profile_pic_crm;

  -- Without the right to grant, Postgres warns and grants nothing, or it refuses. The second check reports
  -- the rights that are still missing as the remedy.
  FOR look IN 1..2 LOOP
    FOR f IN
      SELECT format('GRANT USAGE ON SCHEMA pgmq TO %I', w.role) AS grant_it
      FROM unnest(ARRAY['profile_pic_owner', 'profile_pic_receiver', 'profile_pic_worker']) AS w (role)
      WHERE NOT has_schema_privilege(w.role, 'pgmq', 'USAGE')
      UNION ALL
      SELECT format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO profile_pic_owner', t.name)
      FROM unnest(ARRAY['pgmq.q_profile_pic_queue', 'pgmq.q_profile_pic_dlq',
                        'pgmq.a_profile_pic_queue', 'pgmq.a_profile_pic_dlq']) AS t (name)
      WHERE EXISTS (
        SELECT FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p (privilege)
        WHERE NOT has_table_privilege('profile_pic_owner', t.name, p.privilege))
      UNION ALL
      SELECT format('GRANT %s ON SEQUENCE %s TO profile_pic_owner', s.rights, s.name)
      FROM (VALUES (pg_get_serial_sequence('pgmq.q_profile_pic_queue', 'msg_id'), 'USAGE, UPDATE'),
                   (pg_get_serial_sequence('pgmq.q_profile_pic_dlq', 'msg_id'), 'USAGE')) AS s (name, rights)
      WHERE EXISTS (
        SELECT FROM unnest(string_to_array(s.rights, ', ')) AS p (privilege)
        WHERE NOT has_sequence_privilege('profile_pic_owner', s.name, p.privilege))
      UNION ALL
      SELECT format('GRANT EXECUTE ON FUNCTION %s TO %I', p.oid::regprocedure, w.role)
      FROM pg_proc AS p
      JOIN (VALUES ('profile_pic_owner', ARRAY['send', 'send_batch', 'archive', 'delete', 'format_table_name',
                                               'validate_queue_name']))
        AS w (role, names) ON p.proname = ANY (w.names)
      WHERE p.pronamespace = 'pgmq'::regnamespace AND NOT has_function_privilege(w.role, p.oid, 'EXECUTE')
      UNION ALL
      SELECT format('GRANT USAGE ON SCHEMA %I TO %I', leads_schema, w.role)
      FROM unnest(ARRAY['profile_pic_owner', 'profile_pic_crm']) AS w (role)
      WHERE NOT has_schema_privilege(w.role, leads_schema, 'USAGE')
      UNION ALL
      SELECT format('GRANT SELECT (%s) ON %s TO %I', read_columns, leads, w.role)
      FROM unnest(ARRAY['profile_pic_owner', 'profile_pic_crm']) AS w (role)
      WHERE EXISTS (SELECT FROM pg_attribute AS a
                    WHERE a.attrelid = leads
                      AND format('%I', a.attname) = ANY (string_to_array(read_columns, ', '))
                    AND NOT has_column_privilege(w.role, leads, a.attnum, 'SELECT'))
      UNION ALL
      SELECT format('GRANT UPDATE (%s) ON %s TO profile_pic_crm', own_columns, leads)
      WHERE EXISTS (SELECT FROM pg_attribute AS a
                    WHERE a.attrelid = leads
                      AND format('%I', a.attname) = ANY (string_to_array(own_columns, ', '))
                    AND NOT has_column_privilege('profile_pic_crm', leads, a.attnum, 'UPDATE'))
    LOOP
      IF look = 2 THEN
        missing := concat_ws('; ', missing, f.grant_it);
      ELSE
        BEGIN
          EXECUTE f.grant_it;
        EXCEPTION WHEN insufficient_privilege THEN
          NULL;
        END;
      END IF;
    END LOOP;
  END LOOP;
  IF missing IS NOT NULL THEN
    command := missing;
    RAISE insufficient_privilege;
  END IF;

  -- 3. Row level security: a role that cannot bypass it needs a policy for all rows.
  IF NOT bypasses THEN
    SELECT string_agg(
      format('CREATE POLICY %1$s ON %2$s TO %1$s USING (true) WITH CHECK (true);', w.role, c.oid::regclass),
      E'\n' ORDER BY c.oid::regclass::text, w.role)
    INTO policies
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    CROSS JOIN unnest(ARRAY['profile_pic_owner', 'profile_pic_crm']) AS w (role)
    WHERE c.relrowsecurity AND c.relkind IN ('r', 'p')
      AND (c.oid = leads
        OR w.role = 'profile_pic_owner'
          AND (n.nspname = 'profile_pic' AND c.relname <> 'flyway_schema_history'
            OR n.nspname = 'pgmq' AND c.relname IN (
              'q_profile_pic_queue', 'q_profile_pic_dlq', 'a_profile_pic_queue', 'a_profile_pic_dlq')))
      AND NOT EXISTS (
        SELECT FROM pg_policy AS p
        WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd = '*'
          AND pg_get_expr(p.polqual, p.polrelid) = 'true'
          AND p.polroles && ARRAY[0::oid, w.role::regrole::oid]);
    IF policies IS NOT NULL THEN
      RAISE EXCEPTION USING
        MESSAGE = format(
          'row level security would hide rows from our functions, and the role "%s" '
          || 'cannot give them BYPASSRLS',
          current_user),
        HINT = 'Run as an administrator, then run the migrations again: '
          || E'ALTER ROLE profile_pic_owner BYPASSRLS; ALTER ROLE profile_pic_crm BYPASSRLS; or else:\n'
          || policies;
    END IF;
  END IF;

  -- 4. The functions.
  FOR f IN
    SELECT p.oid::regprocedure AS name, p.proname,
           CASE WHEN p.proname = ANY (crm_functions) THEN 'profile_pic_crm'
                ELSE 'profile_pic_owner' END AS owner
    FROM pg_proc AS p
    WHERE p.pronamespace = 'profile_pic'::regnamespace AND p.proname = ANY (calls || crm_functions)
  LOOP
    command := format('ALTER FUNCTION %s OWNER TO %I', f.name, f.owner);
    EXECUTE command;
    EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER', f.name);
    -- Never a schema of others, not even after pg_catalog: a function or operator there that fits the types
    -- of a call better than pg_catalog's would be called.
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, pg_temp', f.name);
    EXECUTE format(
      'ALTER FUNCTION %s %s', f.name,
      CASE WHEN bypasses THEN 'SET row_security = off' ELSE 'RESET row_security' END);
    -- The triggers never wait that long, and the writer's transactions set their own limits.
    IF f.proname = ANY (worker_calls || receiver_calls) AND f.proname <> 'write_leads' THEN
      EXECUTE format('ALTER FUNCTION %s SET lock_timeout = %L', f.name, '5s');
    END IF;
    -- An owner's own rights were revoked with PUBLIC's default.
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f.name);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO profile_pic_owner', f.name);
    IF f.proname = ANY (worker_calls) THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO profile_pic_worker', f.name);
    END IF;
    IF f.proname = ANY (receiver_calls) THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO profile_pic_receiver', f.name);
    END IF;
  END LOOP;
  -- All other functions: names are found in pg_catalog only, for every caller. Functions written in SQL are
  -- therefore no longer inlined into the calling statement, which costs some microseconds each; a caller's
  -- own operators and functions never take their place.
  FOR f IN
    SELECT p.oid::regprocedure AS name FROM pg_proc AS p
    WHERE p.pronamespace = 'profile_pic'::regnamespace
      AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS c WHERE c LIKE 'search_path=%')
  LOOP
    command := format('ALTER FUNCTION %s SET search_path = pg_catalog, pg_temp', f.name);
    EXECUTE command;
  END LOOP;
  REVOKE CREATE ON SCHEMA profile_pic FROM profile_pic_owner, profile_pic_crm;

  -- 5. The services.
  command := 'GRANT ... TO profile_pic_receiver, profile_pic_worker';
  GRANT USAGE ON SCHEMA profile_pic TO profile_pic_receiver, profile_pic_worker;
  FOR r IN
    SELECT split_part(d, ' ', 1) AS role, split_part(d, ' ', 2) AS rights,
           to_regclass(split_part(d, ' ', 3)) AS name
    FROM unnest(direct_rights) AS d
  LOOP
    CONTINUE WHEN r.name IS NULL;
    EXECUTE format('GRANT %s ON %s TO %I', r.rights, r.name, r.role);
    -- A view calls its functions as the role that reads it.
    FOR f IN
      WITH RECURSIVE used AS (
        SELECT d.refobjid AS id FROM pg_rewrite AS w
        JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
        WHERE w.ev_class = r.name AND d.refclassid = 'pg_proc'::regclass
        UNION
        SELECT d.refobjid FROM used AS u
        JOIN pg_depend AS d
          ON d.classid = 'pg_proc'::regclass AND d.objid = u.id AND d.refclassid = 'pg_proc'::regclass
      )
      SELECT p.oid::regprocedure AS name FROM pg_proc AS p
      WHERE p.pronamespace = 'profile_pic'::regnamespace
        AND (p.oid IN (SELECT u.id FROM used AS u)
          OR p.proname = ANY (called_in_views) AND EXISTS (SELECT FROM used))
    LOOP
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', f.name, r.role);
    END LOOP;
  END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE EXCEPTION 'the role "%" may not give the rights that our roles need%: %', current_user,
    coalesce(nullif(': ' || SQLERRM, ': insufficient_privilege'), ''), command
    USING HINT = CASE WHEN SQLERRM LIKE 'row level%' THEN ''
      ELSE format(
        'Run this as the owner of the table or as a superuser, then run the migrations again: %s',
        command) END;
END
$rights$;

-- Adds the columns that we need to the CRM's table, where they are missing. CrmTable runs this before each migration, outside a transaction.
-- A comment marks the columns that we added, so that bin/uninstall --drop-columns drops no column of the CRM's own.
--
-- Locks: adding a column takes ACCESS EXCLUSIVE on the CRM's table for an instant (no rewrite: they are nullable). The lock is requested with a
-- lock_timeout of 2 s. Between two tries nothing is held, not even a snapshot, so that no session queues behind us for longer.
DO $columns$
DECLARE
  leads_name text := '${leads_table}';
  leads      regclass;
  missing    text;
  added      text[];
  blockers   text;
  kind       "char";
BEGIN
  -- Several migrators may run at once, and Flyway's lock does not cover this script.
  PERFORM pg_advisory_xact_lock(hashtextextended('profile_pic.migrations', 0));
  IF to_regclass(leads_name) IS NULL THEN
    IF '${leads_create}' <> 'true' THEN
      RAISE EXCEPTION 'the table of leads "%" does not exist', leads_name
        USING HINT = 'Set profile-pic.leads.table to the CRM''s table (with quotes where its name has capitals: public."Lead"), or profile-pic.leads.create=true to create one.';
    END IF;
    EXECUTE format('CREATE TABLE %s (%I uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text, %I text, %I text, created_at timestamptz NOT NULL DEFAULT now())',
      leads_name, '${leads_id_column}', '${leads_phone_column}', '${leads_instance_column}');
  END IF;
  leads := to_regclass(leads_name);
  SELECT c.relkind INTO kind FROM pg_class AS c WHERE c.oid = leads;
  IF kind NOT IN ('r', 'p', 'v', 'f') THEN
    RAISE EXCEPTION '"%" is neither a table nor a view of leads', leads_name
      USING HINT = 'Set profile-pic.leads.table to a table, or to a view that can be updated.';
  END IF;

  FOREACH missing IN ARRAY ARRAY['${leads_id_column}', '${leads_phone_column}'] LOOP
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = leads AND attname = missing AND attnum > 0 AND NOT attisdropped) THEN
      RAISE EXCEPTION 'the table of leads "%" has no column "%"', leads_name, missing
        USING HINT = 'Set profile-pic.leads.id-column and profile-pic.leads.phone-column to the CRM''s names.';
    END IF;
  END LOOP;

  -- One statement adds all missing columns. No statement runs when no column is missing, because ADD COLUMN IF NOT EXISTS takes the table's lock
  -- all the same.
  SELECT string_agg(format('ADD COLUMN IF NOT EXISTS %I %s', wanted.name, wanted.type), ', ' ORDER BY wanted.place), array_agg(wanted.name) INTO missing, added
  FROM (VALUES (1, '${leads_url_column}', 'text'), (2, '${leads_storage_path_column}', 'text'), (3, '${leads_updated_at_column}', 'timestamptz'))
    AS wanted (place, name, type)
  WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = leads AND attname = wanted.name AND attnum > 0 AND NOT attisdropped);
  IF missing IS NULL THEN
    RETURN;
  END IF;
  IF kind IN ('v', 'f') THEN
    RAISE EXCEPTION '"%" is a view or a foreign table and lacks columns of ours', leads_name
      USING HINT = format('Add them where its rows come from, and to the view: %s', missing);
  END IF;

  FOR try IN 1..20 LOOP
    BEGIN
      PERFORM set_config('lock_timeout', '2s', true);
      EXECUTE format('ALTER TABLE %s %s', leads, missing);
      EXECUTE (SELECT string_agg(format('COMMENT ON COLUMN %s.%I IS %L', leads, name, 'added by profile-pic'), '; ') FROM unnest(added) AS name);
      RETURN;
    EXCEPTION
      WHEN lock_not_available THEN
        SELECT string_agg(DISTINCT l.pid::text, ', ') INTO blockers FROM pg_locks AS l WHERE l.relation = leads AND l.granted AND l.pid <> pg_backend_pid();
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the role "%" may not add columns to "%"', current_user, leads_name
          USING HINT = format('As the table''s owner run: ALTER TABLE %s %s', leads, missing);
    END;
    COMMIT;
    PERFORM pg_sleep(1);
    COMMIT;
  END LOOP;
  RAISE EXCEPTION 'the table of leads "%" was held by others for a minute', leads_name
    USING HINT = format('Let the transactions of these processes end, then run the migrations again: %s', coalesce(blockers, 'unknown'));
END
$columns$;

-- Provides PGMQ before any of our own objects. Pgmq runs this before each migration. PGMQ is made where it is missing. The parts that we use
-- must be there, whether PGMQ came as an extension or by its SQL file alone.
DO $pgmq$
DECLARE
  version text;
  owner   name;
  missing text;
BEGIN
  -- Several migrators may run at once, and Flyway's lock does not cover this script.
  PERFORM pg_advisory_xact_lock(hashtextextended('profile_pic.migrations', 0));
  IF to_regprocedure('pgmq.create(text)') IS NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'pgmq') THEN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'pgmq') THEN
      RAISE EXCEPTION 'the extension "pgmq" is not available on this PostgreSQL server'
        USING HINT = 'Supabase: enable "Queues" under Integrations. Own server: install PGMQ 1.5.1 or newer, run the image ghcr.io/pgmq/pg18-pgmq, or run PGMQ''s SQL file (pgmq-extension/sql/pgmq.sql) once in this database. Then run the migrations again.';
    END IF;
    BEGIN
      CREATE EXTENSION pgmq;
    EXCEPTION
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the role "%" may not create the extension "pgmq"', current_user
          USING HINT = 'Run "CREATE EXTENSION pgmq" once as a superuser (Supabase: enable "Queues" under Integrations), then run the migrations again.';
      WHEN OTHERS THEN
        RAISE EXCEPTION 'the extension "pgmq" could not be created: % (%)', SQLERRM, SQLSTATE
          USING HINT = 'Supabase: enable "Queues" under Integrations instead. Elsewhere, run "CREATE EXTENSION pgmq" as a superuser, and see what it says. The extension is not needed where its functions are: PGMQ''s SQL file (pgmq-extension/sql/pgmq.sql), run once in this database, will do. Then run the migrations again.';
    END;
  END IF;

  SELECT e.extversion, pg_get_userbyid(e.extowner) INTO version, owner FROM pg_catalog.pg_extension AS e WHERE e.extname = 'pgmq';
  IF string_to_array(regexp_replace(version, '[^0-9.].*$', ''), '.')::int[] < ARRAY[1, 5, 1] THEN
    RAISE EXCEPTION 'PGMQ % is too old: 1.5.1 or newer is needed', version
      USING HINT = 'Update the extension: ALTER EXTENSION pgmq UPDATE.';
  END IF;
  IF to_regclass('pgmq.q_profile_pic_queue') IS NULL AND NOT pg_has_role(owner, 'USAGE')
    AND EXISTS (SELECT FROM pg_catalog.pg_proc AS p WHERE p.pronamespace = 'pgmq'::regnamespace AND p.proname = 'create_non_partitioned' AND p.prosrc LIKE '%ALTER EXTENSION%')
  THEN
    RAISE EXCEPTION 'PGMQ % makes queues only for the owner of its extension, which is "%"', version, owner
      USING HINT = format('Run the migrations as that role, or GRANT %I TO %I. Where nobody uses PGMQ yet: DROP EXTENSION pgmq, then the migrations create it as "%s". Newer versions of PGMQ do not ask for it.', owner, current_user, current_user);
  END IF;
  SELECT string_agg(f.name, ', ') INTO missing FROM unnest(string_to_array('${pgmq_functions}', ';')) AS f (name) WHERE to_regprocedure(f.name) IS NULL;
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION 'PGMQ % lacks what we use of it: %', coalesce(version, '(without its extension)'), missing
      USING HINT = 'Bring PGMQ to 1.5.1 or newer: ALTER EXTENSION pgmq UPDATE, or run the SQL file of such a version. Then run the migrations again.';
  END IF;
END
$pgmq$;

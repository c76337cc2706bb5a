-- The two PGMQ queues: work, and what will never work.
-- PGMQ 1.5.1 is the oldest that has message headers, which claim and settle keep their bookkeeping in.
DO $$
DECLARE
  version text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pgmq') THEN
    IF NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pgmq') THEN
      RAISE EXCEPTION 'the extension "pgmq" is not available on this PostgreSQL server'
        USING HINT = 'Supabase: enable "Queues" under Integrations. Own server: install PGMQ 1.5.1 or newer, or run the image ghcr.io/pgmq/pg18-pgmq. Then run the migrations again.';
    END IF;
    BEGIN
      CREATE EXTENSION pgmq;
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE EXCEPTION 'the role "%" may not create the extension "pgmq"', current_user
        USING HINT = 'Run "CREATE EXTENSION pgmq" once as a superuser (Supabase: enable "Queues" under Integrations), then run the migrations again.';
    END;
  END IF;

  SELECT extversion INTO version FROM pg_extension WHERE extname = 'pgmq';
  IF string_to_array(regexp_replace(version, '[^0-9.].*$', ''), '.')::int[] < ARRAY[1, 5, 1] THEN
    RAISE EXCEPTION 'PGMQ % is too old: 1.5.1 or newer is needed', version
      USING HINT = 'Update the extension: ALTER EXTENSION pgmq UPDATE.';
  END IF;
END
$$;

SELECT pgmq.create('profile_pic_queue');
SELECT pgmq.create('profile_pic_dlq');

-- A queue table is rewritten constantly; the default of 20 % dead rows lets it bloat, so vacuum at 1 %.
ALTER TABLE pgmq.q_profile_pic_queue SET (
  autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.05, fillfactor = 80);
ALTER TABLE pgmq.q_profile_pic_dlq SET (autovacuum_vacuum_scale_factor = 0.05);

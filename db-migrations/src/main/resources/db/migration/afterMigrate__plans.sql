-- The settings that functions are planned with (docs/decisions/0004-pinned-plans.md), applied after every
-- migration, because a function that was replaced has lost its settings. Functions are found by name, as in
-- afterMigrate__rights.sql, and only different settings are changed: a migration that has nothing to do
-- writes nothing here. The other settings of a function stay.
--
-- A function is planned and runs with the settings of the function that calls it. So the entry points are
-- named here, and functions that need another profile than their callers, or whose callers differ. A function
-- that only such functions call needs no entry. Each profile decides every setting: a setting that the
-- profile left out would be the caller's, and the plan would depend on the first caller in a session.
-- Locks: none on tables.
DO $plans$
DECLARE
  -- One plan for all calls, and tables are read through their indexes alone.
  indexed constant text[] := ARRAY[
    'plan_cache_mode=force_generic_plan', 'enable_seqscan=off', 'enable_bitmapscan=off', 'jit=off'];

  -- Many requests, results or messages at once. Derived sets are joined with each other, by hash or merge.
  batches constant text[] :=
    indexed || ARRAY['enable_nestloop=on', 'enable_hashjoin=on', 'enable_mergejoin=on'];
  in_batches constant text[] := ARRAY[
    'enqueue', 'adopt', 'line_up', 'lock_entries', 'heal', 'find_lines', 'claim', 'claim_batch', 'settle',
    'hold_requests', 'gather', 'write_leads', 'reconcile_leads', 'walk_pictures', 'believe_lids',
    -- The trigger on the CRM's table compares rows before and after; update_leads fires it.
    'phones_changed'];

  -- One array with tables, and no derived sets of more than some hundred rows: each row is a probe of an
  -- index.
  probes constant text[] :=
    indexed || ARRAY['enable_nestloop=on', 'enable_hashjoin=off', 'enable_mergejoin=off'];
  in_probes constant text[] := ARRAY[
    'find_leads', 'lock_leads', 'update_leads', 'forget_pending', 'hold_background', 'overtake_hours',
    'hold_leases', 'leased', 'renew', 'release', 'after_settle', 'announce_removed', 'free_leads',
    -- The trigger on the CRM's table probes the states of new leads.
    'lead_inserted',
    'feed_refreshes', 'take_lead_changes', 'drop_photos', 'forget_history', 'forget_archive',
    'forget_dead_letters', 'forget_receipts', 'forget_unmatched_events', 'forget_lids',
    'forget_unrecognised', 'forget_orphans', 'forget_syncs', 'forget_siblings', 'forget_lost_requests',
    'forget_deleted_leads', 'drop_lead_phones', 'forget_audit', 'forget_events', 'lead_cards', 'latest_leads', 'lead_facts',
    'instance_facts'];

  -- These functions join the steps of one statement, each step as large as the batch. The planner assumes
  -- ten rows for each step, so a nested loop would look cheapest, and would compare every row with every row.
  hashes constant text[] :=
    indexed || ARRAY['enable_nestloop=off', 'enable_hashjoin=on', 'enable_mergejoin=on'];
  in_hashes constant text[] := ARRAY['put_requests', 'answer_siblings'];

  f record;
BEGIN
  -- Several migrators may run at once, and Flyway's lock does not cover this script.
  PERFORM pg_advisory_xact_lock(hashtextextended('profile_pic.migrations', 0));
  FOR f IN
    SELECT p.oid::regprocedure AS name, change.clauses
    FROM pg_catalog.pg_proc AS p
    CROSS JOIN LATERAL (
      SELECT CASE WHEN p.proname = ANY (in_batches) THEN batches
                  WHEN p.proname = ANY (in_probes) THEN probes
                  WHEN p.proname = ANY (in_hashes) THEN hashes
                  ELSE '{}' END AS settings, coalesce(p.proconfig, '{}') AS has) AS profile
    CROSS JOIN LATERAL (
      SELECT string_agg(c.clause, ' ') AS clauses
      FROM (
        SELECT format('SET %I = %L', split_part(s, '=', 1), split_part(s, '=', 2))
        FROM unnest(profile.settings) AS s WHERE s <> ALL (profile.has)
        UNION ALL
        -- A function that is named here no longer.
        SELECT format('RESET %I', split_part(s, '=', 1))
        FROM unnest(batches) AS s
        WHERE profile.settings = '{}'
          AND EXISTS (
            SELECT FROM unnest(profile.has) AS h WHERE split_part(h, '=', 1) = split_part(s, '=', 1))
      ) AS c (clause)
    ) AS change
    WHERE p.pronamespace = 'profile_pic'::regnamespace AND change.clauses IS NOT NULL
  LOOP
    EXECUTE format('ALTER FUNCTION %s %s', f.name, f.clauses);
  END LOOP;
END
$plans$;

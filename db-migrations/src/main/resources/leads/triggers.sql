-- Makes the triggers on the CRM's table. CrmTable runs this after each migration, outside a transaction. A trigger that is as it should be is
-- not touched, and then nothing is locked.
--
-- Locks: SHARE ROW EXCLUSIVE on the CRM's table for an instant where a trigger is made or changed, ACCESS EXCLUSIVE where one is removed
-- (profile-pic.leads.trigger=false, or another table). The lock is requested with a lock_timeout of 2 s; nothing is held between two tries.
DO $triggers$
DECLARE
  leads    regclass := to_regclass('${leads_table}');
  wanted   boolean := '${leads_trigger}' = 'true';
  step     record;
  blockers text;
  done     boolean;
BEGIN
  IF wanted AND (SELECT c.relkind NOT IN ('r', 'p') FROM pg_class AS c WHERE c.oid = leads) THEN
    RAISE NOTICE '"%" is a view or a foreign table and gets no triggers: new leads and changed phones are found by the walk', leads;
    wanted := false;
  END IF;

  -- tgtype: 4 INSERT, 8 DELETE, 16 UPDATE, 32 TRUNCATE, each AFTER and for a statement.
  FOR step IN
    WITH ours (name, type, old_rows, new_rows, event, rows, function) AS (VALUES
      ('profile_pic_lead_inserted', 4, NULL, 'inserted', 'INSERT', 'REFERENCING NEW TABLE AS inserted', 'profile_pic.lead_inserted'),
      ('profile_pic_lead_changed', 16, 'old_leads', 'new_leads', 'UPDATE', 'REFERENCING OLD TABLE AS old_leads NEW TABLE AS new_leads',
        'profile_pic.phones_changed'),
      ('profile_pic_lead_deleted', 8, 'deleted', NULL, 'DELETE', 'REFERENCING OLD TABLE AS deleted', 'profile_pic.leads_deleted'),
      ('profile_pic_lead_truncated', 32, NULL, NULL, 'TRUNCATE', '', 'profile_pic.leads_truncated'))
    SELECT leads AS on_table, format('CREATE OR REPLACE TRIGGER %I AFTER %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION %s()',
             o.name, o.event, leads, o.rows, o.function) AS command
    FROM ours AS o
    WHERE wanted AND NOT EXISTS (
      SELECT FROM pg_trigger AS t
      WHERE t.tgrelid = leads AND t.tgname = o.name AND t.tgtype = o.type AND t.tgfoid = to_regproc(o.function)
        AND t.tgoldtable IS NOT DISTINCT FROM o.old_rows AND t.tgnewtable IS NOT DISTINCT FROM o.new_rows
        AND t.tgqual IS NULL AND t.tgattr = ''::int2vector)
    UNION ALL
    SELECT t.tgrelid::regclass, format('DROP TRIGGER IF EXISTS %I ON %s', t.tgname, t.tgrelid::regclass)
    FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
    WHERE p.pronamespace = 'profile_pic'::regnamespace AND t.tgname LIKE 'profile\_pic\_lead\_%' AND NOT t.tgisinternal AND t.tgparentid = 0
      AND NOT (wanted AND t.tgrelid = leads)
  LOOP
    done := false;
    FOR try IN 1..20 LOOP
      BEGIN
        PERFORM set_config('lock_timeout', '2s', true);
        EXECUTE step.command;
        done := true;
      EXCEPTION
        WHEN lock_not_available THEN
          SELECT string_agg(DISTINCT l.pid::text, ', ') INTO blockers
          FROM pg_locks AS l WHERE l.relation = step.on_table AND l.granted AND l.pid <> pg_backend_pid();
        WHEN insufficient_privilege THEN
          RAISE EXCEPTION 'the role "%" may not run: %', current_user, step.command
            USING HINT = format('Run "GRANT TRIGGER ON %s TO %I" as the table''s owner (to remove a trigger, run the command itself as the owner), then run the migrations again. Or set profile-pic.leads.trigger=false.',
              step.on_table, current_user);
      END;
      COMMIT;
      EXIT WHEN done;
      PERFORM pg_sleep(1);
      COMMIT;
    END LOOP;
    IF NOT done THEN
      RAISE EXCEPTION 'the table of leads "%" was held by others for a minute', step.on_table
        USING HINT = format('Let the transactions of these processes end, then run the migrations again: %s', coalesce(blockers, 'unknown'));
    END IF;
  END LOOP;
  -- Several migrators may run at once, and Flyway's lock does not cover this script.
  PERFORM pg_advisory_xact_lock(hashtextextended('profile_pic.migrations', 0));
  -- The trigger functions of the release before, which nothing calls any more.
  DROP FUNCTION IF EXISTS profile_pic.lead_changed(), profile_pic.lead_deleted();
END
$triggers$;

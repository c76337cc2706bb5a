-- profile_pic.check_setup(): the problems that keep the calling service from working, each with its remedy;
-- no row when there is none. It checks rights and columns, and reads rows only to see whether leads can be
-- seen. Services call it when they start. It also corrects the sequence of message ids that a restore set
-- back, before anything is enqueued.
CREATE OR REPLACE FUNCTION profile_pic.check_setup() RETURNS TABLE (problem text, remedy text)
LANGUAGE plpgsql AS $$
DECLARE
  -- Within a function that runs as its owner, the caller is known by its login, or by the role that it set.
  caller name := CASE current_setting('role') WHEN 'none' THEN session_user ELSE current_setting('role') END;
  newest bigint;
  found_version text := (SELECT e.extversion FROM pg_catalog.pg_extension AS e WHERE e.extname = 'pgmq');
BEGIN
  IF to_regclass('pgmq.q_profile_pic_queue') IS NOT NULL THEN
    -- The remembered newest id is a hundred behind. The ids in the restored tables are exact.
    newest := greatest(
      (SELECT max(q.msg_id) FROM pgmq.q_profile_pic_queue AS q),
      (SELECT max(a.msg_id) FROM pgmq.a_profile_pic_queue AS a));
    IF current_setting('transaction_read_only') = 'off'
      AND newest > (SELECT s.newest_message_id FROM profile_pic.settings AS s)
    THEN
      UPDATE profile_pic.settings AS s SET newest_message_id = newest WHERE s.newest_message_id < newest;
    END IF;
    PERFORM profile_pic.keep_message_ids();
    RETURN QUERY
      SELECT format('"%s" may not set the sequence of message ids, which was rebuilt', current_user),
             'Run the migrations again.'
      FROM (SELECT pg_get_serial_sequence('pgmq.q_profile_pic_queue', 'msg_id')) AS s (ids)
      WHERE s.ids IS NULL OR NOT has_sequence_privilege(s.ids, 'USAGE')
        OR NOT has_sequence_privilege(s.ids, 'UPDATE');
  END IF;
  RETURN QUERY
    SELECT format('PGMQ %s lacks %s', coalesce(found_version, '(without its extension)'), n.name),
           'Bring PGMQ to 1.5.1 or newer (ALTER EXTENSION pgmq UPDATE;), then run the migrations again.'
    FROM (
      SELECT 'the function ' || f.name
      FROM unnest(string_to_array('${pgmq_functions}', ';')) AS f (name)
      WHERE to_regprocedure(f.name) IS NULL
      UNION ALL
      SELECT 'the column ' || c.name
      FROM unnest(string_to_array('${pgmq_columns}', ';')) AS c (name)
      WHERE NOT EXISTS (
        SELECT FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = to_regclass(split_part(c.name, '.', 1) || '.' || split_part(c.name, '.', 2))
          AND a.attname = split_part(c.name, '.', 3) AND a.attnum > 0 AND NOT a.attisdropped)
    ) AS n (name);
  RETURN QUERY
    SELECT format('"%s" may not call %s', caller, f.name), 'Run the migrations again.'
    FROM unnest(CASE WHEN caller = 'profile_pic_receiver'
                       THEN ARRAY['enqueue', 'match_leads', 'read_leads', 'erase_lead']
                     ELSE ARRAY['adopt', 'find_lines', 'claim', 'settle', 'renew', 'release',
                                'write_leads'] END) AS f (name)
    WHERE NOT EXISTS (
      SELECT FROM pg_catalog.pg_proc AS p
      WHERE p.pronamespace = 'profile_pic'::regnamespace AND p.proname = f.name
        AND has_function_privilege(caller, p.oid, 'EXECUTE'));
  RETURN QUERY
    SELECT format('"%s" may not read and write %s', current_user, t.name), 'Run the migrations again.'
    FROM unnest(ARRAY[
      'pgmq.q_profile_pic_queue', 'pgmq.q_profile_pic_dlq', 'profile_pic.pictures', 'profile_pic.requests',
      'profile_pic.waiting']) AS t (name)
    WHERE to_regclass(t.name) IS NULL
      OR NOT has_table_privilege(t.name, 'SELECT') OR NOT has_table_privilege(t.name, 'INSERT')
      OR NOT has_table_privilege(t.name, 'UPDATE') OR NOT has_table_privilege(t.name, 'DELETE');
  RETURN QUERY
    SELECT format('row level security hides rows of %s from "%s"', c.oid::regclass, current_user),
           format(
             'ALTER ROLE %1$I BYPASSRLS; or else: '
             || 'CREATE POLICY %1$I ON %2$s TO %1$I USING (true) WITH CHECK (true);',
             current_user, c.oid::regclass)
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relrowsecurity
      AND (n.nspname = 'profile_pic'
        OR c.relname IN ('q_profile_pic_queue', 'q_profile_pic_dlq', 'a_profile_pic_queue'))
      AND row_security_active(c.oid)
      AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_policy AS p
        WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd = '*'
          AND pg_get_expr(p.polqual, p.polrelid) = 'true'
          AND p.polroles && ARRAY[0::oid, current_user::regrole::oid]);
  IF NOT profile_pic.leads_are_visible() THEN
    RETURN QUERY SELECT 'none of the leads that we know is to be seen in the CRM''s table'::text,
      'Is it the right table (profile-pic.leads.table), and does row level security hide its rows? '
      || 'Run the migrations again: they say what is missing.';
  END IF;
END
$$;

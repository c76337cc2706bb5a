-- Functions that touch the CRM's own table; further such functions are in R__20, R__27 and R__41. The names
-- come from profile-pic.leads.*. Flyway applies this file again when the names change, because placeholders
-- are part of a repeatable migration's checksum.
--
--   profile_pic.lead_key(text)       a lead id as the type of the CRM's id column; null when it cannot be one
--   profile_pic.find_leads(text[])   the leads that exist among these ids, each with its canonical id. For
--                                    our own functions
--   profile_pic.read_leads(text[], callers)  the same for services, without the leads of instances that the
--                                            caller may not use
--   profile_pic.lead_owner(...)      the instance that a lead belongs to
--   profile_pic.reachable_lead(...)  a lead of the CRM or of ours, if it is within the caller's reach
--   profile_pic.lock_leads(text[])   locks the rows of these leads, in order of id, and returns the leads
--                                    whose rows it got; never waits
--   profile_pic.update_leads(...)    sets or clears the photo of leads
--   profile_pic.leads_are_visible()  whether a lead that cannot be found is really gone
--
-- find_leads, lock_leads and update_leads run as the role profile_pic_crm, which may read and write the used
-- columns of this table and nothing else. Triggers, view functions and domain checks of the CRM run as that
-- role too, even those of a view that took the table's place. Indexes: the primary key of the CRM's table.
--
-- Code of the CRM can leave a trap in the session, which would run or work later, with our rights: a setting,
-- a deferred trigger, a cursor that is held over the commit. A SET clause of a function is no fence: it ends
-- only what was set with SET LOCAL. So:
--   reading  happens in a subtransaction that is rolled back: the rows are in variables by then, and nothing
--            else is left. 'PP000' is the error that ends it. This holds for R__20, R__27 and R__41. A table
--            without a policy runs no code when it is read, so find_leads spares itself the rollback
--   writing  cannot be rolled back. lock_leads and update_leads let all deferred triggers run, and refuse
--            what was left behind. write_leads (R__27) ends what cannot be seen: a setting of the session
--            that a later SET LOCAL covers until the commit
DO $migration$
DECLARE
  leads         regclass := to_regclass('${leads_table}');
  id_column     text := '${leads_id_column}';
  url_column    text := '${leads_url_column}';
  path_column   text := '${leads_storage_path_column}';
  time_column   text := '${leads_updated_at_column}';
  leads_schema  text;
  kind          "char";
  id_type       text;
  key_expr      text;
  id_expr       text := profile_pic.text_of_column(leads, '${leads_id_column}');
  phone_expr    text := profile_pic.text_of_column(leads, '${leads_phone_column}');
  inst_expr     text := profile_pic.text_of_column(leads, '${leads_instance_column}');
  url_expr      text := profile_pic.text_of_column(leads, '${leads_url_column}');
  path_expr     text := profile_pic.text_of_column(leads, '${leads_storage_path_column}');
  unfit         record;
  crm_path      text;
  watched       text;
  let_no_trap   text;
  no_code       text;
BEGIN
  -- This writes the table's name with its schema, because the functions search pg_catalog only.
  PERFORM set_config('search_path', 'pg_catalog', true);
  SELECT n.nspname, c.relkind INTO leads_schema, kind
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.oid = leads;

  crm_path := concat_ws(
    ', ', 'pg_catalog', quote_ident(leads_schema), CASE WHEN leads_schema <> 'public' THEN 'public' END,
    'pg_temp');

  -- The settings that code of the CRM must leave alone, as one text.
  SELECT format('pg_catalog.concat_ws(''|'', %s)', string_agg(
    format('coalesce(pg_catalog.current_setting(%L, true), '''')', s.name), ', ' ORDER BY s.place))
  INTO watched
  FROM unnest(
    ARRAY['search_path', 'row_security', 'session_replication_role', 'transaction_read_only']
      || profile_pic.watched_settings())
    WITH ORDINALITY AS s (name, place);

  -- Whether reading runs no code of the CRM: the name stands for a table, and no policy filters it. This is
  -- looked up at each call, after the reading: until the transaction ends, nobody can put a view in the place
  -- of a table that was read.
  no_code := format($k$EXISTS (
        SELECT FROM pg_catalog.pg_class AS c
        WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(%L) AND c.relkind IN ('r', 'p')
          AND NOT pg_catalog.row_security_active(c.oid))$k$, leads::text);

  -- The end of a function that cannot roll back: deferred triggers run now, and not at the commit, where they
  -- would run as another role before PostgreSQL 18. A trigger may defer others, by SET CONSTRAINTS ALL
  -- DEFERRED, so there are some passes. In the last pass no table can be written, and only a written row
  -- defers a trigger: then nothing is left. Temporary tables can be written even there. Every name and
  -- operator is written with its schema, because code of the CRM may have changed the path.
  let_no_trap := format($k$
      FOR pass IN 1..3 LOOP
        SET CONSTRAINTS ALL IMMEDIATE;
      END LOOP;
      BEGIN
        PERFORM pg_catalog.set_config('transaction_read_only', 'on', true);
        SET CONSTRAINTS ALL IMMEDIATE;
      EXCEPTION WHEN read_only_sql_transaction THEN
        RAISE EXCEPTION 'deferred triggers of the CRM defer others again and again';
      END;
      IF pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0::pg_catalog.oid AND EXISTS (
           SELECT FROM pg_catalog.pg_class AS c
           JOIN pg_catalog.pg_trigger AS t ON t.tgrelid OPERATOR(pg_catalog.=) c.oid
           WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()
             AND t.tgdeferrable AND NOT t.tgisinternal)
      THEN
        RAISE EXCEPTION 'code of the CRM left a deferrable trigger on a temporary table';
      END IF;
      IF EXISTS (
           SELECT FROM pg_catalog.pg_cursors AS c
           WHERE c.is_holdable
             AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
      THEN
        RAISE EXCEPTION 'code of the CRM left a cursor that is held over the commit';
      END IF;
      after := %s;
      IF after OPERATOR(pg_catalog.<>) before THEN
        RAISE EXCEPTION 'code of the CRM changed the search_path or another setting of the session'
          USING DETAIL = pg_catalog.format('Before: %%s; after: %%s', before, after),
                HINT = 'SET LOCAL and set_config(..., true) are refused too: give the CRM''s function a '
                       'SET clause instead.';
      END IF;$k$, watched);

  SELECT format_type(profile_pic.base_type(atttypid), NULL) INTO id_type
  FROM pg_attribute WHERE attrelid = leads AND attname = id_column;
  -- Every statement about leads reads their ids with this expression. Lengths are checked apart from the
  -- characters: a bound within a regular expression costs ten times as much.
  key_expr := CASE
    WHEN id_type = 'uuid' THEN
      $k$CASE WHEN lead_id LIKE '________-____-____-____-____________' AND lead_id ~ '^[0-9a-fA-F-]+$'
                AND length(replace(lead_id, '-', '')) = 32 THEN lead_id::uuid END$k$
    WHEN id_type = 'bigint' THEN
      $k$CASE WHEN lead_id ~ '^-?[0-9]+$' AND length(ltrim(lead_id, '-')) <= 19 THEN
           CASE WHEN lead_id::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
                  THEN lead_id::bigint END END$k$
    WHEN id_type = 'integer' THEN
      $k$CASE WHEN lead_id ~ '^-?[0-9]+$' AND length(ltrim(lead_id, '-')) <= 10 THEN
           CASE WHEN lead_id::bigint BETWEEN -2147483648 AND 2147483647 THEN lead_id::integer END END$k$
    WHEN id_type = 'smallint' THEN
      $k$CASE WHEN lead_id ~ '^-?[0-9]+$' AND length(ltrim(lead_id, '-')) <= 5 THEN
           CASE WHEN lead_id::integer BETWEEN -32768 AND 32767 THEN lead_id::smallint END END$k$
    WHEN id_type IN ('text', 'character varying') THEN
      format($k$CASE WHEN length(lead_id) BETWEEN 1 AND 200 AND lead_id !~ '[[:cntrl:]]'
                       THEN lead_id::%s END$k$, id_type)
  END;
  IF key_expr IS NULL THEN
    RAISE EXCEPTION 'the column "%"."%" is of type %, which cannot identify a lead', leads, id_column, id_type
      USING HINT =
        'It must be uuid, bigint, integer, smallint, text or varchar, or a domain over one of them.';
  END IF;

  -- The columns that we write must be a text and a time; else each write would fail.
  SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type,
         CASE WHEN a.attname = time_column THEN 'a time' ELSE 'text' END AS wanted
  INTO unfit
  FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = profile_pic.base_type(a.atttypid)
  WHERE a.attrelid = leads AND a.attnum > 0 AND NOT a.attisdropped
    AND (a.attname IN (url_column, path_column) AND t.typcategory <> 'S'
      OR a.attname = time_column AND t.typcategory <> 'D');
  IF FOUND THEN
    RAISE EXCEPTION 'the column "%"."%" is of type %, which cannot take %', leads, unfit.attname, unfit.type,
      unfit.wanted
      USING HINT = 'Set profile-pic.leads.url-column, storage-path-column and updated-at-column to columns '
        || 'of such types, or to names that are added.';
  END IF;

  -- A function's return type cannot be replaced, and the id's type may have changed.
  IF (
    SELECT p.prorettype FROM pg_proc AS p
    WHERE p.oid = to_regprocedure('profile_pic.lead_key(text)')) <> to_regtype(id_type)
  THEN
    DROP FUNCTION profile_pic.lead_key(text);
  END IF;
  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.lead_key(lead_id text) RETURNS %s
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$ BEGIN RETURN %s; END $body$
  $f$, id_type, key_expr);

  -- leads/shape.sql compares it with the table before each migration.
  EXECUTE format('COMMENT ON FUNCTION profile_pic.lead_key(text) IS %L', profile_pic.shape_of(leads, ARRAY[
    '${leads_id_column}', '${leads_phone_column}', '${leads_instance_column}', '${leads_url_column}',
    '${leads_storage_path_column}', '${leads_updated_at_column}', '${leads_name_column}']));

  -- Whether an id of the CRM's table names a lead. A view, or a table without a key, may have rows whose id is
  -- NULL, and a text may be empty, too long or not printable. Such rows are no leads: lead_key could not find
  -- them again, so all that reads the table leaves them out.
  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.names_lead(lead_id text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$ BEGIN RETURN %s IS NOT NULL; END $body$
  $f$, CASE WHEN id_type IN ('text', 'character varying') THEN key_expr ELSE 'lead_id' END);

  -- A row may be unreadable because an expression of the CRM's view raises an error for it. Such a row still
  -- counts as present, with nothing but its id, and the other rows are not held up. An error that does not
  -- concern a row (a missing table, a lock, a missing right) is still raised.
  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.find_leads(lead_ids text[])
    RETURNS TABLE (asked_id text, lead_id text, phone text, instance_id text, url text)
    LANGUAGE plpgsql STABLE ROWS 10 AS $body$
    #variable_conflict use_column
    <<this>>
    DECLARE
      told   text[] := '{}';
      wanted text;
    BEGIN
      FOR asked_id, lead_id, phone, instance_id, url IN
        SELECT asked.id, l.id, l.phone, l.instance_id, l.url
        FROM unnest(find_leads.lead_ids) AS asked (id)
        CROSS JOIN LATERAL (
          SELECT %1$s, %2$s, %3$s, %4$s FROM %5$s AS l WHERE l.%6$I = profile_pic.lead_key(asked.id) LIMIT 1
        ) AS l (id, phone, instance_id, url)
      LOOP
        RETURN NEXT;
        told := told || asked_id;
      END LOOP;
      IF %8$s THEN
        RETURN;
      END IF;
      RAISE SQLSTATE 'PP000';
    EXCEPTION WHEN SQLSTATE 'PP000' THEN
      RETURN;
    WHEN %7$s THEN
      FOREACH wanted IN ARRAY lead_ids LOOP
        CONTINUE WHEN wanted = ANY (told);
        BEGIN
          SELECT this.wanted, %1$s, %2$s, %3$s, %4$s INTO asked_id, lead_id, phone, instance_id, url
          FROM %5$s AS l WHERE l.%6$I = profile_pic.lead_key(this.wanted);
          RAISE SQLSTATE 'PP000';
        EXCEPTION WHEN SQLSTATE 'PP000' THEN
          NULL;
        WHEN %7$s THEN
          BEGIN
            SELECT this.wanted, %1$s, NULL, NULL, NULL INTO asked_id, lead_id, phone, instance_id, url
            FROM %5$s AS l WHERE l.%6$I = profile_pic.lead_key(this.wanted);
            RAISE SQLSTATE 'PP000';
          EXCEPTION WHEN SQLSTATE 'PP000' THEN
            NULL;
          END;
        END;
        IF lead_id IS NOT NULL THEN
          RETURN NEXT;
        END IF;
      END LOOP;
    END
    $body$
  $f$, id_expr, phone_expr, inst_expr, url_expr, leads, id_column, profile_pic.errors_of_a_row(), no_code);

  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.lock_leads(lead_ids text[])
    RETURNS TABLE (lead_id text, phone text, instance_id text, url text, storage_path text)
    LANGUAGE plpgsql AS $body$
    DECLARE
      before text := %8$s;
      after  text;
    BEGIN
      RETURN QUERY
        SELECT held.*
        FROM (
          SELECT DISTINCT profile_pic.lead_key(asked.id) AS id FROM unnest(lead_ids) AS asked (id) ORDER BY 1
        ) AS wanted
        CROSS JOIN LATERAL (
          SELECT %1$s, %2$s, %3$s, %4$s, %5$s FROM %6$s AS l
          WHERE l.%7$I = wanted.id FOR NO KEY UPDATE OF l SKIP LOCKED
        ) AS held;
      IF NOT %10$s THEN
%9$s
      END IF;
    END
    $body$
  $f$, id_expr, phone_expr, inst_expr, url_expr, path_expr, leads, id_column, watched, let_no_trap, no_code);

  -- Parallel arrays. A null url clears the photo, with an empty text where the CRM's columns take no null.
  -- Returns the number of leads changed. Rows are found by a list of keys, and their values are looked up:
  -- there is nothing to join, so only the CRM's primary key can serve the lookup, regardless of the planner's
  -- estimates (docs/decisions/0004-pinned-plans.md). Triggers of the CRM may use names of its own schema, so
  -- they run with a path that contains it. Whoever may create in that schema could offer a function or an
  -- operator that fits better than pg_catalog's, so all that runs with that path here is written with its
  -- schema.
  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.update_leads(lead_ids text[], urls text[], storage_keys text[])
    RETURNS integer
    LANGUAGE plpgsql AS $body$
    DECLARE
      path    text := pg_catalog.current_setting('search_path');
      before  text;
      after   text;
      wanted  %7$s[] := ARRAY(
        SELECT profile_pic.lead_key(a.id)
        FROM unnest(lead_ids) WITH ORDINALITY AS a (id, place) ORDER BY a.place);
      -- The ids as the column writes them, for any spelling in the call.
      ids     text[] := ARRAY(
        SELECT coalesce(w.key::text, w.id)
        FROM unnest(wanted, lead_ids) WITH ORDINALITY AS w (key, id, place) ORDER BY w.place);
      links   jsonb := pg_catalog.jsonb_object(ids, urls);
      keys    jsonb := pg_catalog.jsonb_object(ids, storage_keys);
      nothing text;
      changed integer;
    BEGIN
      PERFORM pg_catalog.set_config('search_path', %8$L, true);
      before := %9$s;
      FOREACH nothing IN ARRAY ARRAY[NULL, '']::pg_catalog.text[] LOOP
        BEGIN
          UPDATE %1$s AS l
          SET %2$I = coalesce(links OPERATOR(pg_catalog.->>) (%6$s), nothing),
              %3$I = coalesce(keys OPERATOR(pg_catalog.->>) (%6$s), nothing),
              %4$I = pg_catalog.statement_timestamp()
          WHERE l.%5$I OPERATOR(pg_catalog.=) ANY (wanted);
          GET DIAGNOSTICS changed = ROW_COUNT;
          EXIT;
        EXCEPTION WHEN not_null_violation OR check_violation THEN
          IF nothing OPERATOR(pg_catalog.=) '' THEN
            RAISE;
          END IF;
        END;
      END LOOP;
%10$s
      PERFORM pg_catalog.set_config('search_path', path, true);
      RETURN changed;
    END
    $body$
  $f$, leads, url_column, path_column, time_column, id_column, id_expr, id_type, crm_path, watched,
    let_no_trap);

  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.leads_are_visible() RETURNS boolean
    LANGUAGE plpgsql STABLE AS $body$
    DECLARE
      known text[];
    BEGIN
      IF row_security_active(%1$L::regclass) AND NOT EXISTS (
           SELECT FROM pg_catalog.pg_policy AS p
           WHERE p.polrelid = %1$L::regclass AND p.polpermissive AND p.polcmd IN ('*', 'r')
             AND pg_catalog.pg_get_expr(p.polqual, p.polrelid) = 'true'
             AND p.polroles && ARRAY[0::oid, current_user::regrole::oid])
      THEN
        RETURN false;
      END IF;
      -- Leads that became known after the table was last emptied: when the table shows no such lead, this is
      -- an alarm.
      known := ARRAY(
        (SELECT p.lead_id FROM profile_pic.pictures AS p, profile_pic.lead_phones_walk AS w
         WHERE p.state <> 'ERASED' AND p.requested_at > coalesce(w.truncated_at, '-infinity')
         ORDER BY p.lead_id LIMIT 50)
        UNION ALL
        (SELECT p.lead_id FROM profile_pic.pictures AS p, profile_pic.lead_phones_walk AS w
         WHERE p.state <> 'ERASED' AND p.requested_at > coalesce(w.truncated_at, '-infinity')
         ORDER BY p.lead_id DESC LIMIT 50));
      RETURN cardinality(known) = 0 OR EXISTS (SELECT FROM profile_pic.find_leads(known));
    END
    $body$
  $f$, leads::text);
END
$migration$;

-- The instance that a lead belongs to: the instance in the CRM, else the instance on record; null when the
-- lead has no owner. Index: the primary key.
CREATE OR REPLACE FUNCTION profile_pic.lead_owner(lead text, crm_instance text) RETURNS text
LANGUAGE sql STABLE
RETURN coalesce(
  profile_pic.instance_or_null(crm_instance),
  (SELECT p.instance_id FROM profile_pic.pictures AS p WHERE p.lead_id = lead));

CREATE OR REPLACE FUNCTION profile_pic.read_leads(lead_ids text[], callers text[] DEFAULT NULL)
RETURNS TABLE (asked_id text, lead_id text, phone text, instance_id text, url text)
LANGUAGE sql STABLE AS $$
  SELECT f.asked_id, f.lead_id, f.phone, f.instance_id, f.url
  FROM profile_pic.find_leads(lead_ids) AS f
  WHERE callers IS NULL
    OR NOT profile_pic.is_foreign(callers, profile_pic.lead_owner(f.lead_id, f.instance_id))
$$;

-- The lead with this id, within the caller's reach, with its canonical id and its instance. The lead may be
-- in the CRM, or only on record with us; phone is null then. Indexes: primary keys.
CREATE OR REPLACE FUNCTION profile_pic.reachable_lead(lead text, callers text[])
RETURNS TABLE (lead_id text, in_crm boolean, phone text, instance_id text)
LANGUAGE sql STABLE AS $$
  SELECT coalesce(l.lead_id, p.lead_id), l.lead_id IS NOT NULL, l.phone, o.instance_id
  FROM (VALUES (lead)) AS asked (id)
  LEFT JOIN LATERAL (SELECT f.* FROM profile_pic.find_leads(ARRAY[asked.id]) AS f LIMIT 1) AS l ON true
  LEFT JOIN LATERAL (
    SELECT p.lead_id, p.instance_id FROM profile_pic.pictures AS p
    WHERE p.lead_id = coalesce(l.lead_id, asked.id) LIMIT 1
  ) AS p ON true
  CROSS JOIN LATERAL (
    SELECT coalesce(profile_pic.instance_or_null(l.instance_id), p.instance_id) AS instance_id) AS o
  WHERE (l.lead_id IS NOT NULL OR p.lead_id IS NOT NULL) AND profile_pic.reaches(callers, o.instance_id)
$$;

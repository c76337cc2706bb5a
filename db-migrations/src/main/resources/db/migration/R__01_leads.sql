-- Where the CRM's own table is touched, and nowhere else. The names come from profile-pic.leads.*; Flyway applies this file
-- again when they change, because placeholders are part of a repeatable migration's checksum.
--
--   profile_pic.lead_key(text)       a lead id as the type of the CRM's id column; null when it cannot be one
--   profile_pic.find_leads(text[])   the leads that exist among these ids, each with its canonical id
--   profile_pic.update_leads(...)    sets or clears the photo of leads
--
-- Locks: adding columns takes ACCESS EXCLUSIVE on the CRM's table for an instant (no rewrite: they are nullable). Indexes:
-- the primary key of the CRM's table.
DO $migration$
DECLARE
  leads_name    text := '${leads_table}';
  id_column     text := '${leads_id_column}';
  phone_column  text := '${leads_phone_column}';
  inst_column   text := '${leads_instance_column}';
  url_column    text := '${leads_url_column}';
  path_column   text := '${leads_storage_path_column}';
  time_column   text := '${leads_updated_at_column}';
  leads         regclass;
  id_type       text;
  inst_expr     text;
  key_pattern   text;
  missing       text;
BEGIN
  IF to_regclass(leads_name) IS NULL THEN
    IF '${leads_create}' <> 'true' THEN
      RAISE EXCEPTION 'the table of leads "%" does not exist', leads_name
        USING HINT = 'Set profile-pic.leads.table to the CRM''s table, or profile-pic.leads.create=true to create one.';
    END IF;
    EXECUTE format('CREATE TABLE %s (%I uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text, %I text, %I text, created_at timestamptz NOT NULL DEFAULT now())',
      leads_name, id_column, phone_column, inst_column);
  END IF;
  leads := to_regclass(leads_name);

  FOREACH missing IN ARRAY ARRAY[id_column, phone_column] LOOP
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = leads AND attname = missing AND attnum > 0 AND NOT attisdropped) THEN
      RAISE EXCEPTION 'the table of leads "%" has no column "%"', leads_name, missing
        USING HINT = 'Set profile-pic.leads.id-column and profile-pic.leads.phone-column to the CRM''s names.';
    END IF;
  END LOOP;

  -- Asked first: ADD COLUMN IF NOT EXISTS takes the table's lock even when there is nothing to add.
  FOR missing IN
    SELECT format('ALTER TABLE %s ADD COLUMN %I %s', leads, wanted.name, wanted.type)
    FROM (VALUES (url_column, 'text'), (path_column, 'text'), (time_column, 'timestamptz')) AS wanted (name, type)
    WHERE NOT EXISTS (
      SELECT FROM pg_attribute WHERE attrelid = leads AND attname = wanted.name AND attnum > 0 AND NOT attisdropped)
  LOOP
    EXECUTE missing;
  END LOOP;

  SELECT format_type(atttypid, NULL) INTO id_type FROM pg_attribute WHERE attrelid = leads AND attname = id_column;
  key_pattern := CASE
    WHEN id_type = 'uuid' THEN '^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$'
    WHEN id_type IN ('bigint', 'integer') THEN '^[0-9]{1,' || CASE id_type WHEN 'bigint' THEN 18 ELSE 9 END || '}$'
    WHEN id_type IN ('text', 'character varying') THEN '^.{1,200}$'
  END;
  IF key_pattern IS NULL THEN
    RAISE EXCEPTION 'the column "%"."%" is of type %, which cannot identify a lead', leads_name, id_column, id_type
      USING HINT = 'It must be uuid, bigint, integer, text or varchar.';
  END IF;

  inst_expr := CASE
    WHEN EXISTS (SELECT FROM pg_attribute WHERE attrelid = leads AND attname = inst_column AND attnum > 0 AND NOT attisdropped)
    THEN format('l.%I::text', inst_column) ELSE 'NULL::text' END;

  -- The id's type may have changed since the last time: a function's return type cannot be replaced.
  DROP FUNCTION IF EXISTS profile_pic.lead_key(text);
  EXECUTE format($f$
    CREATE FUNCTION profile_pic.lead_key(lead_id text) RETURNS %1$s
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN lead_id ~ %2$L THEN lead_id::%1$s END
  $f$, id_type, key_pattern);

  DROP FUNCTION IF EXISTS profile_pic.find_leads(text[]);
  EXECUTE format($f$
    CREATE FUNCTION profile_pic.find_leads(lead_ids text[])
    RETURNS TABLE (asked_id text, lead_id text, phone text, instance_id text, url text)
    LANGUAGE sql STABLE AS $body$
      SELECT asked.id, l.%4$I::text, l.%1$I::text, %2$s, l.%5$I::text
      FROM unnest(lead_ids) AS asked (id)
      JOIN %3$s l ON l.%4$I = profile_pic.lead_key(asked.id)
    $body$
  $f$, phone_column, inst_expr, leads, id_column, url_column);

  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.lock_leads(lead_ids text[])
    RETURNS TABLE (lead_id text, phone text, instance_id text, url text, storage_path text)
    LANGUAGE sql AS $body$
      SELECT l.%4$I::text, l.%1$I::text, %2$s, l.%5$I::text, l.%6$I::text
      FROM %3$s l WHERE l.%4$I = ANY (ARRAY(SELECT profile_pic.lead_key(id) FROM unnest(lead_ids) AS id))
      ORDER BY l.%4$I FOR NO KEY UPDATE SKIP LOCKED
    $body$
  $f$, phone_column, inst_expr, leads, id_column, url_column, path_column);

  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.leads_are_visible() RETURNS boolean
    LANGUAGE sql STABLE AS $body$ SELECT EXISTS (SELECT FROM %1$s) $body$
  $f$, leads);

  -- Parallel arrays; a null url clears the photo. Returns the number of leads changed. One join, so it can be pinned to the
  -- CRM's primary key whatever the planner believes of the table (docs/decisions/0004-pinned-plans.md).
  DROP FUNCTION IF EXISTS profile_pic.update_leads(jsonb);
  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.update_leads(lead_ids text[], urls text[], storage_keys text[]) RETURNS integer
    LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
    AS $body$
    DECLARE
      changed integer;
    BEGIN
      UPDATE %1$s l SET %2$I = c.url, %3$I = c.storage_key, %4$I = statement_timestamp()
      FROM unnest(lead_ids, urls, storage_keys) AS c (lead_id, url, storage_key)
      WHERE l.%5$I = profile_pic.lead_key(c.lead_id);
      GET DIAGNOSTICS changed = ROW_COUNT;
      RETURN changed;
    END
    $body$
  $f$, leads, url_column, path_column, time_column, id_column);
END
$migration$;

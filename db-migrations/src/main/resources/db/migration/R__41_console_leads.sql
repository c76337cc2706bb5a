-- The web console's reads of the CRM's table. Generated from profile-pic.leads.*, as R__01 is, and run as
-- profile_pic_crm for the same reason.
--
--   profile_pic.named_leads(ids)   the leads that exist among these ids, with their names
--   profile_pic.find_names(...)    leads whose name contains a text
DO $migration$
DECLARE
  leads       regclass := to_regclass('${leads_table}');
  id_expr     text := profile_pic.text_of_column(leads, '${leads_id_column}');
  inst_expr   text := profile_pic.text_of_column(leads, '${leads_instance_column}');
  name_expr   text := profile_pic.text_of_column(leads, '${leads_name_column}');
BEGIN
  -- This writes the table's name with its schema, because the functions search pg_catalog only.
  PERFORM set_config('search_path', 'pg_catalog', true);

  -- Leads whose name contains a text, a limited number. Where the CRM has an index that finds parts of texts
  -- (pg_trgm), it is used. Without one, rows are read for a limited time, and a last row without an id says
  -- that the time was over, or that a row could not be read.
  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.find_names(needle text, most integer, within interval)
    RETURNS TABLE (lead_id text, instance_id text)
    LANGUAGE plpgsql STABLE AS $body$
    #variable_conflict use_column
    DECLARE
      pattern  text := '%%' || pg_catalog.regexp_replace(needle, E'([\\\\%%_])', E'\\\\\\1', 'g') || '%%';
      deadline timestamptz := pg_catalog.clock_timestamp() + within;
      lead     record;
      n        integer := 0;
    BEGIN
      IF profile_pic.names_are_indexed() THEN
        RETURN QUERY
          SELECT %1$s, %2$s FROM %3$s AS l
          WHERE %4$s ILIKE pattern AND profile_pic.names_lead(%1$s) LIMIT most;
      ELSE
        FOR lead IN
          SELECT s.* FROM (
            SELECT %1$s AS id, %2$s AS instance, %4$s AS name,
                   pg_catalog.clock_timestamp() > deadline AS late
            FROM %3$s AS l
          ) AS s WHERE s.late OR (s.name ILIKE pattern AND profile_pic.names_lead(s.id))
        LOOP
          lead_id := CASE WHEN NOT lead.late THEN lead.id END;
          instance_id := lead.instance;
          n := n + 1;
          RETURN NEXT;
          EXIT WHEN lead.late OR n >= most;
        END LOOP;
      END IF;
      RAISE SQLSTATE 'PP000';
    EXCEPTION WHEN SQLSTATE 'PP000' THEN
      RETURN;
    WHEN %5$s THEN
      lead_id := NULL;
      instance_id := NULL;
      RETURN NEXT;
    END
    $body$
  $f$, id_expr, inst_expr, leads, name_expr, profile_pic.errors_of_a_row());

  -- Whether an index of the CRM finds a part of a name.
  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.names_are_indexed() RETURNS boolean
    LANGUAGE sql STABLE AS $body$
      SELECT EXISTS (
        SELECT FROM pg_catalog.pg_index AS i
        JOIN pg_catalog.pg_opclass AS o ON o.oid = ANY (i.indclass::pg_catalog.oid[])
        JOIN pg_catalog.pg_attribute AS a
          ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::pg_catalog.int2[])
        WHERE i.indrelid = pg_catalog.to_regclass(%1$L) AND i.indisvalid AND i.indpred IS NULL
          AND a.attname = %2$L
          AND o.opcname IN ('gin_trgm_ops', 'gist_trgm_ops'))
    $body$
  $f$, leads::text, '${leads_name_column}');
END
$migration$;

CREATE OR REPLACE FUNCTION profile_pic.named_leads(lead_ids text[])
RETURNS TABLE (asked_id text, lead_id text, phone text, instance_id text, name text)
LANGUAGE sql STABLE AS $$
  SELECT f.asked_id, f.lead_id, f.phone, f.instance_id, left(profile_pic.lead_name(f.lead_id), 200)
  FROM profile_pic.find_leads(lead_ids) AS f
$$;

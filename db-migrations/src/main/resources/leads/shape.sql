-- Lets Flyway apply the migrations again that generate functions from the CRM's table, when the table has another shape than at the last run: a
-- column of another type, a column that was added, a virtual column with another expression, a view in the table's place. Flyway itself looks
-- at the files and at the names in them only. CrmTable runs this before each migration, outside a transaction.
--
-- An entry with the checksum 0 in Flyway's history is newer than the entry of the file, and differs from the file. So Flyway applies the file.
DO $shape$
DECLARE
  leads regclass := to_regclass('${leads_table}');
  fits  boolean := false;
BEGIN
  -- Before the first migration there is nothing to apply again.
  IF to_regprocedure('profile_pic.lead_key(text)') IS NULL THEN
    RETURN;
  END IF;
  FOR look IN 1..2 LOOP
    -- A release without this rule tells no shape: its functions may be those of an earlier table. R__01 tells it, and the entries below stay until
    -- each of the other files was applied, too.
    IF to_regprocedure('profile_pic.shape_of(regclass,text[])') IS NOT NULL THEN
      fits := obj_description('profile_pic.lead_key(text)'::regprocedure, 'pg_proc') IS NOT DISTINCT FROM profile_pic.shape_of(
        leads, ARRAY['${leads_id_column}', '${leads_phone_column}', '${leads_instance_column}', '${leads_url_column}',
        '${leads_storage_path_column}', '${leads_updated_at_column}', '${leads_name_column}']);
    END IF;
    IF fits THEN
      RETURN;
    END IF;
    -- Several migrators may run at once; one of them adds the entries, and the others look again.
    LOCK TABLE profile_pic.flyway_schema_history IN SHARE ROW EXCLUSIVE MODE;
  END LOOP;
  INSERT INTO profile_pic.flyway_schema_history
    (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
  SELECT (SELECT max(h.installed_rank) FROM profile_pic.flyway_schema_history AS h) + row_number() OVER (ORDER BY l.script),
         NULL, l.description, l.type, l.script, 0, current_user, 0, true
  FROM (
    SELECT DISTINCT ON (h.script) h.* FROM profile_pic.flyway_schema_history AS h
    WHERE h.script IN ('R__01_leads.sql', 'R__20_lead_lookup.sql', 'R__27_lead_writes.sql', 'R__41_console_leads.sql') AND h.success
    ORDER BY h.script, h.installed_rank DESC
  ) AS l
  WHERE l.checksum <> 0;
END
$shape$;

-- profile_pic.person_data(lead): all stored data about the person behind a lead, for bin/export: every row of
-- every table of ours, of the queues and of the bridge (where it shares this database) that names one of the
-- person's leads, phones or LIDs. crm has the columns that we read of the CRM's row, the name included. No
-- list of columns is kept here, so a new table cannot be left out. Encrypted values and pictures are left
-- out: bin/export adds the photos.
--
-- returns  null when there is no such lead; else {leads, phones, lids, crm, held: {table: [row, ...]}}
-- For administrators of the database; no service may call it. Reads each row of each table once.
CREATE OR REPLACE FUNCTION profile_pic.person_data(lead text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
  canonical text;
  numbers   text[];
  addresses text[];
  ids       text[];
  keys      jsonb;
  held      jsonb := '{}';
  found     jsonb;
  t         regclass;
BEGIN
  SELECT p.lead_id, p.phones, p.lids INTO canonical, numbers, addresses
  FROM profile_pic.person_of(lead, NULL) AS p;
  IF canonical IS NULL THEN
    RETURN NULL;
  END IF;
  ids := ARRAY(
    SELECT a.lead_id FROM profile_pic.leads_of_person(numbers, NULL) AS a
    WHERE a.theirs
    UNION SELECT canonical ORDER BY 1);
  keys := profile_pic.as_keys(ids);
  FOR t IN
    SELECT c.oid FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p')
      AND (n.nspname IN ('profile_pic', 'bridge')
        OR n.nspname = 'pgmq' AND c.relname ~ '^[aq]_profile_pic_(queue|dlq)$')
      AND (n.nspname, c.relname) NOT IN (
        ('profile_pic', 'avatars'), ('profile_pic', 'thumbnails'), ('profile_pic', 'flyway_schema_history'))
    ORDER BY c.oid::regclass::text
  LOOP
    -- Stored answers are bytes.
    EXECUTE format($q$
      SELECT jsonb_agg(r.line)
      FROM %s AS x
      CROSS JOIN LATERAL (
        SELECT (to_jsonb(x)
                - ARRAY['value', 'person', 'secret', 'former_secret', 'source_credential'])%s AS line
      ) AS r
      WHERE $4 ? (r.line ->> 'lead_id') OR $4 ? (r.line #>> '{message,lead_id}')
        OR profile_pic.names_a_lead(r.line ->> 'body', $4)
        OR profile_pic.mentions(r.line::text, $2, $3)
    $q$, t, CASE WHEN t = 'profile_pic.idempotency_keys'::regclass THEN
        $q$ || jsonb_build_object('body', encode(x.body, 'escape'))$q$
      ELSE '' END) INTO found USING ids, numbers, addresses, keys;
    IF found IS NOT NULL THEN
      held := held || jsonb_build_object(t::text, found);
    END IF;
  END LOOP;
  RETURN jsonb_build_object('leads', ids, 'phones', numbers, 'lids', addresses,
    'crm', (SELECT jsonb_agg(to_jsonb(f) || jsonb_build_object('name', n.name))
            FROM profile_pic.find_leads(ids) AS f
            LEFT JOIN profile_pic.named_leads(ids) AS n ON n.asked_id = f.asked_id),
    'held', held);
END
$$;

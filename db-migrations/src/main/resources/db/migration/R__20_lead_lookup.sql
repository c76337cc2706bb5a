-- Functions that find leads by phone, and the functions of the triggers on the CRM's table. Generated from
-- profile-pic.leads.*, as R__01 is. The triggers themselves are made by leads/triggers.sql, after the
-- migrations.
--
--   profile_pic.match_leads(suffixes, most, callers)  candidates for phones, as the CRM has them now
--   profile_pic.read_lead_page(size)        takes the next leads, in order of id, into lead_phones, and
--                                           adopts leads that show a link of WhatsApp's; false when the walk
--                                           (one pass over all leads) has ended
--   profile_pic.leads_without_photo(...)    the next leads of an instance that have no photo, by keyset
--   profile_pic.count_without_photo(...)    their number, as far as it can be counted in a given time
--   profile_pic.lead_inserted, phones_changed, leads_deleted, leads_truncated
--                                           trigger functions, once per statement
--
-- The triggers belong to the CRM's own transactions, and never make these fail: any error becomes a warning.
-- The triggers never make the CRM wait either: they skip locked rows, and give up after 10 ms for the rest of
-- the transaction. The walk and the chores find the leads that the triggers left out. We do not wait for the
-- CRM: its transaction may stay open for hours, so the triggers change no row that a settle, an enqueue or a
-- feeder locks. They add to lead_changes (V73), and a worker takes the changes up after the commit (R__27).
-- Each trigger opens three subtransactions at the most, for any number of leads in the statement. The
-- triggers refuse any other table, and any column whose type has changed since the migration: reading it
-- could run code of the CRM's owner. They do not notify, because NOTIFY makes committing transactions wait
-- for one another; the worker's poll finds the message.
DO $migration$
DECLARE
  leads        regclass := to_regclass('${leads_table}');
  id_column    text := '${leads_id_column}';
  phone_column text := '${leads_phone_column}';
  url_column   text := '${leads_url_column}';
  id_expr      text := profile_pic.text_of_column(leads, '${leads_id_column}');
  phone_expr   text := profile_pic.text_of_column(leads, '${leads_phone_column}');
  inst_expr    text := profile_pic.text_of_column(leads, '${leads_instance_column}');
  name_expr    text := profile_pic.text_of_column(leads, '${leads_name_column}');
  url_expr     text := profile_pic.text_of_column(leads, '${leads_url_column}');
  -- The same columns in a trigger's rows.
  id_there     text := profile_pic.text_in_trigger(leads, '${leads_id_column}');
  phone_there  text := profile_pic.text_in_trigger(leads, '${leads_phone_column}');
  inst_there   text := profile_pic.text_in_trigger(leads, '${leads_instance_column}');
  of_instance  text := 'true';
  message_ids  text := pg_get_serial_sequence('pgmq.q_profile_pic_queue', 'msg_id');
  guard        text;
  made_for     text;
BEGIN
  -- This writes the table's name with its schema, because the functions search pg_catalog only.
  PERFORM set_config('search_path', 'pg_catalog', true);
  IF inst_expr <> 'NULL::text' THEN
    of_instance := format(
      '(%1$s = instance OR (with_default AND coalesce(%1$s, '''') IN ('''', ''unknown'')))', inst_expr);
  END IF;

  -- The check at the start of every trigger function. It compares names, because a restore gives tables and
  -- types other ids.
  SELECT format($g$
      IF TG_RELID IS DISTINCT FROM pg_catalog.to_regclass(%1$L) OR EXISTS (
        SELECT FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = TG_RELID AND a.attnum > 0 AND NOT a.attisdropped AND (%2$s))
      THEN
        RAISE WARNING 'profile_pic: %%: not the table of leads that was migrated', TG_RELID::regclass;
        RETURN NULL;
      END IF;
      IF current_setting('profile_pic.gave_up', true) = 'true' THEN
        RETURN NULL;
      END IF;$g$, leads::text,
      string_agg(
        format('a.attname = %L AND (pg_catalog.format_type(a.atttypid, NULL) <> %L OR %s)',
               a.attname, format_type(a.atttypid, NULL),
               CASE WHEN a.attgenerated = 'v'
                      THEN format('profile_pic.virtual_expression(TG_RELID, a.attname) IS DISTINCT FROM %L',
                                  profile_pic.virtual_expression(leads, a.attname))
                    ELSE $c$a.attgenerated = 'v'$c$ END),
        ' OR '))
  INTO guard
  FROM pg_attribute AS a
  WHERE a.attrelid = leads AND a.attname IN (id_column, phone_column, '${leads_instance_column}')
    AND a.attnum > 0 AND NOT a.attisdropped;

  EXECUTE $f$
    CREATE OR REPLACE FUNCTION profile_pic.read_lead_page(size integer) RETURNS boolean
    LANGUAGE plpgsql AS $body$
    DECLARE
      walk    profile_pic.lead_phones_walk;
      last    text;
      unasked bigint;
    BEGIN
      SELECT * INTO walk FROM profile_pic.lead_phones_walk WHERE finished_at IS NULL FOR UPDATE SKIP LOCKED;
      IF NOT FOUND THEN
        RETURN false;
      END IF;
      -- Nobody asked for a lead that a walk finds, or whose phone a walk finds usable. reconcile_leads
      -- (R__27) asks for it, unless it may be older than the first walk.
      unasked := CASE WHEN walk.first_finished_at IS NOT NULL THEN 0 END;
      -- The three parts below use one snapshot: a session that changes a phone changes lead_phones in the
      -- same transaction, so a difference seen here was not announced by a trigger. Rows that are held right
      -- now are left for the next walk. Erased leads are found by no phone.
      WITH step AS MATERIALIZED (
        SELECT l.place, l.id, l.phone, l.instance_id, l.url
        FROM profile_pic.leads_after(walk.after_id, size)
          WITH ORDINALITY AS l (id, phone, instance_id, url, place)
      ), adopted AS (
        -- Leads whose photo the CRM shows through WhatsApp's own link. Such links end within days, so the
        -- photo must become ours. They are due now, so that feed_refreshes (R__25) asks in turn, at the
        -- instance's pace. No event asked for them, so any event is newer.
        INSERT INTO profile_pic.pictures AS p (
          lead_id, phone, instance_id, reason, requested_at, next_check_at)
        SELECT s.id, s.phone, profile_pic.instance_or_null(s.instance_id), 'ADOPTED', '-infinity',
               statement_timestamp()
        FROM step AS s
        WHERE profile_pic.is_whatsapp_link(s.url) AND profile_pic.phone_suffix(s.phone) IS NOT NULL
          AND NOT EXISTS (SELECT FROM profile_pic.pictures AS k WHERE k.lead_id = s.id OFFSET 0)
        ORDER BY s.id ON CONFLICT (lead_id) DO NOTHING
      ), known AS (
        -- ON CONFLICT alone would wait for a session that is changing an existing row.
        INSERT INTO profile_pic.lead_phones AS lp (lead_id, suffix, message_id)
        SELECT s.id, profile_pic.phone_suffix(s.phone), unasked FROM step AS s
        WHERE NOT EXISTS (SELECT FROM profile_pic.lead_phones AS k WHERE k.lead_id = s.id OFFSET 0)
          AND NOT EXISTS (
            SELECT FROM profile_pic.pictures AS p WHERE p.lead_id = s.id AND p.state = 'ERASED' OFFSET 0)
        ORDER BY s.id ON CONFLICT (lead_id) DO NOTHING
      ), wrong AS (
        SELECT lp.row_at, s.suffix
        FROM (
          SELECT s.id, profile_pic.phone_suffix(s.phone) AS suffix FROM step AS s ORDER BY s.id) AS s
        CROSS JOIN LATERAL (
          SELECT lp.ctid AS row_at FROM profile_pic.lead_phones AS lp
          WHERE lp.lead_id = s.id AND lp.suffix IS DISTINCT FROM s.suffix FOR UPDATE SKIP LOCKED
        ) AS lp
      ), corrected AS (
        UPDATE profile_pic.lead_phones AS lp
        SET suffix = w.suffix, message_id = CASE WHEN lp.suffix IS NULL THEN unasked ELSE lp.message_id END
        FROM wrong AS w WHERE lp.ctid = w.row_at
      )
      SELECT s.id INTO last FROM step AS s ORDER BY s.place DESC LIMIT 1;
      UPDATE profile_pic.lead_phones_walk
      SET after_id = coalesce(last, after_id),
          finished_at = CASE WHEN last IS NULL THEN statement_timestamp() END,
          first_finished_at = coalesce(
            first_finished_at, CASE WHEN last IS NULL THEN statement_timestamp() END);
      RETURN last IS NOT NULL;
    END
    $body$
  $f$;

  -- When a row cannot be read, the leads are read one by one, and that row is left out.
  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.leads_without_photo(
      instance text, with_default boolean, after text, most integer)
    RETURNS TABLE (lead_id text, phone text)
    LANGUAGE plpgsql STABLE AS $body$
    #variable_conflict use_variable
    DECLARE
      ids    text[];
      phones text[];
      room   integer := most;
    BEGIN
      IF after IS NULL THEN
        SELECT array_agg(o.id), array_agg(o.phone) INTO ids, phones
        FROM (SELECT %1$s, %2$s FROM %3$s AS l
              WHERE %4$s AND coalesce(%5$s, '') = '' AND l.%6$I IS NOT NULL AND profile_pic.names_lead(%1$s)
              ORDER BY l.%7$I LIMIT most) AS o (id, phone);
      ELSE
        SELECT array_agg(o.id), array_agg(o.phone) INTO ids, phones
        FROM (SELECT %1$s, %2$s FROM %3$s AS l
              WHERE l.%7$I > profile_pic.lead_key(after) AND %4$s AND coalesce(%5$s, '') = ''
                AND l.%6$I IS NOT NULL AND profile_pic.names_lead(%1$s)
              ORDER BY l.%7$I LIMIT most) AS o (id, phone);
      END IF;
      RAISE SQLSTATE 'PP000';
    EXCEPTION WHEN SQLSTATE 'PP000' THEN
      RETURN QUERY SELECT u.* FROM unnest(ids, phones) AS u;
    WHEN %8$s THEN
      LOOP
        ids := profile_pic.lead_ids_after(after, 1000);
        EXIT WHEN cardinality(ids) = 0 OR room = 0;
        after := ids[cardinality(ids)];
        FOR lead_id, phone IN
          SELECT f.lead_id, f.phone
          FROM unnest(ids) WITH ORDINALITY AS a (id, place)
          CROSS JOIN LATERAL profile_pic.find_leads(ARRAY[a.id]) AS f
          WHERE (%9$s) AND coalesce(f.url, '') = '' AND f.phone IS NOT NULL ORDER BY a.place LIMIT room
        LOOP
          RETURN NEXT;
          room := room - 1;
        END LOOP;
      END LOOP;
    END
    $body$
  $f$, id_expr, phone_expr, leads, of_instance, url_expr, phone_column, id_column,
    profile_pic.errors_of_a_row(),
    CASE WHEN of_instance = 'true' THEN 'true'
         ELSE $c$f.instance_id = instance
           OR (with_default AND coalesce(f.instance_id, '') IN ('', 'unknown'))$c$ END);

  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.count_without_photo(
      instance text, with_default boolean, within interval, OUT leads bigint, OUT complete boolean)
    LANGUAGE plpgsql STABLE AS $body$
    #variable_conflict use_variable
    DECLARE
      deadline timestamptz := pg_catalog.clock_timestamp() + within;
      is_late  boolean;
    BEGIN
      leads := 0;
      complete := true;
      FOR is_late IN
        SELECT s.late FROM (
          SELECT %2$s AND coalesce(%3$s, '') = '' AND l.%4$I IS NOT NULL
                   AND profile_pic.names_lead(%6$s) AS without,
                 pg_catalog.clock_timestamp() > deadline AS late
          FROM %1$s AS l
        ) AS s WHERE s.late OR s.without
      LOOP
        complete := NOT is_late;
        EXIT WHEN is_late;
        leads := leads + 1;
      END LOOP;
      RAISE SQLSTATE 'PP000';
    EXCEPTION WHEN SQLSTATE 'PP000' THEN
      RETURN;
    WHEN %5$s THEN
      -- Counting ends at a row that cannot be read.
      complete := false;
    END
    $body$
  $f$, leads, of_instance, url_expr, phone_column, profile_pic.errors_of_a_row(), id_expr);

  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.lead_name(lead text) RETURNS text
    LANGUAGE plpgsql STABLE AS $body$
    DECLARE
      name text;
    BEGIN
      name := (SELECT %1$s FROM %2$s AS l WHERE l.%3$I = profile_pic.lead_key(lead_name.lead));
      RAISE SQLSTATE 'PP000';
    EXCEPTION WHEN SQLSTATE 'PP000' THEN
      RETURN name;
    WHEN %4$s THEN
      RETURN NULL;
    END
    $body$
  $f$, name_expr, leads, id_column, profile_pic.errors_of_a_row());

  -- In one pass without arrays, so that an INSERT of a million rows needs no memory for them. A CRM that
  -- loads its table anew brings back leads that we looked at already: while their state is fresh, they are
  -- not asked for. Their rows are written, because they may have lost our link. If such a lead is being
  -- forgotten right now, because it was deleted before, the mark 0 makes reconcile_leads ask for it. One row
  -- of pictures is probed for each lead, and none is locked.
  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.lead_inserted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '10ms' AS $body$
    #variable_conflict use_column
    BEGIN %5$s
      WITH added AS MATERIALIZED (
        SELECT n.id, n.phone, n.instance, n.suffix, fresh.lead_id IS NOT NULL AS is_fresh,
               CASE WHEN fresh.lead_id IS NOT NULL THEN 0
                    WHEN n.suffix IS NOT NULL THEN nextval(%4$L::regclass) END AS message_id
        FROM (SELECT i.*, profile_pic.phone_suffix(i.phone) AS suffix
              FROM (SELECT %1$s AS id, %2$s AS phone, %3$s AS instance
                    FROM inserted AS l OFFSET 0) AS i
              WHERE profile_pic.names_lead(i.id) OFFSET 0) AS n
        LEFT JOIN LATERAL (
          SELECT p.lead_id FROM profile_pic.pictures AS p
          WHERE p.lead_id = n.id AND p.state NOT IN ('PENDING', 'FAILED', 'ERASED')
            AND p.next_check_at > statement_timestamp() AND profile_pic.same_phone(p.phone, n.phone)
          LIMIT 1
        ) AS fresh ON true
      ), sent AS (
        INSERT INTO pgmq.q_profile_pic_queue (msg_id, vt, message) OVERRIDING SYSTEM VALUE
        SELECT a.message_id, clock_timestamp(), profile_pic.new_lead_message(a.id, a.phone, a.instance)
        FROM added AS a WHERE a.message_id > 0
      ), noted AS (
        INSERT INTO profile_pic.lead_changes (lead_id, deleted)
        SELECT a.id, false FROM added AS a WHERE a.is_fresh
      )
      INSERT INTO profile_pic.lead_phones AS lp (lead_id, suffix, message_id)
      SELECT a.id, a.suffix, a.message_id FROM added AS a
      ON CONFLICT (lead_id) DO UPDATE SET suffix = excluded.suffix, message_id = excluded.message_id;
      RETURN NULL;
    EXCEPTION WHEN OTHERS THEN
      PERFORM set_config('profile_pic.gave_up', CASE WHEN SQLSTATE = '55P03' THEN 'true' ELSE '' END, true);
      RAISE WARNING 'profile_pic: new leads were not announced: %%', SQLERRM;
      RETURN NULL;
    END
    $body$
  $f$, id_there, phone_there, inst_there, message_ids, guard);

  -- A trigger with transition tables cannot name columns, so the phones before and after are compared here.
  -- They are grouped and not joined: a session plans this once, maybe for a statement of one row, and a
  -- nested loop of that plan would compare each row of a later statement with each.
  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.phones_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '10ms' AS $body$
    #variable_conflict use_column
    DECLARE
      ids       text[];
      suffixes  text[];
      sent      bigint[];
      free      tid[];
    BEGIN %5$s
      -- Most updates change no phone, among them all of ours. Comparing the two sets is the cheapest way to
      -- see that.
      IF NOT EXISTS (
        SELECT %6$s, %2$s FROM new_leads AS l EXCEPT SELECT %6$s, %2$s FROM old_leads AS l)
      THEN
        RETURN NULL;
      END IF;

      WITH changed AS MATERIALIZED (
        SELECT n.id, n.phone, n.instance, profile_pic.phone_suffix(n.phone) AS suffix
        FROM (
          SELECT b.id, bool_or(b.is_new) AS is_there,
                 max(b.phone) FILTER (WHERE NOT b.is_new) AS phone_before,
                 max(b.phone) FILTER (WHERE b.is_new) AS phone,
                 max(b.instance) FILTER (WHERE b.is_new) AS instance
          FROM (
            SELECT %1$s, %2$s, %3$s, true FROM new_leads AS l
            UNION ALL
            SELECT %1$s, %2$s, NULL, false FROM old_leads AS l
          ) AS b (id, phone, instance, is_new)
          GROUP BY b.id
        ) AS n
        WHERE n.is_there AND profile_pic.names_lead(n.id) AND n.phone IS DISTINCT FROM n.phone_before
          AND NOT coalesce(profile_pic.same_phone(n.phone_before, n.phone), false)
      ), announced AS MATERIALIZED (
        SELECT c.*, CASE WHEN c.suffix IS NOT NULL THEN nextval(%4$L::regclass) END AS message_id
        FROM changed AS c
      ), put AS (
        INSERT INTO pgmq.q_profile_pic_queue (msg_id, vt, message) OVERRIDING SYSTEM VALUE
        SELECT a.message_id, clock_timestamp(), profile_pic.new_lead_message(a.id, a.phone, a.instance)
        FROM announced AS a WHERE a.message_id IS NOT NULL
      ), noted AS (
        INSERT INTO profile_pic.lead_changes (lead_id, deleted) SELECT a.id, false FROM announced AS a
      )
      SELECT array_agg(a.id ORDER BY a.id), array_agg(a.suffix ORDER BY a.id),
             array_agg(a.message_id ORDER BY a.id)
      INTO ids, suffixes, sent
      FROM announced AS a;
      IF ids IS NULL THEN
        RETURN NULL;
      END IF;

      -- When our row is held, its holder sees the new phone, or is the walk, which comes again. The same is
      -- true of a row that does not exist yet. The messages stay, even if this part fails.
      BEGIN
        free := ARRAY(
          SELECT (SELECT lp.ctid FROM profile_pic.lead_phones AS lp
                  WHERE lp.lead_id = c.lead_id FOR UPDATE SKIP LOCKED)
          FROM unnest(ids) WITH ORDINALITY AS c (lead_id, place) ORDER BY c.place);
        UPDATE profile_pic.lead_phones AS lp SET suffix = f.suffix, message_id = f.message_id
        FROM unnest(free, suffixes, sent) AS f (row_at, suffix, message_id) WHERE lp.ctid = f.row_at;
      EXCEPTION WHEN OTHERS THEN
        PERFORM set_config('profile_pic.gave_up', CASE WHEN SQLSTATE = '55P03' THEN 'true' ELSE '' END, true);
        RAISE WARNING 'profile_pic: changed phones are found by the next walk only: %%', SQLERRM;
      END;
      RETURN NULL;
    EXCEPTION WHEN OTHERS THEN
      PERFORM set_config('profile_pic.gave_up', CASE WHEN SQLSTATE = '55P03' THEN 'true' ELSE '' END, true);
      RAISE WARNING 'profile_pic: changed phones were not announced: %%', SQLERRM;
      RETURN NULL;
    END
    $body$
  $f$, id_there, phone_there, inst_there, message_ids, guard,
    coalesce(profile_pic.virtual_expression(leads, '${leads_id_column}'), format('l.%I', id_column)));

  -- The lead's state goes too, as soon as a worker sees the deletion committed (R__27). More than 10,000
  -- leads at once would hold up the CRM's transaction: the chore that looks for deleted leads finds them. A
  -- waiting message ends as LEAD_GONE.
  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.leads_deleted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '10ms' AS $body$
    #variable_conflict use_column
    DECLARE
      ids text[];
    BEGIN %2$s
      ids := ARRAY(SELECT %1$s FROM deleted AS l WHERE profile_pic.names_lead(%1$s) LIMIT 10001);
      IF cardinality(ids) <= 10000 THEN
        INSERT INTO profile_pic.lead_changes (lead_id, deleted) SELECT id, true FROM unnest(ids) AS id;
      END IF;
      RETURN NULL;
    EXCEPTION WHEN OTHERS THEN
      PERFORM set_config('profile_pic.gave_up', CASE WHEN SQLSTATE = '55P03' THEN 'true' ELSE '' END, true);
      RAISE WARNING 'profile_pic: deleted leads were not forgotten: %%', SQLERRM;
      RETURN NULL;
    END
    $body$
  $f$, id_there, guard);

  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.leads_truncated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '10ms' AS $body$
    BEGIN %1$s
      UPDATE profile_pic.lead_phones_walk
      SET after_id = NULL, finished_at = NULL, truncated_at = statement_timestamp();
      RETURN NULL;
    EXCEPTION WHEN OTHERS THEN
      RAISE WARNING 'profile_pic: that all leads are gone was not noted: %%', SQLERRM;
      RETURN NULL;
    END
    $body$
  $f$, guard);

  -- There may have been no trigger for a while, or a trigger for other columns. Walking again in place finds
  -- the changes, and existing rows go on matching meanwhile. Such a walk counts as a first one: the leads of
  -- another table, or with another phone column, were not added just now.
  made_for := 'made for '
    || md5(concat_ws(' ', leads::oid, id_column, phone_column, id_expr, phone_expr, '${leads_trigger}'));
  -- The release before this one stored the value in the comment of the function with its earlier name.
  IF coalesce(
    obj_description('profile_pic.read_lead_page(integer)'::regprocedure, 'pg_proc'),
    obj_description(to_regprocedure('profile_pic.walk_leads(integer)'), 'pg_proc')) IS DISTINCT FROM made_for
  THEN
    UPDATE profile_pic.lead_phones_walk SET after_id = NULL, finished_at = NULL, first_finished_at = NULL;
  END IF;
  EXECUTE format('COMMENT ON FUNCTION profile_pic.read_lead_page(integer) IS %L', made_for);
END
$migration$;

-- The same as read_lead_page, as called by the receiver of the release before this one.
CREATE OR REPLACE FUNCTION profile_pic.walk_leads(batch integer) RETURNS boolean
LANGUAGE sql AS $$ SELECT profile_pic.read_lead_page(batch) $$;

-- The message of a new lead, or of a lead whose phone changed.
CREATE OR REPLACE FUNCTION profile_pic.new_lead_message(lead text, phone text, instance text) RETURNS jsonb
LANGUAGE sql STABLE
RETURN jsonb_build_object('lead_id', lead, 'phone', phone, 'profile_pic_url', NULL, 'instance_id', instance,
  'timestamp', statement_timestamp(), 'retry_count', 0, 'sync_type', 'new_lead');

-- The leads whose phone may have one of these endings, a limited number for each ending, without leads of
-- instances that the caller may not use. The caller compares whole numbers.
--
-- Leads of others are left out before the limit, or they would hide the caller's own: many leads may share an
-- ending. Of each ending at most fifty times the limit is looked at.
CREATE OR REPLACE FUNCTION profile_pic.match_leads(suffixes text[], most integer, callers text[] DEFAULT NULL)
RETURNS TABLE (lead_id text, phone text, instance_id text)
LANGUAGE sql STABLE AS $$
  SELECT f.lead_id, f.phone, f.instance_id
  FROM profile_pic.find_leads(ARRAY(
    SELECT candidate.lead_id
    FROM unnest(suffixes) AS wanted (suffix)
    CROSS JOIN LATERAL (
      SELECT near.lead_id
      FROM (
        SELECT lp.lead_id FROM profile_pic.lead_phones AS lp
        WHERE lp.suffix = wanted.suffix
        ORDER BY lp.lead_id LIMIT CASE WHEN callers IS NULL THEN most ELSE most * 50 END
      ) AS near
      WHERE callers IS NULL
        OR EXISTS (
          SELECT FROM profile_pic.find_leads(ARRAY[near.lead_id]) AS l
          WHERE NOT profile_pic.is_foreign(callers, profile_pic.lead_owner(l.lead_id, l.instance_id)))
      ORDER BY near.lead_id LIMIT most
    ) AS candidate)) AS f
  WHERE callers IS NULL
    OR NOT profile_pic.is_foreign(callers, profile_pic.lead_owner(f.lead_id, f.instance_id))
$$;

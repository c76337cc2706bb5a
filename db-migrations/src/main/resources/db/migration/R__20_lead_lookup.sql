-- How leads are found by phone, and how new ones announce themselves. Generated from profile-pic.leads.*, as R__01 is.
--
--   profile_pic.match_leads(suffixes, most) candidates for phones, as the CRM has them now
--   profile_pic.walk_leads(batch)           takes the next leads into lead_phones; false when the walk is through
--   profile_pic.leads_without_photo(...)    the next leads of an instance that have no photo, by keyset
--   profile_pic.count_without_photo(...)    how many there are
--   triggers profile_pic_lead_inserted, profile_pic_lead_changed, profile_pic_lead_deleted on the CRM's table
--
-- The triggers belong to the CRM's own transactions. They never make those fail (whatever goes wrong becomes a warning) and never
-- make them wait: they touch the queue and lead_phones only, where nothing is held locked for long, and give up after 10 ms. A new
-- lead's row in lead_phones is nobody else's yet. A changed lead's may be held by the walk or an erasure: then its message is sent
-- all the same, and the walk corrects lead_phones. A queue that is locked as a whole is not tried again in the same transaction.
-- New leads are taken in one pass without arrays, so that an INSERT of a million needs no memory for them.
-- They do not notify, because NOTIFY queues up committing transactions one behind the other; the worker's poll finds the message.
-- Locks of this migration: SHARE ROW EXCLUSIVE on the CRM's table for an instant, when triggers are made.
DO $migration$
DECLARE
  leads        regclass := to_regclass('${leads_table}');
  id_column    text := '${leads_id_column}';
  phone_column text := '${leads_phone_column}';
  inst_column  text := '${leads_instance_column}';
  url_column   text := '${leads_url_column}';
  name_column  text := '${leads_name_column}';
  inst_expr    text := 'NULL::text';
  name_expr    text := 'NULL::text';
  of_instance  text := 'true';
  message_ids  text := pg_get_serial_sequence('pgmq.q_profile_pic_queue', 'msg_id');
BEGIN
  IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = leads AND attname = inst_column AND attnum > 0 AND NOT attisdropped) THEN
    inst_expr := format('l.%I::text', inst_column);
    of_instance := format('(%1$s = instance OR (with_default AND coalesce(%1$s, '''') IN ('''', ''unknown'')))', inst_expr);
  END IF;
  IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = leads AND attname = name_column AND attnum > 0 AND NOT attisdropped) THEN
    name_expr := format('l.%I::text', name_column);
  END IF;

  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.walk_leads(batch integer) RETURNS boolean
    LANGUAGE plpgsql AS $body$
    DECLARE
      walk profile_pic.lead_phones_walk;
      last text;
    BEGIN
      SELECT * INTO walk FROM profile_pic.lead_phones_walk WHERE finished_at IS NULL FOR UPDATE SKIP LOCKED;
      IF NOT FOUND THEN
        RETURN false;
      END IF;
      -- One snapshot for all three: whoever changes a phone changes lead_phones in the same transaction, so a difference seen here is
      -- one that nobody told us of. Rows that are held right now are left for the next walk.
      WITH step AS (
        SELECT l.%1$I AS id, l.%2$I::text AS phone FROM %3$s AS l
        WHERE walk.after_id IS NULL OR l.%1$I > profile_pic.lead_key(walk.after_id) ORDER BY l.%1$I LIMIT batch
      ), known AS (
        INSERT INTO profile_pic.lead_phones AS lp (lead_id, suffix)
        SELECT s.id::text, profile_pic.phone_suffix(s.phone) FROM step AS s ORDER BY s.id ON CONFLICT (lead_id) DO NOTHING
      ), wrong AS (
        SELECT lp.lead_id, profile_pic.phone_suffix(s.phone) AS suffix
        FROM step AS s JOIN profile_pic.lead_phones AS lp ON lp.lead_id = s.id::text
        WHERE lp.suffix IS DISTINCT FROM profile_pic.phone_suffix(s.phone)
        ORDER BY lp.lead_id FOR UPDATE OF lp SKIP LOCKED
      ), corrected AS (
        UPDATE profile_pic.lead_phones AS lp SET suffix = w.suffix FROM wrong AS w WHERE lp.lead_id = w.lead_id
      )
      SELECT s.id::text INTO last FROM step AS s ORDER BY s.id DESC LIMIT 1;
      UPDATE profile_pic.lead_phones_walk
      SET after_id = coalesce(last, after_id), finished_at = CASE WHEN last IS NULL THEN statement_timestamp() END;
      RETURN last IS NOT NULL;
    END
    $body$
  $f$, id_column, phone_column, leads);

  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.leads_without_photo(instance text, with_default boolean, after text, most integer)
    RETURNS TABLE (lead_id text, phone text)
    LANGUAGE plpgsql STABLE AS $body$
    #variable_conflict use_variable
    BEGIN
      IF after IS NULL THEN
        RETURN QUERY SELECT l.%1$I::text, l.%2$I::text FROM %3$s AS l
          WHERE %4$s AND coalesce(l.%5$I, '') = '' AND l.%2$I IS NOT NULL ORDER BY l.%1$I LIMIT most;
      ELSE
        RETURN QUERY SELECT l.%1$I::text, l.%2$I::text FROM %3$s AS l
          WHERE l.%1$I > profile_pic.lead_key(after) AND %4$s AND coalesce(l.%5$I, '') = '' AND l.%2$I IS NOT NULL
          ORDER BY l.%1$I LIMIT most;
      END IF;
    END
    $body$
  $f$, id_column, phone_column, leads, of_instance, url_column);

  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.count_without_photo(instance text, with_default boolean) RETURNS bigint
    LANGUAGE sql STABLE AS $body$
      SELECT count(*) FROM %1$s AS l WHERE %2$s AND coalesce(l.%3$I, '') = '' AND l.%4$I IS NOT NULL
    $body$
  $f$, leads, of_instance, url_column, phone_column);

  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.lead_name(lead text) RETURNS text
    LANGUAGE sql STABLE AS $body$
      SELECT %1$s FROM %2$s AS l WHERE l.%3$I = profile_pic.lead_key(lead)
    $body$
  $f$, name_expr, leads, id_column);

  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.lead_inserted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '10ms' AS $body$
    BEGIN
      WITH fresh AS MATERIALIZED (
        SELECT n.id, n.phone, n.instance, n.suffix, CASE WHEN n.suffix IS NOT NULL THEN nextval(%4$L::regclass) END AS message_id
        FROM (
          SELECT l.%1$I::text AS id, l.%2$I::text AS phone, %3$s AS instance, profile_pic.phone_suffix(l.%2$I::text) AS suffix
          FROM inserted AS l OFFSET 0
        ) AS n
      ), sent AS (
        INSERT INTO pgmq.q_profile_pic_queue (msg_id, vt, message) OVERRIDING SYSTEM VALUE
        SELECT f.message_id, clock_timestamp(), profile_pic.new_lead_message(f.id, f.phone, f.instance)
        FROM fresh AS f WHERE f.message_id IS NOT NULL
      )
      INSERT INTO profile_pic.lead_phones AS lp (lead_id, suffix, message_id)
      SELECT f.id, f.suffix, f.message_id FROM fresh AS f
      ON CONFLICT (lead_id) DO UPDATE SET suffix = excluded.suffix, message_id = excluded.message_id;
      RETURN NULL;
    EXCEPTION WHEN OTHERS THEN
      RAISE WARNING 'profile_pic: new leads were not announced: %%', SQLERRM;
      RETURN NULL;
    END
    $body$
  $f$, id_column, phone_column, inst_expr, message_ids);

  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.lead_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '10ms' AS $body$
    DECLARE
      l      ALIAS FOR NEW;
      known  text := profile_pic.phone_suffix(NEW.%2$I::text);
      sent   bigint;
    BEGIN
      IF current_setting('profile_pic.queue_is_locked', true) = 'true' THEN
        RETURN NULL;
      END IF;
      IF known IS NOT NULL THEN
        sent := pgmq.send('profile_pic_queue', profile_pic.new_lead_message(l.%1$I::text, l.%2$I::text, %3$s));
      END IF;
      BEGIN
        INSERT INTO profile_pic.lead_phones AS lp (lead_id, suffix, message_id) VALUES (l.%1$I::text, known, sent)
        ON CONFLICT (lead_id) DO UPDATE SET suffix = excluded.suffix, message_id = excluded.message_id;
      EXCEPTION WHEN lock_not_available THEN
        RAISE WARNING 'profile_pic: a changed phone is found by the next walk only';
      END;
      RETURN NULL;
    EXCEPTION
      WHEN lock_not_available THEN
        PERFORM set_config('profile_pic.queue_is_locked', 'true', true);
        RAISE WARNING 'profile_pic: changed phones were not announced: the queue is locked';
        RETURN NULL;
      WHEN OTHERS THEN
        RAISE WARNING 'profile_pic: a changed phone was not announced: %%', SQLERRM;
        RETURN NULL;
    END
    $body$
  $f$, id_column, phone_column, inst_expr);

  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.lead_deleted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '10ms' AS $body$
    BEGIN
      DELETE FROM profile_pic.lead_phones WHERE lead_id = (
        SELECT lp.lead_id FROM profile_pic.lead_phones AS lp WHERE lp.lead_id = OLD.%1$I::text FOR UPDATE SKIP LOCKED);
      RETURN NULL;
    EXCEPTION WHEN OTHERS THEN
      RAISE WARNING 'profile_pic: a deleted lead was not forgotten: %%', SQLERRM;
      RETURN NULL;
    END
    $body$
  $f$, id_column);

  EXECUTE format('DROP TRIGGER IF EXISTS profile_pic_lead_inserted ON %s', leads);
  EXECUTE format('DROP TRIGGER IF EXISTS profile_pic_lead_changed ON %s', leads);
  EXECUTE format('DROP TRIGGER IF EXISTS profile_pic_lead_deleted ON %s', leads);
  IF '${leads_trigger}' = 'true' THEN
    EXECUTE format('CREATE TRIGGER profile_pic_lead_inserted AFTER INSERT ON %s REFERENCING NEW TABLE AS inserted
      FOR EACH STATEMENT EXECUTE FUNCTION profile_pic.lead_inserted()', leads);
    EXECUTE format('CREATE TRIGGER profile_pic_lead_changed AFTER UPDATE OF %2$I ON %1$s
      FOR EACH ROW WHEN (OLD.%2$I IS DISTINCT FROM NEW.%2$I) EXECUTE FUNCTION profile_pic.lead_changed()', leads, phone_column);
    EXECUTE format('CREATE TRIGGER profile_pic_lead_deleted AFTER DELETE ON %s
      FOR EACH ROW EXECUTE FUNCTION profile_pic.lead_deleted()', leads);
  END IF;

  -- Whatever happened while there was no trigger, or one for other columns, is found by walking again.
  DELETE FROM profile_pic.lead_phones;
  UPDATE profile_pic.lead_phones_walk SET after_id = NULL, finished_at = NULL;
END
$migration$;

-- The message of a new lead, or of one whose phone changed.
CREATE OR REPLACE FUNCTION profile_pic.new_lead_message(lead text, phone text, instance text) RETURNS jsonb
LANGUAGE sql STABLE
RETURN jsonb_build_object('lead_id', lead, 'phone', phone, 'profile_pic_url', NULL, 'instance_id', instance,
  'timestamp', statement_timestamp(), 'retry_count', 0, 'sync_type', 'new_lead');

-- The leads whose phone may be one that ends so, at most so many for each ending. The caller compares whole numbers.
DROP FUNCTION IF EXISTS profile_pic.match_leads(text, integer);
CREATE OR REPLACE FUNCTION profile_pic.match_leads(suffixes text[], most integer)
RETURNS TABLE (lead_id text, phone text, instance_id text)
LANGUAGE sql STABLE AS $$
  SELECT f.lead_id, f.phone, f.instance_id
  FROM profile_pic.find_leads(ARRAY(
    SELECT candidate.lead_id
    FROM unnest(suffixes) AS wanted (suffix)
    CROSS JOIN LATERAL (
      SELECT lp.lead_id FROM profile_pic.lead_phones AS lp WHERE lp.suffix = wanted.suffix ORDER BY lp.lead_id LIMIT most
    ) AS candidate)) AS f
$$;

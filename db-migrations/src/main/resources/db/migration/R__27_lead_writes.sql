-- The writes to the CRM's own rows. They run apart from the settle, in separate transactions, so that the CRM
-- never waits for our locks, nor the settle for the CRM's locks. lead_writes names the rows to write and
-- carries no value; the row is written as `pictures` is at that moment.

-- profile_pic.write_leads(lead_ids): makes the CRM's rows of these leads agree with their state. The caller
-- sets lock_timeout and statement_timeout for its transaction, halves a group that the CRM refuses, and notes
-- a single refusal with lead_write_failed.
--
-- returns  lead_id and result:
--   written  the row was changed
--   same     nothing had to be changed
--   gone     the CRM has no such lead
--   held     another session holds the row: tried again after 250 ms, 500 ms, ... one minute
--   kept     the row shows a photo that is neither ours nor WhatsApp's, and stays (pictures.lead_note:
--            OWN_PHOTO)
--   stopped  the CRM overwrote our link three times today: tried again tomorrow (pictures.lead_note:
--            REWRITTEN_TOO_OFTEN)
--
-- Only a link that is empty, ours or WhatsApp's is overwritten. The phone in the row decides: when it belongs
-- to another person than the photo, the photo is removed from the row and from our data, and the lead is due
-- for a look at once.
--
-- Code of the CRM may have set something for the session and covered it with SET LOCAL, which nobody can see
-- before the commit. So the session's own values of some settings go back to what the session began with, and
-- where something else is visible, it is set again. search_path, row_security and the caller's two timeouts
-- only go back. A caller's SET LOCAL synchronous_commit is kept for the commit: then PostgreSQL takes the
-- session's value, though unchanged, for one that the session has set.
-- Locks: the CRM's rows (FOR NO KEY UPDATE SKIP LOCKED, in order of id), then pictures and lead_writes.
-- Indexes: primary keys.
CREATE OR REPLACE FUNCTION profile_pic.write_leads(lead_ids text[]) RETURNS TABLE (lead_id text, result text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  due         profile_pic.lead_row[];
  rows        profile_pic.lead_row[];
  ids         text[];
  phones      text[];
  places      tid[];
  any_written boolean;
  any_left    boolean;
  setting     text;
  value       text;
  done        text;
BEGIN
  -- 1. The rows, held. A settle that commits after this is either seen below, or raises the version
  --    and is written by the next call.
  due := ARRAY(
    SELECT ROW(
      w.lead_id, w.version, h.lead_id IS NOT NULL, h.phone, nullif(h.url, ''), nullif(h.storage_path, ''),
      NULL, NULL, NULL)::profile_pic.lead_row
    FROM unnest(lead_ids) AS asked (id)
    CROSS JOIN LATERAL (SELECT w.* FROM profile_pic.lead_writes AS w WHERE w.lead_id = asked.id LIMIT 1) AS w
    LEFT JOIN profile_pic.lock_leads(lead_ids) AS h ON h.lead_id = w.lead_id
    ORDER BY w.lead_id);

  -- 2. The value that each row should have, and whether we may write it. A photo of another person than the
  --    row's phone leaves our data first. This is rare, so it is detected here and not checked before.
  FOR try IN 1..2 LOOP
    rows := ARRAY(
      SELECT ROW(j.lead_id, j.version, j.held, j.phone, j.url, j.path, j.wanted_url, j.wanted_path,
        CASE
          WHEN NOT j.held THEN CASE WHEN j.in_crm THEN 'held' ELSE 'gone' END
          WHEN j.stranger THEN 'stranger'
          WHEN j.known IS NULL OR (j.wanted_path IS NOT NULL AND j.wanted_url IS NULL) THEN 'same'
          WHEN j.url IS NOT DISTINCT FROM j.wanted_url AND j.path IS NOT DISTINCT FROM j.wanted_path
            THEN 'same'
          WHEN coalesce(j.url, '') = '' AND j.wanted_url IS NULL
            THEN CASE WHEN j.path IS NULL THEN 'same' ELSE 'written' END
          WHEN NOT (coalesce(j.url, '') = '' OR profile_pic.is_our_link(j.url, j.lead_id, j.written_url)
                    OR profile_pic.is_whatsapp_link(j.url))
            THEN 'kept'
          WHEN j.wanted_url = j.written_url AND j.url IS DISTINCT FROM j.wanted_url AND j.rewrites >= 3
            AND j.rewrites_on = current_date
            THEN 'stopped'
          ELSE 'written' END)::profile_pic.lead_row
      FROM (
        SELECT d.*, p.lead_id AS known, p.written_url, p.rewrites, p.rewrites_on,
               CASE WHEN p.state <> 'ERASED' AND p.storage_key IS NOT NULL THEN p.lead_url END AS wanted_url,
               CASE WHEN p.state <> 'ERASED' THEN p.storage_key END AS wanted_path,
               d.held OR EXISTS (SELECT FROM profile_pic.find_leads(ARRAY[d.lead_id]) AS f) AS in_crm,
               try = 1 AND profile_pic.is_stranger(p.state, p.phone, d.phone) AS stranger
        FROM (SELECT r.lead_id, r.version, r.held, r.phone, r.url, r.path FROM unnest(due) AS r) AS d
        LEFT JOIN LATERAL (
          SELECT p.* FROM profile_pic.pictures AS p WHERE p.lead_id = d.lead_id LIMIT 1) AS p ON true
      ) AS j
      ORDER BY j.lead_id);
    SELECT array_agg(r.lead_id) FILTER (WHERE r.result = 'stranger'),
           array_agg(r.phone) FILTER (WHERE r.result = 'stranger'),
           bool_or(r.result = 'written'), bool_or(r.result IN ('held', 'stopped'))
    INTO ids, phones, any_written, any_left
    FROM unnest(rows) AS r;
    EXIT WHEN ids IS NULL;
    PERFORM profile_pic.forget_person(profile_pic.strangers(ids, phones));
  END LOOP;

  -- 3. Written, and recorded.
  IF any_written THEN
    PERFORM profile_pic.update_leads(
      array_agg(r.lead_id ORDER BY r.lead_id), array_agg(r.wanted_url ORDER BY r.lead_id),
      array_agg(r.wanted_path ORDER BY r.lead_id))
    FROM unnest(rows) AS r WHERE r.result = 'written';
  END IF;

  places := ARRAY(
    SELECT (SELECT p.ctid FROM profile_pic.pictures AS p WHERE p.lead_id = r.lead_id FOR UPDATE)
    FROM unnest(rows) AS r);
  UPDATE profile_pic.pictures AS p
  SET lead_note = CASE r.result WHEN 'kept' THEN 'OWN_PHOTO' WHEN 'stopped' THEN 'REWRITTEN_TOO_OFTEN' END,
      -- An erased lead's link is kept only until it has left the row: anyone who has the link might see that
      -- there was a photo.
      written_url = CASE WHEN r.result = 'written' THEN r.wanted_url
                         WHEN p.state = 'ERASED' THEN NULL
                         ELSE p.written_url END,
      rewrites = CASE WHEN r.result <> 'written' OR r.wanted_url IS DISTINCT FROM p.written_url
                        OR r.wanted_url IS NULL THEN p.rewrites
                      WHEN p.rewrites_on = current_date THEN p.rewrites + 1
                      ELSE 1 END,
      rewrites_on = CASE WHEN r.result = 'written' AND r.wanted_url = p.written_url THEN current_date
                         ELSE p.rewrites_on END
  FROM (
    SELECT b.row_at, (b.row).result, (b.row).wanted_url
    FROM (SELECT unnest(places) AS row_at, unnest(rows) AS row) AS b) AS r
  WHERE p.ctid = r.row_at
    AND (r.result IN ('written', 'stopped', 'kept') OR (r.result = 'same' AND p.lead_note IS NOT NULL)
      OR (r.result IN ('same', 'gone') AND p.state = 'ERASED' AND p.written_url IS NOT NULL));

  places := ARRAY(
    SELECT (
      SELECT w.ctid FROM profile_pic.lead_writes AS w
      WHERE w.lead_id = r.lead_id AND w.version = r.version FOR UPDATE)
    FROM unnest(rows) AS r WHERE r.result IN ('written', 'same', 'kept', 'gone'));
  DELETE FROM profile_pic.lead_writes AS w WHERE w.ctid = ANY (places);
  IF any_left THEN
    UPDATE profile_pic.lead_writes AS w
    SET attempts = w.attempts + 1,
        next_at = statement_timestamp()
          + least(interval '250 ms' * 2 ^ least(w.attempts, 10), interval '1 minute'), error = NULL
    WHERE w.lead_id = ANY (ARRAY(SELECT r.lead_id FROM unnest(rows) AS r WHERE r.result = 'held'));
    UPDATE profile_pic.lead_writes AS w
    SET attempts = w.attempts + 1, next_at = date_trunc('day', statement_timestamp()) + interval '1 day',
        error = 'the CRM overwrote the link three times today'
    WHERE w.lead_id = ANY (ARRAY(SELECT r.lead_id FROM unnest(rows) AS r WHERE r.result = 'stopped'));
  END IF;

  RETURN QUERY SELECT r.lead_id, r.result FROM unnest(rows) AS r ORDER BY r.lead_id;

  -- 4. The settings of the session. The path is the last: no name is looked up after it.
  FOREACH setting IN ARRAY profile_pic.watched_settings() LOOP
    value := current_setting(setting, true);
    IF value IS NOT NULL THEN
      -- An assignment costs a third of PERFORM, which is a statement. What is visible is the session's own but
      -- for the caller's three: update_leads has compared it.
      done := set_config(setting, NULL, false);
      IF current_setting(setting) <> value AND setting NOT IN ('lock_timeout', 'statement_timeout') THEN
        done := set_config(setting, value, setting = 'synchronous_commit');
      END IF;
    END IF;
  END LOOP;
  done := set_config('row_security', NULL, false);
  done := set_config('search_path', NULL, false);
END
$$;

-- Whether we made this link for this lead.
CREATE OR REPLACE FUNCTION profile_pic.is_our_link(url text, lead_id text, written_url text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN coalesce(url = written_url, false) OR position('/avatars/' || lead_id || '?' IN url) > 0;
END
$$;

-- Whether a link is WhatsApp's own: such links end within days.
CREATE OR REPLACE FUNCTION profile_pic.is_whatsapp_link(url text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN coalesce(url ~* '^https?://([a-z0-9-]+[.])*whatsapp[.]net([:/?]|$)', false);
END
$$;

-- Forgets the data of the earlier person of these leads, whose phone is now another person's. The leads are
-- due for a look at once.
CREATE OR REPLACE FUNCTION profile_pic.forget_person(lead_ids text[]) RETURNS void
LANGUAGE sql AS $$
  SELECT profile_pic.announce_removed(lead_ids, 'PHONE_CHANGED');
  UPDATE profile_pic.pictures AS p
  SET state = 'PENDING', reason = 'PHONE_CHANGED', phone = '', jid = NULL, source_url = NULL,
      source_id = NULL, sha256 = NULL, content_type = NULL, width = NULL, height = NULL, bytes = NULL,
      storage_key = NULL, lead_url = NULL, fetched_at = NULL, attempts = 0, last_error = NULL,
      next_check_at = statement_timestamp(), checked_at = statement_timestamp(), requested_at = '-infinity',
      message_id = 0
  WHERE p.lead_id = ANY (lead_ids)
$$;

-- profile_pic.lead_write_failed(lead_id, error): records that the CRM refused this lead's row. error is the
-- SQLSTATE and its text, in which long numbers are masked. Tried again after 1 s, 2 s, ... one hour. The CRM
-- refuses only its row: a photo of another person than the row's phone leaves our data all the same, so its
-- link no longer shows a photo.
CREATE OR REPLACE FUNCTION profile_pic.lead_write_failed(lead_id text, error text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE profile_pic.lead_writes AS w
  SET attempts = w.attempts + 1,
      error = left(regexp_replace(lead_write_failed.error, '[0-9]{6,}', '…', 'g'), 300),
      next_at = statement_timestamp() + least(interval '1 s' * 2 ^ least(w.attempts, 12), interval '1 hour')
  WHERE w.lead_id = lead_write_failed.lead_id;
  PERFORM profile_pic.forget_person((
    SELECT profile_pic.strangers(array_agg(f.lead_id), array_agg(f.phone))
    FROM profile_pic.find_leads(ARRAY[lead_write_failed.lead_id]) AS f));
END
$$;

CREATE OR REPLACE FUNCTION profile_pic.is_stranger(state text, known_phone text, row_phone text)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN row_phone <> known_phone AND state <> 'ERASED' AND known_phone <> ''
    AND profile_pic.phone_suffix(row_phone) IS NOT NULL
    AND NOT profile_pic.same_phone(row_phone, known_phone);
END
$$;

-- The leads among these whose photo belongs to another person than the phone in their row. Their rows of
-- pictures are locked in order of lead_id: a settle that learns the new phone at the same moment comes before
-- or after, so a photo leaves once.
CREATE OR REPLACE FUNCTION profile_pic.strangers(lead_ids text[], phones text[]) RETURNS text[]
LANGUAGE sql VOLATILE AS $$
  SELECT ARRAY(
    SELECT l.id
    FROM (
      SELECT l.id, l.phone FROM unnest(lead_ids, phones) AS l (id, phone)
      CROSS JOIN LATERAL (
        SELECT p.phone, p.state FROM profile_pic.pictures AS p WHERE p.lead_id = l.id LIMIT 1) AS p
      WHERE profile_pic.is_stranger(p.state, p.phone, l.phone)
      ORDER BY l.id
    ) AS l
    CROSS JOIN LATERAL (
      SELECT p.phone, p.state FROM profile_pic.pictures AS p WHERE p.lead_id = l.id FOR UPDATE) AS p
    WHERE profile_pic.is_stranger(p.state, p.phone, l.phone))
$$;

-- profile_pic.due_lead_writes(most): takes up the changes by the CRM's transactions since the last call, then
-- returns the leads whose row should be written now, the longest due first.
CREATE OR REPLACE FUNCTION profile_pic.due_lead_writes(most integer) RETURNS SETOF text
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('lock_timeout', '2s', true);
  PERFORM profile_pic.take_lead_changes(1000);
  RETURN QUERY
  SELECT w.lead_id FROM profile_pic.lead_writes AS w
  WHERE w.next_at <= statement_timestamp()
  ORDER BY w.next_at LIMIT most;
END
$$;

-- Takes up the changes that the triggers noted in lead_changes. A deleted lead that does not exist again is
-- forgotten; if the lead is being settled right now, it is forgotten at the next call. Every other row is to
-- be written anew: its phone may be another person's, or the row was made again under the same id.
-- Locks: lead_changes (SKIP LOCKED), lead_writes in order of lead_id, then the locks of forget_leads.
-- Indexes: primary keys.
CREATE OR REPLACE FUNCTION profile_pic.take_lead_changes(most integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  changed text[];
  gone    text[];
BEGIN
  WITH taken AS (
    DELETE FROM profile_pic.lead_changes AS c
    WHERE c.id = ANY (ARRAY(
      SELECT o.id FROM profile_pic.lead_changes AS o ORDER BY o.id LIMIT most FOR UPDATE SKIP LOCKED))
    RETURNING c.lead_id, c.deleted
  )
  SELECT array_agg(DISTINCT t.lead_id), array_agg(DISTINCT t.lead_id) FILTER (WHERE t.deleted)
  INTO changed, gone
  FROM taken AS t;
  IF changed IS NULL THEN
    RETURN;
  END IF;
  gone := ARRAY(
    SELECT id FROM unnest(gone) AS id WHERE NOT EXISTS (SELECT FROM profile_pic.find_leads(ARRAY[id]) AS f));

  INSERT INTO profile_pic.lead_writes AS w (lead_id)
  SELECT id FROM unnest(changed) AS id
  WHERE EXISTS (SELECT FROM profile_pic.pictures AS p WHERE p.lead_id = id OFFSET 0)
    AND NOT EXISTS (SELECT FROM unnest(gone) AS g WHERE g = id)
  ORDER BY id
  ON CONFLICT (lead_id) DO UPDATE
    SET next_at = least(w.next_at, statement_timestamp()), version = w.version + 1;

  IF cardinality(gone) > 0 THEN
    INSERT INTO profile_pic.lead_changes (lead_id, deleted)
    SELECT id, true
    FROM (SELECT unnest(gone) EXCEPT SELECT unnest(profile_pic.forget_leads(gone))) AS held (id);
  END IF;
END
$$;

-- profile_pic.reconcile_leads(after, most): one step of a paced walk over the CRM's leads. It finds rows that
-- contradict their state, and new leads that no trigger announced. Such rows are noted for the writer. Such
-- new leads are requested, once, if the first walk (R__20) has ended and did not list them: older leads
-- without a photo wait for a bulk sync. A later walk that lists a new lead before we come along marks it
-- (lead_phones.message_id is 0), as it does when a phone becomes usable.
--
-- returns  queued: how many of both; next_after: where to go on, null when the walk has ended
CREATE OR REPLACE FUNCTION profile_pic.reconcile_leads(
  after text, most integer, OUT queued integer, OUT next_after text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  ids        text[];
  phones     text[];
  instances  text[];
  urls       text[];
  first_walk boolean := EXISTS (
    SELECT FROM profile_pic.lead_phones_walk AS w
    WHERE w.finished_at IS NULL AND w.first_finished_at IS NULL);
  missed     text[];
  missed_phones text[];
  missed_instances text[];
  marked     tid[];
BEGIN
  SELECT array_agg(l.lead_id ORDER BY l.place), array_agg(l.phone ORDER BY l.place),
         array_agg(l.instance_id ORDER BY l.place), array_agg(l.url ORDER BY l.place)
  INTO ids, phones, instances, urls
  FROM profile_pic.leads_after(after, most) WITH ORDINALITY AS l (lead_id, phone, instance_id, url, place);
  queued := 0;
  next_after := CASE WHEN cardinality(ids) = most THEN ids[most] END;
  IF ids IS NULL THEN
    RETURN;
  END IF;

  INSERT INTO profile_pic.lead_writes (lead_id)
  SELECT l.id
  FROM unnest(ids, phones, urls) AS l (id, phone, url)
  CROSS JOIN LATERAL (SELECT p.* FROM profile_pic.pictures AS p WHERE p.lead_id = l.id LIMIT 1) AS p
  WHERE (p.lead_url IS NOT NULL AND l.url IS DISTINCT FROM p.lead_url
         AND NOT (p.lead_note IS NOT NULL AND coalesce(l.url, '') <> ''))
     OR (p.storage_key IS NULL AND p.state IN ('PENDING', 'NOT_SET', 'ERASED')
         AND profile_pic.is_our_link(l.url, l.id, p.written_url))
     OR (p.state <> 'ERASED' AND p.phone <> '' AND profile_pic.phone_suffix(l.phone) IS NOT NULL
         AND NOT profile_pic.same_phone(l.phone, p.phone))
  ORDER BY l.id
  ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS queued = ROW_COUNT;

  IF first_walk THEN
    RETURN;
  END IF;
  SELECT array_agg(l.id), array_agg(l.phone), array_agg(l.instance)
  INTO missed, missed_phones, missed_instances
  FROM unnest(ids, phones, instances) AS l (id, phone, instance)
  WHERE profile_pic.phone_suffix(l.phone) IS NOT NULL
    AND NOT EXISTS (
      SELECT FROM profile_pic.lead_phones AS lp
      WHERE lp.lead_id = l.id AND lp.message_id IS DISTINCT FROM 0 OFFSET 0)
    AND NOT EXISTS (SELECT FROM profile_pic.pictures AS p WHERE p.lead_id = l.id OFFSET 0);
  IF missed IS NULL THEN
    RETURN;
  END IF;
  INSERT INTO profile_pic.lead_phones (lead_id, suffix)
  SELECT l.id, profile_pic.phone_suffix(l.phone)
  FROM unnest(missed, missed_phones) AS l (id, phone)
  WHERE NOT EXISTS (SELECT FROM profile_pic.lead_phones AS lp WHERE lp.lead_id = l.id OFFSET 0)
  ORDER BY l.id
  ON CONFLICT DO NOTHING;
  -- A row that a transaction of the CRM holds keeps its mark.
  marked := ARRAY(
    SELECT (
      SELECT lp.ctid FROM profile_pic.lead_phones AS lp
      WHERE lp.lead_id = l.id AND lp.message_id = 0 FOR UPDATE SKIP LOCKED)
    FROM unnest(missed) AS l (id) ORDER BY l.id);
  UPDATE profile_pic.lead_phones AS lp SET message_id = NULL WHERE lp.ctid = ANY (marked);
  queued := queued + (
    SELECT count(*)
    FROM profile_pic.enqueue(
      missed, missed_phones, array_fill(NULL::text, ARRAY[cardinality(missed)]), missed_instances,
      array_fill(statement_timestamp(), ARRAY[cardinality(missed)]),
      array_fill('new_lead'::text, ARRAY[cardinality(missed)]),
      array_fill(false, ARRAY[cardinality(missed)]), array_fill(false, ARRAY[cardinality(missed)]),
      array_fill(NULL::text, ARRAY[cardinality(missed)]), NULL) AS e
    WHERE e.status = 'queued')::integer;
END
$$;

-- The next leads of the CRM by keyset, generated from profile-pic.leads.* as R__01 is. When a row cannot be
-- read, the rows are read one by one, and that row comes with its id alone.
DO $migration$
DECLARE
  leads     regclass := to_regclass('${leads_table}');
  row_texts text;
BEGIN
  -- This writes the table's name with its schema, because the functions search pg_catalog only.
  PERFORM set_config('search_path', 'pg_catalog', true);
  SELECT string_agg(profile_pic.text_of_column(leads, c.name), ', ' ORDER BY c.place) INTO row_texts
  FROM unnest(ARRAY[
    '${leads_id_column}', '${leads_phone_column}', '${leads_instance_column}', '${leads_url_column}'])
    WITH ORDINALITY AS c (name, place);
  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.lead_ids_after(after text, most integer) RETURNS text[]
    LANGUAGE plpgsql STABLE AS $body$
    #variable_conflict use_variable
    DECLARE
      ids text[];
    BEGIN
      IF after IS NULL THEN
        ids := ARRAY(
          SELECT %1$s FROM %3$s AS l WHERE profile_pic.names_lead(%1$s) ORDER BY l.%2$I LIMIT most);
      ELSE
        ids := ARRAY(
          SELECT %1$s FROM %3$s AS l
          WHERE l.%2$I > profile_pic.lead_key(after) AND profile_pic.names_lead(%1$s)
          ORDER BY l.%2$I LIMIT most);
      END IF;
      RAISE SQLSTATE 'PP000';
    EXCEPTION WHEN SQLSTATE 'PP000' THEN
      RETURN ids;
    END
    $body$
  $f$, profile_pic.text_of_column(leads, '${leads_id_column}'), '${leads_id_column}', leads);

  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION profile_pic.leads_after(after text, most integer)
    RETURNS TABLE (lead_id text, phone text, instance_id text, url text)
    LANGUAGE plpgsql STABLE AS $body$
    #variable_conflict use_variable
    DECLARE
      ids       text[];
      phones    text[];
      instances text[];
      urls      text[];
    BEGIN
      -- All or nothing: rows that were returned before an error would be returned twice.
      IF after IS NULL THEN
        SELECT array_agg(o.id), array_agg(o.phone), array_agg(o.instance), array_agg(o.url)
        INTO ids, phones, instances, urls
        FROM (SELECT %1$s FROM %3$s AS l WHERE profile_pic.names_lead(%5$s) ORDER BY l.%2$I LIMIT most)
          AS o (id, phone, instance, url);
      ELSE
        SELECT array_agg(o.id), array_agg(o.phone), array_agg(o.instance), array_agg(o.url)
        INTO ids, phones, instances, urls
        FROM (
          SELECT %1$s FROM %3$s AS l
          WHERE l.%2$I > profile_pic.lead_key(after) AND profile_pic.names_lead(%5$s)
          ORDER BY l.%2$I LIMIT most)
          AS o (id, phone, instance, url);
      END IF;
      RAISE SQLSTATE 'PP000';
    EXCEPTION WHEN SQLSTATE 'PP000' THEN
      RETURN QUERY SELECT u.* FROM unnest(ids, phones, instances, urls) AS u;
    WHEN %4$s THEN
      RETURN QUERY
        SELECT f.lead_id, f.phone, f.instance_id, f.url
        FROM unnest(profile_pic.lead_ids_after(after, most)) WITH ORDINALITY AS a (id, place)
        CROSS JOIN LATERAL profile_pic.find_leads(ARRAY[a.id]) AS f ORDER BY a.place;
    END
    $body$
  $f$, row_texts, '${leads_id_column}', leads, profile_pic.errors_of_a_row(),
    profile_pic.text_of_column(leads, '${leads_id_column}'));
END
$migration$;

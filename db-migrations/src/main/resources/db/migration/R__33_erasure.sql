-- Forgetting people, and lifting erasures.
--
--   person_of(lead, callers)                     the identifiers by which we know a lead's person
--   bury(phone_digests, callers)                 from its commit on, nothing is fetched for these phones
--   erase(lead, callers, phones, lids, sealed)   forgets the person
--   allow_person(lead, callers, phone_digests, actor)   undoes bury and erase
--   erase_phone(number, actor, sealed)           the same as erase for a phone alone, for bin/erase
--   any_tombstones, which_are_buried             called by the worker before it fetches
--   take_bridge_erasures, bridge_erasure_done, bridge_erasure_failed   the outbox to the bridge
--
-- callers, here and below: the instances that the caller is bound to; null when it is bound to none. A caller
-- forgets a person in its own instances only.
-- phone_digests are keyed hashes of phones; only the services have the key, so the services pass the hashes.
-- Erasing is rare and started by hand: it searches whole tables for phones and reads each row once. Most rows
-- are skipped by their last digits, before is_among is called: the call would take most of the time.

-- The last four digits of these numbers. A phone that is_among them ends with one of these, or is not all
-- digits.
CREATE OR REPLACE FUNCTION profile_pic.last_digits(numbers text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_agg(DISTINCT right(profile_pic.phone_digits(n), 4)) FROM unnest(numbers) AS n
$$;

-- No row when there is no such lead, in the CRM or with us, or when the lead belongs to an instance outside
-- of the caller's reach. Phones as the CRM writes them and as we have them; LIDs are digits.
CREATE OR REPLACE FUNCTION profile_pic.person_of(lead text, callers text[])
RETURNS TABLE (lead_id text, phones text[], lids text[])
LANGUAGE sql STABLE AS $$
  WITH written AS (
    SELECT l.lead_id, p.jid, ARRAY(
      SELECT DISTINCT w.phone
      FROM (VALUES (l.phone), (p.phone), (r.phone), (r.again_phone),
                   (split_part(p.jid, '@s.whatsapp.net', 1))) AS w (phone)
      WHERE profile_pic.phone_suffix(w.phone) IS NOT NULL AND w.phone NOT LIKE '%@%') AS phones
    FROM profile_pic.reachable_lead(lead, callers) AS l
    LEFT JOIN profile_pic.pictures AS p ON p.lead_id = l.lead_id
    LEFT JOIN profile_pic.requests AS r ON r.lead_id = l.lead_id
  )
  SELECT w.lead_id, w.phones, ARRAY(
    SELECT a.lid
    FROM (
      SELECT split_part(w.jid, '@', 1) WHERE w.jid LIKE '%@lid'
      UNION
      SELECT l.lid FROM profile_pic.lids AS l
      WHERE (right(l.phone, 4) = ANY ((SELECT profile_pic.last_digits(w.phones))::text[])
          OR l.phone ~ '[^0-9]')
        AND profile_pic.is_among(l.phone, w.phones) AND profile_pic.reaches(callers, l.instance_id)
    ) AS a (lid)
    WHERE profile_pic.is_lid(a.lid))
  FROM written AS w
$$;

-- A list of leads as the keys of an object, in which a lead is found without reading the others: thousands of
-- leads may have one phone, and are looked for in every message and every answer.
CREATE OR REPLACE FUNCTION profile_pic.as_keys(lead_ids text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(jsonb_object_agg(id, NULL), '{}') FROM unnest(lead_ids) AS id WHERE id IS NOT NULL
$$;

-- Whether a message, in any shape, is about one of these leads (as_keys), or contains one of these phones or
-- LIDs, itself or in its headers, and is not another caller's.
DROP FUNCTION IF EXISTS profile_pic.is_about(jsonb, jsonb, text[], text[], text[], text[]);
CREATE OR REPLACE FUNCTION profile_pic.is_about(
  message jsonb, headers jsonb, leads jsonb, numbers text[], lids text[], callers text[])
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN pg_column_size(message) + coalesce(pg_column_size(headers), 0) <= 16777216 AND (
  coalesce(leads ? (message ->> 'lead_id'), false)
  OR profile_pic.reaches(callers, profile_pic.instance_or_null(message ->> 'instance_id'))
    AND profile_pic.mentions(concat(message, headers), numbers, lids));

-- Whether an answer that is stored for repeated calls is about one of these leads (as_keys); or its key or
-- its text contains one of these phones or LIDs, and it was given within the caller's reach.
DROP FUNCTION IF EXISTS profile_pic.answer_is_about(
  profile_pic.idempotency_keys, text[], text[], text[], text[]);
CREATE OR REPLACE FUNCTION profile_pic.answer_is_about(
  answer profile_pic.idempotency_keys, leads jsonb, numbers text[], lids text[], callers text[])
RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
  -- Some bytes may not be text; digits and quotes stay as they are.
  written text := coalesce(encode(answer.body, 'escape'), '');
BEGIN
  RETURN profile_pic.names_a_lead(written, leads)
    OR profile_pic.mentions(answer.key || E'\n' || written, numbers, lids)
       AND (callers IS NULL OR EXISTS (
         SELECT FROM profile_pic.api_keys AS k WHERE k.name = answer.caller AND k.instances <@ callers));
END
$$;

-- Whether a written answer names one of these leads (as_keys). The ids are taken out of the text and looked
-- for among the leads, and not each lead in the text.
CREATE OR REPLACE FUNCTION profile_pic.names_a_lead(written text, leads jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  parts text[] := string_to_array(written, '"lead_id":"');
BEGIN
  -- The first part stands before the first id.
  FOR n IN 2 .. coalesce(cardinality(parts), 0) LOOP
    IF leads ? split_part(parts[n], '"', 1) THEN
      RETURN true;
    END IF;
  END LOOP;
  RETURN false;
END
$$;

-- The leads of a person, within the caller's instances: leads whose phone in the CRM is one of these
-- (theirs), and leads for which an event named such a phone. The latter are theirs too, when the CRM has no
-- phone for them.
CREATE OR REPLACE FUNCTION profile_pic.leads_of_person(numbers text[], callers text[])
RETURNS TABLE (lead_id text, theirs boolean)
LANGUAGE sql STABLE AS $$
  WITH ends AS MATERIALIZED (
    SELECT profile_pic.last_digits(numbers) AS digits
  ), by_crm AS (
    SELECT m.lead_id
    FROM profile_pic.match_leads(
      ARRAY(SELECT DISTINCT profile_pic.phone_suffix(n.number) FROM unnest(numbers) AS n (number)),
      10000) AS m
    WHERE profile_pic.is_among(m.phone, numbers)
  ), by_event AS (
    SELECT p.lead_id FROM profile_pic.pictures AS p
    WHERE p.phone <> ''
      AND (right(p.phone, 4) = ANY ((SELECT e.digits FROM ends AS e)::text[]) OR p.phone ~ '[^0-9]')
      AND profile_pic.is_among(p.phone, numbers)
    UNION
    SELECT r.lead_id FROM profile_pic.requests AS r
    WHERE (right(r.phone, 4) = ANY ((SELECT e.digits FROM ends AS e)::text[]) OR r.phone ~ '[^0-9]')
        AND profile_pic.is_among(r.phone, numbers)
      OR r.again_phone IS NOT NULL AND profile_pic.is_among(r.again_phone, numbers)
  )
  SELECT a.lead_id,
         l.phone IS NULL OR profile_pic.phone_suffix(l.phone) IS NULL
           OR profile_pic.is_among(l.phone, numbers)
  FROM (SELECT c.lead_id FROM by_crm AS c UNION SELECT e.lead_id FROM by_event AS e) AS a
  LEFT JOIN LATERAL (SELECT f.* FROM profile_pic.find_leads(ARRAY[a.lead_id]) AS f LIMIT 1) AS l ON true
  WHERE profile_pic.reaches(callers, profile_pic.lead_owner(a.lead_id, l.instance_id))
$$;

-- Makes a tombstone for each phone and each instance of the caller; one tombstone for all instances when the
-- caller is bound to none. It runs in a separate transaction before erase: messages claimed after its commit
-- are not fetched, and erase sees the messages claimed before.
CREATE OR REPLACE FUNCTION profile_pic.bury(phone_digests text[], callers text[]) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO profile_pic.tombstones (phone_digest, instance_id)
  SELECT d.digest, i.instance_id
  FROM unnest(phone_digests) AS d (digest), unnest(coalesce(callers, ARRAY[''])) AS i (instance_id)
  ORDER BY 1, 2 ON CONFLICT DO NOTHING
$$;

-- Whether fetching is forbidden for a phone, given the lead's owner and the instance that is asked.
-- Index: primary key.
CREATE OR REPLACE FUNCTION profile_pic.is_buried(digest text, owner text, asked_through text) RETURNS boolean
LANGUAGE sql STABLE
RETURN digest IS NOT NULL AND EXISTS (
  SELECT FROM profile_pic.tombstones AS t
  WHERE t.phone_digest = digest AND t.instance_id IN ('', owner, asked_through));

CREATE OR REPLACE FUNCTION profile_pic.any_tombstones() RETURNS boolean
LANGUAGE sql STABLE AS $$ SELECT EXISTS (SELECT FROM profile_pic.tombstones) $$;

-- Parallel arrays: leads, the instance that each is asked through (null: not known yet), and the digests of
-- their phones. Returns the positions of the leads for which nothing may be fetched. Indexes: primary keys.
CREATE OR REPLACE FUNCTION profile_pic.which_are_buried(
  lead_ids text[], instances text[], phone_digests text[])
RETURNS SETOF bigint
LANGUAGE sql STABLE AS $$
  SELECT a.place
  FROM unnest(lead_ids, instances, phone_digests) WITH ORDINALITY AS a (lead_id, instance_id, digest, place)
  LEFT JOIN LATERAL (
    SELECT f.instance_id FROM profile_pic.find_leads(ARRAY[a.lead_id]) AS f LIMIT 1) AS l ON true
  LEFT JOIN LATERAL (
    SELECT p.instance_id FROM profile_pic.pictures AS p WHERE p.lead_id = a.lead_id LIMIT 1) AS p ON true
  WHERE profile_pic.is_buried(
    a.digest, coalesce(profile_pic.instance_or_null(l.instance_id), p.instance_id), a.instance_id)
$$;

-- profile_pic.erase(lead, callers, phones, lids, sealed): forgets the person behind a lead, within the
-- caller's instances: this lead and all others with the same phone. That removes photo, history, phone,
-- messages that wait, are delayed, leased, archived or dead, LIDs, and events stored under them. Each lead
-- keeps a state ERASED, so that no later event fetches anything for it. The writer clears the link in the
-- CRM's row right after (R__27), and the worker tells the bridge. Erasing twice is harmless.
--
-- phones, lids   further spellings and addresses, as the caller read them; null for none
-- sealed         the person for bridge_erasures; null when the bridge need not know
-- returns        whether there is such a lead, in the CRM or with us, in the caller's instances
-- Locks: as settle does, queue rows before requests before pictures before avatars, 2 s at the most; never
-- the CRM's row.
CREATE OR REPLACE FUNCTION profile_pic.erase(
  lead text, callers text[] DEFAULT NULL, phones text[] DEFAULT NULL, lids text[] DEFAULT NULL,
  sealed bytea DEFAULT NULL)
RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  canonical text;
  numbers   text[];
  addresses text[];
BEGIN
  PERFORM set_config('lock_timeout', '2s', true);
  SELECT p.lead_id, p.phones || coalesce(erase.phones, '{}'), p.lids || coalesce(erase.lids, '{}')
  INTO canonical, numbers, addresses
  FROM profile_pic.person_of(lead, callers) AS p;
  IF canonical IS NULL THEN
    RETURN false;
  END IF;
  PERFORM profile_pic.erase_person(ARRAY[canonical], lead, numbers, addresses, callers, sealed);
  RETURN true;
END
$$;

-- profile_pic.erase_phone(number, actor, sealed): forgets a person by the phone alone, whether or not a lead
-- has it, in all instances. For bin/erase, which has buried the phone before. Returns how many leads were
-- erased. Locks: as erase.
CREATE OR REPLACE FUNCTION profile_pic.erase_phone(number text, actor text, sealed bytea) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  leads text[];
BEGIN
  PERFORM set_config('lock_timeout', '2s', true);
  leads := profile_pic.erase_person('{}', NULL, ARRAY[number], profile_pic.lids_of(number), NULL, sealed);
  PERFORM profile_pic.note_deed(actor, 'lead_erased', NULL, profile_pic.lead_digest(id), NULL)
  FROM unnest(leads) AS id;
  IF leads = '{}' THEN
    PERFORM profile_pic.note_deed(actor, 'lead_erased', NULL, NULL, '{"leads": 0}');
  END IF;
  RETURN cardinality(leads);
END
$$;

-- The known LIDs of a phone.
CREATE OR REPLACE FUNCTION profile_pic.lids_of(number text) RETURNS text[]
LANGUAGE sql STABLE AS $$
  SELECT ARRAY(
    SELECT a.lid
    FROM (
      SELECT l.lid FROM profile_pic.lids AS l
      WHERE (right(l.phone, 4) = ANY ((SELECT profile_pic.last_digits(ARRAY[number]))::text[])
          OR l.phone ~ '[^0-9]')
        AND profile_pic.is_among(l.phone, ARRAY[number])
      UNION
      SELECT split_part(p.jid, '@', 1) FROM profile_pic.pictures AS p
      WHERE p.jid LIKE '%@lid' AND p.phone <> '' AND profile_pic.is_among(p.phone, ARRAY[number])
    ) AS a (lid)
    WHERE profile_pic.is_lid(a.lid))
$$;

-- Called by erase and erase_phone: removes all data about these leads, numbers and LIDs. Returns the leads
-- that were erased.
CREATE OR REPLACE FUNCTION profile_pic.erase_person(
  known text[], lead text, numbers text[], addresses text[], callers text[], sealed bytea) RETURNS text[]
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  leads     text[];
  -- Leads of other people, for whom an event named this phone: the phone is removed and the leads stay.
  others    text[];
  keys      jsonb;
  ends      text[] := profile_pic.last_digits(numbers);
  messages  bigint[];
  entries   tid[];
BEGIN
  SELECT coalesce(array_agg(a.lead_id ORDER BY a.lead_id) FILTER (WHERE a.theirs), '{}'),
         coalesce(array_agg(a.lead_id ORDER BY a.lead_id) FILTER (WHERE NOT a.theirs), '{}')
  INTO leads, others
  FROM (
    SELECT o.lead_id, bool_or(o.theirs) AS theirs
    FROM (
      SELECT p.lead_id, p.theirs FROM profile_pic.leads_of_person(numbers, callers) AS p
      UNION ALL SELECT k.lead_id, true FROM unnest(known) AS k (lead_id)
    ) AS o
    GROUP BY o.lead_id
  ) AS a;
  keys := profile_pic.as_keys(leads || lead);

  messages := ARRAY(
    SELECT q.msg_id FROM pgmq.q_profile_pic_queue AS q
    WHERE profile_pic.is_about(q.message, q.headers, keys, numbers, addresses, callers)
    UNION SELECT r.message_id FROM profile_pic.requests AS r
    WHERE r.lead_id = ANY (leads || others) AND r.message_id IS NOT NULL
    UNION SELECT lp.message_id FROM profile_pic.lead_phones AS lp
    WHERE lp.lead_id = ANY (leads) AND lp.message_id IS NOT NULL);
  PERFORM FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = ANY (messages) ORDER BY q.msg_id FOR UPDATE;
  DELETE FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = ANY (messages);
  entries := ARRAY(SELECT e.row_at FROM profile_pic.lock_entries(messages) AS e);
  DELETE FROM profile_pic.waiting AS w WHERE w.ctid = ANY (entries);
  DELETE FROM profile_pic.deliveries AS d WHERE d.msg_id = ANY (messages);

  PERFORM profile_pic.hold_requests(ARRAY(SELECT id FROM unnest(leads || others) AS id ORDER BY 1));
  PERFORM FROM profile_pic.pictures AS p
  WHERE p.lead_id = ANY (leads || others)
  ORDER BY p.lead_id FOR UPDATE;
  DELETE FROM profile_pic.requests AS r WHERE r.lead_id = ANY (others);
  DELETE FROM profile_pic.lookup_siblings AS s
  WHERE s.lead_id = ANY (others) OR s.message_id = ANY (messages)
    OR profile_pic.is_among(s.phone, numbers)
      AND profile_pic.reaches(callers, profile_pic.lead_owner(s.lead_id,
        (SELECT f.instance_id FROM profile_pic.find_leads(ARRAY[s.lead_id]) AS f LIMIT 1)));
  PERFORM profile_pic.erase_leads(leads);
  PERFORM profile_pic.forget_person(others);
  INSERT INTO profile_pic.lead_writes AS w (lead_id) SELECT id FROM unnest(others) AS id
  ON CONFLICT (lead_id) DO UPDATE SET next_at = statement_timestamp(), version = w.version + 1;

  UPDATE profile_pic.sync_items AS i SET phone = NULL
  WHERE (right(i.phone, 4) = ANY (ends) OR i.phone ~ '[^0-9]') AND profile_pic.is_among(i.phone, numbers)
    AND (callers IS NULL OR EXISTS (
      SELECT FROM profile_pic.syncs AS s
      WHERE s.id = i.sync_id AND profile_pic.reaches(callers, s.instance_id)));
  DELETE FROM profile_pic.lids AS l
  WHERE (l.lid = ANY (addresses)
      OR (right(l.phone, 4) = ANY (ends) OR l.phone ~ '[^0-9]') AND profile_pic.is_among(l.phone, numbers))
    AND profile_pic.reaches(callers, l.instance_id);
  DELETE FROM profile_pic.unmatched_events AS u
  WHERE u.lid = ANY (addresses) AND profile_pic.reaches(callers, u.instance_id);
  DELETE FROM pgmq.q_profile_pic_dlq AS d
  WHERE profile_pic.is_about(d.message, d.headers, keys, numbers, addresses, callers);
  DELETE FROM pgmq.a_profile_pic_dlq AS d
  WHERE profile_pic.is_about(d.message, d.headers, keys, numbers, addresses, callers);
  DELETE FROM pgmq.a_profile_pic_queue AS a
  WHERE profile_pic.is_about(a.message, a.headers, keys, numbers, addresses, callers);
  PERFORM profile_pic.erase_traces(keys, numbers, addresses, callers);
  IF sealed IS NOT NULL THEN
    INSERT INTO profile_pic.bridge_erasures (person) VALUES (sealed);
  END IF;
  RETURN leads;
END
$$;

-- Called by erase_person: removes side data that names the person. Some of it comes from outside, so a phone
-- may stand in an unexpected place: an id that a sender chose, the answer of an endpoint, an error of the
-- CRM's database.
DROP FUNCTION IF EXISTS profile_pic.erase_traces(text[], text[], text[], text[]);
CREATE OR REPLACE FUNCTION profile_pic.erase_traces(
  leads jsonb, numbers text[], lids text[], callers text[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  suffixes text[] := ARRAY(
    SELECT DISTINCT profile_pic.phone_suffix(n) FROM unnest(numbers) AS n
    WHERE profile_pic.phone_suffix(n) IS NOT NULL);
  -- There are many deliveries and events. Programs write both, so a phone in them has no gaps.
  patterns text[] := ARRAY(SELECT '%' || each || '%' FROM unnest(suffixes || lids) AS each WHERE each <> '');
  gone text[];
BEGIN
  DELETE FROM profile_pic.idempotency_keys AS k
  WHERE profile_pic.answer_is_about(k, leads, numbers, lids, callers);
  -- A signature names no instance, so it belongs to no single caller.
  DELETE FROM profile_pic.webhook_receipts AS r
  WHERE r.webhook_id LIKE ANY (patterns) AND profile_pic.mentions(r.webhook_id, numbers, lids);
  UPDATE profile_pic.unrecognised_webhooks AS u SET sample = '{}'
  WHERE profile_pic.reaches(callers, u.instance_id) AND profile_pic.mentions(u.sample, numbers, lids);
  DELETE FROM profile_pic.webhook_events AS v
  WHERE profile_pic.reaches(callers, v.instance_id) AND v.data::text LIKE ANY (patterns)
    AND profile_pic.mentions(v.data::text, numbers, lids);
  UPDATE profile_pic.webhook_deliveries AS d SET detail = NULL
  WHERE d.detail IS NOT NULL AND profile_pic.mentions(d.detail, numbers, lids);
  UPDATE profile_pic.lead_writes AS w SET error = NULL
  WHERE w.error IS NOT NULL AND profile_pic.mentions(w.error, numbers, lids);
  -- Leads that the CRM no longer has; erase_leads handles the other leads.
  IF profile_pic.leads_are_visible() THEN
    gone := ARRAY(
      SELECT lp.lead_id FROM profile_pic.lead_phones AS lp
      WHERE lp.suffix = ANY (suffixes)
        AND NOT EXISTS (SELECT FROM profile_pic.find_leads(ARRAY[lp.lead_id]) AS f));
    PERFORM profile_pic.drop_lead_phones(gone);
    -- The CRM holds the others; they go when its transaction has ended (take_lead_changes).
    INSERT INTO profile_pic.lead_changes (lead_id, deleted)
    SELECT lp.lead_id, true FROM profile_pic.lead_phones AS lp WHERE lp.lead_id = ANY (gone);
  END IF;
END
$$;

-- Removes our data about these leads, except the state ERASED. Locks: pictures in order of lead_id, then
-- avatars in order of key.
CREATE OR REPLACE FUNCTION profile_pic.erase_leads(lead_ids text[]) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  keys text[];
BEGIN
  INSERT INTO profile_pic.pictures (lead_id, phone, requested_at)
  SELECT DISTINCT id, '', statement_timestamp()
  FROM unnest(lead_ids) AS id ORDER BY 1
  ON CONFLICT DO NOTHING;
  keys := ARRAY(
    SELECT DISTINCT h.storage_key
    FROM (
      SELECT p.storage_key FROM profile_pic.pictures AS p
      WHERE p.lead_id = ANY (lead_ids)
      ORDER BY p.lead_id FOR UPDATE) AS h
    WHERE h.storage_key IS NOT NULL
    UNION
    -- Photos that were replaced and not yet collected.
    SELECT h.storage_key FROM profile_pic.picture_history AS h
    WHERE h.lead_id = ANY (lead_ids) AND h.storage_key IS NOT NULL
    ORDER BY 1);
  DELETE FROM profile_pic.webhook_events AS v WHERE v.lead_id = ANY (lead_ids);
  PERFORM profile_pic.announce_removed(lead_ids, 'ERASED');
  UPDATE profile_pic.pictures AS p
  SET state = 'ERASED', reason = 'ERASED', phone = '', jid = NULL, source_url = NULL, source_id = NULL,
      sha256 = NULL, content_type = NULL, width = NULL, height = NULL, bytes = NULL, storage_key = NULL,
      fetched_at = NULL, checked_at = NULL, next_check_at = NULL, attempts = 0, last_error = NULL,
      lead_url = NULL, link_generation = p.link_generation + 1,
      erased_at = coalesce(p.erased_at, statement_timestamp()),
      requested_at = greatest(p.requested_at, statement_timestamp())
  WHERE p.lead_id = ANY (lead_ids);
  INSERT INTO profile_pic.lead_writes AS w (lead_id) SELECT DISTINCT id FROM unnest(lead_ids) AS id ORDER BY 1
  ON CONFLICT (lead_id) DO UPDATE SET next_at = statement_timestamp(), error = NULL, version = w.version + 1;

  DELETE FROM profile_pic.requests AS r WHERE r.lead_id = ANY (lead_ids);
  DELETE FROM profile_pic.lookup_siblings AS s WHERE s.lead_id = ANY (lead_ids);
  DELETE FROM profile_pic.picture_history AS h WHERE h.lead_id = ANY (lead_ids);
  PERFORM profile_pic.drop_lead_phones(lead_ids);
  UPDATE profile_pic.sync_items AS i SET phone = NULL, outcome = coalesce(i.outcome, 'ERASED')
  WHERE i.lead_id = ANY (lead_ids) AND (i.phone IS NOT NULL OR i.outcome IS NULL);
  -- Another lead may be given the same bytes at this moment. Only the holder of the row's lock can know this.
  PERFORM FROM profile_pic.avatars AS a WHERE a.storage_key = ANY (keys) ORDER BY a.storage_key FOR UPDATE;
  PERFORM profile_pic.drop_photos(keys);
END
$$;

-- Forgets the ends of these leads' phones. A transaction of the CRM may hold such a row until it ends, and
-- may then have put another phone there. The row stays, finds nothing while the lead is erased, and goes with
-- the chore that looks for deleted leads (R__26).
-- Locks: lead_phones (SKIP LOCKED).
CREATE OR REPLACE FUNCTION profile_pic.drop_lead_phones(lead_ids text[]) RETURNS void
LANGUAGE sql AS $$
  DELETE FROM profile_pic.lead_phones AS lp WHERE lp.lead_id = ANY (ARRAY(
    SELECT o.lead_id FROM profile_pic.lead_phones AS o
    WHERE o.lead_id = ANY (lead_ids) FOR UPDATE SKIP LOCKED))
$$;

-- Called by settle for leads of people who were erased before: most are erased already, but the CRM may have
-- changed their phone.
CREATE OR REPLACE FUNCTION profile_pic.erase_found(lead_ids text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  fresh text[] := ARRAY(
    SELECT p.lead_id FROM profile_pic.pictures AS p WHERE p.lead_id = ANY (lead_ids) AND p.state <> 'ERASED');
BEGIN
  IF cardinality(fresh) > 0 THEN
    PERFORM profile_pic.erase_leads(fresh);
  END IF;
  PERFORM profile_pic.drop_lead_phones(lead_ids);
  -- An event that came in while the lead was erased contains the phone.
  DELETE FROM profile_pic.requests AS r WHERE r.lead_id = ANY (lead_ids);
END
$$;

-- profile_pic.allow_person(lead, callers, phone_digests, actor): lifts the erasure of the person behind a
-- lead, in the caller's instances, for this lead and all others with the same phone. The call itself fetches
-- nothing; the next event does, or a refresh, which is due at once. Calling it twice is harmless.
--
-- returns  allowed       done
--          held          the person is still erased in an instance that is not the caller's, or in all
--                        instances: nothing was changed
--          unknown_lead  as erase
-- Locks: tombstones, pictures in order of lead_id, then lead_phones.
CREATE OR REPLACE FUNCTION profile_pic.allow_person(
  lead text, callers text[], phone_digests text[], actor text)
RETURNS text
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  canonical text;
  numbers   text[];
  leads     text[];
BEGIN
  PERFORM set_config('lock_timeout', '2s', true);
  SELECT p.lead_id, p.phones INTO canonical, numbers FROM profile_pic.person_of(lead, callers) AS p;
  IF canonical IS NULL THEN
    RETURN 'unknown_lead';
  END IF;
  IF callers IS NOT NULL AND EXISTS (
    SELECT FROM profile_pic.tombstones AS t WHERE t.phone_digest = ANY (phone_digests) AND t.instance_id = '')
  THEN
    RETURN 'held';
  END IF;
  DELETE FROM profile_pic.tombstones AS t
  WHERE t.phone_digest = ANY (phone_digests) AND profile_pic.reaches(callers, t.instance_id);

  -- Erased leads are found by no phone (R__20), so the CRM's leads are searched.
  leads := ARRAY(
    SELECT p.lead_id FROM profile_pic.pictures AS p
    LEFT JOIN LATERAL (SELECT f.* FROM profile_pic.find_leads(ARRAY[p.lead_id]) AS f LIMIT 1) AS l ON true
    WHERE p.state = 'ERASED'
      AND profile_pic.reaches(callers, profile_pic.lead_owner(p.lead_id, l.instance_id))
      AND (p.lead_id = canonical OR profile_pic.is_among(l.phone, numbers))
    ORDER BY p.lead_id FOR UPDATE OF p);
  UPDATE profile_pic.pictures AS p
  SET state = 'PENDING', reason = 'ALLOWED', erased_at = NULL, requested_at = '-infinity', message_id = 0,
      next_check_at = statement_timestamp(),
      -- Refreshes go by instance, and a lead may have been erased before it was ever looked up.
      instance_id = coalesce(p.instance_id, (
        SELECT profile_pic.instance_or_null(f.instance_id)
        FROM profile_pic.find_leads(ARRAY[p.lead_id]) AS f LIMIT 1))
  WHERE p.lead_id = ANY (leads);
  INSERT INTO profile_pic.lead_phones (lead_id, suffix)
  SELECT f.lead_id, profile_pic.phone_suffix(f.phone)
  FROM profile_pic.find_leads(leads) AS f
  -- A row that is there may be held by the CRM, which the insertion would wait for.
  WHERE NOT EXISTS (SELECT FROM profile_pic.lead_phones AS lp WHERE lp.lead_id = f.lead_id)
  ORDER BY 1
  ON CONFLICT DO NOTHING;
  PERFORM profile_pic.note_deed(
    actor, 'lead_allowed', (SELECT l.instance_id FROM profile_pic.reachable_lead(canonical, callers) AS l),
    profile_pic.lead_digest(canonical), NULL);
  RETURN 'allowed';
END
$$;

-- profile_pic.take_bridge_erasures(most): erasures that should be sent to the bridge now, the longest due
-- first. They belong to the caller for two minutes; if the caller dies meanwhile, the next caller gets them.
-- Locks: their rows (SKIP LOCKED).
CREATE OR REPLACE FUNCTION profile_pic.take_bridge_erasures(most integer)
RETURNS TABLE (id bigint, person bytea)
LANGUAGE sql AS $$
  UPDATE profile_pic.bridge_erasures AS e
  SET attempts = e.attempts + 1, next_at = statement_timestamp() + interval '2 minutes'
  WHERE e.id = ANY (ARRAY(
    SELECT o.id FROM profile_pic.bridge_erasures AS o
    WHERE profile_pic.is_due(o.next_at, '1 hour')
    ORDER BY o.next_at LIMIT most FOR UPDATE SKIP LOCKED))
  RETURNING e.id, e.person
$$;

CREATE OR REPLACE FUNCTION profile_pic.bridge_erasure_done(erasure bigint) RETURNS void
LANGUAGE sql AS $$ DELETE FROM profile_pic.bridge_erasures AS e WHERE e.id = erasure $$;

-- Records why an erasure failed; the erasure is due again after 1 s, 2 s, 4 s, ... one hour.
CREATE OR REPLACE FUNCTION profile_pic.bridge_erasure_failed(erasure bigint, why text) RETURNS void
LANGUAGE sql AS $$
  UPDATE profile_pic.bridge_erasures AS e
  SET error = left(why, 300),
      next_at = statement_timestamp()
        + least(interval '1 s' * 2 ^ least(e.attempts - 1, 12), interval '1 hour')
  WHERE e.id = erasure
$$;

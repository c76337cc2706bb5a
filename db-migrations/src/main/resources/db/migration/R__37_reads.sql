-- Further reads of the services. They go through functions, so that row level security on any of our tables
-- hides nothing from them.

-- profile_pic.photo_of(lead): the stored facts about a lead's photo, without its bytes. One row where the
-- lead is known.
--
-- returns  link_generation; sha256, content_type, storage_key, size: null without a photo; in_bucket: whether
--          its bytes are in the bucket
-- Locks nothing. Index: the primary keys of pictures and avatars.
CREATE OR REPLACE FUNCTION profile_pic.photo_of(lead text)
RETURNS TABLE (
  link_generation integer, sha256 text, content_type text, storage_key text, size bigint, in_bucket boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT p.link_generation, p.sha256, p.content_type, p.storage_key,
         coalesce(octet_length(a.bytes), a.size)::bigint, a.bytes IS NULL
  FROM profile_pic.pictures AS p
  LEFT JOIN profile_pic.avatars AS a
    ON a.storage_key = p.storage_key AND p.sha256 IS NOT NULL AND p.state <> 'ERASED'
  WHERE p.lead_id = lead;
END
$$;

-- profile_pic.photo_piece(storage_key, first, most): a limited number of a photo's bytes from the byte
-- `first` on, counted from 1; null when the photo is gone. The bytes are stored uncompressed, so that a piece
-- is read without the rest.
CREATE OR REPLACE FUNCTION profile_pic.photo_piece(storage_key text, first integer, most integer)
RETURNS bytea
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT substring(a.bytes FROM first FOR most)
    FROM profile_pic.avatars AS a
    WHERE a.storage_key = photo_piece.storage_key);
END
$$;

-- profile_pic.shown_name(lead): the lead's name in the CRM; empty where there is none, and when the person
-- asked to be forgotten.
CREATE OR REPLACE FUNCTION profile_pic.shown_name(lead text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF EXISTS (SELECT FROM profile_pic.pictures AS p WHERE p.lead_id = lead AND p.state = 'ERASED') THEN
    RETURN '';
  END IF;
  RETURN coalesce(profile_pic.lead_name(lead), '');
END
$$;

-- profile_pic.leads_that_have(lead_ids, picture_ids): the leads whose stored picture has the id at the same
-- position.
CREATE OR REPLACE FUNCTION profile_pic.leads_that_have(lead_ids text[], picture_ids text[]) RETURNS SETOF text
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN QUERY
  SELECT p.lead_id
  FROM unnest(lead_ids, picture_ids) AS named (lead_id, picture_id)
  CROSS JOIN LATERAL (
    SELECT p.lead_id, p.source_id, p.state FROM profile_pic.pictures AS p
    WHERE p.lead_id = named.lead_id LIMIT 1) AS p
  WHERE p.state = 'STORED' AND p.source_id = named.picture_id;
END
$$;

-- profile_pic.leads_to_look_at_again(lead_ids): the leads whose photo we show, and that were not looked at
-- within the last ten minutes.
CREATE OR REPLACE FUNCTION profile_pic.leads_to_look_at_again(lead_ids text[]) RETURNS SETOF text
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN QUERY
  SELECT p.lead_id
  FROM unnest(lead_ids) AS named (lead_id)
  CROSS JOIN LATERAL (
    SELECT p.lead_id, p.state, p.checked_at FROM profile_pic.pictures AS p
    WHERE p.lead_id = named.lead_id LIMIT 1) AS p
  WHERE p.state = 'STORED' AND p.checked_at < statement_timestamp() - interval '10 minutes';
END
$$;

-- profile_pic.restart_walk(): starts the walk over the CRM's phones again when the last walk ended long
-- enough ago: a day, or ten minutes without our trigger.
CREATE OR REPLACE FUNCTION profile_pic.restart_walk() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE profile_pic.lead_phones_walk SET after_id = NULL, finished_at = NULL
  WHERE finished_at < statement_timestamp() - CASE
    WHEN EXISTS (SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgname = 'profile_pic_lead_inserted')
      THEN interval '1 day'
    ELSE interval '10 minutes' END
    -- A later time is of a clock that went back since.
    OR finished_at > statement_timestamp();
END
$$;

-- profile_pic.chore_is_due(chore, every), chore_done(chore) and chore_warnings(): when each chore was last
-- done, and its warnings.
CREATE OR REPLACE FUNCTION profile_pic.chore_is_due(chore text, every interval) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN NOT EXISTS (
    SELECT FROM profile_pic.chores AS c
    WHERE c.chore = chore_is_due.chore AND c.done_at > statement_timestamp() - every
      -- A later time is of a clock that went back since.
      AND c.done_at <= statement_timestamp());
END
$$;

CREATE OR REPLACE FUNCTION profile_pic.chore_done(chore text) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO profile_pic.chores (chore, done_at) VALUES (chore_done.chore, statement_timestamp())
  ON CONFLICT (chore) DO UPDATE SET done_at = excluded.done_at;
END
$$;

CREATE OR REPLACE FUNCTION profile_pic.chore_warnings() RETURNS SETOF text
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN QUERY
  SELECT c.chore || ': ' || c.warning FROM profile_pic.chores AS c
  WHERE c.warning IS NOT NULL
  ORDER BY c.chore;
END
$$;

-- profile_pic.paused_instances(most): instances that rest or rested, the longest pauses first.
CREATE OR REPLACE FUNCTION profile_pic.paused_instances(most integer)
RETURNS TABLE (instance_id text, paused boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT i.instance_id, i.paused_until > statement_timestamp() FROM profile_pic.instances AS i
  WHERE i.paused_until > '-infinity' ORDER BY i.paused_until DESC LIMIT most;
END
$$;

-- profile_pic.instance_sources(): the instances whose source was set through the API; credentials are sealed.
CREATE OR REPLACE FUNCTION profile_pic.instance_sources()
RETURNS TABLE (
  instance_id text, source_kind text, source_url text, source_name text, source_credential bytea,
  source_credential_env text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT i.instance_id, i.source_kind, i.source_url, i.source_name, i.source_credential,
         i.source_credential_env
  FROM profile_pic.instances AS i WHERE i.source_kind IS NOT NULL;
END
$$;

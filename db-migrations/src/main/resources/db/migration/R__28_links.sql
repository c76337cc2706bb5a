-- Links to photos: which of a lead's links are valid, and which link its row in the CRM shows. The services
-- make the links, because they have the secret.

-- The generation that a link was made for.
CREATE OR REPLACE FUNCTION profile_pic.link_generation(url text) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  generation text := split_part(split_part(translate(url, '?', '&'), '&g=', 2), '&', 1);
BEGIN
  RETURN CASE WHEN length(generation) BETWEEN 1 AND 9 AND generation !~ '[^0-9]' THEN generation::integer
              ELSE 0 END;
END
$$;

-- profile_pic.revoke_links(lead, caller_instances, actor): revokes all links to a lead's photo. The caller
-- makes a new link with the returned generation and passes it to relink in the same transaction.
--
-- caller_instances  the instances that the caller is bound to; null for all
-- actor             the name of the caller's key, for the audit log
-- returns           lead_id (canonical; null when there is no such lead, or the lead is another instance's),
--                   generation, and sha256 of the photo, if any
-- Locks: the lead's row of pictures, until the transaction ends. Indexes: primary keys.
CREATE OR REPLACE FUNCTION profile_pic.revoke_links(
  lead text, caller_instances text[], actor text, OUT lead_id text, OUT generation integer, OUT sha256 text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  canonical text;
  owner     text;
BEGIN
  PERFORM set_config('lock_timeout', '2s', true);
  SELECT l.lead_id, l.instance_id INTO canonical, owner
  FROM profile_pic.reachable_lead(lead, caller_instances) AS l;
  UPDATE profile_pic.pictures AS p SET link_generation = p.link_generation + 1 WHERE p.lead_id = canonical
  RETURNING p.lead_id, p.link_generation,
    CASE WHEN p.storage_key IS NOT NULL AND p.state <> 'ERASED' THEN p.sha256 END
  INTO lead_id, generation, sha256;
  generation := coalesce(generation, 0);
  IF lead_id IS NOT NULL THEN
    PERFORM profile_pic.note_deed(actor, 'links_revoked', owner, profile_pic.lead_digest(lead_id), NULL);
  END IF;
END
$$;

-- profile_pic.relink(lead_id, generation, url): sets the link that the lead's row in the CRM shows from now
-- on; R__27 writes it. Does nothing when the lead's generation has changed meanwhile. Locks: the lead's row
-- of pictures. Indexes: primary keys.
CREATE OR REPLACE FUNCTION profile_pic.relink(lead_id text, generation integer, url text) RETURNS void
LANGUAGE sql AS $$
  WITH linked AS (
    UPDATE profile_pic.pictures AS p SET lead_url = relink.url
    WHERE p.lead_id = relink.lead_id AND p.link_generation = relink.generation AND p.storage_key IS NOT NULL
      AND p.state <> 'ERASED'
    RETURNING p.lead_id
  )
  INSERT INTO profile_pic.lead_writes AS w (lead_id) SELECT l.lead_id FROM linked AS l
  ON CONFLICT (lead_id) DO UPDATE SET next_at = statement_timestamp(), version = w.version + 1
$$;

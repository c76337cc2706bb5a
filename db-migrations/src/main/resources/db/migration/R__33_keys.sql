-- What the receiver may know and say of its callers' keys. It sees the table through these functions only; keys are made and revoked by
-- bin/api-key, as the owner of the table.

-- The keys that are valid now. The digests are those of 256 random bits: they cannot be turned back, and tell nothing to whoever sees them.
CREATE OR REPLACE FUNCTION profile_pic.valid_keys()
RETURNS TABLE (id bigint, name text, sha256 bytea, scopes text[], instances text[], expires_at timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT k.id, k.name, k.sha256, k.scopes, k.instances, k.expires_at FROM profile_pic.api_keys AS k
  WHERE k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > statement_timestamp())
$$;

-- Notes when keys were used last: parallel arrays. All replicas together write a key once a minute at the most.
-- Locks: rows of api_keys (SKIP LOCKED).
CREATE OR REPLACE FUNCTION profile_pic.note_key_uses(ids bigint[], times timestamptz[]) RETURNS void
LANGUAGE sql AS $$
  WITH used AS (
    SELECT k.id, least(u.at, statement_timestamp()) AS at
    FROM unnest(ids, times) AS u (id, at) JOIN profile_pic.api_keys AS k ON k.id = u.id
    WHERE k.last_used_at IS NULL OR k.last_used_at <= least(u.at, statement_timestamp()) - interval '1 minute'
    FOR UPDATE OF k SKIP LOCKED
  )
  UPDATE profile_pic.api_keys AS k SET last_used_at = u.at FROM used AS u WHERE k.id = u.id
$$;

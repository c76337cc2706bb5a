-- The receiver's functions for its callers' keys; it has no other access to the table. Keys are made and
-- revoked by bin/api-key, as the owner of the table, and at the web console by a user whose key is bound to
-- no instance.

-- The keys that are valid now. The digests are those of 256 random bits: they cannot be reversed, and reveal
-- nothing.
CREATE OR REPLACE FUNCTION profile_pic.valid_keys()
RETURNS TABLE (id bigint, name text, sha256 bytea, scopes text[], instances text[], expires_at timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT k.id, k.name, k.sha256, k.scopes, k.instances, k.expires_at FROM profile_pic.api_keys AS k
  WHERE k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > statement_timestamp())
$$;

-- Records when keys were last used: parallel arrays. All replicas together write a key once a minute at the
-- most.
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

-- All keys, newest first. Bound callers see none, because keys concern other instances too.
CREATE OR REPLACE FUNCTION profile_pic.list_keys(callers text[])
RETURNS TABLE (id bigint, name text, scopes text[], instances text[], created_at timestamptz,
               expires_at timestamptz, last_used_at timestamptz, revoked_at timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT k.id, k.name, k.scopes, k.instances, k.created_at, k.expires_at, k.last_used_at, k.revoked_at
  FROM profile_pic.api_keys AS k WHERE callers IS NULL ORDER BY k.revoked_at IS NOT NULL, k.id DESC LIMIT 500
$$;

-- Makes a key; the receiver checks that the key may do nothing that its maker may not. Returns its id; null
-- when there is a key of this name already, or the caller is bound. expires_in: null for never.
CREATE OR REPLACE FUNCTION profile_pic.create_key(
  callers text[], actor text, called text, digest bytea, of_scopes text[], of_instances text[],
  expires_in interval)
RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  made bigint;
BEGIN
  IF callers IS NOT NULL THEN
    RETURN NULL;
  END IF;
  PERFORM set_config('profile_pic.actor', actor, true);
  INSERT INTO profile_pic.api_keys (name, sha256, scopes, instances, expires_at)
  VALUES (called, digest, of_scopes, nullif(of_instances, '{}'), statement_timestamp() + expires_in)
  ON CONFLICT (name) DO NOTHING RETURNING id INTO made;
  RETURN made;
END
$$;

-- Revokes a key; returns whether the key existed and was not yet revoked. Lock: its row.
CREATE OR REPLACE FUNCTION profile_pic.revoke_key(callers text[], actor text, key_id bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('profile_pic.actor', actor, true);
  UPDATE profile_pic.api_keys AS k SET revoked_at = statement_timestamp()
  WHERE k.id = key_id AND k.revoked_at IS NULL AND callers IS NULL;
  RETURN FOUND;
END
$$;

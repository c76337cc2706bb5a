-- Who may call the receiver. Keys themselves are never kept: 256 random bits need no slow hash, so SHA-256 it is.
CREATE TABLE profile_pic.api_keys (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name         text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
  sha256       bytea NOT NULL UNIQUE CHECK (length(sha256) = 32),
  scopes       text[] NOT NULL CHECK (scopes <@ ARRAY['ingest', 'operate', 'read'] AND cardinality(scopes) > 0),
  instances    text[] CHECK (cardinality(instances) > 0),
  created_at   timestamptz NOT NULL DEFAULT statement_timestamp(),
  revoked_at   timestamptz
);
COMMENT ON TABLE profile_pic.api_keys IS 'Keys of the receiver''s callers, as digests; made and revoked by bin/api-key';
COMMENT ON COLUMN profile_pic.api_keys.instances IS 'Instances that the key may name; null means any';
